"""What a problem and a batch answer, beside the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from ._numpy import np
from ._figures import Drawn
from ._results import Result

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._results import Blocks, Complexes, Floats

OUTCOMES = ("settled", "stalled", "oscillating", "diverged")


class Simulation(Drawn):
    """The trajectory of a free phase and of the nudged phase that follows.

    Attributes
    ----------
    t : ndarray
        Times of the rows, through both phases; the switch is there twice.
    state : ndarray, rows × n
    phase : ndarray of str
        ``"free"`` or ``"nudged"``.
    beta : ndarray
        β of each row.
    names : list of str
        What the columns of ``state`` are.
    free, nudged : Result
        Each phase with ``time``, ``state``, ``cost``, ``residual``, ``speed`` and ``statistics``.
    """

    _kind = "simulation"
    _shown = ("names", "settings")
    free: Result
    nudged: Result
    settings: dict[str, Any]

    def __init__(self, fields: dict[str, Any]) -> None:
        phases = {name: Phase(plain_fields(fields[name])) for name in ("free", "nudged")}
        super().__init__({**fields, **phases})

    @property
    def t(self) -> Floats:
        return np.concatenate([self.free.time, self.nudged.time])

    @property
    def state(self) -> Floats:
        return np.concatenate([self.free.state, self.nudged.state])

    @property
    def phase(self) -> NDArray[np.str_]:
        return np.repeat(["free", "nudged"], [len(self.free.time), len(self.nudged.time)])

    @property
    def beta(self) -> Floats:
        rows = [len(self.free.time), len(self.nudged.time)]
        return np.repeat([self.free.beta, self.nudged.beta], rows)

    @property
    def names(self) -> list[str]:
        own = self._fields.get("names")
        return list(own) if own else [f"s{i}" for i in range(self.free.state.shape[1])]

    def _rows(self) -> list[tuple[str, str]]:
        end = self.t[-1] if len(self.t) else 0.0
        return [("rows", str(len(self.t))), ("names", repr(self.names[:6])), ("end", f"{end:.6g}")]


class Phase(Result):
    """One phase, row by row."""

    _shown = ("beta", "time", "state")
    beta: float
    time: Floats
    state: Floats
    cost: Floats
    residual: Floats


class FixedPoint(Result):
    """One fixed point: ``state``, ``stable``, ``kind``, ``eigenvalues`` (complex), ``residual``."""

    _shown = ("kind", "state", "stable")
    state: Floats
    stable: bool | None
    kind: str
    eigenvalues: Complexes
    residual: float


class FixedPoints(Result):
    """All fixed points that were found, as a sequence; ``search`` says whether they are proven to be all."""

    fixed_points: list[FixedPoint]
    search: dict[str, Any]

    def __init__(self, fields: dict[str, Any]) -> None:
        points = [FixedPoint(plain_fields(point)) for point in fields["fixed_points"]]
        super().__init__({**fields, "fixed_points": points})

    def __len__(self) -> int:
        return len(self.fixed_points)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fixed_points)

    def __getitem__(self, which: Any) -> Any:
        return self._fields[which] if isinstance(which, str) else self.fixed_points[which]

    def __repr__(self) -> str:
        return f"FixedPoints({self.fixed_points!r})"


class Portrait(Drawn):
    """A phase portrait: ``panels`` with streamlines, nullclines, fixed points, manifolds, basins."""

    _kind = "portrait"
    _shown = ("neurons", "window")


class Spectrum(Drawn):
    """Eigenvalues of the Jacobian: ``spectra``, one at each asymmetry of the weights."""

    _kind = "spectrum"
    spectra: list[dict[str, Any]]


class Branch(Result):
    """One branch: ``parameter``, ``state``, ``leading_eigenvalue``, ``unstable`` point by point, ``events``."""

    _shown = ("parameter", "state", "ends")
    parameter: Floats
    state: Floats
    leading_eigenvalue: Complexes
    unstable: NDArray[np.int64]
    events: list[Event]


class Event(Result):
    """What happens at one place of a branch: ``kind``, ``parameter``, ``state``, ``eigenvalues``."""

    _shown = ("kind", "parameter", "state")
    kind: str
    parameter: float
    state: Floats
    eigenvalues: Complexes


class Continuation(Drawn):
    """Branches of fixed points along a parameter, and the events on them."""

    _kind = "continuation"
    _shown = ("parameter", "range", "limits", "branches", "events")
    branches: list[Branch]
    events: list[Event]
    parameter: str

    def __init__(self, fields: dict[str, Any]) -> None:
        def events(found: Any) -> list[Event]:
            return [Event(plain_fields(event)) for event in found]

        branches = [
            Branch({**plain_fields(branch), "events": events(branch["events"])}) for branch in fields["branches"]
        ]
        super().__init__({**fields, "branches": branches, "events": events(fields["events"])})


class Validation(Drawn):
    """The theorem checked on a problem: ``passed``, and the ``checks`` with what was measured."""

    _kind = "validation"
    _shown = ("passed", "checks")
    passed: bool
    checks: list[dict[str, Any]]


class Comparison(Result):
    """A user's update beside EP's and the gradient: ``blocks``, ``all``, and what it is ``closer_to``."""

    _shown = ("closer_to", "all")
    closer_to: str
    all: dict[str, Any]
    blocks: dict[str, Any]


class Rest(Result):
    """Where the samples of a batch rest.

    Attributes
    ----------
    state : ndarray, samples × n
    residual : ndarray
        The largest force left on each sample.
    outcome : ndarray of str
        ``"settled"``, ``"stalled"`` (sweeps used up), ``"oscillating"`` (the sweeps do; the dynamics need not)
        or ``"diverged"``.
    sweeps : ndarray of int
    """

    _shown = ("state", "outcome")
    state: NDArray[Any]
    residual: Floats
    outcome: NDArray[np.str_]
    sweeps: NDArray[np.int64]

    def __init__(self, fields: dict[str, Any]) -> None:
        super().__init__({**fields, "outcome": named(fields["outcome"])})


class BatchGradient(Result):
    """Mean gradients of a batch: ``negative_gradient`` and ``ep_update`` by blocks, ``angle_degrees``,
    ``relative_error``, ``cost``, and each sample's ``outcome``. Samples that did not settle do not count."""

    _shown = ("angle_degrees", "relative_error", "cost", "outcome")
    negative_gradient: Blocks
    ep_update: Blocks
    angle_degrees: float | None
    relative_error: float | None
    cost: float
    outcome: NDArray[np.str_]


