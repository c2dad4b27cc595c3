"""The kernel's own code altered in one place: a comparison, boolean operator, branch, constant, refusal, statement.

An alteration is named by its place (file and function) and by what the code says before and after, not by a line
number, so that a list of them outlives an edit elsewhere.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

KERNEL = Path(str(find_spec("hasderiv.proofs.kernel.terms").origin)).parent  # type: ignore[union-attr]
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.RShift: ast.LShift,
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
SPOKEN = {
    "refuse": 1,
    "KernelError": 0,
    "TypeError": 0,
    "CertificateError": 2,
    "expect": 2,
    "term_of": 1,
    "held": 1,
    "Fact": 3,
    "_one": 0,
    "_two": 0,
    "TypeVar": 0,
}
"""Which argument of what is called is a text for people, which no test need pin to the letter."""


class CodeMutation(NamedTuple):
    """One alteration: where, what is there and what stands instead, and which node of the file's tree it is."""

    file: str
    function: str
    change: str
    node: int
    new: ast.AST

    @property
    def place(self) -> str:
        """File and function."""
        return f"{self.file}: {self.function}" if self.function else self.file

    @property
    def name(self) -> str:
        """Place and change, which no other alteration has."""
        return f"{self.place}: {self.change}"

    def tree(self) -> ast.Module:
        """The altered module."""
        tree = _parse(self.file)
        parent, field, index = _parents(tree)[self.node]
        if index is None:
            setattr(parent, field, self.new)
        else:
            getattr(parent, field)[index] = self.new
        return ast.fix_missing_locations(tree)


def _parse(file: str) -> ast.Module:
    return ast.parse((KERNEL / file).read_text(encoding="utf-8"))


def _parents(tree: ast.Module) -> list[tuple[ast.AST, str, int | None]]:
    """For each node in the order of the walk: what it hangs on, by which field."""
    out: list[tuple[ast.AST, str, int | None]] = []
    _walk(tree, lambda node, parent, field, index: out.append((parent, field, index)))
    return out


def _walk(node, visit) -> None:  # type: ignore[no-untyped-def]
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                visit(child, node, field, index)
                _walk(child, visit)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _truth(value: bool) -> ast.Constant:
    return ast.Constant(value)


def _without(items: list, i: int) -> list:  # type: ignore[type-arg]
    return [*items[:i], *items[i + 1 :]]


def edits(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in place of a node."""
    match node:
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield _with(node, ops=[*ops[:i], other(), *ops[i + 1 :]])
        case ast.BoolOp(op=op, values=values):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            for i in range(len(values)):
                rest = _without(values, i)
                yield rest[0] if len(rest) == 1 else _with(node, values=rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.If() | ast.IfExp():
            yield _with(node, test=_truth(True))
            yield _with(node, test=_truth(False))
        case ast.While():
            yield _with(node, test=_truth(False))
        case ast.comprehension(ifs=ifs):
            for i in range(len(ifs)):
                yield _with(node, ifs=_without(ifs, i))
        case ast.match_case(guard=guard):
            if guard is not None:
                yield _with(node, guard=None)
            yield _with(node, guard=_truth(False))
        case ast.MatchOr(patterns=patterns):
            for i in range(len(patterns)):
                yield _with(node, patterns=_without(patterns, i))
        case ast.ExceptHandler(type=ast.Tuple(elts=kinds) as listed):
            for i in range(len(kinds)):
                yield _with(node, type=_with(listed, elts=_without(kinds, i)))
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=str(value)):
            yield ast.Constant(value + "?")
        case ast.Constant(value=bytes(value)):
            yield ast.Constant(value + b"?")
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            if isinstance(node, ast.AugAssign):
                yield ast.Pass()
            if type(op) in OPERATORS:
                yield _with(node, op=OPERATORS[type(op)]())
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield _with(node, func=ast.Name(CALLS[name], ast.Load()))
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
            yield ast.Pass()


def _silent(node: ast.AST, parent: ast.AST, field: str, index: int | None) -> bool:
    """Whether nothing below can matter: annotations, docstrings, texts for people, names of types."""
    if field in ("annotation", "returns") or isinstance(node, ast.Assert | ast.JoinedStr):
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and isinstance(parent, ast.Expr):
        return True
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and field == "args":
        return SPOKEN.get(parent.func.id) == index
    return False


def of_file(file: str) -> Iterator[CodeMutation]:
    """Every alteration of one file of the kernel."""
    tree = _parse(file)
    found: list[tuple[int, ast.AST, str, ast.AST]] = []
    muted: set[int] = set()
    places = {id(tree): ""}
    counter = 0

    def visit(node: ast.AST, parent: ast.AST, field: str, index: int | None) -> None:
        nonlocal counter
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        above = places[id(parent)]
        places[id(node)] = (f"{above}.{node.name}" if above else node.name) if named else above  # type: ignore[attr-defined]
        if id(parent) in muted or _silent(node, parent, field, index):
            muted.add(id(node))
        else:
            found.append((counter, node, places[id(node)], parent))
        counter += 1

    _walk(tree, visit)
    seen: Counter[tuple[str, str]] = Counter()
    for k, node, function, parent in found:
        for new in edits(node):
            change = f"{_text(node)}  ->  {_text(new)}"
            if isinstance(node, ast.Constant | ast.UnaryOp):
                change += f"  in  {_text(parent)[:60]}"
            seen[function, change] += 1
            again = seen[function, change]
            yield CodeMutation(file, function, change if again == 1 else f"{change}  ({again})", k, new)


def _text(node: ast.AST) -> str:
    """What the code says, in one line; of a statement with a body, its head."""
    if isinstance(node, ast.If | ast.While):
        return f"{type(node).__name__.lower()} {ast.unparse(node.test)}"
    if isinstance(node, ast.match_case):
        guard = "" if node.guard is None else f" if {ast.unparse(node.guard)}"
        return f"case {ast.unparse(node.pattern)}{guard}"
    if isinstance(node, ast.ExceptHandler):
        return f"except {ast.unparse(node.type) if node.type else ''}"
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
        return type(node).__name__
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()
    return " ".join(ast.unparse(node).split())


def code_mutations() -> list[CodeMutation]:
    """Every alteration of the kernel."""
    return [m for path in sorted(KERNEL.glob("*.py")) for m in of_file(path.name)]
