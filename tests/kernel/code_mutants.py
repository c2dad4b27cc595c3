"""Mutation testing of the kernel: each alteration of its code (:mod:`.code_mutations`) must be noticed by a test.

``python -m tests.kernel.code_mutants [--every N] [--jobs N] [--journal FILE] [FILE...]`` from the root does this for
all of them, or for those of the files named.  What no test notices must stand in ``surviving_mutants.toml`` with the
reason why it changes nothing that counts.  The exit status is 0 if no other survives.  With ``--journal FILE`` a run
that was cut short goes on where it stopped.

For each one a fresh process loads the kernel with the alteration, and replays the corpora of the tests: every file must
be accepted or refused as before, an attack for its reason at its line, and what is claimed must be what the second
checker claims.  What passes that goes before the tests of the rules.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.abc
import importlib.machinery
import json
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from .code_mutations import KERNEL, CodeMutation, code_mutations

HERE = Path(__file__).resolve().parent
LIST = HERE / "surviving_mutants.toml"
PACKAGE = "hasderiv.proofs.kernel"
PARTS = ("algebra", "terms", "conclusions")
RULES = ("limits", "side_rules", "traps", "logic_rules", "local_rules", "indexed", "graphs", "forging", "certificates")
MORE = {
    "facts.py": ("ledgers",),
    "sums.py": ("ledgers",),
    "cited.py": ("ledgers",),
    "algebra.py": ("properties", "threads"),
    "terms.py": ("properties", "threads"),
}
"""The tests that an alteration must pass after the corpora, fast ones first, and what is added for some files."""
SLOW = "not altered and not two_processes and not long_chain"
SMALL = 12_000
"""The size in bytes below which a certificate of the catalogue is one of the corpora here."""
SECONDS = 5
"""How much processor time a process has: several times what the kernel as it is needs."""
MEGABYTES = 3000
PASSES = "passes the corpora"


class Case(NamedTuple):
    """A certificate, and what must be said of it: the claims, or the reason, rule and line where they are pinned."""

    data: bytes
    claims: Any
    reason: str = ""
    rule: str | None = None


class Altered(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module of the kernel from the altered tree."""

    def __init__(self, mutation: CodeMutation) -> None:
        self.mutation = mutation
        self.name = f"{PACKAGE}.{mutation.file.removesuffix('.py')}"

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutation.tree(), self.mutation.file, "exec"), module.__dict__)


def expected() -> list[Case]:
    """The corpora, smallest file first, and what the kernel as it is says of them; the second checker agrees."""
    from hasderiv.proofs.agreement import difference, outcome, plain
    from hasderiv.proofs.catalogue import FOLDER
    from hasderiv.proofs.kernel.certificate import CertificateError
    from hasderiv.proofs.second import TooCostly

    from .corpus import FOLDER as CORPORA
    from .ledger_certificates import certificates

    index = tomllib.loads((CORPORA / "adversary" / "index.toml").read_text("ascii"))
    fuzz = HERE.parent / "fuzz" / "corpus"
    catalogue = [path for path in FOLDER.glob("*.jsonl") if path.stat().st_size < SMALL]
    paths = [*CORPORA.glob("*/*.jsonl"), *fuzz.iterdir(), *catalogue]
    texts = [*((path.read_bytes(), path) for path in paths), *((data, FOLDER) for data in certificates())]
    cases = []
    for data, path in sorted(texts, key=lambda case: len(case[0])):
        found = outcome(data)
        with suppress(TooCostly):
            assert difference(data, found) is None
        if isinstance(found, CertificateError):
            entry = index.get(path.stem, {}) if path.parent.name == "adversary" else {}
            cases.append(Case(data, None, entry.get("reason", ""), entry.get("rule")))
        else:
            claims = [plain((th.hyps, th.conclusion, th.cites)) for th in found.claims]
            cases.append(Case(data, (found.spec, found.steps, claims)))
    return cases


def by_corpora(cases: Sequence[Case]) -> str | None:
    """How the corpora notice the altered kernel, which this process is about to import."""
    from hasderiv.proofs.agreement import outcome, plain
    from hasderiv.proofs.kernel.certificate import Certificate

    for case in cases:
        found = outcome(case.data)
        if isinstance(found, Certificate):
            claims = [plain((th.hyps, th.conclusion, th.cites)) for th in found.claims]
            if case.claims != (found.spec, found.steps, claims):
                return "a corpus: accepts, or claims otherwise"
        elif case.claims is not None or case.reason not in str(found):
            return "a corpus: refuses, or for another reason"
        elif case.rule is not None and (found.rule != case.rule or found.line != case.data.count(b"\n") - 1):
            return "a corpus: refuses elsewhere"
    return None


