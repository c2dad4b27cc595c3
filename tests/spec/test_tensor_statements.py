"""What a declaration of a tensor op states, that altered ones are told from the built certificate, and that false ones
are not proved."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hasderiv.proofs.certify import NotCertified
from hasderiv.proofs.identity import StatementError
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.conclusions import HasDeriv, Holds, Operator
from hasderiv.proofs.kernel.graphs import operator
from hasderiv.proofs.kernel.terms import Literal, var
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.language.indexed import FormulaError
from hasderiv.proofs.language.printer import show, show_literal
from hasderiv.proofs.tensor import catalogue
from hasderiv.proofs.tensor.certify import certify
from hasderiv.proofs.tensor.statement import statement
from hasderiv.spec import OPS
from hasderiv.spec.tensor.declare import TENSOR_OPS, operands, tensor_op

import hasderiv


def spec(name: str, **changes: Any) -> Any:
    """A declaration, altered."""
    return replace(TENSOR_OPS[name], **changes)


NOTHING_MOVES = {"const", "detach", "astype"}


def test_every_operation_of_the_runtime_has_its_spec() -> None:
    modules = ("reductions", "products", "shapes", "convolution", "pooling", "gathering", "normalization", "attention")
    public = {n for m in (*modules, "layout") for n in hasderiv._PUBLIC[f"hasderiv.runtime.tensor_ops.{m}"]}
    assert {n for n in public if not catalogue.members(n)} == NOTHING_MOVES
    assert not {*catalogue.names()} & {*OPS}


PLAIN = {"value": "x[r, i]", "jvp": "dx[r, i]", "vjp": {"x[r, i]": "g[r, i]"}}


def test_a_statement_is_what_the_spec_writes() -> None:
    made = catalogue.statement_of("matmul")
    given, said = made.derivative
    assert said.vary == {"x/2", "y/2"} and show(said.term) == "sum(x[i, k]*y[k, j] for k < m)"
    assert show(said.derivative) == "sum(dx[i, k]*y[k, j] + x[i, k]*dy[k, j] for k < m)"
    assert {"n >= 1", "i >= 0", "i < n"} <= {show_literal(h) for h in given} and len(given) == 12
    left, right = made.pairing
    assert (
        show(left)
        == "sum(sum(g[k, k1]*sum(dx[k, k2]*y[k2, k1] + x[k, k2]*dy[k2, k1] for k2 < m) for k1 < p) for k < n)"
    )
    assert left.free == {"g/2", "d x/2", "d y/2", "x/2", "y/2", "n", "m", "p"} == right.free


def test_hypotheses_speak_of_sizes_and_parameters_alone() -> None:
    for name in catalogue.names():
        claimed = catalogue.statement_of(name)
        data = {*claimed.vary, *(f"d {x}" for x in claimed.vary)}
        assert all("/" not in s and s not in data for h in claimed.hypotheses for s in h.term.free)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"vjp": {}}, "not one pullback for each input"),
        ({"vjp": {"x[r, i]": "dx[r, i]"}}, "a tangent beside the JVP"),
        ({"vjp": {"x[r]": "g[r, 0]"}}, "no entry of an input"),
        ({"vjp": {"y[r, i]": "g[r, i]"}}, "no entry of an input"),
        ({"value": "dx[r, i]"}, "a tangent beside the JVP"),
        ({"value": "g[r, i]"}, "the cotangent beside the VJP"),
        ({"jvp": "g[r, i] * dx[r, i]"}, "the cotangent beside the VJP"),
        ({"where": ("dx[r, i] > 0",)}, "a tangent beside the JVP"),
        ({"where": ("g[r, i] > 0",)}, "the cotangent beside the VJP"),
        ({"assume": ("x[0, 0] > 0",)}, "not declared"),
        ({"assume": ("i > 0",)}, "not declared"),
        ({"params": ("g",)}, "declared twice, or is that of a tangent"),
        ({"params": ("dx",)}, "declared twice, or is that of a tangent"),
        ({"given": {"x": ("n",)}}, "declared twice, or is that of a tangent"),
        ({"value": "x[r, k]"}, "k: not declared"),
        ({"out": (("r", "b"), ("n", "n"))}, "an index with the name of something else"),
        ({"out": (("r", "b"), ("r", "n"))}, "an index stands twice"),
        ({"vjp": {"x[r, r]": "g[r, r]"}}, "an index stands twice"),
        ({"out": (("r", "b"), ("i", "x[0, 0]"))}, "declared twice, or is that of a tangent"),
        ({"params": ("n",)}, "declared twice, or is that of a tangent"),
        ({"inputs": {"x": ("b", "x")}}, "declared twice, or is that of a tangent"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(FormulaError, match=why):
        statement(spec("softmax", let={}, **({**PLAIN, **changes})))


ALTERED = {
    "a swapped index": ("matmul", {"value": "sum(x[k, i] * y[k, j] for k in range(m))"}),
    "a transposed adjoint": ("transpose2d", {"vjp": {"x[i, j]": "g[i, j]"}}),
    "the JVP of log_softmax as its VJP": (
        "log_softmax",
        {"vjp": {"x[r, i]": "g[r, i] - sum(p(r, k) * g[r, k] for k in range(n))"}},
    ),
    "the VJP of log_softmax as its JVP": (
        "log_softmax",
        {"jvp": "dx[r, i] - p(r, i) * sum(dx[r, k] for k in range(n))"},
    ),
    "a wrong stride": ("conv1d", {"let": {"u_w(o, q)": "(s_w + 1) * o + q - p_w"}}),
    "the other side of the padding": ("conv1d", {"let": {"u_w(o, q)": "s_w * o + q + p_w"}}),
    "a factor": ("mse_loss", {"jvp": "sum(1 / n * (x[k] - t[k]) * (dx[k] - dt[k]) for k in range(n))"}),
    "another mean": ("reduce_mean", {"vjp": {"x[i, k, j]": "g[i, j] / c"}}),
    "another size": ("reduce_sum", {"inputs": {"x": ("a", "n", "n")}}),
    "a guard left out": ("slice_range0", {"vjp": {"x[i, j]": "g[i - start, j]"}}),
    "no tie excluded": ("max_pool1d", {"where": TENSOR_OPS["max_pool1d"].where[:-1]}),
    "a corner without a tie": ("max_pool1d", {"tie": TENSOR_OPS["max_pool1d"].tie[:-1]}),
    "no winner": ("max_pool1d", {"where": ()}),
    "a masked row": ("attention", {"where": ()}),
    "no epsilon": ("layer_norm", {"assume": ()}),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_spec_is_told_from_the_certificate(what: str) -> None:
    name, changes = ALTERED[what]
    found = replay(catalogue.path_of(name).read_bytes())
    catalogue.compare(catalogue.statement_of(name), found)
    with pytest.raises(StatementError):
        catalogue.compare(statement(spec(name, **changes)), found)


@pytest.mark.parametrize("more", [{"hyps": Literal(">", var("n"))}, {"cites": "a fact"}])
def test_further_hypotheses_and_cited_facts_are_refused(more: dict[str, Any]) -> None:
    """No built certificate has any: a stand-in for its theorems."""
    found, claimed = catalogue.replayed("softmax"), catalogue.statement_of("softmax")

    def altered(th: Theorem) -> Any:
        parts = {"conclusion": th.conclusion, "hyps": th.hyps, "cites": th.cites}
        return SimpleNamespace(**parts | {key: parts[key] | {value} for key, value in more.items()})

    with pytest.raises(StatementError, match="the derivative"):
        catalogue.compare(claimed, found._replace(claims=tuple(map(altered, found.claims))))


@pytest.mark.parametrize("what", [w for w in ALTERED if w not in ("a swapped index", "another size")])
def test_a_false_spec_is_not_proved(what: str) -> None:
    name, changes = ALTERED[what]
    try:
        catalogue.compare(statement(spec(name, **changes)), replay(certify(spec(name, **changes))))
    except (NotCertified, StatementError):
        return
    assert what in ("a wrong stride", "the other side of the padding"), "a convolution of its own, and a true one"


def test_a_certificate_is_the_same_whatever_was_proved_before() -> None:
    first = certify(spec("conv1d"))
    certify(spec("layer_norm"))
    assert certify(spec("conv1d")) == first == catalogue.path_of("conv1d").read_bytes()


def test_heads_are_read_strictly() -> None:
    assert operands("x[n, m], y, w[n + m]") == {"x": ("n", "m"), "y": (), "w": ("n + m",)}
    for text in ("x[n", "x[n] y", "x, x", "x[n][m]"):
        with pytest.raises(ValueError, match="not a list of operands"):
            operands(text)
    for head in ("softmax", "softmax(x[n])", "softmax(x[n]) -> i < n", "softmax(x[n]) -> [i]"):
        with pytest.raises(ValueError, match="not a"):
            tensor_op(head, "x[i]", jvp="dx[i]", vjp={"x[i]": "g[i]"})
    with pytest.raises(ValueError, match="declared twice"):
        tensor_op("softmax(x[n]) -> [i < n]", "x[i]", jvp="dx[i]", vjp={"x[i]": "g[i]"})


@pytest.mark.parametrize("name", [n for n in TENSOR_OPS if n != "multi_head_attention"])
def test_the_theorems_of_an_op_make_an_operator_of_a_graph(name: str) -> None:
    claimed = catalogue.statement_of(name)
    (deriv,) = (th for th in catalogue.check(name) if type(th.conclusion) is HasDeriv)
    (adjoint,) = (th for th in catalogue.check(name) if type(th.conclusion) is Holds)
    made = operator(claimed.out, deriv, adjoint, claimed.pulls).conclusion
    assert type(made) is Operator and {p.symbol for p in made.pullbacks} == claimed.vary
    assert bool(made.conditions) == bool(TENSOR_OPS[name].where)
