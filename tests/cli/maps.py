"""Maps written by hand, as certificates would give them, for tests of queries and tables."""

from __future__ import annotations

from hasderiv.proofs.kernel.terms import Literal, Term
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse, parse_condition
from hasderiv.proofs.pieces import DerivativeMap, Piece


def literals(text: str) -> tuple[Literal, ...]:
    """A conjunction."""
    if not text:
        return ()
    (case,) = parse_condition(text)
    return tuple(Literal(h.relation, unfold(h.term)) for h in case)


def slope(text: str | None) -> Term | str | None:
    """A one-sided derivative."""
    return text if text is None or text.endswith("oo") else parse(text)


def piece(where: str, status: str, derivative: str | None = None, left: str | None = None, right: str | None = None,
          reason: str | None = None) -> Piece:  # fmt: skip
    """A piece; several derivatives are separated by semicolons."""
    terms = None if derivative is None else tuple(parse(d) for d in derivative.split(";"))
    return Piece(literals(where), status, terms, slope(left), slope(right), reason)


def a_map(name: str, variables: str, term: str, assume: str, *pieces: Piece) -> DerivativeMap:
    """A map."""
    return DerivativeMap(name, tuple(variables.split()), unfold(parse(term)), literals(assume), pieces)


YES, NO, OUT = "differentiable", "not_differentiable", "outside_domain"

MAPS = {
    "relu": [a_map("relu", "x", "Max(x, 0)", "", piece("x > 0", YES, "1"), piece("x < 0", YES, "0"),
                   piece("Eq(x, 0)", NO, None, "0", "1", "corner"))],
    "elu": [a_map("elu", "x", "Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))", "",
                  piece("x > 0", YES, "1"), piece("x < 0", YES, "alpha*exp(x)"),
                  piece("Eq(x, 0) & Eq(alpha, 1)", YES, "1"),
                  piece("Eq(x, 0) & Ne(alpha, 1)", NO, None, "alpha", "1", "corner"))],
    "sqrt": [a_map("sqrt", "x", "sqrt(x)", "", piece("x > 0", YES, "1/(2*sqrt(x))"),
                   piece("Eq(x, 0)", NO, None, None, "+oo", "boundary"), piece("x < 0", OUT))],
    "exp": [a_map("exp", "x", "exp(x)", "", piece("", YES, "exp(x)"))],
    "floor": [a_map("floor", "x", "floor(x)", "", piece("Ne(floor(x), x)", YES, "0"),
                    piece("Eq(floor(x), x)", NO, None, "+oo", "0", "jump"))],
    "hypot": [
        a_map("hypot", "x", "sqrt(x**2 + y**2)", "", piece("Ne(x**2 + y**2, 0)", YES, "x/sqrt(x**2 + y**2)"),
              piece("Eq(x**2 + y**2, 0)", NO, None, "-1", "1", "corner")),
        a_map("hypot", "y", "sqrt(x**2 + y**2)", "", piece("Ne(x**2 + y**2, 0)", YES, "y/sqrt(x**2 + y**2)"),
              piece("Eq(x**2 + y**2, 0)", NO, None, "-1", "1", "corner")),
        a_map("hypot", "x y", "sqrt(x**2 + y**2)", "",
              piece("Ne(x**2 + y**2, 0)", YES, "x/sqrt(x**2 + y**2);y/sqrt(x**2 + y**2)"),
              piece("Eq(x**2 + y**2, 0)", NO, None, None, None, "corner")),
    ],
}  # fmt: skip
