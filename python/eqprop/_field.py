"""Vector fields of one's own: equations as text, or Python functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

from ._numpy import np
from . import _core
from ._arrays import numbers
from ._errors import invalid
from ._results import plain

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOST_STATES = 5000


class Field:
    """A vector field: equations as text, or a Python function.

    Parameters
    ----------
    definition : dict of str, or callable
        One right-hand side a state, as docs/formats.md has them; or ``f(s)``, with ``parameters``
        ``f(s, parameters)``, which returns ds/dt as anything that NumPy takes for an array.
    parameters : dict, optional
        θ, what is learned: numbers of equations, arrays (up to any dimension) of a function. A function
        without parameters has one additive bias a state.
    constants, inputs, definitions, functions, time_constants : dict, optional
        Of equations only: what is not learned, abbreviations, functions of one's own, τ by state.
    dimension : int
        Of a function only: how many states it has.
    names : list of str, optional
        Of a function only: the states' names; default s0, s1, …
    jacobian : callable, optional
        ``jacobian(s)`` or ``jacobian(s, parameters)``: ∂f/∂s, row: whose velocity. Without it, central differences
        with two extrapolations; answers then have ``difference_error``, the largest estimated error of a
        derivative.
    pullback : callable, optional
        ``pullback(s, parameters, v)``: (∂f/∂θ)ᵀv as a dict of arrays. Without it, differences as well.

    Examples
    --------
    >>> import numpy as np
    >>> from eqprop import Problem
    >>> W = np.array([[0.2, 0.5], [-0.4, 0.1]])
    >>> field = Field(lambda s: np.tanh(W @ s) + 0.3 - s, dimension=2)
    >>> g = Problem(field, outputs=[0], target=[0.5]).gradient()
    >>> bool(np.allclose(g.negative_gradient["bias"], g.error_vector["true"]))
    True
    """

    __slots__ = ("_text", "_function")
    _text: dict[str, Any] | None
    _function: dict[str, Any] | None

    def __init__(
        self,
        definition: Mapping[str, Any] | Callable[..., Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        constants: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        definitions: Mapping[str, Any] | None = None,
        functions: Mapping[str, Any] | None = None,
        time_constants: Mapping[str, Any] | None = None,
        dimension: int | None = None,
        names: Sequence[str] | None = None,
        jacobian: Callable[..., Any] | None = None,
        pullback: Callable[..., Any] | None = None,
    ) -> None:
        of_text = {
            "parameters": parameters,
            "constants": constants,
            "inputs": inputs,
            "definitions": definitions,
            "functions": functions,
            "time_constants": time_constants,
        }
        of_function = {"dimension": dimension, "names": names, "jacobian": jacobian, "pullback": pullback}
        text: dict[str, Any] | None = None
        function: dict[str, Any] | None = None
        if isinstance(definition, Mapping):
            refuse(of_function, "belongs to fields that are functions")
            given = {name: entries(name, value) for name, value in of_text.items() if value is not None}
            text = {"equations": entries("definition", definition), **given}
            # what cannot be read is said here, not where the field is used
            _core.Problem.from_json(to_json({"field": text}))
        elif callable(definition):
            del of_text["parameters"]
            refuse(of_text, "belongs to fields in text")
            function = {
                "function": definition,
                "jacobian": function_or_none("jacobian", jacobian),
                "pullback": function_or_none("pullback", pullback),
                "parameters": arrays(parameters),
                "names": states(dimension, names),
            }
            if pullback is not None and parameters is None:
                raise invalid("pullback", "needs parameters; without them θ is one additive bias a state")
        else:
            raise invalid("definition", f"expected a dict of equations or a function, found {type(definition).__name__}")
        object.__setattr__(self, "_text", text)
        object.__setattr__(self, "_function", function)

    @property
    def dimension(self) -> int:
        """How many states there are."""
        return len(self.names)

    @property
    def names(self) -> list[str]:
        """The names of the states."""
        if self._function is not None:
            return list(self._function["names"])
        return _core.Problem.from_json(to_json({"field": self._text})).names

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("fields do not change; make another one")

    def __repr__(self) -> str:
        if self._text is not None:
            return f"Field({self._text['equations']!r})"
        assert self._function is not None
        name = getattr(self._function["function"], "__name__", repr(self._function["function"]))
        return f"Field({name}, dimension={self.dimension})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._text, self._function)


def _restored(text: dict[str, Any] | None, function: dict[str, Any] | None) -> Field:
    field = object.__new__(Field)
    object.__setattr__(field, "_text", text)
    object.__setattr__(field, "_function", function)
    return field


def to_json(document: dict[str, Any]) -> str:
    """A document of plain values as JSON."""
    import json

    try:
        return json.dumps(document)
    except (TypeError, ValueError) as error:
        raise invalid("field", str(error)) from None


def refuse(given: Mapping[str, Any], why: str) -> None:
    """Refuses arguments that have no meaning here."""
    for name, value in given.items():
        if value is not None:
            raise invalid(name, why)


def entries(name: str, value: Any) -> dict[str, Any]:
    """Named expressions or numbers, as JSON has them."""
    if not isinstance(value, Mapping):
        raise invalid(name, f"expected a dict, found {type(value).__name__}")
    out = {}
    for key, entry in value.items():
        if isinstance(entry, (np.generic, np.ndarray)):
            entry = entry.tolist()
        out[str(key)] = plain(entry)
    return out


def function_or_none(name: str, value: Any) -> Any:
    """A function, if there is one."""
    if value is not None and not callable(value):
        raise invalid(name, f"expected a function, found {type(value).__name__}")
    return value


def states(dimension: Any, names: Any) -> list[str]:
    """The names of the states of a function."""
    if names is not None:
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise invalid("names", f"expected a list of names, found {names!r}")
        if len(set(names)) != len(names) or (dimension is not None and len(names) != dimension):
            raise invalid("names", f"expected {dimension} different names, found {list(names)}")
        dimension = len(names)
    if isinstance(dimension, bool) or not isinstance(dimension, (int, np.integer)):
        raise invalid("dimension", f"expected a whole number, found {dimension!r}; say how many states there are")
    if not 1 <= dimension <= MOST_STATES:
        raise invalid("dimension", f"expected 1 to {MOST_STATES} states, found {dimension}")
    return list(names) if names is not None else [f"s{i}" for i in range(dimension)]


def arrays(parameters: Any) -> dict[str, Any] | None:
    """The parameters of a function, as arrays of their own."""
    if parameters is None:
        return None
    if not isinstance(parameters, Mapping) or not parameters:
        raise invalid("parameters", f"expected a dict of arrays, found {parameters!r}")
    out = {}
    for name, value in parameters.items():
        if not isinstance(name, str):
            raise invalid("parameters", f"expected names, found {name!r}")
        rank = np.ndim(value)
        out[name] = numbers(f"parameters[{name!r}]", value, rank).reshape(np.shape(value)).copy()
    return out


def native(function: dict[str, Any]) -> dict[str, Any]:
    """A function as the native half takes it: parameters are vectors and matrices there."""
    parameters = function["parameters"]
    out = {name: function[name] for name in ("function", "jacobian", "pullback")}
    if parameters is None:
        return {**out, "parameters": None}
    shapes = {name: value.shape for name, value in parameters.items()}
    blocks = [
        (name, value.ndim != 2, np.ascontiguousarray(value if value.ndim == 2 else value.reshape(-1, 1)))
        for name, value in parameters.items()
    ]
    if any(len(shape) not in (1, 2) for shape in shapes.values()):
        out = {name: part and Reshaped(part, shapes) for name, part in out.items()}
    return {**out, "parameters": blocks}


class Reshaped:
    """A function that is given its parameters in the shapes they have."""

    def __init__(self, function: Callable[..., Any], shapes: dict[str, tuple[int, ...]]) -> None:
        self.function, self.shapes = function, shapes

    def __call__(self, state: Any, parameters: dict[str, Any], *vector: Any) -> Any:
        given = {name: parameters[name].reshape(shape) for name, shape in self.shapes.items()}
        found = self.function(state, given, *vector)
        if vector:
            return {name: np.reshape(found[name], shape if len(shape) == 2 else -1) for name, shape in self.shapes.items()}
        return found


def in_shape(function: dict[str, Any], blocks: dict[str, ArrayLike]) -> dict[str, Any]:
    """Blocks of an answer in the shapes of the parameters."""
    shapes = function["parameters"] or {}
    return {name: np.reshape(block, np.shape(shapes[name])) if name in shapes else block for name, block in blocks.items()}
