"""Machine code from .ll files: what is compiled, kept, taken again, and refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import library, machine

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")


def silu(folder: Path, monkeypatch: pytest.MonkeyPatch) -> np.ufunc:
    monkeypatch.setenv("HASDERIV_CACHE", str(folder))
    made = kernels.load("silu").ufunc("forward", 1)
    assert made is not None
    return made


def test_machine_code_is_kept_and_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = silu(tmp_path / "new", monkeypatch)
    kept = sorted((tmp_path / "new").glob("*.o"))
    assert len(kept) == 2, "one object file for each of float32 and float64, and nothing half written"
    monkeypatch.setattr(machine, "compile_module", lambda *_: pytest.fail("compiled again"))
    again = silu(tmp_path / "new", monkeypatch)
    x = np.linspace(-9, 9, 1000)
    assert first is not again and np.array_equal(first(x), again(x))


@pytest.mark.parametrize(
    "damage", [lambda d: b"", lambda d: d[: len(d) // 2], lambda d: d[:-100], lambda d: b"x" * 100]
)
def test_damaged_machine_code_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Any) -> None:
    wanted = silu(tmp_path, monkeypatch)(np.float32(0.5))
    for path in tmp_path.glob("*.o"):
        path.write_bytes(damage(path.read_bytes()))
    assert silu(tmp_path, monkeypatch)(np.float32(0.5)) == wanted
    assert all(machine._stored(path) is not None for path in tmp_path.glob("*.o"))


def test_a_folder_that_cannot_be_written_to_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    assert silu(tmp_path / "file" / "below", monkeypatch)(np.float64(0.0)) == 0.0


def test_a_module_holds_what_the_routine_calls_and_no_more() -> None:
    whole = library.module("hd_tanh_forward_f", (kernels.GENERATED / "tanh.ll").read_text(), 1, "float32")
    assert "@hd_tanhf(float" in whole and "define internal double @hd_tanh(" not in whole
    assert "@hd_erff" not in whole and "fast" not in whole and "contract" not in whole


def test_edited_machine_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in ("py", "ll"):
        text = (kernels.GENERATED / f"tanh.{suffix}").read_text()
        (tmp_path / f"tanh.{suffix}").write_text(text if suffix == "py" else text.replace("fadd", "fsub"))
    monkeypatch.setattr(kernels, "GENERATED", tmp_path)
    op = kernels.load.__wrapped__("tanh")
    with pytest.raises(kernels.CertificateError, match="tanh was edited"):
        op.ufunc("forward", 1)


PROGRAM = """
import numpy as np, hasderiv as hd
x = hd.tensor(np.linspace(-3, 3, 7, dtype=np.float32), requires_grad=True)
(hd.gelu(x) * hd.erf(x)).sum().backward()
print(hd.backend_info()["path"], np.asarray(x.grad).view(np.uint32).tolist())
"""


def answer(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.split(" ", 1)


def test_numpy_serves_with_the_same_bits_where_nothing_can_be_compiled() -> None:
    compiled: Any = answer(HASDERIV_BACKEND="llvm")
    plain: Any = answer(HASDERIV_BACKEND="numpy")
    assert (compiled[0], plain[0]) == ("llvm", "numpy") and compiled[1] == plain[1]


def test_missing_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    assert machine.missing.__wrapped__() == "llvmlite is not installed: pip install llvmlite"
    monkeypatch.setattr(machine.platform, "machine", lambda: "pdp11")
    assert machine.missing.__wrapped__() == "no compiled path for pdp11"
