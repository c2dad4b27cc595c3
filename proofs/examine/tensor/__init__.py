"""The ops over axes and shapes under examination: their index formulas against hand-written functions of nested lists.

For sizes, strides and paddings drawn at random, and entries that are random, equal, far out or next to each other: the
value and the shape of the result; the JVP as a derivative along a line; the VJP by the pairing with that; one-sided
derivatives that differ where a tie is stated; and no value where the spec says that there is none.
"""

from __future__ import annotations

from .examiner import TensorExaminer, examine, examine_statement

__all__ = ["TensorExaminer", "examine", "examine_statement"]
