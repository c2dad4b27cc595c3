"""What the house tests share: where the project stands, its folders and its modules.

The tests read the checkout they stand in, not an installed copy: they are about the tree.
"""

from __future__ import annotations

import ast
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "hasderiv": ROOT / "src" / "hasderiv",
    "hasderiv.spec": ROOT / "spec",
    "hasderiv.proofs": ROOT / "proofs",
    "hasderiv.runtime": ROOT / "runtime",
    "hasderiv.cuda_kernels": ROOT / "cuda_kernels",
}


def pyproject() -> dict[str, Any]:
    """The project file, parsed."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules() -> dict[str, Path]:
    """Every module of the project by its installed dotted name (a package by its ``__init__.py``)."""
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


def imports(name: str, path: Path) -> Iterator[tuple[str, bool]]:
    """Absolute names of what a module imports, each with whether it is done on every import of the module.

    ``from a import b`` yields ``a.b`` when that is a module of the project, else ``a``.
    """
    known = modules()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node, at_import in _statements(tree, True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, at_import
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield (inner if inner in known else source), at_import


def _statements(node: ast.AST, at_import: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Every node with whether it runs when the module is imported; ``if TYPE_CHECKING`` never runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from ((grand, False) for grand in ast.walk(child))
            continue
        runs = at_import and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield child, runs
        yield from _statements(child, runs)


def copy_tree(target: Path) -> Path:
    """A copy of the sources as a fresh clone would have them, without build products."""
    skipped = (".git", "build", "dist", "__pycache__", "*.egg-info", ".*_cache", ".venv", ".hypothesis")
    return Path(shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*skipped)))
