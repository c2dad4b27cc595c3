"""JUnit XML: a suite for each file, a test case for each result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from hasderiv.proofs.results import Result

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return _CONTROL.sub("\ufffd", text)


def _attributes(**values: object) -> str:
    return "".join(f" {key}={quoteattr(_clean(str(value)))}" for key, value in values.items() if value is not None)


def write(results: Sequence[Result], out: TextIO, verbose: bool = False) -> None:
    """All results; what does not hold is a failure."""
    suites: dict[str, list[Result]] = {}
    for r in results:
        suites.setdefault(r.file or "catalogue", []).append(r)
    bad = sum(not r.good for r in results)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f"<testsuites{_attributes(name='hasderiv', tests=len(results), failures=bad, errors=0)}>\n")
    for name, suite in suites.items():
        failures = sum(not r.good for r in suite)
        out.write(f"  <testsuite{_attributes(name=name, tests=len(suite), failures=failures, errors=0)}>\n")
        for r in suite:
            head = _attributes(classname=name, name=r.name, file=r.file, line=r.line)
            if r.good:
                out.write(f"    <testcase{head}/>\n")
                continue
            message = _clean(r.message or r.verdict)
            out.write(f"    <testcase{head}>\n      <failure{_attributes(type=r.verdict, message=message)}>")
            out.write(f"{escape(message)}</failure>\n    </testcase>\n")
        out.write("  </testsuite>\n")
    out.write("</testsuites>\n")
