"""``python -m hasderiv.proofs.second FILE...``: check certificates, print what they prove.

A theorem is printed as its hypotheses, what it says and what it cites, a term as ``(operation, operand, ...)``; what
lies deeper is cut out.  Exit code: 0 where each is accepted, 1 where one is not, 2 for a mistake in the call.
"""

import sys
from pathlib import Path
from pprint import pformat

from .reader import check
from .table import Refused, Term, need


def main(files: list[str]) -> int:
    """Check the files; a line for each, and one for each statement that it proves."""
    if not files or any(file.startswith("-") for file in files):
        print("usage: python -m hasderiv.proofs.second FILE.jsonl...", file=sys.stderr)
        return 2
    refused = 0
    for file in files:
        try:
            found = check(Path(file).read_bytes())
            terms = [[part for part in th.says if type(part) is Term] for th in found.claims]
            subjects = {found.fingerprint(first) for first, *_ in filter(None, terms)}
            need(not subjects or found.spec in subjects, "no claim is about the term of the header")
            print(f"accepted {file}: {found.steps} steps")
            for th in found.claims:
                print(" ", pformat(([*th.hyps], th.says, [*th.cites]), depth=8, width=10**6))
        except (Refused, OSError) as error:
            refused = 1
            print(f"refused {file}: {error}")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
