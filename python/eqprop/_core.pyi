from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

class Network:
    activation: str
    dynamics: str
    outputs: list[int]
    neurons: int
    inputs: int
    layers: list[int] | None
    @staticmethod
    def dense(
        weights: NDArray[np.float64],
        input_weights: NDArray[np.float64],
        bias: NDArray[np.float64],
        outputs: list[int],
        activation: str,
        dynamics: str,
    ) -> Network: ...
    @staticmethod
    def layered(
        forward: list[Any], feedback: list[Any], bias: NDArray[np.float64], activation: str, dynamics: str
    ) -> Network: ...
    @staticmethod
    def glorot(
        sizes: list[int],
        outputs: list[int] | None,
        seed: int,
        gain: float,
        asymmetry: float,
        activation: str,
        dynamics: str,
    ) -> Network: ...
    def parameters(self) -> dict[str, Any]: ...

class Problem:
    network: Network | None
    names: list[str]
    has_cost: bool
    input: NDArray[np.float64]
    target: NDArray[np.float64] | None
    initial_state: NDArray[np.float64]
    state_bounds: tuple[float, float] | None
    time_constants: NDArray[np.float64] | None
    def __init__(
        self,
        network: Network,
        input: NDArray[np.float64],
        target: NDArray[np.float64] | None,
        initial_state: NDArray[np.float64],
        state_bounds: tuple[float, float] | None,
        time_constants: NDArray[np.float64] | None,
    ) -> None: ...
    @staticmethod
    def of_function(
        field: dict[str, Any],
        names: list[str],
        outputs: list[int],
        target: NDArray[np.float64],
        initial_state: NDArray[np.float64],
        state_bounds: tuple[float, float] | None,
        time_constants: NDArray[np.float64] | None,
    ) -> Problem: ...
    @staticmethod
    def read(path: str) -> Problem: ...
    @staticmethod
    def from_json(text: str) -> Problem: ...
    def gradient(self, *arguments: Any) -> dict[str, Any]: ...
    def simulate(self, *arguments: Any) -> dict[str, Any]: ...
    def fixed_points(self, *arguments: Any) -> dict[str, Any]: ...
    def portrait(self, *arguments: Any) -> dict[str, Any]: ...
    def spectrum(self, *arguments: Any) -> dict[str, Any]: ...
    def continuation(self, *arguments: Any) -> dict[str, Any]: ...
    def validate(self, *arguments: Any) -> dict[str, Any]: ...

class Learner:
    network: Network
    def __init__(self, network: Network, single: bool, options: dict[str, Any]) -> None: ...
    def step(self, *arguments: Any) -> dict[str, Any]: ...

def settle(network: Network, *arguments: Any) -> dict[str, Any]: ...
def ep_update(network: Network, *arguments: Any) -> dict[str, Any]: ...
def batch_gradient(network: Network, *arguments: Any) -> dict[str, Any]: ...
def beside(update: Any, ep: Any, gradient: Any) -> dict[str, Any]: ...
def draw(
    kind: str, record: str, view: str | None, format: str, theme: str, width: float | None, dpi: float | None
) -> bytes: ...
def views(kind: str, record: str) -> list[str]: ...
def run_sweep(
    config: str, directory: str, existing: str, shard: tuple[int, int] | None, threads: int | None, listener: Any
) -> dict[str, Any]: ...
def run_training(
    config: str | None, directory: str, data: str | None, resume: bool, force: bool, threads: int, listener: Any
) -> dict[str, Any]: ...
def run_study(networks: int | None, seed: int | None, plant: str | None, listener: Any) -> dict[str, Any]: ...
