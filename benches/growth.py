"""How the commands' times grow: measures whole commands, writes a record and draws it, both axes logarithmic.

    python3 benches/growth.py EQPROP OUT_DIRECTORY      needs NumPy, Matplotlib and GNU time; wants a machine that does nothing else

Every time is the best of three runs of the whole process, start and reading of files included.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from matplotlib import pyplot, ticker

REPEATS = 3
OUTPUTS = 10


def run(arguments, directory):
    """Wall time and peak memory (MB) of the best of several runs."""
    best = (float("inf"), 0.0)
    for _ in range(REPEATS):
        # measured from a process of its own: what a child of this one needs would be counted with it
        command = ["/usr/bin/time", "-f", "%M", *arguments]
        begun = time.perf_counter()
        process = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        seconds = time.perf_counter() - begun
        if process.returncode != 0:
            raise SystemExit(f"{arguments}: {process.stderr}")
        best = min(best, (seconds, int(process.stderr.split()[-1]) / 1024))
    return best


def problem(directory, name, weights, neurons, random):
    """Writes a leaky tanh network whose weights stand in a file."""
    network = {
        "type": "dense",
        "dynamics": "leaky",
        "activation": "tanh",
        "weights": weights,
        "bias": random.normal(size=neurons).tolist(),
        "outputs": list(range(OUTPUTS)),
    }
    path = directory / f"{name}.json"
    path.write_text(json.dumps({"network": network, "target": [0.5] * OUTPUTS}))
    return path.name


def gradients(eqprop, directory):
    rows = []
    for neurons in (100, 200, 500, 1000, 2000):
        random = np.random.default_rng(neurons)
        np.save(directory / f"{neurons}.npy", random.normal(size=(neurons, neurons)) * 0.6 / np.sqrt(neurons))
        name = problem(directory, f"dense{neurons}", {"file": f"{neurons}.npy"}, neurons, random)
        for series, more in (("dense", []), ("dense, all eigenvalues", ["--eigenvalues", "all"])):
            seconds, memory = run([eqprop, "gradient", name, "--json", "--summary", *more], directory)
            rows.append({"series": series, "neurons": neurons, "seconds": seconds, "memory_mb": memory})
    for neurons in (1000, 3000, 10_000, 30_000, 100_000):
        random = np.random.default_rng(neurons)
        row = np.repeat(np.arange(neurons), 10)
        column = random.integers(0, neurons, size=row.size)
        keys = np.unique(row * neurons + column)
        value = random.normal(size=keys.size) * 0.6 / np.sqrt(10)
        np.savez(directory / f"s{neurons}.npz", row=keys // neurons, column=keys % neurons, value=value)
        weights = {"sparse": {"file": f"s{neurons}.npz"}}
        name = problem(directory, f"sparse{neurons}", weights, neurons, random)
        seconds, memory = run([eqprop, "gradient", name, "--json", "--summary"], directory)
        rows.append({"series": "sparse, 10 weights a neuron", "neurons": neurons, "seconds": seconds, "memory_mb": memory})
    return rows


def sweeps(eqprop, directory):
    rows = []
    for neurons, seeds in ((5, 500), (10, 300), (30, 100), (60, 25), (100, 10)):
        config = {
            "neurons": [neurons],
            "gain": [0.6],
            "asymmetry": {"from": 1e-3, "to": 3, "count": 20, "scale": "log"},
            "seeds": {"first": 0, "count": seeds},
            "outputs": max(2, neurons // 6),
        }
        (directory / "sweep.json").write_text(json.dumps(config))
        for threads in (1, 2):
            command = [eqprop, "sweep", "sweep.json", "--out", "out", "--force", "--threads", str(threads)]
            seconds, _ = run(command, directory)
            series = "one thread" if threads == 1 else "two threads"
            rows.append({"series": series, "neurons": neurons, "records_per_second": 20 * seeds / seconds})
    return rows


def draw(record, path):
    pyplot.rcParams.update({"font.size": 8})
    figure, panels = pyplot.subplots(1, 3, figsize=(178 / 25.4, 60 / 25.4), layout="constrained")
    columns = (
        ("gradients", "seconds", "time of gradient (s)"),
        ("gradients", "memory_mb", "memory of gradient (MB)"),
        ("sweeps", "records_per_second", "records of sweep (1/s)"),
    )
    for letter, panel, (group, key, label) in zip("abc", panels, columns):
        for series in dict.fromkeys(row["series"] for row in record[group]):
            own = [row for row in record[group] if row["series"] == series]
            panel.loglog([row["neurons"] for row in own], [row[key] for row in own], marker="o", markersize=3, label=series)
        panel.set_xlabel("neurons")
        panel.set_ylabel(label)
        panel.set_title(letter, loc="left", fontweight="bold")
        if letter != "b":
            panel.set_ylim(bottom=panel.get_ylim()[0] / 4)
            panel.legend(frameon=False, fontsize=6, loc="lower left" if letter == "c" else "lower right")
        panel.yaxis.set_minor_formatter(ticker.NullFormatter())
    figure.savefig(path, dpi=120)


def main():
    eqprop, out = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        version = subprocess.run([eqprop, "-V"], capture_output=True, text=True, check=True).stdout.strip()
        record = {"program": version, "gradients": gradients(eqprop, directory), "sweeps": sweeps(eqprop, directory)}
    (out / "growth.json").write_text(json.dumps(record, indent=1) + "\n")
    draw(record, out / "growth.png")


if __name__ == "__main__":
    main()
