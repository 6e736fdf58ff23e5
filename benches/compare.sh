#!/usr/bin/env bash
# One run of the peers and of this crate's workloads on this machine, and the table of their ratios (Markdown, standard output).
#   benches/compare.sh PEERS_DIRECTORY [PYTHON]
# PEERS_DIRECTORY holds the peers' scripts (workloads.py, bench_jax.py, bench_torch.py, floor.py), PYTHON (default: python3) has their
# requirements installed. What was measured stays in target/compare (or COMPARE_OUT), one JSON line a measurement.
# EQPROP_BENCH_SEED shifts the seeds of all. COMPARE_WORKLOADS (default W1,W2,W3,W4) selects;
# COMPARE_EQPROP and COMPARE_JAX are regular expressions over our lines and JAX's peers. SKIP_TORCH=1, SKIP_FLOOR=1 leave those out.
# Wants a machine that does nothing else: about eight minutes for everything.
set -euo pipefail

peers=$(cd "${1:?usage: compare.sh PEERS_DIRECTORY [PYTHON]}" && pwd)
python=${2:-python3}
case $python in */*) python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python") ;; esac
cd "$(dirname "$0")/.."
out=$(mkdir -p "${COMPARE_OUT:-target/compare}" && cd "${COMPARE_OUT:-target/compare}" && pwd)
workloads=${COMPARE_WORKLOADS:-W1,W2,W3,W4}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export PYTHONDONTWRITEBYTECODE=1

cargo bench --bench workloads --no-run
rm -f "$out"/*.jsonl
pinned=(taskset -c 1)
peer() { (cd "$peers" && "$@"); }

echo "eqprop" >&2
EQPROP_BENCH_ONLY="${COMPARE_EQPROP:-^(${workloads//,/|})}" cargo bench --bench workloads >"$out/eqprop.jsonl"
echo "JAX, diffrax (one thread)" >&2
XLA_FLAGS=--xla_cpu_multi_thread_eigen=false ONLY="${COMPARE_JAX:-dtmax=1.5|red-black|picard|euler loop eps=1}" \
  peer "${pinned[@]}" "$python" bench_jax.py "$workloads" >"$out/jax.jsonl"
if [ -z "${SKIP_TORCH:-}" ]; then
  for threads in 1 2; do
    echo "torch ($threads threads)" >&2
    OPENBLAS_NUM_THREADS=1 ONLY='red-black' peer "$python" bench_torch.py "$workloads" "$threads" >"$out/torch_$threads.jsonl"
  done
fi
if [ -z "${SKIP_FLOOR:-}" ]; then
  echo "floor" >&2
  OPENBLAS_NUM_THREADS=1 peer "$python" floor.py >"$out/floor.jsonl"
fi
python3 benches/compare.py "$out"
