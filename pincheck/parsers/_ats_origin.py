"""The keys of ``NSPinnedDomains``, what iOS makes of them, and how findings on them are put."""

from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import (
    CodeContext,
    Declaration,
    DeclaredHost,
    Defect,
    DefectKind,
    Gap,
    HostSyntax,
    Location,
    PinCodec,
    Semantics,
    Severity,
    Text,
)
from pincheck.parsers._info_plist import build_setting, texts
from pincheck.readers.tree import Node

# A leaf list is compared with the leaf, a CA list with every certificate above it. The pins of all
# entries that match a host are joined, per list. They are options of the policy by which trustd builds the
# path: one that fails them is rejected, and the next one tried. The decoder drops what is not base64.
LEAF = Semantics(
    client="App Transport Security",
    platform="ios",
    codec=PinCodec(foreign="skipped", blanks="skipped", padding="required", length_checked=False),
    hosts=HostSyntax(subdomains="one", trims=False),
    refused_pin="iOS cannot use it, so it never matches",
    lookup="union",
    compares="leaf",
    steers=True,
)
ISSUERS = LEAF._replace(compares="issuers")

ATS = "NSAppTransportSecurity"
DOMAINS = "NSPinnedDomains"
INCLUDE = "NSIncludesSubdomains"
PIN = "SPKI-SHA256-BASE64"
LISTS = {"NSPinnedLeafIdentities": LEAF, "NSPinnedCAIdentities": ISSUERS}

Found = Declaration | Defect | Gap


class Origin(NamedTuple):
    """Where the content of an Info.plist comes from, for those who say what it declares."""

    mechanism: str = "ios-ats"
    variant: str = ""
    context: CodeContext | None = None
    is_info: bool = True
    """Whether it is sure to become an Info.plist; else a misplaced key is only a warning."""

    def declaration(
        self, at: Location, hosts: tuple[DeclaredHost, ...], pins: tuple[Text, ...], semantics: Semantics,
        read: bool = True,
    ) -> Declaration:  # fmt: skip
        """One list of one domain."""
        return Declaration(
            self.mechanism, at, hosts, pins, semantics, variant=self.variant, context=self.context, read=read
        )

    def unread(
        self,
        at: Location,
        hosts: tuple[DeclaredHost, ...],
        found: tuple[Text, ...],
        semantics: Semantics = LEAF,
    ) -> Iterator[Declaration]:
        """Keep pins in the inventory that iOS never reads."""
        if pins := tuple(text for text in found if not build_setting(text.value)):
            yield self.declaration(at, hosts, pins, semantics, read=False)

    def unread_domain(self, key: Text, value: Node) -> Iterator[Declaration]:
        """Keep the pins of a whole domain that iOS never reads."""
        hosts = hosts_of(key, value)
        for name, node in value.entries:
            yield from self.unread(name.at, hosts, texts(node), LISTS.get(name.value, LEAF))
        if value.kind != "map":
            yield from self.unread(key.at, hosts, texts(value))

    def gap(self, text: Text, what: str, hosts: tuple[str, ...]) -> Gap:
        """A pin or host that a build setting fills in."""
        reason = f"{what} comes from a build setting"
        return Gap(self.mechanism, text.at, reason, hosts, build_setting(text.value), self.context)

    def defect(
        self, kind: DefectKind, at: Location, what: str, remedy: str = "", hosts: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> Defect:  # fmt: skip
        """What iOS refuses, ignores or does not enforce."""
        return Defect(kind, at, what, remedy, hosts, severity, self.context)


def hosts_of(key: Text, value: Node) -> tuple[DeclaredHost, ...]:
    """The host of an entry; none if a build setting names it."""
    if build_setting(key.value):
        return ()
    return (DeclaredHost(key.value, key.at, includes_subdomains(value)),)


def includes_subdomains(value: Node) -> bool:
    """Whether an entry says so in the one way that iOS takes for true."""
    flag = value.get(INCLUDE)
    return flag is not None and flag.kind == "bool" and flag.value == "true"


def a(node: Node) -> str:
    """What a value is, in a property list's words: ``a dictionary``."""
    return _ARTICLES[node.kind]


_ARTICLES = {
    "map": "a dictionary", "list": "an array", "text": "a string", "number": "a number", "bool": "a boolean",
    "null": "null", "data": "data", "date": "a date",
}  # fmt: skip
