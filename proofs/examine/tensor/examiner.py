"""One op over axes under examination, at points of its own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

from mpmath import mp

from ...language.indexed import COTANGENT
from ...tensor import catalogue
from ...tensor.statement import Statement
from .. import quotients
from ..examiner import Examined, Finding
from .entries import Entries, NoValue, number
from .points import PATIENCE, Point, direction, draw
from .references import REFERENCES, Reference
from .windows import Nested, filled, shape

SMOOTH, TIE, NONE = "smooth", "tie", "none"
Place = tuple[int, ...]


def examine(name: str, points: int = 6, seed: int = 0, reference: Reference | None = None) -> Examined:
    """Examine an op over axes; its certificate is checked first.

    Raises what :func:`...tensor.catalogue.check` raises, and ``LookupError`` for an op without a reference.
    """
    catalogue.check(name)
    return examine_statement(catalogue.spec_of(name), catalogue.statement_of(name), points, seed, reference)


def examine_statement(
    spec: Any, claimed: Statement, points: int = 6, seed: int = 0, reference: Reference | None = None
) -> Examined:
    """Examine what a declaration states; a point is an entry of the result for some sizes and inputs."""
    reference = reference or REFERENCES.get(spec.name)
    if reference is None:
        raise LookupError(f"{spec.name} has no reference; proofs/examine/tensor/references.py wants one")
    examiner = TensorExaminer(spec, claimed, reference, seed)
    examiner.every(points)
    return examiner.found


class TensorExaminer:
    """Holds a statement against one reference; what differs is gathered in ``found``, each kind of it once."""

    def __init__(self, spec: Any, claimed: Statement, reference: Reference, seed: int) -> None:
        self.spec, self.claimed, self.reference = spec, claimed, reference
        self.rng = random.Random(f"{seed} {spec.name}")
        self.names = [k for k, _ in claimed.out]
        self.found = Examined(spec.name, maps=1)
        where = " and ".join(spec.where) or "always"
        self.where = {SMOOTH: where, TIE: " and ".join(spec.tie), NONE: f"not {where}"}
        self.seen = Counter[str]()

    def every(self, count: int) -> None:
        """So many points at least, and until each piece has as many or something differs; each piece needs one."""
        wanted = [SMOOTH, *([TIE] if self.spec.tie else []), *([NONE] if self.spec.where else [])]
        examined = 0
        with mp.workdps(quotients.WORKING):
            for drawn, point in enumerate(islice(draw(self.spec, self.claimed, self.reference, self.rng), PATIENCE)):
                scarce = {piece for piece in wanted if self.seen[piece] < count}
                if (examined >= count and not scarce) or (drawn >= count and self.found.findings):
                    break
                pieces = self._pieces(point)
                if pieces is not None and (examined < count or not scarce.isdisjoint(pieces.values())):
                    self._point(point, pieces)
                    examined += 1
        self.found.pieces = sum(self.seen[piece] > 0 for piece in wanted)
        self.found.points = self.seen.total()
        for piece in wanted:
            if not self.seen[piece] and not self.found.findings:
                self._report("the op", piece, None, "no point of this piece was found")

    def _pieces(self, point: Point) -> dict[Place, str] | None:
        """In which piece each entry of the result lies; ``None`` where the shape is not the stated one."""
        entries = Entries(self._values(point))
        stated, actual = tuple(entries.number(n) for _, n in self.claimed.out), shape(point.result)
        if stated != actual:
            self._report("the shape", SMOOTH, point, f"the stated sizes are {stated}, those of the op {actual}")
            return None

        def piece(place: Place) -> str:
            stated = {SMOOTH: self.claimed.conditions, **({TIE: self.claimed.tie} if self.claimed.tie else {})}
            held = [p for p, literals in stated.items() if all(entries.holds(h, self.names, place) for h in literals)]
            if len(held) > 1:
                self._report("the conditions", TIE, point, "2 pieces hold at one point", place)
            return held[0] if held else NONE

        try:
            return {place: piece(place) for place in places(stated)}
        except NoValue as error:
            self._report("the conditions", SMOOTH, point, f"one has no value: {error}")
            return None

    def _values(self, point: Point) -> dict[str, Any]:
        """What the symbols in the formulas stand for."""
        values = {pull.symbol: x for pull, x in zip(self.claimed.vjps, point.inputs, strict=True)}
        ranks = {name: f"{name}/{len(axes)}" for name, axes in (*self.spec.given.items(), *self.spec.index.items())}
        return values | {ranks.get(name, name): value for name, value in point.given.items()}

    def _point(self, point: Point, pieces: dict[Place, str]) -> None:
        self.seen.update(pieces.values())
        values = self._values(point)
        value = Entries(values).function(self.claimed.value, self.names)
        for place, piece in pieces.items():
            here = entry(point.result, place)
            if (here is None) != (piece == NONE):
                has, lacks = ("the stated function", "the op") if here is None else ("the op", "the stated function")
                self._report("the value", piece, point, f"{has} has one, {lacks} has none", place)
            elif here is not None:
                stated = self._evaluated("the value", piece, point, place, value)
                if stated is not None and quotients.digits(stated, here) < quotients.AGREED:
                    message = f"the stated function is {mp.nstr(stated, 20)}, the op {mp.nstr(here, 20)}"
                    self._report("the value", piece, point, message, place)
        if self.found.findings:
            return
        smooth = [place for place, piece in pieces.items() if piece == SMOOTH]
        if smooth:
            self._derivatives(point, values, smooth)
        for place in (place for place, piece in pieces.items() if piece == TIE):
            self._corner(point, place)

    def _evaluated(self, what: str, piece: str, point: Point, place: Place, f: Any) -> Any:
        try:
            return number(f(place))
        except NoValue as error:
            return self._report(what, piece, point, f"no value is stated: {error}", place)

    def _derivatives(self, point: Point, values: dict[str, Any], smooth: Sequence[Place]) -> None:
        """The JVP along a direction in each input, and in all at once; the VJP by its pairing with the first ones."""
        tangents = [direction(x, self.rng) for x in point.inputs]
        cotangent = filled(mp.mpf(0), shape(point.result))
        for place in smooth:
            entry(cotangent, place[:-1])[place[-1]] = direction(mp.mpf(0), self.rng)
        pulled = Entries(values | {f"{COTANGENT}/{len(self.names)}": cotangent}, total=True)
        still = [filled(mp.mpf(0), shape(x)) for x in point.inputs]
        for i, pull in enumerate(self.claimed.vjps):
            line = Line(self.reference, point, [*still[:i], tangents[i], *still[i + 1 :]])
            self._jvp(point, values, smooth, line)
            paired = sum(entry(cotangent, place) * line.slope(place) for place in smooth)
            vjp = pulled.function(pull.value, [k for k, _ in pull.index])
            try:
                stated = sum(number(vjp(at)) * entry(tangents[i], at) for at in places(shape(tangents[i])))
            except NoValue as error:
                self._report(f"the VJP of {pull.name}", SMOOTH, point, f"no value is stated: {error}")
                continue
            found = f"its product with a tangent is {mp.nstr(stated, 20)}"
            wrong = f"{found}, that of the derivative {mp.nstr(paired, 20)}"
            self._agreed(f"the VJP of {pull.name}", point, wrong, quotients.digits(stated, paired))
        if len(tangents) > 1:
            self._jvp(point, values, smooth, Line(self.reference, point, tangents))

    def _jvp(self, point: Point, values: dict[str, Any], smooth: Sequence[Place], line: Line) -> None:
        moved = {f"d {v.symbol}": dx for v, dx in zip(self.claimed.vjps, line.tangents, strict=True)}
        jvp = Entries(values | moved).function(self.claimed.jvp, self.names)
        for place in smooth:
            stated = self._evaluated("the JVP", SMOOTH, point, place, jvp)
            if stated is not None:
                wrong, agreed = quotients.derivative(lambda s, place=place: line.at(s, place), stated)
                self._agreed("the JVP", point, wrong, agreed, place)

    def _corner(self, point: Point, place: Place) -> None:
        """Along one coordinate of the inputs the one-sided derivatives differ."""

        def lines() -> Iterator[quotients.Line]:
            for i, x in enumerate(point.inputs):
                for at in places(shape(x)):
                    tangents = [filled(mp.mpf(0), shape(y)) for y in point.inputs]
                    entry(tangents[i], at[:-1])[at[-1]] = mp.mpf(1)
                    line = Line(self.reference, point, tangents)
                    yield lambda s, line=line: line.at(s, place)

        wrong = quotients.corner(lines())
        if wrong is not None:
            self._report("the corner", TIE, point, wrong, place)

    def _agreed(self, what: str, point: Point, wrong: str | None, agreed: int, place: Place | None = None) -> None:
        if wrong is not None and agreed < quotients.AGREED:
            self._report(what, SMOOTH, point, wrong, place)
        else:
            self.found.digits = agreed if self.found.digits is None else min(self.found.digits, agreed)

    def _report(self, what: str, piece: str, point: Point | None, message: str, place: Place | None = None) -> None:
        at = "" if place is None else f"[{', '.join(map(str, place))}] for "
        finding = Finding(what, self.where[piece], "no point" if point is None else f"{at}{point}", message)
        if not any(f.what == what for f in self.found.findings):
            self.found.findings.append(finding)


class Line:
    """The reference along a line through a point; each step is computed once, for all entries."""

    def __init__(self, reference: Reference, point: Point, tangents: Sequence[Nested]) -> None:
        self.reference, self.point, self.tangents = reference, point, tangents
        self.known: dict[Any, Nested] = {mp.mpf(0): point.result}

    def at(self, s: Any, place: Place) -> Any:
        """An entry at a step."""
        if s not in self.known:
            moved = [_moved(x, dx, s) for x, dx in zip(self.point.inputs, self.tangents, strict=True)]
            self.known[s] = self.reference(*moved, self.point.given)
        return entry(self.known[s], place)

    def slope(self, place: Place) -> Any:
        """The derivative of an entry, by a central difference."""
        h = quotients.step()
        return (self.at(h, place) - self.at(-h, place)) / (2 * h)


def _moved(x: Nested, dx: Nested, s: Any) -> Nested:
    return [_moved(a, b, s) for a, b in zip(x, dx, strict=True)] if isinstance(x, list) else x + s * dx


def places(axes: Sequence[int]) -> Iterator[Place]:
    """All places of a tensor."""
    return product(*map(range, axes))


def entry(nest: Nested, place: Place) -> Any:
    """What lies at a place, or below the first indices of one."""
    for i in place:
        nest = nest[i]
    return nest
