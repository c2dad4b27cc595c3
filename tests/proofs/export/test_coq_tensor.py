"""The Coq files of tensor ops: their text, and, where Coq and its library are at hand, that they compile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hasderiv.proofs.export import coq_tensor
from hasderiv.proofs.export.compile import faults
from hasderiv.proofs.export.tensor import export_of
from hasderiv.proofs.tensor.catalogue import names

from .needs_coq import NEEDS_COQ

GOLDEN = Path(__file__).with_name("golden")


def statements(text: str) -> str:
    """The file without its certificate, which changes with the prover, and without the numbers of its symbols."""
    text = re.sub(r"(?s)(?<=Module Certificate\.\n).*(?=End Certificate\.)", "", text)
    return re.sub(r"\d+(?=%positive)", "N", text)


@pytest.mark.parametrize("name", names())
def test_form(name: str) -> None:
    """Every theorem is there once, ends in ``exact``, nothing is assumed, and every definition precedes its use."""
    export = export_of(name)
    text = coq_tensor.document(export)
    assert re.findall(r"^Theorem (\w+) ", text, re.M) == export.theorems
    assert text.count("  exact (Tensors.") == text.count("\nQed.\n") == len(export.theorems)
    assert not re.search(r"Admitted|admit\b|Axiom|Parameter|Hypothesis|\0", text)
    assert text.count("(") == text.count(")")
    assert all(len(line) <= 120 for line in statements(text).splitlines())
    defined: set[str] = set()
    for made, body in re.findall(r"(?s)^Definition (\w+) (.*?)\.$", statements(text), re.M):
        assert {w for w in re.findall(r"\w+", body) if w.startswith(f"{name}_")} <= defined
        defined.add(made)


@pytest.mark.parametrize("name", ["softmax", "max_pool1d"])
def test_the_statements(name: str) -> None:
    assert statements(coq_tensor.document(export_of(name))) == (GOLDEN / f"{name}.v").read_text("utf-8")


def test_an_abbreviation_of_the_spec_is_a_definition() -> None:
    text = coq_tensor.document(export_of("attention"))
    assert "  sum m (fun j => attention_p d m scale q k mask r i j * v r j c)." in text
    assert "  if Req_EM_T (mask r i j) 0 then 0 else exp (scale * sum d (fun a => q r i a * k r j a))." in text


def test_integers_are_integers() -> None:
    text = coq_tensor.document(export_of("flatten"))
    assert re.search(r"Definition flatten \(.*m : Z\) \(x : Z -> Z -> R\)", text)
    gathered = coq_tensor.document(export_of("gather_vec"))
    assert "(at_ : Z -> Z -> Z)" in gathered
    assert "if (0 <=? at_ r k)%Z && (at_ r k <? n)%Z then x r (at_ r k) else 0" in gathered


@NEEDS_COQ
@pytest.mark.parametrize("name", ["mean", "softmax", "matmul", "gather_vec", "conv1d", "max_pool1d"])
def test_files_compile_and_rest_on_the_axioms_of_the_reals(name: str, tmp_path: Path) -> None:
    export = export_of(name)
    (tmp_path / f"{name}.v").write_text(coq_tensor.document(export), "utf-8")
    assert list(faults(tmp_path, {name: export.theorems})) == []


@NEEDS_COQ
def test_a_theorem_in_other_words_follows(tmp_path: Path) -> None:
    """Softmax of the first ``n`` of a sequence, with Coquelicot's ``sum_n``."""
    export = export_of("softmax")
    (tmp_path / "softmax.v").write_text(coq_tensor.document(export), "utf-8")
    (tmp_path / "natural.v").write_bytes(Path(__file__).with_name("natural.v").read_bytes())
    assert list(faults(tmp_path, {"softmax": export.theorems, "natural": ["softmax_of_derive"]})) == []


@NEEDS_COQ
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("softmax", "exp (x r i) / softmax_total n x r", "exp (x i r) / softmax_total n x r"),
        ("softmax", "softmax n x r i * (dx r i - ", "softmax n x r i * (dx r i + "),
        ("softmax", "(0 <= i < n)%Z ->", "(0 <= i <= n)%Z ->"),
        ("softmax", "\n  (0 <= i < n)%Z ->", ""),
        ("softmax", "(forall i1 i2 : Z, is_derive", "(forall i1 i2 : Z, ex_derive"),
        ("softmax", "x i1 i2 + s * dx i1 i2", "x i1 i2 + dx i1 i2"),
        (
            "softmax",
            "= sum b (fun r => sum n (fun i => softmax_vjp_x",
            "= sum b (fun r => sum b (fun i => softmax_vjp_x",
        ),
        ("max_pool1d", "~ ex_derive", "ex_derive"),
        ("max_pool1d", "(x t) winner_w r i_w < max", "(x t) winner_w r i_w <= max"),
        ("max_pool1d", "winner_w r i_w <= max_pool1d_others", "winner_w r i_w < max_pool1d_others"),
        ("max_pool1d", "then 1", "then 2"),
    ],
)
def test_another_statement_does_not_compile(name: str, old: str, new: str, tmp_path: Path) -> None:
    text = coq_tensor.document(export_of(name))
    assert old in text
    (tmp_path / f"{name}.v").write_text(text.replace(old, new), "utf-8")
    assert list(faults(tmp_path, {name: []}))


@NEEDS_COQ
def test_a_certificate_that_is_altered_does_not_compile(tmp_path: Path) -> None:
    text = coq_tensor.document(export_of("softmax"))
    altered = re.sub(r"StepGeneralize Sum (\S+) (\S+)", r"StepGeneralize Max \1 \2", text, count=1)
    assert altered != text
    (tmp_path / "softmax.v").write_text(altered, "utf-8")
    assert list(faults(tmp_path, {"softmax": []}))
