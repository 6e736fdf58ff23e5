"""A network that learns in place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Sequence

from ._numpy import np
from . import _core
from ._answers import named
from ._arrays import choice
from ._errors import invalid
from ._results import Result

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._network import Network


class Learner:
    """A network that learns batch by batch, in place, at the engine's speed. Made by :meth:`Network.learner`.

    Examples
    --------
    >>> from eqprop import Network
    >>> learner = Network.glorot([3, 4, 2], seed=1).learner()
    >>> X, Y = np.eye(3)[:2], np.eye(2)
    >>> costs = [learner.step(X, Y, beta=0.5, rate=0.2).cost for _ in range(50)]
    >>> costs[-1] < 0.1 * costs[0]
    True
    """

    def __init__(
        self,
        network: Network,
        state_bounds: tuple[float, float] | None,
        precision: str,
        tolerance: float,
        max_sweeps: int,
        threads: int | None,
    ) -> None:
        threads = os.cpu_count() or 1 if threads is None else threads
        one = np.zeros((1, network.inputs))
        *_, options = network._batch(one, None, 0.0, state_bounds, precision, tolerance, None, max_sweeps, threads)
        self._shape = network
        self._options = {**options, "threads": int(threads)}
        self._precision = precision
        self._native = _core.Learner(network._native, precision == "f32", self._options)

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return type(self._shape)._of(self._native.network)

    def step(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        beta: float = 0.5,
        rate: float | Sequence[float] = 0.1,
        estimator: str = "one_sided",
        *,
        initial_state: ArrayLike | None = None,
    ) -> Result:
        """One update: θ + rate · mean update of the batch, over the samples that settle.

        Parameters
        ----------
        X, Y, beta, estimator
            As in :meth:`Network.ep_update`.
        rate : float or list of float
            One for all, or one a layer, input side first.

        Returns
        -------
        Result
            ``cost`` (before the update), ``outcome``, ``residual`` and ``sweeps``.
        """
        if not 1e-10 <= abs(beta):
            raise invalid("beta", f"expected a number with |beta| ≥ 1e-10, found {beta}")
        rates = layer_rates(self._shape, rate)
        held, tolerance = self._options["state_bounds"], self._options["tolerance"]
        sweeps, threads = self._options["max_sweeps"], self._options["threads"]
        given, options = self._shape._batch(
            X, Y, beta, held, self._precision, tolerance, initial_state, sweeps, threads
        )
        found = self._native.step(given, options, choice("estimator", estimator), rates)
        found["outcome"] = named(found["outcome"])
        return Result(found)

    def __repr__(self) -> str:
        return f"Learner({self._shape!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        options = self._options
        rest = options["tolerance"], options["max_sweeps"], options["threads"]
        return Learner, (self.network, options["state_bounds"], self._precision, *rest)


def layer_rates(network: Network, rate: float | Sequence[float]) -> list[float]:
    """One rate a block, in the order of the parameters."""
    given = np.asarray(rate, dtype=np.float64)
    if not np.isfinite(given).all():
        raise invalid("rate", f"expected finite numbers, found {rate!r}")
    layers = network.layers
    if given.ndim == 0:
        return [float(given)] * (3 if layers is None else 3 * len(layers) - 1)
    if layers is None or given.shape != (len(layers),):
        wanted = "a number" if layers is None else f"a number, or {len(layers)} (one a layer)"
        raise invalid("rate", f"expected {wanted}, found shape {given.shape}")
    own: list[float] = given.tolist()
    return [*own, *own[:-1], *own]
