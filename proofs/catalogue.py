"""The certificates of the catalogue: where they lie, whether they prove what the spec states, and the maps in them.

A certificate never says what it is about.  The statements come from ``spec``: for every input of an op there has
to be a map of the unfolded formula in that input, under no more than the op's own assumptions, and on each of its
differentiable pieces the derivative has to be the one that the spec claims, and the same for each parameter in which
a derivative is claimed; stable forms have to be equal to what they stand for.  The derivatives of order 2 and 3 of a
smooth op lie in a second file, ``OP.orders.jsonl``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .identity import FOLDER, StatementError, require_identity
from .kernel.certificate import Certificate, CertificateError, fingerprint, replay
from .kernel.conclusions import HasDeriv, Map
from .kernel.local import slope
from .kernel.terms import Literal, Term
from .kernel.theorems import Theorem
from .language.definitions import unfold
from .language.from_sympy import surface
from .pieces import DerivativeMap, from_theorem, with_names, written
from .statements import OPEN, claimed_parameters, equalities, orders_of, unproved, without_orders


def path_of(name: str) -> Path:
    """Where the certificate of an op lies."""
    return FOLDER / f"{name}.jsonl"


def orders_path(name: str) -> Path:
    """Where the certificate of the higher orders of an op lies."""
    return FOLDER / f"{name}.orders.jsonl"


@cache
def _once(data: bytes) -> Certificate:
    """``replay``, once for ops of one formula: ``inv`` and ``reciprocal`` have the same certificate."""
    return replay(data)


def _replay(path: Path) -> Certificate:
    data = path.read_bytes()
    found = _once(data)
    require_identity(path.name, data)
    return found


@cache
def replayed(name: str) -> Certificate:
    """The certificate of an op, replayed once in this process.

    Raises:
        FileNotFoundError: there is none.
        CertificateError: the kernel refuses it.
        StatementError: it is not the one that was built.
    """
    return _replay(path_of(name))


@cache
def replayed_orders(name: str) -> Certificate:
    """The certificate of the higher orders of an op; raises what :func:`replayed` raises."""
    return _replay(orders_path(name))


def spec_of(name: str) -> Any:
    """The declaration of an op."""
    from hasderiv.spec import OPS

    return OPS[name]


def check(name: str) -> tuple[Theorem, ...]:
    """The theorems of an op's certificate, after it was replayed and compared with the spec.

    Raises:
        FileNotFoundError: there is no certificate.
        CertificateError: the kernel refuses it.
        StatementError: it proves something else than the spec states.
    """
    found = replayed(name)
    compare(spec_of(name), found)
    return found.claims


def check_orders(name: str) -> tuple[Theorem, ...]:
    """The derivatives of order 2 and 3 of an op, as :func:`check`; none for an op that is not smooth."""
    spec = spec_of(name)
    if not orders_of(spec):
        return ()
    found = replayed_orders(name)
    compare_orders(spec, one_input_maps(spec, replayed(name).claims), found)
    return found.claims


def compare_orders(spec: Any, maps: Mapping[str, Map], found: Certificate) -> None:
    """Compare a certificate of higher orders with a declaration; raises :class:`StatementError`."""
    from .language.printer import show_conditions
    from .specs import assumptions

    term = next(iter(maps.values())).term
    if found.spec != fingerprint(term):
        raise StatementError("the certificate of the higher orders was made for another formula")
    missing, _ = without_orders(spec, maps, frozenset(assumptions(spec)), found.claims)
    for x, order, piece in missing:
        raise StatementError(f"the derivative of order {order} in {x} is not certified for {show_conditions(piece)}")


def one_input_maps(spec: Any, claims: Iterable[Theorem]) -> dict[str, Map]:
    """The maps in each single input, by input."""
    formula = surface(spec)
    assert formula is not None
    term, out = unfold(formula), dict[str, Map]()
    for x in spec.inputs:
        theorem = map_in(claims, term, {x})
        if theorem is None or type(theorem.conclusion) is not Map:
            raise StatementError(f"there is no map in {x}")
        out[x] = theorem.conclusion
    return out


def seams(name: str) -> list[tuple[str, tuple[Literal, ...]]]:
    """Where the higher orders of a smooth op are left out: the input, and the conditions of the piece."""
    from .specs import assumptions

    spec = spec_of(name)
    if not orders_of(spec):
        return []
    maps = one_input_maps(spec, replayed(name).claims)
    return without_orders(spec, maps, frozenset(assumptions(spec)), check_orders(name))[1]


def stable_forms(name: str) -> dict[str, str]:
    """What the certificate shows of each stable form of an op, for people."""
    from .language.printer import show_conditions
    from .specs import assumptions

    spec, out = spec_of(name), dict[str, str]()
    claims = check(name)
    given = frozenset(assumptions(spec))
    for wanted in equalities(spec, one_input_maps(spec, claims)):
        gaps = unproved(wanted, given, claims)
        where = ", ".join(show_conditions(g) for g in gaps)
        out[wanted.what] = (
            f"not certified for {where}" if gaps else "certified: equal to the spec wherever it is defined"
        )
    return out


def compare(spec: Any, found: Certificate) -> None:
    """Compare what a certificate proves with what a declaration states; raises :class:`StatementError`."""
    from .specs import assumptions

    formula = surface(spec)
    assert formula is not None
    term, given = unfold(formula), frozenset(assumptions(spec))
    if found.spec != fingerprint(term):
        raise StatementError("the certificate was made for another formula; hasderiv build makes it anew")
    for variable in (*spec.inputs, *claimed_parameters(spec)):
        theorem = map_in(found.claims, term, {variable})
        if theorem is None:
            raise StatementError(f"there is no map in {variable}")
        _compare_map(spec, theorem, variable, given, found.claims)
    for th in found.claims:
        if type(th.conclusion) is Map and not frozenset(th.conclusion.assume) <= given:
            raise StatementError("a map assumes more than the spec does")
    if spec.name not in OPEN:
        _compare_stable(spec, given, found.claims)


def _compare_stable(spec: Any, given: frozenset[Literal], claims: Sequence[Theorem]) -> None:
    from .language.printer import show_conditions

    for wanted in equalities(spec, one_input_maps(spec, claims)):
        for piece in unproved(wanted, given, claims):
            raise StatementError(f"{wanted.what} not certified for {show_conditions(piece)}")


def map_in(theorems: Iterable[Theorem], term: Term, variables: set[str]) -> Theorem | None:
    """The map of the term in just these variables, if it is among the theorems without hypotheses."""
    for th in theorems:
        c = th.conclusion
        if type(c) is Map and c.term is term and c.vary == variables and not th.hyps:
            return th
    return None


def _compare_map(
    spec: Any, theorem: Theorem, variable: str, given: frozenset[Literal], claims: Sequence[Theorem]
) -> None:
    c = theorem.conclusion
    assert type(c) is Map
    claimed = surface(spec, ("derivative", variable))
    if claimed is None:
        return
    derivative = unfold(claimed)
    for literals, verdict in c.pieces:
        if type(verdict) is not HasDeriv or slope(verdict.derivative, variable) is derivative:
            continue
        if not any(_states(th, c.term, variable, derivative, given.union(literals)) for th in claims):
            from .language.printer import show_conditions

            raise StatementError(f"the claimed derivative in {variable} is not proved for {show_conditions(literals)}")


def _states(th: Theorem, term: Term, variable: str, derivative: Term, hyps: frozenset[Literal]) -> bool:
    c = th.conclusion
    if type(c) is not HasDeriv or c.vary != {variable} or c.term is not term or not th.hyps <= hyps:
        return False
    return slope(c.derivative, variable) is derivative


def load_map(name: str) -> list[DerivativeMap]:
    """The maps of an op from its certificate: in each input, and the joint one if there is one.

    Raises what :func:`check` raises.
    """
    return maps(spec_of(name), check(name))


def maps(spec: Any, theorems: Iterable[Theorem]) -> list[DerivativeMap]:
    """The maps among the theorems, in the order of the inputs, the joint one last, in the words of the spec."""
    found = [(th, c) for th in theorems if type(c := th.conclusion) is Map and c.vary.issubset(spec.inputs)]
    order = {frozenset({v}): k for k, v in enumerate(spec.inputs)}
    found.sort(key=lambda pair: order.get(pair[1].vary, len(order)))
    names = written(surface(spec), *(surface(spec, ("derivative", v)) for v in spec.inputs))
    return [with_names(from_theorem(spec.name, c, spec.inputs, sorted(th.cites)), names) for th, c in found]


__all__ = [
    "Certificate",
    "CertificateError",
    "StatementError",
    "check",
    "check_orders",
    "compare",
    "compare_orders",
    "load_map",
    "orders_path",
    "path_of",
    "replayed",
    "replayed_orders",
    "seams",
    "stable_forms",
]
