"""Tensor ops at many shapes, strides and paddings: how the runtime is called, and how the spec reads its axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from hasderiv.runtime.primitive import apply
from hasderiv.runtime.tensor import as_tensor
from hasderiv.runtime.tensor_ops.attention import ATTEND

import hasderiv as hd

Shape = tuple[int, ...]


class Case(NamedTuple):
    """One call: ``axes`` are the shapes of the operands in the spec, ``numbers`` the sizes and parameters there.

    ``exact`` says that on these operands, small integers, no rounding happens at all.
    """

    op: str
    fast: Callable[..., Any]
    operands: list[Any]
    axes: list[Shape]
    numbers: Mapping[str, Any]
    given: Mapping[str, Any] = {}
    exact: bool = False

    def __repr__(self) -> str:
        numbers = "-".join(f"{k}={v}" for k, v in self.numbers.items())
        return f"{self.op}-{'-'.join('x'.join(map(str, a.shape)) for a in self.operands)}-{numbers}"


def _integers(rng: Any, *shapes: Shape) -> list[Any]:
    return [rng.integers(-4, 5, shape).astype(float) for shape in shapes]


def _reals(rng: Any, *shapes: Shape) -> list[Any]:
    return [rng.uniform(-1.5, 1.5, shape) for shape in shapes]


def _distinct(rng: Any, shape: Shape) -> Any:
    """Integers, no two of them equal: no window ties."""
    return rng.permutation(math.prod(shape)).reshape(shape).astype(float)


LEADS: list[Shape] = [(), (2,), (3, 2), (1,)]

# spatial size, kernel, stride, padding
GEOMETRIES = [
    ((5,), (3,), (1,), (0,)),
    ((6,), (3,), (2,), (1,)),
    ((7,), (2,), (3,), (1,)),
    ((1,), (1,), (1,), (0,)),
    ((3,), (1,), (2,), (0,)),
    ((2,), (4,), (1,), (1,)),
    ((2,), (4,), (1,), (3,)),
    ((5,), (2,), (4,), (0,)),
    ((4,), (2,), (5,), (1,)),
    ((3, 4), (1, 1), (1, 1), (0, 0)),
    ((4, 3), (2, 3), (1, 1), (0, 1)),
    ((5, 4), (3, 2), (2, 1), (1, 0)),
    ((3, 3), (3, 3), (1, 1), (0, 0)),
    ((3, 5), (2, 2), (2, 3), (1, 1)),
    ((2, 3, 2), (2, 1, 2), (1, 2, 1), (1, 0, 0)),
    ((3, 2, 3), (2, 2, 2), (2, 1, 1), (0, 1, 1)),
    ((1, 1, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0)),
]


def _spatial(**by_letter: Shape) -> dict[str, int]:
    """``n_h``, ``n_w``, ... from ``n=(4, 3)``."""
    return {f"{k}_{a}": v for k, sizes in by_letter.items() for a, v in zip("dhw"[-len(sizes) :], sizes, strict=True)}


def _count(n: Shape, k: Shape, s: Shape, p: Shape) -> Shape:
    return tuple((a + 2 * d - b) // c + 1 for a, b, c, d in zip(n, k, s, p, strict=True))


def convolutions() -> Iterator[Case]:
    """Each geometry, with leading axes and channels in turn."""
    rng = np.random.default_rng(1)
    for number, (n, k, s, p) in enumerate(GEOMETRIES):
        lead, c, o = ((), (2,))[number % 2], 1 + number % 3, 1 + number % 2
        b, dims = math.prod(lead), f"{len(n)}d"
        common = {"b": b, "c_in": c, "c_out": o}
        yield Case(
            f"conv{dims}",
            lambda x, w, bias, s=s, p=p: hd.conv(x, w, bias, s, p),
            _integers(rng, (*lead, c, *n), (o, c, *k), (o,)),
            [(b, c, *n), (o, c, *k), (o,)],
            {**common, **_spatial(n=n, k=k, s=s, p=p, m=_count(n, k, s, p))},
            exact=True,
        )
        m = tuple((i - 1) * t - 2 * q + j for i, t, q, j in zip(n, s, p, k, strict=True))
        if min(m) > 0:
            yield Case(
                f"conv_transpose{dims}",
                lambda x, w, bias, s=s, p=p: hd.conv_transpose(x, w, bias, s, p),
                _integers(rng, (*lead, c, *n), (c, o, *k), (o,)),
                [(b, c, *n), (c, o, *k), (o,)],
                {**common, **_spatial(n=n, k=k, s=s, p=p, m=m)},
                exact=True,
            )


def _winners(x: Any, n: Shape, k: Shape, s: Shape, p: Shape, m: Shape) -> dict[str, Any]:
    """Where the largest entry of each window lies, as an array for each axis."""
    rows, letters = x.reshape(-1, *n), "dhw"[-len(n) :]
    found = {a: np.zeros((len(rows), *m)) for a in letters}
    for r, *o in np.ndindex(len(rows), *m):
        ranges = [range(max(c * i - q, 0), min(c * i - q + b, a)) for i, a, b, c, q in zip(o, n, k, s, p, strict=True)]
        best = max(itertools.product(*ranges), key=lambda place, r=r: rows[(r, *place)])
        for a, at in zip(letters, best, strict=True):
            found[a][(r, *o)] = at
    return {f"winner_{a}": at for a, at in found.items()}


def max_pool_case(x: Any, n: Shape, k: Shape, s: Shape, p: Shape) -> Case:
    """A max pool of all rows of x, with the winners as the runtime finds them."""
    b, m = math.prod(x.shape[: x.ndim - len(n)]), _count(n, k, s, p)
    numbers = {"b": b, **_spatial(n=n, k=k, s=s, p=p, m=m)}
    winners = _winners(x, n, k, s, p, m)
    return Case(f"max_pool{len(n)}d", lambda x: hd.max_pool(x, k, s, p), [x], [(b, *n)], numbers, winners, True)


def pools() -> Iterator[Case]:
    """Each geometry whose windows all meet an entry."""
    rng = np.random.default_rng(2)
    for number, (n, k, s, p) in enumerate(GEOMETRIES):
        lead, m, dims = LEADS[number % 4], _count(n, k, s, p), f"{len(n)}d"
        b, args = math.prod(lead), (k, s, p)
        numbers = {"b": b, **_spatial(n=n, k=k, s=s, p=p, m=m)}
        shape = (*lead, *n)
        yield Case(
            f"avg_pool{dims}",
            lambda x, a=args: hd.avg_pool(x, *a),
            _integers(rng, shape),
            [(b, *n)],
            numbers,
        )
        if any(q >= a for q, a in zip(p, k, strict=True)):
            continue
        yield max_pool_case(_distinct(rng, shape), n, k, s, p)
        beta = (1.5, -2.0)[number % 2]
        yield Case(
            f"smooth_max_pool{dims}",
            lambda x, k=k, beta=beta, s=s, p=p: hd.smooth_max_pool(x, k, beta, s, p),
            _reals(rng, shape),
            [(b, *n)],
            {**numbers, "beta": beta},
        )
    for shape in ((3, 2, 2), (2, 3, 1, 4), (1, 1, 1)):
        b, (h, w) = math.prod(shape[:-2]), shape[-2:]
        yield Case("global_avg_pool", hd.global_avg_pool, _reals(rng, shape), [(b, h, w)], {"b": b, "h": h, "w": w})


def reductions() -> Iterator[Case]:
    """Sums, means, softmax and its relatives, losses."""
    rng = np.random.default_rng(3)
    for shape, axis in (((3,), 0), ((2, 3), 1), ((2, 3, 4), 1), ((2, 1, 3), 1), ((4, 2), 0), ((1,), 0)):
        a, n, c = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
        for name in ("reduce_sum", "reduce_mean"):
            fast = getattr(hd, name)
            numbers = {"a": a, "n": n, "c": c}
            yield Case(name, lambda x, f=fast, a=axis: f(x, a), _integers(rng, shape), [(a, n, c)], numbers)
    for shape in ((4,), (2, 3), (1,), (2, 1, 2)):
        n = math.prod(shape)
        yield Case("sum", hd.sum, _integers(rng, shape), [(n,)], {"n": n}, exact=True)
        yield Case("mean", hd.mean, _integers(rng, shape), [(n,)], {"n": n})
        yield Case("mse_loss", hd.mse_loss, _reals(rng, shape, shape), [(n,), (n,)], {"n": n})
        b, n = math.prod(shape[:-1]), shape[-1]
        for name in ("softmax", "log_softmax", "logsumexp"):
            yield Case(name, getattr(hd, name), _reals(rng, shape), [(b, n)], {"b": b, "n": n})
    for rate in (0.25, 0.5):
        mask = np.asarray(hd.bernoulli_mask(7, (6,), 1 - rate))
        fast = lambda x, rate=rate: hd.dropout(x, 7, rate)  # noqa: E731
        yield Case("dropout", fast, _reals(rng, (6,)), [(6,)], {"n": 6, "keep": 1 - rate}, {"mask": mask})


def products() -> Iterator[Case]:
    """Products of matrices, and attention with masks."""
    rng = np.random.default_rng(4)
    for lead, n, m, p in (((), 2, 3, 4), ((), 1, 1, 1), ((2, 3), 2, 1, 2)):
        rows = math.prod(lead) * n
        numbers = {"n": rows, "m": m, "p": p}
        operands = _integers(rng, (*lead, n, m), (m, p))
        yield Case("matmul", hd.matmul, operands, [(rows, m), (m, p)], numbers, exact=True)
        b = math.prod(lead)
        operands = _integers(rng, (b, n, m), (b, m, p))
        yield Case("bmm", hd.bmm, operands, [(b, n, m), (b, m, p)], {"b": b, "n": n, "m": m, "p": p}, exact=True)
        operands = _integers(rng, (*lead, m), (n, m), (n,))
        axes = [(b, m), (n, m), (n,)]
        yield Case("linear", hd.linear, operands, axes, {"b": b, "m": m, "n": n}, exact=True)
    causal = np.tril(np.ones((3, 3)))
    some = np.array([[0, 1, 1], [1, 0, 0], [1, 1, 1]])
    for lead, n, heads, d, mask in (
        ((), 3, 1, 2, None),
        ((2,), 3, 2, 1, causal),
        ((2,), 3, 2, 2, some),
        ((), 1, 1, 1, None),
    ):
        e, b = 2, math.prod(lead)
        mask = np.ones((n, n)) if mask is None else mask
        allowed = mask.astype(bool)
        shapes = ((*lead, n, e), (e, heads * d), (e, heads * d), (e, heads * d), (heads * d, e))
        axes = [(b, n, e), *[(e, heads, d)] * 3, (heads, d, e)]
        yield Case(
            "multi_head_attention",
            lambda *a, h=heads, m=allowed: hd.multi_head_attention(*a, h, m),
            _reals(rng, *shapes),
            axes,
            {"b": b, "n": n, "e": e, "h": heads, "d": d},
            {"mask": np.broadcast_to(mask, (b, n, n))},
        )
        yield Case(
            "attention",
            lambda q, k, v, m=allowed: attended(q, k, v, m),
            _reals(rng, (b, n, d), (b, n, d), (b, n, 2)),
            [(b, n, d), (b, n, d), (b, n, 2)],
            {"b": b, "n": n, "m": n, "d": d, "p": 2, "scale": 1 / math.sqrt(d)},
            {"mask": np.broadcast_to(mask, (b, n, n))},
        )


def attended(q: Any, k: Any, v: Any, mask: Any) -> Any:
    """The primitive of which multi-head attention is made."""
    q, k, v = map(as_tensor, (q, k, v))
    return apply(ATTEND, (q, k, v, as_tensor(mask)), 1 / math.sqrt(q.shape[-1]))


def norms() -> Iterator[Case]:
    """Layer norm over one axis and over two, and the batch norms."""
    rng = np.random.default_rng(5)
    for shape, d, eps in (
        ((4,), 1, 1e-5),
        ((3, 4), 1, 1e-6),
        ((2, 2, 3), 1, 0.1),
        ((2, 2, 2), 2, 1e-5),
        ((2, 1), 1, 1.0),
    ):
        inner = shape[len(shape) - d :]
        r, i = math.prod(shape) // math.prod(inner), math.prod(inner)
        yield Case(
            "layer_norm",
            lambda x, g, b, e=eps: hd.layer_norm(x, g, b, e),
            _reals(rng, shape, inner, inner),
            [(r, i), (i,), (i,)],
            {"n_r": r, "n_i": i, "eps": eps},
        )
    for shape in ((2, 2, 3), (2, 3, 1, 4), (1, 1, 1)):
        c, s = shape[-3], math.prod(shape[-2:])
        r = math.prod(shape[:-3])
        yield Case(
            "batchnorm_channel_first",
            lambda x, g, b: hd.batchnorm_channel_first(x, g, b, eps=1e-3),
            _reals(rng, shape, (c,), (c,)),
            [(r, c, s), (c,), (c,)],
            {"n_r": r, "n_c": c, "n_s": s, "eps": 1e-3},
        )
    for shape in ((4, 2), (2, 2, 3), (2, 3, 2, 2)):
        r, c, s = shape[0], shape[1], math.prod(shape[2:])
        mean, var = rng.uniform(-1, 1, c), rng.uniform(0.5, 2, c)
        yield Case(
            "batch_norm",
            lambda x, g, b, m=mean, v=var: hd.batch_norm(x, m, v, g, b, training=True)[0],
            _reals(rng, shape, (c,), (c,)),
            [(r, c, s), (c,), (c,)],
            {"n_r": r, "n_c": c, "n_s": s, "eps": 1e-5},
        )
        yield Case(
            "batch_norm_inference",
            lambda x, g, b, m=mean, v=var: hd.batch_norm(x, m, v, g, b)[0],
            _reals(rng, shape, (c,), (c,)),
            [(r, c, s), (c,), (c,)],
            {"b": r, "c": c, "n": s, "eps": 1e-5},
            {"mean": mean, "var": var},
        )


def moves() -> Iterator[Case]:
    """Permutations, repeating, reshaping, joining and slicing."""
    rng = np.random.default_rng(6)
    for shape in ((2, 3, 4), (1, 1, 1), (3, 1, 2)):
        numbers = dict(zip(("n_i", "n_j", "n_k"), shape, strict=True))
        for name in ("transpose3d_first_to_last", "transpose3d_last_to_first", "transpose3d_last_two"):
            yield Case(name, getattr(hd, name), _integers(rng, shape), [shape], numbers, exact=True)
        n, m, c = shape
        two = {"n_i": n, "n_j": m}
        yield Case("transpose2d", hd.transpose2d, _integers(rng, (n, m)), [(n, m)], two, exact=True)
        for depth in (0, 1):
            axes = (1, n, m, c) if depth == 0 else (n, m, c, 1)
            numbers = dict(zip(("n_a", "n_i", "n_j", "n_c"), axes, strict=True))
            swap = lambda x, d=depth: hd.swap_adjacent_at_depth(x, d)  # noqa: E731
            yield Case("swap_adjacent_at_depth", swap, _integers(rng, shape), [axes], numbers, exact=True)
        axes = (1, n, m, c, 1)
        numbers = dict(zip(("n_a", "n_i", "n_c", "n_j", "n_e"), axes, strict=True))
        ends = lambda x: hd.swapaxes(x, 0, 2)  # noqa: E731
        yield Case("swapaxes", ends, _integers(rng, shape), [axes], numbers, exact=True)
        for there, axes in (
            (lambda x: hd.moveaxis(x, 0, 2), (1, n, m * c, 1)),
            (lambda x: hd.moveaxis(x, 2, 0), (1, n * m, c, 1)),
        ):
            numbers = dict(zip(("n_a", "n_i", "n_c", "n_e"), axes, strict=True))
            yield Case("moveaxis", there, _integers(rng, shape), [axes], numbers, exact=True)
        numbers = {"a": n, "c": m * c}
        more, less = lambda x: hd.expand_dims(x, 1), lambda x: hd.squeeze(x, 1)
        yield Case("expand_dims", more, _integers(rng, shape), [(n, m * c)], numbers, exact=True)
        yield Case("squeeze", less, _integers(rng, (n, 1, m, c)), [(n, 1, m * c)], numbers, exact=True)
        pair = lambda x, y: hd.stack([x, y], 1)  # noqa: E731
        yield Case("stack", pair, _integers(rng, shape, shape), [(n, m * c)] * 2, numbers, exact=True)
        numbers = {"a": n, "n": m, "m": 2, "c": c}
        joint = lambda x, y: hd.concatenate([x, y], 1)  # noqa: E731
        operands = _integers(rng, shape, (n, 2, c))
        yield Case("concatenate", joint, operands, [(n, m, c), (n, 2, c)], numbers, exact=True)
        numbers = {"a": n, "n": m, "c": c}
        repeat = lambda x, s=shape: hd.broadcast_to(x, s)  # noqa: E731
        yield Case("broadcast_to", repeat, _integers(rng, (n, 1, c)), [(n, c)], numbers, exact=True)
        numbers = {"n": n, "m": m}
        yield Case("flatten", hd.flatten, _integers(rng, (n, m)), [(n, m)], numbers, exact=True)
        split = lambda x, n=n, m=m: hd.reshape(x, (n, m))  # noqa: E731
        yield Case("reshape", split, _integers(rng, (n * m,)), [(n * m,)], numbers, exact=True)
        operands = _integers(rng, (n, m), (n, c))
        numbers = {"b": n, "n": m, "m": c}
        yield Case("concat_vectors", hd.concat_vectors, operands, [(n, m), (n, c)], numbers, exact=True)
        operands = _integers(rng, (n, c), (m, c))
        numbers = {"n": n, "m": m, "c": c}
        yield Case("concat_dim0", hd.concat_dim0, operands, [(n, c), (m, c)], numbers, exact=True)
    for total, start, length in ((3, 0, 3), (3, 1, 2), (4, 3, 1), (5, 1, 2)):
        cut = lambda x, a=start, n=length: hd.slice_range0(x, a, n)  # noqa: E731
        numbers = {"start": start, "n": length, "rest": total - start - length, "c": 2}
        yield Case("slice_range0", cut, _integers(rng, (total, 2)), [(total, 2)], numbers, exact=True)


def gathers() -> Iterator[Case]:
    """One table or several, repeated indices, and places outside."""
    rng = np.random.default_rng(7)
    for nat, lead, p in itertools.product((False, True), ((), (2,)), (1, 5)):
        b, n, c = math.prod(lead), 3, 2
        at = rng.integers(-2 if nat else 0, n + 2 if nat else n, (*lead, p))
        end = "_nat" * nat
        for rest, gather, scatter in (((), "gather_vec", "scatter_add_vec"), ((c,), "gather_rows", "scatter_add_row")):
            numbers = {"b": b, "n": n, "p": p, **({"c": c} if rest else {})}
            given = {"at": at.reshape(b, p)}
            fast = lambda x, name=gather + end, at=at: getattr(hd, name)(x, at)  # noqa: E731
            yield Case(gather + end, fast, _integers(rng, (*lead, n, *rest)), [(b, n, *rest)], numbers, given, True)
            fast = lambda x, v, name=scatter + end, at=at: getattr(hd, name)(x, at, v)  # noqa: E731
            operands, axes = _integers(rng, (*lead, n, *rest), (*lead, p, *rest)), [(b, n, *rest), (b, p, *rest)]
            yield Case(scatter + end, fast, operands, axes, numbers, given, True)
        for rest, name in (((), "gather_scalar"), ((c,), "gather_row")):
            for one in (-1, 0, 2, 3) if nat else (0, 2):
                numbers = {"b": b, "n": n, "at": one, **({"c": c} if rest else {})}
                fast = lambda x, name=name + end, at=one: getattr(hd, name)(x, at)  # noqa: E731
                yield Case(name + end, fast, _integers(rng, (*lead, n, *rest)), [(b, n, *rest)], numbers, {}, True)


CASES = [case for family in (convolutions, pools, reductions, products, norms, moves, gathers) for case in family()]
