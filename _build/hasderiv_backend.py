"""The build backend: setuptools, and two things that it does not do by itself.

* Nothing is built from a tree whose checked-in files are stale: see :func:`refuse_stale`.
* An editable install is a folder of links to whole source folders.  The default editable mode works
  through an import hook, which leaves mypy and pyright blind; setuptools' own strict mode links file
  by file, so that a new module would stay invisible until the next install.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    get_requires_for_build_editable as get_requires_for_build_editable,
)
from setuptools.build_meta import (
    get_requires_for_build_sdist as get_requires_for_build_sdist,
)
from setuptools.build_meta import (
    get_requires_for_build_wheel as get_requires_for_build_wheel,
)
from setuptools.build_meta import (
    prepare_metadata_for_build_editable as prepare_metadata_for_build_editable,
)
from setuptools.build_meta import (
    prepare_metadata_for_build_wheel as prepare_metadata_for_build_wheel,
)

FOLDERS = ("spec", "proofs", "runtime", "cuda_kernels")
Settings = dict[str, str | list[str] | None] | None


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build the source distribution."""
    return build_meta.build_sdist(sdist_directory, config_settings)


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the wheel: pure Python with its data files."""
    # setuptools copies into build/lib and never deletes there: a module removed since would be shipped
    shutil.rmtree("build/lib", ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the editable wheel in strict mode, then turn its file links into folder links."""
    for stale in Path("build").glob("__editable__.hasderiv-*"):
        shutil.rmtree(stale)
    settings = {**(config_settings or {}), "editable_mode": "strict"}
    wheel = build_meta.build_editable(wheel_directory, settings, metadata_directory)
    (tree,) = Path("build").glob("__editable__.hasderiv-*")
    link_folders(tree / "hasderiv", Path.cwd())
    return wheel


def link_folders(package: Path, root: Path) -> None:
    """Replace each copied folder below ``package`` by one link, where the system allows links at all."""
    for name in FOLDERS:
        copied, parked = package / name, package / f"{name}.copied"
        copied.rename(parked)
        try:
            os.symlink(root / name, copied, target_is_directory=True)
        except OSError:  # Windows without the right to make links: file links stay
            parked.rename(copied)
        else:
            shutil.rmtree(parked)
