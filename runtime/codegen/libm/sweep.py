"""A core over all 2^32 float32 inputs: ``python -m hasderiv.runtime.codegen.libm.sweep exp`` writes its evidence.

The core runs as compiled C.  The reference is the C library's function of double, whose error is below
:data:`REFERENCE_ULP` of float32; Arb checks it on samples and at the worst input (:mod:`.reference`).  The hash of all
outputs is a sum over the inputs, so it is the same however the work is cut.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from .catalogue import CORES, core
from .print_c import print_function, print_library, symbol

INPUTS: Final = 1 << 32
SHARD: Final = 1 << 26
SAMPLE_STEP: Final = 4099  # a prime: the sample that tests rerun visits all exponents and low bits
REFERENCE_ULP: Final = 2.0**-27  # four units of double, as units of float
FLAGS: Final = (
    "-O3",
    "-march=native",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-thread-jumps",  # or gcc makes branches of selects with the same condition, and does not vectorise the loop
    "-std=gnu11",
)
ACTIVATIONS: Final = tuple(
    f"{name}{end}" for name in ("silu", "gelu", "gelu_erf", "mish") for end in ("", "_derivative")
)
OWN: Final = frozenset({"sigmoid", "softplus", "sech_squared", "less_tanh", "sinpi", "cospi", *ACTIVATIONS}) | {
    "erfc_over_root_2",
    "exp_minus_square",
    "exp_minus_half_square",
}  # functions that the C library has not
EVIDENCE: Final = Path(__file__).parents[3] / "proofs" / "evidence" / "libm"


class Result(ctypes.Structure):
    """What a shard found; the struct of ``sweep.c``."""

    _fields_ = (
        ("worst", ctypes.c_double),
        ("failures", ctypes.c_uint64),
        ("hash", ctypes.c_uint64),
        ("worst_at", ctypes.c_uint32),
        ("failed_at", ctypes.c_uint32),
    )


class Shard(NamedTuple):
    """Every ``step``-th of the inputs whose bits are ``first`` and up, ``size`` of them."""

    first: int
    size: int
    step: int = 1


class Found(NamedTuple):
    """The sum of what shards found."""

    worst: float = 0.0
    worst_at: int = 0
    failures: int = 0
    failed_at: int = 0
    hash: int = 0

    def with_shard(self, other: Result) -> Found:
        """Together with one more shard."""
        worse = other.worst > self.worst
        return Found(
            other.worst if worse else self.worst,
            other.worst_at if worse else self.worst_at,
            self.failures + other.failures,
            other.failed_at if other.failures else self.failed_at,
            (self.hash + other.hash) % (1 << 64),
        )


def compiler() -> str | None:
    """A C compiler, None where there is none."""
    return shutil.which("gcc") or shutil.which("clang")


def reference(name: str) -> str:
    """The function of C that a core is compared with: the C library's, or one of ``sweep.c``."""
    return f"own_{name}" if name in OWN else name


def source(name: str) -> str:
    """The C file that is compiled for a core."""
    macros = f"#define CORE {symbol(core(name))}\n#define REFERENCE {reference(name)}\n"
    return "\n".join([print_library([core(name)]), macros, files("mix.c", "sweep.c")])


def files(*names: str) -> str:
    """The C files of this folder, one after the other."""
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


def shared_object(text: str, *options: str) -> ctypes.CDLL:
    """The C text, compiled and loaded; raises ``CalledProcessError`` where the compiler refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cores.c")
        path.write_text(text, encoding="utf-8")
        command = [str(compiler()), "-shared", "-fPIC", str(path), "-o", f"{path}.so", *options, "-lm"]
        subprocess.run(command, check=True, capture_output=True)
        return ctypes.CDLL(f"{path}.so")


@cache
def shared_library(name: str, flags: tuple[str, ...] = FLAGS) -> ctypes.CDLL:
    """The compiled core, its reference and the comparison."""
    found = shared_object(source(name), *flags, "-Wall", "-Werror")
    found.sweep.argtypes = (ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64, ctypes.POINTER(Result))
    return found


def run(name: str, shard: Shard) -> Result:
    """One shard."""
    found = Result()
    shared_library(name).sweep(shard.first, shard.size, shard.step, ctypes.byref(found))
    return found


def shards() -> list[Shard]:
    """All inputs, each once."""
    return [Shard(first, SHARD) for first in range(0, INPUTS, SHARD)]


def sample() -> Shard:
    """About a million inputs, evenly spread."""
    return Shard(0, -(-INPUTS // SAMPLE_STEP), SAMPLE_STEP)


def total(name: str, executor: Executor) -> Iterator[Found]:
    """The sums after each further shard; the last one covers all inputs."""
    shared_library(name)
    found = Found()
    for one in executor.map(run, [name] * (INPUTS // SHARD), shards()):
        found = found.with_shard(one)
        yield found


def digest(name: str, dtype: str = "float32") -> str:
    """The sha256 of the text of the core: what the evidence is about."""
    return hashlib.sha256(print_function(core(name, dtype)).encode()).hexdigest()


def record(name: str, found: Found, seconds: float) -> dict[str, Any]:
    """The evidence of a full sweep as it is checked in."""
    part = Found().with_shard(run(name, sample()))
    return {
        "function": name,
        "dtype": "float32",
        "core": digest(name),
        "operations": core(name).length,
        "inputs": INPUTS,
        "largest_error_ulp": round(found.worst, 6),
        "at": float.hex(_float(found.worst_at)),
        "failures": found.failures,
        "output_hash": f"{found.hash:016x}",
        "sample": {"step": SAMPLE_STEP, "largest_error_ulp": round(part.worst, 6), "output_hash": f"{part.hash:016x}"},
        "reference": "the C library's function of double",
        "seconds": round(seconds),
    }


def _float(bits: int) -> float:
    return ctypes.c_float.from_buffer(ctypes.c_uint32(bits)).value


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="sweep", description="Measure a core over all float32 inputs.")
    parser.add_argument("name", choices=sorted(CORES), nargs="+")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--sample", action="store_true", help="a million inputs only; nothing is written")
    options = parser.parse_args(arguments)
    for name in options.name:
        start = time.perf_counter()
        if options.sample:
            found = Found().with_shard(run(name, sample()))
        else:
            with ThreadPoolExecutor(options.workers) as executor:  # the C code runs without the interpreter's lock
                for done, sums in enumerate(total(name, executor), 1):
                    print(f"\r{name}: {done * SHARD / INPUTS:.0%}", end="", file=sys.stderr, flush=True)
                    found = sums
            print("\r", end="", file=sys.stderr)
        seconds = time.perf_counter() - start
        print(
            f"{name}: {found.worst:.6f} ULP at {_float(found.worst_at)!r}, {found.failures} failures"
            + (f", the last at {_float(found.failed_at)!r}" if found.failures else "")
            + f", {seconds:.1f} s"
        )
        if not options.sample:
            EVIDENCE.mkdir(parents=True, exist_ok=True)
            text = json.dumps(record(name, found, seconds), indent=1)
            (EVIDENCE / f"{name}.float32.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
