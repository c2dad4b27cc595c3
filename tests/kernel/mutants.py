"""Mutants before all three checkers: the same verdict, and what an accepted one claims is true.

``python -m tests.kernel.mutants [OP...]`` from the root does this for all mutants of the catalogue, or of the ops
named, those of tensors as ``tensor/softmax``; ``--kind`` takes only those, or only the elementwise ones.  It prints the
accepted ones that claim something new with how that was confirmed, and ends with 1 if the checkers part or a claim is
false.  ``--parts N`` takes N sixteenths of each certificate's mutants, smallest certificates first.  With
``--journal FILE`` what is done is written down as it goes, and a run that was cut short goes on where it stopped;
``--summary FILE`` then says it in few lines.  Journals of several runs may be put one after the other.  A mutant is cut
off where it is refused (:mod:`.cutting`); each hundredth is taken whole as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hasderiv.proofs.agreement import difference, outcome
from hasderiv.proofs.catalogue import FOLDER
from hasderiv.proofs.checker import statements
from hasderiv.proofs.coq.verified import NotBuilt, Verdict, disagreement, verify
from hasderiv.proofs.kernel.certificate import Certificate, CertificateError
from hasderiv.proofs.kernel.conclusions import Conclusion
from hasderiv.proofs.kernel.terms import Literal
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.second import TooCostly

from .cutting import Original
from .mutations import Proof, mutations
from .truth import confirmed, contradictory, said

PARTS, WHOLE = 16, 100
BATCH, BYTES = 400, 40_000_000
"""How many mutants, and bytes, one process of the verified checker is given: it may use 120 seconds for all of them."""
KINDS = {"elementwise": "*.jsonl", "tensor": "tensor/*.jsonl"}


Line = dict[str, Any]
"""A line of the journal: one part of the mutants of a certificate, and what was found."""
Case = tuple[str, bytes]
"""Where a mutant is altered and how, and its text."""


class Finding(NamedTuple):
    """One mutant, and how it fared.

    ``verdict`` is ``refused``, ``old`` (it claims what the original proves), ``weaker`` (the same under more
    hypotheses), ``true`` (what is new was compared with numbers), ``vacuous`` (its hypotheses contradict each other),
    ``untested`` (for one claim they hold at no point that was tried), ``FALSE``, or ``PARTED`` (the checkers do not
    agree).
    """

    where: str
    verdict: str
    text: str = ""
    costly: bool = False
    """Whether the second checker gave up."""


class Old:
    """What an original proves, on the way to its claims too."""

    def __init__(self, proof: Proof) -> None:
        self.said = frozenset(map(said, proof.theorems.values()))
        self.hyps: dict[Conclusion, list[frozenset[Literal]]] = {}
        for th in proof.theorems.values():
            self.hyps.setdefault(th.conclusion, []).append(th.hyps)

    def carries(self, th: Theorem) -> bool:
        """Whether a theorem follows from one of the original's, by more hypotheses."""
        return any(hyps <= th.hyps for hyps in self.hyps.get(th.conclusion, ()))


def judged(where: str, found: Certificate | CertificateError, old: Old) -> Finding:
    """What is to be said of a mutant about which the checkers agree."""
    if isinstance(found, CertificateError):
        return Finding(where, "refused")
    new = [th for th in found.claims if said(th) not in old.said]
    if not new:
        return Finding(where, "old")
    new = [th for th in new if not old.carries(th)]
    if not new:
        return Finding(where, "weaker")
    try:
        points = {th: confirmed(th) for th in new}
    except AssertionError:
        return Finding(where, "FALSE", "; ".join(statements(new, 100)))
    bare = [th for th, count in points.items() if not count and not contradictory(th)]
    if bare:
        return Finding(where, "untested", "; ".join(statements(bare, 100)))
    reached = [count for count in points.values() if count]
    text = "; ".join(statements(new, 100))
    return Finding(where, "true", f"{text} (at {min(reached)} points)") if reached else Finding(where, "vacuous", text)


