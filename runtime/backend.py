"""Which path the kernels run on."""

from __future__ import annotations

from typing import Any

from .compiled import machine, threads


def backend_info() -> dict[str, Any]:
    """What runs the kernels of arrays on the CPU.

    ``path`` is ``"llvm"`` for machine code, or ``"numpy"`` with the ``reason``; both give the same bits.  ``threads``
    share a large array, ``cache`` is the folder where machine code is kept.  It is None, with the ``cache_reason``,
    where someone else could write to that folder: machine code is made anew in each process then.

    >>> info = backend_info()
    >>> info["path"] in ("llvm", "numpy")
    True
    """
    reason = machine.missing()
    info: dict[str, Any] = {"path": "llvm" if reason is None else "numpy", "reason": reason}
    here = machine.machine()
    if here is not None:
        refused = machine.refusal()
        info.update(compiler=here.version, cpu=here.cpu, threads=threads.workers())
        info.update(cache=str(machine.folder()) if refused is None else None, cache_reason=refused)
    return info
