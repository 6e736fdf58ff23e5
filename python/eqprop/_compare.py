"""A user's own update beside both formulas of the theorem."""

from __future__ import annotations

from typing import Any, Mapping

from ._numpy import np
from ._answers import Comparison, apart
from ._arrays import numbers
from ._errors import invalid
from ._results import Gradient

# angles that differ by less than this share are the same
SAME = 1e-3


def by_name(blocks: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks each under a name of its own: ``forward_0``, ``forward_1``, …"""
    out: dict[str, Any] = {}
    for name, block in blocks.items():
        if isinstance(block, (list, tuple)) and any(np.ndim(part) for part in block):
            out.update({f"{name}_{k}": part for k, part in enumerate(block)})
        else:
            out[name] = block
    return out


def beside(update: Any, reference: Any) -> dict[str, Any]:
    """How far an update is from a reference."""
    angle, error = apart(update, reference)
    square = float(update @ update)
    scale = float(update @ reference) / square if square > 0 else None
    return {"angle_degrees": angle, "relative_error": error, "scale": scale}


def both(update: Any, ep: Any, gradient: Any) -> dict[str, Any]:
    """The same beside both."""
    return {"to_ep": beside(update, ep), "to_gradient": beside(update, gradient)}


def closer(found: Mapping[str, Any]) -> str:
    """Which of the two is nearer by its angle; neither if both are behind."""
    ep, gradient = (found[name]["angle_degrees"] for name in ("to_ep", "to_gradient"))
    if ep is None or gradient is None or min(ep, gradient) >= 90:
        return "neither"
    if abs(ep - gradient) <= SAME * max(ep, gradient) or max(ep, gradient) < 1e-6:
        return "both"
    return "ep" if ep < gradient else "gradient"


def compare(found: Gradient, update: Mapping[str, Any]) -> Comparison:
    """Compares the blocks of ``update`` with those of a gradient."""
    if not isinstance(update, Mapping):
        raise invalid("update", f"expected a dict of blocks, found {type(update).__name__}")
    ep, truth = by_name(found.ep_update), by_name(found.negative_gradient)
    series = {name for name, block in found.ep_update.items() if isinstance(block, list)}
    spread: dict[str, Any] = {}
    for name, block in update.items():
        if name in series:
            spread.update({f"{name}_{k}": part for k, part in enumerate(block)})
        else:
            spread[str(name)] = block
    given = {}
    for name, block in spread.items():
        if name not in ep:
            raise invalid(f"update[{name!r}]", f"expected one of {list(ep)}")
        array = numbers(f"update[{name!r}]", block, ep[name].ndim)
        if array.shape != ep[name].shape:
            raise invalid(f"update[{name!r}]", f"expected shape {ep[name].shape}, found {array.shape}")
        given[name] = array.ravel()
    if not given:
        raise invalid("update", "expected at least one block")
    blocks = {name: both(array, ep[name].ravel(), truth[name].ravel()) for name, array in given.items()}
    whole = both(*(np.concatenate([source[name].ravel() for name in given]) for source in (given, ep, truth)))
    return Comparison({"blocks": blocks, "all": whole, "closer_to": closer(whole)})
