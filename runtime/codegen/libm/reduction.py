"""Angles reduced to a quarter turn by integers (Payne and Hanek), for all numbers of either format.

M. H. Payne, R. N. Hanek, "Radian reduction for trigonometric functions", SIGNUM Newsletter 18 (1983) 19-24.  With
``abs x = m 2^e`` and ``m`` an integer, ``x 2/pi`` modulo 4 needs a window of 2/pi only, beginning where its bits weigh
2.  No float32 number is nearer than 2^-30 to a multiple of pi/2 and no float64 number nearer than 2^-62, so windows of
96 and of 192 bits leave more good bits of the fraction than the format has.
"""

from __future__ import annotations

from typing import NamedTuple

from .formats import SINGLE
from .oplist import LONG, Value
from .twofloat import Pair, constant, fast_two_sum, multiply

LOW_WORD = 0xFFFFFFFF


class Reduced(NamedTuple):
    """``abs x`` less ``quadrant`` quarter turns is ``angle``, or its negative; the last two are words."""

    angle: Pair
    quadrant: Value
    negative: Value


def reduce(x: Value) -> Reduced:
    """The angle in [0, pi/4] and a little, for every finite ``x``; numbers up to pi/4 stay as they are."""
    form = x.format
    size = abs(x)
    turned = size > form.constants.QUARTER_PI[0]
    bits = turned.select(size, 1.0).bits()
    mantissa = (bits & form.mantissa_mask) | (1 << form.mantissa)
    turns, quadrant, below = (_single if form is SINGLE else _double)(mantissa, bits >> form.mantissa)
    angle = multiply(turns, constant(x, form.constants.HALF_PI))
    angle = Pair(turned.select(angle.high, size), turned.select(angle.low, 0.0))
    return Reduced(angle, turned.select(quadrant, 0), turned.select(below, 0))


def _float(word: Value) -> Value:
    """A word below 2^mantissa as a float."""
    return (word | word.format.integer_bits).as_float() - word.format.integer


def _single(mantissa: Value, exponent: Value) -> tuple[Pair, Value, Value]:
    """The quarter turns: their fraction in [0, 1/2], the quadrant, and 1 where the fraction is to be taken off."""
    mantissa = mantissa.widen()
    head, tail = window_96(exponent - (150 - 30))  # the number is m 2^(exponent - 150)
    position = mantissa * head + ((mantissa * tail) >> 32)  # x 2/pi modulo 4, in units of 2^-62
    quadrant = (position + (1 << 61)) >> 62
    rest = position - (quadrant << 62)
    below = rest >> 63
    negative = below.differs(0)
    rest = negative.select(rest.like(0) - rest, rest)
    parts = ((rest >> 39, 2.0**-23), ((rest >> 16) & 0x7FFFFF, 2.0**-46), (rest & 0xFFFF, 2.0**-62))
    first, second, third = (_float(word.narrow()) * unit for word, unit in parts)
    total = fast_two_sum(first, second)
    return (fast_two_sum(total.high, total.low + third), quadrant.narrow(), below.narrow())


def window_96(start: Value) -> tuple[Value, Value]:
    """96 bits of 2/pi from bit ``start`` on, where 32 zeros stand before the point: 64 of them and the next 32."""
    words = (0, *SINGLE.constants.TWO_OVER_PI)
    place = start >> 5

    def pick(first: int) -> Value:
        found = start.code.word(words[first] << 32 | words[first + 1], LONG)
        for i in range(1, 5):
            found = place.equals(i).select(words[first + i] << 32 | words[first + i + 1], found)
        return found

    upper, lower = pick(0), pick(2)
    shift = start & 31
    if shift.type != LONG:
        shift = shift.widen()
    return upper << shift | lower >> 1 >> (shift.like(63) - shift), (lower << shift) >> 32


def _double(mantissa: Value, exponent: Value) -> tuple[Pair, Value, Value]:
    """As :func:`_single`, with 126 bits of the fraction in two words."""
    one, two, three = _window_192(exponent - (1075 - 62))  # the number is m 2^(exponent - 1075)
    lower = mantissa * two
    middle = lower + _upper_product(mantissa, three)
    carry = (lower > middle).select(middle.like(1), 0)
    position = mantissa * one + _upper_product(mantissa, two) + carry
    quadrant = (position + (1 << 61)) >> 62
    rest = position - (quadrant << 62)
    below = rest >> 63
    negative = below.differs(0)
    borrow = middle.equals(0).select(middle.like(0), 1)
    rest = negative.select(rest.like(0) - rest - borrow, rest)
    middle = negative.select(middle.like(0) - middle, middle)
    second = ((rest & 0x3FF) << 42) | (middle >> 22)
    total = fast_two_sum(_float(rest >> 10) * 2.0**-52, _float(second) * 2.0**-104)
    third = _float(middle & 0x3FFFFF) * 2.0**-126
    return fast_two_sum(total.high, total.low + third), quadrant, below


def _window_192(start: Value) -> tuple[Value, Value, Value]:
    """192 bits of 2/pi from bit ``start`` on, where 64 zeros stand before the point.

    The words move up by 16, 8, 4, 2 and 1 where the bits of the place ask for it; what cannot matter is dropped.
    """
    words = [start.like(word) for word in (0, *start.format.constants.TWO_OVER_PI)]
    place = start >> 6
    for step, kept in ((16, 4), (8, 11), (4, 7), (2, 5), (1, 4)):
        moved = (place & step).differs(0)
        shifted = [moved.select(words[i + step], words[i]) for i in range(kept)]
        words = shifted + words[4:] if step == 16 else shifted  # from place 16 on four words are left to look at
    shift = start & 63
    back = shift.like(63) - shift
    one, two, three = (words[i] << shift | words[i + 1] >> 1 >> back for i in range(3))
    return one, two, three


def _upper_product(a: Value, b: Value) -> Value:
    """The upper 64 of the 128 bits of a product."""
    a1, a0, b1, b0 = a >> 32, a & LOW_WORD, b >> 32, b & LOW_WORD
    low, first, second = a0 * b0, a1 * b0, a0 * b1
    middle = (low >> 32) + (first & LOW_WORD) + (second & LOW_WORD)
    return a1 * b1 + (first >> 32) + (second >> 32) + (middle >> 32)
