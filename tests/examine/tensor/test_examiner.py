"""The examination of ops over axes agrees with the catalogue, and notices a wrong spec or reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hasderiv.proofs.examine import Examined, tensor
from hasderiv.proofs.examine.tensor.references import REFERENCES
from hasderiv.proofs.tensor import catalogue
from hasderiv.proofs.tensor.statement import statement
from hasderiv.spec.tensor import TENSOR_OPS

EVERY_OP = pytest.mark.parametrize("name", catalogue.names())


def altered(name: str, **changes: Any) -> Examined:
    """What is found of a declaration in which something is changed."""
    spec = replace(TENSOR_OPS[name], **changes)
    return tensor.examine_statement(spec, statement(spec), points=4)


@EVERY_OP
def test_every_op_agrees(name: str) -> None:
    found = tensor.examine_statement(catalogue.spec_of(name), catalogue.statement_of(name), points=4)
    assert found.good, "\n".join(map(str, found.findings))
    spec = TENSOR_OPS[name]
    assert found.pieces == 1 + bool(spec.tie) + bool(spec.where) and found.points >= 4 * found.pieces
    assert found.digits is not None and found.digits >= 45


def test_every_op_has_a_reference_and_every_reference_an_op() -> None:
    assert REFERENCES.keys() == TENSOR_OPS.keys()


@EVERY_OP
def test_a_little_more_is_noticed_in_each_formula(name: str) -> None:
    """10**-40 more than the value, the JVP, or the VJP of any input."""
    spec = TENSOR_OPS[name]
    wrong = {"the value": {"value": f"({spec.value}) + 1 / 10**40"}, "the JVP": {"jvp": f"({spec.jvp}) + 1 / 10**40"}}
    for key, text in spec.vjp.items():
        wrong[f"the VJP of {key.partition('[')[0]}"] = {"vjp": {**spec.vjp, key: f"({text}) + 1 / 10**40"}}
    for what, changes in wrong.items():
        found = altered(name, **changes)
        assert [f.what for f in found.findings] == [what], name


CONV, POOL = TENSOR_OPS["conv1d"], TENSOR_OPS["max_pool1d"]
NORM, ATTENTION = TENSOR_OPS["layer_norm"], TENSOR_OPS["attention"]

WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a swapped index": ("matmul", {"value": "sum(x[k, i] * y[k, j] for k in range(m))"}, "which is no entry"),
    "a sum that is too short": (
        "matmul",
        {"value": "sum(x[i, k] * y[k, j] for k in range(m - 1))"},
        "the stated function is",
    ),
    "a transposed adjoint": ("transpose2d", {"vjp": {"x[i, j]": "g[i, j]"}}, "which is no entry"),
    "the adjoint of another permutation": (
        "transpose3d_first_to_last",
        {"vjp": {"x[i, j, k]": "g[k, i, j]"}},
        "which is no entry",
    ),
    "an axis in the other's place": ("transpose2d", {"out": (("i", "n_i"), ("j", "n_j"))}, "the stated sizes are"),
    "the VJP of log_softmax as its JVP": (
        "log_softmax",
        {"jvp": "dx[r, i] - p(r, i) * sum(dx[r, k] for k in range(n))"},
        "the quotient from the",
    ),
    "the JVP of log_softmax as its VJP": (
        "log_softmax",
        {"vjp": {"x[r, i]": "g[r, i] - sum(p(r, k) * g[r, k] for k in range(n))"}},
        "its product with a tangent",
    ),
    "a wrong stride": ("conv1d", {"let": {"u_w(o, q)": "(s_w + 1) * o + q - p_w"}}, "the stated function is"),
    "the other side of the padding": ("conv1d", {"let": {"u_w(o, q)": "s_w * o + q + p_w"}}, "the stated function is"),
    "a kernel that is turned round": (
        "conv1d",
        {"value": CONV.value.replace("w[o, c, q_w]", "w[o, c, k_w - 1 - q_w]")},
        "the stated function is",
    ),
    "padding that does not count": (
        "avg_pool1d",
        {"value": "sum(x[r, u_w(i_w, q_w)] for q_w in range(k_w)) / k_w"},
        "which is no entry",
    ),
    "another mean": ("reduce_mean", {"vjp": {"x[i, k, j]": "g[i, j] / c"}}, "its product with a tangent"),
    "a factor": (
        "mse_loss",
        {"jvp": "sum(1 / n * (x[k] - t[k]) * (dx[k] - dt[k]) for k in range(n))"},
        "the quotient from the",
    ),
    "Bessel's correction": (
        "layer_norm",
        {"let": {**NORM.let, "rate(r)": NORM.let["rate(r)"].replace("/ n_i + eps", "/ (n_i - 1) + eps")}},
        "the stated function is",
    ),
    "a row of the mask that counts for another": (
        "attention",
        {"let": {h: t.replace("mask[r, i, j]", "mask[r, 0, j]") for h, t in ATTENTION.let.items()}},
        "the value",
    ),
    "a guard left out": ("slice_range0", {"vjp": {"x[i, j]": "g[i - start, j]"}}, "which is no entry"),
    "places outside that count": ("gather_vec_nat", {"value": "x[r, at[r, k]]"}, "which is no entry"),
    "repeated places that overwrite": (
        "scatter_add_vec",
        {"value": "v[r, 0] if sum((i == at[r, k]) for k in range(p)) > 0 else x[r, i]"},
        "the stated function is",
    ),
    "a tie taken for smooth": ("max_pool1d", {"where": POOL.where[:-1], "tie": ()}, "the quotient from the"),
    "a corner without a tie": ("max_pool1d", {"tie": POOL.tie[:-1]}, "2 pieces hold at one point"),
    "a corner in the place of a derivative": (
        "max_pool1d",
        {"where": POOL.tie, "tie": POOL.where},
        "along no coordinate do the one-sided derivatives differ",
    ),
    "a tie that is left out": ("max_pool1d", {"tie": (*POOL.tie, "best(r, i_w) > 0")}, "has one"),
    "a masked row": ("attention", {"where": ()}, "has one"),
    "a condition that always fails": ("smooth_max_pool1d", {"where": ("0 > 1",)}, "has one"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_spec_is_noticed(what: str) -> None:
    name, changes, why = WRONG[what]
    found = altered(name, **changes)
    assert not found.good and why in " ".join(map(str, found.findings))


def without(padding: str) -> Callable[..., Any]:
    """A convolution or pooling that knows no padding."""
    return lambda *operands: REFERENCES[padding](*operands[:-1], {**operands[-1], "p_w": 0})


OTHER: dict[str, Callable[..., Any]] = {
    "softmax": REFERENCES["log_softmax"],
    "logsumexp": lambda x, of: [max(row) for row in x],
    "mean": REFERENCES["sum"],
    "stack": lambda x, y, of: [[b, a] for a, b in zip(x, y, strict=True)],
    "transpose3d_first_to_last": REFERENCES["transpose3d_last_to_first"],
    "max_pool1d": without("max_pool1d"),
    "conv1d": without("conv1d"),
    "batch_norm": REFERENCES["batchnorm_channel_first"],
    "dropout": lambda x, of: [v * m for v, m in zip(x, of["mask"], strict=True)],
    "gather_vec_nat": lambda x, of: [[rows[at % len(rows)] for at in p] for rows, p in zip(x, of["at"], strict=True)],
    "batch_norm_inference": lambda x, gamma, beta, of: REFERENCES["batch_norm_inference"](x, beta, gamma, of),
}


@pytest.mark.parametrize("name", OTHER)
def test_another_function_is_noticed(name: str) -> None:
    found = tensor.examine(name, points=4, reference=OTHER[name])
    assert not found.good and found.findings[0].message


def test_a_finding_says_where() -> None:
    (finding,) = altered("softmax", jvp="p(r, i) * dx[r, i]").findings
    assert (finding.what, finding.where) == ("the JVP", "always")
    assert finding.point.startswith("[0, 0] for b = ") and "n = " in finding.point
