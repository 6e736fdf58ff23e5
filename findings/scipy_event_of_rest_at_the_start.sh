#!/usr/bin/env bash
# What scipy.integrate.solve_ivp does with a terminal event "the velocity is below a tolerance" when a
# network starts at its fixed point, as a nudged phase with a small β does. Guess before it was run: it
# ends at once, as diffrax's steady-state event does.
# Run by hand; exits with 0 while SciPy still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import scipy
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

print("scipy", scipy.__version__)
print("An event is a change of sign between two steps. A network that starts where its velocity is")
print("already below the tolerance never changes it: the run goes on to the end of its span and says")
print("'reached the end of the integration interval', as one that never rests does. From elsewhere the")
print("same event ends the run. Who waits for rest this way has to test the start himself.")
velocity = lambda t, s: 0.5 + np.tanh(0.8 * np.asarray(s)) - np.asarray(s)
rests = lambda t, s: np.abs(velocity(t, s)).max() - 1e-6
rests.terminal = True
rest = brentq(lambda s: velocity(0.0, s), 0.0, 3.0)
ends = {}
for name, start in (("away from rest", 0.0), ("at rest", rest)):
    run = solve_ivp(velocity, (0.0, 1000.0), [start], events=rests, rtol=1e-8, atol=1e-10)
    ends[name] = (run.status, run.t[-1])
    print(f"{name}: status {run.status}, ended at t = {run.t[-1]:.6g}, {run.nfev} evaluations: {run.message}")
same = ends["away from rest"][0] == 1 and ends["at rest"] == (0, 1000.0)
raise SystemExit(0 if same else 1)
PYTHON
