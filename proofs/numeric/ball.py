"""Real numbers as exact constants where possible, and as balls of many digits where not.

A :class:`Real` carries an exact constant (see :mod:`.exact`) or else a centre and a radius, both mpmath
numbers.  Rounding is charged at ``2**(8 - precision)`` of the result, far more than mpmath's own error, so a
ball that excludes 0 does so by a wide margin; nothing here is used as a proof all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath.ctx_mp import MPContext

from . import exact as ex

#: Beyond these an evaluation could take for ever (``exp(exp(exp(9)))``); the answer is then "not decided".
HUGE_EXPONENT = 10**25
HUGE_ARGUMENT = 10**40
HUGE_PLACES = 100_000


class Undefined(Exception):
    """The term has no value at the point; the message says why."""


class Unsure(Exception):
    """The digits at hand do not decide."""


class Real:
    """A real number: ``exact`` is its exact form or None; the ball is made from it on demand."""

    __slots__ = ("_ball", "_field", "exact")

    def __init__(self, field: Field, exact: ex.Exact | None, ball: tuple[Any, Any] | None = None) -> None:
        self._field, self.exact, self._ball = field, exact, ball

    @property
    def ball(self) -> tuple[Any, Any]:
        """Centre and radius."""
        if self._ball is None:
            assert self.exact is not None
            self._ball = self._field.enclose(self.exact)
        return self._ball

    @property
    def mid(self) -> Any:
        """The centre."""
        return self.ball[0]

    @property
    def rad(self) -> Any:
        """The radius."""
        return self.ball[1]

    @property
    def sign(self) -> int | None:
        """-1, 0 or 1, or None where the ball contains 0."""
        if self.exact is not None and not self.exact:
            return 0
        mid, rad = self.ball
        if abs(mid) > rad:
            return 1 if mid > 0 else -1
        return None

    def text(self, digits: int = 17) -> str:
        """The exact form where it is short, else a decimal."""
        if self.exact is not None:
            written = ex.text(self.exact)
            if len(written) <= 40:
                return written
        mid, rad = self.ball
        if rad:
            digits = max(1, min(digits, int(self._field.ctx.log10(abs(mid) / rad)) if abs(mid) > rad else 1))
        return str(self._field.ctx.nstr(mid, digits))


class Field:
    """Arithmetic on :class:`Real` at a number of decimal digits."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.ctx = MPContext()
        self.ctx.dps = digits
        self.eps = self.ctx.mpf(2) ** (8 - self.ctx.prec)
        self.zero, self.one = Real(self, {}), Real(self, ex.of(1))

    def rational(self, value: int | Fraction) -> Real:
        """The rational number ``value``."""
        return Real(self, ex.of(value))

    def exactly(self, value: ex.Exact) -> Real:
        """An exact constant, kept as a ball alone if it is too long to compute with."""
        return Real(self, value) if ex.small(value) else Real(self, None, self.enclose(value))

    def enclose(self, value: ex.Exact) -> tuple[Any, Any]:
        """A ball around an exact constant."""
        ctx = self.ctx
        mid, rad = ctx.mpf(0), ctx.mpf(0)
        for (n, kind), c in value.items():
            part = ctx.mpf(c.numerator) / c.denominator
            if n > 1:
                part *= ctx.sqrt(n)
            if kind:
                part *= ctx.pi if kind == 1 else ctx.log(kind)
            mid += part
            rad += abs(part)
        plain = len(value) == 1 and (1, 0) in value
        if plain and value[1, 0].denominator == 1 and value[1, 0].numerator.bit_length() < ctx.prec:
            return mid, ctx.mpf(0)
        return mid, rad * self.eps

    def _round(self, mid: Any, rad: Any) -> Real:
        if not (self.ctx.isfinite(mid) and self.ctx.isfinite(rad)):
            raise Unsure("overflow")
        return Real(self, None, (mid, rad + abs(mid) * self.eps))

    def add(self, a: Real, b: Real) -> Real:
        """``a + b``."""
        if a.exact is not None and b.exact is not None:
            return self.exactly(ex.add(a.exact, b.exact))
        if a.exact is not None and not a.exact:
            return b
        if b.exact is not None and not b.exact:
            return a
        return self._round(a.mid + b.mid, a.rad + b.rad)

    def sub(self, a: Real, b: Real) -> Real:
        """``a - b``."""
        return self.add(a, self.mul(self.rational(-1), b))

    def mul(self, a: Real, b: Real) -> Real:
        """``a * b``; an exact 0 annihilates."""
        if a.exact is not None and b.exact is not None:
            product = ex.mul(a.exact, b.exact)
            if product is not None:
                return self.exactly(product)
        if a.sign == 0 or b.sign == 0:
            return self.zero
        return self._round(a.mid * b.mid, abs(a.mid) * b.rad + abs(b.mid) * a.rad + a.rad * b.rad)

    def power(self, a: Real, n: int) -> Real:
        """``a**n`` for ``n >= 0`` by squaring."""
        out, square = self.one, a
        while n:
            if n & 1:
                out = self.mul(out, square)
            n >>= 1
            if n:
                square = self.mul(square, square)
        return out

    def inv(self, a: Real) -> Real:
        """``1 / a``."""
        sign = a.sign
        if sign == 0:
            raise Undefined("division by 0")
        if a.exact is not None:
            inverse = ex.inv(a.exact)
            if inverse is not None:
                return self.exactly(inverse)
        if sign is None:
            raise Unsure("division by a number that may be 0")
        mid, rad = abs(a.mid), a.rad
        return self._round(1 / a.mid, rad / (mid * (mid - rad)))

    def unary(self, op: str, a: Real) -> Real:
        """One of the primitive functions of the term language."""
        if op == "inv":
            return self.inv(a)
        if op == "floor":
            return self._floor(a)
        if op in ("log", "sqrt"):
            return self._half_line(op, a)
        if a.exact is not None:
            known = _EXACT[op](a.exact)
            if known is not None:
                return self.exactly(known)
        mid, rad, ctx = a.mid, a.rad, self.ctx
        if op == "exp":
            if abs(mid) + rad > HUGE_EXPONENT or rad > 1:
                raise Unsure("exp of a huge or vague number")
            value = ctx.exp(mid)
            return self._round(value, value * 2 * rad)
        if abs(mid) > (HUGE_ARGUMENT if op in ("sin", "cos") else ctx.mpf(10) ** HUGE_PLACES):
            raise Unsure(f"{op} of a huge number")
        # |sin'|, |cos'|, |atan'| <= 1 and |erf'| < 2; atan and erf level off.
        value = getattr(ctx, op)(mid)
        slack = abs(mid) - rad
        if slack > 1 and op == "atan":
            rad = rad / slack**2
        elif slack > 1 and op == "erf":
            rad = rad * ctx.exp(-(min(slack, 10**6) ** 2))
        return self._round(value, 2 * rad)

    def _floor(self, a: Real) -> Real:
        if a.exact is not None:
            q = ex.rational(a.exact)
            if q is not None:
                return self.rational(q.numerator // q.denominator)
        if abs(a.mid) > HUGE_ARGUMENT:
            raise Unsure("floor of a huge number")
        low, high = self.ctx.floor(a.mid - a.rad), self.ctx.floor(a.mid + a.rad)
        if low != high:
            raise Unsure("floor of a number that may be an integer")
        return self.rational(int(low))

    def _half_line(self, op: str, a: Real) -> Real:
        sign = a.sign
        if sign == -1 or (sign == 0 and op == "log"):
            raise Undefined(f"{op} of {'0' if sign == 0 else 'a negative number'}")
        if a.exact is not None:
            known = ex.log(a.exact) if op == "log" else ex.sqrt(a.exact)
            if known is not None:
                return self.exactly(known)
        if sign is None:
            raise Unsure(f"{op} of a number that may be 0")
        slack = a.mid - a.rad
        if op == "log":
            return self._round(self.ctx.log(a.mid), a.rad / slack + self.eps)
        return self._round(self.ctx.sqrt(a.mid), a.rad / self.ctx.sqrt(slack))

    def with_error(self, mid: Any, rad: Any) -> Real:
        """A number known to lie within ``rad`` of ``mid``."""
        return self._round(mid, rad)

    def apart(self, a: Real, b: Real) -> bool:
        """Whether the two balls are separated by a thousand times their radii and rounding."""
        gap = abs(a.mid - b.mid)
        return bool(gap > 1000 * (a.rad + b.rad + self.eps * (abs(a.mid) + abs(b.mid))))


def _only_zero(at_zero: int) -> Callable[[ex.Exact], ex.Exact | None]:
    return lambda a: None if a else ex.of(at_zero)


_EXACT: dict[str, Callable[[ex.Exact], ex.Exact | None]] = {
    "exp": ex.exp, "sin": ex.sin, "cos": ex.cos, "atan": ex.atan, "erf": _only_zero(0),
}  # fmt: skip
