"""A blind prover: rules applied to whatever was proved before, and every theorem checked against numbers.

The pool starts with the steps of the good certificates, with assumptions and with a few treacherous terms.  A
rule gets premises of the right kind, mostly: the side conditions are the kernel's business.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hasderiv.proofs.kernel.certificate import RULES, _read_term, _Reader, _tuple
from hasderiv.proofs.kernel.facts import LEDGER
from hasderiv.proofs.kernel.sums import SUMS
from hasderiv.proofs.kernel.terms import (
    RELATIONS,
    KernelError,
    Literal,
    Term,
    add,
    cond,
    mul,
    neg,
    power,
    rat,
    sub,
    unary,
)
from hasderiv.proofs.kernel.theorems import Defined, Holds, Local, Theorem

from .corpus import GOOD, good
from .kit import ONE, ZERO, cube, dx, h, lit, magnitude, n, relu, rule, step, w, x
from .test_properties import assert_true

TREACHEROUS = [
    unary("sqrt", x),
    unary("log", x),
    unary("inv", x),
    unary("exp", x),
    unary("floor", x),
    unary("sqrt", power(x, 2)),
    cond("=", x, ONE, x),
    cond(">=", x, power(x, 2), neg(x)),
    mul(ZERO, unary("inv", x)),
    mul(x, w),
    power(w, 2),
    unary("sqrt", w),
    sub(n, x),
    add(x, h),
    mul(ZERO, dx),
    neg(dx),
]


class BlindProver:
    """A pool of terms and theorems that grows by random applications of rules."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.terms = [x, ZERO, ONE, rat(-1), neg(x), relu, step, magnitude, cube, power(x, 2), w, n, dx, *TREACHEROUS]
        self.theorems: list[Theorem] = []
        self.kinds: dict[type, list[Theorem]] = {}
        self.seen: set[tuple[object, object]] = set()
        for name in sorted(GOOD):
            self.read(good(name))
        for relation in RELATIONS:
            for t in (x, neg(x), sub(x, ONE), w, sub(w, x), sub(n, x), relu, power(x, 2)):
                self.keep(rule("assume", lit(relation, t)))

    def read(self, data: bytes) -> None:
        """Take the terms and the steps of a certificate into the pool."""
        reader = _Reader()
        for line in data.splitlines()[1:-1]:
            row = json.loads(line)
            if "term" in row:
                reader.items.append(_read_term(reader, row["term"]))
                self.terms.append(reader.items[-1])
            else:
                function, decoders = RULES[row["rule"]]
                reader.items.append(function(*_tuple(*decoders)(reader, row["args"])))
                self.keep(reader.items[-1])

    def keep(self, th: Theorem) -> bool:
        """Add a theorem; returns whether it was new."""
        key = (th.conclusion, th.hyps)
        if key in self.seen or len(th.hyps) > 4:
            return False
        self.seen.add(key)
        self.theorems.append(th)
        self.kinds.setdefault(type(th.conclusion), []).append(th)
        return True

    def term(self) -> Term:
        return self.rng.choice(self.terms)

    def some(self, kind: str) -> Theorem:
        """A theorem of this kind of conclusion, or now and then any."""
        of_kind = [ths for c, ths in self.kinds.items() if c.__name__ == kind]
        return self.rng.choice(of_kind[0] if of_kind and self.rng.random() < 0.9 else self.theorems)

    def support(self) -> list[Theorem]:
        return self.rng.sample(self.theorems, min(len(self.theorems), 50))

    def literal(self, th: Theorem) -> Literal:
        return th.conclusion.literal if isinstance(th.conclusion, Holds) else lit("=", self.term())

    def matching(self, wanted: Sequence[object]) -> Theorem:
        """A theorem with one of these conclusions, or any literal."""
        found = [th for th in self.theorems if th.conclusion in wanted]
        return self.rng.choice(found) if found else self.some("Holds")

    def arith(self) -> tuple[Any, ...]:
        a, b = self.some("Holds"), self.some("Holds")
        (_, t), (_, u) = self.literal(a), self.literal(b)
        relation, cofactor, one = self.rng.choice(RELATIONS), self.term(), Fraction(1)
        return self.rng.choice(
            [
                (lit("=", mul(cofactor, t)), [], [(cofactor, a)]),
                (lit(relation, mul(t, u)), [(one, [a, b], [])], []),
                (lit(relation, add(t, u)), [(one, [a], []), (one, [b], [])], []),
                (lit(relation, add(t, u)), [(one, [a], [])], [(ONE, b)]),
                (lit(relation, add(t, power(cofactor, 2))), [(one, [a], []), (one, [], [cofactor])], []),
            ]
        )

    def replaced(self, name: str) -> tuple[Any, ...]:
        """Arguments for the rules about a term that is another one nearby."""
        inner = self.some("Local")
        other = inner.conclusion.term if isinstance(inner.conclusion, Local) else x
        equal = [th for th in self.kinds[Holds] if self.literal(th).relation == "="]
        ends = [th for th in equal if (t := self.literal(th).term).op == "add" and t is sub(t.terms[0], other)]
        same = self.rng.choice(ends) if ends else rule("arith", lit("=", sub(other, other)), [], [])
        e = self.literal(same).term.terms[0]
        exists = self.matching([Defined(e)])
        if name == "replace":
            return inner, same, exists, self.support()
        jumps = [Holds(lit(">", sub(other, e))), Holds(lit(">", sub(e, other)))]
        here = self.matching(jumps) if name == "side_jump" else self.rng.choice(ends or [same])
        return inner, "x", self.rng.choice([1, -1]), same, exists, here, self.matching([Defined(e)]), self.support()

    def rewrite(self) -> tuple[Any, ...]:
        th = self.some("Local")
        old = th.conclusion.derivative if isinstance(th.conclusion, Local) else None
        if old is None:
            return th, self.some("Holds")
        new = mul(self.rng.choice([ZERO, ONE, rat(2), x, relu]), dx)
        cofactor = self.rng.choice([dx, ONE, mul(rat(2), dx)])
        return th, rule("arith", lit("=", sub(old, new)), [], self.rng.choice([[], [(cofactor, self.some("Holds"))]]))

    def arguments(self, name: str) -> tuple[Any, ...]:
        rng, some = self.rng, self.some
        symbol = rng.choice(["x", "x", "x", "w", "n", "h"])
        vary = rng.choice([frozenset({"x"})] * 4 + [frozenset({"w"}), frozenset({"w", "x"}), frozenset({"x", "n"})])
        match name:
            case "assume":
                return (lit(rng.choice(RELATIONS), self.term()),)
            case "arith":
                return self.arith()
            case "gap":
                return (some("Holds"),)
            case "cases":
                yes = some(rng.choice(["Holds", "HasDeriv", "Local", "Defined"]))
                no = self.matching([yes.conclusion])
                return rng.choice(sorted(yes.hyps, key=lambda k: k.term.serial) or [lit(">", x)]), yes, no
            case "cut":
                th = rng.choice(self.theorems)
                return self.matching([Holds(k) for k in th.hyps]), th
            case "instantiate":
                return some("Holds"), {symbol: self.term()}
            case "congruence":
                return self.term(), symbol, some("Holds")
            case "freeze":
                return rng.choice(["n", "w", "h"]), self.term(), rng.choice(self.theorems)
            case "defined" | "undefined":
                return self.term(), self.support()
            case "fact":
                fact = rng.choice(sorted(set(LEDGER) - set(SUMS)))
                orders = [rng.randint(1, 5)] if LEDGER[fact].order else []
                terms = [self.term() for _ in range(LEDGER[fact].arity)]
                needs, _ = LEDGER[fact].instance(*orders, *terms)
                return fact, orders, terms, [rule("assume", k) for k in needs]
            case "conditional":
                t = rng.choice([relu, step, magnitude])
                return lit(str(t.args[0]), t.terms[0]), t.terms[1], t.terms[2], some("Holds")
            case "local":
                return vary, self.term(), self.support()
            case "rewrite":
                return self.rewrite()
            case "replace" | "side_replace" | "side_jump":
                return self.replaced(name)
            case "chain":
                outer = some("Local")
                names = sorted(outer.conclusion.vary) if isinstance(outer.conclusion, Local) else ["x"]
                return outer, [(v, some("Local")) for v in names]
            case "has_deriv":
                th = some("Local")
                slope = th.conclusion.derivative if isinstance(th.conclusion, Local) else None
                return th, rule("defined", slope or x, self.support())
            case "higher":
                return some(rng.choice(["HasDeriv", "NthDerivative"])), some("HasDeriv"), self.support()
            case "side_compose":
                return some("Local"), rng.choice(["w", "n", "x"]), some("Side"), self.support()
            case "side_chain":
                return some("Side"), some("Side"), self.support()
            case "from_sides":
                return some("Side"), some("Side"), some("Holds")
            case "no_derivative":
                return [some("Side") for _ in range(rng.choice([1, 1, 2]))], some("Holds")
            case "boundary":
                return "x", rng.choice([1, -1]), some("Undefined"), some("Defined"), None, self.support()
            case _:
                return {"x": Fraction(rng.choice([1, -1, 2]))}, self.term(), some("NotDifferentiable")


GRAPHS = {"operator", "step", "program"}
NOT_TRIED = {"generalize", *GRAPHS, "map", "within", "point", "root", "increases", "cite"}
NOT_TRIED |= {"side_limit", "side_continuous"}


@pytest.mark.parametrize("seed", range(3))
def test_blind_proofs_are_true(seed: int) -> None:
    prover = BlindProver(seed)
    made: Counter[str] = Counter()
    names = sorted(set(RULES) - NOT_TRIED)
    for _ in range(2500):
        name = prover.rng.choice(names)
        try:
            th = RULES[name][0](*prover.arguments(name))
        except KernelError:
            continue
        if prover.keep(th):
            made[name] += 1
            try:
                assert_true(th)
            except OverflowError:
                continue
    assert sum(made.values()) > 150 and len(made) > 10, made
