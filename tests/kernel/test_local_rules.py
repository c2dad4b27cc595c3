"""The judgement on tangents: what it concludes, and what each rule refuses."""

from __future__ import annotations

from hasderiv.proofs.kernel.algebra import linear
from hasderiv.proofs.kernel.terms import Term, app
from hasderiv.proofs.kernel.theorems import HasDeriv, Local, NthDerivative

from .kit import (
    ONE,
    XY,
    ZERO,
    X,
    add,
    alpha,
    arith,
    branch,
    cond,
    cube,
    defined,
    derivative,
    dx,
    dy,
    given,
    lit,
    local,
    mul,
    neg,
    power,
    rat,
    refused,
    relu,
    rule,
    same,
    sub,
    unary,
    w,
    x,
    y,
)


def rate(t: Term, *sides: object, vary: frozenset[str] = X) -> Term | None:
    return local(t, *sides, vary=vary).conclusion.derivative  # type: ignore[union-attr, arg-type]


def test_sums_products_and_powers() -> None:
    assert rate(x) is dx
    assert rate(add(x, y), vary=XY) is add(dx, dy)
    assert rate(mul(x, y), vary=XY) is add(mul(dx, y), mul(x, dy))
    assert rate(power(x, 2)) is mul(mul(rat(2), x), dx)
    assert rate(cube) is mul(mul(rat(3), power(x, 2)), dx)
    assert rate(mul(y, x)) is mul(y, dx), "y does not vary"


def test_a_constant_must_be_defined() -> None:
    assert rate(unary("log", y), given(">", y)) is ZERO
    refused("operand of log", "local", X, unary("log", y), [])
    refused("operand of inv", "local", X, mul(x, unary("inv", rat(0))), [])


def test_the_primitive_functions_need_their_open_domains() -> None:
    for op, relation, weaker in (("inv", "!=", ">="), ("log", ">", ">="), ("log", ">", "!="), ("sqrt", ">", ">=")):
        th = local(unary(op, x), given(relation, x))
        assert th.conclusion.derivative is not None and th.hyps == {lit(relation, x)}  # type: ignore[union-attr]
        refused(f"nothing shows that {op} is differentiable", "local", X, unary(op, x), [given(weaker, x)])
    for op in ("exp", "sin", "cos", "atan", "erf"):
        assert local(unary(op, x)).hyps == frozenset()


def test_floor_between_the_integers() -> None:
    fraction = sub(x, unary("floor", x))
    assert rate(unary("floor", x), given("!=", fraction)) is ZERO
    refused("nothing shows that floor is differentiable", "local", X, unary("floor", x), [given(">=", fraction)])
    refused("nothing shows that floor is differentiable", "local", X, unary("floor", x), [given("!=", x)])


def test_continuity_is_all_that_a_continuous_operand_gives() -> None:
    continuous = local(unary("sqrt", power(x, 2)), arith(">=", power(x, 2), (1, [], [x])))
    for t in (unary("exp", unary("sqrt", power(x, 2))), mul(x, unary("sqrt", power(x, 2)))):
        assert local(t, continuous).conclusion == Local(X, t, None)
    refused("another term", "has_deriv", continuous, defined(dx))


def test_a_given_side_must_vary_the_same_symbols() -> None:
    other = local(unary("inv", y), given("!=", y), vary=frozenset({"y"}))
    refused("nothing shows that inv", "local", XY, unary("inv", y), [other])


def test_conditionals_away_from_their_seam() -> None:
    for relation, above, below in ((">", x, ONE), (">=", x, ONE), ("!=", x, x), ("=", ONE, ONE)):
        t = cond(relation, x, x, ONE)
        assert local(t, given(">", x)).conclusion.derivative is rate(above)  # type: ignore[union-attr]
        assert local(t, given(">", neg(x))).conclusion.derivative is rate(below)  # type: ignore[union-attr]
    for relation, arm in (("!=", x), ("=", ONE)):
        assert local(cond(relation, x, x, ONE), given("!=", x)).conclusion.derivative is rate(arm)  # type: ignore[union-attr]
    for relation in (">", ">="):
        refused("not shown equal", "local", X, cond(relation, x, x, ONE), [given("!=", x)])
    for relation in (">", ">=", "=", "!="):
        refused("not shown equal", "local", X, cond(relation, x, x, ONE), [given(">=", x)])


