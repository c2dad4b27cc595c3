"""What the Coq proofs assume: the scan refuses every way to assume more, and Coq itself is asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hasderiv.proofs.coq.axioms import (
    HERE,
    AxiomError,
    assumptions,
    check,
    complaints,
    main,
    names,
    only_allowed,
    rechecked,
    summarised,
    understood,
)

SMUGGLED = {
    "Axiom": "Axiom lie : 0 = 1.",
    "Local Axiom": "Local Axiom lie : 0 = 1.",
    "Admitted": "Lemma lie : 0 = 1. Proof. Admitted.",
}
COQ = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed: apt-get install coq")


@pytest.mark.parametrize(
    "source",
    [
        *SMUGGLED.values(),
        "#[local] Axiom lie : 0 = 1.",
        "Axioms (a b : nat) (lie : 0 = 1).",
        "Parameter lie : 0 = 1.",
        "Parameters (lie : 0 = 1).",
        "Conjecture lie : 0 = 1.",
        "Lemma lie : 0 = 1. Proof. admit. Defined.",
        "Lemma lie : 0 = 1. Proof. give_up. Defined.",
        "Hypothesis lie : 0 = 1.",
        "Variable lie : 0 = 1.",
        "Context (lie : 0 = 1).",
        "Section Closed. Variable n : nat. End Closed. Variable lie : 0 = 1.",
        "Module Hidden. Hypothesis lie : 0 = 1. End Hidden.",
        "Section Around. Variable n : nat. End Around. Module M. Variable lie : 0 = 1. End M.",
        "Unset Guard Checking. Fixpoint lie (n : nat) : False := lie n.",
        "Unset  Positivity\nChecking.",
        "Unset Universe Checking.",
        "#[bypass_check(guard)] Fixpoint lie (n : nat) : False := lie n.",
        "(* (* *) *) Axiom lie : 0 = 1.",
        '(* a quote: " *) " is closed here *) Axiom lie : 0 = 1.',
        "Load lies.",
        'Declare ML Module "lies".',
    ],
)
def test_what_assumes_more_is_refused(source: str) -> None:
    assert complaints(source)


@pytest.mark.parametrize(
    "source",
    [
        "Lemma fine : 0 = 0. Proof. reflexivity. Qed.",
        "(* no Axiom here, and nothing is Admitted (* or a Parameter *) *) Definition axiom := 0.",
        'Definition word := "Axiom".',
        "Section Local. Variables a b : nat. Hypothesis H : a = b. Lemma fine : a = b. Proof. exact H. Qed. End Local.",
        "Section Outer. Section Inner. Context {P : Type}. End Inner. Variable n : nat. End Outer.",
    ],
)
def test_what_assumes_nothing_is_accepted(source: str) -> None:
    assert not complaints(source)


def test_names_are_found_where_they_stand() -> None:
    source = "Lemma a : x. Module M. #[local] Definition b := 0. Module N := M. End M. Section S. Theorem c : y. End S."
    assert names(source) == ["a", "M.b", "c"]


def test_answers_of_coq_are_understood() -> None:
    assert understood("Closed under the global context\n") == set()
    assert understood("Axioms:\nA.b : forall x,\n  x = x\nlie\n  : 0 = 1\n") == {"A.b", "lie"}
    for strange in ("", "Axioms:\n", "Axioms:\nlie is assumed to be guarded.", "x relies on an unsafe hierarchy."):
        with pytest.raises(AxiomError):
            understood(strange)


SUMMARY = """
CONTEXT SUMMARY
===============

* Theory: Set is predicative
  
* Axioms:
    Coq.Logic.Classical_Prop.classic
  
* Constants/Inductives relying on type-in-type: <none>
  
* Constants/Inductives relying on unsafe (co)fixpoints: <none>
  
* Inductives whose positivity is assumed: <none>
  
