"""Terms to readable text that the parser reads back: few parentheses, natural signs, familiar names.

The text of a term evaluates to the same number wherever the term does; sums and products are shown
flat, so reading it back may associate them differently.  Entries of families, sums and maxima (``x[i]``,
``sum(x[k] for k < n)``) are for readers alone; what counts gets a name that does not occur below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, count
from typing import Final, NamedTuple

from ..kernel import terms as T
from ..kernel.terms import Literal, Term
from .build import UNDEFINED, rational

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
MAX_SHOWN: Final = 20_000
MAX_NESTED: Final = 40
_SWAP: Final = {">": "<", ">=": "<=", "=": "=", "!=": "!="}
_WORDS: Final = {"=": "=", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


class _Shown(NamedTuple):
    """A product ``sign coefficient * above / below``; any other text is one factor of level ``level``."""

    negative: bool
    coefficient: Fraction
    above: tuple[str, ...]
    below: tuple[str, ...]
    level: int  # of the only factor, where there is one and nothing else


def _single(text: str, level: int) -> _Shown:
    return _Shown(False, Fraction(1), (text,), (), level)


def _bare(s: _Shown) -> bool:
    return not s.negative and s.coefficient == 1 and len(s.above) == 1 and not s.below


def _text(s: _Shown) -> tuple[str, int]:
    """The text and its level of precedence."""
    if _bare(s):
        return s.above[0], s.level
    above = list(s.above)
    below = list(s.below)
    if s.coefficient.numerator != 1 or not above:
        above.insert(0, str(s.coefficient.numerator))
    if s.coefficient.denominator != 1:
        below.insert(0, str(s.coefficient.denominator))
    text = "*".join(above)
    if below:
        text += "/" + (below[0] if len(below) == 1 else "(" + "*".join(below) + ")")
    level = _ATOM if len(above) == 1 and not below and not s.above else _PRODUCT
    return ("-" + text, _PRODUCT) if s.negative else (text, level)


def _factor(s: _Shown) -> tuple[str, ...]:
    """The factor that stands for ``s`` inside a product."""
    text, level = _text(s)
    return (text if level >= _POWER else f"({text})",)


def _product(a: _Shown, b: _Shown) -> _Shown:
    a, b = (p._replace(above=_factor(p), level=_ATOM) if _bare(p) else p for p in (a, b))
    return _Shown(a.negative != b.negative, a.coefficient * b.coefficient, a.above + b.above, a.below + b.below,
                  max(a.level, b.level) if len(a.above) + len(b.above) == 1 else _ATOM)  # fmt: skip


def _inverse(a: _Shown) -> _Shown:
    if not a.below and a.coefficient.denominator == 1 and a.coefficient != 0:
        if _bare(a):
            return _Shown(False, Fraction(1), (), _factor(a), _ATOM)
        return _Shown(a.negative, 1 / a.coefficient, (), a.above, _ATOM)
    return _Shown(False, Fraction(1), (), _factor(a), _ATOM)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2]} ... {text[-limit // 2 :]}"


def _sum_text(a: _Shown, b: _Shown) -> str:
    left, _ = _text(a)
    right, level = _text(b)
    if a.negative and not right.startswith("-"):
        return f"{right} - {left[1:]}"
    if b.negative and level == _PRODUCT:
        return f"{left} - {right[1:]}"
    if right.startswith("-") and level == _SUM and not right.startswith("-("):
        return f"{left} - {right[1:]}"  # -a + b, flat
    return f"{left} + {right}"


def _known(t: Term) -> tuple[str, tuple[Term, ...]] | None:
    """A conditional that is the definition of abs, max, min or sign."""
    relation, test, a, b = t.args
    assert isinstance(test, Term) and isinstance(a, Term) and isinstance(b, Term)
    if relation == ">=" and test is a and b is T.neg(a):
        return "abs", (a,)
    if relation == ">=" and test is _difference(a, b):
        return "max", (a, b)
    if relation == ">=" and test is _difference(b, a):
        return "min", (a, b)
    if relation == ">" and a is T.ONE and b is T.cond(">", T.neg(test), T.MINUS_ONE, T.ZERO):
        return "sign", (test,)
    return None


def _difference(a: Term, b: Term) -> Term:
    from .build import neg, sub

    return a if b is T.ZERO else neg(b) if a is T.ZERO else sub(a, b)


def _call(name: str, args: Sequence[_Shown]) -> _Shown:
    return _single(f"{name}({', '.join(_text(a)[0] for a in args)})", _ATOM)


def _conditional(t: Term, done: dict[Term, _Shown], limit: int) -> _Shown:
    known = _known(t)
    if known is not None and all(a in done for a in known[1]):
        return _call(known[0], [done[a] for a in known[1]])
    cases: list[str] = []
    node = t
    length = 0
    while node.op == "cond" and (node is t or _known(node) is None):
        tests, value, node = _case(node)
        shown = " | ".join(_conjunction(test, done, len(tests) > 1) for test in tests)
        cases.append(f"({_text(done[value])[0]}, {shown})")
        length += len(cases[-1])
        if length > limit:
            break
    if node is not UNDEFINED:
        cases.append(f"({_text(done[node])[0]}, True)")
    return _single(f"Piecewise({', '.join(cases)})", _ATOM)


def _split(t: Term) -> tuple[tuple[str, Term], Term, Term]:
    relation, test, a, b = t.args
    assert isinstance(test, Term) and isinstance(a, Term) and isinstance(b, Term)
    return (str(relation), test), a, b


def _case(t: Term) -> tuple[list[list[tuple[str, Term]]], Term, Term]:
    """The first case: its condition as an ``or`` of ``and``, its value, and what holds otherwise."""
    tests: list[list[tuple[str, Term]]] = []
    test, value, otherwise = _split(t)
    both = [test]
    while value.op == "cond" and value.args[3] is otherwise:  # nested conditions with one way out: and
        test, value, _ = _split(value)
        both.append(test)
    tests.append(both)
    while otherwise.op == "cond" and otherwise.args[2] is value and _known(otherwise) is None:
        test, _, otherwise = _split(otherwise)  # several ways in: or
        tests.append([test])
    return tests, value, otherwise


def _conjunction(tests: list[tuple[str, Term]], done: dict[Term, _Shown], inside: bool) -> str:
    parts = [_condition_text(relation, test, done) for relation, test in tests]
    if len(parts) == 1 and not inside:
        return parts[0]
    text = " & ".join(part if part.startswith(("Eq(", "Ne(")) else f"({part})" for part in parts)
    return f"({text})" if inside and len(parts) > 1 else text


def _node(t: Term, done: dict[Term, _Shown], limit: int, nesting: int) -> _Shown:
    op = t.op
    if op == "rat":
        value = rational(t)
        assert value is not None
        return _Shown(value < 0, abs(value), (), (), _ATOM)
    if op in ("var", "d"):
        index = ", ".join(_text(done[a])[0] for a in t.terms)
        return _single("d" * (op == "d") + str(t.args[0]) + f"[{index}]" * bool(index), _ATOM)
    if op in T.BINDERS:
        size, body = t.terms
        k = next(k for k in chain(("k",), (f"k{i}" for i in count(1))) if body.free.isdisjoint({k, f"d {k}"}))
        entry = T.opened(body, [T.var(k)], iter(range(T.MAX_OPENED)))
        inside = _text(_render(entry, limit, done, nesting + 1)[entry])[0] if nesting < MAX_NESTED else "..."
        return _single(f"{op}({inside} for {k} < {_text(done[size])[0]})", _ATOM)
    if op == "pi":
        return _single("pi", _ATOM)
    if op == "add":
        return _single(_sum_text(done[t.terms[0]], done[t.terms[1]]), _SUM)
    if op == "mul":
        return _product(done[t.terms[0]], done[t.terms[1]])
    if op == "inv":
        return _inverse(done[t.terms[0]])
    if op == "pow":
        base, level = _text(done[t.terms[0]])
        return _single(f"{base if level == _ATOM else f'({base})'}**{t.args[1]}", _POWER)
    if op == "cond":
        return _conditional(t, done, limit)
    name = str(t.args[0]) if op == "app" else op
    return _call(name, [done[a] for a in t.terms])


def _render(term: Term, limit: int, done: dict[Term, _Shown] | None = None, nesting: int = 0) -> dict[Term, _Shown]:
    done = {} if done is None else done
    for t in T.postorder(term):
        if t.loose or t in done:  # what is loose is shown by the binder around it, with a name for the index
            continue
        shown = _node(t, done, limit, nesting)
        if sum(map(len, shown.above)) + sum(map(len, shown.below)) > limit:
            shown = _single(_cut(_text(shown)[0], limit), _SUM)
        done[t] = shown
    return done


def show(term: Term, limit: int = MAX_SHOWN) -> str:
    """``term`` as text; one that would be longer than about ``limit`` characters is elided with ``...``."""
    return _cut(_text(_render(term, limit)[term])[0], limit + 5)


# --- conditions -----------------------------------------------------------------------------------
def _addends(t: Term, done: dict[Term, _Shown]) -> list[tuple[Term, _Shown]]:
    """The addends of a sum, signs of brackets carried inward."""
    result: list[tuple[Term, _Shown]] = []
    stack = [(t, False)]
    while stack:
        s, flipped = stack.pop()
        if s.op == "add":
            a, b = s.terms
            stack.extend(((b, flipped), (a, flipped)))
        elif s.op == "mul" and s.args[0] is T.MINUS_ONE and s.terms[1].op == "add":
            stack.append((s.terms[1], not flipped))
        else:
            result.append((s, done[s]._replace(negative=done[s].negative != flipped)))
    return result


def _negative(s: _Shown) -> bool:
    return s.negative and (bool(s.above) or s.coefficient != 0)


def _unwrapped(text: str) -> str:
    """``text`` without brackets around all of it."""
    depth = 0
    for i, ch in enumerate(text):
        depth += (ch == "(") - (ch == ")")
        if depth == 0:
            return text[1:-1] if i == len(text) - 1 and text.startswith("(") else text
    return text


def _side(parts: list[_Shown]) -> str:
    if not parts:
        return "0"
    text = _unwrapped(_text(parts[0])[0]) if len(parts) == 1 else _text(parts[0])[0]
    for p in parts[1:]:
        text = _sum_text(_single(text, _SUM), p)
    return text


class _Sides(NamedTuple):
    left: str
    relation: str
    right: str


_FIRST: Final = ("x", "y", "t", "z")


def _rank(t: Term) -> int:
    """How much a symbol of the term wants to stand on the left: inputs before parameters before constants."""
    if not t.free:
        return 0
    return 2 if any(name in t.free for name in _FIRST) else 1


def _isolated(relation: str, addends: list[tuple[Term, _Shown]]) -> _Sides | None:
    """``c x + rest relation 0`` with a symbol ``x`` that the rest has not, solved for ``x``."""
    candidates = []
    for i, (a, s) in enumerate(addends):
        if len(a.free) == 1 and len(s.above) == 1 and not s.below and s.above[0] in a.free and s.coefficient != 0:
            name = s.above[0]
            if all(name not in b.free for k, (b, _) in enumerate(addends) if k != i):
                preference = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (not s.negative)
                candidates.append((preference, i))
    if not candidates:
        return None
    i = min(candidates)[1]
    symbol, c = addends[i][1], addends[i][1].coefficient
    rest = [s for k, (_, s) in enumerate(addends) if k != i]
    if c != 1 and len(rest) > 1:
        return None
    moved = [s._replace(coefficient=s.coefficient / c, negative=s.negative == symbol.negative) for s in rest]
    if any(not s.negative for s in moved) and moved[0].negative:  # 1 - alpha, not -alpha + 1
        moved.sort(key=lambda s: s.negative)
    return _Sides(symbol.above[0], _SWAP[relation] if symbol.negative else relation, _side(moved))


def _sides(relation: str, term: Term, done: dict[Term, _Shown]) -> _Sides:
    """``term relation 0``: solved for a symbol, else with the negative part on the other side."""
    addends = _addends(term, done)
    solved = _isolated(relation, addends)
    if solved is not None:
        return solved
    plus = [(a, s) for a, s in addends if not _negative(s) and (a.free or len(addends) == 1)]
    minus = [(a, s._replace(negative=False)) for a, s in addends if _negative(s) and a.free]
    constants = [s for a, s in addends if not a.free and len(addends) > 1]
    if not plus and not minus:
        return _Sides(_side([s for _, s in addends]), relation, "0")
    weight = [max((_rank(a) for a, _ in side), default=-1) for side in (plus, minus)]
    flip = weight[1] > weight[0]
    left, right = (minus, plus) if flip else (plus, minus)
    shown_left, shown_right = [s for _, s in left], [s for _, s in right]
    shown_right += [s if flip else s._replace(negative=not s.negative) for s in constants]
    c = shown_left[0].coefficient if len(shown_left) == 1 and shown_left[0].above else Fraction(0)
    if c and not right and len(constants) <= 1:  # divide by the coefficient
        shown_left = [shown_left[0]._replace(coefficient=Fraction(1))]
        shown_right = [s._replace(coefficient=s.coefficient / c) for s in shown_right]
    return _Sides(_side(shown_left), _SWAP[relation] if flip else relation, _side(shown_right))


def _condition_text(relation: str, term: Term, done: dict[Term, _Shown]) -> str:
    s = _sides(relation, term, done)
    if s.relation in ("=", "!="):
        return f"{'Eq' if s.relation == '=' else 'Ne'}({s.left}, {s.right})"
    return f"{s.left} {s.relation} {s.right}"


def show_literal(literal: Literal, limit: int = MAX_SHOWN) -> str:
    """``x > 0``, ``x = lo``, ``x < alpha``: the literal with its terms sorted onto two sides."""
    s = _sides(literal.relation, literal.term, _render(literal.term, limit))
    return f"{s.left} {s.relation} {s.right}"


def show_conditions(literals: Sequence[Literal], limit: int = MAX_SHOWN) -> str:
    """A conjunction: ``a < x < b`` where a lower and an upper bound meet, the rest joined by ``and``."""
    sides = [_sides(lit.relation, lit.term, _render(lit.term, limit)) for lit in literals]
    used: set[int] = set()
    result: list[str] = []
    for i, s in enumerate(sides):
        if i in used:
            continue
        partner = None
        if s.relation in (">", ">=", "<", "<="):
            wanted = ("<", "<=") if s.relation in (">", ">=") else (">", ">=")
            partner = next((j for j in range(i + 1, len(sides)) if j not in used and sides[j].left == s.left
                            and sides[j].relation in wanted), None)  # fmt: skip
        if partner is None:
            result.append(f"{s.left} {_WORDS[s.relation]} {s.right}")
            continue
        used.add(partner)
        lower, upper = (s, sides[partner]) if s.relation in (">", ">=") else (sides[partner], s)
        result.append(f"{lower.right} {lower.relation.replace('>', '<')} {s.left} {upper.relation} {upper.right}")
    return " and ".join(result) if result else "always"
