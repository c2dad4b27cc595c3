"""The strategies for indexed terms: equality of sums, signs, integers, and what they must leave unproved."""

from __future__ import annotations

from itertools import permutations

import pytest
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.conclusions import Holds
from hasderiv.proofs.kernel.sums import counts
from hasderiv.proofs.kernel.terms import ONE, Literal, Term, add, equal, mul, postorder, sub, unary, var
from hasderiv.proofs.kernel.theorems import held
from hasderiv.proofs.language.indexed import Names, conditions, formula
from hasderiv.proofs.prover.indexed import lemmas
from hasderiv.proofs.prover.indexed.context import UNPROVED, Context
from hasderiv.proofs.prover.indexed.equality import equal_terms
from hasderiv.proofs.prover.indexed.equations import Equations
from hasderiv.proofs.prover.indexed.forms import Stuck, canonical, matched, sides, summed
from hasderiv.proofs.prover.indexed.inequalities import prove
from hasderiv.proofs.prover.indexed.integers import floor_of_quotient, whole
from hasderiv.proofs.tensor import catalogue
from hasderiv.proofs.tensor.certify import adjoint

SIZES = ("n", "m", "p")
NAMES = Names({"x": 1, "y": 1, "w": 2, "at": 1}, frozenset({"at"}), frozenset({*SIZES, "a", "q"}), frozenset())


def read(text: str, *indices: str) -> Term:
    return formula(text, NAMES, indices)


def context(*more: str, indices: str = "") -> Context:
    """Sizes are positive integers; the indices count below n; and what else is given."""
    given: list[Literal] = []
    for name in SIZES:
        given += [Literal(">=", sub(var(name), ONE)), equal(unary("floor", var(name)), var(name))]
    for i in indices:
        given += counts(var(i), var("n"))
    for text in more:
        given += conditions(text, NAMES, tuple(indices))
    R = Equations()
    return Context(R, [R.assume(literal) for literal in given])


EQUAL = [
    ("sum(x[k] + y[k] for k in range(n))", "sum(y[k] for k in range(n)) + sum(x[k] for k in range(n))"),
    (
        "sum(x[i] for i in range(n)) * sum(y[j] for j in range(m))",
        "sum(x[i] * y[j] for j in range(m) for i in range(n))",
    ),
    ("sum(x[k] for k in range(n))**2", "sum(x[i] * x[j] for i in range(n) for j in range(n))"),
    ("sum(a for k in range(n))", "n * a"),
    ("sum(a for k in range(n)) / n", "a"),
    ("sum(0 for k in range(n))", "0"),
    ("sum(x[0] for k in range(1))", "sum(x[k] for k in range(1))"),
    (
        "sum(x[k] if k < n else y[k - n] for k in range(n + m))",
        "sum(x[k] for k in range(n)) + sum(y[k] for k in range(m))",
    ),
    ("sum(w[k // m, k % m] for k in range(n * m))", "sum(w[i, j] for i in range(n) for j in range(m))"),
    (
        "sum(x[at[k]] * (at[k] == i) for k in range(n) for i in range(m))",
        "sum(x[at[k]] if 0 <= at[k] < m else 0 for k in range(n))",
    ),
    ("sum(x[k] - sum(x[j] for j in range(n)) / n for k in range(n))", "0"),
    ("a * (x[0] if p > 0 else y[0])", "a * x[0]"),
    (
        "sum(w[i, j] * w[j, i] for i in range(n) for j in range(n))",
        "sum(w[j, i] * w[i, j] for i in range(n) for j in range(n))",
    ),
]


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal_sums(left: str, right: str) -> None:
    ctx, a, b = context(), read(left), read(right)
    th = equal_terms(a, b, ctx)
    data = ctx.recorder.write([th], a)
    assert replay(data).claims[0].conclusion == Holds(equal(a, b)) and th.hyps <= {
        th.conclusion.literal for th in ctx.facts
    }


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(x[k] for k in range(n))", "sum(x[k] for k in range(m))"),
        ("sum(x[k] for k in range(n))", "sum(y[k] for k in range(n))"),
        (
            "sum(w[i, j] * x[i] for i in range(n) for j in range(n))",
            "sum(w[i, j] * x[j] for i in range(n) for j in range(n))",
        ),
        ("sum(x[k] for k in range(n))", "sum(x[k + 1] for k in range(n))"),
        ("sum(a for k in range(n))", "m * a"),
        ("sum(x[k] * (2 * k == j) for k in range(n) for j in range(m))", "sum(x[k] for k in range(n))"),
        ("sum(x[k] * (k == j) for k in range(n) for j in range(m))", "sum(x[k] for k in range(n))"),
        ("sum(x[k] for k in range(n * m))", "sum(x[j * n + i] for i in range(m) for j in range(n))"),
        ("a / a", "1"),
        ("sqrt(a)**2", "a"),
    ],
)
def test_what_is_not_equal_is_not_proved(left: str, right: str) -> None:
    with pytest.raises(UNPROVED):
        equal_terms(read(left), read(right), context())


