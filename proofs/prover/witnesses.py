"""Points of pieces: rational ones inside an open piece, closed terms such as ``(exp(1) - 1)^2`` on an equation.

An equation is solved step by step, from the outermost operation to the symbol; floating point chooses among the
branches.  What comes out is only a suggestion: every literal is then proved at the point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..kernel.algebra import Polynomial
from ..kernel.terms import (
    ONE,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    neg,
    pi,
    postorder,
    power,
    rat,
    rebuild,
    sub,
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Theorem
from .aiming import aimed
from .context import Context
from .factors import split_polynomial
from .normal import TooLarge
from .polynomial import UNIT, atoms, content, poly, term
from .recorder import Recorder
from .roots import root_witness
from .sampling import Point, truth, value

CONSTANTS = [rat(0)] + [
    mul(rat(Fraction(k, 2)), pi()) if abs(k) != 2 else (pi() if k > 0 else neg(pi()))
    for k in (1, -1, 2, -2, 3, -3, 4, -4)
]
_DENOMINATORS = (1, 2, 4, 10, 64, 1000, 10**5, 10**8)
_DEPTH = 24
_TRIED = 12


def witness(R: Recorder, names: Sequence[str], literals: Sequence[Literal]) -> Theorem | None:
    """``Somewhere(literals)``: at a point given by closed terms, else at a zero between two points."""
    ctx = Context(R, literals, names)
    ordered = sorted(ctx.samples, key=lambda p: sum(abs(p[var(n)]) + (p[var(n)] % 0.5 != 0) * 5 for n in ctx.names))
    found = _near(ctx, literals, ordered)
    if found is None and len(ctx.names) == 1:
        (x,) = ctx.names
        found = _near(ctx, literals, [{var(x): v} for v in aimed(literals, x)])
    return found


def _near(ctx: Context, literals: Sequence[Literal], samples: Sequence[Point]) -> Theorem | None:
    """The piece holds at a point close to one of the samples."""
    R = ctx.R
    tried: set[tuple[Term, ...]] = set()
    for point in _suggestions(ctx, samples):
        key = tuple(point.values())
        if key in tried or len(tried) > _TRIED:
            continue
        tried.add(key)
        proofs = _proved(R, literals, point)
        if proofs is not None:
            return R.rule("point", tuple(literals), point, proofs)
    for x in ctx.names:
        places = dict.fromkeys(tuple(float(f"{sample[var(n)]:.6g}") for n in ctx.names) for sample in samples[:_TRIED])
        for place in places:
            sample = {var(n): v for n, v in zip(ctx.names, place, strict=True)}
            others = {m: closed_form(sample[var(m)]) for m in ctx.names if m != x}
            th = root_witness(R, x, literals, others, [sample])
            if th is not None:
                return th
    return None


def _proved(R: Recorder, literals: Sequence[Literal], point: dict[str, Term]) -> list[Theorem] | None:
    empty = Context(R)
    proofs = []
    for k in literals:
        goal = Literal(k.relation, substitute(k.term, point))
        if truth(k.relation, value(goal.term, {}), 1e-7 if k.relation in ("=", ">=") else 1e-13) is False:
            return None
        try:
            th = empty.prove(*goal)
        except (TooLarge, KernelError):
            th = None
        if th is None:
            return None
        proofs.append(th)
    return proofs


def _suggestions(ctx: Context, samples: Sequence[Point]) -> Iterator[dict[str, Term]]:
    for sample in samples:
        yield {n: closed_form(sample[var(n)]) for n in ctx.names}
    for n in ctx.names:
        for h in ctx.hyps:
            if h.relation != "=" or n not in h.term.free:
                continue
            for sample in samples:
                others = {m: closed_form(sample[var(m)]) for m in ctx.names if m != n}
                for root in solutions(ctx, substitute(h.term, others), n, sample[var(n)]):
                    yield {**others, n: root}
    for sample in samples:
        for d in _DENOMINATORS:
            yield {n: rat(Fraction(sample[var(n)]).limit_denominator(d)) for n in ctx.names}


def solutions(ctx: Context, t: Term, x: str, near: float) -> Iterator[Term]:
    """Closed terms at which ``t`` is 0, close to ``near``."""
    point: Point = {var(x): near}
    plain = _decided(t, x, point)
    if not plain.free <= {x}:
        return
    try:
        yield from _roots(Context(ctx.R, [h for h in ctx.hyps if h.relation != "="], [x]), plain, x, point, _DEPTH)
    except (TooLarge, KernelError, RecursionError):
        return


def _decided(t: Term, x: str, point: Point) -> Term:
    """``t`` with conditionals and floors replaced by what they are at the point, as far as floating point can tell."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        if s.op == "cond":
            v = value(s.terms[0], point)
            holds = truth(str(s.args[0]), v, 1e-8)
            done[s] = done[s.terms[1 if holds or (holds is None and s.args[0] in (">=", "=")) else 2]]
        elif s.op == "floor" and x in s.free and not math.isnan(v := value(s.terms[0], point)):
            done[s] = rat(math.floor(v + 1e-7))
        else:
            done[s] = rebuild(s, done)
    return done[t]


