"""Permuting, repeating, reshaping, joining and cutting axes."""

from .declare import tensor_op


def _permuted(name: str, axes: str, order: str, meaning: str) -> None:
    """``y[order] = x[axes]``; the sizes are the indices with ``n_`` before them."""
    before, after = axes.split(), order.split()
    here, there = ", ".join(before), ", ".join(after)
    tensor_op(
        f"{name}(x[{', '.join(f'n_{i}' for i in before)}]) -> [{', '.join(f'{i} < n_{i}' for i in after)}]",
        f"x[{here}]",
        jvp=f"dx[{here}]",
        vjp={f"x[{here}]": f"g[{there}]"},
        meaning=meaning,
        source="NumPy transpose",
    )


_permuted("transpose2d", "i j", "j i", "rows and columns exchanged")
_permuted("transpose3d_first_to_last", "i j k", "j k i", "the first axis last")
_permuted("transpose3d_last_to_first", "i j k", "k i j", "the last axis first")
_permuted("transpose3d_last_two", "i j k", "i k j", "the last two axes exchanged")
_permuted("swap_adjacent_at_depth", "a i j c", "a j i c", "two axes that follow each other exchanged")
_permuted("swapaxes", "a i c j e", "a j c i e", "two axes exchanged; the axes between them are read as one")
_permuted("moveaxis", "a i c e", "a c i e", "an axis moved past others, which are read as one, forward or back")

tensor_op(
    "expand_dims(x[a, c]) -> [i < a, o < 1, j < c]",
    "x[i, j]",
    jvp="dx[i, j]",
    vjp={"x[i, j]": "g[i, 0, j]"},
    meaning="an axis of length 1 more",
    source="NumPy expand_dims",
)
tensor_op(
    "squeeze(x[a, 1, c]) -> [i < a, j < c]",
    "x[i, 0, j]",
    jvp="dx[i, 0, j]",
    vjp={"x[i, o, j]": "g[i, j]"},
    meaning="an axis of length 1 less",
    source="NumPy squeeze",
)
tensor_op(
    "stack(x[a, c], y[a, c]) -> [i < a, k < 2, j < c]",
    "x[i, j] * (k == 0) + y[i, j] * (k == 1)",
    jvp="dx[i, j] * (k == 0) + dy[i, j] * (k == 1)",
    vjp={"x[i, j]": "g[i, 0, j]", "y[i, j]": "g[i, 1, j]"},
    meaning="two tensors side by side along a new axis",
    source="NumPy stack",
)
tensor_op(
    "concatenate(x[a, n, c], y[a, m, c]) -> [i < a, k < n + m, j < c]",
    "x[i, k, j] if k < n else y[i, k - n, j]",
    jvp="dx[i, k, j] if k < n else dy[i, k - n, j]",
    vjp={"x[i, k, j]": "g[i, k, j]", "y[i, k, j]": "g[i, n + k, j]"},
    meaning="y after x, along any axis",
    source="NumPy concatenate",
)
tensor_op(
    "broadcast_to(x[a, c]) -> [i < a, k < n, j < c]",
    "x[i, j]",
    jvp="dx[i, j]",
    vjp={"x[i, j]": "sum(g[i, k, j] for k in range(n))"},
    meaning="an axis of length 1, or none, repeated n times; any broadcast is such steps",
    source="NumPy broadcast_to",
)
tensor_op(
    "flatten(x[n, m]) -> [i < n * m]",
    "x[i // m, i % m]",
    jvp="dx[i // m, i % m]",
    vjp={"x[i, j]": "g[i * m + j]"},
    meaning="two axes as one, row-major; any reshape is such steps and their inverses",
    source="NumPy ravel",
)
tensor_op(
    "reshape(x[n * m]) -> [i < n, j < m]",
    "x[i * m + j]",
    jvp="dx[i * m + j]",
    vjp={"x[i]": "g[i // m, i % m]"},
    meaning="one axis as two, row-major; any reshape is such steps and their inverses",
    source="NumPy reshape",
)
tensor_op(
    "concat_vectors(x[b, n], y[b, m]) -> [r < b, i < n + m]",
    "x[r, i] if i < n else y[r, i - n]",
    jvp="dx[r, i] if i < n else dy[r, i - n]",
    vjp={"x[r, i]": "g[r, i]", "y[r, i]": "g[r, n + i]"},
    meaning="y after x, along the last axis",
    source="NumPy concatenate",
)
tensor_op(
    "concat_dim0(x[n, c], y[m, c]) -> [i < n + m, j < c]",
    "x[i, j] if i < n else y[i - n, j]",
    jvp="dx[i, j] if i < n else dy[i - n, j]",
    vjp={"x[i, j]": "g[i, j]", "y[i, j]": "g[n + i, j]"},
    meaning="y after x, along the first axis",
    source="NumPy concatenate",
)
tensor_op(
    "slice_range0(x[start + n + rest, c]) -> [i < n, j < c]",
    "x[start + i, j]",
    integers="start rest",
    assume=("start >= 0", "rest >= 0"),
    jvp="dx[start + i, j]",
    vjp={"x[i, j]": "g[i - start, j] if 0 <= i - start < n else 0"},
    meaning="n entries of the first axis from start on",
    source="TorchLean slice_range0; x[start:start + n]",
)
