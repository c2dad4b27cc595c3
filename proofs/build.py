"""Making the certificates of the catalogue: prove every op, compare, write.

Beside each certificate stands its map as JSON (what ``hasderiv where`` prints), from which the kernels take their
conventions.  The certificates are data: this module proves nothing that the kernel does not replay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .catalogue import compare, compare_orders, maps, one_input_maps
from .certify import certify, certify_orders
from .identity import FOLDER, SUMS, built_for, identities
from .kernel.certificate import replay
from .query import joined
from .tensor import catalogue as tensors


def files(spec: Any) -> dict[str, bytes]:
    """The certificates of an op and its map, by file name; proved afresh and compared with the spec."""
    data = certify(spec)
    found = replay(data)
    compare(spec, found)
    one_by_one = one_input_maps(spec, found.claims)
    orders = certify_orders(spec, one_by_one)
    if orders is not None:
        compare_orders(spec, one_by_one, replay(orders))
    content = joined(spec.name, maps(spec, found.claims), spec.inputs).json()
    text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
    made = {f"{spec.name}.jsonl": data, f"{spec.name}.map.json": text.encode("ascii")}
    return made if orders is None else made | {f"{spec.name}.orders.jsonl": orders}


def tensor_files(name: str) -> dict[str, bytes]:
    """The certificate of a tensor op, by its path among those of the catalogue; as :func:`files`."""
    from .tensor.certify import certify as certify_tensor

    data = certify_tensor(tensors.spec_of(name))
    tensors.compare(tensors.statement_of(name), replay(data))
    return {tensors.file_of(name): data}


@dataclass
class Built:
    """What a build changed (paths), and the ops that could not be certified, with the reason."""

    changed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def build(names: Iterable[str] | None = None, check: bool = False, step: Callable[[], None] = lambda: None) -> Built:
    """Write what has changed, or with ``check`` only say what would.

    Without ``names`` the whole catalogue is made, and files that belong to no op are removed.  An op that cannot be
    certified keeps no certificate: what is there was made for another spec or by another kernel.

    Raises:
        LookupError: there is no op of that name.
    """
    from hasderiv.spec import OPS

    wanted = list(names) if names is not None else [*OPS, *tensors.names()]
    for name in wanted:
        if name not in OPS and name not in tensors.names():
            raise LookupError(f"no op {name}")
    out = Built()
    expected = set[Path]()
    for name in wanted:
        try:
            made = files(OPS[name]) if name in OPS else tensor_files(name)
        except ValueError as error:
            out.failed[name] = " ".join(str(error).split())
            made = {}
        for file, data in made.items():
            path = FOLDER / file
            expected.add(path)
            if not path.exists() or path.read_bytes() != data:
                out.changed.append(str(path))
                if not check:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
        step()
    if names is None:
        for path in sorted({*FOLDER.rglob("*.jsonl"), *FOLDER.glob("*.map.json")} - expected):
            out.changed.append(str(path))
            if not check:
                path.unlink()
    _list_identities(out, check)
    return out


def _list_identities(out: Built, check: bool) -> None:
    """Keep ``SHA256SUMS`` (the format of ``sha256sum``), by which an altered certificate is told from the built one."""
    found = {p.relative_to(FOLDER).as_posix(): p for p in sorted(FOLDER.rglob("*.jsonl"))}
    text = "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {n}\n" for n, p in found.items()).encode("ascii")
    path = FOLDER / SUMS
    if not path.exists() or path.read_bytes() != text:
        out.changed.append(str(path))
        if not check:
            path.write_bytes(text)
            identities.cache_clear()
            built_for.cache_clear()
