"""Every constant can be made anew: the short ones all, the polynomials by a sample; a changed digit is noticed."""

from __future__ import annotations

import mpmath
import pytest
from hasderiv.runtime.codegen.libm import coefficients, coefficients64, coefficients_wide, fits
from hasderiv.runtime.codegen.libm.minimax import SINGLE, Fit, ends, fit, nearest

MENDING = "run `python -m hasderiv.runtime.codegen.libm.fits`"
MODULES = {SINGLE: coefficients, 53: coefficients64}


@pytest.mark.parametrize("file", fits.FILES)
def test_constants_are_those_of_the_script(file: str) -> None:
    text = (fits.FOLDER / file).read_text(encoding="utf-8")
    assert text.startswith(fits.heading(fits.FILES[file])), MENDING


@pytest.mark.parametrize(("name", "bits"), [("SIN", SINGLE), ("EXP", SINGLE), ("COS", 53)])
def test_polynomials_are_those_of_the_script(name: str, bits: int) -> None:
    file = next(file for file, width in fits.FILES.items() if width == bits)
    assert fits.polynomial(name, bits) in (fits.FOLDER / file).read_text(encoding="utf-8"), MENDING


@pytest.mark.parametrize("bits", MODULES)
def test_nothing_is_there_that_the_script_does_not_make(bits: int) -> None:
    wanted = {name for name, task in fits.FITS.items() if bits == SINGLE or task.double is not None}
    assert {name for name in vars(MODULES[bits]) if name.isupper()} == {*wanted, *fits.constants(bits)}


@pytest.mark.parametrize(
    ("name", "bits"),
    [(name, bits) for name, task in fits.FITS.items() for bits in MODULES if bits == SINGLE or task.double is not None],
)
def test_the_polynomial_approximates_its_function(name: str, bits: int) -> None:
    """Independent of the fitting: the error at points that are not on its grid."""
    task = fits.FITS[name]
    with mpmath.workdps(40):
        low, high = ends(task, bits)
        for i in range(1, 50):
            x = low + (high - low) * (i + mpmath.mpf(1) / 7) / 51
            value = mpmath.polyval(list(getattr(MODULES[bits], name))[::-1], x)
            assert abs(task.weight(x) * (task.function(x) - value)) < 2.0 ** -(bits + 2.5)


def test_the_wide_constants_are_those_of_the_script() -> None:
    text = (fits.FOLDER / fits.WIDE_FILE).read_text(encoding="utf-8")
    assert text.startswith(fits.heading(53, fits.wide_constants())), MENDING
    assert fits.polynomial("SIN", 53, fits.WIDE) in text, MENDING
    assert fits.quotient("ERFC") in text, MENDING
    quotients = {f"{name}_{part}" for name in fits.QUOTIENTS for part in ("ABOVE", "BELOW")}
    made = {*fits.WIDE, *fits.wide_constants(), *quotients}
    assert {name for name in vars(coefficients_wide) if name.isupper()} == made


@pytest.mark.parametrize("name", fits.WIDE)
def test_the_wide_polynomial_approximates_its_function(name: str) -> None:
    task = fits.WIDE[name]
    with mpmath.workdps(40):
        low, high = ends(task, 53)
        for i in range(1, 50):
            x = low + (high - low) * (i + mpmath.mpf(1) / 7) / 51
            value = mpmath.polyval(list(getattr(coefficients_wide, name))[::-1], x)
            assert abs(task.weight(x) * (task.function(x) - value)) < 2.0 ** -(32 if name.endswith("SHORT") else 43)


@pytest.mark.parametrize("name", fits.QUOTIENTS)
def test_the_quotient_approximates_its_function(name: str) -> None:
    task = fits.QUOTIENTS[name]
    above, below = (getattr(coefficients_wide, f"{name}_{part}")[::-1] for part in ("ABOVE", "BELOW"))
    with mpmath.workdps(40):
        for i in range(1, 50):
            x = task.nodes((i + mpmath.mpf(1) / 7) / 51)
            value = mpmath.polyval(list(above), x) / mpmath.polyval(list(below), x)
            assert abs(value / task.function(x) - 1) < 2.0**-26.7


def test_a_fit_is_nearly_the_best() -> None:
    """(x+2)^4 on [-1, 1] by a cubic: the best error is 1/8, and all coefficients are float32 numbers."""
    found, error = fit(Fit(lambda x: (x + 2) ** 4, "-1", "1", 3, lambda x: 1))
    assert 0.1249 <= error < 0.14  # on the grid, hence a little less
    assert all(nearest(mpmath.mpf(c)) == c for c in found)
    assert found[2] == pytest.approx(25.0, abs=0.03)
    with pytest.raises(ValueError, match="no polynomial"):
        fit(fits.FITS["ERFC_MIDDLE"], 53)


def test_rounding_is_to_nearest_even_and_once() -> None:
    with mpmath.workdps(40):
        assert nearest(mpmath.mpf(1) + mpmath.mpf(2) ** -24) == 1.0
        assert nearest(mpmath.mpf(1) + mpmath.mpf(2) ** -24 + mpmath.mpf(2) ** -60) == 1 + 2.0**-23
        assert nearest(mpmath.mpf(1) + mpmath.mpf(2) ** -53 + mpmath.mpf(2) ** -90, 53) == 1 + 2.0**-52
        with pytest.raises(ArithmeticError, match="out of the range"):
            nearest(mpmath.mpf(2) ** 130)
