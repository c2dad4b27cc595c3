"""The parser: what it accepts and how it reads it, what it refuses and with which words."""

from __future__ import annotations

import random
import time
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.language.evaluate import evaluate_exact
from hasderiv.proofs.language.parser import ParseError, parse, parse_condition
from hasderiv.proofs.language.printer import show_conditions, show_literal

X, Y = T.var("x"), T.var("y")
TABLES = sorted((Path(__file__).resolve().parents[3] / "shared" / "data").glob("claims_*.toml"))


def unary(op: str, a: T.Term) -> T.Term:
    return T.unary(op, a)


EXACT = {
    "x": X,
    "x/x": T.mul(X, unary("inv", X)),
    "0*(1/x)": T.mul(T.ZERO, unary("inv", X)),
    "x - y": T.add(X, T.mul(T.MINUS_ONE, Y)),
    "-x**2": T.neg(T.power(X, 2)),
    "(-x)**2": T.power(T.neg(X), 2),
    "x**2**3": T.power(X, 8),
    "x**-1": unary("inv", X),
    "x**-2": unary("inv", T.power(X, 2)),
    "x**0": T.add(T.mul(T.ZERO, X), T.ONE),
    "x**1": X,
    "x**(1/2)": unary("sqrt", X),
    "x**(-1/2)": unary("inv", unary("sqrt", X)),
    "x**(3/2)": T.power(unary("sqrt", X), 3),
    "x**(4/2)": T.power(X, 2),
    "-1/2*x": T.mul(T.rat(Fraction(-1, 2)), X),
    "2**x": unary("exp", T.mul(X, unary("log", T.rat(2)))),
    "E**x": unary("exp", X),
    "exp(1)**x": unary("exp", X),
    "x**y": T.app("pow", X, Y),
    "pow(x, y)": T.app("pow", X, Y),
    "x**(1/3)": T.app("pow", X, T.rat(Fraction(1, 3))),
    "10**16": T.rat(10**16),
    "(1/2)": T.rat(Fraction(1, 2)),
    "3*44715/1000000": T.rat(Fraction(134145, 1000000)),
    "1/0": unary("inv", T.ZERO),
    "log(x, 2)": T.mul(unary("log", X), unary("inv", unary("log", T.rat(2)))),
    "Max(x, y, 1)": T.app("max", T.app("max", X, Y), T.ONE),
    "Abs(x)": T.app("abs", X),
    "arctan(x)": unary("atan", X),
    "Piecewise((1, x > 0), (0, True))": T.cond(">", X, T.ONE, T.ZERO),
    "Piecewise((1, x < 0), (0, True))": T.cond(">", T.neg(X), T.ONE, T.ZERO),
    "Piecewise((1, x > 0))": T.cond(">", X, T.ONE, unary("inv", T.ZERO)),
    "Piecewise((x, (x > 0) & (y >= 1)), (y, True))": T.cond(">", X, T.cond(">=", T.add(Y, T.MINUS_ONE), X, Y), Y),
    "Piecewise((x, Eq(x, 0) | Ne(y, x)), (y, True))": T.cond("=", X, X, T.cond("!=", T.sub(Y, X), X, Y)),
    "Piecewise((x, ~(x > 0)), (y, True))": T.cond(">", X, Y, X),
    "select(x > 0, x, y)": T.cond(">", X, X, Y),
    "select(x, x, y)": T.cond("!=", X, X, Y),
    "elu(x, alpha=2)": T.app("elu", X, T.rat(2)),
    "elu(x)": T.app("elu", X, T.ONE),
    "besselj(1, x)": T.app("besselj", T.ONE, X),
    "zeta(x)": T.app("zeta", X, T.ONE),
    "beta + x": T.add(T.var("beta"), X),
    "x\n + y": T.add(X, Y),
}


@pytest.mark.parametrize("text", EXACT)
def test_reads(text: str) -> None:
    assert parse(text) is EXACT[text]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.044715", Fraction(44715, 10**6)),
        ("1e-6", Fraction(1, 10**6)),
        (".5", Fraction(1, 2)),
        ("2.", Fraction(2)),
    ],
)
def test_decimals_are_exact(text: str, value: Fraction) -> None:
    assert parse(text, decimals=True) is T.rat(value)


