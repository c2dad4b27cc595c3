"""Theorems come from rules, and count when a fresh process has replayed their bytes."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import certificate, terms
from hasderiv.proofs.kernel.certificate import RULES, CertificateError, replay
from hasderiv.proofs.kernel.terms import KernelError, Term
from hasderiv.proofs.kernel.theorems import Defined, Holds, Theorem
from hasderiv.proofs.prover.recorder import Recorder

from .kit import ONE, ZERO, X, dx, given, lit, mul, refused, rule, unary, x


def test_the_rules() -> None:
    """The whole export list: nothing else makes a theorem from a certificate."""
    assert sorted(RULES) == [
        "along",
        "arith",
        "assume",
        "boundary",
        "cases",
        "chain",
        "cite",
        "conditional",
        "congruence",
        "cut",
        "defined",
        "fact",
        "freeze",
        "from_sides",
        "gap",
        "generalize",
        "has_deriv",
        "higher",
        "increases",
        "instantiate",
        "local",
        "map",
        "no_derivative",
        "operator",
        "point",
        "program",
        "replace",
        "rewrite",
        "root",
        "side_chain",
        "side_compose",
        "side_continuous",
        "side_jump",
        "side_limit",
        "side_replace",
        "step",
        "undefined",
        "within",
    ]


def test_every_rule_draws_itself() -> None:
    for name, (function, _) in RULES.items():
        text = function.__doc__ or ""
        assert "::" in text and "----" in text and "|-" in text, f"the docstring of {name} does not draw the rule"


def test_only_a_rule_makes_a_theorem() -> None:
    with pytest.raises(KernelError, match="only a rule makes a theorem"):
        Theorem()
    with pytest.raises(TypeError):
        Theorem(Holds(lit("=", ONE)))  # type: ignore[call-arg]


def forged() -> Theorem:
    """What Python cannot prevent: an object of the class, filled by hand."""
    th = object.__new__(Theorem)
    th.hyps, th.conclusion, th.cites = frozenset(), Holds(lit("=", ONE)), frozenset()
    return th


def test_a_forged_theorem_cannot_be_written() -> None:
    with pytest.raises(KeyError):
        Recorder().write([forged()], ONE)


def test_a_theorem_changed_after_it_was_made_is_replayed_as_it_was_made() -> None:
    R = Recorder()
    th = R.assume(lit(">", x))
    th.hyps = frozenset()
    (again,) = replay(R.write([th], x)).claims
    assert again.hyps == {lit(">", x)}


def test_look_alikes_are_no_premises() -> None:
    class Alike:
        hyps: frozenset[object] = frozenset()
        cites: frozenset[str] = frozenset()
        conclusion = Holds(lit("=", ONE))

    refused("a premise is not Holds", "gap", Alike())
    refused("a premise is not Defined", "has_deriv", rule("local", X, x, []), Alike())


def test_a_conclusion_that_claims_to_equal_every_other() -> None:
    class Equal(str):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    with pytest.raises(KernelError, match="not a comparison"):
        terms.literal(Equal(">"), x)
    with pytest.raises(KernelError, match="not a name"):
        terms.var(Equal("x"))
    with pytest.raises(KernelError, match="primitive functions"):
        unary(Equal("exp"), x)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, float("nan")])
def test_numbers_are_integers_and_fractions_and_nothing_like_them(value: object) -> None:
    with pytest.raises(KernelError, match="not a rational number"):
        terms.rat(value)  # type: ignore[arg-type]
    with pytest.raises(KernelError, match="exponent"):
        terms.power(x, value)  # type: ignore[arg-type]
    refused("coefficient is not positive", "arith", lit(">", ONE), [(value, [], [])], [])


@pytest.mark.parametrize("name", ["", "d x", "1x", "x y", "\uff58", "x" * 65, "_x", "x\n", "\u0663", b"x", None])
def test_names_are_ascii_words(name: object) -> None:
    with pytest.raises(KernelError, match="not a name"):
        terms.var(name)  # type: ignore[arg-type]
    with pytest.raises(KernelError, match="not a name"):
        terms.tangent(name)  # type: ignore[arg-type]
    with pytest.raises(KernelError, match="not a name"):
        terms.app(name, x)  # type: ignore[arg-type]


def test_terms_are_interned_and_not_copied() -> None:
    assert mul(x, dx) is mul(x, dx)
    assert terms.rat(1) is terms.rat(Fraction(2, 2)) is ONE
    with pytest.raises(TypeError):
        pickle.dumps(x)
    with pytest.raises(TypeError):
        copy.copy(x)
    with pytest.raises(KernelError, match="not terms"):
        terms.add(x, 1)  # type: ignore[arg-type]
    with pytest.raises(KernelError, match="primitive functions"):
        terms.unary("tan", x)
    with pytest.raises(KernelError, match="exponent"):
        terms.power(x, 1)
    with pytest.raises(KernelError, match="not a comparison"):
        terms.cond("<", x, x, x)
    with pytest.raises(KernelError, match="digits"):
        terms.rat(10**2000)


def test_optimised_python_refuses_the_same() -> None:
    """`assert` vanishes under -O; no side condition may rest on one."""
    code = """
from fractions import Fraction
from hasderiv.proofs.kernel.certificate import RULES
from hasderiv.proofs.kernel.terms import *
x, X = var("x"), frozenset({"x"})
def refuses(name, *args):
    try:
        RULES[name][0](*args)
    except KernelError:
        return True
square = RULES["arith"][0](literal(">=", power(x, 2)), [(Fraction(1), [], [x])], [])
root = RULES["local"][0](X, unary("sqrt", power(x, 2)), [square])
on = False
assert (on := True)
print(on, refuses("has_deriv", root, RULES["defined"][0](ZERO, [])), refuses("local", X, unary("sqrt", x), []),
      refuses("local", X, unary("log", x), []), refuses("higher", root, root, []), refuses("chain", root, []),
      refuses("from_sides", root, root, None))
"""
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] + ["True"] * 6


def test_a_claim_says_what_it_is_about() -> None:
    R = Recorder()
    (th,) = replay(R.write([R.rule("defined", x, [])], x)).claims
    assert th.conclusion == Defined(x) and certificate.fingerprint(x) != certificate.fingerprint(dx)
    with pytest.raises(CertificateError):
        replay(b"")


def test_equal_terms_in_two_processes_have_one_fingerprint() -> None:
    code = "from hasderiv.proofs.kernel.terms import *; from hasderiv.proofs.kernel.certificate import fingerprint; "
    code += "unary('exp', rat(7)); print(fingerprint(add(mul(var('x'), rat(2)), unary('inv', var('x')))))"
    seeds = ("0", "1", "77")
    prints = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": s}, capture_output=True, text=True, check=True
        ).stdout
        for s in seeds
    }
    t: Term = terms.add(terms.mul(x, terms.rat(2)), unary("inv", x))
    assert prints == {certificate.fingerprint(t) + "\n"}


def test_the_false_has_no_proof_by_the_shortest_ways() -> None:
    for relation, t in (("=", ONE), (">", ZERO), ("!=", ZERO), (">=", terms.rat(-1))):
        th = given(relation, t)
        assert th.hyps == {lit(relation, t)}
        refused("is no hypothesis", "cut", rule("arith", lit("=", ZERO), [], []), th)
