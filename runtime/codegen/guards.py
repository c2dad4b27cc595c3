"""What is put around an op list so that its special values are right: NaN, the domain, the infinities.

*NaN in, NaN out*: comparisons swallow NaN, so an input that can be lost in one is tested at the end.
*Domain*: a derivative such as ``1/x`` of ``log`` is NaN where ``log`` has no value.
*Infinity*: where the limit of the function exists and the op list gives something else (``inf * 0``), the limit
is selected, and from the last power of two on at which the true value rounds to the limit, if the op list already fails
on finite numbers there (``x**3`` overflows in gelu').
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from hasderiv.proofs.kernel.terms import Literal, Term, add, neg, postorder, rat

from .elementary import OP_LISTS, TABLE
from .evaluate import constant, evaluate, expand, limit_at
from .interpret import interpret
from .lower import Lowering
from .ssa import OpList, finish

TOTAL_OR_KNOWN = ({*TABLE, *OP_LISTS, "rsqrt", "round", "ceiling"}) - {"pow"}
_LOSES: dict[str, tuple[int, ...]] = {"pow": (), "hypot": (), "copysign": (0,)}


def _below(code: OpList, v: int) -> tuple[int, ...]:
    """The operands that hand NaN on to ``v``."""
    op = code.ops[v]
    if op.name == "call" and op.data in _LOSES:
        return tuple(op.args[i] for i in _LOSES[str(op.data)])
    return op.args


def forced(code: OpList, result: int, name: str) -> bool:
    """Whether a NaN in the input ``name`` makes the result NaN in every case."""
    nan: list[bool] = []
    truth: list[bool | None] = []
    for v in range(result + 1):
        op = code.ops[v]
        decided: bool | None = None
        is_nan = False
        if op.name == "input":
            is_nan = op.data == name
        elif op.name == "special":
            is_nan = op.data == "nan"
        elif op.name in ("gt", "ge", "eq", "ne"):
            if nan[op.args[0]] or nan[op.args[1]]:
                decided = op.name == "ne"
        elif op.name == "truth":
            decided = op.data == "true"
        elif op.name == "not":
            inner = truth[op.args[0]]
            decided = None if inner is None else not inner
        elif op.name in ("and", "or"):
            a, b = (truth[i] for i in op.args)
            stop = op.name == "or"
            decided = stop if stop in (a, b) else (not stop if None not in (a, b) else None)
        elif op.name == "select":
            chosen = truth[op.args[0]]
            arms = op.args[1:] if chosen is None else (op.args[1 if chosen else 2],)
            is_nan = all(nan[i] for i in arms)
        elif op.name == "call" and op.data in ("pow", "hypot"):
            is_nan = all(nan[i] for i in op.args)
        else:
            is_nan = any(nan[i] for i in _below(code, v))
        nan.append(is_nan)
        truth.append(decided)
    return nan[result]


def hand_on_nan(code: OpList, result: int, inputs: tuple[str, ...]) -> int:
    """The result, and NaN wherever an input is NaN."""
    for name in inputs:
        if not forced(code, result, name):
            x = code.input(name)
            result = code.select(code.is_nan(x), x, result)
    return result


def _needs(t: Term) -> list[Literal]:
    """What the outermost operation of ``t`` needs of its operand in order to have a value there or a limit."""
    name = str(t.args[0]) if t.op == "app" else t.op
    u = t.terms[0] if t.terms else t
    if name in ("sqrt", "log", "log2", "log10", "rsqrt"):
        return [Literal(">=", u)]
    if name == "log1p":
        return [Literal(">=", add(u, rat(1)))]
    if name in ("asin", "acos", "atanh"):
        return [Literal(">=", add(u, rat(1))), Literal(">=", add(rat(1), neg(u)))]
    if name in ("fmod", "remainder"):
        return [Literal("!=", t.terms[1])]
    if name == "acosh":
        return [Literal(">=", add(u, rat(-1)))]
    return []


def domain(lowering: Lowering, formula: Term, result: int) -> int:
    """Whether the formula is inside its domain or at an end of it, as a truth value.

    Conditions are left out where ``result`` is NaN by itself without them.
    """
    code = lowering.code
    implied = _strict(code, result)
    inside: dict[Term, int] = {}

    def visit(root: Term) -> int:
        for t in postorder(root):
            if t not in inside:
                inside[t] = _inside_one(lowering, t, inside, implied, visit)
        return inside[root]

    return visit(formula)


def _inside_one(
    lowering: Lowering, t: Term, inside: Mapping[Term, int], implied: set[int], visit: Callable[[Term], int]
) -> int:
    """Whether ``t`` has a value, given the same of its operands."""
    code = lowering.code
    if not t.free:
        return code.truth(constant(t) is not None)
    if t.op == "cond":
        test, yes, no = t.terms
        taken = lowering.condition(Literal(str(t.args[0]), test))
        if inside[yes] == inside[no]:
            return code.both(inside[test], inside[yes])
        arms = code.either(code.both(taken, inside[yes]), code.both(code.negate(taken), inside[no]))
        return code.both(inside[test], arms)
    if t.op == "app" and str(t.args[0]) not in TOTAL_OR_KNOWN:
        return visit(expand(t))
    here = code.truth(True)
    for s in t.terms:
        here = code.both(here, inside[s])
    for need in _needs(t):
        certain = need.relation == ">=" and lowering.range_of(need.term)[0] >= 0
        if not certain and lowering.value(t) not in implied:
            here = code.both(here, lowering.condition(need))
    return here


def _strict(code: OpList, result: int) -> set[int]:
    """Every value whose NaN makes the result NaN."""
    forcing: list[int] = []  # of each value, as a bit mask
    for v in range(result + 1):
        op = code.ops[v]
        mask = 1 << v
        if op.name == "select":
            mask |= forcing[op.args[1]] & forcing[op.args[2]]
        elif not op.is_truth:
            for a in _below(code, v):
                mask |= forcing[a]
        forcing.append(mask)
    return {v for v in range(result + 1) if forcing[result] >> v & 1}


def _limits(t: Term, name: str, samples: list[dict[str, Fraction]]) -> dict[int, float]:
    """The limits in ``name`` that exist and are the same for every sample of the other symbols."""
    found: dict[int, float] = {}
    for sign in (-1, 1):
        values = set()
        for sample in samples:
            values.add(limit_at(lambda v, s=sample: evaluate(t, {**s, name: v}), sign))  # type: ignore[misc]
            if len(values) > 1 or None in values:
                break
        if len(values) == 1 and None not in values:
            found[sign] = float(values.pop())  # type: ignore[arg-type]
    return found


def _probes(dtype: str, sign: int) -> np.ndarray[Any, Any]:
    top = 127 if dtype == "float32" else 1023
    exponents = np.unique(np.concatenate([np.arange(0, min(top, 128) + 1), np.arange(0, top + 1, 4), [top]]))
    largest = np.finfo(dtype).max
    return sign * np.concatenate([np.ldexp(1.0, exponents), [largest, np.inf]]).astype(dtype)


def at_infinity(
    code: OpList,
    result: int,
    inputs: tuple[str, ...],
    truth: Term,
    given: Mapping[tuple[str, int], float],
    samples: list[dict[str, Fraction]],
) -> int:
    """The result with limits selected where the op list misses them.

    ``given`` are limits that the spec states, by input and sign; the others are found by numbers. ``samples`` are
    values of all symbols; the one input in question is overridden.
    """
    for name in inputs:
        limits = _limits(truth, name, samples)
        limits.update({sign: v for (n, sign), v in given.items() if n == name})
        steps: dict[int, tuple[float, float]] = {}
        for sign, limit in limits.items():
            start = _first_wrong(
                code, result, name, sign, limit, truth, samples, whole=len(samples) == 1 and len(inputs) == 1
            )
            if start is not None:
                steps[sign] = (start, limit)
        x = code.input(name)
        others = [code.input(n) for n in inputs if n != name]
        if len(steps) == 2 and steps[1] == steps[-1] and not others:
            result = code.select(
                code.compare("ge", code.call("abs", x), number(code, steps[1][0])), number(code, steps[1][1]), result
            )
            continue
        for sign, (start, limit) in steps.items():
            end = number(code, sign * start)
            reached = code.compare("ge", x, end) if sign > 0 else code.compare("ge", end, x)
            for other in others:
                reached = code.both(reached, code.compare("gt", code.special("inf"), code.call("abs", other)))
            result = code.select(reached, number(code, limit), result)
    return result


def number(code: OpList, value: float) -> int:
    """A float as a constant, an infinity included."""
    return code.const(Fraction(value)) if math.isfinite(value) else code.special("inf" if value > 0 else "-inf")


def _first_wrong(
    code: OpList,
    result: int,
    name: str,
    sign: int,
    limit: float,
    truth: Term,
    samples: list[dict[str, Fraction]],
    whole: bool,
) -> float | None:
    """From where on the limit must be selected: infinity if only there, None if the op list is right by itself."""
    start: float | None = None
    routine = finish(code, tuple(samples[0]), result)
    for dtype in ("float32", "float64"):
        for sample in samples:
            points = _probes(dtype, sign)
            values = {n: np.full(points.shape, float(v)) for n, v in sample.items()}
            got = interpret(routine, {**values, name: points}, dtype).astype(float)
            wanted = float(np.dtype(dtype).type(limit))
            last_wrong = not (
                got[-1] == wanted or abs(got[-1] - wanted) <= 8 * np.spacing(np.dtype(dtype).type(abs(wanted)))
            )
            if last_wrong and start is None:
                start = math.inf
            if not whole:
                continue
            for point, value in zip(points[:-1], got[:-1], strict=True):
                if not math.isfinite(value) and math.isfinite(limit):
                    true = evaluate(truth, {name: float(point)}, 400)
                    if mpmath.isfinite(true) and abs(true) < float(np.finfo(dtype).max):
                        begin = _begin(truth, name, sign, limit, abs(float(point)))
                        if begin is not None:
                            start = min(start or math.inf, begin)
                        break
    return start


def _begin(truth: Term, name: str, sign: int, limit: float, wrong: float) -> float | None:
    """The largest power of two up to ``wrong`` at which the true value rounds to the limit in float64."""
    start = 2.0 ** math.floor(math.log2(wrong))
    true = evaluate(truth, {name: sign * start}, 400)
    with mpmath.workdps(400):
        error = abs(true - mpmath.mpf(limit)) if limit else abs(true)
        allowed = mpmath.mpf(2) ** -1075 if limit == 0 else mpmath.mpf(float(np.spacing(abs(limit)))) / 4
        # a limit such as sqrt(pi)/2 is itself a float64: allow for its own rounding
        return start if error <= (allowed if limit in (0, 1, -1, 0.5, -0.5, 2, -2) else 3 * allowed) else None
