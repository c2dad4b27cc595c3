# ruff: noqa: E501 -- a row of a table reads best on one line
"""Claims with their answers: hard true ones, and false ones as real projects got them wrong.

Each row is ``(expr, wrt, derivative, assume)``; a false one has the reason that the refuter has to give, and a
point as text where there is only one that is right.
"""

from __future__ import annotations

from hasderiv.proofs.claims.points import Question
from hasderiv.proofs.claims.table import Claim, from_text
from hasderiv.proofs.claims.verdict import questions

TRUE = [
    ("x*Abs(x)", "x", "2*Abs(x)", []),
    ("Abs(x)**3", "x", "3*x*Abs(x)", []),
    ("0*floor(x)", "x", "0", []),
    ("cos(acos(x))", "x", "1", ["x > -1", "x < 1"]),
    ("log(1 + exp(x))", "x", "1 - 1/(1 + exp(x))", []),
    ("1/(1 + exp(-x))", "x", "exp(-x)/(1 + exp(-x))**2", []),
    ("sin(x)**2 + cos(x)**2", "x", "0", []),
    ("(exp(x) - 1)/(exp(x) + 1)", "x", "2*exp(x)/(exp(x) + 1)**2", []),
    ("Piecewise((x**2*sin(1/x), Ne(x, 0)), (0, True))", "x", "Piecewise((2*x*sin(1/x) - cos(1/x), Ne(x, 0)), (0, True))", []),
    ("Piecewise((exp(-1/x**2), Ne(x, 0)), (0, True))", "x", "Piecewise((2*exp(-1/x**2)/x**3, Ne(x, 0)), (0, True))", []),
    (
        "Piecewise((x, Abs(x) < 1/10**100), (0, True))", "x", "Piecewise((1, Abs(x) < 1/10**100), (0, True))",
        ["Ne(x, 1/10**100)", "Ne(x, -1/10**100)"],
    ),
    ("Max(x, 1/10**60) + Min(x, 1/10**60)", "x", "1", []),
    ("Abs(x**2 - 2)", "x", "2*x*sign(x**2 - 2)", ["Ne(x**2, 2)"]),
    ("Abs(exp(x) + x)", "x", "sign(exp(x) + x)*(exp(x) + 1)", ["Ne(exp(x) + x, 0)"]),
    ("Piecewise((alpha*(exp(x/alpha) - 1), x <= 0), (x, True))", "x", "Piecewise((exp(x/alpha), x <= 0), (1, True))", ["alpha > 0"]),
    ("x**3*sign(x)", "x", "3*x**2*sign(x)", []),
    ("Piecewise((0, Eq(x, 0)), (x*log(y), True))", "x", "log(y)", ["y > 0"]),
    ("sqrt(x**2)", "x", "x/sqrt(x**2)", ["Ne(x, 0)"]),
    ("Max(x, y)", "x", "Piecewise((1, x > y), (0, True))", ["Ne(x, y)"]),
    ("x**y", "x", "y*x**(y - 1)", ["x > 0"]),
    ("tan(x)", "x", "1 + tan(x)**2", ["Ne(cos(x), 0)"]),
    ("log(Abs(x))", "x", "1/x", ["Ne(x, 0)"]),
    ("atanh(tanh(x))", "x", "1", []),
    ("floor(x)", "x", "0", ["Ne(floor(x), x)"]),
    ("gamma(x)", "x", "gamma(x)*digamma(x)", ["x > 0"]),
    ("erf(x)/2 + 1/2", "x", "exp(-x**2)/sqrt(pi)", []),
    ("x", "x", "exp(log(x))/x", ["x > 0"]),
    ("sqrt(2)*sqrt(3)*x - sqrt(6)*x", "x", "0", []),
]  # fmt: skip