def batches(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """A few cases at a time: those of a long certificate would not all fit in memory."""
    batch: list[Case] = []
    size = 0
    for case in cases:
        batch.append(case)
        size += len(case[1])
        if len(batch) == BATCH or size > BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def examine(cases: Iterable[Case], old: Old, third: bool) -> Iterator[Finding]:
    """Give mutants to the kernel and the second checker, and where ``third`` to the verified one."""
    for batch in batches(cases):
        verdicts = verified([data for _, data in batch]) if third else [None] * len(batch)
        for (where, data), verdict in zip(batch, verdicts, strict=True):
            found = outcome(data)
            costly, why = False, None
            try:
                why = difference(data, found)
            except TooCostly:
                costly = True
            if why is None and verdict is not None:
                why = parted(data, found, verdict)
            yield (
                Finding(where, "PARTED", why) if why is not None else judged(where, found, old)._replace(costly=costly)
            )


def verified(mutants: Iterable[bytes]) -> list[Verdict]:
    """What the verified checker says of each."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        paths = [Path(folder) / str(i) for i, _ in enumerate(mutants)]
        for path, data in zip(paths, mutants, strict=True):
            path.write_bytes(data)
        return verify(paths)


def parted(data: bytes, found: Certificate | CertificateError, verdict: Verdict) -> str | None:
    """Where the kernel and the verified checker differ."""
    if isinstance(found, CertificateError) and verdict.refusal is not None:
        stopped = verdict.refusal.startswith("stopped")
        return f"the verified checker {verdict.refusal}" if stopped else None
    return disagreement(data, verdict)


def name_of(path: Path) -> str:
    """What a certificate is called: ``exp.jsonl``, ``tensor/softmax.jsonl``."""
    return path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name


def cases(name: str, data: bytes, proof: Proof, every: int, first: int) -> Iterator[Case]:
    """Each ``every``-th mutant from ``first``."""
    original = Original(proof)
    for k, m in enumerate(mutations(data, proof)):
        if k % every == first:
            where = f"{name}:{m.line}: {m.what}"
            yield where, original.cut(m)
            if k % (WHOLE * every) == first:
                yield where, m.make()


def of_file(path: Path, every: int, first: int = 0, third: bool = False) -> list[Finding]:
    """The mutants of one certificate, each ``every``-th from ``first``, each text once."""
    return of_data(name_of(path), path.read_bytes(), every, first, third)


def of_data(name: str, data: bytes, every: int, first: int, third: bool) -> list[Finding]:
    """The mutants of the certificate of this name."""
    proof = Proof(data)
    known, same = {hashlib.sha256(data).digest()}, 0

    def new() -> Iterator[Case]:
        nonlocal same
        for case in cases(name, data, proof, every, first):
            digest = hashlib.sha256(case[1]).digest()
            if digest in known:
                same += 1
            else:
                known.add(digest)
                yield case

    found = [*examine(new(), Old(proof), third)]
    return [*found, *[Finding(name, "same as another")] * same]


def checkers() -> dict[str, str]:
    """The checkers that are here, each with a hash of its sources."""
    folders = {"kernel": ["kernel/*.py"], "second": ["second/*.py"], "verified": ["coq/*.v", "coq/driver/*.ml"]}
    try:
        verify([])
    except NotBuilt as error:
        print(f"without the third checker: {error}")
        del folders["verified"]
    root = FOLDER.parent
    sources = {name: sorted(path for p in patterns for path in root.glob(p)) for name, patterns in folders.items()}
    return {
        name: hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
        for name, paths in sources.items()
    }


def key(line: Line) -> tuple[object, ...]:
    """What was done."""
    return line["certificate"], line["sha256"], line["part"]


def part(job: tuple[str, int, dict[str, str]]) -> Line:
    """One sixteenth of the mutants of a certificate, as a line of the journal."""
    path, started = Path(job[0]), time.perf_counter()
    data = path.read_bytes()
    findings = of_data(name_of(path), data, PARTS, job[1], "verified" in job[2])
    return {
        "certificate": name_of(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "part": job[1],
        "checkers": job[2],
        "seconds": round(time.perf_counter() - started, 2),
        "counts": dict(sorted(Counter(f.verdict for f in findings).items())),
        "second gave up": sum(f.costly for f in findings),
        "found": [f"{f.verdict}: {f.where}: {f.text}" for f in findings if f.text],
    }


def verdicts(lines: Iterable[Line]) -> dict[str, int]:
    """How often each verdict was given."""
    return dict(sorted(sum((Counter(line["counts"]) for line in lines), Counter[str]()).items()))


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """The certificates as they are."""
    return {name_of(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def summary(lines: Sequence[Line], certificates: Mapping[str, str]) -> dict[str, Any]:
    """What the lines of a journal say of the certificates of one kind, given with their hashes."""
    present = [line for line in lines if certificates[line["certificate"]] == line["sha256"]]
    texts = [text for line in present for text in line["found"]]
    counts = verdicts(present)
    return {
        "certificates": len(certificates),
        "certificates reached": len({line["certificate"] for line in present}),
        "parts": f"{len(present)} of {PARTS * len(certificates)}",
        "mutants": sum(counts.values()),
        "mutants a second": round(sum(counts.values()) / max(1, sum(line["seconds"] for line in present))),
        "verdicts": counts,
        "second gave up": sum(line.get("second gave up", 0) for line in present),
        "untested": sorted(t.partition(": ")[2] for t in texts if t.startswith("untested")),
        "verdicts where a certificate has changed since": verdicts([line for line in lines if line not in present]),
    }


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Give mutants of the certificates to all checkers.")
    parser.add_argument("ops", nargs="*", help="certificates, as exp or tensor/softmax (default: all)")
    parser.add_argument("--kind", choices=KINDS, help="these only (default: both)")
    parser.add_argument("--parts", type=int, default=PARTS, metavar="N", help=f"that many of {PARTS} parts")
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="processes (default: cores)")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="go on where this file says, and write it on")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write what was found to this file")
    args = parser.parse_args(argv)
    of_kind = {kind: {*FOLDER.glob(KINDS[kind])} for kind in KINDS if args.kind in (None, kind)}
    paths = sorted(set[Path]().union(*of_kind.values()), key=lambda p: (p.stat().st_size, p))
    paths = [p for p in paths if not args.ops or name_of(p).partition(".")[0] in args.ops]
    present = checkers()
    written = args.journal.read_text("ascii").splitlines() if args.journal and args.journal.exists() else []
    now = hashes(paths)
    good = (line for line in map(json.loads, written) if line["checkers"] == present and line["certificate"] in now)
    lines: dict[tuple[object, ...], Line] = {key(line): line for line in good}
    jobs = [
        (str(p), k, present) for k in range(args.parts) for p in paths if (name_of(p), now[name_of(p)], k) not in lines
    ]
    # a fresh process for each: terms are kept for as long as a process lives
    with multiprocessing.get_context("fork").Pool(args.jobs, maxtasksperchild=1) as pool:
        for line in pool.imap_unordered(part, jobs):
            lines[key(line)] = line
            for text in line["found"]:
                print(text, flush=True)
            if args.journal:
                with args.journal.open("a", encoding="ascii") as journal:
                    journal.write(json.dumps(line) + "\n")
    found: dict[str, Any] = {"checkers": present}
    for kind, its in of_kind.items():
        certificates = hashes(its.intersection(paths))
        found[kind] = summary([line for line in lines.values() if line["certificate"] in certificates], certificates)
        print(f"{kind}: " + ", ".join(f"{n} {verdict}" for verdict, n in found[kind]["verdicts"].items()))
    if args.summary:
        args.summary.write_text(json.dumps(found, indent=1) + "\n", "ascii")
    every = verdicts(lines.values())
    return 1 if {"PARTED", "FALSE"} & every.keys() or not every else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
