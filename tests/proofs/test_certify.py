"""Certificates of ops: made, replayed, compared with the spec, and refused where they prove something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy
from hasderiv.proofs import build, catalogue, identity, query
from hasderiv.proofs.catalogue import StatementError, compare
from hasderiv.proofs.certify import NotCertified, certify
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.spec import OPS
from hasderiv.spec.declare import make

x, a = sympy.symbols("x a")
SIMPLE = ["relu", "abs", "tanh", "sqrt", "clamp", "floor", "hypot"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of certificates, made now."""
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def built(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for module in (catalogue, build, identity):
        monkeypatch.setattr(module, "FOLDER", folder)
    forget()
    if not list(folder.iterdir()):
        done = build.build(SIMPLE)
        assert not done.failed
        made = {f"{n}{s}" for n in SIMPLE for s in (".jsonl", ".map.json")}
        made |= {f"{n}.orders.jsonl" for n in SIMPLE if OPS[n].smooth}
        assert {Path(p).name for p in done.changed} == made | {"SHA256SUMS"}
    yield folder
    forget()


def forget() -> None:
    """Let go of what was read from another folder."""
    for remembered in (catalogue.replayed, catalogue.replayed_orders, identity.identities, identity.built_for):
        remembered.cache_clear()


@pytest.mark.parametrize("name", SIMPLE)
def test_certificates_are_replayed_and_compared(name: str, built: Path) -> None:
    assert catalogue.check(name)
    found = query.where(name)
    for part in found.arguments or (found.map,):
        assert part.pieces and all(p.status != "not_covered" for p in part.pieces)
    assert json.loads((built / f"{name}.map.json").read_text()) == found.json()


def test_building_again_changes_nothing(built: Path) -> None:
    assert build.build(SIMPLE[:3]).changed == [] and build.build(SIMPLE[:3], check=True).changed == []


def test_the_names_of_the_author_are_used(built: Path) -> None:
    assert query.where("tanh").pieces[0].derivative == "1 - tanh(x)**2"
    assert [p.where for p in query.where("clamp").pieces] == ["x < lo", "x = lo", "lo < x < hi", "x = hi", "x > hi"]


def test_the_certificate_of_one_op_does_not_do_for_another() -> None:
    with pytest.raises(StatementError, match="another formula"):
        compare(OPS["abs"], replay(certify(OPS["relu"])))


def test_a_map_without_the_claimed_derivative_is_refused() -> None:
    data = certify(make("square(x)", x**2))
    compare(make("square(x)", x**2), replay(data))
    with pytest.raises(StatementError, match="the claimed derivative in x is not proved for always"):
        compare(make("square(x)", x**2, 3 * x), replay(data))


def test_a_map_under_stronger_assumptions_is_refused() -> None:
    strong, weak = (make("f(x, *, a)", x * a, a, assume=[c] if c else []) for c in ("a > 0", ""))
    data = certify(strong)
    compare(strong, replay(data))
    with pytest.raises(StatementError):
        compare(weak, replay(data))


def test_a_map_in_the_wrong_input_is_refused() -> None:
    y = sympy.Symbol("y")
    one = replay(certify(make("f(x, *, y)", x * y, y)))
    with pytest.raises(StatementError, match="there is no map in y"):
        compare(make("f(x, y)", x * y, {"x": y, "y": x}), one)


def test_a_false_claim_is_not_certified() -> None:
    for wrong in (2 * x + 1, 3 * x, sympy.Piecewise((2 * x, x > 0), (0, True))):
        with pytest.raises(NotCertified, match="the derivative in x is not proved"):
            certify(make("square(x)", x**2, wrong))


def test_an_altered_certificate_is_rejected_with_file_and_line(built: Path) -> None:
    from hasderiv.proofs.checker import check_op

    path = built / "relu.jsonl"
    honest = path.read_bytes()
    try:
        path.write_bytes(honest.replace(b'"n":7', b'"n":8', 1))
        forget()
        found = check_op("relu")
        assert found.verdict == "rejected" and found.line == 9 and str(found.file).endswith("relu.jsonl")
        path.unlink()
        forget()
        assert check_op("relu").verdict == "undecided"
    finally:
        path.write_bytes(honest)
        forget()
    assert check_op("relu").verdict == "proved"


def test_an_op_that_fails_does_not_stop_the_others(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPS, "wrong", make("wrong(x)", x**2, 3 * x))
    done = build.build(["wrong", "relu"])
    assert list(done.failed) == ["wrong"] and done.changed == []
    with pytest.raises(LookupError, match="no op reluu"):
        build.build(["reluu"])
