"""One TLS handshake with one address: the served chain as sent, and nothing more is said.

Any certificate is accepted; no trust anchor is loaded, no application data sent.
"""

import asyncio
import errno
import re
import socket
import ssl
from functools import cache
from typing import Any, NamedTuple

from pincheck.model.chains import Failure, Offer

MAX_BYTES = 256 * 1024
"""From one host in one handshake. OpenSSL itself ends a handshake whose chain exceeds 100 kB."""
MAX_PIECES = 1000
"""In which it may come: each costs some work."""


class Outcome(NamedTuple):
    """What one handshake showed; ``served`` is empty exactly where there is a failure."""

    served: tuple[bytes, ...] = ()
    protocol: str = ""
    """``TLSv1.3``, ``TLSv1.2``."""
    cipher: str = ""
    """OpenSSL's name of the suite; with TLS 1.2 it tells the leaf's type of key."""
    failure: Failure | None = None
    alert: str = ""
    """The alert that ended it (``protocol version``), or empty."""
    again: bool = False
    """The failure may pass by itself: a second try is worth it."""


async def seen(address: str, port: int, name: str, offer: Offer, timeout_seconds: float) -> Outcome:
    """Connect, shake hands and hang up; both are bounded by ``timeout_seconds``, each.

    ``name`` is what is asked for (SNI), empty for none. Works on event loops that watch file
    descriptors, as ``SelectorEventLoop`` does.
    """
    connection = _Connection(Handshake(name, offer), address, port, timeout_seconds)
    try:
        return await connection.outcome
    finally:
        connection.close()


async def seen_through(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    name: str,
    offer: Offer,
    timeout_seconds: float,
) -> Outcome:
    """Shake hands over a connection that stands, as through a proxy; the caller closes it."""
    handshake = Handshake(name, offer)
    try:
        async with asyncio.timeout(timeout_seconds):
            data = b""
            while not (outcome := handshake.take(data)):
                writer.write(handshake.flight())
                if not (data := await reader.read(_CHUNK)):
                    return handshake.closed()
            return outcome
    except TimeoutError:
        return handshake.late(timeout_seconds)
    except OSError as error:  # a reset, or TLS with the proxy gone wrong
        return handshake.closed(error)


