"""Real TLS servers on loopback, each serving exactly the chains it is given.

with nginx(tmp, {"api.shop.example": [leaf]}) as server:
    ...                       # server.address, server.port, server.pid
    server.rotate(renewed)    # from here on every handshake gets the other chain

Every one has its own folder, takes a port that is free, answers any request with an empty or small reply, and
is stopped by its process id when the block is left, however it is left.
"""

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs import program
from worlds import Leaf

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 10.0
ATTEMPTS = 5
Hosts = Mapping[str, Sequence[Leaf]]
"""The certificates of each name, one for each key type; the first name answers those who name no host."""

_started: list["subprocess.Popen[bytes]"] = []


@dataclass
class Server:
    """A server that runs."""

    address: str
    port: int
    pid: int
    rotate: Callable[[Leaf], None] = field(repr=False)
    """Serve another chain instead of all that the first name had; returns once it is served."""


def nginx(
    tmp: Path,
    hosts: Hosts,
    *,
    elsewhere: Mapping[str, Hosts] | None = None,
    protocols: Sequence[str] = ("TLSv1.2", "TLSv1.3"),
    ciphers: str = "DEFAULT",
    address: str = LOOPBACK,
    port: int = 0,
) -> AbstractContextManager[Server]:
    """nginx with the hosts at one address, and others, at the same port, at the addresses of ``elsewhere``.

    ``protocols`` and ``ciphers`` are nginx's own words.
    """
    program("nginx")
    return _nginx(tmp, {address: hosts, **(elsewhere or {})}, protocols, ciphers, port)


def haproxy(
    tmp: Path, *leaves: Leaf, address: str = LOOPBACK, port: int = 0
) -> AbstractContextManager[Server]:
    """haproxy with one certificate, or one for each key type."""
    program("haproxy")
    return _haproxy(tmp, leaves, address, port)


def s_server(
    tmp: Path, leaf: Leaf, *options: str, second: Leaf | None = None, address: str = LOOPBACK, port: int = 0
) -> AbstractContextManager[Server]:
    """``openssl s_server``, which serves one connection at a time; it takes further options of its own."""
    program("openssl")
    return _s_server(tmp, leaf, options, second, address, port)


@contextmanager
def python(
    *leaves: Leaf,
    address: str = LOOPBACK,
    port: int = 0,
    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
) -> Iterator[Server]:
    """A thread of this process, for quick cases; no program is needed."""

    def context(served: Sequence[Leaf]) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        made.minimum_version, made.maximum_version = oldest, newest
        with tempfile.TemporaryDirectory() as folder:
            for leaf in served:
                made.load_cert_chain(*leaf.write(Path(folder))[:2])
        return made

    contexts = [context(leaves)]
    with socket.create_server((address, port), backlog=512) as listening:
        listener = threading.Thread(target=_listen, args=(listening, contexts), daemon=True)
        listener.start()
        taken = listening.getsockname()[1]
        try:
            yield Server(address, taken, os.getpid(), lambda leaf: contexts.__setitem__(0, context([leaf])))
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
            listener.join(PATIENCE_SECONDS)


def free_port(*addresses: str) -> int:
    """A port that nobody listened on a moment ago, at all the addresses."""
    for _ in range(100):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            port = 0
            for address in addresses or (LOOPBACK,):
                port = held.enter_context(socket.create_server((address, port))).getsockname()[1]
            return port
    raise AssertionError(f"no port is free at all of {addresses}")


def served_leaf(address: str, port: int, host: str, key: str = "") -> bytes:
    """The leaf that a handshake gets, in DER; empty if there is none. With a key type, its suites alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if key:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"a{key.upper()}:@SECLEVEL=0")
    with (
        contextlib.suppress(OSError),
        socket.create_connection((address, port), timeout=2) as plain,
        context.wrap_socket(plain, server_hostname=host or None) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""
    return b""


def leftovers() -> list[int]:
    """The ids of the processes started here that still run; they are killed."""
    alive = [each for each in _started if each.poll() is None]
    for process in alive:
        _stop(process)
    return [process.pid for process in alive]


@contextmanager
def started(
    command: Sequence[str | Path], log: Path, **environment: str
) -> "Iterator[subprocess.Popen[bytes]]":
    """A process in a group of its own, with all it writes in a file; the group is gone afterwards."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as written:
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    _started.append(process)
    try:
        yield process
    finally:
        _stop(process)


