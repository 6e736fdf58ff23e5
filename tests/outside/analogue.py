#!/usr/bin/env python3
"""Converts problems for XPPAUT and ngspice, runs both where they are installed, and compares.

    tests/outside/analogue.py [EQPROP]

Of each problem the free fixed point, the nudged one and the error vector (s^b - s^-b)/2b are held
against eqprop's own trajectories: XPPAUT to 1e-5 (it stores single precision), ngspice to 1e-9; the
error vectors to what these differences leave of it. A program that is not installed is left out.
"""

import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

BETA = 0.05
ROOT = pathlib.Path(__file__).resolve().parents[2]
FIELDS = ["resistive_circuit", "wilson_cowan", "divisive_normalisation", "chemical_switch"]
# a network that is a contraction, so that its rest is the only one
NETWORK = {
    "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
                "weights": [[0, 0.5, -0.3], [0.2, 0.1, 0.4], [-0.6, 0.3, 0]],
                "input_weights": [[0.7], [0], [-0.4]], "bias": [0.1, -0.2, 0.3], "outputs": [2]},
    "input": [0.9], "target": [0.5],
}


def run(command, directory):
    return subprocess.run([str(word) for word in command], cwd=directory, capture_output=True, text=True, timeout=300)


def of_eqprop(eqprop, problem, beta, directory):
    out = directory / "rest.csv"
    command = [eqprop, "simulate", problem, "--beta", beta, "--t-free", 400, "--t-nudged", 400]
    command += ["--rtol", "1e-12", "--atol", "1e-14", "--out", out, "--force"]
    done = run(command, directory)
    if done.returncode != 0:
        sys.exit(done.stderr)
    with open(out, newline="") as file:
        last = list(csv.reader(file))[-1]
    return [float(value) for value in last[3:]]


def convert(eqprop, problem, beta, start, out):
    # with several attractors a nudge has to begin where the free phase rests
    begin = ["--set", f"initial_state={start}"] if beta else []
    run([eqprop, "convert", problem, "--out", out, "--beta", beta, "--force", *begin], out.parent)


def of_xppaut(eqprop, problem, beta, start, directory):
    convert(eqprop, problem, beta, start, directory / "x.ode")
    run(["xppaut", "x.ode", "-silent"], directory)
    last = (directory / "output.dat").read_text().strip().split("\n")[-1]
    return [float(word) for word in last.split()[1:1 + len(start)]]


def of_ngspice(eqprop, problem, beta, start, directory):
    convert(eqprop, problem, beta, start, directory / "x.cir")
    lines = run(["ngspice", "-b", "x.cir"], directory).stdout.split("\n")
    values = [float(line.split("=")[1]) for line in lines if line.startswith("v(n") and "=" in line]
    return values[:len(start)]


PROGRAMS = {"xppaut": (of_xppaut, 1e-5), "ngspice": (of_ngspice, 1e-9)}


def main():
    eqprop = shutil.which(sys.argv[1]) if len(sys.argv) > 1 else str(ROOT / "target/release/eqprop")
    installed = [name for name in PROGRAMS if shutil.which(name)]
    if not installed:
        print("neither xppaut nor ngspice is installed; nothing is compared")
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        (directory / "network.json").write_text(json.dumps(NETWORK))
        problems = [ROOT / f"examples/fields/{name}.json" for name in FIELDS] + [directory / "network.json"]
        for problem in problems:
            betas = [0, BETA, -BETA]
            own = [of_eqprop(eqprop, problem, beta, directory) for beta in betas]
            vector = lambda states: [(a - b) / (2 * BETA) for a, b in zip(states[1], states[2])]
            for name in installed:
                program, tolerance = PROGRAMS[name]
                theirs = [program(eqprop, problem, beta, own[0], directory) for beta in betas]
                gap = lambda one, other: max(abs(a - b) for a, b in zip(one, other)) if len(one) == len(other) else float("inf")
                free, nudged = gap(own[0], theirs[0]), max(gap(own[k], theirs[k]) for k in (1, 2))
                error = gap(vector(own), vector(theirs))
                fine = free <= tolerance and nudged <= tolerance and error <= tolerance / BETA
                wrong += not fine
                print(f"{problem.stem:<24} {name:<8} free {free:.1e}  nudged {nudged:.1e}  error vector {error:.1e}{'' if fine else '  WRONG'}")
    return 1 if wrong else 0


sys.exit(main())
