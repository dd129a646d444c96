"""Many hosts at once: in order, bounded, none held up by another, and ended by Ctrl-C within a second."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import faulty
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import Authority, Leaf

from pincheck.model.chains import Failure, Observation, Target
from pincheck.probe import survey as module
from pincheck.probe.options import Options, Redirect, Resolved
from pincheck.probe.survey import Seen, survey

ROOT = Authority("Root")
ISSUING = ROOT.issue("Issuing CA")
LEAF = ISSUING.leaf(faulty.HOST)
RSA = ISSUING.leaf(faulty.HOST, kind="rsa")
TLS12 = {"maximum_version": ssl.TLSVersion.TLSv1_2}
TLS13 = {"minimum_version": ssl.TLSVersion.TLSv1_3}
OFFERS = ("default", "rsa", "ecdsa")


def seen(*targets: tuple[str, int], addresses: tuple[str, ...] = ("127.0.0.1",), **others: object) -> Seen:
    """A survey of hosts that are all on loopback."""
    ports = dict.fromkeys(port for _, port in targets)
    options = Options(
        timeout_seconds=2.0,
        allowed=faulty.LOOPBACK,
        resolve=tuple(Resolved("*", port, addresses) for port in ports),
        offers=("default",),
    )
    return survey([Target(*each) for each in targets], options._replace(**others))  # type: ignore[arg-type]


@pytest.fixture
def good(tmp_path: Path) -> Iterator[faulty.Server]:
    with faulty.serving(faulty.tls(LEAF, tmp_path)) as server:
        yield server


def both(rsa: Leaf, ec: Leaf, folder: Path) -> faulty.Handler:
    """A server with a certificate of each type of key."""
    folder.mkdir(exist_ok=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name, leaf in (("rsa", rsa), ("ec", ec)):
        context.load_cert_chain(*leaf.write(folder, name)[:2])

    def handler(link: socket.socket) -> None:
        with context.wrap_socket(link, server_side=True) as secured:
            secured.recv(1)

    return handler


def test_an_observation_is_all_there(good: faulty.Server) -> None:
    before = datetime.now(UTC)
    (found,) = seen((faulty.HOST, good.port)).observations
    assert before <= found.at <= datetime.now(UTC)
    assert found == Observation(
        Target(faulty.HOST, good.port), found.at, "127.0.0.1", "default", LEAF.chain, "TLSv1.3", None
    )


def test_a_host_with_two_certificates_shows_both(tmp_path: Path) -> None:
    with faulty.serving(both(RSA, LEAF, tmp_path)) as server:
        found = seen((faulty.HOST, server.port), offers=OFFERS).observations
    assert [(each.offer, each.protocol, each.served) for each in found] == [
        ("default", "TLSv1.3", LEAF.chain),
        ("rsa", "TLSv1.2", RSA.chain),
        ("ecdsa", "TLSv1.2", LEAF.chain),
    ]
    assert found[0].served[0] is found[2].served[0]
    assert found[0].served[1] is found[1].served[1]


@pytest.mark.parametrize(
    ("leaf", "settings", "expected", "connections"),
    [
        pytest.param(
            LEAF,
            {},
            [
                ("default", "", ""),
                ("rsa", "absent", "it has no RSA certificate for TLS 1.2"),
                ("ecdsa", "", ""),
            ],
            3,
            id="EC",
        ),
        pytest.param(
            RSA,
            {},
            [
                ("default", "", ""),
                ("rsa", "", ""),
                ("ecdsa", "absent", "it has no ECDSA certificate for TLS 1.2"),
            ],
            3,
            id="RSA",
        ),
        pytest.param(
            LEAF,
            TLS12,
            [("default", "", ""), ("rsa", "absent", "it has no RSA certificate for TLS 1.2")],
            2,
            id="EC, TLS 1.2 only: ecdsa is contained in default",
        ),
        pytest.param(
            RSA,
            TLS12,
            [("default", "", ""), ("ecdsa", "absent", "it has no ECDSA certificate for TLS 1.2")],
            2,
            id="RSA, TLS 1.2 only: rsa is contained in default",
        ),
        pytest.param(
            LEAF,
            TLS13,
            [
                ("default", "", ""),
                ("rsa", "absent", "it does not speak TLS 1.2"),
                ("ecdsa", "absent", "it does not speak TLS 1.2"),
            ],
            2,
            id="TLS 1.3 only: told once",
        ),
    ],
)
def test_offers_that_can_show_nothing_new_are_not_made(
    leaf: Leaf,
    settings: dict[str, object],
    expected: list[tuple[str, str, str]],
    connections: int,
    tmp_path: Path,
) -> None:
    with faulty.serving(faulty.tls(leaf, tmp_path, **settings)) as server:
        found = seen((faulty.HOST, server.port), offers=OFFERS).observations
        assert server.connections == connections
    assert faulty.reasons(found) == expected
    assert {each.served for each in found if not each.failure} == {leaf.chain}


def test_a_host_that_hangs_up_on_an_offer_has_no_such_certificate(tmp_path: Path) -> None:
    """As some Windows servers do."""
    well = faulty.tls(LEAF, tmp_path)

    def handler(link: socket.socket) -> None:
        hello = link.recv(4096, socket.MSG_PEEK)
        (well if b"\x00\x2b\x00" in hello else faulty.resets)(link)  # supported_versions: a hello of TLS 1.3

    with faulty.serving(handler) as server:
        found = seen((faulty.HOST, server.port), offers=("default", "rsa")).observations
    assert faulty.reasons(found) == [
        ("default", "", ""),
        ("rsa", "absent", "it has no RSA certificate for TLS 1.2"),
    ]


def test_where_the_default_fails_nothing_else_is_asked() -> None:
    with faulty.serving(faulty.says(faulty.alert(40))) as server:
        found = seen((faulty.HOST, server.port), offers=OFFERS).observations
        assert server.connections == 1
    assert faulty.reasons(found) == [
        ("default", "handshake", 'it refused with the TLS alert "handshake failure"')
    ]


def test_results_come_in_the_order_asked(tmp_path: Path) -> None:
    slow = faulty.tls(LEAF, tmp_path)

    def delayed(link: socket.socket) -> None:
        time.sleep(0.3)
        slow(link)

    with faulty.serving(delayed) as late, faulty.serving(faulty.tls(LEAF, tmp_path)) as early:
        targets = [
            ("b.example", late.port),
            ("a.example", early.port),
            ("b.example", late.port),
            ("c.example", 22),
        ]
        found = seen(*targets, offers=("default", "ecdsa"), addresses=("127.0.0.2", "127.0.0.1")).observations
        assert [(each.target.host, each.address, each.offer) for each in found] == [
            ("b.example", "127.0.0.2", "default"),
            ("b.example", "127.0.0.1", "default"),
            ("b.example", "127.0.0.1", "ecdsa"),
            ("a.example", "127.0.0.2", "default"),
            ("a.example", "127.0.0.1", "default"),
            ("a.example", "127.0.0.1", "ecdsa"),
            ("c.example", "", "default"),
        ]
        assert late.connections == 2


def test_addresses_that_differ_are_each_seen(tmp_path: Path) -> None:
    other = ISSUING.leaf(faulty.HOST)
    with ExitStack() as stack:
        first = stack.enter_context(faulty.serving(faulty.tls(LEAF, tmp_path / "a"), "127.0.0.1"))
        stack.enter_context(faulty.serving(faulty.tls(other, tmp_path / "b"), "127.0.0.2", first.port))
        found = seen((faulty.HOST, first.port), addresses=("127.0.0.2", "127.0.0.1")).observations
    assert [(each.address, each.served) for each in found] == [
        ("127.0.0.2", other.chain),
        ("127.0.0.1", LEAF.chain),
    ]


def test_one_dead_host_beside_fifty_good_ones_costs_one_timeout(good: faulty.Server) -> None:
    finished = list[float]()
    start = time.monotonic()
    with faulty.black_hole() as dead:
        hosts = [("dead.example", dead)] + [(f"h{number}.example", good.port) for number in range(50)]
        options = Options(
            timeout_seconds=1.5,
            jobs=2,
            allowed=faulty.LOOPBACK,
            resolve=tuple(Resolved("*", port, ("127.0.0.1",)) for port in (dead, good.port)),
        )
        found = survey(
            [Target(*each) for each in hosts], options, lambda *_: finished.append(time.monotonic() - start)
        ).observations
    assert finished[49] < 1.4
    assert finished[50] < 2.5
    assert [each.failure for each in found if each.offer == "default"] == [
        Failure("unreachable", "nothing answered within 1.5 s"),
        *[None] * 50,
    ]


def test_the_addresses_of_one_host_are_asked_side_by_side() -> None:
    start = time.monotonic()
    addresses = tuple(f"127.0.0.{number}" for number in range(1, 17))
    with faulty.serving(faulty.silent, "0.0.0.0") as server:
        found = seen((faulty.HOST, server.port), addresses=addresses, timeout_seconds=0.5).observations
    assert [each.address for each in found] == list(addresses)
    assert time.monotonic() - start < 1.0


def test_no_more_handshakes_at_once_than_allowed() -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def handler(link: socket.socket) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        link.recv(4096)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        link.sendall(faulty.alert(40))

    addresses = tuple(f"127.0.0.{number}" for number in range(1, 5))
    with faulty.serving(handler, "0.0.0.0") as server:
        hosts = [(f"h{number}.example", server.port) for number in range(10)]
        seen(*hosts, addresses=addresses, jobs=5)
        assert server.connections == 40
    assert most == 5


def test_more_hosts_than_allowed_are_not_asked(good: faulty.Server) -> None:
    hosts = [(f"h{number}.example", good.port) for number in range(5)]
    found = seen(*hosts, max_hosts=3).observations
    assert [each.failure for each in found] == [
        *[None] * 3,
        *[Failure("skipped", "more than 3 hosts in one run; --max-hosts asks more")] * 2,
    ]
    assert good.connections == 3


def test_nothing_to_ask() -> None:
    assert survey([], Options()) == Seen((), interrupted=False)


def test_ports_below_1024_are_not_asked() -> None:
    found = seen((faulty.HOST, 22), (faulty.HOST, 80)).observations
    assert [each.failure for each in found] == [
        Failure("forbidden", "port 22 is not asked, only 443 and those from 1024 on"),
        Failure("forbidden", "port 80 is not asked, only 443 and those from 1024 on"),
    ]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"resolve": (Resolved(faulty.HOST, 443, ("10.0.0.1",)),)}, "forbidden"),
        ({"connect_to": (Redirect("", 0, "169.254.169.254", 0),)}, "forbidden"),
        ({"connect_to": (Redirect(faulty.HOST, 443, "1.1.1.1", 25),)}, "forbidden"),
        ({"connect_to": (Redirect("", 0, "[::ffff:127.0.0.1]", 0),)}, "forbidden"),
    ],
)
def test_what_the_user_redirects_is_judged_too(settings: dict[str, object], kind: str) -> None:
    (found,) = seen((faulty.HOST, 443), allowed=(), **settings).observations
    assert found.failure
    assert found.failure.kind == kind


def test_connect_to_keeps_the_name(tmp_path: Path) -> None:
    asked = list[str]()
    handler = faulty.tls(LEAF, tmp_path, sni_callback=lambda _tls, name, _context: asked.append(name))
    with faulty.serving(handler) as server:
        redirects = (
            Redirect("other.example", 0, "127.0.0.9", 1),
            Redirect(faulty.HOST, 443, "127.0.0.1", server.port),
            Redirect("", 0, "127.0.0.9", 1),
        )
        (found,) = seen((faulty.HOST, 443), connect_to=redirects).observations
    assert (found.served, found.address, found.target) == (LEAF.chain, "127.0.0.1", Target(faulty.HOST, 443))
    assert asked == [faulty.HOST]


def test_chains_of_a_run_are_bounded(
    good: faulty.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit is left out, and does not keep out what does."""
    monkeypatch.setattr(module, "MAX_CHAIN_BYTES", sum(map(len, LEAF.chain)))
    long = LEAF.sending(*[ISSUING.leaf("x.example").certificate] * 3, ROOT.certificate)
    with faulty.serving(faulty.tls(long, tmp_path)) as large:
        hosts = (("a.example", large.port), ("b.example", good.port), ("c.example", good.port))
        found = seen(*hosts, jobs=1).observations
    assert [each.served for each in found] == [(), LEAF.chain, LEAF.chain]
    assert found[0].failure == Failure("skipped", "the chains of one run exceed 0 MiB")


