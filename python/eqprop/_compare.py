"""A user's own update beside both formulas of the theorem."""

from __future__ import annotations

from typing import Any, Mapping

from . import _core
from ._numpy import np
from ._answers import Comparison
from ._arrays import numbers
from ._errors import invalid
from ._results import Gradient


def by_name(blocks: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks each under a name of its own: ``forward_0``, ``forward_1``, …"""
    out: dict[str, Any] = {}
    for name, block in blocks.items():
        if isinstance(block, (list, tuple)) and any(np.ndim(part) for part in block):
            out.update({f"{name}_{k}": part for k, part in enumerate(block)})
        else:
            out[name] = block
    return out


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
    blocks = {name: _core.beside(array, ep[name].ravel(), truth[name].ravel()) for name, array in given.items()}
    whole = _core.beside(*(np.concatenate([source[name].ravel() for name in given]) for source in (given, ep, truth)))
    return Comparison({"blocks": blocks, "all": whole, "closer_to": whole["closer_to"]})
