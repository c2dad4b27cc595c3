"""The traps of DESIGN.md: what a careless kernel accepts, refused here, each for the right reason."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs.kernel.algebra import slope
from hasderiv.proofs.kernel.terms import KernelError, Term, substitute
from hasderiv.proofs.kernel.theorems import HasDeriv, Holds, Local, NotDifferentiable, Side, Somewhere, Theorem, held

from .kit import (
    ONE,
    XY,
    ZERO,
    X,
    add,
    arith,
    branch,
    cond,
    cube,
    defined,
    derivative,
    dw,
    dx,
    given,
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
    rule,
    same,
    side,
    smooth_side,
    step,
    sub,
    tangent,
    unary,
    w,
    x,
    y,
)

root = unary("sqrt", x)


def test_definedness_is_a_judgement_of_its_own() -> None:
    """x sqrt(x) ~> 17 dx at 0: curves confined to x >= 0 have tangent 0 there."""
    here = given("=", x)
    nonneg = arith(">=", x, equations=[(ONE, here)])
    refused("nothing shows that sqrt is differentiable", "local", X, mul(x, root), [nonneg, here])
    assert defined(mul(x, root), nonneg).hyps == {lit("=", x)}, "it is defined at the point all the same"


def test_the_boundary_of_a_domain_is_not_outside_it() -> None:
    here = given("=", x)
    below = given(">", neg(x))
    gone = rule("undefined", root, [below])
    nonneg = arith(">=", x, equations=[(ONE, here)])
    leaves = [local(neg(x)), arith("=", neg(x), equations=[(rat(-1), here)]), arith(">", neg(rat(-1)), (1, [], []))]
    th = rule("boundary", "x", -1, gone, defined(root, nonneg), None, leaves)
    assert th.conclusion == NotDifferentiable(X, root, "boundary", None, None)
    refused("not shown to rise", "boundary", "x", 1, gone, defined(root, nonneg), None, leaves)
    refused("a premise is not Undefined", "boundary", "x", -1, here, defined(root, nonneg), None, leaves)


def test_the_differentiated_term_is_rewritten_on_open_sets_only() -> None:
    """x >= 0 |- sqrt(x)^2 = x does not make sqrt(x)^2 differentiable at 0."""
    nonneg = given(">=", x)
    square = power(root, 2)
    equal = rule("fact", "sqrt_square", [], [x], [nonneg])
    refused("not shown to hold strictly", "replace", local(x), equal, defined(square, nonneg), [local(x), nonneg])
    strictly = [local(x), given(">", x)]
    assert rule("replace", local(x), equal, defined(square, nonneg), strictly).hyps == {lit(">", x)}


def test_an_equation_at_the_point_does_not_rewrite_the_term() -> None:
    """x = 0 |- x = 0 would give x ~> 0."""
    here = given("=", x)
    equal = arith("=", sub(x, ZERO), equations=[(ONE, here)])
    refused("an equation on a varying symbol", "replace", local(ZERO), equal, defined(x), [here, local(x)])


def test_order_two_needs_order_one_on_an_open_set() -> None:
    """At x = 0, x^2/2 has derivative 0; that 0 is constant does not make the second derivative 0."""
    here = given("=", x)
    first = local(power(x, 2))
    zero = mul(ZERO, dx)
    at_zero = arith("=", sub(first.conclusion.derivative, zero), equations=[(mul(rat(2), dx), here)])  # type: ignore[union-attr]
    low = rule("has_deriv", rule("rewrite", first, at_zero), defined(zero))
    top = rule("has_deriv", rule("rewrite", local(ZERO), same(ZERO, zero)), defined(zero))
    refused("an equation on a varying symbol", "higher", low, top, [here, local(x)])
    general = derivative(power(x, 2), mul(rat(2), x))
    second = rule("higher", general, derivative(mul(rat(2), x), rat(2)), [])
    assert (second.conclusion.order, second.conclusion.derivative) == (2, rat(2))  # type: ignore[union-attr]


def test_a_strict_guard_needs_a_continuous_side() -> None:
    """step(x) < 1/2 at 0 says nothing about the neighbours of 0."""
    guard = sub(step, rat(Fraction(1, 2)))
    here = given("=", x)
    off = branch(step, arith(">=", neg(x), equations=[(rat(-1), here)]))
    below = arith(">", neg(guard), (Fraction(1, 2), [], []), equations=[(rat(-1), off)])
    t = cond(">", guard, x, neg(x))
    refused("its branches are not shown equal", "local", X, t, [below, here])
    no = given(">=", neg(guard))
    equal = same(t, neg(x), (ONE, branch(t, no)))
    both = defined(t, no, defined(guard, given(">", x)))
    refused("not shown to be continuous", "replace", local(neg(x)), equal, equal_domain(t, no), [below])
    assert both.hyps == {lit(">=", neg(guard)), lit(">", x)}


def equal_domain(t: Term, no: Theorem) -> Theorem:
    """``t`` is defined wherever its guard has a sign: step is, on both sides of 0."""
    yes, not_yes = given(">", x), given(">=", neg(x))
    return rule("cases", lit(">", x), defined(t, no, yes), defined(t, no, not_yes))


def test_strict_guard_where_the_guard_is_only_continuous() -> None:
    """abs(x) < 1 at 0: abs is not differentiable there, and continuity is enough."""
    here = given("=", x)
    equal = arith("=", sub(x, neg(x)), equations=[(rat(2), here)])
    guard = sub(ONE, magnitude)
    value = branch(magnitude, arith(">=", x, equations=[(ONE, here)]))
    positive = arith(">", guard, (1, [], []), equations=[(rat(-1), value), (rat(-1), here)])
    th = local(cond(">", guard, cube, x), positive, equal)
    assert th.conclusion.derivative is not None and th.hyps == {lit("=", x)}  # type: ignore[union-attr]


def test_glue_needs_equal_values_and_equal_tangents() -> None:
    here = given("=", x)
    refused("not shown equal", "local", X, step, [here])
    values = arith("=", sub(x, ZERO), equations=[(ONE, here)])
    bent = local(relu, values)
    assert bent.conclusion == Local(X, relu, None), "relu is continuous at 0, and that is all"
    refused("another term", "has_deriv", bent, defined(dx))
    smooth = cond(">", x, power(x, 2), neg(power(x, 2)))
    a, b = power(x, 2), neg(power(x, 2))
    da, db = local(a).conclusion.derivative, local(b).conclusion.derivative  # type: ignore[union-attr]
    met = arith("=", sub(a, b), equations=[(mul(rat(2), x), here)])
    tangents = arith("=", sub(da, db), equations=[(mul(rat(4), dx), here)])
    assert local(smooth, met, tangents).conclusion.derivative is da  # type: ignore[union-attr]


def test_glue_on_equal_tangents_needs_them_for_every_tangent() -> None:
    """dx = 0 |- 1 dx - 0 dx = 0 would glue relu at 0."""
    refused("a tangent occurs", "assume", lit("=", dx))


def test_relu_of_minus_x_swaps_the_sides() -> None:
    right, left = side(relu, x, 1, ONE), side(relu, ZERO, -1, ZERO)
    at_w = rule("side_replace", *moved_to_w(1))
    assert at_w.conclusion == Side("w", 1, cond(">", w, w, ZERO), ONE, True)
    falling = smooth_side(neg(x), 1)
    assert falling.conclusion == Side("x", 1, neg(x), rat(-1), True)
    down = arith(">", neg(rat(-1)), (1, [], []))
    refused("not shown to move to the side", "side_chain", at_w, falling, [down])
    from_left = smooth_side(neg(x), -1)
    th = rule("side_chain", at_w, from_left, [down])
    assert (th.conclusion.sign, th.conclusion.slope) == (-1, mul(ONE, rat(-1)))  # type: ignore[union-attr]
    assert (right.conclusion.slope, left.conclusion.slope) == (ONE, ZERO)  # type: ignore[union-attr]


def moved_to_w(sign: int) -> tuple[object, ...]:
    """The premises of relu(w) having a right derivative at w = 0."""
    here, above = given("=", w), given(">", w)
    bent = cond(">", w, w, ZERO)
    no = arith(">=", neg(w), equations=[(rat(-1), here)])
    W = frozenset({"w"})
    agree = same(bent, w, (ONE, branch(bent, no)), (rat(-1), here))
    inner = local(w, vary=W)
    nearby = same(bent, w, (ONE, branch(bent, above))), defined(bent, above)
    return inner, "w", sign, *nearby, agree, defined(bent, no), [inner, here, number(">", 1)]


def test_sign_of_a_cube_hides_a_jump_behind_a_zero_tangent() -> None:
    """sign(x^3) at 0: the inner slope is 0, so it moves to no side that a first derivative shows."""
    at_w = rule("side_replace", *moved_to_w(1))
    flat = smooth_side(cube, 1)
    refused("not shown to move to the side", "side_chain", at_w, flat, [given("=", x)])


def test_sqrt_of_a_square_is_infinity_times_zero() -> None:
    """An infinite inner slope needs an outer derivative that is not 0, and the other way round."""
    root_w = root_at_zero("w")
    square = power(x, 2)
    flat = smooth_side(square, 1)
    refused("not shown to move to the side", "side_chain", root_w, flat, [given("=", x)])
    root_x = root_continuous()
    refused(
        "not shown to be positive or negative",
        "side_compose",
        local(power(w, 2), vary=frozenset({"w"})),
        "w",
        root_x,
        [],
    )


def test_a_one_sided_derivative_needs_the_value_at_the_point() -> None:
    """step is 1 to the right of 0 and 0 at 0: it has no right derivative 0."""
    here, above = given("=", x), given(">", x)
    no = arith(">=", neg(x), equations=[(rat(-1), here)])
    equal = same(step, ONE, (ONE, branch(step, above)))
    support = [local(x), here, number(">", 1)]
    wrong = branch(step, no)
    refused(
        "agree at the point",
        "side_replace",
        local(ONE),
        "x",
        1,
        equal,
        defined(step, above),
        wrong,
        defined(step, no),
        support,
    )
    apart = arith(">", sub(ONE, step), (1, [], []), equations=[(rat(-1), wrong)])
    jump = rule("side_jump", local(ONE), "x", 1, equal, defined(step, above), apart, defined(step, no), support)
    assert jump.conclusion == Side("x", 1, step, "+oo", False)
    assert rule("no_derivative", [jump], None).conclusion == NotDifferentiable(X, step, "jump", None, "+oo")
    refused("may jump", "side_compose", local(w, vary=frozenset({"w"})), "w", jump, [])


def test_a_corner_needs_sides_that_differ() -> None:
    right, left = side(relu, x, 1, ONE), side(relu, ZERO, -1, ZERO)
    refused("not shown to differ", "no_derivative", [left, right], None)
    refused("not shown to differ", "no_derivative", [right], arith("!=", sub(ZERO, ONE), (-1, [], [])))
    th = rule("no_derivative", [left, right], arith("!=", sub(ZERO, ONE), (-1, [], [])))
    assert th.conclusion == NotDifferentiable(X, relu, "corner", ZERO, ONE)
    refused("not shown to be equal", "from_sides", left, right, None)


def test_a_piece_without_a_point_is_no_piece() -> None:
    """x > 1, x < 0 |- f ~> 17 is a theorem, about nothing."""
    nothing = (lit(">", sub(x, ONE)), lit(">", neg(x)))
    everything = (lit("=", ZERO),)
    false = arith(">", rat(-1), (1, [given(*nothing[0])], []), (1, [given(*nothing[1])], []))
    one = (sub(dx, mul(rat(17), dx)), given("=", ONE))
    absurd = rule("cases", lit("=", ONE), same(dx, mul(rat(17), dx), one), false)
    assert absurd.hyps == set(nothing)
    covered = rule("within", [nothing, everything], 1, [number("=", 0)])
    apart = [false]
    verdict = derivative(x, ONE)
    witness = rule("point", everything, {}, [number("=", 0)])
    refused("is not shown to hold somewhere", "map", X, x, (), covered, [None, verdict], apart, [witness, witness])
    refused("is not Somewhere", "map", X, x, (), covered, [None, verdict], apart, [number("=", 0), witness])
    refused("a literal is not shown", "point", nothing, {"x": ZERO}, [])
    refused("a literal is not shown", "point", nothing, {"x": rat(2)}, [arith(">", sub(rat(2), ONE), (1, [], []))])
    alone = rule("within", [everything], 0, [number("=", 0)])
    assert rule("map", X, x, (), alone, [verdict], [], [witness]).hyps == frozenset()


def test_a_root_needs_a_change_of_sign_on_an_interval_where_the_term_is_continuous() -> None:
    """x^2 = 2 somewhere in (1, 2); 1/x is nowhere 0, the step neither, and an interval must not be empty."""
    e = sub(power(x, 2), rat(2))
    a, b, piece = rat(1), rat(2), (lit("=", e), lit(">", sub(x, ONE)))
    rooms = [sub(x, a), sub(b, x)]
    facts = [given("=", e), given(">", rooms[0])]

    def ends(t: Term, low: Term, high: Term) -> list[Theorem]:
        goals = [sub(high, low), neg(substitute(t, {"x": low})), substitute(t, {"x": high})]
        return [arith(">", g, (size, [], [])) for g, size in zip(goals, (1, 1, 2), strict=True)]

    there = ends(e, a, b)
    th = rule("root", piece, "x", (a, b), {}, local(e), there, facts)
    assert th.conclusion == Somewhere(piece) and th.hyps == frozenset()
    refused("a literal is not shown", "root", piece, "x", (a, b), {}, local(e), there[:2], facts)
    refused("a literal is not shown", "root", piece, "x", (b, a), {}, local(e), there, facts)
    refused("a literal is not shown", "root", piece, "x", (a, b), {}, local(e), there, facts[:1])
    refused("further hypotheses", "root", piece, "x", (a, b), {}, local(e), there, [*facts, given(">", y)])
    refused("further hypotheses", "root", (lit("=", x),), "x", (a, b), {}, local(e), there, [given("=", x)])
    refused("in the symbol alone", "root", piece, "x", (a, b), {"x": a}, local(e), there, facts)
    refused("in the symbol alone", "root", piece, "x", (a, b), {}, local(e, vary=XY), there, facts)
    refused("has a symbol in it", "root", piece, "x", (a, y), {}, local(e), there, facts)
    refused("has a symbol in it", "root", piece, "x", (a, b), {"y": x}, local(e), there, facts)
    inverse = unary("inv", x)
    refused(
        *("not shown to be continuous on the whole interval", "root", (lit("=", inverse),), "x", (rat(-1), ONE), {}),
        *(local(inverse, given("!=", x)), [], [given("=", inverse)]),
    )
    jump = sub(step, rat(Fraction(1, 2)))
    refused(
        *("not shown to be continuous on the whole interval", "root", (lit("=", jump),), "x", (rat(-1), ONE), {}),
        *(local(jump, given(">", x)), [], [given("=", jump)]),
    )


def test_growth_needs_a_derivative_on_the_whole_interval() -> None:
    """exp grows; 1/x has a positive slope of -1/x on either side of 0 only; the interval must not move with x."""
    grows = rule("fact", "exp_pos", [], [x], [])
    e = unary("exp", x)
    moving = local(e)
    rise = rule("cut", grows, arith(">", slope(moving.conclusion.derivative, "x"), (1, [given(">", e)], [])))  # type: ignore[union-attr]
    th = rule("increases", "x", (ZERO, y), moving, rise)
    assert th.conclusion == Holds(lit(">", sub(unary("exp", y), unary("exp", ZERO)))) and th.hyps == {
        lit(">", sub(y, ZERO))
    }
    refused("depends on the moving symbol", "increases", "x", (ZERO, x), moving, rise)
    refused("in the symbol alone", "increases", "y", (ZERO, ONE), moving, rise)
    refused("not about the sign", "increases", "x", (ZERO, y), moving, arith(">", mul(rat(2), e), (2, [grows], [])))
    refused("not about the sign", "increases", "x", (ZERO, y), moving, arith("!=", held(rise).term, (1, [grows], [])))
    inverse = local(neg(unary("inv", x)), given("!=", x))
    rate = slope(inverse.conclusion.derivative, "x")  # type: ignore[union-attr]
    up = arith(">", rate, (1, [given("!=", unary("inv", x))], []))
    refused("depends on the moving symbol", "increases", "x", (rat(-1), ONE), inverse, up)
    corner = local(relu, arith("=", sub(x, ZERO), equations=[(ONE, given("=", x))]))
    assert corner.conclusion.derivative is None  # type: ignore[union-attr]
    refused("not shown to be differentiable", "increases", "x", (ZERO, ONE), corner, grows)


def test_pieces_must_exhaust_and_not_overlap() -> None:
    positive, negative = (lit(">", x),), (lit(">=", neg(x)),)
    two = [positive, negative]
    yes = rule("within", two, 0, [given(">", x)])
    no = rule("within", two, 1, [given(">=", neg(x))])
    covered = rule("cases", lit(">", x), yes, no)
    apart = arith(">", ZERO, (1, [given(">", x)], []), (1, [given(">=", neg(x))], []))
    at_one = rule("point", positive, {"x": ONE}, [number(">", 1)])
    at_zero = rule("point", negative, {"x": ZERO}, [arith(">=", neg(ZERO))])
    verdicts = [derivative(x, ONE), derivative(x, ONE)]
    assert len(rule("map", X, x, (), covered, verdicts, [apart], [at_one, at_zero]).conclusion.pieces) == 2  # type: ignore[union-attr]
    refused("further hypotheses", "map", X, x, (), yes, verdicts, [apart], [at_one, at_zero])
    refused("not shown to be disjoint", "map", X, x, (), covered, verdicts, [given(">", x)], [at_one, at_zero])
    refused("left over", "map", X, x, (), covered, verdicts, [], [at_one, at_zero])
    refused("is not shown to hold somewhere", "map", X, x, (), covered, verdicts, [apart], [at_zero, at_zero])
    refused(
        "is not shown to hold somewhere", "map", X, x, (lit(">", y),), covered, verdicts, [apart], [at_one, at_zero]
    )
    refused("further hypotheses", "point", positive, {"x": ONE}, [given(">", x)])
    refused("has a symbol in it", "point", positive, {"x": y}, [given(">", y)])
    other = [derivative(power(x, 2), mul(rat(2), x)), None]
    refused("not about the derivative of this term", "map", X, x, (), covered, other, [apart], [at_one, at_zero])
    narrow = rule("has_deriv", local(unary("log", x), given(">", x)), defined(mul(unary("inv", x), dx), given(">", x)))
    refused(
        "needs further hypotheses", "map", X, unary("log", x), (), covered, [None, narrow], [apart], [at_one, at_zero]
    )


def test_inverse_needs_a_nonzero_operand_in_an_equation() -> None:
    """x/x = 1 has no value at 0, in the term and in the equality."""
    ratio = mul(x, unary("inv", x))
    refused("premises are not those", "fact", "inv", [], [x], [])
    refused("operand of inv", "defined", ratio, [])
    refused("does not add up", "arith", lit("=", sub(ratio, ONE)), [], [])
    product = mul(ZERO, unary("inv", x))
    assert same(product, ZERO).hyps == frozenset(), "values are total, and 0 times anything is 0 ..."
    refused("operand of inv", "defined", product, [])
    gone = rule("undefined", product, [given("=", x)])
    assert gone.hyps == {lit("=", x)}, "... but 0/x has no value at 0"


def test_the_chain_rule_does_not_capture() -> None:
    """w x with x constant does not tell how x x moves."""
    outer = local(mul(w, x), vary=frozenset({"w"}))
    refused("occurs in the term beside", "chain", outer, [("w", local(x))])
    joint = local(mul(w, y), vary=frozenset({"w", "y"}))
    th = rule("chain", joint, [("w", local(x)), ("y", local(x))])
    assert th.conclusion.term is mul(x, x)  # type: ignore[union-attr]
    assert th.conclusion.derivative is add(mul(dx, x), mul(x, dx))  # type: ignore[union-attr]
    refused("one inner theorem is needed", "chain", joint, [("w", local(x))])
    refused("one inner theorem is needed", "chain", joint, [("w", local(x)), ("w", local(x))])
    refused("do not vary the same", "chain", joint, [("w", local(x)), ("y", local(x, vary=XY))])


def test_a_hypothesis_on_a_tangent_would_prove_anything() -> None:
    """w = 17 w under dw = 0 survived the chain rule, which puts another tangent in its place."""
    for relation in (">", ">=", "=", "!="):
        refused("a tangent occurs", "assume", lit(relation, dw))
    lemma = given("=", y)
    refused("a tangent occurs", "instantiate", lemma, {"y": dx})
    assert rule("instantiate", same(y, y), {"y": dx}).hyps == frozenset()


def test_a_tangent_is_no_part_of_a_term_that_moves() -> None:
    """The derivative of (dx) x in x is dx: as a tangent it is 1 where dx is 1."""
    refused("a tangent occurs", "local", X, mul(dx, x), [])
    refused("a tangent occurs", "local", X, tangent("y"), [])


def test_a_derivative_is_linear_in_the_tangents() -> None:
    th = local(x)
    refused("not linear", "rewrite", th, same(dx, add(sub(mul(dx, dx), mul(dx, dx)), dx)))
    refused("another derivative", "rewrite", th, same(mul(ONE, dx), dx))
    flat = rule("rewrite", local(ZERO), same(ZERO, mul(ZERO, dx)))
    assert isinstance(rule("has_deriv", flat, defined(mul(ZERO, dx))).conclusion, HasDeriv)


def test_square_roots_of_what_is_nonnegative_here_only() -> None:
    """x >= 0 at the point does not make sqrt(x) continuous there; x^2 >= 0 makes sqrt(x^2) so."""
    refused("nothing shows that sqrt", "local", X, root, [given(">=", x)])
    anywhere = arith(">=", power(x, 2), (1, [], [x]))
    assert local(unary("sqrt", power(x, 2)), anywhere).conclusion.derivative is None  # type: ignore[union-attr]
    other = rule("cut", arith(">=", y, (1, [given(">", y)], [])), given(">=", y))
    assert local(unary("sqrt", y), other, vary=X).conclusion.derivative is ZERO  # type: ignore[union-attr]


@pytest.mark.parametrize("relation", [">", ">=", "=", "!="])
def test_a_false_number_is_never_proved(relation: str) -> None:
    value = {">": ZERO, ">=": rat(-1), "=": ONE, "!=": ZERO}[relation]
    with pytest.raises(KernelError):
        arith(relation, value, *([] if relation == "=" else [(1, [], [])]))


def test_within_names_a_piece_and_shows_all_of_it() -> None:
    strip = (lit(">", x), lit(">", sub(ONE, x)))
    both = [given(*k) for k in strip]
    assert rule("within", [strip, ()], 0, both).hyps == set(strip)
    assert rule("within", [strip, ()], 1, []).hyps == frozenset(), "a piece without a literal always holds"
    refused("a literal is not shown", "within", [strip], 0, both[:1])
    refused("a literal is not shown", "within", [strip], 0, [given(">=", x), both[1]])
    for index in (-1, 2):
        refused("there is no such piece", "within", [strip, ()], index, both)
