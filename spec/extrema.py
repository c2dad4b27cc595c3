"""Largest, smallest, clamping, rounding, remainders and signs: functions with kinks and jumps."""

# fmt: off

from .declare import op
from .symbols import (
                      Eq,
                      abs_,
                      cases,
                      ceil_,
                      copysign_,
                      floor_,
                      fmod_,
    group,
                      half,
                      hi,
                      lo,
                      max_,
                      min_,
                      remainder_,
                      round_,
                      sign_,
                      trunc_,
                      x,
                      y,
)

_INSIDE = (x > lo) & (x < hi)

op("max(x, y)", max_(x, y), {"x": cases((1, x > y), (half, Eq(x, y)), 0), "y": cases((1, y > x), (half, Eq(x, y)), 0)},
   meaning="the larger one; a tie gives half to each")
op("min(x, y)", min_(x, y), {"x": cases((1, x < y), (half, Eq(x, y)), 0), "y": cases((1, y < x), (half, Eq(x, y)), 0)},
   meaning="the smaller one; a tie gives half to each")
op("clamp(x, *, lo, hi)", min_(hi, max_(lo, x)),
   {"x": cases((1, _INSIDE), 0), "lo": cases((1, x < lo), 0), "hi": cases((1, x > hi), 0)},
   assume=["lo < hi"], meaning="x confined to [lo, hi]; 0 at both bounds")
op("hardtanh(x, *, lo=-1, hi=1)", min_(hi, max_(lo, x)),
   {"x": cases((1, _INSIDE), 0), "lo": cases((1, x < lo), 0), "hi": cases((1, x > hi), 0)},
   assume=["lo < hi"], meaning="clamp; 0 at both ends", source="PyTorch hardtanh")
op("relu6(x)", min_(6, max_(0, x)), cases((1, (x > 0) & (x < 6)), 0), meaning="clamp to [0, 6]; 0 at both ends",
   source="PyTorch relu6")
op("sign(x)", sign_(x), 0, meaning="-1, 0 or 1; 0 at the jump, arbitrary")
op("floor(x)", floor_(x), 0, meaning="the largest integer not above x; 0 at the jumps, arbitrary")
op("ceil(x)", ceil_(x), 0, meaning="the smallest integer not below x; 0 at the jumps, arbitrary")
op("round(x)", round_(x), 0, meaning="the nearest integer, ties to even; 0 at the jumps, arbitrary")
op("fmod(x, y)", fmod_(x, y), {"x": 1, "y": -trunc_(x / y)}, meaning="C's remainder, y != 0, sign of x")
op("remainder(x, y)", remainder_(x, y), {"x": 1, "y": -floor_(x / y)}, meaning="Python's remainder, y != 0, sign of y")
op("copysign(x, y)", copysign_(x, y), {"x": cases((sign_(x), y >= 0), -sign_(x)), "y": 0},
   meaning="|x| with the sign of y (0 counts as positive); 0 at x = 0")
op("hardsigmoid(x)", min_(1, max_(0, x / 6 + half)), cases((half / 3, (x > -3) & (x < 3)), 0),
   meaning="x/6 + 1/2 clamped to [0, 1]; 0 at -3 and 3", source="PyTorch hardsigmoid")
op("hardswish(x)", x * min_(6, max_(0, x + 3)) / 6, cases((0, x <= -3), (1, x >= 3), x / 3 + half),
   at_infinity={"": ("0", "oo")}, meaning="x clamp(x + 3, 0, 6)/6; 0 at -3, 1 at 3", source="PyTorch hardswish")
op("squared_relu(x)", max_(x, 0) ** 2, 2 * max_(x, 0), meaning="max(x, 0)**2; a true derivative 0 at 0")
op("softsign(x)", x / (1 + abs_(x)), 1 / (1 + abs_(x)) ** 2,
   stable_derivative=group(1 / (1 + abs_(x))) ** 2, at_infinity={"": ("-1", "1")},
   meaning="x/(1 + |x|); a true derivative 1 at 0", source="PyTorch softsign")
