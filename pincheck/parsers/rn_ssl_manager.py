"""react-native-ssl-manager: ``ssl_config.json``, one file for Android and iOS.

Source: huytdps13400/react-native-ssl-manager 2.2.0, README, ``SslConfigStore.kt``,
``PinningClientConfigurator.kt``, ``SslPinningFactory.kt``, ``SharedLogic.swift``, ``nsc-utils.js``.
"""

from collections.abc import Iterator

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Defect,
    HostSyntax,
    PinCodec,
    Semantics,
    SourceFile,
    Text,
)
from pincheck.parsers._trustkit_ios_keys import HASHABLE
from pincheck.readers import json_text
from pincheck.readers.dates import read_day
from pincheck.readers.tree import Node
from pincheck.registry import parser

# Android pins with OkHttp and, at build time, writes a network security config; iOS with TrustKit.
# Neither starts from a file that it refuses: the app then runs unpinned.
UNPINNED = "the library refuses the whole file, and the app goes on unpinned"

SEMANTICS = Semantics(
    client="react-native-ssl-manager",
    platform="any",
    codec=PinCodec(prefix="required"),
    hosts=HostSyntax(subdomains="any", trims=False),
    refused_pin=UNPINNED,
    lookup="most-specific",
    compares="path",
    hashable=HASHABLE,
    unhashable="refused",
    expiry="unpinned",
    expiry_zone="utc",
    expiry_format="iso",
    bad_expiry="the network security config written from it crashes the app on Android",
    minimum_pins=2,
)
AUDITING = SEMANTICS._replace(minimum_pins=1)
"""How it behaves with ``enforcePinning`` false, when TrustKit takes a single pin too."""


@parser(files=("*.json",), markers=(b'"sha256Keys"',))
def parse(source: SourceFile) -> Iterator[Declaration | Defect]:
    """Yield a declaration for every host, and what the library refuses or does not enforce."""
    yield from configuration(json_text.read(source))


def configuration(root: Node) -> Iterator[Declaration | Defect]:
    """Yield the same of a configuration, whether it is a file's or an object of code."""
    keys = root.get("sha256Keys")
    if keys is None:
        return
    if keys.kind != "map":
        yield _malformed(keys, "sha256Keys is no object of hosts")
        return
    domains = root.get("domains")
    options = {name.value: node for name, node in domains.entries} if domains else {}
    for host, pins in keys.entries:
        yield from _host(host, pins, options.get(host.value))
    yield from _other_domains(root, {host.value for host, _ in keys.entries})


def _host(host: Text, pins: Node, options: Node | None) -> Iterator[Declaration | Defect]:
    subdomains, enforced = _flag(options, "includeSubdomains"), _flag(options, "enforcePinning")
    expires = options.get("expirationDate") if options else None
    texts = _texts(pins)
    yield Declaration(
        mechanism="rn-ssl-manager",
        at=host.at,
        hosts=(DeclaredHost(host.value, host.at, not subdomains or subdomains.value == "true"),),
        pins=texts,
        semantics=AUDITING if enforced and enforced.value == "false" else SEMANTICS,
        expires=expires.text if expires and expires.value else None,
        read=pins.kind == "list",
    )
    if fault := _fault(pins):
        yield _malformed(pins, fault, host)
    elif enforced and enforced.value == "false":
        yield Defect(
            "unenforced", enforced.at,
            "enforcePinning is false: a wrong key is reported and the connection goes on",
            "set enforcePinning to true once the reports stay away", (host.value,),
        )  # fmt: skip
    elif len({text.value for text in texts}) < 2:
        yield Defect(
            "malformed", host.at,
            "one pin only: TrustKit, which this library sets up on iOS, wants two and throws,"
            " so the app crashes at start",
            "add a backup pin", (host.value,),
        )  # fmt: skip
    if expires and expires.value and read_day(expires.value, "iso") is None:
        yield Defect(
            "malformed", expires.at,
            f'expirationDate "{expires.value[:40]}" is no yyyy-MM-dd date: {SEMANTICS.bad_expiry}',
            "write it as yyyy-MM-dd", (host.value,), "warning",
        )  # fmt: skip


def _texts(pins: Node) -> tuple[Text, ...]:
    """What is written as pins, also where the library wants a list and finds something else."""
    nodes = pins.items if pins.kind == "list" else pins.walk()
    return tuple(node.text for node in nodes if node.kind == "text")


def _fault(pins: Node) -> str:
    """Why the value of a host is no list of pins, or an empty string."""
    if pins.kind != "list":
        return f"the pins are {_OTHERS[pins.kind]} instead of a list of texts"
    if not pins.items:
        return "the list of pins is empty"
    return "" if all(pin.kind == "text" for pin in pins.items) else "the pins are no list of texts"


_OTHERS = {
    "text": "one text",
    "map": "an object",
    "number": "a number",
    "bool": "true or false",
    "null": "null",
}


def _flag(options: Node | None, name: str) -> Node | None:
    """An option if it is true or false; the library takes anything else as its default, true."""
    node = options.get(name) if options else None
    return node if node and node.kind == "bool" else None


def _other_domains(root: Node, pinned: set[str]) -> Iterator[Defect]:
    """Entries of ``domains`` that are no options of a pinned host."""
    domains = root.get("domains")
    for name, value in domains.entries if domains else ():
        if value.kind == "text":
            yield Defect(
                "unenforced", value.at,
                "domains names hosts by environment, as for version 1: from version 2 on the Android client refuses"
                " such a file, so React Native's requests go on unpinned",
                "from version 2 on, leave domains out or make it an object of options by host",
                (value.value,), "note",
            )  # fmt: skip
            return
        if name.value not in pinned:
            yield Defect(
                "unenforced", name.at, f"{name.value} has options and no pins under sha256Keys, so it is not pinned",
                "add its pins, or remove the entry", (name.value,),
            )  # fmt: skip


def _malformed(node: Node, what: str, host: Text | None = None) -> Defect:
    return Defect(
        "malformed", node.at, f"{what}: {UNPINNED}",
        "write a list of at least two pins for each host", (host.value,) if host else (),
    )  # fmt: skip
