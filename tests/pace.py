"""Bounds on time that mean the same on a machine that is slow, or busy with something else."""

import time

_SECONDS = 0.04
"""What ``_work`` takes on the machine on which the bounds were set."""


def allowed(seconds: float) -> float:
    """So many seconds, or as many more as this machine is slower at present."""
    return seconds * max(1.0, min(_work() for _ in range(3)) / _SECONDS)


def _work() -> float:
    start = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - start
