"""The errors that users of hasderiv see.

``Error`` is the root; every other class is also the built-in kind that people already catch, so
``except ValueError`` around a shape mistake keeps working.
"""

from __future__ import annotations


class Error(Exception):
    """The root of all errors that hasderiv raises on purpose."""


class ShapeError(Error, ValueError):
    """Shapes that do not fit: operands that do not broadcast, an axis out of range, a seed of the wrong shape."""


class DTypeError(Error, TypeError):
    """A dtype that an operation does not take, or operands of different dtypes: nothing is cast in silence."""


class DomainError(Error, ValueError):
    """A parameter outside the values for which the op is declared, such as ``elu`` with a NaN ``alpha``."""


class DeviceError(Error, RuntimeError):
    """Operands on different devices, or a device that is not there."""


class GradientError(Error, RuntimeError):
    """A derivative that cannot be computed: no recorded graph, saved arrays already freed, an order not generated."""


class InPlaceError(Error, TypeError):
    """An attempt to change a tensor in place.  Tensors are values; write ``t = t + 1``."""


class TraceError(Error, RuntimeError):
    """Values asked for while a function is traced, when there are none; or a traced value used after its trace."""


class CertificateError(Error, ValueError):
    """A certificate that the kernel rejected; the message names file, line and rule."""


class CheckpointError(Error, ValueError):
    """A checkpoint that is damaged or does not fit; the message names the file and what in it."""


class ClaimError(Error, ValueError):
    """A claims table, or a claim in it, that cannot be read."""


__all__ = [
    "CertificateError",
    "CheckpointError",
    "ClaimError",
    "DTypeError",
    "DeviceError",
    "DomainError",
    "Error",
    "GradientError",
    "InPlaceError",
    "ShapeError",
    "TraceError",
]
