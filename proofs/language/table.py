"""The functions of the language: what each defined one means, and which are cited.

``DEFINITIONS`` is read by people: one line a function, in the syntax that users type.  Every function in
it is an abbreviation over the base language of :mod:`..kernel.terms`; none of them adds an axiom.
Where a definition has no value (``acosh(0)``, ``pow(-1, 1/2)``), neither has the function.
"""

from __future__ import annotations

import re
from typing import Final

DEFINITIONS: Final = """
abs(x)          = Piecewise((x, x >= 0), (-x, True))
sign(x)         = Piecewise((1, x > 0), (-1, x < 0), (0, True))
heaviside(x, y) = Piecewise((1, x > 0), (0, x < 0), (y, True))
max(x, y)       = Piecewise((x, x >= y), (y, True))
min(x, y)       = Piecewise((x, x <= y), (y, True))
ceil(x)         = -floor(-x)
frac(x)         = x - floor(x)
trunc(x)        = Piecewise((floor(x), x >= 0), (-floor(-x), True))
round(x)        = Piecewise((floor(x + 1/2) - 1, Eq(floor(x + 1/2), x + 1/2) & Ne(2*floor((x + 1/2)/2), x + 1/2)),
                  (floor(x + 1/2), True))
fmod(x, y)      = x - y*trunc(x/y)
remainder(x, y) = x - y*floor(x/y)
copysign(x, y)  = Piecewise((abs(x), y >= 0), (-abs(x), True))
log1p(x)        = log(1 + x)
expm1(x)        = exp(x) - 1
exp2(x)         = exp(x*log(2))
log2(x)         = log(x)/log(2)
log10(x)        = log(x)/log(10)
rsqrt(x)        = 1/sqrt(x)
cbrt(x)         = Piecewise((exp(log(x)/3), x > 0), (-exp(log(-x)/3), x < 0), (0, True))
pow(x, y)       = Piecewise((exp(y*log(x)), x > 0), (0, Eq(x, 0) & (y > 0)), (1, Eq(x, 0) & Eq(y, 0)),
                  ((1 - 2*(y - 2*floor(y/2)))*exp(y*log(-x)), (x < 0) & Eq(floor(y), y)))
sigmoid(x)      = 1/(1 + exp(-x))
softplus(x)     = log(1 + exp(x))
logaddexp(x, y) = log(exp(x) + exp(y))
hypot(x, y)     = sqrt(x**2 + y**2)
xlogy(x, y)     = Piecewise((0, Eq(x, 0)), (x*log(y), True))
xlog1py(x, y)   = Piecewise((0, Eq(x, 0)), (x*log(1 + y), True))
xdivy(x, y)     = Piecewise((0, Eq(x, 0)), (x/y, True))
sinh(x)         = (exp(x) - exp(-x))/2
cosh(x)         = (exp(x) + exp(-x))/2
tanh(x)         = 1 - 2/(exp(2*x) + 1)
coth(x)         = 1/tanh(x)
sech(x)         = 1/cosh(x)
csch(x)         = 1/sinh(x)
asinh(x)        = log(x + sqrt(x**2 + 1))
acosh(x)        = log(x + sqrt(x - 1)*sqrt(x + 1))
atanh(x)        = (log(1 + x) - log(1 - x))/2
tan(x)          = sin(x)/cos(x)
cot(x)          = cos(x)/sin(x)
sec(x)          = 1/cos(x)
csc(x)          = 1/sin(x)
asin(x)         = 2*atan(x/(1 + sqrt(1 - x**2)))
acos(x)         = pi/2 - asin(x)
atan2(y, x)     = Piecewise((2*atan(y/(sqrt(x**2 + y**2) + x)), (x > 0) | Ne(y, 0)), (pi, x < 0), (0, True))
erfc(x)         = 1 - erf(x)
"""

PRIMITIVE: Final = frozenset({"exp", "log", "sin", "cos", "atan", "erf", "sqrt", "floor"})

# Functions that the kernel knows only by cited facts, with the number of their arguments.
CITED: Final[dict[str, int]] = {
    "gamma": 1, "loggamma": 1, "digamma": 1, "polygamma": 2, "trigamma": 1,
    "beta": 2, "zeta": 2, "lowergamma": 2, "uppergamma": 2,
    "besselj": 2, "bessely": 2, "besseli": 2, "besselk": 2, "erfinv": 1, "erfcinv": 1, "erfi": 1, "LambertW": 1,
    "Si": 1, "Ci": 1, "Shi": 1, "Chi": 1, "Ei": 1, "li": 1, "expint": 2, "fresnels": 1, "fresnelc": 1,
    "airyai": 1, "airybi": 1, "airyaiprime": 1, "airybiprime": 1, "dawsn": 1, "erfcx": 1,
}  # fmt: skip

# Other spellings that people type.
ALIASES: Final[dict[str, str]] = {
    "Heaviside": "heaviside",
    "Abs": "abs", "absolute": "abs", "fabs": "abs", "ceiling": "ceil", "Max": "max", "maximum": "max", "Min": "min",
    "minimum": "min", "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "expit": "sigmoid", "Mod": "remainder",
    "mod": "remainder", "power": "pow", "Pow": "pow", "lambertw": "LambertW", "lgamma": "loggamma",
    "gammaln": "loggamma", "psi": "digamma", "swish": "silu", "where": "select",
}  # fmt: skip

# Functions that SymPy has under the same name with another meaning.
DIFFERENT: Final[dict[str, str]] = {
    "sinc": "sinc is sin(x)/x in SymPy and sin(pi*x)/(pi*x) in NumPy; write it out",
}

KINDS: Final = frozenset({"Piecewise", "Eq", "Ne", "Gt", "Ge", "Lt", "Le", "And", "Or", "Not", "Rational"})


def _headers() -> dict[str, tuple[tuple[str, ...], str]]:
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for line in re.sub(r"\n\s+", " ", DEFINITIONS.strip()).splitlines():
        head, _, body = line.partition(" = ")
        name, _, inside = head.strip().removesuffix(")").partition("(")
        if name in found:
            raise ValueError(f"{name} is defined twice")
        found[name] = (tuple(a.strip() for a in inside.split(",")), body.strip())
    return found


# name -> (names of the arguments, text of the definition)
TEXTS: Final = _headers()
DEFINED: Final = frozenset(TEXTS)
