"""Checkpoints: parameters, optimizers, sessions and numbers in one safetensors file, never pickle.

A state is a pytree.  Its leaves are tensors, NumPy arrays, numbers, text, optimizers and sessions.  Arrays stand in the
file under their path in the tree, such as ``optimizer.adam.w.m``; everything else stands in its metadata, each value
with its type, so that floats and keys come back bit for bit.  A file is read and compared with the state that it is
loaded into, whole, before anything changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..devices import array_module, is_cupy, is_float, is_numpy, move
from ..errors import CheckpointError, DTypeError
from ..pytree import flatten, paths, unflatten
from ..tensor import Tensor

FORMAT: Final = "hasderiv-checkpoint-1"
_KEY: Final = "hasderiv"
_NAMES: Final = {
    "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64", "BOOL": "bool",
    "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64",
    "U8": "uint8", "U16": "uint16", "U32": "uint32", "U64": "uint64",
}  # fmt: skip
_WRITE: Final[dict[type, Callable[[Any], str]]] = {
    int: str, float: float.hex, str: str, bool: str, type(None): str,
}  # fmt: skip
_PARSE: Final[dict[type, Callable[[str], Any]]] = {
    int: int, float: float.fromhex, str: str,
    bool: {"True": True, "False": False}.__getitem__, type(None): {"None": None}.__getitem__,
}  # fmt: skip


def save_checkpoint(path: Any, state: Any) -> None:
    """Write a pytree of tensors, arrays, numbers, text, optimizers and sessions to a safetensors file.

    The file is written whole or not at all: it takes the place of an older one at the end.  Needs the extra
    ``hasderiv[checkpoint]``.  Raises :class:`CheckpointError` when the library or the folder is missing, when two
    leaves would bear one name or one bears a name of the file format, :class:`DTypeError` for a leaf that cannot be
    kept.

    >>> import hasderiv as hd, tempfile, os
    >>> p = {"w": hd.tensor([1.0, 2.0], requires_grad=True)}
    >>> state = {"params": p, "optimizer": hd.optim.Adam(p), "epoch": 7}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(os.path.join(folder, "a.safetensors"), state)
    ...     load_checkpoint(os.path.join(folder, "a.safetensors"), {**state, "epoch": 0})["epoch"]
    7
    """
    library = _safetensors()
    target = Path(path)
    found = _entries(state)
    arrays = {name: _host(x) for name, x in found.items() if _is_array(x)}
    plain = {name: [type(x).__name__, _WRITE[type(x)](x)] for name, x in found.items() if not _is_array(x)}
    metadata = {_KEY: json.dumps({"format": FORMAT, "values": plain}, sort_keys=True)}
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # the library writes a file for its owner alone, whatever the umask says
        library.save_file(arrays, temporary, metadata)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)
        os.replace(temporary, target)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CheckpointError(f"{path}: the checkpoint cannot be written: {error}") from None
    finally:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            temporary.unlink()


def load_checkpoint(path: Any, state: Any, strict: bool = True) -> Any:
    """Read a file that :func:`save_checkpoint` wrote into a state of the same form, and return that state.

    Tensors, optimizers and sessions of ``state`` take their values from the file, in place and on the device where they
    are; arrays, numbers and text are in the returned tree only.  With ``strict=False`` the file may hold more than is
    asked for, the optimizer of a model that is only to be used, say.

    Raises :class:`CheckpointError`, which names the file and the entry, when the file is damaged or anything in it has
    another name, shape, dtype or type than ``state``; nothing has changed then.
    """
    library = _safetensors()
    wanted = _entries(state)
    given = _read(library, Path(path), wanted, strict)
    leaves, structure = flatten(state)
    new, actions = [], []
    for name, leaf in zip(_prefixes(structure), leaves, strict=True):
        if isinstance(leaf, Tensor):
            actions.append((leaf, move(given[name], leaf.device)))
            new.append(leaf)
        elif hasattr(leaf, "restore"):
            tree = leaf.state_tree()
            inner, form = flatten(tree)
            values = []
            for where, x in zip(_prefixes(form, name), inner, strict=True):
                value = given[where]
                if isinstance(x, Tensor):
                    actions.append((x, move(value, x.device)))
                    value = x
                elif is_cupy(x):
                    value = array_module(x).asarray(value)
                elif type(x) is int and not 0 <= value < 1 << 64:
                    raise CheckpointError(f"{path}: {where!r} is {value}; it is a count or a key, from 0 to 2^64 - 1")
                values.append(value)
            actions.append((leaf, unflatten(form, values)))
            new.append(leaf)
        else:
            new.append(given[name])
    for owner, value in actions:  # all that could fail has been done
        if isinstance(owner, Tensor):
            owner._data = value
        else:
            owner.restore(value)
    return unflatten(structure, new)


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise CheckpointError("checkpoints need the package safetensors: pip install 'hasderiv[checkpoint]'") from None
    return safetensors.numpy


def _prefixes(structure: Any, before: str = "") -> list[str]:
    return [".".join(filter(None, (before, path))) for path in paths(structure)]


def _entries(state: Any) -> dict[str, Any]:
    """Every array and every value of a state by its name in the file."""
    found: dict[str, Any] = {}

    def visit(tree: Any, before: str) -> None:
        leaves, structure = flatten(tree)
        for name, leaf in zip(_prefixes(structure, before), leaves, strict=True):
            if hasattr(leaf, "state_tree"):
                visit(leaf.state_tree(), name)
                continue
            if isinstance(leaf, Tensor) and not leaf.is_leaf:
                raise CheckpointError(f"{name!r} is a tensor computed from others; save it as .detach()")
            if not isinstance(leaf, Tensor) and not _is_array(leaf) and type(leaf) not in _WRITE:
                raise DTypeError(f"a checkpoint cannot keep {name!r}, a value of type {type(leaf).__name__}")
            if _is_array(leaf) and not (is_float(leaf.dtype) or leaf.dtype.kind in "iub"):
                raise DTypeError(f"a checkpoint cannot keep {name!r}, an array of {leaf.dtype}")
            if isinstance(leaf, np.ma.MaskedArray):
                raise DTypeError(f"a checkpoint cannot keep {name!r}, a masked array; fill it first")
            if name == "__metadata__":
                raise CheckpointError("no leaf can be called '__metadata__': the file format keeps its own under it")
            if name in found:
                raise CheckpointError(f"two leaves of the state are called {name!r}")
            found[name] = leaf

    visit(state, "")
    return found


def _is_array(x: Any) -> bool:
    return isinstance(x, Tensor) or is_cupy(x) or (is_numpy(x) and isinstance(x, np.ndarray))


def _host(x: Any) -> Any:
    data = x._data if isinstance(x, Tensor) else x
    values = np.ascontiguousarray(data if is_numpy(data) else data.get()).reshape(data.shape)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def _read(library: Any, path: Path, wanted: dict[str, Any], strict: bool) -> dict[str, Any]:
    """The wanted values of a file, each checked against the one that it shall replace."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            plain = _values(path, file.metadata() or {})
            present = set(file.keys())
            _compare_names(path, wanted, present, plain, strict)
            given: dict[str, Any] = {}
            for name, x in wanted.items():
                if _is_array(x):
                    _compare_array(path, name, x, file.get_slice(name))
            for name, x in wanted.items():
                given[name] = np.array(file.get_tensor(name)) if _is_array(x) else _value(path, name, x, plain[name])
    except (SafetensorError, OSError, OverflowError) as error:
        raise CheckpointError(f"{path}: no safetensors file that can be read: {error}") from None
    for name, x in wanted.items():
        if _is_array(x) and given[name].dtype.name != x.dtype.name:
            raise CheckpointError(f"{path}: {name!r} was read as {given[name].dtype}")
    return given


