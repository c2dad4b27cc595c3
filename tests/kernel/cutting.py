"""Where a mutant is refused, and the part of it that this rests on.

Most mutants are refused at the altered step or soon after it, and a certificate is a few hundred lines.  So a mutant
is cut off there: what is given to the checkers is the step that is refused, as the one claim, with the lines that it
needs.  Its unaltered twin is a part of the original.  A mutant in which nothing is refused keeps the claims that rest
on the altered line.  The search here decides nothing: it replays what depends on that line on top of the theorems of
the original, and whether the cut certificate is refused is what the checkers say of its bytes.
"""

from __future__ import annotations

from typing import Any

from hasderiv.proofs.kernel.certificate import RULES, _read_term, _Reader, _tuple
from hasderiv.proofs.kernel.terms import KernelError, Term
from hasderiv.proofs.kernel.theorems import Theorem

from .mutations import Mutation, Proof, Ref, refs


def plain(value: Any) -> Any:
    """A row with plain numbers, as the reader has it."""
    return [plain(v) for v in value] if isinstance(value, list) else int(value) if type(value) is Ref else value


def item(reader: _Reader, row: list[Any]) -> Term | Theorem:
    """What the kernel makes of a row."""
    name, body = row
    if name == "term":
        return _read_term(reader, plain(body))
    function, decoders = RULES[name]
    return function(*_tuple(*decoders)(reader, plain(body)))


class Original:
    """A certificate whose theorems are at hand, so that only what an alteration touches is replayed."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        reader = _Reader()
        for row in proof.rows:
            reader.items.append(item(reader, row))
        self.items = reader.items
        self.users: list[list[int]] = [[] for _ in proof.rows]
        for n, row in enumerate(proof.rows):
            for used in set(refs(row)):
                self.users[used].append(n)

    def after(self, at: int) -> list[int]:
        """The line and what rests on it, in order."""
        found, stack = {at}, [at]
        while stack:
            new = [n for n in self.users[stack.pop()] if n not in found]
            found.update(new)
            stack += new
        return sorted(found)

    def refused_at(self, m: Mutation, resting: list[int]) -> int | None:
        """The first of the lines that rest on the altered one that the kernel refuses."""
        assert m.row is not None
        size = len(self.items)
        if any(m.at <= n < size for n in refs(m.row)):
            return m.at
        reader = _Reader()
        reader.items = list(self.items)
        for n in resting:
            try:
                if n == m.at:
                    for row in m.before:
                        reader.items.append(item(reader, row))
                reader.items[n] = item(reader, m.row if n == m.at else self.proof.rows[n])
            except (KernelError, ValueError, RecursionError):
                return n
        return None

    def cut(self, m: Mutation) -> bytes:
        """The mutant, cut off where it is refused; whole where what is altered is not a row."""
        if m.row is None:
            return m.make()
        resting = self.after(m.at)
        end = self.refused_at(m, resting)
        if end is None:
            claims = [c for c in self.proof.claims if c in set(resting)]
        else:
            rests = {end}
            # a refused term is no claim: the first step that rests on it is
            claims = []
            for n in resting[resting.index(end) :]:
                if n == end or rests.intersection(refs(self.proof.rows[n])):
                    rests.add(n)
                    if (m.row if n == m.at else self.proof.rows[n])[0] != "term":
                        claims = [Ref(n)]
                        break
        return self.proof.with_row(m.at, m.row, m.before, claims)
