"""Certificates of compiled functions: they are about what runs, say where it is the derivative, and are checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from hasderiv.proofs.agreement import agreed
from hasderiv.proofs.checker import check_certificate
from hasderiv.proofs.kernel.certificate import CertificateError, replay

import hasderiv as hd

from .stepwise import assert_tied
from .test_same_bits import BOXES, FUNCTIONS, MASK, mlp

WITHOUT = {
    "traced parameter": "the parameter alpha is a tensor, not a number",
    "second order": "a derivative inside the function",
    "third order": "a derivative inside the function",
    "jvp inside": "a derivative inside the function",
}
SINGLE = {"casts", "detach"}


def numbers(seed: int, *shape: int) -> Any:
    """Positive numbers of which no two are equal."""
    return np.random.default_rng(seed).uniform(0.2, 1.7, shape)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - WITHOUT.keys() - SINGLE))
def test_functions_are_what_their_certificates_say(name: str) -> None:
    compiled = assert_tied(FUNCTIONS[name], numbers(1, 3, 4), numbers(2, 3, 4))
    assert compiled.conditions_hold((numbers(1, 3, 4), numbers(2, 3, 4)))


@pytest.mark.parametrize("name", BOXES)
def test_operations_are_what_their_certificates_say(name: str) -> None:
    f, left, right = BOXES[name]
    assert_tied(f, numbers(1, *left), numbers(2, *right))


@pytest.mark.parametrize("name", WITHOUT)
def test_what_has_no_certificate_says_so(name: str) -> None:
    compiled = hd.compile(FUNCTIONS[name], numbers(1, 3, 4), numbers(2, 3, 4))
    with pytest.raises(hd.CertificateError, match=WITHOUT[name]):
        compiled.certificate()


KEYS: dict[str, Any] = {
    "rows": np.s_[[0, 0, 2]],
    "a mask over two axes": np.s_[MASK],
    "counted from the end": np.s_[:, [1, -1, 0]],
    "two arrays apart": np.s_[[0, 2], :, [1, 3]],
    "two arrays together": np.s_[:, [0, 1], [1, 3]],
    "an integer beside an array": np.s_[0, :, [1, 3]],
    "integers": np.s_[1, -2],
    "a new axis": np.s_[:, None, 1, ...],
    "slices": np.s_[::-2, 1:3, -1],
    "arrays that broadcast": np.s_[[[0], [1]], [0, 3]],
    "a new axis between arrays": np.s_[[0, 1], None, [1, 2]],
    "a mask in the middle": np.s_[:, np.array([True, False, True, True])],
}


@pytest.mark.parametrize("name", KEYS)
def test_indexing(name: str) -> None:
    assert_tied(lambda x: x[KEYS[name]], numbers(1, 3, 4, 5))


MORE: dict[str, Any] = {
    "a number": (lambda x, s: (x * s).sum() + s * 2, (3, 4), ()),
    "one index for each table": (lambda x, y: hd.gather_vec(x, np.array([[0, 1], [2, 2], [3, 0]])) * y, (3, 4), (3, 2)),
    "an embedding": (lambda x, y: hd.gather_rows(x, np.array([[0, 1], [2, 2]])) * y, (4, 5), (5,)),
    "outside": (lambda x, y: hd.scatter_add_row_nat(x, np.array([0, 9, 1]), y), (4, 5), (3, 5)),
    "batch norm": (lambda x, g: hd.batch_norm(x, g, g * 2), (4, 3, 2), (3,)),
    "one axis": (lambda x, w: hd.conv(x, w, None, stride=2, padding=1), (2, 3, 7), (4, 3, 3)),
    "three axes": (lambda x, y: hd.max_pool(x * y, (2, 2, 2), stride=1, padding=1), (2, 3, 3, 3), (3,)),
    "powers of numbers": (lambda x, y: (x + 1) ** -0.5 + x**2.5 + 2.0**y + 3 / x - 1, (3, 4), (4,)),
    "logic": (
        lambda x, y: hd.select(((x > 1) | (y < 1)) & ~(x != y), x, y) - hd.select(MASK & (x > 1) ^ (y > 1), x, y),
        (3, 4),
        (3, 4),
    ),
    "several axes": (lambda x, y: x.sum(axis=(0, 2)) * hd.logsumexp(x, axis=(0, 2)) * y, (2, 3, 4), (3,)),
    "noise": (lambda x, y: x * hd.bernoulli_mask(hd.random.key(1), (3, 4), 0.5) + y, (3, 4), (4,)),
}


@pytest.mark.parametrize("name", MORE)
def test_more(name: str) -> None:
    f, left, right = MORE[name]
    assert_tied(f, numbers(1, *left), numbers(2, *right))


def test_a_perceptron_is_checked_from_a_file(tmp_path: Path) -> None:
    p = {"w1": numbers(1, 6, 4), "b1": numbers(2, 6), "w2": numbers(3, 5, 6), "b2": numbers(4, 5)}
    compiled = hd.compile(mlp, p, numbers(5, 8, 4))
    path = tmp_path / "graph.jsonl"
    compiled.certificate().save(path)
    result = agreed(check_certificate(str(path)), [path.read_bytes()])
    assert result.verdict == "accepted", result.message
    assert "its JVP is the derivative" in str(result.message)
    assert [c.op for c in compiled.conditions()] == ["relu"]


def test_a_changed_step_is_refused() -> None:
    data = hd.compile(lambda x, y: x @ y, hd.tensor_spec((2, 3)), hd.tensor_spec((3, 2))).certificate().data
    lines = data.splitlines()
    step = next(i for i, line in enumerate(lines) if b'"rule":"step"' in line)
    row = json.loads(lines[step])
    by_symbol = row["args"][2]
    left, right = (next(pair for pair in by_symbol if pair[0] == s) for s in ("x/2", "y/2"))
    left[1], right[1] = right[1], left[1]
    lines[step] = json.dumps(row, separators=(",", ":")).encode()
    with pytest.raises(CertificateError, match="of other sizes"):
        replay(b"\n".join(lines) + b"\n")


KINKS: list[tuple[str, Any, Any, list[str]]] = [
    ("relu", lambda x: hd.relu(x).sum(), [1.0, 0.0, -2.0], ["%1 = relu at [1]: not certain that v0[o0] != 0"]),
    ("relu elsewhere", lambda x: hd.relu(x).sum(), [1e-300, 5e-324, -2.0], []),
    ("a shifted kink", lambda x: hd.hardtanh(x).sum(), [1.0, np.nextafter(1.0, 2.0), -1.0], ["[0, 2]"]),
    ("select", lambda x: hd.select(x > 0.5, x, 1 - x), [0.5, 0.25, 0.75], ["at [0]"]),
    ("a tie", lambda x: hd.max_pool(x, (2,), stride=1), [1.0, 2.0, 2.0], ["at [1]"]),
    ("no tie", lambda x: hd.max_pool(x, (2,), stride=1), [1.0, 2.0, 3.0], []),
    ("an infinite value", lambda x: hd.exp(x).sum(), [1.0, 1000.0, 0.0], ["%1 = exp at [1]", "real number", "%2"]),
    ("outside the domain", lambda x: hd.log(x * 2.0).sum(), [1.0, -1.0, 2.0], ["log at [1]", "v2[o0] > 0"]),
    ("detached", lambda x: x * x.detach(), [1.0, 2.0, 3.0], ["detach: not certain that it does not move"]),
    ("exponents that vanish", lambda x: hd.smooth_max_pool(x * 1e3, (3,), 1.0), [-1.0, -2.0, -3.0], []),
    ("a cast", lambda x: x.astype("int64").astype("float64") * x, [1.0, 2.5, 3.0], ["does not move"]),
    ("an infinite constant", lambda x: hd.select(x > 0, x, -np.inf), [1.0, 2.0, 3.0], ["constant at [()]: not"]),
    ("no entries", lambda x: hd.relu(x[:0]), [0.0], []),
]


@pytest.mark.parametrize(("f", "x", "said"), [k[1:] for k in KINKS], ids=[k[0] for k in KINKS])
def test_where_conditions_fail(f: Any, x: list[float], said: list[str]) -> None:
    held = hd.compile(f, np.array(x)).conditions_hold(np.array(x))
    assert bool(held) is not bool(said)
    for part in said:
        assert part in str(held)
    assert said or str(held) == "certified: at these values each operation has the derivative that is used"


def test_without_recording_it_is_cut_off() -> None:
    def f(x: Any) -> Any:
        with hd.no_grad():
            scale = x.sum()
        return x * scale

    held = hd.compile(f, hd.tensor_spec(2)).conditions_hold([1.0, 2.0])
    assert not held and held.uncertified[0].op == "detach"


def test_conditions_in_words() -> None:
    f = hd.compile(lambda x: hd.hardswish(hd.select(x > 0.5, x, 0.0)) / x, hd.tensor_spec(2))
    assert [str(c) for c in f.conditions()] == [
        "%5 = select: v0[o0] != 1/2",
        "%6 = hardswish: v5[o0] < -3 or -3 < v5[o0] < 3 or v5[o0] > -3 and v5[o0] > 3",
        "%7 = div: v0[o0] != 0",
    ]


REFUSED: list[tuple[str, Any, Any, str]] = [
    ("a custom op", lambda x: hd.custom_op(lambda a: a, lambda g, a: g, name="mine")(x), (2,), "a custom op has no"),
    ("a mask as a number", lambda x: (x > 0).astype("float64") * x, (2,), "= greater, which has no derivative"),
    ("an assumption", lambda x: hd.layer_norm(x, None, None, eps=0.0), (2, 3), "assumes eps > 0"),
    ("infinity", lambda x: x * -np.inf, (2,), "-inf is no real number"),
]


@pytest.mark.parametrize(("f", "shape", "said"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_refused(f: Any, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(hd.CertificateError, match=said):
        hd.compile(f, hd.tensor_spec(shape)).certificate()


def test_each_op_is_proved_once() -> None:
    def f(x: Any) -> Any:
        for _ in range(100):
            x = hd.tanh(x) * 2.0
        return x

    data = hd.compile(f, hd.tensor_spec((2, 2))).certificate().data
    assert data.count(b'"rule":"operator"') == 2 and data.count(b'"rule":"step"') == 200


def test_an_op_of_ones_own() -> None:
    x, beta = sympy.symbols("x beta")
    mine = hd.define("my_swish(x, *, beta)", x / (1 + sympy.exp(-beta * x)), assume=["beta > 0"])
    compiled = assert_tied(lambda t: mine(t, beta=1.5).sum() + abs(mine(t, beta=0.5)).sum(), numbers(1, 3, 2) - 0.8)
    assert [c.op for c in compiled.conditions()] == ["abs"]
