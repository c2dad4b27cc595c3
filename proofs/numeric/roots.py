"""Where a term vanishes along one symbol: exact roots where they can be named, long decimals where not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from ..kernel.terms import Term, postorder
from . import exact as ex
from .evaluate import Field, Kink, Undefined, Unsure, evaluate

Point = dict[str, ex.Exact]

GRID = tuple(
    Fraction(n, 60)
    for n in (
        -6000,
        -1500,
        -600,
        -310,
        -190,
        -130,
        -70,
        -43,
        -17,
        -7,
        -1,
        1,
        7,
        17,
        43,
        70,
        130,
        190,
        310,
        600,
        1500,
        6000,
    )
)
_SECANTS = (
    (Fraction(0), Fraction(1)),
    (Fraction(2), Fraction(3)),
    (Fraction(-3), Fraction(-2)),
    (Fraction(20), Fraction(21)),
)
_WORK = Field(40)


def at(field: Field, point: Mapping[str, ex.Exact]) -> dict[str, Any]:
    """The point as numbers of ``field``."""
    return {name: field.exactly(value) for name, value in point.items()}


def value(field: Field, term: Term, point: Mapping[str, ex.Exact]) -> Any:
    """The value of the term there, or None where it has none or it is not decided."""
    try:
        return evaluate(field, term, at(field, point)).value
    except (Undefined, Unsure):
        return None


def vanishes(term: Term, point: Mapping[str, ex.Exact]) -> bool:
    """Whether the term is exactly 0 there."""
    number = value(_WORK, term, point)
    return number is not None and number.sign == 0


def affine_roots(term: Term, name: str, point: Point) -> Iterator[ex.Exact]:
    """Roots along ``name`` of a term that is affine there, or piecewise so.  Each is verified exactly."""
    seen: list[ex.Exact] = []
    for a, b in _SECANTS:
        low, high = (value(_WORK, term, {**point, name: ex.of(v)}) for v in (a, b))
        if low is None or high is None or low.exact is None or high.exact is None:
            continue
        rise = ex.add(high.exact, {key: -c for key, c in low.exact.items()})
        slope = ex.inv(rise) if rise else None
        step = ex.mul(low.exact, slope) if slope is not None else None
        if step is None:
            continue
        root = ex.add(ex.of(a), {key: -(b - a) * c for key, c in step.items()})
        if root not in seen and vanishes(term, {**point, name: root}):
            seen.append(root)
            yield root


def named(number: Any) -> Iterator[ex.Exact]:
    """Constants in closed form that agree with a number to 25 digits."""
    ctx = _WORK.ctx
    number = ctx.mpf(number)
    close = ctx.mpf(10) ** -25

    def ratio(x: Any, largest: int) -> Fraction | None:
        scaled = Fraction(int(ctx.nint(x * ctx.mpf(10) ** 30)), 10**30).limit_denominator(largest)
        near = abs(ctx.mpf(scaled.numerator) / scaled.denominator - x) <= close * max(1, abs(x))
        return scaled if near else None

    if abs(number) > 10**8:
        return
    q = ratio(number, 10**7)
    if q is not None:
        yield ex.of(q)
        return
    q = ratio(number / ctx.pi, 1000)
    if q is not None:
        yield {(1, 1): q}
    q = ratio(number**2, 10**5)
    if q is not None:
        root = ex.sqrt(ex.of(q))
        if root is not None:
            yield {key: -c if number < 0 else c for key, c in root.items()}
    if abs(number) < 50:
        q = ratio(ctx.exp(number), 10**5)
        if q is not None:
            logarithm = ex.log(ex.of(q))
            if logarithm is not None:
                yield logarithm


def _refine(term: Term, name: str, point: Point, low: Any, high: Any, sign: int, along: str | None) -> Any:
    """Halve a bracket until it is 1e-32 wide; None where the term cannot be evaluated on the way."""
    ctx = _WORK.ctx
    for _ in range(140):
        middle = (low + high) / 2
        number = _number(term, name, point, middle, along)
        if number is None:
            return None
        if number.sign == 0:
            return middle
        if number.sign is None or high - low < ctx.mpf(10) ** -32 * max(1, abs(high)):
            break
        if number.sign == sign:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _number(term: Term, name: str, point: Point, x: Any, along: str | None) -> Any:
    numbers = at(_WORK, point)
    numbers[name] = _WORK.rational(x) if isinstance(x, Fraction) else _WORK.with_error(x, 0)
    try:
        found = evaluate(_WORK, term, numbers, along)
    except (Undefined, Unsure, Kink):
        return None
    return found.value if along is None else found.slope


def brackets(term: Term, name: str, point: Point) -> Iterator[Any]:
    """Numerical roots along ``name`` between the points of a grid, of the term and of its slope (double roots)."""
    slow = any(t.op == "app" for t in postorder(term))
    for along in (None,) if slow else (None, name):
        previous: tuple[Fraction, Any] | None = None
        for x in GRID:
            number = _number(term, name, point, x, along)
            sign = None if number is None else number.sign
            if sign in (1, -1):
                if previous is not None and previous[1] != sign:
                    ctx = _WORK.ctx
                    ends = [ctx.mpf(q.numerator) / q.denominator for q in (previous[0], x)]
                    root = _refine(term, name, point, ends[0], ends[1], previous[1], along)
                    if root is not None:
                        yield root
                previous = (x, sign)
            elif sign is None:
                previous = None


def exact_roots(term: Term, name: str, point: Point) -> Iterator[ex.Exact]:
    """Roots in closed form along ``name``, each verified exactly: affine ones first, then by bracketing."""
    found = False
    for root in affine_roots(term, name, point):
        found = True
        yield root
    if found:
        return
    for number in brackets(term, name, point):
        for guess in named(number):
            if vanishes(term, {**point, name: guess}):
                yield guess
                break


def long_root(term: Term, name: str, point: Point, start: Any, digits: int) -> Fraction | None:
    """A simple root near ``start`` to that many digits, by Newton's method; None if it does not settle."""
    field = Field(digits + 30)
    x = field.ctx.mpf(start)
    for _ in range(12):
        numbers = at(field, point)
        numbers[name] = field.with_error(x, 0)
        try:
            found = evaluate(field, term, numbers, name)
        except (Undefined, Unsure, Kink):
            return None
        if found.slope is None or not found.slope.mid:
            return None
        step = found.value.mid / found.slope.mid
        x -= step
        if abs(step) < field.ctx.mpf(10) ** -digits:
            return Fraction(int(field.ctx.nint(x * 10 ** (digits + 5))), 10 ** (digits + 5))
    return None
