"""A second checker of certificates: the rules of ``proofs/kernel``, written again from what they say.

It imports nothing of the project and is built otherwise.  Its rules are text, ``rules.txt``, and so is what it takes
from analysis: ``facts.txt`` and ``derivatives.txt``, and of what is cited ``identities.txt`` and ``functions.txt``.
Python's grammar reads them and nothing of them is run; ``notation.py`` says what they mean.  Terms, formulas and
conclusions are all nested tuples, a monomial is a number, each unknown being a prime.  Why a rule is sound stands at
the rule of the same name in the kernel.  The cost that is allowed to polynomials is this checker's own: where it raises
:class:`TooCostly`, and there alone, the two may part.
"""

from .reader import check
from .table import Refused, TooCostly

__all__ = ["Refused", "TooCostly", "check"]
