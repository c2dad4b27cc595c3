"""One-sided derivatives and what follows from them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs.kernel.terms import KernelError, Term
from hasderiv.proofs.kernel.theorems import Local, NotDifferentiable, Side, Theorem

from .kit import (
    ONE,
    XY,
    ZERO,
    X,
    add,
    arith,
    branch,
    cond,
    continuity_of_root,
    cube,
    defined,
    dx,
    eps,
    given,
    h,
    lit,
    local,
    magnitude,
    mul,
    neg,
    number,
    power,
    rat,
    refused,
    relu,
    root_at_zero,
    root_continuous,
    root_limit,
    rule,
    same,
    side,
    smooth_side,
    sub,
    tangent,
    unary,
    var,
    w,
    x,
    y,
)

W = frozenset({"w"})
root = unary("sqrt", x)


def replace_parts() -> list[object]:
    """The arguments for the right derivative of relu at 0."""
    here, above = given("=", x), given(">", x)
    value = branch(relu, arith(">=", neg(x), equations=[(rat(-1), here)]))
    agree = same(relu, x, (ONE, value), (rat(-1), here))
    domain = defined(relu, arith(">=", neg(x), equations=[(rat(-1), here)]))
    equal = same(relu, x, (ONE, branch(relu, above)))
    return [local(x), "x", 1, equal, defined(relu, above), agree, domain, [local(x), here, number(">", 1)]]


def altered(parts: list[object], at: int, value: object) -> list[object]:
    return [*parts[:at], value, *parts[at + 1 :]]


def test_side_replace() -> None:
    parts = replace_parts()
    assert rule("side_replace", *parts).conclusion == Side("x", 1, relu, ONE, True)
    refused("of other terms", "side_replace", *altered(parts, 0, local(cube)))
    refused("of other terms", "side_replace", *altered(parts, 0, local(x, vary=XY)))
    refused("of other terms", "side_replace", *altered(parts, 1, "y"))
    refused("rise from 0 on that side", "side_replace", *altered(parts, 2, -1))
    refused("the sign must be", "side_replace", smooth_inner(), "x", 0, *trivial(x), [])
    refused("the sign must be", "side_replace", smooth_inner(), "x", 2, *trivial(x), [])
    refused("of other terms", "side_replace", *altered(parts, 3, same(x, x)))
    refused("of other terms", "side_replace", *altered(parts, 4, defined(x)))
    refused("agree at the point", "side_replace", *altered(parts, 5, same(x, x)))
    refused("not shown to be defined at the point", "side_replace", *altered(parts, 6, defined(x)))
    refused("hold strictly", "side_replace", *altered(parts, 7, [local(x)]))
    refused("rise from 0", "side_replace", *altered(parts, 7, [given("=", x), local(x)]))
    refused("rise from 0", "side_replace", *altered(parts, 7, [given("=", x), number(">", 1)]))
    continuous = local(unary("sqrt", power(x, 2)), arith(">=", power(x, 2), (1, [], [x])))
    t = unary("sqrt", power(x, 2))
    whole = defined(t, arith(">=", power(x, 2), (1, [], [x])))
    refused("not shown to be differentiable", "side_replace", continuous, "x", 1, *[same(t, t), whole] * 2, [])


def smooth_inner() -> Theorem:
    return local(x)


def trivial(t: Term) -> list[Theorem]:
    return [same(t, t), defined(t), same(t, t), defined(t)]


def test_a_hypothesis_may_hold_strictly_instead_of_rising() -> None:
    parts = replace_parts()
    off = [local(x), given(">", x)]
    th = rule("side_replace", *altered(altered(parts, 5, parts[3]), 6, parts[4])[:7], off)
    assert th.conclusion == Side("x", 1, relu, ONE, True) and th.hyps == {lit(">", x)}
    left = rule("side_replace", *altered(altered(altered(parts, 5, parts[3]), 6, parts[4]), 2, -1)[:7], off)
    assert left.conclusion == Side("x", -1, relu, ONE, True)


def test_what_rises_by_an_infinite_slope() -> None:
    """sqrt(x) > 0 to the right of 0, because its slope there is +oo."""
    _, r, _, _, r_zero, _, _ = premises("x")
    t = cond(">", r, x, y)
    above = given(">", r)
    equal = same(t, x, (ONE, branch(t, above)))
    at = given("=", x)
    exists = defined(t, above, defined(r, given(">=", x)))
    refused(
        "rise from 0", "side_replace", local(x), "x", 1, equal, exists, equal, exists, [r_zero, root_at_zero("x"), at]
    )
    within = [r_zero, root_at_zero("x"), at, local(x), number(">", 1)]
    rises = rule("side_replace", local(x), "x", 1, equal, positive_root(t), equal, positive_root(t), within)
    assert rises.conclusion == Side("x", 1, t, ONE, True)


def positive_root(t: Term) -> Theorem:
    """``sqrt(x) > 0, x > 0 |- t defined``."""
    return defined(t, given(">", root), given(">", x))


def premises(name: str) -> tuple[Term, Term, Term, Theorem, Theorem, Theorem, Theorem]:
    from .kit import root_premises

    return root_premises(name)


def test_side_jump_needs_a_direction() -> None:
    parts = replace_parts()
    refused("which way the term jumps", "side_jump", *parts)
    refused("which way the term jumps", "side_jump", *altered(parts, 5, given(">", sub(x, y))))
    refused(
        "not shown to be defined at the point", "side_jump", *altered(altered(parts, 5, number(">", 1)), 6, defined(x))
    )
    refused("the sign must be", "side_jump", smooth_inner(), "x", 3, *trivial(x), [])
    for sign, infinite in ((1, "-oo"), (-1, "+oo")):
        t = cond("=", x, ONE, ZERO)
        at, off = given("=", x), given("!=", x)
        value = branch(t, at)
        down = arith(">", sub(t, ZERO), (1, [], []), equations=[(ONE, value)])
        near = [local(x), at, number(">", 1)] if sign > 0 else None
        equal, exists = same(t, ZERO, (ONE, branch(t, off))), defined(t, off)
        if near is None:
            mirrored = cond("=", neg(x), ONE, ZERO)
            away, at_m = given("!=", neg(x)), arith("=", neg(x), equations=[(rat(-1), at)])
            t, equal, exists = mirrored, same(mirrored, ZERO, (ONE, branch(mirrored, away))), defined(mirrored, away)
            value = branch(t, at_m)
            down = arith(">", sub(t, ZERO), (1, [], []), equations=[(ONE, value)])
            near = [local(neg(x)), at_m, arith(">", neg(rat(-1)), (1, [], []))]
            at = at_m
        th = rule("side_jump", local(ZERO), "x", sign, equal, exists, down, defined(t, at), near)
        assert th.conclusion == Side("x", sign, t, infinite, False)


def test_side_compose_with_a_finite_slope() -> None:
    right = side(relu, x, 1, ONE)
    outer = local(add(mul(x, w), power(w, 2)), vary=frozenset({"x", "w"}))
    th = rule("side_compose", outer, "w", right, [])
    expected = add(mul(x, relu), power(relu, 2))
    assert th.conclusion.term is expected and th.hyps == right.hyps  # type: ignore[union-attr]
    slope = th.conclusion.slope  # type: ignore[union-attr]
    assert same(slope, add(add(relu, x), mul(rat(2), relu))).hyps == frozenset()
    refused("must vary in the new symbol", "side_compose", outer, "y", right, [])
    refused("must vary in the new symbol", "side_compose", local(x), "x", right, [])
    refused("constant of the outer term", "side_compose", local(mul(x, w), vary=W), "w", right, [])
    refused("must vary in the new symbol", "side_compose", local(mul(y, w), vary=frozenset({"y", "w"})), "w", right, [])
    refused("a premise is not Side", "side_compose", outer, "w", local(x), [])
    bent = rule("local", W, unary("sqrt", power(w, 2)), [arith(">=", power(w, 2), (1, [], [w]))])
    refused("not shown to be differentiable", "side_compose", bent, "w", right, [])


def test_side_compose_with_an_infinite_slope() -> None:
    steep = root_continuous()
    two = local(mul(rat(-2), w), vary=W)
    falls = arith(">", neg(rat(-2)), (2, [], []))
    refused("not shown to be positive or negative", "side_compose", two, "w", steep, [])
    slope = mul(rat(-2), ONE)
    falls = arith(">", neg(slope), (2, [], []))
    th = rule("side_compose", two, "w", steep, [falls])
    assert th.conclusion == Side("x", 1, mul(rat(-2), root), "-oo", True)
    refused("may jump", "side_compose", two, "w", root_at_zero("x"), [falls])


def test_side_compose_puts_the_inner_term_into_hypotheses() -> None:
    right = side(relu, x, 1, ONE)
    outer = rule("local", W, unary("log", w), [given(">", w)])
    assert lit(">", relu) in rule("side_compose", outer, "w", right, []).hyps
    named = arith(">", w, (1, [given(">", y)], []), equations=[(ONE, given("=", sub(w, y)))])
    at = rule("local", W, unary("log", w), [named])
    assert at.hyps == {lit(">", y), lit("=", sub(w, y))}
    th = rule("side_compose", at, "w", smooth_side(y, 1), [])
    assert th.hyps == {lit(">", y)}, "w - u = 0 is what w stands for"


def test_side_chain_of_infinite_slopes() -> None:
    outer = root_at_zero("w")
    up = rule("side_chain", outer, smooth_side(x, 1), [number(">", 1)])
    assert up.conclusion == Side("x", 1, unary("sqrt", x), "+oo", None) and up.hyps == {lit("=", x)}
    mirrored = rule("side_chain", outer, smooth_side(neg(x), -1), [arith(">", neg(rat(-1)), (1, [], []))])
    assert mirrored.conclusion == Side("x", -1, unary("sqrt", neg(x)), "-oo", None)
    nested = rule("side_chain", outer, root_continuous(), [])
    assert nested.conclusion == Side("x", 1, unary("sqrt", root), "+oo", None)
    refused("may jump", "side_chain", outer, root_at_zero("x"), [])
    refused("with its own symbol only", "side_chain", outer, smooth_side(add(x, w), 1), [number(">", 1)])
    refused("infinite slope needs side_compose", "side_chain", finite_at_w(), root_continuous(), [])


def finite_at_w() -> Theorem:
    t = power(w, 2)
    return rule("side_replace", local(t, vary=W), "w", 1, *trivial(t), [])


def test_side_limit_with_a_finite_slope() -> None:
    parts = square_limit()
    th = rule("side_limit", *parts)
    assert th.conclusion == Side("x", 1, power(x, 2), mul(rat(2), x), True) and th.hyps == frozenset()
    refused("bounds are not those", "side_limit", *altered(parts, 3, mul(rat(3), x)))
    refused("bounds are not those", "side_limit", *altered(parts, 2, -1))
    refused("bounds are not those", "side_limit", *altered(parts, 3, "+oo"))
    refused("bounds are not those", "side_limit", *altered(parts, 5, parts[5][:1]))  # type: ignore[index]
    refused("not a slope", "side_limit", *altered(parts, 3, "oo"))
    refused("the sign must be", "side_limit", *altered(parts, 2, 0))
    refused("not shown to be positive", "side_limit", *altered(parts, 6, given(">=", eps)))
    refused("defined on that side", "side_limit", *altered(parts, 7, defined(power(x, 2))))
    refused("not shown to be defined at the point", "side_limit", *altered(parts, 8, defined(x)))
    refused("a premise is not Defined", "side_limit", *altered(parts, 8, given(">", eps)))


def square_limit(t: Term | None = None) -> list[object]:
    """x^2 has right derivative 2x: the remainder is h^2 <= eps h for h < eps."""
    t = t or power(x, 2)
    moved = power(add(x, mul(ONE, h)), 2)
    r = sub(sub(moved, power(x, 2)), mul(mul(ONE, mul(rat(2), x)), h))
    room, step = given(">", sub(eps, h)), given(">", h)
    upper = arith(">=", sub(mul(eps, h), r), (1, [room, step], []))
    lower = arith(">=", add(mul(eps, h), r), (1, [given(">", eps), step], []), (1, [], [h]))
    return [t, "x", 1, mul(rat(2), x), eps, [upper, lower], given(">", eps), defined(moved), defined(t)]


def test_side_limit_keeps_eps_and_h_fresh() -> None:
    parts = square_limit()
    refused("eps and h must be fresh", "side_limit", *altered_limit(parts, delta=h))
    refused("eps, h or a tangent occurs in the slope", "side_limit", *altered(parts, 3, mul(eps, x)))
    refused("eps, h or a tangent occurs in the slope", "side_limit", *altered(parts, 3, mul(h, x)))
    refused("eps, h or a tangent occurs in the slope", "side_limit", *altered(parts, 3, dx))
    for t in (mul(eps, x), mul(h, x)):
        free = [t, "x", 1, ZERO, eps, [], given(">", eps), defined(t), defined(t)]
        refused("must be fresh", "side_limit", *free)
    moving = mul(tangent("x"), x)
    refused(
        "a tangent occurs", "side_limit", moving, "x", 1, ZERO, eps, [], given(">", eps), defined(x), defined(moving)
    )
    for name in ("eps", "h"):
        v = var(name)
        refused("moving symbol", "side_limit", v, name, 1, ONE, eps, [], given(">", eps), defined(v), defined(v))


def altered_limit(parts: list[object], delta: Term) -> list[object]:
    return altered(parts, 4, delta)


def test_side_limit_does_not_restrict_eps_or_h() -> None:
    """0 has derivative 1 for h = 0, or for eps > 1."""
    room, step = given(">", eps), given(">", h)
    for extra in (given(">", sub(eps, ONE)), given("=", h)):
        r = sub(sub(ZERO, ZERO), mul(mul(ONE, ONE), h))
        goals = [sub(mul(eps, h), r), add(mul(eps, h), r)]
        if extra.conclusion == given("=", h).conclusion:
            bounds = [
                arith(">=", g, (1, [room, step], []), equations=[(rat(s), extra)])
                for g, s in zip(goals, (1, -1), strict=True)
            ]
        else:
            bounds = [
                arith(">=", goals[0], (1, [room, step], []), (1, [step], [])),
                arith(">=", goals[1], (1, [extra, step], [])),
            ]
        refused(
            "restricts eps or h",
            "side_limit",
            ZERO,
            "x",
            1,
            ONE,
            eps,
            bounds,
            given(">", eps),
            defined(ZERO),
            defined(ZERO),
        )


def test_side_limit_at_infinity() -> None:
    assert root_at_zero("x").conclusion == Side("x", 1, root, "+oo", None)
    assert root_at_zero("x").hyps == {lit("=", x)}
    parts = root_limit("x")
    refused("bounds are not those", "side_limit", *altered(parts, 3, "-oo"))
    refused("bounds are not those", "side_limit", *altered(parts, 3, ONE))


def test_side_continuous() -> None:
    assert root_continuous().conclusion == Side("x", 1, root, "+oo", True)
    parts = continuity_of_root()
    refused("a premise is not Side", "side_continuous", local(x), *parts)
    refused("bounds are not those", "side_continuous", root_at_zero("x"), parts[0], [], *parts[2:])
    refused("not shown to be positive", "side_continuous", root_at_zero("x"), *altered(parts, 2, given(">", h)))
    refused("defined on that side", "side_continuous", root_at_zero("x"), *altered(parts, 3, defined(x)))


def test_an_infinite_side_is_a_tangent_or_a_jump_only_when_shown() -> None:
    refused("nothing shows whether the term jumps", "no_derivative", [root_at_zero("x")], None)
    th = rule("no_derivative", [root_continuous()], None)
    assert th.conclusion == NotDifferentiable(X, root, "vertical tangent", None, "+oo")


def test_from_sides() -> None:
    t = power(x, 2)
    left, right = smooth_side(t, -1), rule("side_limit", *square_limit())
    th = rule("from_sides", left, right, None)
    assert th.conclusion == Local(X, t, mul(mul(rat(2), x), dx))
    refused("not the two sides", "from_sides", right, left, None)
    refused("not the two sides", "from_sides", left, smooth_side(cube, 1), None)
    refused("a premise is not Side", "from_sides", left, local(x), None)
    at = rule("boundary", "x", -1, *gone(), root_continuous(), support_left())
    assert at.conclusion == NotDifferentiable(X, root, "boundary", None, "+oo")
    other = rule("side_replace", rule("rewrite", local(t), equal_slope()), "x", -1, *trivial(t), [])
    refused("not shown to be equal", "from_sides", other, right, None)
    refused("not shown to be equal", "from_sides", other, right, given("=", x))
    agree = same(add(x, x), mul(rat(2), x))
    assert rule("from_sides", other, right, agree).conclusion == Local(X, t, mul(add(x, x), dx))


def equal_slope() -> Theorem:
    return same(local(power(x, 2)).conclusion.derivative, mul(add(x, x), dx))  # type: ignore[union-attr, arg-type]


def test_from_sides_needs_finite_sides() -> None:
    steep = root_continuous()
    mirrored = rule("side_chain", root_at_zero("w"), smooth_side(neg(x), -1), [arith(">", neg(rat(-1)), (1, [], []))])
    refused("not the two sides", "from_sides", mirrored, steep, None)
    up = rule("side_chain", root_at_zero("w"), smooth_side(x, 1), [number(">", 1)])
    refused("not the two sides", "from_sides", up, up, None)


def gone() -> tuple[Theorem, Theorem]:
    at = given("=", x)
    return rule("undefined", root, [given(">", neg(x))]), defined(root, arith(">=", x, equations=[(ONE, at)]))


def support_left() -> list[Theorem]:
    at = given("=", x)
    return [local(neg(x)), arith("=", neg(x), equations=[(rat(-1), at)]), arith(">", neg(rat(-1)), (1, [], []))]


def test_boundary() -> None:
    th = rule("boundary", "x", -1, *gone(), None, support_left())
    assert th.conclusion == NotDifferentiable(X, root, "boundary", None, None) and th.hyps == {lit("=", x)}
    nothing, here = gone()
    refused("not shown to be defined at the point", "boundary", "x", -1, nothing, defined(x), None, support_left())
    refused("a premise is not Defined", "boundary", "x", -1, nothing, nothing, None, support_left())
    refused("hold strictly", "boundary", "x", -1, nothing, here, None, [])
    refused("the sign must be", "boundary", "x", 0, nothing, here, None, support_left())
    refused("not about the other side", "boundary", "x", -1, nothing, here, smooth_side(x, 1), support_left())
    refused(
        "not about the other side", "boundary", "x", -1, nothing, here, smooth_side(root_free(), -1), support_left()
    )


def root_free() -> Term:
    return mul(rat(2), x)


def corner_along_a_line() -> Theorem:
    """|x + h| has a corner at h = 0 where x = 0, found along the line x := x + 1 h."""
    t = add(x, mul(ONE, h))
    moved = cond(">=", t, t, neg(t))
    H = frozenset({"h"})
    at, zero = given("=", x), given("=", h)
    here = arith("=", t, equations=[(ONE, at), (ONE, zero)])
    value = branch(moved, arith(">=", t, equations=[(ONE, here)]))
    agree_up, agree_down = same(moved, t, (ONE, value)), same(moved, neg(t), (ONE, value), (rat(2), here))
    exists = defined(moved, arith(">=", t, equations=[(ONE, here)]))
    above = arith(">=", t, (1, [given(">", t)], []))
    below = given(">", neg(t))
    down = [
        local(neg(t), vary=H),
        arith("=", neg(t), equations=[(rat(-1), here)]),
        arith(">", neg(rat(-1)), (1, [], [])),
    ]
    equal = same(moved, t, (ONE, branch(moved, above)))
    up = [local(t, vary=H), here, number(">", 1)]
    right = rule("side_replace", local(t, vary=H), "h", 1, equal, defined(moved, above), agree_up, exists, up)
    equal = same(moved, neg(t), (ONE, branch(moved, below)))
    left = rule("side_replace", local(neg(t), vary=H), "h", -1, equal, defined(moved, below), agree_down, exists, down)
    return rule("no_derivative", [left, right], arith("!=", sub(rat(-1), ONE), (-2, [], [])))


def test_along() -> None:
    corner = corner_along_a_line()
    assert corner.hyps == {lit("=", x), lit("=", h)}
    th = rule("along", {"x": Fraction(1)}, magnitude, corner)
    assert th.conclusion == NotDifferentiable(X, magnitude, "corner", None, None) and th.hyps == {lit("=", x)}
    refused("another line", "along", {"x": Fraction(2)}, magnitude, corner)
    refused("another line", "along", {"y": Fraction(1)}, magnitude, corner)
    refused("must be fresh", "along", {"h": Fraction(1)}, magnitude, corner)
    refused("must be fresh", "along", {"x": Fraction(1)}, mul(h, x), corner)
    refused("a premise is not NotDifferentiable", "along", {"x": Fraction(1)}, magnitude, local(x))
    other = rule(
        "no_derivative", [side(relu, ZERO, -1, ZERO), side(relu, x, 1, ONE)], arith("!=", sub(ZERO, ONE), (-1, [], []))
    )
    refused("another line", "along", {"x": Fraction(1)}, relu, other)


def test_along_at_the_point_only() -> None:
    """A corner at h = 1 says nothing about h = 0."""
    corner = corner_along_a_line()
    shifted = rule("cut", arith("=", h, equations=[(ONE, given("=", sub(h, ZERO)))]), corner)
    refused("must be fresh", "along", {"x": Fraction(1)}, magnitude, shifted)


def test_no_derivative_is_about_one_term() -> None:
    apart = arith("!=", sub(ZERO, ONE), (-1, [], []))
    left, right = side(relu, ZERO, -1, ZERO), side(relu, x, 1, ONE)
    refused("not the sides of one term", "no_derivative", [left, smooth_side(x, 1)], apart)
    refused("not the sides of one term", "no_derivative", [right, right], apart)
    refused("not the sides of one term", "no_derivative", [], apart)
    refused("a premise is not Side", "no_derivative", [left, local(x)], apart)
    refused("not shown to differ", "no_derivative", [left, right], arith("!=", sub(ONE, ZERO), (1, [], [])))


@pytest.mark.parametrize("sign", [1, -1])
def test_sides_of_what_falls_do_not_count_as_rising(sign: int) -> None:
    """x - 1 > 0 does not hold next to x = 0, nor x > 0 on its left."""
    t = cond(">", mul(rat(-sign), x), ONE, ZERO)
    guard = t.terms[0]
    above = given(">", guard)
    equal = same(t, ONE, (ONE, branch(t, above)))
    at = arith("=", guard, equations=[(rat(-sign), given("=", x))])
    slope = arith(">", rat(1), (1, [], []))
    with pytest.raises(KernelError, match="rise from 0"):
        support = [local(guard), at, slope]
        rule("side_replace", local(ONE), "x", sign, equal, defined(t, above), equal, defined(t, above), support)
