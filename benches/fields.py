#!/usr/bin/env python3
"""Fields in text beside other programs: CPU seconds in one run.

    benches/fields.py [EQPROP]

Hodgkin and Huxley's axon at I = 10 fires for 10,000 ms: eqprop, XPPAUT (if it is installed) and SciPy's
DOP853 (if it is), each with the error of its last voltage. Then a network of 50 tanh neurons as weights and
as text, and a file of a megabyte of equations.
"""

import json
import math
import os
import pathlib
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
LENGTH = 10_000
# of SciPy's DOP853 at rtol 1e-13 and atol 1e-15, which takes minutes
LAST_VOLTAGE = -16.77068654134707
START = [-65.0, 0.053, 0.596, 0.318]


def cpu(command, directory, runs=5):
    """The median CPU time of some runs, that of the system included."""
    def total():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def once():
        before = total()
        subprocess.run([str(word) for word in command], cwd=directory, capture_output=True)
        return total() - before
    return statistics.median(once() for _ in range(runs))


def show(what, seconds, voltage=None):
    error = "" if voltage is None else f"   error of V at the end {abs(voltage - LAST_VOLTAGE):.1e}"
    print(f"{what:44} {seconds:8.4f} s{error}")


def axon(eqprop, directory):
    problem = json.loads((ROOT / "examples/fields/hodgkin_huxley.json").read_text())
    problem["field"]["parameters"]["I"] = 10.0
    (directory / "axon.json").write_text(json.dumps(problem))
    simulate = [eqprop, "simulate", "axon.json", "--beta", 0, "--t-free", LENGTH, "--t-nudged", 0]
    seldom = ["--dt-out", 10]
    for method, rows, rtol in (("tsit45", seldom, 1e-8), ("vern8", seldom, 1e-8), ("vern8", [], 1e-8), ("vern8", seldom, 1e-9)):
        command = [*simulate, "--method", method, "--rtol", rtol, *rows, "--out", "axon.csv", "--force"]
        seconds = cpu(command, directory)
        last = (directory / "axon.csv").read_text().splitlines()[-1].split(",")
        kind = "a row in 10 ms" if rows else "rows of its own"
        show(f"eqprop {method}, rtol {rtol:g}, {kind}", seconds, float(last[3]))
    if shutil.which("xppaut"):
        of_xppaut(eqprop, directory)
    of_scipy()


def of_xppaut(eqprop, directory):
    subprocess.run([eqprop, "convert", "axon.json", "--out", "axon.ode"], cwd=directory, capture_output=True)
    lines = (directory / "axon.ode").read_text().splitlines()
    equations = [line for line in lines if not line.startswith(("@", "done"))]
    for method in ("cvode", "83dp"):
        for tolerance in ("1e-8", "1e-10"):
            options = f"@ total={LENGTH},dt=10,meth={method},tol={tolerance},atol={tolerance},bounds=1e9,maxstor=2000"
            (directory / "axon.ode").write_text("\n".join([*equations, options, "done\n"]))
            seconds = cpu(["xppaut", "axon.ode", "-silent"], directory)
            last = (directory / "output.dat").read_text().split("\n")[-2].split()
            show(f"XPPAUT {method}, tol and atol {tolerance}", seconds, float(last[1]))


def of_scipy():
    try:
        from scipy.integrate import solve_ivp
    except ImportError:
        return
    exp = math.exp

    def rise(x):
        return 1 + x / 2 if abs(x) < 1e-6 else x / (1 - exp(-x))

    def velocity(_, state):
        v, m, h, n = state
        current = 10 - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387)
        return [
            current,
            rise((v + 40) / 10) * (1 - m) - 4 * exp(-(v + 65) / 18) * m,
            0.07 * exp(-(v + 65) / 20) * (1 - h) - h / (1 + exp(-(v + 35) / 10)),
            0.1 * rise((v + 55) / 10) * (1 - n) - 0.125 * exp(-(v + 65) / 80) * n,
        ]

    before = os.times().user
    solution = solve_ivp(velocity, (0, LENGTH), START, method="DOP853", rtol=1e-8, atol=1e-12)
    show("SciPy DOP853, rtol 1e-8", os.times().user - before, solution.y[0, -1])


def network(eqprop, directory, neurons=50):
    chance = random.Random(1)
    weights = [[0.6 * chance.gauss(0, 1) / neurons**0.5 for _ in range(neurons)] for _ in range(neurons)]
    bias = [chance.uniform(-0.5, 0.5) for _ in range(neurons)]
    outputs = [neurons - 2, neurons - 1]
    of_weights = {"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh", "weights": weights,
                              "bias": bias, "outputs": outputs}, "target": [0.3, -0.2]}
    numbers = range(neurons)
    equations = {f"s{i}": " + ".join(f"w{i}_{j}*tanh(s{j})" for j in numbers) + f" + b{i} - s{i}" for i in numbers}
    parameters = {f"w{i}_{j}": weights[i][j] for i in numbers for j in numbers}
    parameters |= {f"b{i}": bias[i] for i in numbers}
    of_text = {"field": {"equations": equations, "parameters": parameters},
               "outputs": [f"s{k}" for k in outputs], "target": [0.3, -0.2]}
    for name, problem in (("weights", of_weights), ("text", of_text)):
        file = directory / f"{name}.json"
        file.write_text(json.dumps(problem))
        show(f"50 tanh neurons as {name}: gradient", cpu([eqprop, "gradient", file, "--json", "--summary"], directory, 41))
        command = [eqprop, "simulate", file, "--beta", 0.5, "--t-free", 2000, "--t-nudged", 1000, "--dt-out", 1]
        show(f"50 tanh neurons as {name}: simulate", cpu([*command, "--out", "run.csv", "--force"], directory))


def megabyte(eqprop, directory, size=1_000_000, states=5000):
    """Read, put together and written again."""
    terms = size // states // 16

    def equation(k):
        term = [f" + 0.{(7 * k + j) % 90 + 10}*c*x{(k + j * j + 1) % states}" for j in range(terms)]
        return f"-x{k}" + "".join(term)

    equations = {f"x{k}": equation(k) for k in range(states)}
    problem = {"field": {"equations": equations, "parameters": {"c": 0.5}}, "outputs": ["x0"], "target": [0.1]}
    (directory / "long.json").write_text(json.dumps(problem))
    written = sum(map(len, equations.values())) / 1e6
    seconds = cpu([eqprop, "convert", "long.json", "--out", "again.json", "--force"], directory)
    show(f"{written:.2f} MB of equations: convert to JSON", seconds)


if __name__ == "__main__":
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/eqprop").resolve()
    with tempfile.TemporaryDirectory() as folder:
        for part in (axon, network, megabyte):
            part(program, pathlib.Path(folder))
