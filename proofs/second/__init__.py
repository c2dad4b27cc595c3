"""A second checker of certificates: the rules of ``proofs/kernel``, written again from what they say.

It imports nothing of the project and is built otherwise: a term is a row of a table, a conclusion a plain tuple, the
ledgers are plain text, the coefficients of a polynomial are integers over one denominator, and its monomials numbers,
each unknown being a prime.  Why a rule is sound stands at the rule of the same name in the kernel.  The cost that is
allowed to polynomials is this checker's own: where it raises :class:`TooCostly`, and there alone, the two may part.
"""

from .reader import check
from .table import Refused, TooCostly

__all__ = ["Refused", "TooCostly", "check"]
