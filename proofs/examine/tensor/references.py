"""What each op over axes and shapes means, written by hand a second time: functions of nested lists of mpmath numbers.

They follow the words of the op (and of the library it comes from), know nothing of ``spec/tensor/`` but the names of
sizes and parameters, and use no indices where they can do without.  A function takes the inputs by position, and
``of``, which holds by its name all that does not move: sizes, strides, parameters, masks and places.  It returns nested
lists, with ``None`` for an entry that has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mpmath import mp

from . import windows as win
from .windows import Nested, dot, flat, plus

Reference = Callable[..., Nested]
Given = Mapping[str, Any]


def _transposed(rows: Nested) -> Nested:
    return [list(column) for column in zip(*rows, strict=True)]


def _mean(values: list[Any]) -> Any:
    return sum(values, mp.mpf(0)) / len(values)


def _softmax(row: list[Any]) -> list[Any]:
    """Without a sum common to all: ``1 / sum(exp(x_k - x_i))``."""
    return [1 / sum(mp.exp(other - v) for other in row) for v in row]


def _logsumexp(row: list[Any]) -> Any:
    top = max(row)
    return top + mp.log(sum(mp.exp(v - top) for v in row))


def _matmul(x: Nested, y: Nested) -> Nested:
    columns = _transposed(y)
    return [[dot(row, column) for column in columns] for row in x]


def _linear(x: Nested, w: Nested, bias: Nested, of: Given) -> Nested:
    return [[dot(weights, row) + shift for weights, shift in zip(w, bias, strict=True)] for row in x]


def _mse_loss(x: Nested, t: Nested, of: Given) -> Nested:
    return [_mean([(a - b) ** 2 for a, b in zip(x, t, strict=True)])]


def _last_to_first(x: Nested, of: Given) -> Nested:
    return [[[row[k] for row in plane] for plane in x] for k in range(len(x[0][0]))]


def _swapaxes(x: Nested, of: Given) -> Nested:
    """The second and the fourth of five axes."""
    return [
        [[[part[i][c][j] for i in range(len(part))] for c in range(len(part[0]))] for j in range(len(part[0][0]))]
        for part in x
    ]


def _reshape(x: Nested, of: Given) -> Nested:
    entries = iter(x)
    return [[next(entries) for _ in range(of["m"])] for _ in range(of["n"])]


def _taken(rows: Nested, at: int) -> Any:
    """The entry or the row at a place; zeros outside."""
    return rows[at] if 0 <= at < len(rows) else win.filled(mp.mpf(0), win.shape(rows[0]))


def _gather(x: Nested, of: Given) -> Nested:
    return [[_taken(rows, at) for at in places] for rows, places in zip(x, of["at"], strict=True)]


def _scatter_add(x: Nested, v: Nested, of: Given) -> Nested:
    out = [list(rows) for rows in x]
    for rows, values, places in zip(out, v, of["at"], strict=True):
        for at, value in zip(places, values, strict=True):
            if 0 <= at < len(rows):
                rows[at] = plus(rows[at], value)
    return out


def _normal(values: list[Any], eps: Any) -> list[Any]:
    """Shifted to mean 0, scaled to variance 1 but for ``eps``; the variance as mean square less squared mean."""
    mean = _mean(values)
    variance = _mean([v * v for v in values]) - mean * mean
    return [(v - mean) / mp.sqrt(variance + eps) for v in values]


def _layer_norm(x: Nested, gamma: Nested, beta: Nested, of: Given) -> Nested:
    return [[n * a + b for n, a, b in zip(_normal(row, of["eps"]), gamma, beta, strict=True)] for row in x]


def _channel_first(x: Nested, gamma: Nested, beta: Nested, of: Given) -> Nested:
    """Each channel of each image by itself."""
    return [
        [[n * a + b for n in _normal(channel, of["eps"])] for channel, a, b in zip(image, gamma, beta, strict=True)]
        for image in x
    ]


def _batch_norm(x: Nested, gamma: Nested, beta: Nested, of: Given) -> Nested:
    """Each channel of all images together."""
    out: Nested = [[] for _ in x]
    for c, (a, b) in enumerate(zip(gamma, beta, strict=True)):
        normal = iter(_normal(flat([image[c] for image in x]), of["eps"]))
        for image, channels in zip(x, out, strict=True):
            channels.append([next(normal) * a + b for _ in image[c]])
    return out


def _batch_norm_inference(x: Nested, gamma: Nested, beta: Nested, of: Given) -> Nested:
    def scaled(v: Any, mean: Any, var: Any, a: Any, b: Any) -> Any:
        return a * (v - mean) / mp.sqrt(var + of["eps"]) + b if var + of["eps"] > 0 else None

    each = list(zip(of["mean"], of["var"], gamma, beta, strict=True))
    return [[[scaled(v, *by) for v in channel] for channel, by in zip(image, each, strict=True)] for image in x]


def _attended(q: Nested, k: Nested, v: Nested, mask: Nested, scale: Any) -> Nested:
    """For each query the mean of the values, weighted by softmax of its scores among the keys that it may see."""
    out = []
    for query, allowed in zip(q, mask, strict=True):
        seen = [(key, value) for key, value, yes in zip(k, v, allowed, strict=True) if yes != 0]
        weights = _softmax([scale * dot(query, key) for key, _ in seen])
        columns = _transposed([value for _, value in seen]) if seen else [None] * len(v[0])
        out.append([None if column is None else dot(weights, column) for column in columns])
    return out


def _attention(q: Nested, k: Nested, v: Nested, of: Given) -> Nested:
    return [_attended(*of_one, of["scale"]) for of_one in zip(q, k, v, of["mask"], strict=True)]


def _multi_head_attention(x: Nested, wq: Nested, wk: Nested, wv: Nested, wo: Nested, of: Given) -> Nested:
    out = []
    for tokens, mask in zip(x, of["mask"], strict=True):
        total: Nested = None
        for t, back in enumerate(wo):
            q, k, v = (_matmul(tokens, [row[t] for row in w]) for w in (wq, wk, wv))
            head = _attended(q, k, v, mask, 1 / mp.sqrt(len(back)))
            part = [[None] * len(tokens[0]) if None in row else _matmul([row], back)[0] for row in head]
            total = part if total is None else [_sum_if_any(a, b) for a, b in zip(total, part, strict=True)]
        out.append(total)
    return out


def _sum_if_any(a: list[Any], b: list[Any]) -> list[Any]:
    return a if None in a else plus(a, b)


REFERENCES: Final[dict[str, Reference]] = {
    # reductions
    "reduce_sum": lambda x, of: [[sum(column) for column in _transposed(rows)] for rows in x],
    "reduce_mean": lambda x, of: [[_mean(column) for column in _transposed(rows)] for rows in x],
    "sum": lambda x, of: [sum(x)],
    "mean": lambda x, of: [_mean(x)],
    "global_avg_pool": lambda x, of: [_mean(flat(image)) for image in x],
    # softmax and its relatives
    "softmax": lambda x, of: [_softmax(row) for row in x],
    "log_softmax": lambda x, of: [[mp.log(p) for p in _softmax(row)] for row in x],
    "logsumexp": lambda x, of: [_logsumexp(row) for row in x],
    # products
    "matmul": lambda x, y, of: _matmul(x, y),
    "bmm": lambda x, y, of: [_matmul(a, b) for a, b in zip(x, y, strict=True)],
    "linear": _linear,
    # losses
    "mse_loss": _mse_loss,
    "dropout": lambda x, of: [v * m / of["keep"] for v, m in zip(x, of["mask"], strict=True)],
    # layout
    "transpose2d": lambda x, of: _transposed(x),
    "transpose3d_first_to_last": lambda x, of: [_transposed(planes) for planes in _transposed(x)],
    "transpose3d_last_to_first": _last_to_first,
    "transpose3d_last_two": lambda x, of: [_transposed(plane) for plane in x],
    "swap_adjacent_at_depth": lambda x, of: [_transposed(part) for part in x],
    "swapaxes": _swapaxes,
    "moveaxis": lambda x, of: [_transposed(part) for part in x],
    "expand_dims": lambda x, of: [[row] for row in x],
    "squeeze": lambda x, of: [row for [row] in x],
    "stack": lambda x, y, of: [[a, b] for a, b in zip(x, y, strict=True)],
    "concatenate": lambda x, y, of: [a + b for a, b in zip(x, y, strict=True)],
    "broadcast_to": lambda x, of: [[row] * of["n"] for row in x],
    "flatten": lambda x, of: flat(x),
    "reshape": _reshape,
    "concat_vectors": lambda x, y, of: [a + b for a, b in zip(x, y, strict=True)],
    "concat_dim0": lambda x, y, of: x + y,
    "slice_range0": lambda x, of: x[of["start"] : of["start"] + of["n"]],
    # normalisation
    "layer_norm": _layer_norm,
    "batchnorm_channel_first": _channel_first,
    "batch_norm": _batch_norm,
    "batch_norm_inference": _batch_norm_inference,
    # attention
    "attention": _attention,
    "multi_head_attention": _multi_head_attention,
}
for _nat in ("", "_nat"):  # without it a place outside is an error, and none is drawn
    for _what in ("scalar", "row"):
        REFERENCES[f"gather_{_what}{_nat}"] = lambda x, of: [_taken(rows, of["at"]) for rows in x]
    for _what in ("vec", "rows"):
        REFERENCES[f"gather_{_what}{_nat}"] = _gather
    for _what in ("vec", "row"):
        REFERENCES[f"scatter_add_{_what}{_nat}"] = _scatter_add
for _dims in ("1d", "2d", "3d"):
    REFERENCES[f"conv{_dims}"] = win.conv
    REFERENCES[f"conv_transpose{_dims}"] = win.conv_transpose
    REFERENCES[f"avg_pool{_dims}"] = lambda x, of: win.pool(x, of, mp.mpf(0), win.average)
    REFERENCES[f"max_pool{_dims}"] = lambda x, of: win.pool(x, of, None, win.largest)
    REFERENCES[f"smooth_max_pool{_dims}"] = lambda x, of: win.pool(x, of, None, win.smooth_largest(of["beta"]))
