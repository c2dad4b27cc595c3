"""Terms are made of terms: whatever else is put into one is refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import terms
from hasderiv.proofs.kernel.terms import KernelError, Literal, Term, add, rat, var

from .kit import lit, x, y

STRANGE = (None, 1, "x", Fraction(1), Literal(">", x), object())


@pytest.mark.parametrize(
    "make",
    [
        lambda s: terms.add(s, x),
        lambda s: terms.add(x, s),
        lambda s: terms.mul(s, x),
        lambda s: terms.mul(x, s),
        lambda s: terms.power(s, 2),
        lambda s: terms.unary("exp", s),
        lambda s: terms.cond(">", s, x, y),
        lambda s: terms.cond(">", x, s, y),
        lambda s: terms.cond(">", x, y, s),
        lambda s: terms.app("f", s, x),
        lambda s: terms.app("f", x, s),
        lambda s: terms.literal(">", s),
    ],
)
def test_what_is_no_term_is_refused(make: Callable[[object], object]) -> None:
    assert make(x)
    for strange in STRANGE:
        with pytest.raises(KernelError):
            make(strange)


@pytest.mark.parametrize("n", [2.0, Fraction(2), "2", True, None])
def test_an_exponent_is_an_integer(n: object) -> None:
    with pytest.raises(KernelError):
        terms.power(x, n)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["tan", "add", ["exp"], None, 1])
def test_only_the_primitive_functions_are_applied(name: object) -> None:
    with pytest.raises(KernelError):
        terms.unary(name, x)  # type: ignore[arg-type]


@pytest.mark.parametrize("relation", ["<", "", [">"], None])
def test_only_the_four_relations_compare(relation: object) -> None:
    for make in (lambda r: terms.literal(r, x), lambda r: terms.cond(r, x, x, y)):
        with pytest.raises(KernelError):
            make(relation)


@pytest.mark.parametrize("name", ["", "1x", "d x", "x-y", "\u00e9", "x\n", None, 3])
def test_names_are_names_wherever_they_stand(name: object) -> None:
    for make in (terms.var, terms.tangent, lambda s: terms.app(s, x)):
        with pytest.raises(KernelError):
            make(name)  # type: ignore[operator]


def test_an_application_has_an_operand() -> None:
    with pytest.raises(KernelError):
        terms.app("f")


def test_equal_terms_are_one_object() -> None:
    made: list[Term] = [terms.add(terms.power(x, 3), terms.app("f", y, x)) for _ in range(2)]
    assert made[0] is made[1] and repr(made[0]).startswith("<term ")
    assert terms.rebuild(made[0], dict.fromkeys(made[0].terms, x)) is terms.add(x, x)


def test_a_loose_index_without_a_value_is_refused() -> None:
    body = add(terms.idx(1), var("x", terms.idx(0)))
    room = iter(range(100))
    assert terms.opened(body, [rat(2), rat(3)], room) is add(rat(2), var("x", rat(3)))
    with pytest.raises(KernelError, match="a loose index has no value"):
        terms.opened(body, [rat(3)], room)


class Text(str):
    """A text that may say of itself what it likes."""


def test_a_relation_is_a_text_and_nothing_like_it() -> None:
    assert terms.literal(">", x) == lit(">", x)
    with pytest.raises(KernelError, match="not a comparison"):
        terms.literal(Text(">"), x)


@pytest.mark.parametrize("value", [0.5, "1/2", True, None])
def test_a_number_is_an_integer_or_a_fraction(value: object) -> None:
    with pytest.raises(KernelError, match="not a rational number"):
        rat(value)  # type: ignore[arg-type]


def test_terms_are_not_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(x)


def test_what_stays_true_nearby() -> None:
    assert [lit(r, x).strictly for r in terms.RELATIONS] == [">", ">", "=", "!="]


def test_every_variable_of_several_is_bound() -> None:
    """Also where only one of them occurs; and only variables are."""
    assert terms.closed(terms.unary("exp", x), [x, y]) is terms.unary("exp", terms.idx(1))
    assert terms.closed(terms.unary("exp", y), [x, y]) is terms.unary("exp", terms.idx(0))
    for names in ([x, var("y", x)], [var("y", x), x], [add(x, y)], [terms.tangent("x")]):
        with pytest.raises(KernelError, match="not variables"):
            terms.closed(x, names)


def test_a_cited_function_and_a_family_of_its_name_are_two() -> None:
    once = terms.app("f", var("f", x))
    assert terms.substitute(once, {"f/1": add(terms.idx(0), y)}) is terms.app("f", add(x, y))


def test_what_is_put_below_binders_keeps_its_own_indices() -> None:
    """The loose index of a value means the index of the entry, whatever binders stand around that or in the value."""
    n, k = var("n"), terms.idx
    outer = terms.over("sum", n, terms.over("max", x, var("f", add(k(0), k(1)))))
    value = terms.over("sum", y, terms.mul(k(0), k(1)))
    inner = terms.over("sum", y, terms.mul(k(0), add(k(1), k(2))))
    assert terms.substitute(outer, {"f/1": value}) is terms.over("sum", n, terms.over("max", x, inner))
    assert terms.substitute(outer, {"f/1": k(0)}) is terms.over("sum", n, terms.over("max", x, add(k(0), k(1))))
    two = {"g/2": terms.over("sum", k(0), terms.mul(k(0), add(k(1), k(2))))}
    made = terms.over("sum", k(0), terms.mul(k(0), add(k(1), n)))
    assert terms.substitute(terms.over("sum", n, var("g", n, k(0))), two) is terms.over("sum", n, made)