class Handshake:
    """The client's half without a connection: bytes in, bytes out, and an outcome at last.

    Raises ``UnicodeError`` or ``ValueError`` for a name that cannot be asked for.
    """

    __slots__ = (
        "_flights",
        "_head",
        "_incoming",
        "_last",
        "_offer",
        "_outgoing",
        "_pieces",
        "_received",
        "_tls",
    )

    def __init__(self, name: str, offer: Offer) -> None:
        self._offer: Offer = offer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context(offer).wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        self._received = self._pieces = self._flights = 0
        self._head = self._last = b""

    def take(self, data: bytes) -> Outcome | None:
        """Go on with what was received, nothing at first; the outcome, or None if it needs more."""
        if data:
            if reason := self._objection(data):
                return Outcome(failure=Failure("handshake", reason))
            self._last = data[-7:]
            self._incoming.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError as error:
            return self._failed(error)
        served = served_chain(self._tls)
        if not served:
            return Outcome(failure=Failure("handshake", "it sent no certificate"))
        return Outcome(served, self._tls.version() or "", (self._tls.cipher() or ("",))[0])

    def _objection(self, data: bytes) -> str:
        """Why OpenSSL is not given what came, or nothing."""
        if self._received < _HEAD:
            self._head += data[:_HEAD]
            if _wants_finite_field(self._head):
                return "it insists on finite-field Diffie-Hellman, which no app offers"
        self._received += len(data)
        self._pieces += 1
        if self._pieces > MAX_PIECES:
            return f"it answered in more than {MAX_PIECES} pieces"
        return f"it sent more than {MAX_BYTES // 1024} kB" if self._received > MAX_BYTES else ""

    def flight(self) -> bytes:
        """What is to be sent now, or nothing."""
        data = self._outgoing.read()
        self._flights += bool(data)
        return data

    def closed(self, error: OSError | None = None) -> Outcome:
        """The outcome if the host hangs up here."""
        how = "reset" if isinstance(error, ConnectionResetError) else "closed"
        if not self._received and self._offer != "default":
            return Outcome(failure=_absent(self._offer), again=True)
        when = "in the middle of the handshake" if self._received else "instead of an answer"
        return Outcome(failure=Failure("handshake", f"the connection was {how} {when}"), again=True)

    def late(self, timeout_seconds: float) -> Outcome:
        """The outcome if the host takes too long."""
        what = (
            "the handshake did not end" if self._received else "it accepts connections, but nothing answered"
        )
        return Outcome(failure=Failure("handshake", f"{what} within {timeout_seconds:g} s"))

    def _failed(self, error: ssl.SSLError) -> Outcome:
        alert = _alert(error, self._last)
        if not alert:
            return Outcome(failure=Failure("handshake", _fault(error)))
        if self._flights > 1 and alert in _FOR_A_CERTIFICATE and (shown := self._shown()):
            return shown
        if self._offer != "default" and alert in _REFUSALS:
            return Outcome(failure=_absent(self._offer, alert), alert=alert)
        return Outcome(failure=Failure("handshake", f'it refused with the TLS alert "{alert}"'), alert=alert)

    def _shown(self) -> Outcome | None:
        """What a host of TLS 1.2 has shown and proven to hold the key of, before it asked who we are.

        An app with a client certificate sees that chain. Without ECDHE nothing is proven until the end.
        """
        served, suite = served_chain(self._tls), (self._tls.cipher() or ("",))[0]
        return Outcome(served, "TLSv1.2", suite) if served and suite.startswith("ECDHE-") else None


def served_chain(tls: Any) -> tuple[bytes, ...]:
    """Return the certificates a peer sent, DER, in the order sent; empty before they came.

    Public from Python 3.13 on, a private attribute's until then. OpenSSL parses and writes them
    again: what is not DER around the signed part may come out tidied.
    """
    if hasattr(tls, "get_unverified_chain"):
        return tuple(tls.get_unverified_chain() or ())
    chain = tls._sslobj.get_unverified_chain()
    return tuple([each.public_bytes(_DER) for each in chain or ()])


_DER = getattr(ssl, "_ssl").ENCODING_DER  # noqa: B009 - it has no public name and no stub


