"""The import rules: the kernel stands alone, the runtime never loads SymPy, arrows run one way."""

from __future__ import annotations

import subprocess
import sys

from .house import imports, modules

# Each layer may import itself and what stands before it (ARCHITECTURE.md).
LAYERS = (
    ("hasderiv.spec",),
    ("hasderiv.proofs",),
    ("hasderiv.runtime.codegen",),
    ("hasderiv.runtime", "hasderiv.cuda_kernels"),
    ("hasderiv",),
)
HEAVY = ("sympy", "mpmath", "cupy", "rich", "torch", "jax", "scipy")


def layer(name: str) -> int:
    """The first layer that has the module or a package around it; the innermost folder is listed first."""
    return next(i for i, roots in enumerate(LAYERS) for root in roots if name == root or name.startswith(root + "."))


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def test_layers_know_their_modules() -> None:
    assert layer("hasderiv.runtime.codegen.render") == 2
    assert layer("hasderiv.runtime.tape") == 3
    assert layer("hasderiv.cli") == 4


def test_kernel_imports_only_itself_and_the_standard_library() -> None:
    kernel = {n: p for n, p in modules().items() if inside(n, "hasderiv.proofs.kernel")}
    assert "hasderiv.proofs.kernel.terms" in kernel
    found = {(n, target) for n, p in kernel.items() for target, _ in imports(n, p)}
    wrong = sorted(
        (n, t)
        for n, t in found
        if not inside(t, "hasderiv.proofs.kernel") and t.split(".")[0] not in sys.stdlib_module_names
    )
    assert not wrong, f"the kernel may import only the standard library and its own modules: {wrong}"


def test_kernel_loads_nothing_else_of_the_project() -> None:
    names = [n for n in modules() if inside(n, "hasderiv.proofs.kernel")]
    loaded = loaded_after(names)
    parents = {"hasderiv", "hasderiv.proofs"}
    ours = {m for m in loaded if inside(m, "hasderiv")}
    assert ours - parents == set(names), "a fresh process that loads the kernel loads nothing else of the project"
    assert not {m.split(".")[0] for m in loaded} & {*HEAVY, "numpy"}


def test_arrows_run_one_way() -> None:
    wrong = sorted(
        f"{name} -> {target}"
        for name, path in modules().items()
        for target, _ in imports(name, path)
        if inside(target, "hasderiv") and layer(target) > layer(name)
    )
    assert not wrong, "spec -> proofs -> codegen -> runtime, cuda_kernels -> the public face; against it: " + ", ".join(
        wrong
    )


def runtime_modules() -> list[str]:
    """What a program that runs the tape loads: everything of the runtime but the generator of its kernels."""
    return [
        name
        for name in modules()
        if (inside(name, "hasderiv.runtime") or inside(name, "hasderiv.cuda_kernels"))
        and not inside(name, "hasderiv.runtime.codegen")
        and not name.endswith("__main__")
    ]


def test_runtime_never_names_sympy() -> None:
    forbidden = ("hasderiv.spec", "hasderiv.proofs.prover", "hasderiv.proofs.language", "hasderiv.runtime.codegen")
    wrong = sorted(
        f"{name} -> {target}"
        for name in runtime_modules()
        for target, _ in imports(name, modules()[name])
        if target.split(".")[0] in {"sympy", "mpmath"} or any(inside(target, package) for package in forbidden)
    )
    assert not wrong, f"SymPy, and what imports it, belongs to the spec, the walk, the prover and codegen: {wrong}"


def test_runtime_loads_no_heavy_package() -> None:
    assert {m.split(".")[0] for m in loaded_after(runtime_modules())}.isdisjoint(HEAVY)


def test_importing_hasderiv_loads_numpy_at_most() -> None:
    loaded = {m.split(".")[0] for m in loaded_after(["hasderiv"])}
    assert loaded.isdisjoint(HEAVY)
    outside = {m for m in loaded if m not in sys.stdlib_module_names and not m.startswith("_")}
    assert outside <= {"hasderiv", "numpy"}


def loaded_after(names: list[str]) -> set[str]:
    """The modules that a fresh interpreter has loaded after importing the names, less those it had at its start."""
    program = (
        "import sys, importlib\nbefore = set(sys.modules)\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print('\\n'.join(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
