"""The Coq lemmas are those of the kernel: rules, primitive facts and derivatives, compared both ways.  Needs no Coq."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product

import pytest
from hasderiv.proofs.coq.axioms import HERE, sentences
from hasderiv.proofs.kernel.certificate import RULES
from hasderiv.proofs.kernel.facts import DERIVATIVES, LEDGER, OBLIGATION
from hasderiv.proofs.kernel.sums import SUMS
from hasderiv.proofs.kernel.terms import MINUS_ONE, RELATIONS, UNARY, Literal, Term, sub, unary, var

GATHERED = re.findall(
    r"\w+", " ".join(re.findall(r"From Hasderiv Require Export (.+)\.", (HERE / "RuleLemmas.v").read_text("utf-8")))
)
COQ = {"inv": "Rinv", "log": "ln"}
RELATION = {"=": "=", "!=": "<>", ">": ">", ">=": ">="}


def lemmas() -> dict[str, str]:
    """The statements of all lemmas that RuleLemmas.v gathers, by their names."""
    found = {}
    for module in GATHERED:
        for sentence, _, _ in sentences((HERE / f"{module}.v").read_text(encoding="utf-8")):
            if match := re.match(r"Lemma (\w+)(.*)", sentence):
                found[match[1]] = match[2]
    return found


LEMMAS = lemmas()


def called(prefix: str) -> set[str]:
    return {name.removeprefix(prefix) for name in LEMMAS if name.startswith(prefix)}


def rule_of(case: str) -> str | None:
    """The rule to which the lemma ``rule_CASE`` belongs: the longest name with which the case begins."""
    return max((rule for rule in RULES if f"{case}_".startswith(f"{rule}_")), key=len, default=None)


def test_every_rule_has_a_lemma_and_every_lemma_a_rule() -> None:
    cases = called("rule_")
    assert not [case for case in cases if rule_of(case) is None], "a lemma about a rule that the kernel has not"
    assert {rule_of(case) for case in cases} == set(RULES), "a rule without a lemma"


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("local", {*UNARY, "constant", "symbol", "add", "mul", "pow", "cond", "app"}),
        ("defined", {*OBLIGATION, "yes", "no"}),
        ("undefined", {*OBLIGATION, "yes", "no", "operand"}),
        ("conditional", {"yes", "no"}),
        ("no_derivative", {"corner", "jump", "infinite"}),
    ],
)
def test_a_rule_of_several_parts_has_a_lemma_for_each(rule: str, parts: set[str]) -> None:
    assert {case.split("_")[0] for case in called(f"rule_{rule}_")} == parts


@pytest.mark.parametrize("rule", ["arith", "cases"])
def test_a_rule_on_literals_has_a_lemma_for_each_relation(rule: str) -> None:
    words = {"=": ("equation", "zero"), "!=": ("nonzero",), ">": ("positive",), ">=": ("nonnegative",)}
    assert set(words) == set(RELATIONS)
    assert all(any(word in called(f"rule_{rule}_") for word in words[relation]) for relation in RELATIONS)


def test_facts_are_the_ledger() -> None:
    assert called("fact_") == set(LEDGER)


def test_derivatives_are_those_of_the_kernel() -> None:
    assert called("derivative_") == set(DERIVATIVES)


def written(t: Term, room: int = 60) -> str:
    """A term as the Coq sources write it; in parentheses where its level is above ``room``."""
    level, text = _written(t)
    return text if level <= room else f"({text})"


def _written(t: Term) -> tuple[int, str]:
    if t.op == "rat":
        q = t.args[0]
        assert type(q) is Fraction
        return (0, str(q)) if q.denominator == 1 else (40, f"{q.numerator} / {q.denominator}")
    if t.op == "pi":
        return 0, "PI"
    if t.op == "var":
        return 0, str(t.args[0])
    if t.op == "pow":
        return 30, f"{written(t.terms[0], 20)} ^ {t.args[1]}"
    if t.op == "inv":
        return 35, f"/ {written(t.terms[0], 20)}"
    if t.op == "mul" and t.terms[0] is MINUS_ONE:
        return 35, f"- {written(t.terms[1], 30)}"
    if t.op == "add" and t.terms[1].op == "mul" and t.terms[1].terms[0] is MINUS_ONE:
        return 50, f"{written(t.terms[0], 50)} - {written(t.terms[1].terms[1], 40)}"
    if t.op in ("add", "mul"):
        level, sign = (50, "+") if t.op == "add" else (40, "*")
        return level, f"{written(t.terms[0], level)} {sign} {written(t.terms[1], level - 5)}"
    assert t.op in UNARY
    return 20, f"{COQ.get(t.op, t.op)} {written(t.terms[0], 10)}"


def stated(fact: Literal) -> str:
    """A literal as the Coq sources write it: ``a - b = 0`` as ``a = b``."""
    if fact.relation == "=":
        a, minus_b = fact.term.terms
        return f"{written(a)} = {written(minus_b.terms[1])}"
    return f"{written(fact.term)} {RELATION[fact.relation]} 0"


def statement(name: str) -> str:
    """What a lemma says, without its variables."""
    return re.sub(r"^[\w ]*: ", "", LEMMAS[name])


SUM_LEMMAS = {
    "sum_linear": "total N (fun k => c * f k + g k) = c * total N f + total N g",
    "sum_swap": "total M (fun j => total N (f j)) = total N (fun k => total M (fun j => f j k))",
    "sum_delta": "(u < N)%nat -> total N (fun k => if Req_EM_T (INR k - INR u) 0 then f k else 0) = f u",
    "sum_count": "total N (fun _ => 1) = INR N",
    "max_upper": "(u < N)%nat -> greatest N f - f u >= 0",
}
"""What the facts about sums and maxima say of functions of natural numbers; the entries have terms and binders."""


def test_facts_about_sums_are_read_here() -> None:
    assert {name: statement(f"fact_{name}") for name in SUMS} == SUM_LEMMAS


@pytest.mark.parametrize("name", [name for name, entry in LEDGER.items() if not entry.order and name not in SUMS])
def test_a_fact_says_what_the_ledger_says(name: str) -> None:
    entry = LEDGER[name]
    needs, conclusion = entry.instance(*(var(x) for x in "uv"[: entry.arity]))
    assert statement(f"fact_{name}") == " -> ".join(map(stated, [*needs, conclusion]))


@pytest.mark.parametrize("op", DERIVATIVES)
def test_a_derivative_says_what_the_kernel_says(op: str) -> None:
    relation, derivative = DERIVATIVES[op]
    u = var("u")
    about = sub(u, unary("floor", u)) if op == "floor" else u
    need = f"{stated(Literal(relation, about))} -> " if relation is not None else ""
    assert statement(f"derivative_{op}") == f"{need}derives {COQ.get(op, op)} u {written(derivative(u), 10)}"


def test_the_printer_of_this_test_tells_terms_apart() -> None:
    u, v = var("u"), var("v")
    some = [u, v, unary("inv", u), unary("exp", u), unary("log", u), sub(u, v)]
    terms = {unary(op, t) for op, t in product(sorted(UNARY), some)} | set(some)
    assert len({written(t) for t in terms}) == len(terms)
