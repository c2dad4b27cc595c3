"""One-sided derivatives and their absence, at points given by an equation."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel.terms import Term
from hasderiv.proofs.kernel.theorems import Local, NotDifferentiable
from hasderiv.proofs.language.printer import show
from hasderiv.proofs.prover.derive import differentiable
from hasderiv.proofs.prover.onesided import not_differentiable

from .asking import context, replayed, term

NONE = [
    ("Abs(x)", ["Eq(x, 0)"], "corner", "-1", "1"),
    ("Max(-x, 0)", ["Eq(x, 0)"], "corner", "-1", "0"),
    ("Min(Max(x, lo), hi)", ["Eq(x, lo)", "lo < hi"], "corner", "0", "1"),
    ("sign(x)", ["Eq(x, 0)"], "jump", "+oo", "+oo"),
    ("sign(x**3)", ["Eq(x, 0)"], "jump", "+oo", "+oo"),
    ("floor(x)", ["Eq(floor(x), x)"], "jump", "+oo", "0"),
    ("x - floor(x)", ["Eq(floor(x), x)"], "jump", "-oo", "1"),
    ("sqrt(x**2)", ["Eq(x, 0)"], "corner", "-1", "1"),
    ("elu(x, alpha=2)", ["Eq(x, 0)"], "corner", "2", "1"),
    ("Max(x, y)", ["Eq(x, y)"], "corner", "0", "1"),
    ("sqrt(x)", ["Eq(x, 0)"], "boundary", None, "+oo"),
    ("asin(x)", ["Eq(x, 1)"], "boundary", "+oo", None),
    ("cbrt(x)", ["Eq(x, 0)"], "vertical tangent", "+oo", "+oo"),
    ("Abs(sin(x))", ["Eq(sin(x), 0)", "cos(x) > 0"], "corner", "-cos(x)", "cos(x)"),
    # Guards and roots that are settled by what an operand is on that side, by a factor of it, or by the sine.
    ("tan(hardshrink(x))", ["Eq(x, 1/2)"], "jump", "0", "+oo"),
    ("acos(1 - x**2)", ["Eq(x, 0)"], "corner", "-sqrt(2)", "sqrt(2)"),
    ("acos(cos(x))", ["Eq(cos(x), -1)"], "corner", "1", "-1"),
    ("asin(2*x/(1 + x**2))", ["Eq(x, 1)"], "corner", "1", "-1"),
    ("acosh(cos(x))", ["Eq(cos(x), 1)"], "boundary", None, None),
    # The operand of a floor jumps, and what it is on that side is known.
    ("floor(2*hardshrink(x) + 1/2)", ["Eq(x, 1/2)"], "jump", "0", "+oo"),
    # Powers of which a guard is decided close to the point, and cosines of powers.
    ("leaky_relu(relu6(sqrt_clamp(x)))", ["Eq(x, 0)"], "vertical tangent", "0", "+oo"),
    ("cos(sqrt(abs(x)))", ["Eq(x, 0)"], "corner", "1/2", "-1/2"),
    ("cos(cbrt(x))", ["Eq(x, 0)"], "vertical tangent", "+oo", "-oo"),
    ("softsign(cbrt(x))", ["Eq(x, 0)"], "vertical tangent", "+oo", "+oo"),
]
SMOOTH = [
    ("x*Abs(x)", ["Eq(x, 0)"]),
    ("Min(x, 0) - log(1 + exp(-Abs(x)))", ["Eq(x, 0)"]),
    ("Piecewise((1, Eq(x, 0)), (sin(pi*x)/(pi*x), True))", ["Eq(x, 0)"]),
    ("elu(x)", ["Eq(x, 0)"]),
    ("cos(cbrt(x**2))", ["Eq(x, 0)"]),
    ("Piecewise((0, Eq(x, 0)), (x*log(y), True))", ["Eq(x, 0)", "y > 0"]),
]


def shown(slope: Term | str | None) -> str | None:
    return show(slope) if isinstance(slope, Term) else slope


@pytest.mark.parametrize(("text", "conditions", "reason", "left", "right"), NONE)
def test_no_derivative(text: str, conditions: list[str], reason: str, left: str | None, right: str | None) -> None:
    t = term(text)
    ctx = context(conditions, t)
    theorem = not_differentiable(ctx, "x", t)
    assert theorem is not None
    c = replayed(ctx, theorem).conclusion
    assert isinstance(c, NotDifferentiable)
    assert (c.reason, shown(c.left), shown(c.right)) == (reason, left, right)


@pytest.mark.parametrize(("text", "conditions"), SMOOTH)
def test_a_derivative_at_a_seam(text: str, conditions: list[str]) -> None:
    t = term(text)
    ctx = context(conditions, t)
    c = replayed(ctx, differentiable(ctx, "x", t)).conclusion
    assert isinstance(c, Local) and c.derivative is not None
