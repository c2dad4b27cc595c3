"""What an op's certificate proves, piece by piece, as statements about a plain function: what every export writes.

A piece with a derivative gives one statement; so does a piece without one, unless it lies on the *boundary* of the
domain.  There, and outside, the libraries of Coq and Lean have values of their own (``ln x = 0`` for ``x <= 0`` in
Coq, ``ln |x|`` in Lean), so what holds of our function need not hold of theirs; such a piece is only named, unless
the function is vertical on the side where it is defined: then theirs has no derivative either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..catalogue import check, check_orders, spec_of
from ..kernel.algebra import slope
from ..kernel.conclusions import INFINITE, HasDeriv, Map, NotDifferentiable, NthDerivative, Slope, Undefined
from ..kernel.terms import ONE, ZERO, Literal, Term, postorder, substitute
from ..kernel.theorems import Theorem
from .text import COQ, Printer

KINDS: Final = {"corner": "corner", "jump": "jump", "vertical tangent": "vertical", "boundary": "boundary"}


@dataclass(frozen=True)
class Statement:
    """A theorem to state: ``kind`` is ``derive``, ``no_derivative``, ``steep``, ``left``, ``right``, ``joint``
    or ``no_joint``.

    It comes from row ``row`` of the map that is claim ``claim`` of the certificate, and holds under ``hyps``.
    """

    name: str
    kind: str
    variables: tuple[str, ...]
    hyps: tuple[Literal, ...]
    derivative: tuple[Slope, ...]
    claim: int
    row: int


@dataclass(frozen=True)
class Order:
    """A theorem to state about the derivative of order ``order`` in ``x``, under ``hyps``.

    It is claim ``claim`` of the certificate of the higher orders.
    """

    name: str
    x: str
    order: int
    hyps: tuple[Literal, ...]
    derivative: Term
    claim: int


@dataclass(frozen=True)
class Silent:
    """A piece about which nothing is stated, and why."""

    variables: tuple[str, ...]
    conditions: tuple[Literal, ...]
    why: str


@dataclass(frozen=True)
class Export:
    """An op as an export sees it: its symbols in the order of its arguments, its term, what is stated of it."""

    name: str
    symbols: tuple[str, ...]
    term: Term
    claims: tuple[Theorem, ...]
    items: tuple[Statement | Silent, ...]
    orders: tuple[Order, ...] = ()

    @property
    def statements(self) -> list[Statement]:
        """What is stated."""
        return [item for item in self.items if isinstance(item, Statement)]

    @property
    def used(self) -> list[int]:
        """The claims of the certificate that they come from."""
        return sorted({s.claim for s in self.statements})


def export_of(name: str) -> Export:
    """The statements of one op, from its certificate, which is replayed and compared with the spec.

    Raises what :func:`..catalogue.check` raises.
    """
    spec, claims = spec_of(name), check(name)
    symbols = (*spec.inputs, *spec.params)
    found = [(k, c) for k, th in enumerate(claims) if type(c := th.conclusion) is Map and not th.hyps]
    found.sort(key=lambda pair: (len(pair[1].vary), sorted(map(symbols.index, pair[1].vary))))
    items = [item for k, c in found for item in _of_map(name, symbols, k, c)]
    return Export(name, symbols, found[0][1].term, claims, tuple(items), tuple(_orders(name, symbols)))


def _orders(name: str, symbols: Sequence[str]) -> Iterator[Order]:
    """The derivatives of order 2 and 3, in the order of their certificate."""
    found = [(k, c, th.hyps) for k, th in enumerate(check_orders(name)) if type(c := th.conclusion) is NthDerivative]
    every = [(c.x, c.order) for _, c, _ in found]
    for at, (k, c, hyps) in enumerate(found):
        parts = [name, "order", str(c.order), *([c.x] if len(symbols) > 1 else [])]
        if every.count(every[at]) > 1:
            parts.append(str(every[: at + 1].count(every[at])))
        ordered = sorted(hyps, key=Printer(COQ).proposition)
        yield Order("_".join(parts), c.x, c.order, tuple(ordered), c.derivative, k)


def _of_map(name: str, symbols: Sequence[str], claim: int, c: Map) -> Iterator[Statement | Silent]:
    variables = tuple(sorted(c.vary))
    many = len(c.pieces) > 1
    if len(variables) > 2:
        yield Silent(variables, c.assume, "jointly in more than two variables")
        return
    for row, (literals, verdict) in enumerate(c.pieces):
        hyps = tuple(dict.fromkeys((*c.assume, *literals)))

        def state(kind: str, word: str, *derivative: Slope, row: int = row, hyps: Any = hyps) -> Statement:
            parts = [name, word, *(variables if len(symbols) > 1 else ()), *([str(row + 1)] if many else [])]
            return Statement("_".join(parts), kind, variables, hyps, derivative, claim, row)

        if type(verdict) is HasDeriv and len(variables) == 1:
            yield state("derive", "derive", slope(verdict.derivative, variables[0]))
        elif type(verdict) is HasDeriv:
            yield state("joint", "differentiable", *(partial(verdict.derivative, v, c.vary) for v in variables))
        elif type(verdict) is NotDifferentiable:
            word = KINDS[verdict.reason]
            if verdict.reason == "boundary" and {*INFINITE} & {verdict.left, verdict.right}:
                yield state("steep", word)
            elif verdict.reason == "boundary":
                yield Silent(variables, literals, "the boundary of the domain")
            elif len(variables) == 1:
                yield state("no_derivative", word)
            elif verdict.reason == "jump" or _total(c.term):
                yield state("no_joint", word)
            else:
                yield Silent(variables, literals, f"no joint derivative ({word})")
            if verdict.left is not None:
                yield state("left", f"{word}_left", verdict.left)
            if verdict.right is not None:
                yield state("right", f"{word}_right", verdict.right)
        else:
            why = "outside the domain" if type(verdict) is Undefined else "not covered"
            yield Silent(variables, literals, why)


def partial(derivative: Term, x: str, vary: frozenset[str]) -> Term:
    """The partial derivative in ``x``: ``p`` of ``p dx + q dy``, else the derivative at ``dx = 1``, ``dy = 0``."""
    if derivative.op == "add" and all(a.op == "mul" and a.terms[1].op == "d" for a in derivative.terms):
        (p, dx), (q, dy) = (a.terms for a in derivative.terms)
        if not (p.moves or q.moves or dx is dy):
            for factor, tangent in ((p, dx), (q, dy)):
                if tangent.args[0] == x:
                    return factor
    return substitute(derivative, {f"d {v}": ONE if v == x else ZERO for v in vary})


def _total(term: Term) -> bool:
    """Whether no partial operation stands in it, so that it is defined everywhere."""
    return not any(t.op in ("inv", "log", "sqrt") for t in postorder(term))
