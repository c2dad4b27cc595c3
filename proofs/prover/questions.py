"""Shorter questions: where ``F(s)`` changes its sign once, at ``s = r``, it is ``s - r`` that is asked about.

The place is guessed in floating point, given a closed form, and the three signs of ``F`` are proved for a name ``y`` in
place of ``s`` (see :mod:`.named`), or for the symbol itself.  The answer is remembered (:mod:`.reductions`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise

from ..kernel.facts import HALF_PI
from ..kernel.terms import KernelError, Literal, Term, add, mul, neg, postorder, rat, sub, substitute, unary, var
from ..kernel.theorems import Theorem
from ..language.definitions import unfold
from ..language.parser import parse
from .chains import links
from .context import Context
from .crossings import at_root, beyond, conditioned
from .limits_values import replaced
from .named import Named
from .normal import TooLarge
from .polynomial import poly, term
from .recorder import Recorder
from .reductions import Reduction, reductions, remember, root_term
from .sampling import compiled, truth, value
from .witnesses import closed_form, solutions

FEW = 3
"""How many changes of sign still let one of them be asked about."""
_TRIED = 2
"""How many guesses are put to the proof for one question."""


def reduced(ctx: Context, x: str, t: Term) -> Term | None:
    """A shorter term of the same sign as ``t``, or of the opposite one; ``None`` where none is found."""
    for factor, reduction in reductions(ctx, t):
        if poly(mul(rat(factor), reduction.t)) == poly(t):
            return reduction.root
    tried = 0
    for s in (*reversed(links(t, x)), var(x)):
        if s.op == "cond" or ctx.names != (x,):
            continue
        named = None if s.op == "var" else Named(ctx, s)
        inner, y = (ctx, s) if named is None else (named.inner, named.y)
        outer = replaced(t, s, y)
        if (x in outer.free and named is not None) or _is_linear(outer, y, named is None):
            continue
        for r, rising in _changes(inner, outer, y):
            root = root_term(s, r)
            if root in (t, neg(t)):
                continue
            tried += 1
            if tried > _TRIED:
                return None
            lemmas = _lemmas(inner, outer, y, r, rising)
            if lemmas is not None:
                if named is not None:
                    lemmas = {k: named.back(th) for k, th in lemmas.items()}
                remember(ctx, Reduction(t, root, lemmas))
                return root
    return _one_of_several(ctx, x, t)


def _is_linear(outer: Term, y: Term, whatever: bool) -> bool:
    """Whether ``outer`` is ``+-y - r`` for a number ``r``, or with any factor of ``y`` where that says ``whatever``."""
    p = poly(outer)
    factor = p.get(((y, 1),))
    alone = not any(a.free for m in p if m != ((y, 1),) for a, _ in m)
    return factor is not None and alone and (whatever or abs(Fraction(factor)) == 1)


def _one_of_several(ctx: Context, x: str, t: Term) -> Term | None:
    """``s - r`` for one of a few places ``r`` at which ``F(s)`` changes its sign."""
    if ctx.names != (x,):
        return None
    for s in reversed(links(t, x)):
        named = Named(ctx, s)
        outer = replaced(t, s, named.y)
        if x in outer.free or s.op == "cond":
            continue
        found = _all_changes(named.inner, outer, named.name)
        if 2 <= len(found) <= FEW:
            for place, _ in found:
                closed = closed_places(ctx.R, outer, named.y, place)
                if closed and root_term(s, closed[0]) not in (t, neg(t)):
                    return root_term(s, closed[0])
    return None


def _changes(inner: Context, outer: Term, y: Term) -> Iterator[tuple[Term, bool]]:
    """The one place at which ``outer`` changes its sign, as closed terms, and whether it is positive beyond."""
    name = str(y.args[0])
    found = _all_changes(inner, outer, name)
    if len(found) != 1:
        return
    ((place, rising),) = found
    yield from ((root, rising) for root in closed_places(inner.R, outer, y, place))


def closed_places(R: Recorder, outer: Term, y: Term, place: float) -> list[Term]:
    """Closed terms at which ``outer`` is 0, as far as floating point can tell, next to ``place``."""
    solved = [_one_logarithm(r) for r in solutions(Context(R), outer, str(y.args[0]), place)]
    guesses = [closed_form(place), *sorted(solved, key=lambda r: len(postorder(r))), *_inverted(outer, y)]
    return [r for r in dict.fromkeys(guesses) if abs(value(r, {}) - place) < 1e-9 * max(1.0, abs(place))]


def _one_logarithm(r: Term) -> Term:
    """``log(2) - log(3)`` as ``log(2/3)``."""
    product = Fraction(1)
    for m, c in poly(r).items():
        ((a, k),) = m if len(m) == 1 else ((r, 0),)
        times = Fraction(c)
        if k != 1 or a.op != "log" or a.terms[0].op != "rat" or times.denominator != 1 or abs(times) > 9:
            return r
        product *= Fraction(str(a.terms[0].args[0])) ** int(times)
    return unary("log", rat(product))


@cache
def _shapes() -> list[tuple[Term, Term]]:
    """Functions of ``y`` with several places for ``y``, and their inverses at ``v``."""
    texts = (
        ("y + sqrt(y**2 + 1)", "(v - 1/v)/2"),
        ("y + sqrt(y - 1)*sqrt(y + 1)", "(v + 1/v)/2"),
        ("log(1 + y) - log(1 - y)", "1 - 2/(exp(v) + 1)"),
        ("y/(1 + sqrt(1 - y**2))", "2*v/(1 + v**2)"),
        ("exp(y) - exp(-y)", "log(v/2 + sqrt(v**2/4 + 1))"),
        ("exp(y) + exp(-y)", "log(v/2 + sqrt(v**2/4 - 1))"),
    )
    return [(unfold(parse(shape)), unfold(parse(inverse))) for shape, inverse in texts]


def _inverted(outer: Term, y: Term) -> Iterator[Term]:
    """Where ``outer`` is ``c g(y) + d`` for one of the shapes ``g``: the ``y`` at which it is 0."""
    z = var("z")
    for shape, inverse in _shapes():
        g = substitute(shape, {"y": y})
        p = poly(replaced(outer, g, z))
        factor = p.pop(((z, 1),), None)
        if factor is not None and not any(a.free for m in p for a, _ in m):
            yield substitute(inverse, {"v": term({m: -Fraction(c) / factor for m, c in p.items()})})


def _all_changes(inner: Context, outer: Term, name: str) -> list[tuple[float, bool]]:
    """Where ``outer`` seems to change its sign, and whether it is positive beyond."""
    if any(h.relation == "=" for h in inner.hyps):
        return []
    f = compiled(outer, (name,))
    hyps = [(h.relation, compiled(h.term, (name,))) for h in inner.hyps]
    points = [v for v in _POINTS if all(truth(r, g([v])) for r, g in hyps)]
    signs = [(v, u) for v in points if not math.isnan(u := f([v]))]
    found = []
    for (a, u), (b, w) in pairwise([p for p in signs if p[1]]):
        if (u < 0) != (w < 0):
            zeros = [v for v, z in signs if z == 0 and a < v < b]
            found.append((zeros[len(zeros) // 2] if zeros else _bisected(f, a, b, u), u < 0))
    return found


def _bisected(f: object, a: float, b: float, fa: float) -> float:
    for _ in range(90):
        c = (a + b) / 2
        fc = f([c])  # type: ignore[operator]
        if fc == 0:
            return c
        if (fc < 0) == (fa < 0):
            a = c
        else:
            b = c
    return (a + b) / 2


_POINTS = sorted(
    {0.0}
    | {s * 10 ** (k / 6) for k in range(-30, 24) for s in (1, -1)}
    | {n + s * 10.0**-k for n in range(-8, 9) for k in (1, 2, 3, 5) for s in (1, -1)}
    | {k / 8 for k in range(-64, 65)}
)


def _lemmas(inner: Context, outer: Term, y: Term, r: Term, rising: bool) -> dict[str, Theorem] | None:
    """The sign of ``outer`` for each sign of ``y - r``."""
    name, root = str(y.args[0]), root_term(y, r)
    zero = _angle(inner.R, outer, y, r) or Context(inner.R).prove("=", substitute(outer, {name: r}))
    if zero is None:
        return None
    equal = Literal("=", root)
    found = {"=": conditioned(inner, at_root(inner, outer, name, r, zero), equal)}
    for above in (True, False):
        near = Literal(">", root if above else neg(root))
        case = inner.with_(near)
        case.depth = inner.depth
        sign = 1 if above == rising else -1
        goal = Literal(">", outer if sign == 1 else neg(outer))
        th = case.ranges.shows(*goal) or beyond(inner, outer, y, r, above, rising, zero)
        try:
            if th is None and case.samples:
                th = case.prove(*goal)
        except (TooLarge, KernelError):
            return None
        kind = ">" if sign == 1 else "<"
        if th is None:
            return None
        found[kind] = conditioned(inner, th, near)
    return found if all(_about(th, root) for th in found.values()) else None


def _about(th: Theorem, root: Term) -> bool:
    """Whether the theorem rests on the sign of the root: one that does not contradicts the others."""
    return not th.hyps.isdisjoint({Literal("=", root), Literal(">", root), Literal(">", neg(root))})


def _angle(R: Recorder, outer: Term, y: Term, r: Term) -> Theorem | None:
    """``c atan(r) + d = 0`` where ``r`` is the tangent of ``-d/c``."""
    p = dict(poly(outer))
    factor = p.pop(((unary("atan", y), 1),), None)
    if factor is None or any(a.free for m in p for a, _ in m):
        return None
    u, ctx = term({m: -Fraction(c) / factor for m, c in p.items()}), Context(R)
    needs = [Literal(">", unary("cos", u)), Literal(">", add(u, HALF_PI)), Literal(">", sub(HALF_PI, u))]
    needs.append(Literal("=", sub(mul(r, unary("cos", u)), unary("sin", u))))
    premises = [th for k in needs if (th := ctx.prove(*k)) is not None]
    if len(premises) < len(needs):
        return None
    same = R.fact("tan_atan", u, r, premises=premises)
    return R.arith(Literal("=", substitute(outer, {str(y.args[0]): r})), (), [(rat(Fraction(factor)), same)])
