"""The proofs behind ``tests/certificates``: small ones by hand, and what must be refused when they are altered.

``python -m tests.kernel.corpus`` from the root writes files that are missing.  A good file is never written
again: a certificate of format 1 must stay readable, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hasderiv.proofs.kernel.certificate import fingerprint
from hasderiv.proofs.kernel.terms import Term, app
from hasderiv.proofs.kernel.theorems import Theorem

from .kit import (
    ONE,
    RECORDER,
    ZERO,
    X,
    arith,
    branch,
    cond,
    cube,
    defined,
    derivative,
    dx,
    given,
    lit,
    local,
    mul,
    neg,
    number,
    power,
    rat,
    relu,
    root_continuous,
    rule,
    same,
    side,
    step,
    sub,
    unary,
    x,
)

FOLDER = Path(__file__).resolve().parents[1] / "certificates"


def third_derivative_of_a_cube() -> tuple[Term, list[Theorem]]:
    first = derivative(cube, mul(rat(3), power(x, 2)))
    second = rule("higher", first, derivative(mul(rat(3), power(x, 2)), mul(rat(6), x)), [])
    return cube, [rule("higher", second, derivative(mul(rat(6), x), rat(6)), [])]


def logarithm() -> tuple[Term, list[Theorem]]:
    return unary("log", x), [derivative(unary("log", x), unary("inv", x), given(">", x))]


def gamma() -> tuple[Term, list[Theorem]]:
    t = app("gamma", x)
    return t, [derivative(t, mul(t, app("digamma", x)), given(">", x))]


def vertical_tangent() -> tuple[Term, list[Theorem]]:
    return unary("sqrt", x), [rule("no_derivative", [root_continuous()], None)]


def jump() -> tuple[Term, list[Theorem]]:
    at, above = given("=", x), given(">", x)
    no = arith(">=", neg(x), equations=[(rat(-1), at)])
    apart = arith(">", sub(ONE, step), (1, [], []), equations=[(rat(-1), branch(step, no))])
    near = [local(x), at, number(">", 1)]
    equal = same(step, ONE, (ONE, branch(step, above)))
    right = rule("side_jump", local(ONE), "x", 1, equal, defined(step, above), apart, defined(step, no), near)
    return step, [rule("no_derivative", [right], None)]


def glued() -> tuple[Term, list[Theorem]]:
    a, b = power(x, 2), neg(power(x, 2))
    t, at = cond(">", x, a, b), given("=", x)
    met = arith("=", sub(a, b), equations=[(mul(rat(2), x), at)])
    da, db = (local(s).conclusion.derivative for s in (a, b))  # type: ignore[union-attr]
    th = local(t, met, arith("=", sub(da, db), equations=[(mul(rat(4), dx), at)]))
    flat = rule("rewrite", th, arith("=", sub(da, mul(ZERO, dx)), equations=[(mul(rat(2), dx), at)]))
    return t, [rule("has_deriv", flat, defined(mul(ZERO, dx)))]


def relu_map() -> tuple[Term, list[Theorem]]:
    """x > 0, x = 0, x < 0: differentiable, corner, differentiable."""
    above, at, below = (lit(">", x),), (lit("=", x),), (lit(">", neg(x)),)
    pieces = [above, at, below]
    nonpos = given(">=", neg(x))
    zero = RECORDER.between(given(">=", x), nonpos)
    halves = (rule("within", pieces, 1, [zero]), rule("within", pieces, 2, [given(">", neg(x))]))
    covered = rule(
        "cases", lit(">", x), rule("within", pieces, 0, [given(">", x)]), rule("cases", lit(">=", x), *halves)
    )
    right, left = side(relu, x, 1, ONE), side(relu, ZERO, -1, ZERO)
    corner = rule("no_derivative", [left, right], arith("!=", sub(ZERO, ONE), (-1, [], [])))
    up = rule("has_deriv", local(relu, given(">", x)), defined(dx))
    flat = rule("rewrite", local(relu, given(">", neg(x))), same(ZERO, mul(ZERO, dx)))
    down = rule("has_deriv", flat, defined(mul(ZERO, dx)))
    apart = [
        arith(">", ZERO, (1, [given(">", x)], []), equations=[(rat(-1), given("=", x))]),
        arith(">", ZERO, (1, [given(">", x)], []), (1, [given(">", neg(x))], [])),
        arith(">", ZERO, (1, [given(">", neg(x))], []), equations=[(ONE, given("=", x))]),
    ]
    points = [
        rule("point", above, {"x": ONE}, [number(">", 1)]),
        rule("point", at, {"x": ZERO}, [number("=", 0)]),
        rule("point", below, {"x": rat(-1)}, [arith(">", neg(rat(-1)), (1, [], []))]),
    ]
    return relu, [rule("map", X, relu, (), covered, [up, corner, down], apart, points)]


GOOD: dict[str, Callable[[], tuple[Term, list[Theorem]]]] = {
    "cube_order_3": third_derivative_of_a_cube,
    "log": logarithm,
    "gamma_cited": gamma,
    "sqrt_vertical_tangent": vertical_tangent,
    "step_jump": jump,
    "x_abs_x_glued": glued,
    "relu_map": relu_map,
}


def good(name: str) -> bytes:
    """The certificate of one good proof."""
    spec, claims = GOOD[name]()
    return RECORDER.write(claims, spec)


def bad() -> dict[str, tuple[bytes, str]]:
    """Files that must be refused, and a part of the reason."""
    text = good("log")
    lines = text.split(b"\n")
    head, trailer = lines[0], lines[-2]

    def line(at: int, old: bytes, new: bytes) -> bytes:
        assert old in lines[at], (old, lines[at])
        return b"\n".join([*lines[:at], lines[at].replace(old, new, 1), *lines[at + 1 :]])

    def body(*rows: object, claims: object = (0,), count: int | None = None, spec: str = fingerprint(x)) -> bytes:
        """A certificate of the given terms and steps, numbered and counted as they should be."""
        numbered = [
            {"n": n, **({"term": row} if isinstance(row, list) else {"rule": row[0], "args": row[1]})}  # type: ignore[index]
            for n, row in enumerate(rows)
        ]
        last = {"claims": claims, "lines": len(rows) if count is None else count}
        objects = [{"format": 1, "spec": spec}, *numbered, last]
        return b"".join(json.dumps(o, separators=(",", ":")).encode() + b"\n" for o in objects)

    vx, x0 = ["var", "x"], ["rat", "0"]
    assume = ("assume", [[">", 0]])
    deep = b"[" * 100_000 + b"]" * 100_000
    return {
        "empty": (b"", "cut short"),
        "no_line_feed": (text[:-1], "cut short"),
        "cut_short": (b"\n".join(lines[:-4]) + b"\n", "not an object with the fields claims, lines"),
        "cut_in_a_line": (text[: len(text) // 2], "cut short"),
        "header_alone": (head + b"\n", "cut short"),
        "trailing_bytes": (text + b"{}\n", "not an object with the fields"),
        "trailing_line_feed": (text + b"\n", "not an object with the fields"),
        "carriage_returns": (text.replace(b"\n", b"\r\n"), "not in canonical form"),
        "byte_order_mark": (b"\xef\xbb\xbf" + text, "line 1: not"),
        "utf16": (head.decode().encode("utf-16-le") + text[len(head) :], "line 1: not"),
        "space": (line(1, b'"n":0,', b'"n": 0,'), "not in canonical form"),
        "space_at_the_end": (line(1, b"]}", b"]} "), "not in canonical form"),
        "key_order": (line(1, b'{"n":0,"term":["var","x"]}', b'{"term":["var","x"],"n":0}'), "not an object with"),
        "duplicate_key": (line(1, b'"n":0,', b'"n":7,"n":0,'), "not in canonical form"),
        "unknown_field": (line(1, b"]}", b'],"note":1}'), "not an object with the fields n, term"),
        "missing_field": (line(-2, b',"lines":', b',"line":'), "not an object with the fields claims, lines"),
        "escaped_letter": (line(1, b'"x"', b'"\\u0078"'), "not in canonical form"),
        "float_number": (line(1, b'"n":0', b'"n":0.0'), "numbered 0.0, not 0"),
        "float_exponent": (line(1, b'"n":0', b'"n":0e0'), "not in canonical form"),
        "minus_zero": (line(1, b'"n":0', b'"n":-0'), "not in canonical form"),
        "true_for_one": (line(0, b'"format":1', b'"format":true'), "format true is unknown"),
        "float_format": (line(0, b'"format":1', b'"format":1.0'), "format 1.0 is unknown"),
        "unknown_version": (line(0, b'"format":1', b'"format":3'), "format 3 is unknown"),
        "version_as_text": (line(0, b'"format":1', b'"format":"1"'), 'format "1" is unknown'),
        "short_fingerprint": (line(0, b'"spec":"', b'"spec":"0'), "not a sha256"),
        "upper_case_fingerprint": (head[:-66] + b"A" * 64 + b'"}\n' + text[len(head) + 1 :], "not a sha256"),
        "nan": (line(1, b'"n":0', b'"n":NaN'), "not JSON compliant"),
        "infinity": (body(["rat", float("inf")]), "not JSON compliant"),
        "float_rational": (body(["rat", 0.5]), "not a rational number in the form"),
        "integer_rational": (body(["rat", 1]), "not a rational number in the form"),
        "decimal_rational": (body(["rat", "0.5"]), "not a rational number in the form"),
        "exponent_rational": (body(["rat", "1e300000"]), "not a rational number in the form"),
        "leading_zero": (body(["rat", "01"]), "not a rational number in the form"),
        "plus_sign": (body(["rat", "+1"]), "not a rational number in the form"),
        "underscore": (body(["rat", "1_0"]), "not a rational number in the form"),
        "negative_zero": (body(["rat", "-0"]), "not in lowest terms"),
        "unreduced": (body(["rat", "2/4"]), "not in lowest terms"),
        "over_one": (body(["rat", "2/1"]), "not in lowest terms"),
        "over_zero": (body(["rat", "1/0"]), "not a rational number in the form"),
        "unicode_digit": (body(["rat", "\u0663"]), "not a rational number in the form"),
        "unicode_name": (body(["var", "\uff58"]), "not a name"),
        "huge_rational": (body(["rat", "9" * 2001]), "more than 2000 digits"),
        "huge_integer": (line(1, b'"n":0', b'"n":' + b"9" * 5000), "not JSON"),
        "huge_power": (body(vx, ["pow", 0, 4097], claims=[1]), "exponent not in 2..4096"),
        "power_one": (body(vx, ["pow", 0, 1], claims=[1]), "exponent not in 2..4096"),
        "power_true": (body(vx, ["pow", 0, True], claims=[1]), "not an integer of reasonable size"),
        "deep_nesting": (line(1, b'["var","x"]', deep), "line 2: not"),
        "deep_arguments": (line(4, b'"args":', b'"args":' + b"[" * 500 + b"]" * 500 + b',"x":'), "not an object with"),
        "number_skipped": (line(2, b'"n":1', b'"n":2'), "numbered 2, not 1"),
        "repeated_number": (line(2, b'"n":1', b'"n":0'), "numbered 0, not 1"),
        "forward_reference": (body(["log", 1], vx, claims=[0]), "1 is not the number of an earlier line"),
        "reference_to_itself": (body(["log", 0]), "0 is not the number of an earlier line"),
        "negative_reference": (body(vx, ["log", -1], claims=[1]), "-1 is not the number of an earlier line"),
        "true_reference": (body(x0, vx, ["log", True], claims=[2]), "true is not the number of an earlier line"),
        "float_reference": (body(vx, ["log", 0.0], claims=[1]), "0.0 is not the number of an earlier line"),
        "text_reference": (body(vx, ["log", "0"], claims=[1]), '"0" is not the number of an earlier line'),
        "term_for_a_theorem": (body(vx, ("gap", [0]), claims=[1]), "number 0 is not a theorem"),
        "theorem_for_a_term": (body(vx, assume, ["log", 1], claims=[2]), "number 1 is not a term"),
        "claim_is_a_term": (body(vx), "number 0 is not a theorem"),
        "no_claims": (body(vx, assume, claims=[]), "the claims are missing"),
        "claims_out_of_order": (body(vx, assume, ("assume", [["=", 0]]), claims=[2, 1]), "not in order"),
        "claim_twice": (body(vx, assume, claims=[1, 1]), "not in order, or stand twice"),
        "unused_term": (body(vx, x0, assume, claims=[2]), "number 1 is never used"),
        "unused_step": (body(vx, assume, ("assume", [["=", 0]]), claims=[1]), "number 2 is never used"),
        "repeated_term": (body(vx, vx, assume, claims=[2]), "written before"),
        "repeated_step": (body(vx, assume, assume, claims=[1, 2]), "written before"),
        "count_too_small": (body(vx, assume, claims=[1], count=1), "the trailer counts other than 2 lines"),
        "count_too_large": (body(vx, assume, claims=[1], count=3), "the trailer counts other than 2 lines"),
        "count_as_float": (body(vx, assume, claims=[1], count=2.0), "the trailer counts other than"),  # type: ignore[arg-type]
        "unknown_rule": (body(vx, ("sorry", [0]), claims=[1]), 'no rule named "sorry"'),
        "rule_is_a_list": (body(vx, (["assume"], [0]), claims=[1]), "no rule named"),
        "unknown_operation": (body(vx, ["tan", 0], claims=[1]), "no such operation"),
        "operation_is_a_list": (body(vx, [["log"], 0], claims=[1]), "no such operation"),
        "two_operands_missing": (body(vx, ["add", 0], claims=[1]), "not an array of 2 items"),
        "unknown_relation": (body(vx, ("assume", [["<", 0]]), claims=[1]), "not a comparison with 0"),
        "relation_is_a_list": (body(vx, ("assume", [[[">"], 0]]), claims=[1]), "not a comparison with 0"),
        "too_many_arguments": (body(vx, ("assume", [[">", 0], 0]), claims=[1]), "not an array of 1 items"),
        "arguments_no_array": (body(vx, ("assume", {"l": 0}), claims=[1]), "not an array"),
        "names_out_of_order": (body(vx, ("local", [["y", "x"], 0, []]), claims=[1]), "names are not in order"),
        "name_twice": (body(vx, ("local", [["x", "x"], 0, []]), claims=[1]), "names are not in order"),
        "name_of_a_tangent": (body(vx, ("local", [["d x"], 0, []]), claims=[1]), "not a symbol"),
        "long_name": (body(["var", "x" * 65]), "not a name"),
        "sign_beyond": (body(vx, ("side_limit", [0, "x", 10**7, 0, 0, [], 0, 0, 0]), claims=[1]), "reasonable size"),
        "not_utf8": (line(1, b'"x"', b'"\xff"'), "not JSON"),
        "lone_surrogate": (line(1, b'"x"', b'"\\ud800"'), "not a name"),
        "text_in_place_of_an_object": (b"\n".join([head, b'"n"', trailer, b""]), "not an object with"),
        "hypothesis_on_a_tangent": (body(["d", "x"], ("assume", [["=", 0]]), claims=[1]), "a tangent occurs"),
        "tangent_in_a_term": (body(["d", "x"], ("local", [["x"], 0, []]), claims=[1]), "a tangent occurs"),
        "altered_relation": (text.replace(b'[">",0]', b'[">=",0]'), "line 5: local: nothing shows that log"),
        "altered_operation": (
            text.replace(b'["log",0]', b'["sqrt",0]'),
            "line 13: rewrite: the equation is about another derivative",
        ),
    }


def write() -> None:
    """Write the corpus; good files that are there stay as they are."""
    for kind in ("good", "bad"):
        (FOLDER / kind).mkdir(parents=True, exist_ok=True)
    for name in GOOD:
        path = FOLDER / "good" / f"{name}.jsonl"
        if not path.exists():
            path.write_bytes(good(name))
    reasons = ["# What each file of this folder is refused for: a part of the message.\n"]
    for name, (data, reason) in bad().items():
        (FOLDER / "bad" / f"{name}.jsonl").write_bytes(data)
        reasons.append(f"{name} = {json.dumps(reason)}\n")
    (FOLDER / "bad" / "reasons.toml").write_text("".join(reasons), encoding="utf-8")


if __name__ == "__main__":
    write()
