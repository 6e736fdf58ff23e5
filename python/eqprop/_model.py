"""Networks and problems."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import numpy as np

from . import _core
from ._answers import (
    BatchGradient,
    Comparison,
    Continuation,
    FixedPoints,
    Portrait,
    Rest,
    Simulation,
    Spectrum,
    Update,
    Validation,
    apart,
    flat,
    named,
)
from ._arrays import bounds, indices, matrix, numbers, series, vector
from ._compare import compare
from ._errors import CautionWarning, TimedOut, invalid
from ._results import Gradient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MOST_NEURONS = 5000


def choice(name: str, value: Any) -> str:
    """A name."""
    if not isinstance(value, str):
        raise invalid(name, f"expected a name, found {value!r}")
    return value


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
            raise invalid("sizes", f"expected at most {MOST_NEURONS} neurons and 100000 inputs")
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
        for name, change in update.items():
            if name not in blocks:
                raise invalid(f"update[{name!r}]", f"expected one of {list(blocks)}")
            own = blocks[name]
            parts, changes = (own, list(change)) if isinstance(own, list) else ([own], [change])
            if len(parts) != len(changes):
                raise invalid(f"update[{name!r}]", f"expected {len(parts)} arrays, found {len(changes)}")
            rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), (max(len(parts), np.size(rate)),))
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
        return x, y, start, options

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


class Problem:
    """A network, an input, a target, and where the state starts. Problems do not change.

    Parameters
    ----------
    network : Network
    input : array, d, optional
        x; enters as ρ(x).
    target : array, optional
        y, one number per output neuron; without it there is no cost, and no gradient.
    initial_state : array, n, optional
        s at t = 0; default 0 (or the nearest bound).
    state_bounds : (float, float), optional
        States are held inside.
    time_constants : array, n, optional
        τ; default 1.

    Examples
    --------
    >>> net = Network.dense([[0.0, 0.8], [-0.3, 0.1]], bias=[0.1, -0.2], outputs=[1])
    >>> problem = Problem(net, target=[0.4])
    >>> round(problem.gradient().angle_degrees, 6)
    54.174694
    """

    __slots__ = ("_native", "_network")
    _native: _core.Problem
    _network: Network

    def __init__(
        self,
        network: Network,
        *,
        input: ArrayLike | None = None,
        target: ArrayLike | None = None,
        initial_state: ArrayLike | None = None,
        state_bounds: tuple[float, float] | None = None,
        time_constants: ArrayLike | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise invalid("network", f"expected an eqprop.Network, found {type(network).__name__}")
        n = network.neurons
        if n > MOST_NEURONS:
            raise invalid("network", f"expected at most {MOST_NEURONS} neurons, found {n}")
        x = vector("input", () if input is None else input, network.inputs, " (one per input)")
        y = None
        if target is not None:
            y = vector("target", target, len(network.outputs), " (one per output neuron)")
        held = bounds("state_bounds", state_bounds)
        tau = None
        if time_constants is not None:
            tau = vector("time_constants", time_constants, n, " (one per neuron)")
            if (tau <= 0).any():
                k = int(np.argmax(tau <= 0))
                raise invalid(f"time_constants[{k}]", f"expected a positive number, found {tau[k]}")
        if initial_state is None:
            start = np.full(n, 0.0 if held is None else min(max(0.0, held[0]), held[1]))
        else:
            start = vector("initial_state", initial_state, n, " (one per neuron)")
            if held is not None and ((start < held[0]) | (start > held[1])).any():
                raise invalid("initial_state", f"expected values inside state_bounds {held}")
        native = _core.Problem(network._native, x, y, start, held, tau)
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_network", network)

    @classmethod
    def _of(cls, native: _core.Problem) -> Problem:
        problem = object.__new__(cls)
        object.__setattr__(problem, "_native", native)
        object.__setattr__(problem, "_network", Network._of(native.network))
        return problem

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Problem:
        """Reads a problem file (JSON).

        Raises
        ------
        NotFound, Io, InvalidInput
            With the file, the place in it, and what is accepted.
        """
        return cls._of(_core.Problem.read(os.fspath(path)))

    @classmethod
    def from_json(cls, text: str) -> Problem:
        """The same from the text of a problem file."""
        return cls._of(_core.Problem.from_json(text))

    @property
    def network(self) -> Network:
        """The network."""
        return self._network

    @property
    def input(self) -> NDArray[np.float64]:
        """x."""
        return self._native.input

    @property
    def target(self) -> NDArray[np.float64] | None:
        """y."""
        return self._native.target

    @property
    def initial_state(self) -> NDArray[np.float64]:
        """s at t = 0."""
        return self._native.initial_state

    @property
    def time_constants(self) -> NDArray[np.float64] | None:
        """τ; None if all are 1."""
        return self._native.time_constants

    @property
    def state_bounds(self) -> tuple[float, float] | None:
        """Between which values the states are held."""
        return self._native.state_bounds

    def gradient(
        self,
        estimator: str = "linear_response",
        beta: float | None = None,
        *,
        points: int | None = None,
        learning_rate: float | None = None,
        settle_time: float | None = None,
        at: str | ArrayLike | None = None,
        budget: bool = False,
        eigenvalues: int | None = None,
        **solver: Any,
    ) -> Gradient:
        """The gradient: true, and by equilibrium propagation.

        Parameters
        ----------
        estimator : str
            ``"linear_response"`` (EP in the limit β → 0), ``"one_sided"``, ``"centred"``, ``"richardson"``,
            ``"holomorphic"``, ``"sensitivity"``, ``"plasticity"``, ``"continual"``, ``"asymmetric"``,
            ``"dyadic"``.
        beta : float, optional
            The influence parameter of a nudged estimator; default 0.001 (holomorphic: 0.05).
        points : int, optional
            Points on the circle of the holomorphic estimator; default 8.
        learning_rate : float, optional
            η of the continual estimator.
        settle_time : float, optional
            End the nudged phases after this time instead of at rest.
        at : "unstable" or array, optional
            At this fixed point instead of the one that is reached.
        budget : bool
            Split the error by its sources.
        eigenvalues : int, optional
            How many are listed; default all up to 300 neurons, else 20.
        **solver
            ``method``, ``rtol``, ``atol``, ``dt``, ``max_time``, ``max_steps``, ``polish``.

        Returns
        -------
        Gradient

        Raises
        ------
        LimitCycle, Diverged, Chaotic, TimedOut, Sliding, StepUnderflow
            What the dynamics did instead of settling.
        SingularJacobian, NotAnalytic, InvalidInput
        """
        if self.target is None:
            raise invalid("target", "missing; there is no gradient without a cost")
        found = Gradient(
            self._native.gradient(
                choice("estimator", estimator),
                beta,
                points,
                learning_rate,
                settle_time,
                place(at),
                bool(budget),
                eigenvalues,
                solver,
            )
        )
        doubts(found, at is not None)
        return found

    def simulate(
        self,
        t_free: float | None = None,
        t_nudged: float | None = None,
        beta: float = 0.5,
        times: ArrayLike | None = None,
        *,
        dt_out: float | None = None,
        compare_euler: Sequence[float] = (),
        **solver: Any,
    ) -> Simulation:
        """The trajectory of the free phase, and of the nudged phase that follows.

        Parameters
        ----------
        t_free, t_nudged : float, optional
            Lengths of the phases; default until they rest.
        beta : float
            The influence parameter of the nudged phase.
        times : array, optional
            Times of rows, counted through both phases; the start and the switch are rows anyhow.
        dt_out : float, optional
            Time between rows instead.
        compare_euler : list of float
            Steps at which Euler's method is run for comparison.
        **solver
            As in :meth:`gradient`.

        Examples
        --------
        >>> net = Network.dense([[0.0, 0.8], [-0.3, 0.1]], bias=[0.1, -0.2], outputs=[1])
        >>> t = Problem(net, target=[0.4]).simulate(t_free=2, t_nudged=1, times=[1, 2, 3])
        >>> t.t.tolist(), t.phase.tolist()
        ([0.0, 1.0, 2.0, 2.0, 3.0], ['free', 'free', 'free', 'nudged', 'nudged'])
        """
        if self.target is None and beta != 0:
            raise invalid("beta", "expected 0: the problem has no target, so that nothing nudges")
        rows = None if times is None else vector("times", times).tolist()
        steps = vector("compare_euler", compare_euler).tolist()
        return Simulation(self._native.simulate(t_free, t_nudged, beta, rows, dt_out, steps, solver))

    def fixed_points(
        self,
        beta: float = 0.0,
        *,
        box: tuple[float, float] | None = None,
        patience: int | None = None,
    ) -> FixedPoints:
        """All fixed points, stable or not, of the free phase or of the one nudged by ``beta``.

        Examples
        --------
        >>> net = Network.dense([[2.0]])
        >>> [point.kind for point in Problem(net, target=[0.0]).fixed_points()]
        ['stable_node', 'unstable_node', 'stable_node']
        """
        if not np.isfinite(beta):
            raise invalid("beta", f"expected a finite number, found {beta}")
        region, held = bounds("box", box), self.state_bounds
        if region and held and (region[1] < held[0] or region[0] > held[1]):
            raise invalid("box", f"does not meet state_bounds {held}")
        found = FixedPoints(self._native.fixed_points(beta, region, patience))
        if not found.search["proven_complete"]:
            caution("the list of fixed points is not proven to be complete; raise patience to look for more")
        return found

    def portrait(
        self,
        coordinates: tuple[int, int] = (0, 1),
        *,
        beta: float | None = None,
        nudged: str = "overlay",
        window: tuple[float, float, float, float] | None = None,
        starts: Sequence[tuple[float, float]] = (),
        at: ArrayLike | None = None,
        project: bool = False,
        speed: str = "auto",
        separation: float = 0.045,
        without: Sequence[str] = (),
        **solver: Any,
    ) -> Portrait:
        """The phase portrait in the plane of two neurons. It shows itself in notebooks.

        Parameters
        ----------
        coordinates : (int, int)
            The two neurons.
        beta : float, optional
            Show the field nudged by β as well; ``nudged`` says where: ``"overlay"`` or ``"beside"``.
        window : (x0, x1, y0, y1), optional
        starts : list of (x, y)
            Starts of further trajectories.
        at : array, n, optional
            The state that the section goes through, of more than two neurons.
        project : bool
            True trajectories projected, in place of a section.
        speed : str
            ``"auto"``, ``"linear"`` or ``"log"``.
        without : list of str
            What is left out: ``"streamlines"``, ``"nullclines"``, ``"fixed_points"``, ``"manifolds"``,
            ``"cycles"``, ``"basins"``, ``"trajectories"``, ``"path"``.
        """
        elements = {
            *("streamlines", "nullclines", "fixed_points", "manifolds"),
            *("cycles", "basins", "trajectories", "path"),
        }
        if not elements.issuperset(without):
            raise invalid("without", f"expected some of {sorted(elements)}, found {list(without)}")
        pair = indices("coordinates", coordinates, self.network.neurons)
        if len(pair) != 2:
            raise invalid("coordinates", f"expected two neurons, found {coordinates}")
        options = {
            "coordinates": pair,
            "at": None if at is None else vector("at", at, self.network.neurons).tolist(),
            "window": None if window is None else vector("window", window, 4).tolist(),
            "project": bool(project),
            "starts": [vector(f"starts[{k}]", start, 2).tolist() for k, start in enumerate(series("starts", starts))],
            "beta": beta,
            "nudged": choice("nudged", nudged),
            "speed": choice("speed", speed),
            "separation": separation,
            "without": list(without),
        }
        return Portrait(self._native.portrait(options, solver))

    def spectrum(
        self,
        asymmetry: ArrayLike = 1.0,
        *,
        at: str | ArrayLike | None = None,
        **solver: Any,
    ) -> Spectrum:
        """Eigenvalues of the Jacobian, with the cone in which EP descends.

        Parameters
        ----------
        asymmetry : float or list of float
            λ of W = S + λA; 1 is the network as it stands.
        at : "unstable" or array, optional
            At this fixed point instead of the one that is reached.
        """
        values = vector("asymmetry", np.atleast_1d(np.asarray(asymmetry))).tolist()
        return Spectrum(self._native.spectrum(values, place(at), solver))

    def continuation(
        self,
        parameter: str,
        range: tuple[float, float],
        *,
        beta: float = 0.0,
        all: bool = False,
        at: str | ArrayLike | None = None,
        component: int | None = None,
        step: float | None = None,
        **solver: Any,
    ) -> Continuation:
        """Follows the fixed point along a parameter: folds, Hopf points, branch points.

        Parameters
        ----------
        parameter : str
            ``"beta"``, ``"asymmetry"`` (λ of W = S + λA), ``"gain"`` (g of gW) or ``"bias:I"``.
        range : (float, float)
            Holds the value in the problem: β 0, λ 1, g 1.
        all : bool
            Follow all other fixed points and all branches that cross as well.
        """
        if self.target is None and (parameter == "beta" or beta != 0):
            raise invalid("target", "missing; nothing nudges without a cost")
        ends = bounds("range", range)
        if ends is None:
            raise invalid("range", "missing; expected (low, high)")
        if not np.isfinite(beta):
            raise invalid("beta", f"expected a finite number, found {beta}")
        if step is not None and not 1e-6 <= step <= 1e3:
            raise invalid("step", f"expected a number from 1e-6 to 1000, found {step}")
        name = choice("parameter", parameter)
        return Continuation(
            self._native.continuation(name, ends, beta, bool(all), place(at), component, step, solver)
        )

    def validate(self, *, at: str | ArrayLike | None = None, plant: str | None = None) -> Validation:
        """Checks the theorem on this problem: trajectories, finite differences, the bound, the time course.

        ``plant`` plants a fault, to see that the checks can fail.
        """
        if self.target is None:
            raise invalid("target", "missing; there is no gradient without a cost")
        return Validation(self._native.validate(place(at), plant))

    def compare(self, update: Mapping[str, Any], **solver: Any) -> Comparison:
        """A user's own update beside EP's and the gradient.

        Parameters
        ----------
        update : dict of blocks
            A direction to add to θ, with the names of :attr:`Network.parameters` (of a layered network lists,
            or ``forward_0``, ``feedback_0``, …). Blocks may be missing: only those given are compared.

        Returns
        -------
        Comparison
            ``blocks`` and ``all``, each with ``to_ep`` and ``to_gradient``: ``angle_degrees``,
            ``relative_error`` and ``scale``, the factor that brings the update nearest; and ``closer_to``:
            ``"ep"``, ``"gradient"``, ``"both"`` or ``"neither"``.

        Examples
        --------
        >>> net = Network.dense([[0.0, 0.8], [-0.3, 0.1]], bias=[0.1, -0.2], outputs=[1])
        >>> problem = Problem(net, target=[0.4])
        >>> g = problem.gradient()
        >>> problem.compare({"weights": 0.1 * g.ep_update["weights"]}).closer_to
        'ep'
        """
        return compare(self.gradient(**solver), update)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("problems do not change; make another one")

    def __repr__(self) -> str:
        return f"Problem({self.network!r})"

    def __copy__(self) -> Problem:
        return self

    def __deepcopy__(self, memory: Any) -> Problem:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _problem, (
            self.network,
            {
                "input": self.input,
                "target": self.target,
                "initial_state": self.initial_state,
                "state_bounds": self.state_bounds,
                "time_constants": self.time_constants,
            },
        )


def _problem(network: Network, arguments: dict[str, Any]) -> Problem:
    return Problem(network, **arguments)


def settled(found: Mapping[str, Any]) -> Any:
    """The outcomes of a batch of which at least one sample settled."""
    outcome = named(found["outcome"])
    if not (outcome == "settled").any():
        residual = float(np.nanmedian(found["residual"])) if np.isfinite(found["residual"]).any() else None
        raise TimedOut(
            f"no sample of the batch settled (median residual {residual}); raise max_sweeps, hold the states "
            "inside state_bounds, or lower the weights",
            {"residual": residual},
        )
    return outcome


def caution(message: str) -> None:
    """Tells the user of something doubtful."""
    warnings.warn(message, CautionWarning, stacklevel=4)


def doubts(found: Gradient, named_point: bool) -> None:
    """Tells what is doubtful about a gradient."""
    if not named_point and found.stable is False:
        caution("the fixed point is not stable; the dynamics rest there only from this start")
    if not named_point and found.stable is None:
        caution("whether the fixed point is stable is within rounding of its eigenvalues")
    if len(found.on_kink):
        caution(f"neurons {found.on_kink.tolist()} sit on a kink of the activation, where the theorem is silent")
    if "on_edge" in found._fields:
        caution(
            f"neurons {found['on_edge'].tolist()} rest exactly on a bound: only nudges inward move them, and the theorem "
            "holds on one side only; one_sided has both slopes"
        )
    if len(found.jumped):
        caution(
            f"nudged by β = {found.jumped.tolist()} the state goes to another branch of fixed points, and the "
            "estimate means nothing; lower |beta|"
        )
    convergence = found.convergence
    if convergence is not None and convergence["inside"] is False:
        caution("|beta| is not inside the radius of convergence as far as the points on the circle show; lower it")


def place(at: Any) -> Any:
    """Which fixed point is meant, as the native half takes it."""
    return at if at is None or isinstance(at, str) else vector("at", at)
