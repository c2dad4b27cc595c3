"""Certificates as data of Coq: each line a step of ``proofs/coq/Check.v``, each term written once.

Numbers are ``positive`` literals and steps come in lists of a few hundred: Coq reads these fast, and strings slowly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

from ..kernel import terms as T
from ..kernel.conclusions import Conclusion, HasDeriv, Map, NotDifferentiable, Slope, Undefined
from ..kernel.terms import Literal, Term

RELATIONS: Final = {">": "Positive", ">=": "NonNegative", "=": "Zero", "!=": "NonZero"}
REASONS: Final = {"corner": "Corner", "jump": "Jump", "vertical tangent": "VerticalTangent", "boundary": "Boundary"}
INFINITE: Final = {"+oo": "PlusInfinity", "-oo": "MinusInfinity"}
"""How the Coq development writes what certificates write."""

ARGUMENTS: Final = {
    "assume": "literal",
    "arith": "literal products equations",
    "gap": "ref",
    "cases": "literal ref ref",
    "cut": "ref ref",
    "instantiate": "ref assignment",
    "congruence": "term name ref",
    "freeze": "name term ref",
    "defined": "term refs",
    "undefined": "term refs",
    "fact": "entry orders terms refs",
    "conditional": "literal term term ref",
    "generalize": "binder variable term ref refs",
    "local": "names term refs",
    "rewrite": "ref ref",
    "replace": "ref ref ref refs",
    "chain": "ref links",
    "has_deriv": "ref ref",
    "higher": "ref ref refs",
    "side_replace": "ref name onward ref ref ref ref refs",
    "side_jump": "ref name onward ref ref ref ref refs",
    "side_compose": "ref name ref refs",
    "side_chain": "ref ref refs",
    "side_limit": "term name onward slope term refs ref ref ref",
    "side_continuous": "ref term refs ref ref",
    "from_sides": "ref ref ref?",
    "no_derivative": "refs ref?",
    "boundary": "name onward ref ref ref? refs",
    "increases": "name bounds ref ref",
    "along": "direction term ref",
    "within": "pieces index refs",
    "point": "piece assignment refs",
    "root": "piece name bounds assignment ref refs refs",
    "map": "names term piece ref ref?s refs refs",
}
"""The arguments of each rule, in the order of ``RULES`` in :mod:`..kernel.certificate` and of ``step`` in Coq.

Without ``cite``: no op rests on a cited fact, and the checker as it is used here refuses them.  And without the rules
about graphs, whose claims are no op's."""

STEPS: Final = {"point": "StepPoint []", "map": "StepMap false"}
"""Steps that begin with what they say of families, of which there are none here."""

SUM_FACTS: Final = frozenset({"sum_linear", "sum_swap", "sum_delta", "sum_count", "max_upper"})
"""The facts about sums and maxima, which are steps of another kind there."""

BINDERS: Final = {"sum": "Sum", "max": "Max"}

RESERVED: Final = {"h": 1, "eps": 2}
"""The numbers of the symbols that the rules themselves speak of, as in ``proofs/coq/RulesLimit.v``."""

CHUNK: Final = 200


def listed(items: Iterable[str]) -> str:
    """A list of Coq."""
    return f"[{'; '.join(items)}]"


def rational(value: Fraction) -> str:
    """A number of type ``Q``, never reduced by Coq: what is written is what is meant."""
    above = f"({value.numerator})" if value.numerator < 0 else str(value.numerator)
    return f"({above} # {value.denominator})"


def camel(rule: str) -> str:
    """``side_replace`` as ``SideReplace``."""
    return "".join(word.title() for word in rule.split("_"))


