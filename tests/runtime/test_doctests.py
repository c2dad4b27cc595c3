"""The examples in the docstrings of the runtime are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import hasderiv.runtime
import pytest

RUNTIME = Path(hasderiv.runtime.__path__[0])
MODULES = sorted(
    ".".join(path.relative_to(RUNTIME).with_suffix("").parts)
    for path in RUNTIME.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"hasderiv.runtime.{name}"))
    assert result.failed == 0


def test_every_public_function_has_an_example() -> None:
    import hasderiv as hd

    text = "tensor grad value_and_grad jvp vjp no_grad conventions_used custom_op tree_map Tensor"
    listed = [name for module, names in hd._PUBLIC.items() if ".tensor_ops." in module for name in names]
    for name in [*text.split(), *listed]:
        assert ">>>" in (getattr(hd, name).__doc__ or ""), name
