# ruff: noqa: E501 -- a row of a table reads best on one line
# fmt: off
"""Attacks on what is said of families, sums and maxima: each is what a careless rule would accept."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hasderiv.proofs.kernel.algebra import slope
from hasderiv.proofs.kernel.sums import counts
from hasderiv.proofs.kernel.terms import Term, app, equal, idx, over, power, substitute, tangent, var
from hasderiv.proofs.kernel.theorems import Theorem

from .attack import Entry, base, pairs
from .kit import (
    ONE,
    ZERO,
    X,
    add,
    arith,
    branch,
    cond,
    defined,
    dx,
    given,
    h,
    lit,
    local,
    mul,
    neg,
    number,
    rat,
    rule,
    same,
    sub,
    unary,
    x,
)

J, M, N, K, U, V = (var(name) for name in ("j", "m", "n", "k", "u", "v"))
FAMILY = frozenset({"x/1"})


def entry(*index: Term) -> Term:
    """An entry of the family ``x``."""
    return var("x", *index)


def moved(*index: Term) -> Term:
    """Its tangent."""
    return tangent("x", *index)


def index(u: Term, n: Term) -> list[Theorem]:
    """That ``u`` is a natural number less than ``n``, assumed."""
    return [rule("assume", literal) for literal in counts(u, n)]


def sums() -> Iterator[Entry]:
    """From any one index to all of them, and the facts about sums."""
    below = index(K, N)
    inside = arith(">=", entry(K), (1, [given(">=", entry(K))], []))
    everywhere = same(mul(K, entry(K)), mul(entry(K), K))
    yield from base(
        "generalize", ["sum", K, N, everywhere, []],
        ("a_hypothesis_on_the_index", "depends on the index", 3, same(K, rat(2), (ONE, given("=", sub(K, rat(2)))))),
        ("a_hypothesis_on_an_entry", "depends on the index", 3, inside),
        ("the_range_is_the_index", "depends on the index", 2, K),
        ("the_range_depends_on_the_index", "depends on the index", 2, mul(rat(2), K)),
        ("a_range_with_a_tangent", "a tangent occurs in the range", 2, dx),
        ("an_equation_of_another_form", "not an equation", 3, arith("=", add(K, mul(rat(-2), mul(rat(Fraction(1, 2)), K))))),
        ("an_inequation", "a sum may be 0", 3, arith("!=", ONE, (1, [], []))),
        ("a_number_as_index", "not variables", 1, ONE),
        ("an_entry_as_index", "not variables", 1, entry(M)),
        ("a_tangent_as_index", "not variables", 1, tangent("k")),
        ("a_product", "not a binder", 0, "mul"),
    )
    yield from base(
        "generalize", ["sum", K, N, arith(">", sub(N, K), (1, [below[1]], [])), []],
        ("the_counts_of_another_range", "depends on the index", 2, M),
        ("one_index_left_out", "depends on the index", 3, arith(">=", sub(sub(N, K), ONE), (1, [rule("assume", lit(">=", sub(sub(N, K), ONE)))], []))),
    )
    yield from base(
        "generalize", ["max", K, N, arith(">=", sub(mul(U, U), ZERO), (1, [], [U])), []],
        ("a_bound_that_depends_on_the_index", "a bound depends", 3, arith(">=", sub(mul(K, K), ZERO), (1, [], [K]))),
        ("a_sign_that_is_no_difference", "not an equation", 3, arith(">=", mul(U, U), (1, [], [U]))),
        ("an_inequation_of_maxima", "a sum may be 0", 3, arith("!=", sub(ONE, ZERO), (1, [], []))),
    )
    whole = unary("inv", U)
    nonzero = given("!=", U)
    yield from base(
        "generalize", ["sum", K, whole, defined(entry(K)), [nonzero]],
        ("a_range_without_a_value", "nothing shows the operand of inv", 4, []),
        ("an_entry_without_a_value_at_an_index", "depends on the index", 3, defined(unary("inv", entry(K)), given("!=", entry(K)))),
    )
    smooth = local(mul(K, entry(K)), vary=FAMILY)
    yield from base(
        "generalize", ["sum", K, whole, smooth, [nonzero]],
        ("a_range_of_a_rate_without_a_value", "nothing shows the operand of inv", 4, []),
        ("a_rate_under_a_hypothesis_on_the_index", "depends on the index", 3, local(unary("log", mul(K, entry(K))), given(">", mul(K, entry(K))), vary=FAMILY)),
        ("a_sided_rate", "not Local", 3, rule("side_replace", local(x), "x", 1, same(x, x), defined(x), same(x, x), defined(x), [])),
        ("the_index_varies", "the range or the index varies", 3, local(K, vary=frozenset({"k"}))),
        ("the_range_varies", "the range or the index varies", 3, local(mul(K, U), vary=frozenset({"u"}))),
        ("a_range_with_the_tangent_of_what_varies", "a tangent occurs in the range", 2, moved(ZERO)),
    )
    steady = local(mul(K, K), vary=FAMILY)
    kinked = rule("generalize", "max", J, M, local(mul(entry(J), K), vary=FAMILY), [])
    for name, op, th in (
        ("a_maximum", "max", defined(entry(K))), ("a_rate_of_a_maximum", "max", smooth), ("a_rate_of_0", "sum", steady),
        ("continuity", "sum", kinked),
    ):
        yield from base("generalize", [op, K, whole, th, [nonzero]], (f"{name}_over_a_range_without_a_value", "nothing shows the operand of inv", 4, []))
    positive = rule("fact", "exp_pos", [], [entry(K)], [])
    yield from base("generalize", ["sum", K, N, positive, []], ("a_positive_entry", "depends on the index", 3, given(">", entry(K))))
    nonneg = arith(">=", mul(K, K), (1, [], [K]))
    yield from base("generalize", ["sum", K, N, nonneg, []], ("an_entry_that_is_not_negative", "depends on the index", 3, given(">=", entry(K))))
    yield from base("generalize", ["max", K, N, everywhere, []], ("an_entry_equal_to_another", "depends on the index", 3, given("=", sub(entry(K), K))))
    yield from base(
        "generalize", ["max", K, N, arith(">", sub(ONE, ZERO), (1, [], [])), []],
        ("a_strict_bound_that_depends_on_the_index", "a bound depends", 3, arith(">", sub(add(ONE, mul(ZERO, K)), ZERO), (1, [], []))),
    )
    a, b = entry(K), mul(K, K)
    yield from pairs(
        "fact",
        ("linear_with_the_index_in_the_factor", "a bound variable", ["sum_linear", [], [K, N, U, a, b], []], ["sum_linear", [], [K, N, K, a, b], []]),
        ("linear_over_what_is_no_variable", "not variables", ["sum_linear", [], [K, N, U, a, b], []], ["sum_linear", [], [ONE, N, U, a, b], []]),
        ("swap_of_one_name", "a bound variable", ["sum_swap", [], [J, M, K, N, a], []], ["sum_swap", [], [K, M, K, N, a], []]),
        ("swap_with_a_dependent_inner_range", "a bound variable", ["sum_swap", [], [J, M, K, N, a], []], ["sum_swap", [], [J, M, K, J, a], []]),
        ("swap_with_a_range_named_like_the_inner_index", "a bound variable", ["sum_swap", [], [J, M, K, N, a], []], ["sum_swap", [], [J, K, K, N, a], []]),
        ("delta_at_the_index_itself", "a bound variable", ["sum_delta", [], [K, N, U, a], index(U, N)], ["sum_delta", [], [K, N, K, a], index(K, N)]),
        ("delta_below_0", "not those that the scheme", ["sum_delta", [], [K, N, U, a], index(U, N)], ["sum_delta", [], [K, N, U, a], index(U, N)[1:]]),
        ("delta_beyond_the_range", "not those that the scheme", ["sum_delta", [], [K, N, U, a], index(U, N)], ["sum_delta", [], [K, N, U, a], index(U, M)]),
        ("delta_between_integers", "not those that the scheme", ["sum_delta", [], [K, N, U, a], index(U, N)], ["sum_delta", [], [K, N, U, a], index(U, N)[:2]]),
        ("delta_at_the_end", "not those that the scheme", ["sum_delta", [], [K, N, U, a], index(U, N)], ["sum_delta", [], [K, N, U, a], [index(U, N)[0], given(">=", sub(N, U)), index(U, N)[2]]]),
        ("count_to_a_half", "not those that the scheme", ["sum_count", [], [K, N], [given(">=", N), rule("assume", equal(unary("floor", N), N))]], ["sum_count", [], [K, N], [given(">=", N)]]),
        ("count_below_0", "not those that the scheme", ["sum_count", [], [K, N], [given(">=", N), rule("assume", equal(unary("floor", N), N))]], ["sum_count", [], [K, N], [rule("assume", equal(unary("floor", N), N))]]),
        ("maximum_of_others", "not those that the scheme", ["max_upper", [], [K, N, U, a], index(U, N)], ["max_upper", [], [K, N, U, a], index(U, M)]),
        ("maximum_between_integers", "not those that the scheme", ["max_upper", [], [K, N, U, a], index(U, N)], ["max_upper", [], [K, N, U, a], index(U, N)[:2]]),
        ("maximum_over_an_entry", "not variables", ["max_upper", [], [K, N, U, a], index(U, N)], ["max_upper", [], [entry(K), N, U, a], index(U, N)]),
    )
    inverse = unary("inv", x)
    series, first = over("sum", N, inverse), over("sum", inverse, x)
    yield from base("undefined", [first, [given("=", x)]], ("a_summand_of_none", "no premise names", 0, series))
    finite = rule("generalize", "sum", K, N, defined(inverse, given("!=", x)), [])
    yield from base("defined", [add(series, ONE), [finite]], ("a_sum_without_a_word_on_its_summands", "nothing shows a sum", 1, [given("!=", x)]))
    rate = rule("generalize", "sum", K, N, local(inverse, given("!=", x)), [])
    yield from base("local", [X, add(series, ONE), [rate]], ("a_sum_without_a_word_on_its_rates", "nothing shows a sum", 2, [given("!=", x)]))


def families() -> Iterator[Entry]:
    """Entries, their tangents, and families put in the place of families."""
    steady = unary("floor", V)
    yield from base("local", [FAMILY, entry(steady), [given("!=", sub(V, steady))]], ("an_index_that_varies", "an index varies", 0, frozenset({"v"})))
    yield from base(
        "local", [frozenset({"v"}), power(V, 2), []],
        ("an_index_at_rest_to_first_order", "an index varies", 1, entry(power(V, 2))),
    )
    yield from base("local", [FAMILY, mul(U, entry(N)), []], ("a_symbol_beside_a_family", "vary together", 0, frozenset({"u", "x/1"})))
    yield from base("local", [FAMILY, entry(N), []], ("an_index_that_is_an_entry", "an index varies", 1, entry(entry(N))))

    for name, reason, make, sides in (
        ("glue_of_families", "nothing decides the guard", lambda u: cond(">", u, mul(u, u), ZERO), lambda u: [arith("=", sub(mul(u, u), ZERO), equations=[(u, given("=", u))])]),
        ("the_end_of_a_root_of_a_family", "nothing shows that sqrt", lambda u: unary("sqrt", power(u, 2)), lambda u: [arith(">=", power(u, 2), (1, [], [u]))]),
        ("a_cited_function_of_a_family", "a cited function", lambda u: app("gamma", u), lambda u: [given(">", u)]),
    ):
        good, bad = ([vary, make(u), sides(u)] for vary, u in ((X, x), (FAMILY, entry(N))))
        yield Entry("local", name, reason, good, bad)

    def equation(rate: Term) -> list[object]:
        one = local(entry(N), vary=FAMILY)
        return [one, same(moved(N), rate)]

    for name, null in (
        ("a_tangent_in_an_index", mul(ZERO, moved(moved(N)))),
        ("a_tangent_in_a_range", mul(ZERO, over("sum", moved(N), moved(idx(0))))),
        ("a_tangent_under_a_maximum", mul(ZERO, over("max", N, moved(idx(0))))),
        ("a_sum_of_squares", mul(ZERO, over("sum", N, power(moved(idx(0)), 2)))),
        ("a_tangent_of_another_rank", mul(ZERO, dx)),
    ):
        good, bad = (equation(add(moved(N), part)) for part in (mul(ZERO, over("sum", N, mul(K, moved(idx(0))))), null))
        yield Entry("rewrite", name, "not linear in the tangents", good, bad)

    first = local(mul(entry(N), entry(M)), vary=FAMILY)
    lower = rule("has_deriv", first, defined(first.conclusion.derivative))  # type: ignore[union-attr]
    at_one = substitute(first.conclusion.derivative, {"d x/1": ONE})  # type: ignore[union-attr]
    second = local(at_one, vary=FAMILY)
    upper = rule("has_deriv", second, defined(second.conclusion.derivative))  # type: ignore[union-attr]
    one, square = local(power(x, 2)), mul(rat(2), x)
    linear = rule("rewrite", one, same(one.conclusion.derivative, mul(square, dx)))  # type: ignore[union-attr]
    below, above = rule("has_deriv", linear, defined(mul(square, dx))), rule("has_deriv", local(square), defined(local(square).conclusion.derivative))  # type: ignore[union-attr]
    yield from pairs("higher", ("order_2_in_a_family", "not a name", [below, above, []], [lower, upper, []]))

    flat = arith(">=", power(entry(N), 2), (1, [], [entry(N)]))
    yield from base(
        "instantiate", [flat, {"x/1": mul(idx(0), J)}],
        ("a_family_of_two_indices_for_one", "a loose index has no value", 1, {"x/1": mul(idx(0), idx(1))}),
        ("a_family_for_a_number", "a loose index has no value", 1, {"n": idx(0), "x/1": ONE}),
        ("a_family_for_a_number_that_is_not_there", "a loose index has no value", 1, {"x/1": mul(idx(0), J), "z": idx(0)}),
        ("definedness_of_an_entry", "not Holds", 0, defined(entry(N))),
    )
    yield from base(
        "instantiate", [given(">=", entry(N)), {"x/1": idx(0)}],
        ("a_tangent_for_a_family", "a tangent occurs", 1, {"x/1": moved(idx(0))}),
    )
    corner, kink = _corner(), corner_of(entry(N))
    yield from base(
        "along", [{"x/1": ONE}, kink, corner],
        ("another_direction_of_a_family", "another line", 0, {"x/1": idx(0)}),
        ("a_direction_that_moves", "must be fresh", 0, {"x/1": var("h")}),
        ("a_direction_with_an_index_too_many", "a loose index has no value", 0, {"x/1": idx(1)}),
        ("a_number_as_direction_of_a_family", "a line is in families", 0, {"x/1": Fraction(1)}),
        ("a_symbol_beside_a_family", "a line is in families", 0, {"u": Fraction(1), "x/1": ONE}),
    )
    total = rule("generalize", "max", K, ONE, defined(ONE), [])
    for name, c, exists in (("a_cited_function", app("gamma", ONE), number(">", 1)), ("a_maximum", over("max", ONE, ONE), total)):
        yield from pairs("along", (f"{name}_as_direction", "may have no value", [{"x/1": ONE}, kink, corner], [{"x/1": c}, kink, _corner(c, exists)]))
    term, partial, whole = _seam()
    yield from pairs("along", ("a_direction_without_a_value", "may have no value", [{"x/1": ONE}, kink, corner], [{"x/1": partial}, term, whole]))


def _seam() -> tuple[Term, Term, Theorem]:
    """``0 x[1]`` where ``x[0] > 0``, else 0: it is 0; along ``x[k] + c(k) h`` it ends, since ``c(1)`` has no value."""
    end, zero, one = unary("inv", ZERO), number("=", 0), arith("!=", ONE, (1, [], []))
    term = cond(">", entry(ZERO), mul(ZERO, entry(ONE)), ZERO)
    direction = cond("=", idx(0), ONE, end)
    moved = substitute(term, {"x/1": add(entry(idx(0)), mul(direction, h))})
    guard, first = moved.terms[0], cond("=", ZERO, ONE, end)
    at = arith("=", guard, equations=[(ONE, given("=", entry(ZERO))), (first, given("=", h))])
    here = defined(moved, arith(">=", neg(guard), equations=[(rat(-1), at)]), zero, one)
    moves = local(guard, zero, vary=frozenset({"h"}))
    climbs = arith(">", first, (1, [], []), equations=[(ONE, rule("conditional", lit("=", ZERO), ONE, end, zero))])
    gone = rule("undefined", moved, [given(">", guard), zero, one])
    return term, direction, rule("boundary", "h", 1, gone, here, None, [moves, at, climbs])


def corner_of(t: Term) -> Term:
    """A term with a corner where ``t`` is 0."""
    return cond(">", t, t, ZERO)


def _corner(c: Term = ONE, *exists: Theorem) -> Theorem:
    """``x[n] = 0, h = 0 |-`` the corner is one in ``h``, along ``x[k] + c h`` with ``c > 0``."""
    positive = number(">", 1) if c is ONE else given(">", c)
    t = add(entry(N), mul(c, h))
    kink, here = corner_of(t), [given("=", entry(N)), given("=", h)]
    at = arith("=", t, equations=[(ONE, here[0]), (c, here[1])])
    no = arith(">=", neg(t), equations=[(rat(-1), at)])
    vary = frozenset({"h"})
    sides = []
    for sign, arm in ((-1, ZERO), (1, t)):
        beside = given(">", t) if sign > 0 else arith(">=", neg(t), (1, [given(">", neg(t))], []))
        value = branch(kink, no)
        agree = same(kink, arm, (ONE, value), *(() if arm is ZERO else ((rat(-1), at),)))
        down = local(neg(t), *exists, vary=vary)
        close = [local(t, *exists, vary=vary), at] if sign > 0 else [down, arith("=", neg(t), equations=[(rat(-1), at)])]
        falls = slope(down.conclusion.derivative, "h")  # type: ignore[union-attr]
        support = [*close, positive, arith(">", neg(falls), (1, [positive], []))]
        sides.append(rule("side_replace", local(arm, *exists, vary=vary), "h", sign, same(kink, arm, (ONE, branch(kink, beside))), defined(kink, beside, *exists), agree, defined(kink, no, *exists), support))
    return rule("no_derivative", sides, arith("!=", sub(ZERO, c), (-1, [positive], [])))
