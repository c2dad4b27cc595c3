"""Graphs: an operator is a derivative with its adjoint, proved once; a program runs operators one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from .conclusions import HasDeriv, Operator, Program, Pullback, Step
from .logic import names_in
from .sums import counts
from .terms import Literal, Term, add, bind, closed, entry, equal, mul, refuse, substitute, tangent, var
from .theorems import Hyps, Theorem, Theorems, conclude, expect, held

Index = Sequence[tuple[Term, Term]]
"""Variables, each with the size below which it counts."""


def operator(outs: Index, deriv: Theorem, adjoint: Theorem, pulls: Sequence[tuple[str, Index, Term]]) -> Theorem:
    """::

            H, G(o), o in range |- e(o) has derivative de(o) in the families x, y, ...
            K |- sum_o g[o] de(o) - (sum_i v_x(i) dx[i] + sum_j v_y(j) dy[j] + ...) = 0
           -----------------------------------------------------------------------------   no o in H, K, no g in
            H, K |- an operator with the entries e(o), wherever G(o) holds for all o        either but as written

    Sizes contain no index, no operand and not ``g``; ``v_x`` has no tangent in it.  The equation holds for all ``g``
    and ``dx``, so ``v_x`` is the cotangent of ``x`` where ``g`` is that of ``e``.
    """
    c, names = expect(HasDeriv, deriv), [k for k, _ in outs]
    refuse({x for x, *_ in pulls} == c.vary and len(pulls) == len(c.vary) > 0, "a pullback is missing or left over")
    dxs = [tangent(x.partition("/")[0], *(k for k, _ in index)) for x, index, _ in pulls]
    indices = [outs, *(index for _, index, _ in pulls)]
    ranked = all(indices) and all(dx.symbol == "d " + x for dx, (x, *_) in zip(dxs, pulls, strict=True))
    refuse(ranked, "an operand has other indices, or something has none")
    refuse(all(len({k for k, _ in index}) == len(index) for index in indices), "an index stands twice")
    refuse(not any(v.moves for *_, v in pulls), "a pullback depends on a tangent")
    g = var("g", *names)
    paired = reduce(add, [_total(index, mul(v, dx)) for dx, (_, index, v) in zip(dxs, pulls, strict=True)])
    balance = equal(_total(outs, mul(g, c.derivative)), paired)
    refuse(held(adjoint) == balance, "the equation does not pair the derivative with its adjoint")
    given, about = deriv.hyps.difference(*(counts(k, n) for k, n in outs)), names_in(tuple(names))
    refuse(g.symbol not in names_in((c, tuple(given | adjoint.hyps))), "the cotangent occurs in the operator")
    always = Hyps(h for h in given if about.isdisjoint(h.term.free)) | adjoint.hyps
    refuse(about.isdisjoint(names_in(tuple(always))), "a hypothesis depends on an index")
    sizes = tuple(n for index in indices for _, n in index)
    moving = c.vary.union({g.symbol}, *(k.free for index in indices for k, _ in index))
    fixed = moving.isdisjoint(names_in(sizes)) and not any(n.moves for n in sizes)
    refuse(fixed, "a size depends on an index, an operand, the cotangent or a tangent")
    conditions = Hyps(Literal(h.relation, closed(h.term, names)) for h in given - always)
    pullbacks = tuple(Pullback(x, _sizes(index), closed(v, [k for k, _ in index])) for x, index, v in pulls)
    made = Operator(_sizes(outs), closed(c.term, names), closed(c.derivative, names), pullbacks, conditions)
    return conclude(made, (deriv, adjoint), always)


def _total(index: Index, t: Term) -> Term:
    return reduce(lambda s, row: bind("sum", row[0], row[1], s), reversed(index), t)


def _sizes(index: Index) -> tuple[Term, ...]:
    return tuple(n for _, n in index)


def step(name: str, th: Theorem, values: Mapping[str, Term]) -> Theorem:
    """::

                  H |- an operator
           ------------------------------
            |- name := it, where H holds

    Its operands get the names of other families, its other symbols any values, which stay fixed.
    """
    op = expect(Operator, th)
    refuse(all(p.symbol in values for p in op.pullbacks), "an operand is missing")
    fits = all(t.loose <= entry(s).loose and not t.moves for s, t in values.items())
    refuse(fits, "a value has other indices, or depends on a tangent")
    cotangent = f"g/{len(op.sizes)}"
    refuse(cotangent not in names_in((*values, *values.values())), "the cotangent is no parameter")
    fixed = {s: t for s, t in values.items() if all(p.symbol != s for p in op.pullbacks)}
    operands = []
    for p in op.pullbacks:
        source = values[p.symbol]
        refuse(source.op == "var" and source is entry(source.symbol), "an operand is no family")
        operands.append((p.symbol, source.symbol, tuple(substitute(n, fixed) for n in p.sizes)))
    sizes = tuple(substitute(n, fixed) for n in op.sizes)
    made = Step(f"{name}/{len(sizes)}", sizes, op, th.hyps, tuple(operands), tuple(sorted(fixed.items())))
    return conclude(made, (th,), Hyps())


def program(inputs: Sequence[tuple[str, Sequence[Term]]], steps: Theorems) -> Theorem:
    """::

            |- name_1 := operator 1   ...   |- name_n := operator n
           ---------------------------------------------------------
                          |- the program of these

    Names are new; operands are inputs or earlier names, of the same sizes; nothing else depends on any of these.
    """
    made, known = [expect(Step, th) for th in steps], {s: tuple(sizes) for s, sizes in inputs}
    nodes = {*known, *(s.symbol for s in made)}
    refuse(len(nodes) == len(inputs) + len(made), "a name stands twice")
    for x, sizes in known.items():
        refuse(len(sizes) == entry(x).loose > 0 and not any(n.moves for n in sizes), "an input is no family")
    refuse(nodes.isdisjoint(names_in(tuple(known.values()))), "a size depends on a node")
    for s in made:
        own = {*(x for x, *_ in s.operands), *(x for x, _ in s.fixed)}
        parameters = (names_in((s.operator, tuple(s.hyps))) - own) | names_in(tuple(t for _, t in s.fixed))
        refuse(nodes.isdisjoint(parameters), "what should be fixed depends on a node")
        refuse(all(known.get(x) == sizes for _, x, sizes in s.operands), "an operand is none yet, or of other sizes")
        known[s.symbol] = s.sizes
    return conclude(Program(tuple((x, tuple(sizes)) for x, sizes in inputs), tuple(made)), steps)
