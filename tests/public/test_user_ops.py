"""``hd.define``: what it proves, what it refuses, and that the op then works like one of the catalogue."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy

import hasderiv as hd

x, y, k, b = sympy.symbols("x y k b")


def test_a_smooth_op_is_proved_compiled_and_differentiable() -> None:
    op = hd.define("tsquareplus(x, *, b)", (x + sympy.sqrt(x**2 + b)) / 2, assume=["b > 0"])
    assert hd.tsquareplus is op and hd.ops["tsquareplus"] is op
    points = np.linspace(-3.0, 3.0, 7)
    t = hd.tensor(points, requires_grad=True)
    op(t, b=1.0).sum().backward()
    np.testing.assert_allclose(t.grad.numpy(), (1 + points / np.sqrt(points**2 + 1)) / 2, rtol=1e-14)
    (piece,) = hd.where("tsquareplus").pieces
    assert piece.status == "differentiable"
    assert hd.where(op, b=3).at(1).derivative == "3/4"


def test_a_kink_keeps_the_convention_of_its_author() -> None:
    third = sympy.Rational(1, 3)
    claim = sympy.Piecewise((1, x > 0), (-2, x < 0), (third, True))
    op = hd.define("tbent(x)", sympy.Piecewise((x, x >= 0), (-2 * x, True)), derivative=claim)
    at = hd.where("tbent").at(0)
    assert (at.status, at.left, at.right, at.convention) == ("not_differentiable", "-2", "1", "1/3")
    t = hd.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    loss = op(t).sum()
    (used,) = hd.conventions_used(loss)
    assert used.op == "tbent" and used.coordinates == [(1,)]
    loss.backward()
    np.testing.assert_allclose(t.grad.numpy(), [-2, 1 / 3, 1])


def test_two_inputs() -> None:
    op = hd.define("tspring(x, y, *, k)", k * (x - y) ** 2 / 2, assume=["k > 0"])
    assert op.partials(3.0, 1.0, k=2.0) == (4.0, -4.0)


WRONG = {
    "factor": ((x**2 + b) ** 2, {"derivative": 2 * (x**2 + b)}, "refuted"),
    "sign": (sympy.exp(-b * x), {"derivative": b * sympy.exp(-b * x)}, "refuted"),
    "branch": (
        sympy.Piecewise((x**2, x > 1), (2 * x - 1, True)),
        {"derivative": sympy.Piecewise((2 * x, x > 0), (2, True))},
        "refuted",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_refused_with_the_point(name: str) -> None:
    formula, claim, verdict = WRONG[name]
    with pytest.raises(hd.CertificateError, match=verdict) as error:
        hd.define(f"twrong_{name}(x, *, b=1)", formula, assume=["b > 0"], **claim)
    assert "x = " in str(error.value)
    assert f"twrong_{name}" not in hd.ops


def test_a_name_of_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="catalogue has an op called 'gelu'"):
        hd.define("gelu(x)", x)


def test_an_undeclared_symbol_is_refused() -> None:
    with pytest.raises(ValueError, match="symbol b is neither an input nor a parameter"):
        hd.define("tloose(x)", x * b)


def test_defining_again_replaces() -> None:
    hd.define("tagain(x)", x**2)
    assert hd.ops["tagain"](3.0) == 9
    hd.define("tagain(x)", x**3)
    assert hd.tagain(3.0) == 27
    assert hd.where("tagain").at(2).derivative == "12"


def test_check_on_a_file_that_defines(tmp_path: Path) -> None:
    good = tmp_path / "good.py"
    good.write_text(
        "import sympy, hasderiv as hd\nx = sympy.Symbol('x')\nhd.define('good_op(x)', x * sympy.exp(x))\n",
        encoding="utf-8",
    )
    (result,) = hd.check(good)
    assert (result.name, result.verdict) == ("good_op", "proved")
    bad = tmp_path / "bad.py"
    bad.write_text(good.read_text(encoding="utf-8").replace("exp(x))", "exp(x), derivative=x)"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "hasderiv", "check", str(bad)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "refuted" in done.stdout and "good_op" in done.stdout
