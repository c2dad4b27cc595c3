"""The polynomials of the kernel: what they are, to the type of a coefficient, and what each step costs, to the unit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import algebra
from hasderiv.proofs.kernel.algebra import Algebra, Monomial, Polynomial
from hasderiv.proofs.kernel.terms import (
    KernelError,
    Term,
    add,
    cond,
    mul,
    neg,
    over,
    power,
    rat,
    sub,
    tangent,
    unary,
    var,
)

from .kit import ONE, XY, ZERO, X, dx, dy, eps, lit, x, y

MANY: Monomial = tuple((var(f"m{k}"), 1) for k in range(16))
SUM: Polynomial = {((x, 1),): 1, ((y, 1),): 1}


def test_an_integer_is_an_int() -> None:
    """Integers are several times faster than fractions."""
    for q in (Fraction(4, 2), 2):
        assert type(algebra._number(q)) is int and algebra._number(q) == 2
    assert algebra._number(Fraction(1, 2)) == Fraction(1, 2)


@pytest.mark.parametrize(
    ("p", "weight"),
    [
        ({}, 0),
        ({(): 1}, 0),
        ({MANY[:15]: 1}, 0),
        ({MANY: 1}, 1),
        ({MANY: 1, (): 1}, 1),
        ({(): 2**63 - 1}, 0),
        ({(): 2**63}, 1),
        ({(): -(2**63)}, 1),
        ({(): Fraction(1, 2**127)}, 2),
        ({(): Fraction(2**127, 3), ((x, 1),): 1}, 2),
        ({MANY: 2**127}, 3),
    ],
)
def test_what_is_long_weighs_more(p: Polynomial, weight: int) -> None:
    """One for every 16 atoms of the longest monomial, one for every 64 bits of the longest coefficient."""
    assert algebra._weight(p) == weight


def spent(work: str, *args: object) -> int:
    ring = Algebra()
    getattr(ring, work)(*args)
    return ring.spent


def test_what_each_step_costs() -> None:
    long, large = {MANY: 1, (): 1}, {(): 2**64, ((x, 1),): 1, ((y, 1),): 1}
    assert spent("product", SUM, SUM) == 4
    assert spent("product", long, SUM) == spent("product", SUM, long) == 2 * 2 * 2
    assert spent("product", long, large) == spent("product", large, long) == 2 * 3 * 3
    assert spent("power", SUM, 1) == 2
    assert spent("power", SUM, 2) == 4 + 3, "a square, and that times 1"
    assert spent("power", SUM, 3) == 2 + 4 + 2 * 3
    assert spent("power", {((x, 1),): 1}, 100) == 100 + 100 // 64
    for c in (2**99, -(2**99), Fraction(1, 2**99), Fraction(2**99, 3)):
        assert spent("power", {(): c}, 64) == 64 + 100
    assert spent("_node", add(x, y), {x: long, y: large}) == spent("_node", add(x, y), {x: large, y: long}) == 5 * 3


def test_what_costs_too_much_is_refused_with_the_reason() -> None:
    for work, args, why in (
        ("power", ({(): Fraction(1, 2**4000)}, 4096), "algebra: a power of a number is too large"),
        (
            "product",
            ({(): 2**150_000}, {(): 2**150_000, **dict.fromkeys([((x, k),) for k in range(1, 99)], 1)}),
            "algebra: more than 200000 products of monomials in one step",
        ),
    ):
        with pytest.raises(KernelError) as caught:
            spent(work, *args)
        assert str(caught.value) == why


def test_normal_forms() -> None:
    """Of what is 0 nothing is left; a polynomial of 32 monomials is kept, one of 33 is not."""
    algebra.forget()
    assert Algebra().normal(ZERO) == Algebra().normal(sub(x, x)) == {}
    assert Algebra().normal(sub(mul(x, y), mul(y, x))) == {}
    assert Algebra().normal(power(rat(Fraction(1, 2)), 3)) == {(): Fraction(1, 8)}
    total: Term = ZERO
    for k in range(33):
        total = add(total, var(f"m{k}"))
        Algebra().normal(total)
        assert (total in algebra._kept.forms) == (k < 32)
    assert Algebra().normal(total) == {((var(f"m{k}"), 1),): 1 for k in range(33)}


def test_atoms_and_what_is_kept_are_not_opened() -> None:
    algebra.forget()
    atom = unary("exp", add(x, y))
    t = mul(atom, add(x, ONE))
    assert set(algebra.postorder_of_ring(t)) == {atom, x, ONE, add(x, ONE), t}
    Algebra().normal(t)
    assert set(algebra.postorder_of_ring(add(t, y))) == {t, y, add(t, y)}


def test_a_total_is_added_to_in_place() -> None:
    total: Polynomial = {((x, 1),): 1, (): 2}
    algebra.accumulate(total, {(): 1, ((x, 1),): -1})
    assert total == {(): 3}
    algebra.accumulate(total, {(): 1, ((y, 1),): 5}, Fraction(-3))
    assert total == {((y, 1),): -15}


def test_what_adds_up() -> None:
    goal = add(mul(rat(2), power(add(x, y), 3)), x)
    assert algebra.adds_up(goal, [(Fraction(2), [(add(x, y), 2), (add(x, y), 1)]), (Fraction(1), [(x, 1)])])
    assert not algebra.adds_up(goal, [(Fraction(2), [(add(x, y), 2), (add(x, y), 1)]), (Fraction(1), [(x, 2)])])
    assert algebra.adds_up(ZERO, []) and not algebra.adds_up(ONE, [])


def test_a_number_is_no_other_polynomial() -> None:
    assert algebra.constant({}) == 0 and algebra.constant({(): 5}) == 5
    for p in ({((x, 1),): 5}, {(): 5, ((x, 1),): 1}):
        assert algebra.constant(p) is None
    for relation, signs in ((">", {1}), (">=", {0, 1}), ("=", {0}), ("!=", {-1, 1})):
        assert {v for v in (-1, 0, 1) if algebra.compare(relation, v)} == signs


def test_integers_for_their_form() -> None:
    floor = unary("floor", x)
    for t in (rat(-3), floor, add(floor, ONE), mul(floor, rat(2)), power(floor, 2)):
        assert algebra.integral(t)
    for t in (rat(Fraction(1, 2)), x, add(floor, x), mul(x, floor), power(x, 2), unary("exp", floor)):
        assert not algebra.integral(t)


def test_linear_for_its_form() -> None:
    """In the tangents of the symbols that vary; of what is nowhere 0 or 1 nothing is guessed."""
    dxy = tangent("x", y)
    for t, vary in (
        (ZERO, X),
        (dx, X),
        (add(dx, dy), XY),
        (add(dx, ZERO), X),
        (mul(x, dx), X),
        (mul(dx, unary("exp", y)), X),
        (cond(">", x, dx, ZERO), X),
        (over("sum", y, mul(x, dx)), X),
        (dxy, frozenset({"x/1"})),
    ):
        assert algebra.linear(t, vary)
    for t, vary in (
        (ONE, X),
        (dy, X),
        (add(dx, dy), X),
        (add(dx, ONE), X),
        (add(dx, x), X),
        (mul(dx, dx), X),
        (mul(mul(dx, dx), mul(dx, dx)), X),
        (power(dx, 2), X),
        (unary("exp", dx), X),
        (mul(unary("exp", dx), ONE), X),
        (add(unary("sin", dx), dx), X),
        (cond(">", dx, dx, dx), X),
        (cond(">", dx, x, x), X),
        (cond(">", x, dx, ONE), X),
        (cond(">", x, x, dx), X),
        (over("sum", dx, dx), X),
        (over("sum", dx, x), X),
        (over("sum", y, mul(dx, dx)), X),
        (over("max", y, dx), X),
        (dx, frozenset({"x/1"})),
        (dxy, X),
        (tangent("x", dy), frozenset({"x/1", "y"})),
        (tangent("x", y, dy), frozenset({"x/2", "y"})),
    ):
        assert not algebra.linear(t, vary)


def test_the_number_by_which_a_tangent_is_multiplied() -> None:
    assert algebra.slope(mul(x, dx), "x") is x and algebra.slope(mul(dx, x), "x") is mul(ONE, x)
    assert algebra.slope(mul(dx, dx), "x") is mul(ONE, ONE) and algebra.slope(dx, "x") is ONE
    assert algebra.slope(add(x, dx), "x") is add(x, ONE) and algebra.slope(mul(x, dy), "x") is mul(x, dy)
    with pytest.raises(KernelError):
        algebra.slope(dx, "x/1")


def test_an_equation_is_a_difference() -> None:
    assert algebra.difference(lit("=", sub(x, y))) == (x, y)
    for literal in (
        lit(">=", sub(x, y)),
        lit("=", mul(x, neg(y))),
        lit("=", add(x, y)),
        lit("=", add(x, mul(y, neg(y)))),
        lit("=", add(x, add(rat(-1), y))),
    ):
        with pytest.raises(KernelError, match="not an equation"):
            algebra.difference(literal)


def test_derivatives_without_a_needless_0_or_1() -> None:
    plus, times = algebra.plus, algebra.times
    assert plus(None, x) is plus(x, None) is plus(None, None) is times(None, x) is times(x, None) is None
    assert times(None, ZERO) is times(ZERO, None) is None, "what has no derivative has none times 0"
    assert plus(ZERO, x) is plus(x, ZERO) is x and plus(x, y) is add(x, y)
    assert times(ZERO, x) is times(x, ZERO) is ZERO and times(ONE, x) is times(x, ONE) is x and times(x, y) is mul(x, y)
    assert algebra.derivation(add(x, y), [dx, dy]) is add(dx, dy)
    assert algebra.derivation(mul(x, y), [dx, dy]) is add(mul(dx, y), mul(x, dy))
    assert algebra.derivation(power(x, 2), [dx]) is mul(mul(rat(2), x), dx)
    assert algebra.derivation(power(x, 3), [dx]) is mul(mul(rat(3), power(x, 2)), dx)


def test_false_for_its_form() -> None:
    assert algebra.false(lit(">", ZERO)) and algebra.false(lit("=", sub(rat(2), ONE)))
    for literal in (lit(">=", ZERO), lit(">", ONE), lit("=", sub(add(eps, ONE), eps)), lit(">", unary("exp", ZERO))):
        assert not algebra.false(literal)
