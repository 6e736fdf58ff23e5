"""What is answered: fields with names, arrays where there are many numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from ._numpy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]
    Blocks = dict[str, Any]


def plain(value: Any) -> Any:
    """The same as JSON has it: lists for arrays, pairs for complex numbers, null for what is unknown."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "c":
            rows = [None if np.isnan(z) else [z.real, z.imag] for z in value.tolist()]
            return rows
        values = value.tolist()
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            return plain(values)
        return values
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Result):
        return value.record
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def brief(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, np.ndarray):
        if value.ndim == 1 and value.size <= 4:
            return np.array2string(value, precision=6, separator=", ", floatmode="maxprec")
        return f"array of shape {value.shape}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {shape(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return f"list of {len(value)}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return repr(value)


def shape(value: Any) -> str:
    """The shapes of a block."""
    if isinstance(value, np.ndarray):
        return "×".join(str(size) for size in value.shape) or "1"
    if isinstance(value, list):
        return "[" + ", ".join(shape(item) for item in value) + "]"
    return brief(value)


class Result:
    """An answer: its fields are attributes, with the names that ``--json`` has."""

    _fields: dict[str, Any]
    _shown: tuple[str, ...] = ()

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__["_fields"] = fields

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_fields"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("results cannot be changed")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._fields]

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._fields,)

    @property
    def record(self) -> dict[str, Any]:
        """The answer as plain lists, numbers and texts, as ``--json`` has it."""
        return {name: plain(value) for name, value in self._fields.items()}

    def to_json(self, indent: int | None = None) -> str:
        """The answer as one JSON document; unknown numbers are null."""
        import json

        return json.dumps(self.record, indent=indent, ensure_ascii=False)

    def _rows(self) -> list[tuple[str, str]]:
        names = [name for name in self._shown if name in self._fields] or list(self._fields)
        return [(name, brief(self._fields[name])) for name in names]

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={text}" for name, text in self._rows())
        return f"{type(self).__name__}({inside})"

    def _repr_html_(self) -> str:
        from html import escape

        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(brief(value))}</td></tr>"
            for name, value in self._fields.items()
        )
        title = escape(type(self).__name__)
        return f"<table><caption>{title}</caption><tbody>{cells}</tbody></table>"


class Gradient(Result):
    """The gradient of one problem: true, and by equilibrium propagation.

    Attributes
    ----------
    fixed_point : ndarray
        s⁰.
    ep_update, negative_gradient : dict
        ν and −∂J/∂θ by blocks, both directions to add to θ. A layered network has lists of arrays.
    error_vector : dict
        ``"ep"`` is a = ∂s^β/∂β as estimated, ``"true"`` is g = Jac⁻ᵀc.
    angle_degrees, relative_error : float or None
        The angle between the two, and ‖ν − (−∂J/∂θ)‖/‖∂J/∂θ‖, over all parameters.
    error_bound : float or None
        The largest relative error over all targets.
    descent_certificate : float or None
        Positive if and only if EP descends for every target.
    eigenvalues : ndarray
        Complex, of the linearised dynamics, the rightmost first.
    """

    _shown = ("angle_degrees", "relative_error", "error_bound", "cost", "stable", "estimator", "beta", "fixed_point")
    fixed_point: Floats
    residual: float
    cost: float
    stable: bool | None
    eigenvalues: Complexes
    eigenvalues_complete: bool
    error_vector: dict[str, Floats]
    ep_update: Blocks
    negative_gradient: Blocks
    angle_degrees: float | None
    relative_error: float | None
    jacobian_asymmetry: float
    weight_asymmetry: float | None
    error_bound: float | None
    descent_certificate: float | None
    estimator: str
    beta: float | None
    on_kink: NDArray[np.int64]
    pinned: NDArray[np.int64]
    jumped: Floats
    convergence: dict[str, Any] | None
    solver: dict[str, Any]
    provenance: dict[str, Any]