@cache
def context(offer: Offer) -> ssl.SSLContext:
    """Return what a client offers, made once: anything a TLS 1.2 or 1.3 client may meet, however weak.

    But for finite-field Diffie-Hellman: no current mobile platform offers it, and its groups, which the host
    chooses, may be large enough to hold everything up. Python cannot narrow the signature algorithms of TLS 1.3,
    so one type of key alone can only be asked for with the suites of TLS 1.2.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if offer != "default":
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(f"{_SUITES[offer]}:!kDHE:!PSK:!SRP:!aNULL:!eNULL:@SECLEVEL=0")
    made.set_alpn_protocols(["h2", "http/1.1"])
    made.options |= ssl.OP_NO_TICKET | _LEGACY_SERVER_CONNECT
    return made


def _wants_finite_field(head: bytes) -> bool:
    """Whether an answer begins with a HelloRetryRequest for a group ffdhe2048 to ffdhe8192.

    Python cannot take them out of the hello, and a key of the largest costs as much as 200 handshakes
    (RFC 8446 §4.1.3, §4.2.7, §4.2.8). The message may be spread over records.
    """
    at, content = 0, b""
    while at + 5 <= len(head):
        size = int.from_bytes(head[at + 3 : at + 5], "big")
        if head[at] == 22:
            content += head[at + 5 : at + 5 + size]
        at += 5 + size
    return _RETRY in content and b"\x00\x33\x00\x02\x01" in content


_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_HEAD = 2048

_SUITES = {"default": "DEFAULT", "rsa": "aRSA", "ecdsa": "aECDSA"}
_LEGACY_SERVER_CONNECT = 0x4
"""Also hosts without RFC 5746; ``ssl.OP_LEGACY_SERVER_CONNECT`` from Python 3.12 on."""
_CHUNK = 16384


class _Connection:
    """One connection by callbacks of the loop; transports and streams would cost a quarter more."""

    __slots__ = (
        "_address",
        "_connected_at",
        "_handshake",
        "_loop",
        "_socket",
        "_timeout_seconds",
        "_timer",
        "outcome",
    )

    def __init__(self, handshake: Handshake, address: str, port: int, timeout_seconds: float) -> None:
        self._handshake, self._address, self._timeout_seconds = handshake, address, timeout_seconds
        self._loop = loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[Outcome] = loop.create_future()
        self._timer = loop.call_later(timeout_seconds, self._late)
        self._socket: socket.socket | None = None
        self._connected_at = 0.0
        try:
            self._connect(port)
        except OSError as error:
            self._end(unreachable(error))

    def close(self) -> None:
        """Hang up; nothing is called after that."""
        self._timer.cancel()
        if self._socket:
            (self._loop.remove_reader if self._connected_at else self._loop.remove_writer)(
                self._socket.fileno()
            )
            self._socket.close()
            self._socket = None

    def _connect(self, port: int) -> None:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        self._socket = link = socket.socket(family, socket.SOCK_STREAM)
        link.setblocking(False)
        code = link.connect_ex((self._address, port))
        if code in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            # By number: the loop would format the socket itself for an error that it then drops.
            self._loop.add_writer(link.fileno(), self._connected)
        else:
            self._end(unreachable(OSError(code, "")))

    def _connected(self) -> None:
        assert self._socket
        if code := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._end(unreachable(OSError(code, "")))
            return
        self._connected_at = self._loop.time()
        self._loop.remove_writer(self._socket.fileno())
        self._loop.add_reader(self._socket.fileno(), self._readable)
        self._go_on(b"")

    def _readable(self) -> None:
        assert self._socket
        try:
            data = self._socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(self._handshake.closed(error))
            return
        if data:
            self._go_on(data)
        else:
            self._end(self._handshake.closed())

    def _go_on(self, data: bytes) -> None:
        assert self._socket
        if outcome := self._handshake.take(data):
            self._end(outcome)
        elif flight := self._handshake.flight():
            try:
                # A new connection's buffer takes the few hundred bytes of a flight whole.
                if self._socket.send(flight) < len(flight):
                    raise BlockingIOError
            except OSError as error:
                self._end(self._handshake.closed(error))

    def _late(self) -> None:
        """Time is up; the handshake's own runs from the connection on, with the same timer set anew."""
        if not self._connected_at:
            self._end(unanswered(self._timeout_seconds))
        elif (left := self._connected_at + self._timeout_seconds - self._loop.time()) > 0:
            self._timer = self._loop.call_later(left, self._late)
        else:
            self._end(self._handshake.late(self._timeout_seconds))

    def _end(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)
        self.close()


def unreachable(error: OSError) -> Outcome:
    """Return the outcome where no connection came about."""
    reason = _NO_CONNECTION.get(error.errno or 0, "the connection failed")
    return Outcome(failure=Failure("unreachable", reason), again=error.errno in _PASSING)


def unanswered(timeout_seconds: float) -> Outcome:
    """Return the outcome where nothing accepted the connection."""
    return Outcome(failure=Failure("unreachable", f"nothing answered within {timeout_seconds:g} s"))


