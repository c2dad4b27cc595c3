"""Verdicts on many claims: worker processes with a time limit, and a parent that believes certificates only."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .refute import Refutation
from .table import Claim
from .verdict import SECONDS, Unproved, Verdict, describe, questions

STARTUP = 30.0
GRACE = 3.0


class Worker:
    """One process that answers requests; stopped and started afresh when it does not answer in time."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.answers: queue.Queue[str | None] = queue.Queue()

    def _start(self) -> None:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        command = [sys.executable, "-m", "hasderiv.proofs.claims.worker"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env,
            encoding="utf-8",
        )  # fmt: skip
        self.answers = queue.Queue()
        threading.Thread(target=_pump, args=(self.process, self.answers), daemon=True).start()
        self._answer(STARTUP)

    def _answer(self, seconds: float) -> tuple[dict[str, Any] | None, bool]:
        """The last answer within the time, and whether it is the final one."""
        end = time.monotonic() + seconds
        answer: dict[str, Any] | None = None
        while True:
            try:
                line = self.answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return answer, False
            if line is None:
                return answer, False
            answer = json.loads(line)
            if answer.get("final"):
                return answer, True

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """The answer, or None if none came in time; the process is gone if the final answer did not come."""
        if self.process is None or self.process.poll() is not None:
            self._start()
        assert self.process is not None and self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            answer, final = self._answer(seconds)
        except (OSError, ValueError):
            answer, final = None, False
        if not final:
            self.close()
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            self.process = None


def _pump(process: subprocess.Popen[str], answers: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            answers.put(line)
    except ValueError:  # closed while reading
        pass
    answers.put(None)


def run(
    claims: Sequence[Claim],
    seconds: float = SECONDS,
    jobs: int | None = None,
    done: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """The verdicts in the order of the claims; ``done`` is called as each is reached, in any order."""
    jobs = max(1, min(jobs or os.cpu_count() or 1, 8, len(claims)))
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    workers = [Worker() for _ in range(jobs)]
    for w in workers:
        idle.put(w)

    def one(claim: Claim) -> Verdict:
        worker = idle.get()
        try:
            answer = worker.ask({"claim": dict(claim.text), "seconds": seconds}, 2 * seconds + GRACE)
        finally:
            idle.put(worker)
        verdict = _believed(claim, answer, seconds)
        done(verdict)
        return verdict

    pool = ThreadPoolExecutor(jobs)
    try:
        return list(pool.map(one, claims))
    finally:
        for w in workers:
            w.close()
        pool.shutdown(wait=False, cancel_futures=True)


def _believed(claim: Claim, answer: dict[str, Any] | None, seconds: float) -> Verdict:
    """The verdict of a worker, a proof only after its certificates were replayed here against the claim."""
    if answer is None:
        return Verdict(claim.name, "undecided", f"gave up after {seconds:g} s", claim.file, claim.line)
    verdict, message = str(answer["verdict"]), str(answer["message"])
    if verdict == "refuted":
        found = Refutation(**answer["refutation"])
        certified = bool(answer["certified"]) and _confirmed(claim, found, answer["certificates"])
        kept = tuple(map(base64.b85decode, answer["certificates"])) if certified else ()
        message = describe(found, certified)
        return Verdict(claim.name, verdict, message, claim.file, claim.line, found, certified, certificates=kept)
    if verdict != "proved":
        return Verdict(claim.name, "undecided", message, claim.file, claim.line)
    from .backend import accept

    try:
        cases = questions(claim)
        certificates = [base64.b85decode(c) for c in answer["certificates"]]
        if not cases or len(certificates) != len(cases):
            raise Unproved("a certificate is missing")
        for q, data in zip(cases, certificates, strict=True):
            accept(data, q.expr, q.wrt, q.derivative, q.hypotheses)
    except Unproved as error:
        return Verdict(claim.name, "undecided", str(error), claim.file, claim.line)
    return Verdict(
        claim.name,
        "proved",
        message,
        claim.file,
        claim.line,
        hypotheses=tuple(answer["hypotheses"]),
        facts=tuple(answer["facts"]),
        certificates=tuple(certificates),
    )


def _confirmed(claim: Claim, found: Refutation, certificates: Sequence[str]) -> bool:
    """Whether one of the certificates confirms the refutation in one case of the claim, replayed here."""
    from .backend import confirm

    decoded = [base64.b85decode(c) for c in certificates]
    return any(confirm(data, q, found.point) for data in decoded for q in questions(claim))
