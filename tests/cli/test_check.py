"""``hasderiv check`` from outside: exit codes, one-line errors, formats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.prover.recorder import Recorder

from hasderiv.cli import main

KEYS = ["name", "verdict", "file", "line", "message", "point", "hypotheses"]
FALSE = """[[claim]]
name = "abs <&> at 0"
expr = "Abs(x)"
wrt = "x"
derivative = "sign(x)"

[[claim]]
name = "unknown"
expr = "nosuch(x)"
wrt = "x"
derivative = "1"
"""


def square(where: Path) -> Path:
    """A certificate that ``x*x`` has a derivative."""
    recorder, x = Recorder(), T.var("x")
    term = T.mul(x, x)
    local = recorder.rule("local", frozenset({"x"}), term, [])
    theorem = recorder.rule("has_deriv", local, recorder.rule("defined", local.conclusion.derivative, []))
    where.write_bytes(recorder.write([theorem], term))
    return where


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A claims table with a refuted claim and a faulty one, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.toml").write_text(FALSE)
    return "t.toml"


def test_a_certificate_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = square(tmp_path / "own.jsonl")
    assert main(["check", str(path)]) == 0
    out = capsys.readouterr().out
    assert "own: accepted: x*x has derivative" in out and out.endswith("1 accepted\n")


def test_the_second_checker_is_asked_where_one_wants_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = square(tmp_path / "own.jsonl")
    assert main(["check", "--second", str(path)]) == 0
    assert "; the second checker agrees\n1 accepted\n" in capsys.readouterr().out
    assert main(["check", "--second", "relu", "-v"]) == 0
    assert "theorems; the second checker agrees" in capsys.readouterr().out


def test_where_the_checkers_part_it_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = square(tmp_path / "own.jsonl")
    monkeypatch.setattr("hasderiv.proofs.second.reader.Checker.fingerprint", lambda self, t: "0" * 64)
    assert main(["check", "--second", str(path)]) == 1
    out = capsys.readouterr().out
    assert out.count("\n") == 2 and "own: rejected: claim 1 of 1: the second checker reads another statement" in out


def test_the_second_checker_goes_with_claims_and_python_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.toml").write_text('[[claim]]\nname = "c"\nexpr = "x**2"\nwrt = "x"\nderivative = "2*x"\n')
    (tmp_path / "f.py").write_text('import sympy, hasderiv as hd\nx = sympy.Symbol("x")\nhd.define("triple(x)", 3*x)\n')
    assert main(["check", "--second", "-v", "t.toml", "f.py"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if ": proved: " in line]
    assert len(lines) == 2 and all(line.endswith("; the second checker agrees") for line in lines)


@pytest.mark.parametrize("size", [0, 1, 50, 200, -1, -2, -30])
def test_a_certificate_cut_short_is_one_line_with_file_and_line(
    tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = square(tmp_path / "own.jsonl")
    path.write_bytes(path.read_bytes()[:size])
    assert main(["check", str(path)]) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{path}:") and ": own: rejected: " in first
    assert last == "1 rejected"


def test_every_altered_byte_of_a_certificate_is_noticed(tmp_path: Path) -> None:
    from hasderiv.proofs.checker import check_certificate

    path = square(tmp_path / "own.jsonl")
    data, honest = path.read_bytes(), check_certificate(str(path))
    for k in range(0, len(data), 3):
        path.write_bytes(data[:k] + bytes([data[k] ^ 1]) + data[k + 1 :])
        found = check_certificate(str(path))
        assert found.verdict == "rejected" or (found.message, k) != (honest.message, k) or b'"spec"' in data[:k][:40], k


@pytest.mark.parametrize("what", ["show_literal", "_render"])
def test_what_a_check_renders_does_not_grow_with_hypotheses(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some hundred bytes make one more claim under all hypotheses: rendering these each time would be quadratic."""
    from hasderiv.proofs.checker import MAX_STATED, check_certificate
    from hasderiv.proofs.language import printer

    path, calls = tmp_path / "own.jsonl", []
    honest = getattr(printer, what)
    monkeypatch.setattr(printer, what, lambda *given: calls.append(what) or honest(*given))
    counted = []
    for size in (2 * MAX_STATED, 4 * MAX_STATED):
        many_hypotheses(path, size)
        calls.clear()
        result = check_certificate(str(path))
        counted.append(len(calls))
        assert result.hypotheses[MAX_STATED:] == (f"and {size - MAX_STATED} more",)
        assert f"and {size - MAX_STATED} more; " in result.message and result.verdict == "accepted"
    assert counted[0] == counted[1] > 0


