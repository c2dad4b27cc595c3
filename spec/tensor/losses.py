"""Losses over all entries, and dropout with a mask that is given."""

from .declare import tensor_op

tensor_op(
    "mse_loss(x[n], t[n]) -> [o < 1]",
    "sum((x[k] - t[k])**2 for k in range(n)) / n",
    jvp="sum(2 / n * (x[k] - t[k]) * (dx[k] - dt[k]) for k in range(n))",
    vjp={"x[k]": "2 / n * (x[k] - t[k]) * g[0]", "t[k]": "-(2 / n * (x[k] - t[k]) * g[0])"},
    meaning="the mean of the squared differences, as a tensor of one entry",
    source="PyTorch mse_loss",
)
tensor_op(
    "dropout(x[n]) -> [i < n]",
    "x[i] * mask[i] / keep",
    given="mask[n]",
    params="keep",
    assume=("keep > 0",),
    jvp="dx[i] * mask[i] / keep",
    vjp={"x[i]": "g[i] * mask[i] / keep"},
    meaning="some entries set to 0, the others scaled; the mask does not move",
    source="PyTorch dropout",
)
