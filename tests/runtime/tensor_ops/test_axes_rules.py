"""The operations over axes where something special holds: ties, NaN, masks, running statistics, and wrong arguments."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import hasderiv as hd

INF, NAN = np.inf, np.nan


# ---- max pooling: ties, NaN, infinities


def test_the_first_winner_of_a_tie_takes_all_and_the_convention_is_recorded() -> None:
    x = hd.tensor([[[1.0, 3.0, 3.0, 0.0], [3.0, 2.0, 0.0, 5.0]]], requires_grad=True)
    y = hd.max_pool2d(x, 2)
    [use] = hd.conventions_used(y.sum())
    assert (use.op, use.reason, use.coordinates, use.inputs) == ("max_pool", "tie", [(0, 0, 0)], {"x": [3.0]})
    assert "max_pool at [(0, 0, 0)]" in str(use) and use.returned in str(use)
    y.backward([[[1.0, 10.0]]])
    assert x.grad.tolist() == [[[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 10.0]]]
    tangent = hd.jvp(lambda x: hd.max_pool2d(x, 2), x.detach(), np.arange(8.0).reshape(1, 2, 4))[1]
    assert tangent.tolist() == [[[1.0, 7.0]]]


def test_windows_without_a_tie_use_no_convention() -> None:
    x = hd.tensor(np.arange(16.0).reshape(1, 4, 4), requires_grad=True)
    assert hd.conventions_used(hd.max_pool2d(x, 3, 1, 1).sum()) == []
    assert hd.conventions_used(hd.avg_pool2d(x * 0.0, 2).sum()) == []


def test_padding_never_wins() -> None:
    x = hd.tensor([[-INF, -INF]], requires_grad=True)
    y = hd.max_pool(x, (2,), 1, 1)
    assert y.tolist() == [[-INF] * 3]
    y.backward([[1.0, 10.0, 100.0]])
    assert x.grad.tolist() == [[11.0, 100.0]]


def test_the_first_nan_of_a_window_wins() -> None:
    x = hd.tensor([[1.0, NAN, 2.0, NAN, 5.0, 6.0]], requires_grad=True)
    y = hd.max_pool(x, (3,), 1)
    np.testing.assert_array_equal(y, [[NAN, NAN, NAN, NAN]])
    assert hd.conventions_used(y.sum()) == []
    y.backward([[1.0, 10.0, 100.0, 1000.0]])
    assert x.grad.tolist() == [[0.0, 11.0, 0.0, 1100.0, 0.0, 0.0]]
    for pool in (hd.avg_pool2d, lambda x, k: hd.smooth_max_pool2d(x, k, 1.0)):
        assert np.isnan(pool(np.array([[[NAN, 0.0], [1.0, 2.0]]]), 2)).all()


def test_an_infinite_cotangent_reaches_the_winner_alone() -> None:
    back = hd.vjp(lambda x: hd.max_pool(x, (2,)), hd.tensor([1.0, 2.0]))[1]
    assert back([INF]).tolist() == [0.0, INF]


def test_a_smooth_maximum_of_infinite_and_of_large_entries() -> None:
    pool = lambda x, beta: hd.smooth_max_pool(x, (2,), beta).tolist()  # noqa: E731
    assert pool([INF, 1.0], 2.0) == [INF] and pool([-INF, -INF], 2.0) == [-INF] and pool([-INF, 1.0], 2.0) == [1.0]
    assert pool([INF, 1.0], -2.0) == [1.0] and pool([1e4, 1e4], 1e3) == pytest.approx([1e4 + np.log(2) / 1e3])


def test_logsumexp_at_infinity_and_over_nothing() -> None:
    assert hd.logsumexp([[INF, 1.0], [-INF, -INF], [-INF, 0.0]]).tolist() == [INF, -INF, 0.0]
    assert hd.logsumexp(np.zeros((2, 0))).tolist() == [-INF, -INF]
    assert hd.logsumexp(3.0).tolist() == 3.0 and hd.logsumexp(np.zeros((0, 2)), 1).shape == (0,)
    assert hd.logsumexp([[1e3, 2e3]], None).shape == () and hd.logsumexp([[1.0]], (0, 1), keepdims=True).shape == (1, 1)


# ---- attention


def _attention(seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(s) for s in ((4, 3), (3, 4), (3, 4), (3, 4), (4, 3))]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("poison", [1e300, INF, NAN])
def test_what_is_masked_takes_no_part_whatever_it_holds(poison: float) -> None:
    x, *weights = _attention()
    causal = np.tril(np.ones((4, 4), bool))
    bad = x.copy()
    bad[3] = poison

    keep = np.array([True, True, True, False]).reshape(4, 1)

    def first(x: Any) -> Any:
        return hd.select(keep, hd.multi_head_attention(x, *weights, 2, causal), 0.0)

    np.testing.assert_array_equal(first(hd.tensor(x)), first(hd.tensor(bad)))
    g = np.ones((4, 3))
    clean, spoiled = (hd.vjp(first, hd.tensor(v))[1](hd.tensor(g)) for v in (x, bad))
    np.testing.assert_allclose(spoiled, clean, rtol=1e-13)
    assert (np.asarray(spoiled)[3] == 0).all()
    tangent = np.ones((4, 3))
    clean, spoiled = (hd.jvp(first, hd.tensor(v), hd.tensor(tangent))[1] for v in (x, bad))
    np.testing.assert_allclose(spoiled, clean, rtol=1e-13)


def test_a_row_that_is_masked_whole_is_an_error() -> None:
    x, *weights = _attention()
    mask = np.tril(np.ones((4, 4), bool), -1)
    with pytest.raises(hd.DomainError, match=r"row \(0,\) of the mask \(4, 4\) allows no position"):
        hd.multi_head_attention(x, *weights, 2, mask)


def test_a_mask_of_ones_is_no_mask_and_heads_change_the_result() -> None:
    x, *weights = _attention()
    plain = hd.multi_head_attention(x, *weights, 2)
    np.testing.assert_allclose(hd.multi_head_attention(x, *weights, 2, np.ones((4, 4), bool)), plain, rtol=1e-14)
    assert not np.allclose(hd.multi_head_attention(x, *weights, 1), plain)


# ---- exact zeros below a select


@pytest.mark.parametrize("poison", [INF, NAN])
def test_an_exact_zero_stays_one(poison: float) -> None:
    """Where a select leaves a result out, nothing comes back from it, not even NaN."""
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal((2, 1, 4)), rng.standard_normal((1, 1, 2))
    x[1] = poison
    keep = np.array([True, False]).reshape(2, 1, 1)

    def kept(of: Any) -> Any:
        return lambda *a: hd.select(keep, of(*a), 0.0).sum()

    gx, gw = hd.grad(kept(hd.conv), (0, 1))(x, w)
    wanted = hd.grad(lambda x, w: hd.conv(x, w).sum(), (0, 1))(x[:1], w)
    np.testing.assert_array_equal(gx, np.concatenate([wanted[0], np.zeros((1, 1, 4))]))
    np.testing.assert_allclose(gw, wanted[1], rtol=1e-14)
    gamma = np.ones(4)
    for f in (
        lambda x: hd.layer_norm(x, gamma, gamma),
        lambda x: hd.smooth_max_pool(x, (2,), 1.0),
        lambda x: hd.logsumexp(x, keepdims=True),
        lambda x: hd.max_pool(x, (2,)),
        lambda x: hd.avg_pool(x, (2,)),
        hd.softmax,
        hd.log_softmax,
    ):
        found = hd.grad(kept(f))(x)
        assert (np.asarray(found)[1] == 0).all() and np.isfinite(np.asarray(found)).all()
    again = hd.grad(lambda w: (hd.grad(kept(hd.conv))(x, w) ** 2).sum())(w)
    assert np.isfinite(np.asarray(again)).all()


# ---- batch norm


def test_running_statistics_are_those_of_pytorch() -> None:
    rng = np.random.default_rng(4)
    x, mean, var = rng.standard_normal((3, 2, 4)), np.array([0.5, -1.0]), np.array([2.0, 3.0])
    t = hd.tensor(x, requires_grad=True)
    y, new_mean, new_var = hd.batch_norm(t, mean, var, training=True)
    assert y.requires_grad and not new_mean.requires_grad and not new_var.requires_grad
    np.testing.assert_allclose(new_mean, 0.9 * mean + 0.1 * x.mean((0, 2)), rtol=1e-13)
    np.testing.assert_allclose(new_var, 0.9 * var + 0.1 * x.var((0, 2), ddof=1), rtol=1e-13)
    faster = hd.batch_norm(t, mean, var, training=True, momentum=0.25)[1]
    np.testing.assert_allclose(faster, 0.75 * mean + 0.25 * x.mean((0, 2)), rtol=1e-13)
    alone, *none = hd.batch_norm(t, training=True)
    np.testing.assert_array_equal(alone, y)
    assert none == [None, None]
    y, same, _ = hd.batch_norm(t, new_mean, new_var)
    assert same is new_mean
    m, v = (np.asarray(s).reshape(-1, 1) for s in (new_mean, new_var))
    np.testing.assert_allclose(y, (x - m) / np.sqrt(v + 1e-5), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("training", [False, True])
def test_batch_norm_keeps_its_dtype(dtype: str, training: bool) -> None:
    rng = np.random.default_rng(5)
    arrays = [rng.uniform(0.5, 2, s) for s in ((4, 2, 3), (2,), (2,), (2,), (2,))]
    wide = hd.batch_norm(*arrays, training=training)
    for ours, theirs in zip(
        hd.batch_norm(*[hd.tensor(a, dtype=dtype) for a in arrays], training=training), wide, strict=True
    ):
        assert ours.dtype.name == dtype
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=2e-2, atol=2e-2)


# ---- gathering


def test_repeated_indices_add_up_in_one_order_for_all_lengths() -> None:
    rng = np.random.default_rng(6)
    for count in (1, 2, 3, 7, 64, 1000):
        index, values = rng.integers(0, 5, count), rng.standard_normal((count, 3))
        out = hd.scatter_add_row(np.zeros((5, 3)), index, values)
        wanted = np.zeros((5, 3))
        np.add.at(wanted, index, values)
        np.testing.assert_allclose(out, wanted, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(out, hd.scatter_add_row(np.zeros((5, 3)), index, values))


def test_long_sums_lose_no_digits() -> None:
    ones = hd.tensor(np.full(2**16, 0.1, "float32"))
    out = hd.scatter_add_vec(hd.tensor(np.zeros(1, "float32")), np.zeros(2**16, int), ones)
    assert float(out[0]) == pytest.approx(6553.6, rel=1e-7)


def test_an_index_is_an_operand_without_a_gradient() -> None:
    index = hd.tensor([2, 0])
    x = hd.tensor([1.0, 2.0, 3.0], requires_grad=True)
    hd.gather_vec(x, index).backward([1.0, 10.0])
    assert x.grad.tolist() == [10.0, 0.0, 1.0]
    table = hd.tensor(np.eye(3), requires_grad=True)
    assert hd.gather_scalar(table, [0, 1, 1]).tolist() == [1.0, 1.0, 0.0]
    assert hd.gather_vec_nat(np.zeros(0), [0, 1]).tolist() == [0.0, 0.0]


# ---- off the tape


def test_detach_and_const_give_no_gradient_rather_than_a_zero() -> None:
    x = hd.tensor([1.0, 2.0], requires_grad=True)
    assert not hd.detach(x).requires_grad and not hd.const(x).requires_grad and hd.const([1.0]).dtype == np.float64
    assert hd.grad(lambda x: hd.detach(x).sum())(1.0) is None
    assert hd.jvp(hd.detach, 1.0, 1.0)[1] is None and hd.jvp(hd.const, 1.0, 1.0)[1] is None


# ---- wrong arguments: a typed error with the name, the argument and the shapes

A = np.zeros
BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "conv of integers": (lambda: hd.conv(A((1, 4), int), A((1, 1, 2))), hd.DTypeError, "conv: x is a int64 tensor"),
    "conv of two dtypes": (lambda: hd.conv(A((1, 4)), A((1, 1, 2), "f4")), hd.DTypeError, "conv: float64 and float32"),
    "conv kernel axes": (
        lambda: hd.conv(A((1, 4)), A((1, 2))),
        hd.ShapeError,
        "conv: the kernel has the axes (out, in",
    ),
    "conv2d kernel": (lambda: hd.conv2d(A((1, 4)), A((1, 1, 2))), hd.ShapeError, "conv2d: the kernel has the axes"),
    "conv x axes": (lambda: hd.conv(A(4), A((1, 1, 2))), hd.ShapeError, "conv: x has the axes (..., in, 1 spatial)"),
    "conv channels": (lambda: hd.conv(A((3, 4)), A((1, 2, 2))), hd.ShapeError, "x (3, 4) has 3 channels"),
    "conv bias": (lambda: hd.conv(A((1, 4)), A((2, 1, 2)), A(3)), hd.ShapeError, "bias has shape (2,), not (3,)"),
    "conv stride": (lambda: hd.conv(A((1, 4)), A((1, 1, 2)), stride=0), hd.ShapeError, "conv: stride is at least 1"),
    "conv strides": (lambda: hd.conv2d(A((1, 4, 4)), A((1, 1, 2, 2)), stride=(1, 2, 3)), hd.ShapeError, "stride has 3"),
    "conv stride kind": (lambda: hd.conv(A((1, 4)), A((1, 1, 2)), stride=1.0), hd.ShapeError, "stride is an integer"),
    "conv padding": (lambda: hd.conv(A((1, 4)), A((1, 1, 2)), padding=-1), hd.ShapeError, "padding is at least 0"),
    "conv too large": (lambda: hd.conv(A((1, 4)), A((1, 1, 6))), hd.ShapeError, "a window (6,) does not fit into (4,)"),
    "conv no kernel": (lambda: hd.conv(A((1, 4)), A((1, 1, 0))), hd.ShapeError, "conv: kernel is at least 1, not 0"),
    "conv_transpose channels": (lambda: hd.conv_transpose(A((3, 4)), A((2, 3, 2))), hd.ShapeError, "takes 2"),
    "conv_transpose stride": (
        lambda: hd.conv_transpose(A((1, 4)), A((1, 1, 2)), stride=0),
        hd.ShapeError,
        "at least 1",
    ),
    "conv_transpose padding": (
        lambda: hd.conv_transpose(A((1, 4)), A((1, 1, 2)), padding=-1),
        hd.ShapeError,
        "at least 0",
    ),
    "conv_transpose kernel": (
        lambda: hd.conv_transpose(A((1, 4)), A((1, 1, 0))),
        hd.ShapeError,
        "kernel is at least 1",
    ),
    "conv_transpose size": (
        lambda: hd.conv_transpose(A((1, 1)), A((1, 1, 2)), padding=1),
        hd.ShapeError,
        "leaves no places",
    ),
    "max_pool kernel": (lambda: hd.max_pool(A((1, 4)), 2), hd.ShapeError, "max_pool: kernel is a tuple"),
    "max_pool padding": (lambda: hd.max_pool(A((1, 4)), (2,), padding=2), hd.ShapeError, "padding alone"),
    "max_pool empty": (lambda: hd.max_pool(A((1, 0)), (2,), padding=1), hd.ShapeError, "padding alone"),
    "max_pool axes": (lambda: hd.max_pool2d(A(4), 2), hd.ShapeError, "max_pool2d: x has the axes (..., 2 spatial)"),
    "max_pool of integers": (lambda: hd.max_pool2d(A((4, 4), int), 2), hd.DTypeError, "max_pool2d: x is a int64"),
    "avg_pool too large": (lambda: hd.avg_pool2d(A((1, 2, 2)), 3), hd.ShapeError, "avg_pool2d: a window (3, 3)"),
    "smooth beta": (lambda: hd.smooth_max_pool2d(A((1, 2, 2)), 2, 0), hd.DomainError, "other than 0, and not 0"),
    "smooth beta NaN": (lambda: hd.smooth_max_pool2d(A((1, 2, 2)), 2, NAN), hd.DomainError, "and not nan"),
    "global_avg_pool": (lambda: hd.global_avg_pool(A((2, 2))), hd.ShapeError, "global_avg_pool: x has the axes"),
    "global_avg_pool of nothing": (lambda: hd.global_avg_pool(A((2, 0, 2))), hd.ShapeError, "mean over nothing"),
    "layer_norm gamma": (lambda: hd.layer_norm(A((2, 3)), A(2)), hd.ShapeError, "gamma has shape (3,) for x (2, 3)"),
    "layer_norm scalar": (lambda: hd.layer_norm(1.0), hd.ShapeError, "layer_norm: x has the axes (..., features)"),
    "layer_norm eps": (lambda: hd.layer_norm(A(3), eps=-1.0), hd.DomainError, "eps is a finite number"),
    "layer_norm eps infinite": (lambda: hd.layer_norm(A(3), eps=INF), hd.DomainError, "eps is a finite number"),
    "layer_norm of nothing": (lambda: hd.layer_norm(A((2, 0))), hd.ShapeError, "mean over nothing"),
    "batchnorm axes": (lambda: hd.batchnorm_channel_first(A((2, 3))), hd.ShapeError, "(..., C, H, W)"),
    "batchnorm beta": (
        lambda: hd.batchnorm_channel_first(A((2, 3, 3)), None, A(3)),
        hd.ShapeError,
        "beta has shape (2,) for x (2, 3, 3)",
    ),
    "batch_norm mean": (lambda: hd.batch_norm(A((2, 3)), A(2), A(3)), hd.ShapeError, "running_mean has shape (3,)"),
    "batch_norm without": (lambda: hd.batch_norm(A((2, 3))), hd.ShapeError, "takes both running statistics"),
    "max_pool tensor": (
        lambda: hd.max_pool2d(A((4, 4)), hd.tensor([2, 2])),
        hd.ShapeError,
        "max_pool2d: kernel is an int",
    ),
    "concat dtypes": (
        lambda: hd.concat_vectors(A(2), A(2, "f4")),
        hd.DTypeError,
        "concat_vectors: float64 and float32",
    ),
    "batch_norm one": (
        lambda: hd.batch_norm(A((1, 3)), A(3), A(3), training=True),
        hd.ShapeError,
        "two values or more for each channel",
    ),
    "attention heads": (
        lambda: hd.multi_head_attention(*_attention(), heads=3),
        hd.ShapeError,
        "wq has shape (3, heads d)",
    ),
    "attention wk": (
        lambda: hd.multi_head_attention(A((4, 3)), A((3, 4)), A((3, 2)), A((3, 4)), A((4, 3)), 2),
        hd.ShapeError,
        "wk has",
    ),
    "attention mask": (
        lambda: hd.multi_head_attention(*_attention(), 2, A((4, 3), bool)),
        hd.ShapeError,
        "the mask broadc",
    ),
    "attention mask kind": (
        lambda: hd.multi_head_attention(*_attention(), 2, A((4, 4))),
        hd.DTypeError,
        "mask is boolean",
    ),
    "attention nothing": (
        lambda: hd.multi_head_attention(A((0, 3)), *_attention()[1:], 2),
        hd.ShapeError,
        "no positions",
    ),
    "gather out of bounds": (
        lambda: hd.gather_vec(A(3), [0, 3]),
        hd.ShapeError,
        "gather_vec: index 3 is out of bounds for 3",
    ),
    "gather negative": (
        lambda: hd.gather_row(A((3, 2)), -1),
        IndexError,
        "gather_row: index -1 is out of bounds for 3 rows",
    ),
    "gather of floats": (lambda: hd.gather_rows(A((3, 2)), [0.5]), hd.DTypeError, "holds integers, not float64"),
    "gather of bools": (lambda: hd.gather_vec(A(3), [True]), hd.DTypeError, "holds integers, not bool"),
    "gather axes": (lambda: hd.gather_rows(A(3), [0]), hd.ShapeError, "gather_rows: x has the axes (..., rows, cols)"),
    "gather one": (lambda: hd.gather_vec(A(3), 0), hd.ShapeError, "gather_scalar takes one integer"),
    "gather batch": (lambda: hd.gather_vec(A((2, 3)), A((3, 1), int)), hd.ShapeError, "do not broadcast"),
    "scatter values": (lambda: hd.scatter_add_vec(A(3), [0, 1], A(3)), hd.ShapeError, "take values (2,), not (3,)"),
    "scatter dtype": (
        lambda: hd.scatter_add_vec(A(3), [0], A(1, "f4")),
        hd.DTypeError,
        "scatter_add_vec: float64 and float32",
    ),
    "scatter out of bounds": (
        lambda: hd.scatter_add_row(A((3, 2)), 3, A(2)),
        hd.ShapeError,
        "scatter_add_row: index 3",
    ),
    "bmm": (
        lambda: hd.bmm(A((2, 2, 3)), A((1, 3, 2))),
        hd.ShapeError,
        "bmm: takes (b, m, k) and (b, k, n), not (2, 2, 3)",
    ),
    "transpose2d": (lambda: hd.transpose2d(A(3)), hd.ShapeError, "transpose2d: x has the axes (..., m, n)"),
    "transpose3d": (lambda: hd.transpose3d_last_two(A((3, 2))), hd.ShapeError, "transpose3d_last_two: x has the axes"),
    "swap": (lambda: hd.swap_adjacent_at_depth(A((3, 2)), 1), hd.ShapeError, "no axes 1 and 2 in shape (3, 2)"),
    "concat_vectors": (
        lambda: hd.concat_vectors(A((2, 2)), A((3, 2))),
        hd.ShapeError,
        "concat_vectors: takes (..., n)",
    ),
    "concat_dim0": (lambda: hd.concat_dim0(A((2, 2)), A((2, 3))), hd.ShapeError, "concat_dim0: takes (n, ...)"),
    "slice": (lambda: hd.slice_range0(A(3), 2, 2), hd.ShapeError, "slice_range0: 2 + 2 is beyond the first axis"),
    "slice negative": (lambda: hd.slice_range0(A(3), -1, 2), hd.ShapeError, "slice_range0: start is at least 0"),
    "reduce_sum": (lambda: hd.reduce_sum(A((3, 2)), 2), hd.ShapeError, "reduce_sum: axis 2 is out of range"),
    "logsumexp": (lambda: hd.logsumexp(A((3, 2), int)), hd.DTypeError, "logsumexp of a int64 tensor"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_arguments_are_named(name: str) -> None:
    call, kind, text = BAD[name]
    with pytest.raises(hd.Error, match=re.escape(text)) as error:
        call()
    assert isinstance(error.value, kind)


# ---- compiled: indices and masks may change from run to run


def test_a_compiled_graph_checks_the_index_at_every_run() -> None:
    x = np.arange(6.0).reshape(3, 2)
    f = hd.compile(hd.gather_rows, x, np.array([0, 1]))
    assert f.forward((x, np.array([2, 0]))).tolist() == [[4.0, 5.0], [0.0, 1.0]]
    with pytest.raises(hd.ShapeError, match="gather_rows: index 3 is out of bounds"):
        f.forward((x, np.array([0, 3])))
    pooled = hd.compile(lambda x: hd.max_pool(x, (2,)).sum(), x)
    assert pooled.backward(x)[1].tolist() == [[0.0, 1.0]] * 3 and pooled.backward(-x)[1].tolist() == [[1.0, 0.0]] * 3


def test_a_compiled_graph_takes_the_mask_as_an_input() -> None:
    x, *weights = _attention()
    masks = [np.tril(np.ones((4, 4), bool)), np.eye(4, dtype=bool)]
    f = hd.compile(lambda x, mask: hd.multi_head_attention(x, *weights, 2, mask), x, masks[0])
    for mask in masks:
        np.testing.assert_array_equal(f.forward((x, mask)), hd.multi_head_attention(x, *weights, 2, mask))
    blind = masks[1].copy()
    blind[1] = False
    assert np.isnan(np.asarray(f.forward((x, blind)))).any(axis=1).tolist() == [False, True, False, False]
