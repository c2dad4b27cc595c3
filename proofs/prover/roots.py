"""Witnesses without a closed form: a term that changes its sign on an interval has a zero inside (rule ``root``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from ..kernel.terms import KernelError, Literal, Term, equal, neg, rat, sub, substitute, var
from ..kernel.theorems import Theorem
from .context import Context
from .derive import NotShown, local
from .normal import TooLarge
from .recorder import Recorder
from .sampling import Point, truth, value

_WIDTHS = tuple(Fraction(1, 2**k) for k in (2, 4, 7, 10, 14, 18, 22))
_PROBES = 9
_TRIED = 6


def root_witness(
    R: Recorder, x: str, literals: Sequence[Literal], others: Mapping[str, Term], samples: Sequence[Point]
) -> Theorem | None:
    """``Somewhere(literals)`` at a zero in ``x`` of an equation among the literals, near one of the samples."""
    tried = 0
    for h in literals:
        if h.relation != "=" or x not in h.term.free:
            continue
        for e, low, high in _intervals(h.term, x, literals, others, samples):
            tried += 1
            if tried > _TRIED:
                return None
            th = _shown(R, x, e, low, high, literals, others)
            if th is not None:
                return th
    return None


def _intervals(
    t: Term, x: str, literals: Sequence[Literal], others: Mapping[str, Term], samples: Sequence[Point]
) -> Iterator[tuple[Term, Fraction, Fraction]]:
    """Intervals around the samples on which ``t`` or ``-t`` seems to rise through 0, the other literals holding."""
    fixed = {var(n): value(v, {}) for n, v in others.items()}
    strict = [k for k in literals if k.relation not in ("=", ">=")]
    for sample in samples:
        for width in _WIDTHS:
            step = width * (1 + abs(Fraction(sample[var(x)]).limit_denominator(16)))
            middle = Fraction(sample[var(x)]).limit_denominator(4 * (step.denominator // step.numerator + 1))
            low, high = middle - step, middle + step

            def at(q: Fraction, u: Term) -> float:
                return value(u, {**fixed, var(x): float(q)})

            start, end = at(low, t), at(high, t)
            if not (start < 0 < end or end < 0 < start):
                continue
            probes = [low + (high - low) * Fraction(i, _PROBES) for i in range(_PROBES + 1)]
            if all(truth(k.relation, at(q, k.term)) for k in strict for q in probes):
                yield (t if start < 0 else neg(t)), low, high


def _shown(
    R: Recorder, x: str, e: Term, low: Fraction, high: Fraction, literals: Sequence[Literal], others: Mapping[str, Term]
) -> Theorem | None:
    a, b = rat(low), rat(high)
    known = [equal(var(n), v) for n, v in sorted(others.items())]
    rooms = [sub(var(x), a), sub(b, var(x))]
    closed = Context(R)
    ends = [sub(b, a), *(substitute(s, {**others, x: end}) for s, end in ((neg(e), a), (e, b)))]
    names = sorted({x, *others})
    try:
        shown = [closed.prove(">", t) for t in ends]
        if any(th is None for th in shown):
            return None
        continuous = local(Context(R, [*known, *(Literal(">=", r) for r in rooms)], names), frozenset({x}), e, False)
        inside = Context(R, [*known, *(Literal(">", r) for r in rooms), Literal("=", e)], names)
        facts = [inside.prove(*k) for k in literals]
        if any(th is None for th in facts):
            return None
        return R.rule("root", tuple(literals), x, (a, b), dict(others), continuous, shown, facts)
    except (NotShown, TooLarge, KernelError, RecursionError):
        return None
