"""A user's own Python file: run it in a process of its own, collect the ops that it declares, prove them.

Running a Python file executes it, with all that this implies; only files named on the command line are run.
``hd.define(...)`` and the declarations of ``hasderiv.spec`` both count.  A file that also trains or prints
should do so under ``if __name__ == "__main__"``: it is run under another name.

The process answers with one JSON line for each op, and this module turns the lines into results.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .results import Result

MODULE = "hasderiv_user_file"
LONGEST = 600.0


def check_file(path: str, seconds: float, beside: Callable[[Result, Iterable[bytes]], Result]) -> Iterator[Result]:
    """Results for the ops of a file; a file that fails to run, or defines nothing, is one undecided result.

    ``beside`` may look at a result and the certificates that it rests on, and return another.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-m", "hasderiv.proofs.userfile", path, str(seconds)]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, env=env, check=False)
    except subprocess.TimeoutExpired:
        yield Result(Path(path).name, "undecided", path, None, f"the file ran for more than {LONGEST:g} s")
        return
    answers = [json.loads(line[1:]) for line in process.stdout.split("\n") if line.startswith("\x1e")]
    for answer in answers:
        yield beside(_believed(path, answer), [base64.b85decode(text) for text in answer["certificates"]])
    if not answers:
        last = (process.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        yield Result(Path(path).name, "undecided", path, None, f"the file could not be run: {last}")


def _believed(path: str, answer: dict[str, Any]) -> Result:
    """A result of the process, after its certificates were replayed here."""
    from .kernel.certificate import CertificateError, replay

    verdict, message = answer["verdict"], answer["message"]
    if verdict == "proved":
        try:
            for text in answer["certificates"]:
                replay(base64.b85decode(text))
        except CertificateError as error:
            verdict, message = "undecided", f"the kernel refused the certificate: {error}"
    point = answer.get("point")
    return Result(
        answer["name"], verdict, path, answer["line"], message, point, tuple(answer["hypotheses"] or ()) or None
    )


# --- in the process ---------------------------------------------------------------------------------


class _Found:
    """The ops that the file declares, in order, each with its line."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(path)
        self.ops: list[tuple[Any, int | None]] = []

    def line(self) -> int | None:
        """The line of the file that is being run."""
        frame = sys._getframe(1)
        while frame is not None:
            if os.path.realpath(frame.f_code.co_filename) == self.path:
                return frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return None

    def watch(self, make: Callable[..., Any]) -> Callable[..., Any]:
        """``make`` (of the spec), remembering what it makes for the file."""

        def made(*args: Any, **kwargs: Any) -> Any:
            spec = make(*args, **kwargs)
            line = self.line()
            if line is not None:
                self.ops.append((spec, line))
            return spec

        return made


def main(path: str, seconds: float) -> int:
    """Run the file, prove its ops, print a line for each."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    found = _Found(path)
    from hasderiv.spec import declare

    declare.make = found.watch(declare.make)
    module_spec = importlib.util.spec_from_file_location(MODULE, path)
    assert module_spec is not None and module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    sys.path.insert(0, str(Path(path).resolve().parent))
    sys.modules[MODULE] = module
    failure: tuple[str, int | None] | None = None
    try:
        module_spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if os.path.realpath(f.filename) == found.path
        ]
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else (lines or [None])[-1]
        what = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())[:300]
        failure = (f"{type(error).__name__}: {what}", line)
    known = set()
    for spec, line in found.ops:
        if spec.name not in known:
            known.add(spec.name)
            _say(out, {"name": spec.name, "line": line, **_prove(spec, seconds)})
    name = Path(path).name
    if failure is not None:
        _say(out, _nothing(name, failure[1], f"the file stopped: {failure[0]}"))
    elif not found.ops:
        _say(out, _nothing(name, None, "the file defines no op (with hd.define or hasderiv.spec)"))
    return 0


def _nothing(name: str, line: int | None, message: str) -> dict[str, Any]:
    return {
        "name": name,
        "line": line,
        "verdict": "undecided",
        "message": message,
        "certificates": [],
        "hypotheses": None,
    }


def _say(out: Any, answer: dict[str, Any]) -> None:
    print("\x1e" + json.dumps(answer), file=out, flush=True)


def _prove(spec: Any, seconds: float) -> dict[str, Any]:
    from .specs import prove_spec

    try:
        return prove_spec(spec, seconds)
    except Exception as error:  # one op that fails must not hide the others
        why = " ".join(str(error).split())[:300]
        return {
            "verdict": "undecided",
            "message": f"{type(error).__name__}: {why}",
            "certificates": [],
            "hypotheses": None,
        }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
