"""Gathering and scattering by integer tensors; what lies out of bounds gives 0, and is not added anywhere.

Without ``_nat`` an index out of bounds is an error: there the formulas are those of the same op with it.
"""

from .declare import tensor_op

for _nat in ("", "_nat"):
    for _name, _axis in (("scalar", ""), ("row", ", j")):
        _c, _out = (", c", "j < c") if _axis else ("", "")
        tensor_op(
            f"gather_{_name}{_nat}(x[b, n{_c}]) -> [r < b{', ' + _out if _out else ''}]",
            f"x[r, at{_axis}] if 0 <= at < n else 0",
            integers="at",
            jvp=f"dx[r, at{_axis}] if 0 <= at < n else 0",
            vjp={f"x[r, i{_axis}]": f"g[r{_axis}] * (i == at)"},
            meaning=f"the {'row' if _axis else 'entry'} at one place",
            source="TorchLean gather; PyTorch index_select",
        )
    for _gather, _scatter, _axis in (("vec", "vec", ""), ("rows", "row", ", j")):
        _c, _out = (", c", ", j < c") if _axis else ("", "")
        tensor_op(
            f"gather_{_gather}{_nat}(x[b, n{_c}]) -> [r < b, k < p{_out}]",
            f"x[r, at[r, k]{_axis}] if 0 <= at[r, k] < n else 0",
            index="at[b, p]",
            jvp=f"dx[r, at[r, k]{_axis}] if 0 <= at[r, k] < n else 0",
            vjp={f"x[r, i{_axis}]": f"sum(g[r, k{_axis}] * (i == at[r, k]) for k in range(p))"},
            meaning="the entry at each index; what is met several times adds up backward",
            source="TorchLean gather; PyTorch index_select",
        )
        tensor_op(
            f"scatter_add_{_scatter}{_nat}(x[b, n{_c}], v[b, p{_c}]) -> [r < b, i < n{_out}]",
            f"x[r, i{_axis}] + sum(v[r, k{_axis}] * (i == at[r, k]) for k in range(p))",
            index="at[b, p]",
            jvp=f"dx[r, i{_axis}] + sum(dv[r, k{_axis}] * (i == at[r, k]) for k in range(p))",
            vjp={
                f"x[r, i{_axis}]": f"g[r, i{_axis}]",
                f"v[r, k{_axis}]": f"g[r, at[r, k]{_axis}] if 0 <= at[r, k] < n else 0",
            },
            meaning="each value added to the entry at its index",
            source="TorchLean scatter_add; PyTorch index_add",
        )
