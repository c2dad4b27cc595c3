"""Every limit of the kernel at its edge: what just fits is accepted, one more is refused."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import algebra, certificate, facts, terms
from hasderiv.proofs.kernel.algebra import BUDGET, MAX_BITS, TOTAL, Algebra, Polynomial
from hasderiv.proofs.kernel.terms import KernelError, Term, add, mul, power, rat, unary, var
from hasderiv.proofs.second import Refused, check, reader

from .adversary_bytes import ASSUME, VX, write
from .kit import rule, x, y

HEAD = b'{"format":1,"spec":"' + b"0" * 64 + b'"}\n'


def refusal(data: bytes) -> str:
    with pytest.raises(certificate.CertificateError) as caught:
        certificate.replay(data)
    return str(caught.value)


def test_no_limit_changes_unseen() -> None:
    assert (terms.MAX_POWER, terms.MAX_DIGITS, facts.MAX_ORDER) == (4096, 2000, 60)
    assert (certificate.FORMAT, certificate.INDEXED) == (1, 2)
    assert (certificate.MAX_LINE, certificate.MAX_BYTES, terms.MAX_OPENED) == (10**6, 10**8, 100_000)
    assert (certificate.MAX_LINES, terms.MAX_SYMBOLS, certificate.MAX_HYPS) == (5 * 10**6, 2000, 5 * 10**6)
    assert (BUDGET, MAX_BITS, TOTAL) == (200_000, 200_000, 20_000_000)


def test_a_line_of_a_million_bytes_is_read() -> None:
    for size, reason in ((certificate.MAX_LINE, "line 2: not JSON"), (certificate.MAX_LINE + 1, "line 2: longer than")):
        assert reason in refusal(HEAD + b"[" * size + b"\n{}\n")


def test_a_file_of_a_hundred_million_bytes_is_read() -> None:
    for size, reason in ((certificate.MAX_BYTES, "cut short"), (certificate.MAX_BYTES + 1, "at most 100000000 bytes")):
        assert reason in refusal(b" " * size)


def test_numbers_names_powers_and_integers() -> None:
    longest = 10**terms.MAX_DIGITS - 1
    for q in (Fraction(longest), Fraction(-longest), Fraction(1, longest)):
        rat(q)
    for q in (Fraction(longest + 1), Fraction(-longest - 1), Fraction(1, longest + 1)):
        with pytest.raises(KernelError, match="digits"):
            rat(q)
    assert var("a" * 64).free == {"a" * 64}
    with pytest.raises(KernelError, match="not a name"):
        var("a" * 65)
    assert power(x, 2) and power(x, 4096)
    for n in (1, 4097):
        with pytest.raises(KernelError, match="exponent"):
            power(x, n)
    for n, reason in (
        (10**6, "exponent not in"),
        (10**6 + 1, "reasonable"),
        (-(10**6), "exponent"),
        (-(10**6) - 1, "rea"),
    ):
        assert reason in refusal(write(VX, ["pow", 0, n], ASSUME))


@pytest.mark.parametrize(("name", "first", "last", "step"), [("sin_taylor", 1, 60, 1), ("exp_taylor", 1, 59, 2)])
def test_orders_of_series(name: str, first: int, last: int, step: int) -> None:
    entry = facts.LEDGER[name]
    for n in (first, last):
        assert entry.instance(n, x)
    for n in (first - step, last + step):
        with pytest.raises(KernelError, match="order"):
            entry.instance(n, x)


P: Polynomial = {((x, 1),): 1, ((y, 1),): 2}
Q: Polynomial = {((x, 2),): 3, (): 1, ((y, 3),): 1}
LONG: Polynomial = {((x, 5),): Fraction(2**129, 3)}


def test_the_budget_is_spent_to_the_last() -> None:
    """A product costs one for each pair of monomials, a sum its monomials, a power of one monomial its exponent."""
    a, b = var("spent_a"), var("spent_b")
    for cost, work in (
        (6, lambda ring: ring.product(P, Q)),
        (130 + 64, lambda ring: ring.power(LONG, 64)),
        (2, lambda ring: ring._node(add(a, b), {a: {((a, 1),): 1}, b: {((b, 1),): 1}})),
    ):
        ring = Algebra()
        ring.spent = BUDGET - cost
        work(ring)  # type: ignore[no-untyped-call]
        assert ring.spent == BUDGET
        ring.spent = BUDGET - cost + 1
        with pytest.raises(KernelError, match="algebra"):
            work(ring)  # type: ignore[no-untyped-call]


def test_all_steps_together_have_a_budget_too() -> None:
    algebra.forget()
    for spent, refused in ((TOTAL - 12, False), (TOTAL - 6, False), (TOTAL - 5, True)):
        algebra._kept.spent = spent
        try:
            Algebra().product(P, Q)
        except KernelError as error:
            assert refused and "all steps together" in str(error)
        else:
            assert not refused and algebra._kept.spent == spent + 6
    algebra.forget()
    assert algebra._kept.spent == 0


def test_the_hypotheses_of_all_theorems_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(VX, ASSUME, ["var", "y"], ("assume", [[">", 2]]), claims=[1, 3])
    for module, failure in ((certificate, certificate.CertificateError), (reader, Refused)):
        read = certificate.replay if module is certificate else check
        for most in (3, 2):
            monkeypatch.setattr(module, "MAX_HYPS", most)
            read(data)
        monkeypatch.setattr(module, "MAX_HYPS", 1)
        with pytest.raises(failure, match=r"line 5: assume: .*more than 1 hypotheses"):
            read(data)


def test_coefficients_of_two_hundred_thousand_bits() -> None:
    largest = 2**MAX_BITS - 1
    for q in (largest, -largest, Fraction(1, largest), Fraction(-largest, 2)):
        assert algebra._number(q) == q
    for q in (largest + 1, -largest - 1, Fraction(1, largest + 1)):
        with pytest.raises(KernelError, match="bits"):
            algebra._number(q)


def test_what_is_kept_is_forgotten() -> None:
    """What a certificate costs does not depend on what was read before it."""
    big = unary("exp", x)
    t = mul(add(big, y), add(big, rat(3)))
    costs = []
    for _ in range(2):
        algebra.forget()
        ring = Algebra()
        ring.normal(t)
        costs.append(ring.spent)
    again = Algebra()
    again.normal(t)
    assert costs[0] == costs[1] > 0 == again.spent


def test_a_rule_sees_the_limits() -> None:
    high = power(add(x, y), 4096)
    with pytest.raises(KernelError, match="algebra: more than 200000 products"):
        rule("arith", terms.Literal("=", add(high, mul(rat(-1), mul(high, rat(1))))), [], [])


def test_long_monomials_and_coefficients_count() -> None:
    long: Term = x
    for k in range(400):
        long = mul(long, unary("exp", add(x, rat(k))))
    algebra.forget()
    ring = Algebra()
    ring.normal(long)
    assert 2_000 < ring.spent < 10_000, "each factor costs more than the one before"
    large = rat(Fraction(10**1900 + 1, 10**1900 - 1))
    p = algebra.Algebra().normal(large)
    ring.spent = 0
    square = ring.product(p, p)
    once = ring.spent
    ring.product(square, square)
    assert ring.spent - once > 1.9 * once > 100


def test_a_term_has_so_many_symbols() -> None:
    t: Term = rat(0)
    for k in range(terms.MAX_SYMBOLS):
        t = add(t, var(f"a{k}"))
    assert add(t, var("a0")).free is t.free, "one set for all terms with these symbols"
    with pytest.raises(KernelError, match="at most 2000 symbols"):
        add(t, var("one_more"))


def test_the_pairs_of_many_pieces_are_counted_before_they_are_made() -> None:
    pieces = [()] * 100_000
    covered = rule("within", pieces, 0, [])
    tracemalloc.start()
    try:
        with pytest.raises(KernelError, match="missing or left over"):
            rule("map", frozenset({"x"}), x, (), covered, [None] * len(pieces), [], [])
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_a_certificate_has_so_many_lines() -> None:
    data = b"\n" * (certificate.MAX_LINES + 1)
    assert "line 1: not JSON" in refusal(data[1:])
    with pytest.raises(certificate.CertificateError, match="at most 5000000 lines"):
        certificate.replay(data)
    with pytest.raises(Refused, match="too many lines"):
        check(data)


def test_a_refusal_says_where_by_which_rule_and_why() -> None:
    assert str(certificate.CertificateError(7, "cut", "no")) == "line 7: cut: no"
    assert str(certificate.CertificateError(7, "", "no")) == "line 7: no"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b" " * (certificate.MAX_BYTES + 1), 0),
        (b"\n" * (certificate.MAX_LINES + 1), 0),
        (b"one line", 1),
        (HEAD + b"{}", 2),
        (write(VX, ASSUME, lines=9), 4),
        (write(VX, ASSUME, claims=[0]), 4),
    ],
    ids=["gigantic", "many lines", "alone", "cut short", "count", "claim"],
)
def test_what_is_refused_outside_a_step_names_no_rule(data: bytes, line: int) -> None:
    with pytest.raises(certificate.CertificateError) as caught:
        certificate.replay(data)
    assert (caught.value.line, caught.value.rule) == (line, "")
