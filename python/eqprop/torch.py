"""Networks from PyTorch's weights, which are taken by shape and name; PyTorch itself is not imported."""

from __future__ import annotations

from typing import Any, Mapping

from ._numpy import np
from ._errors import invalid
from ._network import Network

FEEDBACK = ("feedback", "backward", "top_down", "topdown")


def array(value: Any) -> Any:
    """A tensor as an array; gradients are left behind."""
    for step in ("detach", "cpu", "numpy"):
        value = getattr(value, step)() if hasattr(value, step) else value
    return np.asarray(value)


def layered(
    source: Any,
    *,
    activation: str = "hard_sigmoid",
    dynamics: str = "leaky",
) -> Network:
    """A layered network from a module or its ``state_dict()``.

    Weights are those of ``torch.nn.Linear``, ``(out, in)``, in their order from input to output. Matrices whose
    names contain ``feedback``, ``backward`` or ``top_down`` lead back, in the order of the layers at which they
    arrive; where there are none, feedback is tied: the transpose of forward. Biases of feedback add to those
    of the layer at which it arrives.

    Examples
    --------
    >>> import numpy as np
    >>> state = {"0.weight": np.ones((4, 3)), "0.bias": np.zeros(4), "2.weight": np.ones((2, 4))}
    >>> layered(state)
    Network.layered(3-4-2, activation='hard_sigmoid', dynamics='leaky')
    """
    state = source.state_dict() if hasattr(source, "state_dict") else source
    if not isinstance(state, Mapping):
        raise invalid("source", f"expected a module or its state_dict, found {type(source).__name__}")
    arrays = {str(name): array(value) for name, value in state.items()}
    matrices = {name: value for name, value in arrays.items() if value.ndim == 2}
    back = [name for name in matrices if any(word in name.lower() for word in FEEDBACK)]
    forward = [matrices[name] for name in matrices if name not in back]
    if not forward:
        raise invalid("source", f"expected matrices of linear layers, found {list(arrays)}")

    def bias(name: str, size: int) -> Any:
        own = arrays.get(name.removesuffix("weight") + "bias") if name.endswith("weight") else None
        return np.zeros(size) if own is None else np.asarray(own, dtype=np.float64)

    offsets = [bias(name, len(matrices[name])) for name in matrices if name not in back]
    if back:
        feedback = [matrices[name] for name in back]
        for k, name in enumerate(back[: len(offsets)]):
            own = bias(name, len(matrices[name]))
            if own.shape == offsets[k].shape:
                offsets[k] = offsets[k] + own
    else:
        feedback = [matrix.T for matrix in forward[1:]]
    return Network.layered(forward, feedback, offsets, activation=activation, dynamics=dynamics)
