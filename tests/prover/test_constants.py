"""Signs and bounds of closed terms: found where true, never claimed where false, the same in every process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hasderiv.proofs.kernel import certificate
from hasderiv.proofs.kernel.terms import Literal, Term, add, app, mul, neg, power, rat, unary, var
from hasderiv.proofs.kernel.theorems import Holds
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.prover.bounds import Undecided
from hasderiv.proofs.prover.constants import enclose, sign_of_constant
from hasderiv.proofs.prover.recorder import Recorder
from mpmath import mp

TRUE = """
log(2) != 0 | log(5) - sqrt(2) > 0 | exp(1) - 27/10 > 0 | pi - 3 > 0 | 22/7 - pi > 0 | sqrt(2/pi) > 0 | cos(1) > 0
sin(3) > 0 | sin(3) >= 0 | -sin(4) > 0 | cos(pi/3) - 1/3 > 0 | 4*atan(1) - 31415/10000 > 0 | -cos(3) > 0
1/log(2) - 1/(6931471805599453/10000000000000000) != 0 | log(10) - 2302585092994045/1000000000000000 != 0
atan(1000000) - 15707/10000 > 0 | 15708/10000 - atan(1000) > 0 | atan(-2) + 1108/1000 > 0 | -atan(-2) - 1107/1000 > 0
exp(20) - 485165195 > 0 | exp(-20) > 0 | exp(-20) - 2/1000000000 > 0 | exp(sqrt(2)) - 411/100 > 0 | -log(1/2) > 0
-sin(100) - 5063/10000 > 0 | floor(pi) - 3 >= 0 | 3 - floor(pi) >= 0 | floor(-pi) + 4 >= 0 | log(log(3)) > 0
erf(1) > 0 | -erf(-1) > 0 | 1 - erf(2) > 0 | erf(-3) + 1 > 0 | -log(log(2)) > 0 | 1 - log(2)**2 - sqrt(2)/3 > 0
1/sin(3) - 7 > 0 | sqrt(4) - 2 >= 0 | 2 - sqrt(4) >= 0 | log(1) >= 0 | exp(0) - 1 >= 0 | sin(0) >= 0 | tanh(1) - 3/4 > 0
(sqrt(2) - 14142/10000)**10 > 0 | Piecewise((log(3), sqrt(2) > 1), (0, True)) - 1 > 0 | sin(pi/4) - cos(1) > 0
1/(1 + exp(-2)) - 22/25 > 0 | 2 - 2 = 0 | -1/(sqrt(2) - 2) > 0 | exp(exp(2)) - 1618 > 0
exp(10**9) > 0 | exp(-10**9) != 0 | sqrt(3)*log(3) - 19/10 > 0
""".replace("\n", "|")

FALSE = """
sin(100) + 5063/10000 > 0 | log(2) - 7/10 > 0 | sin(pi) > 0 | sin(pi) != 0 | pi - 22/7 >= 0 | 1 = 0 | log(1) > 0
sqrt(4) - 2 > 0 | erf(1) - 9/10 > 0 | log(-1) != 0 | exp(log(2)) - 2 != 0 | 1/sin(pi) > 0 | -exp(-1000) >= 0
""".replace("\n", "|")


def literals(text: str) -> list[tuple[str, str]]:
    cases = [case.strip() for case in text.split("|") if case.strip()]
    return [(left, relation) for left, relation, _ in (case.rsplit(" ", 2) for case in cases)]


@pytest.mark.parametrize("text, relation", literals(TRUE), ids=str)
def test_true_signs_are_proved_and_replay(text: str, relation: str) -> None:
    r, t = Recorder(), unfold(parse(text))
    theorem = sign_of_constant(r, relation, t)
    assert theorem is not None
    assert theorem.conclusion == Holds(Literal(relation, t)) and not theorem.hyps
    data = r.write([theorem], t)
    assert certificate.replay(data).claims[0].conclusion == theorem.conclusion
    assert len(data) < 9000


@pytest.mark.parametrize("text, relation", literals(FALSE), ids=str)
def test_false_or_unknown_signs_are_none(text: str, relation: str) -> None:
    assert sign_of_constant(Recorder(), relation, unfold(parse(text))) is None


def test_terms_without_bounds_are_none() -> None:
    assert sign_of_constant(Recorder(), ">", var("x")) is None
    assert sign_of_constant(Recorder(), ">", app("gamma", rat(2))) is None
    with pytest.raises(Undecided):
        enclose(Recorder(), app("gamma", rat(2)))


def random_term(rng: random.Random, depth: int) -> Term:
    """A closed term; its operations are all defined for small operands."""
    if depth == 0:
        return rat(Fraction(rng.randint(-30, 30), rng.randint(1, 12)))
    below = [random_term(rng, depth - 1) for _ in range(2)]
    positive = add(power(below[0], 2), rat(Fraction(1, 3)))
    return rng.choice(
        [
            add(*below),
            mul(*below),
            neg(below[0]),
            unary("exp", unary("sin", below[0])),
            unary("cos", below[0]),
            unary("atan", below[0]),
            unary("log", positive),
            unary("sqrt", positive),
            unary("inv", positive),
        ]
    )


def value(t: Term) -> Any:
    """``t`` by mpmath, an evaluation that shares nothing with the bounds."""
    if t.op == "rat":
        q = t.args[0]
        assert isinstance(q, Fraction)
        return mp.mpf(q.numerator) / q.denominator
    below = [value(s) for s in t.terms]
    if t.op == "pow":
        return below[0] ** t.args[1]
    functions = {"add": mp.fadd, "mul": mp.fmul, "inv": lambda x: 1 / x}
    return functions.get(t.op, getattr(mp, t.op, None))(*below)


@pytest.mark.parametrize("seed", range(25))
def test_bounds_hold_the_value_and_are_narrow(seed: int) -> None:
    t = random_term(random.Random(seed), 3)
    lower, upper = enclose(Recorder(), t, 8)
    with mp.workdps(40):
        expected = value(t)
        for theorem in (lower, upper):
            assert isinstance(theorem.conclusion, Holds) and not theorem.hyps
            gap = value(theorem.conclusion.literal.term)
            assert -(mp.mpf(10) ** -35) * (1 + abs(expected)) <= gap <= mp.mpf(10) ** -8 * (1 + abs(expected))


def test_certificates_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "import sys\n"
        "from hasderiv.proofs.language.definitions import unfold\n"
        "from hasderiv.proofs.language.parser import parse\n"
        "from hasderiv.proofs.prover.constants import sign_of_constant\n"
        "from hasderiv.proofs.prover.recorder import Recorder\n"
        "r, t = Recorder(), unfold(parse('log(5)*sqrt(2)*atan(3) + sin(pi/5)*exp(sqrt(3)) - 5'))\n"
        "sys.stdout.buffer.write(r.write([sign_of_constant(r, '>', t)], t))\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1] and certificate.replay(outputs[0])
