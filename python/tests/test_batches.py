"""Batches of the engine against single problems, and a loop written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eqprop


def clamped() -> eqprop.Network:
    """Most neurons rest inside the bounds, some on them, none on a kink."""
    random = np.random.default_rng(3)
    sizes = [4, 6, 5, 3]
    forward = [random.normal(0, 0.25, (m, n)) for n, m in zip(sizes, sizes[1:])]
    feedback = [random.normal(0, 0.25, (m, n)) for m, n in zip(sizes[1:], sizes[2:])]
    bias = [random.uniform(-0.2, 1.2, size) for size in sizes[1:]]
    return eqprop.Network.layered(forward, feedback, bias, activation="hard_sigmoid")


def networks() -> list[Any]:
    return [
        (eqprop.Network.glorot([4, 6, 5, 3], seed=2, gain=0.5, activation="tanh"), None),
        (clamped(), (0.0, 1.0)),
        (eqprop.Network.glorot([3, 5], outputs=[0, 4], seed=4, gain=0.5), None),
    ]


def batch(net: eqprop.Network, samples: int = 7) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    return random.uniform(-1, 1, (samples, net.inputs)), random.uniform(0, 1, (samples, len(net.outputs)))


def blocks(found: Any) -> list[np.ndarray]:
    return [part for block in found.values() for part in (block if isinstance(block, list) else [block])]


@pytest.mark.parametrize("net, bounds", networks())
@pytest.mark.parametrize("precision, tolerance", [("f64", 1e-12), ("f32", 1e-5)])
def test_settled_batches_are_the_fixed_points(net: Any, bounds: Any, precision: str, tolerance: float) -> None:
    X, Y = batch(net)
    for beta in (0.0, 0.3):
        rest = net.settle(X, Y, beta, bounds, precision, tolerance)
        assert (rest.outcome == "settled").all() and (rest.residual <= tolerance).all()
        assert rest.state.dtype == (np.float64 if precision == "f64" else np.float32)
        for x, y, state in zip(X, Y, rest.state):
            problem = eqprop.Problem(net, input=x, target=y, state_bounds=bounds)
            points = problem.fixed_points(beta) if net.neurons < 6 else None
            if points is not None:
                assert min(np.abs(point.state - state).max() for point in points) < 50 * tolerance
            elif beta == 0:
                assert np.abs(problem.gradient().fixed_point - state).max() < 50 * tolerance


@pytest.mark.filterwarnings("ignore::eqprop.CautionWarning")
@pytest.mark.parametrize("net, bounds", networks())
def test_mean_gradients_are_those_of_the_samples(net: Any, bounds: Any) -> None:
    X, Y = batch(net)
    found = net.gradient(X, Y, state_bounds=bounds, tolerance=1e-13)
    single = [eqprop.Problem(net, input=x, target=y, state_bounds=bounds).gradient() for x, y in zip(X, Y)]
    for name in ("negative_gradient", "ep_update"):
        means = [np.mean(parts, axis=0) for parts in zip(*(blocks(g[name]) for g in single))]
        assert all(np.abs(a - b).max() < 1e-10 for a, b in zip(means, blocks(found[name])))
    assert abs(found.cost - np.mean([g.cost for g in single])) < 1e-10


@pytest.mark.parametrize("net, bounds", networks()[::2])
@pytest.mark.parametrize("estimator, order", [("one_sided", 1), ("centred", 2), ("asymmetric", 2)])
def test_updates_converge_with_their_order(net: Any, bounds: Any, estimator: str, order: int) -> None:
    X, Y = batch(net)
    g = net.gradient(X, Y, state_bounds=bounds, tolerance=1e-13)
    limit = g.negative_gradient if estimator == "asymmetric" else g.ep_update

    def error(beta: float) -> float:
        found = net.ep_update(X, Y, beta, estimator, state_bounds=bounds, tolerance=1e-13, max_sweeps=5000)
        return float(np.sqrt(sum(((a - b) ** 2).sum() for a, b in zip(blocks(found), blocks(limit)))))

    ratio = error(0.04) / error(0.02)
    assert 2**order * 0.85 < ratio < 2**order * 1.15


def test_a_loop_by_hand_gives_the_update() -> None:
    """An EP step as one writes it in NumPy: Picard iterations of the free and of the nudged phase."""
    net = eqprop.Network.glorot([4, 6, 3], seed=9, gain=0.6)
    X, Y = batch(net)
    theta, rho, beta = net.parameters, np.tanh, 0.2
    (W1, W2), (B1,), (b1, b2) = theta["forward"], theta["feedback"], theta["bias"]

    def rest(beta: float) -> tuple[np.ndarray, np.ndarray]:
        h, o = np.zeros((len(X), 6)), np.zeros((len(X), 3))
        for _ in range(500):
            h = rho(X) @ W1.T + rho(o) @ B1.T + b1
            o = (rho(h) @ W2.T + b2 + beta * Y) / (1 + beta)
        return h, o

    (h0, o0), (h, o) = rest(0.0), rest(beta)
    dh, do = (h - h0) / beta / len(X), (o - o0) / beta / len(X)
    own = [dh.T @ rho(X), do.T @ rho(h0), dh.T @ rho(o0), dh.sum(0), do.sum(0)]
    found = net.ep_update(X, Y, beta, tolerance=1e-13)
    assert all(np.abs(a - b).max() < 1e-11 for a, b in zip(own, blocks(found)))


def test_training_lowers_the_cost() -> None:
    net = eqprop.Network.glorot([4, 20, 3], seed=1, activation="hard_sigmoid")
    X, Y = np.eye(4), np.eye(4)[:, :3]
    costs = []
    for _ in range(60):
        update = net.ep_update(X, Y, 0.5, state_bounds=(0, 1))
        costs.append(update.cost)
        net = net.updated(update, rate=0.5)
    assert costs[-1] < 0.2 * costs[0]


def test_samples_do_not_depend_on_each_other_or_on_threads() -> None:
    net = eqprop.Network.glorot([4, 30, 3], seed=2)
    X, Y = batch(net, 33)
    whole = net.settle(X, Y, 0.2, threads=1).state
    assert (whole == net.settle(X, Y, 0.2, threads=4).state).all()
    assert (whole[5] == net.settle(X[5:6], Y[5:6], 0.2).state[0]).all()


def test_arrays_of_every_kind_are_taken() -> None:
    net = eqprop.Network.glorot([4, 6, 3], seed=2)
    X, _ = batch(net, 6)
    own = net.settle(X).state
    frozen = X.copy()
    frozen.setflags(write=False)
    wide = np.zeros((12, 8))
    wide[::2, ::2] = X
    kinds = [X.tolist(), np.asfortranarray(X), X[::-1][::-1], wide[::2, ::2], frozen, X.astype(">f8"), X.astype("longdouble")]
    for kind in kinds:
        before = np.array(kind)
        assert (net.settle(kind).state == own).all() and (np.array(kind) == before).all()


def test_no_input_has_no_columns() -> None:
    net = eqprop.Network.dense([[0.5]], bias=[1.0])
    rest = net.settle(np.zeros((3, 0)))
    assert rest.state.shape == (3, 1) and np.ptp(rest.state) == 0


def test_what_does_not_settle_is_said() -> None:
    turning = eqprop.Network.dense([[2.0, 3.0], [-3.0, 2.0]])
    rest = turning.settle(np.zeros((2, 0)), initial_state=[[0.1, 0.0], [0.0, 0.2]])
    assert not (rest.outcome == "settled").any()
    with pytest.raises(eqprop.TimedOut):
        turning.ep_update(np.zeros((1, 0)), [[0.0, 0.0]], initial_state=[[0.1, 0.0]])
    with pytest.raises(eqprop.InvalidInput, match="leaky"):
        eqprop.Network.dense([[0.5]], dynamics="hopfield").settle(np.zeros((1, 0)))


@pytest.mark.parametrize("net, bounds", networks())
def test_learners_make_the_same_steps(net: Any, bounds: Any) -> None:
    X, Y = batch(net)
    rate = 0.1 if net.layers is None else [0.3, 0.2, 0.1]
    learner = net.learner(state_bounds=bounds, precision="f64", tolerance=1e-13)
    for _ in range(3):
        update = net.ep_update(X, Y, 0.3, state_bounds=bounds, tolerance=1e-13)
        net = net.updated(update, rate)
        told = learner.step(X, Y, 0.3, rate)
        assert abs(told.cost - update.cost) < 1e-12
    assert all(np.abs(a - b).max() < 1e-12 for a, b in zip(blocks(net.parameters), blocks(learner.network.parameters)))
