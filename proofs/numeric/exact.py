"""Exact real constants: rational combinations of ``sqrt(n)``, ``sqrt(n)*pi`` and ``sqrt(n)*log(p)``.

The square roots run over square-free ``n`` (``n = 1`` included) and the logarithms over primes ``p``.
By Baker's theorem these numbers are linearly independent over the rationals, so such a number is 0
exactly when all its coefficients are: equality with 0 is *decided* here, where a decimal expansion
could only fail to refute it.  A kink of a function lies at such a point more often than not.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, isqrt

#: (square-free n, kind) -> coefficient; kind is 0 for 1, 1 for pi, a prime p for log(p).
Exact = dict[tuple[int, int], Fraction]

MAX_BITS = 20_000
_TRIAL = 2_000


def of(value: int | Fraction) -> Exact:
    """The rational number ``value``."""
    return {(1, 0): Fraction(value)} if value else {}


PI: Exact = {(1, 1): Fraction(1)}


def rational(a: Exact) -> Fraction | None:
    """``a`` as a rational number, or None if it is none."""
    if not a:
        return Fraction(0)
    return a.get((1, 0)) if len(a) == 1 else None


def small(a: Exact) -> bool:
    """Whether the coefficients are short enough to go on computing with them."""
    return len(a) <= 12 and all(c.numerator.bit_length() + c.denominator.bit_length() < MAX_BITS for c in a.values())


def add(a: Exact, b: Exact) -> Exact:
    """``a + b``."""
    out = dict(a)
    for key, c in b.items():
        s = out.get(key, 0) + c
        if s:
            out[key] = s
        else:
            out.pop(key, None)
    return out


def mul(a: Exact, b: Exact) -> Exact | None:
    """``a * b``, or None where the product leaves the set (``pi * log(2)``)."""
    out: Exact = {}
    for (m, j), c in a.items():
        for (n, k), d in b.items():
            if j and k:
                return None
            g = gcd(m, n)
            out = add(out, {(m // g * (n // g), j or k): c * d * g})
    return out


def inv(a: Exact) -> Exact | None:
    """``1 / a`` for ``a`` not 0, or None where it is not in the set (or takes more than a single root)."""
    if len(a) == 1:
        ((n, kind), c), *_ = a.items()
        return None if kind else {(n, 0): 1 / (c * n)}
    if any(kind for _, kind in a) or len(a) != 2:
        return None
    # 1/(u + v) = (u - v)/(u^2 - v^2) for two square roots u and v.
    (m, c), (n, d) = ((key[0], coefficient) for key, coefficient in a.items())
    norm = c * c * m - d * d * n
    return {(m, 0): c / norm, (n, 0): -d / norm}


def _square_part(n: int) -> tuple[int, int] | None:
    """``(s, f)`` with ``n = s*s*f`` and f square-free, or None if n is too hard to factor here."""
    root = isqrt(n)
    if root * root == n:
        return root, 1
    s, f = 1, 1
    for p in range(2, _TRIAL):
        if p * p > n:
            break
        while n % (p * p) == 0:
            n //= p * p
            s *= p
        if n % p == 0:
            n //= p
            f *= p
    root = isqrt(n)
    if root * root == n:
        return s * root, f
    return (s, f * n) if n < _TRIAL**2 else None


def sqrt(a: Exact) -> Exact | None:
    """The square root of a non-negative rational, or None."""
    q = rational(a)
    if q is None or q < 0:
        return None
    if q == 0:
        return {}
    parts = _square_part(q.numerator * q.denominator)
    return None if parts is None else {(parts[1], 0): Fraction(parts[0], q.denominator)}


def _factors(n: int) -> dict[int, int] | None:
    out: dict[int, int] = {}
    for p in range(2, _TRIAL):
        if p * p > n:
            break
        while n % p == 0:
            n //= p
            out[p] = out.get(p, 0) + 1
    if n > 1:
        if n >= _TRIAL**2:
            return None
        out[n] = out.get(n, 0) + 1
    return out


def log(a: Exact) -> Exact | None:
    """The logarithm of a positive rational with small prime factors, or None."""
    q = rational(a)
    if q is None or q <= 0 or max(q.numerator, q.denominator).bit_length() > 200:
        return None
    up, down = _factors(q.numerator), _factors(q.denominator)
    if up is None or down is None:
        return None
    return {(1, p): Fraction(k) for p, k in up.items()} | {(1, p): Fraction(-k) for p, k in down.items()}


def exp(a: Exact) -> Exact | None:
    """``exp(q1 log p1 + ...)`` for integers and halves of integers ``q``, or None."""
    value: Exact = of(1)
    for (n, p), c in a.items():
        if n != 1 or p < 2 or c.denominator > 2 or abs(c) > 64:
            return None
        factor = of(Fraction(p) ** int(c)) if c.denominator == 1 else sqrt(of(Fraction(p) ** c.numerator))
        product = None if factor is None else mul(value, factor)
        if product is None:
            return None
        value = product
    return value


_SIN = {  # sin(k pi/12) for the k where it is a rational multiple of one square root
    0: {}, 2: of(Fraction(1, 2)), 3: {(2, 0): Fraction(1, 2)}, 4: {(3, 0): Fraction(1, 2)}, 6: of(1),
}  # fmt: skip


def sin(a: Exact) -> Exact | None:
    """``sin(q pi)`` for the multiples of pi/6 and pi/4, or None."""
    if set(a) - {(1, 1)}:
        return None
    k = a.get((1, 1), Fraction(0)) * 12 % 24
    if k.denominator != 1:
        return None
    n, sign = int(k), 1
    if n >= 12:
        n, sign = n - 12, -1
    value = _SIN.get(12 - n if n > 6 else n)
    return None if value is None else {key: sign * c for key, c in value.items()}


def cos(a: Exact) -> Exact | None:
    """``cos(q pi) = sin(q pi + pi/2)``."""
    return sin(add(a, {(1, 1): Fraction(1, 2)}))


_TANGENTS: list[tuple[Exact, Fraction]] = [  # tan(q pi), q
    ({}, Fraction(0)),
    ({(1, 0): Fraction(2), (3, 0): Fraction(-1)}, Fraction(1, 12)),
    ({(1, 0): Fraction(-1), (2, 0): Fraction(1)}, Fraction(1, 8)),
    ({(3, 0): Fraction(1, 3)}, Fraction(1, 6)),
    (of(1), Fraction(1, 4)),
    ({(3, 0): Fraction(1)}, Fraction(1, 3)),
    ({(1, 0): Fraction(1), (2, 0): Fraction(1)}, Fraction(3, 8)),
    ({(1, 0): Fraction(2), (3, 0): Fraction(1)}, Fraction(5, 12)),
]


def atan(a: Exact) -> Exact | None:
    """``atan`` of the tangents of the multiples of pi/12 and pi/8, or None."""
    for value, angle in _TANGENTS:
        for sign in (1, -1):
            if a == {key: sign * c for key, c in value.items()}:
                return {(1, 1): sign * angle} if angle else {}
    return None


def text(a: Exact) -> str:
    """The constant in the notation of claims tables: ``3/2*sqrt(2)*pi - log(3)``."""
    if not a:
        return "0"
    parts = []
    for (n, kind), c in sorted(a.items()):
        factors = [f"sqrt({n})"] * (n > 1) + ["pi"] * (kind == 1) + [f"log({kind})"] * (kind > 1)
        size = abs(c)
        if size != 1 or not factors:
            factors.insert(0, str(size))
        parts.append(("-" if c < 0 else "+", "*".join(factors)))
    head = ("-" if parts[0][0] == "-" else "") + parts[0][1]
    return head + "".join(f" {sign} {body}" for sign, body in parts[1:])