@pytest.mark.parametrize(
    ("goal", "given"),
    [
        ("n * m > 0", ()),
        ("n * m - i * m - j > 0", ("0 <= j < m",)),
        ("n - i > 0", ()),
        ("exp(a) + x[i]**2 > 0", ()),
        ("sqrt(a) > 0", ("a > 0",)),
        ("1 / n > 0", ()),
        ("sum(exp(x[k]) for k in range(n)) > 0", ()),
        ("sum(x[k]**2 for k in range(n)) / n + a > 0", ("a > 0",)),
        ("y[i] > 0", ("min(y[k] for k in range(n)) > 0",)),
        ("2 * i != 2 * j + 1", ("i - j >= 1",)),
    ],
)
def test_signs(goal: str, given: tuple[str, ...]) -> None:
    indices = "ij" if "j" in goal else "i"
    ctx = context(*given, indices=indices)
    (literal,) = conditions(goal, NAMES, tuple(indices))
    assert prove(literal, ctx).conclusion == Holds(literal)


@pytest.mark.parametrize(
    "goal", ["n - i > 1", "i > 0", "a > 0", "sqrt(a) > 0", "sum(x[k] for k in range(n)) >= 0", "y[i] > 0"]
)
def test_signs_that_are_open(goal: str) -> None:
    ctx = context("min(y[k] for k in range(m)) > 0", indices="i")
    (literal,) = conditions(goal, NAMES, ("i",))
    with pytest.raises(UNPROVED):
        prove(literal, ctx)


def test_integers() -> None:
    ctx = context(indices="i")
    for text in ("i * n - 2 * m + 3", "i if i < m else n - m", "at[i] * n"):
        t = read(text, "i")
        assert whole(t, ctx).conclusion == Holds(equal(unary("floor", t), t))
    for text in ("i / n", "a", "x[i]", "i * a"):
        with pytest.raises(Stuck):
            whole(read(text, "i"), ctx)


def test_the_floor_of_a_quotient() -> None:
    ctx = context("0 <= j < m", indices="ij")
    u = read("(i * m + j) / m", "i", "j")
    assert floor_of_quotient(u, ctx).conclusion == Holds(equal(unary("floor", u), var("i")))
    with pytest.raises(UNPROVED):
        floor_of_quotient(read("(i * m + j) / n", "i", "j"), ctx)


def test_parts_that_stand_still_are_families_until_the_end() -> None:
    """The pairing of softmax holds for any ``p``; what is claimed speaks of exponentials, and of no family."""
    claimed, R = catalogue.statement_of("softmax"), Equations()
    th = adjoint(claimed, R)
    given, said = claimed.adjoint
    assert th.conclusion == said and th.hyps <= given
    name, (general, values) = R.how(th)
    assert name == "instantiate" and any(t.op == "exp" for v in values.values() for t in postorder(v))
    assert all(t.op != "exp" for t in postorder(held(general).term))


def test_what_holds_for_these_parts_alone_is_proved_as_it_stands() -> None:
    """``sqrt(a)**2 = a``, and deviations from a mean add up to 0: no family in the place of a part has that."""
    deviations = "sum(x[k] - sum(x[j] for j in range(n)) / n for k in range(n))"
    for left, right in (("sqrt(x[0])**2 * y[0]", "x[0] * y[0]"), (deviations, "0")):
        ctx = context("x[0] > 0")
        th = equal_terms(read(left), read(right), ctx)
        assert ctx.recorder.how(th)[0] != "instantiate"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_sums_in_any_order_by_one_lemma_for_all_bodies(order: tuple[int, ...]) -> None:
    R, ks = Equations(), [var(k) for k in "ijk"]
    binders = tuple((k, var(n)) for k, n in zip(ks, ("n", "m", "p"), strict=True))
    for body in (var("x", *ks), mul(var("y", ks[0]), var("z", *ks[1:]))):
        th = lemmas.reordered(binders, body, order, R)
        if order == (0, 1, 2):
            assert th is None
        else:
            wanted = summed(tuple(binders[i] for i in order), body)
            assert th is not None and sides(th) == (summed(binders, body), wanted)
    assert len(R.lemmas) == (order != (0, 1, 2))


def test_a_range_that_depends_on_an_index_needs_no_family() -> None:
    R, (i, j, k) = Equations(), (var("i"), var("j"), var("k"))
    binders = ((i, var("n")), (k, add(i, ONE)), (j, var("m")))
    th = lemmas.reordered(binders, var("w", j, k), (2, 0, 1), R)
    wanted = summed((binders[2], *binders[:2]), var("w", j, k))
    assert th is not None and sides(th)[1] is wanted and not R.lemmas


def test_certificates_of_tensor_ops_stay_short() -> None:
    """What replaying them costs goes with their length; proved without families they have twice as many lines."""
    lines = {name: catalogue.path_of(name).read_bytes().count(b"\n") for name in catalogue.names()}
    assert sum(lines.values()) < 75_000 and max(lines.values()) < 12_000, lines


def test_forms() -> None:
    a, k = read("x[i] * n + 2 * n * x[i]", "i"), var("k")
    assert canonical(a) is canonical(read("3 * n * x[i]", "i"))
    assert matched(read("w[i + 1, n]", "i"), var("w", k, var("n")), k) is read("i + 1", "i")
    assert matched(read("w[i, n]", "i"), var("w", k, k), k) is None
    assert matched(read("w[i, n]", "i"), var("w", k, var("m")), k) is None
