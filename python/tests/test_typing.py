"""The types that editors and checkers see, and the examples of the docstrings."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import eqprop

USE = '''
import numpy as np
import eqprop

net = eqprop.Network.dense(np.zeros((2, 2)), bias=[0.1, 0.2], outputs=[0])
problem = eqprop.Problem(net, target=[0.5])
g = problem.gradient("centred", beta=0.1)
angle: float | None = g.angle_degrees
block: object = g.ep_update["weights"]
total: float = float(g.fixed_point.sum())
rest = net.settle(np.zeros((3, 0)), precision="f32")
names: list[str] = problem.simulate(t_free=1, t_nudged=1).names
kinds: list[str] = [point.kind for point in problem.fixed_points()]
problem.portrait().save("p.pdf")
'''


def test_strictly_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "use.py").write_text(USE)
    place = Path(eqprop.__file__).parent.parent
    # an installed package is found without help, and mypy refuses help there
    environment = {"PATH": ""} if place.name == "site-packages" else {"PATH": "", "MYPYPATH": str(place)}
    for what in (["use.py"], ["-p", "eqprop"]):
        command = [sys.executable, "-m", "mypy", "--strict", *what]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr


MODULES = ["eqprop", *(f"eqprop.{found.name}" for found in pkgutil.iter_modules(eqprop.__path__) if found.name != "_core")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_what_is_public_has_a_docstring() -> None:
    for name in eqprop.__all__:
        thing = getattr(eqprop, name)
        assert name == "__version__" or thing.__doc__, name
        if isinstance(thing, type):
            for method, value in vars(thing).items():
                assert method.startswith("_") or not callable(value) or value.__doc__, f"{name}.{method}"