class Update(dict[str, Any]):
    """A mean update by blocks, to be added to θ, with ``cost``, ``outcome`` and ``residual`` of the batch as
    attributes."""

    cost: float
    outcome: NDArray[np.str_]
    residual: Floats


def named(outcome: Any) -> Any:
    """Outcomes by name."""
    return np.array(OUTCOMES)[outcome] if outcome.dtype.kind == "i" else outcome


def plain_fields(found: Any) -> dict[str, Any]:
    """The fields of a result, or of a dict."""
    return found._fields if isinstance(found, Result) else dict(found)


def flat(blocks: Blocks) -> Floats:
    """All parameters in one vector."""
    parts: list[Any] = []
    for block in blocks.values():
        parts.extend(block if isinstance(block, list) else [block])
    return np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in parts])


def apart(update: Floats, truth: Floats) -> tuple[float | None, float | None]:
    """Angle in degrees and relative error of an update."""
    sizes = np.linalg.norm(update), np.linalg.norm(truth)
    if not sizes[1] > 0:
        return None, None
    error = float(np.linalg.norm(update - truth) / sizes[1])
    if not sizes[0] > 0:
        return None, error
    u, v = update / sizes[0], truth / sizes[1]
    # the arc cosine of a dot product would lose half the digits of a small angle
    angle = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
    return float(np.degrees(angle)), error
