"""The kernel's code altered: a sample must be noticed; ``python -m tests.kernel.code_mutants`` takes every place."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ..house.house import ROOT
from .code_mutants import LIST, PASSES, listed, noticed_before, sources
from .code_mutations import CodeMutation, code_mutations, edits

ALL = code_mutations()


def test_the_list_of_survivors_names_places_that_exist() -> None:
    known = listed()
    gone = sorted(known.keys() - {m.name for m in ALL})
    assert not gone, "these have changed: run python -m tests.kernel.code_mutants and mend surviving_mutants.toml"
    groups = tomllib.loads(LIST.read_text(encoding="utf-8"))["group"]
    assert sum(len(changes) for group in groups for changes in group["places"].values()) == len(known), (
        "one stands twice"
    )
    assert all(len(group["reason"]) > 20 for group in groups)


def test_every_refusal_comparison_and_branch_is_altered() -> None:
    assert len({m.name for m in ALL}) == len(ALL) > 2000
    changes = {(m.file, m.function, m.change) for m in ALL}
    for file, function, part in (
        ("logic.py", "cut", "refuse(fact in th.hyps, 'the lemma is no hypothesis of the theorem')  ->  pass"),
        ("logic.py", "cut", "fact in th.hyps  ->  fact not in th.hyps"),
        ("maps.py", "within", "0 <= index < len(pieces)  ->  0 <= index <= len(pieces)"),
        ("algebra.py", "plus", "a is None or b is None  ->  a is None and b is None"),
        ("theorems.py", "expect", "raise KernelError(f'{what} is not {kind.__name__}')  ->  pass"),
        ("facts.py", "_order", "1  ->  2  in  1 <= n <= MAX_ORDER"),
    ):
        assert (file, function, part) in changes, part


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("a < b", 2),
        ("a == b", 1),
        ("a and b and c", 4),
        ("not a", 1),
        ("x if a else y", 2),
        ("7", 2),
        ("True", 1),
        ("'word'", 1),
        ("all(xs)", 1),
        ("a | b", 1),
    ],
)
def test_what_may_stand_in_place_of_code(code: str, count: int) -> None:
    node = ast.parse(code, mode="eval").body
    made = [ast.unparse(new) for new in edits(node)]
    assert len(made) == len(set(made)) == count and ast.unparse(node) not in made


def test_an_altered_tree_differs_in_one_place() -> None:
    for m in ALL[::101]:
        original, altered = (
            ast.unparse(ast.parse((ROOT / "proofs" / "kernel" / m.file).read_text())),
            ast.unparse(m.tree()),
        )
        assert original != altered, m.name
        compile(m.tree(), m.file, "exec")


def test_a_journal_tells_what_was_noticed_of_this_kernel(tmp_path: Path) -> None:
    """What survived is tried anew, and what another kernel's tests said does not count."""
    journal, here = tmp_path / "journal", sources()
    rows = (
        [here, "a", None],
        [here, "b", PASSES],
        [here, "b", "a test"],
        ["another", "c", "a test"],
        [here, "d", PASSES],
    )
    journal.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert noticed_before(journal) == {"b": "a test", "d": PASSES}
    assert noticed_before(None) == noticed_before(tmp_path / "none") == {}


def alone(m: CodeMutation) -> str:
    """What the command says of one alteration."""
    code = (
        "from functools import partial; from tests.kernel import code_mutants as c\n"
        "cases = c.corpora(); c.ready()\n"
        f"m = next(m for m in c.code_mutations() if m.name == {m.name!r})\n"
        "print(c.tried(m, partial(c.by_corpora, cases)))"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_hole_in_the_kernel_is_noticed_and_what_changes_nothing_is_not() -> None:
    by_name = {m.name: m for m in ALL}
    hole = "logic.py: cut: refuse(fact in th.hyps, 'the lemma is no hypothesis of the theorem')  ->  pass"
    assert alone(by_name[hole]).startswith("a corpus")
    harmless = next(name for name in listed() if name.startswith("arithmetic.py"))
    assert alone(by_name[harmless]).startswith("None")


def test_a_sample_is_noticed() -> None:
    words = [sys.executable, "-m", "tests.kernel.code_mutants", "--every", "97"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
