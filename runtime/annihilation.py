"""Products in which an exact zero annihilates: 0 times infinity or NaN is 0.

Below a ``select``, and at the masked entries of attention, a zero means *left out*.  BLAS knows nothing of that,
so its product is used where it is finite, and repaired where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .primitive import Predicate, evaluate
from .tensor import Tensor

FINITE = Predicate("finite", lambda x: (x - x) == 0)
NON_ZERO = Predicate("non_zero", lambda x: (x != 0).astype(x.dtype))
NON_FINITE = Predicate("non_finite", lambda x: ((x - x) != 0).astype(x.dtype))


def annihilate(product: Callable[[Any, Any], Any], zeros: Any, factor: Any) -> Any:
    """``product(zeros, factor)``, bilinear, where an exact zero on the left meets infinity and NaN on the right.

    >>> import numpy as np
    >>> annihilate(np.matmul, np.array([[0.0, 2.0], [1.0, 0.0]]), np.array([[np.nan], [3.0]]))
    array([[ 6.],
           [nan]])
    """
    with np.errstate(invalid="ignore"):
        out = product(zeros, factor)
        finite = evaluate(FINITE, out)
        if not isinstance(finite, Tensor) and finite.all():
            return out
        safe = product(zeros, selection.select(evaluate(FINITE, factor), factor, 0.0))
        hit = product(evaluate(NON_ZERO, zeros), evaluate(NON_FINITE, factor)) != 0
    return selection.select(hit, out, safe)


from . import select as selection  # noqa: E402
