"""What a wheel, a source distribution and an editable install hold, built from a copy of the tree."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from .house import ROOT, copy_tree, modules, pyproject

BUILD = """
import os, sys
sys.path.insert(0, "_build")
import hasderiv_backend
os.makedirs("out")
print("built:", getattr(hasderiv_backend, "build_" + sys.argv[1])("out"))
"""


def build(kind: str, tree: Path) -> Path:
    """Build one distribution in ``tree`` as pip would, without its isolation, and return the file."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, kind], cwd=tree, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (name,) = [line.removeprefix("built: ") for line in done.stdout.splitlines() if line.startswith("built: ")]
    return tree / "out" / name


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", copy_tree(tmp_path_factory.mktemp("sdist") / "tree"))


def test_sdist_holds_everything_a_packager_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {path.relative_to(ROOT).as_posix() for path in modules().values()}
    wanted |= {"LICENSE", "README.md", "TRUST.md", "ARCHITECTURE.md", "_build/hasderiv_backend.py", ".ci/run"}
    wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")}
    wanted |= {path.relative_to(ROOT).as_posix() for path in data_files()}
    assert wanted <= names, f"missing from the sdist: {sorted(wanted - names)}"
    assert not [name for name in names if "__pycache__" in name]


def test_wheel_from_the_sdist_holds_the_package_and_nothing_else(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    wheel = build("wheel", tree)
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (record,) = [n for n in names if n.endswith(".dist-info/METADATA")]
        metadata = archive.read(record).decode()
    info = record.rpartition("/")[0]
    assert {name.split("/")[0] for name in names} == {"hasderiv", info}
    wanted = {in_wheel(name, path) for name, path in modules().items()}
    wanted |= {f"hasderiv/sweeping/{name}.c" for name in ("compare", "inputs")}
    wanted |= {"hasderiv/py.typed", f"{info}/licenses/LICENSE"}
    wanted |= {f"hasderiv/{path.relative_to(ROOT).as_posix()}" for path in data_files()}
    assert wanted <= names, f"missing from the wheel: {sorted(wanted - names)}"
    extra = {name for name in names - wanted if not name.startswith(info)}
    assert not extra, f"in the wheel but not in the tree: {sorted(extra)}"
    assert "License-Expression: Apache-2.0" in metadata


def test_editable_install_links_whole_folders(tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "tree")
    wheel = build("editable", tree)
    with zipfile.ZipFile(wheel) as archive:
        (pth,) = [name for name in archive.namelist() if name.endswith(".pth")]
        place = Path(archive.read(pth).decode().strip())
    linked = place / "hasderiv" / "proofs"
    if not linked.is_symlink():
        pytest.skip("this system does not let us make folder links")
    (tree / "proofs" / "added_later.py").write_text("answer = 42\n", encoding="utf-8")
    program = "import hasderiv.proofs.added_later as a, hasderiv.proofs.kernel.terms; print(a.__file__, a.answer)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(place)!r}); {program}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(linked / "added_later.py"), "42"], "a new module is seen without a new install"


def data_files() -> list[Path]:
    """The files beside the modules that the program reads at run time."""
    found = []
    for package, patterns in pyproject()["tool"]["setuptools"]["package-data"].items():
        folder = ROOT / package.removeprefix("hasderiv").lstrip(".")
        if package != "hasderiv":
            found += [path for pattern in patterns for path in folder.glob(pattern)]
    return found


def in_wheel(name: str, path: Path) -> str:
    """Where a module stands in the wheel."""
    place = name.replace(".", "/")
    return f"{place}/__init__.py" if path.name == "__init__.py" else f"{place}.py"


def test_nothing_is_built_around_a_certificate_that_the_kernel_rejects(tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "tree")
    broken = tree / "proofs" / "certificates" / "broken.jsonl"
    broken.parent.mkdir(exist_ok=True)
    broken.write_bytes(b'{"format":1}\n')
    done = subprocess.run(
        [sys.executable, "-c", BUILD, "wheel"], cwd=tree, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode != 0
    assert "not built" in done.stderr and "broken.jsonl: line" in done.stderr
