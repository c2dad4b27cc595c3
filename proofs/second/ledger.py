"""The two ledgers as plain text, and the derivatives of the primitive functions: what the checker takes from analysis.

An entry is a name and its fields; the letters in it stand for any terms, given in alphabetical order.  ``a - b``
is written so in the kernel, too; ``a = b`` is the literal ``a - b = 0``.
"""

import ast
import functools
import re
from typing import Any

FACTS = """
inv: u != 0 |- u*inv(u) = 1 | exp_pos: exp(u) > 0 | exp_zero: exp(0) = 1 | exp_add: exp(u + v) = exp(u)*exp(v)
exp_log: u > 0 |- exp(log(u)) = u | log_exp: log(exp(u)) = u | sqrt_nonneg: sqrt(u) >= 0
sqrt_square: u >= 0 |- sqrt(u)**2 = u | sin_cos: sin(u)**2 + cos(u)**2 = 1 | sin_half_pi: sin(1/2*pi) = 1
sin_add: sin(u + v) = sin(u)*cos(v) + cos(u)*sin(v) | cos_add: cos(u + v) = cos(u)*cos(v) - sin(u)*sin(v)
sin_odd: sin(-u) = -sin(u) | cos_even: cos(-u) = cos(u) | cos_zero: cos(0) = 1
sin_pos: u > 0; pi - u > 0 |- sin(u) > 0 | atan_tan: sin(atan(u)) = u*cos(atan(u)) | atan_cos: cos(atan(u)) > 0
pi_low: pi - 314159265358979323846264338327/100000000000000000000000000000 > 0
pi_high: 314159265358979323846264338328/100000000000000000000000000000 - pi > 0
atan_low: atan(u) + 1/2*pi > 0 | atan_high: 1/2*pi - atan(u) > 0
tan_atan: cos(u) > 0; u + 1/2*pi > 0; 1/2*pi - u > 0; v*cos(u) = sin(u) |- atan(v) = u
erf_odd: erf(-u) = -erf(u) | erf_pos: u > 0 |- erf(u) > 0 | erf_high: 1 - erf(u) > 0
floor_low: u - floor(u) >= 0 | floor_high: floor(u) + 1 - u > 0
"""
IDENTITIES = """
gamma_pos: x > 0 |- gamma(x) > 0: DLMF 5.2.1 | beta_pos: a > 0; b > 0 |- beta(a, b) > 0: DLMF 5.12.1
gamma_exp: x > 0 |- gamma(x) = exp(loggamma(x)): DLMF 5.2.1
beta_gamma: a > 0; b > 0 |- beta(a, b)*gamma(a + b) = gamma(a)*gamma(b): DLMF 5.12.1
digamma_step: x > 0 |- digamma(x + 1) = digamma(x) + inv(x): DLMF 5.5.2
besselj_step: x != 0; floor(n) = n |- besselj(n - 1, x) + 1*besselj(n + 1, x) = 2*n*inv(x)*besselj(n, x): DLMF 10.6.1
bessely_step: x != 0; floor(n) = n |- bessely(n - 1, x) + 1*bessely(n + 1, x) = 2*n*inv(x)*bessely(n, x): DLMF 10.6.1
besseli_step: x != 0; floor(n) = n |- besseli(n - 1, x) + -1*besseli(n + 1, x) = 2*n*inv(x)*besseli(n, x): DLMF 10.29.1
besselj_minus: besselj(-1, x) = -1*besselj(1, x): DLMF 10.4.1 | besseli_zero_0: besseli(0, 0) = 1: DLMF 10.25.2
bessely_minus: bessely(-1, x) = -1*bessely(1, x): DLMF 10.4.1 | besseli_zero_1: besseli(1, 0) = 0: DLMF 10.25.2
besseli_minus: besseli(-1, x) = 1*besseli(1, x): DLMF 10.27.1 | besseli_zero_2: besseli(2, 0) = 0: DLMF 10.25.2
besselk_minus: besselk(-1, x) = 1*besselk(1, x): DLMF 10.27.3 | besselj_zero_0: besselj(0, 0) = 1: DLMF 10.2.2
besselj_zero_1: besselj(1, 0) = 0: DLMF 10.2.2 | besselj_zero_2: besselj(2, 0) = 0: DLMF 10.2.2
"""
CITED = """
gamma: x > 0: gamma(x)*digamma(x): DLMF 5.2.2 | loggamma: x > 0: digamma(x): DLMF 5.2.2
digamma: x > 0: polygamma(1, x): DLMF 5.15 | polygamma: x > 0; n >= 0; floor(n) = n: ; polygamma(n + 1, x): DLMF 5.15
beta: a > 0; b > 0: beta(a, b)*(digamma(a) - digamma(a + b)); beta(a, b)*(digamma(b) - digamma(a + b)): \
DLMF 5.12.1, 5.2.2
lowergamma: a > 0; x > 0: ; exp((a - 1)*log(x))*exp(-x): DLMF 8.8.13
uppergamma: a > 0; x > 0: ; -(exp((a - 1)*log(x))*exp(-x)): DLMF 8.8.13
zeta: s - 1 > 0; x > 0: ; -(s*zeta(s + 1, x)): DLMF 25.11.17
besselj: floor(n) = n: ; 1/2*(besselj(n - 1, x) - besselj(n + 1, x)): DLMF 10.6.1
bessely: x > 0: ; 1/2*(bessely(n - 1, x) - bessely(n + 1, x)): DLMF 10.6.1
besseli: floor(n) = n: ; 1/2*(besseli(n - 1, x) + besseli(n + 1, x)): DLMF 10.29.1
besselk: x > 0: ; -(1/2*(besselk(n - 1, x) + besselk(n + 1, x))): DLMF 10.29.1
erfinv: 1 + x > 0; 1 - x > 0: 1/2*sqrt(pi)*exp(erfinv(x)**2): DLMF 7.17.1
erfcinv: x > 0; 2 - x > 0: -(1/2*sqrt(pi)*exp(erfcinv(x)**2)): DLMF 7.17.1
"""
PRIMITIVES = """
inv: u != 0: -inv(u)**2 | exp: : exp(u) | log: u > 0: inv(u) | sin: : cos(u) | cos: : -sin(u) | atan: : inv(1 + u**2)
erf: : 2*(inv(sqrt(pi))*exp(-u**2)) | sqrt: u > 0: inv(2*sqrt(u)) | floor: u - floor(u) != 0: 0
"""
TAYLOR = {"exp_taylor": ("exp", 0, 1), "sin_taylor": ("sin", 1, 2), "cos_taylor": ("cos", 0, 2)}


@functools.cache
def ledger(text: str) -> dict[str, list[str]]:
    """The entries of a ledger by their names, each cut into its fields; the last one is its letters."""
    rows = [row.split(": ") for row in re.split(r"\n| \| ", text.strip())]
    return {name: [*fields, "".join(sorted(set(re.findall(r"\b[a-z]\b", " ".join(fields)))))] for name, *fields in rows}


@functools.cache
def syntax(text: str) -> Any:
    """The syntax tree of a formula or a comparison."""
    return ast.parse(text.strip().replace(" = ", " == "), mode="eval").body
