"""Surface Terms to op lists.

Two kinds of rewriting happen here, and no other: a function that the Term names (or spells out, as
``exp(u) - 1`` does ``expm1(u)``) is computed by the routine for it, and an identity over the reals is used
where the other side rounds better:

======================  ============================================
``1 - tanh(u)**2``      ``4 z/(1+z)**2`` with ``z = exp(-2 abs u)``
``1 - sigmoid(u)``      ``sigmoid(-u)``
``1 +- tanh(u)``        ``2 sigmoid(+-2u)``
``1 -+ erf(u)``         ``erfc(+-u)``
``c**2 - u**2``         ``(c-u)(c+u)``
``sqrt(a**2 + b**2)``   ``hypot(a, b)``
``sqrt(u**2 - c**2)``   ``sqrt(abs u - c) sqrt(abs u + c)``
``exp(-u**2)``          the square split in two, see :mod:`.elementary`
``a - b > 0``           ``a > b``
======================  ============================================
"""

from __future__ import annotations

import math
from fractions import Fraction

from hasderiv.proofs.kernel.terms import Literal, Term, pi, postorder, power, rat, unary

from . import elementary
from .evaluate import constant, expand
from .factors import Product, addends, collected, less_tanh, merged, product, square_root_of
from .ranges import Range, ranges
from .ssa import OpList

NAMES = {"ceiling": "ceil", "round": "rint", "Abs": "abs"}


def is_power_of_two(value: Fraction) -> bool:
    """Whether multiplying by ``value`` is exact."""
    n, d = abs(value.numerator), value.denominator
    return n != 0 and n & (n - 1) == 0 and d & (d - 1) == 0


