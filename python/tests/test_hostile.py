"""Calls that no one should make: typed exceptions, nothing changed, nothing leaked."""

from __future__ import annotations

import copy
import gc
import resource
import threading
import time
from typing import Any, Callable

import numpy as np
import pytest

import eqprop

W = np.array([[0.0, 0.8], [-0.3, 0.1]])
NOT_NUMBERS = [
    "abc", None, object(), {"a": 1}, [[1.0, "x"]], np.array([["a"]]), np.array([[None]]), np.zeros((2, 2), dtype=complex),
    np.zeros((2, 2), dtype="datetime64[s]"), np.zeros((2, 2), dtype=object), [[1, 2], [3]], lambda: 1, b"bytes",
]
NOT_FINITE = [np.full((2, 2), value) for value in (np.nan, np.inf, -np.inf)] + [np.full((2, 2), 10**400, dtype=object)]
SHAPES = [np.zeros(shape) for shape in [(), (0,), (2,), (0, 0), (2, 3), (3, 2), (0, 2), (2, 2, 2), (1, 2)]]
BAD_VECTORS = [
    "a", 1.0, [[1.0]], [1.0], [1.0] * 3, [np.nan, 0.0], [None, 0.0], np.zeros(2, dtype=complex), np.zeros(0), object(),
]


def calls() -> list[tuple[str, Callable[[], Any]]]:
    out: list[tuple[str, Callable[[], Any]]] = []

    def add(name: str, call: Callable[..., Any], *values: Any) -> None:
        out.append((f"{name}-{len(out)}", lambda: call(*values)))

    dense, layered = eqprop.Network.dense, eqprop.Network.layered
    net = dense(W, input_weights=[[0.5], [0.0]], outputs=[1])
    problem = eqprop.Problem(net, input=[0.7], target=[0.4])
    for bad in [*NOT_NUMBERS, *NOT_FINITE, *SHAPES]:
        add("weights", dense, bad)
        if not (isinstance(bad, np.ndarray) and bad.shape == (2, 3)):
            add("forward", lambda bad: layered([bad, W], [W]), bad)
    for bad in [*NOT_NUMBERS, *NOT_FINITE, np.zeros((3, 1)), np.zeros(2)]:
        if bad is not None:
            add("input_weights", lambda bad: dense(W, input_weights=bad), bad)
        add("feedback", lambda bad: layered([W, W], bad), bad)
    for bad in BAD_VECTORS:
        add("bias", lambda bad: dense(W, bias=bad), bad)
        add("initial_state", lambda bad: eqprop.Problem(net, input=[0.0], target=[0.0], initial_state=bad), bad)
        add("time_constants", lambda bad: eqprop.Problem(net, input=[0.0], target=[0.0], time_constants=bad), bad)
        add("state_bounds", lambda bad: eqprop.Problem(net, input=[0.0], target=[0.0], state_bounds=bad), bad)
        add("at", lambda bad: problem.gradient(at=bad), bad)
        if not (isinstance(bad, list) and bad == [[1.0]]):
            add("X", net.settle, bad)
        if not (isinstance(bad, list) and bad == [1.0]):
            add("target", lambda bad: eqprop.Problem(net, input=[0.0], target=bad), bad)
            add("input", lambda bad: eqprop.Problem(net, input=bad, target=[0.0]), bad)
    for bad in ([2], [-1], [0, 0], [], "a", [0.5], [[0]], 0, [10**30]):
        add("outputs", lambda bad: dense(W, outputs=bad), bad)
    for bad in ("sigmoid", "", 3, None, "Tanh"):
        add("activation", lambda bad: dense(W, activation=bad), bad)
        add("dynamics", lambda bad: dense(W, dynamics=bad), bad)
        add("estimator", problem.gradient, bad)
        add("precision", lambda bad: net.settle([[0.0]], precision=bad), bad)
    for bad in (0.0, np.nan, np.inf, 1e9, 1e-20):
        add("beta", lambda bad: problem.gradient("centred", bad), bad)
        add("update beta", lambda bad: net.ep_update([[0.0]], [[0.0]], bad if bad != 1e9 else -2.0), bad)
    for bad in ("x", [1], {}, object()):
        add("beta type", lambda bad: problem.gradient("centred", bad), bad)
        add("t_free", lambda bad: problem.simulate(t_free=bad), bad)
    for name, bad in (
        ("rtol", 0.0), ("rtol", np.nan), ("atol", -1.0), ("max_time", np.inf), ("method", "rk4"), ("dt", 0.1),
        ("method", "euler"), ("nonsense", 1), ("max_steps", -1), ("settle_time", -1.0), ("points", 1.5), ("eigenvalues", -1),
    ):
        add(name, lambda name, bad: problem.gradient("centred", **{name: bad}), name, bad)
    for bad in ([3, 1], [-1.0], ["a"], 3, [np.nan], [[1.0]], [100.0]):
        add("times", lambda bad: problem.simulate(t_free=1, t_nudged=1, times=bad), bad)
    for name, bad in (
        ("coordinates", (0, 0)), ("coordinates", (0, 5)), ("coordinates", "ab"), ("window", (0, 1)), ("without", ["x"]),
        ("nudged", "over"), ("speed", "fast"), ("window", (1, 0, 1, 0)), ("starts", [(1,)]), ("separation", -1.0),
    ):
        add(name, lambda name, bad: problem.portrait(**{name: bad}), name, bad)
    for parameter, ends in (("x", (0, 2)), ("gain", (2, 3)), ("gain", (1, 0)), ("bias:9", (-1, 1)), (3, (0, 1)), ("gain", None)):
        add("continuation", problem.continuation, parameter, ends)
    for bad in ({}, {"x": 1}, {"weights": [1.0]}, {"weights": np.nan * W}, 3, None, [1], {"bias": "ab"}):
        add("compare", problem.compare, bad)
    for bad in ({"x": 1}, {"weights": [1.0]}, {"bias": [1.0]}):
        add("updated", net.updated, bad)
    for bad in ((np.zeros((2, 2)),), (np.zeros((0, 1)),), (np.zeros((1, 1)), np.zeros((2, 1))), (np.full((1, 1), np.nan),)):
        add("settle", lambda *bad: net.settle(*bad), *bad)
    for name, bad in (("tolerance", 0.0), ("tolerance", np.nan), ("max_sweeps", 0), ("threads", 0), ("beta", -1.5), ("beta", 0.5)):
        add(name, lambda name, bad: net.settle([[0.0]], **{name: bad}), name, bad)
    for bad in ("/nowhere/at/all.json", "/", "/dev/null", "", 3, None, b"\xff\xff", "a\0b"):
        add("read", eqprop.Problem.read, bad)
    for bad in ("", "{", "[]", "{}", '{"network": 3}', "null", "\x00", 3):
        add("from_json", eqprop.Problem.from_json, bad)
    for bad in ([1], [0, 0], ["a"], [3, 10**9], [-1, 2], [[1, 2]] * 0, [2, 0]):
        add("glorot", eqprop.Network.glorot, bad)
    for name, bad in (("gain", np.nan), ("gain", -1), ("asymmetry", 2), ("seed", -1), ("seed", 2**70), ("outputs", [7])):
        add(name, lambda name, bad: eqprop.Network.glorot([2, 3], **{name: bad}), name, bad)
    add("no target", lambda: eqprop.Problem(net, input=[0.0]).gradient())
    add("no network", eqprop.Problem, "net")
    add("Network()", eqprop.Network)
    return out


