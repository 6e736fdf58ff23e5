#!/usr/bin/env bash
# How exact the gradient of a cost at a fixed point is that jaxopt differentiates implicitly. Guess before it
# was run: as exact as the fixed point, by the tolerance asked for.
# Run by hand; exits with 0 while jaxopt still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2 jaxopt==0.8.5
"$folder/venv/bin/python" - <<'PYTHON'
from functools import partial
from importlib.metadata import version

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import jaxopt
import numpy as np

print("jaxopt", version("jaxopt"), "jax", version("jax"))
print("The tolerance of FixedPointIteration and AndersonAcceleration holds for the fixed point alone.")
print("Their gradient comes from conjugate gradients on the normal equations, which keep a tolerance of")
print("1e-5 of their own: with tol=1e-12 in double precision the state has twelve digits and the gradient")
print("five, and nothing says so. Who measures an error of equilibrium propagation against it measures this")
print("floor. implicit_diff_solve with a tolerance of its own gives the digits back.")
N = 30
random = np.random.default_rng(0)
MATRIX = random.normal(size=(N, N)) / np.sqrt(N)
bias = jnp.array(random.normal(size=N))


def errors(gain, solver, **options):
    """Of the state, and of the gradient with respect to the bias, against Newton's method and a dense solution."""
    weights = jnp.array(gain * MATRIX)
    answer = lambda s, b: weights @ jnp.tanh(s) + b
    jacobian = lambda s: weights * (1 - jnp.tanh(s) ** 2) - jnp.eye(N)
    rest = jnp.zeros(N)
    for _ in range(50):
        rest -= jnp.linalg.solve(jacobian(rest), answer(rest, bias) - rest)
    pull = jnp.zeros(N).at[:3].set(rest[:3] - 0.5)
    exact = -jnp.linalg.solve(jacobian(rest).T, pull)

    def cost(b):
        state = solver(answer, tol=1e-12, maxiter=20000, **options).run(jnp.zeros(N), b).params
        return 0.5 * jnp.sum((state[:3] - 0.5) ** 2), state

    gradient, state = jax.grad(cost, has_aux=True)(bias)
    distance = jnp.linalg.norm(gradient - exact) / jnp.linalg.norm(exact)
    return float(jnp.abs(state - rest).max()), float(distance)


tight = partial(jaxopt.linear_solve.solve_normal_cg, tol=1e-13)
same = True
for gain in (0.8, 1.2):
    for name, solver, options, coarse in (
        ("FixedPointIteration", jaxopt.FixedPointIteration, {}, True),
        ("AndersonAcceleration", jaxopt.AndersonAcceleration, {}, True),
        ("the same, implicit_diff_solve with tol=1e-13", jaxopt.AndersonAcceleration, {"implicit_diff_solve": tight}, False),
    ):
        state, gradient = errors(gain, solver, **options)
        print(f"gain {gain}, {name}: error of the state {state:.1e}, of the gradient {gradient:.1e}")
        same &= state < 1e-10 and (gradient > 1e-7) == coarse
raise SystemExit(0 if same else 1)
PYTHON