_NO_CONNECTION = {
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was reset",
    errno.ECONNABORTED: "the connection was aborted",
    errno.ETIMEDOUT: "nothing answered",
    errno.EHOSTUNREACH: "there is no way to it from here",
    errno.ENETUNREACH: "this machine has no route to its network",
    errno.EAFNOSUPPORT: "this machine has no IPv6",
    errno.EADDRNOTAVAIL: "this machine has no address or port left to ask from",
    errno.EACCES: "this machine does not let the connection out",
    errno.EPERM: "this machine does not let the connection out",
    errno.EMFILE: "too many files are open; use fewer --jobs",
    errno.ENFILE: "too many files are open; use fewer --jobs",
}
_PASSING = (errno.ECONNRESET, errno.ECONNABORTED)


def _absent(offer: Offer, alert: str = "") -> Failure:
    if alert == "protocol version":
        return Failure("absent", "it does not speak TLS 1.2")
    return Failure("absent", f"it has no {_KEYS[offer]} certificate for TLS 1.2")


_KEYS = {"default": "", "rsa": "RSA", "ecdsa": "ECDSA"}
_FOR_A_CERTIFICATE = (
    "handshake failure",
    "no certificate",
    "bad certificate",
    "unsupported certificate",
    "certificate unknown",
    "certificate required",
    "unknown ca",
    "access denied",
)
_REFUSALS = ("handshake failure", "protocol version", "insufficient security")


def _alert(error: ssl.SSLError, last: bytes) -> str:
    """The words of the alert that the host sent, or nothing if it sent none.

    ``last`` is the end of what was received, for alerts that Python has no name for.
    """
    if named := re.fullmatch(r"(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?([A-Z_]+)", _reason(error)):
        return named[1].lower().replace("_", " ")
    if plain := re.fullmatch(rb"\x15\x03.\x00\x02[\x01\x02](.)", last, re.DOTALL):
        return _ALERTS.get(plain[1][0], f"number {plain[1][0]}")
    return ""


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's reason, ``BAD_SIGNATURE``; from the message where Python has no name for it."""
    if error.reason:
        return error.reason
    told = re.match(r"(?:\[[^\]]*\] )?([A-Za-z0-9 ]+) \(_ssl\.c", str(error.args[-1]))
    words = told[1] if told else ""
    return "" if words == "unknown error" else words.upper().replace(" ", "_")


_ALERTS = {
    0: "close notify",
    20: "bad record mac",
    86: "inappropriate fallback",
    120: "no application protocol",
}
"""Those that ``ssl`` does not name in every release (RFC 8446 §6)."""


def _fault(error: ssl.SSLError) -> str:
    """What a handshake failed of on our side, in words of ours: OpenSSL's name files of its source."""
    reason = _reason(error)
    if known := _FAULTS.get(reason):
        return known
    if error.library in ("ASN1", "X509", "EVP", "EC", "RSA"):
        return _FAULTS["BAD_CERTIFICATE"]
    words = re.sub(r"[^a-z0-9]+", " ", reason.lower()).strip()
    return f"the handshake failed ({words})" if words else "the handshake failed"


_NO_TLS = "what answers does not speak TLS"
_FAULTS = {
    "BAD_CERTIFICATE": "a certificate it sent cannot be read",
    "ASN1_LIB": "a certificate it sent cannot be read",
    "CERT_LENGTH_MISMATCH": "a certificate it sent cannot be read",
    "UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS": "the key of its certificate cannot be read",
    "UNKNOWN_CERTIFICATE_TYPE": "its certificate has a key of an unknown type",
    "BAD_SIGNATURE": "it does not hold the key of its certificate",
    "EXCESSIVE_MESSAGE_SIZE": "its chain is larger than 100 kB",
    "UNSUPPORTED_PROTOCOL": "it speaks no TLS from 1.2 on",
    "WRONG_SSL_VERSION": "it speaks no TLS from 1.2 on",
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "UNEXPECTED_MESSAGE": _NO_TLS,
    "UNKNOWN_PROTOCOL": _NO_TLS,
}
