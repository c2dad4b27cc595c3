"""Literals about polynomials: true ones are proved and replay, false ones never, and each certificate has one form."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import certificate
from hasderiv.proofs.kernel.algebra import compare
from hasderiv.proofs.kernel.terms import ONE, ZERO, Literal, Term, add, mul, power, rat, sub, unary, var
from hasderiv.proofs.kernel.theorems import Holds, Theorem
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.prover.polynomials import equal, positive
from hasderiv.proofs.prover.recorder import Recorder
from hasderiv.proofs.prover.simplex import combine, solve

TRUE = """
x + y > 0; x > 0, y > 0
x*y + 1 > 0; x > 0, y >= 0
x*y >= 0; x >= 0, y >= 0
x**2 - x + 1 > 0;
x**2 + y**2 - 2*x*y >= 0;
x**2 - x*y + y**2 > 0; x > 0
x**2 + x*y + y**2 > 0; x - y > 0
x**4 - x + 1 > 0;
x**4 + y**4 + 1 - 2*x*y > 0;
x**6 - 3*x**2 + 2 >= 0;
x**2 + y**2 + z**2 - x*y - y*z - z*x >= 0;
x*y + y*z + z*x > 0; x > 0, y > 0, z > 0
1 - x + x**2/2 - x**3/6 > 0; x >= 0, 1 - x >= 0
x - x**3/6 + x**5/120 > 0; x > 0, 2 - x > 0
1 - x**2/2 + x**4/24 - x**6/720 > 0; x >= 0, 3/2 - x >= 0
x**3 - 3*x + 201/100 > 0; x >= 0
(x - 1/2)**2*(x - 1/3)**2 + 1/1000 > 0; x >= 0, 1 - x >= 0
(x - 3)**2*(x - 5)**2 + 1/100 > 0;
8*x**4 - 8*x**2 + 1 + 1001/1000 > 0;
x**3 + y**3 + z**3 - 3*x*y*z >= 0; x >= 0, y >= 0, z >= 0
(b - a)**2 - 4*(x - a)*(b - x) >= 0; x - a >= 0, b - x >= 0
exp(x) + exp(-x) - 2 >= 0; exp(x)*exp(-x) - 1 = 0, exp(x) > 0, exp(-x) > 0
sqrt(x) - sqrt(y) > 0; sqrt(x)**2 - x = 0, sqrt(y)**2 - y = 0, sqrt(x) >= 0, sqrt(y) >= 0, x - y > 0
x - 1 > 0; x - y > 0, y - 1 > 0
x - 2 > 0; x**2 - 4 > 0, x > 0
x - y > 0; x**3 - y**3 > 0
x**2*y - x*y + y > 0; y > 0
a*x**2 + b*x + c > 0; a > 0, 4*a*c - b**2 > 0
x**2 + 2*a*x + b > 0; b - a**2 > 0
1 - x*y > 0; 1 - x > 0, 1 - y > 0, x > 0, y > 0
exp(x) - x > 0; exp(x) - 1 - x >= 0
exp(x)**2 - 1 > 0; exp(x) - 1 - x >= 0, x > 0
exp(x)*(1 - x) - 1/10 > 0; exp(x) - 1 - x >= 0, x >= 0, 1/2 - x >= 0
x + 1/x - 2 >= 0; x > 0, 1/x > 0, x*(1/x) - 1 = 0
sqrt(x) - 2 > 0; sqrt(x) >= 0, sqrt(x)**2 - x = 0, x - 4 > 0
sqrt(x**2 + 1) - x > 0; sqrt(x**2 + 1) >= 0, sqrt(x**2 + 1)**2 - x**2 - 1 = 0
1 + sin(x) >= 0; sin(x)**2 + cos(x)**2 - 1 = 0
2 - sin(x) - cos(x) > 0; sin(x)**2 + cos(x)**2 - 1 = 0
x**2 + x*y + y**2 != 0; x != 0
x*y - y != 0; x - 1 != 0, y > 0
-x - y != 0; x > 0, y >= 0
z > 0; x > 0, -x - z**2 >= 0
x = 0; x >= 0, -2*x - y >= 0, y >= 0
"""

FALSE = """
x > 0;
x**2 - x > 0;
x**2 - 2*x + 1 > 0;
x**2 > 0; x >= 0
x**3 + 1 > 0; x + 1 >= 0
x - y > 0; x**2 - y**2 > 0
x*y > 0; x > 0
x**4 + y**4 + 1 - 3*x*y >= 0;
1 - x**2/2 + x**4/24 > 0;
x*y != 0; x > 0
x = 0; x >= 0, y = 0
-1 > 0; x > 0, 1 - x > 0
sin(x) > 0; sin(x)**2 + cos(x)**2 - 1 = 0
"""

EQUAL = """
sin(x)**4 - cos(x)**4 - 2*sin(x)**2 + 1; sin(x)**2 + cos(x)**2 - 1
sqrt(u)**3*v - u*sqrt(u)*v; sqrt(u)**2 - u
sqrt(x**2 + 1)**4 - x**4 - 2*x**2 - 1; sqrt(x**2 + 1)**2 - x**2 - 1
u*(1/u)**2 - 1/u; u*(1/u) - 1
(1/(x + 1))*(x**2 - 1) - x + 1; (x + 1)*(1/(x + 1)) - 1
exp(2*x)*y - z**2*y; exp(2*x) - exp(x)**2, exp(x) - z
x*w - y*z; x - 2*y, z - 2*w
"""


def conjunction(r: Recorder, text: str) -> list[Theorem]:
    return [r.assume(literal(part)) for part in text.split(",") if part.strip()]


def literal(text: str) -> Literal:
    left, relation, _ = text.rsplit(maxsplit=2)
    return Literal(relation, parse(left))


def lines(text: str) -> list[tuple[str, str]]:
    pairs = [line.split(";") for line in text.strip().splitlines()]
    return [(goal.strip(), facts.strip()) for goal, facts in pairs]


@pytest.mark.parametrize("goal, facts", lines(TRUE))
def test_true_literals_are_proved_and_replay(goal: str, facts: str) -> None:
    r, wanted = Recorder(), literal(goal)
    known = conjunction(r, facts)
    theorem = positive(r, wanted, known)
    assert theorem is not None
    assert theorem.conclusion == Holds(wanted)
    assert theorem.hyps <= frozenset[Literal]().union(*(th.hyps for th in known))
    data = r.write([theorem], wanted.term)
    assert certificate.replay(data).claims[0].hyps == theorem.hyps
    assert len(data) < 2500


@pytest.mark.parametrize("goal, facts", lines(FALSE))
def test_false_literals_are_none(goal: str, facts: str) -> None:
    r = Recorder()
    assert positive(r, literal(goal), conjunction(r, facts)) is None


def test_contradicting_facts_prove_what_is_asked() -> None:
    r = Recorder()
    facts = conjunction(r, "x - y > 0, y - x >= 0")
    theorem = positive(r, Literal(">", parse("x + y - 7")), facts)
    assert theorem is not None and theorem.conclusion == Holds(Literal(">", parse("x + y - 7")))
    absurd = positive(r, Literal(">", rat(-1)), facts)
    assert absurd is not None and absurd.conclusion in (Holds(Literal(">", ZERO)), Holds(Literal(">", rat(-1))))


@pytest.mark.parametrize("zero, equations", lines(EQUAL))
def test_equations_follow_with_cofactors(zero: str, equations: str) -> None:
    r = Recorder()
    goal = Literal("=", parse(zero))
    known = [r.assume(Literal("=", parse(e))) for e in equations.split(",")]
    theorem = equal(r, goal, known)
    assert theorem is not None and theorem.conclusion == Holds(goal)
    assert equal(r, Literal("=", add(parse(zero), ONE)), known) is None
    assert positive(r, goal, known) is theorem


def random_polynomial(rng: random.Random, names: list[Term]) -> Term:
    total = rat(rng.randint(-3, 4))
    for _ in range(rng.randint(1, 4)):
        piece: Term = rat(rng.randint(-4, 4))
        for _ in range(rng.randint(0, 3)):
            piece = mul(piece, rng.choice(names))
        total = add(total, piece)
    return total


def at(t: Term, point: dict[str, Fraction]) -> Fraction:
    if t.op == "rat":
        value = t.args[0]
        assert isinstance(value, Fraction)
        return value
    if t.op == "var":
        return point[str(t.args[0])]
    left, right = (at(s, point) for s in t.terms)
    return left + right if t.op == "add" else left * right


@pytest.mark.parametrize("seed", range(40))
def test_what_is_proved_of_random_polynomials_holds_at_random_points(seed: int) -> None:
    rng = random.Random(seed)
    names = [var(n) for n in "xyz"[: rng.randint(1, 3)]]
    r = Recorder()
    known = [
        r.assume(Literal(rng.choice([">", ">=", "!="]), random_polynomial(rng, names)))
        for _ in range(rng.randint(0, 4))
    ]
    goal = Literal(rng.choice([">", ">=", "!="]), random_polynomial(rng, names))
    theorem = positive(r, goal, known)
    if theorem is None:
        return
    assert theorem.conclusion == Holds(goal)
    for _ in range(200):
        point = {n: Fraction(rng.randint(-30, 30), rng.randint(1, 9)) for n in "xyz"}
        if all(compare(h.relation, at(h.term, point)) for h in theorem.hyps):
            assert compare(goal.relation, at(goal.term, point))


def test_simplex_answers_exactly_or_separates() -> None:
    answer = combine([{"a": 1, "b": 1}, {"a": -1, "b": 2}, {"b": -1}], {"b": Fraction(1, 3)})
    assert answer.weights is not None
    a, b, c = answer.weights
    assert min(answer.weights) >= 0 and a - b == 0 and a + 2 * b - c == Fraction(1, 3)
    columns = [{"a": 1}, {"a": 1, "b": 1}, {"b": 1, "c": 2}, {"c": 1}]
    target = {"a": 1, "b": -1}
    apart = combine(columns, target)
    assert apart.weights is None
    assert sum(c * apart.separator[k] for k, c in target.items()) < 0
    assert all(sum(c * apart.separator[k] for k, c in column.items()) > -1e-9 for column in columns)


def test_solve_is_exact() -> None:
    assert solve([{"a": 3, "b": 1}, {"a": 1, "b": 2}], {"a": 1}) == [Fraction(2, 5), Fraction(-1, 5)]
    assert solve([{"a": 1}, {"a": 2}], {"b": 1}) is None


def test_certificates_do_not_depend_on_the_hash_seed_or_on_the_order_of_making() -> None:
    program = (
        "import sys\n"
        "from hasderiv.proofs.kernel.terms import Literal\n"
        "from hasderiv.proofs.language.parser import parse\n"
        "from hasderiv.proofs.prover.polynomials import positive\n"
        "from hasderiv.proofs.prover.recorder import Recorder\n"
        "for text in sys.argv[1:]: parse(text)\n"
        "r = Recorder()\n"
        "facts = [r.assume(Literal(q, parse(t))) for t, q in (('exp(x) - 1 - x', '>='), ('x', '>'), ('y', '>'),"
        " ('sqrt(y)**2 - y', '='), ('sqrt(y)', '>='))]\n"
        "goals = [Literal('>', parse(t)) for t in"
        " ('exp(x)*y - y', 'x**4 + y**4 + 1 - 2*x*y', 'sqrt(y) + exp(x) - 1')]\n"
        "found = [positive(r, g, facts) for g in goals]\n"
        "sys.stdout.buffer.write(r.write(found, goals[0].term))\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, *made],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": s},
        ).stdout
        for s, made in (("1", []), ("2", []), ("3", ["sqrt(y)", "y**4", "exp(x)*y", "x"]))
    ]
    assert outputs[0] == outputs[1] == outputs[2] and certificate.replay(outputs[0])


def test_a_polynomial_that_grows_too_large_is_given_up() -> None:
    names = [var(f"v{i}") for i in range(12)]
    total: Term = ONE
    for name in names:
        total = add(total, unary("exp", name))
    huge = sub(power(total, 6), ONE)
    r = Recorder()
    assert positive(r, Literal(">", huge), [r.assume(Literal(">", sub(power(total, 3), rat(2))))]) is None
