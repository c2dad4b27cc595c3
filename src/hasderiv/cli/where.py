"""``hasderiv where``: the map of a derivative."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import OK, Stop


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "where",
        help="where an op or an expression is differentiable",
        description="Print where an op of the catalogue, or an expression typed in, is differentiable, where it "
        "certainly is not (with one-sided derivatives and the value that the kernels return), and what is not covered.",
    )
    p.add_argument("target", metavar="OP_OR_EXPRESSION")
    p.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="fix a parameter exactly")
    p.add_argument("--at", metavar="P", help="only at one point: a number, or x=1,y=2")
    p.add_argument("--assume", action="append", default=[], metavar="CONDITION", help="for expressions: 'a > 0'")
    p.add_argument("--wrt", metavar="SYMBOL", help="for expressions: the variable")
    p.add_argument("--order", type=int, default=1, metavar="N", help="the derivative of order 2 or 3 of a smooth op")
    p.add_argument("--format", choices=("text", "json"), default="text")
    p.set_defaults(run=run)


def assignments(texts: list[str]) -> dict[str, str]:
    """``NAME=VALUE`` pairs."""
    out: dict[str, str] = {}
    for text in texts:
        name, equals, value = (s.strip() for s in text.partition("="))
        if not equals or not name.isidentifier() or not value:
            raise Stop(f"{text!r} is not NAME=VALUE")
        if name in out:
            raise Stop(f"{name} is given twice")
        out[name] = value
    return out


def point_of(text: str) -> str | dict[str, str]:
    """``0`` or ``x=0,y=1``."""
    return assignments(text.split(",")) if "=" in text else text


def run(args: argparse.Namespace) -> int:
    """Answer, as a table or as JSON."""
    from hasderiv.proofs import query

    if args.order != 1:
        return _higher(args)
    try:
        found = query.where(args.target, assume=args.assume, wrt=args.wrt, **assignments(args.param))
        answer = None if args.at is None else found.at(point_of(args.at))
    except query.QueryError as error:
        raise Stop(str(error)) from None
    if args.format == "json":
        content = (
            found.json() if answer is None else {"op": found.op, "variable": found.variable, "pieces": [answer.json()]}
        )
        json.dump(content, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return OK
    from hasderiv.report.tables import print_map, print_tensor_op

    if query.is_tensor_op(args.target.strip()):
        print_tensor_op(sys.stdout, found)
        return OK
    for part, answers in _parts(found) if answer is None else [(found, [answer])]:
        print_map(sys.stdout, f"{part.op} in {part.variable}", answers)
    return OK


def _higher(args: argparse.Namespace) -> int:
    """The derivative of order 2 or 3 of an op, by input."""
    from hasderiv.proofs import query
    from hasderiv.proofs.higher import higher
    from hasderiv.report.tables import print_map

    if args.target not in query.op_names():
        raise Stop(f"{args.target}: --order is for ops of the catalogue")
    if args.at is not None or args.assume or args.wrt is not None:
        raise Stop("--order goes with --param only")
    try:
        values = {name: query.constant(value) for name, value in assignments(args.param).items()}
        found = higher(args.target, args.order, values)
    except query.QueryError as error:
        raise Stop(str(error)) from None
    if args.format == "json":
        content = {
            "op": args.target,
            "order": args.order,
            "arguments": [{"variable": x, "pieces": [a.json() for a in answers]} for x, answers in found.items()],
        }
        json.dump(content, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return OK
    for x, answers in found.items():
        print_map(sys.stdout, f"{args.target}, order {args.order} in {x}", answers)
    return OK


def _parts(found: Any) -> list[tuple[Any, list[Any]]]:
    """The map; for several inputs each argument's map, then the joint one."""
    parts = [found.argument(m.variables[0]) for m in found.arguments]
    return [(p, list(p.pieces)) for p in [*parts, found]]