def by_tests(file: str) -> str | None:
    """How the tests notice it."""
    import pytest

    tests = [str(HERE / f"test_{name}.py") for name in (*PARTS, *RULES, *MORE.get(file, ()))]
    quiet = ["-q", "-x", "-p", "no:cacheprovider", "--tb=no", "-k", SLOW, f"--rootdir={HERE.parents[1]}"]
    status = pytest.main([*quiet, "--import-mode=importlib", *tests])
    return "a test" if status == pytest.ExitCode.TESTS_FAILED else None if status == 0 else "the tests do not load"


def tried(mutation: CodeMutation | None, look: Callable[[], str | None], seconds: int = SECONDS) -> str | None:
    """Try one alteration in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 2**20, MEGABYTES * 2**20))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        try:
            if mutation is not None:
                sys.meta_path.insert(0, Altered(mutation))
            found = look()
        except BaseException as error:
            found = type(error).__name__
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], 50 * seconds)
    data = os.read(reader, 1000) if ready else b'"no end"'
    os.close(reader)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    found = json.loads(data or b'"no end, or a crash"')
    return None if found is None else str(found)


def corpora() -> list[Case]:
    """:func:`expected`, from another process: this one must not have loaded the kernel when it forks."""
    code = (
        "import pickle, sys; from tests.kernel.code_mutants import expected; pickle.dump(expected(), sys.stdout.buffer)"
    )
    root = HERE.parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, check=True)
    cases: list[Case] = pickle.loads(done.stdout)
    return cases


def ready() -> None:
    """Load what every child needs, once; nothing of the kernel."""
    import hypothesis
    import mpmath
    import numpy
    import pytest
    import sympy

    assert all((hypothesis, mpmath, numpy, pytest, sympy))
    loaded = [name for name in sys.modules if name.startswith(PACKAGE + ".")]
    assert not loaded, f"{loaded} could not be altered any more"


def listed() -> dict[str, str]:
    """The known survivors by name, with the reason why each may survive."""
    groups = tomllib.loads(LIST.read_text(encoding="utf-8"))["group"] if LIST.exists() else []
    return {f"{place}: {change}": g["reason"] for g in groups for place in g["places"] for change in g["places"][place]}


def sources() -> str:
    """A hash of the kernel's code, without which an entry of a journal says nothing."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(KERNEL.glob("*.py")))).hexdigest()[:16]


def noticed_before(journal: Path | None) -> dict[str, str | None]:
    """How alterations of this kernel were noticed, by a journal; what survived is tried anew, for tests may be new."""
    lines = journal.read_text(encoding="utf-8").splitlines() if journal and journal.exists() else []
    return {name: how for kernel, name, how in map(json.loads, lines) if kernel == sources() and how is not None}


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Alter the kernel's code in one place at a time; a test must notice.")
    parser.add_argument("files", nargs="*", help="files of the kernel (default: all)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th alteration only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="processes (default: cores)")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="go on where this file says, and write it on")
    args = parser.parse_args(argv)
    chosen = [m for m in code_mutations() if not args.files or m.file in args.files][:: args.every]
    known, cases, started = listed(), corpora(), time.perf_counter()
    ready()
    corpus = partial(by_corpora, cases)
    assert tried(None, corpus) is tried(None, partial(by_tests, ""), 6 * SECONDS) is None, (
        "the kernel as it is does not pass"
    )
    found = noticed_before(args.journal)

    def note(m: CodeMutation, how: str | None) -> None:
        found[m.name] = how
        if how in (None, PASSES) and m.name not in known:
            print(f"{how or 'SURVIVES'}: {m.name}", flush=True)
        if args.journal:
            with args.journal.open("a", encoding="utf-8") as journal:
                journal.write(json.dumps([sources(), m.name, how]) + "\n")

    def replayed(m: CodeMutation) -> None:
        how = tried(m, corpus)
        note(m, PASSES if how is None and m.name not in known else how)

    def tested(m: CodeMutation) -> None:
        note(m, tried(m, partial(by_tests, m.file), 6 * SECONDS))

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(replayed, (m for m in chosen if m.name not in found)))
        list(pool.map(tested, (m for m in chosen if found[m.name] == PASSES)))
    found = {m.name: found[m.name] for m in chosen}
    survivors = {name for name, how in found.items() if how is None}
    for how in sorted(set(map(str, found.values()))):
        print(f"{sum(str(h) == how for h in found.values())} noticed by: {how}")
    for name in sorted(found.keys() & known.keys() - survivors):
        print(f"listed, but noticed: {name}")
    print(f"{len(chosen)} alterations, {len(survivors)} survive, {time.perf_counter() - started:.0f} s")
    return 0 if chosen and survivors <= known.keys() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
