"""Literals about polynomials in atoms, from theorems about them, each by one step of ordered-field arithmetic.

A goal ``t > 0`` or ``t >= 0`` is sought as a combination with weights ``>= 0`` of products of facts (Handelman), of
squares and of squares times facts (Putinar), plus multiples of equations.  The weights come from linear programming.
Where none exist the programme yields a linear functional that is nonnegative on all products so far and negative on
the goal; a square on which that functional is negative is what was missing, and joins them (cutting planes for the
semidefinite programme).  Work is bounded by counts, never by time, so that every run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from ..kernel.algebra import Monomial, Polynomial, accumulate
from ..kernel.terms import ZERO, KernelError, Literal, Term, neg, postorder
from ..kernel.theorems import Theorem, held
from .columns import (
    Column,
    Fact,
    completed_squares,
    degree_of,
    likely_squares,
    multiples,
    products,
    relevant,
    roots_for,
    square_of,
)
from .polynomial import UNIT, atoms, divide_monomial, plus, poly, quotient, term, times
from .recorder import Recorder, digest
from .simplex import combine, solve

_MOST_COLUMNS = 260
_MOST_ROWS = 150
_ROUNDS = 14
_EFFORT = 8_000_000
_COLUMN_EFFORT = 3_000
_ROUND_EFFORT = 120_000
_GRIDS = (1, 2, 12, 60, 2520)
"""Denominators for the coefficients of a square that a functional suggests, the roughest first."""
_STRICT = "strict"


class Effort:
    """What one question may still cost, in numbers that the simplex algorithm touches; building is charged too."""

    def __init__(self, left: int = _EFFORT) -> None:
        self.left = left


def positive(r: Recorder, goal: Literal, facts: Sequence[Theorem], effort: Effort | None = None) -> Theorem | None:
    """``goal`` from facts, each a theorem about a literal; ``None`` where it is false or was not found.

    Where the facts contradict each other and the goal is about a number, the theorem may be ``0 > 0`` instead.
    """
    effort = effort or Effort()
    try:
        known = [Fact(poly(held(th, "facts").term), held(th, "facts").relation, th) for th in dict.fromkeys(facts)]
        if goal.relation == "=":
            zero = equal(r, goal, [f.theorem for f in known if f.relation == "="])
            return zero or _between(r, goal, known, effort)
        if goal.relation == "!=":
            return _nonzero(r, goal, known, effort)
        return _inequality(r, goal, known, effort)
    except KernelError:  # A polynomial grew too large.
        return None


def _inequality(r: Recorder, goal: Literal, known: Sequence[Fact], effort: Effort) -> Theorem | None:
    """Cheap attempts first: few products, then facts about the same atoms, then all, then more products."""
    p = poly(goal.term)
    if len(p) > _MOST_ROWS:
        return None
    here = set(atoms(p))
    near = [f for f in known if here.issuperset(atoms(f.value))]
    steps = [(known, 1, 1), (near, 2, 1), (near, 2, _ROUNDS)]
    if len(near) < len(known):
        steps += [(known, 2, 1), (known, 2, _ROUNDS)]
    for used, degree, rounds in [*steps, (known, 3, _ROUNDS)]:
        found = _direct(r, goal, used, degree, rounds, effort)
        if found is None and degree == 2:
            found = _by_contradiction(r, goal, used, rounds, effort)
        if found is not None:
            return found
    return None


def _direct(
    r: Recorder, goal: Literal, known: Sequence[Fact], degree: int, rounds: int, effort: Effort
) -> Theorem | None:
    """The goal from products of up to ``degree`` facts."""
    p = poly(goal.term)
    if effort.left < 0:
        return None
    equations = [f for f in known if f.relation == "="]
    inequalities = relevant(p, [f for f in known if f.relation != "=" and f.value], equations)
    sources = [p, *(f.value for f in equations)] if p else [f.value for f in (*inequalities, *equations)]
    roots = roots_for({m: 1 for value in sources for m in value}, bool(p) and not inequalities)
    joining = inequalities if degree > 1 else []
    columns = products(inequalities, degree if degree < 3 or len(inequalities) <= 6 else 2)
    first = 1 + len(inequalities)
    squares = [square_of(root) for value in sources for root in completed_squares(value)][:12] if degree > 1 else []
    columns[first:first] = squares + likely_squares(roots, joining)
    columns = columns[:_MOST_COLUMNS]
    columns += multiples(equations, [p, *(c.value for c in columns)], degree)
    effort.left -= _COLUMN_EFFORT * len(columns)
    return _search(r, goal, p, columns, roots, joining, rounds, effort)


def _by_contradiction(r: Recorder, goal: Literal, known: Sequence[Fact], rounds: int, effort: Effort) -> Theorem | None:
    """The goal, because its negation and the facts add up to ``0 > 0``."""
    if not poly(goal.term):
        return None
    opposite = goal.negation
    contrary = Fact(poly(opposite.term), opposite.relation, r.assume(opposite))
    near = relevant(poly(goal.term), [f for f in known if f.relation != "="], [f for f in known if f.relation == "="])
    absurd = _direct(
        r, Literal(">", ZERO), [contrary, *near, *(f for f in known if f.relation == "=")], 2, rounds, effort
    )
    return None if absurd is None else r.rule("cases", goal, r.assume(goal), absurd)


def equal(r: Recorder, goal: Literal, equations: Sequence[Theorem]) -> Theorem | None:
    """``t = 0`` as a combination of equations with polynomial cofactors, or ``None``."""
    rest = dict(poly(goal.term))
    known = [Fact(poly(held(th, "equal").term), "=", th) for th in dict.fromkeys(equations)]
    known = [f for f in known if f.value]
    cofactors, rest = _divide(rest, known)
    if rest:
        columns = multiples(known, [rest], 2)[: _MOST_COLUMNS // 4]
        weights = solve([c.value for c in columns], rest)
        if weights is None:
            return None
        for column, weight in zip(columns, weights, strict=True):
            assert column.equation is not None
            accumulate(cofactors.setdefault(column.equation, {}), {column.cofactor: 1}, weight)
    return r.arith(goal, (), [(term(c), th) for th, c in cofactors.items() if c])


def _between(r: Recorder, goal: Literal, known: Sequence[Fact], effort: Effort) -> Theorem | None:
    """``t = 0`` from ``t >= 0`` and ``-t >= 0``."""
    if all(f.relation in ("=", "!=") for f in known):
        return None
    lower = _inequality(r, Literal(">=", goal.term), known, effort)
    upper = None if lower is None else _inequality(r, Literal(">=", neg(goal.term)), known, effort)
    return None if lower is None or upper is None else r.between(lower, upper)


def _nonzero(r: Recorder, goal: Literal, known: Sequence[Fact], effort: Effort) -> Theorem | None:
    """``t != 0`` as a product of what is not 0, or from the sign of ``t``."""
    rest, factors = poly(goal.term), list[Theorem]()
    if not rest:
        return None
    for f in known:
        while f.relation in (">", "!=") and len(f.value) <= 20 and f.value.keys() - {UNIT}:
            smaller = quotient(rest, f.value)
            if smaller is None:
                break
            rest = smaller
            factors.append(f.theorem)
    if rest.keys() == {UNIT}:
        return r.arith(goal, [(Fraction(rest[UNIT]), factors, [])])
    for sign in (1, -1):
        side = goal.term if sign == 1 else term(plus({}, poly(goal.term), -1))
        found = positive(r, Literal(">", side), [f.theorem for f in known], effort)
        if found is not None:
            return r.arith(goal, [(sign, [found], [])])
    return None


def _search(
    r: Recorder,
    goal: Literal,
    p: Polynomial,
    columns: list[Column],
    roots: Sequence[Monomial],
    facts: Sequence[Fact],
    rounds: int,
    effort: Effort,
) -> Theorem | None:
    """The goal as a combination of the columns; squares over the roots, also times a fact, join in later rounds."""
    strict = goal.relation == ">"
    for left in reversed(range(rounds)):
        vectors = [_vector(c.value, strict and c.strict) for c in columns]
        free = [j for j, c in enumerate(columns) if c.equation is not None]
        vectors += [{m: -c for m, c in vectors[j].items()} for j in free]
        # t > 0: products with strict weights of sum 1 add up to some multiple of t.  t >= 0: they add up to t.
        if strict:
            vectors.append(_vector({m: -c for m, c in p.items()}))
        if effort.left < 0 or len({key for v in vectors for key in v}) > _MOST_ROWS:
            return None
        answer = combine(vectors, {_STRICT: 1} if strict else _vector(p))
        effort.left -= answer.work + _ROUND_EFFORT
        if answer.weights is not None:
            weights = answer.weights[: len(columns)]
            for k, j in enumerate(free):
                weights[j] -= answer.weights[len(columns) + k]
            return _conclude(r, goal, columns, weights, answer.weights[-1] if strict else Fraction(1))
        if not answer.separator or not left:
            return None
        fresh = list(_suggested(answer.separator, roots, facts))
        if not fresh:
            return None
        columns = [*columns, *fresh]
    return None


def _vector(p: Polynomial, strict: bool = False) -> dict[object, Fraction | int]:
    result: dict[object, Fraction | int] = {m: c for m, c in p.items()}
    if strict:
        result[_STRICT] = 1
    return result


def _conclude(
    r: Recorder, goal: Literal, columns: Sequence[Column], weights: Sequence[Fraction], scale: Fraction
) -> Theorem:
    terms, cofactors = [], dict[Theorem, Polynomial]()
    for column, weight in zip(columns, weights, strict=True):
        weight = weight / scale if scale else weight
        if weight and column.equation is not None:
            accumulate(cofactors.setdefault(column.equation, {}), {column.cofactor: 1}, weight)
        elif weight:
            terms.append((weight, column.factors, [term(s) for s in column.squares]))
    equations = [(term(c), th) for th, c in cofactors.items() if c]
    if scale:
        return r.arith(goal, terms, equations)
    # The facts contradict each other: their combination is 0 > 0.
    absurd = r.arith(Literal(">", ZERO), terms, equations)
    if poly(goal.term).keys() <= {UNIT}:
        return absurd
    return r.rule("cases", goal, r.assume(goal), absurd)


def _suggested(
    functional: Mapping[object, float], roots: Sequence[Monomial], facts: Sequence[Fact]
) -> Iterator[Column]:
    """Squares, and squares times a fact, on which the functional is negative."""

    def at(q: Polynomial) -> float:
        return sum(float(c) * functional.get(m, 0.0) for m, c in q.items())

    top = max((2 * sum(k for _, k in m) for m in roots), default=0)
    for fact in (None, *(f for f in facts[:6] if f.relation != "!=")):
        size = 0 if fact is None else degree_of(fact.value)
        monos = [m for m in roots if 2 * sum(k for _, k in m) + size <= top + 1]
        weight: Polynomial = {UNIT: 1} if fact is None else fact.value
        gram = [[0.0] * len(monos) for _ in monos]
        for i, a in enumerate(monos):
            for j, b in enumerate(monos[: i + 1]):
                gram[i][j] = gram[j][i] = at(times(times({a: 1}, {b: 1}), weight))
        for direction in _negative_directions(gram):
            largest = max(abs(v) for v in direction)
            for grid in _GRIDS:
                root = {m: Fraction(round(v / largest * grid), grid) for m, v in zip(monos, direction, strict=True)}
                column = square_of({m: c for m, c in root.items() if c}, fact)
                if at(column.value) < -1e-9:
                    yield column
                    break


def _negative_directions(gram: list[list[float]]) -> list[list[float]]:
    """Vectors ``v`` with ``v' G v < 0``, found by elimination; none where ``G`` has no such direction."""
    n = len(gram)
    largest = max((abs(x) for row in gram for x in row), default=0.0) or 1.0
    sizes = [max(abs(gram[i][i]), 1e-4 * largest) ** 0.5 for i in range(n)]
    a = [[gram[i][j] / (sizes[i] * sizes[j]) for j in range(n)] for i in range(n)]
    steps: list[tuple[int, list[float]]] = []
    left = list(range(n))
    while left:
        found = [{i: 1.0} for i in sorted(left, key=lambda k: a[k][k]) if a[i][i] < -1e-7]
        i = max(left, key=lambda k: a[k][k])
        if not found and a[i][i] <= 1e-7:
            # What is left has a diagonal of zeros: a sum or a difference of two is negative, or nothing is.
            pairs = [(i, j) for i in left for j in left if i < j and abs(a[i][j]) > 1e-6]
            found = [{i: 1.0, j: -1.0 if a[i][j] > 0 else 1.0} for i, j in pairs[:4]]
            if not found:
                return []
        if found:
            return [_back(v, steps, sizes) for v in found]
        ratios = [a[i][k] / a[i][i] if k in left else 0.0 for k in range(n)]
        left.remove(i)
        steps.append((i, ratios))
        for j in left:
            for k in left:
                a[j][k] -= a[j][i] * ratios[k]
    return []


