"""Trigonometric functions, hyperbolic ones, their inverses, and the error function."""

# fmt: off

from .declare import op
from .stable import decay
from .symbols import (
                      Eq,
                      Ne,
                      acos,
                      acosh,
                      asin,
                      asinh,
                      atan,
                      atan2_,
                      atanh,
                      cases,
                      cos,
                      cosh_,
                      erf,
                      erfc_,
                      exp,
                      group,
                      hypot,
                      pi,
                      sin,
                      sinh_,
                      sqrt,
                      tan,
                      tanh_,
                      x,
                      y,
)

_END = {"x = 1": "oo", "x = -1": "oo"}
_ROOT = 1 / sqrt(1 - x**2)
_STABLE_ROOT = 1 / sqrt((1 - x) * (1 + x))

op("sin(x)", sin(x), cos(x), smooth=True, meaning="the sine")
op("cos(x)", cos(x), -sin(x), smooth=True, meaning="the cosine")
op("tan(x)", tan(x), 1 + tan(x) ** 2, smooth=True, meaning="the tangent, cos(x) != 0")
op("asin(x)", asin(x), _ROOT, stable_derivative=_STABLE_ROOT, conventions=_END, smooth=True,
   meaning="the arc sine, -1 <= x <= 1")
op("acos(x)", acos(x), -_ROOT, stable_derivative=-_STABLE_ROOT, conventions={k: "-oo" for k in _END}, smooth=True,
   meaning="the arc cosine, -1 <= x <= 1")
op("atan(x)", atan(x), 1 / (1 + x**2), smooth=True, meaning="the arc tangent")
op("atan2(y, x)", atan2_(y, x),
   {"y": cases((0, Eq(x, 0) & Eq(y, 0)), x / (x**2 + y**2)), "x": cases((0, Eq(x, 0) & Eq(y, 0)), -y / (x**2 + y**2))},
   stable_derivative={"y": cases((0, Eq(x, 0) & Eq(y, 0)), group(x / hypot(x, y)) / hypot(x, y)),
                      "x": cases((0, Eq(x, 0) & Eq(y, 0)), -group(y / hypot(x, y)) / hypot(x, y))},
   smooth=True, meaning="the angle of the point (x, y); on the cut the formula, 0 at the origin")
op("sinh(x)", sinh_(x), cosh_(x), smooth=True, meaning="the hyperbolic sine")
op("cosh(x)", cosh_(x), sinh_(x), smooth=True, meaning="the hyperbolic cosine")
op("tanh(x)", tanh_(x), 1 - tanh_(x) ** 2, stable_derivative=4 * decay(2 * x) / (1 + decay(2 * x)) ** 2, smooth=True,
   meaning="the hyperbolic tangent")
op("asinh(x)", asinh(x), 1 / sqrt(x**2 + 1), stable_derivative=1 / hypot(x, 1), smooth=True,
   meaning="the inverse of sinh")
op("acosh(x)", acosh(x), 1 / (sqrt(x - 1) * sqrt(x + 1)), conventions={"x = 1": "oo"}, smooth=True,
   meaning="the inverse of cosh, x >= 1")
op("atanh(x)", atanh(x), 1 / (1 - x**2), stable_derivative=1 / ((1 - x) * (1 + x)), smooth=True,
   meaning="the inverse of tanh, -1 < x < 1")
op("erf(x)", erf(x), 2 * exp(-(x**2)) / sqrt(pi), smooth=True, meaning="the error function", source="DLMF 7.2.1")
op("erfc(x)", erfc_(x), -2 * exp(-(x**2)) / sqrt(pi), smooth=True, meaning="1 - erf(x)", source="DLMF 7.2.2")
op("sinc(x)", cases((sin(pi * x) / (pi * x), Ne(x, 0)), 1),
   cases(((cos(pi * x) * pi * x - sin(pi * x)) / (pi * x**2), Ne(x, 0)), 0),
   stable_derivative=cases(((cos(pi * x) - sin(pi * x) / (pi * x)) / x, Ne(x, 0)), 0),  # pi*x may overflow, x may not
   at_infinity={"": ("0", "0"), "x": ("0", "0")}, smooth=True, meaning="sin(pi x)/(pi x), 1 at 0",
   source="NumPy sinc")
