"""A sweep of 64 parts on a HyperQueue cluster of two workers on this machine, one of which is killed midway.

The workers of a LocalCluster are threads of this process, so that no signal can kill one alone. What a server sees of
a machine that dies is that its connection breaks, and what was running there is gone: this script breaks the
connection of the first worker and ends the processes that its thread had started, with SIGKILL.

usage: lose_a_worker.py EQPROP CONFIG DIRECTORY
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from hyperqueue import Job
from hyperqueue.cluster import LocalCluster, WorkerConfig

PARTS = 64


def threads():
    return set(os.listdir("/proc/self/task"))


def connection_to(port):
    """This process's end of its one connection to a local port."""
    for entry in os.listdir("/proc/self/fd"):
        try:
            end = socket.socket(fileno=os.dup(int(entry)))
        except OSError:
            continue  # no socket
        try:
            if end.getpeername()[1] == port:
                return end
        except (OSError, IndexError, TypeError):
            pass  # not connected, or not over the network
        end.close()
    raise SystemExit(f"no connection to port {port}")


def main(eqprop, config, directory):
    directory = Path(directory).resolve()
    (directory / "log").mkdir(parents=True)
    with LocalCluster() as cluster:
        access = Path(cluster.cluster.server_dir) / "hq-current" / "access.json"
        port = json.loads(access.read_text())["worker"]["port"]
        before = threads()
        cluster.start_worker(WorkerConfig(cores=1))
        first, link = threads() - before, connection_to(port)
        cluster.start_worker(WorkerConfig(cores=1))

        client = cluster.client()
        job = Job(default_workdir=directory)
        for part in range(PARTS):
            job.program(
                [eqprop, "sweep", config, "--out", "parts", "--shard", f"{part}/{PARTS}", "--threads", "1", "--resume"],
                stdout=directory / "log" / f"{part}.out",
                stderr=directory / "log" / f"{part}.err",
            )
        submitted = client.submit(job)

        def finished():
            return len(list(directory.glob("parts/summary-*")))

        def at_work():
            """The process of the first worker that has begun to write records, and its part."""
            for thread in first:
                for child in Path(f"/proc/self/task/{thread}/children").read_text().split():
                    command = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
                    if "--shard" in command:
                        part = command[command.index("--shard") + 1]
                        records = directory / "parts" / f"records-{part.replace('/', '-of-')}.jsonl"
                        if records.exists() and records.stat().st_size > 0:
                            return int(child), part
            return None

        while finished() < PARTS // 4 or not (found := at_work()):
            time.sleep(0.005)
        child, part = found
        link.shutdown(socket.SHUT_RDWR)
        os.kill(child, signal.SIGKILL)
        print(f"first worker lost after {finished()} of {PARTS} parts, while it computed part {part}", flush=True)
        client.wait_for_jobs([submitted])
        resumed = (directory / "log" / f"{part.split('/')[0]}.out").read_text().splitlines()[0]
        print(f"part {part} was resumed: {resumed}")
        print(f"{finished()} of {PARTS} parts are done")


main(*sys.argv[1:])
