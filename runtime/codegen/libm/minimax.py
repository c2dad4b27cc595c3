"""Best polynomials with float coefficients: Lawson's iteration in many digits, coefficients rounded one by one.

C. L. Lawson (1961): weighted least squares, with more and more weight where the error is large, tends to the polynomial
with the smallest largest error.  Unlike the exchange of Remez it also takes x^k, x^(k+1), ... alone, which is what is
left once a coefficient is rounded: the lowest, which matters most, is rounded first, the others are fitted anew around
it, then the next is rounded, and so on, so that each makes up for the roundings before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import mpmath

DIGITS: Final = 60
GRID: Final = 300
ROUNDS: Final = 12
QUOTIENT_GRID: Final = 100
QUOTIENT_ROUNDS: Final = 25
FREE_ROUNDS: Final = 3
"""As many rounds bring the denominator near before weights count."""
SINGLE: Final = 24  # bits of a float32 number
Function = Callable[[Any], Any]


class Fit(NamedTuple):
    """What to approximate: ``function`` on ``[low, high]`` by a polynomial, with the error counted times ``weight``.

    For float64 the degree is ``double`` (None where no core of float64 has the polynomial), and the upper end may be
    another.
    """

    function: Function
    low: str
    high: str
    degree: int
    weight: Function
    double: int | None = None
    double_high: str | None = None


def nearest(x: Any, bits: int = SINGLE) -> float:
    """``x`` rounded once to a float of so many bits; constants are normal numbers."""
    if x == 0:
        return 0.0
    unit = int(mpmath.floor(mpmath.log(abs(x), 2))) + 1 - bits
    number = float(mpmath.ldexp(mpmath.nint(mpmath.ldexp(x, -unit)), unit))
    if bits == SINGLE and not 2.0**-126 <= abs(number) < 2.0**128:
        raise ArithmeticError(f"{x} is out of the range of float32")
    return number


def _least_squares(grid: list[Any], values: list[Any], weights: list[Any], first: int, count: int) -> list[Any]:
    """The coefficients of x^first ... x^(first+count-1) with the least sum of ``weights * (values - polynomial)^2``."""
    terms = [w * x ** (2 * first) for w, x in zip(weights, grid, strict=True)]
    powers = []
    for _ in range(2 * count - 1):
        powers.append(mpmath.fsum(terms))
        terms = [t * x for t, x in zip(terms, grid, strict=True)]
    terms = [w * f * x**first for w, f, x in zip(weights, values, grid, strict=True)]
    right = mpmath.matrix(count, 1)
    for i in range(count):
        right[i] = mpmath.fsum(terms)
        terms = [t * x for t, x in zip(terms, grid, strict=True)]
    rows = mpmath.matrix([[powers[i + j] for j in range(count)] for i in range(count)])
    return list(mpmath.lu_solve(rows, right))


def _best(grid: list[Any], values: list[Any], weights: list[Any], first: int, count: int) -> list[Any]:
    """The coefficients of x^first ... x^(first+count-1) with nearly the smallest largest weighted error on the grid."""
    trust = [mpmath.mpf(1)] * len(grid)
    smallest, best = mpmath.inf, []
    for _ in range(ROUNDS):
        found = _least_squares(grid, values, [t * w * w for t, w in zip(trust, weights, strict=True)], first, count)
        errors = [
            abs(w * (f - x**first * mpmath.polyval(found[::-1], x)))
            for x, f, w in zip(grid, values, weights, strict=True)
        ]
        if max(errors) < smallest:
            smallest, best = max(errors), found
        trust = [t * e for t, e in zip(trust, errors, strict=True)]
        whole = mpmath.fsum(trust)
        if whole == 0:
            break
        trust = [t / whole for t in trust]
    return best


def ends(task: Fit, bits: int) -> tuple[Any, Any]:
    """The interval."""
    return mpmath.mpf(task.low), mpmath.mpf(task.high if bits == SINGLE else task.double_high or task.high)


def fit(task: Fit, bits: int = SINGLE) -> tuple[tuple[float, ...], float]:
    """The coefficients, the lowest first, and the largest weighted error of the rounded polynomial on the grid."""
    degree = task.degree if bits == SINGLE else task.double
    if degree is None:
        raise ValueError("no polynomial for float64")
    with mpmath.workdps(DIGITS):
        low, high = ends(task, bits)
        angles = (mpmath.pi * (2 * i + 1) / (2 * GRID) for i in range(GRID))
        grid = [low + (high - low) * (1 - mpmath.cos(angle)) / 2 for angle in angles]
        values = [task.function(x) for x in grid]
        weights = [mpmath.mpf(task.weight(x)) for x in grid]
        rest = values
        rounded: list[float] = []
        for done in range(degree + 1):
            rounded.append(nearest(_best(grid, rest, weights, done, degree + 1 - done)[0], bits))
            rest = [r - mpmath.mpf(rounded[-1]) * x**done for r, x in zip(rest, grid, strict=True)]
        return tuple(rounded), float(max(abs(w * r) for w, r in zip(weights, rest, strict=True)))


class Quotient(NamedTuple):
    """What to approximate: ``function`` at ``nodes(0 ... 1)`` by ``p/q`` of these degrees, where ``q(0) = 1``."""

    function: Function
    nodes: Function
    above: int
    below: int


def fit_quotient(task: Quotient) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    """The coefficients of p and q as float64, the lowest first, and the largest relative error on the grid.

    That error is the one before the coefficients are rounded, which cannot be seen beside it.

    C. K. Sanathanan, J. Koerner (1963): least squares for ``p - q f``, divided by the q of the round before; and as in
    :func:`fit` with more weight where the error is large.
    """
    with mpmath.workdps(DIGITS):
        angles = (mpmath.pi * (2 * i + 1) / (2 * QUOTIENT_GRID) for i in range(QUOTIENT_GRID))
        grid = [task.nodes((1 - mpmath.cos(angle)) / 2) for angle in angles]
        values = [task.function(x) for x in grid]
        rows = [
            [x**i / f for i in range(task.above + 1)] + [-(x**i) for i in range(1, task.below + 1)]
            for x, f in zip(grid, values, strict=True)
        ]
        trust, divisors = [mpmath.mpf(1)] * len(grid), [mpmath.mpf(1)] * len(grid)
        columns = list(zip(*rows, strict=True))
        smallest: tuple[Any, Any, Any] = (mpmath.inf, (), ())
        for done in range(QUOTIENT_ROUNDS):
            weights = [t / d**2 for t, d in zip(trust, divisors, strict=True)]
            weighted = [[w * a for w, a in zip(weights, column, strict=True)] for column in columns]
            normal = mpmath.matrix([[mpmath.fdot(column, other) for other in columns] for column in weighted])
            found = list(mpmath.lu_solve(normal, [mpmath.fsum(column) for column in weighted]))
            p, q = found[: task.above + 1], [mpmath.mpf(1), *found[task.above + 1 :]]
            divisors = [mpmath.polyval(q[::-1], x) for x in grid]
            errors = [
                abs(mpmath.polyval(p[::-1], x) / d / f - 1) for x, d, f in zip(grid, divisors, values, strict=True)
            ]
            smallest = min(smallest, (max(errors), p, q))
            if done >= FREE_ROUNDS:
                trust = [t * e for t, e in zip(trust, errors, strict=True)]
        error, p, q = smallest
        return tuple(nearest(c, 53) for c in p), tuple(nearest(c, 53) for c in q), float(error)
