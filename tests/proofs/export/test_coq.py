"""The Coq files: their text, and, where Coq and its library are at hand, that they compile and assume nothing more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hasderiv.proofs.export import compile as compiling
from hasderiv.proofs.export import coq
from hasderiv.proofs.export.compile import faults
from hasderiv.proofs.export.coq_certificate import ARGUMENTS, Data, camel
from hasderiv.proofs.export.statements import export_of
from hasderiv.proofs.export.text import COQ, Printer
from hasderiv.proofs.kernel.certificate import RULES
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.spec import OPS

from .needs_coq import NEEDS_COQ

GOLDEN = Path(__file__).with_name("golden")


def statements(text: str) -> str:
    """The file without its certificate, which changes with the prover."""
    return re.sub(r"(?s)(?<=Module Certificate\.\n).*(?=End Certificate\.)", "", text)


def test_higher_orders_are_derivatives_of_the_same_function() -> None:
    text = coq.document(export_of("softplus"))
    assert "is_derive_n softplus 2 x (exp x / (exp x + 1) ^ 2)." in text
    assert "Theorem softplus_order_3 (x : R) :" in text
    assert "Module Orders." not in coq.document(export_of("relu"))


@pytest.mark.parametrize("name", sorted(OPS))
def test_form(name: str) -> None:
    """Every theorem is there once, ends in ``exact``, and nothing is assumed."""
    export = export_of(name)
    text = coq.document(export)
    stated = coq.theorems(export)
    assert re.findall(r"^Theorem (\w+) ", text, re.M) == stated
    assert (
        len(re.findall(r"^  exact \((?:Exported|Elementwise)\.", text, re.M)) == text.count("\nQed.\n") == len(stated)
    )
    assert not re.search(r"Admitted|admit\b|Axiom|Parameter|Hypothesis", text)
    assert text.count("(") == text.count(")")
    assert text.count("[") == text.count("]")
    assert coq.document(export_of(name)) == text


@pytest.mark.parametrize(("name", "module"), [("atan2", "Certificate"), ("softplus", "Orders")])
def test_every_term_is_written_once_and_before_its_use(name: str, module: str) -> None:
    whole = coq.document(export_of(name))
    text = whole[whole.index(f"Module {module}.") : whole.index(f"End {module}.")]
    seen: set[str] = set()
    for name, body in re.findall(r"^Definition (t\d+) : term := (.*)\.$", text, re.M):
        assert name not in seen
        assert set(re.findall(r"\bt\d+\b", body)) <= seen
        seen.add(name)
    assert set(re.findall(r"\bt\d+\b", text)) == seen


def test_only_what_the_claims_need_is_written() -> None:
    from hasderiv.proofs.catalogue import path_of

    data = path_of("softplus").read_bytes()
    whole, part = Data(data, ["x"], [0]), re.findall(rb'"rule":', data)
    assert 0 < len(whole.steps) < len(part)


def test_the_statements_of_relu() -> None:
    assert statements(coq.document(export_of("relu"))) == (GOLDEN / "relu.v").read_text("utf-8")


def test_rules_are_those_of_the_kernel_and_of_the_checker() -> None:
    unwritten = {"cite", "operator", "step", "program"}
    assert set(ARGUMENTS) == set(RULES) - unwritten, "the exports speak of rules that the kernel has not, or miss one"
    for rule, kinds in ARGUMENTS.items():
        assert len(kinds.split()) == len(RULES[rule][1]), rule
    library = Path(coq.__file__).parents[1] / "coq" / "Check.v"
    steps = set(re.findall(r"\| Step(\w+)", library.read_text("utf-8").split("Inductive step :=")[1].split(".\n")[0]))
    families = {"FamilyLocal", "FamilyInstantiate", "SumFact"}
    assert {camel(rule) for rule in ARGUMENTS} | families == steps - {
        "Cite",
        "FamilyAlong",
        "Operator",
        "Name",
        "Program",
    }


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x - 1", "x - 1"),
        ("-x**2", "- x ^ 2"),
        ("(-x)**2", "(- x) ^ 2"),
        ("x - (y - 1)", "x - (y - 1)"),
        ("x/(y*2)", "x / (y * 2)"),
        ("1/2*x", "1 / 2 * x"),
        ("max(x, y)", "if Rle_dec y x then x else y"),
        ("2*abs(x)", "2 * (if Rle_dec 0 x then x else - x)"),
        ("exp(floor(x))", "exp (IZR (Int_part x))"),
        ("erf(-x)", "2 / sqrt PI * RInt (fun t => exp (- t ^ 2)) 0 (- x)"),
    ],
)
def test_expressions(formula: str, text: str) -> None:
    assert Printer(COQ).expression(unfold(parse(formula))) == text


def test_a_name_that_coq_has_is_not_taken() -> None:
    assert coq.definition(export_of("tanh")).startswith("Definition tanh_op (x : R) : R :=")
    assert coq.definition(export_of("softplus")) == "Definition softplus (x : R) : R :=\n  ln (1 + exp x)."


@NEEDS_COQ
@pytest.mark.parametrize("name", ["softplus", "relu", "tanh", "sqrt", "atan2", "elu"])
def test_files_compile_and_rest_on_the_axioms_of_the_reals(name: str, tmp_path: Path) -> None:
    export = export_of(name)
    (tmp_path / f"{name}.v").write_text(coq.document(export), "utf-8")
    assert list(faults(tmp_path, {name: coq.theorems(export)})) == []
    assert not list(tmp_path.glob("*all_axioms*"))


@NEEDS_COQ
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("is_derive relu x 1", "is_derive relu x 2"),
        ("x < 0 ->", "x <= 0 ->"),
        ("~ ex_derive relu x", "ex_derive relu x"),
        ("if Rle_dec 0 x then x else 0", "if Rle_dec 0 x then x else x"),
        ("(at_left 0) (locally 0)", "(at_left 0) (locally 1)"),
        ("is_derive_n softplus 2 x", "is_derive_n softplus 3 x"),
        ("is_derive_n softplus 2 x (exp x / ", "is_derive_n softplus 2 x (- exp x / "),
        ("~ ex_derive sqrt_op x", "ex_derive sqrt_op x"),
        ("x = 0 ->\n  ~ ex_derive sqrt_op x", "x < 0 ->\n  ~ ex_derive sqrt_op x"),
    ],
)
def test_a_false_statement_does_not_compile(old: str, new: str, tmp_path: Path) -> None:
    name = next(name for name in ("softplus", "sqrt", "relu") if name in f"{old} relu")
    text = coq.document(export_of(name))
    assert old in text
    (tmp_path / f"{name}.v").write_text(text.replace(old, new), "utf-8")
    assert list(faults(tmp_path, {name: []}))


@NEEDS_COQ
def test_a_certificate_that_is_altered_does_not_compile(tmp_path: Path) -> None:
    text = coq.document(export_of("relu"))
    altered = re.sub(
        r"StepPoint \[\] (\[\([^)]*\)\]) \[\((\d+), t\d+\)\]", r"StepPoint [] \1 [(\2, t0)]", text, count=1
    )
    assert altered != text
    (tmp_path / "relu.v").write_text(altered, "utf-8")
    assert list(faults(tmp_path, {"relu": []}))


@NEEDS_COQ
def test_an_axiom_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the words of the source, and by Coq."""
    (tmp_path / "lie.v").write_text("Axiom lie : 0 = 1.\nTheorem wrong : 0 = 1.\nProof. exact lie. Qed.\n", "utf-8")
    assert list(faults(tmp_path, {"lie": ["wrong"]})) == ["lie.v: Axiom (Axiom lie : 0 = 1)"]
    monkeypatch.setattr(compiling, "complaints", lambda _: [])
    assert list(faults(tmp_path, {"lie": ["wrong"]})) == ["not on the whitelist: lie.lie"]