FALSE = [
    ("Abs(x)", "x", "sign(x)", [], "the left and right derivatives differ", {"x": "0"}),
    ("Max(x, 0)", "x", "Piecewise((1, x >= 0), (0, True))", [], "the left and right derivatives differ", {"x": "0"}),
    ("sqrt(x)", "x", "1/(2*sqrt(x))", ["x >= 0"], "no value", {"x": "0"}),
    ("x*sqrt(x)", "x", "3*sqrt(x)/2", ["x >= 0"], "no value on the left", {"x": "0"}),
    ("asin(x)", "x", "1/sqrt(1 - x**2)", ["x >= -1", "x <= 1"], "no value", None),
    ("x*Abs(x)", "x", "2*x", [], "the values differ", None),
    ("floor(x)", "x", "0", [], "grows without bound", None),
    ("tan(x)", "x", "1/cos(x)**2", [], "no value", None),
    ("log(x)", "x", "1/x", [], "no value", None),
    ("sqrt(x)**2", "x", "1", ["x >= 0"], "no value on the left", {"x": "0"}),
    ("x/x", "x", "0", [], "no value", {"x": "0"}),
    ("sign(x)**2", "x", "0", [], "grows without bound", {"x": "0"}),
    ("sign(x**3)", "x", "0", [], "grows without bound", {"x": "0"}),
    ("Abs(exp(x) - 2)", "x", "sign(exp(x) - 2)*exp(x)", [], "left and right", {"x": "log(2)"}),
    ("Abs(exp(x) + x)", "x", "sign(exp(x) + x)*(exp(x) + 1)", [], "left and right", None),
    ("Abs(x**2 - 2)", "x", "2*x*sign(x**2 - 2)", [], "left and right", None),
    ("Abs(sin(x))", "x", "cos(x)*sign(sin(x))", [], "left and right", None),
    ("(x**2)**(1/3)", "x", "2*x/(3*(x**2)**(2/3))", [], "no value", {"x": "0"}),
    ("Piecewise((alpha*(exp(x) - 1), x <= 0), (x, True))", "x", "Piecewise((alpha*exp(x), x <= 0), (1, True))", [], "left and right", None),
    ("Abs(x - y)", "x", "sign(x - y)", [], "left and right", None),
    ("x**y", "x", "y*x**(y - 1)", ["x >= 0"], "no value", None),
    ("sqrt(x**2 + y**2)", "x", "Piecewise((0, Eq(x, 0) & Eq(y, 0)), (x/sqrt(x**2 + y**2), True))", [], "left and right", {"x": "0", "y": "0"}),
    ("exp(x)/(exp(x) + exp(y))", "y", "exp(x)/(exp(x) + exp(y))*exp(y)/(exp(x) + exp(y))", [], "the values differ", None),
    ("log(1 + exp(x))", "x", "Piecewise((1, x > 40), (exp(x)/(1 + exp(x)), True))", [], "the values differ", None),
    ("tanh(x)", "x", "1 - tanh(x)**2 + 1/10**30", [], "the values differ", None),
    ("x*y*z", "x", "x*y*z/x", ["Ne(y, 0)"], "no value", None),
    ("x - y*floor(x/y)", "x", "1", ["Ne(y, 0)"], "grows without bound", None),
    ("Min(Max(x, lo), hi)", "x", "Piecewise((1, (x >= lo) & (x <= hi)), (0, True))", ["lo < hi"], "left and right", None),
    ("exp(-((x - mu)/sigma)**2/2)", "x", "-(x - mu)/sigma*exp(-((x - mu)/sigma)**2/2)", ["sigma > 0"], "the values differ", None),
    ("gamma(x)", "x", "gamma(x)", ["x > 0"], "the values differ", None),
    ("exp(-Abs(x))*besseli(1, x)", "x", "Piecewise((3/2, Eq(x, 0)), (exp(-Abs(x))*(besseli(0, x) - besseli(1, x)*(sign(x) + 1/x)), True))", [], "the values differ", {"x": "0"}),
    ("zeta(s, x)", "x", "s*zeta(1 - s, x)", ["s > 1", "x > 0"], "the values differ", None),
    ("digamma(x)", "x", "polygamma(1, x)", [], "no value", None),
    ("Piecewise((x, x < 1000), (x + 1/10**20, True))", "x", "1", [], "grows without bound", {"x": "1000"}),
    ("Abs(x - 355/113)", "x", "sign(x - 355/113)", [], "left and right", {"x": "355/113"}),
    ("Piecewise((x**2, x < 3), (6*x - 9, True)) + Abs(y)", "y", "sign(y)", [], "left and right", None),
    ("Piecewise((1, Eq(x, 7/3)), (x, True))", "x", "Piecewise((0, Eq(x, 7/3)), (1, True))", [], "grows without bound", {"x": "7/3"}),
]  # fmt: skip


def claim(expr: str, wrt: str, derivative: str, assume: list[str], name: str = "c") -> Claim:
    """A claim from its texts."""
    return from_text({"name": name, "expr": expr, "wrt": wrt, "derivative": derivative, "assume": assume})


def question(expr: str, wrt: str, derivative: str, assume: list[str]) -> Question:
    """The question of a claim whose assumptions are one conjunction."""
    (found,) = questions(claim(expr, wrt, derivative, assume))
    return found
