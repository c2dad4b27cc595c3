"""Compile exported Coq files, and ask Coq on which axioms the theorems in them rest."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..coq.axioms import HERE, AxiomError, complaints, only_allowed, understood

LIBRARY = HERE
"""Where the Coq library lies that the exported files import."""
QUESTION = "all_axioms"


class NotCompiled(Exception):
    """There is no Coq, or its library is not compiled; says what to do."""


def ready(library: Path = LIBRARY) -> None:
    """Raise :class:`NotCompiled` unless files can be compiled."""
    if shutil.which("coqc") is None:
        raise NotCompiled("coqc is not there: apt-get install coq libcoq-coquelicot")
    if not (library / "Makefile").exists():
        raise NotCompiled("the Coq library is in hasderiv's source tree alone; install that with pip install -e .")
    if not all((library / f"{name}.vo").exists() for name in ("Exported", "exports/Elementwise", "exports/Tensors")):
        raise NotCompiled(f"the Coq library is not compiled: make -C {library} proofs")


def faults(
    folder: Path, theorems: Mapping[str, Sequence[str]], jobs: int = 1, library: Path = LIBRARY
) -> Iterator[str]:
    """What is wrong with the files ``NAME.v`` in the folder, whose theorems are given: at best nothing.

    Each file is compiled; then Coq lists the axioms of all theorems, which have to be those of the classical reals.
    """
    good = []
    with ThreadPoolExecutor(jobs) as pool:
        for name, fault in zip(
            theorems, pool.map(lambda name: _compiled(folder, name, library), theorems), strict=True
        ):
            if fault is None:
                good.append(name)
            else:
                yield f"{name}.v: {fault}"
    if found := _assumed(folder, {name: theorems[name] for name in good}, library):
        yield found


def _coqc(folder: Path, file: str, library: Path) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-q", "-w", "none", "-R", str(library.resolve()), "Hasderiv", file]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _compiled(folder: Path, name: str, library: Path) -> str | None:
    if said := complaints((folder / f"{name}.v").read_text("utf-8")):
        return "; ".join(said)
    done = _coqc(folder, f"{name}.v", library)
    return None if done.returncode == 0 else " ".join(done.stderr.split())[:300]


def _assumed(folder: Path, theorems: Mapping[str, Sequence[str]], library: Path) -> str | None:
    """What the theorems assume beyond the axioms of the classical reals."""
    asked = {name: stated for name, stated in theorems.items() if stated}
    if not asked:
        return None
    lines = [f"Require {' '.join(asked)}."]
    for name, stated in asked.items():
        lines.append(f"Definition of_{name} := ({', '.join(f'@{name}.{theorem}' for theorem in stated)}, tt).")
    lines += [f"Definition all := ({', '.join(f'of_{name}' for name in asked)}, tt).", "Print Assumptions all."]
    (folder / f"{QUESTION}.v").write_text("\n".join(lines) + "\n", "utf-8")
    done = _coqc(folder, f"{QUESTION}.v", library)
    for rest in folder.glob(f"*{QUESTION}.*"):
        rest.unlink()
    if done.returncode != 0:
        return f"the axioms cannot be asked for: {' '.join(done.stderr.split())[:300]}"
    try:
        only_allowed(understood(done.stdout))
    except AxiomError as error:
        return str(error)
    return None
