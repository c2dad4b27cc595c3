"""``hd.define``: an op of the user's own, proved, compiled, and ready for the tape.

The formula goes the way of a catalogue op: walked into a term, its map and its claimed derivative proved
and replayed by the kernel, its kernels printed from the term.  Only the last step differs: the generated
module is executed here and now instead of being written to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from hasderiv.proofs.pieces import DerivativeMap
from hasderiv.proofs.tensor.elementwise import Proof
from hasderiv.runtime.errors import CertificateError
from hasderiv.runtime.ops import Op, ops

SECONDS = 5.0
"""The time that one proof may take."""


class Definition(NamedTuple):
    """What was declared and what was proved: the spec, and the map in each input."""

    spec: Any
    maps: tuple[DerivativeMap, ...]


DEFINITIONS: dict[str, Definition] = {}


def define(
    head: str,
    formula: Any,
    derivative: Any = None,
    *,
    assume: Iterable[str] = (),
    conventions: Mapping[str, str] | None = None,
    smooth: bool = False,
    meaning: str = "",
    source: str = "",
) -> Op:
    """Declare an op by a SymPy formula; return it once its derivative is proved and its kernels are made.

    ``head`` is the signature, inputs before ``*`` and parameters after it: ``"swish(x, *, beta=1)"``.
    ``derivative`` is the claim, of the first input or a dict by input; at a kink it states what the kernel
    shall return.  Without it the derivative is derived.  ``assume`` holds conditions on the parameters,
    ``conventions`` what is returned where that formula has no value, by condition.  With ``smooth`` kernels
    for the orders 2 and 3 are made as well.  The op is then ``hd.ops[name]`` and ``hd.name``, and
    ``hd.where(name)`` has its map; defining a name again replaces it.

    Raises :class:`hasderiv.CertificateError` when a piece of the map or the claimed derivative cannot be proved
    or is false (the message says where), ``ValueError`` when the signature or the formula cannot be read
    or the catalogue has an op of that name.

    >>> import sympy, hasderiv as hd
    >>> x, beta = sympy.symbols("x beta")
    >>> swish = hd.define("swish(x, *, beta)", x / (1 + sympy.exp(-beta * x)), assume=["beta > 0"])
    >>> swish(0.0, beta=2.0)
    np.float64(0.0)
    """
    from hasderiv.runtime.kernels import names
    from hasderiv.spec import declare

    # through the module, so that `hasderiv check FILE.py` sees what the file declares
    spec = declare.make(
        head,
        formula,
        derivative,
        assume=tuple(assume),
        conventions=conventions,
        smooth=smooth,
        meaning=meaning,
        source=source,
    )
    if spec.name in names():
        raise ValueError(f"define: the catalogue has an op called {spec.name!r} already")
    proof, maps = proved_maps(spec)
    op = Op(_kernels(proof, maps))
    ops.add(op)
    DEFINITIONS[spec.name] = Definition(spec, maps)
    return op


def proved_maps(spec: Any) -> tuple[Proof, tuple[DerivativeMap, ...]]:
    """The certificate, and the maps that it states, after the kernel replayed it and compared it with the spec."""
    from hasderiv.proofs.catalogue import compare
    from hasderiv.proofs.certify import NotCertified, certify
    from hasderiv.proofs.identity import StatementError
    from hasderiv.proofs.kernel.certificate import replay
    from hasderiv.proofs.kernel.conclusions import Map
    from hasderiv.proofs.kernel.terms import KernelError
    from hasderiv.proofs.pieces import from_theorem

    try:
        data = certify(spec)
        proved = replay(data)
        compare(spec, proved)
    except (NotCertified, KernelError, StatementError) as error:
        raise CertificateError(f"{spec.name}: {_why_not(spec) or error}") from None
    maps = [
        from_theorem(spec.name, theorem.conclusion, spec.inputs, sorted(theorem.cites))
        for theorem in proved.claims
        if type(theorem.conclusion) is Map
    ]
    for found in maps:
        for piece in found.pieces:
            if piece.status == "not_covered":
                raise CertificateError(f"{spec.name}: nothing is proved for {piece.where}: {piece.reason}")
    return Proof(spec, data), tuple([_with_conventions(spec, found) for found in maps])


def _why_not(spec: Any) -> str:
    """What is wrong with a declaration that could not be certified: a refuting point where there is one."""
    from hasderiv.proofs.specs import SpecFault, prove_spec

    try:
        verdict = prove_spec(spec, SECONDS)
    except SpecFault as error:
        return str(error)
    if verdict["verdict"] == "proved":
        return ""
    at = ", ".join(f"{name} = {value}" for name, value in (verdict["point"] or {}).items())
    return f"{verdict['verdict']}: {verdict['message']}{' at ' + at if at else ''}"


def _with_conventions(spec: Any, found: DerivativeMap) -> DerivativeMap:
    """The map with what the author wants returned on the pieces that have no derivative."""
    from hasderiv.proofs.conventions import _value

    pieces = []
    for piece in found.pieces:
        if piece.status == "not_differentiable":
            values = tuple([_value(spec, v, piece, found) for v in found.variables])
            if all(value is not None for value in values):
                piece = replace(piece, convention=values)
        pieces.append(piece)
    return replace(found, pieces=tuple(pieces))


def _kernels(proof: Proof, maps: tuple[DerivativeMap, ...]) -> Any:
    """The generated NumPy kernels, which know the pieces on which they return a convention."""
    from hasderiv.proofs.query import Where
    from hasderiv.runtime.codegen.jit import namespace
    from hasderiv.runtime.kernels import from_module

    records: list[dict[str, Any]] = []
    for found in maps:
        named = {"argument": found.variables[0]} if len(maps) > 1 else {}
        records += [{**piece.json(), **named} for piece in Where(proof.spec.name, found).pieces]
    return from_module(namespace(proof.spec, records), proof)
