"""The cross-examination agrees with the catalogue, and notices a wrong reference, spec or statement."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hasderiv.proofs import catalogue
from hasderiv.proofs.examine import Examiner, examine, examine_claims, references
from hasderiv.proofs.examine.references import REFERENCES
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.conclusions import Map
from hasderiv.proofs.pieces import DerivativeMap, Piece, from_theorem
from hasderiv.spec import OPS
from mpmath import mp

from hasderiv.cli import main


@pytest.mark.parametrize("name", list(OPS))
def test_every_piece_of_every_map_agrees(name: str) -> None:
    found = examine(name, points=4)
    assert found.good, "\n".join(map(str, found.findings))
    assert found.maps >= len(OPS[name].inputs) and found.pieces >= found.maps
    assert found.digits is None or found.digits >= 45


def test_every_op_has_a_reference_and_every_reference_an_op() -> None:
    assert REFERENCES.keys() == OPS.keys()


def test_few_pieces_are_left_out() -> None:
    """Those that no certificate covers, and those at the border of the assumptions, where one side means nothing."""
    assert {n: examine(n, 2).left_out for n in ("select", "softshrink", "smooth_l1", "sinc", "pow")} == {
        "select": 1,
        "softshrink": 1,
        "smooth_l1": 1,
        "sinc": 0,
        "pow": 0,
    }


# op -> a function that one could take it for
WRONG: dict[str, Any] = {
    "relu": lambda x: x if x > 0 else x / 100,
    "gelu": lambda x: x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.0447") * x**3))),
    "gelu_erf": REFERENCES["gelu"],
    "selu": lambda x: mp.mpf("1.0507") * (x if x > 0 else mp.mpf("1.67326") * mp.expm1(x)),
    "log1p": REFERENCES["log"],
    "softplus": lambda x: x if x > 20 else mp.log1p(mp.exp(x)),
    "round": lambda x: mp.floor(x + mp.mpf(1) / 2),
    "fmod": REFERENCES["remainder"],
    "remainder": REFERENCES["fmod"],
    "sqrt": lambda x: mp.sqrt(abs(x)),
    "sqrt_clamp": REFERENCES["sqrt"],
    "rsqrt": lambda x: mp.mpf(0) if x == 0 else REFERENCES["rsqrt"](x),
    "sign": lambda x: mp.mpf(1 if x >= 0 else -1),
    "hardshrink": lambda x, lambd: x if abs(x) >= lambd else 0 * x,
    "softshrink": REFERENCES["hardshrink"],
    "hardswish": lambda x: x * min(max(x + 3, 0), 5) / 6,
    "copysign": lambda x, y: abs(x) if y > 0 else -abs(x),
    "atan2": lambda y, x: None if x == 0 and y == 0 else mp.atan2(y, x),
    "asin": lambda x: mp.asin(max(min(x, 1), -1)),
    "acosh": lambda x: mp.acosh(x) if x > 1 else None,
    "cbrt": lambda x: mp.cbrt(x) if x >= 0 else None,
    "sinc": lambda x: mp.mpf(0) if x == 0 else mp.sin(mp.pi * x) / (mp.pi * x),
    "pow": lambda x, y: mp.mpf(0) if x == 0 and y == 0 else REFERENCES["pow"](x, y),
    "xlogy": lambda x, y: None if y < 0 else REFERENCES["xlogy"](x, y),
    "select": lambda c, a, b: a if c > 0 else b,
    "elu": lambda x, alpha: x if x > 0 else mp.expm1(alpha * x),
    "celu": REFERENCES["elu"],
    "huber": lambda x, t, delta: REFERENCES["smooth_l1"](x, t, delta),
    "smooth_l1": lambda x, t, beta: (x - t) ** 2 / 2 if abs(x - t) < beta else abs(x - t) - beta / 2,
    "bce_with_logits": lambda x, t: -t * mp.log(references._sigmoid(x)),
    "clamp": lambda x, lo, hi: max(x, lo),
    "logit_clamp": lambda x, eps: REFERENCES["logit"](min(x, 1 - eps)),
    "safe_log": lambda x, eps: mp.log(x + eps) if x + eps > 0 else None,
    "erfc": REFERENCES["erf"],
    "max": REFERENCES["min"],
    "tan": lambda x: mp.tan(x),
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)) / mp.log(2),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_another_function_is_noticed(name: str) -> None:
    found = examine(name, points=4, reference=WRONG[name])
    assert not found.good and found.findings[0].message


def test_a_spec_of_another_function_is_noticed() -> None:
    """The maps of silu, put forward for softplus."""
    found = examine_claims(catalogue.spec_of("softplus"), catalogue.check("silu"))
    assert not found.good and "the stated function is" in found.findings[0].message


def maps_of(name: str) -> list[DerivativeMap]:
    spec = OPS[name]
    order = (*spec.inputs, *spec.params)
    return [from_theorem(name, c, order) for th in catalogue.check(name) if type(c := th.conclusion) is Map]


def altered(piece: Piece) -> list[Piece]:
    """The piece with one thing changed, so that it is no longer true."""
    little = T.rat(Fraction(1, 10**40))
    out = []
    if piece.derivative is not None:
        out.append(replace(piece, derivative=tuple(T.add(d, little) for d in piece.derivative)))
        out.append(replace(piece, status="outside_domain", derivative=None))
        for reason in ("corner", "jump", "vertical tangent", "boundary"):
            slope = piece.derivative[0]
            out.append(replace(piece, status="not_differentiable", reason=reason, left=slope, right=slope))
    if piece.status == "not_differentiable":
        out.append(replace(piece, status="outside_domain"))
        for side in ("left", "right"):
            slope = getattr(piece, side)
            if isinstance(slope, T.Term):
                out.append(replace(piece, **{side: T.add(slope, little)}))
                out.append(replace(piece, status="differentiable", derivative=(slope,)))
            elif slope is not None:
                out.append(replace(piece, **{side: "-oo" if slope == "+oo" else "+oo"}))
    if piece.status == "outside_domain":
        out.append(replace(piece, status="differentiable", derivative=(T.ZERO,)))
        out.append(replace(piece, status="not_differentiable", reason="boundary"))
    return out


STATEMENTS = ("relu", "sqrt", "cbrt", "log", "floor", "elu", "hardshrink", "max", "hypot", "tan", "softsign")


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_false_statement_about_any_piece_is_noticed(name: str) -> None:
    tried = 0
    for found in maps_of(name):
        joint = len(found.variables) > 1
        for k, piece in enumerate(found.pieces):
            for other in altered(piece):
                if joint and other.derivative is not None and len(other.derivative) < len(found.variables):
                    continue
                pieces = (*found.pieces[:k], other, *found.pieces[k + 1 :])
                examiner = Examiner(OPS[name], REFERENCES[name], 4, 0)
                examiner.map(replace(found, pieces=pieces))
                assert examiner.found.findings, (name, found.variables, piece.where, other)
                tried += 1
    assert tried >= 8


@pytest.mark.parametrize("name", ["relu", "clamp", "hypot"])
def test_a_gap_and_an_overlap_between_pieces_are_noticed(name: str) -> None:
    for found in maps_of(name):
        wider = replace(found.pieces[0], conditions=())
        for pieces in ((wider, *found.pieces[1:]), (*found.pieces, replace(found.pieces[0], conditions=()))):
            examiner = Examiner(OPS[name], REFERENCES[name], 4, 0)
            examiner.map(replace(found, pieces=pieces))
            assert any("pieces hold at one point" in f.message for f in examiner.found.findings)


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["examine", "relu", "exp", "--points", "2"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["op", "maps", "pieces", "points", "digits", "verdict"]
    assert "2 of 2 ops agree" in out
    monkeypatch.setitem(REFERENCES, "relu", WRONG["relu"])
    assert main(["examine", "relu", "exp", "--points", "2"]) == 1
    out = capsys.readouterr().out
    assert "differs" in out and "relu: the map in x where x < 0, at x = " in out and "1 of 2 ops agree" in out
    assert main(["examine", "relu", "--points", "2", "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["summary"] == {"agrees": 0, "differs": 1} and answer["results"][0]["findings"][0]["message"]


def test_an_op_without_a_reference_does_not_agree(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(REFERENCES, "relu")
    assert main(["examine", "relu"]) == 1
    assert "relu has no reference; proofs/examine/references.py wants one" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nosuch"], ["relu", "--points", "0"], ["relu", "--seed", "x"]])
def test_mistakes_in_the_call(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examine", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_ops_over_axes_in_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from hasderiv.proofs.examine.tensor.references import REFERENCES as TENSOR_REFERENCES

    assert main(["examine", "transpose2d", "avg_pool", "--points", "2"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()[1:-1]] == [
        "transpose2d",
        "avg_pool1d",
        "avg_pool2d",
        "avg_pool3d",
    ]
    monkeypatch.setitem(TENSOR_REFERENCES, "transpose2d", lambda x, of: x)
    assert main(["examine", "transpose2d"]) == 1
    assert "transpose2d: the shape where always, at n_i = " in capsys.readouterr().out
    monkeypatch.delitem(TENSOR_REFERENCES, "transpose2d")
    assert main(["examine", "transpose2d"]) == 1
    assert "proofs/examine/tensor/references.py wants one" in capsys.readouterr().out
