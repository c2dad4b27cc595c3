"""The same kernels for an op that is declared while a program runs: text as for a file, executed instead of written.

``hasderiv.runtime.kernels.from_module(namespace(spec))`` gives the callable kernels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .functions import Source, routines
from .render import cuda_file, llvm_file, numpy_module, spec_hash
from .sources import from_spec

_made: dict[tuple[str, ...], dict[str, Any]] = {}


def identity(source: Source) -> tuple[str, ...]:
    """What two declarations must share to share their kernels."""
    defaults = [f"{name}={value}" for name, value in source.params.items()]
    return (
        source.name,
        *source.inputs,
        "*",
        *defaults,
        spec_hash(source),
        repr(source.at_infinity),
        source.meaning,
    )


def namespace(spec: Any, pieces: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The names that the generated module of an ``OpSpec`` defines; made once for equal declarations.

    ``pieces`` are those of the op's map, for the masks of its conventions.
    """
    source = from_spec(spec)
    key = (*identity(source), repr(list(pieces)))
    found = _made.get(key)
    if found is None:
        made = routines(source)
        text = numpy_module(source, made, list(pieces))
        found = {"__name__": f"hasderiv.runtime.generated.{source.name}", "LLVM": llvm_file(source, made)}
        exec(compile(text, f"<kernel of {source.name}>", "exec"), found)
        _made[key] = found
    return found


def cuda_source(spec: Any) -> str:
    """The .cu file of an ``OpSpec``."""
    source = from_spec(spec)
    return cuda_file(source, routines(source))
