#!/usr/bin/env bash
# A sweep as a Slurm job array of 64 tasks on this machine alone, one task requeued midway; the result has to be that
# of one process, to the byte. Starts munged, slurmctld and slurmd of its own in a temporary directory and ends them.
# Needs root and Debian's slurm-wlm and munge. Not part of .ci/run.
#
# usage: tests/cluster/slurm.sh [EQPROP]     (default: target/release/eqprop)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
eqprop=$(realpath "${1:-$here/../../target/release/eqprop}")
work=$(mktemp -d)
chmod 755 "$work"
started=()
finish() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

mkdir -m 755 "$work/munge" "$work/state" "$work/spool"
(umask 077 && dd if=/dev/urandom of="$work/munge/key" bs=1024 count=1 status=none)
munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
  --log-file="$work/munge/log" --seed-file="$work/munge/seed" &
started+=($!)

host=$(hostname -s)
cat > "$work/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
SlurmUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,requeue_setup_env_fail
ReturnToService=2
KillWait=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -D & started+=($!)
slurmd -D & started+=($!)
for _ in $(seq 60); do sinfo -h -o %t 2>/dev/null | grep -q idle && break; sleep 1; done
sinfo || { tail -20 "$work"/*.log "$work/munge/log"; exit 1; }

cat > "$work/config.json" <<'JSON'
{"neurons": [12], "asymmetry": {"from": 0, "to": 1, "count": 16}, "seeds": {"first": 0, "count": 2000}}
JSON
cat > "$work/job.sh" <<JOB
#!/bin/bash
#SBATCH --array=1-64 --ntasks=1 --cpus-per-task=1 --requeue --open-mode=append --output=$work/task-%a.log
exec $eqprop sweep config.json --out parts --resume --threads 1
JOB
cd "$work"
job=$(sbatch --parsable job.sh)
while [ "$(ls parts/summary-* 2>/dev/null | wc -l)" -lt 16 ]; do sleep 0.1; done
task=
while [ -z "$task" ]; do task=$(squeue -h -r -j "$job" -t running -o %K | head -1); done
scontrol requeue "${job}_$task"
echo "task $task requeued after $(ls parts/summary-* | wc -l) parts"
while squeue -h -j "$job" 2>/dev/null | grep -q .; do sleep 1; done
cat "task-$task.log"
"$eqprop" merge parts --out merged
"$eqprop" sweep config.json --out single
cmp merged/sweep.json single/sweep.json
cmp merged/records.jsonl single/records.jsonl
echo "identical to the records of a single process: $(wc -l < merged/records.jsonl) lines"
