"""CUDA kernels, generated from the same op lists as the NumPy kernels.

:func:`load` needs neither CuPy nor a GPU; calling what it returns on arrays needs both.
"""

from .launch import from_source, load

__all__ = ["from_source", "load"]
