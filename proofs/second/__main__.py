"""``python -m hasderiv.proofs.second FILE...``: check certificates, print what they prove.

A theorem is printed as ``(HYPOTHESES CONCLUSION CITED)``, a term as ``(operation operand ...)``, cut short where long.
Exit code: 0 where each is accepted, 1 where one is not, 2 for a mistake in the call.
"""

import sys
from pathlib import Path
from typing import Any

from .reader import check
from .table import Refused, Term, need


def text(thing: Any) -> str:
    """Nested lists, in parentheses."""
    return f"({' '.join(map(text, thing))})" if isinstance(thing, list) else str(thing)


def main(files: list[str]) -> int:
    """Check the files; a line for each, and one for each statement that it proves."""
    if not files or any(file.startswith("-") for file in files):
        print("usage: python -m hasderiv.proofs.second FILE.jsonl...", file=sys.stderr)
        return 2
    good = True
    for file in files:
        try:
            checker, found = check(Path(file).read_bytes())
            terms = [[part for part in th.says if type(part) is Term] for th in found.claims]
            subjects = {checker.fingerprint(first) for first, *_ in filter(None, terms)}
            need(not subjects or found.spec in subjects, "no claim is about the term of the header")
        except (Refused, OSError) as error:
            print(f"refused {file}: {error}")
            good = False
            continue
        print(f"accepted {file}: {found.steps} steps")
        for th in found.claims:
            print(f"  {text(checker.plain(th, checker.text))}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