def _back(v: dict[int, float], steps: Sequence[tuple[int, list[float]]], sizes: Sequence[float]) -> list[float]:
    """The vector that elimination turned into ``v``."""
    whole = [v.get(i, 0.0) for i in range(len(sizes))]
    for k, ratios in reversed(steps):
        whole[k] = -sum(ratios[j] * whole[j] for j in range(len(sizes)) if j != k)
    return [x / size for x, size in zip(whole, sizes, strict=True)]


def _divide(p: Polynomial, equations: Sequence[Fact]) -> tuple[dict[Theorem, Polynomial], Polynomial]:
    """Multivariate division: cofactors and a remainder.  Atoms that contain others are to be eliminated first."""
    depth: dict[Term, int] = {}
    names = {a for f in equations for a in atoms(f.value)} | set(atoms(p))
    for a in names:
        depth[a] = len(postorder(a))
    ranked = sorted(names, key=lambda a: (-depth[a], digest(a)))

    def rank(m: Monomial) -> list[int]:
        powers = dict(m)
        return [powers.get(a, 0) for a in ranked]

    heads = [(max(f.value, key=rank), f) for f in equations]
    cofactors: dict[Theorem, Polynomial] = {}
    rest, remainder = dict(p), Polynomial()
    for _ in range(400):
        if not rest:
            break
        m = max(rest, key=rank)
        for head, f in heads:
            step = divide_monomial(m, head)
            if step is not None:
                factor = Fraction(rest[m]) / f.value[head]
                accumulate(cofactors.setdefault(f.theorem, {}), {step: 1}, factor)
                accumulate(rest, times(f.value, {step: 1}), -factor)
                break
        else:
            remainder[m] = rest.pop(m)
    accumulate(remainder, rest)
    return cofactors, remainder
