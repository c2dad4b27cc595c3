"""The sweep finds what is wrong: an error of one unit, a flushed subnormal, a lost sign, a missing NaN."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hasderiv.runtime.codegen.libm import catalogue, reference, sweep
from hasderiv.runtime.codegen.libm.oplist import Value
from hasderiv.runtime.codegen.libm.sweep import Found, Result, Shard

pytestmark = pytest.mark.skipif(sweep.compiler() is None, reason="needs a C compiler")


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """``swept(core, shard)``: a sweep of something else in the place of tanh."""

    def run(core: object, shard: Shard) -> Result:
        monkeypatch.setitem(catalogue.CORES, "tanh", core)
        catalogue.core.cache_clear()
        sweep.shared_library.cache_clear()
        return sweep.run("tanh", shard)

    yield run
    monkeypatch.undo()
    catalogue.core.cache_clear()
    sweep.shared_library.cache_clear()


tanh = catalogue.CORES["tanh"]
UPPER = Shard(0x3F000000, 1000, 997)


def test_the_true_core_passes(swept: object) -> None:
    assert swept(tanh, UPPER).failures == 0 and swept(tanh, UPPER).worst < 1


def test_an_error_in_the_last_place_counts_as_one(swept: object) -> None:
    found = swept(lambda x: (tanh(x).bits() + 1).as_float(), UPPER)
    assert 1.0 < found.worst < 2.0


def test_a_flushed_subnormal_is_an_error_and_a_flushed_normal_number_a_failure(swept: object) -> None:
    def flushing(limit: float) -> object:
        return lambda x: (abs(x) < limit).select(0.0, tanh(x))

    found = swept(flushing(2.0**-126), Shard(0, 1000))
    assert found.failures == 0 and found.worst > 900
    assert swept(flushing(2.0**-125), Shard(0x00800000, 1000)).failures == 1000


def test_a_lost_sign_of_zero_is_a_failure(swept: object) -> None:
    assert swept(lambda x: x.equals(0.0).select(0.0, tanh(x)), Shard(0x80000000, 2)).failures == 1


def test_nan_and_infinity_out_of_place_are_failures(swept: object) -> None:
    def where(value: float, replaced: float) -> object:
        return lambda x: (x > value).select(replaced, tanh(x))

    assert swept(where(1.0, float("nan")), Shard(0x3F800000, 10)).failures == 9
    assert swept(where(1.0, float("inf")), Shard(0x3F800000, 10)).failures == 9

    def never_nan(x: Value) -> Value:
        return x.is_nan().select(1.0, tanh(x))

    assert swept(never_nan, Shard(0x7F800000, 10)).failures == 9


def test_hashes_add_up_whatever_the_cut() -> None:
    whole = Found().with_shard(sweep.run("tanh", Shard(123, 20_000, 7)))
    parts = Found()
    for first, count in ((13_000, 7_000), (0, 1), (1, 12_999)):
        parts = parts.with_shard(sweep.run("tanh", Shard(123 + 7 * first, count, 7)))
    assert parts == whole


def test_hashes_see_one_bit(swept: object) -> None:
    def altered(x: Value) -> Value:
        return x.equals(0.75).select((tanh(x).bits() ^ 1).as_float(), tanh(x))

    shard = Shard(0x3F400000 - 5, 11)
    assert swept(tanh, shard).hash != swept(altered, shard).hash


@pytest.mark.parametrize("name", catalogue.ALL)
def test_the_reference_agrees_with_arb(name: str) -> None:
    pytest.importorskip("flint")
    worst, count = reference.largest_deviation(name, 1000, seed=7)
    assert count > 100 and worst < sweep.REFERENCE_ULP


def test_units_in_the_last_place() -> None:
    assert reference.unit(1.0) == 2.0**-23 and reference.unit(-1.9) == 2.0**-23
    assert reference.unit(2.0**-140) == 2.0**-149 == reference.unit(0.0)
    assert reference.unit(float(np.nextafter(np.float32(2), np.float32(0)))) == 2.0**-23
