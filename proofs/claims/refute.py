"""The numerical refuter: a point at which a claim fails, with the true value and enough digits to believe it.

It never proves anything, and it has to be right when it speaks: a claim is refuted at a point only where

- the assumptions hold there, decided exactly or by balls that exclude 0, and
- one side has no value there, or the slope by the rules of differentiation and the claimed value lie in
  balls apart by a thousand radii, or, at a kink, difference quotients at three scales far below every
  length that occurs in the claim settle (or blow up) so clearly that extrapolation is not needed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..kernel.terms import postorder
from ..numeric import exact as ex
from ..numeric import roots
from ..numeric.evaluate import Field, Kink, Real, Undefined, Unsure, evaluate
from ..numeric.roots import Point
from .points import Question, Supply

LADDER = (40, 120, 400)


@dataclass(frozen=True)
class Refutation:
    """A point at which a claim fails.

    ``true`` is the derivative there, or None where there is none; ``left`` and ``right`` are the one-sided
    derivatives where they were computed; ``claimed`` is None where the claimed formula has no value.
    ``exact`` says whether the point is exactly the one meant, ``digits`` how many digits the evidence has.
    """

    point: dict[str, str]
    reason: str
    true: str | None
    left: str | None
    right: str | None
    claimed: str | None
    digits: int
    exact: bool = True
    where: tuple[tuple[str, tuple[tuple[tuple[int, int], Fraction], ...]], ...] = ()

    @property
    def coordinates(self) -> Point:
        """The point as exact constants."""
        return {name: dict(value) for name, value in self.where}


@dataclass(frozen=True)
class Side:
    """What the difference quotients say on one side: ``limit`` with its error, or ``infinite`` (+1 or -1)."""

    limit: Real | None = None
    infinite: int = 0
    undefined: str = ""

    def text(self) -> str | None:
        """The one-sided derivative in words, or None."""
        if self.limit is not None:
            return self.limit.text()
        return {1: "+oo", -1: "-oo"}.get(self.infinite)


def refute(
    question: Question, seconds: float, quick: bool = True, deep: bool = True, values_only: bool = False
) -> Refutation | None:
    """Look for a counterexample for at most about so many seconds.

    With ``values_only`` just the points count at which there is a derivative, and another one than claimed.
    """
    end = time.monotonic() + seconds
    supply = Supply(question, seconds)
    phases = [supply.quick()] * quick + [supply.deep()] * deep
    for phase in phases:
        for point in phase:
            found = examine(question, point)
            if found is not None and (found.true is not None or not values_only):
                return found
            if time.monotonic() > end:
                return None
        if phase is phases[0] and quick and not values_only:
            for rough, _ in supply.rough():
                found = examine_seam(question, rough)
                if found is not None:
                    return found
                if time.monotonic() > end:
                    return None
    return None


def examine(question: Question, point: Point) -> Refutation | None:
    """A refutation at this point, which satisfies the hypotheses, or None."""
    cited = any(t.op == "app" for t in postorder(question.expr, question.derivative))
    for digits in LADDER[:2] if cited else LADDER:  # special functions at 400 digits take too long
        field = Field(digits)
        numbers = roots.at(field, point)
        try:
            claimed = evaluate(field, question.derivative, numbers).value
        except Undefined as error:
            return _undefined(question, point, f"the claimed derivative has no value there: {error}", digits)
        except Unsure:
            claimed = None
        try:
            found = evaluate(field, question.expr, numbers, question.wrt)
        except Undefined as error:
            why = f"the expression has no value there: {error}"
            return _made(point, why, None, None, None, claimed.text() if claimed else None, digits)
        except Kink:
            return None if claimed is None else at_kink(question, point, exact=True)
        except Unsure:
            continue
        if claimed is None:
            continue
        slope = found.slope or field.zero
        if field.apart(slope, claimed):
            return _made(point, _differs(slope, claimed), _show(slope, claimed)[0], None, None,
                         _show(slope, claimed)[1], digits)  # fmt: skip
        scale = abs(slope.mid) + abs(claimed.mid)
        if slope.rad + claimed.rad <= scale * field.ctx.mpf(10) ** -30 or not scale:
            return None
    return None


def _undefined(question: Question, point: Point, why: str, digits: int) -> Refutation:
    """The claimed formula has no value; say what the true derivative is, where the rules give it."""
    field = Field(digits)
    true = None
    try:
        slope = evaluate(field, question.expr, roots.at(field, point), question.wrt).slope or field.zero
        true = slope.text()
    except (Undefined, Unsure, Kink):
        pass
    return _made(point, why, true, None, None, None, digits)


def _differs(slope: Real, claimed: Real) -> str:
    gap, size = abs(slope.mid - claimed.mid), abs(slope.mid)
    if size and gap / size < Fraction(1, 10**6).numerator * 1e-6:
        return f"the values differ by {mp_text(gap / size)} in relative terms"
    return "the values differ"


def mp_text(x: Any) -> str:
    """A magnitude in two digits."""
    return f"{float(x):.2g}" if 1e-300 < float(x) < 1e300 else str(x)


def _show(a: Real, b: Real) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to tell them apart."""
    for digits in (15, 25, 40, 60):
        left, right = a.text(digits), b.text(digits)
        if left != right:
            return left, right
    return a.text(100), b.text(100)


