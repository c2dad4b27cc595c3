"""Sums in another order, products of sums, and sums of totals: proved once for any families, with short terms.

What is under the sums is put in afterwards, in one step.  Where it cannot be a family, for the number of its indices or
since a range depends on an index, the same proof is made of the terms themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from ...kernel.terms import ONE, ZERO, Term, add, bind, closed, mul, var
from ...kernel.theorems import Theorem
from .equations import Equations
from .forms import MAX_RANK, Binder, sides, summed

Binders = tuple[Binder, ...]


def total(terms: Sequence[Term]) -> Term:
    """``a + (b + (... + 0))``."""
    return reduce(lambda rest, t: add(t, rest), reversed(terms), ZERO)


def reordered(binders: Binders, body: Term, order: Sequence[int], R: Equations) -> Theorem | None:
    """``sum_ks body = sum over the same ks in this order``; no theorem where that is theirs already."""
    moved = [i for i, j in enumerate(order) if i != j]
    if not moved:
        return None
    end = moved[-1] + 1
    start = min(moved[0], max(0, end - MAX_RANK))
    places = tuple(i - start for i in order[start:end])

    def proof(scopes: Sequence[Binders], terms: Sequence[Term]) -> Theorem | None:
        return _permuted(scopes[0], terms[0], tuple(scopes[0][i] for i in places), R)

    inner = summed(binders[end:], body)
    th = _of_any(f"order {places}", proof, [binders[start:end]], [(0, inner)], R)
    return th and R.each(binders[:start], th)


def multiplied(c: Term, sums: Sequence[tuple[Binders, Term]], R: Equations) -> Theorem:
    """``c s1 s2 ... = sum (c b1 b2 ...)`` over the binders of all the sums."""

    def proof(scopes: Sequence[Binders], terms: Sequence[Term]) -> Theorem:
        return _collected(terms[0], list(zip(scopes[1:], terms[1:], strict=True)), R)

    scopes, bodies = [(), *(binders for binders, _ in sums)], [c, *(body for _, body in sums)]
    th = _of_any("product", proof, scopes, list(enumerate(bodies)), R)
    assert th is not None
    return th


def split(binders: Binders, terms: Sequence[Term], R: Equations) -> Theorem:
    """``sum_ks (a + (b + ... + 0)) = sum_ks a + (sum_ks b + ... + 0)``."""

    def proof(scopes: Sequence[Binders], terms: Sequence[Term]) -> Theorem:
        return _split(scopes[0], terms, R)

    th = _of_any("total", proof, [binders], [(0, t) for t in terms], R)
    assert th is not None
    return th


def _of_any(
    what: str,
    proof: Callable[[Sequence[Binders], Sequence[Term]], Theorem | None],
    scopes: Sequence[Binders],
    bodies: Sequence[tuple[int, Term]],
    R: Equations,
) -> Theorem | None:
    """What the proof shows of bodies, each below the binders of one scope: shown of families, and the bodies put in."""
    names = [[k for k, _ in binders] for binders in scopes]
    sizes = tuple(tuple(n for _, n in binders) for binders in scopes)
    bound = frozenset(k.symbol for ks in names for k in ks)
    dependent = any(not bound.isdisjoint(n.free) for ns in sizes for n in ns)
    if not bodies or dependent or any(len(ks) > MAX_RANK for ks in names):
        return proof(scopes, [body for _, body in bodies])
    key = (what, sizes, tuple(at for at, _ in bodies))
    if key not in R.lemmas:
        fresh = [tuple((R.fresh(), n) for n in ns) for ns in sizes]
        R.lemmas[key] = proof(fresh, [_any(i, [k for k, _ in fresh[at]]) for i, (at, _) in enumerate(bodies)])
    values = {_any(i, names[at]).symbol: closed(body, names[at]) for i, (at, body) in enumerate(bodies)}
    lemma = R.lemmas[key]
    return lemma and R.rule("instantiate", lemma, values)


def _any(i: int, names: Sequence[Term]) -> Term:
    """An entry of a family that may be anything."""
    return var(f"any{i}", *names)


def _permuted(binders: Binders, body: Term, wanted: Binders, R: Equations) -> Theorem | None:
    """The binders in the order wanted: the first one to the front, and below it the others."""
    if binders == wanted:
        return None
    at = binders.index(wanted[0])
    below = _permuted((*binders[:at], *binders[at + 1 :]), body, wanted[1:], R)
    return R.joined(_to_front(binders, body, at, R), below and R.each(wanted[:1], below))


def _to_front(binders: Binders, body: Term, at: int, R: Equations) -> Theorem | None:
    """The binder number ``at`` outermost: to the front of what is below the first one, then exchanged with it."""
    if at == 0:
        return None
    below = _to_front(binders[1:], body, at - 1, R)
    others = summed((*binders[1:at], *binders[at + 1 :]), body)
    swap = R.fact("sum_swap", *binders[0], *binders[at], others)
    return R.joined(below and R.each(binders[:1], below), swap)


def _collected(c: Term, sums: Sequence[tuple[Binders, Term]], R: Equations) -> Theorem:
    if not sums:
        return R.ring(c, c)
    (binders, body), *rest = sums
    others = reduce(mul, (summed(*s) for s in rest), c)
    inner = _collected(mul(c, body), rest, R)
    return R.distributed(others, binders, body, R.ring(mul(others, body), sides(inner)[1], (1, inner)))


def _split(binders: Binders, terms: Sequence[Term], R: Equations) -> Theorem:
    if not binders:
        return R.ring(total(terms), total(terms))
    (k, n), rest = binders[0], binders[1:]
    below = [summed(rest, t) for t in terms]
    tree, halves = _halved(k, n, below, R)
    inner = R.each(binders[:1], R.ring(summed(rest, total(terms)), tree, (1, _split(rest, terms, R))))
    given = halves or ([] if terms else [R.sum_zero(k, n)])
    made = total([bind("sum", k, n, t) for t in below])
    return R.ring(sides(inner)[0], made, (1, inner), *((1, th) for th in given))


def _halved(k: Term, n: Term, terms: Sequence[Term], R: Equations) -> tuple[Term, list[Theorem]]:
    """The terms as ``1 a + b``, both again so, that they stay short; and the sum of each such as two sums."""
    if len(terms) < 2:
        return (terms[0] if terms else ZERO), []
    half = len(terms) // 2
    (a, left), (b, right) = _halved(k, n, terms[:half], R), _halved(k, n, terms[half:], R)
    return add(mul(ONE, a), b), [R.fact("sum_linear", k, n, ONE, a, b), *left, *right]