def wait_until(holds: Callable[[], object], process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once something holds; an error with what the process wrote if it ends, or takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if process.poll() is not None or time.monotonic() > end:
            fate = "takes too long" if process.returncode is None else f"ended with {process.returncode}"
            raise Unready(f"{process.args[0]!r} {fate}: {log.read_text(errors='replace')}")  # type: ignore[index]
        time.sleep(0.02)


class Unready(AssertionError):
    """A server that does not serve; with what it wrote."""


def retrying(start: Callable[[], AbstractContextManager[Any]]) -> Any:
    """Enter a context manager, once more if another process took its port first; the value and its way out."""
    for attempt in range(ATTEMPTS):
        exits = contextlib.ExitStack()
        try:
            return exits.enter_context(start()), exits
        except Unready as failed:
            taken = re.search("in use|bind\\(\\)|cannot bind|tcp_bind", str(failed), re.IGNORECASE)
            if not taken or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


@contextmanager
def _nginx(
    tmp: Path, sites: Mapping[str, Hosts], protocols: Sequence[str], ciphers: str, port: int
) -> Iterator[Server]:
    folder = _folder(tmp, "nginx")
    first, hosts = next(iter(sites.items()))
    for address, named in sites.items():
        for name, leaves in named.items():
            for number, leaf in enumerate(leaves):
                leaf.write(folder, _file(address, name, number))

    @contextmanager
    def start() -> Iterator[Server]:
        chosen = port or free_port(*sites)
        config = folder / "nginx.conf"
        config.write_text(_nginx_config(folder, sites, protocols, ciphers, chosen))
        log = folder / "log"
        command = [program("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(config)]
        with started(command, log) as process:

            def rotate(leaf: Leaf) -> None:
                name = next(iter(hosts))
                leaf.write(folder, _file(first, name, 0))
                changed = {**sites, first: {**hosts, name: [leaf]}}
                config.write_text(_nginx_config(folder, changed, protocols, ciphers, chosen))
                old = _workers(process.pid)
                os.kill(process.pid, signal.SIGHUP)
                wait_until(lambda: _all_of(process.pid, old, first, chosen, name, leaf), process, log)

            for address, named in sites.items():
                wait_until(lambda a=address, n=named: _serves(a, chosen, n), process, log)  # type: ignore[misc]
            yield Server(first, chosen, process.pid, rotate)

    server, exits = retrying(start)
    with exits:
        yield server


def _nginx_config(
    folder: Path, sites: Mapping[str, Hosts], protocols: Sequence[str], ciphers: str, port: int
) -> str:
    temporary = "".join(
        f"{kind}_temp_path {folder / kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    blocks = [
        f"server {{ listen {address}:{port} ssl; server_name {_server_name(name)}; return 204;\n"
        + "".join(
            f"  ssl_certificate {folder / _file(address, name, number)}.pem;"
            f" ssl_certificate_key {folder / _file(address, name, number)}.key;\n"
            for number in range(len(leaves))
        )
        + "}\n"
        for address, hosts in sites.items()
        for name, leaves in hosts.items()
    ]
    return (
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; worker_processes 1; pid {folder / 'pid'};\n"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {temporary}\n"
        f"ssl_protocols {' '.join(protocols)}; ssl_ciphers {ciphers}:@SECLEVEL=0;\n"
        f"ssl_session_cache off; ssl_session_tickets off; server_names_hash_bucket_size 256;\n"
        f"{''.join(blocks)}}}\n"
    )


def _server_name(name: str) -> str:
    return name if re.search("[a-z]", name) else "_"


def _all_of(master: int, old: frozenset[str], address: str, port: int, name: str, leaf: Leaf) -> bool:
    """Whether a leaf is served and no old worker is left, which could still take a connection."""
    now = _workers(master)
    return (not now or now.isdisjoint(old)) and served_leaf(address, port, name) == leaf.chain[0]


def _workers(master: int) -> frozenset[str]:
    """The processes that answer for nginx; none where the system does not tell."""
    children = Path(f"/proc/{master}/task/{master}/children")
    return frozenset(children.read_text().split()) if children.exists() else frozenset()


@contextmanager
def _haproxy(tmp: Path, leaves: Sequence[Leaf], address: str, port: int) -> Iterator[Server]:
    folder = _folder(tmp, "haproxy")
    chain = folder / "server.pem"
    for leaf in leaves:
        both = leaf.write(folder, _key_type(leaf))[2]
        both.rename(chain if len(leaves) == 1 else f"{chain}.{_key_type(leaf)}")

    @contextmanager
    def start() -> Iterator[Server]:
        chosen = port or free_port(address)
        config, log = folder / "haproxy.cfg", folder / "log"
        # The path of a socket must be short, and that of a test's folder may not be.
        with (
            tempfile.TemporaryDirectory(prefix="haproxy") as short,
            _running_haproxy(
                config, chain, control := Path(short, "control"), f"{address}:{chosen}", log
            ) as process,
        ):

            def rotate(leaf: Leaf) -> None:
                assert len(leaves) == 1, "only a single certificate is rotated"
                text = leaf.write(folder, "next")[2].read_text()
                _tell(control, f"set ssl cert {chain} <<\n{text}\n")
                _tell(control, f"commit ssl cert {chain}\n")
                wait_until(lambda: served_leaf(address, chosen, "") == leaf.chain[0], process, log)

            wait_until(lambda: _serves(address, chosen, {"": leaves}), process, log)
            yield Server(address, chosen, process.pid, rotate)

    server, exits = retrying(start)
    with exits:
        yield server


@contextmanager
def _running_haproxy(
    config: Path, chain: Path, control: Path, place: str, log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    config.write_text(_haproxy_config(control, chain, place))
    with started([program("haproxy"), "-db", "-f", config], log) as process:
        yield process


def _haproxy_config(control: Path, chain: Path, place: str) -> str:
    return (
        f"global\n  stats socket {control} level admin\n  maxconn 200\n"
        "  ssl-default-bind-ciphers DEFAULT:@SECLEVEL=0\n  tune.ssl.default-dh-param 2048\n"
        "defaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n"
        f"frontend it\n  bind {place} ssl crt {chain} no-tls-tickets\n  http-request return status 204\n"
    )


def _tell(control: Path, command: str) -> None:
    """Say one command to haproxy's control socket, through a short name of its folder."""
    handle = os.open(control.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as said:
            said.settimeout(PATIENCE_SECONDS)
            said.connect(f"/proc/self/fd/{handle}/{control.name}")
            said.sendall(command.encode())
            said.shutdown(socket.SHUT_WR)
            while said.recv(4096):
                pass
    finally:
        os.close(handle)


@contextmanager
def _s_server(
    tmp: Path, leaf: Leaf, options: Sequence[str], second: Leaf | None, address: str, port: int
) -> Iterator[Server]:
    folder = _folder(tmp, "s_server")
    log = folder / "log"
    command = [program("openssl"), "s_server", "-accept", f"{address}:{port}", "-www", "-no_ticket"]
    command += ["-cipher", "DEFAULT:@SECLEVEL=0", "-no-CAfile", "-no-CApath", "-no-CAstore"]
    for prefix, each in (("", leaf), ("d", second)):
        if each:
            command += _s_server_chain(each, folder, prefix)
    with started([*command, *options], log) as process:
        # It names the port only where the system picked one.
        accepts = re.compile(r"ACCEPT(?: \S*:(\d+))?\n")
        wait_until(lambda: accepts.search(log.read_text()), process, log)
        said = accepts.search(log.read_text())
        yield Server(address, int((said and said[1]) or port), process.pid, _never)


def _s_server_chain(leaf: Leaf, folder: Path, prefix: str) -> list[str]:
    alone, key, _ = leaf.sending().write(folder, f"{prefix}leaf")
    options = [f"-{prefix}cert", str(alone), f"-{prefix}key", str(key)]
    if leaf.issuers:
        behind = folder / f"{prefix}chain.pem"
        behind.write_bytes(
            leaf.write(folder, f"{prefix}all")[0].read_bytes().removeprefix(alone.read_bytes())
        )
        options += [f"-{prefix}cert_chain", str(behind)]
    return options


def _never(leaf: Leaf) -> None:
    raise NotImplementedError("openssl s_server reads its certificate once")


def _listen(listening: socket.socket, contexts: Sequence[ssl.SSLContext]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, contexts[0]), daemon=True).start()


def _answer(connection: socket.socket, context: ssl.SSLContext) -> None:
    """Shake hands, give a request an empty reply, and hang up."""
    connection.settimeout(PATIENCE_SECONDS)
    with connection, contextlib.suppress(OSError), context.wrap_socket(connection, True) as secured:
        if secured.recv(65536):
            secured.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def _serves(address: str, port: int, hosts: Hosts) -> bool:
    """Whether each name gets one of its own leaves, which also tells our server from a stranger's."""
    return all(
        served_leaf(address, port, name) in {leaf.chain[0] for leaf in leaves}
        for name, leaves in hosts.items()
    )


def _key_type(leaf: Leaf) -> str:
    return "rsa" if hasattr(leaf.key, "private_numbers") and hasattr(leaf.key, "decrypt") else "ecdsa"


def _file(address: str, name: str, number: int) -> str:
    return f"{address}-{name.replace('*', '_')}-{number}"


def _folder(tmp: Path, kind: str) -> Path:
    """A folder of its own, however many servers of a test share one."""
    tmp.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=kind, dir=tmp))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its group: asked first, then made to."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
