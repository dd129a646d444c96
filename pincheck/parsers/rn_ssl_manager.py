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
from pincheck.readers import data
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
    expiry="unpinned",
    expiry_zone="utc",
    expiry_format="iso",
    bad_expiry="the network security config written from it crashes the app on Android",
)


@parser(files=("*.json",), markers=(b'"sha256Keys"',))
def parse(source: SourceFile) -> Iterator[Declaration | Defect]:
    """Yield a declaration for every host, and what the library refuses or does not enforce."""
    root = data.read_json(source)
    keys = root.get("sha256Keys")
    if keys is None:
        return
    if keys.kind != "map":
        yield _malformed(keys, "sha256Keys is no object of hosts")
        return
    for host, pins in keys.entries:
        options = root.follow("domains", host.value)
        yield from _host(host, pins, options if options and options.kind == "map" else None)
    yield from _other_domains(root, {host.value for host, _ in keys.entries})


def _host(host: Text, pins: Node, options: Node | None) -> Iterator[Declaration | Defect]:
    subdomains, enforced = _flag(options, "includeSubdomains"), _flag(options, "enforcePinning")
    expires = options.get("expirationDate") if options else None
    texts = tuple(pin.text for pin in pins.items if pin.kind == "text")
    yield Declaration(
        mechanism="rn-ssl-manager",
        at=host.at,
        hosts=(DeclaredHost(host.value, host.at, not subdomains or subdomains.value == "true"),),
        pins=texts,
        semantics=SEMANTICS,
        expires=expires.text if expires and expires.value else None,
    )
    if not texts or len(texts) < len(pins.items):
        yield _malformed(
            pins, "the pins are no list of texts" if pins.items else "the list of pins is empty", host
        )
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
