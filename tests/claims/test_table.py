"""Claims tables: what is read, and the one line that says what is wrong with the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from hasderiv.proofs.claims.table import Claim, ClaimError, load, loads, positions

GOOD = """# a comment with [[claim]] in it

[[claim]]
name = "one"
expr = "x**2"
wrt = "x"
derivative = "2*x"
assume = []
params = {}
truth = "never read, so it may be anything"

[[claim]]
name = "two"
expr = "Max(x, m)"
wrt = "x"
derivative = "Piecewise((1, x > m), (0, True))"
assume = ["Ne(x, m)", "(x > 0) | (x < -1)"]
params = {m = "m > 0"}
"""


def entry(**fields: str) -> str:
    """One claim as TOML, the fields given as TOML values."""
    base = {"name": '"c"', "expr": '"x**2"', "wrt": '"x"', "derivative": '"2*x"', "assume": "[]", "params": "{}"}
    return "[[claim]]\n" + "".join(f"{k} = {v}\n" for k, v in {**base, **fields}.items() if v)


def only(text: str) -> Claim | ClaimError:
    (found,) = loads(text.encode(), "t.toml")
    return found


def test_claims_have_their_lines_and_cases() -> None:
    one, two = loads(GOOD.encode(), "t.toml")
    assert isinstance(one, Claim) and isinstance(two, Claim)
    assert (one.name, one.line, one.cases) == ("one", 3, ((),))
    assert (two.name, two.line, len(two.cases)) == ("two", 12, 2)
    assert all(len(case) == 3 for case in two.cases)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (entry(expr='"nosuch(x)"'), 3, "expr: unknown function nosuch"),
        (entry(derivative='"2*z"'), 5, "the symbol z is not declared"),
        (entry(assume='["w > 0"]'), 6, "the symbol w is not declared"),
        (entry(params='{m = "k > 0"}'), 7, "the symbol k is not declared"),
        (entry(derivative='"2*x +"'), 5, "derivative: expected an expression"),
        (entry(derivative='"2*x*0.5"'), 5, "decimals are not allowed"),
        (entry(derivative='"__import__(1)"'), 5, "derivative: "),
        (entry(derivative=""), 1, "derivative is missing"),
        (entry(derivative='""'), 5, "derivative is empty"),
        (entry(derivative="2"), 5, "derivative has to be a string, not an integer"),
        (entry(wrt='"x y"'), 4, "'x y' is not a symbol"),
        (entry(assume='"x > 0"'), 6, "assume has to be a list of strings"),
        (entry(assume="[1]"), 6, "assume has to be a list of strings"),
        (entry(params="[]"), 7, "params has to be a table"),
        (entry(params="{a = 1}"), 7, "params has to be a table"),
        (entry(assume='["x + 1"]'), 6, "assume: "),
        (entry(source="3"), 8, "source has to be a string"),
        (entry(name='"a\\u0000b"'), 2, "name has to be one printable line"),
    ],
)
def test_a_faulty_claim_is_one_line(text: str, line: int, message: str) -> None:
    found = only(text)
    assert isinstance(found, ClaimError)
    assert found.line == line and message in found.message
    assert str(found).startswith(f"t.toml:{line}: claim ") and "\n" not in str(found)


def test_the_other_claims_of_a_table_survive_a_faulty_one() -> None:
    found = loads((entry(expr='"nosuch(x)"') + entry(name='"d"')).encode(), "t.toml")
    assert [type(f) for f in found] == [ClaimError, Claim]


def test_a_name_used_twice() -> None:
    _, second = loads((entry() + entry()).encode(), "t.toml")
    assert isinstance(second, ClaimError) and second.line == 9
    assert second.message == "the name is used twice (first in line 1)"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"[[claim]]\nname = \n", "t.toml:2: not TOML: Invalid value"),
        (b"[[claim]\n", "t.toml:1: not TOML: "),
        (b'[[claim]]\nname = "a', "t.toml:2: not TOML: "),
        (b"\n\n\xff\n", "t.toml:3: not UTF-8 text"),
        (b"", "t.toml: makes no claim"),
        (b"# nothing\n", "t.toml: makes no claim"),
        (b"claim = []\n", "t.toml: makes no claim"),
        (b"claim = 3\n", "t.toml: makes no claim"),
        (b"a = " + b"[" * 100_000, "t.toml"),
    ],
)
def test_a_file_that_is_no_table_is_one_line(raw: bytes, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        loads(raw, "t.toml")
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ClaimError, match=r"nowhere\.toml: cannot be read: No such file"):
        load(Path("nowhere.toml"))


def test_lines_are_right_behind_strings_of_every_kind() -> None:
    text = '''x = """
[[claim]]
"""  # [[claim]]
y = \'\'\'
[[claim]] \\
\'\'\'
z = [
"[[claim]]",
]
w = "a\\"[[claim]]"
[[ claim ]]
name = """
a"""
expr = 'b'
["claim"]
[[claim]]
'''
    assert [(p.start, p.keys) for p in positions(text)] == [(11, {"name": 12, "expr": 14}), (16, {})]


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    (claim,) = loads(b"\xef\xbb\xbf" + entry(derivative='"z"').replace("\n", "\r\n").encode(), "t.toml")
    assert isinstance(claim, ClaimError) and claim.line == 5


def test_a_symbol_may_have_the_name_of_a_constant_or_a_function() -> None:
    claim = only(entry(expr='"E*x + beta"', derivative='"E"', params='{E = "", beta = ""}'))
    assert isinstance(claim, Claim) and claim.expr.free == {"E", "x", "beta"}


def test_a_condition_that_never_holds_leaves_no_case() -> None:
    claim = only(entry(assume='["False"]'))
    assert isinstance(claim, Claim) and claim.cases == ()
