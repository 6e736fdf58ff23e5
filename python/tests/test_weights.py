"""Weights that come from other frameworks."""

from __future__ import annotations

import numpy as np
import pytest

import eqprop


class Tensor:
    """What NumPy sees of a tensor that asks for gradients."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return self.values


class Module:
    def state_dict(self) -> dict[str, Tensor]:
        random = np.random.default_rng(1)
        shapes = {"up.0.weight": (4, 3), "up.0.bias": (4,), "up.1.weight": (2, 4), "up.1.bias": (2,), "feedback.weight": (4, 2), "feedback.bias": (4,)}
        return {name: Tensor(random.normal(size=shape).astype(np.float32)) for name, shape in shapes.items()}


def test_modules() -> None:
    state = Module().state_dict()
    net = eqprop.torch.layered(Module(), activation="tanh")
    assert net.inputs == 3 and net.layers == [4, 2]
    assert (net.parameters["forward"][1] == state["up.1.weight"].values).all()
    assert (net.parameters["feedback"][0] == state["feedback.weight"].values).all()
    both = state["up.0.bias"].values.astype(float) + state["feedback.bias"].values
    assert (net.parameters["bias"][0] == both).all()
    tied = eqprop.torch.layered({name: value for name, value in state.items() if "feedback" not in name})
    assert (tied.parameters["feedback"][0] == tied.parameters["forward"][1].T).all()


@pytest.mark.parametrize("bad", [3, {}, {"a": np.zeros(3)}, {"a": np.zeros((2, 3)), "b": np.zeros((2, 3))}])
def test_what_is_no_module_is_refused(bad: object) -> None:
    with pytest.raises(eqprop.InvalidInput):
        eqprop.torch.layered(bad)


def test_a_real_module() -> None:
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Hardtanh(), torch.nn.Linear(4, 2))
    net = eqprop.torch.layered(module)
    assert np.allclose(net.parameters["forward"][0], module[0].weight.detach().numpy())
