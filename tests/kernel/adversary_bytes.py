"""Bad certificates for the reader: the byte form, the numbering, the sharing, the numbers; each beside a good one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hasderiv.proofs.kernel.certificate import fingerprint

from .kit import x

SPEC = fingerprint(x)
VX, ASSUME = ["var", "x"], ("assume", [[">", 0]])
Entry = tuple[str, str, str, bytes, bytes]


def write(
    *rows: object, claims: object = (1,), lines: object = None, n: dict[int, object] | None = None, head: object = None
) -> bytes:
    """A certificate of terms and steps, numbered and counted as they should be unless said otherwise."""
    numbered = [
        {"n": (n or {}).get(k, k), **({"term": row} if isinstance(row, list) else {"rule": row[0], "args": row[1]})}  # type: ignore[index]
        for k, row in enumerate(rows)
    ]
    objects = [
        head or {"format": 1, "spec": SPEC},
        *numbered,
        {"claims": claims, "lines": len(rows) if lines is None else lines},
    ]
    return b"".join(json.dumps(o, separators=(",", ":")).encode() + b"\n" for o in objects)


def number(q: object) -> bytes:
    """``q > 0`` assumed."""
    return write(["rat", q], ASSUME)


def _indices() -> Iterator[Entry]:
    """What binds an index must stand around it, and a family has at most nine."""
    vi, vn, claim = ["idx", 0], ["var", "n"], ("assume", [[">", 2]])
    rows = vn, vi, ["sum", 0, 1]
    good = write(*rows, claim, claims=[3])
    loose = "number 1 has a loose index"
    yield "index_in_a_hypothesis", "sum", loose, write(*rows, ("assume", [[">", 1]]), ("cut", [3, 3]), claims=[4]), good
    yield "index_in_a_range", "sum", "number 2 has a loose index", write(vn, vi, ["sum", 1, 0], claim, claims=[3]), good
    yield (
        "index_of_two_binders",
        "sum",
        "number 2 has a loose index",
        write(vn, ["idx", 1], rows[2], claim, claims=[3]),
        good,
    )
    yield "index_below_0", "sum", "not the number of a binder", write(vn, ["idx", -1], rows[2], claim, claims=[3]), good
    yield (
        "index_too_high",
        "sum",
        "not the number of a binder",
        write(vn, ["idx", 64], rows[2], claim, claims=[3]),
        good,
    )
    yield "index_by_name", "sum", "not an integer", write(vn, ["idx", "k"], rows[2], claim, claims=[3]), good
    yield "sum_of_nothing", "sum", "not an array of 2 items", write(vn, vi, ["sum", 0], claim, claims=[3]), good
    yield (
        "index_of_a_number",
        "sum",
        "not an array of 1 items",
        write(vn, ["idx", 0, 0], rows[2], claim, claims=[3]),
        good,
    )
    for name, twin, count in ("ten_indices", "nine_indices", 10), ("ten_indices_of_a_tangent", "nine_indices", 10):
        op = "d" if "tangent" in name else "var"
        low, high = ([vn, ["var", "x", *[0] * size], ("assume", [[">", 1]])] for size in (9, count))
        high[1] = [op, *high[1][1:]]  # type: ignore[index]
        yield name, twin, "at most 9 indices", write(*high, claims=[2]), write(*low, claims=[2])
    families = [vn, ["var", "x", 0], ("local", [["x/1"], 1, []])]
    plain = write(*families, claims=[2])
    for name, symbol in (
        ("rank_0", "x/0"),
        ("rank_10", "x/10"),
        ("rank_of_nothing", "x/"),
        ("family_of_tangents", "d x/1"),
    ):
        yield name, "family", "not a symbol", write(*families[:2], ("local", [[symbol], 1, []]), claims=[2]), plain
    whole = write(*families[:2], ("assume", [[">", 1]]), vi, ("instantiate", [2, [["x/1", 3]]]), claims=[4])
    for name, symbol in (("tangents_exchanged", "d x/1"), ("family_of_no_name", "/1")):
        rows = *families[:2], ("assume", [[">", 1]]), vi, ("instantiate", [2, [[symbol, 3]]])
        yield name, "family_exchanged", "not a symbol", write(*rows, claims=[4]), whole


def _composition() -> Entry:
    """A chain rule for families, which there is not: it would define ``z + 0 log(1 - i(z) z)`` near ``z = 0``.

    At ``z = 1/m`` the index ``i(z)``, which is ``floor(1/z)``, is ``m``, and the logarithm is that of 0.  The outer
    term ``v + 0 w[i(v)]`` is ``v``; each inner term ``log(1 - i z)`` is smooth near 0, and no one neighbourhood
    serves all.
    """
    rows: list[object] = [["var", "v"], ["rat", "0"], ["rat", "1"], ["rat", "-1"], ["inv", 0], ["floor", 4]]
    rows += [["cond", "!=", 0, 5, 1], ["var", "w", 6], ["mul", 1, 7], ["add", 0, 8], ("local", [["v"], 0, []])]
    rows += [["mul", 3, 0], ["add", 9, 11], ("arith", [["=", 12], [], []])]
    rows += [("assume", [["!=", 0]]), ("defined", [9, [14]]), ("assume", [["=", 0]]), ("defined", [9, [16]])]
    rows += [("cases", [["!=", 0], 15, 17]), ("replace", [10, 13, 18, []])]
    rows += [["var", "z"], ["var", "i"], ["mul", 21, 20], ["mul", 3, 22], ["add", 2, 23], ["log", 24]]
    rows += [("assume", [["=", 20]]), ["mul", 3, 21], ("arith", [[">", 24], [["1", [], []]], [[27, 26]]])]
    rows += [("local", [["z"], 25, [28]]), ("local", [["z"], 20, []])]
    last = "compose", [19, [["v", [], 30], ["w/1", [21], 29]]]
    bad = write(*rows, last, claims=[31])
    return "composition_of_families", "composition_of_none", "no rule named", bad, write(*rows, claims=[19, 29, 30])


def entries() -> Iterator[Entry]:
    """Name, name of the twin, reason, the bad certificate, the twin."""
    plain = write(VX, ASSUME)
    half, two, big = number("1/2"), number("2"), number("9" * 2000)
    form, terms = "not a rational number in the form", "not in lowest terms"
    rows: list[tuple[str, str, str, bytes, bytes]] = [
        ("rational_unreduced", "rational_half", terms, number("2/4"), half),
        ("rational_over_one", "rational_two", terms, number("2/1"), two),
        ("rational_over_zero", "rational_half", form, number("1/0"), half),
        ("rational_negative_denominator", "rational_half", form, number("1/-2"), half),
        ("rational_minus_zero", "rational_two", terms, number("-0"), two),
        ("rational_leading_zero", "rational_two", form, number("02"), two),
        ("rational_plus", "rational_two", form, number("+2"), two),
        ("rational_exponent", "rational_two", form, number("2e0"), two),
        ("rational_gigantic_exponent", "rational_two", form, number("1e999999999"), two),
        ("rational_decimal", "rational_half", form, number("0.5"), half),
        ("rational_blank", "rational_half", form, number(" 1/2"), half),
        ("rational_underscore", "rational_two", form, number("2_0"), two),
        ("rational_arabic_digit", "rational_two", form, number("\u0662"), two),
        ("rational_full_width_digit", "rational_two", form, number("\uff12"), two),
        ("rational_superscript", "rational_two", form, number("\u00b2"), two),
        ("rational_empty", "rational_two", form, number(""), two),
        ("rational_line_feed", "rational_two", form, number("2\n"), two),
        ("rational_integer", "rational_two", form, number(2), two),
        ("rational_float", "rational_half", form, number(0.5), half),
        ("rational_null", "rational_two", form, number(None), two),
        ("rational_array", "rational_two", form, number(["2"]), two),
        ("rational_huge", "rational_of_2000_digits", "more than 2000 digits", number("9" * 2001), big),
        ("rational_huge_negative", "rational_of_2000_digits", "more than 2000 digits", number("-" + "9" * 2000), big),
        (
            "rational_huge_denominator",
            "rational_of_2000_digits",
            "more than 2000 digits",
            number("1/" + "9" * 2001),
            big,
        ),
        (
            "sharing_that_loops",
            "sharing",
            "1 is not the number of an earlier line",
            write(["exp", 1], ["log", 0], ("assume", [[">", 1]]), claims=[2]),
            write(VX, ["log", 0], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "sharing_with_itself",
            "sharing",
            "0 is not the number of an earlier line",
            write(["exp", 0], ["log", 0], ("assume", [[">", 1]]), claims=[2]),
            write(VX, ["log", 0], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "forward_premise",
            "backward_premise",
            "3 is not the number of an earlier line",
            write(VX, ASSUME, ("cut", [1, 3]), ("cut", [1, 2]), claims=[3]),
            write(VX, ASSUME, ("cut", [1, 1]), ("cut", [1, 2]), claims=[3]),
        ),
        (
            "negative_reference",
            "plain",
            "-1 is not the number of an earlier line",
            write(VX, ("assume", [[">", -1]])),
            plain,
        ),
        (
            "huge_reference",
            "plain",
            "is not the number of an earlier line",
            write(VX, ("assume", [[">", 10**30]])),
            plain,
        ),
        (
            "true_as_reference",
            "plain",
            "is not the number of an earlier line",
            write(VX, ("assume", [[">", False]])),
            plain,
        ),
        (
            "null_as_reference",
            "plain",
            "is not the number of an earlier line",
            write(VX, ("assume", [[">", None]])),
            plain,
        ),
        (
            "array_as_reference",
            "plain",
            "is not the number of an earlier line",
            write(VX, ("assume", [[">", [0]]])),
            plain,
        ),
        (
            "claim_beyond_the_end",
            "plain",
            "2 is not the number of an earlier line",
            write(VX, ASSUME, claims=[1, 2]),
            plain,
        ),
        ("claim_of_a_term", "plain", "number 0 is not a theorem", write(VX, ASSUME, claims=[0, 1]), plain),
        ("claim_twice", "plain", "or stand twice", write(VX, ASSUME, claims=[1, 1]), plain),
        ("claims_empty", "plain", "the claims are missing", write(VX, ASSUME, claims=[]), plain),
        ("claims_no_array", "plain", "not an array", write(VX, ASSUME, claims=1), plain),
        ("claims_by_the_thousand", "plain", "or stand twice", write(VX, ASSUME, claims=[1] * 5000), plain),
        ("lines_by_the_billion", "plain", "the trailer counts other than 2", write(VX, ASSUME, lines=10**9), plain),
        ("lines_negative", "plain", "the trailer counts other than 2", write(VX, ASSUME, lines=-2), plain),
        ("lines_as_text", "plain", "the trailer counts other than 2", write(VX, ASSUME, lines="2"), plain),
        ("number_beyond", "plain", "numbered 7, not 1", write(VX, ASSUME, n={1: 7}), plain),
        ("number_negative", "plain", "numbered -1, not 0", write(VX, ASSUME, n={0: -1}), plain),
        ("number_as_text", "plain", 'numbered "1", not 1', write(VX, ASSUME, n={1: "1"}), plain),
        (
            "spec_missing",
            "plain",
            "not an object with the fields format, spec",
            write(VX, ASSUME, head={"format": 1}),
            plain,
        ),
        ("spec_too_short", "plain", "not a sha256", write(VX, ASSUME, head={"format": 1, "spec": SPEC[:-1]}), plain),
        (
            "format_of_tomorrow",
            "plain",
            "format 3 is unknown",
            write(VX, ASSUME, head={"format": 3, "spec": SPEC}),
            plain,
        ),
        ("trailing_object", "plain", "not an object with the fields", plain + b"{}\n", plain),
        ("trailing_certificate", "plain", "not an object with the fields", plain + plain, plain),
        ("trailing_blank", "plain", "cut short", plain + b" ", plain),
        ("trailing_zero_byte", "plain", "cut short", plain + b"\0", plain),
        (
            "duplicate_key",
            "plain",
            "not in canonical form",
            plain.replace(b'"term":["var","x"]', b'"term":["rat","1"],"term":["var","x"]'),
            plain,
        ),
        (
            "duplicate_claims",
            "plain",
            "not in canonical form",
            plain.replace(b'"claims":[1]', b'"claims":[9],"claims":[1]'),
            plain,
        ),
        ("duplicate_spec", "plain", "not in canonical form", plain.replace(b'"spec":', b'"spec":"0","spec":'), plain),
        (
            "key_escaped",
            "plain",
            "not in canonical form",
            plain.replace(b'"term"', b'"\\u0074erm"').replace(b'"n":0,', b'"n":0,"term":0,'),
            plain,
        ),
        ("deep_nesting", "plain", "line 3:", plain.replace(b'[[">",0]]', b"[" * 20_000 + b"]" * 20_000), plain),
        ("name_with_an_accent", "plain", "not a name", plain.replace(b'"x"', b'"\\u00e9"'), plain),
        ("name_of_a_keyword", "plain", "not a name", plain.replace(b'"x"', b'"d x"'), plain),
        ("name_empty", "plain", "not a name", plain.replace(b'"x"', b'""'), plain),
        ("name_too_long", "plain", "not a name", plain.replace(b'"x"', b'"' + b"x" * 65 + b'"'), plain),
        (
            "power_zero",
            "power_two",
            "exponent not in 2..4096",
            write(VX, ["pow", 0, 0], ("assume", [[">", 1]]), claims=[2]),
            write(VX, ["pow", 0, 2], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "power_negative",
            "power_two",
            "exponent not in 2..4096",
            write(VX, ["pow", 0, -2], ("assume", [[">", 1]]), claims=[2]),
            write(VX, ["pow", 0, 2], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "power_beyond",
            "power_two",
            "exponent not in 2..4096",
            write(VX, ["pow", 0, 4097], ("assume", [[">", 1]]), claims=[2]),
            write(VX, ["pow", 0, 2], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "power_by_the_billion",
            "power_two",
            "not an integer of reasonable size",
            write(VX, ["pow", 0, 10**9], ("assume", [[">", 1]]), claims=[2]),
            write(VX, ["pow", 0, 2], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "rational_too_long",
            "rational_of_4000_characters",
            form,
            number("9" * 2000 + "/1" + "0" * 1999),
            number("9" * 2000 + "/1" + "0" * 1998),
        ),
        ("name_as_a_number", "plain", "not a name", write(["var", 5], ASSUME), plain),
        (
            "function_of_nothing",
            "function",
            "app: not terms",
            write(["app", "f"], ASSUME),
            write(VX, ["app", "f", 0], ("assume", [[">", 1]]), claims=[2]),
        ),
        (
            "fact_named_by_an_array",
            "fact",
            "not a name",
            write(("fact", [["exp_zero"], [], [], []]), claims=[0]),
            write(("fact", ["exp_zero", [], [], []]), claims=[0]),
        ),
        *_indices(),
        _composition(),
        ("header_as_an_array", "plain", "not an object", b'["format","spec"]' + plain[plain.index(b"\n") :], plain),
        ("spec_as_a_number", "plain", "not a sha256", write(VX, ASSUME, head={"format": 1, "spec": 5}), plain),
        (
            "pi_of_something",
            "pi",
            "not an array of 0 items",
            write(["pi", 5], ("assume", [[">", 0]]), claims=[1]),
            write(["pi"], ("assume", [[">", 0]]), claims=[1]),
        ),
        (
            "function_without_a_name",
            "pi",
            "no such operation",
            write(["app"], ("assume", [[">", 0]]), claims=[1]),
            write(["pi"], ("assume", [[">", 0]]), claims=[1]),
        ),
        (
            "rational_of_two_numbers",
            "rational",
            "not an array of 1 items",
            write(["rat", "1", "2"], ("assume", [[">", 0]]), claims=[1]),
            write(["rat", "1"], ("assume", [[">", 0]]), claims=[1]),
        ),
        ("nothing_at_all", "plain", "the claims are missing", write(claims=[]), plain),
    ]
    for name, twin, reason, bad, good in rows:
        yield f"reader.{name}", f"reader.good_{twin}", reason, bad, good
