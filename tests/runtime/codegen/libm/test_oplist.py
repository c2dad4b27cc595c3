"""The op list refuses what would be rounded or mixed in silence, and the compensated sums and products are exact."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hasderiv.runtime.codegen.libm import print_c
from hasderiv.runtime.codegen.libm.catalogue import ALL, WIDE, core
from hasderiv.runtime.codegen.libm.formats import DOUBLE, FORMATS
from hasderiv.runtime.codegen.libm.oplist import Function, OpList, Value, finish
from hasderiv.runtime.codegen.libm.print_numpy import print_function
from hasderiv.runtime.codegen.libm.twofloat import (
    Pair,
    divide,
    multiply,
    product,
    quotient,
    square_root,
    two_product,
    two_sum,
)

ALLOWED = {"input", "const", "add", "sub", "mul", "div", "neg", "abs", "sqrt", "gt", "ge", "eq", "ne", "select"}
ALLOWED |= {"and", "or", "xor", "shl", "shr", "bits", "float", "widen", "narrow"}


def run(function: Function, x: np.ndarray) -> np.ndarray:
    printed = print_function(function)
    found: dict[str, object] = {"np": np}
    exec(printed.text, found)
    out = np.empty_like(x)
    single = np.empty((printed.single, x.size), np.float32)
    double, truth = np.empty((printed.double, x.size)), np.empty((printed.truth, x.size), np.bool_)
    found[function.name](x, out, single, single.view(np.uint32), double, double.view(np.uint64), truth)
    return out


def values(make: Callable[[Value], Value], x: np.ndarray) -> list[Fraction]:
    return [Fraction(float(v)) for v in run(finish("f", make(OpList().argument())), x)]


def exactly(make: Callable[[Value], Pair], x: np.ndarray) -> list[Fraction]:
    return [a + b for a, b in zip(values(lambda v: make(v).high, x), values(lambda v: make(v).low, x), strict=True)]


NUMBERS = np.random.default_rng(5).uniform(0.01, 100, 500).astype(np.float32)
OTHER = 2.7182817459106445


def test_sums_and_products_are_exact() -> None:
    given = [Fraction(float(v)) for v in NUMBERS]
    assert exactly(lambda x: two_sum(x, OTHER), NUMBERS) == [v + Fraction(OTHER) for v in given]
    assert exactly(lambda x: two_product(x, x), NUMBERS) == [v * v for v in given]
    assert exactly(lambda x: two_product(x, x.like(OTHER)), NUMBERS) == [v * Fraction(OTHER) for v in given]


def test_pairs_hold_44_bits() -> None:
    def pair(x: Value) -> Pair:
        return two_product(x, x.like(OTHER))

    exact = [Fraction(float(v)) * Fraction(OTHER) for v in NUMBERS]
    for made, truth in (
        (exactly(lambda x: multiply(pair(x), pair(x)), NUMBERS), [v * v for v in exact]),
        (exactly(lambda x: divide(two_sum(x, 1.0), pair(x)), NUMBERS), None),
        ([v * v for v in exactly(lambda x: square_root(pair(x)), NUMBERS)], exact),
    ):
        truth = truth or [(Fraction(float(v)) + 1) / e for v, e in zip(NUMBERS, exact, strict=True)]
        assert all(abs(a / b - 1) < Fraction(1, 1 << 43) for a, b in zip(made, truth, strict=True))


def test_products_of_halves_hold_34_bits_and_quotients_are_off_by_a_unit() -> None:
    def pair(x: Value) -> Pair:
        return two_product(x, x.like(OTHER))

    def divided(x: Value) -> Value:
        return quotient(two_product(x, x), pair(x), 1.0 / (x * OTHER) * 0.9375)

    given = [Fraction(float(v)) for v in NUMBERS]
    for made, truth in (
        (exactly(lambda x: product(pair(x), x), NUMBERS), [v**2 * Fraction(OTHER) for v in given]),
        (exactly(lambda x: product(x, Pair(x.like(OTHER), x.like(2.0**-24))), NUMBERS), None),
    ):
        truth = truth or [v * (Fraction(OTHER) + Fraction(1, 1 << 24)) for v in given]
        assert all(abs(a / b - 1) < Fraction(1, 1 << 33) for a, b in zip(made, truth, strict=True))
    wanted = [v / Fraction(OTHER) for v in given]
    assert all(abs(a / b - 1) < Fraction(9, 1 << 26) for a, b in zip(values(divided, NUMBERS), wanted, strict=True))


def test_constants_must_be_float32_numbers() -> None:
    x = OpList().argument()
    with pytest.raises(ValueError, match="not a float32 number"):
        x + 0.1
    with pytest.raises(ValueError, match="not a float32 number"):
        x * 1e300
    with pytest.raises(ValueError, match="does not fit"):
        x.bits() + (1 << 32)


def test_types_do_not_mix() -> None:
    x = OpList().argument()
    with pytest.raises(TypeError, match="do not mix"):
        x + x.bits()
    with pytest.raises(TypeError, match="div of u32"):
        x.bits() / 2
    with pytest.raises(TypeError, match="and of f32"):
        x & 1
    with pytest.raises(TypeError, match="truth value"):
        (x > 1.0) + (x > 2.0)
    with pytest.raises(ValueError, match="another op list"):
        x + OpList().argument()


def test_zeros_of_both_signs_are_different_constants() -> None:
    x = OpList().argument()
    assert x.like(0.0).index != x.like(-0.0).index
    assert x.like(0.0).index == x.like(0.0).index


def test_arguments_are_told_apart() -> None:
    code = OpList()
    x, y = code.argument(DOUBLE), code.argument(DOUBLE, 1)
    assert finish("f", x + 1.0).arguments == ("x",)
    assert finish("f", y + 1.0).arguments == ("x", "y")
    text = print_c.print_function(finish("f", x / y))
    assert "hd_f(double x, double y)" in text and "= x / y;" in text


@pytest.mark.parametrize(
    ("name", "dtype"),
    [*((name, dtype) for name in ALL for dtype in FORMATS), *((name, "float64") for name in WIDE.values())],
)
def test_cores_use_ieee_and_bit_operations_only(name: str, dtype: str) -> None:
    ops = core(name, dtype).ops
    assert {op.type for op in ops} & {"f32", "f64"} == {core(name, dtype).format.kind}
    assert {op.name for op in ops} <= ALLOWED
    assert all(a < i for i, op in enumerate(ops) for a in op.args)
    assert not any(op.args and all(ops[a].name == "const" for a in op.args) for op in ops)