REFUSED = {
    "": "the text is empty",
    "x +": "expected an expression, found the end",
    "(x": "expected ')', found the end",
    "x)": "unexpected ')'",
    "2x": "unexpected 'x'; write * between factors",
    "x y": "unexpected 'y'; write * between factors",
    "x^2": "a power is written **",
    "x % 2": "write remainder(a, b)",
    "x // 2": "write floor(a/b)",
    "1.5*x": "decimals are not allowed here",
    "z": "the symbol z is not declared (declared: x, y)",
    "sgmoid(x)": "unknown function sgmoid; did you mean sigmoid?",
    "x.real": "unexpected character '.'",
    "x[0]": "use round brackets",
    "__import__('os')": "a name begins with a letter",
    "'a'": "unexpected character",
    "x; y": "unexpected character ';'",
    "lambda: x": "unexpected character ':'",
    "x if y else x": "unexpected 'if'",
    "oo": "oo (infinity) is not a real number",
    "I*x": "I (imaginary) is not a real number",
    "nan": "not a real number",
    "exp(x, y)": "exp takes 1 argument, not 2",
    "atan2(x)": "atan2 takes 2 arguments, not 1",
    "exp()": "exp takes 1 argument, not 0",
    "elu(x, beta=2)": "elu has no parameter beta (it has alpha)",
    "elu(x, alpha=1, alpha=2)": "alpha is given twice",
    "clamp(x)": "clamp needs the parameter lo",
    "exp(x, base=2)": "exp takes no named arguments",
    "x > 0": "a condition stands where a number is needed",
    "x + (x > 0)": "a condition stands where a number is needed",
    "Piecewise((x, y))": "a number stands where a condition is needed",
    "Piecewise()": "Piecewise takes 1 or more arguments, not 0",
    "Piecewise(x, y)": "expected '(' before a case of Piecewise",
    "x**5000": "a power beyond 4096 is too large",
    "x**10**400": "a power beyond 4096 is too large",
    "9**9**9**9": "too",
    "10**4000": "too many digits",
    "((10**900)**2)**2": "too many digits",
    "1" * 2001: "a number of more than 2000 digits",
    "(" * 250 + "x" + ")" * 250: "nested more than 200 deep",
    "-" * 250 + "x": "nested more than 200 deep",
    "x**" * 250 + "x": "nested more than 200 deep",
    "exp(" * 250 + "x" + ")" * 250: "nested more than 200 deep",
    "x\u2212y": "use the minus sign -",
    "\u03b1*x": "unexpected character",
    "a" * 70: "var: not a name",
    "x" + " " * 200_001: "longer than 200000 characters",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda t: ascii(t[:24]))
def test_refuses(text: str) -> None:
    names = None if text in ("a" * 70,) else ("x", "y")
    with pytest.raises(ParseError) as caught:
        parse(text, names)
    message = str(caught.value)
    assert REFUSED[text] in message
    assert "\n" not in message and len(message) < 400 and message.isascii() and message.isprintable()


def test_random_token_salad_is_an_error_or_a_term() -> None:
    rng = random.Random(11)
    words = [
        "x",
        "y",
        "1",
        "2",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "**",
        "<",
        ">=",
        "=",
        "&",
        "|",
        "~",
        "exp",
        "Piecewise",
        "True",
    ]
    words += ["Eq", "and", "not", "max", "elu", "alpha", "pi", "E", "0.5", "select", "log", " "]
    read = 0
    for _ in range(4000):
        text = " ".join(rng.choices(words, k=rng.randint(1, 9)))
        try:
            read += parse(text) is not None
        except ParseError as error:
            assert 0 <= error.column <= len(text) and "\n" not in str(error)
    assert read > 50


def test_names_that_sympy_reads_otherwise() -> None:
    assert parse("sinc(x)") is T.app("sinc", X)
    with pytest.raises(ParseError, match="write it out"):
        parse("sinc(x)", sympy=True)


