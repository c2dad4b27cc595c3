"""Softmax and its relatives, over the last axis; the axes before it are read as one, ``b``."""

from .declare import tensor_op

_P = {
    "total(r)": "sum(exp(x[r, k]) for k in range(n))",
    "p(r, i)": "exp(x[r, i]) / total(r)",
}

tensor_op(
    "softmax(x[b, n]) -> [r < b, i < n]",
    "p(r, i)",
    let=_P,
    jvp="p(r, i) * (dx[r, i] - sum(p(r, k) * dx[r, k] for k in range(n)))",
    vjp={"x[r, i]": "p(r, i) * (g[r, i] - sum(g[r, k] * p(r, k) for k in range(n)))"},
    meaning="positive numbers with the sum 1, proportional to exp",
    source="PyTorch softmax(dim=-1)",
)
tensor_op(
    "log_softmax(x[b, n]) -> [r < b, i < n]",
    "x[r, i] - log(total(r))",
    let=_P,
    jvp="dx[r, i] - sum(p(r, k) * dx[r, k] for k in range(n))",
    vjp={"x[r, i]": "g[r, i] - p(r, i) * sum(g[r, k] for k in range(n))"},
    meaning="the logarithm of softmax; its Jacobian is not symmetric",
    source="PyTorch log_softmax(dim=-1)",
)
tensor_op(
    "logsumexp(x[b, n]) -> [r < b]",
    "log(total(r))",
    let=_P,
    jvp="sum(p(r, k) * dx[r, k] for k in range(n))",
    vjp={"x[r, i]": "p(r, i) * g[r]"},
    meaning="a smooth maximum",
    source="PyTorch logsumexp",
)
