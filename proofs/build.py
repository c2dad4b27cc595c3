"""Making the certificates of the catalogue: prove every op, compare, write.

Beside each certificate stands its map as JSON (what ``hasderiv where`` prints), from which the kernels take their
conventions.  The certificates are data: this module proves nothing that the kernel does not replay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .catalogue import FOLDER, compare
from .certify import certify
from .kernel.certificate import replay
from .kernel.conclusions import Map
from .pieces import from_theorem
from .query import Where


def files(spec: Any) -> dict[str, bytes]:
    """The certificate of an op and its map, by file name; proved afresh and compared with the spec."""
    data = certify(spec)
    found = replay(data)
    compare(spec, found)
    maps = [
        from_theorem(spec.name, th.conclusion, spec.inputs, sorted(th.cites))
        for th in found.claims
        if type(th.conclusion) is Map
    ]
    joint = max(maps, key=lambda m: len(m.variables))
    content = Where(spec.name, joint, tuple(m for m in maps if m is not joint)).json()
    text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
    return {f"{spec.name}.jsonl": data, f"{spec.name}.map.json": text.encode("ascii")}


def build(
    names: Iterable[str] | None = None, check: bool = False, step: Callable[[], None] = lambda: None
) -> list[str]:
    """Write what has changed, or with ``check`` only say what would; returns the names of these files.

    Without ``names`` the whole catalogue is made, and files that belong to no op are removed.
    """
    from hasderiv.spec import OPS

    wanted = list(names) if names is not None else list(OPS)
    for name in wanted:
        if name not in OPS:
            raise LookupError(f"no op {name}")
    changed = []
    expected = set[Path]()
    for name in wanted:
        for file, data in files(OPS[name]).items():
            path = FOLDER / file
            expected.add(path)
            if not path.exists() or path.read_bytes() != data:
                changed.append(str(path))
                if not check:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
        step()
    if names is None:
        for path in sorted({*FOLDER.glob("*.jsonl"), *FOLDER.glob("*.map.json")} - expected):
            changed.append(str(path))
            if not check:
                path.unlink()
    return changed
