"""Pooling over windows along one to three axes; all axes before these are read as one, ``b``."""

from .declare import tensor_op
from .windows import DIMENSIONS, Windows

for _name, _axes in DIMENSIONS.items():
    _w = Windows(_axes)
    _x = f"x[b, {_w.each('n_@')}]"
    _out = f"[r < b, {_w.each('i_@ < m_@')}]"
    _i, _j = _w.each("i_@"), _w.each("j_@")
    _counts = f"{_w.strides} {_w.each('k_@', ' ')}"
    _each = f" / {_w.each('k_@', ' / ')}"

    def _mean(x: str, win: Windows = _w, each: str = _each) -> str:
        """The entries of a window, 0 in the padding, divided by their number."""
        return f"sum({x}[r, {win.met}] if {win.inside()} else 0 {win.offsets}){each}"

    tensor_op(
        f"avg_pool{_name}({_x}) -> {_out}",
        _mean("x"),
        let=_w.let,
        counts=_counts,
        integers=_w.paddings,
        jvp=_mean("dx"),
        vjp={f"x[r, {_j}]": f"sum(g[r, {_i}] * {_w.hits} {_w.windows} {_w.offsets}){_each}"},
        meaning="the mean of each window; padding counts",
        source="PyTorch avg_pool1d, avg_pool2d, avg_pool3d",
    )

    _indices = f"r, {_i}"
    _at = f"{_indices}, {_w.each('q_@')}"
    tensor_op(
        f"smooth_max_pool{_name}({_x}) -> {_out}",
        f"log(total({_indices})) / beta",
        let={
            **_w.let,
            f"e({_at})": f"exp(beta * x[r, {_w.met}]) if {_w.inside()} else 0",
            f"total({_indices})": f"sum(e({_at}) {_w.offsets})",
            f"p({_at})": f"e({_at}) / total({_indices})",
        },
        counts=_counts,
        integers=_w.paddings,
        params="beta",
        assume=("beta != 0",),
        where=(f"total({_indices}) > 0",),
        words="the window meets the input",
        elsewhere="an error: the window lies in the padding",
        jvp=f"sum(p({_at}) * dx[r, {_w.met}] if {_w.inside()} else 0 {_w.offsets})",
        vjp={f"x[r, {_j}]": f"sum(p({_at}) * g[{_indices}] * {_w.hits} {_w.windows} {_w.offsets})"},
        meaning="log(sum(exp(beta x))) / beta over each window, without its padding",
        source="TorchLean smooth_max_pool",
    )

    _winner = {a: f"winner_{a}[{_indices}]" for a in _axes}
    _place = {a: f"start_{a}(i_{a}) + q_{a}" for a in _axes}
    _best = f"x[r, {', '.join(_winner.values())}]"
    _entry = f"x[r, {', '.join(_place.values())}]"
    _ranges = _w.each("for q_@ in range(end_@(i_@) - start_@(i_@))", " ")
    _others = f"{_best} - 1"
    for _a in reversed(_axes):
        _others = f"({_others} if {_place[_a]} == {_winner[_a]} else {_entry})"
    _in_window = [f"start_{a}(i_{a}) <= {_winner[a]} < end_{a}(i_{a})" for a in _axes]
    _known = " and ".join(f"0 <= {_winner[a]} < n_{a}" for a in _axes)
    tensor_op(
        f"max_pool{_name}({_x}) -> {_out}",
        f"greatest({_indices})",
        let={
            **{f"start_{a}(o)": f"s_{a} * o - p_{a} if s_{a} * o >= p_{a} else 0" for a in _axes},
            **{f"past_{a}(o)": f"s_{a} * o - p_{a} + k_{a}" for a in _axes},
            **{f"end_{a}(o)": f"past_{a}(o) if past_{a}(o) < n_{a} else n_{a}" for a in _axes},
            f"best({_indices})": _best,
            f"greatest({_indices})": f"max({_entry} {_ranges})",
            f"others({_indices})": f"max({_others} {_ranges})",
        },
        index=", ".join(f"winner_{a}[b, {_w.each('m_@')}]" for a in _axes),
        counts=_counts,
        integers=_w.paddings,
        where=(*_in_window, f"best({_indices}) > others({_indices})"),
        words="one entry of the window is larger than all others",
        tie=(*_in_window, f"best({_indices}) >= greatest({_indices})", f"best({_indices}) <= others({_indices})"),
        jvp=f"d{_best} if {_known} else 0",
        vjp={
            f"x[r, {_j}]": f"sum(g[{_indices}] * {' * '.join(f'(j_{a} == {_winner[a]})' for a in _axes)} {_w.windows})"
        },
        elsewhere="the first of the largest entries, in row-major order, takes all",
        meaning="the largest entry of each window, without its padding",
        source="PyTorch max_pool1d, max_pool2d, max_pool3d",
    )
