"""Rules about literals: each accepts what it should, and refuses for want of each of its side conditions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import algebra
from hasderiv.proofs.kernel.terms import KernelError, app
from hasderiv.proofs.kernel.theorems import Defined, Holds, Undefined

from .kit import (
    ONE,
    RECORDER,
    ZERO,
    add,
    arith,
    cond,
    defined,
    dx,
    given,
    h,
    lit,
    literal_of,
    local,
    mul,
    n,
    neg,
    number,
    power,
    rat,
    refused,
    rule,
    same,
    sub,
    tangent,
    unary,
    var,
    x,
    y,
)


def test_assume() -> None:
    th = given(">", x)
    assert th.conclusion == Holds(lit(">", x)) and th.hyps == {lit(">", x)} and th.cites == frozenset()


def test_arith_adds_and_multiplies_what_is_positive() -> None:
    th = arith(">", add(mul(x, y), power(x, 2)), (1, [given(">", x), given(">", y)], []), (1, [given(">", x)] * 2, []))
    assert th.hyps == {lit(">", x), lit(">", y)}
    assert arith(">=", power(x, 2), (1, [], [x])).hyps == frozenset()
    assert literal_of(arith(">", power(x, 2), (1, [given("!=", x)], []))) == lit(">", power(x, 2))
    assert literal_of(arith("!=", mul(rat(-3), mul(x, y)), (-3, [given(">", x), given("!=", y)], []))).relation == "!="
    assert same(mul(add(x, y), sub(x, y)), sub(power(x, 2), power(y, 2))).hyps == frozenset()


def test_arith_refuses_every_other_combination() -> None:
    gt, ge, eq, ne = (given(r, x) for r in (">", ">=", "=", "!="))
    square = lit(">", power(x, 2))
    one = Fraction(1)
    refused("coefficient is not positive", "arith", lit(">", neg(x)), [(-one, [gt], [])], [])
    refused("coefficient is not positive", "arith", lit("!=", ZERO), [(Fraction(0), [gt], [])], [])
    refused("coefficient is not positive", "arith", lit(">", x), [(1, [gt], [])], [])
    refused("stands as a factor", "arith", lit(">=", x), [(one, [eq], [])], [])
    refused("no product is known to be positive", "arith", lit(">", x), [(one, [ge], [])], [])
    refused("no product is known to be positive", "arith", square, [(one, [], [x])], [])
    refused("no product is known to be positive", "arith", lit(">", ZERO), [], [])
    refused("does not add up", "arith", lit(">", x), [(one, [ne], [])], [])
    refused("not known to be nonzero", "arith", lit("!=", x), [(one, [ge], [])], [])
    refused("not known to be nonzero", "arith", lit("!=", power(x, 2)), [(one, [], [x])], [])
    refused("exactly one product", "arith", lit("!=", add(x, x)), [(one, [gt], []), (one, [ne], [])], [])
    refused("exactly one product", "arith", lit("!=", ZERO), [], [])
    refused("cannot prove an equation", "arith", lit("=", x), [(one, [gt], [])], [])
    refused("not an equation", "arith", lit("=", x), [], [(ONE, ge)])
    refused("a premise is not Holds", "arith", lit("=", x), [], [(ONE, defined(x))])


def test_arith_with_junk_cofactors_proves_only_what_follows() -> None:
    """Cofactors are total functions: 1/0 times 0 is 0, so the identity of polynomials is all that counts."""
    inverse = unary("inv", x)
    eq = given("=", x)
    refused("does not add up", "arith", lit("=", ONE), [], [(inverse, eq)])
    th = arith("=", mul(inverse, x), equations=[(inverse, eq)])
    assert th.hyps == {lit("=", x)}, "at x = 0 the product of x and inv(x) is 0, not 1"
    log = unary("log", neg(ONE))
    assert arith("=", mul(log, x), equations=[(log, eq)]).hyps == {lit("=", x)}


def test_arith_treats_unknown_functions_as_unknowns() -> None:
    refused("does not add up", "arith", lit("=", sub(unary("exp", add(x, y)), unary("exp", add(y, x)))), [], [])
    assert same(mul(unary("exp", x), y), mul(y, unary("exp", x))).hyps == frozenset()


def test_what_is_neither_positive_nor_negative_is_zero() -> None:
    th = RECORDER.between(given(">=", x), given(">=", neg(x)))
    assert literal_of(th) == lit("=", x) and th.hyps == {lit(">=", x), lit(">=", neg(x))}
    with pytest.raises(KernelError, match="does not add up"):
        RECORDER.between(given(">=", x), given(">=", x))


def test_gap() -> None:
    floor = unary("floor", x)
    whole = add(mul(rat(3), power(floor, 2)), rat(-7))
    assert literal_of(rule("gap", given(">", whole))) == lit(">=", sub(whole, ONE))
    refused("not t > 0", "gap", given(">=", floor))
    for part in (mul(rat(Fraction(1, 2)), floor), add(floor, x), unary("inv", floor), unary("exp", floor)):
        refused("not an integer for its form", "gap", given(">", part))
    refused("not an integer for its form", "gap", given(">", cond(">", x, ONE, ONE)))


def test_gap_walks_a_shared_term_once() -> None:
    t = unary("floor", x)
    for _ in range(2000):
        t = add(t, t)
    assert algebra.integral(t)


def test_cases() -> None:
    th = rule(
        "cases",
        lit(">", x),
        arith(">=", power(x, 2), (1, [given(">", x)] * 2, [])),
        arith(">=", power(x, 2), (1, [], [x])),
    )
    assert th.hyps == frozenset()
    refused("the two conclusions differ", "cases", lit(">", x), given(">", x), given(">=", neg(x)))
    other = rule("cases", lit(">", x), given(">", y), given(">", y))
    assert other.hyps == {lit(">", y)}
    kept = rule("cases", lit(">", y), given(">", x), given(">", x))
    assert kept.hyps == {lit(">", x)}, "only the literal itself is discharged, and its negation on the other side"
    wrong_side = rule("cases", lit(">=", neg(x)), given(">", x), given(">", x))
    assert wrong_side.hyps == {lit(">", x)}


def test_cases_with_a_contradiction() -> None:
    no = arith(">", ZERO, (1, [given(">", x)], []), (1, [given(">=", neg(x))], []))
    th = rule("cases", lit(">", x), no, given(">=", neg(x)))
    assert literal_of(th) == lit(">=", neg(x)) and th.hyps == {lit(">=", neg(x))}
    refused("conclusions differ", "cases", lit(">", x), number(">", 1), given(">=", neg(x)))
    refused("conclusions differ", "cases", lit(">", x), given(">", sub(x, x)), given(">=", neg(x)))


def test_cut() -> None:
    lemma = arith(">=", x, (1, [given(">", x)], []))
    assert rule("cut", lemma, given(">=", x)).hyps == {lit(">", x)}
    refused("no hypothesis", "cut", lemma, given(">", x))
    refused("not Holds", "cut", defined(x), given(">", x))


def test_instantiate() -> None:
    th = rule("instantiate", arith(">", power(x, 2), (1, [given("!=", x)], [])), {"x": sub(x, y)})
    assert literal_of(th) == lit(">", power(sub(x, y), 2)) and th.hyps == {lit("!=", sub(x, y))}
    both = rule("instantiate", given(">", sub(x, y)), {"x": y, "y": x})
    assert literal_of(both) == lit(">", sub(y, x)), "all at once"
    refused("a premise is not Holds", "instantiate", defined(x), {"x": y})
    refused("a premise is not Holds", "instantiate", local(x), {"x": y})


def test_instantiate_drops_only_equations_of_a_term_with_itself() -> None:
    th = rule("instantiate", given("=", sub(n, x)), {"n": x})
    assert th.hyps == frozenset() and literal_of(th) == lit("=", sub(x, x))
    assert rule("instantiate", given("!=", sub(n, x)), {"n": x}).hyps == {lit("!=", sub(x, x))}


def test_congruence() -> None:
    th = rule("congruence", unary("log", var("hole")), "hole", given("=", sub(x, y)))
    assert literal_of(th) == lit("=", sub(unary("log", x), unary("log", y)))
    assert th.hyps == {lit("=", sub(x, y))}
    refused("not an equation a - b = 0", "congruence", var("hole"), "hole", given(">=", sub(x, y)))
    refused("not an equation a - b = 0", "congruence", var("hole"), "hole", given("=", add(x, y)))
    refused("not an equation a - b = 0", "congruence", var("hole"), "hole", given("=", x))


def test_freeze() -> None:
    named = given("=", sub(n, x))
    square = arith(">=", power(x, 2), (1, [], [x]))
    both = rule("cases", lit("=", ONE), square, square)
    uses = arith("=", sub(mul(n, y), mul(x, y)), equations=[(y, named)])
    refused("occurs in the conclusion", "freeze", "n", x, uses)
    assert rule("freeze", "n", x, both).hyps == frozenset()
    cut = arith("=", sub(x, x), equations=[(ZERO, named)])
    assert cut.hyps == {lit("=", sub(n, x))} and rule("freeze", "n", x, cut).hyps == frozenset()


def test_freeze_needs_a_fresh_name() -> None:
    cut = arith("=", sub(x, x), equations=[(ZERO, given("=", sub(n, add(n, ONE))))])
    refused("not fresh", "freeze", "n", add(n, ONE), cut)
    two = arith("=", sub(x, x), equations=[(ZERO, given("=", sub(n, x))), (ZERO, given("=", sub(n, y)))])
    refused("not fresh", "freeze", "n", x, two)


def test_freeze_of_a_name_that_moves_in_the_conclusion() -> None:
    """n = x |- the derivative of n in n is not a statement from which n can be dropped."""
    moving = frozenset({"n"})
    constant = rule("local", moving, x, [])
    one_sided = rule("side_replace", constant, "n", 1, *[same(x, x), defined(x)] * 2, [])
    for th in (constant, one_sided, given(">", n), same(tangent("n"), tangent("n")), rule("local", moving, n, [])):
        refused("the name", "freeze", "n", y, th)


def test_defined() -> None:
    t = add(unary("inv", x), add(unary("log", y), unary("sqrt", h)))
    th = defined(t, given("!=", x), given(">", y), given(">=", h))
    assert th.conclusion == Defined(t) and th.hyps == {lit("!=", x), lit(">", y), lit(">=", h)}
    assert defined(t, given(">", x), given(">", y), given(">", h)).hyps == {lit(">", x), lit(">", y), lit(">", h)}
    refused("operand of inv", "defined", t, [given(">=", x), given(">", y), given(">=", h)])
    refused("operand of log", "defined", t, [given("!=", x), given(">=", y), given(">=", h)])
    refused("operand of sqrt", "defined", t, [given("!=", x), given(">", y), given("!=", h)])
    nested = unary("exp", unary("inv", unary("inv", x)))
    refused("operand of inv", "defined", nested, [given("!=", x)])
    assert defined(nested, given("!=", x), given("!=", unary("inv", x))).conclusion == Defined(nested)


def test_defined_of_a_conditional_asks_for_its_guard_and_the_branch_taken() -> None:
    t = cond(">", unary("log", x), ONE, unary("inv", y))
    guard = unary("log", x)
    assert defined(t, given(">", x), given(">", guard)).hyps == {lit(">", x), lit(">", guard)}
    refused("operand of inv", "defined", t, [given(">", x), given(">=", neg(guard))])
    refused("nothing decides the guard", "defined", t, [given(">", x)])
    refused("operand of log", "defined", t, [given(">", guard)])


def test_defined_takes_a_shown_subterm_as_it_stands() -> None:
    inner = defined(unary("inv", x), given("!=", x))
    assert defined(unary("exp", unary("inv", x)), inner).hyps == {lit("!=", x)}


def test_defined_of_a_cited_function_names_its_source() -> None:
    gamma = app("gamma", x)
    assert defined(gamma, given(">", x)).cites == {"gamma: DLMF 5.2.2"}
    refused("not shown: the domain of gamma", "defined", gamma, [given("!=", x)])
    refused("no function nosuch of 1 arguments", "defined", app("nosuch", x), [])
    refused("no function gamma of 2 arguments", "defined", app("gamma", x, x), [])


def test_undefined() -> None:
    assert rule("undefined", mul(ZERO, unary("inv", x)), [given("=", x)]).conclusion == Undefined(
        mul(ZERO, unary("inv", x))
    )
    assert rule("undefined", unary("log", x), [given(">=", neg(x))]).hyps == {lit(">=", neg(x))}
    assert rule("undefined", unary("sqrt", x), [given(">", neg(x))]).hyps == {lit(">", neg(x))}
    refused("no premise names", "undefined", unary("sqrt", x), [given(">=", neg(x))])
    refused("no premise names", "undefined", unary("sqrt", x), [given("=", x)])
    refused("no premise names", "undefined", unary("log", x), [given("!=", x)])
    refused("no premise names", "undefined", x, [given("=", x)])


def test_undefined_where_the_operation_counts() -> None:
    t = cond(">", x, unary("inv", ZERO), x)
    zero = number("=", 0)
    refused("no premise names", "undefined", t, [zero])
    refused("no premise names", "undefined", t, [zero, given(">=", neg(x))])
    th = rule("undefined", t, [zero, given(">", x)])
    assert th.hyps == {lit(">", x)}
    outer = add(x, t)
    assert rule("undefined", outer, [th]).hyps == {lit(">", x)}
    guard = cond(">", unary("inv", x), ONE, ONE)
    assert rule("undefined", guard, [given("=", x)]).hyps == {lit("=", x)}


def test_conditional() -> None:
    guard = lit(">", x)
    t = cond(">", x, y, ONE)
    assert literal_of(rule("conditional", guard, y, ONE, given(">", x))) == lit("=", sub(t, y))
    assert literal_of(rule("conditional", guard, y, ONE, given(">=", neg(x)))) == lit("=", sub(t, ONE))
    refused("does not decide", "conditional", guard, y, ONE, given(">=", x))
    refused("does not decide", "conditional", guard, y, ONE, given("=", x))


def test_algebra_has_a_budget() -> None:
    wide = ZERO
    for i in range(40):
        wide = add(wide, var(f"v{i}"))
    with pytest.raises(KernelError, match="products of monomials"):
        same(power(wide, 12), power(wide, 12))


def test_algebra_bounds_its_numbers() -> None:
    t = add(rat(3), ZERO)
    for _ in range(60):
        t = mul(t, t)
    with pytest.raises(KernelError, match="bits"):
        same(t, t)
    with pytest.raises(KernelError, match=r"too large|bits"):
        same(power(power(power(rat(3), 4096), 4096), 4096), ZERO)


def test_dx_is_an_unknown_like_any_other_in_arithmetic() -> None:
    assert same(mul(dx, x), mul(x, dx)).hyps == frozenset()
