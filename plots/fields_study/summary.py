"""Prints the tables of report.md from the committed records: python3 plots/fields_study/summary.py [EQPROP]"""

import bisect
import gzip
import json
import math
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROUNDING = 1e-6
BINS, SMALLEST_BIN = 25, 12


def read(directory):
    with gzip.open(directory / "records.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def points(records):
    """Asymmetry and angle where both are more than rounding, as in the figure."""
    pairs = [(one["jacobian_asymmetry"], one["angle_degrees"]) for one in records]
    return [pair for pair in pairs if None not in pair and min(pair) > ROUNDING]


def quantile(values, fraction):
    values = sorted(values)
    place = fraction * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def median_curve(pairs):
    """Logarithms of the median angle in bins of equal width in the logarithm of the asymmetry."""
    low, high = min(x for x, _ in pairs), max(x for x, _ in pairs)
    bins = {}
    for x, y in pairs:
        at = min(int(BINS * math.log(x / low) / math.log(high / low)), BINS - 1)
        bins.setdefault(at, []).append((math.log(x), math.log(y)))
    full = [bins[at] for at in sorted(bins) if len(bins[at]) >= SMALLEST_BIN]
    return [[statistics.median(column) for column in zip(*members)] for members in full]


def at_same_asymmetry(curve, x):
    """The curve's angle at an asymmetry, None outside the curve."""
    x = math.log(x)
    k = bisect.bisect([one[0] for one in curve], x)
    if k in (0, len(curve)):
        return None
    (x0, y0), (x1, y1) = curve[k - 1], curve[k]
    return math.exp(y0 + (y1 - y0) * (x - x0) / (x1 - x0))


def fields():
    return sorted(path.parent for path in HERE.glob("*/records.jsonl.gz"))


def table_of_records():
    curve = median_curve(points(read(HERE.parent / "sweep_symmetry")))
    print("| field | settled of | asymmetry | 10 % | median | 90 % | within 3 | slope | beyond 90° |")
    print("|---|---|---|---|---|---|---|---|---|")
    everything = []
    for directory in fields():
        records = read(directory)
        settled = sum(one["outcome"] == "settled" for one in records)
        pairs = points(records)
        expected = [(y, at_same_asymmetry(curve, x)) for x, y in pairs]
        ratios = [y / z for y, z in expected if z]
        everything += ratios
        slope = statistics.linear_regression(*zip(*[map(math.log, pair) for pair in pairs])).slope
        asymmetries = [x for x, _ in pairs]
        beyond = sum(y > 90 for _, y in pairs) / len(pairs)
        print(
            f"| {directory.name.replace('_', ' ')} | {settled} of {len(records)}"
            f" | {min(asymmetries):.2g} to {max(asymmetries):.2g} | {shares(ratios)} | {slope:.2f} | {100 * beyond:.0f} % |"
        )
    print(f"| all | | | {shares(everything)} | | |")


def shares(ratios):
    three = [quantile(ratios, fraction) for fraction in (0.1, 0.5, 0.9)]
    within = sum(1 / 3 <= ratio <= 3 for ratio in ratios) / len(ratios)
    return " | ".join(f"{one:.2f}" for one in three) + f" | {100 * within:.0f} %"


def table_of_scales(eqprop):
    print("| field | asymmetry | angle | asymmetry, rows as written | angle, rows as written |")
    print("|---|---|---|---|---|")
    for directory in fields():
        problem = directory / "problem.json"
        constants = json.loads(problem.read_text())["field"]["constants"]
        as_written = [part for name in constants for part in ("--set", f"{name}=1")]
        cells = []
        for changes in ([], as_written):
            command = [eqprop, "gradient", str(problem), "--json", "--summary", *changes]
            answer = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            cells += [f"{answer['jacobian_asymmetry']:.2g}", f"{answer['angle_degrees']:.3g}°"]
        print(f"| {directory.name.replace('_', ' ')} | {' | '.join(cells)} |")


if __name__ == "__main__":
    table_of_records()
    print()
    table_of_scales(sys.argv[1] if len(sys.argv) > 1 else "eqprop")
