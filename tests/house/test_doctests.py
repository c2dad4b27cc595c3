"""The examples in docstrings and in the README give what they show."""

from __future__ import annotations

import doctest
import importlib

import numpy as np
import pytest

from .house import ROOT, modules

OPTIONS = doctest.NORMALIZE_WHITESPACE
WITH_EXAMPLES = sorted(
    name
    for name, path in modules().items()
    if ">>> " in path.read_text(encoding="utf-8") and "generated" not in path.parts
)


def test_there_are_examples() -> None:
    assert "hasderiv.runtime.tensor" in WITH_EXAMPLES


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_docstring_examples(name: str) -> None:
    with np.printoptions(legacy=False):
        failed, tried = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert tried > 0 and failed == 0


def test_readme_examples() -> None:
    failed, _ = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=OPTIONS)
    assert failed == 0
