"""The examples in the docstrings of the runtime are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    *("arithmetic", "conventions", "devices", "direct", "elementwise", "errors", "indexing", "interop", "ops"),
    *("primitive", "products", "pytree", "random", "reductions", "select", "shapes", "sums", "tape", "tensor"),
    *(
        "transforms",
        "annihilation",
        "attention",
        "buffers",
        "checks",
        "convolution",
        "gathering",
        "layout",
        "normalization",
    ),
    *("pooling", "windows", "checkpoint", "gradients", "session", "training"),
    *("optim.clipping", "optim.optimizers", "optim.schedules"),
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"hasderiv.runtime.{name}"))
    assert result.failed == 0


def test_every_public_function_has_an_example() -> None:
    import hasderiv as hd

    text = (
        "tensor grad value_and_grad jvp vjp no_grad conventions_used select custom_op sum mean softmax log_softmax "
        "mse_loss linear matmul astype broadcast_to concatenate expand_dims flatten moveaxis reshape squeeze stack "
        "swapaxes transpose tree_map Tensor"
    )
    modules = ("attention", "convolution", "gathering", "layout", "normalization", "pooling", "reductions")
    listed = [name for module in modules for name in hd._PUBLIC[f"hasderiv.runtime.{module}"]]
    for name in [*text.split(), *listed]:
        assert ">>>" in (getattr(hd, name).__doc__ or ""), name