"""


def test_the_summary_of_the_second_checker_is_understood() -> None:
    assert summarised(SUMMARY) == {"Coq.Logic.Classical_Prop.classic"}
    assert summarised(SUMMARY.replace("\n    Coq.Logic.Classical_Prop.classic", " <none>")) == set()
    for weaker in (
        SUMMARY.replace("type-in-type: <none>", "type-in-type:\n    Hasderiv.Rules.lie"),
        SUMMARY.replace("assumed: <none>", "assumed:\n    Hasderiv.Rules.lie"),
        SUMMARY.replace("predicative", "impredicative"),
        SUMMARY[: SUMMARY.index("* Constants")],
        "",
    ):
        with pytest.raises(AxiomError):
            summarised(weaker)


def test_only_the_axioms_of_the_whitelist_are_allowed() -> None:
    only_allowed({"Classical_Prop.classic", "Coq.Logic.Classical_Prop.classic"})
    for name in ("lie", "classic", "Rules.classic", "Hasderiv.Classical_Prop.classic", "Prop.classic"):
        with pytest.raises(AxiomError, match="not on the whitelist"):
            only_allowed({name})


def test_sources_hold_no_forbidden_word() -> None:
    assert check(HERE, ask=False) > 200


def test_folders_below_are_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "Rules.v").write_text("Lemma rule : 0 = 0. Proof. reflexivity. Qed.\n", encoding="utf-8")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "Rules.v").write_text("Axiom rule : 0 = 1.\n", encoding="utf-8")
    with pytest.raises(AxiomError, match="Axiom rule"):
        check(tmp_path, ask=False)


def test_an_empty_folder_is_no_success(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


@COQ
@pytest.mark.parametrize("smuggled", SMUGGLED)
def test_coq_names_what_was_smuggled_in(smuggled: str, tmp_path: Path) -> None:
    source = f"{SMUGGLED[smuggled]}\nLemma rule : 0 = 1.\nProof. exact lie. Qed.\n"
    compiled(tmp_path, "Rules", source)
    for found in (assumptions(tmp_path, {"Rules": ["rule"]}), rechecked(tmp_path, ["Rules"])):
        assert {name.rpartition(".")[2] for name in found} == {"lie"}
    with pytest.raises(AxiomError, match=r"Rules\.v"):
        check(tmp_path)


@COQ
def test_an_axiom_without_a_forbidden_word_is_not_on_the_whitelist(tmp_path: Path) -> None:
    """A library may hold axioms of its own; what rests on them is refused because Coq names them."""
    compiled(
        tmp_path, "Rules", "Require Import ClassicalEpsilon.\nDefinition rule := constructive_indefinite_description."
    )
    with pytest.raises(AxiomError, match="not on the whitelist"):
        check(tmp_path)


def test_a_source_may_not_take_the_name_of_a_library(tmp_path: Path) -> None:
    """Its axioms would print as those of the whitelist."""
    (tmp_path / "Classical_Prop.v").write_text("Definition classic := 0.\n", encoding="utf-8")
    with pytest.raises(AxiomError, match="the name of a library"):
        check(tmp_path, ask=False)


@COQ
def test_a_stale_proof_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Rules.v").write_text("Lemma rule : 0 = 0. Proof. reflexivity. Qed.\n", encoding="utf-8")
    with pytest.raises(AxiomError, match="not compiled"):
        check(tmp_path)


@COQ
def test_the_lemmas_rest_on_the_axioms_of_the_reals_alone() -> None:
    """All that RuleLemmas.v gathers."""
    if not (HERE / "RuleLemmas.vo").exists():
        pytest.skip("the proofs are not compiled: make -C proofs/coq proofs")
    assert check(HERE) > 200
    found = assumptions(HERE, {"RuleLemmasLocal": ["rule_local_add"]})
    assert "ClassicalDedekindReals.sig_forall_dec" in found
    only_allowed(found)


def compiled(folder: Path, module: str, source: str) -> None:
    """Write a module to the folder and compile it."""
    (folder / f"{module}.v").write_text(source, encoding="utf-8")
    run(["coqc", "-q", "-w", "none", "-R", ".", "Hasderiv", f"{module}.v"], folder)


def run(command: list[str], folder: Path) -> str:
    """What a command prints, once it has succeeded."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "Coquelicot" in done.stderr and "Cannot find" in done.stderr:
        pytest.skip("Coquelicot is not installed: apt-get install libcoq-coquelicot")
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
