"""Both ledgers, literally, and each entry against 40 digits of mpmath.

A ledger entry is believed, so it is checked here in three ways: the list of names cannot change unseen, every
instance is evaluated as the total functions it speaks of, and every derivative is compared with a numerical one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hasderiv.proofs.kernel.cited import FUNCTIONS, IDENTITIES
from hasderiv.proofs.kernel.facts import DERIVATIVES, LEDGER, OBLIGATION
from hasderiv.proofs.kernel.sums import SUMS
from hasderiv.proofs.kernel.terms import UNARY, Literal, Term, app, postorder, rat, sub, unary, var

from .kit import given, lit, literal_of, mul, refused, rule, x, y

CONTEXT = mpmath.mp.clone()
CONTEXT.dps = 60
TINY = CONTEXT.mpf(10) ** -35


def test_the_ledger_of_primitive_facts() -> None:
    assert sorted(LEDGER) == [
        "atan_cos",
        "atan_high",
        "atan_low",
        "atan_tan",
        "cos_add",
        "cos_even",
        "cos_taylor",
        "cos_zero",
        "erf_high",
        "erf_odd",
        "erf_pos",
        "exp_add",
        "exp_log",
        "exp_pos",
        "exp_taylor",
        "exp_zero",
        "floor_high",
        "floor_low",
        "inv",
        "log_exp",
        "max_upper",
        "pi_high",
        "pi_low",
        "sin_add",
        "sin_cos",
        "sin_half_pi",
        "sin_odd",
        "sin_pos",
        "sin_taylor",
        "sqrt_nonneg",
        "sqrt_square",
        "sum_count",
        "sum_delta",
        "sum_linear",
        "sum_swap",
        "tan_atan",
    ]
    assert set(DERIVATIVES) == set(UNARY)
    assert OBLIGATION == {"inv": "!=", "log": ">", "sqrt": ">="}


def test_the_ledger_of_cited_facts() -> None:
    assert {name: entry.source for name, entry in FUNCTIONS.items()} == {
        "gamma": "DLMF 5.2.2",
        "loggamma": "DLMF 5.2.2",
        "digamma": "DLMF 5.15",
        "polygamma": "DLMF 5.15",
        "beta": "DLMF 5.12.1, 5.2.2",
        "lowergamma": "DLMF 8.8.13",
        "uppergamma": "DLMF 8.8.13",
        "zeta": "DLMF 25.11.17",
        "besselj": "DLMF 10.6.1",
        "bessely": "DLMF 10.6.1",
        "besseli": "DLMF 10.29.1",
        "besselk": "DLMF 10.29.1",
        "erfinv": "DLMF 7.17.1",
        "erfcinv": "DLMF 7.17.1",
    }
    assert {name: entry.source for name, entry in IDENTITIES.items()} == {
        "gamma_pos": "DLMF 5.2.1",
        "beta_pos": "DLMF 5.12.1",
        "gamma_exp": "DLMF 5.2.1",
        "beta_gamma": "DLMF 5.12.1",
        "digamma_step": "DLMF 5.5.2",
        "besselj_step": "DLMF 10.6.1",
        "bessely_step": "DLMF 10.6.1",
        "besseli_step": "DLMF 10.29.1",
        "besselj_minus": "DLMF 10.4.1",
        "bessely_minus": "DLMF 10.4.1",
        "besseli_minus": "DLMF 10.27.1",
        "besselk_minus": "DLMF 10.27.3",
        "besseli_zero_0": "DLMF 10.25.2",
        "besseli_zero_1": "DLMF 10.25.2",
        "besseli_zero_2": "DLMF 10.25.2",
        "besselj_zero_0": "DLMF 10.2.2",
        "besselj_zero_1": "DLMF 10.2.2",
        "besselj_zero_2": "DLMF 10.2.2",
    }


def _erfcinv(u: Any) -> Any:
    return CONTEXT.erfinv(1 - u)


def _bessel_second(kind: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Y and K are real for x > 0 only; as total functions they are 0 elsewhere."""
    return lambda order, u: kind(order, u) if u > 0 else CONTEXT.mpf(0)


SPECIAL: dict[str, Callable[..., Any]] = {
    "gamma": CONTEXT.gamma,
    "loggamma": CONTEXT.loggamma,
    "digamma": CONTEXT.digamma,
    "polygamma": lambda order, u: CONTEXT.psi(int(order), u),
    "beta": CONTEXT.beta,
    "lowergamma": lambda a, u: CONTEXT.gammainc(a, 0, u),
    "uppergamma": lambda a, u: CONTEXT.gammainc(a, u),
    "zeta": CONTEXT.zeta,
    "besselj": CONTEXT.besselj,
    "bessely": _bessel_second(CONTEXT.bessely),
    "besseli": CONTEXT.besseli,
    "besselk": _bessel_second(CONTEXT.besselk),
    "erfinv": CONTEXT.erfinv,
    "erfcinv": _erfcinv,
}


