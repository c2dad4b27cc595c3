"""Elementwise losses of a prediction x and a target t."""

# fmt: off

from .declare import op
from .stable import decay, softplus_stable
from .symbols import Rational, abs_, beta, cases, delta, sigmoid, sign_, softplus, t, x

_r = x - t
_e = decay(x)
_huber = cases((_r, abs_(_r) <= delta), delta * sign_(_r))
_smooth = cases((_r / beta, abs_(_r) < beta), sign_(_r))

op("huber(x, t, *, delta=1)", cases((_r**2 / 2, abs_(_r) <= delta), delta * (abs_(_r) - delta / 2)),
   {"x": _huber, "t": -_huber, "delta": cases((0, abs_(_r) <= delta), abs_(_r) - delta)},
   assume=["delta > 0"], meaning="quadratic near 0, linear beyond delta; true derivatives at +-delta",
   source="PyTorch huber_loss")
op("smooth_l1(x, t, *, beta=1)", cases((_r**2 / (2 * beta), abs_(_r) < beta), abs_(_r) - beta / 2),
   {"x": _smooth, "t": -_smooth, "beta": cases((-(_r**2) / (2 * beta**2), abs_(_r) < beta), -Rational(1, 2))},
   assume=["beta >= 0"], meaning="huber over beta; beta = 0 is |x - t|, with 0 at its kink",
   source="PyTorch smooth_l1_loss")
op("bce_with_logits(x, t)", softplus(x) - x * t, {"x": sigmoid(x) - t, "t": -x}, stable=softplus_stable(x) - x * t,
   stable_derivative={"x": cases((1 - t - t * _e, x >= 0), _e * (1 - t) - t) / (1 + _e)}, smooth=True,
   meaning="binary cross entropy of sigmoid(x) with the target t", source="PyTorch binary_cross_entropy_with_logits")
