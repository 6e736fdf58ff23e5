"""JAX as a judge: implicit differentiation, trajectories, and weights that come from there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eqprop

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

RATES: dict[str, Any] = {
    "tanh": jnp.tanh,
    "logistic": lambda s: 1 / (1 + jnp.exp(-s)),
    "softplus": lambda s: jnp.logaddexp(s, 0.0),
    "steep_logistic": lambda s: 1 / (1 + jnp.exp(2 - 4 * s)),
}


def mu(theta: Any, s: Any, x: Any, activation: str, dynamics: str) -> Any:
    rho = RATES[activation]
    drive = theta["weights"] @ rho(s) + theta["input_weights"] @ rho(x) + theta["bias"]
    if dynamics == "hopfield":
        return jax.vmap(jax.grad(rho))(s) * drive - s
    return drive - s


@pytest.mark.parametrize("seed", range(100))
def test_gradients_by_implicit_differentiation(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, d = int(random.integers(2, 9)), int(random.integers(0, 4))
    activation = list(RATES)[seed % 4]
    dynamics = "hopfield" if seed % 3 == 0 else "leaky"
    theta = {
        "weights": random.normal(0, 0.6 / np.sqrt(n), (n, n)),
        "input_weights": random.normal(0, 1, (n, d)),
        "bias": random.normal(0, 0.3, n),
    }
    outputs = sorted(random.choice(n, size=max(1, n // 2), replace=False).tolist())
    x, y = random.normal(0, 1, d), random.normal(0, 0.5, len(outputs))
    net = eqprop.Network.dense(**theta, outputs=outputs, activation=activation, dynamics=dynamics)
    g = eqprop.Problem(net, input=x, target=y).gradient()
    s = jnp.asarray(g.fixed_point)
    assert jnp.abs(mu(theta, s, x, activation, dynamics)).max() < 1e-12
    jac = jax.jacobian(mu, 1)(theta, s, x, activation, dynamics)
    by_theta = jax.jacobian(mu, 0)(theta, s, x, activation, dynamics)
    c = jnp.zeros(n).at[jnp.array(outputs)].set(s[jnp.array(outputs)] - y)
    for vector, found in ((jnp.linalg.solve(jac.T, c), g.negative_gradient), (jnp.linalg.solve(jac, c), g.ep_update)):
        for name, block in found.items():
            truth = jnp.tensordot(vector, by_theta[name], axes=1)
            assert np.abs(np.asarray(truth) - block).max(initial=0) < 1e-10


def test_trajectories_by_diffrax() -> None:
    diffrax = pytest.importorskip("diffrax")
    net = eqprop.Network.glorot([0, 6], outputs=[0, 1], seed=4, gain=1.5)
    problem = eqprop.Problem(net, target=[0.3, -0.2], initial_state=np.linspace(-1, 1, 6))
    theta, x = net.parameters, jnp.zeros(0)
    times = np.linspace(0, 6, 31)
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, s, _: mu(theta, s, x, "tanh", "leaky")),
        diffrax.Dopri8(),
        0.0,
        6.0,
        0.01,
        jnp.asarray(problem.initial_state),
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.PIDController(rtol=1e-12, atol=1e-14),
        max_steps=100_000,
    )
    for method in ("tsit45", "vern8"):
        found = problem.simulate(t_free=6, t_nudged=0, beta=0, times=times[1:], method=method, rtol=1e-11, atol=1e-13)
        free = found.free.state
        assert free.shape == (31, 6)
        assert np.abs(free - np.asarray(solution.ys)).max() < 1e-8


def test_weights_come_from_jax_arrays() -> None:
    key = jax.random.PRNGKey(0)
    kernel = 0.1 * jax.random.normal(key, (3, 3))
    net = eqprop.jax.dense({"kernel": kernel, "bias": jnp.ones(3)}, transpose=True)
    assert (net.parameters["weights"] == np.asarray(kernel).T).all()
    assert eqprop.Problem(net, target=jnp.zeros(3)).gradient().stable
