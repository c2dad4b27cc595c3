"""Arithmetic: sums, products, quotients, powers with fixed exponents, roots."""

# fmt: off

from .declare import op
from .stable import logistic, softplus_stable
from .symbols import (
   Eq,
   Ne,
   Piecewise,
   a,
   abs_,
   b,
   c,
   cases,
   cbrt_,
   eps,
   group,
   hypot,
   log,
   max_,
   pow_,
   rsqrt,
   sign_,
   softplus,
   sqrt,
   x,
   y,
)

op("add(x, y)", x + y, {"x": 1, "y": 1}, smooth=True, meaning="the sum")
op("sub(x, y)", x - y, {"x": 1, "y": -1}, smooth=True, meaning="the difference")
op("mul(x, y)", x * y, {"x": y, "y": x}, smooth=True, meaning="the product")
op("scale(x, *, c)", c * x, {"x": c, "c": x}, smooth=True, meaning="x times a constant")
op("div(x, y)", x / y, {"x": 1 / y, "y": -x / y**2}, smooth=True, meaning="the quotient, y != 0",
   stable_derivative={"y": -group(x / y) / y})
op("square(x)", x**2, 2 * x, smooth=True, meaning="x times x")
op("cube(x)", x**3, 3 * x**2, smooth=True, meaning="x to the third")
op("inv(x)", 1 / x, -1 / x**2, stable_derivative=-group(1 / x) / x, smooth=True, meaning="1/x, x != 0")
op("reciprocal(x)", 1 / x, -1 / x**2, stable_derivative=-group(1 / x) / x, smooth=True, meaning="1/x, x != 0")
op("abs(x)", abs_(x), sign_(x), meaning="the absolute value; 0 at the kink")
op("sqrt(x)", sqrt(x), 1 / (2 * sqrt(x)), conventions={"x = 0": "oo"}, smooth=True, meaning="the square root, x >= 0")
op("sqrt_clamp(x)", sqrt(max_(x, 0)), cases((1 / (2 * sqrt(x)), x > 0), 0), meaning="sqrt(max(x, 0)), total",
   source="TorchLean")
op("rsqrt(x)", rsqrt(x), -1 / (2 * x * sqrt(x)), stable_derivative=-group(rsqrt(x) / x) / 2, smooth=True,
   meaning="1/sqrt(x), x > 0")
op("cbrt(x)", cbrt_(x), 1 / (3 * cbrt_(x) ** 2), conventions={"x = 0": "oo"}, smooth=True, meaning="the odd cube root")
op("smooth_abs(x, *, eps=1/1000000)", sqrt(x**2 + eps), {"x": x / sqrt(x**2 + eps), "eps": 1 / (2 * sqrt(x**2 + eps))},
   assume=["eps > 0"], stable=hypot(x, sqrt(eps)), at_infinity={"x": ("-1", "1")},
   stable_derivative={"x": x / hypot(x, sqrt(eps)), "eps": 1 / (2 * hypot(x, sqrt(eps)))}, smooth=True,
   meaning="a smooth absolute value", source="TorchLean")
op("safe_log(x, *, eps=1/1000000)", log(softplus(x) + eps),
   {"x": logistic(x, plain=True) / (softplus(x) + eps), "eps": 1 / (softplus(x) + eps)},
   assume=["eps > 0"], stable=log(softplus_stable(x) + eps),
   stable_derivative={"x": logistic(x) / (softplus_stable(x) + eps), "eps": 1 / (softplus_stable(x) + eps)},
   smooth=True, meaning="the logarithm of softplus(x) + eps, total", source="TorchLean")
op("hypot(x, y)", hypot(x, y),
   {"x": cases((0, Eq(x, 0) & Eq(y, 0)), x / hypot(x, y)), "y": cases((0, Eq(x, 0) & Eq(y, 0)), y / hypot(x, y))},
   smooth=True, meaning="sqrt(x**2 + y**2); (0, 0) at the origin")
op("pow(x, y)", pow_(x, y),
   {"x": Piecewise((y * pow_(x, y) / x, Ne(x, 0)), (1, Eq(y, 1)), (0, (y > 1) | Eq(y, 0)), evaluate=False),
    "y": Piecewise((log(x) * pow_(x, y), x > 0), (0, Eq(x, 0)), evaluate=False)},
   stable_derivative={
    "x": Piecewise((y * pow_(x, y - 1), Ne(x, 0)), (1, Eq(y, 1)), (0, (y > 1) | Eq(y, 0)), evaluate=False)},
   conventions={"x: Eq(x, 0) & (y > 0) & (y < 1)": "oo"},
   meaning="x**y: x > 0, or x < 0 with an integer y, or x = 0 with y >= 0")
op("select(c, a, b)", cases((a, Ne(c, 0)), b), {"c": 0, "a": cases((1, Ne(c, 0)), 0), "b": cases((0, Ne(c, 0)), 1)},
   meaning="a where c holds, else b; the branch not taken counts for nothing")
