"""Terms are made of terms: whatever else is put into one is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel import terms
from hasderiv.proofs.kernel.terms import KernelError, Literal, Term, add, rat, var

from .kit import x, y

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
