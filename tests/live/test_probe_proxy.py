"""Through a proxy of CONNECT: what it is asked for, what it may answer, and what it never shows."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import faulty
import pytest
from worlds import Authority

from pincheck.model.chains import Observation, Target
from pincheck.probe import options, proxy
from pincheck.probe.options import Options, Proxy, Redirect, Resolved
from pincheck.probe.survey import survey

ROOT = Authority("Root")
LEAF = ROOT.leaf(faulty.HOST)


class Tunnel:
    """A proxy that does all right, and remembers the heads of what it is asked."""

    def __init__(
        self, to_port: int, answer: bytes = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
    ) -> None:
        self.to_port, self.answer = to_port, answer
        self.heads = list[str]()

    def __call__(self, link: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (data := link.recv(1)):
                return
            head += data
        self.heads.append(head.decode())
        link.sendall(self.answer)
        if b" 200" not in self.answer:
            return
        with socket.create_connection(("127.0.0.1", self.to_port)) as beyond:
            back = threading.Thread(target=pump, args=(beyond, link), daemon=True)
            back.start()
            pump(link, beyond)
            back.join(2)


def pump(here: socket.socket, there: socket.socket) -> None:
    try:
        while data := here.recv(4096):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def behind(folder: Path, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Iterator[tuple[Tunnel, int, int]]:
    """A good server and a proxy before it: the tunnel, the proxy's port, the server's port."""
    with faulty.serving(faulty.tls(LEAF, folder)) as server:
        tunnel = Tunnel(server.port, answer)
        with faulty.serving(tunnel) as entry:
            yield tunnel, entry.port, server.port


def seen(port: int, via: Proxy, host: str = faulty.HOST, **settings: object) -> tuple[Observation, ...]:
    made = Options(timeout_seconds=1.0, allowed=faulty.LOOPBACK, offers=("default",), proxy=via)
    if "resolve" not in settings and not settings.get("proxy_resolves"):
        settings["resolve"] = (Resolved(host, port, ("127.0.0.1",)),)
    return survey([Target(host, port)], made._replace(**settings)).observations  # type: ignore[arg-type]


def test_the_proxy_is_asked_for_the_checked_address(tmp_path: Path) -> None:
    with behind(tmp_path) as (tunnel, entry, port):
        (found,) = seen(port, Proxy("127.0.0.1", entry))
    assert (found.served, found.address, found.failure) == (LEAF.chain, "127.0.0.1", None)
    assert tunnel.heads == [f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"]


def test_all_offers_go_through_the_proxy(tmp_path: Path) -> None:
    with behind(tmp_path) as (tunnel, entry, port):
        found = seen(port, Proxy("127.0.0.1", entry), offers=("default", "rsa", "ecdsa"))
    assert [(each.offer, each.served) for each in found] == [
        ("default", LEAF.chain),
        ("rsa", ()),
        ("ecdsa", LEAF.chain),
    ]
    assert len(tunnel.heads) == 3


def test_an_ipv6_address_goes_in_brackets(tmp_path: Path) -> None:
    address = "2606:4700::1111"
    with behind(tmp_path) as (tunnel, entry, port):
        seen(port, Proxy("127.0.0.1", entry), resolve=(Resolved(faulty.HOST, port, (address,)),))
    assert tunnel.heads == [f"CONNECT [{address}]:{port} HTTP/1.1\r\nHost: [{address}]:{port}\r\n\r\n"]


def test_user_and_password_are_sent_and_never_shown(tmp_path: Path) -> None:
    with behind(tmp_path, b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (tunnel, entry, port):
        found = seen(port, options.proxy(f"http://user:secret@127.0.0.1:{entry}"))
    assert tunnel.heads[0].endswith("\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n")
    assert faulty.reasons(found) == [
        ("default", "unreachable", "the proxy wants a user and a password, or others (407)")
    ]
    assert "secret" not in repr(found)
    assert "dXNl" not in repr(found)


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (faulty.says(b"HTTP/1.1 403 Forbidden\r\n\r\n"), "the proxy answered 403"),
        (faulty.says(b"HTTP/1.0 502 \x1b[31m\r\n\r\n"), "the proxy answered 502"),
        (faulty.says(b"HTTP/9.9 200 OK\r\n\r\n"), "the proxy does not speak HTTP"),
        (faulty.says(b"\x00\xff\x1b[31m\r\n\r\n"), "the proxy does not speak HTTP"),
        (faulty.says(b"x" * 100_000), "the proxy does not speak HTTP"),
        (faulty.says(b"SSH-2.0\r\n", lambda link: None), "the proxy does not speak HTTP"),
        (faulty.closes, "the proxy hung up"),
        (faulty.resets, "the proxy cannot be used: the connection was reset"),
        (faulty.silent, "the proxy did not answer within 1 s"),
        (faulty.drips(b"HTTP/1.1 200 OK", 0.2), "the proxy did not answer within 1 s"),
    ],
)
def test_a_proxy_that_does_not_connect(handler: faulty.Handler, reason: str) -> None:
    start = time.monotonic()
    with faulty.serving(handler) as entry:
        assert faulty.reasons(seen(443, Proxy("127.0.0.1", entry.port))) == [
            ("default", "unreachable", reason)
        ]
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (faulty.silent, "it accepts connections, but nothing answered within 1 s"),
        (faulty.closes, "the connection was closed instead of an answer"),
        (faulty.says(faulty.alert(40)), 'it refused with the TLS alert "handshake failure"'),
    ],
)
def test_a_host_behind_the_proxy_that_does_not_answer(handler: faulty.Handler, reason: str) -> None:
    with faulty.serving(handler) as server, faulty.serving(Tunnel(server.port)) as entry:
        found = seen(server.port, Proxy("127.0.0.1", entry.port))
    assert faulty.reasons(found) == [("default", "handshake", reason)]


def test_a_proxy_that_is_not_there() -> None:
    found = seen(443, Proxy("127.0.0.1", faulty.refused_port()))
    assert faulty.reasons(found) == [
        ("default", "unreachable", "the proxy cannot be used: the connection was refused")
    ]


def test_a_proxy_whose_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert faulty.reasons(seen(443, Proxy("proxy.example", 1))) == [
        ("default", "unreachable", "the name of the proxy is not resolved: there is no such name")
    ]


REAL = socket.getaddrinfo


def unknown(host: str, *arguments: int, **settings: int) -> object:
    """A resolver that knows no name; addresses are none of its business."""
    if host == "127.0.0.1":
        return REAL(host, *arguments, **settings)
    raise socket.gaierror(socket.EAI_NONAME, "x")


def test_a_name_unknown_here_is_left_to_the_proxy_only_if_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with behind(tmp_path) as (tunnel, entry, port):
        via = Proxy("127.0.0.1", entry)
        assert faulty.reasons(seen(port, via, resolve=())) == [
            ("default", "unresolved", "there is no such name here; --proxy-resolves leaves it to the proxy")
        ]
        assert tunnel.heads == []
        (found,) = seen(port, via, proxy_resolves=True)
    assert (found.served, found.address) == (LEAF.chain, "")
    assert tunnel.heads == [f"CONNECT {faulty.HOST}:{port} HTTP/1.1\r\nHost: {faulty.HOST}:{port}\r\n\r\n"]


@pytest.mark.parametrize("host", ["10.0.0.1", "127.1", "localhost", "a.localhost", "0xa9fea9fe"])
def test_what_is_plainly_private_is_not_left_to_the_proxy(host: str) -> None:
    with faulty.serving(faulty.closes) as entry:
        (found,) = seen(443, Proxy("127.0.0.1", entry.port), host, proxy_resolves=True, allowed=())
        assert found.failure
        assert found.failure.kind == "forbidden"
        assert entry.connections == 0


def test_a_private_address_is_not_asked_for_through_the_proxy_either() -> None:
    with faulty.serving(faulty.closes) as entry:
        (found,) = seen(443, Proxy("127.0.0.1", entry.port), allowed=())
        assert found.failure
        assert found.failure.kind == "forbidden"
        assert entry.connections == 0


@pytest.mark.parametrize("entry", ["*", faulty.HOST, "shop.example"])
def test_hosts_of_no_proxy_are_asked_directly(entry: str, tmp_path: Path) -> None:
    with faulty.serving(faulty.tls(LEAF, tmp_path)) as server:
        (found,) = seen(server.port, Proxy("127.0.0.1", faulty.refused_port()), no_proxy=(entry,))
    assert found.served == LEAF.chain


def test_connect_to_leads_to_another_place_through_the_proxy(tmp_path: Path) -> None:
    with behind(tmp_path) as (tunnel, entry, port):
        redirects = (Redirect(faulty.HOST, 443, "stage.example", port),)
        settings = {"connect_to": redirects, "proxy_resolves": True}
        (found,) = seen(443, Proxy("127.0.0.1", entry), **settings)
    assert found.served == LEAF.chain
    assert tunnel.heads == [f"CONNECT stage.example:{port} HTTP/1.1\r\nHost: stage.example:{port}\r\n\r\n"]


@pytest.fixture
def secured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Tunnel], faulty.Handler]:
    """A tunnel behind TLS of its own, whose root the system trusts."""
    certificate, key, _ = ROOT.leaf("127.0.0.1").write(tmp_path, "proxy")
    trusting = ssl.create_default_context(cadata=ROOT.pem.decode())
    monkeypatch.setattr(proxy, "_verifying", lambda: trusting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def handler(tunnel: Tunnel) -> faulty.Handler:
        def handle(link: socket.socket) -> None:
            with context.wrap_socket(link, server_side=True) as inner:
                tunnel(inner)

        return handle

    return handler


def test_a_proxy_of_https(secured: Callable[[Tunnel], faulty.Handler], tmp_path: Path) -> None:
    with faulty.serving(faulty.tls(LEAF, tmp_path)) as server:
        tunnel = SlowTunnel(server.port)
        with faulty.serving(secured(tunnel)) as entry:
            (found,) = seen(server.port, Proxy("127.0.0.1", entry.port, tls=True, authorization="Basic eDp5"))
    assert found.served == LEAF.chain
    assert "Proxy-Authorization: Basic eDp5\r\n" in tunnel.heads[0]


class SlowTunnel(Tunnel):
    """One flight each way at a time: Python's TLS sockets are not read and written by two threads at once."""

    def __call__(self, link: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += link.recv(1)
        self.heads.append(head.decode())
        link.sendall(self.answer)
        with socket.create_connection(("127.0.0.1", self.to_port)) as beyond:
            beyond.settimeout(0.3)
            while data := link.recv(4096):
                beyond.sendall(data)
                try:
                    while data := beyond.recv(4096):
                        link.sendall(data)
                except TimeoutError:
                    pass


def test_a_proxy_of_https_that_is_not_trusted(
    secured: Callable[[Tunnel], faulty.Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = ssl.create_default_context(cadata=Authority("Other").pem.decode())
    monkeypatch.setattr(proxy, "_verifying", lambda: stranger)
    with faulty.serving(secured(Tunnel(1))) as entry:
        found = seen(443, Proxy("127.0.0.1", entry.port, tls=True, authorization="Basic eDp5"))
    assert faulty.reasons(found) == [
        ("default", "unreachable", "the proxy's certificate is not trusted here")
    ]


def test_a_proxy_of_https_that_speaks_no_tls() -> None:
    with faulty.serving(faulty.says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as entry:
        found = seen(443, Proxy("127.0.0.1", entry.port, tls=True))
    assert faulty.reasons(found) == [("default", "unreachable", "the TLS handshake with the proxy failed")]