def test_progress_counts_targets(good: faulty.Server) -> None:
    told = list[tuple[int, int]]()
    hosts = [Target("a.example", good.port), Target("b.example", 22), Target("a.example", good.port)]
    resolve = (Resolved("*", good.port, ("127.0.0.1", "127.0.0.2", "10.0.0.1")),)
    survey(hosts, Options(allowed=faulty.LOOPBACK, resolve=resolve, jobs=1), lambda *each: told.append(each))
    assert told == [(1, 2), (2, 2)]


def test_it_works_in_a_thread(good: faulty.Server) -> None:
    found = list[Seen]()
    thread = threading.Thread(target=lambda: found.append(seen((faulty.HOST, good.port))))
    thread.start()
    thread.join(10)
    assert [each.served for each in found[0].observations] == [LEAF.chain]


def test_nothing_is_left_open(good: faulty.Server) -> None:
    seen((faulty.HOST, good.port), (faulty.HOST, faulty.refused_port()))
    before = len(os.listdir("/proc/self/fd"))
    with ExitStack() as stack:
        silent = stack.enter_context(faulty.serving(faulty.silent))
        inside = len(os.listdir("/proc/self/fd"))
        seen((faulty.HOST, silent.port), (faulty.HOST, faulty.refused_port()), timeout_seconds=0.2)
        assert len(os.listdir("/proc/self/fd")) <= inside + 1  # the server's end
    assert len(os.listdir("/proc/self/fd")) <= before + 1


