"""``python -m hasderiv.proofs.second FILE...``: check certificates, print what they prove.

Exit code: 0 where each is accepted, 1 where one is not, 2 for a mistake in the call.
"""

import sys
from pathlib import Path

from .reader import check
from .table import Refused
from .text import statement


def main(files: list[str]) -> int:
    """Check the files; a line for each, and one for each statement that it proves."""
    if not files or any(file.startswith("-") for file in files):
        print("usage: python -m hasderiv.proofs.second FILE.jsonl...", file=sys.stderr)
        return 2
    good = True
    for file in files:
        try:
            checker, found = check(Path(file).read_bytes())
            subjects = {checker.fingerprint(t) for th in found.claims for t in checker.subjects(th)}
            if subjects and found.spec not in subjects:
                raise Refused("no claim is about the term whose fingerprint the header gives")
        except (Refused, OSError) as error:
            print(f"refused {file}: {error}")
            good = False
            continue
        print(f"accepted {file}: {found.steps} steps")
        for th in found.claims:
            print(f"  {statement(checker, th)}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
