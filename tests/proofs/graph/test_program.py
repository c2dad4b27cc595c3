"""The certificates of ops chained to graphs, as one certificate that all checkers accept."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hasderiv.proofs.agreement import agreed
from hasderiv.proofs.checker import check_certificate
from hasderiv.proofs.graph.program import Program
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.conclusions import Program as Proved
from hasderiv.proofs.kernel.terms import KernelError, entry, mul, rat
from hasderiv.proofs.prover.recorder import Recorder


def classifier() -> Program:
    """linear, relu, linear, log_softmax, flatten, mse_loss, on two rows."""
    graph = Program(Recorder())
    rows, wide, classes = rat(2), rat(4), rat(3)
    for name, sizes in (
        ("x", (rows, rat(5))),
        ("w1", (wide, rat(5))),
        ("b1", (wide,)),
        ("w2", (classes, wide)),
        ("b2", (classes,)),
        ("t", (mul(rows, classes),)),
    ):
        graph.add_input(name, sizes)
    h = graph.add("h", "linear", ["x", "w1", "b1"])
    a = graph.add("a", "relu", [h])
    y = graph.add("y", "linear", [a, "w2", "b2"])
    p = graph.add("p", "log_softmax", [y])
    graph.add("loss", "mse_loss", [graph.add("q", "flatten", [p]), "t"])
    return graph


def test_a_classifier_and_its_conditions() -> None:
    graph = classifier()
    theorem = graph.theorem()
    found = replay(graph.R.write([theorem], graph.sizes["t"][0]))
    (said,) = (th.conclusion for th in found.claims)
    assert said == theorem.conclusion and type(said) is Proved and not found.claims[0].hyps
    assert [s.symbol for s in said.steps] == ["h/2", "a/2", "y/2", "p/2", "q/1", "loss/1"]
    assert [s.symbol for s in said.steps if s.operator.conditions] == ["a/2"], "relu at 0 alone"


def test_it_is_checked_from_a_file(tmp_path: Path) -> None:
    graph, path = classifier(), tmp_path / "graph.jsonl"
    path.write_bytes(graph.R.write([graph.theorem()], graph.sizes["t"][0]))
    result = agreed(check_certificate(str(path)), [path.read_bytes()])
    assert result.verdict == "accepted"
    inputs = "x[2, 5], w1[4, 5], b1[4], w2[3, 4], b2[3], t[6]"
    assert str(result.message).startswith(f"a graph of 6 steps from {inputs}: its JVP is the derivative")
    assert str(result.message).endswith("where h[o0, o1] != 0 for each entry of a[2, 4]; the second checker agrees")


def test_each_op_is_proved_once() -> None:
    graph = Program(Recorder())
    name = graph.add_input("x", [rat(3), rat(3)])
    for i in range(200):
        name = graph.add(f"s{i}", "softmax", [graph.add(f"t{i}", "tanh", [name])])
    data = graph.R.write([graph.theorem()], rat(0))
    assert data.count(b'"rule":"operator"') == 2 and data.count(b'"rule":"step"') == 400
    assert len(replay(data).claims) == 1


def test_what_does_not_fit_is_refused() -> None:
    for operands in (["x", "x"], ["y", "x"]):
        graph = Program(Recorder())
        graph.add_input("x", [rat(2), rat(3)])
        graph.add_input("y", [rat(4), rat(4)])
        graph.add("z", "matmul", operands)
        with pytest.raises(KernelError, match="of other sizes"):
            graph.theorem()
    graph = Program(Recorder())
    graph.add_input("x", [rat(2), rat(2)])
    graph.add("x", "exp", ["x"])
    with pytest.raises(KernelError, match="a name stands twice"):
        graph.theorem()


def test_strides_parameters_and_given_tensors_are_values() -> None:
    graph = Program(Recorder())
    graph.add_input("x", [rat(1), rat(2), rat(8)])
    graph.add_input("w", [rat(3), rat(2), rat(3)])
    graph.add_input("b", [rat(3)])
    graph.add("y", "conv1d", ["x", "w", "b"], s_w=rat(1), p_w=rat(1), m_w=rat(8))
    graph.add("z", "elu", ["y"], alpha=rat(1))
    graph.add("n", "global_avg_pool", ["z"])
    graph.add("d", "dropout", ["n"], keep=rat(Fraction(1, 2)), mask=entry("kept/1"))
    said = graph.theorem().conclusion
    assert type(said) is Proved and graph.sizes["y"] == (rat(1), rat(3), rat(8)) and graph.sizes["d"] == (rat(1),)
    assert dict(said.steps[-1].fixed)["mask/1"] is entry("kept/1")
