"""A TLS server on this machine, for the demo: it shakes hands and hangs up."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from tempfile import TemporaryDirectory
from threading import Thread

ADDRESS = "127.0.0.1"
PATIENCE_SECONDS = 2.0
"""For a client that connects and says too little."""
_POLL_SECONDS = 0.02


@contextmanager
def serving(chain: bytes, key: bytes) -> Iterator["Server"]:
    """Serve a chain (PEM, leaf first) with the leaf's key (PEM); nothing of it is left once the block is."""
    with Server(chain, key) as server:
        thread = Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Server(ThreadingTCPServer):
    """Listens at a port that the system picks."""

    def __init__(self, chain: bytes, key: bytes) -> None:
        self.context = _context(chain, key)
        super().__init__((ADDRESS, 0), _Handshake)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.socket.getsockname()[1])

    def rotate(self, chain: bytes, key: bytes) -> None:
        """Serve another chain from the next handshake on."""
        self.context = _context(chain, key)


class _Handshake(BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        self.request.settimeout(PATIENCE_SECONDS)
        with suppress(OSError), self.server.context.wrap_socket(self.request, server_side=True):
            pass


def _context(chain: bytes, key: bytes) -> ssl.SSLContext:
    """A server's context; ``ssl`` takes certificates and keys from files only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory(prefix="pincheck-") as folder:
        file = Path(folder, "server.pem")
        file.write_bytes(chain + key)
        context.load_cert_chain(file)
    return context
