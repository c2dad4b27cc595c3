"""Points and parameters at which the tests try each op of the catalogue: inside its domain, away from kinks."""

from __future__ import annotations

import numpy as np

import hasderiv as hd

_GENERAL = np.array([-2.3, -1.37, -0.61, 0.29, 0.83, 1.71, 2.9])
_POSITIVE = np.array([0.13, 0.47, 0.91, 1.3, 2.2, 3.7])
_OPEN_UNIT = np.array([-0.83, -0.41, -0.07, 0.22, 0.56, 0.91])
_UNARY = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "rsqrt", "sqrt_clamp"), _POSITIVE),
    **dict.fromkeys(("asin", "acos", "atanh"), _OPEN_UNIT),
    "acosh": 1.0 + _POSITIVE,
    "log1p": _POSITIVE - 0.6,
    "logit": np.array([0.1, 0.35, 0.62, 0.9]),
    "logit_clamp": np.array([0.1, 0.35, 0.62, 0.9]),
}
_PARAMS = {"clamp": {"lo": -1.1, "hi": 1.4}, "scale": {"c": -1.7}, "logit_clamp": {"eps": 0.05}, "elu": {"alpha": 1.3}}
_SECOND = {"pow": np.array([1.3, -0.7, 2.2, 0.4, -1.9, 3.1])}
_FIRST = {"pow": _POSITIVE, "xlog1py": _OPEN_UNIT}

OPS = sorted(name for name in hd.ops if name != "select")
UNARY = [name for name in OPS if len(hd.ops[name].inputs) == 1]
BINARY = [name for name in OPS if len(hd.ops[name].inputs) == 2]


def inputs(name: str) -> tuple[np.ndarray, ...]:
    """Arrays of one length at which the op is smooth."""
    op = hd.ops[name]
    if len(op.inputs) == 1:
        return (_UNARY.get(name, _GENERAL),)
    x = _FIRST.get(name, np.array([-1.3, 0.7, 1.9, 0.23, 2.6, -0.4]))
    y = _SECOND.get(name, np.array([0.6, 1.7, 0.31, 2.9, 0.84, 1.1]))
    return x, y


def params(name: str) -> dict[str, float]:
    """Values for the parameters that have no default, and some that do."""
    return _PARAMS.get(name, {})
