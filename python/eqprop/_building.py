"""Problems made of a system and what is said of it."""

from __future__ import annotations

from typing import Any, Mapping

from ._numpy import np
from . import _core
from ._arrays import indices, series, vector
from ._errors import invalid
from ._field import entries, native, to_json
from ._network import MOST_NEURONS, Network


def kept(value: Any) -> Any:
    """An argument that nobody else can change."""
    return value.copy() if isinstance(value, np.ndarray) else value


def constants(value: Any, n: int) -> Any:
    """τ, positive."""
    if value is None:
        return None
    tau = vector("time_constants", value, n, " (one per state)")
    if (tau <= 0).any():
        k = int(np.argmax(tau <= 0))
        raise invalid(f"time_constants[{k}]", f"expected a positive number, found {tau[k]}")
    return tau


def start(value: Any, n: int, held: tuple[float, float] | None) -> Any:
    """s at t = 0."""
    if value is None:
        return np.full(n, 0.0 if held is None else min(max(0.0, held[0]), held[1]))
    state = vector("initial_state", value, n, " (one per state)")
    if held is not None and ((state < held[0]) | (state > held[1])).any():
        raise invalid("initial_state", f"expected values inside state_bounds {held}")
    return state


def of_network(network: Network, rest: Mapping[str, Any]) -> _core.Problem:
    """A problem about a network."""
    n = network.neurons
    if n > MOST_NEURONS:
        raise invalid("system", f"expected at most {MOST_NEURONS:,} neurons, found {n}")
    for name, instead in (("outputs", "the network names its outputs"), ("cost", "belongs to fields in text")):
        if rest[name] is not None:
            raise invalid(name, instead)
    x = vector("input", () if rest["input"] is None else rest["input"], network.inputs, " (one per input)")
    y = None
    if rest["target"] is not None:
        y = vector("target", rest["target"], len(network.outputs), " (one per output neuron)")
    held = rest["state_bounds"]
    tau = constants(rest["time_constants"], n)
    return _core.Problem(network._native, x, y, start(rest["initial_state"], n, held), held, tau)


def of_text(text: dict[str, Any], rest: Mapping[str, Any]) -> _core.Problem:
    """A problem about a field in text."""
    document: dict[str, Any] = {"field": text}
    for name, value in rest.items():
        if isinstance(value, Mapping):
            document[name] = entries(name, value)
        elif name in ("outputs", "cost", "state_bounds") and value is not None:
            document[name] = value if isinstance(value, str) else list(value)
        elif value is not None:
            document[name] = vector(name, value).tolist()
    return _core.Problem.from_json(to_json(document))


def of_function(function: dict[str, Any], rest: Mapping[str, Any]) -> _core.Problem:
    """A problem about a Python function."""
    names = function["names"]
    n = len(names)
    for name in ("input", "cost"):
        if rest[name] is not None:
            raise invalid(name, "belongs to networks and to fields in text")

    def number(k: int, which: str | int) -> int:
        if isinstance(which, str) and which not in names:
            raise invalid(f"outputs[{k}]", f"expected one of {names[:12]}, found {which!r}")
        return names.index(which) if isinstance(which, str) else which

    def by_name(name: str) -> Any:
        value = rest[name]
        if not isinstance(value, Mapping):
            return value
        if set(value) - set(names):
            raise invalid(name, f"expected names among {names[:12]}, found {sorted(set(value) - set(names))}")
        missing = 1.0 if name == "time_constants" else 0.0
        return [value.get(key, missing) for key in names]

    outputs: list[int] = []
    if (rest["outputs"] is None) != (rest["target"] is None):
        raise invalid("outputs", "give outputs and target together")
    if rest["outputs"] is not None:
        given = series("outputs", rest["outputs"])
        outputs = indices("outputs", [number(k, which) for k, which in enumerate(given)], n)
    y = vector("target", () if rest["target"] is None else rest["target"], len(outputs), " (one per output)")
    held = rest["state_bounds"]
    tau = constants(by_name("time_constants"), n)
    return _core.Problem.of_function(
        native(function), names, outputs, y, start(by_name("initial_state"), n, held), held, tau
    )


def place(at: Any) -> Any:
    """Which fixed point is meant, as the native half takes it."""
    return at if at is None or isinstance(at, str) else vector("at", at)
