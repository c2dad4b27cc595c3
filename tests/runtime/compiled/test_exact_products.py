"""A fused multiply-add stands in for nothing but the rounding error of a product, and changes no bit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hasderiv.runtime.codegen.libm.catalogue import CORES, core
from hasderiv.runtime.codegen.libm.oplist import OpList, finish
from hasderiv.runtime.codegen.libm.print_llvm import print_function
from hasderiv.runtime.codegen.libm.sweep import digest
from hasderiv.runtime.codegen.libm.twofloat import two_product
from hasderiv.runtime.compiled import exact_products, machine

from hasderiv.sweeping import fused

MENDING = "run `python -m hasderiv.sweeping.fused"
compiled = pytest.mark.skipif(machine.missing() is not None, reason=str(machine.missing()))
WITH_PRODUCTS = [name for name in CORES if "llvm.fma" in exact_products.fused(print_function(core(name)))]


def evidence() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fused.EVIDENCE.read_text(encoding="utf-8"))
    return found


def test_every_core_with_exact_products_was_tried_at_all_inputs() -> None:
    assert set(evidence()) == set(WITH_PRODUCTS), MENDING
    for name, row in evidence().items():
        assert row == {"core": digest(name), "inputs": 1 << 32, "differing": 0}, f"{MENDING} {name}`"


@compiled
@pytest.mark.parametrize("name", WITH_PRODUCTS)
def test_a_sample_agrees_to_the_bit(name: str) -> None:
    pair = fused.both_ways(name)
    assert pair is not None and fused.differing(*pair, stride=4099) == 0


@compiled
def test_a_difference_is_counted() -> None:
    sine, cosine = (fused.both_ways(name) for name in ("sin", "cos"))
    assert sine is not None and cosine is not None
    assert fused.differing(sine[0], cosine[0], stride=1 << 20) > 2000


def test_the_error_of_a_product_is_found_and_a_look_alike_is_not() -> None:
    x = OpList().argument()
    y = x * 3.0 + 1.0
    text = print_function(finish("f", two_product(x, y).low))
    assert exact_products.fused(text).count("@llvm.fma.f32(float %x, ") == 1
    assert exact_products.fused(text.replace("0x40B0010000000000", "0x40B0020000000000")) != exact_products.fused(text)
    for changed in (
        text.replace("0x40B0010000000000", "0x40B0020000000000"),  # halves of another size
        text.replace("fadd", "fsub"),
        text.replace("(float %x) alwaysinline", "(float %v_x) alwaysinline"),  # no core
    ):
        assert changed != text and "llvm.fma" not in exact_products.fused(changed)


def test_float64_and_functions_of_two_numbers_stay_as_written() -> None:
    for name, dtype in (("sin", "float64"), ("pow", "float32"), ("hypot", "float32")):
        text = print_function(core(name, dtype))
        assert exact_products.fused(text) == text
