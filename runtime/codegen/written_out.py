"""Values and derivatives of ops that are written out by hand, because the formula as stated rounds badly.

Each takes the inputs and parameters of its op.  What must be scaled is scaled by a power of two, which is exact.
Errors are in ``proofs/evidence/samples``, measured against the formula as stated.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Final

from .ssa import OpList
from .written_out_one import ONE_INPUT

TWO: Final = Fraction(2)
SMALLEST: Final = TWO**-1022
"""The smallest normal float64: what is smaller has lost bits."""
GAP_TERMS: Final = 26
OWN_TERMS: Final = 16
DENSITY: Final = Fraction("0.39894228040143267793994605993438186847585863116493")
"""1/sqrt(2 pi)."""


def _difference(k: OpList, a: int, b: int) -> tuple[int, int]:
    """``a - b`` rounded, and what was rounded off (D. E. Knuth, TAOCP 2, 4.2.2); 0 where that overflows."""
    total = k.sub(a, b)
    part = k.sub(total, a)
    rest = k.sub(k.sub(a, k.sub(total, part)), k.add(b, part))
    return total, k.select(k.compare("gt", k.special("inf"), k.call("abs", rest)), rest, k.const(0))


def _minus_over_square(k: OpList, x: int, y: int) -> int:
    """``-x/y**2``: next to the smallest numbers ``x/y`` loses bits that dividing once more would bring back."""
    small = k.compare("gt", k.const(TWO**-100), k.call("abs", x))
    small = k.both(small, k.compare("gt", k.call("abs", y), k.const(TWO**-90)))
    above = k.select(small, k.mul(x, k.const(TWO**40)), x)
    below = k.select(small, k.const(TWO**-40), k.const(1))
    return k.neg(k.mul(k.div(k.div(above, y), y), below))


def _div_y(k: OpList, x: int, y: int) -> int:
    return _minus_over_square(k, x, y)


def _xdivy_y(k: OpList, x: int, y: int) -> int:
    zero = k.const(0)
    return k.select(k.compare("ne", x, zero), _minus_over_square(k, x, y), zero)


def _scale(k: OpList, x: int, y: int, low: int, up: int, high: int, down: int) -> int:
    """``2**up`` where both are smaller than ``2**low`` in size, ``2**down`` where one is larger than ``2**high``."""
    size = k.call("max", k.call("abs", x), k.call("abs", y))
    large = k.select(k.compare("gt", size, k.const(TWO**high)), k.const(TWO**down), k.const(1))
    return k.select(k.compare("gt", k.const(TWO**low), size), k.const(TWO**up), large)


def _origin(k: OpList, x: int, y: int) -> int:
    return k.both(k.compare("eq", x, k.const(0)), k.compare("eq", y, k.const(0)))


def _cosine(k: OpList, x: int, y: int) -> int:
    """``x/hypot(x, y)``, 0 at the origin: hypot has few bits where it is subnormal, and may overflow."""
    scale = _scale(k, x, y, -100, 60, 100, -4)
    a, b = k.mul(x, scale), k.mul(y, scale)
    return k.select(_origin(k, x, y), k.const(0), k.div(a, k.call("hypot", a, b)))


def _over_squares(k: OpList, x: int, y: int) -> int:
    """``x/(x**2 + y**2)``, 0 at the origin; computed in float64."""
    scale = _scale(k, x, y, -500, 600, 500, -600)
    a, b = k.mul(x, scale), k.mul(y, scale)
    return k.select(_origin(k, x, y), k.const(0), k.mul(k.div(a, k.add(k.mul(a, a), k.mul(b, b))), scale))


def _angle(k: OpList, y: int, x: int, of: Callable[[OpList, int, int, int], int]) -> int:
    """A second derivative of the angle: ``of(k, x, y, x**2 + y**2)``, which is of size -2 in ``x`` and ``y``."""
    scale = _scale(k, x, y, -500, 600, 500, -600)
    a, b = k.mul(x, scale), k.mul(y, scale)
    value = of(k, a, b, k.add(k.mul(a, a), k.mul(b, b)))
    return k.select(_origin(k, x, y), k.const(0), k.mul(k.mul(value, scale), scale))


def _angle_straight(sign: int) -> Callable[[OpList, int, int], int]:
    return lambda k, y, x: _angle(k, y, x, lambda k, a, b, n: k.mul(k.div(k.mul(a, k.const(2 * sign)), n), k.div(b, n)))


def _angle_mixed(k: OpList, y: int, x: int) -> int:
    return _angle(k, y, x, lambda k, a, b, n: k.mul(k.div(k.sub(b, a), n), k.div(k.add(b, a), n)))


def _share(k: OpList, x: int, y: int) -> int:
    """``sigmoid(x - y)``: far to the left an error of the difference is a relative one of the result."""
    gap, rest = _difference(k, x, y)
    s = k.call("sigmoid", gap)
    return k.add(s, k.mul(k.mul(s, rest), k.sub(k.const(1), s)))


def _bce(k: OpList, x: int, t: int) -> int:
    """``softplus(x) - x t``, for a target between 0 and 1 as a sum of two numbers that are not negative."""
    zero = k.const(0)
    linear = k.select(k.compare("ge", x, zero), k.mul(x, k.sub(k.const(1), t)), k.neg(k.mul(x, t)))
    return k.add(linear, k.call("softplus", k.neg(k.call("abs", x))))


def _bce_x(k: OpList, x: int, t: int) -> int:
    """``sigmoid(x) - t``: as ``tanh(x/2)/2 + (1/2 - t)`` or ``(1 - t) - sigmoid(-x)`` where the inner term is exact."""
    half = k.const(Fraction(1, 2))
    above = k.compare("gt", t, k.const(Fraction(3, 4)))
    s = k.call("sigmoid", k.select(above, k.neg(x), x))
    middle = k.add(k.mul(k.call("tanh", k.mul(x, half)), half), k.sub(half, t))
    outside = k.select(above, k.sub(k.sub(k.const(1), t), s), k.sub(s, t))
    return k.select(k.both(k.compare("ge", t, k.const(Fraction(1, 4))), k.negate(above)), middle, outside)


def _excess(k: OpList, x: int, t: int, delta: int) -> tuple[int, int]:
    """``abs(x - t) - delta`` with what is rounded off in ``x - t``, and whether that is 0 or negative."""
    r, rest = _difference(k, x, t)
    over = k.add(k.sub(k.call("abs", r), delta), k.select(k.compare("gt", k.const(0), r), k.neg(rest), rest))
    return over, k.compare("ge", k.const(0), over)


def _huber_delta(k: OpList, x: int, t: int, delta: int) -> int:
    over, inside = _excess(k, x, t, delta)
    return k.select(inside, k.const(0), over)


def _inside(value: int) -> Callable[[OpList, int, int, int], int]:
    """``value`` where ``abs(x - t) <= delta``, else 0."""
    return lambda k, x, t, delta: k.select(_excess(k, x, t, delta)[1], k.const(value), k.const(0))


def _outside(value: int) -> Callable[[OpList, int, int, int], int]:
    """``value sign(x - t)`` where ``abs(x - t) > delta``, else 0."""

    def written(k: OpList, x: int, t: int, delta: int) -> int:
        side = k.select(k.compare("gt", x, t), k.const(value), k.const(-value))
        return k.select(_excess(k, x, t, delta)[1], k.const(0), side)

    return written


def _huber_delta_delta(k: OpList, x: int, t: int, delta: int) -> int:
    return k.select(_excess(k, x, t, delta)[1], k.const(0), k.const(-1))


def _quotient(k: OpList, x: int, y: int) -> tuple[int, int]:
    """``trunc(x/y)``, which the rounded quotient may miss by 1, and the remainder."""
    rest = k.call("fmod", x, y)
    whole = k.call("rint", k.div(k.sub(x, rest), y))
    return k.select(k.compare("gt", k.special("inf"), k.call("abs", x)), whole, k.div(x, y)), rest


def _fmod_y(k: OpList, x: int, y: int) -> int:
    return k.neg(_quotient(k, x, y)[0])


def _remainder_y(k: OpList, x: int, y: int) -> int:
    whole, rest = _quotient(k, x, y)
    zero = k.const(0)
    differ = k.either(
        k.both(k.compare("gt", zero, rest), k.compare("gt", y, zero)),
        k.both(k.compare("gt", rest, zero), k.compare("gt", zero, y)),
    )
    return k.neg(k.select(differ, k.sub(whole, k.const(1)), whole))


def _is_normal(k: OpList, v: int) -> int:
    size = k.call("abs", v)
    return k.both(k.compare("ge", size, k.const(SMALLEST)), k.compare("gt", k.special("inf"), size))


def _pow_x(k: OpList, x: int, y: int) -> int:
    """``y x**(y - 1)``, computed in float64.

    ``y x**y / x`` has no difference ``y - 1`` that is rounded; where it leaves the range the other form is used: as a
    square, with the first term of what was rounded off and the sign of the first form.
    """
    one, zero = k.const(1), k.const(0)
    power = k.call("pow", x, y)
    above = k.mul(power, y)
    less, rest = _difference(k, y, one)
    size = k.call("abs", x)
    slope = k.mul(rest, k.call("log", size))
    slope = k.select(k.compare("gt", one, k.call("abs", slope)), slope, zero)
    sign = k.mul(k.call("copysign", one, power), k.call("copysign", one, x))
    half = k.call("pow", size, k.mul(less, k.const(Fraction(1, 2))))
    tiny = k.compare("gt", k.const(TWO**-900), k.call("abs", y))
    first = k.mul(k.mul(k.select(tiny, k.mul(y, k.const(TWO**100)), y), sign), half)
    far = k.mul(k.mul(k.mul(first, k.add(one, slope)), half), k.select(tiny, k.const(TWO**-100), one))
    result = k.select(k.both(_is_normal(k, power), _is_normal(k, above)), k.div(above, x), far)
    vanished = k.both(k.compare("eq", power, zero), k.compare("eq", k.call("abs", y), k.special("inf")))
    result = k.select(vanished, zero, result)
    result = k.select(k.is_nan(power), power, result)
    flat = k.either(k.compare("gt", y, one), k.compare("eq", y, zero))
    there = k.select(k.compare("eq", y, one), one, k.select(flat, zero, k.special("nan")))
    result = k.select(k.compare("ne", x, zero), result, there)
    return k.select(k.compare("eq", y, zero), zero, result)


def _pow_xx(k: OpList, x: int, y: int) -> int:
    """``y (y - 1) x**(y - 2)``, as :func:`_pow_x`; 0 where x is."""
    one, zero = k.const(1), k.const(0)
    power = k.call("pow", x, y)
    factor = k.mul(y, k.sub(y, one))
    above = k.mul(power, factor)
    half = k.call("pow", k.call("abs", x), k.mul(k.sub(y, k.const(2)), k.const(Fraction(1, 2))))
    far = k.mul(k.mul(k.mul(factor, k.call("copysign", one, power)), half), half)
    result = k.select(k.both(_is_normal(k, power), _is_normal(k, above)), k.div(k.div(above, x), x), far)
    flat = k.either(k.compare("eq", x, zero), k.compare("eq", factor, zero))
    return k.select(flat, zero, k.select(k.is_nan(power), power, result))


def _pow_y(k: OpList, x: int, y: int) -> int:
    """``log(x) x**y``, computed in float64; where the power leaves the range, as the square of ``x**(y/2)``."""
    zero = k.const(0)
    power, log = k.call("pow", x, y), k.call("log", x)
    log = k.select(k.both(k.compare("eq", power, zero), k.compare("eq", x, k.special("inf"))), zero, log)
    half = k.call("pow", x, k.mul(y, k.const(Fraction(1, 2))))
    result = k.select(_is_normal(k, power), k.mul(log, power), k.mul(k.mul(log, half), half))
    there = k.select(k.compare("eq", x, zero), zero, k.special("nan"))
    return k.select(k.compare("gt", x, zero), result, there)


def _celu_alpha(k: OpList, x: int, alpha: int) -> int:
    """``exp(u)(1 - u) - 1`` for ``u = x/alpha < 0``; by its series, or that of ``exp(-u) - 1 + u``."""
    zero = k.const(0)
    u = k.select(k.compare("gt", zero, x), k.div(x, alpha), zero)
    e = k.call("exp", u)
    w = k.select(k.compare("gt", u, k.const(-2)), k.neg(u), zero)
    series = k.polynomial(w, [Fraction(1, factorial(n + 2)) for n in range(GAP_TERMS, -1, -1)])
    gap = k.mul(k.mul(w, k.mul(w, series)), e)
    v = k.select(k.compare("gt", k.const(Fraction(1, 2)), w), w, zero)
    own = k.polynomial(v, [Fraction((-1) ** n * (n + 1), factorial(n + 2)) for n in range(OWN_TERMS, -1, -1)])
    near = k.select(k.compare("gt", k.const(Fraction(1, 2)), w), k.mul(v, k.mul(v, own)), gap)
    far = k.sub(k.call("expm1", u), k.select(k.compare("eq", e, zero), zero, k.mul(u, e)))
    return k.select(k.compare("gt", u, k.const(-2)), k.neg(near), far)


def _gelu_erf_third(k: OpList, x: int) -> int:
    """``d(x) x (x**2 - 4)`` with the normal density d."""
    two = k.const(2)
    cubic = k.mul(k.mul(k.sub(x, two), k.add(x, two)), x)
    return k.mul(k.mul(k.call("exp_minus_half_square", x), cubic), k.const(DENSITY))


def _silu_third(k: OpList, x: int) -> int:
    """``q ((1 - 6 q) x - 3 tanh(x/2))`` with ``q = sech(x/2)**2/4``, the derivative of sigmoid."""
    u = k.mul(x, k.const(Fraction(1, 2)))
    q = k.mul(k.call("sech_squared", u), k.const(Fraction(1, 4)))
    inner = k.sub(k.mul(k.sub(k.const(1), k.mul(q, k.const(6))), x), k.mul(k.call("tanh", u), k.const(3)))
    return k.mul(q, inner)


WRITTEN_OUT: Final[dict[str, dict[str, Callable[..., int]]]] = {
    **ONE_INPUT,
    "atan2": {
        "y": lambda k, y, x: _over_squares(k, x, y),
        "x": lambda k, y, x: k.neg(_over_squares(k, y, x)),
        "second_y_y": _angle_straight(-1),
        "second_y_x": _angle_mixed,
        "second_x_x": _angle_straight(1),
    },
    "bce_with_logits": {"": _bce, "x": _bce_x},
    "celu": {"alpha": _celu_alpha},
    "div": {"y": _div_y},
    "fmod": {"y": _fmod_y},
    "gelu_erf": {"third": _gelu_erf_third},
    "huber": {
        "delta": _huber_delta,
        "second_x_x": _inside(1),
        "second_x_t": _inside(-1),
        "second_x_delta": _outside(1),
        "second_t_t": _inside(1),
        "second_t_delta": _outside(-1),
        "second_delta_delta": _huber_delta_delta,
    },
    "hypot": {"x": _cosine, "y": lambda k, x, y: _cosine(k, y, x)},
    "logaddexp": {"x": _share, "y": lambda k, x, y: _share(k, y, x)},
    "pow": {"x": _pow_x, "y": _pow_y, "second_x_x": _pow_xx},
    "remainder": {"y": _remainder_y},
    "silu": {"third": _silu_third},
    "xdivy": {"y": _xdivy_y},
}
"""By op: the value (``""``), the derivative in an input or parameter, or one of higher order by its key."""
