"""Every op of the catalogue: its derivatives against numbers, its stable forms against its formula."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction

import mpmath
import pytest
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.language import catalogue
from hasderiv.proofs.language.definitions import DEFINED, unfold
from hasderiv.proofs.language.evaluate import evaluate, evaluate_exact, satisfies
from hasderiv.proofs.language.from_sympy import surface
from hasderiv.proofs.language.parser import parse, parse_condition
from hasderiv.spec import OPS, REQUIRED, OpSpec, make
from hasderiv.spec.declare import signature

DIGITS = 60
LISTED = """
add sub mul scale div square abs sqrt sqrt_clamp clamp max min relu leaky_relu elu sigmoid logistic tanh softplus
silu gelu exp log inv safe_log smooth_abs sinh cosh gelu_erf selu celu mish hardtanh relu6 hardsigmoid hardswish
softsign log_sigmoid tanhshrink softshrink hardshrink squared_relu log1p expm1 exp2 log2 log10 sin cos tan asin acos
atan asinh acosh atanh erf erfc rsqrt cbrt cube reciprocal sinc sign floor ceil round pow atan2 hypot logaddexp
xlogy xlog1py xdivy fmod remainder copysign huber smooth_l1 bce_with_logits logit logit_clamp select
""".split()  # noqa: SIM905
# what stable forms may use: functions that NumPy, C and CUDA have
PRINTABLE = """
abs sign max min ceil round trunc fmod remainder copysign log1p expm1 exp2 log2 log10 rsqrt cbrt pow hypot sinh cosh
tanh tan asin acos asinh acosh atanh atan2 erfc
""".split()  # noqa: SIM905


def allowed(op: OpSpec, point: dict[str, Fraction]) -> bool:
    return all(any(satisfies(c, point) for c in parse_condition(text, [*op.inputs, *op.params])) for text in op.assume)


def points(op: OpSpec, count: int, seed: int = 1) -> Iterator[dict[str, Fraction]]:
    """Points with large prime denominators, so that none is a kink; parameters satisfy the assumptions."""
    rng = random.Random(f"{op.name} {seed}")
    while count:
        scale = rng.choice([10007 * 1, 10007 * 3])
        point = {v: Fraction(rng.randint(-60_000, 60_000), scale) for v in (*op.inputs, *op.params)}
        if allowed(op, point):
            count -= 1
            yield point


def close(a: mpmath.mpf, b: mpmath.mpf, digits: int) -> bool:
    return bool(abs(a - b) <= mpmath.mpf(10) ** -digits * max(1, abs(a), abs(b)))


def test_the_catalogue_is_the_list() -> None:
    assert sorted(OPS) == sorted(LISTED)
    assert all(OPS[name].name == name and OPS[name].meaning for name in OPS)


@pytest.mark.parametrize("name", OPS)
def test_derivatives_agree_with_difference_quotients(name: str) -> None:
    op = OPS[name]
    formula = surface(op)
    checked = {v: 0 for v in (*op.inputs, *op.params)}
    step = Fraction(1, 10**20)
    for point in points(op, 12):
        for v in checked:
            claim = surface(op, "derivative", v)
            assert claim is not None, f"{name}: no derivative with respect to {v}"
            a, b, at = (evaluate(formula, {**point, v: point[v] + h}, 2 * DIGITS) for h in (step, -step, 0))
            if a is None or b is None or at is None:
                continue
            value = evaluate(claim, point, DIGITS)
            with mpmath.workdps(2 * DIGITS):
                quotient = (a - b) * 10**20 / 2
                assert value is not None and close(quotient, value, 12), (name, v, point, quotient, value)
            checked[v] += 1
    assert all(n >= 2 or (name, v) in {("pow", "y")} or n for (v, n) in checked.items()), checked


@pytest.mark.parametrize("name", OPS)
def test_stable_forms_mean_the_same(name: str) -> None:
    op = OPS[name]
    pairs = [(surface(op), surface(op, "stable"), "")]
    pairs += [(surface(op, "derivative", v), surface(op, "stable_derivative", v), v) for v in op.stable_derivative]
    for plain, stable, v in pairs:
        if stable is None:
            continue
        names = {str(t.args[0]) for t in T.postorder(stable) if t.op == "app"}
        assert names <= set(PRINTABLE), f"{name}: a stable form uses {sorted(names - set(PRINTABLE))}"
        corners = [{k: Fraction(n) for k in (*op.inputs, *op.params)} for n in (0, 1, -1)]
        for point in [*points(op, 12, seed=2), *(c for c in corners if allowed(op, c))]:
            if evaluate_exact(surface(op), point) is None:
                continue
            a, b = evaluate(plain, point, DIGITS), evaluate(stable, point, DIGITS)
            assert (a is None) == (b is None), (name, v, point)
            with mpmath.workdps(DIGITS):
                assert a is None or close(a, b, DIGITS - 12), (name, v, point, a, b)


# The conventions of OPERATORS.md, and true derivatives at seams: (op, point, input, value)
CONVENTIONS = [
    ("abs", "x=0", "x", "0"),
    ("relu", "x=0", "x", "0"),
    ("leaky_relu", "x=0 alpha=1/5", "x", "1/5"),
    ("elu", "x=0 alpha=3", "x", "3"),
    ("elu", "x=0 alpha=1", "x", "1"),
    ("celu", "x=0 alpha=3", "x", "1"),
    ("selu", "x=0", "x", "16732632423543772848/10**19*10507009873554804934/10**19"),
    ("clamp", "x=2 lo=2 hi=3", "x", "0"),
    ("clamp", "x=3 lo=2 hi=3", "x", "0"),
    ("clamp", "x=5/2 lo=2 hi=3", "x", "1"),
    ("hardtanh", "x=1 lo=-1 hi=1", "x", "0"),
    ("relu6", "x=0", "x", "0"),
    ("relu6", "x=6", "x", "0"),
    ("hardsigmoid", "x=-3", "x", "0"),
    ("hardsigmoid", "x=3", "x", "0"),
    ("hardsigmoid", "x=0", "x", "1/6"),
    ("hardswish", "x=-3", "x", "0"),
    ("hardswish", "x=3", "x", "1"),
    ("softsign", "x=0", "x", "1"),
    ("softshrink", "x=1/2 lambd=1/2", "x", "0"),
    ("softshrink", "x=0 lambd=0", "x", "1"),
    ("hardshrink", "x=-1/2 lambd=1/2", "x", "0"),
    ("hardshrink", "x=0 lambd=0", "x", "1"),
    ("squared_relu", "x=0", "x", "0"),
    ("sqrt_clamp", "x=0", "x", "0"),
    ("sinc", "x=0", "x", "0"),
    ("sign", "x=0", "x", "0"),
    ("floor", "x=2", "x", "0"),
    ("ceil", "x=2", "x", "0"),
    ("round", "x=5/2", "x", "0"),
    ("max", "x=1 y=1", "x", "1/2"),
    ("max", "x=1 y=1", "y", "1/2"),
    ("min", "x=1 y=1", "x", "1/2"),
    ("max", "x=2 y=1", "y", "0"),
    ("pow", "x=0 y=1", "x", "1"),
    ("pow", "x=0 y=5/2", "x", "0"),
    ("pow", "x=0 y=1/2", "y", "0"),
    ("pow", "x=0 y=0", "x", "0"),
    ("pow", "x=0 y=0", "y", "0"),
    ("pow", "x=-2 y=3", "x", "12"),
    ("atan2", "y=0 x=1", "y", "1"),
    ("atan2", "y=0 x=-2", "y", "-1/2"),
    ("atan2", "y=0 x=-2", "x", "0"),
    ("atan2", "y=0 x=0", "y", "0"),
    ("hypot", "x=0 y=0", "x", "0"),
    ("logaddexp", "x=1 y=1", "x", "1/2"),
    ("xlogy", "x=0 y=2", "x", "log(2)"),
    ("xlogy", "x=0 y=0", "x", "0"),
    ("xlogy", "x=0 y=0", "y", "0"),
    ("xlog1py", "x=0 y=2", "x", "log(3)"),
    ("xdivy", "x=0 y=4", "x", "1/4"),
    ("xdivy", "x=0 y=0", "x", "0"),
    ("fmod", "x=6 y=3", "y", "-2"),
    ("fmod", "x=-7 y=3", "y", "2"),
    ("remainder", "x=-7 y=3", "y", "3"),
    ("copysign", "x=0 y=-1", "x", "0"),
    ("huber", "x=1 t=0 delta=1", "x", "1"),
    ("huber", "x=-1 t=0 delta=1", "x", "-1"),
    ("smooth_l1", "x=0 t=0 beta=0", "x", "0"),
    ("smooth_l1", "x=1 t=0 beta=1", "x", "1"),
    ("select", "c=0 a=5 b=7", "a", "0"),
    ("select", "c=2 a=5 b=7", "a", "1"),
    ("select", "c=2 a=5 b=7", "b", "0"),
]


def at(text: str) -> dict[str, Fraction]:
    return {k: Fraction(v) for k, v in (part.split("=") for part in text.split())}


@pytest.mark.parametrize(("name", "point", "wrt", "value"), CONVENTIONS)
def test_conventions(name: str, point: str, wrt: str, value: str) -> None:
    for part in ("derivative", "stable_derivative"):
        term = surface(OPS[name], part, wrt)
        if term is not None:
            got, want = evaluate(term, at(point)), evaluate(parse(value), {})
            assert got is not None and close(got, want, 40), (part, got)


@pytest.mark.parametrize(
    ("name", "wrt", "point", "value"),
    [
        ("sqrt", "x", "x=0", "oo"),
        ("cbrt", "x", "x=0", "oo"),
        ("asin", "x", "x=1", "oo"),
        ("asin", "x", "x=-1", "oo"),
        ("acos", "x", "x=1", "-oo"),
        ("acosh", "x", "x=1", "oo"),
        ("pow", "x", "x=0 y=1/2", "oo"),
    ],
)
def test_infinite_conventions_stand_where_the_formula_has_no_value(name: str, wrt: str, point: str, value: str) -> None:
    op = OPS[name]
    assert evaluate(surface(op), at(point)) is not None and evaluate(surface(op, "derivative", wrt), at(point)) is None
    cases = [
        v
        for text, v in op.convention_cases(wrt)
        if any(satisfies(c, at(point)) for c in parse_condition(text, op.inputs))
    ]
    assert cases == [value]


@pytest.mark.parametrize("name", OPS)
def test_formulas_are_defined_where_the_derivative_is(name: str) -> None:
    """On its domain the derivative formula has a value, or a convention stands for it."""
    op = OPS[name]
    grid = [Fraction(n, 2) for n in range(-7, 8)]
    rng = random.Random(5)
    for _ in range(60):
        point = {v: rng.choice(grid) for v in (*op.inputs, *op.params)}
        if not allowed(op, point) or evaluate_exact(surface(op), point) is None:
            continue
        for v in op.inputs:
            if evaluate_exact(surface(op, "derivative", v), point) is None:
                texts = [text for text, _ in op.convention_cases(v)]
                covered = any(satisfies(c, point) for text in texts for c in parse_condition(text, op.inputs))
                assert covered or (name, v) == ("pow", "y"), (name, v, point)


def test_assumptions_speak_of_parameters_and_inputs_only() -> None:
    for op in OPS.values():
        for text in op.assume:
            assert parse_condition(text, [*op.inputs, *op.params])
        for key in op.derivative:
            assert all(parse_condition(text, op.inputs) for text, _ in op.convention_cases(key))
        for key, pair in op.at_infinity.items():
            assert key in ("", *op.inputs) and len(op.inputs) == 1
            assert all(re.fullmatch(r"-?(oo|\d+)", limit) for limit in pair)


def test_ops_and_definitions_of_one_name_mean_the_same() -> None:
    shared = [name for name in OPS if name in DEFINED]
    assert len(shared) > 30 and not any(catalogue.has(name) for name in shared)
    for name in shared:
        assert unfold(surface(OPS[name])) is unfold(T.app(name, *map(T.var, OPS[name].inputs))) or name == "sigmoid", (
            name
        )


def test_signatures() -> None:
    assert signature("elu(x, *, alpha=1)") == ("elu", ("x",), {"alpha": Fraction(1)})
    assert signature("clamp(x, *, lo, hi)") == ("clamp", ("x",), {"lo": REQUIRED, "hi": REQUIRED})
    for bad in ("elu", "elu()", "elu(x, x)", "elu(x, alpha=1)", "2(x)", "f(x, *, *)", "f(x; y)", "f(*, a)"):
        with pytest.raises(ValueError):
            signature(bad)


def test_an_op_of_ones_own_is_not_registered() -> None:
    from hasderiv.spec.symbols import x

    own = make("own(x)", x**2, {"x": 2 * x})
    assert own.name == "own" and "own" not in OPS
    with pytest.raises(ValueError, match="no input or parameter"):
        make("own(x)", x**2, {"z": 2 * x})