def _values(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    try:
        content = json.loads(metadata[_KEY])
        values = content["values"]
        if content["format"] != FORMAT or not isinstance(values, dict):
            raise ValueError
    except (KeyError, TypeError, ValueError, RecursionError):
        raise CheckpointError(f"{path}: no checkpoint of the format {FORMAT}") from None
    return values


def _compare_names(path: Path, wanted: dict[str, Any], present: set[str], plain: dict[str, Any], strict: bool) -> None:
    arrays = {name for name, x in wanted.items() if _is_array(x)}
    for kind, want, have in (("array", arrays, present), ("value", wanted.keys() - arrays, set(plain))):
        missing, unknown = sorted(want - have), sorted(have - want)
        if missing:
            raise CheckpointError(f"{path}: there is no {kind} {missing[0]!r} in it" + _more(missing))
        if unknown and strict:
            raise CheckpointError(f"{path}: the {kind} {unknown[0]!r} has no place in the state" + _more(unknown))


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _compare_array(path: Path, name: str, x: Any, found: Any) -> None:
    dtype, shape = _NAMES.get(found.get_dtype(), found.get_dtype()), tuple(found.get_shape())
    if shape != tuple(x.shape):
        raise CheckpointError(f"{path}: {name!r} has shape {shape} there and {tuple(x.shape)} here")
    if dtype != x.dtype.name:
        raise CheckpointError(f"{path}: {name!r} has dtype {dtype} there and {x.dtype.name} here")


def _value(path: Path, name: str, x: Any, entry: Any) -> Any:
    """A value that is no array, of the type of ``x``, written just as it would be written here."""
    try:
        kind, text = entry
        if kind != type(x).__name__ or not isinstance(text, str):
            raise ValueError
        value = _PARSE[type(x)](text)
        if _WRITE[type(value)](value) != text or type(value) is not type(x):
            raise ValueError
    except (ValueError, TypeError, KeyError, OverflowError):
        shown = str(entry)[:60]
        raise CheckpointError(f"{path}: {name!r} is {shown} there and of type {type(x).__name__} here") from None
    return value
