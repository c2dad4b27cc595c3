"""cbrt: a third of the bits as a first guess, two steps of Halley, one of Newton with its residual in pairs."""

from __future__ import annotations

from .arctangent import with_sign_of
from .formats import SINGLE
from .oplist import Value
from .twofloat import two_product

# where the residual would be subnormal or the cube overflow, a power of 2^3 is put in and its root taken out:
# (below, factor, root of its inverse), (above, factor, root of its inverse)
SCALES = {
    "float32": ((2.0**-60, 2.0**60, 2.0**-20), (2.0**60, 2.0**-60, 2.0**20)),
    "float64": ((2.0**-500, 2.0**600, 2.0**-200), (2.0**500, 2.0**-600, 2.0**200)),
}
# two thirds of the bias, less what makes the guess right on average
GUESS = {"float32": 709958130, "float64": 715094163}
ONE_THIRD = 0xAAAAAAAB  # times a word of 32 bits, 2^33 times its third and less than 1 more


def _guess(x: Value) -> Value:
    """The root to within 6 percent."""
    bits = x.bits() if x.format is SINGLE else (x.bits() >> 32).narrow()  # the upper word will do
    third = ((bits.widen() * ONE_THIRD) >> 33).narrow() + GUESS[x.format.dtype]
    return third.as_float() if x.format is SINGLE else (third.widen() << 32).as_float()


def cbrt(x: Value) -> Value:
    """The cube root."""
    (low, up, up_root), (high, down, down_root) = SCALES[x.format.dtype]
    size = abs(x)
    small, large = size < low, size > high
    one = x.like(1.0)
    size = size * small.select(up, large.select(down, one))
    root = _guess(size)
    for _ in range(2):
        ratio = root / size * root * root
        root = root * (ratio + 2.0) / (ratio + ratio + 1.0)
    square = two_product(root, root)
    cube = two_product(square.high, root)
    rest = ((size - cube.high) - cube.low) - square.low * root
    root = root + rest / (square.high * 3.0)
    result = with_sign_of(x, root * small.select(up_root, large.select(down_root, one)))
    usual = (abs(x) < float("inf")) & x.differs(0.0)
    return usual.select(result, x)
