# ruff: noqa: E501 -- a row of a table reads best on one line
# fmt: off
"""Attacks on the rules about derivatives, sides, intervals and maps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hasderiv.proofs.kernel.algebra import slope
from hasderiv.proofs.kernel.terms import Term, app, power
from hasderiv.proofs.kernel.theorems import Theorem

from .attack import EQ, FLOOR, GE, GT, INV, LOG, NE, Args, Entry, W, base, pairs
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
    continuity_of_root,
    cube,
    defined,
    derivative,
    dx,
    dy,
    eps,
    given,
    h,
    lit,
    local,
    magnitude,
    mul,
    neg,
    number,
    rat,
    relu,
    root_at_zero,
    root_continuous,
    rule,
    same,
    side,
    smooth_side,
    step,
    sub,
    unary,
    w,
    x,
    y,
)
from .test_side_rules import corner_along_a_line, gone, replace_parts, square_limit, support_left


def tangents() -> Iterator[Entry]:
    """The judgement on tangents."""
    fraction, here = sub(x, FLOOR), EQ
    for op, good, weak in (("inv", NE, GE), ("log", GT, GE), ("sqrt", GT, GE)):
        yield from base("local", [X, unary(op, x), [good]], (f"{op}_at_the_end_of_its_domain", f"{op} is differentiable", 2, [weak]))
    yield from base("local", [X, FLOOR, [given("!=", fraction)]], ("floor_at_an_integer", "floor is differentiable", 2, [given(">=", fraction)]))
    yield from base("local", [X, mul(x, unary("log", y)), [given(">", y)]], ("constant_undefined", "operand of log", 2, [given(">=", y)]))
    yield from base("local", [X, mul(x, unary("sqrt", y)), [given(">=", y)]], ("constant_that_varies", "sqrt is differentiable", 0, XY))
    anywhere = arith(">=", power(x, 2), (1, [], [x]))
    at_point = arith(">=", power(x, 2), (1, [GE, GE], []))
    yield from base("local", [X, unary("sqrt", power(x, 2)), [anywhere]], ("root_of_what_is_nonnegative_here_only", "sqrt is differentiable", 2, [at_point]))
    yield from base("local", [X, x, []], ("tangent_in_the_term", "a tangent occurs", 1, mul(dx, x)))
    met = arith("=", sub(x, ZERO), equations=[(ONE, here)])
    yield from base("local", [X, relu, [met]], ("glue_without_equal_values", "not shown equal", 2, [here]))
    yield from base("local", [X, relu, [GT]], ("guard_that_is_not_strict", "not shown equal", 2, [GE]), ("guard_not_zero", "not shown equal", 2, [NE]))
    guard = sub(ONE, magnitude)
    t = cond(">", guard, cube, x)
    value = branch(magnitude, arith(">=", x, equations=[(ONE, here)]))
    positive = arith(">", guard, (1, [], []), equations=[(rat(-1), value), (rat(-1), here)])
    seam = arith("=", sub(x, neg(x)), equations=[(rat(2), here)])
    yield from base("local", [X, t, [positive, seam]], ("guard_not_shown_to_be_continuous", "not shown equal", 2, [positive]))
    fixed = cond("=", y, x, power(x, 2))
    yield from base(
        "local", [X, fixed, [given("=", y)]],
        ("guard_undecided", "nothing decides the guard", 2, []),
        ("equation_on_a_guard_that_moves", "not shown equal", 0, XY),
    )
    off = cond(">", x, x, unary("inv", ZERO))
    yield from base("local", [X, off, [GT]], ("other_branch_at_the_seam", "operand of inv", 2, [here]))
    bessel, integer = app("besselj", y, x), given("=", sub(unary("floor", y), y))
    yield from base(
        "local", [X, bessel, [integer]],
        ("cited_domain", "the domain of besselj", 2, []),
        ("no_derivative_in_this_place", "cited in place 1", 0, XY),
    )
    other = local(unary("inv", y), given("!=", y), vary=frozenset({"y"}))
    yield from base("local", [frozenset({"y"}), unary("inv", y), [other]], ("side_that_varies_otherwise", "inv is differentiable", 0, XY))
    square, goal = local(power(x, 2)), mul(dx, mul(x, rat(2)))
    old: Term = square.conclusion.derivative  # type: ignore[union-attr, assignment]
    yield from base(
        "rewrite", [square, same(old, goal)],
        ("another_derivative", "another derivative", 0, local(cube)),
        ("no_equation", "not an equation", 1, EQ),
        ("not_linear", "not linear", 1, same(old, add(goal, sub(y, y)))),
        ("foreign_tangent", "not linear", 1, same(old, add(goal, mul(ZERO, dy)))),
        ("square_of_a_tangent", "not linear", 1, same(old, add(goal, sub(mul(dx, dx), mul(dx, dx))))),
        ("of_a_literal", "not Local", 0, EQ),
    )
    slope = mul(INV, dx)
    yield from base(
        "has_deriv", [local(LOG, GT), defined(slope, GT)],
        ("another_term_defined", "another term", 1, defined(dx)),
        ("not_shown_to_be_defined", "not Defined", 1, GT),
        ("only_continuous", "another term", 0, local(unary("sqrt", power(x, 2)), anywhere)),
    )
    flat = rule("chain", rule("local", W, power(w, 2), []), [("w", local(y))])
    zero = mul(ZERO, dx)
    yield from pairs("has_deriv", ("not_linear", "not linear", [rule("rewrite", flat, same(flat.conclusion.derivative, zero)), defined(zero)], [flat, defined(flat.conclusion.derivative)]))  # type: ignore[union-attr, arg-type]
    equal, domain = same(relu, x, (ONE, branch(relu, GT))), defined(relu, GT)
    yield from base(
        "replace", [local(x), equal, domain, [local(x), GT]],
        ("another_inner_term", "of other terms", 0, local(power(x, 2))),
        ("another_term_defined", "of other terms", 2, defined(x)),
        ("guard_not_continuous", "not shown to be continuous", 3, [GT]),
        ("guard_not_strict", "hold strictly", 3, [local(x), GE]),
        ("at_the_seam", "hold strictly", 3, [local(x), EQ]),
        ("continuous_in_other_symbols", "not shown to be continuous", 3, [local(x, vary=XY), GT]),
    )
    one = given("=", sub(alpha, ONE))
    held = arith("=", sub(mul(alpha, x), x), equations=[(x, one)])
    moving = rule("local", frozenset({"x", "alpha"}), x, [])
    near = [one, local(sub(alpha, ONE), vary=frozenset({"x", "alpha"}))]
    yield from base("replace", [local(x), held, defined(mul(alpha, x)), near], ("equation_on_what_moves", "an equation on a varying symbol", 0, moving))
    joint = local(mul(w, y), vary=frozenset({"w", "y"}))
    yield from base(
        "chain", [joint, [("w", local(x)), ("y", local(x))]],
        ("inner_missing", "one inner theorem", 1, [("w", local(x))]),
        ("inner_twice", "one inner theorem", 1, [("w", local(x)), ("w", local(x))]),
        ("inner_for_another_symbol", "one inner theorem", 1, [("w", local(x)), ("z", local(x))]),
        ("inner_that_vary_otherwise", "do not vary the same", 1, [("w", local(x)), ("y", local(x, vary=XY))]),
        ("inner_no_derivative", "not Local", 1, [("w", local(x)), ("y", EQ)]),
    )
    yield from base("chain", [local(power(w, 2), vary=W), [("w", local(x))]], ("two_for_one_symbol", "one inner theorem", 1, [("w", local(x)), ("w", local(x))]))
    yield from base("chain", [local(mul(w, y), vary=W), [("w", local(x))]], ("captured", "occurs in the term beside", 0, local(mul(w, x), vary=W)))
    first = derivative(cube, mul(rat(3), power(x, 2)))
    top = derivative(mul(rat(3), power(x, 2)), mul(rat(6), x))
    both = local(mul(x, y), vary=XY)
    yield from base(
        "higher", [first, top, []],
        ("of_another_term", "does not differentiate", 1, first),
        ("below_no_derivative", "does not differentiate", 0, local(cube)),
        ("in_two_symbols", "not in one symbol", 1, rule("has_deriv", both, defined(both.conclusion.derivative))),  # type: ignore[union-attr, arg-type]
    )
    t = mul(power(x, 2), y)
    in_x, twice = derivative(t, mul(mul(rat(2), x), y)), mul(rat(2), y)
    order_two = rule("higher", in_x, derivative(mul(mul(rat(2), x), y), twice), [])
    in_y = local(twice, vary=frozenset({"y"}))
    other_symbol = rule("has_deriv", in_y, defined(in_y.conclusion.derivative))  # type: ignore[union-attr, arg-type]
    yield from base("higher", [order_two, derivative(twice, ZERO), []], ("in_another_symbol", "does not differentiate", 1, other_symbol))
    log, second = derivative(LOG, INV, GT), derivative(INV, neg(power(INV, 2)), NE)
    yield from base("higher", [log, second, [local(x), GT]], ("not_on_an_open_set", "hold strictly", 2, [local(x)]), ("order_one_at_a_point", "hold strictly", 2, [local(x), GE]))


def one_sided() -> Iterator[Entry]:
    """One-sided derivatives, and the theorems that there is no derivative."""
    good = replace_parts()
    other = same(x, x)
    at, rise = given("=", x), number(">", 1)
    yield from base(
        "side_replace", good,
        ("another_inner_term", "of other terms", 0, local(cube)),
        ("inner_varies_otherwise", "of other terms", 0, local(x, vary=XY)),
        ("another_symbol", "of other terms", 1, "y"),
        ("the_other_side", "rise from 0", 2, -1),
        ("equal_to_another_term", "of other terms", 3, other),
        ("another_term_defined", "of other terms", 4, defined(x)),
        ("values_at_the_point", "agree at the point", 5, other),
        ("not_defined_at_the_point", "defined at the point", 6, defined(x)),
        ("hypothesis_not_zero_at_the_point", "hold strictly", 7, [local(x), rise]),
        ("hypothesis_that_does_not_rise", "rise from 0", 7, [at, local(x)]),
        ("hypothesis_without_slope", "rise from 0", 7, [at, rise]),
    )
    trivial = [other, defined(x), other, defined(x)]
    yield from base("side_replace", [local(x), "x", 1, *trivial, []], ("no_side", "the sign must be", 2, 0), ("two_sides", "the sign must be", 2, 2))
    smooth, root = local(unary("exp", w), vary=W), unary("sqrt", power(x, 2))
    nonneg = arith(">=", power(x, 2), (1, [], [x]))
    exp, bent = unary("exp", x), unary("exp", root)
    whole = [same(bent, bent), defined(bent, nonneg)]
    yield from pairs(
        "side_replace",
        (
            "chain_with_what_is_only_continuous", "not shown to be differentiable",
            [rule("chain", smooth, [("w", local(x))]), "x", 1, same(exp, exp), defined(exp), same(exp, exp), defined(exp), []],
            [rule("chain", smooth, [("w", local(root, nonneg))]), "x", 1, *whole, *whole, []],
        ),
    )
    no = arith(">=", neg(x), equations=[(rat(-1), at)])
    apart = arith(">", sub(ONE, step), (1, [], []), equations=[(rat(-1), branch(step, no))])
    equal = same(step, ONE, (ONE, branch(step, GT)))
    yield from base(
        "side_jump", [local(ONE), "x", 1, equal, defined(step, GT), apart, defined(step, no), [local(x), at, rise]],
        ("no_direction", "which way", 5, branch(step, no)),
        ("not_defined_at_the_point", "defined at the point", 6, defined(x)),
        ("the_other_side", "rise from 0", 2, -1),
        ("not_nearby", "hold strictly", 7, [local(x), rise]),
    )
    right = side(relu, x, 1, ONE)
    xw = frozenset({"x", "w"})
    bent = rule("local", W, unary("sqrt", power(w, 2)), [arith(">=", power(w, 2), (1, [], [w]))])
    yield from base(
        "side_compose", [local(add(mul(x, w), power(w, 2)), vary=xw), "w", right, []],
        ("another_symbol", "vary in the new symbol", 1, "y"),
        ("the_moving_symbol", "vary in the new symbol", 1, "x"),
        ("constant_that_moves", "constant of the outer term", 0, local(mul(x, w), vary=W)),
        ("further_symbol", "vary in the new symbol", 0, local(mul(y, w), vary=frozenset({"y", "w"}))),
        ("outer_only_continuous", "not shown to be differentiable", 0, bent),
        ("new_symbol_in_the_inner_term", "vary in the new symbol", 2, smooth_side(add(x, w), 1)),
        ("inner_no_side", "not Side", 2, local(x)),
    )
    two, falls = local(mul(rat(-2), w), vary=W), arith(">", neg(mul(rat(-2), ONE)), (2, [], []))
    yield from base(
        "side_compose", [two, "w", root_continuous(), [falls]],
        ("infinite_times_unknown", "positive or negative", 3, []),
        ("infinite_times_zero", "positive or negative", 0, local(power(w, 2), vary=W)),
        ("inner_may_jump", "may jump", 2, root_at_zero("x")),
    )
    outer = root_at_zero("w")
    yield from base(
        "side_chain", [outer, smooth_side(x, 1), [rise]],
        ("moves_to_the_other_side", "not shown to move", 1, smooth_side(x, -1)),
        ("does_not_move", "not shown to move", 2, []),
        ("inner_may_jump", "may jump", 1, root_at_zero("x")),
        ("outer_symbol_in_the_inner_term", "with its own symbol only", 1, smooth_side(add(x, w), 1)),
    )
    yield from base("side_chain", [outer, root_continuous(), []], ("infinite_into_finite", "needs side_compose", 0, right_in_w(power(w, 2))))
    yield from pairs("side_chain", ("moving_symbol_in_the_outer_term", "with its own symbol only", [right_in_w(mul(rat(2), w)), smooth_side(x, 1), [rise]], [right_in_w(mul(x, w)), smooth_side(x, 1), [rise]]))
    limit = square_limit()
    yield from base(
        "side_limit", limit,
        ("another_slope", "bounds are not those", 3, mul(rat(3), x)),
        ("the_other_side", "bounds are not those", 2, -1),
        ("no_side", "the sign must be", 2, 0),
        ("infinite_slope", "bounds are not those", 3, "+oo"),
        ("one_bound", "bounds are not those", 5, limit[5][:1]),  # type: ignore[index]
        ("bounds_swapped", "bounds are not those", 5, limit[5][::-1]),  # type: ignore[index]
        ("delta_may_be_zero", "not shown to be positive", 6, arith(">=", eps, (1, [given(">", eps)], []))),
        ("not_defined_on_the_side", "defined on that side", 7, defined(power(x, 2))),
        ("not_defined_at_the_point", "defined at the point", 8, defined(x)),
    )
    flat_good = zero_has_slope(ZERO, None)
    yield from pairs(
        "side_limit",
        ("restricts_h", "restricts eps or h", flat_good, zero_has_slope(ONE, given("=", h))),
        ("restricts_eps", "restricts eps or h", flat_good, zero_has_slope(ONE, given(">", sub(eps, ONE)))),
        ("slope_depends_on_eps", "occurs in the slope", flat_good, zero_has_slope(mul(ZERO, eps), None)),
        ("slope_depends_on_h", "occurs in the slope", flat_good, zero_has_slope(mul(ZERO, h), None)),
        ("tangent_in_the_slope", "occurs in the slope", flat_good, zero_has_slope(mul(ZERO, dx), None)),
        ("term_depends_on_eps", "must be fresh", flat_good, zero_has_slope(ZERO, None, eps)),
        ("term_depends_on_h", "must be fresh", flat_good, zero_has_slope(ZERO, None, h)),
        ("tangent_in_the_term", "a tangent occurs", flat_good, zero_has_slope(ZERO, None, dx)),
    )
    wide = add(ONE, power(h, 2))
    everywhere = arith(">", wide, (1, [], []), (1, [], [h]))
    yield from pairs("side_limit", ("delta_depends_on_h", "must be fresh", flat_good, [*flat_good[:4], wide, flat_good[5], everywhere, *flat_good[7:]]))
    yield from base("side_limit", flat_good, ("moves_eps", "the moving symbol", 1, "eps"), ("moves_h", "the moving symbol", 1, "h"), ("sign_true", "not an integer", 2, True), ("sign_as_a_float", "not an integer", 2, 1.0))
    rest = continuity_of_root()
    yield from base(
        "side_continuous", [root_at_zero("x"), *rest],
        ("of_no_side", "not Side", 0, local(x)),
        ("no_bounds", "bounds are not those", 2, []),
        ("delta_not_positive", "not shown to be positive", 3, given(">", h)),
        ("not_defined_on_the_side", "defined on that side", 4, defined(x)),
    )
    t = power(x, 2)
    left, limit_side = smooth_side(t, -1), rule("side_limit", *square_limit())
    twice = rule("rewrite", local(t), same(local(t).conclusion.derivative, mul(add(x, x), dx)))  # type: ignore[union-attr, arg-type]
    low = rule("side_replace", twice, "x", -1, same(t, t), defined(t), same(t, t), defined(t), [])
    yield from base("from_sides", [low, limit_side, same(add(x, x), mul(rat(2), x))], ("not_shown_to_be_equal", "shown to be equal", 2, None), ("equal_at_another_point", "shown to be equal", 2, EQ))
    yield from base("from_sides", [left, limit_side, None], ("same_side_twice", "not the two sides", 0, limit_side), ("of_two_terms", "not the two sides", 1, smooth_side(add(t, ONE), 1)), ("no_side", "not Side", 1, local(x)))
    mirrored = rule("side_chain", root_at_zero("w"), smooth_side(neg(x), -1), [arith(">", neg(rat(-1)), (1, [], []))])
    yield from base("no_derivative", [[root_continuous()], None], ("perhaps_a_jump", "whether the term jumps", 0, [root_at_zero("x")]), ("no_sides", "not the sides", 0, []), ("perhaps_a_jump_on_the_left", "whether the term jumps", 0, [mirrored]))
    differ = arith("!=", sub(ZERO, ONE), (-1, [], []))
    down = side(relu, ZERO, -1, ZERO)
    yield from base(
        "no_derivative", [[down, right], differ],
        ("not_shown_to_differ", "not shown to differ", 1, None),
        ("differ_in_the_other_order", "not shown to differ", 1, arith("!=", sub(ONE, ZERO), (1, [], []))),
        ("one_finite_side", "not shown to differ", 0, [right]),
        ("same_side_twice", "not the sides", 0, [right, right]),
        ("of_two_terms", "not the sides", 0, [down, smooth_side(x, 1)]),
        ("of_no_side", "not Side", 0, [down, local(x)]),
    )
    nothing, here = gone()
    yield from base(
        "boundary", ["x", -1, nothing, here, root_continuous(), support_left()],
        ("the_other_side", "rise from 0", 1, 1),
        ("not_defined_at_the_point", "defined at the point", 3, defined(x)),
        ("not_undefined_nearby", "hold strictly", 5, []),
        ("nothing_undefined", "not Undefined", 2, here),
        ("side_of_another_term", "not about the other side", 4, smooth_side(x, 1)),
    )
    corner = corner_along_a_line()
    shifted = rule("cut", arith("=", h, equations=[(ONE, given("=", sub(h, ZERO)))]), corner)
    yield from base(
        "along", [{"x": Fraction(1)}, magnitude, corner],
        ("another_direction", "another line", 0, {"x": Fraction(2)}),
        ("another_symbol", "another line", 0, {"y": Fraction(1)}),
        ("no_direction", "another line", 0, {}),
        ("direction_in_h", "must be fresh", 0, {"h": Fraction(1)}),
        ("at_another_point", "must be fresh", 2, shifted),
        ("in_another_symbol", "another line", 2, corner_of_the_sum("x")),
        ("of_a_derivative", "not NotDifferentiable", 2, local(x)),
    )


def right_in_w(t: Term) -> Theorem:
    """The right derivative of a smooth term in ``w``."""
    return rule("side_replace", local(t, vary=W), "w", 1, same(t, t), defined(t), same(t, t), defined(t), [])


def corner_of_the_sum(symbol: str) -> Theorem:
    """``x = 0, h = 0 |- abs(x + 1 h)`` has a corner in one of its symbols."""
    t, vary = add(x, mul(ONE, h)), frozenset({symbol})
    moved = cond(">=", t, t, neg(t))
    at = arith("=", t, equations=[(ONE, EQ), (ONE, given("=", h))])
    above, below = arith(">=", t, (1, [given(">", t)], [])), given(">", neg(t))
    value = branch(moved, arith(">=", t, equations=[(ONE, at)]))
    exists = defined(moved, arith(">=", t, equations=[(ONE, at)]))
    sides = []
    for sign, arm, on, agree in ((-1, neg(t), below, [(ONE, value), (rat(2), at)]), (1, t, above, [(ONE, value)])):
        zero, rises = (at, number(">", 1)) if sign > 0 else (arith("=", neg(t), equations=[(rat(-1), at)]), arith(">", neg(rat(-1)), (1, [], [])))
        near = [local(arm, vary=vary), zero, rises]
        equal = same(moved, arm, (ONE, branch(moved, on)))
        sides.append(rule("side_replace", local(arm, vary=vary), symbol, sign, equal, defined(moved, on), same(moved, arm, *agree), exists, near))
    return rule("no_derivative", sides, arith("!=", sub(rat(-1), ONE), (-2, [], [])))


def zero_has_slope(q: Term, extra: Theorem | None, e: Term = ZERO) -> Args:
    """The arguments for: ``e``, which is constant, has the right derivative ``q``, shown with the help of ``extra``."""
    low, room = given(">", h), given(">", eps)
    r = sub(sub(e, e), mul(mul(ONE, q), h))
    upper, lower = sub(mul(eps, h), r), add(mul(eps, h), r)
    if extra is None:
        bounds = [arith(">=", g, (1, [room, low], [])) for g in (upper, lower)]
    elif extra.conclusion == given("=", h).conclusion:
        bounds = [arith(">=", g, (1, [room, low], []), equations=[(rat(k), extra)]) for g, k in ((upper, 1), (lower, -1))]
    else:
        bounds = [arith(">=", upper, (1, [room, low], []), (1, [low], [])), arith(">=", lower, (1, [extra, low], []))]
    return [e, "x", 1, q, eps, bounds, room, defined(e), defined(e)]


def regions() -> Iterator[Entry]:
    """Intervals, points and maps: holes, overlaps, and pieces without a point."""
    e = sub(power(x, 2), rat(2))
    a, b, piece = rat(1), rat(2), (lit("=", e), lit(">", sub(x, ONE)))
    ends = [arith(">", g, (q, [], [])) for g, q in ((sub(b, a), 1), (neg(sub(power(a, 2), rat(2))), 1), (sub(power(b, 2), rat(2)), 2))]
    facts = [given("=", e), given(">", sub(x, a))]
    yield from base(
        "root", [piece, "x", (a, b), {}, local(e), ends, facts],
        ("no_change_of_sign", "a literal is not shown", 5, ends[:2]),
        ("no_sign_at_the_start", "a literal is not shown", 5, [ends[0], ends[2]]),
        ("interval_not_shown_to_have_a_length", "a literal is not shown", 5, ends[1:]),
        ("interval_reversed", "a literal is not shown", 2, (b, a)),
        ("literal_of_the_piece_not_shown", "a literal is not shown", 6, facts[:1]),
        ("further_hypothesis", "further hypotheses", 6, [*facts, given(">", y)]),
        ("moving_symbol_fixed", "in the symbol alone", 3, {"x": a}),
        ("continuous_in_two_symbols", "in the symbol alone", 4, local(e, vary=XY)),
        ("continuous_elsewhere_only", "on the whole interval", 4, burdened(local(e))),
        ("end_with_a_symbol", "has a symbol in it", 2, (a, y)),
        ("value_with_a_symbol", "has a symbol in it", 3, {"y": y}),
    )
    grows = rule("fact", "exp_pos", [], [x], [])
    exp = unary("exp", x)
    rise = rule("cut", grows, arith(">", exp, (1, [given(">", exp)], [])))
    inverse = local(neg(INV), NE)
    up = arith(">", slope(inverse.conclusion.derivative, "x"), (1, [given("!=", INV)], []))  # type: ignore[union-attr, arg-type]
    yield from pairs("increases", ("pole_inside", "depends on the moving symbol", ["x", (ZERO, y), local(exp), rise], ["x", (rat(-1), ONE), inverse, up]))
    yield from base(
        "increases", ["x", (ZERO, y), local(exp), rise],
        ("end_that_moves", "depends on the moving symbol", 1, (ZERO, x)),
        ("another_symbol", "in the symbol alone", 0, "y"),
        ("in_two_symbols", "in the symbol alone", 2, local(exp, vary=XY)),
        ("sign_of_another_term", "not about the sign", 3, arith(">", mul(rat(2), exp), (2, [grows], []))),
        ("nonzero_is_no_sign", "not about the sign", 3, arith("!=", exp, (1, [grows], []))),
        ("only_continuous", "not shown to be differentiable", 2, local(relu, arith("=", sub(x, ZERO), equations=[(ONE, EQ)]))),
    )
    positive, rest = (lit(">", x),), (lit(">=", neg(x)),)
    strip = (lit(">", x), lit(">", sub(ONE, x)))
    both = [given(*k) for k in strip]
    yield from base(
        "within", [[strip, positive], 0, both],
        ("a_literal_missing", "a literal is not shown", 2, both[:1]),
        ("a_literal_too_weak", "a literal is not shown", 2, [GE, both[1]]),
        ("no_such_piece", "no such piece", 1, 2),
        ("negative_index", "no such piece", 1, -1),
    )
    yield from base(
        "point", [positive, {"x": ONE}, [number(">", 1)]],
        ("not_in_the_piece", "a literal is not shown", 1, {"x": ZERO}),
        ("no_fact", "a literal is not shown", 2, []),
        ("fact_under_a_hypothesis", "further hypotheses", 2, [GT]),
        ("no_point", "has a symbol in it", 1, {"x": y}),
        ("symbol_without_value", "a literal is not shown", 1, {}),
    )
    two = [positive, rest]
    covered = rule("cases", lit(">", x), rule("within", two, 0, [GT]), rule("within", two, 1, [given(">=", neg(x))]))
    wide = [positive, (lit(">", sub(ONE, x)),)]
    under_one = rule("within", wide, 1, [arith(">", sub(ONE, x), (1, [], []), (1, [given(">=", neg(x))], []))])
    overlapping = rule("cases", lit(">", x), rule("within", wide, 0, [GT]), under_one)
    clash = arith(">", ZERO, (1, [GT], []), (1, [given(">=", neg(x))], []))
    points = [rule("point", positive, {"x": ONE}, [number(">", 1)]), rule("point", rest, {"x": ZERO}, [arith(">=", neg(ZERO))])]
    yes = derivative(x, ONE)
    at_zero = rule("point", wide[1], {"x": ZERO}, [arith(">", sub(ONE, ZERO), (1, [], []))])
    yield from pairs("map", ("overlap", "to be disjoint", [X, x, (), covered, [yes, yes], [clash], points], [X, x, (), overlapping, [yes, yes], [clash], [points[0], at_zero]]))
    yield from base(
        "map", [X, x, (), covered, [yes, yes], [clash], points],
        ("hole", "exhaustive under further", 3, rule("within", two, 0, [GT])),
        ("not_shown_to_be_disjoint", "to be disjoint", 5, [GT]),
        ("disjoint_under_a_hypothesis", "to be disjoint", 5, [arith(">", rat(-1), (1, [given(">", y)], []), (1, [given(">", sub(rat(-1), y))], []))]),
        ("proof_of_disjointness_missing", "missing or left over", 5, []),
        ("proof_left_over", "missing or left over", 5, [clash, clash]),
        ("verdict_missing", "missing or left over", 4, [yes]),
        ("piece_without_a_point", "to hold somewhere", 6, [points[1], points[1]]),
        ("witness_missing", "missing or left over", 6, points[:1]),
        ("assumption_without_a_point", "to hold somewhere", 2, (lit(">", y),)),
        ("verdict_on_another_term", "not about the derivative", 4, [yes, derivative(power(x, 2), mul(rat(2), x))]),
        ("verdict_under_a_hypothesis", "needs further hypotheses", 4, [yes, rule("has_deriv", burdened(local(x)), defined(mul(dx, ONE)))]),
        ("of_another_term", "not about the derivative", 1, y),
        ("in_another_symbol", "not about the derivative", 0, frozenset({"y"})),
        ("no_pieces", "not Within", 3, GT),
    )


def burdened(th: Theorem) -> Theorem:
    """A derivative, under a hypothesis that it does not need."""
    old: Term = th.conclusion.derivative  # type: ignore[union-attr, assignment]
    return rule("rewrite", th, same(old, mul(old, ONE), (ZERO, given("=", alpha))))
