"""The three acts: a healthy app, a renewal that locks its users out, and the fix.

What is shown of pincheck is what it says of real files and of a real server; nothing is told beforehand.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pincheck import arguments, run
from pincheck.demo import app
from pincheck.demo.app import HOST, Pinned
from pincheck.looking import Live
from pincheck.model import Report
from pincheck.outputs import terminal
from pincheck.outputs.terminal import Line
from pincheck.pki.throwaway import Authority, Credentials, Period, spare_pin
from pincheck.probe import options as probe_options
from pincheck.probe.loopback import ADDRESS, Server, serving

Show = Callable[[Iterable[Line]], None]

ROOT = "root.pem"
PINS_DAYS, LEAF_DAYS = 120, 150
"""From today on: beyond the horizon of pincheck's warnings, so that a healthy app is one without findings."""


class Astray(Exception):
    """An act went otherwise than planned."""


class World(NamedTuple):
    """The certificates of the play."""

    root: bytes
    """PEM, trusted by every client."""
    now: Credentials
    """What the host serves first."""
    renewed: Credentials
    """With a new key, by another CA below the same root."""


def play(show: Show) -> None:
    """Show the acts on this machine alone; raise ``Astray`` if one goes otherwise, ``KeyboardInterrupt`` on SIGINT.

    However it ends, the server is stopped and the folder with the app removed. The working directory is that
    folder meanwhile.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    world = _world(now)
    before = Pinned(world.now.pin, spare_pin(), now.date() + timedelta(days=PINS_DAYS))
    after = before._replace(current=world.renewed.pin)
    with TemporaryDirectory(prefix="pincheck-demo-") as folder, serving(*world.now[:2]) as server:
        Path(folder, ROOT).write_bytes(world.root)
        tree = Path(folder, "shop")
        app.write(tree, before)
        with chdir(tree):
            _acts(show, world, server, before, after)
    show([[("The server is stopped and the sample app is gone. Your own app: pincheck check --live", "dim")]])


def _acts(show: Show, world: World, server: Server, before: Pinned, after: Pinned) -> None:
    command = _command(server.port)
    show(_opening(command))

    show(_headline("Act 1, healthy", "the app pins the key that its host serves, and a spare one"))
    _check(show, command, ())

    server.rotate(*world.renewed[:2])
    show(
        _headline(
            "Act 2, locked out", "the host's certificate is renewed with a new key, by another issuing CA"
        )
    )
    _check(show, command, ("pin-mismatch",) * 3)

    app.write(Path(), after)
    show(_headline("Act 3, fixed", "the app's next version pins the new key; users get in once they update"))
    show(_changed(before, after))
    _check(show, command, ())


def _world(now: datetime) -> World:
    years = Period(now - timedelta(days=400), now + timedelta(days=3000))
    root = Authority("Demo Root", years)
    first, second = (Authority(f"Demo Issuing CA {letter}", years, root) for letter in "AB")
    end = now + timedelta(days=LEAF_DAYS)
    return World(
        root.pem,
        first.credentials(HOST, Period(now - timedelta(days=30), end)),
        second.credentials(HOST, Period(now - timedelta(days=1), end + timedelta(days=30))),
    )


def _command(port: int) -> tuple[str, ...]:
    """The words of the command line that every act runs, in the folder of the app."""
    redirect = f"{HOST}:443:{ADDRESS}:{port}"
    return (
        *("check", "--live", "--connect-to", redirect),
        *("--allow-address", ADDRESS, "--trust-anchors", f"../{ROOT}"),
    )


def _check(show: Show, command: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Show what pincheck says; raise ``Astray`` if it judged no host, or its findings are not of these rules."""
    outcome = _outcome(command)
    show(terminal.lines(outcome.report))
    found = tuple(finding.rule for finding in outcome.report.active)
    if found != expected or outcome.unreached or not _judged(outcome.report):
        raise Astray(f"expected findings {expected}, found {found}; see the output above")
    show([[(f"exit code {int(outcome.report.fails(outcome.policy.fail_on))}", "dim")], []])


def _outcome(command: tuple[str, ...]) -> run.Outcome:
    """Run a command line of ``check`` in this folder, as if the environment named no proxy."""
    options = arguments.parse(command)
    live = Live(probe_options.read(options, {}), tuple(options.trust_anchors))
    outcome = run.check(run.Request(live=live))
    if outcome.interrupted:
        raise KeyboardInterrupt
    return outcome


def _judged(report: Report) -> bool:
    return bool(report.survey and report.survey.verifications)


def _opening(command: tuple[str, ...]) -> Iterator[Line]:
    yield [(f"A React Native app for Android and iOS pins {HOST} in three places.", "")]
    yield [("A server on this machine plays that host. Each act runs, in the folder of the app,", "")]
    yield [("  $ " + shlex.join(("pincheck", *command)), "dim")]
    yield []


def _headline(act: str, what: str) -> Iterator[Line]:
    yield [(f"== {act}: {what} ==", "bold magenta")]
    yield []


def _changed(before: Pinned, after: Pinned) -> Iterator[Line]:
    for name, lines in app.changes(before, after):
        yield [(name, "bold")]
        for line in lines:
            yield [(f"  {line}", "red" if line[0] == "-" else "green")]
    yield []
