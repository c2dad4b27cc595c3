"""``hasderiv check FILE.py``: the ops that a file declares, each with its line; and files that go wrong."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from hasderiv.proofs.checker import check_python
from hasderiv.proofs.results import Result

from hasderiv.cli import main

HEAD = "import sympy\nfrom hasderiv.spec.declare import make\nx = sympy.Symbol('x')\n"


def results(folder: Path, text: str) -> list[Result]:
    path = folder / "my_ops.py"
    path.write_text(text)
    return list(check_python(str(path), 3.0))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\n", None, "the file defines no op"),
        ("x = (\n", 1, "the file stopped: SyntaxError: "),
        ("\nimport nowhere_at_all\n", 2, "the file stopped: ModuleNotFoundError: No module named"),
        ("raise SystemExit(0)\n", 1, "the file stopped: SystemExit: 0"),
        ("\n\n1/0\n", 3, "the file stopped: ZeroDivisionError: division by zero"),
        ("import os\nos._exit(3)\n", None, "the file could not be run: it ended without a word"),
    ],
)
def test_a_file_that_goes_wrong_is_one_result(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    (found,) = results(tmp_path, text)
    assert (found.name, found.verdict, found.line) == ("my_ops.py", "undecided", line)
    assert found.message is not None and found.message.startswith(message) and "\n" not in found.message


def test_a_file_that_prints_does_not_disturb_the_answers(tmp_path: Path) -> None:
    (found,) = results(tmp_path, "print('\\x1e{}')\nimport os\nos.system('echo hello')\n")
    assert found.message is not None and found.message.startswith("the file defines no op")


def test_the_exit_code_of_a_file_without_ops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nothing.py"
    path.write_text("")
    assert main(["check", str(path)]) == 1
    assert "nothing.py: undecided: the file defines no op" in capsys.readouterr().out


def test_true_and_false_declarations(tmp_path: Path) -> None:
    good, kink, wrong = results(
        tmp_path,
        HEAD
        + "make('cubed(x)', x**3, 3*x**2)\n"
        + "make('hat(x)', sympy.Piecewise((1 - x, x > 0), (1 + x, True)), sympy.Piecewise((-1, x > 0), (1, True)))\n"
        + "make('swish(x, *, beta)', x/(1 + sympy.exp(-x)), 1/(1 + sympy.exp(-x)))\n",
    )
    assert (good.name, good.verdict, good.line) == ("cubed", "proved", 4)
    assert (kink.name, kink.verdict, kink.line) == ("hat", "proved", 5)
    assert "no derivative in x for x = 0 (corner)" in (kink.message or "")
    assert (wrong.name, wrong.verdict, wrong.line) == ("swish", "refuted", 6)
    assert wrong.point is not None


def test_an_op_that_stands_before_a_failure_is_still_reported(tmp_path: Path) -> None:
    good, stopped = results(tmp_path, HEAD + "make('cubed(x)', x**3, 3*x**2)\n1/0\n")
    assert (good.verdict, stopped.verdict, stopped.line) == ("proved", "undecided", 5)


@pytest.mark.skipif(not hasattr(import_module("hasderiv.proofs.prover"), "build_map"), reason="no build_map yet")
def test_hd_define_counts(tmp_path: Path) -> None:
    text = "import sympy, hasderiv as hd\nx = sympy.Symbol('x')\nf = hd.define('twice(x)', 2*x)\nassert f(1.5) == 3\n"
    (found,) = results(tmp_path, text)
    assert (found.name, found.verdict, found.line) == ("twice", "proved", 3)
