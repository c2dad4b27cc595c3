"""What is checked in is what the generator writes, byte for byte; edited and stale kernels are refused."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from hasderiv.runtime import kernels
from hasderiv.runtime.codegen import jit, render
from hasderiv.runtime.codegen.sources import from_spec
from hasderiv.runtime.errors import CertificateError
from hasderiv.spec import OPS, declare

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return render.rendered(ROOT)


def test_checked_in_files_are_those_generated(files: dict[str, bytes]) -> None:
    stale = [path for path, data in files.items() if not (ROOT / path).exists() or (ROOT / path).read_bytes() != data]
    assert not stale, f"{stale[:5]} ...: {render.MENDING}"


def test_every_op_has_its_files_and_every_file_its_op(files: dict[str, bytes]) -> None:
    for folder, suffix in ((render.NUMPY_FOLDER, "py"), (render.NUMPY_FOLDER, "ll"), (render.CUDA_FOLDER, "cu")):
        found = {p.stem for p in (ROOT / folder).glob(f"*.{suffix}") if not p.stem.startswith("_")}
        assert found == set(OPS), render.MENDING
    assert len(files) == 3 * len(OPS) + len(render.core_files())


@pytest.mark.parametrize("seed", ["1", "77"])
def test_bytes_do_not_depend_on_the_process(files: dict[str, bytes], seed: str, tmp_path: Path) -> None:
    """Another hash seed, locale, folder, and ops rendered in the reverse order."""
    program = (
        "import hashlib, json, sys\nfrom pathlib import Path\nfrom hasderiv.runtime.codegen.render import render\n"
        "from hasderiv.spec import OPS\nfolder = Path(sys.argv[1])\n"
        "names = [n for n in reversed(OPS) if n in ('gelu', 'huber', 'pow', 'silu', 'mish', 'atan2', 'celu')]\n"
        "maps = {n: json.loads((folder / f'{n}.map.json').read_text()) for n in names}\n"
        "for path, data in sorted(render({n: OPS[n] for n in names}, {}, maps).items()):\n"
        "    body = data.split(b'---- body ----')[1]\n    print(path, hashlib.sha256(body).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "proofs" / "certificates")],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")[:-1]
    assert len(lines) == 3 * 7 + len(render.core_files())
    for line in lines:
        path, digest = line.split()
        assert hashlib.sha256(files[path].split(b"---- body ----")[1]).hexdigest() == digest, path


def copy(tmp_path: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return tmp_path


def test_check_and_write(tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "rendered", lambda root: files)
    root = copy(tmp_path, files)
    said: list[str] = []
    assert render.check(root, said.append) and not said
    tanh, relu = root / "runtime/generated/tanh.py", root / "cuda_kernels/generated/relu.cu"
    tanh.write_text("pass\n")
    relu.unlink()
    extra = root / "runtime/generated/gone.py"
    extra.write_text("pass\n")
    assert not render.check(root, said.append)
    assert said == [
        "runtime/generated/tanh.py: stale; run `hasderiv build`",
        "cuda_kernels/generated/relu.cu: missing; run `hasderiv build`",
        "runtime/generated/gone.py: nothing generates this file; run `hasderiv build`",
    ]
    assert sorted(render.write(root)) == sorted(
        ["runtime/generated/tanh.py", "cuda_kernels/generated/relu.cu", "runtime/generated/gone.py"]
    )
    assert render.check(root, said.append) and render.write(root) == []


def test_edited_kernels_are_refused(files: dict[str, bytes]) -> None:
    text = files["runtime/generated/tanh.py"].decode()
    certificate = kernels.certificate_bytes("tanh")
    kernels.check_text("tanh", text, certificate)
    for bad in (text.replace("cores.tanh", "cores.sinh"), text + "\n", text.replace("---- body", "--- body"), ""):
        with pytest.raises(CertificateError, match=r"tanh was edited.*run `hasderiv build`"):
            kernels.check_text("tanh", bad, certificate)


def test_stale_kernels_are_refused() -> None:
    data = render.render({"tanh": OPS["tanh"]}, {"tanh": b"first"})["runtime/generated/tanh.py"]
    kernels.check_text("tanh", data.decode(), b"first")
    for other in (b"second", None):
        with pytest.raises(CertificateError, match=r"tanh is stale.*run `hasderiv build`"):
            kernels.check_text("tanh", data.decode(), other)


def test_load_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "GENERATED", tmp_path)
    (tmp_path / "tanh.py").write_text((ROOT / "runtime/generated/tanh.py").read_text() + "#")
    with pytest.raises(CertificateError, match="edited"):
        kernels.load.__wrapped__("tanh")
    for name in ("nonsense", "../../secret"):
        with pytest.raises(KeyError, match="hasderiv build"):
            kernels.load.__wrapped__(name)


def test_the_spec_hash_follows_the_meaning() -> None:
    x = sympy.Symbol("x")
    one = from_spec(declare.make("f(x)", sympy.sin(x)))
    same = from_spec(declare.make("f(x)", sympy.sin(x), meaning="another comment"))
    other = from_spec(declare.make("f(x)", sympy.sin(2 * x)))
    assert render.spec_hash(one) == render.spec_hash(same) != render.spec_hash(other)


PIECES: list[dict[str, Any]] = [
    {"where": "x < -3 | x > 3", "status": "differentiable", "derivative": "1"},
    {
        "where": "x = -3",
        "status": "not_differentiable",
        "reason": "corner",
        "left": "0",
        "right": "-1/2",
        "convention": "0",
    },
    {
        "where": "x = 3",
        "status": "not_differentiable",
        "reason": "corner",
        "left": "3/2",
        "right": "1",
        "convention": "1",
    },
]


def test_conventions_are_reported_where_they_are_hit() -> None:
    op = kernels.from_module(jit.namespace(OPS["hardswish"], PIECES))
    assert op.conventions(np.array([0.0, 1.0])) == []
    ((mask, record),) = op.conventions(np.array([[0.0, 3.0, np.nan], [3.0, -2.0, np.inf]]))
    assert mask.tolist() == [[False, True, False], [True, False, False]]
    assert record == {"where": "x = 3", "reason": "corner", "returned": "1", "left": "3/2", "right": "1"}
    assert len(op.conventions(np.array([-3.0, 3.0], np.float32))) == 2


def test_conventions_of_several_symbols() -> None:
    pieces = [
        {
            "where": "abs(x - t) = delta & delta > 0 & x != t",
            "status": "not_differentiable",
            "reason": "none",
            "convention": "1",
        }
    ]
    op = kernels.from_module(jit.namespace(OPS["huber"], pieces))
    x, t = np.array([0.0, 1.0, 2.5]), np.array([[0.5], [1.5]])
    ((mask, _),) = op.conventions(x, t, delta=0.5)
    assert mask.tolist() == [[True, True, False], [False, True, False]]
    assert op.conventions(x, t, delta=np.array([9.0, 9.0, 9.0])) == []


def test_maps_of_several_inputs() -> None:
    """As ``hasderiv where`` prints them: joint pieces, and those of each argument alone."""
    corner = {"where": "-1 < x < 2 and x = y", "status": "not_differentiable", "reason": "corner", "convention": "1/2"}
    found = {
        "op": "max",
        "pieces": [{"where": "x = y", "status": "not_differentiable"}],
        "arguments": [
            {"variable": "x", "pieces": [{"where": "x > y", "status": "differentiable"}, corner]},
            {"variable": "y", "pieces": [corner]},
        ],
    }
    pieces = render.pieces_of(found)
    assert [p["argument"] for p in pieces] == ["x", "y"]
    op = kernels.from_module(jit.namespace(OPS["max"], pieces))
    hits = op.conventions(np.array([0.0, 1.0, 5.0, np.inf]), np.array([0.0, 2.0, 5.0, np.inf]))
    assert [record["argument"] for _, record in hits] == ["x", "y"]
    assert all(mask.tolist() == [True, False, False, False] for mask, _ in hits)
    assert render.pieces_of({**found, "arguments": []}) == found["pieces"]


def test_an_op_declared_at_run_time() -> None:
    x, beta = sympy.symbols("x beta")
    spec = declare.make("swish(x, *, beta)", x / (1 + sympy.exp(-beta * x)), assume=["beta > 0"])
    op = kernels.from_module(jit.namespace(spec))
    assert jit.namespace(
        declare.make("swish(x, *, beta)", x / (1 + sympy.exp(-beta * x)), assume=["beta > 0"])
    ) is jit.namespace(spec)
    points = np.linspace(-3, 3, 13)
    s = 1 / (1 + np.exp(-2 * points))
    np.testing.assert_allclose(op.forward(points, beta=2.0), points * s, rtol=1e-14)
    np.testing.assert_allclose(op.partial("x")(points, beta=2.0), s + 2 * points * s * (1 - s), rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(op.param_partial("beta")(points, beta=2.0), points**2 * s * (1 - s), rtol=1e-13)
    with pytest.raises(TypeError, match="needs the parameter beta"):
        op.forward(points)
    assert "hd_swish_forward_f32" in jit.cuda_source(spec)


def test_names_that_are_words_of_python_and_c() -> None:
    """Inputs and parameters may be called as the generated code calls its own things."""
    names = ["lambda", "float", "out", "np", "b", "d", "inf", "_", "t1", "double", "exp"]
    usable = [n for n in names if n[0].isalpha()]
    symbols = sympy.symbols(usable)
    spec = declare.make(f"odd({', '.join(usable)})", sympy.Add(*(2**i * s for i, s in enumerate(symbols))))
    op = kernels.from_module(jit.namespace(spec))
    values = [float(i + 1) for i in range(len(usable))]
    assert op.forward(*values) == sum(2**i * v for i, v in enumerate(values))
    assert op.partial(3)(*values) == 8.0
    assert "v_double" in jit.cuda_source(spec)


@pytest.mark.parametrize("text", ["exp(exp(exp(x)))", "sin(exp(exp(x)))", "tanh(sinh(x))", "floor(exp(x))", "x**pi"])
def test_limits_of_towers_do_not_run_away(text: str) -> None:
    """The search for limits evaluates at 10**10; a number whose exponent fills the memory must not arise."""
    spec = declare.make("tower(x)", sympy.sympify(text))
    op = kernels.from_module(jit.namespace(spec))
    assert op.forward(1.5) == pytest.approx(float(sympy.sympify(text).subs(sympy.Symbol("x"), 1.5)), rel=1e-12)


def test_a_function_without_a_kernel_is_named() -> None:
    with pytest.raises(ValueError, match="no kernel can be made of gamma"):
        jit.namespace(declare.make("g(x)", sympy.gamma(sympy.Symbol("x"))))
