"""CUDA kernels, generated from the same op lists as the NumPy kernels; :func:`load` needs CuPy and a GPU only when
called on arrays."""

from .launch import load

__all__ = ["load"]
