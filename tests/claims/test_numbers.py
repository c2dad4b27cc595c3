"""Exact constants and balls: every answer is compared with Arb, or with a plain decimal of many digits."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.numeric import exact as ex
from hasderiv.proofs.numeric import roots
from hasderiv.proofs.numeric.evaluate import Field, Kink, Undefined, Unsure, evaluate

FIELD = Field(50)


def value(text: str, **point: ex.Exact) -> object:
    return evaluate(FIELD, unfold(parse(text)), roots.at(FIELD, point)).value


def random_exact(chance: random.Random) -> ex.Exact:
    keys = [(1, 0), (2, 0), (3, 0), (6, 0), (1, 1), (2, 1), (1, 2), (1, 3), (5, 7)]
    return {
        k: Fraction(chance.randint(-9, 9) or 1, chance.randint(1, 9)) for k in chance.sample(keys, chance.randint(0, 4))
    }


def test_sums_products_and_inverses_agree_with_decimals() -> None:
    chance = random.Random(1)
    seen = 0
    for _ in range(400):
        a, b = random_exact(chance), random_exact(chance)
        x, y = (FIELD.enclose(v)[0] for v in (a, b))
        assert abs(FIELD.enclose(ex.add(a, b))[0] - (x + y)) < 1e-40
        product = ex.mul(a, b)
        if product is not None:
            assert abs(FIELD.enclose(product)[0] - x * y) < 1e-38 * (1 + abs(x * y))
        inverse = ex.inv(a) if a else None
        if inverse is not None:
            seen += 1
            assert abs(FIELD.enclose(inverse)[0] * x - 1) < 1e-40
    assert seen > 20


@pytest.mark.parametrize(
    ("text", "zero"),
    [
        ("sqrt(2)*sqrt(3) - sqrt(6)", True),
        ("log(12) - 2*log(2) - log(3)", True),
        ("exp(log(7)) - 7", True),
        ("exp(log(8)/2) - 2*sqrt(2)", True),
        ("sin(pi/4) - sqrt(2)/2", True),
        ("cos(5*pi/6) + sqrt(3)/2", True),
        ("atan(sqrt(3)) - pi/3", True),
        ("asin(1) - pi/2", True),
        ("asin(1/2) - pi/6", True),
        ("1/(1 + sqrt(2)) - sqrt(2) + 1", True),
        ("floor(-7/2) + 4", True),
        ("log(2) - 693147180559945309417232121458/10**30", False),
        ("sqrt(2) - 14142135623730950488/10**19", False),
        ("pi - 355/113", False),
    ],
)
def test_equality_with_zero_is_decided(text: str, zero: bool) -> None:
    number = value(text)
    assert number.sign == 0 if zero else number.sign in (1, -1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("q", [Fraction(k, 12) for k in range(-30, 31)])
def test_sines_of_exact_angles(q: Fraction) -> None:
    angle = {(1, 1): q} if q else {}
    for function, name in ((ex.sin, "sin"), (ex.cos, "cos")):
        found = function(angle)
        if found is not None:
            assert (
                abs(FIELD.enclose(found)[0] - getattr(FIELD.ctx, name)(FIELD.ctx.pi * q.numerator / q.denominator))
                < 1e-45
            )


@pytest.mark.parametrize(
    "text", ["1/x", "log(x)", "log(x - 1)", "sqrt(x - 1)", "x/x", "0*(1/x)", "pow(x, -1/3)", "gamma(x)"]
)
def test_undefined_at_zero(text: str) -> None:
    with pytest.raises(Undefined):
        value(text, x={})


def test_the_branch_not_taken_counts_for_nothing() -> None:
    assert value("Piecewise((0, Eq(x, 0)), (x*log(x), True))", x={}).sign == 0  # type: ignore[attr-defined]


def test_total_semantics_on_request() -> None:
    term = unfold(parse("1/x + 3"))
    assert evaluate(FIELD, term, roots.at(FIELD, {"x": {}}), total=True).value.text() == "3"


@pytest.mark.parametrize("text", ["exp(exp(exp(100)))", "sin(exp(exp(9)))", "floor(sin(1)*exp(200))", "gamma(10**9)"])
def test_what_cannot_be_decided_says_so(text: str) -> None:
    with pytest.raises(Unsure):
        value(text)


@pytest.mark.parametrize("text", ["Abs(x)", "floor(x)", "sqrt(x)", "Max(x, 0)", "sign(x)"])
def test_kinks_are_noticed(text: str) -> None:
    with pytest.raises(Kink):
        evaluate(FIELD, unfold(parse(text)), roots.at(FIELD, {"x": {}}), "x")


# fmt: off
FORMULAS = [
    "exp(x*sin(3*x))", "log(1 + x**2)*atan(x)", "sqrt(2 + cos(x))/x", "erf(x)*exp(-x**2)", "tanh(x)**3",
    "asinh(x*x) - x/7",
    "x**5 - 3*x + 1/(x + 10)", "log(exp(x) + exp(-2*x))", "sigmoid(x)*(1 - sigmoid(x))", "acos(x/20)",
    "gamma(x + 15)", "2**x",
]
# fmt: on


def arb(flint: object, t: T.Term, x: object) -> object:
    """The term by Arb, an implementation that shares nothing with ours."""
    done: dict[T.Term, object] = {}
    for s in T.postorder(t):
        below = [done[a] for a in s.terms]
        if s.op == "rat":
            q = s.args[0]
            assert isinstance(q, Fraction)
            done[s] = flint.arb(q.numerator) / q.denominator  # type: ignore[attr-defined]
        elif s.op == "var":
            done[s] = x
        elif s.op == "pi":
            done[s] = flint.arb.pi()  # type: ignore[attr-defined]
        elif s.op in ("add", "mul"):
            done[s] = below[0] + below[1] if s.op == "add" else below[0] * below[1]  # type: ignore[operator]
        elif s.op == "pow":
            done[s] = below[0] ** s.args[1]  # type: ignore[operator]
        elif s.op == "inv":
            done[s] = 1 / below[0]  # type: ignore[operator]
        else:
            name = str(s.args[0]) if s.op == "app" else s.op
            done[s] = getattr(below[0], name)()
    return done[t]


@pytest.mark.parametrize("text", FORMULAS)
def test_balls_contain_the_value_that_arb_finds(text: str) -> None:
    flint = pytest.importorskip("flint")
    term = unfold(parse(text))
    chance = random.Random(text)
    with flint.ctx.workprec(400):
        for _ in range(20):
            q = Fraction(chance.randint(-9999, 9999) or 1, chance.randint(1, 999))
            if abs(q) > 12:
                continue
            ours = evaluate(FIELD, term, roots.at(FIELD, {"x": ex.of(q)})).value
            theirs = arb(flint, term, flint.arb(q.numerator) / q.denominator)
            low, high = ours.mid - ours.rad, ours.mid + ours.rad
            middle = FIELD.ctx.mpf(theirs.str(70, radius=False))
            assert low <= middle <= high, (text, q)
            assert ours.rad <= 1e-30 * (1 + abs(ours.mid))


@pytest.mark.parametrize("text", FORMULAS)
def test_slopes_agree_with_differences(text: str) -> None:
    term = unfold(parse(text))
    fine = Field(80)
    for q in (Fraction(7, 5), Fraction(-3, 8), Fraction(9, 2)):
        slope = evaluate(FIELD, term, roots.at(FIELD, {"x": ex.of(q)}), "x").slope
        h = Fraction(1, 10**20)
        up, down = (evaluate(fine, term, roots.at(fine, {"x": ex.of(q + s)})).value.mid for s in (h, -h))
        assert slope is not None and abs(slope.mid - (up - down) * 10**20 / 2) < 1e-30 * (1 + abs(slope.mid))


def test_roots_are_found_in_closed_form() -> None:
    def found(text: str) -> set[str]:
        return {ex.text(r) for r in roots.exact_roots(unfold(parse(text)), "x", {"x": {}})}

    assert found("x - 355/113") == {"355/113"}
    assert found("exp(x) - 2") == {"log(2)"}
    assert {"sqrt(2)", "-sqrt(2)"} <= found("x**2 - 2")
    assert {"1/2*pi", "-1/2*pi"} <= found("cos(x)")
    assert found("(x - 7/13)**2") == {"7/13"}
    assert found("x**2 + 1") == set()
    assert found("Max(x, 2) - 5") == {"5"}


def test_exact_constants_as_text() -> None:
    assert ex.text({}) == "0"
    assert (
        ex.text({(1, 0): Fraction(-1, 2), (2, 1): Fraction(3, 2), (1, 3): Fraction(-1)})
        == "-1/2 - log(3) + 3/2*sqrt(2)*pi"
    )
