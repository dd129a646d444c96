"""A service on loopback that serves documents, and misbehaves when it is told to.

with Service({"/a": b"hello"}) as service:
    service.faults["/a"] = [answer(503), half, ...]   # one after the other, then it behaves
    service.seen          # (path with query, request headers)
"""

import threading
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[[BaseHTTPRequestHandler, bytes], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: that a client hangs up is what many tests are about."""


class Service:
    """Documents by path (with the query); every other path is 404, or ``default`` if there is one."""

    def __init__(
        self, documents: dict[str, bytes], default: bytes | None = None, tags: str | None = None
    ) -> None:
        self.documents, self.default, self.tags = documents, default, tags
        self.faults: dict[str, list[Fault]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.with_tags = True

    def __enter__(self) -> "Service":
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                service._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def tag(self, body: bytes) -> str:
        return self.tags or f'"{sha256(body).hexdigest()[:12]}"'

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.seen.append((handler.path, dict(handler.headers)))
        body = self.documents.get(handler.path, self.default)
        if faults := self.faults.get(handler.path):
            faults.pop(0)(handler, body or b"")
            return
        if body is None:
            send(handler, 404)
            return
        tag = {"ETag": self.tag(body)} if self.with_tags else {}
        wanted = handler.headers.get("Range", "")
        if tag and handler.headers.get("If-None-Match") == tag["ETag"]:
            send(handler, 304, headers=tag)
        elif wanted and handler.headers.get("If-Range") == tag.get("ETag"):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            place = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            send(handler, 206 if start < len(body) else 416, body[start:], tag | place)
        else:
            send(handler, 200, body, tag)


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    length: int | None = None,
) -> None:
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    if status != 304:
        handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def answer(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Another answer: ``answer(429, Retry_After="2")``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _: send(handler, status, body, named)


def half(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """The first half of the document under its tag, then the connection ends."""
    tag = {"ETag": f'"{sha256(body).hexdigest()[:12]}"'}
    send(handler, 200, body[: len(body) // 2], tag, len(body))
    handler.close_connection = True
