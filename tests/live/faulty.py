"""Servers on loopback that misbehave, each on a port of the system's choice, and a short way to look at them."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from worlds import Leaf

from pincheck.model.chains import Observation, Target
from pincheck.probe.options import Options, Resolved
from pincheck.probe.survey import survey

HOST = "api.shop.example"
LOOPBACK = (ip_network("127.0.0.0/8"),)
Handler = Callable[[socket.socket], None]


class Server:
    """Its port, and how many connections it has had."""

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.connections = 0
        self.accepted = threading.Event()


@contextmanager
def serving(handler: Handler, address: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    """Give every connection to ``handler``, in a thread of its own, and close it behind it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family, backlog=256) as listener:
        server, links = Server(listener), list[socket.socket]()

        def accept() -> None:
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                server.connections += 1
                server.accepted.set()
                links.append(link)
                threading.Thread(target=handle, args=(link,), daemon=True).start()

        def handle(link: socket.socket) -> None:
            try:
                handler(link)
            except OSError:
                pass
            finally:
                link.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for link in links:
                link.close()
            thread.join(5)


@contextmanager
def black_hole() -> Iterator[int]:
    """A port whose queue is full: the kernel drops every further SYN."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        time.sleep(0.05)
        try:
            yield listener.getsockname()[1]
        finally:
            for each in waiting:
                each.close()


def refused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def silent(link: socket.socket) -> None:
    while link.recv(4096):
        pass


def closes(link: socket.socket) -> None:
    """Reads the hello and hangs up."""
    link.recv(4096)


def resets(link: socket.socket) -> None:
    link.recv(4096)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says(data: bytes, then: Handler = silent) -> Handler:
    """Answers the hello with these bytes."""

    def handler(link: socket.socket) -> None:
        link.recv(4096)
        link.sendall(data)
        then(link)

    return handler


def drips(data: bytes, pause_seconds: float) -> Handler:
    """Answers one byte at a time, without end."""

    def handler(link: socket.socket) -> None:
        link.recv(4096)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            link.sendall(bytes([byte]))
            time.sleep(pause_seconds)
        silent(link)

    return handler


def floods(link: socket.socket) -> None:
    """Announces a chain of a megabyte and sends without end."""
    link.recv(4096)
    link.sendall(server_hello())
    link.sendall(record(22, b"\x0b\x0f\x00\x00" + bytes(16000)))
    while True:
        link.sendall(record(22, bytes(16000)))


def record(kind: int, content: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(content).to_bytes(2) + content


def alert(code: int, level: int = 2) -> bytes:
    return record(21, bytes([level, code]))


def message(kind: int, content: bytes) -> bytes:
    return record(22, bytes([kind]) + len(content).to_bytes(3) + content)


def server_hello(suite: bytes = b"\xc0\x2f") -> bytes:
    """Of TLS 1.2: ECDHE-RSA-AES128-GCM-SHA256 unless told, secure renegotiation, no session."""
    extensions = b"\xff\x01\x00\x01\x00"
    return message(2, b"\x03\x03" + bytes(32) + b"\x00" + suite + b"\x00" + b"\x00\x05" + extensions)


def certificates(*ders: bytes) -> bytes:
    """The Certificate message of TLS 1.2 with whatever bytes."""
    entries = b"".join(len(der).to_bytes(3) + der for der in ders)
    return message(11, len(entries).to_bytes(3) + entries)


def tls(leaf: Leaf | tuple[Path, Path], folder: Path, **settings: Any) -> Handler:
    """A server that does all right with this chain; ``settings`` are attributes of its context."""
    certificate, key = leaf if isinstance(leaf, tuple) else leaf.write(folder)[:2]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(settings.pop("ciphers", "ALL:@SECLEVEL=0"))
    for name, value in settings.items():
        setattr(context, name, value)
    context.load_cert_chain(certificate, key)

    def handler(link: socket.socket) -> None:
        with context.wrap_socket(link, server_side=True) as secured:
            secured.recv(1)

    return handler


def look(port: int, host: str = HOST, **options: Any) -> tuple[Observation, ...]:
    """What a survey makes of a server on loopback; times and ports are left out of the answer."""
    defaults: dict[str, Any] = {
        "timeout_seconds": 2.0,
        "allowed": LOOPBACK,
        "resolve": (Resolved(host, port, ("127.0.0.1",)),),
        "offers": ("default",),
    }
    return survey([Target(host, port)], Options(**{**defaults, **options})).observations


def reasons(observations: tuple[Observation, ...]) -> list[tuple[str, str, str]]:
    """Offer, kind and reason of each failure; two empty words for a chain."""
    return [(each.offer, *(each.failure or ("", ""))) for each in observations]
