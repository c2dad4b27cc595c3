"""A traced graph with its certificate, and whether the conditions of it hold for some inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...proofs.graph.places import dims_of
from ..errors import CertificateError
from .execute import explained
from .lowering import lower
from .ssa import Graph

if TYPE_CHECKING:
    from ...proofs.graph.certificate import Held


class Certified:
    """The certificate of a graph.  Raises :class:`CertificateError` where a node has none."""

    def __init__(self, graph: Graph) -> None:
        from ...proofs.certify import NotCertified
        from ...proofs.graph.certificate import GraphCertificate
        from ...proofs.graph.wiring import Wiring

        self._graph = graph
        try:
            self._lowering = lower(graph, Wiring())
        except NotCertified as error:
            raise CertificateError(f"{graph.name}: no certificate for {error}") from None
        self.certificate = GraphCertificate(self._lowering.wiring)

    def held(self, arrays: Sequence[Any]) -> Held:
        """Where the conditions hold, at the values that the graph computes; infinities and NaN are no real numbers."""
        from ...proofs.graph.certificate import Held, Uncertified, coordinates

        values, low = self._values(arrays), self._lowering
        unreal = [v for v in sorted(low.names) if not np.isfinite(values[v]).all()]
        found = [Uncertified(f"%{v}", "detach", "it does not move", []) for v in sorted(low.cut)]
        for v in unreal:
            bad = ~np.isfinite(values[v])
            found.append(Uncertified(f"%{v}", low.name_of(v), "it is a real number", coordinates(bad)))
        return Held((*found, *self.certificate.uncertified(self.families(values), self._shape)))

    def _shape(self, node: str) -> tuple[int, ...]:
        return self._lowering.shape(int(node[1:]))

    def families(self, values: dict[int, Any]) -> dict[str, Callable[[], Any]]:
        """The tensors of the certificate that are values of the graph, or are found from these."""
        low, found = self._lowering, {}
        for v, x in values.items():
            dims = dims_of(np.shape(x))
            found[f"{low.names.get(v, f'v{v}')}/{len(dims)}"] = partial(np.reshape, x, dims)
        return found | {symbol: partial(of, values) for symbol, of in low.computed.items()}

    def _values(self, arrays: Sequence[Any]) -> dict[int, Any]:
        """The value of every node, by the eager rules."""
        values: dict[int, Any] = {**self._graph.constants, **dict(zip(self._graph.inputs, arrays, strict=True))}
        with np.errstate(all="ignore"):
            for instruction in self._graph.instructions:
                result, primitive, operands, static = instruction
                try:
                    values[result] = primitive.forward(static, *[values[v] for v in operands])
                except (ValueError, TypeError, IndexError) as error:
                    raise explained(instruction, error) from error
        return values
