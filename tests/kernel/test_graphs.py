"""Programs by brute force: what the steps compute, its derivative forward, and what the pullbacks add up backward."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hasderiv.proofs.agreement import difference, outcome
from hasderiv.proofs.kernel.certificate import Certificate
from hasderiv.proofs.kernel.conclusions import Operator, Program, Step
from hasderiv.proofs.kernel.terms import MAX_OPENED, Literal, Term, entry, equal, opened, rat, substitute, tangent, var
from hasderiv.proofs.kernel.theorems import Theorem

from .adversary_graphs import G, I, N, O, X, derivative, empty, operator_of, total
from .indexed import Dual, Family, value
from .kit import ONE, RECORDER, add, arith, given, mul, rule, same, unary, x

Point = dict[str, Any]
Entries = dict[tuple[int, ...], Any]


def product() -> Theorem:
    """``w[o] x[o] y[o]``."""
    y, w = var("y", O), var("w", O)
    deriv = derivative(mul(mul(X(O), y), w), vary=frozenset({"x/1", "y/1"}))
    rate = deriv.conclusion.derivative  # type: ignore[union-attr]
    vx, vy = mul(G(O), mul(y, w)), mul(G(O), mul(X(O), w))
    tx, ty = mul(vx, tangent("x", O)), mul(vy, tangent("y", O))
    apart = rule("generalize", "sum", O, N, same(mul(G(O), rate), add(mul(ONE, tx), ty)), [])
    linear = rule("fact", "sum_linear", [], [O, N, ONE, tx, ty], [])
    sums = [total([(O, N)], t) for t in (mul(G(O), rate), tx, ty)]
    adjoint = arith("=", equal(sums[0], add(*sums[1:])).term, equations=[(ONE, apart), (ONE, linear)])
    pulls = [(s, [(I, N)], substitute(v, {"o": I})) for s, v in (("x/1", vx), ("y/1", vy))]
    return rule("operator", [(O, N)], deriv, adjoint, pulls)


def wired() -> Program:
    """``a = w z z``, ``b = u a z``, ``c = a b``: operands that are used twice, and values for the parameter."""
    op = product()

    def made(name: str, left: str, right: str, w: Term) -> Theorem:
        return rule("step", name, op, {"n": rat(3), "x/1": entry(left), "y/1": entry(right), "w/1": w})

    index = entry("p/1").terms[0]
    steps = [
        made("a", "z/1", "z/1", add(index, var("q", index))),
        made("b", "a/1", "z/1", var("q", add(index, ONE))),
        made("c", "b/1", "a/1", ONE),
    ]
    th = rule("program", [("y/1", [var("m")]), ("z/1", [rat(3)])], steps)
    data = RECORDER.write([th], x)
    found = outcome(data)
    assert isinstance(found, Certificate), found
    assert difference(data, found) is None
    assert isinstance(th.conclusion, Program)
    return th.conclusion


def at_index(step: Step, t: Term, index: tuple[int, ...], names: dict[str, Term]) -> Term:
    """A term of the operator of a step at an index, with the names that the step gives."""
    return substitute(opened(t, [rat(i) for i in index], iter(range(MAX_OPENED))), names)


def below(sizes: tuple[Term, ...], at: Point) -> list[tuple[int, ...]]:
    return list(itertools.product(*(range(int(value(n, at))) for n in sizes)))


def names_of(step: Step) -> dict[str, Term]:
    """What stands for each symbol of the operator, and for the tangents of its operands."""
    names = dict(step.fixed)
    for symbol, source, _ in step.operands:
        names[symbol], name = entry(source), source.partition("/")[0]
        names[f"d {symbol}"] = tangent(name, *entry(source).terms)
    return names


def family(entries: Entries) -> Any:
    return lambda *index: entries.get(tuple(int(i) for i in index), Fraction(0))


def run(program: Program, at: Point) -> Point:
    """Values and tangents of all families."""
    table = dict(at)
    for step in program.steps:
        op, names = step.operator, names_of(step)
        index = below(step.sizes, table)
        for key, t in ((step.symbol, op.term), (f"d {step.symbol}", op.derivative)):
            table[key] = family({i: value(at_index(step, t, i, names), table) for i in index})
    return table


def backward(program: Program, table: Point, seed: dict[str, Entries]) -> dict[str, Entries]:
    """The cotangents of all families, last step first."""
    cotangents = defaultdict[str, Entries](dict, {s: dict(entries) for s, entries in seed.items()})
    for step in reversed(program.steps):
        here = table | {f"g/{len(step.sizes)}": family(cotangents.pop(step.symbol, {}))}
        for pull, (_, source, sizes) in zip(step.operator.pullbacks, step.operands, strict=True):
            for i in below(sizes, table):
                more = value(at_index(step, pull.term, i, names_of(step)), here)
                cotangents[source][i] = cotangents[source].get(i, Fraction(0)) + more
    return cotangents


@pytest.mark.parametrize("seed", range(5))
def test_a_program_is_what_its_steps_compute(seed: int) -> None:
    rng, program = random.Random(seed), wired()
    at: Point = {s: Family(rng) for s in ("y/1", "z/1", "q/1", "d y/1", "d z/1")} | {"m": Fraction(2)}
    table = run(program, at)
    z, q = at["z/1"], at["q/1"]
    moved = [Dual(z(Fraction(i)), at["d z/1"](Fraction(i))) for i in range(3)]
    for i, zi in enumerate(moved):
        a = (i + q(Fraction(i))) * zi * zi
        c = q(Fraction(i + 1)) * a * zi * a
        assert (table["c/1"](i), table["d c/1"](i)) == (c.number, c.rate)
    families = [(s, below(sizes, table)) for s, sizes in program.inputs]
    families += [(step.symbol, below(step.sizes, table)) for step in program.steps]
    cotangent = {s: {i: Fraction(rng.randint(-5, 5)) for i in index} for s, index in families}
    found = backward(program, table, cotangent)

    def paired(of: dict[str, Entries]) -> Fraction:
        return sum((g * table[f"d {s}"](*i) for s, entries in of.items() for i, g in entries.items()), Fraction(0))

    assert set(found) == {"y/1", "z/1"} and paired(found) == paired(cotangent)


def resting(e: Term, *facts: Theorem) -> Theorem:
    """The derivative of ``e``, resting on equations that it does not need."""
    rate = derivative(e).conclusion.derivative  # type: ignore[union-attr]
    zero = arith("=", equal(rate, rate).term, equations=[(ONE, same(rate, rate)), *((rat(0), th) for th in facts)])
    moves = rule("rewrite", rule("local", frozenset({"x/1"}), e, []), zero)
    return rule("has_deriv", moves, rule("defined", rate, []))


def test_hypotheses_become_conditions_where_an_index_is_in_them() -> None:
    outs, _, adjoint, pulls = operator_of(X(O), G(I))
    th = rule("operator", outs, resting(X(O), given("=", var("w", O)), given("=", var("v"))), adjoint, pulls)
    assert isinstance(th.conclusion, Operator)
    assert th.conclusion.conditions == {Literal("=", entry("w/1"))} and th.hyps == {Literal("=", var("v"))}


def test_what_counts_an_index_is_no_condition() -> None:
    """``o`` is natural and less than ``n`` wherever the operator says something."""
    outs, _, adjoint, pulls = operator_of(X(O), G(I))
    narrow = resting(X(O), rule("assume", equal(unary("floor", O), O)))
    th = rule("operator", outs, narrow, adjoint, pulls)
    assert isinstance(th.conclusion, Operator) and narrow.hyps and not th.conclusion.conditions and not th.hyps


def lifted(rate: Term, adjoint: Theorem) -> Theorem:
    """``sum_(o < 1) g[o] rate - back = 0`` from ``g rate - back = 0``, ``back`` being at ``g := sum_(o < 1) g[o]``."""
    index = [(O, ONE)]
    at_total = rule("instantiate", adjoint, {"g": total(index, G(O))})
    split = rule("generalize", "sum", O, ONE, same(mul(G(O), rate), add(mul(rate, G(O)), rat(0))), [])
    linear = rule("fact", "sum_linear", [], [O, ONE, rate, G(O), rat(0)], [])
    back = at_total.conclusion.literal.term.terms[1].terms[1]  # type: ignore[union-attr]
    goal = equal(total(index, mul(G(O), rate)), back).term
    return arith("=", goal, equations=[(ONE, split), (ONE, linear), (ONE, empty(O, ONE)), (ONE, at_total)])


def test_a_number_is_a_family_with_one_entry() -> None:
    """The sum of a family, whose adjoint was shown for a number ``g``, as an operator."""
    k, n, g = var("k"), var("n"), var("g")
    one = rule("local", frozenset({"x/1"}), X(k), [])
    whole = rule("generalize", "sum", k, n, one, [])
    rate = whole.conclusion.derivative  # type: ignore[union-attr]
    exists = rule("generalize", "sum", k, n, rule("defined", tangent("x", k), []), [])
    deriv = rule("has_deriv", whole, exists)
    inside = rule("fact", "sum_linear", [], [k, n, g, tangent("x", k), rat(0)], [])
    split = rule("generalize", "sum", k, n, same(mul(g, tangent("x", k)), add(mul(g, tangent("x", k)), rat(0))), [])
    goal = equal(mul(g, rate), total([(k, n)], mul(g, tangent("x", k)))).term
    adjoint = arith("=", goal, equations=[(rat(-1), split), (rat(-1), inside), (rat(-1), empty(k, n))])
    pulls = [("x/1", [(k, n)], total([(O, ONE)], G(O)))]
    op = rule("operator", [(O, ONE)], deriv, lifted(rate, adjoint), pulls)
    assert isinstance(op.conclusion, Operator) and op.conclusion.sizes == (ONE,) and not op.hyps