@settings(max_examples=50)
@given(st.text("ab.-_:[]%\x00\n é0129x", max_size=12))
def test_any_text_for_a_host_is_answered(host: str) -> None:
    port = faulty.refused_port()
    (found,) = seen((host, port), allowed=(ip_network("127.0.0.1/32"),), timeout_seconds=0.2).observations
    assert found.failure
    assert found.failure.kind in ("unreachable", "unresolved", "forbidden")


SCRIPT = """
import json, sys, time
from pincheck.probe.options import Options, Resolved, network
from pincheck.model.chains import Target
from pincheck.probe.survey import survey
good, silent = map(int, sys.argv[1:3])
ports = (good, silent)
options = Options(timeout_seconds=60, jobs=3, allowed=(network("127.0.0.0/8"),),
                  resolve=tuple(Resolved("*", port, ("127.0.0.1",)) for port in ports))
targets = [Target("good.example", good), *(Target(f"h{n}.example", silent) for n in range(5)), Target("slow.example", 8443)]
seen = survey(targets, options)
json.dump([seen.interrupted, [(o.target.host, o.address, o.offer, len(o.served), o.failure) for o in seen.observations]], sys.stdout)
"""


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_ctrl_c_ends_within_a_second_with_what_is_known(good: faulty.Server) -> None:
    with faulty.serving(faulty.silent) as silent, running(good.port, silent.port) as process:
        deadline = time.monotonic() + 20
        while (good.connections < 3 or silent.connections < 3) and time.monotonic() < deadline:
            time.sleep(0.02)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        took = time.monotonic() - start
    skipped = ["skipped", "interrupted"]
    assert err == ""
    assert json.loads(out) == [
        True,
        [
            ["good.example", "127.0.0.1", "default", 2, None],
            ["good.example", "127.0.0.1", "rsa", 0, ["absent", "it has no RSA certificate for TLS 1.2"]],
            ["good.example", "127.0.0.1", "ecdsa", 2, None],
            *[[f"h{number}.example", "127.0.0.1", "default", 0, skipped] for number in range(3)],
            *[[f"h{number}.example", "", "default", 0, skipped] for number in range(3, 5)],
            ["slow.example", "", "default", 0, skipped],
        ],
    ]
    assert took < 1.0
    assert process.returncode == 0
