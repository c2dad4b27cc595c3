"""What a terminal shows: tables and colours, and nothing of that where it is not wanted."""

from __future__ import annotations

import io

import pytest
from hasderiv.proofs.results import Result

from hasderiv.cli import main
from hasderiv.report import progress, tables, terminal, text

RESULTS = [
    Result("one", "proved", "t.toml", 1, "d/dx is as claimed", None, ("x > 0",)),
    Result("two", "refuted", "t.toml", 9, "at x = 0: [bold]no markup[/bold]", {"x": "0"}),
]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A stream that counts as a terminal."""
    for module in (tables, text, progress):
        monkeypatch.setattr(module, "is_terminal", lambda out: True)
    monkeypatch.setenv("NO_COLOR", "1")
    return io.StringIO()


def test_results_on_a_terminal(screen: io.StringIO) -> None:
    text.write(RESULTS, screen, verbose=True)
    shown = screen.getvalue()
    assert "t.toml:1: one: proved: d/dx is as claimed" in shown and "needs x > 0" in shown
    assert "[bold]no markup[/bold]" in shown and "1 proved, 1 refuted" in shown


def test_many_results_show_only_what_does_not_hold() -> None:
    out = io.StringIO()
    text.write([RESULTS[0]] * 20 + [RESULTS[1]], out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2 and lines[0].startswith("t.toml:9: two: refuted") and lines[1] == "20 proved, 1 refuted"


@pytest.mark.usefixtures("maps")
def test_maps_on_a_terminal_are_framed_tables(screen: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "relu"]) == 0
    shown = capsys.readouterr().out
    assert "┃" in shown and "differentiable" in shown and "x = 0" in shown


def test_a_bar_is_drawn_on_a_terminal_only(
    screen: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []
    with progress.progress("checking", lambda: asked.append(1) or 3) as step:  # type: ignore[func-returns-value]
        step()
    assert asked == [1]
    monkeypatch.setattr(progress, "is_terminal", terminal.is_terminal)
    with progress.progress("checking", lambda: asked.append(2) or 3) as step:  # type: ignore[func-returns-value]
        step()
    assert asked == [1], "in a pipe nobody counts what is to be done"


def test_dumb_terminals_get_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "dumb")
    assert not terminal.is_terminal(Tty())
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.is_terminal(Tty()) and not terminal.is_terminal(io.StringIO())