def special(name: str, u: list[Any]) -> Any:
    """A cited function; 0 at its poles, and for a name that nobody knows."""
    try:
        return CONTEXT.re(SPECIAL[name](*u)) if name in SPECIAL else CONTEXT.mpf(0)
    except ValueError:
        return CONTEXT.mpf(0)


def value(t: Term, at: dict[str, Any]) -> Any:
    """The value of a term without indices as a total function, to 60 digits."""
    done: dict[Term, Any] = {}
    for s in postorder(t):
        u = [done[a] for a in s.terms]
        if s.op == "var":
            done[s] = CONTEXT.mpf(at[str(s.args[0])])
        elif s.op == "cond":
            done[s] = u[1] if true(str(s.args[0]), u[0]) else u[2]
        else:
            done[s] = operation(s, u)
    return done[t]


def operation(s: Term, u: list[Any]) -> Any:
    """What the operation at the top of a term makes of the values ``u`` of its operands."""
    m = CONTEXT
    match s.op:
        case "rat":
            q = s.args[0]
            assert isinstance(q, Fraction)
            return m.mpf(q.numerator) / q.denominator
        case "pi":
            return +m.pi
        case "add":
            return u[0] + u[1]
        case "mul":
            return u[0] * u[1]
        case "pow":
            return u[0] ** s.args[1]
        case "inv":
            return 1 / u[0] if u[0] else m.mpf(0)
        case "log":
            return m.log(u[0]) if u[0] > 0 else m.mpf(0)
        case "sqrt":
            return m.sqrt(u[0]) if u[0] > 0 else m.mpf(0)
        case "floor" | "exp" | "sin" | "cos" | "atan" | "erf":
            return getattr(m, s.op)(u[0])
    assert s.op == "app", s.op
    return special(str(s.args[0]), u)


def true(relation: str, v: Any) -> bool:
    """Whether ``v relation 0``, rounding errors of equations aside."""
    return {">": v > 0, ">=": v >= -TINY, "=": abs(v) <= TINY * 100, "!=": v != 0}[relation]


POINTS = [CONTEXT.mpf(p) for p in ("-7.25", "-3", "-1", "-0.6", "-1e-6", "0", "1e-6", "0.3", "1", "1.5", "2", "5.75")]


def check(needs: list[Literal], conclusion: Literal, at: dict[str, Any]) -> bool:
    """Check one instance at one point; returns whether its premises held there."""
    if not all(true(k.relation, value(k.term, at)) for k in needs):
        return False
    v = value(conclusion.term, at)
    assert true(conclusion.relation, v), (conclusion.relation, v, at)
    return True


@pytest.mark.parametrize("name", sorted(set(LEDGER) - set(SUMS)))
def test_primitive_facts_hold_everywhere(name: str) -> None:
    entry = LEDGER[name]
    orders = [[k] for k in (1, 2, 3, 4, 9, 21) if name != "exp_taylor" or k % 2] if entry.order else [[]]
    variables = [x, y][: entry.arity]
    held = 0
    for order in orders:
        needs, conclusion = entry.instance(*order, *variables)
        for point in itertools.product(POINTS, repeat=entry.arity):
            at = dict(zip("xy", point, strict=False))
            if name == "tan_atan":
                at["y"] = CONTEXT.tan(at["x"])
            held += check(needs, conclusion, at)
    assert held >= (4 if entry.arity else 1), "the premises hold somewhere"


@pytest.mark.parametrize("name", sorted(IDENTITIES))
def test_cited_identities_hold(name: str) -> None:
    entry = IDENTITIES[name]
    points = [p for p in POINTS if p == 0 or abs(p) > 0.1]
    names = "xy"[: entry.arity]
    needs, conclusion = entry.instance(*(var(v) for v in names))
    held = sum(
        check(needs, conclusion, dict(zip(names, point, strict=True)))
        for point in itertools.product(points, repeat=entry.arity)
    )
    assert held >= (4 if entry.arity else 1)


@pytest.mark.parametrize("op", sorted(DERIVATIVES))
def test_derivatives_of_the_primitive_functions(op: str) -> None:
    relation, slope = DERIVATIVES[op]
    f = unary(op, x)
    compared = 0
    for p in POINTS:
        at = {"x": p}
        operand = sub(x, f) if op == "floor" else x
        if relation is None or true(relation, value(operand, at)):
            step = CONTEXT.mpf(10) ** -12
            numeric = (value(f, {"x": p + step}) - value(f, {"x": p - step})) / (2 * step)
            assert abs(numeric - value(slope(x), at)) <= CONTEXT.mpf(10) ** -10 * (1 + abs(numeric))
            compared += 1
    assert compared >= 5


