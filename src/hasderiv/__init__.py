"""hasderiv: derivatives with proofs, and the kernels and tape that run them.

Importing this package imports nothing else: each public name is fetched when it is first used, so
that a program which only runs the tape never loads SymPy, and ``hasderiv check`` never loads CuPy.
Every op of the catalogue is a function here by its own name: ``hd.gelu(x)`` is ``hd.ops["gelu"](x)``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# public name -> module that defines it; "" as attribute means the module itself
_ERRORS = (
    "CertificateError",
    "ClaimError",
    "DTypeError",
    "DeviceError",
    "DomainError",
    "Error",
    "GradientError",
    "InPlaceError",
    "ShapeError",
)
_WHERE: dict[str, tuple[str, str]] = {
    **{name: ("hasderiv.runtime.errors", name) for name in _ERRORS},
    "tensor": ("hasderiv.runtime.tensor", "tensor"),
    "Tensor": ("hasderiv.runtime.tensor", "Tensor"),
    "no_grad": ("hasderiv.runtime.tape", "no_grad"),
    "enable_grad": ("hasderiv.runtime.tape", "enable_grad"),
    "conventions_used": ("hasderiv.runtime.tape", "conventions_used"),
    "grad": ("hasderiv.runtime.transforms", "grad"),
    "value_and_grad": ("hasderiv.runtime.transforms", "value_and_grad"),
    "jvp": ("hasderiv.runtime.transforms", "jvp"),
    "vjp": ("hasderiv.runtime.transforms", "vjp"),
    "ops": ("hasderiv.runtime.ops", "ops"),
    "custom_op": ("hasderiv.runtime.ops", "custom_op"),
    "optim": ("hasderiv.runtime.optim", ""),
    "where": ("hasderiv.proofs.query", "where"),
    "check": ("hasderiv.proofs.checker", "check"),
    "define": ("hasderiv.define", "define"),
}

__all__ = ["__version__", *sorted(_WHERE)]


def __getattr__(name: str) -> Any:
    """Fetch a public name, or an op of the catalogue, and keep it for the next time."""
    if name in _WHERE:
        module, attribute = _WHERE[name]
        value: Any = import_module(module)
        if attribute:
            value = getattr(value, attribute)
    elif name.startswith("_"):
        raise AttributeError(f"module 'hasderiv' has no attribute {name!r}")
    else:
        from hasderiv.runtime.ops import ops

        if name not in ops:
            raise AttributeError(f"module 'hasderiv' has no attribute {name!r}, and the catalogue no op of that name")
        value = ops[name]
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    from hasderiv.runtime.ops import ops

    return sorted({*__all__, *ops})
