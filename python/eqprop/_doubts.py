"""What is doubtful about an answer, told as warnings."""

from __future__ import annotations

import warnings

from ._errors import CautionWarning
from ._results import Gradient


def caution(message: str) -> None:
    """Tells the user of something doubtful."""
    warnings.warn(message, CautionWarning, stacklevel=4)


def doubts(found: Gradient, named_point: bool) -> None:
    """Tells what is doubtful about a gradient."""
    if not named_point and found.stable is False:
        caution("the fixed point is not stable. The dynamics rest there only from this start")
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
            "estimate means nothing. Lower |beta|"
        )
    convergence = found.convergence
    if convergence is not None and convergence["inside"] is False:
        caution("|beta| is not inside the radius of convergence as far as the points on the circle show. Lower it")