def _roots(ctx: Context, t: Term, x: str, point: Point, depth: int) -> Iterator[Term]:
    """Terms without ``x`` that ``x`` equals where ``t = 0``."""
    if depth == 0 or x not in t.free:
        return
    f = ctx.frac(t)
    _, shared, rest = content(f.numerator)
    factors = [a for a, _ in shared] + ([] if rest == {UNIT: 1} else split_polynomial(rest))
    for factor in factors:
        if x in factor.free and _vanishes(factor, point):
            p = poly(factor)
            moving = [a for a in atoms(p) if x in a.free]
            if len(moving) == 1:
                for v in _powers(p, moving[0], point):
                    yield from _inverted(ctx, moving[0], v, x, point, depth - 1)
            else:
                yield from _without_root(ctx, p, moving, x, point, depth)


def _vanishes(t: Term, point: Point) -> bool:
    v = value(t, point)
    return abs(v) <= 1e-5 * max(1.0, *(abs(point[s]) for s in postorder(t) if not math.isnan(point[s])))


def _without_root(
    ctx: Context, p: Polynomial, moving: Sequence[Term], x: str, point: Point, depth: int
) -> Iterator[Term]:
    """``a s + b = 0`` for a root ``s = sqrt(u)``: ``a^2 u - b^2 = 0``."""
    for s in moving:
        if s.op != "sqrt" or any(k > 1 for m in p for y, k in m if y is s):
            continue
        a = term({tuple(f for f in m if f[0] is not s): c for m, c in p.items() if any(y is s for y, _ in m)})
        b = term({m: c for m, c in p.items() if all(y is not s for y, _ in m)})
        yield from _roots(ctx, sub(mul(power(a, 2), s.terms[0]), power(b, 2)), x, point, depth - 1)


def _powers(p: Polynomial, a: Term, point: Point) -> Iterator[Term]:
    """Values of ``a`` at which the polynomial is 0: for one power of ``a``, or a square polynomial."""
    by_degree: dict[int, Polynomial] = {}
    for m, c in p.items():
        k = next((k for s, k in m if s is a), 0)
        by_degree.setdefault(k, {})[tuple(f for f in m if f[0] is not a)] = c
    parts = {k: term(q) for k, q in by_degree.items()}
    zero, degrees = parts.get(0, rat(0)), sorted(parts.keys() - {0})
    found: list[Term] = []
    if len(degrees) == 1:
        n, v = degrees[0], _divided(neg(zero), parts[degrees[0]])
        found = [v] if n == 1 else _rooted(v, n)
    elif degrees == [1, 2]:
        u, v = parts[2], parts[1]
        root = unary("sqrt", sub(power(v, 2), mul(rat(4), mul(u, zero))))
        found = [_divided(add(neg(v), s), mul(rat(2), u)) for s in (root, neg(root))]
    wanted = value(a, point)
    yield from (v for v in found if abs(value(v, {}) - wanted) <= 1e-4 * max(1.0, abs(wanted)))


