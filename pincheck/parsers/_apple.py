"""App Transport Security's pins: ``NSPinnedDomains`` in the content of an Info.plist, wherever it is written.

Sources: Apple's Security framework, ``SecPolicy.c`` (``parseNSPinnedDomains``) and ``SecBase64.c``;
https://developer.apple.com/documentation/bundleresources/information-property-list/nsapptransportsecurity/nspinneddomains.
"""

import re
from collections.abc import Iterable, Iterator
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
from pincheck.readers.pin_text import read_pin
from pincheck.readers.tree import Node

# A leaf list is compared with the leaf, a CA list with every certificate above it. The pins of all
# entries that match a host are joined, per list. The decoder drops what is not base64.
LEAF = Semantics(
    client="App Transport Security",
    platform="ios",
    codec=PinCodec(foreign="skipped", blanks="skipped", padding="required", length_checked=False),
    hosts=HostSyntax(subdomains="one", trims=False),
    refused_pin="iOS cannot use it, so it never matches",
    lookup="union",
    compares="leaf",
)
ISSUERS = LEAF._replace(compares="issuers")

FILES = ("*.plist", "*.plist.in", "*.plist.template", "*.plist.tmpl", "*.plist.tpl")
"""Property lists, and the templates that builds make them of."""

_ATS = "NSAppTransportSecurity"
_DOMAINS = "NSPinnedDomains"
_INCLUDE = "NSIncludesSubdomains"
_PIN = "SPKI-SHA256-BASE64"
_LISTS = {"NSPinnedLeafIdentities": LEAF, "NSPinnedCAIdentities": ISSUERS}
_INVENTED = r"(?i)pin|hash|spki"
"""What the keys people invent have in common: NSPublicKeyHashes, NSPinnedCertificates."""

Found = Declaration | Defect | Gap


class Origin(NamedTuple):
    """Where the content of an Info.plist comes from, for those who say what it declares."""

    mechanism: str = "ios-ats"
    variant: str = ""
    context: CodeContext | None = None
    is_info: bool = True
    """Whether it is sure to become an Info.plist; else a misplaced key is only a warning."""


_HERE = Origin()


def ats_declarations(root: Node, origin: Origin = _HERE) -> Iterator[Found]:
    """Yield what the content of an Info.plist says about pins, also where iOS does not read it.

    ``root`` is the map that holds ``NSAppTransportSecurity``. A declaration is one list of one
    domain; a pin or host that a build setting fills in is a ``Gap``.
    """
    reader = _Reader(origin)
    pinned = root.follow(_ATS, _DOMAINS)
    if pinned is not None and pinned.kind == "map":
        yield from reader.domains(pinned, _unread_switch(root))
    for path, key, value in _everywhere(root):
        if key.value != _DOMAINS:
            yield from reader.misplaced_list(path, key, value)
        elif value is not pinned or _names(path) != [_ATS]:
            yield from reader.misplaced_domains(path, key, value)
        elif value.kind != "map":
            yield from reader.not_a_dictionary(key, value)


def build_setting(text: str) -> str:
    """The build setting or template variable that a text takes its value from, or an empty string."""
    match = re.search(_SETTING, text)
    return match[0] if match else ""


_SETTING = (
    r"\$\([^()]{1,200}\)|\$\{[^{}]{1,200}\}|\{\{[^{}]{1,200}\}\}|<%[^%]{1,200}%>|@[A-Z][A-Z0-9_]{2,60}@"
)


def variant(path: str) -> str:
    """The target that a plist belongs to: its name, or for an Info.plist its folder's.

    Folders that say nothing (``Resources``, ``Supporting Files``, ``ios``) are passed over.
    """
    *folders, name = path.split("/")
    stem = name.partition(".plist")[0]
    if stem != "Info":
        return stem
    return next((folder for folder in reversed(folders) if folder.lower() not in _NO_TARGET), "")


_NO_TARGET = frozenset(
    ("ios", "macos", "platforms", "app", "application", "main", "source", "sources", "src", "app_resources",
     "resource", "resources", "supporting", "supporting files", "supportingfiles", "config", "configs",
     "configuration", "configurations", "info plists", "infoplists", "plist", "plists")
)  # fmt: skip