def _made(point: Point, reason: str, true: str | None, left: str | None, right: str | None, claimed: str | None,
          digits: int, exact: bool = True) -> Refutation:  # fmt: skip
    def written(value: ex.Exact) -> str:
        text = ex.text(value)
        if len(text) <= 60:
            return text
        return ("" if exact else "near ") + Field(40).exactly(value).text(20) if not exact else text

    where = tuple((name, tuple(sorted(value.items()))) for name, value in point.items())
    return Refutation({name: written(v) for name, v in point.items()}, reason, true, left, right, claimed, digits,
                      exact, where)  # fmt: skip


# --- at a kink ------------------------------------------------------------------------------------


def _depth(question: Question, point: Point) -> int:
    """A number of decimal places far below every length that occurs: literals, powers, distances to other seams."""
    bits = 0
    for t in postorder(question.expr, question.derivative, *(h.term for h in question.hypotheses)):
        if t.op == "rat" and isinstance(t.args[0], Fraction):
            q = t.args[0]
            bits += min(400, abs(q.numerator).bit_length() + q.denominator.bit_length() - 2)
        elif t.op == "pow":
            bits += int(t.args[1]).bit_length()  # type: ignore[call-overload]
    for value in point.values():
        for c in value.values():
            bits += min(200, max(abs(c.numerator).bit_length(), c.denominator.bit_length()) - 1)
    field = Field(40)
    numbers = roots.at(field, point)
    nearest = 0
    for t in postorder(question.expr):
        if t.op in ("cond", "inv", "log", "sqrt"):
            try:
                number = evaluate(field, t.terms[0], numbers).value
            except (Undefined, Unsure):
                continue
            if number.sign in (1, -1):
                nearest = max(nearest, min(200, -int(field.ctx.log10(abs(number.mid)))))
    return 20 + int(bits * 0.31) // 2 + nearest


def at_kink(question: Question, point: Point, exact: bool) -> Refutation | None:
    """Compare one-sided difference quotients with each other and with the claimed value."""
    depth = min(_depth(question, point), 160)
    field = Field(8 * depth + 60)
    sides = [_side(field, question, point, direction, depth) for direction in (-1, 1)]
    left, right = sides
    claimed: Real | None = None
    if exact:
        try:
            claimed = evaluate(field, question.derivative, roots.at(field, point)).value
        except Undefined as error:
            return _undefined(question, point, f"the claimed derivative has no value there: {error}", field.digits)
        except Unsure:
            claimed = None
    said = claimed.text() if claimed is not None else None

    def refuted(why: str) -> Refutation:
        return _made(point, why, None, left.text(), right.text(), said, depth, exact)

    if exact:
        for name, side in (("left", left), ("right", right)):
            if side.undefined:
                return refuted(f"not differentiable: the expression has no value on the {name} ({side.undefined})")
        for name, side in (("left", left), ("right", right)):
            if side.infinite:
                return refuted(f"not differentiable: the difference quotient from the {name} grows without bound")
    if left.limit is not None and right.limit is not None and _far(field, left.limit, right.limit):
        return refuted("not differentiable: the left and right derivatives differ")
    for side in sides:
        if side.limit is not None and claimed is not None and _far(field, side.limit, claimed):
            true = side.text() if left.limit is not None and right.limit is not None else None
            return _made(point, "the values differ", true, left.text(), right.text(), said, depth, exact)
    return None


