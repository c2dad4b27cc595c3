"""Start-up: what ``import hasderiv`` adds to ``import numpy``, and a cold ``hasderiv check``.

    python benchmarks/start.py [--rounds 15] [--write]

Each number is the minimum over rounds, each round a fresh interpreter; the two imports alternate.
Budgets: 0.05 s for the import, 2 s for the check.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from machine import describe
from report import save

IMPORT_BUDGET, CHECK_BUDGET = 0.05, 2.0
# The first use of a public name loads the runtime, so the lazy import is measured with and without it.
PROGRAMS = {
    "import numpy": "import numpy",
    "import numpy, hasderiv": "import numpy, hasderiv",
    "import numpy, hasderiv; hasderiv.tensor": "import numpy, hasderiv; hasderiv.tensor",
}


def seconds(command: list[str]) -> float:
    """Wall time of one run of a command that must succeed."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/start.{json,md}")
    arguments = parser.parse_args()
    imports = dict.fromkeys(PROGRAMS, float("inf"))
    for _ in range(arguments.rounds):
        for name, program in PROGRAMS.items():
            imports[name] = min(imports[name], seconds([sys.executable, "-c", program]))
    check = min(seconds([sys.executable, "-m", "hasderiv", "check"]) for _ in range(max(3, arguments.rounds // 5)))
    base = imports["import numpy"]
    rows = [[name, f"{value:.3f}", f"{value - base:+.3f}", ""] for name, value in imports.items()]
    rows[1][3] = rows[2][3] = f"+{IMPORT_BUDGET:.2f}"
    rows.append(["hasderiv check", f"{check:.3f}", "", f"{CHECK_BUDGET:.2f}"])
    added = imports["import numpy, hasderiv"] - base
    data = {"machine": describe(), "seconds": {**imports, "hasderiv check": check}, "import_added_s": added}
    save("start", "Start-up time", data, ["cold process", "s", "beyond numpy", "budget"], rows, arguments.write)
    return 0 if added <= IMPORT_BUDGET and check <= CHECK_BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