CITED_POINTS = {
    "polygamma": [(n, p) for n in (0, 1, 2) for p in ("0.4", "1.5", "6")],
    "beta": [(a, b) for a in ("0.4", "2.5") for b in ("0.7", "3")],
    "lowergamma": [(a, p) for a in ("0.4", "2.5") for p in ("0.3", "2.2")],
    "uppergamma": [(a, p) for a in ("0.4", "2.5") for p in ("0.3", "2.2")],
    "zeta": [(s, p) for s in ("1.5", "3") for p in ("0.4", "2.2")],
    "besselj": [(n, p) for n in (-2, 0, 3) for p in ("-1.5", "0.4", "2.2")],
    "bessely": [(n, p) for n in ("-1.5", 0, "2.3") for p in ("0.4", "2.2")],
    "besseli": [(n, p) for n in (-2, 0, 3) for p in ("-1.5", "0.4", "2.2")],
    "besselk": [(n, p) for n in ("-1.5", 0, "2.3") for p in ("0.4", "2.2")],
    "erfinv": [("-0.7",), ("0.1",), ("0.9",)],
    "erfcinv": [("0.3",), ("1",), ("1.7",)],
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_derivatives_that_are_cited(name: str) -> None:
    entry = FUNCTIONS[name]
    names = ("a", "x")[-entry.arity :]
    t = app(name, *(var(v) for v in names))
    assert len(entry.partials) == entry.arity
    for point in CITED_POINTS.get(name, [("0.4",), ("1.5",), ("6",)]):
        at = dict(zip(names, map(CONTEXT.mpf, point), strict=True))
        assert all(true(k.relation, value(k.term, at)) for k in entry.domain(*t.terms))
        for moving, partial in zip(names, entry.partials, strict=True):
            if partial is not None:
                step = CONTEXT.mpf(10) ** -12
                up, down = (value(t, {**at, moving: at[moving] + k * step}) for k in (1, -1))
                numeric = (up - down) / (2 * step)
                assert abs(numeric - value(partial(*t.terms), at)) <= CONTEXT.mpf(10) ** -10 * (1 + abs(numeric))


def test_a_cited_domain_is_open_in_the_places_that_may_move() -> None:
    for name, entry in FUNCTIONS.items():
        names = ("a", "x")[-entry.arity :]
        for k in entry.domain(*(var(v) for v in names)):
            moving = [v for v, partial in zip(names, entry.partials, strict=True) if partial is not None]
            if not k.term.free.isdisjoint(moving):
                assert k.relation == ">", name


def test_fact() -> None:
    th = rule("fact", "exp_log", [], [x], [given(">", x)])
    assert th.hyps == {lit(">", x)} and literal_of(th) == lit("=", sub(unary("exp", unary("log", x)), x))
    refused("no entry named 'exp_lag'", "fact", "exp_lag", [], [x], [])
    refused("premises are not those", "fact", "exp_log", [], [x], [])
    refused("premises are not those", "fact", "exp_log", [], [x], [given("!=", x)])
    refused("premises are not those", "fact", "exp_pos", [], [x], [given(">", x)])
    refused("wrong number of arguments", "fact", "exp_log", [], [x, y], [])
    refused("wrong number of arguments", "fact", "exp_log", [3], [x], [])
    refused("wrong number of arguments", "fact", "exp_taylor", [], [x], [])
    refused("the order must be odd", "fact", "exp_taylor", [2], [x], [])
    refused("the order must be from 1 to 60", "fact", "sin_taylor", [0], [x], [given(">=", x)])
    refused("the order must be from 1 to 60", "fact", "cos_taylor", [61], [x], [])


def test_cite() -> None:
    th = rule("cite", "gamma_pos", [x], [given(">", x)])
    assert th.cites == {"gamma_pos: DLMF 5.2.1"} and literal_of(th) == lit(">", app("gamma", x))
    used = rule("arith", lit(">", mul(rat(2), app("gamma", x))), [(Fraction(2), [th], [])], [])
    assert used.cites == th.cites, "a theorem names every assumption that it rests on"
    refused("premises are not those", "cite", "gamma_pos", [x], [given("!=", x)])
    refused("wrong number of arguments", "cite", "gamma_pos", [], [])
    refused("no identity named 'gamma_neg'", "cite", "gamma_neg", [x], [])
