"""Taylor series for ops whose formula divides by a power of the input that the numerator cancels at 0."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Final

from .elementary import PI
from .ssa import OpList

TERMS: Final = 14


def _sinc(k: OpList, result: int, x: int, order: int) -> int:
    """sin(z)/z = sum (-1)^n z^(2n)/(2n+1)! with z = pi x, differentiated term by term in x; used for abs x < 1/2.

    The terms left out are below 1e-19 of the sum there.
    """
    coefficients: list[Fraction] = []
    for n in range(TERMS - 1, -1, -1):
        falling = Fraction(1)
        for i in range(order):
            falling *= 2 * n - i
        coefficients.append(PI ** (2 * n) * (-1) ** n * falling / factorial(2 * n + 1))
    while coefficients[-1] == 0:  # the derivative starts at a higher power
        coefficients.pop()
    small = k.select(k.compare("gt", k.const(Fraction(1, 2)), k.call("abs", x)), x, k.const(Fraction(1, 2)))
    near = k.polynomial(k.mul(small, small), coefficients)
    if order % 2:
        near = k.mul(near, small)
    return k.select(k.compare("gt", k.const(Fraction(1, 2)), k.call("abs", x)), near, result)


SERIES: Final[dict[str, Callable[[OpList, int, int, int], int]]] = {"sinc": _sinc}
