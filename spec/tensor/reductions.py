"""Sums and means over one axis, or all entries; the axes before and after it are read as one each, ``a`` and ``c``."""

from .declare import tensor_op

for _name, _count, _what in (("reduce_sum", "", "the sum"), ("reduce_mean", " / n", "the mean")):
    tensor_op(
        f"{_name}(x[a, n, c]) -> [i < a, j < c]",
        f"sum(x[i, k, j] for k in range(n)){_count}",
        jvp=f"sum(dx[i, k, j] for k in range(n)){_count}",
        vjp={"x[i, k, j]": f"g[i, j]{_count}"},
        meaning=f"{_what} over one axis",
        source="NumPy sum, mean",
    )
for _name, _count in (("sum", ""), ("mean", " / n")):
    tensor_op(
        f"{_name}(x[n]) -> [o < 1]",
        f"sum(x[k] for k in range(n)){_count}",
        jvp=f"sum(dx[k] for k in range(n)){_count}",
        vjp={"x[k]": f"g[0]{_count}"},
        meaning=f"the {_name} of all entries, as a tensor of one entry",
        source="NumPy sum, mean",
    )
tensor_op(
    "global_avg_pool(x[b, h, w]) -> [r < b]",
    "sum(x[r, i, j] for i in range(h) for j in range(w)) / h / w",
    jvp="sum(dx[r, i, j] for i in range(h) for j in range(w)) / h / w",
    vjp={"x[r, i, j]": "g[r] / h / w"},
    meaning="the mean over the last two axes",
    source="PyTorch adaptive_avg_pool2d(1)",
)
