"""TRUST.md lists every file that a certificate rests on, with its true number of lines of code."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from .code_lines import code_lines, commented_lines, definitions
from .house import FOLDERS, ROOT

TRUSTED = ("proofs/kernel",)
ROW = re.compile(r"^\| `(?P<file>[\w/]+\.(?:py|v|ml))` \| (?P<lines>\d+) \| (?P<what>.*) \|$", re.M)
COQ = ROOT / "proofs" / "coq"


def rows() -> dict[str, re.Match[str]]:
    """The rows of the tables of files, by file."""
    found = [*ROW.finditer((ROOT / "TRUST.md").read_text(encoding="utf-8"))]
    assert len({row["file"] for row in found}) == len(found), "a file stands in two rows"
    return {row["file"]: row for row in found}


def named(row: re.Match[str]) -> set[str]:
    """The definitions that a row names, where it does not take all of the file."""
    return set() if row["what"].startswith("all of it") else {*re.findall(r"`(\w+)`", row["what"])} - THEOREMS


THEOREMS = {"check_sound", "check_sound_cited"}


def test_trusted_files_and_their_line_counts() -> None:
    found = rows()
    stated = {file: int(row["lines"]) for file, row in found.items()}
    files = [path for folder in TRUSTED for path in sorted((ROOT / folder).rglob("*.py"))]
    files += [ROOT / file for file in stated if file.endswith(".py") and ROOT / file not in files]
    counted = {path.relative_to(ROOT).as_posix(): n for path in files if (n := code_lines(path))}
    for file, row in found.items():
        if not file.endswith(".py"):
            lines = definitions(ROOT / file)
            some = [lines[name] for name in named(row)]
            counted[file] = sum(some) if some else len(commented_lines(ROOT / file))
    missing = [f"| `{name}` | {n} | what it is |" for name, n in counted.items() if stated.get(name) != n]
    assert not missing, "write these rows into TRUST.md:\n" + "\n".join(missing)
    gone = sorted(name for name in stated if not (ROOT / name).exists())
    assert not gone, f"TRUST.md lists files that are gone: {gone}"


def test_what_a_verified_claim_rests_on_is_named() -> None:
    """By Coq's index: no definition that the meaning of a claim needs is left out, and none is too much."""
    wanted = {("Semantics", name) for name in references("Semantics")}
    wanted |= {("Check", name) for name in ("outcome", "check", "cited_anywhere")}
    todo = [*wanted - {("Check", "check")}]  # of this, the theorem says what there is to know
    while todo:
        module, name = todo.pop()
        new = references(module).get(name, set()) - wanted - MISTAKEN
        wanted |= new
        todo += new
    needed = {(m, name) for m, name in wanted if m != "Semantics" and name in definitions(COQ / f"{m}.v")}
    assert needed == {(Path(file).stem, name) for file, row in rows().items() if ".v" in file for name in named(row)}


MISTAKEN = {("Term", "rank")}
"""In the index a name that a pattern binds is the definition of that name, where there is one."""


@cache
def references(module: str) -> dict[str, set[tuple[str, str]]]:
    """What each definition of a file refers to, from the index that Coq wrote when it compiled the file."""
    index = COQ / f"{module}.glob"
    if not index.exists():
        pytest.skip("make -C proofs/coq writes the index")
    found: dict[str, set[tuple[str, str]]] = {}
    begun = ""
    for line in index.read_text(encoding="utf-8").splitlines():
        if stands := re.fullmatch(r"(def|ind|rec|prf|class|constr|proj) \d+:\d+ \S+ (\w+)", line):
            part = stands[1] in ("constr", "proj")
            found[stands[2]] = {(module, begun)} if part else set()
            begun = begun if part else stands[2]
        elif used := re.fullmatch(r"R\d+:\d+ Hasderiv\.(\w+) \S+ (\w+) (?:def|ind|rec|class|constr|proj)", line):
            found[begun].add((used[1], used[2]))
    return found


RULES = ("terms", "logic", "arithmetic", "local", "sides", "intervals", "maps")


def test_the_kernel_keeps_to_its_size() -> None:
    """Terms and rules in 700 lines, graphs 70, algebra 255, the reader 256; statements and ledgers are data."""
    kernel = ROOT / "proofs" / "kernel"
    for names, limit in ((RULES, 700), (("graphs",), 70), (("algebra",), 255), (("certificate",), 256)):
        assert sum(code_lines(kernel / f"{name}.py") for name in names) <= limit, f"{names}: more than {limit} lines"


def test_the_sums_of_the_kernel_are_stated() -> None:
    rules, graphs = (sum(code_lines(ROOT / "proofs" / "kernel" / f"{n}.py") for n in ns) for ns in (RULES, ["graphs"]))
    assert f"have {rules} lines, graphs {graphs} beside" in " ".join((ROOT / "TRUST.md").read_text("utf-8").split())


def test_the_second_checker_keeps_to_its_size() -> None:
    """All of its Python, reader and command line included; TRUST.md says how much, and how much text it reads."""
    second = ROOT / "proofs" / "second"
    python = sum(map(code_lines, second.glob("*.py")))
    data = [line for path in second.glob("*.txt") for line in path.read_text("ascii").splitlines()]
    text = sum(1 for line in data if line.strip() and not line.startswith("#"))
    assert python <= 721
    stated = " ".join((ROOT / "TRUST.md").read_text(encoding="utf-8").split())
    assert f"{python} lines of Python, where 400 were aimed at, and {text} lines of rules and facts" in stated


def test_counting_leaves_out_comments_and_docstrings(tmp_path) -> None:  # type: ignore[no-untyped-def]
    sample = tmp_path / "sample.py"
    sample.write_text(
        '"""Doc.\n\nmore\n"""\n\n# comment\nx = 1  # code\n\n\ndef f():\n    """Doc."""\n    return """a\nb"""\n'
    )
    assert code_lines(sample) == 4
    sample = tmp_path / "sample.v"
    sample.write_text(
        "(* a (* b *) c *)\nDefinition f :=\n  1. (* d *)\n\nLemma l : f = 1.\nProof. reflexivity. Qed.\n"
    )
    assert len(commented_lines(sample)) == 4 and definitions(sample) == {"f": 2}
    assert FOLDERS["hasderiv.proofs"].joinpath("kernel").is_dir()
