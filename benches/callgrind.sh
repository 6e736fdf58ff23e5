#!/usr/bin/env bash
# Instructions that a call of each kernel of benches/kernels takes, counted by valgrind (which must be installed): the difference between
# runs of eleven calls and of one, so that start and preparation cancel. Unlike times, counts do not depend on what else the machine does;
# they do depend on the vector extensions of the processor.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(cargo bench --bench kernels --no-run 2>&1 | sed -n 's/.*(\(target[^)]*\)).*/\1/p')
out=$(mktemp)
trap 'rm -f "$out"' EXIT
count() {
  valgrind --tool=callgrind --callgrind-out-file="$out" "$binary" --once "$1" "$2" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
echo "| kernel | instructions a call |"
echo "|---|---|"
for kernel in ${*:-tanh_10000 product_50 product_w2_b20 settle_w1 engine_w3_b20}; do
  echo "| $kernel | $((($(count "$kernel" 11) - $(count "$kernel" 1)) / 10)) |"
done
