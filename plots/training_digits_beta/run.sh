#!/usr/bin/env bash
# Trains 64-128-10 on the embedded digits at six nudges and three seeds: bash plots/training_digits_beta/run.sh [EQPROP]
set -euo pipefail
cd "$(dirname "$0")"
eqprop=${1:-eqprop}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for nudge in one_sided:0.1 centred:0.1 one_sided:0.5 centred:0.5 one_sided:1 one_sided:4; do
  for seed in 0 1 2; do
    run=${nudge/:/_}_seed$seed
    cat > "$work/config.json" <<JSON
{"seed": $seed, "network": {"sizes": [64, 128, 10], "clamp": "hidden"},
 "nudge": {"beta": ${nudge#*:}, "scheme": "${nudge%:*}"},
 "observe": {"every": 10, "probe": 0}}
JSON
    "$eqprop" train "$work/config.json" --out "$work/$run"
    mkdir -p "$run"
    cp "$work/$run"/{config.json,records.jsonl,timing.jsonl,report.md} "$run"
  done
done
for extension in svg png; do "$eqprop" plot ./*_seed? --dpi 200 --force --out "course.$extension"; done
