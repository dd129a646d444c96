"""Looks at live hosts beside ``openssl`` and sslyze, on servers of this machine, all in one run.

    python benchmarks/live.py --tools FOLDER [--sslyze PROGRAM] [--hosts N] [--many N] [--rounds N]

FOLDER holds ``farm.py``, which makes and starts nginx with a certificate for each of many names, and
``delay_proxy.py``, which adds a round trip time. Needs nginx and openssl on the PATH, and Linux.
"""

import argparse
import json
import os
import re
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

PLACE = "127.77.255.1"  # where the farm answers to every name
ROUND_TRIP_SECONDS = 0.1
TIMEOUT_SECONDS = 5.0
S_TIME_SECONDS = 3
RSA_SHARE = 0.25  # of the farm's certificates
WITHOUT_ROOTS = "-no-CAfile -no-CApath -no-CAstore"


class Run(NamedTuple):
    """One process: seconds, seconds of CPU with its children, MiB of the largest of them, and what it printed."""

    wall: float
    cpu: float
    rss: float
    code: int
    output: str

    @property
    def said(self) -> Any:
        """What ``look.py`` says."""
        return json.loads(self.output)


class Row(NamedTuple):
    """Something to run, for so many hosts."""

    name: str
    hosts: int
    command: str
    """For ``sh``."""


class Bound(NamedTuple):
    """What has to hold of one round's runs, by the rows' names."""

    what: str
    figure: Callable[[dict[str, Run]], float]
    at_least: bool
    limit: float | None
    """None where the figure is only told."""


class Farm(NamedTuple):
    """Servers that run, and where their lists are."""

    folder: Path
    port: int
    hosts: int


def main() -> None:
    """Print a table of the rows, and one of the bounds."""
    options = _arguments()
    with (
        _farm(options, options.hosts) as farm,
        _delay(options, farm, 0) as clean,
        _delay(options, farm, 0.05) as dead,
    ):
        rows = _rows(options, farm, clean, dead)
        rounds = [_round(rows) for _ in range(options.rounds)]
    with _farm(options, options.many) as farm:
        many = _look(farm, options.many, "paths", name="paths, many hosts")
        for each in rounds:
            each |= _round([many])
    print(_table([*rows, many], rounds))
    print()
    print(_verdicts(_bounds(options, {row.name: row.hosts for row in [*rows, many]}), rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--sslyze", help="the program; without it nothing is compared with it")
    parser.add_argument("--hosts", type=int, default=2000)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def _rows(options: argparse.Namespace, farm: Farm, clean: int, dead: int) -> list[Row]:
    """Everything that is run once a round, in this order."""
    far = min(1000, farm.hosts)
    slow = {"jobs": 200, "timeout": TIMEOUT_SECONDS}
    rows = [
        _s_time(farm, "ec", 1),
        _s_time(farm, "rsa", 2),
        _look(farm, farm.hosts, "fetch"),
        _look(farm, farm.hosts, "pins"),
        _look(farm, farm.hosts, "paths"),
        _look(farm, farm.hosts, "paths", name="paths, all deployments", deployments="all"),
        _s_client(farm, min(200, farm.hosts)),
        _look(farm, far, "fetch", name="far", to=f"127.0.0.1:{clean}", **slow),
        _look(
            farm,
            far,
            "fetch",
            name="far, all deployments",
            to=f"127.0.0.1:{clean}",
            deployments="all",
            **slow,
        ),
        _look(farm, far, "fetch", name="far, 5 % dead", to=f"127.0.0.1:{dead}", **slow),
    ]
    return [*rows, _sslyze(options.sslyze, farm, min(200, farm.hosts))] if options.sslyze else rows


def _look(farm: Farm, count: int, what: str, *, name: str = "", to: str = "", **options: object) -> Row:
    words = [sys.executable, str(Path(__file__).with_name("look.py")), what, str(_list(farm, count))]
    words += ["--to", to or f"{PLACE}:{farm.port}", "--trust-anchors", str(farm.folder / "root.pem")]
    for option, value in options.items():
        words += [f"--{option}", str(value)]
    return Row(name or what, count, shlex.join(words))


def _s_time(farm: Farm, key: str, offset: int) -> Row:
    """New handshakes one after the other, as many as there is time for."""
    place = f"{PLACE}:{farm.port + offset}"
    command = f"openssl s_time {WITHOUT_ROOTS} -connect {place} -new -time {S_TIME_SECONDS} -tls1_3"
    return Row(f"s_time, {key}", 0, command)


def _s_client(farm: Farm, count: int) -> Row:
    ask = 'openssl s_client -connect "$place:$port" -servername "$name" -showcerts </dev/null'
    hosts = shlex.quote(str(_list(farm, count)))
    return Row("s_client loop", count, f"while read -r name place port; do {ask}; done <{hosts}")


def _sslyze(program: str, farm: Farm, count: int) -> Row:
    lines = [line.split() for line in _list(farm, count).read_text().splitlines()]
    targets = farm.folder / "targets.txt"
    targets.write_text("".join(f"{name}:{port}{{{place}}}\n" for name, place, port in lines))
    options = ["--certinfo", "--mozilla_config", "disable", "--quiet"]
    words = [program, *options, "--targets_in", str(targets), "--json_out", str(farm.folder / "sslyze.json")]
    return Row("sslyze --certinfo", count, shlex.join(words))


def _list(farm: Farm, count: int) -> Path:
    """A file of the first hosts, ``name address port`` in each line."""
    path = farm.folder / f"first-{count}.txt"
    lines = (farm.folder / "hosts-sni.txt").read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:count]))
    return path


