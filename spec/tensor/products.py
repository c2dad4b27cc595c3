"""Products of matrices; leading axes are read as one, ``b``."""

from .declare import tensor_op

tensor_op(
    "matmul(x[n, m], y[m, p]) -> [i < n, j < p]",
    "sum(x[i, k] * y[k, j] for k in range(m))",
    jvp="sum(dx[i, k] * y[k, j] + x[i, k] * dy[k, j] for k in range(m))",
    vjp={
        "x[i, k]": "sum(g[i, j] * y[k, j] for j in range(p))",
        "y[k, j]": "sum(x[i, k] * g[i, j] for i in range(n))",
    },
    meaning="the product of two matrices; leading axes of x count among its rows",
    source="NumPy matmul",
)
tensor_op(
    "bmm(x[b, n, m], y[b, m, p]) -> [r < b, i < n, j < p]",
    "sum(x[r, i, k] * y[r, k, j] for k in range(m))",
    jvp="sum(dx[r, i, k] * y[r, k, j] + x[r, i, k] * dy[r, k, j] for k in range(m))",
    vjp={
        "x[r, i, k]": "sum(g[r, i, j] * y[r, k, j] for j in range(p))",
        "y[r, k, j]": "sum(x[r, i, k] * g[r, i, j] for i in range(n))",
    },
    meaning="a product of matrices for each r",
    source="PyTorch bmm",
)
tensor_op(
    "linear(x[b, m], w[n, m], bias[n]) -> [r < b, i < n]",
    "sum(w[i, k] * x[r, k] for k in range(m)) + bias[i]",
    jvp="sum(dw[i, k] * x[r, k] + w[i, k] * dx[r, k] for k in range(m)) + dbias[i]",
    vjp={
        "x[r, k]": "sum(w[i, k] * g[r, i] for i in range(n))",
        "w[i, k]": "sum(g[r, i] * x[r, k] for r in range(b))",
        "bias[i]": "sum(g[r, i] for r in range(b))",
    },
    meaning="W x + bias for each row of x",
    source="PyTorch linear",
)
