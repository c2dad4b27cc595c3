"""silu, gelu (both forms) and mish with their derivatives, where rounding one function after another would not do.

Why they are cores.  Far left each is x times an exponential that is subnormal where the product is not; in gelu the
exponent is a cubic, and its rounding times its size is the error; and each derivative has a root, beside which any
difference of rounded terms is noise.  Here the terms are pairs, powers of two are put in last, and around its root
a derivative is ``d (slope + d p(d))`` with d = x - root, root and slope as pairs, so that no error grows there.

Three of the derivatives have the symmetry ``f'(x) + f'(-x) = 1``: what is computed is ``g(s) = f'(-s)`` for s >= 0.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .arctangent import with_sign_of
from .error_function import HALVED, centre_pair, tail_pair
from .exponential import Falling, Integer, exp_pair, falling, reduce, scale
from .hyperbolic import near_inverse, one_more
from .oplist import Value
from .twofloat import (
    Pair,
    add,
    constant,
    divide,
    fast_two_sum,
    horner,
    multiply,
    plus_one,
    product,
    quotient,
    times,
    two_sum,
)

# from these sizes on the function is 0 far left, and x far right
SILU_ENDS: Final = {"float32": 110.0, "float64": 756.0}
GELU_ENDS: Final = {"float32": 11.0, "float64": 22.0}
TINY: Final = 2.0**-60  # up to here the product with x need not be that of a pair, which could underflow
# where a derivative is computed from its root: about which size of a negative argument, and how far from there
SILU_ROOT: Final = (1.28125, 0.28125)
GELU_ROOT: Final = (0.75, 0.25)
MISH_ROOT: Final = (1.1875, 0.25)
GELU_ERF_ROOT_UP_TO: Final = 1.25


class Decay(NamedTuple):
    """e^-s for a size s of x, as ``mantissa 2^exponent`` and as a pair that may underflow."""

    size: Value
    mantissa: Pair
    exponent: Integer
    value: Pair


def _clamped(x: Value, ends: dict[str, float]) -> Value:
    size, limit = abs(x), ends[x.format.dtype]
    return (size > limit).select(limit, size)


def _decay(size: Value) -> Decay:
    """e^-size."""
    r, n = reduce(-size)
    mantissa = exp_pair(r).normalised()
    return Decay(size, mantissa, n, mantissa.scaled(scale(size.like(1.0), n)))


def _choose(condition: Value, a: Pair, b: Pair) -> Pair:
    return Pair(condition.select(a.high, b.high), condition.select(a.low, b.low))


def _one(like: Value) -> Pair:
    return Pair(like.like(1.0), like.like(0.0))


def _times_x(x: Value, size: Value, factor: Pair, n: Integer) -> Value:
    """``x factor``, times 2^n to the left of 0; the size of x is clamped, and beyond its end x itself is the result."""
    x_inside = with_sign_of(x, size)
    product = (size < TINY).select(x * factor.rounded(), times(factor, x_inside).rounded())
    result = (x < 0.0).select(scale(product, n), product)
    return (size < abs(x)).select((x > 0.0).select(x, result), x.is_nan().select(x, result))


def _gated(x: Value, size: Value, z: Falling) -> Value:
    """x/(1 + e^-v) to the right of 0, x e^-v/(1 + e^-v) to the left; the size of x is clamped."""
    left, below = x < 0.0, one_more(z.value)
    above = product(size, _choose(left, z.mantissa, _one(x)))
    result = quotient(above, below, near_inverse(below.high))
    result = with_sign_of(x, left.select(z.put_on(result), result))
    return (x > size).select(x, result)


def _mirrored(x: Value, g: Value, g_pair: Pair) -> Value:
    """g to the left of 0, 1 - g to the right."""
    right = two_sum(x.like(1.0), -g_pair.high)
    result = (x < 0.0).select(g, right.high + (right.low - g_pair.low))
    return x.is_nan().select(x, result)


def _beside_root(size: Value, name: str) -> Value:
    """``d (slope + d p(d))`` with d = s - root and the constants of that name, rounded once."""
    at, slope, p = (getattr(size.format.constants, f"{name}_{part}") for part in ("ROOT", "SLOPE", "BESIDE"))
    head = two_sum(size, -at[0])
    d = fast_two_sum(head.high, head.low - at[1])
    chord = fast_two_sum(slope[0], d.high * horner(d.high, p))
    return multiply(d, Pair(chord.high, chord.low + slope[1])).rounded()


def _is_near(x: Value, root: tuple[float, float]) -> Value:
    """One comparison; of two with ``and`` gcc makes a branch, and no vector instructions."""
    return abs(x - root[0]) <= root[1]


def _gate_derivative(x: Value, size: Value, z: Falling, fall: Pair, root: tuple[float, float], name: str) -> Value:
    """g(s) = e^-v (1 + e^-v - s v')/(1 + e^-v)^2 to the left of 0 and 1 - g(s) to the right; ``fall`` is s v'."""
    below = one_more(z.value)
    slope = two_sum(below.high, -fall.high)
    slope = Pair(slope.high, slope.low + (below.low - fall.low))
    m = z.mantissa
    above = Pair(m.high * slope.high, m.high * slope.low + m.low * slope.high)
    inverse = near_inverse(below.high)
    far = quotient(above, product(below, below), inverse * inverse)
    g = _is_near(size, root).select(_close_to_root(size, name), z.put_on(far))
    return (x < 0.0).select(g, 1.0 - g)


def _close_to_root(size: Value, name: str) -> Value:
    """As :func:`_beside_root`, with three roundings."""
    at, slope, p = (getattr(size.format.constants, f"{name}_{part}") for part in ("ROOT", "SLOPE", "BESIDE"))
    d = (size - at[0]) - at[1]
    return d * ((d * horner(d, p) + slope[1]) + slope[0])


def silu(x: Value) -> Value:
    """x/(1 + e^-x)."""
    size = _clamped(x, SILU_ENDS)
    return _gated(x, size, falling(size))


def silu_derivative(x: Value) -> Value:
    """Its derivative: v = s."""
    size = _clamped(x, SILU_ENDS)
    return _gate_derivative(x, size, falling(size), Pair(size, x.like(0.0)), SILU_ROOT, "SILU")


def _cubic(size: Value) -> tuple[Pair, Pair]:
    """v = s (a + b s^2) and s v' = s (a + 3 b s^2)."""
    a, b = (constant(size, c) for c in (size.format.constants.GELU_LINEAR, size.format.constants.GELU_CUBIC))
    term = product(b, product(size, size))
    one = _sum(a, term)
    return product(one, size), product(_sum(one, term.scaled(2.0)), size)


def _sum(a: Pair, b: Pair) -> Pair:
    """The sum, not normalised."""
    head = two_sum(a.high, b.high)
    return Pair(head.high, head.low + (a.low + b.low))


def gelu(x: Value) -> Value:
    """x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))/2, which is x/(1 + e^-v)."""
    size = _clamped(x, GELU_ENDS)
    return _gated(x, size, falling(*_cubic(size)[0]))


def gelu_derivative(x: Value) -> Value:
    """Its derivative."""
    size = _clamped(x, GELU_ENDS)
    v, slope = _cubic(size)
    return _gate_derivative(x, size, falling(*v), slope, GELU_ROOT, "GELU")


def gelu_erf(x: Value) -> Value:
    """x Phi(x) with the normal distribution Phi(x) = erfc(-x/sqrt(2))/2."""
    size = _clamped(x, HALVED.zero)
    near = size < 0.5
    tail, n = tail_pair(size, HALVED)
    small = tail.scaled(scale(x.like(1.0), n))
    right = two_sum(x.like(2.0), -small.high)
    left = x < 0.0
    twice = _choose(left, tail, Pair(right.high, right.low - small.low))
    centre = centre_pair(-x, HALVED)
    twice = _choose(near, centre, twice)
    whole = Integer(near.select(0.0, n.number), near.select(n.biased.like(x.format.rounder_bits), n.biased))
    return _times_x(x, size, twice.normalised().scaled(0.5), whole)


def gelu_erf_derivative(x: Value) -> Value:
    """Its derivative: g(s) = erfc(s/sqrt(2))/2 - s e^(-s^2/2)/sqrt(2 pi), from its root up to s = 5/4."""
    size = _clamped(x, HALVED.zero)
    tail, n = tail_pair(size, HALVED, less=constant(x, x.format.constants.ROOT_TWO_OVER_PI))
    beside, root = size <= GELU_ERF_ROOT_UP_TO, _beside_root(size, "GELU_ERF")
    g = beside.select(root, scale(tail.rounded() * 0.5, n))
    small = tail.scaled(scale(x.like(0.5), n))
    return _mirrored(x, g, Pair(beside.select(root, small.high), beside.select(0.0, small.low)))


def _mish_denominator(x: Value, z: Decay) -> Pair:
    """2 + 2 z + z^2 to the left of 0, 1 + 2 z + 2 z^2 to the right."""
    left, square = x < 0.0, multiply(z.value, z.value)
    first, last = left.select(x.like(2.0), 1.0), left.select(x.like(1.0), 2.0)
    return add(Pair(first, x.like(0.0)), add(z.value.scaled(2.0), square.scaled(last)))


def mish(x: Value) -> Value:
    """x tanh(softplus(x)): x e (e + 2)/(e^2 + 2 e + 2) with e = e^x, or with e^-x to the right of 0."""
    z = _decay(_clamped(x, SILU_ENDS))
    left = multiply(z.mantissa, add(Pair(x.like(2.0), x.like(0.0)), z.value))
    above = _choose(x < 0.0, left, plus_one(z.value.scaled(2.0)))
    return _times_x(x, z.size, divide(above, _mish_denominator(x, z)), z.exponent)


def mish_derivative(x: Value) -> Value:
    """Its derivative.

    Left of 0 it is ``e (4 (1 + x) + (6 + 4 x) e + 4 e^2 + e^3)/(e^2 + 2 e + 2)^2`` with e = e^x, right of 0 with
    z = e^-x it is ``(1 + 4 z + (6 + 4 x) z^2 + 4 (1 + x) z^3)/(1 + 2 z + 2 z^2)^2``.
    """
    z = _decay(_clamped(x, SILU_ENDS))
    left = x < 0.0
    inside = with_sign_of(x, z.size)
    outer, inner = two_sum(inside, 1.0).scaled(4.0), two_sum(inside * 4.0, 6.0)
    zero = x.like(0.0)
    terms = (
        _choose(left, outer, _one(x)),
        _choose(left, inner, Pair(x.like(4.0), zero)),
        _choose(left, Pair(x.like(4.0), zero), inner),
        _choose(left, _one(x), outer),
    )
    total = terms[3]
    for term in terms[2::-1]:
        total = add(term, multiply(total, z.value))
    below = _mish_denominator(x, z)
    above = multiply(total, _choose(left, z.mantissa, _one(x)))
    quotient = divide(above, multiply(below, below)).rounded()
    beside = _is_near(-x, MISH_ROOT)
    result = beside.select(_beside_root(z.size, "MISH"), left.select(scale(quotient, z.exponent), quotient))
    return x.is_nan().select(x, result)
