"""What an Expo configuration gives its plugins, told by the shape and the names of the values."""

from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import (
    CodeContext,
    Declaration,
    DeclaredHost,
    Defect,
    Gap,
    HostSyntax,
    Location,
    PinCodec,
    Semantics,
    Text,
)
from pincheck.parsers import _script
from pincheck.parsers._followed import texts
from pincheck.parsers._literals import looks_like_host, words
from pincheck.parsers._trustkit_ios_keys import HASHABLE
from pincheck.readers.placeholders import placeholder
from pincheck.readers.shapes import shape
from pincheck.readers.tree import Node

MECHANISM = "expo-plugin"
APP_SECURITY = "@bam.tech/react-native-app-security"
PACKAGES = (APP_SECURITY, "@bam.tech/react-native-ssl-pinning")

# bamlab/react-native-app-security, ``withSSLPinning.ts``, ``HttpClientOverride.kt``: iOS gets a TrustKit
# configuration, where ``*.x`` stands for ``x`` and all below; Android an OkHttp pinner for ``*.x`` and ``x``.
PACKAGE = Semantics(
    client=APP_SECURITY,
    platform="any",
    codec=PinCodec(prefix="forbidden"),
    hosts=HostSyntax(wildcards=("*.",), trims=False),
    refused_pin="TrustKit throws when it is initialised, so the app crashes at start on iOS",
    lookup="most-specific",
    compares="path",
    hashable=HASHABLE,
    unhashable="refused",
    minimum_pins=2,
)

# What a plugin of the project's own does with its arguments is not known.
OWN = Semantics(
    client="the app",
    platform="any",
    codec=PinCodec(prefix="optional", blanks="trimmed", padding="optional", hexadecimal=True),
    hosts=HostSyntax(wildcards=("*.", "**.")),
    refused_pin="it matches no key",
    expiry="unpinned",
)

Found = Declaration | Defect | Gap


def declarations(plugin: Text, given: Node, context: CodeContext | None = None) -> Iterator[Found]:
    """Yield the pins among the arguments of a plugin, with the hosts that stand beside or over them."""
    if plugin.value in PACKAGES:
        yield from _package(given, context)
        return
    around = frozenset(words(plugin.value))
    if not around & _ABOUT and not any(set(words(key.value)) & _ABOUT for key, _ in given.entries):
        return
    waiting = [_Level(given, (), None)]
    while waiting:
        level = waiting.pop()
        yield from _level(level, context)
        waiting.extend(reversed(list(_below(level))))


_ABOUT = frozenset(
    {"pin", "pins", "pinning", "pinned", "ssl", "tls", "spki", "certificate", "certificates", "cert"}
)
_PINS = frozenset(
    {"pin", "pins", "hash", "hashes", "fingerprint", "fingerprints", "spki", "digest", "digests"}
)
_HOSTS = frozenset({"host", "hosts", "hostname", "hostnames", "domain", "domains", "url", "endpoint"})
_EXPIRES = frozenset({"expiration", "expires", "expiry", "expire"})


def _package(given: Node, context: CodeContext | None) -> Iterator[Found]:
    hosts = given.get("sslPinning")
    if hosts is not None and hosts.kind == "unknown":
        yield Gap(MECHANISM, hosts.at, f"sslPinning cannot be followed: {hosts.value}", context=context)
    for key, pins in hosts.entries if hosts is not None else ():
        found = texts(pins)
        if found.found:
            named = (DeclaredHost(key.value, key.at),)
            yield Declaration(MECHANISM, key.at, named, found.found, PACKAGE, context=context)
        elif pins.kind == "list" and not pins.items:
            yield Defect(
                "unenforced", key.at, f"{key.value} has no pins, so it is not pinned",
                "add the pin of the key in use and a backup pin", (key.value,), context=context,
            )  # fmt: skip
        yield from _lost(found.lost, key.at, (key.value,), context)


def _lost(
    lost: tuple[Node, ...], at: Location, hosts: tuple[str, ...], context: CodeContext | None
) -> Iterator[Gap]:
    for each in lost:
        yield Gap(MECHANISM, at, f"the pin cannot be followed: {each.value}", hosts, context=context)


# a plugin of the project's own -----------------------------------------------


class _Level(NamedTuple):
    """An object among the arguments, and what the objects around it say."""

    node: Node
    hosts: tuple[DeclaredHost, ...]
    expires: Text | None


def _level(level: _Level, context: CodeContext | None) -> Iterator[Declaration | Gap]:
    hosts, expires = _hosts(level), _expires(level)
    found: list[Text] = []
    lost: list[Node] = []
    for key, value in level.node.entries:
        listed = value.items if value.kind == "list" else (value,)
        named = bool(set(words(key.value)) & _PINS) or looks_like_host(key.value)
        if looks_like_host(key.value):
            own = tuple(each.text for each in listed if each.kind == "text" and _is_pin(each.value, named))
            if own:
                host = (DeclaredHost(key.value, key.at),)
                yield Declaration(MECHANISM, key.at, host, own, OWN, expires=expires, context=context)
            continue
        found.extend(each.text for each in listed if each.kind == "text" and _is_pin(each.value, named))
        lost.extend(each for each in listed if each.kind == "unknown" and named)
    if found:
        yield Declaration(MECHANISM, found[0].at, hosts, tuple(found), OWN, expires=expires, context=context)
    yield from _lost(tuple(lost), level.node.at, tuple(each.text for each in hosts), context)


def _is_pin(text: str, named: bool) -> bool:
    if shape(text):
        return True
    plain = not looks_like_host(text) and not any(mark in text for mark in " ./:\\")
    return named and (bool(placeholder(text, None)) or (plain and len(text) >= 27))


def _hosts(level: _Level) -> tuple[DeclaredHost, ...]:
    subdomains = any(
        "subdomains" in words(key.value) and value.value == "true" for key, value in level.node.entries
    )
    found = []
    for key, value in level.node.entries:
        if set(words(key.value)) & _HOSTS:
            named = map(_script.host_of, value.items if value.kind == "list" else (value,))
            found += [DeclaredHost(host.value, host.at, subdomains) for host in named if host]
    return tuple(found) or level.hosts


def _expires(level: _Level) -> Text | None:
    for key, value in level.node.entries:
        if set(words(key.value)) & _EXPIRES and value.kind == "text":
            return value.text
    return level.expires


def _below(level: _Level) -> Iterator[_Level]:
    hosts, expires = _hosts(level), _expires(level)
    for key, value in level.node.entries:
        own = (DeclaredHost(key.value, key.at),) if looks_like_host(key.value) else hosts
        for each in (value, *value.items):
            if each.kind == "map":
                yield _Level(each, own, expires)
