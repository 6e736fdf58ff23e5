"""Equilibrium propagation in vector-field dynamics, taken literally, in arrays.

>>> import eqprop
>>> net = eqprop.Network.dense([[0.0, 0.8], [-0.3, 0.1]], bias=[0.1, -0.2], outputs=[1])
>>> g = eqprop.Problem(net, target=[0.4]).gradient()
>>> sorted(g.ep_update)
['bias', 'input_weights', 'weights']
"""

from __future__ import annotations

from . import jax, torch
from ._core import __version__
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
)
from ._errors import (
    CautionWarning,
    Chaotic,
    Diverged,
    Error,
    InvalidInput,
    Io,
    LimitCycle,
    NotAnalytic,
    NotFound,
    SingularJacobian,
    Sliding,
    StepUnderflow,
    TimedOut,
)
from ._field import Field
from ._learner import Learner
from ._network import Network
from ._problem import Problem
from ._results import Gradient, Result
from ._studies import Sweep, Training, sweep, train, validate

__all__ = [
    "BatchGradient",
    "CautionWarning",
    "Comparison",
    "Continuation",
    "Field",
    "FixedPoints",
    "Portrait",
    "Rest",
    "Simulation",
    "Spectrum",
    "Update",
    "Validation",
    "Chaotic",
    "Diverged",
    "Error",
    "Gradient",
    "InvalidInput",
    "Io",
    "Learner",
    "LimitCycle",
    "Network",
    "NotAnalytic",
    "NotFound",
    "Problem",
    "Result",
    "SingularJacobian",
    "Sliding",
    "StepUnderflow",
    "Sweep",
    "Training",
    "TimedOut",
    "__version__",
    "jax",
    "sweep",
    "torch",
    "train",
    "validate",
]
