"""The second checker: it says what the kernel says, of every certificate and of every entry of the ledgers."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hasderiv.proofs.agreement import agreed, difference, outcome, plain
from hasderiv.proofs.catalogue import FOLDER as CATALOGUE
from hasderiv.proofs.kernel import certificate, cited, facts
from hasderiv.proofs.kernel.certificate import RULES, Certificate, CertificateError, fingerprint
from hasderiv.proofs.kernel.terms import UNARY, KernelError, Literal, app, unary, var
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.results import Result
from hasderiv.proofs.second import Refused, TooCostly, check
from hasderiv.proofs.second import reader as second_reader
from hasderiv.proofs.second import table as second_table
from hasderiv.proofs.second.ledger import CITED, FACTS, IDENTITIES, PRIMITIVES, TAYLOR, ledger

from .adversary import certificate as step_alone
from .corpus import FOLDER, bad
from .kit import RECORDER, ZERO, add, given, local, mul, neg, power, rule, same, sub, x
from .mutations import mutations
from .test_random_proofs import NOT_TRIED, BlindProver

FILES = sorted(CATALOGUE.glob("*.jsonl"))


def written(*claims: Theorem) -> bytes:
    return RECORDER.write(claims, x)


def both(data: bytes) -> Certificate:
    """What the kernel proves, the second checker agreeing."""
    found = outcome(data)
    assert isinstance(found, Certificate), found
    assert difference(data, found) is None
    return found


def test_they_agree_on_the_catalogue() -> None:
    steps, spent = 0, 0.0
    for path in FILES:
        data = path.read_bytes()
        both(data)
        start = time.process_time()
        check(data)
        spent += time.process_time() - start
        steps += data.count(b"\n") - 2
    assert steps / spent > 10_000, "steps a second"


@pytest.mark.parametrize("path", sorted((FOLDER / "good").glob("*.jsonl")), ids=lambda p: p.stem)
def test_they_agree_on_the_golden_files(path: Path) -> None:
    both(path.read_bytes())


@pytest.mark.parametrize("name", sorted(bad()))
def test_both_refuse_the_bad_files(name: str) -> None:
    data = bad()[name][0]
    assert isinstance(outcome(data), CertificateError)
    with pytest.raises(Refused) as caught:
        check(data)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize("path", sorted((FOLDER / "good").glob("*.jsonl")), ids=lambda p: p.stem)
def test_they_agree_on_altered_bytes(path: Path) -> None:
    """Bytes exchanged, dropped and put in: the same verdict, and never another error than a refusal."""
    data, rng = path.read_bytes(), random.Random(path.stem + "second")
    for _ in range(400):
        at = rng.randrange(len(data))
        new = rng.choice(
            [b"", bytes([rng.randrange(256)]), b"0", b"1", b"-", b">", b"=", b"[", b"]", b",", b'"', b"[]"]
        )
        changed = data[:at] + new + data[at + rng.choice([0, 1, 1, 2]) :]
        assert difference(changed, outcome(changed)) is None


class Recorded(BlindProver):
    """The blind prover, whose steps can be written as certificates."""

    def read(self, data: bytes) -> None:
        reader = certificate._Reader()
        for row in map(json.loads, data.splitlines()[1:-1]):
            if "term" in row:
                reader.items.append(certificate._read_term(reader, row["term"]))
                self.terms.append(reader.items[-1])  # type: ignore[arg-type]
            else:
                decoders = RULES[row["rule"]][1]
                reader.items.append(rule(row["rule"], *certificate._tuple(*decoders)(reader, row["args"])))
                self.keep(reader.items[-1])  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(2))
def test_they_agree_on_blind_proofs(seed: int) -> None:
    """Rules applied at random, what is refused and what is accepted."""
    prover, verdicts = Recorded(seed), Counter[bool]()
    names = sorted(set(RULES) - NOT_TRIED)
    for _ in range(250):
        name = prover.rng.choice(names)
        with suppress(KernelError):
            args = prover.arguments(name)
            data = step_alone(name, args, x)
            found = outcome(data)
            assert difference(data, found) is None, name
            verdicts[isinstance(found, Certificate)] += 1
            prover.keep(rule(name, *args))
    assert min(verdicts[True], verdicts[False]) > 40


def test_it_loads_nothing_of_the_project() -> None:
    code = "import sys, hasderiv.proofs.second.__main__; print(*(m for m in sys.modules if m.startswith('hasderiv')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = [m for m in done.stdout.split() if not m.startswith("hasderiv.proofs.second")]
    assert sorted(ours) == ["hasderiv", "hasderiv.proofs"]


def test_it_shares_no_line_with_the_kernel() -> None:
    root = Path(facts.__file__).parent
    theirs = {line.strip() for path in root.glob("*.py") for line in path.read_text().splitlines()}
    second = Path(second_table.__file__).parent
    ours = {line.strip() for path in second.glob("*.py") for line in path.read_text().splitlines()}
    shared = {line for line in ours & theirs if len(line) > 40 and not line.startswith(("from ", "import "))}
    assert not shared


def test_the_rules_and_the_ledgers_have_the_same_names() -> None:
    assert set(second_reader.RULES) == set(RULES)
    assert {*ledger(FACTS), *TAYLOR} == set(facts.LEDGER)
    assert set(ledger(IDENTITIES)) == set(cited.IDENTITIES)
    assert set(ledger(CITED)) == set(cited.FUNCTIONS)
    assert set(ledger(PRIMITIVES)) == set(facts.DERIVATIVES) == UNARY


LETTERS = [var("p"), var("q")]


@pytest.mark.parametrize("name", sorted(facts.LEDGER))
def test_each_fact_is_the_same(name: str) -> None:
    entry = facts.LEDGER[name]
    for order in ([1], [7], [59]) if entry.order else ([],):
        terms = LETTERS[: entry.arity]
        needs, _ = entry.instance(*order, *terms)
        both(written(rule("fact", name, order, terms, [rule("assume", need) for need in needs])))


@pytest.mark.parametrize("name", sorted(cited.IDENTITIES))
def test_each_cited_identity_is_the_same(name: str) -> None:
    entry = cited.IDENTITIES[name]
    terms = LETTERS[: entry.arity]
    needs, _ = entry.instance(*terms)
    found = both(written(rule("cite", name, terms, [rule("assume", need) for need in needs])))
    assert found.claims[0].cites


@pytest.mark.parametrize("name", sorted(cited.FUNCTIONS))
def test_each_cited_derivative_is_the_same(name: str) -> None:
    entry = cited.FUNCTIONS[name]
    t = app(name, *LETTERS[: entry.arity])
    sides = [rule("assume", need) for need in cited.domain(t)[1]]
    places = [p.free for p, partial in zip(t.terms, entry.partials, strict=True) if partial is not None]
    for vary in {frozenset[str]().union(*places), *places}:
        both(written(rule("local", vary, t, sides)))


@pytest.mark.parametrize("op", sorted(UNARY))
def test_each_derivative_of_a_primitive_function_is_the_same(op: str) -> None:
    t = unary(op, x)
    relation = facts.DERIVATIVES[op][0]
    sides = [] if relation is None else [given(relation, sub(x, t) if op == "floor" else x)]
    assert both(written(local(t, *sides))).claims[0].conclusion.derivative is not None  # type: ignore[union-attr]


def test_polynomials() -> None:
    """Denominators, cancellation, high powers, towers of powers, zero."""
    third, atoms = unary("cos", x), [unary("exp", x), unary("sin", x), x]
    p = add(add(mul(power(atoms[0], 3), atoms[1]), neg(atoms[2])), third)
    both(written(same(power(p, 3), mul(mul(p, p), p)), same(power(sub(p, p), 9), ZERO)))
    both(written(same(power(power(x, 40), 50), mul(power(power(x, 500), 3), power(x, 500)))))
    with pytest.raises(TooCostly):
        check(
            written(
                same(
                    power(power(power(x, 4096), 4096), 4096),
                    mul(power(power(power(x, 4096), 4096), 4095), power(power(x, 4096), 4096)),
                )
            )
        )


def test_a_disagreement_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second checker with one rule too many, too few, or otherwise, is caught."""
    result = Result("x", "accepted", message="fine")
    data = (FOLDER / "good" / "relu_map.jsonl").read_bytes()
    assert agreed(result, [data]).message == "fine; the second checker agrees"
    assert agreed(result, []).verdict == "undecided", "nothing was compared"
    broken = data.replace(b'[">",0]', b'[">=",0]', 1)
    assert isinstance(outcome(broken), CertificateError)
    monkeypatch.setattr(second_reader.Rules, "negation", lambda self, literal: literal)
    found = agreed(result, [data])
    assert found.verdict == "rejected" and "refuses what the kernel accepts" in str(found.message)
    monkeypatch.undo()
    monkeypatch.setattr(second_reader.Checker, "fingerprint", lambda self, t: "0" * 64)
    found = agreed(result, [data])
    assert found.verdict == "rejected" and "claim 1 of 1: the second checker reads another statement" in str(
        found.message
    )
    monkeypatch.undo()
    weak = written(given(">", x))
    strong = weak.replace(b'"assume","args":[[">",0]]', b'"gap","args":[0]')
    monkeypatch.setattr("hasderiv.proofs.second.rules.need", lambda holds, why: None)
    monkeypatch.setattr("hasderiv.proofs.second.reader.need", lambda holds, why: None)
    assert isinstance(outcome(strong), CertificateError)
    monkeypatch.undo()
    monkeypatch.setattr(second_table, "BUDGET", 0)
    found = agreed(result, [data])
    assert found.verdict == "undecided" and "gives up" in str(found.message)


def test_plain_is_the_same_for_both_and_tells_statements_apart() -> None:
    one, two = given(">", x), given(">=", x)
    assert plain(one.conclusion) == ["Holds", [">", fingerprint(x)]] != plain(two.conclusion)
    assert plain(Literal(">", x)) == [">", fingerprint(x)]


def test_every_kind_of_alteration_is_made() -> None:
    data = (FOLDER / "good" / "relu_map.jsonl").read_bytes()
    made = [m.what for m in mutations(data)]
    for part in ("->", "dropped", "swapped", "twice", "negated", "left out", "claim", "fingerprint", "varies", "added"):
        assert any(part in what for what in made), part
    assert len(made) > 1000 and len(set(made)) > 300
