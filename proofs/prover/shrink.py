"""Shorter certificates: steps of arithmetic that only one other step uses are taken up into it.

The normal forms of the prover prove a chain of equations, each from the one before.  ``t = 0`` from
``t == sum c_m e_m`` with ``e_m == sum d_k f_k`` follows as well from ``t == sum (c_m d_k) f_k``, in one step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..kernel.terms import MINUS_ONE, ONE, KernelError, Term, mul, postorder, rat
from ..kernel.theorems import Holds, Theorem
from .recorder import Recorder

MAX_SIZE = 40
"""Nodes of a cofactor beyond which nothing is taken up: the product has to be multiplied out at each replay."""
MAX_ROWS = 8
MAX_USES = 1
"""A step with more uses than this stays: it would be written once for each."""


def shrink(R: Recorder, claims: Sequence[Theorem]) -> list[Theorem]:
    """Theorems with the same statements as ``claims``, by shorter proofs."""
    order = _reachable(R, claims)
    uses = Counter(p for th in order for p in R.premises(th))
    uses.update(claims)
    new: dict[Theorem, Theorem] = {}
    for th in order:
        name, args = R.how(th)
        if name == "arith":
            found = _arith(R, args, uses, new)
        else:
            changed = _put(args, new)
            found = th if changed is args else R.rule(name, *changed)
        new[th] = found
    return [new[th] for th in claims]


def _reachable(R: Recorder, claims: Sequence[Theorem]) -> list[Theorem]:
    """Every theorem that the claims rest on, premises first."""
    order: list[Theorem] = []
    seen: set[Theorem] = set()
    stack: list[tuple[Theorem, bool]] = [(th, False) for th in reversed(claims)]
    while stack:
        th, ready = stack.pop()
        if ready:
            order.append(th)
        elif th not in seen:
            seen.add(th)
            stack.append((th, True))
            stack += [(p, False) for p in reversed(R.premises(th))]
    return order


def _arith(R: Recorder, args: tuple[Any, ...], uses: Mapping[Theorem, int], new: Mapping[Theorem, Theorem]) -> Theorem:
    goal, products, equations = args
    rows: list[Any] = []
    flat: list[tuple[Term, Theorem]] = []
    for q, factors, squares in products:
        inner = (
            _inner(R, factors[0], uses, new) if len(factors) == 1 and not squares and goal.relation != "!=" else None
        )
        if inner is None or any(_relation(f) in ("=", "!=") for f in factors):
            rows.append((q, [new[f] for f in factors], squares))
        else:
            rows += [(q * k, fs, ss) for k, fs, ss in inner[1]]
            flat += [(_times(rat(q), d), f) for d, f in inner[2]]
    for c, e in equations:
        inner = _inner(R, e, uses, new)
        cofactors = None if inner is None or inner[1] else [(_times(c, d), f) for d, f in inner[2]]
        if cofactors is None or any(len(postorder(k)) > MAX_SIZE for k, _ in cofactors):
            flat.append((c, new[e]))
        else:
            flat += cofactors
    if len(flat) + len(rows) <= 3 * MAX_ROWS:
        try:
            return R.arith(goal, rows, flat)
        except KernelError:
            pass
    return R.arith(goal, [(q, [new[f] for f in fs], ss) for q, fs, ss in products], [(c, new[e]) for c, e in equations])


def _relation(th: Theorem) -> str:
    """The relation of the literal that a theorem proves."""
    c = th.conclusion
    assert isinstance(c, Holds)
    return c.literal.relation


def _inner(
    R: Recorder, th: Theorem, uses: Mapping[Theorem, int], new: Mapping[Theorem, Theorem]
) -> tuple[Any, ...] | None:
    """The arguments of a step of arithmetic that may be taken up into the step that uses it."""
    name, args = R.how(new[th])
    few = name == "arith" and uses[th] <= MAX_USES and len(args[1]) + len(args[2]) <= MAX_ROWS
    return args if few else None


def _times(a: Term, b: Term) -> Term:
    if a is ONE or b is ONE:
        return b if a is ONE else a
    return ONE if a is MINUS_ONE and b is MINUS_ONE else mul(a, b)


def _put(value: Any, new: Mapping[Theorem, Theorem]) -> Any:
    """Arguments of a rule with the new theorems in the place of the old ones; the same object where none changed."""
    if type(value) is Theorem:
        return new[value]
    if isinstance(value, Mapping):
        made: Any = {k: _put(v, new) for k, v in value.items()}
        return made if any(made[k] is not value[k] for k in value) else value
    if type(value) in (list, tuple):
        items = [_put(v, new) for v in value]
        if all(a is b for a, b in zip(items, value, strict=True)):
            return value
        return items if type(value) is list else tuple(items)
    return value
