"""What the arguments of each rule look like in a certificate: the grammar that the mutations and the fuzzer follow.

It is written apart from every checker, so that what attacks them rests on none; a test compares it with the kernel.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Many(NamedTuple):
    """An array of any length."""

    of: Form


class Row(NamedTuple):
    """An array of one item for each part."""

    parts: tuple[Form, ...]


class Maybe(NamedTuple):
    """What it is of, or null."""

    of: Form


class Named(NamedTuple):
    """Pairs of a name and a value, in the order of the names."""

    of: Form


Form = str | Many | Row | Maybe | Named
"""A word is a form of its own: ``term`` and ``theorem`` are numbers of earlier lines, ``literal`` is a relation before
a term, ``ratio`` a rational number, ``slope`` a term or ``+oo`` or ``-oo``, ``direction`` a term or a
rational number, ``vary`` an array of symbols in order, ``binder`` is ``sum`` or ``max``."""

LEAVES: Final = ("term", "theorem", "literal", "name", "key", "int", "ratio", "slope", "direction", "vary", "binder")
_THEOREMS: Final = Many("theorem")
_PIECE: Final = Many("literal")
_BOUNDS: Final = Row(("term", "term"))
_INDEX: Final = Many(Row(("term", "term")))
_SIDE: Final = ("theorem", "name", "int", "theorem", "theorem", "theorem", "theorem", _THEOREMS)

ARGUMENTS: Final[dict[str, tuple[Form, ...]]] = {
    "assume": ("literal",),
    "arith": ("literal", Many(Row(("ratio", _THEOREMS, Many("term")))), Many(Row(("term", "theorem")))),
    "gap": ("theorem",),
    "cases": ("literal", "theorem", "theorem"),
    "cut": ("theorem", "theorem"),
    "instantiate": ("theorem", Named("term")),
    "congruence": ("term", "name", "theorem"),
    "freeze": ("name", "term", "theorem"),
    "defined": ("term", _THEOREMS),
    "undefined": ("term", _THEOREMS),
    "fact": ("key", Many("int"), Many("term"), _THEOREMS),
    "conditional": ("literal", "term", "term", "theorem"),
    "cite": ("key", Many("term"), _THEOREMS),
    "local": ("vary", "term", _THEOREMS),
    "generalize": ("binder", "term", "term", "theorem", _THEOREMS),
    "rewrite": ("theorem", "theorem"),
    "replace": ("theorem", "theorem", "theorem", _THEOREMS),
    "chain": ("theorem", Many(Row(("name", "theorem")))),
    "has_deriv": ("theorem", "theorem"),
    "higher": ("theorem", "theorem", _THEOREMS),
    "side_replace": _SIDE,
    "side_jump": _SIDE,
    "side_compose": ("theorem", "name", "theorem", _THEOREMS),
    "side_chain": ("theorem", "theorem", _THEOREMS),
    "side_limit": ("term", "name", "int", "slope", "term", _THEOREMS, "theorem", "theorem", "theorem"),
    "side_continuous": ("theorem", "term", _THEOREMS, "theorem", "theorem"),
    "from_sides": ("theorem", "theorem", Maybe("theorem")),
    "no_derivative": (_THEOREMS, Maybe("theorem")),
    "boundary": ("name", "int", "theorem", "theorem", Maybe("theorem"), _THEOREMS),
    "increases": ("name", _BOUNDS, "theorem", "theorem"),
    "along": (Named("direction"), "term", "theorem"),
    "within": (Many(_PIECE), "int", _THEOREMS),
    "point": (_PIECE, Named("term"), _THEOREMS),
    "root": (_PIECE, "name", _BOUNDS, Named("term"), "theorem", _THEOREMS, _THEOREMS),
    "map": ("vary", "term", _PIECE, "theorem", Many(Maybe("theorem")), _THEOREMS, _THEOREMS),
    "operator": (_INDEX, "theorem", "theorem", Many(Row(("name", _INDEX, "term")))),
    "step": ("name", "theorem", Named("term")),
    "program": (Many(Row(("name", Many("term")))), _THEOREMS),
}
"""The arguments of each rule."""

PRIMITIVES: Final = ("inv", "exp", "log", "sin", "cos", "atan", "erf", "sqrt", "floor")
OPERANDS: Final[dict[str, tuple[Form, ...]]] = {
    "rat": ("ratio",),
    "pi": (),
    "var": ("name",),
    "d": ("name",),
    "add": ("term", "term"),
    "mul": ("term", "term"),
    "pow": ("term", "int"),
    "cond": ("relation", "term", "term", "term"),
    "idx": ("int",),
    "sum": ("term", "term"),
    "max": ("term", "term"),
    **dict.fromkeys(PRIMITIVES, ("term",)),
}
"""The operands of each operation of a term but ``app``, which has a name and any terms; so may ``var`` and ``d``."""

RELATIONS: Final = (">", ">=", "=", "!=")
