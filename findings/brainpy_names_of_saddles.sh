#!/usr/bin/env bash
# What brainpy's stability analysis calls a saddle. Guess before it was run: "saddle" in the plane,
# and "saddle" or "saddle focus" in three dimensions.
# Run by hand; exits with 0 while brainpy still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet brainpy==2.8.2 numpy==2.4.6 jax==0.10.2
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PYTHON'
import brainpy
import numpy as np
from brainpy.analysis.stability import stability_analysis

print("brainpy", brainpy.__version__)
print("A hyperbolic saddle in the plane gets the name of a bifurcation, 'saddle node'. In three")
print("dimensions a point that attracts along a line and spirals outward in a plane, which is a")
print("saddle focus, is called 'unstable focus', the name of a point that repels in every direction.")
plane = stability_analysis(np.diag([1.0, -1.0]))
space = stability_analysis(np.array([[0.1, 1.0, 0.0], [-1.0, 0.1, 0.0], [0.0, 0.0, -5.0]]))
print("diag(1, -1):", plane)
print("eigenvalues 0.1 +- i, -5:", space)
raise SystemExit(0 if (plane, space) == ("saddle node", "unstable focus") else 1)
PYTHON
