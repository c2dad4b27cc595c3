"""The second checker: it says what the kernel says, of every certificate and of every entry of the ledgers."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from hasderiv.proofs.agreement import agreed, difference, outcome, plain
from hasderiv.proofs.catalogue import FOLDER as CATALOGUE
from hasderiv.proofs.kernel import certificate, cited, facts
from hasderiv.proofs.kernel.certificate import RULES, Certificate, CertificateError, fingerprint
from hasderiv.proofs.kernel.conclusions import Conclusion
from hasderiv.proofs.kernel.terms import UNARY, KernelError, Literal, Term, app, unary, var
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.results import Result
from hasderiv.proofs.second import Refused, TooCostly, check
from hasderiv.proofs.second import notation as second_notation
from hasderiv.proofs.second import reader as second_reader
from hasderiv.proofs.second import table as second_table
from hasderiv.proofs.second.notation import LEDGERS
from hasderiv.proofs.second.rules import Words
from hasderiv.proofs.second.search import Search
from hasderiv.proofs.second.table import NEGATION

from .adversary import certificate as step_alone
from .attack import Args
from .corpus import FOLDER, bad
from .kit import (
    ONE,
    RECORDER,
    ZERO,
    add,
    defined,
    eps,
    given,
    h,
    local,
    mul,
    neg,
    power,
    rule,
    same,
    smooth_side,
    sub,
    x,
    y,
)
from .mutations import mutations
from .test_random_proofs import NOT_TRIED, BlindProver

FILES = sorted(CATALOGUE.glob("*.jsonl"))


def written(*claims: Theorem) -> bytes:
    return RECORDER.write(claims, x)


LETTERS = [var(name) for name in "pqrst"]


def instance(name: str, order: list[int]) -> Theorem:
    """A fact of the ledger about letters, its premises being assumed."""
    entry = facts.LEDGER[name]
    terms = LETTERS[: entry.arity]
    needs, _ = entry.instance(*order, *terms)
    return rule("fact", name, order, terms, [rule("assume", need) for need in needs])


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


def test_they_agree_where_something_else_stands_for_an_argument() -> None:
    """For each rule and operation once, each argument is exchanged for values of every kind that JSON has."""
    seen, count = set[str](), 0
    for path in (*sorted((FOLDER / "good").glob("*.jsonl")), *sorted((FOLDER / "adversary").glob("*.good.jsonl"))):
        lines = path.read_bytes().splitlines(keepends=True)
        for at, line in enumerate(lines[1:-1], 1):
            row = json.loads(line)
            key, args = ("args", row["args"]) if "rule" in row else ("term", row["term"][1:])
            name = row["rule"] if "rule" in row else row["term"][0]
            if name in seen:
                continue
            seen.add(name)
            for i, other in itertools.product(range(len(args)), ([], [[]], {}, None, True, 1.5, -1, "", "+oo", 10**30)):
                new = [*args[:i], other, *args[i + 1 :]]
                changed = certificate.encode({**row, key: new if key == "args" else [name, *new]}) + b"\n"
                data = b"".join([*lines[:at], changed, *lines[at + 1 :]])
                assert difference(data, outcome(data)) is None, (name, i, other)
                count += 1
    assert seen >= set(RULES) and count > 1000


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


def test_they_agree_on_mutants_of_the_twins() -> None:
    """One step away from a good certificate of each rule, on either side of its conditions; a sample of 38,000."""
    verdicts = Counter[bool]()
    for path in sorted((FOLDER / "adversary").glob("*.good*.jsonl")):
        data = path.read_bytes()
        for mutation in list(mutations(data))[:: 37 + data.count(b"\n")] if len(data) < 50_000 else []:
            mutant = mutation.make()
            found = outcome(mutant)
            assert difference(mutant, found) is None, f"{path.name}: {mutation.what}"
            verdicts[isinstance(found, Certificate)] += 1
    assert verdicts[True] > 40 and verdicts[False] > 200


def continuity(term: Term, delta: Term = ONE, restriction: Theorem | None = None, change: Term | None = None) -> Args:
    """Arguments of ``side_continuous`` about a term without ``x``."""
    change = sub(term, term) if change is None else change
    zeros = [] if restriction is None else [(ZERO, restriction)]
    products = [(Fraction(1), [given(">", eps)], [])]
    bounds = [rule("arith", Literal(">=", t), products, zeros) for t in (sub(eps, change), add(eps, change))]
    wide = [] if delta is ONE else [(Fraction(1), [], [h])]
    room = rule("arith", Literal(">", delta), [(Fraction(1), [], []), *wide], [])
    return [smooth_side(term, 1), delta, bounds, room, defined(term)]


BESIDES = {
    "eps in the term": continuity(eps),
    "h in the term": continuity(h),
    "h in delta": continuity(y, delta=add(ONE, power(h, 2))),
    "h restricted": continuity(y, restriction=given("=", h)),
    "eps restricted": continuity(y, restriction=given("=", sub(eps, ONE))),
    "another change": continuity(y, change=sub(ZERO, ZERO)),
}


@pytest.mark.parametrize("args", BESIDES.values(), ids=BESIDES)
def test_continuity_from_a_side_asks_for_all_that_its_limit_does(args: Args) -> None:
    """The kernel checks both by one function; in ``rules.txt`` the conditions stand in both rules."""
    both(step_alone("side_continuous", continuity(y), y))
    bad_one = step_alone("side_continuous", args, y)
    assert isinstance(outcome(bad_one), CertificateError)
    with pytest.raises(Refused):
        check(bad_one)


def test_it_loads_nothing_of_the_project() -> None:
    code = "import sys, hasderiv.proofs.second.__main__; print(*(m for m in sys.modules if m.startswith('hasderiv')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = [m for m in done.stdout.split() if not m.startswith("hasderiv.proofs.second")]
    assert sorted(ours) == ["hasderiv", "hasderiv.proofs"]


def test_it_shares_no_line_with_the_kernel() -> None:
    root = Path(facts.__file__).parent
    theirs = {line.strip() for path in root.glob("*.py") for line in path.read_text().splitlines()}
    second = Path(second_table.__file__).parent
    files = [*second.glob("*.py"), *second.glob("*.txt")]
    ours = {line.strip() for path in files for line in path.read_text().splitlines()}
    shared = {line for line in ours & theirs if len(line) > 40 and not line.startswith(("from ", "import "))}
    assert not shared


def test_the_rules_and_the_ledgers_have_the_same_names() -> None:
    assert set(second_reader.RULES) == set(RULES)
    assert set(LEDGERS["facts"]) == {name for name, entry in facts.LEDGER.items() if not entry.order}
    assert set(LEDGERS["identities"]) == set(cited.IDENTITIES)
    assert set(LEDGERS["functions"]) == set(cited.FUNCTIONS)
    assert set(LEDGERS["derivatives"]) - {"add", "pow"} == set(facts.DERIVATIVES) == UNARY


def test_every_form_of_every_rule_concludes_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """No form in ``rules.txt`` is dead: the good certificates and the catalogue use each, and the series below."""
    follow, used = second_reader.Checker.follow, set[int]()

    def recorded(checker: Any, form: Any, args: Any) -> Any:
        th = follow(checker, form, args)
        used.add(id(form))
        return th

    monkeypatch.setattr(second_reader.Checker, "follow", recorded)
    for path in (*FILES, *(p for kind in ("good", "adversary", "indexed") for p in (FOLDER / kind).glob("*.jsonl"))):
        with suppress(Refused):
            check(path.read_bytes())
    for name, order in ((name, n) for name, entry in facts.LEDGER.items() if entry.order for n in (3, 4)):
        with suppress(KernelError):
            check(written(instance(name, [order])))
    for name, (_, forms) in second_reader.RULES.items():
        assert all(id(form) in used for form in forms), name


def test_nothing_in_the_data_is_python_that_runs() -> None:
    """A name in the rules is a letter, a conclusion or a word; no attribute, no function of Python's own is reached."""
    words = {name for names in (vars(Words), vars(Search)) for name in names if not name.startswith("_")}
    allowed = words | {kind.__name__ for kind in get_args(Conclusion)} | UNARY | set(cited.FUNCTIONS)
    allowed |= {"Infinity", "Is", "over", "bound", "add", "mul", "sub", "power", "negated", "negation", "pi", "put"}
    allowed |= {*NEGATION, *second_notation.PLAIN, *second_notation.COLLECTIONS}

    def called(form: Any) -> set[str]:
        parts = [called(part) for part in form[1:]] if type(form) is tuple else []
        return {str(form[0])}.union(*parts) if type(form) is tuple else set()

    rows = [row[1:] for _, forms in second_reader.RULES.values() for form in forms for row in form]
    rows += [entry[2:] for entries in LEDGERS.values() for entry in entries.values()]
    assert len(rows) > 200
    found = set[str]().union(*(called(form) for context, goal in rows for form in (*context, goal)))
    assert found <= allowed, found - allowed


@pytest.mark.parametrize("name", sorted(facts.LEDGER))
def test_each_fact_is_the_same(name: str) -> None:
    orders = [[1], [7], [59]] if name == "exp_taylor" else [[1], [2], [7], [60]]
    for order in orders if facts.LEDGER[name].order else [[]]:
        both(written(instance(name, order)))


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
    for part in (
        "->",
        "dropped",
        "swapped",
        "twice",
        "negated",
        "left out",
        "claim",
        "fingerprint",
        "varies",
        "in place",
    ):
        assert any(part in what for what in made), part
    assert len(made) > 1000 and len(set(made)) > 300
