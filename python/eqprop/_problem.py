"""Problems: everything that is asked of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, Sequence

from ._numpy import np
from . import _core
from ._answers import Comparison, Continuation, FixedPoints, Portrait, Simulation, Spectrum, Validation
from ._arrays import bounds, choice, indices, series, vector
from ._building import kept, of_function, of_network, of_text, place
from ._compare import compare
from ._doubts import caution, doubts
from ._errors import invalid
from ._field import Field, in_shape
from ._network import Network
from ._results import Gradient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Problem:
    """A network or a field, an input, a target, and where the state starts. Problems do not change.

    Parameters
    ----------
    system : Network or Field
    input : array, d, optional
        x; enters a network as ρ(x).
    outputs : list of str or int, optional
        Of a field: the states that the cost is about, by name or number. A network names its own.
    target : array, optional
        y, one number per output; without it (and a cost) there is no gradient.
    cost : str, optional
        Of a field in text: an expression of the states, in place of outputs and target.
    initial_state : array, n, or of a field a dict by name, optional
        s at t = 0; default 0 (or the nearest bound).
    state_bounds : (float, float), optional
        States are held inside.
    time_constants : array, n, or of a field a dict by name, optional
        τ; default 1.

    Examples
    --------
    >>> net = Network.dense([[0.0, 0.8], [-0.3, 0.1]], bias=[0.1, -0.2], outputs=[1])
    >>> problem = Problem(net, target=[0.4])
    >>> round(problem.gradient().angle_degrees, 6)
    54.174694
    """

    __slots__ = ("_native", "_network", "_source")
    _native: _core.Problem
    _network: Network | None
    _source: tuple[Any, ...]

    def __init__(
        self,
        system: Network | Field,
        *,
        input: ArrayLike | None = None,
        outputs: Sequence[str | int] | None = None,
        target: ArrayLike | None = None,
        cost: str | None = None,
        initial_state: ArrayLike | Mapping[str, float] | None = None,
        state_bounds: tuple[float, float] | None = None,
        time_constants: ArrayLike | Mapping[str, float] | None = None,
    ) -> None:
        rest = {
            "input": input,
            "outputs": outputs,
            "target": target,
            "cost": cost,
            "initial_state": initial_state,
            "state_bounds": bounds("state_bounds", state_bounds),
            "time_constants": time_constants,
        }
        if isinstance(system, Network):
            native = of_network(system, rest)
        elif isinstance(system, Field) and system._text is not None:
            native = of_text(system._text, rest)
        elif isinstance(system, Field) and system._function is not None:
            native = of_function(system._function, rest)
        else:
            raise invalid("system", f"expected an eqprop.Network or an eqprop.Field, found {type(system).__name__}")
        own = system if isinstance(system, Network) else None
        self._keep(native, own, (system, {name: kept(value) for name, value in rest.items()}))

    def _keep(self, native: _core.Problem, network: Network | None, source: tuple[Any, ...]) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_network", network)
        object.__setattr__(self, "_source", source)

    @classmethod
    def _of(cls, native: _core.Problem, text: str | None) -> Problem:
        problem = object.__new__(cls)
        found = native.network
        if found is None:
            problem._keep(native, None, (text, {}))
            return problem
        network = Network._of(found)
        rest = {
            "input": native.input,
            "target": native.target,
            "initial_state": native.initial_state,
            "state_bounds": native.state_bounds,
            "time_constants": native.time_constants,
        }
        problem._keep(native, network, (network, rest))
        return problem

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Problem:
        """Reads a problem file (JSON).

        Raises
        ------
        NotFound, Io, InvalidInput
            With the file, the place in it, and what is accepted.
        """
        place = os.fspath(path)
        native = _core.Problem.read(place)
        text = None
        if native.network is None:
            with open(place, encoding="utf-8-sig") as file:
                text = file.read()
        return cls._of(native, text)

    @classmethod
    def from_json(cls, text: str) -> Problem:
        """The same from the text of a problem file."""
        return cls._of(_core.Problem.from_json(text), text)

    @property
    def network(self) -> Network | None:
        """The network, if the problem is about one."""
        return self._network

    @property
    def names(self) -> list[str]:
        """The names of the states."""
        return self._native.names

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
        if not self._native.has_cost:
            raise invalid("target", "missing; there is no gradient without a cost")
        found = self._gradient(
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

    @property
    def _is_function(self) -> bool:
        system = self._source[0]
        return isinstance(system, Field) and system._function is not None

    def _gradient(self, fields: dict[str, Any]) -> Gradient:
        system = self._source[0]
        if isinstance(system, Field) and system._function is not None:
            for name in ("ep_update", "negative_gradient"):
                fields[name] = in_shape(system._function, fields[name])
        return Gradient(fields)

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
        if not self._native.has_cost and beta != 0:
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
        # every start of a Python function costs thousands of calls
        patience = 8 if patience is None and self._is_function else patience
        found = FixedPoints(self._native.fixed_points(beta, region, patience))
        if not found.search["proven_complete"]:
            caution("the list of fixed points is not proven to be complete. Raise patience to look for more")
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
        cells: int | None = None,
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
        cells : int, optional
            Cells of the grids of nullclines and basins along a side; default 240, of a Python function 48.
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
        if cells is not None and not 8 <= cells <= 2000:
            raise invalid("cells", f"expected a whole number from 8 to 2000, found {cells}")
        pair = indices("coordinates", coordinates, len(self.names))
        if len(pair) != 2:
            raise invalid("coordinates", f"expected two neurons, found {coordinates}")
        options = {
            "coordinates": pair,
            "at": None if at is None else vector("at", at, len(self.names)).tolist(),
            "window": None if window is None else vector("window", window, 4).tolist(),
            "project": bool(project),
            "starts": [vector(f"starts[{k}]", start, 2).tolist() for k, start in enumerate(series("starts", starts))],
            "beta": beta,
            "nudged": choice("nudged", nudged),
            "speed": choice("speed", speed),
            "separation": separation,
            "cells": (48 if self._is_function else 240) if cells is None else int(cells),
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
        if not self._native.has_cost and (parameter == "beta" or beta != 0):
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
        if not self._native.has_cost:
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
        system = self._source[0]
        return f"Problem({', '.join(self.names[:6])})" if isinstance(system, str) else f"Problem({system!r})"

    def __copy__(self) -> Problem:
        return self

    def __deepcopy__(self, memory: Any) -> Problem:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _problem, self._source


def _problem(system: Network | Field | str, arguments: dict[str, Any]) -> Problem:
    return Problem.from_json(system) if isinstance(system, str) else Problem(system, **arguments)
