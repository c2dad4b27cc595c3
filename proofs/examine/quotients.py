"""Difference quotients of a reference at hundreds of digits: what they say of a derivative at a point.

A reference along a line is a function ``g(s)`` with ``g(0)`` the value at the point, ``None`` where there is none.
Steps are ``h`` and ``h**2``.  A limit is believed when the quotient at ``h`` has 45 digits of it, or when the error
squares as the step does, as that of ``h**p`` with a small ``p`` must.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from mpmath import mp

WORKING: Final = 400
"""The working precision in decimal digits: two steps of 100 digits, the target, and room for cancellation."""
AGREED: Final = 45
STEP: Final = 100
CLOSE: Final = (10, 40, 100, 200)

Line = Callable[[Any], Any]


def step(power: int = 1) -> Any:
    """``h**power``."""
    return mp.mpf(10) ** (-STEP * power)


def derivative(g: Line, expected: Any) -> tuple[str | None, int]:
    """Why ``g'(0)`` is not the expected number (``None``: it is), and how many digits agree."""
    for sign in (1, -1):
        wrong = side(g, sign, expected)
        if wrong is not None:
            return wrong, 0
    h = step()
    slope = (g(h) - g(-h)) / (2 * h)
    return None, digits(slope, expected)


def side(g: Line, sign: int, expected: Any) -> str | None:
    """Why the one-sided derivative at 0 from the side of ``sign`` is not the expected number, or infinity."""
    name = "right" if sign > 0 else "left"
    here = g(mp.mpf(0))
    if here is None:
        return "the op has no value there"
    near = [g(sign * step(k)) for k in (1, 2)]
    if None in near:
        return f"the op has no value next to the point on the {name}"
    one, two = ((value - here) / (sign * step(k)) for k, value in zip((1, 2), near, strict=True))
    if mp.isinf(expected):
        if one * expected > 0 and two * expected > 0 and _grows(abs(one), abs(two)):
            return None
        return f"the quotient from the {name} is {mp.nstr(two, 15)} and does not tend to {expected}"
    errors = [abs(q - expected) for q in (one, two)]
    tolerance = abs(expected) * mp.mpf(10) ** -AGREED + (1 + abs(here)) * mp.mpf(10) ** -70
    if errors[0] <= tolerance or (errors[0] < 1 and errors[1] <= errors[0] ** 1.9):
        return None
    return f"the quotient from the {name} is {mp.nstr(two, 20)}, not {mp.nstr(expected, 20)}"


def _grows(one: Any, two: Any) -> bool:
    """Whether a quotient that is ``one`` at ``h`` and ``two`` at ``h**2`` is on its way to infinity."""
    above = 1 + mp.mpf(10) ** -60  # a slope of 1 is no growth; h**-p with a small p is
    return bool((one > above and two >= one**1.9) or (one >= 50 and two >= 1.5 * one))


def higher(g: Line, order: int, expected: Any) -> tuple[str | None, int]:
    """As :func:`derivative` for order 2 and 3."""
    h = mp.mpf(10) ** -60
    weights = {2: {-1: 1, 0: -2, 1: 1}, 3: {-2: -mp.mpf(1) / 2, -1: 1, 1: -1, 2: mp.mpf(1) / 2}}[order]
    values = {k: g(k * h) for k in weights}
    if None in values.values():
        return "the op has no value next to the point", 0
    found = sum(w * values[k] for k, w in weights.items()) / h**order
    size = max(abs(v) for v in values.values())
    tolerance = abs(expected) * mp.mpf(10) ** -AGREED + (1 + size) * mp.mpf(10) ** -50
    if abs(found - expected) <= tolerance:
        return None, digits(found, expected)
    return f"the difference of order {order} is {mp.nstr(found, 20)}, not {mp.nstr(expected, 20)}", 0


def no_derivative(g: Line, reason: str, left: Any, right: Any) -> str | None:
    """Why the stated reason for having no derivative does not apply at 0; ``left`` and ``right`` may be ``None``."""
    here = g(mp.mpf(0))
    if here is None:
        return "the op has no value there"
    for sign, slope in ((-1, left), (1, right)):
        wrong = None if slope is None else side(g, sign, slope)
        if wrong is not None:
            return wrong
    if reason == "boundary":
        return None if any(_missing(g, s) for s in (1, -1)) else "the op has values on both sides"
    if reason == "jump":
        return None if any(_jumps(g, s, here) for s in (1, -1)) else "the op is continuous there"
    if reason == "vertical tangent":
        infinite = any(side(g, s, t * mp.inf) is None for s in (1, -1) for t in (1, -1))
        return None if infinite else "no quotient tends to infinity"
    if left is None or right is None or left == right:
        return f"a {reason} needs two one-sided derivatives that differ"
    return None


def _missing(g: Line, sign: int) -> bool:
    return all(g(sign * mp.mpf(10) ** -k) is None for k in CLOSE)


def _jumps(g: Line, sign: int, here: Any) -> bool:
    gaps = [g(sign * step(k)) for k in (1, 2)]
    if None in gaps:
        return False
    one, two = (abs(value - here) for value in gaps)
    return bool(two > 0 and two >= one / 2)


def not_linear(g_of: Callable[[Sequence[Any]], Line], reason: str, directions: Sequence[Sequence[Any]]) -> str | None:
    """Why no direction shows that there is no joint derivative: one-sided slopes along all look like a linear map's."""
    if g_of(directions[0])(mp.mpf(0)) is None:
        return "the op has no value there"
    slopes: list[Any] = []
    for d in directions:
        g = g_of(d)
        here, near = g(mp.mpf(0)), [g(step(k)) for k in (1, 2)]
        if None in near:
            return None  # a direction leaves the domain
        one, two = ((v - here) / step(k) for k, v in zip((1, 2), near, strict=True))
        if abs(one - two) > mp.mpf(10) ** -20 * (1 + abs(one)):
            return None  # no slope along this direction: a jump or a vertical tangent
        slopes.append(two)
    gradient = slopes[: len(directions[0])]  # the first directions are the axes
    for d, slope in zip(directions, slopes, strict=True):
        linear = sum(a * b for a, b in zip(gradient, d, strict=True))
        if abs(linear - slope) > mp.mpf(10) ** -20 * (1 + abs(slope)):
            return None
    return f"no direction shows the {reason}"


def corner(lines: Iterable[Line]) -> str | None:
    """Why no line shows a corner: one along which both one-sided derivatives are there, and differ."""
    for g in lines:
        here = g(mp.mpf(0))
        slopes = [[(g(sign * step(k)) - here) / (sign * step(k)) for k in (1, 2)] for sign in (-1, 1)]
        left, right = (two if digits(one, two) >= AGREED else None for one, two in slopes)
        if left is not None and right is not None and digits(left, right) < AGREED:
            return None
    return "along no coordinate do the one-sided derivatives differ"


def digits(found: Any, expected: Any) -> int:
    """How many decimal digits agree, 60 at most."""
    if found == expected:
        return 60
    size = max(abs(expected), abs(found), mp.mpf(10) ** -30)
    return max(0, min(60, int(-mp.log10(abs(found - expected) / size))))
