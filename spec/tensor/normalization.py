"""Layer norm and batch norm, by the variance without Bessel's correction."""

from .declare import tensor_op


def _norm(name: str, axes: str, row: str, over: str, count: str, gain: str, meaning: str, source: str) -> None:
    """``(x - mean) / sqrt(var + eps) gamma + beta``.

    ``axes`` are the indices of x; those of ``row`` stay put while the mean is taken ``over`` the others, which are
    written ``ii`` there, and whose number is ``count``; ``gain`` is the index of gamma and beta.
    """
    here = ", ".join(axes)
    there = ", ".join(i if i in row else i + i for i in axes)
    loops = " ".join(f"for {i}{i} in range(n_{i})" for i in over)
    rows = ", ".join(row)

    def mean(text: str) -> str:
        return f"sum({text} {loops}){count}"

    normal = f"(x[{here}] - mean({rows})) * rate({rows})"
    pushed = "rate({rows}) * ({v} - {mean_v}) - rate({rows})**3 * (x[{here}] - mean({rows})) * {mean_cv}"
    sizes = ", ".join(f"n_{i}" for i in axes)
    others = [i for i in axes if i != gain]
    summed = " ".join(f"for {i} in range(n_{i})" for i in others)

    def push(v: str, w: str) -> str:
        return pushed.format(
            rows=rows, here=here, v=v, mean_v=mean(w), mean_cv=mean(f"(x[{there}] - mean({rows})) * {w}")
        )

    gamma_there = f"gamma[{gain if gain in row else gain + gain}]"
    tensor_op(
        f"{name}(x[{sizes}], gamma[n_{gain}], beta[n_{gain}]) -> [{', '.join(f'{i} < n_{i}' for i in axes)}]",
        f"{normal} * gamma[{gain}] + beta[{gain}]",
        let={
            f"mean({rows})": mean(f"x[{there}]"),
            f"rate({rows})": f"1 / sqrt({mean(f'(x[{there}] - mean({rows}))**2')} + eps)",
        },
        params="eps",
        assume=("eps > 0",),
        jvp=f"({push(f'dx[{here}]', f'dx[{there}]')}) * gamma[{gain}] + {normal} * dgamma[{gain}] + dbeta[{gain}]",
        vjp={
            f"x[{here}]": push(f"g[{here}] * gamma[{gain}]", f"g[{there}] * {gamma_there}"),
            f"gamma[{gain}]": f"sum(g[{here}] * {normal} {summed})",
            f"beta[{gain}]": f"sum(g[{here}] {summed})",
        },
        meaning=meaning,
        source=source,
    )


_each = "with mean 0 and variance 1, then scaled"
_norm("layer_norm", "ri", "r", "i", " / n_i", "i", f"each row {_each}", "PyTorch layer_norm")
_norm("batchnorm_channel_first", "rcs", "rc", "s", " / n_s", "c", f"each channel of an image {_each}", "TorchLean")
_norm("batch_norm", "rcs", "c", "rs", " / n_r / n_s", "c", f"each channel {_each}", "PyTorch batch_norm in training")
tensor_op(
    "batch_norm_inference(x[b, c, n], gamma[c], beta[c]) -> [r < b, j < c, s < n]",
    "(x[r, j, s] - mean[j]) * rate(j) * gamma[j] + beta[j]",
    let={"rate(j)": "1 / sqrt(var[j] + eps)"},
    given="mean[c], var[c]",
    params="eps",
    where=("var[j] + eps > 0",),
    elsewhere="no number: the variance is not one",
    jvp="dx[r, j, s] * rate(j) * gamma[j] + (x[r, j, s] - mean[j]) * rate(j) * dgamma[j] + dbeta[j]",
    vjp={
        "x[r, j, s]": "g[r, j, s] * rate(j) * gamma[j]",
        "gamma[j]": "sum(g[r, j, s] * (x[r, j, s] - mean[j]) * rate(j) for r in range(b) for s in range(n))",
        "beta[j]": "sum(g[r, j, s] for r in range(b) for s in range(n))",
    },
    meaning="each channel shifted and scaled by statistics that are given",
    source="PyTorch batch_norm in evaluation",
)
