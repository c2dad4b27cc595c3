"""What a theorem says, for people: every word of it, but long terms cut short."""

from fractions import Fraction
from typing import Any

from .reader import Checker
from .reasoning import Theorem
from .table import Term

LIMIT = 200


def statement(k: Checker, th: Theorem) -> str:
    """``conclusion if hypotheses [cited facts]`` on one line."""
    under = ", ".join(sorted(literal(k, h) for h in th.hyps))
    cites = f" [cited: {', '.join(sorted(th.cites))}]" if th.cites else ""
    return said(k, th.says) + (f" if {under}" if under else "") + cites


def said(k: Checker, says: tuple[Any, ...]) -> str:
    """A conclusion: its kind, and its parts in their order."""
    kind, *parts = says
    return f"{kind.__name__}({'; '.join(part(k, p) for p in parts)})"


def part(k: Checker, value: Any) -> str:
    """A part of a conclusion."""
    if type(value) is Term:
        return term(k, value)
    if isinstance(value, frozenset):
        return " ".join(sorted(value))
    if isinstance(value, tuple) and value and hasattr(value[0], "__supertype__"):
        return said(k, value)
    if isinstance(value, tuple) and len(value) == 2 and type(value[1]) is Term:
        return literal(k, value)
    return "{" + ", ".join(part(k, v) for v in value) + "}" if isinstance(value, tuple) else str(value)


def literal(k: Checker, value: tuple[str, Term]) -> str:
    """``term relation 0``"""
    return f"{term(k, value[1])} {value[0]} 0"


def term(k: Checker, root: Term) -> str:
    """A term in the usual notation; what is longer than a line ends in dots."""

    def show(t: Term, parts: list[str]) -> str:
        op, *args = k.rows[t]
        match op:
            case "add" | "mul":
                text = f"({parts[0]} {'+' if op == 'add' else '*'} {parts[1]})"
            case "pow":
                text = f"{parts[0]}**{args[1]}"
            case "cond":
                text = f"({parts[1]} if {parts[0]} {args[0]} 0 else {parts[2]})"
            case "rat":
                text = str(args[0]) if args[0] == abs(args[0]) else f"({Fraction(args[0])})"
            case "d":
                text = f"d{args[0]}"
            case _:
                name = args[0] if op in ("var", "app") else op
                text = f"{name}({', '.join(parts)})" if parts else str(name)
        return text if len(text) <= LIMIT else text[: LIMIT - 3] + "..."

    return str(k.fold(root, lambda t: k.below[t], show))
