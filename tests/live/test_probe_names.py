"""Names are looked up once, in order, and a resolver that hangs keeps nobody."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import faulty
import pytest
from worlds import Authority

from pincheck.model.chains import Failure, Observation, Target
from pincheck.probe.options import Options
from pincheck.probe.survey import survey

LEAF = Authority("Root").leaf(faulty.HOST)
Resolver = Callable[[str], Sequence[str]]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Resolver], list[str]]:
    """Put a function from a name to addresses in the system's place; returns the names it is asked for."""

    def install(resolve: Resolver) -> list[str]:
        asked = list[str]()

        def getaddrinfo(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
            asked.append(host)
            return [(0, 0, 0, "", (address, 0)) for address in resolve(host)]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return install


def seen(port: int, *hosts: str, **options: object) -> tuple[Observation, ...]:
    settings = Options(timeout_seconds=0.5, allowed=faulty.LOOPBACK, offers=("default",))
    return survey([Target(host, port) for host in hosts], settings._replace(**options)).observations  # type: ignore[arg-type]


def failing(error: Exception) -> Resolver:
    def resolve(host: str) -> Sequence[str]:
        raise error

    return resolve


@pytest.mark.parametrize(
    ("resolve", "reason"),
    [
        (failing(socket.gaierror(socket.EAI_NONAME, "x")), "there is no such name"),
        (failing(socket.gaierror(socket.EAI_FAIL, "x")), "the look-up failed"),
        (failing(OSError("x")), "the name cannot be looked up"),
        (failing(UnicodeError("x")), "the name cannot be looked up"),
        (failing(RuntimeError("x")), "the look-up failed"),
        (lambda host: [], "the name has no address"),
    ],
)
def test_names_that_fail(resolver: Callable[[Resolver], list[str]], resolve: Resolver, reason: str) -> None:
    asked = resolver(resolve)
    (failed,) = seen(443, faulty.HOST)
    assert (failed.failure, failed.address) == (Failure("unresolved", reason), "")
    assert asked == [faulty.HOST]


def test_a_resolver_out_of_order_is_asked_twice(resolver: Callable[[Resolver], list[str]]) -> None:
    asked = resolver(failing(socket.gaierror(socket.EAI_AGAIN, "x")))
    (failed,) = seen(443, faulty.HOST)
    assert failed.failure == Failure("unresolved", "the resolver could not answer")
    assert asked == [faulty.HOST] * 2


@pytest.mark.parametrize(
    "host", ["", "a b", "a..b", "ä.example", "a" * 64, "a." * 127 + "aa", "x\r\nHost: y"]
)
def test_what_is_no_name_is_not_looked_up(host: str, resolver: Callable[[Resolver], list[str]]) -> None:
    asked = resolver(lambda host: ["127.0.0.1"])
    (failed,) = seen(443, host)
    assert failed.failure == Failure("unresolved", "it is not the name of a host")
    assert asked == []


def test_a_resolver_that_hangs_costs_its_own_host_one_timeout(
    resolver: Callable[[Resolver], list[str]], tmp_path: Path
) -> None:
    free = threading.Event()

    def resolve(host: str) -> Sequence[str]:
        if host.startswith("hang"):
            free.wait(20)
        return ["127.0.0.1"]

    resolver(resolve)
    start = time.monotonic()
    with faulty.serving(faulty.tls(LEAF, tmp_path)) as server:
        good = [f"good{number}.example" for number in range(10)]
        observations = seen(server.port, "hang1.example", *good, "hang2.example", jobs=4)
    took = time.monotonic() - start
    free.set()
    hung = Failure("unresolved", "the resolver did not answer within 0.5 s")
    assert [each.failure for each in observations] == [hung, *[None] * 10, hung]
    assert took < 1.0


def test_a_resolver_that_hangs_does_not_keep_the_process() -> None:
    script = """
import socket, time
socket.getaddrinfo = lambda *a, **k: time.sleep(60)
from pincheck.model.chains import Target
from pincheck.probe.options import Options
from pincheck.probe.survey import survey
print(survey([Target("a.example")], Options(timeout_seconds=0.2)).observations[0].failure.kind)
"""
    start = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )
    assert (ended.stdout, ended.stderr) == ("unresolved\n", "")
    assert time.monotonic() - start < 5


def test_a_hundred_addresses(resolver: Callable[[Resolver], list[str]], tmp_path: Path) -> None:
    addresses = [f"127.0.0.{number}" for number in range(1, 101)]
    resolver(lambda host: [*addresses, "127.0.0.1"])
    with faulty.serving(faulty.tls(LEAF, tmp_path), "0.0.0.0") as server:
        observations = seen(server.port, faulty.HOST)
    assert [each.address for each in observations] == [*addresses[:16], ""]
    assert [each.failure for each in observations] == [
        *[None] * 16,
        Failure("skipped", "84 more addresses not asked"),
    ]


def test_a_name_with_a_public_and_a_private_address_is_looked_up_once(
    resolver: Callable[[Resolver], list[str]], tmp_path: Path
) -> None:
    answers = iter([["127.0.0.1", "10.0.0.1", "fe80::1%lo"], ["10.0.0.1"], ["10.0.0.1"]])
    asked = resolver(lambda host: next(answers))
    with faulty.serving(faulty.tls(LEAF, tmp_path)) as server:
        observations = seen(server.port, faulty.HOST, offers=("default", "rsa", "ecdsa"))
    assert asked == [faulty.HOST]
    assert [(each.address, each.offer, each.failure and each.failure.kind) for each in observations] == [
        ("127.0.0.1", "default", None),
        ("127.0.0.1", "rsa", "absent"),
        ("127.0.0.1", "ecdsa", None),
        ("10.0.0.1", "default", "forbidden"),
        ("fe80::1%lo", "default", "forbidden"),
    ]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1"],
)
def test_an_address_in_any_form_is_judged_without_a_look_up(
    host: str, resolver: Callable[[Resolver], list[str]]
) -> None:
    asked = resolver(lambda host: ["1.1.1.1"])
    (failed,) = seen(443, host, allowed=())
    assert failed.failure
    assert failed.failure.kind == "forbidden"
    assert "--allow-address" in failed.failure.reason
    assert asked == []
