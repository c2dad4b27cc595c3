"""Bad certificates, one for each (rule, side condition), each beside a good one that differs in that condition alone.

``python -m tests.kernel.adversary`` from the root writes ``tests/certificates/adversary``: the files, and an index that
gives for each bad one its twin and a part of the reason for which it must be refused.
"""

from __future__ import annotations

import json
from pathlib import Path

from hasderiv.proofs.kernel.certificate import RULES
from hasderiv.proofs.kernel.terms import Term
from hasderiv.proofs.kernel.theorems import Theorem

from . import (
    adversary_bytes,
    adversary_derivatives,
    adversary_found,
    adversary_graphs,
    adversary_indexed,
    adversary_literals,
)
from .attack import Args, Entry
from .kit import RECORDER, x

FOLDER = Path(__file__).resolve().parents[1] / "certificates" / "adversary"


def matrix() -> list[Entry]:
    """All entries."""
    return [
        *adversary_literals.literals(),
        *adversary_literals.definedness(),
        *adversary_literals.ledgers(),
        *adversary_derivatives.tangents(),
        *adversary_derivatives.one_sided(),
        *adversary_derivatives.regions(),
        *adversary_found.found(),
        *adversary_indexed.sums(),
        *adversary_indexed.families(),
        *adversary_graphs.graphs(),
    ]


def certificate(name: str, args: Args, spec: Term) -> bytes:
    """The certificate whose one claim is this application of a rule, whether or not the kernel accepts it."""
    claim = object.__new__(Theorem)
    RECORDER._how[claim] = (name, tuple(args))
    return RECORDER.write([claim], spec)


def about(name: str, args: Args) -> Term:
    """The term that the theorem is about, or one for a literal."""
    term: Term = getattr(RULES[name][0](*args).conclusion, "term", x)
    return term


def files() -> dict[str, bytes]:
    """The corpus by file name: each entry's bad certificate and its twin, of which equal ones are written once."""
    out: dict[str, bytes] = {}
    index = ["# Each bad certificate, the good one that differs in one condition, and a part of the reason.\n"]
    twins: dict[bytes, str] = {}
    for entry in matrix():
        spec = about(entry.rule, entry.good)
        good, bad = (certificate(entry.rule, args, spec) for args in (entry.good, entry.bad))
        name = f"{entry.rule}.{entry.condition}"
        number = sum(twin.startswith(f"{entry.rule}.") for twin in twins.values())
        twin = twins.setdefault(good, f"{entry.rule}.good{number or ''}")
        assert f"{name}.jsonl" not in out, name
        out[f"{twin}.jsonl"], out[f"{name}.jsonl"] = good, bad
        index.append(f'["{name}"]\ntwin = "{twin}"\nrule = "{entry.rule}"\nreason = {json.dumps(entry.reason)}\n')
    for name, twin, reason, bad, good in adversary_bytes.entries():
        out[f"{twin}.jsonl"], out[f"{name}.jsonl"] = good, bad
        index.append(f'["{name}"]\ntwin = "{twin}"\nreason = {json.dumps(reason)}\n')
    return out | {"index.toml": "".join(index).encode("ascii")}


def write() -> None:
    """Write the corpus anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    write()
