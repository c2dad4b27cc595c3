"""TRUST.md lists every file that a certificate rests on, with its true number of lines of code."""

from __future__ import annotations

import re

from .code_lines import code_lines
from .house import FOLDERS, ROOT

TRUSTED = ("proofs/kernel",)
ROW = re.compile(r"^\| `(?P<file>[a-z_/]+\.py)` \| (?P<lines>\d+) \|", re.M)


def test_trusted_files_and_their_line_counts() -> None:
    text = (ROOT / "TRUST.md").read_text(encoding="utf-8")
    stated = {row["file"]: int(row["lines"]) for row in ROW.finditer(text)}
    files = [path for folder in TRUSTED for path in sorted((ROOT / folder).rglob("*.py"))]
    counted = {path.relative_to(ROOT).as_posix(): n for path in files if (n := code_lines(path))}
    missing = [f"| `{name}` | {n} | what it is |" for name, n in counted.items() if stated.get(name) != n]
    assert not missing, "write these rows into TRUST.md:\n" + "\n".join(missing)
    gone = sorted(name for name in stated if not (ROOT / name).exists())
    assert not gone, f"TRUST.md lists files that are gone: {gone}"


RULES = ("terms", "logic", "arithmetic", "local", "sides", "intervals", "maps")


def test_the_kernel_keeps_to_its_size() -> None:
    """Terms and rules in 700 lines, graphs in 70, algebra and reader in 255 each; statements and ledgers are data."""
    kernel = ROOT / "proofs" / "kernel"
    for names, limit in ((RULES, 700), (("graphs",), 70), (("algebra",), 255), (("certificate",), 255)):
        assert sum(code_lines(kernel / f"{name}.py") for name in names) <= limit, f"{names}: more than {limit} lines"


def test_the_second_checker_keeps_to_its_size() -> None:
    """All of its Python, reader and command line included; TRUST.md says how much, and how much text it reads."""
    second = ROOT / "proofs" / "second"
    python = sum(map(code_lines, second.glob("*.py")))
    data = [line for path in second.glob("*.txt") for line in path.read_text("ascii").splitlines()]
    text = sum(1 for line in data if line.strip() and not line.startswith("#"))
    assert python <= 719
    stated = " ".join((ROOT / "TRUST.md").read_text(encoding="utf-8").split())
    assert f"{python} lines of Python, and {text} lines of rules and facts" in stated


def test_counting_leaves_out_comments_and_docstrings(tmp_path) -> None:  # type: ignore[no-untyped-def]
    sample = tmp_path / "sample.py"
    sample.write_text(
        '"""Doc.\n\nmore\n"""\n\n# comment\nx = 1  # code\n\n\ndef f():\n    """Doc."""\n    return """a\nb"""\n'
    )
    assert code_lines(sample) == 4
    assert FOLDERS["hasderiv.proofs"].joinpath("kernel").is_dir()
