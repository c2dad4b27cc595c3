"""The project file and the tree say the same, and files stay small enough to read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from .house import FOLDERS, ROOT, modules, pyproject


def test_packages_are_the_folders_on_disk() -> None:
    listed = pyproject()["tool"]["setuptools"]["packages"]
    on_disk = {name if path.name == "__init__.py" else name.rpartition(".")[0] for name, path in modules().items()}
    assert listed == sorted(on_disk), "mend [tool.setuptools] packages in pyproject.toml"


def test_package_dir_names_the_four_folders() -> None:
    listed = pyproject()["tool"]["setuptools"]["package-dir"]
    assert listed == {name: path.relative_to(ROOT).as_posix() for name, path in FOLDERS.items()}


def test_no_package_at_the_root_shadows_the_installed_one() -> None:
    assert not (ROOT / "hasderiv").exists()


def test_tests_have_no_init_files() -> None:
    """Under importlib mode a test folder is no package to install, and nothing of it may be imported as one."""
    assert not list((ROOT / "tests").glob("__init__.py"))


def test_files_stay_readable() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in tracked_python()
        if "generated" not in path.parts and (lines := path.read_text(encoding="utf-8").count("\n")) > 500
    }
    assert not long, f"over 500 lines; would a reader split them? {long}"


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in modules().values()
        if path.stat().st_size
        and path.parent.name != "generated"
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent, f"modules without a docstring: {silent}"


def test_version_is_said_once_the_same() -> None:
    text = (ROOT / "src" / "hasderiv" / "__init__.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', text, re.M)
    assert version == pyproject()["project"]["version"]


def test_licence() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text
    assert pyproject()["project"]["license"] == "Apache-2.0"


def tracked_python() -> list[Path]:
    """The Python files of the project's own folders."""
    folders = [*FOLDERS.values(), *(ROOT / name for name in ("tests", "examples", "benchmarks", "_build"))]
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]
