"""What the kernel tests share: short names for terms, and the few proofs that every test needs."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs.kernel.certificate import RULES
from hasderiv.proofs.kernel.terms import (
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    cond,
    mul,
    neg,
    power,
    rat,
    sub,
    tangent,
    unary,
    var,
)
from hasderiv.proofs.kernel.theorems import Holds, Theorem
from hasderiv.proofs.prover.recorder import Recorder

RECORDER = Recorder()

x, y, w, n, eps, h, alpha = (var(name) for name in ("x", "y", "w", "n", "eps", "h", "alpha"))
dx, dy, dw = tangent("x"), tangent("y"), tangent("w")
X, XY = frozenset({"x"}), frozenset({"x", "y"})
relu = cond(">", x, x, ZERO)
step = cond(">", x, ONE, ZERO)
magnitude = cond(">=", x, x, neg(x))
cube = power(x, 3)


def rule(name: str, *args: object) -> Theorem:
    """Apply a rule by its name in certificates."""
    return RECORDER.rule(name, *args)


def refused(match: str, name: str, *args: object) -> None:
    """The rule refuses these arguments with a message that contains ``match``."""
    with pytest.raises(KernelError) as caught:
        RULES[name][0](*args)
    assert match in str(caught.value)


def lit(relation: str, t: Term) -> Literal:
    return Literal(relation, t)


def given(relation: str, t: Term) -> Theorem:
    """``t R 0 |- t R 0``."""
    return rule("assume", lit(relation, t))


def arith(relation: str, goal: Term, *products: object, equations: object = ()) -> Theorem:
    """``goal R 0`` from products ``(q, factors, squares)`` and equations ``(cofactor, theorem)``."""
    rows = [(Fraction(q), list(fs), list(ss)) for q, fs, ss in products]  # type: ignore[misc, has-type]
    return rule("arith", lit(relation, goal), rows, list(equations))  # type: ignore[call-overload]


def number(relation: str, q: int | Fraction) -> Theorem:
    """``q R 0`` for a rational number."""
    if relation == "=":
        return arith("=", rat(q))
    return arith(relation, rat(q), (q, [], [])) if q else arith(relation, rat(q))


def same(a: Term, b: Term, *equations: tuple[Term, Theorem]) -> Theorem:
    """``a - b = 0`` by arithmetic."""
    return arith("=", sub(a, b), equations=equations)


def local(t: Term, *sides: Theorem, vary: frozenset[str] = X) -> Theorem:
    return rule("local", vary, t, list(sides))


def defined(t: Term, *sides: Theorem) -> Theorem:
    return rule("defined", t, list(sides))


def derivative(t: Term, slope: Term, *sides: Theorem) -> Theorem:
    """``t`` has derivative ``slope dx``, the two forms being equal by arithmetic."""
    th = local(t, *sides)
    rewritten = rule("rewrite", th, same(th.conclusion.derivative, mul(slope, dx)))  # type: ignore[union-attr, arg-type]
    return rule("has_deriv", rewritten, defined(mul(slope, dx), *sides))


def branch(t: Term, decided: Theorem) -> Theorem:
    """``(a if t R 0 else b) - arm = 0`` where ``decided`` says which arm."""
    guard, a, b = t.terms
    return rule("conditional", lit(str(t.args[0]), guard), a, b, decided)


def side(t: Term, arm: Term, sign: int, slope: Term) -> Theorem:
    """``x = 0 |- t``, a conditional on ``x > 0``, has the one-sided derivative ``slope`` of its ``arm`` there."""
    here = given("=", x)
    above = given(">", x) if sign > 0 else arith(">=", neg(x), (1, [given(">", neg(x))], []))
    no = arith(">=", neg(x), equations=[(rat(-1), here)])
    value = branch(t, no)
    agree = same(t, arm, (ONE, value), *(() if arm is ZERO else ((rat(-1), here),)))
    support = [local(x), here] if sign > 0 else [local(neg(x)), arith("=", neg(x), equations=[(rat(-1), here)])]
    support.append(number(">", 1))
    support.append(arith(">", neg(rat(-1)), (1, [], [])))
    return rule(
        "side_replace",
        local(arm),
        "x",
        sign,
        same(t, arm, (ONE, branch(t, above))),
        defined(t, above),
        agree,
        defined(t, no),
        support,
    )


def literal_of(th: Theorem) -> Literal:
    assert type(th.conclusion) is Holds
    return th.conclusion.literal


def smooth_side(t: Term, sign: int) -> Theorem:
    """The one-sided derivative in ``x`` of a differentiable term, from that term itself."""
    return rule("side_replace", local(t), "x", sign, same(t, t), defined(t), same(t, t), defined(t), [])


def root_premises(name: str) -> tuple[Term, Term, Term, Theorem, Theorem, Theorem, Theorem]:
    """Of ``r = sqrt(v)`` and ``s = sqrt(v + h)`` at ``v = 0``, ``h > 0``: the three terms, and
    ``v = 0``, ``r = 0``, ``v + h >= 0``, ``s^2 = v + h``."""
    v = var(name)
    at = given("=", v)
    moved = add(v, mul(ONE, h))
    r, s = unary("sqrt", v), unary("sqrt", moved)
    square = rule("fact", "sqrt_square", [], [v], [arith(">=", v, equations=[(ONE, at)])])
    clash = arith(">", ZERO, (1, [given(">", r)] * 2, []), equations=[(rat(-1), square), (rat(-1), at)])
    low = rule("cases", lit(">", r), clash, given(">=", neg(r)))
    r_zero = RECORDER.between(rule("fact", "sqrt_nonneg", [], [v], []), low)
    inside = arith(">=", moved, (1, [given(">", h)], []), equations=[(ONE, at)])
    return v, r, s, at, r_zero, inside, rule("fact", "sqrt_square", [], [moved], [inside])


def root_at_zero(name: str) -> Theorem:
    """``v = 0 |- sqrt(v)`` has right derivative +oo, by the definition with delta = 1/(1 + eps^2)."""
    return rule("side_limit", *root_limit(name))


def root_limit(name: str) -> list[object]:
    """The arguments of the definition for the root at 0."""
    v, r, s, at, r_zero, inside, square = root_premises(name)
    base = add(ONE, power(eps, 2))
    delta = unary("inv", base)
    positive = arith(">", base, (1, [], []), (1, [], [eps]))
    unit = rule("fact", "inv", [], [base], [arith("!=", base, (1, [positive], []))])
    under = arith(">=", rat(-1), (1, [given(">=", neg(delta)), positive], []), equations=[(ONE, unit)])
    room = rule("cases", lit(">", delta), given(">", delta), under)
    gap = sub(ONE, mul(eps, s))
    over = given(">=", neg(gap))
    clash = arith(
        ">",
        ZERO,
        (1, [over, over], []),
        (2, [over], []),
        (1, [given(">", sub(delta, h)), positive], []),
        (1, [given(">", h)], []),
        equations=[(rat(-1), unit), (neg(power(eps, 2)), square), (neg(power(eps, 2)), at)],
    )
    less = rule("cases", lit(">", gap), given(">", gap), clash)
    goal = sub(mul(ONE, sub(s, r)), mul(eps, h))
    nonneg = rule("fact", "sqrt_nonneg", [], [s.terms[0]], [])
    bound = arith(">=", goal, (1, [nonneg, less], []), equations=[(eps, square), (rat(-1), r_zero), (eps, at)])
    here = defined(r, arith(">=", v, equations=[(ONE, at)]))
    return [r, name, 1, "+oo", delta, [bound], room, defined(s, inside), here]


def root_continuous() -> Theorem:
    """``x = 0 |- sqrt(x)`` has right derivative +oo and is continuous from the right, with delta = eps^2."""
    return rule("side_continuous", root_at_zero("x"), *continuity_of_root())


def continuity_of_root() -> list[object]:
    """The further arguments of that rule."""
    _, r, s, at, r_zero, inside, square = root_premises("x")
    small = given(">", eps)
    delta = power(eps, 2)
    over = given(">", neg(sub(eps, s)))
    products = (1, [over, over], []), (2, [small, over], []), (1, [given(">", sub(delta, h))], [])
    clash = arith(">", ZERO, *products, equations=[(rat(-1), square), (rat(-1), at)])
    upper = rule("cases", lit(">=", sub(eps, s)), given(">=", sub(eps, s)), clash)
    change = sub(s, r)
    first = arith(">=", sub(eps, change), (1, [upper], []), equations=[(ONE, r_zero)])
    nonneg = rule("fact", "sqrt_nonneg", [], [s.terms[0]], [])
    second = arith(">=", add(eps, change), (1, [small], []), (1, [nonneg], []), equations=[(rat(-1), r_zero)])
    return [delta, [first, second], arith(">", delta, (1, [small, small], [])), defined(s, inside)]
