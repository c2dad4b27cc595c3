"""Families, finite sums and maxima: what the rules keep, what substitution does, and the facts by brute force."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hasderiv.proofs.agreement import difference, outcome
from hasderiv.proofs.kernel import sums
from hasderiv.proofs.kernel.certificate import Certificate, CertificateError
from hasderiv.proofs.kernel.sums import SUMS, counts
from hasderiv.proofs.kernel.terms import (
    MAX_OPENED,
    KernelError,
    Term,
    add,
    app,
    bind,
    closed,
    equal,
    idx,
    mul,
    opened,
    over,
    rat,
    substitute,
    tangent,
    unary,
    var,
)
from hasderiv.proofs.kernel.theorems import Local, Theorem

from .corpus import FOLDER
from .indexed import Dual, Family, holds, point, tree, value
from .kit import ONE, RECORDER, ZERO, arith, defined, given, lit, literal_of, local, refused, rule, same, sub, x

J, K, M, N, U = (var(name) for name in "jkmnu")
FAMILY = frozenset({"x/1"})


def both(*claims: Theorem) -> bytes:
    """The certificate of the claims, which both checkers accept."""
    data = RECORDER.write(claims, x)
    found = outcome(data)
    assert isinstance(found, Certificate), found
    assert difference(data, found) is None
    return data


def test_what_holds_of_a_sum_of_at_least_one_keeps_that_hypothesis() -> None:
    positive = rule("fact", "exp_pos", [], [var("x", K)], [])
    bounded = arith(">=", sub(ONE, ZERO), (1, [], []))
    some = lit(">", N)
    for made in (
        rule("generalize", "sum", K, N, positive, []),
        rule("generalize", "max", K, N, bounded, []),
        rule("generalize", "max", K, N, defined(var("x", K)), []),
        rule("generalize", "max", K, N, local(var("x", K), vary=FAMILY), []),
    ):
        assert made.hyps == {some}
        both(made)
    nonneg = arith(">=", mul(K, K), (1, [], [K]))
    for made in (
        rule("generalize", "sum", K, N, nonneg, []),
        rule("generalize", "sum", K, N, defined(var("x", K)), []),
        rule("generalize", "max", K, N, same(K, K), []),
        rule("generalize", "sum", K, N, local(var("x", K), vary=FAMILY), []),
    ):
        assert not made.hyps
        both(made)


def test_a_maximum_has_no_derivative_and_a_sum_has_that_of_its_summands() -> None:
    one = local(mul(K, var("x", K)), vary=FAMILY)
    total, greatest = (rule("generalize", op, K, N, one, []).conclusion for op in ("sum", "max"))
    assert isinstance(total, Local) and isinstance(greatest, Local)
    assert total.derivative is over("sum", N, mul(idx(0), tangent("x", idx(0)))) and greatest.derivative is None


def test_what_the_range_rests_on_is_cited() -> None:
    whole = app("gamma", U)
    for th in (defined(var("x", K)), local(var("x", K), vary=FAMILY)):
        made = rule("generalize", "sum", K, whole, th, [given(">", U)])
        assert made.cites == defined(whole, given(">", U)).cites != frozenset() and made.hyps == {lit(">", U)}
        both(made)


def test_nothing_is_captured() -> None:
    k, m, n = (var(name) for name in "kmn")
    assert substitute(over("sum", n, mul(x, idx(0))), {"x": k}) is over("sum", n, mul(k, idx(0)))
    below = over("sum", n, var("w", idx(0), n))
    u = over("sum", m, mul(var("x", idx(0), idx(1)), idx(2)))  # u(a, b) = sum_c x[c, b] a
    assert substitute(below, {"w/2": u}) is over("sum", n, over("sum", m, mul(var("x", idx(0), n), idx(1))))
    index = add(idx(0), over("max", idx(0), mul(idx(0), idx(1))))
    raised = add(idx(1), over("max", idx(1), mul(idx(0), idx(2))))
    put = substitute(over("sum", n, var("w", index)), {"w/1": over("sum", m, add(idx(1), mul(idx(0), m)))})
    assert put is over("sum", n, over("sum", m, add(raised, mul(idx(0), m))))
    assert substitute(tangent("x", k), {"k": ONE}).free == {"d x/1"} and add(k, ONE).free == {"k"}
    assert closed(add(k, m), [k, m]) is add(idx(1), idx(0)) and closed(x, [k]) is x
    nested = bind("sum", J, N, bind("max", K, J, var("x", J, K)))
    assert nested is over("sum", N, over("max", idx(0), var("x", idx(1), idx(0))))
    assert nested.free == {"n", "x/2"} and nested.loose == 0
    twice = over("sum", N, N)
    assert substitute(twice, {"n": ONE}) is over("sum", ONE, ONE)


def test_a_loose_index_is_in_no_theorem() -> None:
    with pytest.raises(KernelError, match="closed"):
        closed(idx(0), [K])
    with pytest.raises(KernelError, match="closed"):
        bind("sum", K, N, add(K, idx(0)))
    with pytest.raises(KernelError, match="no value"):
        substitute(add(x, ONE), {"x": idx(0)})


def test_a_symbol_and_a_family_of_its_name_are_two() -> None:
    t = add(x, var("x", N))
    assert t.free == {"x", "x/1", "n"}
    assert substitute(t, {"x": ONE}) is add(ONE, var("x", N))
    assert substitute(t, {"x/1": ONE}) is add(x, ONE)
    assert local(t, vary=frozenset({"x"})).conclusion.derivative is tangent("x")  # type: ignore[union-attr]


def test_one_bound_for_infinitely_many_entries_is_none() -> None:
    """``(x[floor(1/w)] - 5)^2`` is at most ``|dx|^2``, and has no derivative along ``x[i] = 5 + i v``, ``w = v``."""
    w = var("w")
    far = unary("floor", unary("inv", w))
    sides = [given("!=", w), given("!=", sub(unary("inv", w), far))]
    refused("vary together", "local", frozenset({"w", "x/1"}), var("x", far), sides)
    assert local(var("x", far), sides[0], vary=FAMILY).conclusion.derivative is tangent("x", far)  # type: ignore[union-attr]


def test_the_range_is_never_the_index() -> None:
    """``n < n |-`` anything: a sum over ``n`` below ``n`` would be any other."""
    below = [rule("assume", literal) for literal in counts(N, N)]
    anything = rule("fact", "sum_delta", [], [J, N, N, ONE], below)
    refused("depends on the index", "generalize", "sum", N, N, anything, [])
    refused("depends on the index", "generalize", "sum", N, M, anything, [])


def test_delta_at_half_an_index_asks_for_an_integer() -> None:
    half = mul(rat(1), unary("inv", rat(2)))
    needs, _ = sums.SUMS["sum_delta"][1](K, N, mul(half, U), var("x", K))
    assert equal(unary("floor", mul(half, U)), mul(half, U)) in needs


def test_the_format_says_whether_there_are_indices() -> None:
    assert both(given(">", x)).startswith(b'{"format":1')
    for th in (
        given(">", var("x", N)),
        given(">", over("sum", N, ONE)),
        rule("fact", "sum_linear", [], [K, N, x, x, x], []),
        rule("generalize", "sum", K, N, same(x, x), []),
    ):
        assert both(th).startswith(b'{"format":2')


def arguments(rng: random.Random, name: str) -> list[Term]:
    """Terms for a fact, in which the bound variables are likely to occur where they must not."""

    def letter() -> Term:
        return var(rng.choice("ijnm"))

    def small() -> Term:
        return rng.choice([letter(), rat(rng.randint(0, 3)), add(letter(), ONE)])

    k, n, a = letter(), small(), tree(rng, 2)
    return {
        "sum_linear": [k, n, tree(rng, 1), a, tree(rng, 2)],
        "sum_swap": [letter(), small(), k, n, a],
        "sum_delta": [k, n, small(), a],
        "sum_count": [k, n],
        "max_upper": [k, n, small(), a],
    }[name]


def test_what_the_facts_say_of_themselves() -> None:
    assert {name: statement for name, (_, _, statement) in SUMS.items()} == {
        "sum_linear": "sum_(k < n) (c a + b) = c sum_(k < n) a + sum_(k < n) b, no k in c",
        "sum_swap": "sum_(j < m) sum_(k < n) a = sum_(k < n) sum_(j < m) a, no j in n, no k in m",
        "sum_delta": "u natural, u < n |- sum_(k < n) (a if k = u else 0) = a[k := u], no k in u",
        "sum_count": "n natural |- sum_(k < n) 1 = n",
        "max_upper": "u natural, u < n |- max_(k < n) a >= a[k := u]",
    }


def instances(rng: random.Random, name: str) -> Iterator[Theorem]:
    """An instance of a fact, that summed over an index, and that with other families in it; as far as they are made."""
    terms = arguments(rng, name)
    with suppress(KernelError):
        needs, _ = SUMS[name][1](*terms)
        yield (fact := rule("fact", name, [], terms, [rule("assume", need) for need in needs]))
        op = rng.choice(["sum", "max"]) if literal_of(fact).relation == "=" else "sum"
        yield (general := rule("generalize", op, var(rng.choice("ijnm")), tree(rng, 0), fact, []))
        families = {"x/1": add(mul(idx(0), J), var("z", idx(0))), "y/2": bind("sum", J, N, add(mul(J, J), ONE))}
        yield rule("instantiate", general, {**families, "i": tree(rng, 1)})


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("seed", range(3))
def test_facts_hold_everywhere(name: str, seed: int) -> None:
    """True at points that satisfy the hypotheses; and the second checker agrees."""
    rng, seen = random.Random(f"{name} {seed}"), 0
    for trial in range(200):
        made = list(instances(rng, name))
        for th in made:
            for at in (point(rng), point(rng)):
                if all(holds(h, at) for h in th.hyps):
                    assert holds(literal_of(th), at), (name, at)
                    seen += 1
        if made and trial % 10 == 0:
            both(made[-1])
    assert seen > 60


def polynomial(rng: random.Random, depth: int, letters: str) -> Term:
    """A random term of entries, sums and products, whose indices and ranges are made of the letters alone."""
    index = [var(rng.choice(letters)) for _ in range(2)]
    if depth == 0 or rng.random() < 0.2:
        entries = [var("x", index[0]), var("y", *index), var("x", add(index[0], index[1])), index[0], var("w")]
        return rng.choice(entries)
    u, v = (polynomial(rng, depth - 1, letters) for _ in range(2))
    if rng.random() < 0.4:
        return bind("sum", var(rng.choice(letters)), var(rng.choice(letters)), u)
    return add(u, v) if rng.random() < 0.5 else mul(u, v)


def about_sums(t: Term, make: Callable[[Term], Theorem], fresh: Iterator[Term]) -> list[Theorem]:
    """A theorem for each sum in ``t`` that is below no other, from one about its summand at any index."""
    if t.op == "sum":
        n, body = t.terms
        k = next(fresh)
        return [rule("generalize", "sum", k, n, make(opened(body, [k], iter(range(MAX_OPENED)))), [])]
    return [th for s in t.terms for th in about_sums(s, make, fresh)]


def rate(vary: frozenset[str], t: Term, fresh: Iterator[Term]) -> Theorem:
    """``t ~> dt`` in the symbols ``vary``."""

    def exists(s: Term) -> Theorem:
        return defined(s, *about_sums(s, exists, fresh))

    sides = about_sums(t, partial(rate, vary, fresh=fresh), fresh)
    return local(t, *sides, *about_sums(t, exists, fresh), vary=vary)


def moving(at: dict[str, Any], vary: frozenset[str]) -> dict[str, Any]:
    """The point, where the symbols that vary have their tangents as rates."""
    there = dict(at)
    for s in vary:
        f, df = at[s], at["d " + s]
        there[s] = (lambda *i, f=f, df=df: Dual(f(*i), df(*i))) if "/" in s else Dual(f, df)
    return there


def differentiated(t: Term, at: dict[str, Any], vary: frozenset[str]) -> Fraction:
    """The derivative of a polynomial along the tangents, by dual numbers."""
    found: Any = value(t, moving(at, vary))
    return found.rate if isinstance(found, Dual) else Fraction(0)


@pytest.mark.parametrize("seed", range(4))
def test_derivatives_of_sums_are_those_of_dual_numbers(seed: int) -> None:
    """And so they are after a term of families has been put in the place of a symbol."""
    rng, chained = random.Random(seed), 0
    for _ in range(80):
        fresh = (var(f"k{i}") for i in count())
        vary = frozenset(rng.choice([["w"], ["x/1"], ["x/1", "y/2"]]))
        th = rate(vary, polynomial(rng, 3, "ijnm"), fresh)
        at = point(rng) | {"w": Fraction(rng.randint(-3, 3)), "d w": Fraction(rng.randint(-3, 3)), "v/1": Family(rng)}
        at |= {"d " + s: Family(rng) for s in ("x/1", "y/2", "z/1", "v/1")}
        made = [th]
        inner = frozenset({"z/1", "v/1"})
        if vary == {"w"}:
            into = {"x/1": var("z", idx(0)), "y/2": mul(var("v", idx(1)), var("z", idx(0))), "w": var("z", N)}
            made.append(rule("chain", th, [("w", rate(inner, substitute(polynomial(rng, 2, "nm"), into), fresh))]))
            chained += 1
        for one in made:
            c = one.conclusion
            assert isinstance(c, Local) and c.derivative is not None
            assert not one.hyps and value(c.derivative, at) == differentiated(c.term, at, c.vary)
            both(one)
    assert chained > 15


EXACT = ("broadcast", "permute3", "total", "transpose")


@pytest.mark.parametrize("path", sorted((FOLDER / "indexed").glob("*.jsonl")), ids=lambda p: p.stem)
def test_proofs_about_tensors(path: Path) -> None:
    """A derivative and its adjoint, for all sizes; those that need no functions are held against brute force."""
    data, rng, seen = path.read_bytes(), random.Random(path.stem), 0
    found = outcome(data)
    assert isinstance(found, Certificate) and difference(data, found) is None
    *_, adjoint = found.claims
    for _ in range(40 if path.stem in EXACT else 0):
        free = literal_of(adjoint).term.free.union(*(h.term.free for h in adjoint.hyps))
        at = {s: Family(rng) if "/" in s else Fraction(rng.randint(0, 3)) for s in sorted(free)}
        if all(holds(h, at) for h in adjoint.hyps):
            assert holds(literal_of(adjoint), at)
            seen += 1
    assert seen > 5 or path.stem not in EXACT


def test_what_is_no_term_is_refused() -> None:
    for make in (
        lambda: var("x", 5),  # type: ignore[arg-type]
        lambda: tangent("x", "n"),  # type: ignore[arg-type]
        lambda: var("x", *[N] * 10),
        lambda: idx(-1),
        lambda: idx(64),
        lambda: idx(True),
        lambda: over("min", N, x),
        lambda: over(["sum"], N, x),  # type: ignore[arg-type]
        lambda: over("sum", 3, x),  # type: ignore[arg-type]
        lambda: bind("sum", x, N, over("max", N, idx(1))),
    ):
        with pytest.raises(KernelError):
            make()
    assert var("x", *[N] * 9).symbol == "x/9" and idx(63).loose == 64
    assert tangent("x", N).symbol == "d x/1" and tangent("x").symbol == "d x"


def test_a_substitution_is_as_large_as_it_may_be() -> None:
    """A function in the value costs two steps for each entry, there and back; the index put below costs two."""
    assert MAX_OPENED == 100_000
    t, value = ZERO, idx(0)
    for i in range(50):
        t = add(t, var("w", rat(i)))
    for _ in range(MAX_OPENED // 100 - 1):
        value = unary("sin", value)
    assert substitute(t, {"w/1": value}).free == frozenset()
    with pytest.raises(KernelError, match="substitution: more than 100000 subterms"):
        substitute(add(t, var("v", ZERO)), {"w/1": value, "v/1": ZERO})


def wide(size: int, summands: int) -> Theorem:
    """``w[k_1] + w[k_2] + ...`` with a term of the given size for ``w``: each entry is another one."""
    t, body = ZERO, idx(0)
    for i in range(summands):
        t = add(t, var("w", rat(i)))
    for _ in range(size):
        body = add(mul(idx(0), ONE), body)
    return rule("instantiate", given("=", t), {"w/1": body})


def test_what_a_substitution_may_cost() -> None:
    """Values of families multiply; a few lines must not fill the memory."""
    both(wide(10, 100))
    with pytest.raises(KernelError, match=f"substitution: more than {MAX_OPENED} subterms"):
        wide(1000, 1000)


def test_where_the_kernel_finds_a_substitution_too_costly_the_second_checker_may_part() -> None:
    data = RECORDER.write([wide(10, 100)], x)
    assert difference(data, CertificateError(1, "instantiate", "substitution: more than 1 subterms")) is None
    assert "accepts" in str(difference(data, CertificateError(1, "instantiate", "anything else")))
