"""Activation functions: the piecewise ones and the smooth ones."""

# fmt: off

from .declare import op
from .stable import decay, logistic, logistic_slope, rise, softplus_stable
from .symbols import (
    Eq,
    Rational,
    abs_,
    alpha,
    cases,
    erf,
    erfc_,
    exp,
    expm1,
    group,
    lambd,
    log1p,
    max_,
    min_,
    pi,
    sigmoid,
    softplus,
    sqrt,
    sqrt_,
    tanh_,
    x,
)

SELU_ALPHA = Rational("1.6732632423543772848")
SELU_SCALE = Rational("1.0507009873554804934")
_e = decay(x)

# --- piecewise ------------------------------------------------------------------------------------
op("relu(x)", max_(x, 0), cases((1, x > 0), 0), meaning="max(x, 0); 0 at the kink")
op("leaky_relu(x, *, alpha=1/100)", cases((x, x > 0), alpha * x),
   {"x": cases((1, x > 0), alpha), "alpha": cases((0, x > 0), x)},
   meaning="x above 0, alpha x below; alpha at the kink", source="PyTorch leaky_relu")
op("elu(x, *, alpha=1)", cases((x, x > 0), alpha * (exp(x) - 1)),
   {"x": cases((1, x > 0), alpha * exp(x)), "alpha": cases((0, x > 0), exp(x) - 1)},
   stable=cases((x, x > 0), alpha * expm1(x)),
   stable_derivative={"alpha": cases((0, x > 0), expm1(x))},
   meaning="x above 0, alpha (e^x - 1) below; alpha at 0", source="PyTorch elu")
op("selu(x)", SELU_SCALE * cases((x, x > 0), SELU_ALPHA * group(exp(x) - 1)),
   SELU_SCALE * cases((1, x > 0), SELU_ALPHA * exp(x)),
   stable=SELU_SCALE * cases((x, x > 0), SELU_ALPHA * expm1(x)), meaning="scaled elu; scale alpha at 0",
   source="Klambauer et al. 2017")
op("celu(x, *, alpha=1)", cases((x, x > 0), alpha * (exp(x / alpha) - 1)),
   {"x": cases((1, x > 0), exp(x / alpha)),
    "alpha": cases((0, x > 0), exp(x / alpha) - 1 - x / alpha * exp(x / alpha))},
   assume=["alpha > 0"], stable=cases((x, x > 0), alpha * expm1(x / alpha)),
   stable_derivative={"alpha": cases((0, x > 0), expm1(x / alpha) - x / alpha * exp(x / alpha))},
   meaning="x above 0, alpha (e^(x/alpha) - 1) below; a true derivative at 0", source="PyTorch celu")
op("softshrink(x, *, lambd=1/2)", cases((x - lambd, x > lambd), (x + lambd, x < -lambd), 0),
   {"x": cases((1, (x > lambd) | (x < -lambd)), (1, Eq(lambd, 0)), 0),
    "lambd": cases((-1, x > lambd), (1, x < -lambd), 0)},
   assume=["lambd >= 0"], meaning="sign(x) max(|x| - lambda, 0); 0 at +-lambda", source="PyTorch softshrink")
op("hardshrink(x, *, lambd=1/2)", cases((x, abs_(x) > lambd), 0),
   {"x": cases((1, abs_(x) > lambd), (1, Eq(lambd, 0)), 0), "lambd": 0},
   assume=["lambd >= 0"], meaning="x where |x| > lambda, else 0; 0 at the jumps", source="PyTorch hardshrink")

# --- smooth ---------------------------------------------------------------------------------------
for _name in ("sigmoid", "logistic"):
    op(f"{_name}(x)", 1 / (1 + exp(-x)), sigmoid(x) * (1 - sigmoid(x)), stable=logistic(x),
       stable_derivative=logistic_slope(x), smooth=True, meaning="1/(1 + e^-x)")
op("softplus(x)", softplus(x), sigmoid(x), stable=softplus_stable(x), stable_derivative=logistic(x), smooth=True,
   meaning="log(1 + e^x), without a threshold")
op("log_sigmoid(x)", -softplus(-x), sigmoid(-x), stable=min_(x, 0) - log1p(_e), stable_derivative=logistic(-x),
   smooth=True, meaning="the logarithm of the sigmoid")
op("silu(x)", x * sigmoid(x), sigmoid(x) * (1 + x * (1 - sigmoid(x))), stable=x * logistic(x),
   stable_derivative=cases((1 + _e + x * _e, x >= 0), _e * (1 + _e + x)) / (1 + _e) ** 2,
   at_infinity={"": ("0", "oo"), "x": ("0", "1")}, smooth=True, meaning="x sigmoid(x)", source="Elfwing et al. 2017")
op("tanhshrink(x)", x - tanh_(x), tanh_(x) ** 2, smooth=True, meaning="x - tanh(x)", source="PyTorch tanhshrink")

# gelu, tanh form: x sigmoid(2u).  The products in the slope are ordered so that exp(-|u|) comes first:
# x**2 alone overflows.
_C = Rational(44715, 1000000)
_K = sqrt_(2 / pi)
_u = _K * (x + _C * x**3)
_h = decay(_u)
_hx = group(_h * x)
op("gelu(x)", x / 2 * (1 + tanh_(_u)), (1 + tanh_(_u)) / 2 + x / 2 * (1 - tanh_(_u) ** 2) * _K * (1 + 3 * _C * x**2),
   stable=x * logistic(2 * _u),
   stable_derivative=logistic(2 * _u)
   + 2 * _K * (group(_hx * _h) + 3 * _C * group(group(_hx * _hx) * x)) / (1 + decay(2 * _u)) ** 2,
   at_infinity={"": ("0", "oo"), "x": ("0", "1")}, smooth=True, meaning="the tanh form",
   source="Hendrycks and Gimpel 2016")
_density = exp(-(x**2) / 2) / sqrt(2 * pi)
op("gelu_erf(x)", x / 2 * (1 + erf(x / sqrt(2))), (1 + erf(x / sqrt(2))) / 2 + x * _density,
   stable=x / 2 * erfc_(-x / sqrt(2)), stable_derivative=erfc_(-x / sqrt(2)) / 2 + x * _density, smooth=True,
   at_infinity={"": ("0", "oo"), "x": ("0", "1")}, meaning="the exact form", source="Hendrycks and Gimpel 2016")

# mish: tanh(log(1 + e^x)) = (p^2 + 2e)/(p^2 + 2e + 2q^2) with p = exp(min(x, 0)), q = exp(min(-x, 0)), e = p q
_p, _q = group(rise(x)), group(rise(-x))
_above = _p**2 + 2 * _e
_below = _above + 2 * _q**2
_ex = group(_e * x)  # first, since 4*x overflows
op("mish(x)", x * tanh_(softplus(x)), tanh_(softplus(x)) + x * (1 - tanh_(softplus(x)) ** 2) * sigmoid(x),
   stable=x * group(_above / _below), stable_derivative=_above / _below + 4 * _ex * _q * (1 + _e) / _below**2,
   at_infinity={"": ("0", "oo"), "x": ("0", "1")}, smooth=True, meaning="x tanh(softplus(x))", source="Misra 2019")
