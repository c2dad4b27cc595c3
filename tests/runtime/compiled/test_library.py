"""Machine code from .ll files: what is compiled, kept, taken again, and refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import cores, kernels
from hasderiv.runtime.backend import backend_info
from hasderiv.runtime.compiled import library, machine
from hasderiv.runtime.compiled.pool import pool
from hasderiv.runtime.errors import CertificateError

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")


def silu(folder: Path, monkeypatch: pytest.MonkeyPatch) -> np.ufunc:
    pool()  # what it needs itself is kept elsewhere
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
    whole = library.module(("hd_tanh_forward_f",), (kernels.GENERATED / "tanh.ll").read_text(), 1, "float32")
    assert "@hd_tanhf(float" in whole and "define internal double @hd_tanh(" not in whole
    assert "@hd_erff" not in whole and "fast" not in whole and "contract" not in whole


def test_edited_machine_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in ("py", "ll"):
        text = (kernels.GENERATED / f"tanh.{suffix}").read_text()
        edited = text if suffix == "py" else text.replace("ret float %t", "ret float %u")
        (tmp_path / f"tanh.{suffix}").write_text(edited)
    monkeypatch.setattr(kernels, "GENERATED", tmp_path)
    op = kernels.load.__wrapped__("tanh")
    with pytest.raises(CertificateError, match="tanh was edited"):
        op.ufunc("forward", 1)


def test_edited_cores_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_cores.ll", "_cores_float32.py"):
        text = (kernels.GENERATED / name).read_text()
        assert "fmul" in text or "multiply" in text
        (tmp_path / name).write_text(text.replace("fmul", "fadd").replace("np.multiply", "np.add"))
    monkeypatch.setattr(library, "CORES", tmp_path / "_cores.ll")
    with pytest.raises(CertificateError, match="_cores was edited"):
        library._cores.__wrapped__()
    monkeypatch.setattr(cores, "GENERATED", tmp_path)
    with pytest.raises(CertificateError, match="_cores_float32 was edited"):
        cores._module.__wrapped__("float32")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners here")
def test_what_others_may_write_is_neither_used_nor_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shared"
    silu(folder, monkeypatch)
    path = sorted(folder.glob("*.o"))[0]
    assert backend_info()["cache"] == str(folder) and machine._stored(path) is not None
    path.chmod(0o620)
    assert machine._stored(path) is None
    path.chmod(0o600)
    for mode in (0o770, 0o707, 0o722):
        folder.chmod(mode)
        assert machine._stored(path) is None
        info = backend_info()
        assert info["cache"] is None and "others may write to it" in info["cache_reason"]
        for file in folder.glob("*.o"):
            file.unlink()
        assert silu(folder, monkeypatch)(np.float64(0.0)) == 0.0 and not list(folder.glob("*.o"))
        folder.chmod(0o700)
        silu(folder, monkeypatch)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert machine._stored(path) is None and "belongs to someone else" in backend_info()["cache_reason"]


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


def test_values_that_are_kept_at_once_are_counted() -> None:
    text = """define internal float @f(float %x) alwaysinline {
  %a = fadd float %x, %x
  %b = fmul float %a, %x
  %c = fmul float %a, %b
  %d = fadd float %c, %x
  ret float %d
}
"""
    assert library.kept(text) == 3  # a, b and c, where c is computed
    assert library.kept(text.replace("float %a, %b", "float %b, %b")) == 2
    assert library.kept("") == 0
