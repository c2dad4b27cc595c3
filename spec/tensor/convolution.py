"""Convolution (cross-correlation, channels first) and its transpose, along one to three axes.

The number of windows ``m`` may be any: that it is ``floor((n + 2 p - k) / s) + 1`` is not needed.
"""

from .declare import tensor_op
from .windows import DIMENSIONS, Windows

for _name, _axes in DIMENSIONS.items():
    _w = Windows(_axes)
    _n, _k, _m = _w.each("n_@"), _w.each("k_@"), _w.each("m_@")
    _i, _j, _q = _w.each("i_@"), _w.each("j_@"), _w.each("q_@")

    def _sum(w: str, x: str, win: Windows = _w, q: str = _q) -> str:
        """The sum over channels and offsets that makes an entry of the result."""
        at = f"({x}[r, c, {win.met}] if {win.inside()} else 0)"
        return f"sum({w}[o, c, {q}] * {at} for c in range(c_in) {win.offsets})"

    tensor_op(
        f"conv{_name}(x[b, c_in, {_n}], w[c_out, c_in, {_k}], bias[c_out])"
        f" -> [r < b, o < c_out, {_w.each('i_@ < m_@')}]",
        f"{_sum('w', 'x')} + bias[o]",
        let=_w.let,
        counts=_w.strides,
        integers=_w.paddings,
        jvp=f"{_sum('dw', 'x')} + {_sum('w', 'dx')} + dbias[o]",
        vjp={
            f"x[r, c, {_j}]": f"sum(w[o, c, {_q}] * g[r, o, {_i}] * {_w.hits}"
            f" for o in range(c_out) {_w.windows} {_w.offsets})",
            f"w[o, c, {_q}]": f"sum(g[r, o, {_i}] * (x[r, c, {_w.met}] if {_w.inside()} else 0)"
            f" for r in range(b) {_w.windows})",
            "bias[o]": f"sum(g[r, o, {_i}] for r in range(b) {_w.windows})",
        },
        meaning="cross-correlation with zero padding",
        source="PyTorch conv1d, conv2d, conv3d",
    )

    _inputs = f"for c in range(c_in) {_w.each('for i_@ in range(n_@)', ' ')} {_w.offsets}"
    _pulled = f"(g[r, o, {_w.met}] if {_w.inside('m')} else 0)"
    tensor_op(
        f"conv_transpose{_name}(x[b, c_in, {_n}], w[c_in, c_out, {_k}], bias[c_out])"
        f" -> [r < b, o < c_out, {_w.each('j_@ < m_@')}]",
        f"sum(x[r, c, {_i}] * w[c, o, {_q}] * {_w.hits} {_inputs}) + bias[o]",
        let=_w.let,
        counts=_w.strides,
        integers=_w.paddings,
        jvp=f"sum((dx[r, c, {_i}] * w[c, o, {_q}] + x[r, c, {_i}] * dw[c, o, {_q}]) * {_w.hits} {_inputs}) + dbias[o]",
        vjp={
            f"x[r, c, {_i}]": f"sum(w[c, o, {_q}] * {_pulled} for o in range(c_out) {_w.offsets})",
            f"w[c, o, {_q}]": f"sum(x[r, c, {_i}] * {_pulled}"
            f" for r in range(b) {_w.each('for i_@ in range(n_@)', ' ')})",
            "bias[o]": f"sum(g[r, o, {_j}] for r in range(b) {_w.each('for j_@ in range(m_@)', ' ')})",
        },
        meaning="the adjoint of a convolution",
        source="PyTorch conv_transpose1d, conv_transpose2d, conv_transpose3d",
    )
