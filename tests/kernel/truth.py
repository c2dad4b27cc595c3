"""Whether what a theorem says is true, by numbers of 60 digits at points that satisfy its hypotheses."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from hasderiv.proofs.agreement import plain
from hasderiv.proofs.kernel.conclusions import Map
from hasderiv.proofs.kernel.terms import Literal, Term, neg, postorder
from hasderiv.proofs.kernel.theorems import Theorem

from .test_ledgers import CONTEXT
from .test_properties import _check, _clearly

VALUES = ("-2.5", "-2", "-1", "-0.5", "-0.3", "0", "0.25", "0.7", "1", "1.5", "2", "3")
TRIES, ENOUGH = 600, 6


def said(th: Theorem) -> str:
    """A theorem as text."""
    return repr(plain((th.hyps, th.conclusion, th.cites)))


def contradictory(th: Theorem) -> bool:
    """Whether two hypotheses, about a term and it or its negative, cannot hold together."""
    signs = {">": {1}, ">=": {0, 1}, "=": {0}, "!=": {-1, 1}}
    possible: dict[Term, set[int]] = {}
    for relation, t in th.hyps:
        flipped = t.op == "mul" and neg(t.terms[1]) is t
        allowed = {-s for s in signs[relation]} if flipped else signs[relation]
        key = t.terms[1] if flipped else t
        possible[key] = possible.get(key, {-1, 0, 1}) & allowed
    return not all(possible.values())


def confirmed(th: Theorem) -> int:
    """At how many points a theorem was compared with numbers of 60 digits; raises ``AssertionError`` if one is off."""
    conclusion, hyps = th.conclusion, th.hyps
    if type(conclusion) is Map:
        hyps |= frozenset(conclusion.assume)
        conclusion = Map(conclusion.vary, conclusion.term, (), conclusion.pieces)
    names = sorted(n for n in _names((hyps, conclusion)) if not n.startswith("d "))
    values = [*VALUES, *sorted(_numbers(hyps))]
    rng = random.Random(hashlib.sha256(said(th).encode()).digest())
    points = 0
    for _ in range(TRIES):
        point = defaultdict[str, Any](lambda: CONTEXT.mpf(1))
        for name in names:
            point[name], point[f"d {name}"] = (_real(rng.choice(values)) for _ in range(2))
        if all(_clearly(h, point) for h in hyps):
            _check(conclusion, point)
            points += 1
            if points == ENOUGH:
                break
    return points


def _real(text: str) -> Any:
    q = Fraction(text)
    return CONTEXT.mpf(q.numerator) / q.denominator


def _numbers(hyps: frozenset[Literal]) -> set[str]:
    """Numbers near which hypotheses may change: those that stand in them, and a little beside them."""
    found = {t.args[0] for h in hyps for t in postorder(h.term) if t.op == "rat"}
    steps = (Fraction(0), Fraction(1, 10), Fraction(-1, 10))
    return {str(s * q + d) for q in found if type(q) is Fraction for s in (1, -1) for d in steps}


def _names(thing: object) -> set[str]:
    if type(thing) is Term:
        return set(thing.free)
    if is_dataclass(thing):
        thing = tuple(getattr(thing, f.name) for f in fields(thing))
    return {n for part in thing for n in _names(part)} if isinstance(thing, tuple | frozenset) else set()