class Data:
    """The claims ``wanted`` of a certificate, and the steps that they rest on, as definitions of Coq.

    Symbols are numbered in the given order, further ones as they come.  Steps, by the number of their line, can be
    ``claimed`` beside them.
    """

    def __init__(
        self, certificate: bytes, symbols: Sequence[str], wanted: Sequence[int], claimed: Sequence[int] = ()
    ) -> None:
        self._number = dict(RESERVED)
        for name in symbols:
            self.symbol(name)
        self.terms: list[str] = []
        self._index: dict[Term, str] = {}
        _, *lines, trailer = (json.loads(line) for line in certificate.splitlines())
        self.made: dict[int, Term] = {}
        for line in lines:
            if "term" in line:
                self.made[line["n"]] = term_of(line["term"], self.made)
        claims = [*(trailer["claims"][k] for k in wanted), *claimed]
        self._needed = {*claims}
        self.claims = [str(n + 1) for n in claims]
        steps: list[str] = []
        for line in reversed(lines):  # what a step needs stands before it
            if line["n"] in self._needed:
                steps.append(f"({line['n'] + 1}, {self._step(line['rule'], line['args'])})")
        self.steps = steps[::-1]

    def _step(self, rule: str, args: list[Any]) -> str:
        kinds = ARGUMENTS[rule].split()
        name = STEPS.get(rule, f"Step{camel(rule)}")
        if rule == "local" and any("/" in symbol for symbol in args[0]):
            name = "StepFamilyLocal"
        elif rule == "instantiate" and any("/" in symbol for symbol, _ in args[1]):
            name, kinds = "StepFamilyInstantiate", ["ref", "instance"]
        elif rule == "fact" and args[0] in SUM_FACTS:
            entry, _, *rest = args
            name, kinds, args = f"StepSumFact {camel(entry)}", kinds[2:], rest
        return " ".join([name, *(_WRITERS[kind](self, v) for kind, v in zip(kinds, args, strict=True))])

    def ref(self, n: int) -> str:
        """An earlier step, which is needed from now on."""
        self._needed.add(n)
        return str(n + 1)

    def symbol(self, name: str) -> str:
        """The number of a symbol."""
        return str(self._number.setdefault(name, len(self._number) + 1))

    def term(self, t: Term) -> str:
        """The name of the term, which is written down before if it is new."""
        for s in T.postorder(t):
            if s not in self._index:
                body = self._body(s)
                self._index[s] = f"t{len(self._index)}"
                self.terms.append(f"Definition {self._index[s]} : term := {body}.")
        return self._index[t]

    def _body(self, t: Term) -> str:
        below = " ".join(self._index[a] for a in t.terms)
        match t.op, t.args:
            case "rat", (Fraction() as q,):
                return f"Rat {rational(q)}"
            case "pi", _:
                return "Pi"
            case "var" | "d", (str() as name,):
                return f"{'Var' if t.op == 'var' else 'Tangent'} {self.symbol(name)}"
            case "var" | "d", (str() as name, *_):
                at = listed(self._index[a] for a in t.terms)
                return f"Entry {'false' if t.op == 'var' else 'true'} {self.symbol(f'{name}/{len(t.terms)}')} {at}"
            case "idx", (int() as k,):
                return f"Idx {k}%nat"
            case "sum" | "max", _:
                return f"Over {BINDERS[t.op]} {below}"
            case "pow", _:
                return f"Pow {below} {t.args[1]}"
            case "add" | "mul", _:
                return f"{t.op.title()} {below}"
            case "cond", (str() as relation, *_):
                return f"Cond {RELATIONS[relation]} {below}"
        return f"Un {t.op.title()} {below}"

    def literals(self, literals: Iterable[Literal]) -> str:
        """A conjunction."""
        return listed(map(self.literal, literals))

    def literal(self, k: Literal) -> str:
        """A comparison with 0."""
        return f"({RELATIONS[k.relation]}, {self.term(k.term)})"

    def _slope(self, slope: Slope | None) -> str:
        if slope is None:
            return "None"
        return f"(Some {INFINITE[slope]})" if isinstance(slope, str) else f"(Some (FiniteSlope {self.term(slope)}))"

    def _verdict(self, c: Conclusion | None) -> str:
        if isinstance(c, HasDeriv):
            return f"Differentiable {self.term(c.derivative)}"
        if isinstance(c, NotDifferentiable):
            return f"NotSmooth {REASONS[c.reason]} {self._slope(c.left)} {self._slope(c.right)}"
        return "NoValue" if isinstance(c, Undefined) else "Unknown"

    def map(self, c: Map) -> str:
        """The conclusion of a map."""
        rows = listed(f"({self.literals(piece)}, {self._verdict(v)})" for piece, v in c.pieces)
        vary = listed(self.symbol(name) for name in sorted(c.vary))
        return f"Map {vary} {self.term(c.term)} {self.literals(c.assume)} {rows}"

    def steps_text(self) -> list[str]:
        """The steps, in parts, and the whole."""
        parts = [self.steps[k : k + CHUNK] for k in range(0, len(self.steps), CHUNK)]
        named = [f"Definition steps_{k} : list (ref * step) := {_column(part)}." for k, part in enumerate(parts)]
        whole = " ++ ".join(f"steps_{k}" for k in range(len(parts)))
        return [*named, f"Definition steps : list (ref * step) := {whole}."]


