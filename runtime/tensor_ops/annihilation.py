"""Products in which an exact zero annihilates: 0 times infinity or NaN is 0.

Below a ``select``, and at the masked entries of attention, a zero means *left out*.  BLAS knows nothing of that,
so its product is used where it is finite, and repaired where it is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..devices import array_module, is_half
from ..primitive import Predicate, evaluate
from ..tensor import Tensor


def _counts(holds: Any, like: Any) -> Any:
    return holds.astype("float32" if is_half(like.dtype) else like.dtype)  # in which sums of ones are exact


FINITE = Predicate("finite", lambda x: (x - x) == 0)
SIGN = Predicate("sign", lambda x: _counts(x > 0, x) - _counts(x < 0, x))
NON_ZERO = Predicate("non_zero", lambda x: _counts(x != 0, x))
SILENT = Predicate("silent", lambda x, kept: _counts((x == 0) & kept, x))
INFINITE_SIGN = Predicate("infinite_sign", lambda x: _counts(x == math.inf, x) - _counts(x == -math.inf, x))
INFINITE = Predicate("infinite", lambda x: _counts((x == math.inf) | (x == -math.inf), x))
NAN = Predicate("nan", lambda x: _counts(x != x, x))
NON_FINITE = Predicate("non_finite", lambda x: _counts((x - x) != 0, x))
ANY = Predicate("any", lambda infinite, nan: (infinite != 0) | (nan != 0))
LEAKED = Predicate("leaked", lambda x, one, all_, nan: (x != x) & (all_ != 0) & (abs(one) == all_) & (nan == 0))
TAME = Predicate("tame", lambda x, leaked: leaked & ((x - x) == 0))
BESIDE = Predicate("beside", lambda x, leaked: array_module(x).where(leaked & ((x - x) != 0), x, x.dtype.type(0)))
VALUE = Predicate("value", lambda x: x)


def annihilate(product: Callable[[Any, Any], Any], zeros: Any, factor: Any, kept: Any = None) -> Any:
    """``product(zeros, factor)``, bilinear, where an exact zero on the left meets infinity and NaN on the right.

    With ``kept``, which broadcasts against ``zeros``, only the zeros outside of it annihilate.

    >>> import numpy as np
    >>> annihilate(np.matmul, np.array([[0.0, 2.0], [1.0, 0.0]]), np.array([[np.nan], [3.0]]))
    array([[ 6.],
           [nan]])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        out = product(zeros, factor)
        finite = evaluate(FINITE, out)
        if not isinstance(finite, Tensor) and finite.all():
            return out
        sign = evaluate(INFINITE_SIGN, factor).astype(factor.dtype)
        safe = product(zeros, selection.select(evaluate(FINITE, factor), factor, sign))
        # how many terms are infinite, their signs added up, and how many are NaN
        infinite = product(evaluate(NON_ZERO, zeros), evaluate(INFINITE, factor))
        signs = product(evaluate(SIGN, zeros), evaluate(INFINITE_SIGN, factor))
        nan = product(evaluate(NON_ZERO, zeros), evaluate(NAN, factor))
        if kept is not None:
            nan = nan + product(evaluate(SILENT, zeros, kept), evaluate(NON_FINITE, factor))
        out = selection.select(evaluate(ANY, infinite, nan), out, safe)
        # infinity, which a NaN that counts for nothing hid; no derivative there is finite
        leaked = evaluate(LEAKED, out, signs, infinite, nan)
        if not isinstance(leaked, Tensor) and not leaked.any():
            return out
        beside = evaluate(BESIDE, safe, leaked)  # what is infinite on its own
        signs = selection.select(leaked, signs.astype(out.dtype), 1.0)
        safe = selection.select(evaluate(TAME, safe, leaked), safe, 0.0)
        value = (safe - evaluate(VALUE, safe) + signs) * math.inf + beside
        return selection.select(leaked, value.astype(out.dtype), out)  # NumPy widens bfloat16 beside a Python number


from . import select as selection  # noqa: E402
