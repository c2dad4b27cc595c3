"""Elementwise ops on tensors: every op of the catalogue carried over to entries, by its certificate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hasderiv.proofs.identity import StatementError
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.conclusions import HasDeriv, Operator
from hasderiv.proofs.kernel.graphs import operator
from hasderiv.proofs.language.printer import show, show_literal
from hasderiv.proofs.tensor import catalogue
from hasderiv.proofs.tensor.elementwise import certify, of_catalogue
from hasderiv.spec import OPS


@pytest.mark.parametrize("name", list(OPS))
def test_every_op_is_certified_for_the_entries_of_tensors(name: str) -> None:
    claimed, data = certify(of_catalogue(name), 2)
    found = replay(data)
    catalogue.compare(claimed, found)
    deriv, adjoint = found.claims if type(found.claims[0].conclusion) is HasDeriv else found.claims[::-1]
    made = operator(claimed.out, deriv, adjoint, claimed.pulls).conclusion
    assert type(made) is Operator and [p.symbol for p in made.pullbacks] == [f"{x}/2" for x in OPS[name].inputs]
    assert {*deriv.hyps} <= {*claimed.derivative[0]}


def test_what_is_stated() -> None:
    claimed, _ = certify(of_catalogue("relu"), 1)
    assert show(claimed.value) == "Piecewise((x[i1], x[i1] >= 0), (0, True))"
    rate = "Piecewise((0, x[i1] < 0), (1, (x[i1] > 0) | (x[i1] > 0)), (0, True))"
    assert show(claimed.jvp) == f"{rate}*dx[i1]" and [show(v.value) for v in claimed.vjps] == [f"{rate}*g[i1]"]
    assert show(claimed.conditions[0].term) == "Piecewise((1, (x[i1] < 0) | (x[i1] > 0)), (0, True))"
    claimed, _ = certify(of_catalogue("div"), 1)
    assert [show_literal(c) for c in claimed.conditions] == ["y[i1] != 0"]
    assert certify(of_catalogue("exp"), 3)[0].conditions == ()
    hypotheses = certify(of_catalogue("safe_log"), 1)[0].hypotheses
    assert [show_literal(h) for h in hypotheses if "eps" in h.term.free] == ["eps > 0"]


def test_an_altered_statement_is_refused() -> None:
    claimed, data = certify(of_catalogue("relu"), 1)
    with pytest.raises(StatementError, match="the derivative"):
        catalogue.compare(replace(claimed, conditions=()), replay(data))
    other, _ = certify(of_catalogue("leaky_relu"), 1)
    with pytest.raises(StatementError):
        catalogue.compare(replace(claimed, jvp=other.jvp), replay(data))
    with pytest.raises(StatementError, match="the adjoint"):
        catalogue.compare(replace(claimed, vjps=other.vjps), replay(data))
