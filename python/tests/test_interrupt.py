"""Ctrl-C, and other threads meanwhile."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time

import eqprop


def slow() -> eqprop.Problem:
    """A thousand chaotic neurons: seconds of work."""
    net = eqprop.Network.glorot([0, 1000], outputs=[0], seed=1, gain=12.0)
    return eqprop.Problem(net, target=[0.0], initial_state=[0.1 * (-1) ** i for i in range(1000)])


SCRIPT = """
import os, signal, threading, time, sys
sys.path.insert(0, {place!r})
from test_interrupt import slow
# a process begun in the background may have been told to ignore it
signal.signal(signal.SIGINT, signal.default_int_handler)
problem = slow()
sent = []
def send():
    time.sleep(0.2)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send).start()
try:
    problem.gradient()
except KeyboardInterrupt:
    print(time.monotonic() - sent[0])
    os._exit(0)
os._exit(3)
"""


def test_control_c_interrupts() -> None:
    place = __file__.rsplit("/", 1)[0]
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(SCRIPT.format(place=place))], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # 0.2 s on an idle machine; the bar leaves room for a busy one
    assert float(done.stdout) < 0.6


def test_other_threads_run_meanwhile() -> None:
    net = eqprop.Network.glorot([0, 300], outputs=[0], seed=1, gain=0.9)
    problem = eqprop.Problem(net, target=[0.0])
    ticks: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    begun = time.monotonic()
    problem.gradient()
    ended = time.monotonic()
    stop.set()
    thread.join()
    inside = [t for t in ticks if begun < t < ended]
    assert len(inside) > 0.05 * (ended - begun) / 0.001