def many_hypotheses(where: Path, size: int) -> None:
    """As many hypotheses, and as many claims that rest on all of them."""
    recorder, x = Recorder(), T.var("x")
    assumed = [recorder.rule("assume", T.literal(">", T.add(x, T.rat(k)))) for k in range(1, size + 1)]
    total = T.add(T.mul(T.rat(size), x), T.rat(size * (size + 1) // 2))
    every = recorder.rule("arith", T.literal(">", total), [(Fraction(1), [th], []) for th in assumed], [])
    claims = [
        recorder.rule("arith", T.literal(">", T.mul(T.rat(k), total)), [(Fraction(k), [every], [])], [])
        for k in range(2, size + 2)
    ]
    where.write_bytes(recorder.write(claims, x))


def test_json_has_the_keys_of_the_design(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--format", "json", "--seconds", "1"]) == 1
    content = json.loads(capsys.readouterr().out)
    assert list(content) == ["results", "summary"]
    refuted, faulty = content["results"]
    assert list(refuted) == KEYS and list(faulty) == KEYS
    assert (refuted["name"], refuted["verdict"], refuted["file"], refuted["line"]) == (
        "abs <&> at 0",
        "refuted",
        "t.toml",
        1,
    )
    assert refuted["point"] == {"x": "0"} and refuted["hypotheses"] is None
    assert (faulty["verdict"], faulty["line"], faulty["point"]) == ("undecided", 9, None)
    assert content["summary"]["refuted"] == 1 and content["summary"]["proved"] == 0


def test_junit_is_xml_with_a_failure_for_each(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--format", "junit", "--seconds", "1"]) == 1
    root = ET.fromstring(capsys.readouterr().out)
    assert root.tag == "testsuites" and root.attrib["tests"] == "2" and root.attrib["failures"] == "2"
    first = root.find("./testsuite/testcase")
    assert first is not None and first.attrib["name"] == "abs <&> at 0" and first.attrib["line"] == "1"
    failure = first.find("failure")
    assert failure is not None and failure.attrib["type"] == "refuted" and "left -1, right 1" in (failure.text or "")


def test_github_annotations_stand_at_their_lines(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--format", "github", "--seconds", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("::error file=t.toml,line=1,title=refuted%3A abs <&> at 0::at x = 0: ")
    assert lines[1].startswith("::error file=t.toml,line=9,title=undecided%3A unknown::expr: unknown function")
    assert lines[2] == "::notice title=hasderiv::1 refuted, 1 undecided"


def test_text_is_one_line_each(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--seconds", "1"]) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("t.toml:1: abs <&> at 0: refuted: at x = 0: not differentiable")
    assert lines[1].startswith("t.toml:9: unknown: undecided: expr: unknown function nosuch")
    assert lines[2] == "1 refuted, 1 undecided" and err == ""


def test_broken_toml_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('[[claim]]\nname = "a\n')
    assert main(["check", str(path)]) == 1
    assert capsys.readouterr().out.startswith(f"{path}:2: broken.toml: rejected: not TOML: ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["check", "reluu"], "reluu: no such op, file or folder; did you mean relu?"),
        (["check", "nowhere.toml"], "nowhere.toml: no such file"),
        (["check", "nowhere.py"], "nowhere.py: no such file"),
        (["check", "--seconds", "0"], "--seconds has to lie"),
        (["check", "--format", "yaml"], "invalid choice: 'yaml'"),
        (["check", "--no-such-option"], "unrecognized arguments"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["where"], "required: OP_OR_EXPRESSION"),
        (["where", "x+"], "expected an expression"),
        (["where", "relu", "--param", "alpha"], "'alpha' is not NAME=VALUE"),
        (["where", "nosuchop"], "unknown op nosuchop"),
        (["show", "reluu"], "did you mean relu?"),
        (["list", "--at", "0", "--on", "x > 0"], "not allowed with"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == "" and message in err and err.count("\n") == 1


def test_an_empty_run_is_not_a_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "code.py").write_text("raise SystemExit('a folder never runs code')\n")
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "hasderiv check: nothing was checked\n"
    (tmp_path / "empty.toml").write_text("")
    assert main(["check", str(tmp_path / "empty.toml")]) == 1


def test_a_folder_is_searched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep").mkdir()
    square(tmp_path / "deep" / "a.jsonl")
    (tmp_path / "deep" / "b.jsonl").write_bytes(b"")
    assert main(["check", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 accepted, 1 rejected"


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    from hasderiv import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hasderiv {__version__}\n"
    assert main([]) == 2
    for command in ("check", "where", "list", "show", "build"):
        assert main([command, "--help"]) == 0


def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    where = os.pathsep.join(p for p in sys.path if p)
    return subprocess.run(
        [sys.executable, "-m", "hasderiv", *argv], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": where, **env},
    )  # fmt: skip


def test_replaying_a_certificate_loads_neither_sympy_nor_mpmath(tmp_path: Path) -> None:
    path = square(tmp_path / "own.jsonl")
    code = (
        "import sys; from hasderiv.cli import main; assert main(['check', sys.argv[1]]) == 0;"
        "assert not {'sympy', 'mpmath', 'numpy', 'rich'} & set(sys.modules), sorted(sys.modules)"
    )
    where = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": where},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    path = square(tmp_path / "own.jsonl")
    where = os.pathsep.join(p for p in sys.path if p)
    command, env = [sys.executable, "-m", "hasderiv", "check", str(path)], {**os.environ, "PYTHONPATH": where}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 1
    process.stderr.close()


def test_nothing_but_text_in_a_pipe(tmp_path: Path) -> None:
    done = run("check", str(square(tmp_path / "own.jsonl")))
    assert done.returncode == 0 and done.stderr == "" and "\x1b" not in done.stdout


def test_colours_on_a_terminal_and_none_under_no_color(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    path = square(tmp_path / "own.jsonl")
    where = os.pathsep.join(p for p in sys.path if p)
    seen = {}
    for name, extra in (("colour", {}), ("plain", {"NO_COLOR": "1"})):
        main_end, other = pty.openpty()
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"PYTHONPATH": where, "TERM": "xterm", **extra}
        subprocess.run(
            [sys.executable, "-m", "hasderiv", "check", str(path)],
            stdout=other,
            stderr=subprocess.DEVNULL,
            env=env,
            check=True,
        )
        os.close(other)
        seen[name] = os.read(main_end, 65536).decode()
        os.close(main_end)
    assert "\x1b[32m" in seen["colour"] and "\x1b[3" not in seen["plain"]
