"""Exponentials, logarithms and what is built from two of them."""

# fmt: off

from .declare import op
from .stable import logistic
from .symbols import (
                      Ne,
                      abs_,
                      atanh,
                      cases,
                      eps,
                      exp,
                      exp2,
                      expm1,
                      half,
                      log,
                      log1p,
                      log2,
                      log10,
                      logaddexp,
                      max_,
                      min_,
                      sigmoid,
                      x,
                      xdivy,
                      xlog1py,
                      xlogy,
                      y,
)

op("exp(x)", exp(x), exp(x), smooth=True, meaning="the exponential")
op("log(x)", log(x), 1 / x, smooth=True, meaning="the natural logarithm, x > 0")
op("log1p(x)", log1p(x), 1 / (1 + x), smooth=True, meaning="log(1 + x), x > -1")
op("expm1(x)", expm1(x), exp(x), smooth=True, meaning="exp(x) - 1")
op("exp2(x)", exp2(x), exp2(x) * log(2), smooth=True, meaning="2**x")
op("log2(x)", log2(x), 1 / (x * log(2)), smooth=True, meaning="the logarithm to base 2, x > 0")
op("log10(x)", log10(x), 1 / (x * log(10)), smooth=True, meaning="the logarithm to base 10, x > 0")
op("logaddexp(x, y)", logaddexp(x, y), {"x": sigmoid(x - y), "y": sigmoid(y - x)},
   stable=max_(x, y) + log1p(exp(-abs_(x - y))), stable_derivative={"x": logistic(x - y), "y": logistic(y - x)},
   smooth=True, meaning="log(exp(x) + exp(y))")
op("logit(x)", log(x / (1 - x)), 1 / (x * (1 - x)),
   stable=cases((2 * atanh(2 * x - 1), (x > half / 2) & (x < 3 * half / 2)), log(x) - log1p(-x)), smooth=True,
   meaning="log(x/(1 - x)), 0 < x < 1", source="PyTorch logit")

_CLAMPED = min_(1 - eps, max_(eps, x))
op("logit_clamp(x, *, eps)", log(_CLAMPED / (1 - _CLAMPED)),
   {"x": cases((1 / (x * (1 - x)), (x > eps) & (x < 1 - eps)), 0),
    "eps": cases((1 / (eps * (1 - eps)), x < eps), (-1 / (eps * (1 - eps)), x > 1 - eps), 0)},
   assume=["eps > 0", "eps < 1/2"], meaning="logit of x clamped to [eps, 1 - eps]; 0 at both bounds",
   source="PyTorch logit with eps")
op("xlogy(x, y)", xlogy(x, y), {"x": cases((log(y), y > 0), 0), "y": cases((x / y, Ne(x, 0)), 0)},
   meaning="x*log(y), y > 0; 0 where x = 0", source="SciPy xlogy")
op("xlog1py(x, y)", xlog1py(x, y), {"x": cases((log(1 + y), y > -1), 0), "y": cases((x / (1 + y), Ne(x, 0)), 0)},
   stable_derivative={"x": cases((log1p(y), y > -1), 0), "y": cases((x / (1 + y), Ne(x, 0)), 0)},
   meaning="x*log1p(y), y > -1; 0 where x = 0", source="SciPy xlog1py")
op("xdivy(x, y)", xdivy(x, y), {"x": cases((1 / y, Ne(y, 0)), 0), "y": cases((-x / y**2, Ne(x, 0)), 0)},
   meaning="x/y, y != 0; 0 where x = 0", source="TensorFlow Probability xdivy")
