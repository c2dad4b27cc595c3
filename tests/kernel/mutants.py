"""Mutants before both checkers: the same verdict, and what an accepted one claims is true.

``python -m tests.kernel.mutants [--every N] [--jobs N] [OP...]`` from the root does this for all mutants of the
catalogue (or of the ops named; or for each N-th), prints the accepted ones that claim something new with how it was
confirmed, and ends with 1 if the checkers part or a claim is false.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hasderiv.proofs.agreement import difference, outcome, plain
from hasderiv.proofs.catalogue import FOLDER
from hasderiv.proofs.checker import statements
from hasderiv.proofs.kernel.certificate import CertificateError
from hasderiv.proofs.kernel.conclusions import Map
from hasderiv.proofs.kernel.terms import Term, neg
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.second import TooCostly

from .mutations import Mutation, Proof, mutations
from .test_ledgers import CONTEXT
from .test_properties import _check, _clearly

VALUES = ("-2.5", "-2", "-1", "-0.5", "-0.3", "0", "0.25", "0.7", "1", "1.5", "2", "3")
TRIES, ENOUGH = 150, 6


class Finding(NamedTuple):
    """One mutant, and how it fared.

    ``verdict`` is ``refused``, ``costly`` (for the second checker), ``old`` (it claims what the original proves),
    ``true`` (compared with numbers), ``vacuous`` (its hypotheses contradict each other), ``untested`` (they hold at no
    point that was tried), ``FALSE``, or ``PARTED`` (the checkers do not agree).
    """

    where: str
    verdict: str
    text: str = ""


def examine(name: str, mutation: Mutation, data: bytes, old: frozenset[str]) -> Finding:
    """Give a mutant to both checkers."""
    where = f"{name}:{mutation.line}: {mutation.what}"
    found = outcome(data)
    try:
        why = difference(data, found)
    except TooCostly:
        return Finding(where, "costly")
    if why is not None:
        return Finding(where, "PARTED", why)
    if isinstance(found, CertificateError):
        return Finding(where, "refused")
    new = [th for th in found.claims if said(th) not in old]
    if not new:
        return Finding(where, "old")
    text = "; ".join(statements(new, 100))
    try:
        points = min(confirmed(th) for th in new)
    except AssertionError:
        return Finding(where, "FALSE", text)
    if not points:
        return Finding(where, "vacuous" if all(contradictory(th) for th in new) else "untested", text)
    return Finding(where, "true", f"{text} (at {points} points)")


def contradictory(th: Theorem) -> bool:
    """Whether two hypotheses, about a term and it or its negative, cannot hold together."""
    signs = {">": {1}, ">=": {0, 1}, "=": {0}, "!=": {-1, 1}}
    possible: dict[Term, set[int]] = {}
    for relation, t in th.hyps:
        flipped = t.op == "mul" and neg(t.terms[1]) is t
        allowed = {-s for s in signs[relation]} if flipped else signs[relation]
        key = t.terms[1] if flipped else t
        possible[key] = possible.get(key, {-1, 0, 1}) & allowed
    return not all(possible.values())


def said(th: Theorem) -> str:
    """A theorem as text."""
    return repr(plain((th.hyps, th.conclusion, th.cites)))


def proved(data: bytes) -> frozenset[str]:
    """Whatever a certificate proves, on the way to its claims too."""
    proof = Proof(data)
    theorems = [n for n, kind in enumerate(proof.kinds) if kind is not Term]
    rows = dict(enumerate(proof.rows))
    steps = [n for n in theorems if proof.rows[n][0] != "term"]
    found = outcome(proof.write(rows, list(rows), [type(c)(n) for c in proof.claims[:1] for n in steps]))
    assert not isinstance(found, CertificateError)
    return frozenset(map(said, found.claims))


def confirmed(th: Theorem) -> int:
    """At how many points a theorem was compared with numbers of 60 digits; raises ``AssertionError`` if one is off."""
    conclusion, hyps = th.conclusion, th.hyps
    if type(conclusion) is Map:
        hyps |= frozenset(conclusion.assume)
        conclusion = Map(conclusion.vary, conclusion.term, (), conclusion.pieces)
    names = sorted(n for n in _names((hyps, conclusion)) if not n.startswith("d "))
    rng = random.Random(hashlib.sha256(said(th).encode()).digest())
    points = 0
    for _ in range(TRIES):
        point = defaultdict[str, Any](lambda: CONTEXT.mpf(1))
        for name in names:
            point[name], point[f"d {name}"] = (CONTEXT.mpf(rng.choice(VALUES)) for _ in range(2))
        if all(_clearly(h, point) for h in hyps):
            _check(conclusion, point)
            points += 1
            if points == ENOUGH:
                break
    return points


def _names(thing: object) -> set[str]:
    if type(thing) is Term:
        return set(thing.free)
    if is_dataclass(thing):
        thing = tuple(getattr(thing, f.name) for f in fields(thing))
    return {n for part in thing for n in _names(part)} if isinstance(thing, tuple | frozenset) else set()


def of_file(path: Path, every: int, first: int = 0) -> list[Finding]:
    """The mutants of one certificate, each ``every``-th from ``first``."""
    data = path.read_bytes()
    old = proved(data)
    found = []
    for mutation in list(mutations(data))[first::every]:
        mutant = mutation.make()
        if mutant != data:
            found.append(examine(path.name, mutation, mutant, old))
    return found


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Give mutants of the certificates to both checkers.")
    parser.add_argument("ops", nargs="*", help="ops of the catalogue (default: all)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th mutant only")
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="processes (default: cores)")
    args = parser.parse_args(argv)
    paths = sorted(p for p in FOLDER.glob("*.jsonl") if not args.ops or p.name.partition(".")[0] in args.ops)
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(args.jobs) as pool:
        for findings in pool.map(of_file, paths, [args.every] * len(paths)):
            for finding in findings:
                counts[finding.verdict] += 1
                if finding.text:
                    print(f"{finding.verdict}: {finding.where}: {finding.text}", flush=True)
    print(", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())))
    return 1 if counts["PARTED"] or counts["FALSE"] or not counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
