"""Derivatives of surface Terms, as surface Terms, and the folding that keeps them small.

Untrusted: what comes out is certified by the prover or marked as not covered.  A conditional is
differentiated branch by branch, so the input must be a derivative that already says what holds at the
kinks, or a formula whose kinks are looked after elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from hasderiv.proofs.kernel.terms import ONE, ZERO, Term, add, app, cond, mul, neg, pi, postorder, power, rat, unary


def times(a: Term, b: Term) -> Term:
    """``a b`` with 0 and 1 folded away."""
    if a is ZERO or b is ZERO:
        return ZERO
    if a is ONE:
        return b
    if b is ONE:
        return a
    if a.op == "rat" and b.op == "rat":
        return rat(_number(a) * _number(b))
    if b.op == "rat":
        a, b = b, a
    if a.op == "rat" and b.op == "mul" and b.terms[0].op == "rat":
        return times(rat(_number(a) * _number(b.terms[0])), b.terms[1])
    if a.op == "rat" and b.op == "cond":
        relation, t, yes, no = b.args
        return choose(relation, t, times(a, yes), times(a, no))
    for one, other in ((a, b), (b, a)):
        # a factor times a selection of 0 or 1 goes into its arms: the arm not taken contributes nothing
        if one.op == "cond" and any(arm.op == "rat" for arm in one.terms[1:]):
            relation, t, yes, no = one.args
            return choose(relation, t, times(yes, other), times(no, other))
    return mul(a, b)


def plus(a: Term, b: Term) -> Term:
    """``a + b`` with 0 folded away."""
    if a is ZERO:
        return b
    if b is ZERO:
        return a
    if a.op == "rat" and b.op == "rat":
        return rat(_number(a) + _number(b))
    if a is b:
        return times(rat(2), a)
    return add(a, b)


def minus(a: Term, b: Term) -> Term:
    """``a - b``."""
    return plus(a, times(rat(-1), b))


def over(a: Term, b: Term) -> Term:
    """``a / b``."""
    return times(a, rat(1 / _number(b)) if b.op == "rat" and b is not ZERO else unary("inv", b))


def choose(relation: object, t: Term, a: Term, b: Term) -> Term:
    """A conditional, or its arm where both are one."""
    return a if a is b else cond(str(relation), t, a, b)


def _number(t: Term) -> Fraction:
    value = t.args[0]
    if not isinstance(value, Fraction):
        raise TypeError("not a rational")
    return value


def _pow(t: Term, n: int) -> Term:
    return t if n == 1 else power(t, n)


def _sign(u: Term) -> Term:
    return cond(">", u, ONE, cond(">", neg(u), rat(-1), ZERO))


def _inverse_root(t: Term) -> Term:
    return unary("inv", unary("sqrt", t))


def _log_of(n: int) -> Term:
    return unary("log", rat(n))


_HALF: Final = rat(Fraction(1, 2))
_SQUARE: Final = lambda u: power(u, 2)  # noqa: E731
_ROOT_PI: Final = unary("sqrt", pi())

# name -> the derivative of the outer function at u, for one argument
RULES: Final[dict[str, Callable[[Term], Term]]] = {
    "exp": lambda u: unary("exp", u),
    "log": lambda u: unary("inv", u),
    "sin": lambda u: unary("cos", u),
    "cos": lambda u: neg(unary("sin", u)),
    "atan": lambda u: unary("inv", add(ONE, _SQUARE(u))),
    "erf": lambda u: times(over(rat(2), _ROOT_PI), unary("exp", neg(_SQUARE(u)))),
    "erfc": lambda u: times(over(rat(-2), _ROOT_PI), unary("exp", neg(_SQUARE(u)))),
    "sqrt": lambda u: times(_HALF, _inverse_root(u)),
    "inv": lambda u: neg(_SQUARE(unary("inv", u))),
    "tanh": lambda u: minus(ONE, _SQUARE(app("tanh", u))),
    "sech_squared": lambda u: times(rat(-2), mul(app("tanh", u), app("sech_squared", u))),
    "sinh": lambda u: app("cosh", u),
    "cosh": lambda u: app("sinh", u),
    "tan": lambda u: add(ONE, _SQUARE(app("tan", u))),
    "asin": lambda u: _inverse_root(minus(ONE, _SQUARE(u))),
    "acos": lambda u: neg(_inverse_root(minus(ONE, _SQUARE(u)))),
    "asinh": lambda u: _inverse_root(add(ONE, _SQUARE(u))),
    "acosh": lambda u: _inverse_root(add(_SQUARE(u), rat(-1))),
    "atanh": lambda u: unary("inv", minus(ONE, _SQUARE(u))),
    "expm1": lambda u: unary("exp", u),
    "log1p": lambda u: unary("inv", add(ONE, u)),
    "exp2": lambda u: times(_log_of(2), app("exp2", u)),
    "log2": lambda u: unary("inv", mul(_log_of(2), u)),
    "log10": lambda u: unary("inv", mul(_log_of(10), u)),
    "sigmoid": lambda u: mul(app("sigmoid", u), app("sigmoid", neg(u))),
    "softplus": lambda u: app("sigmoid", u),
    "cbrt": lambda u: over(rat(Fraction(1, 3)), _SQUARE(app("cbrt", u))),
    "rsqrt": lambda u: times(rat(Fraction(-1, 2)), over(_inverse_root(u), u)),
    "abs": _sign,
}
CONSTANT_STEPS: Final = frozenset({"floor", "ceil", "ceiling", "trunc", "round", "rint", "sign"})

BINARY: Final[dict[str, Callable[[Term, Term], tuple[Term, Term]]]] = {
    "hypot": lambda x, y: (over(x, app("hypot", x, y)), over(y, app("hypot", x, y))),
    "atan2": lambda y, x: (over(x, add(_SQUARE(x), _SQUARE(y))), over(neg(y), add(_SQUARE(x), _SQUARE(y)))),
    "logaddexp": lambda x, y: (app("sigmoid", minus(x, y)), app("sigmoid", minus(y, x))),
    "pow": lambda x, y: (mul(y, app("pow", x, add(y, rat(-1)))), mul(app("pow", x, y), unary("log", x))),
    "max": lambda x, y: (
        cond("=", minus(x, y), _HALF, cond(">", minus(x, y), ONE, ZERO)),
        cond("=", minus(x, y), _HALF, cond(">", minus(x, y), ZERO, ONE)),
    ),
    "min": lambda x, y: (
        cond("=", minus(x, y), _HALF, cond(">", minus(x, y), ZERO, ONE)),
        cond("=", minus(x, y), _HALF, cond(">", minus(x, y), ONE, ZERO)),
    ),
    "copysign": lambda x, y: (
        over(app("copysign", x, y), x),
        ZERO,
    ),
    "fmod": lambda x, y: (ONE, neg(app("trunc", over(x, y)))),
    "remainder": lambda x, y: (ONE, neg(unary("floor", over(x, y)))),
}


def outer_derivatives(name: str, *args: Term) -> tuple[Term, ...] | None:
    """The partial derivatives of the function ``name`` at ``args``, or None where there is no rule."""
    if name in CONSTANT_STEPS:
        return (ZERO,)
    if name in RULES and len(args) == 1:
        return (RULES[name](args[0]),)
    if name in BINARY and len(args) == 2:
        return BINARY[name](*args)
    return None


def is_complement(a: Term, b: Term) -> bool:
    """Whether ``a`` is ``sigmoid(u)`` and ``b`` is ``1 - sigmoid(u)`` or ``sigmoid(-u)``."""
    if a.op != "app" or a.args[0] != "sigmoid":
        return False
    if b.op == "add":
        return any(p is ONE and q is neg(a) for p, q in (b.terms, b.terms[::-1]))
    return b.op == "app" and b.args[0] == "sigmoid" and b.terms[0] is neg(a.terms[0])


def _rest_of_square(u: Term, t: Term) -> Term | None:
    """``e`` where ``t`` is ``1/hypot(u, v)`` (then ``v**2``) or ``1/sqrt(u**2 + e)``."""
    if t.op != "inv":
        return None
    root = t.terms[0]
    if root.op == "app" and root.args[0] == "hypot" and u in root.terms:
        return power(root.terms[1] if root.terms[0] is u else root.terms[0], 2)
    if root.op == "sqrt" and root.terms[0].op == "add":
        for p, q in (root.terms[0].terms, root.terms[0].terms[::-1]):
            if p is power(u, 2):
                return q
    return None


def differentiate(t: Term, variable: str, unfold: Callable[[Term], Term] | None = None) -> Term:
    """The partial derivative of ``t``.  ``unfold`` is asked to define a function that has no rule here."""
    derivative: dict[Term, Term] = {}
    for s in postorder(t):
        derivative[s] = _step(s, variable, derivative, unfold)
    return derivative[t]


def _step(s: Term, variable: str, d: dict[Term, Term], unfold: Callable[[Term], Term] | None) -> Term:
    if variable not in s.free:
        return ZERO
    if s.op == "var":
        return ONE
    if s.op == "add":
        return plus(d[s.terms[0]], d[s.terms[1]])
    if s.op == "mul":
        a, b = s.terms
        for one, other in ((a, b), (b, a)):
            if is_complement(one, other):
                # s(1-s): the slope -s(1-s) tanh(u/2) has its root at 0 without a difference
                u = one.terms[0]
                slope = mul(mul(one, app("sigmoid", neg(u))), app("tanh", times(_HALF, u)))
                return times(times(rat(-1), slope), differentiate(u, variable, unfold))
            square = _rest_of_square(one, other)
            if square is not None:
                # u/B with B^2 = u^2 + e: (e du - u de/2)/B^3, where du/B - u^2 du/B^3 would cancel
                de = differentiate(square, variable, unfold)
                above = minus(times(square, d[one]), times(_HALF, times(one, de)))
                return times(above, power(other, 3))
        return plus(times(d[a], b), times(a, d[b]))
    if s.op == "pow":
        n = s.args[1]
        if not isinstance(n, int):
            raise TypeError("an exponent that is no integer")
        return times(times(rat(n), _pow(s.terms[0], n - 1)), d[s.terms[0]])
    if s.op == "cond":
        return choose(s.args[0], s.terms[0], d[s.terms[1]], d[s.terms[2]])
    if s.op == "inv":
        return times(neg(_SQUARE(s)), d[s.terms[0]])
    name = str(s.args[0]) if s.op == "app" else s.op
    outer = outer_derivatives(name, *s.terms)
    if outer is None:
        wider = unfold(s) if unfold is not None else s
        if wider is s:
            raise ValueError(f"no rule to differentiate {name}")
        return differentiate(wider, variable, unfold)
    total = ZERO
    for factor, inner in zip(outer, s.terms, strict=True):
        total = plus(total, times(factor, d[inner]))
    return total
