"""What the user asks of live checks, and the texts it comes in."""

import base64
import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from pincheck.errors import UsageError
from pincheck.model.chains import Offer
from pincheck.probe.addresses import Network


class Redirect(NamedTuple):
    """``--connect-to``: where to connect to instead, as curl does; the host's name stays in the handshake."""

    host: str
    """Lower case; empty for any."""
    port: int
    """0 for any."""
    to_host: str
    """A name or an IP address; empty for the host's own."""
    to_port: int
    """0 for the host's own."""


class Resolved(NamedTuple):
    """``--resolve``: the addresses of a host, in place of a look-up."""

    host: str
    """Lower case; ``*`` for any."""
    port: int
    addresses: tuple[str, ...]


class Proxy(NamedTuple):
    """An HTTP proxy; its ``repr`` keeps the password to itself."""

    host: str
    port: int
    tls: bool = False
    authorization: str = ""
    """The value of ``Proxy-Authorization``, or empty. Never to be shown."""

    def __repr__(self) -> str:
        return f"Proxy({'https' if self.tls else 'http'}://{self.host}:{self.port})"


class Options(NamedTuple):
    """How to look at hosts."""

    timeout_seconds: float = 10.0
    """For the look-up, for the connection (with the proxy's answer), and for the handshake, each."""
    jobs: int = 50
    """Handshakes at once."""
    max_hosts: int = 500
    """Targets in one run."""
    max_addresses: int = 16
    """Of one host."""
    allowed: tuple[Network, ...] = ()
    """Addresses asked although they are not public."""
    connect_to: tuple[Redirect, ...] = ()
    resolve: tuple[Resolved, ...] = ()
    proxy: Proxy | None = None
    no_proxy: tuple[str, ...] = ()
    """Hosts, domains and networks asked without the proxy; ``*`` for all."""
    proxy_resolves: bool = False
    offers: tuple[Offer, ...] = ("default", "rsa", "ecdsa")
    """In the order asked; ``default`` first, as its outcome spares the others."""


def read(arguments: Any, environ: Mapping[str, str]) -> Options:
    """Return the options of a command line (see ``arguments.add_live``) and its environment.

    Raises ``UsageError``.
    """
    proxy, no_proxy = from_environment(environ)
    return Options(
        timeout_seconds=arguments.timeout,
        jobs=arguments.jobs,
        max_hosts=arguments.max_hosts,
        allowed=tuple(network(each) for each in arguments.allow_address),
        connect_to=tuple(redirect(each) for each in arguments.connect_to),
        resolve=tuple(resolved(each) for each in arguments.resolve),
        proxy=proxy,
        no_proxy=no_proxy,
        proxy_resolves=arguments.proxy_resolves,
    )


def network(text: str) -> Network:
    """Return the network ``--allow-address`` names; an address alone is a network of one."""
    try:
        if "%" in text:
            raise ValueError
        meant = ip_network(text, strict=False)
    except ValueError:
        raise UsageError(f"--allow-address {text!a}: write an address or a network, as 10.0.0.0/8") from None
    if meant.network_address == ip_address(text.partition("/")[0]):
        return meant
    raise UsageError(f"--allow-address {text!a}: no network starts there; did you mean {meant}?")


def redirect(text: str) -> Redirect:
    """Return what ``--connect-to HOST:PORT:ADDRESS:PORT`` says; each part may be empty (curl(1))."""
    parts = re.fullmatch(rf"({_HOST}):(\d*):({_HOST}):(\d*)", text)
    if not parts:
        raise UsageError(f"--connect-to {text!a}: write HOST:PORT:ADDRESS:PORT, IPv6 addresses in brackets")
    host, port, to_host, to_port = parts.groups()
    where = f"--connect-to {text!a}"
    return Redirect(_host(host), _port(port, where), _host(to_host), _port(to_port, where))


def resolved(text: str) -> Resolved:
    """Return what ``--resolve HOST:PORT:ADDRESS[,ADDRESS]...`` says (curl(1))."""
    parts = re.fullmatch(rf"({_HOST}):(\d+):(.+)", text)
    where = f"--resolve {text!a}"
    if not parts or not parts[1]:
        raise UsageError(f"{where}: write HOST:PORT:ADDRESS, more addresses behind commas")
    addresses = tuple(_address(each, where) for each in parts[3].split(","))
    return Resolved(_host(parts[1]), _port(parts[2], where), addresses)


def from_environment(environ: Mapping[str, str]) -> tuple[Proxy | None, tuple[str, ...]]:
    """Return the proxy of https:// and what goes without it.

    Looked for as curl does: ``https_proxy``, ``HTTPS_PROXY``, ``all_proxy``, ``ALL_PROXY``, and
    ``no_proxy``, ``NO_PROXY``; an empty variable counts as none. Raises ``UsageError``.
    """
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    named = next((name for name in names if environ.get(name)), "")
    without = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    found = proxy(environ[named], named) if named else None
    return found, tuple(each for each in re.split(r"[,\s]+", without.lower()) if each)


def proxy(url: str, where: str = "proxy") -> Proxy:
    """Return the proxy a URL names: ``[http[s]://][user[:password]@]host[:port]``.

    As in curl the scheme is http and the port 1080 unless told, 443 for https. The message of the
    ``UsageError`` never shows the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        raise UsageError(f"{where}: no URL of a proxy, as http://proxy.example:3128") from None
    if parts.scheme not in ("http", "https"):
        raise UsageError(f"{where}: only proxies of http:// and https:// can be used")
    host = (parts.hostname or "").lower()
    if not host.isascii() or not host.isprintable() or not host or " " in host or port == 0:
        raise UsageError(f"{where}: no URL of a proxy, as http://proxy.example:3128")
    tls = parts.scheme == "https"
    return Proxy(host, port or (443 if tls else 1080), tls, _basic(parts.username, parts.password))


def goes_direct(host: str, no_proxy: tuple[str, ...]) -> bool:
    """Whether ``NO_PROXY`` covers a host: ``*``, its name or a domain above, its address or a network."""
    return any(_covers(each, _host(host)) for each in no_proxy)


_HOST = r"\[[0-9A-Fa-f:.]*\]|[^\s:,\[\]]*"


def _host(text: str) -> str:
    return text.strip("[]").rstrip(".").lower()


def _port(text: str, where: str) -> int:
    number = int(text[:6] or "0")
    if len(text) > 5 or number > 65535:
        raise UsageError(f"{where}: ports end at 65535")
    return number


def _address(text: str, where: str) -> str:
    try:
        return str(ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        raise UsageError(f"{where}: {text!a} is no IP address") from None


def _basic(user: str | None, password: str | None) -> str:
    """RFC 7617: the user and password of a URL, percent-decoded."""
    if user is None and password is None:
        return ""
    pair = unquote_to_bytes(user or "") + b":" + unquote_to_bytes(password or "")
    return "Basic " + base64.b64encode(pair).decode()


def _covers(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        name = entry.strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        network = ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
    return network.version == address.version and address in network