CALLS = calls()


def test_there_are_many() -> None:
    assert len(CALLS) >= 200


@pytest.mark.parametrize("call", [call for _, call in CALLS], ids=[name for name, _ in CALLS])
def test_refused(call: Callable[[], Any]) -> None:
    with pytest.raises((eqprop.Error, TypeError, OverflowError, ValueError)) as caught:
        call()
    assert "panic" not in str(caught.value).lower() and str(caught.value)
    if isinstance(caught.value, eqprop.Error):
        assert caught.value.kind and isinstance(caught.value.details, dict)


def test_kinds() -> None:
    assert issubclass(eqprop.InvalidInput, eqprop.Error) and issubclass(eqprop.InvalidInput, ValueError)
    kinds = {error.kind for error in eqprop.Error.__subclasses__()}
    assert kinds == {
        "invalid_input", "not_found", "io", "diverged", "limit_cycle", "chaotic", "timed_out", "step_underflow", "sliding",
        "singular_jacobian", "not_analytic",
    }
    with pytest.raises(eqprop.NotFound) as caught:
        eqprop.Problem.read("nowhere.json")
    assert caught.value.details["file"] == "nowhere.json"
    with pytest.raises(eqprop.SingularJacobian):
        eqprop.Problem(eqprop.Network.dense([[1.0]], activation="identity"), target=[0.0]).gradient()
    with pytest.raises(eqprop.Diverged) as grown:
        eqprop.Problem(eqprop.Network.dense([[2.0]], bias=[1.0], activation="identity"), target=[0.0]).gradient()
    assert grown.value.details["time"] > 0
    with pytest.raises(eqprop.NotAnalytic):
        net = eqprop.Network.dense([[0.5]], activation="relu", bias=[1.0])
        eqprop.Problem(net, target=[0.0]).gradient("holomorphic")


def test_memory_is_flat(problem: eqprop.Problem) -> None:
    def hammer(times: int) -> None:
        for _ in range(times):
            problem.gradient()
            with pytest.raises(eqprop.InvalidInput):
                problem.gradient("centred", beta=0.0)
            problem.network.settle([[0.5]], threads=1)

    hammer(300)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hammer(3000)
    gc.collect()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4_000  # kB


def test_threads_share_objects(problem: eqprop.Problem) -> None:
    X = np.linspace(-1, 1, 20).reshape(-1, 1)
    own = problem.gradient().record, problem.network.settle(X).state
    faults: list[Any] = []

    def hammer() -> None:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            if problem.gradient().record != own[0] or (problem.network.settle(X).state != own[1]).any():
                faults.append("another answer")

    threads = [threading.Thread(target=hammer) for _ in range(2)]
    for thread in threads:
        thread.start()
    hammer()
    for thread in threads:
        thread.join()
    assert not faults
