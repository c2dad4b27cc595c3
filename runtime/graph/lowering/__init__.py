"""From a traced graph to certified steps: one rule for each primitive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...elementwise import Times, Value
from ...ops import Custom
from ...primitive import Predicate
from ...tensor_ops.select import SELECT
from ..ssa import DETACH, KEEP, PART, PULL, Graph
from . import elementwise, layout, pooling, products, rows
from .lowering import Lowering, Rule

if TYPE_CHECKING:
    from ....proofs.graph.wiring import Wiring

_RULES: Final[dict[Any, Rule]] = {
    **elementwise.RULES,
    **layout.RULES,
    **rows.RULES,
    **products.RULES,
    **pooling.RULES,
    SELECT: elementwise.select,
}


def lower(graph: Graph, wiring: Wiring) -> Lowering:
    """Write the steps of a graph into ``wiring``.

    Raises :class:`CertificateError` for a node that no certificate covers, with the reason.
    """
    low = Lowering(graph, wiring)
    for node in graph.instructions:
        primitive = node.primitive
        depends = [v for v in node.operands if low.depends(v)]
        if primitive is DETACH and depends:
            low.held[node.result] = low.origin(depends[0])
        if primitive is DETACH or not depends:
            continue
        if isinstance(primitive, Predicate):
            low.steps.add(node.result)
            continue
        low.cut.update(v for v in depends if low.name_of(v) == "detach")
        depends = [v for v in depends if v not in low.held]
        used = node.operands[1:] if primitive is SELECT else node.operands
        flat = next((v for v in used if v in low.steps), None)
        if flat is not None:
            made = low.producers[flat].primitive.name
            raise low.unsupported(node, f"it depends on %{flat} = {made}, which has no derivative")
        if not depends:
            low.held[node.result] = node.result
            continue
        low.moving.add(node.result)
        rule = elementwise.value if isinstance(primitive, Value) else _RULES.get(primitive)
        if rule is None:
            raise low.unsupported(node, _reason(primitive))
        rule(low, node)
    low.cut.update(v for v in graph.outputs if v is not None and low.name_of(v) == "detach")
    return low


def _reason(primitive: Any) -> str:
    if isinstance(primitive, Custom):
        return "a custom op has no certificate"
    if isinstance(primitive, Times) or primitive in (KEEP, PART, PULL):
        return "a derivative inside the function"
    return "the operation has none"
