"""A certificate read into a recorder: its theorems, with how they came about, so that proofs can go on from them."""

from __future__ import annotations

import json

from ..kernel.certificate import RULES, _read_term, _Reader, _tuple, replay
from ..kernel.theorems import Theorem
from .recorder import Recorder


def read(recorder: Recorder, data: bytes) -> list[Theorem]:
    """The claims of a certificate, as theorems of the recorder.

    Raises:
        CertificateError: the kernel refuses the certificate.
    """
    replay(data)
    reader = _Reader()
    *rows, trailer = [json.loads(line) for line in data.splitlines()[1:]]
    for row in rows:
        if "term" in row:
            reader.items.append(_read_term(reader, row["term"]))
        else:
            _, decoders = RULES[row["rule"]]
            reader.items.append(recorder.rule(row["rule"], *_tuple(*decoders)(reader, row["args"])))
    return [reader.at(n, Theorem) for n in trailer["claims"]]