def _round(rows: list[Row]) -> dict[str, Run]:
    return {row.name: _run(row.command) for row in rows}


def _run(command: str) -> Run:
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            ["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, text)


def _bounds(options: argparse.Namespace, hosts: dict[str, int]) -> list[Bound]:
    def rate(name: str) -> Callable[[dict[str, Run]], float]:
        return lambda runs: hosts[name] / runs[name].wall

    def share(name: str) -> Callable[[dict[str, Run]], float]:
        return lambda runs: hosts[name] / runs[name].cpu / _limit(runs)

    def against(name: str, other: str) -> Callable[[dict[str, Run]], float]:
        return lambda runs: rate(name)(runs) / rate(other)(runs)

    bounds = [
        Bound("fetch: handshakes a CPU second, of s_time's", share("fetch"), True, 0.85),
        Bound("pins: the same", share("pins"), True, 0.75),
        Bound("paths: the same", share("paths"), True, 0.55),
        Bound("fetch: hosts a second, of the s_client loop's", against("fetch", "s_client loop"), True, 20),
        Bound("pins: the same", against("pins", "s_client loop"), True, 20),
        Bound("paths: the same", against("paths", "s_client loop"), True, 20),
    ]
    if options.sslyze:
        other = "sslyze --certinfo"
        bounds += [
            Bound("fetch: hosts a second, of sslyze's", against("fetch", other), True, 25),
            Bound("pins: the same", against("pins", other), True, 25),
            Bound("paths: the same", against("paths", other), True, None),
            Bound("paths, all deployments: the same", against("paths, all deployments", other), True, 8),
        ]
    return [
        *bounds,
        Bound("far: wall of the survey, of the ideal", lambda runs: _to_ideal(runs["far"]), False, 1.8),
        Bound("far: the same, start-up included", lambda runs: _to_ideal(runs["far"], True), False, None),
        Bound(
            "far, all deployments: the same", lambda runs: _to_ideal(runs["far, all deployments"]), False, 1.8
        ),
        Bound(
            "far, 5 % dead: wall, of time-out + wall of far",
            lambda runs: runs["far, 5 % dead"].wall / (TIMEOUT_SECONDS + runs["far"].wall),
            False,
            1.3,
        ),
        Bound(f"paths, {hosts['paths']:,} hosts: peak MiB", lambda runs: runs["paths"].rss, False, 64),
        Bound(
            f"paths, {options.many:,} hosts: peak MiB", lambda runs: runs["paths, many hosts"].rss, False, 64
        ),
    ]


def _limit(runs: dict[str, Run]) -> float:
    """Handshakes a second of client CPU by ``s_time``, for the farm's mix of keys."""
    each = {key: runs[f"s_time, {key}"].cpu / _made(runs[f"s_time, {key}"]) for key in ("ec", "rsa")}
    return 1 / ((1 - RSA_SHARE) * each["ec"] + RSA_SHARE * each["rsa"])


def _made(run: Run) -> int:
    """How many handshakes ``s_time`` made: it says the number twice, by its CPU's clock and by the wall's."""
    found = re.findall(r"^(\d+) connections in", run.output, re.MULTILINE)
    return int(found[-1])


def _to_ideal(run: Run, with_start: bool = False) -> float:
    """Wall seconds by those that the round trips alone take, 200 handshakes at a time.

    TCP and TLS 1.3 take two round trips, a refused TLS 1.2 handshake too, one that succeeds three.
    """
    shown, failed = run.said["shown"], run.said["failed"]
    trips = 2 * (shown.get("default", 0) + failed.get("absent", 0))
    trips += 3 * (shown.get("rsa", 0) + shown.get("ecdsa", 0))
    wall = run.wall if with_start else float(run.said["wall"])
    return wall / (float(trips) * ROUND_TRIP_SECONDS / 200)


def _table(rows: list[Row], rounds: list[dict[str, Run]]) -> str:
    lines = [
        "| row | hosts | wall s (min–max) | CPU s | hosts/s | hosts/CPU s | without start-up | peak MiB"
        " | good | exit |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        runs = [each[row.name] for each in rounds]
        walls, cpu = [run.wall for run in runs], statistics.median(run.cpu for run in runs)
        looks = row.command.find("look.py") >= 0 and not any(run.code for run in runs)
        hosts = row.hosts or round(statistics.median(map(_made, runs)))
        inner = f"{hosts / statistics.median(run.said['cpu'] for run in runs):.0f}" if looks else ""
        lines.append(
            f"| {row.name} | {hosts:,} | {statistics.median(walls):.2f} ({min(walls):.2f}–{max(walls):.2f})"
            f" | {cpu:.2f} | {hosts / statistics.median(walls):.0f} | {hosts / cpu:.0f} | {inner}"
            f" | {statistics.median(run.rss for run in runs):.0f}"
            f" | {min(run.said['good'] for run in runs) if looks else ''}"
            f" | {', '.join(sorted({str(run.code) for run in runs}))} |"
        )
    return "\n".join(lines)


def _verdicts(bounds: list[Bound], rounds: list[dict[str, Run]]) -> str:
    """The median over the rounds of each figure, which holds when the machine drifts."""
    lines = ["| what | figure (min–max) | bound | |", "| --- | --- | --- | --- |"]
    for bound in bounds:
        figures = [bound.figure(each) for each in rounds]
        middle = statistics.median(figures)
        lines.append(
            f"| {bound.what} | {middle:.2f} ({min(figures):.2f}–{max(figures):.2f}) | {_verdict(bound, middle)} |"
        )
    return "\n".join(lines)


def _verdict(bound: Bound, figure: float) -> str:
    if bound.limit is None:
        return "| "
    met = figure >= bound.limit if bound.at_least else figure <= bound.limit
    return f"{'≥' if bound.at_least else '≤'} {bound.limit:g} | {'met' if met else '**missed**'}"


@contextmanager
def _farm(options: argparse.Namespace, hosts: int) -> Iterator[Farm]:
    """Make the servers and run them; they are stopped by the id that nginx wrote."""
    program, port = [sys.executable, str(options.tools / "farm.py")], _free_ports(3)
    made = [f"--hosts={hosts}", f"--port={port}", f"--rsa-share={RSA_SHARE}"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*program, "make", name, *made], check=True)
        subprocess.run([*program, "start", name], check=True, stdout=subprocess.DEVNULL)
        master = int((folder / "nginx.pid").read_text())
        try:
            _wait_for(PLACE, port)
            yield Farm(folder, port, hosts)
        finally:
            subprocess.run([*program, "stop", name], check=True)
            _wait_for_end(master)


def _wait_for_end(process: int) -> None:
    for _ in range(200):
        if not Path(f"/proc/{process}").exists():
            return
        time.sleep(0.05)
    os.kill(process, signal.SIGTERM)


@contextmanager
def _delay(options: argparse.Namespace, farm: Farm, dead: float) -> Iterator[int]:
    """The port of a proxy before the farm, which leaves so many connections without an answer."""
    port = _free_ports(1)
    words = [str(options.tools / "delay_proxy.py"), str(port), PLACE, str(farm.port)]
    words += ["--rtt", str(ROUND_TRIP_SECONDS), "--dead", str(dead), "--life", "7200"]
    proxy = subprocess.Popen([sys.executable, *words])
    try:
        _wait_for("127.0.0.1", port)
        yield port
    finally:
        proxy.kill()
        proxy.wait()


def _free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on, below those of outgoing connections."""
    for first in range(20_000, 30_000, count):
        try:
            for port in range(first, first + count):
                socket.create_server(("0.0.0.0", port)).close()
        except OSError:
            continue
        return first
    raise SystemExit("no ports are free")


def _wait_for(address: str, port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"nothing answers at {address}:{port}")


if __name__ == "__main__":
    main()
