"""Networks from JAX's parameters, which are taken by name; JAX itself is not imported."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ._numpy import np
from ._errors import invalid
from ._network import Network

NAMES = {
    "weights": ("weights", "W", "w", "kernel", "recurrent", "recurrent_kernel"),
    "input_weights": ("input_weights", "U", "u", "input", "input_kernel"),
    "bias": ("bias", "b", "biases"),
}


def dense(
    params: Mapping[str, Any],
    *,
    outputs: Sequence[int] | None = None,
    activation: str = "tanh",
    dynamics: str = "leaky",
    transpose: bool = False,
) -> Network:
    """A dense network from a dict of arrays.

    Parameters
    ----------
    params : dict
        Weights under ``weights``, ``W`` or ``kernel``; input weights under ``input_weights`` or ``U``; bias under
        ``bias`` or ``b``. Nothing else may be there.
    transpose : bool
        Matrices are ``(from, to)``, as Flax has them, and not ``(to, from)``.

    Examples
    --------
    >>> dense({"W": [[0.0, 0.5], [0.2, 0.0]], "b": [0.1, 0.2]}, outputs=[1])
    Network.dense(2 neurons, 0 inputs, outputs=[1], activation='tanh', dynamics='leaky')
    """
    if not isinstance(params, Mapping):
        raise invalid("params", f"expected a dict of arrays, found {type(params).__name__}")
    found: dict[str, Any] = {}
    for name, value in params.items():
        block = next((block for block, names in NAMES.items() if name in names), None)
        if block is None:
            known = sorted(name for names in NAMES.values() for name in names)
            raise invalid(f"params[{name!r}]", f"expected one of {known}")
        if block in found:
            raise invalid(f"params[{name!r}]", f"gives {block} a second time")
        array = np.asarray(value)
        found[block] = array.T if transpose and block != "bias" else array
    if "weights" not in found:
        raise invalid("params", f"expected weights under one of {list(NAMES['weights'])}")
    return Network.dense(**found, outputs=outputs, activation=activation, dynamics=dynamics)
