"""Samples: where a kernel is tried, what counts as an error there, and what is checked in."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.codegen import quad_printer
from hasderiv.runtime.compiled import machine

from hasderiv.sweeping import evidence, inputs, page, samples, samples_arb, samples_evidence

from .at_once import AtOnce

flint = pytest.importorskip("flint")


pytestmark = pytest.mark.skipif(
    machine.missing() is not None or samples.missing() is not None, reason="needs gcc and the compiled path"
)
DTYPES = ("float32", "float64")
EVERY = [(name, dtype) for name in samples.names() for dtype in DTYPES if samples.keys(name, dtype)]
MISSED = {
    "float64": {
        "bce_with_logits": ["forward", "partial_x"],
        "celu": ["partial_alpha"],
        "logaddexp": ["forward"],
        "pow": ["partial_x", "partial_y"],
        "safe_log": ["forward", "partial_x"],
        "sinc": ["forward", "partial_x"],
    }
}
"""Values and first derivatives that miss their goal; all others meet it."""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("arity", [1, 2])
def test_the_sequence_can_be_cut_anywhere(arity: int, dtype: str) -> None:
    whole = inputs.sequence(arity, dtype, 0, 5000)
    for column, part in zip(whole, inputs.sequence(arity, dtype, 1234, 777), strict=True):
        assert column.dtype == dtype and column[1234 : 1234 + 777].tobytes() == part.tobytes()


def test_the_sequence_is_that_of_the_evidence() -> None:
    digest = hashlib.sha256()
    for arity in (1, 2):
        for dtype in DTYPES:
            for column in inputs.sequence(arity, dtype, 0, 4096):
                digest.update(column.tobytes())
    assert digest.hexdigest() == "edb4f83c1f1a73fcacad216f50d352bea80d62d0c6f54d16cf48cee3ff6b9da4"


@pytest.mark.parametrize("dtype", DTYPES)
def test_floats_are_numbered_in_their_order(dtype: str) -> None:
    x = inputs.sequence(1, dtype, 0, 4000)[0]
    x = np.sort(x[~np.isnan(x)])
    place = inputs.ordered(x)
    assert (np.diff(place) >= 0).all() and (inputs.numbered(place, dtype) == x).all()
    finite = x[np.isfinite(x)]
    assert (inputs.moved(finite, np.ones(finite.size, np.int64)) == np.nextafter(finite, np.array(np.inf, dtype))).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_borders_are_roots_ends_of_the_domain_and_overflow(dtype: str) -> None:
    kind = np.dtype(dtype).type
    with np.errstate(all="ignore"):
        (x,) = inputs.borders(lambda x: x * x - kind(2), 1, dtype, 0)
    largest = np.sqrt(np.finfo(dtype).max)
    for border in (kind(2) ** kind(0.5), -(kind(2) ** kind(0.5)), largest):
        assert border in x and np.nextafter(border, kind(9)) in x
    with np.errstate(all="ignore"):
        x, y = inputs.borders(lambda x, y: np.log(x - y), 2, dtype, 20)
    assert (x == np.nextafter(y, np.array(np.inf, dtype))).any() and (x == y).any()


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(-7, 10**40), Fraction(2) ** 200 + 1, Fraction(5)])
def test_constants_have_113_bits(value: Fraction) -> None:
    text = quad_printer.literal(value).strip("()").removesuffix("Q")
    mantissa, exponent = text.split("p")
    read = int(mantissa, 16) * Fraction(2) ** int(exponent)
    assert abs(read - value) <= abs(value) / 2**113


def errors(
    name: str, key: str, columns: tuple[Any, ...], got: Any, always: bool = True
) -> tuple[list[float], samples.Result]:
    """What the comparison says of results that are given."""
    found = samples.Result()
    return samples.judge(name, key, columns, got, found, always).tolist(), found


@pytest.mark.parametrize("always", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_errors_are_counted_in_units_of_the_last_place(dtype: str, always: bool) -> None:
    info = np.finfo(dtype)
    x, y = np.full(8, 3, dtype), np.full(8, 5, dtype)
    true = np.full(8, 15, dtype)
    got = true.copy()
    got[1:4] = np.nextafter(true[1:4], np.array(99, dtype))
    got[2] += 8 * info.eps
    got[4:8] = [np.nan, np.inf, 0, -np.inf]
    out, found = errors("mul", "forward", (x, y), got, always)
    assert out == [0, 1, 2, 1, -1, -1, -1, -1] and found.failures == 4 and found.worst == 2 and found.beyond == 0
    tiny = np.array([info.smallest_subnormal], dtype)
    assert errors("mul", "forward", (tiny, np.ones(1, dtype)), 4 * tiny, always)[0] == [3.0], "subnormal numbers too"
    largest = np.array([info.max], dtype)
    two = np.full(1, 2, dtype)
    assert errors("mul", "forward", (largest, two), largest, always)[0] == [-1], "a number where the value overflows"
    assert errors("mul", "forward", (largest, two), np.array([np.inf], dtype), always)[0] == [0]


@pytest.mark.parametrize("always", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_error_beyond_the_goal_is_counted_in_steps_of_an_input(dtype: str, always: bool) -> None:
    eps = np.finfo(dtype).eps
    x, y = np.array([2], dtype), np.array([3], dtype)
    _, found = errors("mul", "forward", (x, y), np.array([6 + 400 * eps], dtype), always)
    # an ULP of 6 is 4 eps; the next number after 2 is 2 eps off and after 3 as well, which is worth 3 * 2 eps
    assert found.beyond == 1 and found.moved == pytest.approx((100 - samples.goal("mul", "forward", dtype)) / 1.5)


SURE: list[tuple[str, str]] = [
    ("atan2", "forward"),
    ("bce_with_logits", "forward"),
    ("celu", "partial_alpha"),
    ("fmod", "partial_y"),
    ("logaddexp", "forward"),
    ("pow", "partial_x"),
]


@pytest.mark.parametrize(("name", "key"), SURE)
def test_the_float64_kernel_decides_only_where_it_is_right(name: str, key: str) -> None:
    """Where it decides, errors are those by ``__float128``; next to a root, where it has lost digits, it does not."""
    random = inputs.sequence(len(kernels.load(name).inputs), "float32", samples.STRETCH, 20_000)
    for columns, share in ((random, 0.3), (samples.hard(name, key, "float32"), 0)):
        every, some = samples.Result(), samples.Result()
        got, exact = samples.compare(name, key, columns, every)
        believed = samples.judge(name, key, columns, got, some, always=False)
        assert every.decided == 0 and some.decided > share * got.size and every.deviation <= samples.SLACK
        assert np.abs(believed - exact).max() <= samples.SLACK
        for field in ("failures", "beyond", "moved", "hash"):
            assert getattr(some, field) == getattr(every, field)


def test_a_float64_kernel_that_is_wrong_is_noticed() -> None:
    found = samples_evidence.read("atan2", "float32")
    assert found is not None
    for off in (samples.SLACK, 2 * samples.SLACK):
        r = {**found["routines"]["forward"], "float64": {"decided": 1, "off_ulp": off}}
        assert samples_evidence.meets("atan2", "forward", "float32", r) == (off <= samples.SLACK)


def test_a_run_that_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "STRETCH", 1000)
    monkeypatch.setattr(samples_arb, "CHECKED", 50)
    at = ("xlogy", "partial_x", "float32")
    whole = samples.begin(*at, 3500, AtOnce(), tmp_path)()
    assert whole["random_inputs"] == 3500 and whole["arb"]["failures"] == 0
    assert 0 < samples_evidence.decided(whole) <= 2500, "the first stretch and the hard inputs are __float128's"
    path = samples.journal_file(tmp_path, *at)
    kept = path.read_text().splitlines()
    assert len(kept) == len(samples.plan(3500)) == 5
    path.write_text("\n".join(kept[1:3]) + "\n[[7000, 10")
    rest = AtOnce()
    assert samples.begin(*at, 3500, rest, tmp_path)() == whole and rest.count == 3


@pytest.mark.parametrize(("name", "dtype"), EVERY)
def test_evidence_is_that_of_the_kernels(name: str, dtype: str) -> None:
    options = f"--dtype {dtype} --samples {samples_evidence.FEWEST} --write"
    assert not samples_evidence.stale(name, dtype), f"run `hasderiv sweep {name} {options}`"
    found = samples_evidence.read(name, dtype)
    assert found is not None and found["parameters"] == evidence.parameters(name)
    first = {key: r for key, r in found["routines"].items() if samples.order(key) < 2}
    missed = [key for key, r in first.items() if not samples_evidence.meets(name, key, dtype, r)]
    assert missed == MISSED.get(dtype, {}).get(name, [])


@pytest.mark.parametrize(("name", "dtype"), EVERY)
def test_the_formula_is_that_of_arb(name: str, dtype: str) -> None:
    """What Arb finds false at its inputs, the comparison has counted at all of them."""
    found = samples_evidence.read(name, dtype)
    assert found is not None
    for key, r in found["routines"].items():
        assert r["arb"]["points"] >= 100 and (samples.order(key) > 1 or r["arb"]["failures"] <= r["failures"])


@pytest.mark.parametrize(
    ("name", "dtype"), [("bce_with_logits", "float32"), ("pow", "float64"), ("atan2", "float32"), ("silu", "float64")]
)
def test_a_part_of_the_samples_again(name: str, dtype: str) -> None:
    found = samples_evidence.read(name, dtype)
    assert found is not None
    for key, recorded in found["routines"].items():
        at = tuple(np.array([float.fromhex(v)], dtype) for v in recorded["at"])
        _, (there,) = samples.compare(name, key, at, samples.Result())
        assert there == pytest.approx(recorded["largest_ulp"], rel=1e-6, abs=samples.SLACK)
        again = samples.stretch(name, key, dtype, 0, 5000)
        assert again["worst"] <= recorded["largest_ulp"] + 1e-6 and again["failures"] <= recorded["failures"]


def test_the_page_is_that_of_the_evidence() -> None:
    text = (Path(__file__).parents[2] / "docs" / "samples.md").read_text(encoding="utf-8")
    assert text == page.page(), "run `python -m hasderiv.sweeping.page > docs/samples.md`"
