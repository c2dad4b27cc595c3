"""A cross-examination of the spec: the maps of the catalogue against references that know nothing of it.

A certificate proves what the spec states; that the spec states the function that people mean, no proof can say.  So
each piece of each map is held against a hand-written mpmath function (:mod:`.references`) at random and adversarial
points: the value, the derivative, the one-sided derivatives and the domain, to 45 digits by difference quotients.

:mod:`.tensor` does the same for the ops over axes and shapes.

This is a check against a spec that states the wrong function, and never an argument for soundness.
"""

from __future__ import annotations

from .examiner import Examined, Examiner, Finding, examine, examine_claims

__all__ = ["Examined", "Examiner", "Finding", "examine", "examine_claims"]