def term_of(line: list[Any], made: dict[int, Term]) -> Term:
    """The term on a line of a certificate."""
    op, *args = line
    match op:
        case "rat":
            return T.rat(Fraction(args[0]))
        case "pi":
            return T.pi()
        case "var" | "d":
            return (T.var if op == "var" else T.tangent)(args[0], *(made[a] for a in args[1:]))
        case "idx":
            return T.idx(args[0])
        case "sum" | "max":
            return T.over(op, made[args[0]], made[args[1]])
        case "add" | "mul":
            return (T.add if op == "add" else T.mul)(made[args[0]], made[args[1]])
        case "pow":
            return T.power(made[args[0]], args[1])
        case "cond":
            return T.cond(args[0], *(made[a] for a in args[1:]))
    return T.unary(op, made[args[0]])


def _column(items: Sequence[str]) -> str:
    return "[\n  " + ";\n  ".join(items) + "]"


Writer = Callable[[Data, Any], str]


def _each(write: Writer) -> Writer:
    return lambda data, value: listed(write(data, v) for v in value)


def _maybe(write: Writer) -> Writer:
    return lambda data, value: "None" if value is None else f"(Some {write(data, value)})"


def _tuple(*writers: Writer) -> Writer:
    return lambda data, value: f"({', '.join(w(data, v) for w, v in zip(writers, value, strict=True))})"


def _term(data: Data, value: Any) -> str:
    return data.term(data.made[value])


def _rational(_: Data, value: Any) -> str:
    return rational(Fraction(value))


def _slope(data: Data, value: Any) -> str:
    return INFINITE[value] if isinstance(value, str) else f"(FiniteSlope {_term(data, value)})"


def _instance(data: Data, value: Any) -> str:
    """What stands for symbols, and for families, these with their ranks."""
    numbers = listed(f"({data.symbol(s)}, {_term(data, t)})" for s, t in value if "/" not in s)
    families = [(s, s.partition("/")[2], _term(data, t)) for s, t in value if "/" in s]
    return f"{numbers} {listed(f'({data.symbol(s)}, ({rank}%nat, {t}))' for s, rank, t in families)}"


_literal = _tuple(lambda _, relation: RELATIONS[relation], _term)

_WRITERS: Final[dict[str, Writer]] = {
    "ref": Data.ref,
    "refs": _each(Data.ref),
    "ref?": _maybe(Data.ref),
    "ref?s": _each(_maybe(Data.ref)),
    "term": _term,
    "terms": _each(_term),
    "bounds": lambda data, value: f"{_term(data, value[0])} {_term(data, value[1])}",
    "name": Data.symbol,
    "variable": lambda data, value: data.symbol(data.made[value].symbol),
    "binder": lambda _, value: BINDERS[value],
    "names": _each(Data.symbol),
    "literal": _literal,
    "piece": _each(_literal),
    "pieces": _each(_each(_literal)),
    "index": lambda _, value: f"{value}%nat",
    "onward": lambda _, value: "true" if value > 0 else "false",
    "slope": _slope,
    "entry": lambda _, value: "InvFact" if value == "inv" else camel(value),
    "orders": lambda _, value: f"{listed(map(str, value))}%Z",
    "products": _each(_tuple(_rational, _each(Data.ref), _each(_term))),
    "equations": _each(_tuple(_term, Data.ref)),
    "assignment": _each(_tuple(Data.symbol, _term)),
    "instance": _instance,
    "links": _each(_tuple(Data.symbol, Data.ref)),
    "direction": _each(_tuple(Data.symbol, _rational)),
}
