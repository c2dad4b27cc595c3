# ruff: noqa: E501 -- a row of a table reads best on one line
# fmt: off
"""Attacks on the rules about literals, definedness and the ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hasderiv.proofs.kernel.terms import app, pi, power
from hasderiv.proofs.kernel.theorems import Theorem

from .attack import EQ, FLOOR, GE, GT, INV, LOG, NE, ROOT, Args, Entry, base, pairs, product
from .kit import (
    ONE,
    ZERO,
    add,
    arith,
    cond,
    defined,
    dx,
    given,
    lit,
    local,
    mul,
    n,
    neg,
    number,
    rat,
    rule,
    sub,
    unary,
    var,
    x,
    y,
)


def literals() -> Iterator[Entry]:
    """Arithmetic, and the other rules about literals."""
    square = power(x, 2)
    yield from pairs("assume", ("on_a_tangent", "a tangent occurs", [lit("=", x)], [lit("=", dx)]))
    yield from pairs(
        "arith",
        ("negative_coefficient", "not positive", [lit(">", x), [product(1, GT)], []], [lit(">", neg(x)), [product(-1, GT)], []]),
        ("zero_coefficient", "not positive", [lit("!=", x), [product(1, GT)], []], [lit("!=", ZERO), [product(0, GT)], []]),
        ("equation_as_a_factor", "as a factor", [lit(">=", x), [product(1, GE)], []], [lit(">=", x), [product(1, EQ)], []]),
        ("strict_from_weak", "known to be positive", [lit(">", x), [product(1, GT)], []], [lit(">", x), [product(1, GE)], []]),
        ("strict_from_a_square", "known to be positive", [lit(">", square), [product(1, NE)], []], [lit(">", square), [product(1, squares=(x,))], []]),
        ("strict_from_nothing", "known to be positive", [lit(">=", ZERO), [], []], [lit(">", ZERO), [], []]),
        ("nonzero_factor_not_squared", "does not add up", [lit(">", square), [product(1, NE)], []], [lit(">", x), [product(1, NE)], []]),
        ("nonzero_from_weak", "known to be nonzero", [lit("!=", x), [product(1, NE)], []], [lit("!=", x), [product(1, GE)], []]),
        ("nonzero_from_a_square", "known to be nonzero", [lit("!=", square), [product(1, NE, NE)], []], [lit("!=", square), [product(1, squares=(x,))], []]),
        ("nonzero_from_two_products", "exactly one product", [lit(">", add(x, x)), [product(1, GT)] * 2, []], [lit("!=", add(x, x)), [product(1, GT)] * 2, []]),
        ("nonzero_from_nothing", "exactly one product", [lit("=", ZERO), [], []], [lit("!=", ZERO), [], []]),
        ("equation_from_a_product", "cannot prove an equation", [lit(">=", x), [product(1, GE)], []], [lit("=", x), [product(1, GE)], []]),
        ("cofactor_before_an_inequality", "not an equation", [lit("=", x), [], [(ONE, EQ)]], [lit("=", x), [], [(ONE, GE)]]),
        ("cofactor_too_large", "does not add up", [lit("=", mul(rat(2), x)), [], [(rat(2), EQ)]], [lit("=", mul(rat(2), x)), [], [(rat(3), EQ)]]),
        ("cofactor_of_the_wrong_sign", "does not add up", [lit("=", neg(x)), [], [(rat(-1), EQ)]], [lit("=", neg(x)), [], [(ONE, EQ)]]),
        ("product_left_over", "does not add up", [lit(">", x), [product(1, GT)], []], [lit(">", x), [product(1, GT), product(1, GT)], []]),
        ("off_by_one", "does not add up", [lit("=", sub(add(x, ONE), add(ONE, x))), [], []], [lit("=", sub(add(x, ONE), add(rat(2), x))), [], []]),
        ("inverse_cancelled", "does not add up", [lit("=", sub(mul(x, INV), mul(INV, x))), [], []], [lit("=", sub(mul(x, INV), ONE)), [], []]),
        ("operand_rearranged", "does not add up", [lit("=", sub(mul(LOG, y), mul(y, LOG))), [], []], [lit("=", sub(unary("log", mul(x, y)), unary("log", mul(y, x)))), [], []]),
    )
    few, wide, three = ZERO, ZERO, rat(3)
    for i in range(24):
        wide = add(wide, var(f"v{i}"))
        few = wide if i == 3 else few
    tower, number_of_bits = three, mul(three, three)
    for _ in range(60):
        number_of_bits = mul(number_of_bits, number_of_bits)
    for _ in range(3):
        tower = power(tower, 4096)
    yield from base(
        "arith", [lit("=", sub(power(few, 4), mul(power(few, 2), power(few, 2)))), [], []],
        ("more_products_than_allowed", "products of monomials", 0, lit("=", sub(power(wide, 8), mul(power(wide, 4), power(wide, 4))))),
        ("more_bits_than_allowed", "bits", 0, lit("=", sub(number_of_bits, number_of_bits))),
        ("power_of_a_power", "too large", 0, lit("=", sub(tower, tower))),
    )
    yield from base(
        "gap", [given(">", FLOOR)],
        ("weak_premise", "not t > 0", 0, given(">=", FLOOR)),
        ("half_an_integer", "not an integer for its form", 0, given(">", mul(rat(Fraction(1, 2)), FLOOR))),
        ("no_integer", "not an integer for its form", 0, given(">", add(FLOOR, x))),
        ("inverse_of_an_integer", "not an integer for its form", 0, given(">", unary("inv", FLOOR))),
    )
    nonneg = arith(">=", square, (1, [], [x]))
    clash = arith(">", ZERO, (1, [GT], []), (1, [given(">=", neg(x))], []))
    yield from base(
        "cases", [lit(">", x), arith(">=", square, (1, [GT, GT], [])), nonneg],
        ("other_conclusion", "the two conclusions differ", 2, arith(">=", power(x, 4), (1, [], [square]))),
        ("stricter_conclusion", "the two conclusions differ", 1, arith(">", square, (1, [GT, GT], []))),
    )
    yield from base(
        "cases", [lit(">", x), clash, given(">=", neg(x))],
        ("a_true_number_is_no_contradiction", "the two conclusions differ", 1, number(">", 1)),
        ("a_symbol_is_no_contradiction", "the two conclusions differ", 1, given(">", sub(x, x))),
    )
    weak = arith(">=", x, (1, [GT], []))
    yield from base("cut", [weak, GE], ("no_hypothesis", "no hypothesis", 1, GT), ("no_literal", "not Holds", 0, defined(x)))
    yield from base(
        "instantiate", [given("=", y), {"y": x}],
        ("of_a_derivative", "not Holds", 0, local(y)),
        ("of_definedness", "not Holds", 0, defined(y)),
        ("tangent_in_a_hypothesis", "a tangent occurs", 1, {"y": dx}),
    )
    hole = var("hole")
    yield from base(
        "congruence", [unary("log", hole), "hole", given("=", sub(x, y))],
        ("of_an_inequality", "not an equation", 2, given(">=", sub(x, y))),
        ("of_a_sum", "not an equation", 2, given("=", add(x, y))),
        ("of_another_form", "not an equation", 2, EQ),
        ("of_twice_subtracted", "not an equation", 2, given("=", add(x, mul(rat(-2), y)))),
    )
    named = given("=", sub(n, x))
    trivial = arith("=", sub(x, x), equations=[(ZERO, named)])
    yield from base(
        "freeze", ["n", x, trivial],
        ("in_the_conclusion", "occurs in the conclusion", 2, arith("=", sub(n, x), equations=[(ONE, named)])),
        ("in_another_hypothesis", "not fresh", 2, arith("=", sub(x, x), equations=[(ZERO, named), (ZERO, given("=", sub(n, y)))])),
        ("in_the_term", "not fresh", 1, add(n, ONE)),
        ("moves_in_the_conclusion", "occurs in the conclusion", 2, rule("local", frozenset({"n"}), x, [])),
    )


def definedness() -> Iterator[Entry]:
    """Definedness, and what has no value."""
    for op, good, weak in (("inv", NE, GE), ("log", GT, GE), ("log", GT, NE), ("sqrt", GE, NE)):
        condition = f"{op}_under_{ {'>=': 'nonnegative', '!=': 'nonzero'}[weak.conclusion.literal.relation]}"  # type: ignore[union-attr]
        yield from base("defined", [unary(op, x), [good]], (condition, f"operand of {op}", 1, [weak]))
    inner = unary("inv", INV)
    t = cond(">", LOG, ONE, unary("inv", y))
    on = given(">", LOG)
    yield from base("defined", [inner, [NE, given("!=", INV)]], ("inner_inverse", "operand of inv", 1, [given("!=", INV)]))
    yield from base(
        "defined", [t, [GT, on]],
        ("guard_undecided", "nothing decides the guard", 1, [GT]),
        ("guard_undefined", "operand of log", 1, [on]),
        ("branch_undefined", "operand of inv", 1, [GT, given(">=", neg(LOG))]),
    )
    gamma = app("gamma", x)
    yield from base(
        "defined", [gamma, [GT]],
        ("outside_a_cited_domain", "the domain of gamma", 1, [GE]),
        ("unknown_function", "no function nosuch", 0, app("nosuch", x)),
        ("number_of_arguments", "no function gamma of 2", 0, app("gamma", x, x)),
    )
    yield from base("undefined", [ROOT, [given(">", neg(x))]], ("sqrt_at_zero", "no premise names", 1, [EQ]), ("sqrt_at_most_zero", "no premise names", 1, [given(">=", neg(x))]))
    yield from base("undefined", [LOG, [given(">=", neg(x))]], ("log_off_zero", "no premise names", 1, [NE]))
    yield from base("undefined", [INV, [EQ]], ("inv_below_zero", "no premise names", 1, [given(">=", neg(x))]))
    broken, zero = cond(">", x, unary("inv", ZERO), x), number("=", 0)
    yield from base(
        "undefined", [broken, [zero, GT]],
        ("branch_not_taken", "no premise names", 1, [zero, given(">=", neg(x))]),
        ("branch_undecided", "no premise names", 1, [zero]),
    )
    no = given(">=", neg(x))
    yield from base(
        "conditional", [lit(">", x), y, ONE, GT],
        ("weak_premise", "does not decide", 3, GE),
        ("negation_of_another_guard", "does not decide", 3, given(">=", x)),
        ("at_the_seam", "does not decide", 3, EQ),
    )
    yield from base("conditional", [lit(">=", x), y, ONE, given(">", neg(x))], ("negation_too_weak", "does not decide", 3, no))


def ledgers() -> Iterator[Entry]:
    """The facts that need their hypotheses."""
    half = mul(rat(Fraction(1, 2)), pi())
    below = given(">", sub(pi(), x))
    rows: tuple[tuple[str, Args, list[Theorem], str, list[Theorem]], ...] = (
        ("inv", [x], [NE], "nonnegative", [GE]),
        ("exp_log", [x], [GT], "nonnegative", [GE]),
        ("sqrt_square", [x], [GE], "nonzero", [NE]),
        ("erf_pos", [x], [GT], "nonnegative", [GE]),
        ("sin_pos", [x], [GT, below], "no_upper_bound", [GT]),
        ("sin_pos", [x], [GT, below], "no_lower_bound", [below]),
        ("sin_pos", [x], [GT, below], "weak_lower_bound", [GE, below]),
    )
    for name, terms, good, condition, bad in rows:
        yield from base("fact", [name, [], terms, good], (f"{name}_{condition}", "the premises are not those", 3, bad))
        if len(good) == 1:
            yield from base("fact", [name, [], terms, good], (f"{name}_without_premise", "the premises are not those", 3, []))
    tan = [given(">", unary("cos", x)), given(">", add(x, half)), given(">", sub(half, x))]
    tan.append(given("=", sub(mul(y, unary("cos", x)), unary("sin", x))))
    for i, what in enumerate(("cosine", "lower_bound", "upper_bound", "tangent")):
        yield from base("fact", ["tan_atan", [], [x, y], tan], (f"tan_atan_without_{what}", "premises are not those", 3, [*tan[:i], *tan[i + 1 :]]))
    yield from base("fact", ["tan_atan", [], [x, y], tan], ("tan_atan_premises_swapped", "premises are not those", 3, [tan[1], tan[0], *tan[2:]]))
    yield from base(
        "fact", ["exp_taylor", [3], [x], []],
        ("exp_taylor_of_even_order", "the order must be odd", 1, [2]),
        ("order_zero", "from 1 to 60", 1, [0]),
        ("order_negative", "from 1 to 60", 1, [-1]),
        ("order_beyond", "from 1 to 60", 1, [61]),
        ("order_missing", "wrong number of arguments", 1, []),
        ("two_orders", "wrong number of arguments", 1, [3, 3]),
        ("no_operand", "wrong number of arguments", 2, []),
        ("unknown", "no entry named", 0, "exp_tailor"),
    )
    yield from base("fact", ["sin_taylor", [2], [x], [GE]], ("sin_taylor_without_premise", "premises are not those", 3, []))
    yield from base("fact", ["sin_taylor", [2], [x], [GE]], ("sin_taylor_of_another_operand", "premises are not those", 3, [given(">=", y)]))
    yield from base("fact", ["exp_pos", [], [x], []], ("order_for_no_series", "wrong number of arguments", 1, [1]), ("premise_left_over", "premises are not those", 3, [GT]))
    integer = given("=", sub(unary("floor", n), n))
    yield from base("cite", ["gamma_pos", [x], [GT]], ("gamma_pos_at_zero", "premises are not those", 2, [GE]), ("unknown", "no identity named", 0, "gamma_neg"))
    yield from base("cite", ["beta_pos", [x, y], [GT, given(">", y)]], ("premises_swapped", "premises are not those", 2, [given(">", y), GT]), ("one_argument", "wrong number", 1, [x]))
    yield from base(
        "cite", ["besselj_step", [n, x], [NE, integer]],
        ("order_no_integer", "premises are not those", 2, [NE]),
        ("recurrence_at_zero", "premises are not those", 2, [GE, integer]),
    )
