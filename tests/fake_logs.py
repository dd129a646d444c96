"""Cert Spotter and crt.sh on loopback, in their true formats, and ways to misbehave.

with fake_logs.running() as logs:
    logs.spotter["api.shop.example"] = [entry("1", leaf, issuer)]
    logs.crtsh["api.shop.example"] = [row(1, leaf)]
    logs.faults["/v1/issuances"] = [Answer(429, {"Retry-After": "1"})]   # taken in turn, then the truth
"""

import base64
import hashlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from worlds import DER, PEM, Authority, Leaf

from pincheck.ct.asking import Response

PAGE = 2
"""Issuances on a page."""
TIMEOUT_SECONDS = 1.0
MAX_BODY = 1024 * 1024


class Answer(NamedTuple):
    """What to answer instead of the truth."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    delay_seconds: float = 0.0


@dataclass
class Logs:
    """Both services, what they hold, and what they were asked."""

    address: str = ""
    spotter: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    crtsh: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pem: dict[int, bytes] = field(default_factory=dict)
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    always: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Path and query of each request."""
    tokens: list[tuple[str, str]] = field(default_factory=list)
    """Path and Authorization of each request."""

    def answer(self, target: str, authorization: str) -> Answer:
        """What the services say to a request."""
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.asked.append(target)
        self.tokens.append((parts.path, authorization))
        if self.faults.get(parts.path):
            return self.faults[parts.path].pop(0)
        if parts.path in self.always:
            return self.always[parts.path]
        if parts.path == "/v1/issuances":
            return _json(_page(self.spotter.get(query["domain"], []), query.get("after", "")))
        if "d" in query:
            return Answer(body=self.pem[int(query["d"])])
        return _json(self.crtsh.get(query["q"], []))


def entry(identifier: str, leaf: Leaf, by: Authority, /, **changed: Any) -> dict[str, Any]:
    """An issuance as Cert Spotter tells it."""
    certificate = leaf.certificate
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return {
        "id": identifier,
        "tbs_sha256": hashlib.sha256(certificate.tbs_certificate_bytes).hexdigest(),
        "cert_sha256": hashlib.sha256(certificate.public_bytes(DER)).hexdigest(),
        "dns_names": _names(leaf),
        "pubkey_sha256": base64.b64decode(leaf.pin).hex(),
        "issuer": {
            "friendly_name": by.name,
            "pubkey_sha256": base64.b64decode(by.pin).hex(),
            "name": f"C=XX, O=Example Trust, CN={by.name}",
        },
        "not_before": start.strftime("%Y-%m-%dT%H:%M:%S-00:00"),
        "not_after": end.strftime("%Y-%m-%dT%H:%M:%S-00:00"),
        "revoked": False,
    } | changed


def row(identifier: int, leaf: Leaf, **changed: Any) -> dict[str, Any]:
    """A line as crt.sh tells it."""
    certificate = leaf.certificate
    return {
        "issuer_ca_id": 1,
        "issuer_name": certificate.issuer.rfc4514_string(),
        "common_name": _names(leaf)[0],
        "name_value": "\n".join(_names(leaf)),
        "id": identifier,
        "entry_timestamp": "2026-11-20T10:00:00.123",
        "not_before": certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%S"),
        "not_after": certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%S"),
        "serial_number": f"{certificate.serial_number:x}",
        "result_count": 1,
    } | changed


def pem(leaf: Leaf) -> bytes:
    """A certificate as crt.sh sends it."""
    return leaf.certificate.public_bytes(PEM)


@contextmanager
def running() -> Iterator[Logs]:
    """Both services at one address, until the end of the block."""
    logs = Logs()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = logs.answer(self.path, self.headers.get("Authorization", ""))
            if answer.delay_seconds:
                stopping.wait(answer.delay_seconds)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                self.close_connection = True
            except OSError:
                pass  # the client has left

        def log_message(self, *args: object) -> None:
            pass

    stopping = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    logs.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield logs
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def get(address: str, headers: Mapping[str, str]) -> Response:
    """A plain client: one try, bounded in time and size."""
    try:
        request = urllib.request.Request(address, headers=dict(headers))
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            body = answer.read(MAX_BODY + 1)
            if len(body) > MAX_BODY:
                return Response(0, failure="answers with more than 1 MB")
            if len(body) < int(answer.headers.get("Content-Length", 0)):
                return Response(0, failure="broke off")
            return Response(answer.status, dict(answer.headers), body)
    except urllib.error.HTTPError as error:
        with error:
            return Response(error.code, dict(error.headers), error.read(MAX_BODY))
    except TimeoutError:
        return Response(0, failure="did not answer in time")
    except Exception as error:  # noqa: BLE001 - a test's client: any failure is one
        return Response(0, failure=f"broke off ({type(error).__name__})")


def _page(issuances: list[dict[str, Any]], after: str) -> list[dict[str, Any]]:
    start = next((n for n, each in enumerate(issuances, 1) if each["id"] == after), 0) if after else 0
    return issuances[start : start + PAGE]


def _json(value: object) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())


def _names(leaf: Leaf) -> list[str]:
    from cryptography.x509 import DNSName, SubjectAlternativeName

    found = leaf.certificate.extensions.get_extension_for_class(SubjectAlternativeName)
    return list(found.value.get_values_for_type(DNSName))
