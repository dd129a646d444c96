"""A way through an HTTP proxy (CONNECT, RFC 9110 §9.3.6)."""

import asyncio
import re
import ssl
from collections.abc import Iterable
from functools import cache

from pincheck.model.chains import Failure, Offer
from pincheck.probe.handshake import Outcome, seen_through, unreachable
from pincheck.probe.options import Proxy

MAX_HEAD = 8192
"""Bytes of a proxy's answer."""


async def seen_by_proxy(
    proxy: Proxy,
    addresses: Iterable[str],
    to: tuple[str, int],
    name: str,
    offer: Offer,
    timeout_seconds: float,
) -> Outcome:
    """Shake hands with the host ``to`` names, by name or address, through the proxy at one of ``addresses``.

    No message shows what is sent to the proxy for authorization.
    """
    writer = None
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await _connected(proxy, addresses)
            failure = await _tunnelled(proxy, reader, writer, *to)
        return failure or await seen_through(reader, writer, name, offer, timeout_seconds)
    except TimeoutError:
        return _failed(f"the proxy did not answer within {timeout_seconds:g} s")
    except ssl.SSLCertVerificationError:
        return _failed("the proxy's certificate is not trusted here")
    except ssl.SSLError:
        return _failed("the TLS handshake with the proxy failed")
    except OSError as error:
        failed = unreachable(error)
        assert failed.failure
        return _failed(f"the proxy cannot be used: {failed.failure.reason}", again=failed.again)
    finally:
        if writer:
            writer.transport.abort()


async def _connected(
    proxy: Proxy, addresses: Iterable[str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address that can be connected to."""
    last: OSError = ConnectionRefusedError()
    tls = _verifying() if proxy.tls else None
    for address in addresses:
        try:
            return await asyncio.open_connection(
                address, proxy.port, limit=MAX_HEAD, ssl=tls, server_hostname=proxy.host if tls else None
            )
        except ssl.SSLError:
            raise
        except OSError as error:
            last = error
    raise last


@cache
def _verifying() -> ssl.SSLContext:
    """The system's trust anchors: the proxy is the user's own, and gets their password."""
    return ssl.create_default_context()


async def _tunnelled(
    proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> Outcome | None:
    """Ask for the tunnel; the outcome if there will be none."""
    to = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {to} HTTP/1.1", f"Host: {to}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    writer.write("\r\n".join([*lines, "", ""]).encode("ascii"))
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return _failed("the proxy does not speak HTTP")
    except asyncio.IncompleteReadError as error:
        return _failed("the proxy does not speak HTTP" if error.partial else "the proxy hung up", again=True)
    status = re.match(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]", head)
    if not status:
        return _failed("the proxy does not speak HTTP")
    code = int(status[1])
    if code == 407:
        return _failed("the proxy wants a user and a password, or others (407)")
    return _failed(f"the proxy answered {code}") if code // 100 != 2 else None


def _failed(reason: str, *, again: bool = False) -> Outcome:
    return Outcome(failure=Failure("unreachable", reason), again=again)
