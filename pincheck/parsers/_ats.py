"""App Transport Security's pins: ``NSPinnedDomains`` in the content of an Info.plist, wherever it is written.

Sources: Apple's Security framework, ``SecPolicy.c`` (``parseNSPinnedDomains``) and ``SecBase64.c``;
https://developer.apple.com/documentation/bundleresources/information-property-list/nsapptransportsecurity/nspinneddomains.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, DeclaredHost, Defect, Location, Text
from pincheck.parsers._ats_identities import Identities, identities
from pincheck.parsers._ats_misplaced import invented, misplaced
from pincheck.parsers._ats_origin import (
    ATS,
    DOMAINS,
    INCLUDE,
    LEAF,
    LISTS,
    PIN,
    Found,
    Origin,
    a,
    hosts_of,
    includes_subdomains,
)
from pincheck.parsers._info_plist import build_setting, shown, texts
from pincheck.readers.tree import Node
from pincheck.readers.words import CERTAIN, nearest

_HERE = Origin()


def declarations(root: Node, origin: Origin = _HERE) -> Iterator[Found]:
    """Yield what the content of an Info.plist says about pins, also where iOS does not read it.

    ``root`` is the map that holds ``NSAppTransportSecurity``. A declaration is one list of one
    domain; a pin or host that a build setting fills in is a ``Gap``.
    """
    pinned = root.follow(ATS, DOMAINS)
    if pinned is not None and pinned.kind == "map":
        yield from _Domains(pinned, origin).parse(_unread_switch(root))
    yield from misplaced(root, pinned, origin)


def _unread_switch(root: Node) -> Location | None:
    """Where ``SecTrustPinningRequired`` is true, which makes iOS drop the lists (it is undocumented)."""
    for key, node in root.entries:
        if key.value == "SecTrustPinningRequired" and node.kind == "bool" and node.value == "true":
            return key.at
    return None


class _Domains:
    """The dictionary of hosts that iOS reads."""

    def __init__(self, pinned: Node, origin: Origin) -> None:
        self._pinned = pinned
        self._pinning = _pinning(pinned)
        self._origin = origin

    def parse(self, switch: Location | None) -> Iterator[Found]:
        last = {key.value: key for key, _ in self._pinned.entries}
        for key, value in self._pinned.entries:
            if last[key.value] is not key:
                yield self._origin.defect(
                    "malformed", key.at,
                    f"{shown(key.value)} stands here twice: iOS keeps one of the two, the last as a rule",
                    "merge the two", (key.value,), "warning",
                )  # fmt: skip
                yield from self._origin.unread_domain(key, value)
            elif key.value in LISTS or key.value == INCLUDE:
                yield self._origin.defect(
                    "misplaced", key.at,
                    f"{key.value} stands where {DOMAINS} expects a host: iOS never reads it there, so nothing is"
                    " pinned",
                    "put it under the key of its host",
                )  # fmt: skip
                yield from self._origin.unread(key.at, (), texts(value), LISTS.get(key.value, LEAF))
            elif value.kind != "map":
                yield from self._no_entry(key, value)
            else:
                yield from self._domain(key, value)
        if switch:
            yield self._origin.defect(
                "unenforced", switch,
                f"SecTrustPinningRequired is true: iOS then drops the pins of {DOMAINS}",
                "remove SecTrustPinningRequired, which Apple does not document",
                tuple(key.value for key, _ in self._pinned.entries),
            )  # fmt: skip

    def _no_entry(self, key: Text, value: Node) -> Iterator[Found]:
        yield self._origin.defect(
            "malformed", key.at,
            f"{shown(key.value)} is {a(value)} instead of a dictionary: iOS ignores it, so the host is not pinned",
            "make it a dictionary that holds NSPinnedLeafIdentities or NSPinnedCAIdentities", (key.value,),
        )  # fmt: skip
        yield from self._origin.unread(key.at, hosts_of(key, value), texts(value))

    def _domain(self, key: Text, value: Node) -> Iterator[Found]:
        hosts = hosts_of(key, value)
        if build_setting(key.value):
            yield self._origin.gap(key, "the host", ())
        yield from self._subdomains_flag(key, value)
        unread = list(self._unknown_keys(key, value, hosts))
        yield from unread
        lists = [(name, node) for name, node in value.entries if name.value in LISTS]
        for name, node in lists:
            yield from self._list(name, node, hosts, key)
        if not lists and not any(isinstance(item, Declaration) for item in unread):
            yield self._origin.defect(
                "unenforced", key.at,
                f"{shown(key.value)} has neither NSPinnedLeafIdentities nor NSPinnedCAIdentities: iOS pins nothing",
                "add one of them, or remove the entry", (key.value,),
            )  # fmt: skip

    def _subdomains_flag(self, key: Text, value: Node) -> Iterator[Defect]:
        flag = value.get(INCLUDE)
        if (
            flag is not None
            and flag.kind != "bool"
            and flag.value.strip().lower() not in ("no", "false", "0")
        ):
            written = f"{a(flag)} ({shown(flag.value)})" if flag.value else a(flag)
            yield self._origin.defect(
                "malformed", flag.at,
                f"{INCLUDE} of {shown(key.value)} is {written}, and iOS takes only a boolean for true:"
                " subdomains are not pinned",
                "make it a boolean, <true/>", (key.value,), "warning",
            )  # fmt: skip

    def _unknown_keys(
        self, key: Text, value: Node, hosts: tuple[DeclaredHost, ...]
    ) -> Iterator[Declaration | Defect]:
        for name, node in value.entries:
            if name.value in LISTS or name.value == INCLUDE:
                continue
            meant = nearest(name.value, (*LISTS, INCLUDE), CERTAIN)
            if meant == INCLUDE:
                yield self._origin.defect(
                    "misplaced", name.at,
                    f"{shown(key.value)}: iOS knows no {shown(name.value)}, so subdomains are not pinned",
                    f"write {INCLUDE}", (key.value,), "warning",
                )  # fmt: skip
            elif meant or invented(name, node):
                yield self._origin.defect(
                    "misplaced", name.at,
                    f"{shown(key.value)}: iOS knows no {shown(name.value)} and never reads the pins in it",
                    f"move them to {meant or ' or '.join(LISTS)}, each as a dictionary with {PIN}", (key.value,),
                )  # fmt: skip
                yield from self._origin.unread(name.at, hosts, texts(node), LISTS.get(meant, LEAF))

    def _list(self, name: Text, node: Node, hosts: tuple[DeclaredHost, ...], domain: Text) -> Iterator[Found]:
        semantics = LISTS[name.value]
        found = identities(node)
        for setting in found.settings:
            yield self._origin.gap(setting, "the pin", (domain.value,))
        if found.pins:
            yield self._origin.declaration(name.at, hosts, found.pins, semantics)
        yield from self._origin.unread(name.at, hosts, found.dropped_texts, semantics)
        if found.blocks(semantics):
            yield self._blocked(name, node, found, domain)
        else:
            for element, reason in found.dropped:
                yield self._origin.defect(
                    "malformed", element.at, f"{shown(domain.value)}: iOS drops this entry of {name.value}: {reason}",
                    f"make it a dictionary with {PIN}", (domain.value,),
                )  # fmt: skip

    def _blocked(self, name: Text, node: Node, found: Identities, domain: Text) -> Defect:
        if node.kind != "list":
            what = f"{name.value} is {a(node)} instead of an array"
        elif found.pins:
            what = f"no pin of {name.value} can match"
        elif found.dropped:
            what = f"iOS drops every entry of {name.value} ({found.dropped[0][1]})"
        else:
            what = f"{name.value} is empty"
        host = shown(domain.value)
        if parent := self._joined(name.value, domain):
            return self._origin.defect(
                "malformed", name.at, f"{what}, so only the pins of {shown(parent)} count for {host}",
                "add its pins, or remove the list", (domain.value,), "warning",
            )  # fmt: skip
        return self._origin.defect(
            "malformed", name.at, f"{what}, so iOS refuses every connection to {host}",
            f"add dictionaries with {PIN}, or remove the list", (domain.value,),
        )  # fmt: skip

    def _joined(self, name: str, domain: Text) -> str:
        """The other entry whose pins iOS joins with the domain's own in this list, or an empty string."""
        host = domain.value.lower()
        wanted = ((name, host, True), (name, host, False), (name, host.partition(".")[2], True))
        found = (key for place in wanted for key in self._pinning.get(place, ()))
        return next((key.value for key in found if key is not domain), "")


def _pinning(pinned: Node) -> dict[tuple[str, str, bool], list[Text]]:
    """The entries that give pins, by list, host and whether they include subdomains; two at most of each."""
    found: dict[tuple[str, str, bool], list[Text]] = {}
    for key, value in pinned.entries:
        for name, node in value.entries:
            if name.value in LISTS and identities(node).pins:
                place = (name.value, key.value.lower(), includes_subdomains(value))
                entries = found.setdefault(place, [])
                entries.extend([key] if len(entries) < 2 else [])
    return found
