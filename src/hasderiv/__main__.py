"""``python -m hasderiv``, and the entry point of the ``hasderiv`` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the exit code is 0 (all holds), 1 (something does not) or 2 (usage)."""
    from hasderiv.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