def is_info(path: str, root: Node) -> bool:
    """Tell whether a plist is an Info.plist: by its name, or by keys that only such a file holds."""
    name = path.rpartition("/")[2].partition(".plist")[0].lower()
    return name.startswith("info") or name.endswith("info") or any(
        key.value.startswith("CFBundle") for key, _ in root.entries
    )  # fmt: skip


def shown(text: str) -> str:
    """A text of the file for a message, not too long."""
    return text if len(text) <= 60 else text[:59] + "…"


def texts(node: Node) -> tuple[Text, ...]:
    """The texts and data at or below a node."""
    return tuple(
        below.text for below in node.walk() if below.kind in ("text", "data") and below.value.strip()
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """The known key that a misspelt one means, or an empty string."""
    from difflib import get_close_matches

    if len(word) > 60:
        return ""
    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.strip().lower(), lower, 1, 0.8)
    return lower[found[0]] if found else ""


def _unread_switch(root: Node) -> Location | None:
    """Where ``SecTrustPinningRequired`` is true, which makes iOS drop the lists (it is undocumented)."""
    for key, node in root.entries:
        if key.value == "SecTrustPinningRequired" and node.kind == "bool" and node.value == "true":
            return key.at
    return None


def _everywhere(root: Node) -> Iterator[tuple[tuple[Text, ...], Text, Node]]:
    """Each key of a document that is about pins, with the keys above it and its value, in order."""
    waiting: list[tuple[tuple[Text, ...], Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        below = [((*path, Text("an array", node.at)), item) for item in node.items]
        for key, value in node.entries:
            if key.value == _DOMAINS or key.value in _LISTS or (_exception(path) and _invented(key, value)):
                yield path, key, value
            else:
                below.append(((*path, key), value))
        waiting.extend(reversed(below))


def _names(path: tuple[Text, ...]) -> list[str]:
    return [text.value for text in path]


def _exception(path: tuple[Text, ...]) -> Text | None:
    """The host of the exception that a path leads into, if it does."""
    names = _names(path)
    index = names.index("NSExceptionDomains") + 1 if "NSExceptionDomains" in names else len(names)
    return path[index] if index < len(names) else None


def _invented(key: Text, value: Node) -> bool:
    return bool(re.search(_INVENTED, key.value)) and bool(texts(value))


class _Entries(NamedTuple):
    """The elements of a list of identities, sorted."""

    pins: tuple[Text, ...]
    settings: tuple[Text, ...]
    """Pins that a build setting fills in."""
    dropped: tuple[tuple[Node, str], ...]
    """Elements that iOS drops, each with the reason."""


class _Reader:
    """Says what the domains of one document declare."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._pinning: dict[tuple[str, str, bool], list[Text]] = {}

    # where iOS reads ----------------------------------------------------------

    def domains(self, pinned: Node, switch: Location | None) -> Iterator[Found]:
        last = {key.value: key for key, _ in pinned.entries}
        self._pinning = _pinning(pinned)
        for key, value in pinned.entries:
            if last[key.value] is not key:
                yield self._defect(
                    "malformed", key.at,
                    f"{shown(key.value)} stands here twice: iOS keeps one of the two, the last as a rule",
                    "merge the two", (key.value,), "warning",
                )  # fmt: skip
                yield from self._unread_domain(key, value)
            elif key.value in _LISTS or key.value == _INCLUDE:
                yield self._defect(
                    "misplaced", key.at,
                    f"{key.value} stands where {_DOMAINS} expects a host: iOS never reads it there, so nothing is"
                    " pinned",
                    "put it under the key of its host",
                )  # fmt: skip
                yield from self._unread(key.at, (), texts(value), _LISTS.get(key.value, LEAF))
            elif value.kind != "map":
                yield from self._no_entry(key, value)
            else:
                yield from self._domain(key, value)
        if switch:
            yield self._defect(
                "unenforced", switch,
                f"SecTrustPinningRequired is true: iOS then drops the pins of {_DOMAINS}",
                "remove SecTrustPinningRequired, which Apple does not document",
                tuple(key.value for key, _ in pinned.entries),
            )  # fmt: skip

    def not_a_dictionary(self, key: Text, value: Node) -> Iterator[Found]:
        yield self._defect(
            "malformed", key.at,
            f"{_DOMAINS} is {_a(value)}, where iOS reads a dictionary of hosts only: nothing is pinned",
            "make it a dictionary with a key for each host",
        )  # fmt: skip
        yield from self._unread(key.at, (), texts(value))

    def _no_entry(self, key: Text, value: Node) -> Iterator[Found]:
        yield self._defect(
            "malformed", key.at,
            f"{shown(key.value)} is {_a(value)} instead of a dictionary: iOS ignores it, so the host is not pinned",
            "make it a dictionary that holds NSPinnedLeafIdentities or NSPinnedCAIdentities", (key.value,),
        )  # fmt: skip
        yield from self._unread(key.at, self._host(key, value), texts(value))

    def _domain(self, key: Text, value: Node) -> Iterator[Found]:
        hosts = self._host(key, value)
        if build_setting(key.value):
            yield self._gap(key, "the host", ())
        yield from self._subdomains_flag(key, value)
        unread = list(self._unknown_keys(key, value, hosts))
        yield from unread
        lists = [(name, node) for name, node in value.entries if name.value in _LISTS]
        for name, node in lists:
            yield from self._list(name, node, hosts, key)
        if not lists and not any(isinstance(item, Declaration) for item in unread):
            yield self._defect(
                "unenforced", key.at,
                f"{shown(key.value)} has neither NSPinnedLeafIdentities nor NSPinnedCAIdentities: iOS pins nothing",
                "add one of them, or remove the entry", (key.value,),
            )  # fmt: skip

    def _subdomains_flag(self, key: Text, value: Node) -> Iterator[Defect]:
        flag = value.get(_INCLUDE)
        if (
            flag is not None
            and flag.kind != "bool"
            and flag.value.strip().lower() not in ("no", "false", "0")
        ):
            written = f"{_a(flag)} ({shown(flag.value)})" if flag.value else _a(flag)
            yield self._defect(
                "malformed", flag.at,
                f"{_INCLUDE} of {shown(key.value)} is {written}, and iOS takes only a boolean for true:"
                " subdomains are not pinned",
                "make it a boolean, <true/>", (key.value,), "warning",
            )  # fmt: skip

    def _unknown_keys(
        self, key: Text, value: Node, hosts: tuple[DeclaredHost, ...]
    ) -> Iterator[Declaration | Defect]:
        for name, node in value.entries:
            if name.value in _LISTS or name.value == _INCLUDE:
                continue
            meant = nearest(name.value, (*_LISTS, _INCLUDE))
            if meant == _INCLUDE:
                yield self._defect(
                    "misplaced", name.at,
                    f"{shown(key.value)}: iOS knows no {shown(name.value)}, so subdomains are not pinned",
                    f"write {_INCLUDE}", (key.value,), "warning",
                )  # fmt: skip
            elif meant or _invented(name, node):
                yield self._defect(
                    "misplaced", name.at,
                    f"{shown(key.value)}: iOS knows no {shown(name.value)} and never reads the pins in it",
                    f"move them to {meant or ' or '.join(_LISTS)}, each as a dictionary with {_PIN}", (key.value,),
                )  # fmt: skip
                yield from self._unread(name.at, hosts, texts(node), _LISTS.get(meant, LEAF))

    def _list(self, name: Text, node: Node, hosts: tuple[DeclaredHost, ...], domain: Text) -> Iterator[Found]:
        semantics = _LISTS[name.value]
        found = _sorted(node)
        for setting in found.settings:
            yield self._gap(setting, "the pin", (domain.value,))
        if found.pins:
            yield self._declaration(name.at, hosts, found.pins, semantics)
        yield from self._unread(name.at, hosts, _dropped_texts(found), semantics)
        if _blocks(found, semantics):
            yield self._blocked(name, node, found, domain)
        else:
            for element, reason in found.dropped:
                yield self._defect(
                    "malformed", element.at, f"{shown(domain.value)}: iOS drops this entry of {name.value}: {reason}",
                    f"make it a dictionary with {_PIN}", (domain.value,),
                )  # fmt: skip

    def _blocked(self, name: Text, node: Node, found: _Entries, domain: Text) -> Defect:
        if node.kind != "list":
            what = f"{name.value} is {_a(node)} instead of an array"
        elif found.pins:
            what = f"no pin of {name.value} can match"
        elif found.dropped:
            what = f"iOS drops every entry of {name.value} ({found.dropped[0][1]})"
        else:
            what = f"{name.value} is empty"
        host = shown(domain.value)
        if parent := self._joined(name.value, domain):
            return self._defect(
                "malformed", name.at, f"{what}, so only the pins of {shown(parent)} count for {host}",
                "add its pins, or remove the list", (domain.value,), "warning",
            )  # fmt: skip
        return self._defect(
            "malformed", name.at, f"{what}, so iOS refuses every connection to {host}",
            f"add dictionaries with {_PIN}, or remove the list", (domain.value,),
        )  # fmt: skip

    def _joined(self, name: str, domain: Text) -> str:
        """The other entry whose pins iOS joins with the domain's own in this list, or an empty string."""
        host = domain.value.lower()
        wanted = ((name, host, True), (name, host, False), (name, host.partition(".")[2], True))
        found = (key for place in wanted for key in self._pinning.get(place, ()))
        return next((key.value for key in found if key is not domain), "")

    # where iOS does not read ----------------------------------------------------

    def misplaced_domains(self, path: tuple[Text, ...], key: Text, value: Node) -> Iterator[Found]:
        entries = [(host, node) for host, node in value.entries if host.value not in (*_LISTS, _INCLUDE)]
        around = _exception(path)
        names = tuple(host.value for host, _ in entries) or ((around.value,) if around else ())
        yield self._misplaced(path, key, names, f"move it directly under {_ATS}")
        for host, node in entries:
            yield from self._unread_domain(host, node)
        for name, node in value.entries:
            if name.value in _LISTS:
                yield from self._unread(name.at, self._meant(path), texts(node), _LISTS[name.value])
        if value.kind != "map":
            yield from self._unread(key.at, self._meant(path), texts(value))

    def misplaced_list(self, path: tuple[Text, ...], key: Text, value: Node) -> Iterator[Found]:
        around = _exception(path)
        names = (around.value,) if around else ()
        yield self._misplaced(path, key, names, f"move it to the host's entry of {_DOMAINS} under {_ATS}")
        yield from self._unread(key.at, self._meant(path), texts(value), _LISTS.get(key.value, LEAF))

    def _misplaced(self, path: tuple[Text, ...], key: Text, hosts: tuple[str, ...], remedy: str) -> Defect:
        if key.value == _DOMAINS and _names(path) == [_ATS]:
            what = f"{_DOMAINS} stands twice: iOS keeps one of the two, the last as a rule"
            return self._defect("malformed", key.at, what, "merge the two", hosts, "warning")
        sure = self._origin.is_info or _ATS in _names(path)
        return self._defect(
            "misplaced", key.at,
            f"{shown(key.value)} {_where(path)}: iOS never reads it there, so nothing is pinned"
            + ("" if sure else ", unless a build step moves it"),
            remedy, hosts, None if sure else "warning",
        )  # fmt: skip

    def _meant(self, path: tuple[Text, ...]) -> tuple[DeclaredHost, ...]:
        """The host that a misplaced key was meant for: that of the exception around it."""
        host = _exception(path)
        return () if host is None or build_setting(host.value) else (DeclaredHost(host.value, host.at),)

    # values -----------------------------------------------------------------------

    def _host(self, key: Text, value: Node) -> tuple[DeclaredHost, ...]:
        """The host of an entry; none if a build setting names it."""
        if build_setting(key.value):
            return ()
        return (DeclaredHost(key.value, key.at, _includes(value)),)

    def _declaration(
        self, at: Location, hosts: tuple[DeclaredHost, ...], pins: tuple[Text, ...], semantics: Semantics,
        read: bool = True,
    ) -> Declaration:  # fmt: skip
        return Declaration(
            self._origin.mechanism, at, hosts, pins, semantics,
            variant=self._origin.variant, context=self._origin.context, read=read,
        )  # fmt: skip

    def _unread(
        self,
        at: Location,
        hosts: tuple[DeclaredHost, ...],
        found: tuple[Text, ...],
        semantics: Semantics = LEAF,
    ) -> Iterator[Declaration]:
        """Keep pins in the inventory that iOS never reads."""
        if pins := tuple(text for text in found if not build_setting(text.value)):
            yield self._declaration(at, hosts, pins, semantics, read=False)

    def _unread_domain(self, key: Text, value: Node) -> Iterator[Declaration]:
        hosts = self._host(key, value)
        for name, node in value.entries:
            yield from self._unread(name.at, hosts, texts(node), _LISTS.get(name.value, LEAF))
        if value.kind != "map":
            yield from self._unread(key.at, hosts, texts(value))

    def _gap(self, text: Text, what: str, hosts: tuple[str, ...]) -> Gap:
        reason = f"{what} comes from a build setting"
        return Gap(
            self._origin.mechanism, text.at, reason, hosts, build_setting(text.value), self._origin.context
        )

    def _defect(
        self, kind: DefectKind, at: Location, what: str, remedy: str = "", hosts: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> Defect:  # fmt: skip
        return Defect(kind, at, what, remedy, hosts, severity, self._origin.context)


def _sorted(node: Node) -> _Entries:
    pins, settings, dropped = [], [], []
    for element in node.items:
        value = element.get(_PIN)
        if value is None or value.kind != "text":
            dropped.append((element, _why_dropped(element, value)))
        elif build_setting(value.value):
            settings.append(value.text)
        else:
            pins.append(value.text)
    return _Entries(tuple(pins), tuple(settings), tuple(dropped))


def _why_dropped(element: Node, value: Node | None) -> str:
    if element.kind != "map":
        return f"it is {_a(element)} instead of a dictionary with {_PIN}"
    if value is not None:
        return f"its {_PIN} is {_a(value)} instead of a string"
    names = [key.value for key, _ in element.entries]
    return f"it has {shown(names[0])} instead of {_PIN}" if names else f"it has no {_PIN}"


def _dropped_texts(found: _Entries) -> tuple[Text, ...]:
    return tuple(text for element, _ in found.dropped for text in texts(element))


def _blocks(found: _Entries, semantics: Semantics) -> bool:
    """Tell whether no certificate at all can satisfy the list. Placeholders are left to their rule."""
    if found.settings:
        return False
    read = [read_pin(text, semantics) for text in found.pins]
    return all(pin.fault and not pin.placeholder for pin in read)


def _pinning(pinned: Node) -> dict[tuple[str, str, bool], list[Text]]:
    """The entries that give pins, by list, host and whether they include subdomains; two at most of each."""
    found: dict[tuple[str, str, bool], list[Text]] = {}
    for key, value in pinned.entries:
        for name, node in value.entries:
            if name.value in _LISTS and _sorted(node).pins:
                entries = found.setdefault((name.value, key.value.lower(), _includes(value)), [])
                entries.extend([key] if len(entries) < 2 else [])
    return found


def _includes(value: Node) -> bool:
    flag = value.get(_INCLUDE)
    return flag is not None and flag.kind == "bool" and flag.value == "true"


def _where(path: tuple[Text, ...]) -> str:
    if not path:
        return f"stands at the top level, outside {_ATS}"
    if host := _exception(path):
        return f"stands inside the NSExceptionDomains entry of {shown(host.value)}"
    return f"stands directly under {shown(path[-1].value)}"


_ARTICLES = {
    "map": "a dictionary", "list": "an array", "text": "a string", "number": "a number", "bool": "a boolean",
    "null": "null", "data": "data", "date": "a date",
}  # fmt: skip


def _a(node: Node) -> str:
    return _ARTICLES[node.kind]