def _rooted(v: Term, n: int) -> list[Term]:
    if n == 2:
        return [unary("sqrt", v), neg(unary("sqrt", v))]
    up = unary("exp", mul(rat(Fraction(1, n)), unary("log", v)))
    down = neg(unary("exp", mul(rat(Fraction(1, n)), unary("log", neg(v)))))
    return [up, down, neg(up)]


def _divided(a: Term, b: Term) -> Term:
    p, q = poly(a), poly(b)
    if set(q) == {UNIT}:
        return term({m: Fraction(c) / Fraction(q[UNIT]) for m, c in p.items()})
    return mul(a, unary("inv", b))


def _inverted(ctx: Context, a: Term, v: Term, x: str, point: Point, depth: int) -> Iterator[Term]:
    """What ``x`` equals where the atom ``a`` equals ``v``."""
    if a is var(x):
        yield _tidy(v)
        return
    u = a.terms[0]
    here = value(u, point)
    targets: list[Term] = []
    if a.op in ("exp", "log", "inv"):
        targets = [unary({"exp": "log", "log": "exp", "inv": "inv"}[a.op], v)]
    elif a.op == "sqrt":
        targets = [power(v, 2)]
    elif a.op == "atan":
        targets = [mul(unary("sin", v), unary("inv", unary("cos", v)))]
    elif a.op in ("sin", "cos"):
        targets = list(_angles(a.op, v, here))
    elif a.op == "erf" and _tidy(v) is rat(0):
        targets = [rat(0)]
    for w in targets:
        if abs(value(w, {}) - here) <= 1e-4 * max(1.0, abs(here)):
            yield from _roots(ctx, sub(u, _tidy(w)), x, point, depth - 1)


def _angles(op: str, v: Term, here: float) -> Iterator[Term]:
    """Angles close to ``here`` with this sine or cosine."""
    known = closed_form(here)
    if known.op != "rat":
        yield known
    asin = mul(rat(2), unary("atan", mul(v, unary("inv", add(ONE, unary("sqrt", sub(ONE, power(v, 2))))))))
    base = asin if op == "sin" else sub(mul(rat(Fraction(1, 2)), pi()), asin)
    for first in (base, sub(pi(), base) if op == "sin" else neg(base)):
        k = round((here - value(first, {})) / (2 * math.pi))
        yield first if k == 0 else add(first, mul(rat(2 * k), pi()))


def _tidy(v: Term) -> Term:
    """A simpler term for the same number where there is an obvious one."""
    p = poly(v)
    if set(p) <= {UNIT}:
        return rat(Fraction(p.get(UNIT, 0)))
    if v.free:
        return v
    try:
        from .normal import canonical_term

        short = canonical_term(Context(Recorder()).frac(v))
    except (TooLarge, KernelError, AssertionError):
        return v
    return short if len(postorder(short)) <= len(postorder(v)) else v


def closed_form(v: float) -> Term:
    """A rational number, or a multiple of pi or a logarithm or root of a small one, close to ``v``."""
    simple = Fraction(v).limit_denominator(1000)
    if abs(float(simple) - v) < 1e-12:
        return rat(simple)
    for c in CONSTANTS:
        if abs(value(c, {}) - v) < 1e-9:
            return c
    for op, inverse in (("log", math.exp), ("sqrt", lambda y: y * y), ("exp", lambda y: math.log(y) if y > 0 else 0.0)):
        for sign in (1, -1):
            q = Fraction(inverse(min(sign * v, 30.0))).limit_denominator(12)
            if 0 < q <= 12 and abs(q - inverse(min(sign * v, 30.0))) < 1e-8:
                c = unary(op, rat(q))
                c = c if sign > 0 else neg(c)
                if abs(value(c, {}) - v) < 1e-9:
                    return c
    return rat(Fraction(v).limit_denominator(64))
