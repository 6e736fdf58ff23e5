#!/usr/bin/env bash
# A sweep of 64 parts by HyperQueue: two workers on this machine, one killed midway; the result has to be that of one
# process, to the byte. Needs Python 3 with venv, and PyPI. Not part of .ci/run.
#
# usage: tests/cluster/hyperqueue.sh [EQPROP]     (default: target/release/eqprop)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
eqprop=$(realpath "${1:-$here/../../target/release/eqprop}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet hyperqueue==0.27.0
cat > "$work/config.json" <<'JSON'
{"neurons": [12], "asymmetry": {"from": 0, "to": 1, "count": 16}, "seeds": {"first": 0, "count": 2000}}
JSON

cd "$work"
"$work/venv/bin/python" "$here/lose_a_worker.py" "$eqprop" "$work/config.json" "$work/cluster"
"$eqprop" merge cluster/parts --out merged
"$eqprop" sweep config.json --out single
cmp merged/sweep.json single/sweep.json
cmp merged/records.jsonl single/records.jsonl
echo "identical to the records of a single process: $(wc -l < merged/records.jsonl) lines"