class Lowering:
    """Emits Terms into one op list; equal subterms are emitted once.

    Products are multiplied in the order in which they are written, since an author's order keeps partial products
    from overflowing.  ``reorder`` is for Terms that a machine wrote: bounded factors come first.
    """

    def __init__(self, code: OpList, known: dict[str, Range] | None = None, reorder: bool = False) -> None:
        self.code = code
        self.reorder = reorder
        self.known = known or {}
        self.values: dict[Term, int] = {}
        self.ranges: dict[Term, Range] = {}

    def value(self, t: Term) -> int:
        """The value of ``t``.  Deep terms are taken in order, so recursion stays shallow."""
        self.ranges.update(ranges(t, known=self.known))
        for s in postorder(t) if len(postorder(t)) > 300 else ():
            self._memo(s)
        return self._memo(t)

    def _memo(self, t: Term) -> int:
        found = self.values.get(t)
        if found is None:
            found = self.values[t] = self._emit(t)
        return found

    def range_of(self, t: Term) -> Range:
        """Where the values of ``t`` lie."""
        if t not in self.ranges:
            self.ranges.update(ranges(t, known=self.known))
        return self.ranges[t]

    def _emit(self, t: Term) -> int:
        k = self.code
        if t.op == "var":
            return k.input(str(t.args[0]))
        if not t.free:
            value = constant(t)
            return k.special("nan") if value is None else k.const(value)
        if t.op == "add":
            return self._sum(t)
        if t.op in ("mul", "inv"):
            return self._product(product(t, self.reorder))
        if t.op == "pow":
            return k.power(self._memo(t.terms[0]), int(str(t.args[1])))
        if t.op == "cond":
            relation, test, yes, no = str(t.args[0]), *t.terms
            return k.select(self.condition(Literal(relation, test)), self._memo(yes), self._memo(no))
        if t.op == "sqrt":
            return self._root(t.terms[0])
        if t.op == "exp":
            return self._exp(t.terms[0])
        if t.op == "log":
            return self._log(t.terms[0])
        if t.op == "app" and t.args[0] == "erfc":
            return self._erfc(t.terms[0], Fraction(1))
        if t.op in ("sin", "cos"):
            return self._circular(t.op, t.terms[0])
        if t.op == "floor" and t.terms[0].op == "var":
            return k.call("floor", self._memo(t.terms[0]))
        name = NAMES.get(str(t.args[0]), str(t.args[0])) if t.op == "app" else t.op
        if name == "rsqrt":
            return k.div(k.const(1), k.sqrt(self._memo(t.terms[0])))
        if name in elementary.TABLE or name in elementary.OP_LISTS:
            return elementary.apply(k, name, *(self._memo(a) for a in t.terms))
        return self.value(expand(t))

    # sums
    def _sum(self, t: Term) -> int:
        k = self.code
        constant_part, parts = addends(t, self.reorder)
        if self.reorder:
            parts = merged(parts)
        values: list[tuple[bool, int]] = []
        for coefficient, p in list(parts):
            if constant_part != 0 and abs(coefficient) == abs(constant_part):
                found = self._one_and(constant_part, coefficient, p)
                if found is not None:
                    values.append((False, found))
                    parts.remove((coefficient, p))
                    constant_part = Fraction(0)
        gap = less_tanh(parts)
        if gap is not None:
            scale, u = gap
            values.append((False, k.mul(elementary.apply(k, "less_tanh", self._memo(u)), k.const(scale))))
            parts = []
        for coefficient, p in parts:
            factor = self._product(Product(abs(coefficient), p.above, p.below))
            values.append((coefficient < 0, factor))
        if constant_part != 0:
            values.append((constant_part < 0, k.const(abs(constant_part))))
        if not values:
            return k.const(0)
        first = next((i for i, (negative, _) in enumerate(values) if not negative), 0)
        values.insert(0, values.pop(first))  # begin with a term that is added; the order is otherwise kept
        negative, total = values[0]
        total = k.neg(total) if negative else total
        for negative, v in values[1:]:
            total = k.sub(total, v) if negative else k.add(total, v)
        return total

    def _one_and(self, one: Fraction, coefficient: Fraction, p: Product) -> int | None:
        """``one + coefficient * p`` with ``abs(coefficient) = abs(one)``, where a better form is known."""
        k = self.code
        root = square_root_of(p)
        if p.below or (len(p.above) != 1 and root is None):
            return None
        u = p.above[0] if root is None else power(root, 2)
        name = str(u.args[0]) if u.op == "app" else u.op
        scale = k.const(one)
        minus = one == -coefficient
        if name == "exp" and minus:
            return k.mul(k.call("expm1", self._memo(u.terms[0])), k.neg(scale))
        if name == "erf":
            return k.mul(self._erfc(u.terms[0], Fraction(1 if minus else -1)), scale)
        if name == "tanh":
            inner = k.mul(self._memo(u.terms[0]), k.const(-2 if minus else 2))
            return k.mul(elementary.apply(k, "sigmoid", inner), k.const(2 * one))
        if name == "sigmoid" and minus:
            return k.mul(elementary.apply(k, "sigmoid", k.neg(self._memo(u.terms[0]))), scale)
        if name == "pow" and u.args[1] == 2 and minus:
            base = u.terms[0]
            inside = str(base.args[0]) if base.op == "app" else base.op
            if inside == "tanh":
                return k.mul(elementary.apply(k, "sech_squared", self._memo(base.terms[0])), scale)
            if inside in ("sin", "cos"):
                other = k.call("cos" if inside == "sin" else "sin", self._memo(base.terms[0]))
                return k.mul(k.mul(other, other), scale)
            x, c = self._memo(base), k.const(1)
            return k.mul(k.mul(k.sub(c, x), k.add(c, x)), scale)
        return None

    # products and quotients
    def _product(self, p: Product) -> int:
        if self.reorder:
            return self._balanced(collected(p))
        k = self.code
        coefficient = p.coefficient
        bounded = next((f for f in p.above if self._bounded(f)), None) if len(p.above) > 1 and not p.below else None
        total = None
        for factor in p.above:
            v = self._memo(factor)
            if factor is bounded:  # the coefficient goes where it cannot overflow
                v, coefficient, bounded = k.mul(v, k.const(coefficient)), Fraction(1), None
            total = v if total is None else k.mul(total, v)
        if total is None:
            total, coefficient = k.const(coefficient), Fraction(1)
        elif is_power_of_two(coefficient) or not p.below:
            total, coefficient = k.mul(total, k.const(coefficient)), Fraction(1)
        for factor in p.below:
            total = self._divide(total, factor)
        return k.mul(total, k.const(coefficient))

    def _balanced(self, p: Product) -> int:
        """Factors above and below the line by turns, bounded ones first.

        Partial results then neither overflow nor vanish where the whole does not.
        """
        k = self.code
        above = sorted(p.above, key=lambda f: not self._bounded(f))
        below = list(p.below)
        if not above:
            total, coefficient = k.const(p.coefficient), Fraction(1)
        else:
            small = abs(p.coefficient) <= 1 or not below
            total = self._memo(above.pop(0))
            total, coefficient = (
                (k.mul(total, k.const(p.coefficient)), Fraction(1)) if small else (total, p.coefficient)
            )
        while above or below:
            if below:
                total = k.div(total, self._memo(below.pop(0)))
            if above:
                total = k.mul(total, self._memo(above.pop(0)))
        return k.mul(total, k.const(coefficient))

    def _bounded(self, factor: Term) -> bool:
        lo, hi = self.range_of(factor)
        return not (math.isinf(lo) or math.isinf(hi))

    def _divide(self, above: int, below: Term) -> int:
        """``above / below``, a square one factor at a time where its product could overflow."""
        k = self.code
        if below.op == "pow" and below.args[1] in (2, 3):
            lo, hi = self.range_of(below)
            if not (lo > 1e-6 and hi < 1e6) and k.value_of(above) is None:
                base = self._memo(below.terms[0])
                for _ in range(int(str(below.args[1]))):
                    above = k.div(above, base)
                return above
        return k.div(above, self._memo(below))

    # roots and exponentials
    def _root(self, u: Term) -> int:
        k = self.code
        one, parts = addends(u)
        squares = [(c, square_root_of(p)) for c, p in parts]
        if u.op == "add" and all(s is not None for _, s in squares):
            terms = [(c, s) for c, s in squares if s is not None]
            if len(terms) == 1 and one > 0 and terms[0][0] > 0:
                return k.call("hypot", self._scaled(*terms[0]), k.const(_root_of(one)))
            if len(terms) == 2 and one == 0 and all(c > 0 for c, _ in terms):
                return k.call("hypot", self._scaled(*terms[0]), self._scaled(*terms[1]))
            if len(terms) == 1 and one < 0 < terms[0][0]:
                x, c = k.call("abs", self._scaled(*terms[0])), k.const(_root_of(-one))
                return k.mul(k.sqrt(k.sub(x, c)), k.sqrt(k.add(x, c)))
        if u.op == "add" and len(parts) == 2 and one == 0:
            for (c, s), (other, p) in zip(squares, reversed(parts), strict=True):
                if (
                    s is not None
                    and c > 0
                    and other > 0
                    and not p.below
                    and len(p.above) == 1
                    and self.range_of(p.above[0])[0] >= 0
                ):
                    # a square plus a symbol >= 0, as in sqrt(x**2 + eps)
                    return k.call("hypot", self._scaled(c, s), k.sqrt(k.mul(self._memo(p.above[0]), k.const(other))))
        return k.sqrt(self._memo(u))

    def _scaled(self, c: Fraction, root: Term) -> int:
        return self.code.mul(self._memo(root), self.code.const(_root_of(c)))

    def _exp(self, u: Term) -> int:
        p = product(u)
        root = square_root_of(Product(Fraction(1), p.above, p.below))
        if (
            root is not None
            and p.coefficient < 0
            and is_power_of_two(p.coefficient)
            and p.coefficient <= Fraction(-1, 4)
            and root.op != "rat"
        ):
            return elementary.exp_minus_square(self.code, self._memo(root), -p.coefficient)
        if len(p.above) == 1 and not p.below and p.above[0].op != "rat":
            base = _log_argument(u)
            if base is not None:
                return elementary.apply(self.code, "exp2", self._memo(base))
        return self.code.call("exp", self._memo(u))

    def _log(self, u: Term) -> int:
        k = self.code
        one, parts = addends(u)
        if u.op == "add" and one == 1 and len(parts) == 1:
            c, p = parts[0]
            if c == 1 and p.above[0].op == "exp" and len(p.above) == 1 and not p.below:
                return elementary.apply(k, "softplus", self._memo(p.above[0].terms[0]))
            return k.call("log1p", self._product(Product(c, p.above, p.below)))
        return k.call("log", self._memo(u))

    def _erfc(self, u: Term, sign: Fraction) -> int:
        """``erfc(sign u)``."""
        k = self.code
        p = product(u)
        if p.above and abs(abs(p.coefficient) - elementary.ONE_OVER_ROOT_2) < Fraction(1, 10**45):
            one = sign if p.coefficient > 0 else -sign
            return elementary.apply(k, "erfc_over_root_2", self._product(Product(one, p.above, p.below)))
        return elementary.apply(k, "erfc", k.mul(self._memo(u), k.const(sign)))

    def _circular(self, name: str, u: Term) -> int:
        """``sin(pi v)`` and ``cos(pi v)`` without rounding ``pi v``: exactly 0 and +-1 where they are."""
        p = product(u)
        if p.coefficient == constant(pi()) and p.above:
            inner = self._product(Product(Fraction(1), p.above, p.below))
            return elementary.apply(self.code, name + "pi", inner)
        return self.code.call(name, self._memo(u))

    # conditions
    def condition(self, literal: Literal) -> int:
        """The truth value of a literal; ``a - b > 0`` is compared as ``a > b``, without rounding."""
        k = self.code
        relation, term = literal
        one, parts = addends(term)
        left = [(c, p) for c, p in parts if c > 0]
        right = [(-c, p) for c, p in parts if c < 0]
        if len(left) <= 1 and len(right) <= 1 and len(left) + len(right) + (one != 0) <= 2:
            a = self._side(left, one if one > 0 else Fraction(0))
            b = self._side(right, -one if one < 0 else Fraction(0))
            if not left and not right:
                a, b = k.const(one), k.const(0)
            elif len(left) + len(right) == 1 and (left or right)[0][0] != 1:
                # c x > d is x > d/c
                c = (left or right)[0][0]
                only = self._product((left or right)[0][1])
                bound = k.const(abs(one) / c)
                a, b = (only, bound) if left else (bound, only)
        else:
            a, b = self._memo(term), k.const(0)
        return k.compare({">": "gt", ">=": "ge", "=": "eq", "!=": "ne"}[relation], a, b)

    def _side(self, parts: list[tuple[Fraction, Product]], extra: Fraction) -> int:
        k = self.code
        if not parts:
            return k.const(extra)
        c, p = parts[0]
        return k.add(self._product(Product(c, p.above, p.below)), k.const(extra))


def _root_of(c: Fraction) -> Fraction:
    found = constant(unary("sqrt", rat(c)))
    if found is None:
        raise ValueError("the root of a negative number")
    return found


def _log_argument(u: Term) -> Term | None:
    """``b`` in ``b * log(2)``."""
    if u.op == "mul":
        for one, other in (u.terms, u.terms[::-1]):
            if one.op == "log" and one.terms[0].op == "rat" and one.terms[0].args[0] == 2:
                return other
    return None
