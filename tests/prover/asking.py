"""What the tests of the prover share: formulas as text, contexts from conditions, and a replay of what was proved."""

from __future__ import annotations

from collections.abc import Sequence

from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.terms import Literal, Term
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse, parse_condition
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.recorder import Recorder


def term(text: str) -> Term:
    """The unfolded term of a formula."""
    return unfold(parse(text))


def literals(*conditions: str) -> list[Literal]:
    """The literals of conditions, each a conjunction."""
    found = []
    for condition in conditions:
        (conjunction,) = parse_condition(condition)
        found += [Literal(k.relation, unfold(k.term)) for k in conjunction]
    return found


def context(conditions: Sequence[str], *terms: Term) -> Context:
    """A context with a recorder of its own."""
    names = {n for t in terms for n in t.free}
    return Context(Recorder(), literals(*conditions), names)


def replayed(ctx: Context, theorem: Theorem) -> Theorem:
    """The theorem as the kernel makes it from the certificate alone."""
    (claim,) = replay(ctx.R.write([theorem], next(iter(literals("0 > -1"))).term)).claims
    assert (claim.conclusion, claim.hyps) == (theorem.conclusion, theorem.hyps)
    return claim
