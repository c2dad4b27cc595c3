"""From what the spec says about an op to the routines that are printed.

==============  ============================  ==================================
key             arguments                     value
==============  ============================  ==================================
``forward``     inputs, parameters            f
``partial_x``   inputs, parameters            df/dx, the convention at a kink
``second_x_y``  inputs, parameters            d2f/dx dy
``third``       input, parameters             d3f/dx3, where there is one input
``vjp_x``       ``_g``, inputs, parameters    ``_g`` df/dx; 0 where ``_g`` = 0
``jvp``         ``_dx``, inputs, parameters   sum of ``_dx`` df/dx; likewise
==============  ============================  ==================================

``x`` and ``y`` may also be parameters.  First derivatives are printed from the stable form where the spec has
one; second and third derivatives by differentiating the derivative that the spec claims, never a stabilised form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations_with_replacement

from hasderiv.proofs.kernel.terms import Literal, Term, var

from . import guards
from .calculus import differentiate
from .evaluate import evaluate, expand
from .factors import addends
from .interpret import interpret
from .libm.catalogue import WIDE
from .lower import Lowering
from .precision import roundings
from .ranges import Range, known_from
from .series import SERIES
from .ssa import OpList, Routine, finish

SAMPLES = (Fraction(-5, 2), Fraction(-1), Fraction(1, 2), Fraction(1), Fraction(3))
COTANGENT = "_g"


@dataclass(frozen=True)
class Source:
    """What the generator reads of an op: surface Terms and plain data, no SymPy."""

    name: str
    inputs: tuple[str, ...]
    params: Mapping[str, Fraction | None]
    formula: Term
    stable: Term
    derivative: Mapping[str, Term] = field(default_factory=dict)
    stable_derivative: Mapping[str, Term] = field(default_factory=dict)
    assume: tuple[Literal, ...] = ()
    conventions: Mapping[str, tuple[tuple[tuple[Literal, ...], Term | float], ...]] = field(default_factory=dict)
    at_infinity: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    smooth: bool = False
    meaning: str = ""
    cores: Mapping[str, str] = field(default_factory=dict)
    """Cores that compute the whole value (``""``) or the derivative in an input."""
    written_out: Mapping[str, Callable[..., int]] = field(default_factory=dict)
    """Likewise what is written out by hand, of all inputs and parameters; higher derivatives by their keys."""
    written_wide: Mapping[str, Callable[..., int]] | None = None
    """What is written out otherwise where float32 is computed in float64; None: that is done by the same op list.

    It is for values and derivatives in inputs."""

    @property
    def strict_inputs(self) -> tuple[str, ...]:
        """The inputs whose NaN must come out.

        An op that only selects between inputs drops the one not taken, NaN and all.
        """
        f = self.formula
        if f.op == "cond" and all(arm.op == "var" and arm.free.isdisjoint(f.terms[0].free) for arm in f.terms[1:]):
            return tuple(n for n in self.inputs if n in f.terms[0].free)
        return self.inputs

    @property
    def symbols(self) -> tuple[str, ...]:
        """Inputs and parameters, in the order of the arguments."""
        return (*self.inputs, *self.params)


def tangent_name(name: str) -> str:
    """The argument that holds the tangent of ``name``; no name of the language begins with ``_``."""
    return "_d" + name


def samples(source: Source) -> list[dict[str, Fraction]]:
    """Values of all symbols at which limits in one input are tried: the default and another value of each parameter."""
    params = {n: Fraction(1) if v is None else v for n, v in source.params.items()}
    several = len(source.inputs) > 1
    found: list[dict[str, Fraction]] = []
    for scale in (Fraction(1), Fraction(3, 2)) if params else (Fraction(1),):
        scaled = {n: v * scale for n, v in params.items()}
        # every pair of values of two inputs; of more inputs a walk through the values with a stride of its own for each
        for k in range(len(SAMPLES) ** 2 if several else 1):
            values = [
                SAMPLES[(k // len(SAMPLES) + i) % len(SAMPLES) if i % 2 else k * (i + 1) % len(SAMPLES)]
                for i in range(len(source.inputs))
            ]
            found.append(
                {
                    **scaled,
                    **(dict(zip(source.inputs, values, strict=True)) if several else {source.inputs[0]: Fraction(1)}),
                }
            )
    return [s for s in found if all(_holds(a, s) for a in source.assume)]


def _holds(a: Literal, values: dict[str, Fraction]) -> bool:
    v = evaluate(a.term, values)
    return bool({">": v > 0, ">=": v >= 0, "=": v == 0, "!=": v != 0}[a.relation])


def _finite_first(terms: Mapping[str, Term], name: str, formula: Term) -> Term:
    return terms[name] if name in terms else differentiate(formula, name, expand)


class Assembly:
    """The routines of one op, all emitted into one op list so that they share what they can."""

    def __init__(self, source: Source, rounds: bool = False) -> None:
        self.source = source
        self.rounds = rounds
        """Whether a derivative is rounded to float32 before it is multiplied by a cotangent or tangent: so is it in the
        product of the tape, where it has been computed along with the value, and the bits are to be the same."""
        self.code = OpList()
        known: dict[str, Range] = known_from(list(source.assume))
        self.lowering = Lowering(self.code, known)
        self.machine = Lowering(self.code, known, reorder=True)
        self.samples = samples(source)
        self.claimed = {n: _finite_first(source.derivative, n, source.formula) for n in source.symbols}

    def first(self) -> dict[str, Routine]:
        """The value and the routines of first order, by key."""
        s = self.source
        made: dict[str, Routine] = {"forward": self._finish(self._forward(), s.symbols)}
        raw: dict[str, int] = {}
        for n in s.symbols:
            raw[n] = self._first(n)
            made[f"partial_{n}"] = self._finish(self._guarded(raw[n]), s.symbols)
            made[f"vjp_{n}"] = self._finish(self._linear({COTANGENT: raw[n]}), (COTANGENT, *s.symbols))
        tangents = {tangent_name(n): raw[n] for n in s.inputs}
        made["jvp"] = self._finish(self._linear(tangents), (*tangents, *s.symbols))
        return made

    def routines(self) -> dict[str, Routine]:
        """Every routine of the op, by its key."""
        s = self.source
        made = self.first()
        seconds: dict[tuple[str, str], Term] = {}
        for a, b in combinations_with_replacement(s.symbols, 2):
            seconds[a, b] = differentiate(self.claimed[a], b, expand)
            key = f"second_{a}_{b}"
            made[key] = self._finish(self._higher(seconds[a, b], 2, key), s.symbols)
        if len(s.inputs) == 1:
            x = s.inputs[0]
            made["third"] = self._finish(self._higher(differentiate(seconds[x, x], x, expand), 3, "third"), s.symbols)
        return made

    def _finish(self, result: int, arguments: tuple[str, ...]) -> Routine:
        return finish(self.code, arguments, result)

    def _forward(self) -> int:
        result = self._core("")
        if result is None:
            result = self.lowering.value(self.source.stable)
        result = self._limits(result, self.source.formula, "")
        return guards.hand_on_nan(self.code, result, self.source.strict_inputs)

    def _first(self, name: str) -> int:
        """The partial derivative with conventions and limits, before NaN and the domain are seen to."""
        s = self.source
        core = self._core(name)
        if core is not None:
            result = core
        elif name in s.stable_derivative:
            result = self.lowering.value(s.stable_derivative[name])
        else:
            result = self.machine.value(self.claimed[name])
        for where, value in s.conventions.get(name, ()):
            result = self._convention(result, where, value)
        result = self._near_zero(result, 1)
        return self._limits(result, self.claimed[name], name)

    def _core(self, which: str) -> int | None:
        """The value or a derivative as one call or written out, where there is such a form of it."""
        s = self.source
        if which in s.written_out:
            return s.written_out[which](self.code, *(self.code.input(n) for n in s.symbols))
        name = s.cores.get(which)
        return None if name is None else self.code.call(name, self.code.input(s.inputs[0]))

    def _near_zero(self, result: int, order: int) -> int:
        """Next to a removable singularity the series stands in for a difference that cancels."""
        series = SERIES.get(self.source.name)
        return result if series is None else series(self.code, result, self.code.input(self.source.inputs[0]), order)

    def _higher(self, term: Term, order: int, key: str) -> int:
        result = self._core(key) if key in self.source.written_out else None
        if result is None:
            result = self._near_zero(self.machine.value(term), order)
        return self._guarded(self._limits(result, term, None))

    def _convention(self, result: int, where: tuple[Literal, ...], value: Term | float) -> int:
        here = self.code.truth(True)
        for literal in where:
            here = self.code.both(here, self.lowering.condition(literal))
        wanted = guards.number(self.code, value) if isinstance(value, float) else self.lowering.value(value)
        chosen = self.code.select(here, wanted, result)
        return result if self._same_there(result, chosen, where) else chosen

    def _same_there(self, one: int, other: int, where: tuple[Literal, ...]) -> bool:
        """Whether the op list gives the convention by itself; tried for ``x = c`` of one symbol (both zeros for 0)."""
        s = self.source
        if len(s.symbols) != 1 or len(where) != 1 or where[0].relation != "=":
            return False
        shift, parts = addends(where[0].term)
        if len(parts) != 1 or abs(parts[0][0]) != 1 or parts[0][1].above != (var(s.inputs[0]),) or parts[0][1].below:
            return False
        point = float(-shift / parts[0][0])
        for dtype in ("float32", "float64"):
            given = {s.inputs[0]: [point, -0.0 if point == 0 else point]}
            values = [interpret(finish(self.code, s.symbols, v), given, dtype) for v in (one, other)]
            if not (values[0] == values[1]).all():
                return False
        return True

    def _limits(self, result: int, truth: Term, which: str | None) -> int:
        s = self.source
        given: dict[tuple[str, int], float] = {}
        if which is not None and len(s.inputs) == 1:
            for sign, value in zip((-1, 1), s.at_infinity.get(which, (None, None)), strict=True):
                if value is not None:
                    given[s.inputs[0], sign] = value
        if not self.samples or self.code.value_of(result) is not None:
            return result
        return guards.at_infinity(self.code, result, s.inputs, truth, given, self.samples)

    def _guarded(self, result: int) -> int:
        s = self.source
        code = self.code
        inside = guards.domain(self.lowering, s.formula, result)
        result = code.select(inside, result, code.special("nan"))
        return guards.hand_on_nan(code, result, s.strict_inputs)

    def _linear(self, factors: Mapping[str, int]) -> int:
        """The sum of factors times partial derivatives.

        A derivative of 0 from a branch gives 0 whatever the factor.  A factor of 0 gives 0 whatever the derivative, NaN
        and points outside the domain included: it comes from a selection that dropped this op.  As 0 times anything
        else is 0 already, only NaN has to be replaced.
        """
        code = self.code
        zero = code.const(0)
        terms: list[int] = []
        dropped = code.truth(True)
        for name, p in factors.items():
            g = code.input(name)
            constant = code.value_of(p)
            scaled = code.mul(g, code.const(constant)) if constant is not None else self._spread(p, g)
            if self.rounds and len(factors) == 1 and scaled == code.mul(p, g):
                scaled = code.mul(code.call("single", p), g)
            if len(factors) > 1 and not self._is_finite_multiple(scaled, g):
                scaled = code.select(code.both(code.compare("eq", g, zero), code.is_nan(scaled)), zero, scaled)
            dropped = code.both(dropped, code.compare("eq", g, zero))
            terms.append(scaled)
        total = code.sum(terms)
        result = self._guarded(total)
        if len(factors) == 1 and result == total and self._is_finite_multiple(total, code.input(next(iter(factors)))):
            return result
        if code.value_of(result) is not None:
            return result
        return code.select(code.both(dropped, code.is_nan(result)), zero, result)

    def _spread(self, p: int, g: int) -> int:
        code = self.code
        op = code.ops[p]
        if op.name == "select" and any(self._is_plain(a) for a in op.args[1:]):
            return code.select(op.args[0], self._spread(op.args[1], g), self._spread(op.args[2], g))
        if op.name == "div":
            above, below = op.args
            inner = code.ops[above]
            if code.value_of(above) is not None or (inner.name == "div" and inner.args[1] == below):
                return code.div(self._spread(above, g), below)
            if inner.name == "neg" and code.value_of(inner.args[0]) is not None:
                return code.div(self._spread(above, g), below)
        if op.name == "neg":
            return code.neg(self._spread(op.args[0], g))
        return code.mul(p, g)

    def _is_finite_multiple(self, v: int, g: int) -> bool:
        """Whether ``v`` is a constant times ``g``, or a choice between such."""
        op = self.code.ops[v]
        if v == g or op.name == "const":
            return True
        if op.name in ("neg", "select"):
            return all(self._is_finite_multiple(a, g) for a in op.args if not self.code.ops[a].is_truth)
        return op.name == "mul" and g in op.args and any(self.code.ops[a].name == "const" for a in op.args)

    def _is_plain(self, v: int) -> bool:
        op = self.code.ops[v]
        return op.name == "const" or (op.name == "select" and any(self._is_plain(a) for a in op.args[1:]))


def routines(source: Source, is_wide: Callable[[str, str], bool] = lambda op, key: True) -> dict[str, Routine]:
    """Every routine of the op, by its key; ``is_wide(op, key)`` says which compute float32 in float64."""
    made = Assembly(source).routines()
    made = {k: r._replace(wide=is_wide(source.name, k) and roundings(r) > 1) for k, r in made.items()}
    if source.written_wide is None:
        return made
    source = replace(source, written_out={**source.written_out, **source.written_wide})
    wide = Assembly(source, rounds=len(source.inputs) == 1).first()
    of_parameters = {f"{kind}_{n}" for kind in ("partial", "vjp") for n in source.params}
    wide = {k: with_wide_cores(r) for k, r in wide.items() if made[k].wide and k not in of_parameters}
    return {k: r._replace(single=wide[k]) if k in wide and wide[k].ops != r.ops else r for k, r in made.items()}


def with_wide_cores(routine: Routine) -> Routine:
    """The op list with those cores that are enough for float32 numbers."""
    ops = (op._replace(data=WIDE.get(str(op.data), op.data)) if op.name == "call" else op for op in routine.ops)
    return routine._replace(ops=tuple(ops))
