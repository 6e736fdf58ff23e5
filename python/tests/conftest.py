"""Where the tests find the command line and the references."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Callable

import pytest

import eqprop

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def command_line() -> Callable[..., Any]:
    """Runs a command and reads the JSON document that it prints."""
    binary = os.environ.get("EQPROP_BINARY", str(ROOT / "target" / "release" / "eqprop"))
    if not Path(binary).exists():
        pytest.skip("the command line is not built (cargo build --release)")

    def run(*arguments: str | Path) -> Any:
        done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
        return json.loads(done.stdout)

    return run


@pytest.fixture
def net() -> eqprop.Network:
    """Two neurons."""
    return eqprop.Network.dense(
        [[0.0, 0.8], [-0.3, 0.1]], input_weights=[[0.5], [0.0]], bias=[0.1, -0.2], outputs=[1]
    )


@pytest.fixture
def problem(net: eqprop.Network) -> eqprop.Problem:
    """The same with an input and a target."""
    return eqprop.Problem(net, input=[0.7], target=[0.4])
