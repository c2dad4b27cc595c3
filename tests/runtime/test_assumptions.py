"""Parameters outside what an op assumes: one line that names op, parameter, value and assumption."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hasderiv.runtime import kernels
from hasderiv.runtime.direct import with_parameters
from hasderiv.spec import OPS

import hasderiv as hd

NAN = float("nan")
X = np.array([0.25, 0.75], np.float32)

# op, parameters, the message
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("celu", {"alpha": 0}, "celu assumes alpha > 0, but alpha = 0.0"),
    ("celu", {"alpha": -1.5}, "celu assumes alpha > 0, but alpha = -1.5"),
    ("celu", {"alpha": NAN}, "celu assumes alpha > 0, but alpha = nan"),
    ("clamp", {"lo": 2.0, "hi": 1.0}, "clamp assumes lo < hi, but lo = 2.0 and hi = 1.0"),
    ("clamp", {"lo": 1.0, "hi": 1.0}, "clamp assumes lo < hi, but lo = 1.0 and hi = 1.0"),
    ("clamp", {"lo": NAN, "hi": 1.0}, "clamp assumes lo < hi, but lo = nan and hi = 1.0"),
    ("hardtanh", {"lo": 3.0}, "hardtanh assumes lo < hi, but lo = 3.0 and hi = 1.0"),
    ("logit_clamp", {"eps": 0.5}, "logit_clamp assumes eps < 1/2, but eps = 0.5"),
    ("logit_clamp", {"eps": -0.1}, "logit_clamp assumes eps > 0, but eps = -0.1"),
    ("softshrink", {"lambd": -0.5}, "softshrink assumes lambd >= 0, but lambd = -0.5"),
    ("smooth_abs", {"eps": 0.0}, "smooth_abs assumes eps > 0, but eps = 0.0"),
    ("leaky_relu", {"alpha": NAN}, "leaky_relu assumes that alpha is a number, but alpha = nan"),
    ("elu", {"alpha": NAN}, "elu assumes that alpha is a number, but alpha = nan"),
    ("huber", {"delta": 0.0}, "huber assumes delta > 0, but delta = 0.0"),
    # what counts is the number that is computed with: this one is 0 in float32
    ("safe_log", {"eps": 1e-60}, "safe_log assumes eps > 0, but eps = 0.0"),
    ("celu", {"alpha": np.array([1.0, -2.0], np.float32)}, "celu assumes alpha > 0, but alpha = -2.0 at [1]"),
]


@pytest.mark.parametrize(("name", "params", "message"), REFUSED, ids=[f"{r[0]}-{i}" for i, r in enumerate(REFUSED)])
def test_refused_everywhere_in_the_same_words(name: str, params: dict[str, Any], message: str) -> None:
    op = hd.ops[name]
    inputs = (X,) * len(op.inputs)
    tensors = tuple(hd.tensor(x, requires_grad=True) for x in inputs)
    calls = [
        lambda: op(*inputs, **params),
        lambda: op(*tensors, **params),
        lambda: op(*(np.tile(x, 5000) for x in inputs), **_wider(params)),
        lambda: op(*inputs, out=np.empty_like(X), **params),
        lambda: op.vjp(X, *inputs, **params),
        lambda: op.derivative(*inputs, **params) if len(inputs) == 1 else op.partials(*inputs, **params),
        lambda: op.kernels.forward(*inputs, **params),
    ]
    for call in calls:
        with pytest.raises(hd.DomainError) as caught:
            call()
        assert str(caught.value) == message and isinstance(caught.value, ValueError)


def _wider(params: dict[str, Any]) -> dict[str, Any]:
    return {n: np.tile(v, 5000) if isinstance(v, np.ndarray) else v for n, v in params.items()}


def test_a_tensor_as_parameter() -> None:
    alpha = hd.tensor(np.array([-1.0, 1.0], np.float32), requires_grad=True)
    with pytest.raises(hd.DomainError, match=r"^celu assumes alpha > 0, but alpha = -1.0 at \[0\]$"):
        hd.celu(hd.tensor(X), alpha=alpha)


def test_what_is_allowed_at_the_border() -> None:
    hd.softshrink(X, lambd=0.0)
    hd.smooth_l1(X, X, beta=0)
    assert np.array_equal(hd.clamp(X, lo=-np.inf, hi=0.5), [0.25, 0.5])
    hd.elu(X, alpha=-3.0)
    hd.leaky_relu(X, alpha=0)


def test_every_assumption_of_the_catalogue_is_checked_at_run_time() -> None:
    for name, spec in OPS.items():
        assume = kernels.load(name).assume
        stated = [a.text for a in assume if "is a number" not in a.text]
        assert stated == [text for text in spec.assume], name
        assert {n for a in assume for n in a.about} == set(spec.params), name
        assert bool(assume) == bool(spec.params), name


def test_ops_of_the_user_check_theirs() -> None:
    x, beta = sympy.symbols("x beta")
    swish = hd.define("swish_checked(x, *, beta)", x / (1 + sympy.exp(-beta * x)), assume=["beta > 0"])
    assert swish(X, beta=1.5).shape == X.shape
    with pytest.raises(hd.DomainError, match=r"^swish_checked assumes beta > 0, but beta = -1.5$"):
        swish(X, beta=-1.5)


def test_an_op_without_parameters_takes_no_part() -> None:
    """Its short way is another function, in which no assumption occurs."""
    assert kernels.load("exp").assume == ()
    assert hd.ops["exp"]._forward.__code__ is not with_parameters.__code__
    assert "conditions" not in hd.ops["exp"]._forward.__code__.co_freevars
    assert "conditions" in hd.ops["elu"]._forward.__code__.co_freevars
