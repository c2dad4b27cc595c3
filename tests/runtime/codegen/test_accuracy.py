"""Every routine of every op against 60 digits at moderate points: ``abs(error) <= a ulp + b``."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath
import numpy as np
import pytest
from hasderiv.proofs.kernel.terms import Term
from hasderiv.runtime import kernels
from hasderiv.runtime.codegen import elementary, ssa
from hasderiv.runtime.codegen.calculus import differentiate
from hasderiv.runtime.codegen.evaluate import evaluate, expand
from hasderiv.runtime.codegen.functions import Assembly
from hasderiv.runtime.codegen.interpret import interpret
from hasderiv.runtime.codegen.sources import from_spec
from hasderiv.spec import OPS

REQUIRED = {"c": 2.5, "lo": -0.5, "hi": 1.25, "eps": 0.125}
POINTS = (-2.6, -1.37, -0.81, -0.23, 0.11, 0.37, 0.64, 0.93, 1.71, 2.9, 4.3)
# by order: the ULP allowed, and the absolute term (in eps) for points next to roots
ULPS = {0: 6, 1: 12, 2: 40, 3: 120}
ABSOLUTE = {0: 2, 1: 4, 2: 20, 3: 80}


def terms(name: str) -> dict[str, tuple[int, Term]]:
    source = from_spec(OPS[name])
    claimed = Assembly(source).claimed
    found: dict[str, tuple[int, Term]] = {"forward": (0, source.formula)}
    found.update({f"partial_{n}": (1, claimed[n]) for n in source.symbols})
    for a, b in itertools.combinations_with_replacement(source.symbols, 2):
        found[f"second_{a}_{b}"] = (2, differentiate(claimed[a], b, expand))
    if len(source.inputs) == 1:
        x = source.inputs[0]
        found["third"] = (3, differentiate(found[f"second_{x}_{x}"][1], x, expand))
    return found


@pytest.mark.parametrize("name", list(OPS))
def test_against_sixty_digits(name: str) -> None:
    op = kernels.load(name)
    count = len(op.inputs)
    for dtype in (np.float32, np.float64):
        eps = float(np.finfo(dtype).eps)
        grid = list(itertools.product(POINTS[:: (1, 2, 3)[count - 1]], repeat=count))
        arrays = [np.array(column, dtype) for column in zip(*grid, strict=True)]
        params = {n: float(dtype(REQUIRED.get(n, v))) for n, v in op.params.items()}
        for key, (order, term) in terms(name).items():
            got = op.routine(key)(*arrays, **params)
            for i, g in enumerate(got):
                at = {**{n: float(a[i]) for n, a in zip(op.inputs, arrays, strict=True)}, **params}
                if np.isnan(op.forward(*(a[i] for a in arrays), **params)):
                    assert np.isnan(g), (key, at)
                    continue
                true = evaluate(term, at)
                allowed = ULPS[order] * float(np.spacing(dtype(abs(true)))) + ABSOLUTE[order] * eps
                assert abs(float(g - dtype(true))) <= allowed, (key, dtype.__name__, at, g, true)


@pytest.mark.parametrize(("name", "function", "ulps"), [("erf", mpmath.erf, 4), ("erfc", mpmath.erfc, 8)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_error_functions(name: str, function: Any, ulps: float, dtype: str) -> None:
    """Over the whole range, the tail of erfc down to the smallest normal number included."""
    code = ssa.OpList()
    routine = ssa.finish(code, ("x",), elementary.apply(code, name, code.input("x")))
    edges = [15 / 32, -15 / 32, 4, -4]
    points = np.concatenate(
        [np.linspace(-27, 27, 1500), np.linspace(-1, 1, 400), np.logspace(-30, 1, 100), edges]
    ).astype(dtype)
    got = interpret(routine, {"x": points}, dtype)
    for p, g in zip(points, got, strict=True):
        true = function(mpmath.mpf(float(p)))
        if abs(true) >= float(np.finfo(dtype).tiny):
            error = abs(float(mpmath.mpf(float(g)) - true)) / float(np.spacing(np.dtype(dtype).type(abs(true))))
            assert error <= ulps, (p, g, true)
    odd = interpret(routine, {"x": [np.inf, -np.inf, np.nan]}, dtype)
    assert list(odd[:2]) == ([1, -1] if name == "erf" else [0, 2]) and np.isnan(odd[2])


# relative accuracy in the tails, where the textbook forms give 0: op -> points
TAILS = {
    "tanh": (-40.0, -12.0, 12.0, 40.0), "sigmoid": (-80.0, -30.0, 30.0, 80.0), "silu": (-60.0, -30.0),
    "softplus": (-80.0, -20.0),
    "erf": (3.0, 5.0, 8.0, -8.0), "gelu_erf": (-12.5, -8.0, -5.0), "log_sigmoid": (80.0, 20.0), "elu": (-80.0, -20.0),
    "mish": (-60.0, -20.0),
    "asinh": (1e19, -1e30), "acosh": (1e19, 1e30), "atan": (1e15,), "softsign": (1e15,),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(TAILS))
def test_tails_keep_their_digits(name: str) -> None:
    op = kernels.load(name)
    claimed = terms(name)["partial_x"][1]
    for dtype in (np.float32, np.float64):
        for point in TAILS[name]:
            at = dtype(point)
            true = evaluate(claimed, {"x": float(at), **{n: v for n, v in op.params.items() if v is not None}}, 200)
            got = op.partial(0)(at)
            # the argument of the exponential, of size abs(x), is rounded once
            allowed = 8 + 2 * min(abs(point), 100)
            assert abs(mpmath.mpf(float(got)) - true) <= allowed * float(np.spacing(dtype(abs(true)))), (
                point,
                got,
                true,
            )
