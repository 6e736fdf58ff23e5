#!/usr/bin/env bash
# What scipy.optimize.root says of a rate equation that has just lost two of its fixed points in a
# fold. Guess before it was run: no method reports success near the place where they were.
# Run by hand; exits with 0 while SciPy still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import scipy
from scipy.optimize import root

print("scipy", scipy.__version__)
print("The method 'lm' solves a least-squares problem: its flag 'success' says that the squared")
print("velocity is smallest there, not that it is 0. Beside a fold it so reports success at a state")
print("that moves; 'hybr' from the same start does not. Who takes 'success' for a fixed point has to")
print("compare the velocity with 0.")
velocity = lambda s: 2 * np.tanh(s) - s - 0.6
found = {method: root(velocity, [1.0], method=method) for method in ("lm", "hybr")}
for method, answer in found.items():
    print(f"{method}: success {answer.success}, s = {answer.x[0]:.6f}, velocity {velocity(answer.x[0]):.6f}")
same = (
    found["lm"].success
    and not found["hybr"].success
    and abs(velocity(found["lm"].x[0]) + 0.06716) < 1e-4
)
raise SystemExit(0 if same else 1)
PYTHON
