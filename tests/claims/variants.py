"""The same claim in other clothes: symbols renamed, sums and products reordered, both sides scaled."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hasderiv.proofs.claims.table import Claim, from_text
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.terms import Term
from hasderiv.proofs.language.parser import parse, parse_formula
from hasderiv.proofs.language.printer import show

NAMES = ("u", "v2", "Q", "long_name", "k0", "gamma_", "W", "b")


def variants(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """``(what was done, claim)``; each has the verdict of the original if the checker is any good."""
    fields = dict(claim.text)
    yield "renamed", _renamed(claim, fields)
    yield "reordered", _made(claim, fields, reordered(claim.expr, claim.name), reordered(claim.derivative, claim.name))
    for factor in ("-7/3", "5"):
        c = parse(factor)
        yield f"scaled by {factor}", _made(claim, fields, T.mul(c, claim.expr), T.mul(c, claim.derivative))


def _made(claim: Claim, fields: dict[str, object], expr: Term, derivative: Term) -> Claim:
    return from_text({**fields, "expr": show(expr, 10**6), "derivative": show(derivative, 10**6)})


def reordered(term: Term, seed: str) -> Term:
    """Operands of sums and products in a shuffled order."""
    chance = random.Random(seed)
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        made = T.rebuild(t, done)
        if t.op in ("add", "mul") and chance.random() < 0.6:
            a, b = made.terms
            made = T.add(b, a) if t.op == "add" else T.mul(b, a)
        done[t] = made
    return done[term]


def _renamed(claim: Claim, fields: dict[str, object]) -> Claim:
    import re

    params = fields["params"]
    assert isinstance(params, dict)
    symbols = sorted({claim.wrt, *params, *claim.expr.free})
    new = dict(zip(symbols, NAMES, strict=False))

    def moved(text: str) -> str:
        return re.sub(r"[A-Za-z_][A-Za-z_0-9]*(?!\w*\s*\()", lambda m: new.get(m[0], m[0]), text)

    assume = [moved(str(a)) for a in fields["assume"]]  # type: ignore[attr-defined]
    for a in assume:
        parse_formula(a)
    return from_text({
        "name": fields["name"], "expr": moved(str(fields["expr"])), "wrt": new[claim.wrt],
        "derivative": moved(str(fields["derivative"])), "assume": assume,
        "params": {new[p]: moved(str(c)) for p, c in params.items()},
    })  # fmt: skip