def test_a_guard_that_does_not_move_may_be_an_equation() -> None:
    t = cond("=", y, x, power(x, 2))
    assert rate(t, given("=", y)) is dx
    refused("nothing decides the guard", "local", X, t, [])
    refused("not shown equal", "local", XY, t, [given("=", y)])


def test_the_branch_not_taken_counts_for_nothing_away_from_the_seam_only() -> None:
    t = cond(">", x, x, unary("inv", ZERO))
    assert rate(t, given(">", x)) is dx
    refused("operand of inv", "local", X, t, [given("=", x)])


def test_cited_functions() -> None:
    n, t = y, app("besselj", y, x)
    integer = given("=", sub(unary("floor", n), n))
    th = local(t, integer)
    assert th.cites == {"besselj: DLMF 10.6.1"} and th.conclusion.derivative is not None  # type: ignore[union-attr]
    refused("not shown: the domain of besselj", "local", X, t, [])
    refused("no derivative of besselj is cited in place 1", "local", XY, t, [integer, local(n, vary=XY)])
    beta = app("beta", x, y)
    assert local(beta, given(">", x), given(">", y), vary=XY).cites == {"beta: DLMF 5.12.1, 5.2.2"}
    refused("not shown: the domain of gamma", "local", X, app("gamma", x), [given(">=", x)])
    defined_there = defined(app("gamma", y), given(">", y))
    assert local(app("gamma", y), defined_there).cites == {"gamma: DLMF 5.2.2"}


def test_a_cited_place_without_derivative_must_not_move_even_with_tangent_zero() -> None:
    """floor(x) has tangent 0 away from the integers, and moves all the same."""
    t = app("polygamma", unary("floor", x), y)
    sides = [given(">", y), given(">=", unary("floor", x)), given("!=", sub(x, unary("floor", x)))]
    whole = given("=", sub(unary("floor", unary("floor", x)), unary("floor", x)))
    refused("no derivative of polygamma is cited in place 1", "local", X, t, [*sides, whole])


def test_rewrite() -> None:
    th = local(power(x, 2))
    goal = mul(dx, mul(x, rat(2)))
    equal = same(th.conclusion.derivative, goal)  # type: ignore[union-attr, arg-type]
    assert rule("rewrite", th, equal).conclusion == Local(X, power(x, 2), goal)
    refused("a premise is not Local", "rewrite", equal, equal)
    refused("another derivative", "rewrite", local(cube), equal)
    refused("not an equation", "rewrite", th, given("=", x))
    constant = same(th.conclusion.derivative, add(goal, sub(y, y)))  # type: ignore[union-attr, arg-type]
    refused("not linear", "rewrite", th, constant)
    foreign = same(th.conclusion.derivative, add(goal, mul(ZERO, dy)))  # type: ignore[union-attr, arg-type]
    refused("not linear", "rewrite", th, foreign)


def test_linear_is_a_matter_of_form() -> None:
    for t in (
        ZERO,
        dx,
        mul(unary("inv", x), dx),
        sub(dx, mul(x, dx)),
        cond(">", x, dx, mul(x, dx)),
        cond(">", x, dx, ZERO),
    ):
        assert linear(t, X)
    for t in (
        ONE,
        x,
        dy,
        unary("exp", dx),
        mul(dx, dx),
        power(dx, 2),
        add(dx, ONE),
        add(dx, dy),
        cond(">", dx, dx, dx),
        cond(">", x, dx, ONE),
    ):
        assert not linear(t, X)


def test_has_deriv() -> None:
    th = local(unary("log", x), given(">", x))
    slope = mul(unary("inv", x), dx)
    shown = defined(slope, given(">", x))
    assert rule("has_deriv", th, shown).conclusion == HasDeriv(X, unary("log", x), slope)
    refused("another term", "has_deriv", th, defined(dx))
    refused("not Local", "has_deriv", shown, shown)
    refused("not Defined", "has_deriv", th, given(">", x))
    junk = add(slope, mul(ZERO, mul(unary("inv", ZERO), dx)))
    rewritten = rule("rewrite", th, same(slope, junk))
    refused("operand of inv", "defined", junk, [given(">", x)])
    refused("another term", "has_deriv", rewritten, shown)


