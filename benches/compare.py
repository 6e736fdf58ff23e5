"""The table of ratios from what benches/compare.sh measured: python3 compare.py DIRECTORY (Markdown on standard output)."""
import json
import pathlib
import sys

BARS = {"W1": 0.5, "W4": 0.5, "W2": 0.6, "W3": 0.6}
ADAPTIVE_BARS = {"W1": 0.33, "W2": 0.33, "W4": 0.33, "W3": 0.6}


def read(directory, pattern):
    lines = []
    for path in sorted(pathlib.Path(directory).glob(pattern)):
        for line in path.read_text().splitlines():
            if line.startswith("{"):
                lines.append(json.loads(line))
    return lines


def seconds(value):
    if value is None:
        return "–"
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def number(value):
    return "–" if value is None else f"{value:.1e}"


def opponent(peers, line):
    """The fastest peer of the kind that the bar names, with the same workload, precision and number of threads."""
    kind = "diffrax" if line["path"] == "adaptive" else ("torch" if line["threads"] == 2 else "jax")
    if kind == "diffrax" and line["threads"] != 1:
        return None
    same = [
        peer
        for peer in peers
        if peer["workload"] == line["workload"]
        and peer["prec"] == line["precision"]
        and (peer["threads"] == line["threads"])
        and peer["peer"].startswith(kind)
    ]
    return min(same, key=lambda peer: peer["median_s"], default=None)


def main(directory):
    ours = read(directory, "eqprop*.jsonl")
    peers = read(directory, "jax*.jsonl") + read(directory, "torch*.jsonl")
    print("| workload | path | precision | threads | median | fastest | residual (nudged) | sweeps | peer | its median | its residual (nudged) | ratio | bar |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for line in ours:
        peer = opponent(peers, line)
        ratio = line["median_s"] / peer["median_s"] if peer else None
        family = line["workload"].split("-")[0]
        bar = ADAPTIVE_BARS[family] if line["path"] == "adaptive" else (0.5 if line["threads"] == 2 else BARS[family])
        if line["path"] == "adaptive" and line["workload"] == "W3-hard-b100":
            bar = None
        residual = lambda entry: number(entry["residual"]) + (
            f" ({number(entry['residual_nudged'])})" if entry.get("residual_nudged") is not None else ""
        )
        cells = [
            line["workload"], line["path"], line["precision"], line["threads"],
            seconds(line["median_s"]), seconds(line["min_s"]), residual(line), line["sweeps"],
            peer["peer"].split(" + ")[0] + (", dtmax=1.5" if "dtmax" in peer["peer"] else "") if peer else "–",
            seconds(peer["median_s"]) if peer else "–",
            residual(peer) if peer else "–",
            f"{ratio:.2f}" if ratio else "–",
            f"{bar} {'met' if ratio <= bar else 'missed'}" if ratio and bar else "–",
        ]
        print("| " + " | ".join(str(cell) for cell in cells) + " |")

    print("\n| one thread → two | path | precision | speed-up | bar |\n|---|---|---|---|---|")
    medians = {(l["workload"], l["path"], l["precision"], l["threads"]): l["median_s"] for l in ours}
    for (workload, path, precision, threads), median in medians.items():
        one = medians.get((workload, path, precision, 1))
        if threads == 2 and one:
            gain = one / median
            print(f"| {workload} | {path} | {precision} | {gain:.2f} | 1.7 {'met' if gain >= 1.7 else 'missed'} |")

    floor = [line for line in read(directory, "floor*.jsonl") if any(k in line for k in ("gflops", "gflops_median", "GBps_best"))]
    if floor:
        print("\n| floor | precision | threads | time | rate |\n|---|---|---|---|---|")
        for line in floor:
            rate = line.get("gflops") or line.get("gflops_median")
            unit = f"{rate:.0f} GFLOP/s" if rate else f"{line['GBps_best']:.0f} GB/s"
            print(f"| {line['workload']} | {line['prec']} | {line['threads']} | {seconds(line['median_s'])} | {unit} |")


if __name__ == "__main__":
    main(sys.argv[1])
