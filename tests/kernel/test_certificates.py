"""One byte form of each proof: good files replay for ever, and every other form is refused for its reason."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hasderiv.proofs.agreement import difference, outcome
from hasderiv.proofs.kernel import algebra, certificate, terms
from hasderiv.proofs.kernel.certificate import RULES, CertificateError, encode, fingerprint, replay
from hasderiv.proofs.kernel.terms import Literal, Term, add, mul, neg, postorder, power, rat, sub, var
from hasderiv.proofs.kernel.theorems import HasDeriv, Map, NotDifferentiable, NthDerivative, Theorem
from hasderiv.proofs.prover.recorder import Recorder

from . import corpus
from .adversary_bytes import VX, write
from .corpus import FOLDER, GOOD, bad, good
from .kit import X, given, relu, x
from .test_properties import assert_true

REASONS = tomllib.loads((FOLDER / "bad" / "reasons.toml").read_text(encoding="utf-8"))
GOOD_FILES = sorted((FOLDER / "good").glob("*.jsonl"))


@pytest.mark.parametrize("path", GOOD_FILES, ids=lambda p: p.stem)
def test_good_files_replay(path: Path) -> None:
    data = path.read_bytes()
    result = replay(data)
    assert result.claims and result.steps == data.count(b"\n") - 2
    lines = data.splitlines()
    assert all(encode(json.loads(line)) == line for line in lines)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_same_proof_gives_the_same_bytes(name: str) -> None:
    assert good(name) == (FOLDER / "good" / f"{name}.jsonl").read_bytes()


def test_what_the_good_files_claim() -> None:
    """The statements, literally: a golden file that still replays but says something else is caught here."""
    found = {path.stem: replay(path.read_bytes()) for path in GOOD_FILES}
    assert set(found) == set(GOOD)
    cube = found["cube_order_3"].claims[0]
    assert cube.conclusion == NthDerivative("x", 3, power(x, 3), rat(6)) and cube.hyps == frozenset()
    assert found["cube_order_3"].spec == fingerprint(power(x, 3))
    log = found["log"].claims[0]
    assert isinstance(log.conclusion, HasDeriv) and log.hyps == {Literal(">", x)}
    assert found["gamma_cited"].claims[0].cites == {"gamma: DLMF 5.2.2", "digamma: DLMF 5.15"}
    for name, reason in (("sqrt_vertical_tangent", "vertical tangent"), ("step_jump", "jump")):
        th = found[name].claims[0]
        assert isinstance(th.conclusion, NotDifferentiable) and th.conclusion.reason == reason
        assert th.hyps == {Literal("=", x)}
    whole = found["relu_map"].claims[0].conclusion
    assert isinstance(whole, Map) and (whole.vary, whole.term, whole.assume) == (X, relu, ())
    assert [piece for piece, _ in whole.pieces] == [(Literal(">", x),), (Literal("=", x),), (Literal(">", neg(x)),)]
    assert [type(verdict) for _, verdict in whole.pieces] == [HasDeriv, NotDifferentiable, HasDeriv]


@pytest.mark.parametrize("name", sorted(REASONS))
def test_bad_files_are_refused_for_their_reason(name: str) -> None:
    with pytest.raises(CertificateError) as caught:
        replay((FOLDER / "bad" / f"{name}.jsonl").read_bytes())
    message = str(caught.value)
    assert REASONS[name] in message
    assert message.startswith("line ") and "\n" not in message and len(message) < 300


def test_every_bad_file_has_a_reason_and_is_what_the_corpus_says() -> None:
    assert {p.stem for p in (FOLDER / "bad").glob("*.jsonl")} == set(REASONS)
    assert {name: reason for name, (_, reason) in bad().items()} == REASONS
    for name, (data, _) in bad().items():
        assert (FOLDER / "bad" / f"{name}.jsonl").read_bytes() == data


def test_a_huge_line_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    head, rest = good("log").split(b"\n", 1)
    huge = head + b"\n" + b"[" * (certificate.MAX_LINE + 1) + b"\n" + rest
    with pytest.raises(CertificateError, match="line 2: longer than 1000000 bytes"):
        replay(huge)
    monkeypatch.setattr(certificate, "MAX_BYTES", 100)
    with pytest.raises(CertificateError, match="at most 100 bytes"):
        replay(good("log"))


@pytest.mark.parametrize("path", GOOD_FILES, ids=lambda p: p.stem)
def test_an_altered_byte_never_passes_for_the_same(path: Path) -> None:
    """A changed byte is refused by a `CertificateError` and nothing else, or what it proves is true all the same."""
    data = path.read_bytes()
    rng = random.Random(path.stem)
    refused = 0
    for _ in range(600):
        at = rng.randrange(len(data))
        changed = (
            data[:at] + rng.choice([b"", bytes([rng.randrange(256)]), b"0", b"1", b"-", b">", b"="]) + data[at + 1 :]
        )
        if changed == data:
            continue
        try:
            result = replay(changed)
        except CertificateError:
            refused += 1
            continue
        for th in result.claims:
            assert_true(th)
    assert refused > 500


@pytest.mark.parametrize("path", GOOD_FILES, ids=lambda p: p.stem)
def test_altered_steps_are_refused_or_prove_something_true(path: Path) -> None:
    """Numbers, rules and relations exchanged at random: what still replays is checked against numbers."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    rng = random.Random(path.stem + "steps")
    survivors = 0
    for _ in range(400):
        copy = json.loads(json.dumps(lines))
        row = copy[rng.randrange(1, len(copy))]
        alter(row, rng)
        data = b"".join(encode(row) + b"\n" for row in copy)
        try:
            result = replay(data)
        except CertificateError:
            continue
        survivors += 1
        for th in result.claims:
            assert_true(th)
    assert survivors < 200


