"""Literals that took work to show, kept with the certificate for every context in which their hypotheses hold."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..kernel.terms import Literal
from ..kernel.theorems import Theorem, held
from .recorder import Recorder

if TYPE_CHECKING:
    from .context import Context

_known: WeakKeyDictionary[Recorder, dict[Literal, list[Theorem]]] = WeakKeyDictionary()


def keep(R: Recorder, th: Theorem) -> None:
    """Let ``recalled`` find the theorem, and what is weaker."""
    known, (relation, t) = _known.setdefault(R, {}), held(th)
    known.setdefault(held(th), []).append(th)
    if relation == ">":
        for weaker in (Literal(">=", t), Literal("!=", t)):
            known.setdefault(weaker, []).append(R.arith(weaker, [(1, [th], [])]))


def recalled(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal, where it was shown from hypotheses that the context has."""
    given = frozenset(ctx.hyps)
    return next((th for th in _known.get(ctx.R, {}).get(goal, ()) if th.hyps <= given), None)
