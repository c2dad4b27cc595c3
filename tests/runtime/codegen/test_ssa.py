"""The op list: rounding of constants, interning, the rewrites, and the printers against the interpreter."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hasderiv.proofs.kernel.terms import ONE, Literal, Term, add, app, cond, mul, neg, power, rat, unary, var
from hasderiv.runtime import cores
from hasderiv.runtime.blocks import entry
from hasderiv.runtime.codegen import guards
from hasderiv.runtime.codegen.c_printer import literal
from hasderiv.runtime.codegen.interpret import interpret
from hasderiv.runtime.codegen.lower import Lowering
from hasderiv.runtime.codegen.numpy_printer import print_function
from hasderiv.runtime.codegen.ssa import OpList, Routine, canonical, finish, literal_for_both, nearest
from hasderiv.runtime.lanes import choose

X = var("x")


def lowered(t: Term, names: tuple[str, ...] = ("x",), reorder: bool = False) -> Routine:
    code = OpList()
    return finish(code, names, Lowering(code, reorder=reorder).value(t))


def calls(routine: Routine) -> list[str]:
    return [str(op.data) if op.name == "call" else op.name for op in routine.ops if op.name not in ("input", "const")]


def test_nearest_is_correctly_rounded() -> None:
    rng = random.Random(0)
    for _ in range(3000):
        value = Fraction(rng.randint(-(10**30), 10**30), rng.randint(1, 10**30)) * Fraction(2) ** rng.randint(-160, 140)
        assert nearest(value, "float64") == value.numerator / value.denominator
        single = np.float32(nearest(value, "float32"))
        with np.errstate(over="ignore"):
            below, above = np.nextafter(single, np.float32(-np.inf)), np.nextafter(single, np.float32(np.inf))
        if np.isfinite(single) and np.isfinite(below) and np.isfinite(above):
            error = abs(Fraction(float(single)) - value)
            assert error <= abs(Fraction(float(below)) - value) and error <= abs(Fraction(float(above)) - value)
    assert nearest(Fraction(1, 2**150), "float32") == 0.0  # a tie goes to even
    assert nearest(Fraction(3, 2**150), "float32") == 2.0**-148
    assert nearest(Fraction(10) ** 39, "float32") == float("inf")


def test_one_literal_serves_both_dtypes() -> None:
    for value in (Fraction(1, 3), Fraction("0.044715"), Fraction(10**38), Fraction(1, 10**40)):
        number = literal_for_both(value)
        assert number == nearest(value, "float64") and float(np.float32(number)) == nearest(value, "float32")
    middle = 1 + Fraction(1, 2**24) + Fraction(1, 2**80)  # rounds to the middle in float64, then to even: wrong
    with pytest.raises(ValueError, match="middle"):
        literal_for_both(middle)


def test_c_literals_are_exact() -> None:
    for value in (Fraction(1, 10), Fraction(-7, 3), Fraction(2), Fraction(1, 10**40)):
        for dtype, suffix in (("float32", "f"), ("float64", "")):
            text = literal(value, dtype)
            assert text.endswith(suffix)
            number = text.removesuffix("f") if "p" not in text else text[: -len(suffix)] if suffix else text
            assert (float.fromhex(number) if "x" in number else float(number)) == nearest(value, dtype)


def test_equal_operations_are_one() -> None:
    code = OpList()
    x, y = code.input("x"), code.input("y")
    assert code.mul(x, y) == code.mul(y, x)
    assert code.sub(x, y) != code.sub(y, x)
    assert code.const(1) == code.const(Fraction(2, 2))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (neg(X), ["neg"]),
        (add(X, neg(var("y"))), ["sub"]),
        (mul(var("y"), unary("inv", X)), ["div"]),
        (power(X, 3), ["mul", "mul"]),
        (add(unary("exp", X), rat(-1)), ["expm1"]),
        (unary("log", add(ONE, X)), ["log1p"]),
        (unary("sqrt", add(ONE, power(X, 2))), ["hypot"]),
    ],
)
def test_rewrites(term: Term, expected: list[str]) -> None:
    assert calls(lowered(term, ("x", "y"))) == expected


@pytest.mark.parametrize(
    "term",
    [
        add(ONE, neg(power(app("tanh", X), 2))),
        add(ONE, neg(app("sigmoid", X))),
        add(ONE, app("tanh", X)),
        add(ONE, neg(unary("erf", X))),
        add(ONE, unary("erf", X)),
        add(rat(3), neg(mul(rat(3), power(X, 2)))),
        add(X, neg(app("tanh", X))),
        unary("sqrt", add(power(X, 2), rat(4))),
        unary("exp", neg(power(X, 2))),
        unary("exp", mul(X, unary("log", rat(2)))),
        mul(mul(X, power(X, 2)), power(unary("inv", power(X, 2)), 2)),
    ],
)
def test_identities_hold(term: Term) -> None:
    """The rewritten forms agree with the term, evaluated to 60 digits."""
    from hasderiv.runtime.codegen.evaluate import evaluate

    points = np.array([-0.9, -0.3, 0.2, 0.75, 1.5, 3.0])
    for reorder in (False, True):
        got = interpret(lowered(term, reorder=reorder), {"x": points})
        for p, g in zip(points, got, strict=True):
            true = float(evaluate(term, {"x": float(p)}))
            assert abs(g - true) <= 8 * np.spacing(abs(true)), (p, g, true)


def test_comparisons_do_not_round() -> None:
    """``a - b > 0`` is compared as ``a > b``: the difference of two infinities is NaN."""
    code = OpList()
    lowering = Lowering(code)
    condition = lowering.condition(Literal(">", add(X, neg(var("y")))))
    assert code.ops[condition].name == "gt" and {code.ops[a].name for a in code.ops[condition].args} == {"input"}
    condition = lowering.condition(Literal(">=", add(mul(rat(2), X), rat(-1))))
    assert [code.ops[a].data for a in code.ops[condition].args] == ["x", Fraction(1, 2)]


def random_term(rng: random.Random, depth: int) -> Term:
    if depth == 0:
        return rng.choice([X, var("y"), rat(rng.randint(-3, 3)), rat(Fraction(rng.randint(1, 9), 7))])
    kind = rng.randrange(8)
    a, b = random_term(rng, depth - 1), random_term(rng, depth - 1)
    if kind == 0:
        return add(a, b)
    if kind == 1:
        return mul(a, b)
    if kind == 2:
        return unary(rng.choice(["exp", "sin", "atan", "inv", "sqrt", "erf"]), a)
    if kind == 3:
        return cond(rng.choice([">", ">=", "=", "!="]), a, b, random_term(rng, depth - 1))
    if kind == 4:
        return app(rng.choice(["max", "min", "hypot"]), a, b)
    if kind == 5:
        return app(rng.choice(["tanh", "abs", "sign", "sigmoid"]), a)
    return power(a, rng.randint(2, 4)) if kind == 6 else add(a, neg(b))


def agrees(routine: Routine, arrays: tuple[np.ndarray, ...]) -> None:
    """The printed function equals the interpreter bit for bit, with buffers and without, and spares its input."""
    function = print_function("f", routine)
    space: dict[str, Any] = {"np": np, "cores": cores, "choose": choose}
    exec(function.text, space)
    constants = entry(space["f"], 0, 0, tuple(map(float, function.constants))).constants[np.float32]
    wanted = interpret(routine, dict(zip(routine.arguments, arrays, strict=True)), "float32")
    kept = [a.copy() for a in arrays]
    for small in (True, False):
        out = np.empty_like(arrays[0])
        floats = [None if small else np.empty_like(out) for _ in range(function.floats)]
        truths = [None if small else np.empty(out.shape, bool) for _ in range(function.truths)]
        with np.errstate(all="ignore"):
            space["f"](floats, truths, constants, *arrays, out)
        np.testing.assert_array_equal(out, wanted, err_msg=function.text)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, kept, strict=True))


def test_printed_numpy_equals_the_interpreter() -> None:
    """Registers are never reused too early."""
    rng = random.Random(5)
    values = (np.random.default_rng(0).normal(size=(2, 257)) * 3).astype(np.float32)
    for trial in range(300):
        agrees(lowered(random_term(rng, 4), ("x", "y"), reorder=trial % 2 == 0), tuple(values))


def test_printed_numpy_looks_after_nan() -> None:
    rng = random.Random(6)
    values = (np.random.default_rng(1).normal(size=(3, 257)) * 3).astype(np.float32)
    values[0, ::5], values[0, ::7], values[1, ::3], values[2, ::4] = 0.0, np.nan, np.nan, np.inf
    for _ in range(300):
        code = OpList()
        result = guards.hand_on_nan(code, Lowering(code).value(random_term(rng, 4)), ("x", "y"))
        g, zero = code.input("g"), code.const(0)
        product = code.mul(g, result)
        dropped = code.both(code.compare("eq", g, zero), code.is_nan(product))
        routine = finish(code, ("g", "x", "y"), code.select(dropped, zero, product))
        agrees(routine, tuple(values))


def test_nested_selections_with_one_alternative_are_one() -> None:
    code = OpList()
    x, y = code.input("x"), code.input("y")
    inside = code.select(code.compare("gt", x, y), x, code.const(0))
    both = code.select(code.compare("gt", y, code.const(1)), inside, code.const(0))
    assert [op.name for op in finish(code, ("x", "y"), both).ops].count("select") == 1


def test_equal_routines_are_printed_once() -> None:
    a = lowered(mul(X, var("y")), ("x", "y"))
    b = lowered(mul(var("u"), var("v")), ("u", "v"))
    c = lowered(add(var("u"), var("v")), ("u", "v"))
    assert canonical({"a": a, "b": b, "c": c}) == {"a": "a", "b": "a", "c": "c"}