def examine_seam(question: Question, point: Point) -> Refutation | None:
    """At a point known to 400 digits only: a corner or a jump, and nothing else, refutes."""
    if _depth(question, point) > 45 + 0.31 * 1400:
        return None
    field = Field(520)  # more than the point has, so that the seam itself is on one side of it
    left, right = (_side(field, question, point, direction, 20) for direction in (-1, 1))
    if left.limit is None or right.limit is None or not _far(field, left.limit, right.limit):
        return None
    return _made(point, "not differentiable: the left and right derivatives differ", None, left.text(), right.text(),
                 None, 20, exact=False)  # fmt: skip


def _far(field: Field, a: Real, b: Real) -> bool:
    gap = abs(a.mid - b.mid)
    size = abs(a.mid) + abs(b.mid)
    return bool(gap > 10**6 * (a.rad + b.rad) and gap > size * field.ctx.mpf(10) ** -25 and field.apart(a, b))


def _side(field: Field, question: Question, point: Point, direction: int, depth: int) -> Side:
    """Quotients at 10**-depth, its square and its fourth power: they settle, blow up, or say nothing."""
    quotients: list[Real] = []
    missing = ""
    undefined = 0
    numbers = roots.at(field, point)
    try:
        here = evaluate(field, question.expr, numbers).value
    except (Undefined, Unsure):
        return Side()
    for k in (1, 2, 4):
        step = Fraction(7 * direction, 9 * 10 ** (depth * k))  # nothing special about 7/9
        moved = {**numbers, question.wrt: field.add(numbers[question.wrt], field.rational(step))}
        try:
            there = evaluate(field, question.expr, moved).value
        except Undefined as error:
            undefined += 1
            missing = str(error)
            continue
        except Unsure:
            return Side()
        quotients.append(field.mul(field.sub(there, here), field.rational(1 / step)))
    if undefined:
        return Side(undefined=missing) if undefined == 3 else Side()
    return _limit(field, quotients, depth)


def _limit(field: Field, quotients: list[Real], depth: int) -> Side:
    a, b, c = quotients
    ctx = field.ctx
    noise = a.rad + b.rad + c.rad
    first, second = abs(b.mid - a.mid), abs(c.mid - b.mid)
    tiny = ctx.mpf(10) ** -depth * (abs(c.mid) + (0 if c.mid else first))
    if second <= first * ctx.mpf(10) ** -5 + noise or (first <= tiny and second <= tiny):
        if noise > ctx.mpf(10) ** -25 * max(abs(c.mid), ctx.mpf(10) ** -25):
            return Side()
        exact = c.exact if a.exact is not None and a.exact == b.exact == c.exact else None
        return Side(limit=Real(field, exact) if exact is not None else field.with_error(c.mid, 10 * second + noise))
    if min(abs(a.mid), abs(b.mid), abs(c.mid)) > noise and a.sign == b.sign == c.sign:
        up, further = ctx.log10(abs(b.mid / a.mid)), ctx.log10(abs(c.mid / b.mid))
        # q ~ C h**-s over h = 10**-D, 10**-2D, 10**-4D multiplies by 10**(sD) and then by its square.
        if up > 0.05 * depth and abs(further - 2 * up) < 0.2 * further:
            return Side(infinite=a.sign or 0)
    return Side()
