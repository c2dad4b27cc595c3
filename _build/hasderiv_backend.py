"""The build backend: setuptools, and two things that it does not do by itself.

* Nothing is built from a tree with a certificate that the proof kernel rejects.  The kernel needs the
  standard library only, so this works before anything is installed.
* An editable install is a folder of links to whole source folders.  The default editable mode works
  through an import hook, which leaves mypy and pyright blind; setuptools' own strict mode links file
  by file, so that a new module would stay invisible until the next install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
REPLAY = """
import pathlib
from proofs.kernel.certificate import CertificateError, replay
for path in sorted(pathlib.Path("proofs/certificates").rglob("*.jsonl")):
    try:
        replay(path.read_bytes())
    except CertificateError as error:
        raise SystemExit(f"{path}: {error}")
"""


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build the source distribution."""
    refuse_rejected()
    return build_meta.build_sdist(sdist_directory, config_settings)


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the wheel: pure Python with its data files."""
    refuse_rejected()
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


def refuse_rejected() -> None:
    """Stop unless the kernel, in a fresh process, accepts every certificate of the tree."""
    done = subprocess.run([sys.executable, "-c", REPLAY], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"not built, since a certificate does not hold: {done.stderr.strip()}")


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
