"""What the certificate of a tensor op has to prove: that its JVP is the derivative, and its VJP the adjoint of that.

For all sizes, and for each entry of the result that satisfies the conditions of the spec: the entry has the JVP as its
derivative.  For all cotangents ``g``, tangents and sizes ``sum_o g[o] JVP(o) = sum_x sum_i VJP_x(i) dx[i]``.  And where
the spec names a tie: there is no derivative.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ..kernel.conclusions import HasDeriv, Holds, NotDifferentiable, Vary
from ..kernel.sums import counts
from ..kernel.terms import ONE, Literal, Term, add, bind, equal, mul, sub, tangent, unary, var
from ..language.indexed import COTANGENT, FormulaError, Names, conditions, entry, formula

Binder = tuple[Term, Term]
"""A variable and the size below which it counts."""


@dataclass(frozen=True)
class Pullback:
    """The cotangent of one input: an entry of it, for each of its indices."""

    name: str
    index: tuple[Binder, ...]
    value: Term

    @property
    def symbol(self) -> str:
        """``x/2`` for an input of two axes."""
        return var(self.name, *(k for k, _ in self.index)).symbol


@dataclass(frozen=True)
class Statement:
    """The theorems of a tensor op: ``hypotheses`` hold for all, ``conditions`` are for the JVP at one entry."""

    name: str
    out: tuple[Binder, ...]
    value: Term
    jvp: Term
    vjps: tuple[Pullback, ...]
    hypotheses: tuple[Literal, ...]
    conditions: tuple[Literal, ...]
    tie: tuple[Literal, ...] = ()
    given: tuple[str, ...] = ()
    """The symbols of tensors that do not move."""

    @property
    def vary(self) -> Vary:
        """The symbols of the inputs."""
        return frozenset(v.symbol for v in self.vjps)

    @property
    def pulls(self) -> list[tuple[str, tuple[Binder, ...], Term]]:
        """The pullbacks, as the rule ``operator`` takes them."""
        return [(v.symbol, v.index, v.value) for v in self.vjps]

    @property
    def derivative(self) -> tuple[frozenset[Literal], HasDeriv]:
        """The first theorem: under which hypotheses, and what it says."""
        return self._given(self.conditions), HasDeriv(self.vary, self.value, self.jvp)

    @property
    def corner(self) -> tuple[frozenset[Literal], NotDifferentiable]:
        """Where there is a ``tie``, the third: there is no derivative at such an entry."""
        return self._given(self.tie), NotDifferentiable(self.vary, self.value, "corner", None, None)

    def _given(self, conditions: tuple[Literal, ...]) -> frozenset[Literal]:
        """The hypotheses of a theorem about one entry."""
        return frozenset([*self.hypotheses, *(h for k, n in self.out for h in counts(k, n)), *conditions])

    @property
    def pairing(self) -> tuple[Term, Term]:
        """The two sides of the second theorem."""
        names = [k for k, _ in self.out]
        left = summed(self.out, mul(var(COTANGENT, *names), self.jvp))
        parts = [summed(v.index, mul(v.value, tangent(v.name, *(k for k, _ in v.index)))) for v in self.vjps]
        return left, reduce(add, parts)

    @property
    def adjoint(self) -> tuple[frozenset[Literal], Holds]:
        """The second theorem."""
        return frozenset(self.hypotheses), Holds(equal(*self.pairing))


def summed(index: Sequence[Binder], t: Term) -> Term:
    """The sum over indices, the first one outermost."""
    return reduce(lambda body, binder: bind("sum", binder[0], binder[1], body), reversed(index), t)


def statement(spec: Any) -> Statement:
    """The statement that a declaration makes.

    Raises:
        FormulaError: a formula cannot be read, or says what a formula of its kind must not.
    """
    tensors = {**spec.inputs, **spec.given, **spec.index}
    texts = [text for axes in tensors.values() for text in axes] + [n for _, n in spec.out]
    every = dict.fromkeys([*(name for text in texts for name in _names_of(text)), *spec.counts])
    sizes = [name for name in every if name not in spec.integers]
    _refuse_doubles(spec, sizes)
    numbers = frozenset([*sizes, *spec.integers, *spec.params])
    ranks = {name: len(axes) for name, axes in tensors.items()} | {COTANGENT: len(spec.out)}
    names = Names(ranks, frozenset(spec.index), numbers, frozenset(spec.inputs))
    plain = Names({}, frozenset(), numbers, frozenset())
    for head, text in spec.let.items():
        names.define(head, text)
    indices = _once([i for i, _ in spec.out], spec)
    made = Statement(
        spec.name,
        tuple((var(i), formula(n, plain)) for i, n in spec.out),
        formula(spec.value, names, indices),
        formula(spec.jvp, names, indices),
        tuple(_pullback(key, text, spec, names, plain) for key, text in spec.vjp.items()),
        _hypotheses(sizes, spec, plain),
        tuple(literal for text in spec.where for literal in conditions(text, names, indices)),
        tuple(literal for text in spec.tie for literal in conditions(text, names, indices)),
        tuple(f"{x}/{len(axes)}" for x, axes in (*spec.given.items(), *spec.index.items())),
    )
    _refuse_nonsense(spec, made)
    return made


def _names_of(text: str) -> list[str]:
    return [node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)]


def _hypotheses(sizes: Sequence[str], spec: Any, plain: Names) -> tuple[Literal, ...]:
    """Sizes are integers that are at least 1."""
    out: list[Literal] = []
    for name in sizes:
        out += [Literal(">=", sub(var(name), ONE)), equal(unary("floor", var(name)), var(name))]
    out += [equal(unary("floor", var(name)), var(name)) for name in spec.integers]
    return (*out, *(literal for text in spec.assume for literal in conditions(text, plain)))


def _pullback(key: str, text: str, spec: Any, names: Names, plain: Names) -> Pullback:
    name, indices = entry(key)
    sizes = spec.inputs.get(name)
    if sizes is None or len(sizes) != len(indices):
        raise FormulaError(f"{spec.name}: {key} is no entry of an input")
    index = tuple((var(i), formula(n, plain)) for i, n in zip(_once(indices, spec), sizes, strict=True))
    return Pullback(name, index, formula(text, names, indices))


def _once(indices: Sequence[str], spec: Any) -> tuple[str, ...]:
    """Indices, of which none stands twice."""
    if len(set(indices)) != len(indices):
        raise FormulaError(f"{spec.name}: an index stands twice")
    return tuple(indices)


def _refuse_doubles(spec: Any, sizes: Sequence[str]) -> None:
    """No name has two meanings, and none looks like a tangent or the cotangent."""
    declared = [*spec.inputs, *spec.given, *spec.index, *spec.integers, *spec.params, *sizes]
    reserved = {COTANGENT, *(f"d{x}" for x in spec.inputs)}
    if len(set(declared)) != len(declared) or not reserved.isdisjoint(declared):
        raise FormulaError(f"{spec.name}: a name is declared twice, or is that of a tangent or of the cotangent")


def _refuse_nonsense(spec: Any, made: Statement) -> None:
    """A pullback for each input; no tangent but in the JVP, and no cotangent but in the VJP."""
    if [v.name for v in made.vjps] != list(spec.inputs):
        raise FormulaError(f"{spec.name}: not one pullback for each input, in their order")
    forward = [made.value, *(c.term for c in (*made.conditions, *made.tie))]
    if any(t.moves for t in [*forward, *(v.value for v in made.vjps)]):
        raise FormulaError(f"{spec.name}: a tangent beside the JVP")
    g = var(COTANGENT, *(k for k, _ in made.out)).symbol
    if any(g in t.free for t in [*forward, made.jvp]):
        raise FormulaError(f"{spec.name}: the cotangent beside the VJP")
