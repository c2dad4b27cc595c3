"""The coverage-guided fuzzer: ``python -m tests.fuzz.reader [--seconds N] [--keep FOLDER]`` from the root.

Atheris (libFuzzer) feeds the kernel with changed certificates and follows which of its branches are taken; each input
must be accepted or refused as :mod:`.oracle` demands, and the second checker must agree.  It starts from the corpus and
the good and bad certificates of the tests.  What it finds new is kept in FOLDER, from which
``python -m tests.fuzz.minimise FOLDER`` makes the corpus anew; an input that breaks a checker is written to FOLDER as
``crash-...``, and the exit status is not 0.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS, CERTIFICATES = HERE / "corpus", HERE.parent / "certificates"
SECONDS = 100
"""How much processor time one checker may take here, where each branch that it takes is written down."""


def seeds() -> list[Path]:
    """The files with which the fuzzer begins."""
    found = [*CORPUS.iterdir(), *CERTIFICATES.glob("*/*.jsonl")]
    return sorted(path for path in found if path.stat().st_size <= 20_000)


def run(argv: list[str]) -> None:
    """The process of the fuzzer; does not return."""
    import atheris

    assert not any(name.startswith("hasderiv.proofs.kernel") for name in sys.modules), "then it would not be followed"
    with atheris.instrument_imports(include=["hasderiv.proofs.kernel", "hasderiv.proofs.second"]):
        from . import oracle
        from .structure import Mutator

    def one(data: bytes) -> None:
        oracle.second(data, oracle.kernel(data, SECONDS), SECONDS)

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        made = Mutator(seed).certificate(data) if seed % 8 else None
        return made if made is not None and len(made) <= size else bytes(atheris.Mutate(data, size))

    def cross(data: bytes, other: bytes, size: int, seed: int) -> bytes:
        made = Mutator(seed).certificate(data, other)
        return made if made is not None and len(made) <= size else data

    atheris.Setup(argv, one, custom_mutator=mutate, custom_crossover=cross)
    atheris.Fuzz()


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Fuzz the reader and the kernel.")
    parser.add_argument("--seconds", type=int, default=60, help="how long (default: 60)")
    parser.add_argument("--keep", type=Path, help="the folder for what is new")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        first, keep = Path(scratch) / "seeds", args.keep or Path(scratch) / "kept"
        first.mkdir()
        keep.mkdir(parents=True, exist_ok=True)
        for k, path in enumerate(seeds()):
            shutil.copy(path, first / str(k))
        flags = [f"-max_total_time={args.seconds}", f"-artifact_prefix={keep}/", "-max_len=20000", "-timeout=600"]
        command = [
            sys.executable,
            "-c",
            "import sys; from tests.fuzz.reader import run; run(['reader', *sys.argv[1:]])",
        ]
        limits = ["-rss_limit_mb=4096", "-print_final_stats=1", "-len_control=0"]
        return subprocess.run(
            [*command, *flags, *limits, str(keep), str(first)], env=os.environ, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
