"""An op as a Lean 4 file over mathlib: plain definitions, theorems, and proofs where a plain script suggests itself.

No Lean has seen these files.  A proof script is written where the derivative follows by the rules for sums, products,
quotients and compositions, with side conditions that ``positivity`` or ``linarith`` should settle; elsewhere stands
``sorry``, and the header counts them.
"""

from __future__ import annotations

from ..kernel.terms import Term
from .lean_proofs import script
from .statements import Export, Silent, Statement
from .text import LEAN, REALS, Printer

_PRINT = Printer(LEAN)


def document(export: Export) -> str:
    """The Lean file of an op."""
    theorems = [_theorem(export, i) if isinstance(i, Statement) else _silence(i) for i in export.items]
    parts = [text for text in theorems if text is not None]
    sorries = sum(text.endswith("sorry") for text in parts)
    return "\n\n".join([_head(export, sorries), _definition(export), *parts, "end Hasderiv"]) + "\n"


def stated(export: Export) -> list[str]:
    """The names of the theorems: those about one variable.  Sides and joint derivatives are left to Coq."""
    return [s.name for s in export.statements if s.kind in ("derive", "no_derivative")]


def _head(export: Export, sorries: int) -> str:
    count = len(stated(export))
    missing = f"{sorries} of them without a proof (`sorry`)" if sorries else "each with a proof script"
    return f"""/-
{export.name}: where it has a derivative and where it has none; {count} theorems, {missing}.

NOT CHECKED BY LEAN.  Written by `hasderiv export lean {export.name}` where no Lean was to be had: neither the
statements nor the scripts have been compiled.  Coq proves the same: `hasderiv export coq {export.name}`.
-/
import Mathlib

namespace Hasderiv"""


def _definition(export: Export) -> str:
    head = f"noncomputable def {export.name} ({' '.join(export.symbols)} : {REALS}) : {REALS}"
    return f"{head} :=\n  {_PRINT.expression(export.term)}"


def _function(export: Export, x: str) -> str:
    if len(export.symbols) == 1:
        return export.name
    return f"(fun {x} => {export.name} {' '.join(export.symbols)})"


def _theorem(export: Export, s: Statement) -> str | None:
    if s.kind == "steep":
        return _silence(Silent(s.variables, s.hyps, "the boundary of the domain"))
    if s.kind not in ("derive", "no_derivative"):
        return None
    x = s.variables[0]
    premises = "".join(f" (h{k} : {_PRINT.proposition(h)})" for k, h in enumerate(s.hyps, 1))
    function = _function(export, x)
    if s.kind == "derive":
        (d,) = s.derivative
        assert isinstance(d, Term)
        says = f"HasDerivAt {function} {_PRINT.expression(d, True)} {x}"
        proof = script(export, s, function)
    else:
        says, proof = f"¬ DifferentiableAt {REALS} {function} {x}", ["sorry"]
    head = f"theorem {s.name} ({' '.join(export.symbols)} : {REALS}){premises} :\n    {says} := by"
    return "\n  ".join([head, *proof])


def _silence(item: Silent) -> str:
    where = " ∧ ".join(map(_PRINT.proposition, item.conditions)) or "everywhere"
    return f"-- In {', '.join(item.variables)}, where {where}: {item.why}; nothing is stated."