def alter(row: dict[str, object], rng: random.Random) -> None:
    """Change one leaf of a line, or its rule."""
    if "rule" in row and rng.random() < 0.2:
        row["rule"] = rng.choice(sorted(RULES))
        return
    key = next(k for k in ("args", "term", "claims") if k in row)
    holder: object = row
    step: object = key
    while True:
        value = holder[step]  # type: ignore[index]
        if isinstance(value, list) and value:
            holder, step = value, rng.randrange(len(value))
            continue
        break
    if type(value) is int:
        new: object = max(0, value + rng.choice([-2, -1, 1, 2]))
    elif isinstance(value, str):
        new = rng.choice(
            [">", ">=", "=", "!=", "exp", "log", "sqrt", "inv", "sin", "x", "y", "0", "1", "2", "-1", "1/2"]
        )
    else:
        new = rng.choice([None, [], [0], 0])
    holder[step] = new  # type: ignore[index]


def test_two_processes_write_the_same_bytes() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from tests.kernel import corpus; "
    code += "sys.stdout.buffer.write(b''.join(corpus.good(n) for n in sorted(corpus.GOOD)))"
    root = str(Path(corpus.__file__).resolve().parents[2])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, root],
            env={"PYTHONHASHSEED": seed, "LC_ALL": locale},
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale in (("0", "C"), ("1", "C.UTF-8"), ("4242", "de_DE.UTF-8"))
    }
    assert outputs == {b"".join(good(name) for name in sorted(GOOD))}


def test_every_operation_is_read_back_as_it_was_written() -> None:
    t = var("x")
    for op in sorted(terms.UNARY):
        t = terms.add(terms.unary(op, t), terms.mul(t, terms.power(terms.tangent("y"), 3)))
    t = terms.cond("!=", terms.pi(), t, terms.app("besselj", rat(-3), terms.cond(">=", t, t, x)))
    equal = RULES["arith"][0](Literal("=", terms.sub(t, t)), [], [])
    R = Recorder()
    th = R.arith(Literal("=", terms.sub(t, t)))
    (read,) = replay(R.write([th], t)).claims
    assert read.conclusion == equal.conclusion
    assert {s.op for s in postorder(t)} == {*terms.UNARY, "var", "d", "add", "mul", "pow", "cond", "app", "pi", "rat"}


def test_a_long_chain_is_read_without_recursion() -> None:
    t: Term = x
    for _ in range(20_000):
        t = neg(t)
    R = Recorder()
    th = R.rule("local", X, t, [])
    assert isinstance(replay(R.write([th], t)).claims[0], Theorem)
    assert len(fingerprint(t)) == 64 and given(">", x).hyps


def test_what_a_certificate_costs_does_not_depend_on_what_was_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def wide(name: str) -> Term:
        total = add(var(name + "0"), add(var(name + "1"), add(var(name + "2"), var(name + "3"))))
        return sub(power(total, 6), mul(power(total, 3), power(total, 3)))

    R, one, other = Recorder(), wide("a"), wide("b")
    monkeypatch.setattr(algebra, "BUDGET", 10**6)
    half, both = (R.write([R.arith(Literal("=", t))], t) for t in (one, add(one, other)))
    algebra.forget()
    meter = algebra.Algebra()
    meter.normal(one)
    monkeypatch.setattr(algebra, "BUDGET", meter.spent * 3 // 2)
    for _ in range(2):
        replay(half)
        with pytest.raises(CertificateError, match="products of monomials"):
            replay(both)


@pytest.mark.parametrize("name", ["x/1", "d x", "", 5, None])
def test_a_rule_is_given_a_name_and_no_other_symbol(name: object) -> None:
    """The hole of a congruence is a variable: neither a family nor a tangent."""
    rows = [VX, ["rat", "-1"], ["mul", 1, 0], ["add", 0, 2], ("assume", [["=", 3]])]
    good, bad = (write(*rows, ("congruence", [0, hole, 4]), claims=[5]) for hole in ("x", name))
    assert replay(good).claims
    found = outcome(bad)
    assert isinstance(found, CertificateError) and "not a name" in str(found) and difference(bad, found) is None


@pytest.mark.parametrize("error", [ValueError("why"), RecursionError(), MemoryError()], ids=repr)
def test_whatever_a_rule_raises_is_a_refusal_of_its_line(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Theorem:
        raise error

    monkeypatch.setitem(RULES, "assume", (fails, RULES["assume"][1]))
    with pytest.raises(CertificateError) as caught:
        replay(write(VX, ("assume", [[">", 0]])))
    assert (caught.value.line, caught.value.rule, caught.value.why) == (3, "assume", str(error) or type(error).__name__)
