"""The two formats of floats, with the numbers of IEEE 754 that the cores are made of."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from . import coefficients, coefficients64


class Format(NamedTuple):
    """A format of floats and the constants of its cores."""

    dtype: str
    kind: str  # the type of its values in an op list
    word: str  # and of their bits
    mantissa: int  # stored bits
    bias: int
    constants: Any

    @property
    def width(self) -> int:
        """Bits of a number."""
        return 32 if self.word == "u32" else 64

    @property
    def sign(self) -> int:
        """The bit of the sign."""
        return 1 << (self.width - 1)

    @property
    def mantissa_mask(self) -> int:
        """The stored bits of the mantissa."""
        return (1 << self.mantissa) - 1

    @property
    def smallest_normal(self) -> float:
        """Below are zero and the subnormal numbers."""
        return 2.0 ** (1 - self.bias)

    @property
    def splitter(self) -> float:
        """Cuts a number into halves whose products are exact."""
        return 2.0 ** (self.mantissa // 2 + 1) + 1

    @property
    def integer(self) -> float:
        """2^mantissa: with a small integer in its last bits it is the float larger by that integer."""
        return 2.0**self.mantissa

    @property
    def integer_bits(self) -> int:
        """The bits of :attr:`integer`."""
        return (self.bias + self.mantissa) << self.mantissa

    @property
    def rounder(self) -> float:
        """1.5 times 2^mantissa: a float beside it has no fraction, so adding it rounds to an integer."""
        return 1.5 * self.integer

    @property
    def rounder_bits(self) -> int:
        """The bits of :attr:`rounder`."""
        return self.integer_bits | 1 << (self.mantissa - 1)

    @property
    def far(self) -> int:
        """From 2^far on, 1 is nothing beside a number; its square is far from overflow."""
        return 30 if self.width == 32 else 60


SINGLE: Final = Format("float32", "f32", "u32", 23, 127, coefficients)
DOUBLE: Final = Format("float64", "f64", "u64", 52, 1023, coefficients64)
FORMATS: Final = {f.dtype: f for f in (SINGLE, DOUBLE)}
OF_TYPE: Final = {t: f for f in (SINGLE, DOUBLE) for t in (f.kind, f.word)}