def test_the_column_is_that_of_the_mistake() -> None:
    with pytest.raises(ParseError) as caught:
        parse("x + foo(x)", ["x"])
    assert caught.value.column == 4 and "column 5" in str(caught.value)


def test_nothing_is_run(tmp_path: Path) -> None:
    target = tmp_path / "made"
    for text in (f"open('{target}','w')", f"__import__('os').mkdir('{target}')", "exec(x)", "eval(x)"):
        with pytest.raises(ParseError):
            parse(text)
    assert not target.exists()


def test_the_limit_of_depth_is_reached_without_a_recursion_error() -> None:
    assert parse("(" * 199 + "x" + ")" * 199) is X
    assert parse("abs(" * 199 + "x" + ")" * 199).op == "app"


def test_long_texts_are_read_in_linear_time() -> None:
    start = time.perf_counter()
    term = parse("+".join(["x*y"] * 20_000))
    assert term.op == "add" and time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x > 0", ["x > 0"]),
        ("0 < x", ["x > 0"]),
        ("x < alpha", ["x < alpha"]),
        ("lo < hi", ["lo < hi"]),
        ("0 < x < 1", ["0 < x < 1"]),
        ("(x > 0) & (x <= 1)", ["0 < x <= 1"]),
        ("(x >= -lam) & (x <= lam)", ["-lam <= x <= lam"]),
        ("Ne(x, 0)", ["x != 0"]),
        ("x = lo", ["x = lo"]),
        ("x == lo", ["x = lo"]),
        ("x > 1/2", ["x > 1/2"]),
        ("2*x > 1", ["x > 1/2"]),
        ("(y > 0) | Ne(x, 0)", ["y > 0", "x != 0"]),
        ("~((x > 0) & (y > 0))", ["x <= 0", "y <= 0"]),
        ("x > 0 and not y > 0", ["x > 0 and y <= 0"]),
        ("And(x > 0, Or(y > 0, y < -1))", ["x > 0 and y > 0", "x > 0 and y < -1"]),
        ("True", ["always"]),
        ("False", []),
        ("Abs(x) < 1", ["abs(x) < 1"]),
        ("x > 1 - alpha", ["x > 1 - alpha"]),
        ("eps < 1/2", ["eps < 1/2"]),
        ("Eq(floor(n), n)", ["floor(n) = n"]),
    ],
)
def test_conditions(text: str, shown: list[str]) -> None:
    assert [show_conditions(c) for c in parse_condition(text)] == shown


@pytest.mark.parametrize("text", ["x", "x > ", "x > y > ", "~x > 0", "x & y", "Eq(x)", "(x > 0) > 1", "x > 0 &"])
def test_refuses_conditions(text: str) -> None:
    with pytest.raises(ParseError):
        parse_condition(text, ["x", "y"])


def test_a_condition_with_too_many_cases_is_refused() -> None:
    text = "&".join(f"((x > {i}) | (y > {i}))" for i in range(30))
    with pytest.raises(ParseError, match="more than 256 cases"):
        parse_condition(text)
    with pytest.raises(ParseError, match="more than 256 parts"):
        parse_condition("&".join(["(x > 0)"] * 300))


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.stem)
def test_reads_every_claim_of_a_table(path: Path) -> None:
    claims = tomllib.loads(path.read_text())["claim"]
    assert len(claims) > 50
    for claim in claims:
        assert evaluate_exact(parse(claim["wrt"]), {claim["wrt"]: 3}) == 3
        for key in ("expr", "derivative"):
            assert parse(claim[key], sympy=True).free <= parse(f"{claim['expr']} + {claim['wrt']}").free | set(
                claim["params"]
            )
        for text in [*claim["assume"], *filter(None, claim["params"].values())]:
            assert all(show_literal(literal) for conjunct in parse_condition(text) for literal in conjunct)


def test_tables_are_there() -> None:
    if not TABLES:
        pytest.skip("the tables of claims are not next to this checkout")


def test_the_cube_root_of_a_claims_table_is_sympys() -> None:
    assert parse("cbrt(x)", sympy=True) is parse("x**(1/3)", sympy=True)
    assert parse("cbrt(x)") is not parse("x**(1/3)")
