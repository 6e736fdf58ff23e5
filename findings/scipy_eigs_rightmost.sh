#!/usr/bin/env bash
# Whether scipy.sparse.linalg.eigs(which="LR", k=1) finds the rightmost eigenvalue of ordinary random matrices.
# Guess before it was run: what it returns as converged is the rightmost one, perhaps after a warning.
# Run by hand; exits with 0 while SciPy still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import scipy
from scipy.sparse.linalg import eigs

print("scipy", scipy.__version__)
print("Of 40 Gaussian matrices of 200 rows, some get another eigenvalue than the rightmost from k=1,")
print("to all digits and without a warning: convergence says that it is an eigenvalue, not which one.")
print("k=6 helps most of them. Who judges stability by it needs several starts or shifts, or all")
print("eigenvalues where the margin is small.")
missed = {1: 0, 6: 0}
farthest = off = 0.0
for seed in range(40):
    matrix = np.random.default_rng(seed).normal(size=(200, 200)) / np.sqrt(200)
    every = np.linalg.eigvals(matrix)
    rightmost = every.real.max()
    for k in missed:
        found = eigs(matrix, k=k, which="LR", v0=np.ones(200), return_eigenvectors=False)
        best = found[np.argmax(found.real)]
        if best.real < rightmost - 1e-6:
            missed[k] += 1
            farthest = max(farthest, rightmost - best.real)
            off = max(off, np.abs(every - best).min())
print(f"missed with k=1: {missed[1]}, with k=6: {missed[6]}; by up to {farthest:.4f};")
print(f"distance of what was returned from an eigenvalue: at most {off:.0e}")
raise SystemExit(0 if missed[1] > 0 and missed[6] < missed[1] and off < 1e-9 else 1)
PYTHON
