"""Whether a VJP is the product of the cotangent and the derivative, operation by operation.

Where it is, the tape may compute the derivative along with the value and multiply later: the bits are the same.  It is
not where the VJP divides by the input (``log``).  Where float32 is computed in float64 the derivative has to be rounded
before it is multiplied: the product of two float32 numbers is exact in float64, and so rounded once, as in float32.
"""

from __future__ import annotations

import re
from typing import Final

_ASSIGNMENT: Final = re.compile(r"^  %(\S+) = (.*)$", re.M)
_NAME: Final = re.compile(r"%([\w.]+)")
_RETURN: Final = re.compile(r"^  ret \w+ (\S+)$", re.M)
_ZERO: Final = "0x0000000000000000"


class _Values:
    """Values as numbers: two are the same number where they are computed in the same way."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def of(self, expression: str) -> str:
        return self.known.setdefault(expression, f"#{len(self.known)}")

    def returned(self, function: str) -> str:
        """What a function returns, by the names of its operands."""
        names: dict[str, str] = {}
        for name, expression in _ASSIGNMENT.findall(function):
            names[name] = self.of(_NAME.sub(lambda found: names.get(found[1], found[0]), expression))
        (result,) = _RETURN.findall(function)
        return names.get(result.removeprefix("%"), result)


def is_product(vjp: str, partial: str, cotangent: str, rounded: bool = False) -> bool:
    """Whether ``vjp`` returns ``cotangent`` times what ``partial`` returns, and 0 for a cotangent of 0.

    With ``rounded`` it has to be times what is ``rounded`` to float32 of that.
    """
    values = _Values()
    found, derivative = values.returned(vjp), values.returned(partial)
    if rounded:
        derivative = values.of(f"call double @hd_single(double {derivative})")
    kind = "double" if vjp.startswith("define internal double") else "float"
    products = [
        values.of(f"fmul {kind} {a}, {b}") for a, b in ((derivative, f"%{cotangent}"), (f"%{cotangent}", derivative))
    ]
    for product in products:
        still = values.of(f"fcmp oeq {kind} {_ZERO}, %{cotangent}")
        false = values.of(f"fcmp une {kind} {product}, {product}")
        both = values.of(f"and i1 {still}, {false}")
        if found in (product, values.of(f"select i1 {both}, {kind} {_ZERO}, {kind} {product}")):
            return True
    return False
