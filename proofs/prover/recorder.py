"""Recording: apply kernel rules, remember how each theorem came about, and write the certificate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..kernel import certificate
from ..kernel.sums import SUMS
from ..kernel.terms import BINDERS, ZERO, Literal, Term, postorder
from ..kernel.theorems import Theorem, held


def _freeze(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and not isinstance(value, Literal):
        return tuple(_freeze(v) for v in value)
    if isinstance(value, Mapping):
        return tuple((k, _freeze(value[k])) for k in sorted(value))
    return value


class Recorder:
    """Calls the rules of the kernel by name; every theorem it returns can be written as a certificate."""

    def __init__(self) -> None:
        self._how: dict[Theorem, tuple[str, tuple[Any, ...]]] = {}
        self._made: dict[Any, Theorem] = {}
        self.nesting = 0
        self.refuting = 0
        """How many searches for a contradiction are under way."""
        self.naming = 0
        """Whether a question about a named subterm is being asked: within it no other name is given."""
        self.growing = 0
        self.growths = 0
        """How deep growth is being argued from growth, and how often it was tried for this certificate."""
        self.searches = 0
        """How many linear searches the prover has made for this certificate: its budget is counted, not timed."""

    def rule(self, name: str, *args: Any) -> Theorem:
        """Apply the rule ``name``.  Raises ``KernelError`` where the kernel refuses."""
        key = (name, _freeze(args))
        found = self._made.get(key)
        if found is None:
            found = certificate.RULES[name][0](*args)
            self._made[key] = found
            self._how.setdefault(found, (name, args))
        return found

    def how(self, th: Theorem) -> tuple[str, tuple[Any, ...]]:
        """The rule that made a theorem, and its arguments."""
        return self._how[th]

    def premises(self, th: Theorem) -> list[Theorem]:
        """The theorems among the arguments of the rule that made this one."""
        return _leaves(self._how[th][1], Theorem)

    def assume(self, literal: Literal) -> Theorem:
        """``literal |- literal``."""
        return self.rule("assume", literal)

    def fact(self, name: str, *terms: Term, premises: Sequence[Theorem] = (), order: int | None = None) -> Theorem:
        """An entry of the ledger of primitive facts."""
        return self.rule("fact", name, [] if order is None else [order], list(terms), list(premises))

    def arith(
        self,
        goal: Literal,
        products: Iterable[tuple[Fraction | int, Sequence[Theorem], Sequence[Term]]] = (),
        equations: Iterable[tuple[Term, Theorem]] = (),
    ) -> Theorem:
        """Ordered-field arithmetic; coefficients may be plain integers."""
        rows = [(Fraction(q), list(fs), list(ss)) for q, fs, ss in products]
        return self.rule("arith", goal, rows, list(equations))

    def between(self, lower: Theorem, upper: Theorem) -> Theorem:
        """``t = 0`` from ``t >= 0`` and ``u >= 0`` where ``u`` is ``-t``: else ``t^2 + t u`` is positive, and 0."""
        zero = Literal("=", held(lower).term)
        apart = self.assume(zero.negation)
        clash = self.arith(Literal(">", ZERO), [(1, [apart], []), (1, [lower, upper], [])])
        return self.rule("cases", zero, self.assume(zero), clash)

    def discharged(self, th: Theorem, lemmas: Iterable[Theorem]) -> Theorem:
        """``th`` without the hypotheses that the lemmas prove; a lemma that only assumes one is left out."""
        for lemma in lemmas:
            if held(lemma) in th.hyps and held(lemma) not in lemma.hyps:
                th = self.rule("cut", lemma, th)
        return th

    def write(self, claims: Sequence[Theorem], spec: Term) -> bytes:
        """The certificate of ``claims``: only the lines that they need, in an order that nothing else influences."""
        number: dict[Term | Theorem, int] = {}
        lines = [b""]

        def put(item: Term | Theorem, body: dict[str, object]) -> None:
            lines.append(certificate.encode({"n": len(number), **body}))
            number[item] = len(number)

        def put_terms(roots: Iterable[Term]) -> None:
            for root in roots:
                if root not in number:
                    for t in postorder(root):
                        if t not in number:
                            put(t, {"term": certificate.term_line(t, number)})  # type: ignore[arg-type]

        stack: list[tuple[Theorem, bool]] = [(th, False) for th in reversed(claims)]
        while stack:
            th, ready = stack.pop()
            if th in number:
                continue
            name, args = self._how[th]
            if not ready:
                stack.append((th, True))
                stack.extend((p, False) for p in reversed(_leaves(args, Theorem)) if p not in number)
                continue
            put_terms(_leaves(args, Term))
            put(th, {"rule": name, "args": [_plain(a, number) for a in args]})
        indexed = any(_indexed(item) if type(item) is Term else _sums(*self._how[item]) for item in number)  # type: ignore[index]
        form = certificate.INDEXED if indexed else certificate.FORMAT
        lines[0] = certificate.encode({"format": form, "spec": certificate.fingerprint(spec)})
        ordered = sorted({number[th] for th in claims})
        lines.append(certificate.encode({"claims": ordered, "lines": len(number)}))
        return b"\n".join(lines) + b"\n"


def _indexed(t: Term) -> bool:
    return t.op in ("idx", *BINDERS) or (t.op in ("var", "d") and bool(t.terms))


def _sums(name: str, args: tuple[Any, ...]) -> bool:
    """Whether a step needs the second format: it makes a sum or maximum, or speaks of families."""
    return name == "generalize" or (name == "fact" and args[0] in SUMS)


def _leaves(value: Any, kind: type) -> list[Any]:
    if type(value) is kind:
        return [value]
    if isinstance(value, Mapping):
        value = [value[k] for k in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [leaf for v in value for leaf in _leaves(v, kind)]
    return []


def _plain(value: Any, number: Mapping[Term | Theorem, int]) -> Any:
    if type(value) in (Term, Theorem):
        return number[value]
    if type(value) is Fraction:
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return [[k, _plain(value[k], number)] for k in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(v, number) for v in value]
    return value


_digests: dict[Term, bytes] = {}


def digest(t: Term) -> bytes:
    """A key of the structure of a term: the same in every process, for orders that must not vary."""
    found = _digests.get(t)
    if found is None:
        for s in postorder(t):
            if s not in _digests:
                parts = [_digests[a] if type(a) is Term else str(a).encode() for a in s.args]
                _digests[s] = hashlib.blake2b(b"\0".join([s.op.encode(), *parts]), digest_size=12).digest()
        found = _digests[t]
    return found
