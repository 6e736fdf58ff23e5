#!/usr/bin/env bash
# Which slope JAX gives the hard sigmoid, min(max(x, 0), 1), at 0 and at 1, where the clamped states of
# equilibrium propagation rest. Guess before it was run: one slope, 0 or 1, however the function is written.
# Run by hand; exits with 0 while JAX still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet jax==0.10.2 jaxlib==0.10.2
"$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp

print("jax", jax.__version__)
print("The same function has the slope 1/2 on its bounds as jnp.clip and as minimum(maximum), 0 as")
print("lax.clamp and as relu6(6x)/6, and 1 as where and as hard_tanh. A Hopfield field holds rho'(s):")
print("written in these ways it drives a state that rests on a bound with half its force, with none,")
print("or with all of it. The slope from inside, 1, is what the energy in the box asks for.")
spelled = {
    "jnp.clip(x, 0, 1)": (lambda x: jnp.clip(x, 0.0, 1.0), 0.5),
    "minimum(maximum(x, 0), 1)": (lambda x: jnp.minimum(jnp.maximum(x, 0.0), 1.0), 0.5),
    "lax.clamp(0, x, 1)": (lambda x: jax.lax.clamp(0.0, x, 1.0), 0.0),
    "nn.relu6(6x)/6": (lambda x: jax.nn.relu6(6.0 * x) / 6.0, 0.0),
    "(nn.hard_tanh(2x - 1) + 1)/2": (lambda x: (jax.nn.hard_tanh(2.0 * x - 1.0) + 1.0) / 2.0, 1.0),
    "where": (lambda x: jnp.where(x < 0.0, 0.0, jnp.where(x > 1.0, 1.0, x)), 1.0),
}
same = True
for name, (function, expected) in spelled.items():
    values = [float(function(x)) for x in (0.0, 1.0)]
    slopes = [float(jax.grad(function)(x)) for x in (0.0, 1.0)]
    print(f"{name:30} values {values} slopes {slopes}")
    same = same and values == [0.0, 1.0] and slopes == [expected] * 2
raise SystemExit(0 if same else 1)
PYTHON
