"""``ScalarTrainer``: a scalar loss, its parameters and an optimizer, bundled into a training step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import DeviceError, ShapeError
from ..gradients import gradients
from ..graph.compiled import Compiled, compile
from ..optim import Optimizer
from ..pytree import tree_map
from ..tape import enable_grad, no_grad
from ..tensor import Tensor, tensor


class ScalarTrainer:
    """``loss(params, *inputs)``, a scalar, and the optimizer that holds ``params``.

    Inputs that are no tensors are taken to the parameters' device; nothing is cast.  With ``compiled`` the loss and its
    gradient are traced once for inputs of each shape (:func:`hasderiv.compile`) and give the same bits; what the loss
    takes from elsewhere, a random mask for instance, is a constant then and should be an input.

    Raises :class:`ShapeError` when the loss is not a scalar.

    >>> import hasderiv as hd
    >>> params = {"w": hd.tensor([0.0], requires_grad=True)}
    >>> trainer = ScalarTrainer(lambda p, x, y: ((p["w"] * x - y) ** 2).mean(), hd.optim.SGD(params, lr=0.25))
    >>> trainer.step([1.0], [2.0])
    tensor(4.)
    >>> trainer.forward([1.0], [2.0])
    tensor(1.)
    >>> trainer.backward([1.0], [2.0])
    {'w': tensor([-2.])}
    >>> trainer.values()
    {'w': array([1.])}
    """

    def __init__(self, loss: Callable[..., Tensor], optimizer: Optimizer, compiled: bool = False) -> None:
        self.loss = loss
        self.optimizer = optimizer
        self.compiled = compiled
        self._graphs: dict[Any, Compiled] = {}
        devices = sorted({p.device for p in optimizer.params})
        if len(devices) > 1:
            raise DeviceError(f"ScalarTrainer: parameters on {' and '.join(devices)}; they belong on one device")
        self.device = devices[0] if devices else "cpu"

    @property
    def params(self) -> Any:
        """The parameters, as the pytree that the optimizer was given."""
        return self.optimizer.tree

    def values(self) -> Any:
        """The current values of the parameters, read back as read-only NumPy arrays."""
        return tree_map(lambda p: p.detach().cpu().numpy(), self.params)

    def forward(self, *inputs: Any) -> Tensor:
        """The loss at these inputs."""
        given = self._given(inputs)
        with no_grad():
            return self._graph(given).forward((self.params, *given)) if self.compiled else self._loss(given)

    def backward(self, *inputs: Any) -> Any:
        """The gradient by the parameters, a pytree like them; ``None`` where the loss does not depend on one."""
        return self._both(inputs)[1]

    def step(self, *inputs: Any) -> Tensor:
        """Update the parameters once and return the loss before."""
        value, gradient = self._both(inputs)
        self.optimizer.step(gradient)
        return value

    def _both(self, inputs: tuple[Any, ...]) -> tuple[Tensor, Any]:
        given = self._given(inputs)
        if self.compiled:
            return self._graph(given).backward((self.params, *given))
        with enable_grad():
            value = self._loss(given)
        return value.detach(), gradients(value).of(self.params)

    def _given(self, inputs: tuple[Any, ...]) -> list[Tensor]:
        return [x if isinstance(x, Tensor) else tensor(x, device=self.device) for x in inputs]

    def _loss(self, given: list[Tensor]) -> Tensor:
        return _scalar(self.loss(self.params, *given))

    def _graph(self, given: list[Tensor]) -> Compiled:
        key = tuple([(x.shape, x.dtype) for x in given])
        if key not in self._graphs:
            loss = self.loss
            self._graphs[key] = compile(lambda p, *xs: _scalar(loss(p, *xs)), self.params, *given, argnums=0)
        return self._graphs[key]


def _scalar(value: Any) -> Tensor:
    if not isinstance(value, Tensor) or value.shape != ():
        shape = getattr(value, "shape", None)
        raise ShapeError(f"ScalarTrainer: the loss returns a scalar tensor, not one of shape {shape}")
    return value
