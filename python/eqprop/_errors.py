"""The exceptions of eqprop: one class for each kind of error."""

from __future__ import annotations

from typing import Any, Mapping


class Error(Exception):
    """What eqprop could not do.

    Attributes
    ----------
    kind : str
        The stable name of the kind, as in ``--json`` of the command line.
    details : dict
        What is known beside the message, such as ``time`` or ``residual``.
    """

    kind: str = "error"

    def __init__(self, message: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.details: dict[str, Any] = dict(details or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.details)


class InvalidInput(Error, ValueError):
    """An argument or a file that cannot be accepted; ``details["field"]`` names which."""

    kind = "invalid_input"


class NotFound(Error):
    """A file that does not exist."""

    kind = "not_found"


class Io(Error):
    """Reading or writing failed."""

    kind = "io"


class Diverged(Error):
    """The state grows without limit."""

    kind = "diverged"


class LimitCycle(Error):
    """The dynamics oscillate; ``details`` has ``period`` and ``amplitude``."""

    kind = "limit_cycle"


class Chaotic(Error):
    """The dynamics are chaotic; ``details`` has ``lyapunov_exponent``."""

    kind = "chaotic"


class TimedOut(Error):
    """The dynamics did not settle in the time given."""

    kind = "timed_out"


class StepUnderflow(Error):
    """The integrator could not make a step that keeps to its tolerances."""

    kind = "step_underflow"


class Sliding(Error):
    """The dynamics rest by sliding on a kink, where no derivative exists."""

    kind = "sliding"


class SingularJacobian(Error):
    """The Jacobian at the fixed point cannot be inverted."""

    kind = "singular_jacobian"


class NotAnalytic(Error):
    """A holomorphic estimator was asked of something that is not analytic."""

    kind = "not_analytic"


class CautionWarning(UserWarning):
    """Something about an answer is doubtful: the message says what."""


KINDS: dict[str, type[Error]] = {
    error.kind: error
    for error in (
        InvalidInput,
        NotFound,
        Io,
        Diverged,
        LimitCycle,
        Chaotic,
        TimedOut,
        StepUnderflow,
        Sliding,
        SingularJacobian,
        NotAnalytic,
    )
}


def of_kind(kind: str, message: str, details: Mapping[str, Any]) -> Error:
    """The exception of a kind (called by the native half)."""
    return KINDS.get(kind, Error)(message, details)


def invalid(argument: str, message: str) -> InvalidInput:
    """An argument that cannot be accepted."""
    return InvalidInput(f"{argument}: {message}", {"field": argument})
