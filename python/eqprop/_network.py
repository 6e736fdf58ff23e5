"""Networks: weights, and what their batches do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, Sequence

from ._numpy import np
from . import _core
from ._answers import BatchGradient, Rest, Update, apart, flat, named
from ._arrays import bounds, choice, indices, matrix, numbers, series, vector
from ._errors import TimedOut, invalid
from ._learner import Learner, layer_rates

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOST_NEURONS = 20_000


class Network:
    """Neurons and the weights between them. Networks do not change; they can be shared by threads.

    Made by :meth:`dense`, :meth:`layered` or :meth:`glorot`.

    Examples
    --------
    >>> net = Network.dense([[0.0, 0.8], [-0.3, 0.1]], bias=[0.1, -0.2], outputs=[1])
    >>> net
    Network.dense(2 neurons, 0 inputs, outputs=[1], activation='tanh', dynamics='leaky')
    """

    __slots__ = ("_native",)
    _native: _core.Network

    def __init__(self) -> None:
        raise TypeError("networks are made by Network.dense, Network.layered or Network.glorot")

    @classmethod
    def _of(cls, native: _core.Network) -> Network:
        network = object.__new__(cls)
        object.__setattr__(network, "_native", native)
        return network

    @classmethod
    def dense(
        cls,
        weights: ArrayLike,
        *,
        input_weights: ArrayLike | None = None,
        bias: ArrayLike | None = None,
        outputs: Sequence[int] | None = None,
        activation: str = "tanh",
        dynamics: str = "leaky",
    ) -> Network:
        """A network in which every neuron acts on every neuron.

        Parameters
        ----------
        weights : array, n × n
            ``weights[i, j]`` acts from neuron j on neuron i.
        input_weights : array, n × d, optional
            Default: no input.
        bias : array, n, optional
            Default 0.
        outputs : list of int, optional
            The output neurons; default all.
        activation : str
            ``"identity"``, ``"tanh"``, ``"logistic"``, ``"hard_sigmoid"``, ``"relu"``, ``"softplus"`` or
            ``"steep_logistic"``.
        dynamics : str
            ``"leaky"`` or ``"hopfield"``.
        """
        square = matrix("weights", weights, (None, None))
        n = square.shape[0]
        if square.shape != (n, n) or n == 0:
            raise invalid("weights", f"expected a square matrix, found shape {square.shape}")
        inputs = np.zeros((n, 0)) if input_weights is None else matrix("input_weights", input_weights, (n, None))
        offsets = np.zeros(n) if bias is None else vector("bias", bias, n, " (one per neuron)")
        chosen = list(range(n)) if outputs is None else indices("outputs", outputs, n)
        return cls._of(
            _core.Network.dense(
                square, inputs, offsets, chosen, choice("activation", activation), choice("dynamics", dynamics)
            )
        )

    @classmethod
    def layered(
        cls,
        forward: Sequence[ArrayLike],
        feedback: Sequence[ArrayLike],
        bias: Sequence[ArrayLike] | None = None,
        *,
        activation: str = "hard_sigmoid",
        dynamics: str = "leaky",
    ) -> Network:
        """A network of layers; the last one is the output.

        Parameters
        ----------
        forward : list of arrays
            ``forward[k]`` maps layer k (0 is the input) to layer k + 1: one row a neuron of layer k + 1.
        feedback : list of arrays
            ``feedback[k]`` maps layer k + 2 back to layer k + 1: one row a neuron of layer k + 1.
        bias : list of arrays, optional
            One vector a layer of neurons; default 0.
        activation, dynamics : str
            As in :meth:`dense`.
        """
        up = [numbers(f"forward[{k}]", item, 2) for k, item in enumerate(series("forward", forward))]
        if not up:
            raise invalid("forward", "expected at least one matrix")
        sizes = [up[0].shape[1], *(item.shape[0] for item in up)]
        for k, size in enumerate(sizes[1:]):
            if size == 0:
                raise invalid(f"forward[{k}]", "expected at least one row")
        for k, item in enumerate(up):
            matrix(f"forward[{k}]", item, (sizes[k + 1], sizes[k]))
        down = series("feedback", feedback)
        if len(down) != len(up) - 1:
            raise invalid("feedback", f"expected {len(up) - 1} matrices, found {len(down)}")
        down = [
            matrix(f"feedback[{k}]", item, (sizes[k + 1], sizes[k + 2])) for k, item in enumerate(down)
        ]
        offsets = [np.zeros(size) for size in sizes[1:]] if bias is None else series("bias", bias)
        if len(offsets) != len(up):
            raise invalid("bias", f"expected {len(up)} vectors, found {len(offsets)}")
        offsets = [
            vector(f"bias[{k}]", item, sizes[k + 1], " (one per neuron)") for k, item in enumerate(offsets)
        ]
        return cls._of(
            _core.Network.layered(
                up, down, np.concatenate(offsets), choice("activation", activation), choice("dynamics", dynamics)
            )
        )

    @classmethod
    def glorot(
        cls,
        sizes: Sequence[int],
        *,
        outputs: Sequence[int] | None = None,
        seed: int = 1,
        gain: float = 1.0,
        asymmetry: float = 1.0,
        activation: str = "tanh",
        dynamics: str = "leaky",
    ) -> Network:
        """A network drawn at random, as ``init`` of problem files draws it: the same on every machine.

        Parameters
        ----------
        sizes : list of int
            Layers from input to output; with ``outputs``, inputs and neurons of a dense network.
        outputs : list of int, optional
            Given, the network is dense, and these are its output neurons.
        seed, gain, asymmetry
            Asymmetry 0 makes feedback the transpose of forward, 1 makes it independent.
        """
        layers = [int(size) for size in np.asarray(sizes, dtype=np.int64).ravel()]
        least = [0, *[1] * (len(layers) - 1)]
        if len(layers) < 2 or any(size < low for size, low in zip(layers, least)):
            raise invalid("sizes", f"expected at least two positive sizes, input first, found {layers}")
        if sum(layers[1:]) > MOST_NEURONS or layers[0] > 100_000:
            raise invalid("sizes", f"expected at most {MOST_NEURONS:,} neurons and 100000 inputs")
        if not (np.isfinite(gain) and gain >= 0):
            raise invalid("gain", f"expected a number ≥ 0, found {gain}")
        if not 0 <= asymmetry <= 1:
            raise invalid("asymmetry", f"expected a number from 0 to 1, found {asymmetry}")
        if not 0 <= seed < 2**64:
            raise invalid("seed", f"expected a whole number from 0 to 2⁶⁴ − 1, found {seed}")
        chosen = None
        if outputs is not None:
            if len(layers) != 2:
                raise invalid("sizes", "expected [inputs, neurons] for a dense network")
            chosen = indices("outputs", outputs, layers[1])
        return cls._of(
            _core.Network.glorot(
                layers, chosen, seed, gain, asymmetry, choice("activation", activation), choice("dynamics", dynamics)
            )
        )

    def settle(
        self,
        X: ArrayLike,
        targets: ArrayLike | None = None,
        beta: float = 0.0,
        state_bounds: tuple[float, float] | None = None,
        precision: str = "f64",
        tolerance: float = 1e-6,
        *,
        initial_state: ArrayLike | None = None,
        max_sweeps: int = 500,
        threads: int | None = None,
    ) -> Rest:
        """Where the samples of a batch rest, found by the engine (leaky networks).

        An iteration is not the dynamics: where several fixed points attract, compare with
        :meth:`Problem.simulate`. A sample's answer does not depend on the others, nor on ``threads``.

        Parameters
        ----------
        X : array, samples × d
            Rows are samples; 0 columns: no input.
        targets : array, samples × outputs, optional
            Needed where ``beta`` is not 0.
        beta : float
            The influence parameter, above −1.
        state_bounds : (float, float), optional
            States are held inside.
        precision : str
            ``"f64"`` or ``"f32"``; f32 reaches residuals of some 1e-6.
        tolerance : float
            The largest force at which a sample has settled.
        initial_state : array, samples × n, optional
            Where the states start; default 0 (the nearest bound).
        max_sweeps : int
            Sweeps after which a sample is given up.
        threads : int, optional
            Default those of the machine.

        Returns
        -------
        Rest
            ``state``, ``residual``, ``outcome`` and ``sweeps``, one row a sample.

        Examples
        --------
        >>> net = Network.glorot([3, 4, 2], seed=1)
        >>> rest = net.settle([[0.1, 0.2, 0.3], [1.0, 0.0, -1.0]])
        >>> rest.state.shape, rest.outcome.tolist()
        ((2, 6), ['settled', 'settled'])
        """
        batch = self._batch(X, targets, beta, state_bounds, precision, tolerance, initial_state, max_sweeps, threads)
        if beta != 0 and targets is None:
            raise invalid("targets", "missing; a nudge needs them")
        return Rest(_core.settle(self._native, *batch))

    def ep_update(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        beta: float = 0.5,
        estimator: str = "one_sided",
        *,
        state_bounds: tuple[float, float] | None = None,
        precision: str = "f64",
        tolerance: float = 1e-6,
        initial_state: ArrayLike | None = None,
        max_sweeps: int = 500,
        threads: int | None = None,
    ) -> Update:
        """The mean update of equilibrium propagation over a batch, by blocks, to be added to θ.

        Samples of which a phase does not settle do not contribute; ``outcome`` names them.

        Parameters
        ----------
        X, Y : array, samples × d and samples × outputs
        beta : float
        estimator : str
            ``"one_sided"``, ``"centred"`` or ``"asymmetric"`` (converges to the gradient).

        Raises
        ------
        TimedOut
            If no sample settled.
        """
        batch = self._batch(X, Y, beta, state_bounds, precision, tolerance, initial_state, max_sweeps, threads)
        if not 1e-10 <= abs(beta):
            raise invalid("beta", f"expected a number with |beta| ≥ 1e-10, found {beta}")
        found = _core.ep_update(self._native, *batch, choice("estimator", estimator))
        update = Update(found["update"])
        update.cost, update.residual = found["cost"], found["residual"]
        update.outcome = settled(found)
        return update

    def gradient(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        *,
        state_bounds: tuple[float, float] | None = None,
        precision: str = "f64",
        tolerance: float = 1e-10,
        initial_state: ArrayLike | None = None,
        max_sweeps: int = 2000,
        threads: int | None = None,
    ) -> BatchGradient:
        """The mean of −∂J/∂θ over a batch, and of EP's update in the limit of weak nudges.

        Both as directions to add to θ. Samples that do not settle do not contribute.

        Examples
        --------
        >>> net = Network.glorot([3, 4, 2], seed=1)
        >>> g = net.gradient([[0.1, 0.2, 0.3], [1.0, 0.0, -1.0]], [[1.0, 0.0], [0.0, 1.0]])
        >>> [block.shape for block in g.negative_gradient["forward"]]
        [(4, 3), (2, 4)]
        """
        batch = self._batch(X, Y, 0.0, state_bounds, precision, tolerance, initial_state, max_sweeps, threads)
        found = _core.batch_gradient(self._native, *batch)
        found["outcome"] = settled(found)
        truth, update = flat(found["negative_gradient"]), flat(found["ep_update"])
        found["angle_degrees"], found["relative_error"] = apart(update, truth)
        return BatchGradient(found)

    def learner(
        self,
        *,
        state_bounds: tuple[float, float] | None = None,
        precision: str = "f32",
        tolerance: float = 1e-5,
        max_sweeps: int = 500,
        threads: int | None = None,
    ) -> Learner:
        """A learner that starts at this network and changes its own weights in place."""
        return Learner(self, state_bounds, precision, tolerance, max_sweeps, threads)

    def updated(self, update: Mapping[str, Any], rate: float | Sequence[float] = 1.0) -> Network:
        """The network at θ + rate · update.

        Parameters
        ----------
        update : dict of blocks
            As :attr:`parameters`; blocks may be missing.
        rate : float or list of float
            For a layered network one rate a layer may be given, input side first: it counts for the layer's
            forward matrix and bias, and for the feedback that arrives there.
        """
        blocks = self.parameters
        rates = layer_rates(self, rate)
        for name, change in update.items():
            if name not in blocks:
                raise invalid(f"update[{name!r}]", f"expected one of {list(blocks)}")
            own = blocks[name]
            parts, changes = (own, list(change)) if isinstance(own, list) else ([own], [change])
            if len(parts) != len(changes):
                raise invalid(f"update[{name!r}]", f"expected {len(parts)} arrays, found {len(changes)}")
            for k, (part, step) in enumerate(zip(parts, changes)):
                if np.shape(step) != part.shape:
                    raise invalid(
                        f"update[{name!r}]", f"expected shape {part.shape}, found {np.shape(step)}"
                    )
                part += rates[k] * np.asarray(step)
        rest: dict[str, Any] = {"activation": self.activation, "dynamics": self.dynamics}
        if self.layers is None:
            rest["outputs"] = self.outputs
        return _network(self.layers is None, {**blocks, **rest})

    def _batch(
        self,
        X: ArrayLike,
        targets: ArrayLike | None,
        beta: float,
        state_bounds: Any,
        precision: str,
        tolerance: float,
        initial_state: ArrayLike | None,
        max_sweeps: int,
        threads: int | None,
    ) -> tuple[Any, ...]:
        if precision not in ("f32", "f64"):
            raise invalid("precision", f'expected "f64" or "f32", found {precision!r}')
        dtype = np.float64 if precision == "f64" else np.float32
        x = numbers("X", X, 2, dtype)
        samples = len(x)
        if x.shape[1] != self.inputs:
            raise invalid("X", f"expected {self.inputs} columns (one per input), found shape {x.shape}")
        if samples == 0:
            raise invalid("X", "expected at least one row (a sample)")
        y = start = None
        if targets is not None:
            y = numbers("targets", targets, 2, dtype)
            if y.shape != (samples, len(self.outputs)):
                wanted = (samples, len(self.outputs))
                raise invalid("targets", f"expected shape {wanted} (a row a sample), found {y.shape}")
        if initial_state is not None:
            start = numbers("initial_state", initial_state, 2, dtype)
            if start.shape != (samples, self.neurons):
                wanted = (samples, self.neurons)
                raise invalid("initial_state", f"expected shape {wanted}, found {start.shape}")
        if not tolerance > 0:
            raise invalid("tolerance", f"expected a positive number, found {tolerance}")
        if not 1 <= max_sweeps <= 10**9:
            raise invalid("max_sweeps", f"expected a whole number from 1 to 10⁹, found {max_sweeps}")
        if threads is None:
            threads = os.cpu_count() or 1
        if not 1 <= threads <= 1024:
            raise invalid("threads", f"expected a whole number from 1 to 1024, found {threads}")
        options = {
            "beta": float(beta),
            "state_bounds": bounds("state_bounds", state_bounds),
            "tolerance": float(tolerance),
            "max_sweeps": int(max_sweeps),
            "threads": min(int(threads), samples),
        }
        return {"inputs": x, "targets": y, "start": start}, options

    @property
    def parameters(self) -> dict[str, Any]:
        """θ by blocks, new arrays each time: ``weights``, ``input_weights``, ``bias``, or lists of arrays
        ``forward``, ``feedback``, ``bias``."""
        return self._native.parameters()

    @property
    def activation(self) -> str:
        """The firing rate ρ."""
        return self._native.activation

    @property
    def dynamics(self) -> str:
        """Which vector field the weights define."""
        return self._native.dynamics

    @property
    def outputs(self) -> list[int]:
        """The output neurons."""
        return self._native.outputs

    @property
    def neurons(self) -> int:
        """How many neurons there are."""
        return self._native.neurons

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return self._native.inputs

    @property
    def layers(self) -> list[int] | None:
        """Sizes of the layers of neurons; None if the network is dense."""
        return self._native.layers

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("networks do not change; make another one")

    def __repr__(self) -> str:
        common = f"activation={self.activation!r}, dynamics={self.dynamics!r})"
        layers = self.layers
        if layers is None:
            many = f"{self.neurons} neurons, {self.inputs} inputs, outputs={self.outputs}"
            return f"Network.dense({many}, {common}"
        sizes = "-".join(str(size) for size in [self.inputs, *layers])
        return f"Network.layered({sizes}, {common}"

    def __copy__(self) -> Network:
        return self

    def __deepcopy__(self, memory: Any) -> Network:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        rest: dict[str, Any] = {"activation": self.activation, "dynamics": self.dynamics}
        if self.layers is None:
            rest["outputs"] = self.outputs
        return _network, (self.layers is None, {**self.parameters, **rest})


def _network(dense: bool, arguments: dict[str, Any]) -> Network:
    return Network.dense(**arguments) if dense else Network.layered(**arguments)


def settled(found: Mapping[str, Any]) -> Any:
    """The outcomes of a batch of which at least one sample settled."""
    outcome = named(found["outcome"])
    if not (outcome == "settled").any():
        residual = float(np.nanmedian(found["residual"])) if np.isfinite(found["residual"]).any() else None
        raise TimedOut(
            f"no sample of the batch settled (median residual {residual}). Raise max_sweeps, hold the states "
            "inside state_bounds, or lower the weights",
            {"residual": residual},
        )
    return outcome
