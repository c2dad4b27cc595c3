"""``python -m hasderiv.proofs.claims.worker``: verdicts on claims, one JSON line in, one JSON line out.

A line that is not ``final`` is what is known so far, should the time run out.

A claim is worked on in a process of its own, so that one that runs away can be stopped, and so that the process
which says "proved" is one that never loaded the prover: it replays the certificates that come back.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any, TextIO

from .backend import KernelProver
from .table import from_text
from .verdict import Verdict, decide


def encode(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    found = verdict.refutation
    return {
        "verdict": verdict.verdict,
        "message": verdict.message,
        "certified": verdict.certified,
        "hypotheses": verdict.hypotheses,
        "facts": verdict.facts,
        "certificates": [base64.b85encode(c).decode() for c in verdict.certificates],
        "refutation": None if found is None else {k: getattr(found, k) for k in _SHOWN},
    }


_SHOWN = ("point", "reason", "true", "left", "right", "claimed", "digits", "exact")


def main() -> int:
    """Answer requests until the input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    sys.setrecursionlimit(10_000)
    prover = KernelProver()
    _send(out, {"ready": True}, final=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            claim = from_text(request["claim"])
            answer = encode(decide(claim, prover, request["seconds"], lambda v: _send(out, encode(v), final=False)))
        except Exception as error:  # the parent says so and goes on with the next claim
            why = " ".join(str(error).split())[:200]
            answer = {"verdict": "undecided", "message": f"internal error: {type(error).__name__}: {why}"}
        _send(out, answer, final=True)
    return 0


def _send(out: TextIO, answer: dict[str, Any], final: bool) -> None:
    print(json.dumps({**answer, "final": final}), file=out, flush=True)


if __name__ == "__main__":
    sys.exit(main())
