"""Time commands in turn (A B C, A B C, …), each as a whole process, and print ratios to the first.

Medians of wall and CPU seconds, and of the peak memory of the largest single process, as the kernel
accounts it. A ratio is the median of the ratios of each round, so it holds when the machine drifts.
"""

import os
import statistics
import subprocess
import time
from typing import NamedTuple


class Command(NamedTuple):
    """A command to time, and what its row is called."""

    name: str
    argv: list[str]
    cwd: str


class Sample(NamedTuple):
    """One run: seconds, seconds, MiB and exit code."""

    wall: float
    cpu: float
    rss: float
    code: int


def compare(commands: list[Command], rounds: int, warmup: int = 1) -> dict[str, list[Sample]]:
    """Run every command ``rounds`` times, interleaved, after ``warmup`` rounds that do not count."""
    samples: dict[str, list[Sample]] = {command.name: [] for command in commands}
    for number in range(warmup + rounds):
        for command in commands:
            sample = _run(command)
            if number >= warmup:
                samples[command.name].append(sample)
    return samples


def _run(command: Command) -> Sample:
    start = time.perf_counter()
    process = subprocess.Popen(
        command.argv,
        cwd=command.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def ratio(samples: list[Sample], base: list[Sample]) -> float:
    """The median of the wall ratios, round by round."""
    return statistics.median(one.wall / other.wall for one, other in zip(samples, base, strict=True))


def table(samples: dict[str, list[Sample]]) -> str:
    """The medians as a Markdown table; the first command is the base."""
    base = next(iter(samples.values()))
    rows = [
        "| command | wall ms (min–max) | CPU ms | peak MiB | ratio | exit |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, runs in samples.items():
        walls = [run.wall * 1000 for run in runs]
        rows.append(
            f"| {name} | {statistics.median(walls):.0f} ({min(walls):.0f}–{max(walls):.0f})"
            f" | {statistics.median(run.cpu for run in runs) * 1000:.0f}"
            f" | {statistics.median(run.rss for run in runs):.0f}"
            f" | {ratio(runs, base):.2f} | {', '.join(sorted({str(run.code) for run in runs}))} |"
        )
    return "\n".join(rows)
