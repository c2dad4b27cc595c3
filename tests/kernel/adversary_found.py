"""Attacks that mutation testing of the kernel asked for: conditions that no other one tells from weaker ones."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hasderiv.proofs.kernel.terms import Term, app, equal, pi, power, substitute
from hasderiv.proofs.kernel.theorems import Theorem

from .attack import GE, GT, NE, Entry, W, base, pairs
from .kit import (
    ONE,
    ZERO,
    X,
    add,
    arith,
    branch,
    cond,
    continuity_of_root,
    cube,
    defined,
    derivative,
    dx,
    eps,
    given,
    h,
    lit,
    local,
    mul,
    neg,
    number,
    rat,
    relu,
    root_at_zero,
    root_continuous,
    root_limit,
    root_premises,
    rule,
    same,
    side,
    smooth_side,
    sub,
    unary,
    w,
    x,
    y,
)
from .test_side_rules import gone, support_left


def reciprocal(u: Term, value: int) -> tuple[Theorem, Term]:
    """``u inv(u) = 1`` for a sum of numbers of that value, and ``inv(u)``."""
    return rule("fact", "inv", [], [u], [arith("!=", u, (value, [], []))]), unary("inv", u)


def intervals() -> Iterator[Entry]:
    """A zero of ``1/(3 - x) - 1/x`` between 1 and 2, which is continuous where both ends say so; and growth."""
    three, two, half = rat(3), rat(2), Fraction(1, 2)
    e = sub(unary("inv", sub(three, x)), unary("inv", x))
    low, high, fixed = (rule("assume", k) for k in (lit(">=", sub(x, ONE)), lit(">=", sub(two, x)), equal(y, three)))

    def continuous(start: Theorem) -> Theorem:
        above, below = (
            arith(">", x, (1, [start], []), (1, [], [])),
            arith(">", sub(three, x), (1, [high], []), (1, [], [])),
        )
        th = local(e, above, below)
        old: Term = th.conclusion.derivative  # type: ignore[union-attr, assignment]
        return rule("rewrite", th, same(old, mul(old, ONE), (ZERO, fixed)))

    ends = [arith(">", sub(two, ONE), (1, [], []))]
    for end, sign in ((ONE, -1), (two, 1)):
        value = int(str(end.args[0]))
        (first, _), (second, _) = reciprocal(sub(three, end), 3 - value), reciprocal(end, value)
        at_end = substitute(e, {"x": end})
        cofactors = [(rat(Fraction(sign, 3 - value)), first), (rat(Fraction(-sign, value)), second)]
        ends.append(arith(">", neg(at_end) if sign < 0 else at_end, (half, [], []), equations=cofactors))
    inside = [given("=", e), given(">", sub(x, ONE)), given(">", sub(two, x)), low, high, fixed]
    piece = tuple(th.conclusion.literal for th in inside)  # type: ignore[union-attr]
    yield from base(
        "root",
        [piece, "x", (ONE, two), {"y": three}, continuous(low), ends, inside],
        ("continuous_inside_only", "on the whole interval", 4, continuous(given(">", sub(x, ONE)))),
        ("value_of_another", "on the whole interval", 3, {"y": two}),
    )
    square = arith(">=", mul(three, power(x, 2)), (3, [], [x]))
    yield from base(
        "increases",
        ["x", (ZERO, y), local(cube), square],
        ("zero_is_no_sign", "not about the sign", 3, arith("=", sub(x, x))),
    )


def maps() -> Iterator[Entry]:
    """Verdicts of a map."""
    log = unary("log", x)
    positive, rest = (lit(">", x),), (lit(">=", neg(x)),)
    two = [positive, rest]
    nonpositive = given(">=", neg(x))
    halves = rule("within", two, 0, [GT]), rule("within", two, 1, [nonpositive])
    covered = rule("cases", lit(">", x), *halves)
    clash = arith(">", ZERO, (1, [GT], []), (1, [nonpositive], []))
    points = [
        rule("point", positive, {"x": ONE}, [number(">", 1)]),
        rule("point", rest, {"x": ZERO}, [arith(">=", neg(ZERO))]),
    ]
    yes, no = derivative(log, unary("inv", x), GT), rule("undefined", log, [nonpositive])
    yield from base(
        "map",
        [X, log, (), covered, [yes, no], [clash], points],
        (
            "undefined_is_another_term",
            "not about the derivative",
            4,
            [yes, rule("undefined", mul(rat(2), log), [nonpositive])],
        ),
        ("only_local", "not about the derivative", 4, [local(log, GT), no]),
    )
    yield from base(
        "map",
        [X, log, (), covered, [None, no], [clash], points],
        ("unknown_verdict_and_a_hole", "exhaustive under further", 3, halves[1]),
    )
    gamma = app("gamma", x)
    known = derivative(gamma, mul(gamma, app("digamma", x)), GT)
    alone = [positive]
    yield from base(
        "map",
        [X, gamma, positive, rule("within", alone, 0, [GT]), [known], [], points[:1]],
        ("cited_and_not_assumed", "exhaustive under further", 2, ()),
    )


def guards() -> Iterator[Entry]:
    """A guard that is an equation, and where ``>= 0`` is enough."""
    for relation, t in (("=", cond("=", x, ONE, cube)), ("!=", cond("!=", x, cube, ONE))):
        yield from base(
            "local", [X, t, [NE]], (f"guard_{'un' * (relation != '=')}equal_at_the_point", "not shown equal", 2, [GE])
        )
    yield from base("local", [X, cond(">", x, cube, cube), []], ("branches_that_differ", "not shown equal", 1, relu))
    shifted = cond(">", x, x, add(x, y))
    equal_there = given("=", sub(x, add(x, y)))
    yield from base("local", [X, shifted, [equal_there]], ("branches_apart", "not shown equal", 2, [given("=", y)]))
    anywhere = arith(">=", power(x, 2), (1, [], [x]))
    root = unary("sqrt", power(x, 2))
    for k, (a, b) in enumerate(((root, cube), (cube, root))):
        met = given("=", sub(a, b))
        t = cond(">", x, a, b)
        yield from base(
            "local", [X, t, [anywhere, met]], (f"continuous_branch_{k}_apart", "not shown equal", 2, [anywhere])
        )
    for k, t in enumerate(op(a, b) for op in (add, mul) for a, b in ((root, cube), (cube, root))):
        wrong = (f"continuous_operand_{k}", "sqrt is differentiable", 2, [])
        yield from base("local", [X, t, [anywhere]], wrong)
    for op in ("log", "inv"):
        bad = unary(op, power(x, 2))
        reason = f"{op} is differentiable"
        yield from base("local", [X, unary("sqrt", power(x, 2)), [anywhere]], (f"{op}_of_a_square", reason, 1, bad))


def falling() -> Iterator[Entry]:
    """A slope of minus infinity, into which another function goes."""
    falls = arith(">", neg(mul(rat(-1), ONE)), (1, [], []))
    down = rule("side_compose", local(neg(w), vary=W), "w", root_continuous(), [falls])
    rises = arith(">", mul(rat(2), ONE), (2, [], []))
    yield from base(
        "side_compose",
        [local(mul(rat(2), w), vary=W), "w", down, [rises]],
        ("sign_of_the_outer_slope", "positive or negative", 3, [arith("!=", mul(rat(2), ONE), (2, [], []))]),
    )

    unknown = arith("!=", mul(rat(-1), ONE), (-1, [], []))
    yield from base(
        "side_compose",
        [local(neg(w), vary=W), "w", down, [falls]],
        ("sign_of_the_turned_slope", "positive or negative", 3, [unknown]),
    )
    both = frozenset({"w", "x"})
    total = arith(">", add(ZERO, ONE), (1, [], []))
    yield from base(
        "side_compose",
        [local(add(x, w), vary=both), "w", root_continuous(), [total]],
        ("sign_of_the_sum", "positive or negative", 3, []),
    )


def turned() -> Iterator[Entry]:
    """``sqrt(-w)`` falls without bound from the left; with ``w = -x`` it is the root of ``x`` again."""
    t, falls = neg(w), arith(">", neg(rat(-1)), (1, [], []))
    inner = rule("side_replace", local(t, vary=W), "w", -1, same(t, t), defined(t), same(t, t), defined(t), [])
    outer = rule("side_chain", root_at_zero("v"), inner, [falls])
    yield from base(
        "side_chain",
        [outer, smooth_side(neg(x), 1), [falls]],
        ("to_the_other_side", "to the side of the outer", 1, smooth_side(neg(x), -1)),
    )
    down = arith(">", neg(mul(rat(-1), ONE)), (1, [], []))
    steeply = rule("side_compose", local(neg(w), vary=W), "w", root_continuous(), [down])
    wrong = ("steeply_to_the_other_side", "to the side of the outer", 1, root_continuous())
    yield from base("side_chain", [outer, steeply, []], wrong)


def beside() -> Iterator[Entry]:
    """What holds on one side because a root leaves 0 there."""
    _, r, _, at, r_zero, _, _ = root_premises("x")
    t, rest = cond(">", r, x, ZERO), arith(">=", x, equations=[(ONE, at)])
    no = arith(">=", neg(r), equations=[(rat(-1), r_zero)])
    exists, value = defined(t, given(">", r), GE), defined(t, no, rest)
    agree = same(t, x, (ONE, branch(t, no)), (rat(-1), at))
    beyond = same(t, x, (ONE, branch(t, given(">", r))))
    support = [r_zero, root_at_zero("x"), at, local(x), number(">", 1)]
    square = rule("fact", "sqrt_square", [], [x], [arith(">=", x, equations=[(ONE, at)])])
    absurd = arith(">", ZERO, (1, [given(">", r)] * 2, []), equations=[(rat(-1), square), (rat(-1), at)])
    yield from base(
        "side_replace",
        [local(x), "x", 1, beyond, exists, agree, value, support],
        ("nothing_says_that_the_root_rises", "to rise from 0", 7, [r_zero, *support[2:]]),
        ("no_slope_is_not_a_slope_of_0", "to rise from 0", 7, [r_zero, absurd, *support[2:]]),
    )
    q = unary("sqrt", power(x, 2))
    anywhere, here = arith(">=", power(x, 2), (1, [], [x])), given("=", q)
    u, low = cond(">", q, x, ZERO), arith(">=", neg(q), equations=[(rat(-1), here)])
    flat = [
        same(u, x, (ONE, branch(u, given(">", q)))),
        defined(u, given(">", q), anywhere),
        same(u, x, (ONE, branch(u, low)), (rat(-1), at)),
        defined(u, low, anywhere),
    ]
    good = [local(x), "x", 1, beyond, exists, agree, value, support]
    bad = [local(x), "x", 1, *flat, [here, local(q, anywhere)]]
    yield from pairs("side_replace", ("continuous_does_not_rise", "to rise from 0", good, bad))
    # on the left of x = 0 the hypothesis -x > 0 holds since -x falls; without its derivative nothing says so
    here = given("=", x)
    above, no = arith(">=", neg(x), (1, [given(">", neg(x))], [])), arith(">=", neg(x), equations=[(rat(-1), here)])
    beyond, agree = (same(relu, ZERO, (ONE, branch(relu, decided))) for decided in (above, no))
    at, falls = arith("=", neg(x), equations=[(rat(-1), here)]), arith(">", neg(rat(-1)), (1, [], []))
    yield from base(
        "side_replace",
        [local(ZERO), "x", -1, beyond, defined(relu, above), agree, defined(relu, no), [local(neg(x)), at, falls]],
        ("no_slope_is_not_a_slope_of_minus_1", "to rise from 0", 7, [at, falls]),
    )


def steep() -> Iterator[Entry]:
    """The definition of a slope of minus infinity, and hypotheses that come from one premise alone."""
    r, name, sign, _, delta, (bound,), room, there, here = root_limit("x")
    s = there.conclusion.term  # type: ignore[attr-defined]
    change = sub(neg(s), neg(r))  # type: ignore[arg-type]
    goal = arith(">=", sub(mul(rat(-1), change), mul(eps, h)), (1, [bound], []))
    moved, value = defined(neg(s), there), defined(neg(r), here)  # type: ignore[arg-type]
    good = [neg(r), name, sign, "-oo", delta, [goal], room, moved, value]  # type: ignore[arg-type]
    yield from base("side_limit", good, ("steep_the_other_way", "not those asked for", 3, "+oo"))
    elsewhere = defined(r, GE)  # type: ignore[arg-type]
    more = [r, name, sign, "+oo", delta, [bound], room, there, elsewhere]
    yield from base("side_limit", more, ("defined_elsewhere", "to be defined at the point", 8, value))
    yield from base(
        "side_continuous",
        [rule("side_limit", *more), *continuity_of_root()],
        ("of_a_steeper_root", "to be positive", 3, given(">", h)),
    )


def higher() -> Iterator[Entry]:
    """Derivatives of derivatives: in the same symbol, and known all around the point."""

    def flat(t: Term, vary: frozenset[str]) -> Theorem:
        return rule("has_deriv", local(t, vary=vary), defined(ZERO))

    yield from base(
        "higher",
        [flat(ZERO, X), flat(ZERO, X), []],
        ("first_in_another_symbol", "does not differentiate", 0, flat(cube, frozenset({"y"}))),
    )
    below = rule("rewrite", local(relu, given(">", neg(x))), same(ZERO, mul(ZERO, dx)))
    at = arith("=", neg(x), equations=[(rat(-1), given("=", x))])
    rows = (
        (
            "right",
            rule("has_deriv", local(relu, GT), defined(dx)),
            ONE,
            [GT, local(x)],
            [given("=", x), local(x), number(">", 1)],
        ),
        (
            "left",
            rule("has_deriv", below, defined(mul(ZERO, dx))),
            ZERO,
            [given(">", neg(x)), local(neg(x))],
            [at, local(neg(x)), arith(">", neg(mul(rat(-1), ONE)), (1, [], [])), arith(">", neg(rat(-1)), (1, [], []))],
        ),
    )
    for where, lower, slope, near, touching in rows:
        reason = "to hold strictly at the point"
        yield from base("higher", [lower, flat(slope, X), near], (f"known_on_the_{where}_only", reason, 2, touching))


def corners() -> Iterator[Entry]:
    """Sides that differ under a hypothesis, which the theorem then has."""
    sides = [side(relu, ZERO, -1, ZERO), side(relu, x, 1, ONE)]
    yield from base(
        "no_derivative",
        [sides, given("!=", sub(ZERO, ONE))],
        ("differ_the_other_way_round", "not shown to differ", 1, given("!=", sub(ONE, ZERO))),
    )


def ends_of_domains() -> Iterator[Entry]:
    """A root from the left, and from the right under a hypothesis of its own."""
    at, falls = given("=", x), arith(">", neg(rat(-1)), (1, [], []))
    t = unary("sqrt", neg(x))
    nothing = rule("undefined", t, [arith(">", neg(neg(x)), (1, [GT], []))])
    here = defined(t, arith(">=", neg(x), equations=[(rat(-1), at)]))
    left = rule("side_chain", root_at_zero("w"), smooth_side(neg(x), -1), [falls])
    yield from base(
        "boundary",
        ["x", 1, nothing, here, left, [local(x), at, number(">", 1)]],
        ("on_the_other_side", "hold strictly", 5, []),
    )
    r, name, sign, _, delta, bounds, room, there, _ = root_limit("x")
    other = rule("side_limit", r, name, sign, "+oo", delta, bounds, room, there, defined(r, GE))  # type: ignore[arg-type]
    yield from base(
        "boundary",
        ["x", -1, *gone(), other, support_left()],
        ("side_of_another_root", "not about the other side", 4, left),
    )


def tangents() -> Iterator[Entry]:
    """A term that stands in for another, or ends, holds no tangent, though this be taken 0 times."""
    alike, other = (add(x, mul(ZERO, t)) for t in (y, dx))
    for name, *rest in (("replace",), ("side_replace", "x", 1)):
        both = [[same(t, x), defined(t)] * (len(rest) or 1) for t in (alike, other)]
        good, bad = ([local(x), *rest, *premises, []] for premises in both)
        yield from pairs(name, ("a_tangent_in_the_term", "or of tangents", good, bad))
    at = given("=", x)
    no, step = arith(">=", neg(x), equations=[(rat(-1), at)]), cond(">", x, ONE, ZERO)
    jumps, ends = [], []
    for t in (y, dx):
        u = add(step, mul(ZERO, t))
        apart = arith(">", sub(ONE, u), (1, [], []), equations=[(rat(-1), branch(step, no))])
        equal = same(u, ONE, (ONE, branch(step, given(">", x))))
        near = [local(x), arith("=", x, equations=[(ONE, at)]), number(">", 1)]
        jumps.append([local(ONE), "x", 1, equal, defined(u, given(">", x)), apart, defined(u, no), near])
        root = add(unary("sqrt", x), mul(ZERO, t))
        nothing = rule("undefined", root, [given(">", neg(x))])
        here = defined(root, arith(">=", x, equations=[(ONE, at)]))
        ends.append(["x", -1, nothing, here, None, support_left()])
    yield from pairs("side_jump", ("a_tangent_in_the_term", "or of tangents", *jumps))
    yield from pairs("boundary", ("a_tangent_in_the_term", "a tangent occurs", *ends))


def contradictions() -> Iterator[Entry]:
    """What stands for any conclusion: a literal about a number that is false, and nothing else."""
    half, other = rat(Fraction(1, 2)), given(">=", x)
    rows = (
        (">", ZERO, half),
        (">=", neg(half), ZERO),
        ("=", half, ZERO),
        ("!=", ZERO, half),
        (">", rat(-1), add(rat(-1), pi())),
    )
    for k, (relation, false, true) in enumerate(rows):
        good = [lit(">", x), given(relation, false), other]
        yield from base("cases", good, (f"true_of_a_number_{k}", "conclusions differ", 1, given(relation, true)))


def found() -> Iterator[Entry]:
    """All of them."""
    yield from higher()
    yield from contradictions()
    yield from ends_of_domains()
    yield from tangents()
    yield from corners()
    yield from steep()
    yield from turned()
    yield from beside()
    yield from falling()
    yield from guards()
    yield from intervals()
    yield from maps()
