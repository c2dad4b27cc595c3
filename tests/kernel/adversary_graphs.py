# ruff: noqa: E501 -- a row of a table reads best on one line
# fmt: off
"""Attacks on operators and programs: each is what a careless rule would accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hasderiv.proofs.kernel.terms import Term, bind, idx, substitute, tangent, var
from hasderiv.proofs.kernel.terms import entry as whole
from hasderiv.proofs.kernel.theorems import Theorem

from .attack import Entry, base, pairs
from .kit import ONE, ZERO, add, arith, defined, given, lit, local, mul, rat, rule, same, sub, unary

I, J, M, N, O, P, Q = (var(name) for name in "ijmnopq")  # noqa: E741
Index = list[tuple[Term, Term]]


def total(index: Index, t: Term) -> Term:
    """The sum over all indices."""
    for k, n in reversed(index):
        t = bind("sum", k, n, t)
    return t


def derivative(e: Term, *sides: Theorem, vary: frozenset[str] = frozenset({"x/1"})) -> Theorem:
    """``e`` has the derivative that the kernel finds."""
    th = local(e, *sides, vary=vary)
    return rule("has_deriv", th, defined(th.conclusion.derivative, *sides))  # type: ignore[union-attr]


def operator_of(e: Term, v: Term, *sides: Theorem, outs: Index | None = None, index: Index | None = None) -> list[Any]:
    """The arguments of an operator ``e`` of ``x`` whose pairing with ``v`` holds for each index as it stands."""
    outs, index = outs or [(O, N)], index or [(I, N)]
    ks, rank = [k for k, _ in index], len(index)
    deriv = derivative(e, *sides, vary=frozenset({f"x/{rank}"}))
    forward = mul(var("g", *[k for k, _ in outs]), deriv.conclusion.derivative)  # type: ignore[union-attr]
    left, right = total(outs, forward), total(index, mul(v, tangent("x", *ks)))
    if left is right:
        adjoint = same(left, right)
    else:
        each = same(forward, mul(substitute(v, {k.symbol: o for (k, _), (o, _) in zip(index, outs, strict=True)}), tangent("x", *[k for k, _ in outs])))
        adjoint = rule("generalize", "sum", *outs[0], each, [])
    return [outs, deriv, adjoint, [(f"x/{rank}", index, v)]]


def X(*index: Term) -> Term:
    return var("x", *index)


def G(*index: Term) -> Term:
    return var("g", *index)


def logarithm() -> list[Any]:
    """``log x[o]``, where ``x[o] > 0``."""
    return operator_of(unary("log", X(O)), mul(G(I), unary("inv", X(I))), given(">", X(O)))


def scaled(w: Term) -> list[Any]:
    """``w x[o]``."""
    return operator_of(mul(w, X(O)), mul(G(I), w))


def empty(k: Term, n: Term) -> Theorem:
    """``sum_(k < n) 0 = 0``, since it is twice itself."""
    twice = rule("generalize", "sum", k, n, same(ZERO, add(mul(ONE, ZERO), ZERO)), [])
    linear = rule("fact", "sum_linear", [], [k, n, ONE, ZERO, ZERO], [])
    return arith("=", total([(k, n)], ZERO), equations=[(rat(-1), twice), (rat(-1), linear)])


def vanishing(index: Index, t: Term) -> Theorem:
    """The sum over all indices of what is 0 is 0."""
    zero = same(t, ZERO)
    for k, n in reversed(index):
        over_q = rule("generalize", "sum", k, Q, zero, [])
        zero = arith("=", sub(total([(k, Q)], t), ZERO), equations=[(ONE, over_q), (ONE, empty(k, Q))])
        zero, t = rule("instantiate", zero, {"q": n}), total([(k, n)], t)
    return zero


def idle(symbol: str, index: Index, v: Term) -> list[Any]:
    """``x[o]``, with a second operand ``y`` on which nothing depends; what is said of its cotangent is 0."""
    outs, _, _, pulls = operator_of(X(O), G(I))
    deriv = derivative(X(O), vary=frozenset({"x/1", "y/1"}))
    pairing = total(outs, mul(G(O), tangent("x", O)))
    nothing = mul(v, tangent(symbol.partition("/")[0], *(k for k, _ in index)))
    both = add(total(pulls[0][1], mul(G(I), tangent("x", I))), total(index, nothing))
    adjoint = arith("=", sub(pairing, both), equations=[(rat(-1), vanishing(index, nothing))])
    return [outs, deriv, adjoint, [*pulls, (symbol, index, v)]]


def weakened(th: Theorem, more: Theorem) -> Theorem:
    """The equation under one hypothesis more."""
    return arith("=", th.conclusion.literal.term, equations=[(ONE, th), (ZERO, more)])  # type: ignore[union-attr]


def operators() -> Iterator[Entry]:
    """A derivative and its adjoint."""
    identity = operator_of(X(O), G(I))
    _, deriv, adjoint, pulls = identity
    yield from base(
        "operator", identity,
        ("no_pullback", "a pullback is missing", 3, []),
        ("a_pullback_twice", "a pullback is missing", 3, pulls * 2),
        ("a_pullback_of_what_is_fixed", "a pullback is missing", 3, [*pulls, ("y/1", [(I, N)], ZERO)]),
        ("a_pullback_with_an_index_too_many", "other indices", 3, [("x/1", [(I, N), (J, N)], G(I))]),
        ("a_pullback_without_indices", "other indices", 3, [("x/1", [], G(I))]),
        ("an_index_that_stands_twice", "an index stands twice", 0, [(O, N), (O, N)]),
        ("another_pairing", "does not pair", 2, same(ONE, ONE)),
        ("another_size", "does not pair", 0, [(O, M)]),
        ("another_pullback", "does not pair", 3, [("x/1", [(I, N)], mul(rat(2), G(I)))]),
        ("an_adjoint_that_is_no_equation", "not Holds", 2, deriv),
        ("a_derivative_that_may_have_no_value", "not HasDeriv", 1, local(X(O), vary=frozenset({"x/1"}))),
        ("an_equation_that_holds_at_an_index", "a hypothesis depends on an index", 2, weakened(adjoint, given("=", O))),
        ("an_equation_that_holds_of_a_cotangent", "the cotangent occurs", 2, weakened(adjoint, given("=", G(ONE)))),
    )
    alone = derivative(var("x"), vary=frozenset({"x"}))
    yield from pairs(
        "operator",
        ("a_pullback_of_another_family", "a pullback is missing", idle("y/1", [(J, N)], ZERO), idle("z/1", [(J, N)], ZERO)),
        ("one_operand_with_other_indices", "other indices", idle("y/1", [(J, N)], ZERO), idle("y/1", [(I, N), (J, N)], ZERO)),
        ("one_pullback_with_a_tangent", "depends on a tangent", idle("y/1", [(J, N)], ZERO), idle("y/1", [(J, N)], mul(ZERO, tangent("y", J)))),
        ("one_size_that_moves", "a size depends", idle("y/1", [(J, N)], ZERO), idle("y/1", [(J, tangent("n"))], ZERO)),
        ("one_size_that_is_a_cotangent", "a size depends", idle("y/1", [(J, N)], ZERO), idle("y/1", [(J, G(ONE))], ZERO)),
        ("of_no_operand", "a pullback is missing", identity, [[(O, N)], derivative(var("w", O), vary=frozenset()), adjoint, []]),
        ("a_number_as_operand", "something has none", identity, [[(O, N)], alone, adjoint, [("x", [], ONE)]]),
        ("a_number_as_result", "something has none", identity, [[], deriv, adjoint, pulls]),
        ("a_tangent_in_a_pullback", "depends on a tangent", operator_of(X(O), add(G(I), mul(ZERO, X(I)))), operator_of(X(O), add(G(I), mul(ZERO, tangent("x", I))))),
        ("the_cotangent_in_the_result", "the cotangent occurs", scaled(var("w", ONE)), scaled(G(ONE))),
        ("the_cotangent_in_a_condition", "the cotangent occurs", _narrow(X(O)), _narrow(G(O))),
        ("a_size_that_is_an_index", "a size depends", _ragged(N), _ragged(None)),
        ("a_size_that_is_an_entry", "a size depends", _sized(var("y", ZERO)), _sized(X(ZERO))),
        ("a_size_that_is_a_cotangent", "a size depends", _sized(var("y", ZERO)), _sized(G(ZERO))),
        ("a_size_that_is_a_tangent", "a size depends", _sized(var("y", ZERO)), _sized(tangent("y", ZERO))),
    )


def _narrow(u: Term) -> list[Any]:
    """``x[o]`` with a derivative that is shown where ``u = 0`` only."""
    outs, _, adjoint, pulls = operator_of(X(O), G(I))
    rate = tangent("x", O)
    zero = weakened(same(rate, rate), given("=", u))
    narrow = rule("has_deriv", rule("rewrite", local(X(O), vary=frozenset({"x/1"})), zero), defined(rate))
    return [outs, narrow, adjoint, pulls]


def _ragged(n: Term | None) -> list[Any]:
    """``x[o, p]`` for ``p < n``, or for ``p < o``."""
    return operator_of(X(O, P), G(I, J), outs=[(O, N), (P, n or O)], index=[(I, N), (J, n or I)])


def _sized(n: Term) -> list[Any]:
    return operator_of(X(O), G(I), outs=[(O, n)], index=[(I, n)])


def steps() -> Iterator[Entry]:
    """An operator with other names."""
    op = rule("operator", *scaled(var("w", ONE)))
    values: dict[str, Term] = {"x/1": whole("z/1"), "n": rat(3), "w/1": mul(idx(0), M)}
    yield from base(
        "step", ["y", op, values],
        ("no_operand", "an operand is missing", 2, {"n": rat(3)}),
        ("a_value_with_an_index_too_many", "other indices", 2, values | {"w/1": idx(1)}),
        ("a_size_with_an_index", "other indices", 2, values | {"n": idx(0)}),
        ("a_value_that_moves", "depends on a tangent", 2, values | {"w/1": tangent("w", idx(0))}),
        ("a_cotangent_as_parameter", "the cotangent is no parameter", 2, values | {"g/1": ONE}),
        ("a_cotangent_in_a_value", "the cotangent is no parameter", 2, values | {"w/1": G(idx(0))}),
        ("a_cotangent_as_operand", "the cotangent is no parameter", 2, values | {"x/1": whole("g/1")}),
        ("an_operand_shifted", "an operand is no family", 2, values | {"x/1": var("z", add(idx(0), ONE))}),
        ("an_operand_that_is_a_term", "an operand is no family", 2, values | {"x/1": mul(rat(2), idx(0))}),
        ("of_a_derivative", "not Operator", 1, derivative(X(O))),
    )
    pair = rule("operator", *idle("y/1", [(J, N)], ZERO))
    both: dict[str, Term] = {"x/1": whole("z/1"), "y/1": whole("w/1"), "n": M}
    yield from base("step", ["y", pair, both], ("one_operand_left_out", "an operand is missing", 2, {"x/1": whole("z/1"), "n": M}))
    matrix = rule("operator", *_ragged(N))
    yield from base("step", ["y", matrix, {"x/2": whole("z/2")}], ("an_operand_transposed", "an operand is no family", 2, {"x/2": var("z", idx(0), idx(1))}))


def programs() -> Iterator[Entry]:
    """Operators one after the other."""
    op = rule("operator", *scaled(var("w", ONE)))

    def made(name: str, source: str, **values: Term) -> Theorem:
        return rule("step", name, op, {"x/1": whole(source), "n": rat(3), **{s.replace("_", "/"): t for s, t in values.items()}})

    a, b = made("a", "z/1"), made("b", "a/1")
    inputs: list[Any] = [("y/1", [N]), ("z/1", [rat(3)])]
    yield from base(
        "program", [inputs, [a, b]],
        ("an_operand_that_comes_later", "none yet", 1, [b, a]),
        ("an_operand_that_is_none", "none yet", 1, [a, made("b", "c/1")]),
        ("an_operand_that_is_its_own_result", "none yet", 1, [a, made("b", "b/1")]),
        ("an_operand_of_other_sizes", "of other sizes", 1, [a, made("b", "y/1")]),
        ("a_size_of_another_value", "of other sizes", 1, [a, made("b", "a/1", n=rat(4))]),
        ("a_name_that_stands_twice", "a name stands twice", 1, [a, made("a", "a/1")]),
        ("a_name_of_an_input", "a name stands twice", 1, [a, made("y", "a/1")]),
        ("an_input_that_stands_twice", "a name stands twice", 0, [*inputs, inputs[0]]),
        ("an_input_with_other_indices", "no family", 0, [("y/2", [N]), inputs[1]]),
        ("an_input_that_is_a_number", "no family", 0, [("y", []), inputs[1]]),
        ("an_input_whose_size_moves", "no family", 0, [("y/1", [tangent("n")]), inputs[1]]),
        ("an_input_of_which_one_size_moves", "no family", 0, [("y/2", [N, tangent("n")]), inputs[1]]),
        ("a_size_that_is_an_input", "a size depends on a node", 0, [("y/1", [var("z", ZERO)]), inputs[1]]),
        ("a_size_that_is_a_result", "a size depends on a node", 0, [("y/1", [var("b", ZERO)]), inputs[1]]),
        ("a_value_that_is_an_input", "depends on a node", 1, [a, made("b", "a/1", w_1=whole("y/1"))]),
        ("a_value_that_is_a_result", "depends on a node", 1, [a, made("b", "a/1", w_1=whole("a/1"))]),
        ("a_value_that_is_a_later_result", "depends on a node", 1, [made("a", "z/1", w_1=whole("b/1")), b]),
        ("a_parameter_named_like_a_result", "depends on a node", 1, [a, made("w", "a/1")]),
        ("a_result_named_like_the_cotangent", "depends on a node", 1, [a, made("g", "a/1")]),
        ("of_an_operator", "not Step", 1, [a, op]),
    )
    pair = rule("operator", *idle("y/1", [(J, N)], ZERO))
    first, other = (rule("step", "a", pair, {"x/1": whole("z/1"), "y/1": whole(s), "n": rat(3)}) for s in ("z/1", "y/1"))
    yield from base("program", [inputs, [first]], ("one_operand_of_other_sizes", "of other sizes", 1, [other]))
    for where, u in ("condition", var("w", O)), ("hypothesis", var("w", ONE)):
        narrow, at = rule("operator", *_narrow(u)), {"x/1": whole("z/1"), "n": rat(3)}
        free, bad = (rule("step", "a", narrow, at | {"w/1": whole(w)}) for w in ("c/1", "y/1"))
        yield from base("program", [inputs, [free]], (f"a_{where}_on_an_input", "depends on a node", 1, [bad]))


def pointwise() -> Iterator[Entry]:
    """Rules for what is said of one point, which graphs are not."""
    op = rule("operator", *scaled(var("w", ONE)))
    for name, graph in (("an_operator", op), ("a_step", rule("step", "y", op, {"x/1": whole("z/1")}))):
        yield from pairs("cases", (f"of_{name}_twice", "the two conclusions differ", [lit(">", M), same(M, M), same(M, M)], [lit(">", M), graph, graph]))
        yield from base("freeze", ["m", ONE, same(J, J)], (f"in_{name}", "about a graph", 2, graph))


def graphs() -> Iterator[Entry]:
    """All of them."""
    yield from (*operators(), *steps(), *programs(), *pointwise())
