"""The generated NumPy kernels, loaded by name and checked: ``load("tanh").partial("x")(array)``.

A kernel is refused when its text is not what the generator wrote (edited) or when the certificate that
it was printed under is no longer the one on disk (stale).  No generator is needed to notice.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from .assumptions import Assumption, require
from .blocks import Entry, check_out, run
from .compiled import library
from .direct import shorten
from .errors import DTypeError
from .integrity import MENDING, certificate_bytes, check_text

GENERATED: Final = Path(__file__).parent / "generated"


class OpKernels:
    """The routines of one op.  Arrays are NumPy's; parameters are numbers or arrays, by keyword.

    >>> load("tanh").partial("x")(np.float64(0.0))
    np.float64(1.0)
    """

    __slots__ = (
        "_bound",
        "_masks",
        "_remembers",
        "_routines",
        "assume",
        "inputs",
        "llvm",
        "meaning",
        "name",
        "params",
        "proof",
    )

    def __init__(self, module: Mapping[str, Any], llvm: Callable[[], str], proof: Any = None) -> None:
        self.llvm = llvm  # the text of the .ll file, checked
        self.proof = proof  # of an op that a user declared: the declaration with its certificate
        self.name: str = module["NAME"]
        self.inputs: tuple[str, ...] = module["INPUTS"]
        self.params: dict[str, float | None] = dict(module["PARAMS"])
        self.meaning: str = module.get("MEANING", "")
        self.assume: tuple[Assumption, ...] = module["ASSUME"]
        self._routines: dict[str, Entry] = module["ROUTINES"]
        self._masks: list[tuple[Callable[..., Any], dict[str, Any]]] = module["CONVENTIONS"]
        self._bound: dict[str, Callable[..., Any]] = {}
        self._remembers: dict[str, bool] = {}

    def __repr__(self) -> str:
        return f"<kernels of {self.name}({', '.join([*self.inputs, *self.params])})>"

    def routine(self, key: str, leading: int = 0) -> Callable[..., Any]:
        """The routine ``key``, taking ``leading`` arrays (cotangent, tangents) before the inputs."""
        bound = self._bound.get(key)
        if bound is None:
            if key not in self._routines:
                raise KeyError(f"{self.name} has no routine {key}; it has {', '.join(self._routines)}")
            bound = self._bound[key] = self._bind(key, leading + len(self.inputs))
        return bound

    def ufunc(self, keys: str | tuple[str, ...], count: int) -> np.ufunc | None:
        """The compiled routine of ``count`` operands, parameters included; None where nothing can be compiled.

        Several routines make one ufunc with as many results.
        """
        given = (keys,) if isinstance(keys, str) else keys
        return library.routine(
            self.name, tuple(self._routines[key].function.__name__ for key in given), self.llvm, count
        )

    def symbols(self, key: str) -> tuple[str, ...]:
        """The names of a routine in the .ll file, for float32 and float64."""
        first = self._routines[key].function.__name__  # routines that are the same are printed once
        return tuple(library.symbol(self.name, first, dtype) for dtype in library.SUFFIXES)

    def _bind(self, key: str, count: int) -> Callable[..., Any]:
        name, defaults, full, entry = self.name, self.params, tuple(self.params), self._routines[key]
        ufunc = self.ufunc(key, count + len(full))
        check = partial(require, name, self.assume, full) if full else None

        def call(*arrays: Any, out: Any = None, **params: Any) -> Any:
            if len(arrays) != count:
                raise TypeError(f"{name} takes {count} arrays here, not {len(arrays)}")
            if full or params:
                arrays = (*arrays, *arguments(name, defaults, params))
            return run(name, ufunc or entry, arrays, count, out, check)

        return call if ufunc is None else shorten(ufunc, call, defaults, self.assume, count)

    @property
    def forward(self) -> Callable[..., Any]:
        """``forward(*arrays, out=None, **params)``: the value."""
        return self.routine("forward")

    def partial(self, wrt: int | str = 0) -> Callable[..., Any]:
        """The partial derivative in an input (its index or name) or a parameter, by the convention at a kink."""
        return self.routine(f"partial_{self._symbol(wrt)}")

    def param_partial(self, name: str) -> Callable[..., Any]:
        """The partial derivative in a parameter."""
        return self.routine(f"partial_{self._symbol(name)}")

    @property
    def value_and_derivative(self) -> Callable[..., Any]:
        """``f(x, out=None, **params)``: value and derivative of an op of one input, with the bits of the two routines.

        What both need is computed once.  ``out`` is a pair of arrays.
        """
        bound = self._bound.get("value_and_derivative")
        if bound is None:
            (x,) = self.inputs
            value, derivative = self.forward, self.partial(x)

            def call(*arrays: Any, out: Any = None, **params: Any) -> Any:
                found = value(*arrays, **params), derivative(*arrays, **params)
                if out is None:
                    return found
                if type(out) is not tuple or len(out) != 2:
                    raise TypeError(f"{self.name}: out= is a pair of arrays here")
                for array, result in zip(out, found, strict=True):
                    check_out(self.name, array, result.shape, result.dtype)
                    np.copyto(array, result)
                return out

            ufunc = self.ufunc(("forward", f"partial_{x}"), 1 + len(self.params))
            bound = call if ufunc is None else shorten(ufunc, call, self.params, self.assume, 1)
            self._bound["value_and_derivative"] = bound
        return bound

    def remembers(self, dtype: Any) -> bool:
        """Whether the tape gains where it computes the derivative along with the value, and multiplies later.

        It does for an op of one input with a derivative that is long to compute and whose VJP is the product with it,
        to the bit; arrays of this dtype have to be compiled for.
        """
        kind = np.dtype(dtype).name
        if len(self.inputs) != 1 or kind not in library.SUFFIXES:
            return False
        known = self._remembers.get(kind)
        if known is None:
            (x,) = self.inputs
            keys = [self._routines[f"{key}_{x}"].function.__name__ for key in ("vjp", "partial")]
            known = self._remembers[kind] = library.remembers(self.name, keys[0], keys[1], kind, self.llvm())
        return known

    def vjp(self, wrt: int | str = 0) -> Callable[..., Any]:
        """``vjp(i)(g, *arrays)``: g times the partial derivative; 0 where g is 0, whatever the derivative."""
        return self.routine(f"vjp_{self._symbol(wrt)}", 1)

    def jvp(self, arrays: tuple[Any, ...], tangents: tuple[Any, ...], out: Any = None, **params: Any) -> Any:
        """The sum of tangents times partial derivatives; a tangent of 0 contributes 0."""
        return self.routine("jvp", len(self.inputs))(*tangents, *arrays, out=out, **params)

    def second(self, i: int | str = 0, j: int | str = 0) -> Callable[..., Any]:
        """The second partial derivative in two inputs or parameters."""
        return self.routine(self.second_key(i, j))

    def second_key(self, i: int | str, j: int | str) -> str:
        """The name of that routine: one serves both orders."""
        a, b = self._symbol(i), self._symbol(j)
        key = f"second_{a}_{b}"
        return key if key in self._routines else f"second_{b}_{a}"

    def third(self, *arrays: Any, out: Any = None, **params: Any) -> Any:
        """The third derivative of an op of one input."""
        return self.routine("third")(*arrays, out=out, **params)

    def conventions(self, *arrays: Any, **params: Any) -> list[tuple[Any, dict[str, Any]]]:
        """Where a convention was used: (mask, record) for each piece without derivative that some coordinate hits."""
        if not self._masks:
            return []
        found = []
        given = (*arrays, *arguments(self.name, self.params, params)) if self.params or params else arrays
        # numbers count as in the kernels: a parameter of 0.1 is the float32 next to it beside arrays of float32
        kinds = [np.asarray(a).dtype for a in arrays if not isinstance(a, float | int)]
        kind = np.float32 if kinds and np.dtype("float64") not in kinds else np.float64
        wide = [np.asarray(a, kind) if isinstance(a, float | int) else np.asarray(a) for a in given]
        shape = np.broadcast_shapes(*(a.shape for a in wide))
        with np.errstate(all="ignore"):
            finite = np.logical_and.reduce([np.broadcast_to(np.isfinite(a), shape) for a in wide])
            for function, record in self._masks:
                mask = finite & function(*wide)
                if mask.any():
                    found.append((mask, record))
        return found

    def _symbol(self, wrt: int | str) -> str:
        if isinstance(wrt, str):
            if wrt not in self.inputs and wrt not in self.params:
                raise KeyError(f"{self.name} has no input or parameter {wrt}")
            return wrt
        return self.inputs[wrt]


def arguments(name: str, defaults: Mapping[str, float | None], given: Mapping[str, Any]) -> list[Any]:
    """The parameters in their order, defaults filled in."""
    for key in given:
        if key not in defaults:
            known = f"it has {', '.join(defaults)}" if defaults else "it has none"
            raise TypeError(f"{name} has no parameter {key}; {known}")
    found = []
    for key, default in defaults.items():
        value = given.get(key, default)
        if value is None:
            raise TypeError(f"{name} needs the parameter {key}")
        plain = isinstance(value, int | float | np.ndarray | np.floating | np.integer) or hasattr(
            value, "__cuda_array_interface__"
        )
        if isinstance(value, bool | np.bool_) or not plain:
            raise DTypeError(f"{name}: the parameter {key} is a {type(value).__name__}, not a number or an array")
        found.append(value)
    return found


def from_module(module: Mapping[str, Any], proof: Any = None) -> OpKernels:
    """The kernels in the namespace of a module that was generated while the program runs, for what was proved."""
    return OpKernels(module, lambda: module["LLVM"], proof)


def names() -> list[str]:
    """The ops that have generated kernels, in alphabetical order."""
    return sorted(p.stem for p in GENERATED.glob("*.py") if not p.stem.startswith("_"))


@cache
def load(name: str) -> OpKernels:
    """The kernels of a catalogue op.

    Raises ``CertificateError`` for an edited or stale file, ``KeyError`` where there is no such op.
    """
    if not name.isidentifier() or name.startswith("_") or not (GENERATED / f"{name}.py").exists():
        raise KeyError(f"there is no generated kernel of {name}; {MENDING}")
    _text(name, "py")
    return OpKernels(vars(importlib.import_module(f"{__package__}.generated.{name}")), lambda: _text(name, "ll"))


def _text(name: str, suffix: str) -> str:
    """A generated file, checked."""
    text = (GENERATED / f"{name}.{suffix}").read_text(encoding="utf-8")
    check_text(name, text, certificate_bytes(name))
    return text
