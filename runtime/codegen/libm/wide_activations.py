"""Activations of float32 numbers in plain float64 arithmetic, as :mod:`.wide`: values and derivatives.

A derivative ``g(s)`` of the left side is a difference beside its root, where float64 still leaves it 25 good bits or
more; the right side is ``1 - g``.  A size beyond which nothing changes, or all is less than the smallest float32, is
cut off, so that no exponential leaves the range.  Value and derivative begin with the same operations: where both are
wanted these are done once.
"""

from __future__ import annotations

from typing import Final

from . import coefficients_wide as constants
from .arctangent import with_sign_of
from .oplist import Value
from .twofloat import horner
from .wide import exp2_short, exp_inside

SILU_END: Final = 110.0
TANH_END: Final = 20.0
GELU_END: Final = 11.0
NORMAL_END: Final = 15.0
ERFC_END: Final = 10.5
MISH_ENDS: Final = (-110.0, 100.0)


def _at_most(size: Value, limit: float) -> Value:
    return (size > limit).select(limit, size)


def _gated(x: Value, size: Value, z: Value) -> Value:
    """x/(1 + z) to the right of 0, x z/(1 + z) to the left, where the size of x is cut off."""
    return (x >= 0.0).select(x, -(size * z)) / (z + 1.0)


def _mirrored(x: Value, g: Value) -> Value:
    """g to the left of 0, 1 - g to the right."""
    return (x < 0.0).select(g, 1.0 - g)


def tanh(x: Value) -> Value:
    """-t/(2 + t) with t = e^(-2 abs x) - 1."""
    _, t = exp2_short(_at_most(abs(x), TANH_END) * (-2.0 * constants.LOG2_E))
    return with_sign_of(x, abs(t / (t + 2.0)))


def _beside_silu_root(size: Value) -> tuple[Value, Value, Value]:
    """d = s - root, ``z = e^-s`` and ``z - e^-root``, whose relative errors are small next to the root too."""
    d = size - constants.SILU_ROOT
    rest, less = exp2_short(d * -constants.LOG2_E)
    return d, rest * constants.SILU_FALL, less * constants.SILU_FALL


def silu(x: Value) -> Value:
    """x/(1 + e^-x)."""
    size = _at_most(abs(x), SILU_END)
    return _gated(x, size, _beside_silu_root(size)[1])


def silu_derivative(x: Value) -> Value:
    """Its derivative: v = s, and ``1 + z - s = (z - e^-root) - d``, since the root is 1 + e^-root."""
    size = _at_most(abs(x), SILU_END)
    d, z, less = _beside_silu_root(size)
    below = z + 1.0
    return _mirrored(x, z * (less - d) / (below * below))


def _cubic(size: Value) -> tuple[Value, Value]:
    """v = s (a + b s^2) and s v' = s (a + 3 b s^2)."""
    term = size * size * constants.GELU_CUBIC
    line = term + constants.GELU_LINEAR
    return size * line, size * (line + term * 2.0)


def gelu(x: Value) -> Value:
    """x/(1 + e^-v), as in :mod:`.activations`."""
    size = _at_most(abs(x), GELU_END)
    return _gated(x, size, exp_inside(-_cubic(size)[0]))


def gelu_derivative(x: Value) -> Value:
    """Its derivative, with ``g = z (1 + z - s v')/(1 + z)^2``."""
    size = _at_most(abs(x), GELU_END)
    v, fall = _cubic(size)
    z = exp_inside(-v)
    below = z + 1.0
    return _mirrored(x, z * (below - fall) / (below * below))


def _gauss(size: Value, factor: float) -> Value:
    """``e^(-factor s^2)``"""
    return exp2_short(size * size * (-factor * constants.LOG2_E))[0]


def _quotient(x: Value, above: tuple[float, ...], below: tuple[float, ...]) -> Value:
    return horner(x, above) / horner(x, below)


def gelu_erf(x: Value) -> Value:
    """x Phi(x), where ``Phi(-s) = e^(-s^2/2) p(s)/q(s)``."""
    size = _at_most(abs(x), NORMAL_END)
    beyond = size * _gauss(size, 0.5) * _quotient(size, constants.NORMAL_ABOVE, constants.NORMAL_BELOW)
    return (x >= 0.0).select(x, 0.0) - beyond


def gelu_erf_derivative(x: Value) -> Value:
    """Its derivative, of which the root is a factor: ``g(s) = e^(-s^2/2) (s - root) p(s)/q(s)``."""
    size = _at_most(abs(x), NORMAL_END)
    chord = (size - constants.GELU_ERF_ROOT) * _gauss(size, 0.5)
    return _mirrored(x, chord * _quotient(size, constants.GELU_ERF_LEFT_ABOVE, constants.GELU_ERF_LEFT_BELOW))


def erfc(x: Value) -> Value:
    """``e^(-s^2) p(s)/q(s)`` to the right of 0, and 2 less that to the left."""
    size = _at_most(abs(x), ERFC_END)
    tail = _gauss(size, 1.0) * _quotient(size, constants.ERFC_ABOVE, constants.ERFC_BELOW)
    return (x < 0.0).select(2.0 - tail, tail)


def _mish(x: Value) -> tuple[Value, Value, Value]:
    """x cut off, e = e^x and n = e (e + 2); tanh(softplus(x)) is n/(n + 2)."""
    low, high = MISH_ENDS
    inside = (x > high).select(high, x)
    inside = (inside < low).select(low, inside)
    e = exp_inside(inside)
    return inside, e, e * (e + 2.0)


def mish(x: Value) -> Value:
    """x tanh(softplus(x))."""
    inside, _, n = _mish(x)
    return (x > MISH_ENDS[1]).select(x, inside) * n / (n + 2.0)


def mish_derivative(x: Value) -> Value:
    """Its derivative, ``e (4 (1 + x) + (6 + 4 x) e + 4 e^2 + e^3)/(n + 2)^2``."""
    inside, e, n = _mish(x)
    line = inside * 4.0
    above = e * ((line + 4.0) + e * ((line + 6.0) + e * (e + 4.0)))
    below = n + 2.0
    return above / (below * below)