def test_has_deriv_is_linear_for_its_form() -> None:
    """The chain rule with an inner constant leaves a product with 0, which must be rewritten first."""
    th = rule("chain", rule("local", frozenset({"w"}), power(w, 2), []), [("w", local(y))])
    flat = th.conclusion.derivative  # type: ignore[union-attr]
    refused("not linear in the tangents", "has_deriv", th, defined(flat))
    zero = mul(ZERO, dx)
    rewritten = rule("rewrite", th, same(flat, zero))
    assert rule("has_deriv", rewritten, defined(zero)).conclusion == HasDeriv(X, power(y, 2), zero)


def test_replace() -> None:
    above = given(">", x)
    equal = same(relu, x, (ONE, branch(relu, above)))
    th = rule("replace", local(x), equal, defined(relu, above), [local(x), above])
    assert th.conclusion == Local(X, relu, dx) and th.hyps == {lit(">", x)}
    refused("of other terms", "replace", local(power(x, 2)), equal, defined(relu, above), [local(x), above])
    refused("of other terms", "replace", local(x), equal, defined(x), [local(x), above])
    refused("not shown to be continuous", "replace", local(x), equal, defined(relu, above), [above])
    refused("not shown to hold strictly", "replace", local(x), equal, defined(relu, above), [local(x)])
    refused("not shown to be continuous", "replace", local(x), equal, defined(relu, above), [local(x, vary=XY), above])


def test_replace_keeps_hypotheses_on_what_does_not_move() -> None:
    one = given("=", sub(alpha, ONE))
    equal = arith("=", sub(mul(alpha, x), x), equations=[(x, one)])
    th = rule("replace", local(x), equal, defined(mul(alpha, x)), [])
    assert th.hyps == {lit("=", sub(alpha, ONE))}
    moving = rule("local", frozenset({"x", "alpha"}), x, [])
    refused("an equation on a varying symbol", "replace", moving, equal, defined(mul(alpha, x)), [one])


def test_chain_puts_the_inner_terms_into_hypotheses() -> None:
    outer = rule("local", frozenset({"w"}), unary("log", w), [given(">", w)])
    inner = add(power(x, 2), y)
    th = rule("chain", outer, [("w", local(inner))])
    assert th.hyps == {lit(">", inner)} and th.conclusion.term is unary("log", inner)  # type: ignore[union-attr]
    refused("a premise is not Local", "chain", given(">", x), [("w", local(x))])
    refused("a premise is not Local", "chain", outer, [("w", given(">", x))])
    refused("one inner theorem", "chain", outer, [])
    refused("one inner theorem", "chain", outer, [("w", local(x)), ("y", local(x))])
    smooth = rule("local", frozenset({"w"}), unary("exp", w), [])
    bent = local(unary("sqrt", power(x, 2)), arith(">=", power(x, 2), (1, [], [x])))
    assert rule("chain", smooth, [("w", bent)]).conclusion.derivative is None  # type: ignore[union-attr]


def test_chain_may_vary_its_own_symbols_again() -> None:
    th = rule("chain", local(power(x, 2)), [("x", local(add(x, ONE)))])
    assert th.conclusion.term is power(add(x, ONE), 2)  # type: ignore[union-attr]
    assert th.conclusion.derivative is mul(mul(rat(2), add(x, ONE)), dx)  # type: ignore[union-attr]


def test_higher() -> None:
    first = derivative(cube, mul(rat(3), power(x, 2)))
    second = rule("higher", first, derivative(mul(rat(3), power(x, 2)), mul(rat(6), x)), [])
    assert second.conclusion == NthDerivative("x", 2, cube, mul(rat(6), x))
    third = rule("higher", second, derivative(mul(rat(6), x), rat(6)), [])
    assert third.conclusion == NthDerivative("x", 3, cube, rat(6))
    refused("does not differentiate the derivative", "higher", first, first, [])
    refused("a premise is not HasDeriv", "higher", first, local(x), [])
    refused("does not differentiate the derivative", "higher", local(cube), first, [])
    both = local(mul(x, y), vary=XY)
    joint = rule("has_deriv", both, defined(both.conclusion.derivative))  # type: ignore[union-attr, arg-type]
    refused("not in one symbol", "higher", first, joint, [])


def test_higher_on_an_open_set() -> None:
    log = derivative(unary("log", x), unary("inv", x), given(">", x))
    slope = mul(rat(-1), power(unary("inv", x), 2))
    top = derivative(unary("inv", x), slope, given("!=", x))
    refused("not shown to hold strictly", "higher", log, top, [local(x)])
    assert rule("higher", log, top, [local(x), given(">", x)]).hyps == {lit(">", x), lit("!=", x)}
