"""TrustKit for Apple's systems: ``TSKConfiguration`` in an Info.plist, or a plist that the app hands over.

Sources: datatheorem/TrustKit up to 3.0.7, ``parse_configuration.m``, ``configuration_utils.m``,
``TrustKit.m`` and ``TSKTrustKitConfig.m``, whose constant for the exclusion key is misspelt.
"""

import re
from collections.abc import Iterator

from pincheck.model import (
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
    SourceFile,
    Text,
)
from pincheck.parsers._apple import FILES, build_setting, is_info, nearest, shown, texts, variant
from pincheck.readers import plist
from pincheck.readers.dates import read_day
from pincheck.readers.pin_text import read_pin
from pincheck.readers.tree import Node
from pincheck.registry import parser

CRASH = "TrustKit throws when it is initialised, so the app crashes at start"

# Pins are strict base64 of 32 bytes. The host's own entry wins, then the longest parent that includes
# subdomains. Past its date a domain is not pinned, from 00:00 UTC on.
SEMANTICS = Semantics(
    client="TrustKit",
    platform="ios",
    codec=PinCodec(foreign="refused", blanks="refused", padding="required"),
    hosts=HostSyntax(subdomains="any", case_sensitive=True, trims=False),
    refused_pin=CRASH,
    lookup="most-specific",
    compares="path",
    expiry="unpinned",
    expiry_zone="utc",
    expiry_format="iso",
    bad_expiry="TrustKit sets no expiration at all",
)

_CONFIGURATION = "TSKConfiguration"
_DOMAINS = "TSKPinnedDomains"
_SWIZZLE = "TSKSwizzleNetworkDelegates"
_GLOBAL_KEYS = (_DOMAINS, _SWIZZLE, "TSKIgnorePinningForUserDefinedTrustAnchors")
_HASHES = "TSKPublicKeyHashes"
_ENFORCE = "TSKEnforcePinning"
_INCLUDE = "TSKIncludeSubdomains"
_EXPIRES = "TSKExpirationDate"
_EXCLUDE = "kSKExcludeSubdomainFromParentPolicy"
_DOCUMENTED_EXCLUDE = "TSKExcludeSubdomainFromParentPolicy"
_REPORTS = "TSKReportUris"
_REPORTING = (_REPORTS, "TSKDisableDefaultReportUri", "TSKPublicKeyAlgorithms")
_DOMAIN_KEYS = (_HASHES, _ENFORCE, _INCLUDE, _EXPIRES, _EXCLUDE, *_REPORTING)

Found = Declaration | Defect | Gap


@parser(files=FILES, markers=(b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes"))
def parse(source: SourceFile) -> Iterator[Found]:
    """Yield a declaration for every domain with pins, also where TrustKit does not read it."""
    root = plist.read(source)
    yield from declarations(root, variant(source.path), is_info(source.path, root))


def declarations(root: Node, target: str = "", in_info: bool = True) -> Iterator[Found]:
    """Yield what a document declares for TrustKit; ``in_info`` if it is the content of an Info.plist."""
    for path, node in _configurations(root):
        if path == (_CONFIGURATION,):
            yield from _Configuration(node, target).parse()
        elif node.get(_DOMAINS) and ("NSAppTransportSecurity" in path or (in_info and not path)):
            yield from _Configuration(node, target, read=False).misplaced(path)
        elif node.get(_DOMAINS):  # which plist the app's code loads is not known
            yield from _Configuration(node, target).parse()


def _configurations(root: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The maps that TrustKit or the app may take for its configuration, with the keys above them."""
    waiting: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if path[-1:] == (_CONFIGURATION,) or node.get(_DOMAINS):
            yield path, node
            continue
        below = [((*path, key.value), value) for key, value in node.entries]
        below += [((*path, "an array"), item) for item in node.items]
        waiting.extend(reversed(below))


class _Configuration:
    """The map that TrustKit is initialised with."""

    def __init__(self, node: Node, target: str, read: bool = True) -> None:
        self._node = node
        self._target = target
        self._read = read

    def misplaced(self, path: tuple[str, ...]) -> Iterator[Found]:
        where = "inside NSAppTransportSecurity" if path else "at the top level of an Info.plist"
        key, domains = _last(self._node, _DOMAINS)
        yield Defect(
            "misplaced", key.at,
            f"{_DOMAINS} stands {where}: TrustKit reads {_CONFIGURATION} at the top level only, so nothing is pinned"
            + ("" if path else " unless code passes the whole Info.plist"),
            f"move it into a dictionary {_CONFIGURATION} at the top level",
            tuple(name.value for name, _ in domains.entries), None if path else "warning",
        )  # fmt: skip
        for host, node in domains.entries:
            yield from self._unread(host, node)

    def parse(self) -> Iterator[Found]:
        if self._node.kind == "map" and not self._node.entries:
            return  # TrustKit passes over an empty configuration
        yield from self._global_keys()
        domains = self._node.get(_DOMAINS)
        if domains is None:
            yield from self._without_domains()
        elif domains.kind != "map" or not domains.entries:
            key, _ = _last(self._node, _DOMAINS)
            yield _malformed(
                key.at, f"{_DOMAINS} holds no domain", "add a domain, or remove the configuration"
            )
        else:
            yield from self._domains(domains)

    def _global_keys(self) -> Iterator[Found]:
        for key, node in self._node.entries:
            if key.value in _GLOBAL_KEYS or (node.kind == "map" and node.get(_HASHES)):
                continue
            if key.value in _DOMAIN_KEYS:
                yield _misplaced(
                    key.at, f"{key.value} stands beside {_DOMAINS}, and TrustKit reads it only inside a domain",
                    "move it into each domain", (), "warning",
                )  # fmt: skip
            elif meant := nearest(key.value, _GLOBAL_KEYS):
                effect = f" and finds no domain: {CRASH}" if meant == _DOMAINS else " and ignores it"
                yield _misplaced(
                    key.at, f"TrustKit does not know {shown(key.value)}{effect}", f"write {meant}", (),
                    None if meant == _DOMAINS else "warning",
                )  # fmt: skip
                for host, below in node.entries if meant == _DOMAINS else ():
                    yield from self._unread(host, below)
        if self._node.get(_DOMAINS) and _truth(self._node.get(_SWIZZLE), default=False) is False:
            key, domains = _last(self._node, _DOMAINS)
            yield Defect(
                "unenforced", key.at,
                f"{_SWIZZLE} is not true: TrustKit checks only connections whose delegate calls its validator",
                f"set {_SWIZZLE}, or make sure that every delegate calls TSKPinningValidator",
                tuple(name.value for name, _ in domains.entries), "note",
            )  # fmt: skip

    def _without_domains(self) -> Iterator[Found]:
        """The shape of TrustKit 1.1 and older, or no shape at all."""
        old = [(key, node) for key, node in self._node.entries if node.kind == "map" and node.get(_HASHES)]
        if old:
            yield _malformed(
                old[0][0].at,
                f"the domains stand directly in {_CONFIGURATION}, where TrustKit 1.1 looked for them; later ones"
                f" look in {_DOMAINS}",
                f"move them into a dictionary {_DOMAINS}", tuple(key.value for key, _ in old), "warning",
            )  # fmt: skip
            for key, node in old:
                yield from self._domain(key, node)
        elif not any(nearest(key.value, (_DOMAINS,)) for key, _ in self._node.entries):
            yield _malformed(
                self._node.at,
                f"{_CONFIGURATION} has no {_DOMAINS}",
                f"add {_DOMAINS}, or remove the configuration",
            )

    def _domains(self, domains: Node) -> Iterator[Found]:
        last = {key.value: key for key, _ in domains.entries}
        parents = _parents(domains)
        for key, node in domains.entries:
            if last[key.value] is not key:
                yield _malformed(
                    key.at, f"{shown(key.value)} stands here twice, and the last one counts as a rule",
                    "merge the two", (key.value,), "warning", "",
                )  # fmt: skip
                yield from self._unread(key, node)
            elif node.kind != "map":
                yield from _bad_name(key)
                yield _malformed(
                    key.at, f"{shown(key.value)} is no dictionary", "make it a dictionary", (key.value,)
                )
                yield from self._unread(key, node)
            elif _excludes(node):
                yield from _bad_name(key)
                yield from _exclusion(key, node, parents)
            else:
                yield from self._domain(key, node)

    # one domain -----------------------------------------------------------------

    def _domain(self, key: Text, node: Node) -> Iterator[Found]:
        names = (key.value,)
        if build_setting(key.value):
            yield Gap(
                "trustkit-plist", key.at, "the host comes from a build setting", (), build_setting(key.value)
            )
        yield from _bad_name(key)
        unknown = list(self._unknown_keys(key, node))
        yield from unknown
        explained = any(isinstance(item, Declaration) for item in unknown) or node.get(_DOCUMENTED_EXCLUDE)
        yield from self._pins(key, node, explained=bool(explained))
        enforcing = node.get(_ENFORCE)
        if enforcing and _truth(enforcing) is False:
            yield Defect(
                "unenforced", _last(node, _ENFORCE)[0].at,
                f"{_ENFORCE} of {shown(key.value)} is false: TrustKit only reports, and connects whatever the pins say",
                f"set {_ENFORCE} to true", names,
            )  # fmt: skip
        yield from _expiration(node, names)
        yield from _reports(node, names)

    def _pins(self, key: Text, node: Node, explained: bool) -> Iterator[Found]:
        names = (key.value,)
        name, hashes = _last(node, _HASHES) if node.get(_HASHES) else (key, None)
        if hashes is not None and hashes.kind != "list":
            yield _malformed(name.at, f"{_HASHES} is no array", "make it an array of strings", names)
            yield from self._unread(key, hashes)
            return
        items = hashes.items if hashes else ()
        settings = [item for item in items if build_setting(item.value)]
        pins = tuple(item.text for item in items if item.kind == "text" and item not in settings)
        for item in settings:
            yield Gap(
                "trustkit-plist",
                item.at,
                "the pin comes from a build setting",
                names,
                build_setting(item.value),
            )
        for item in items:
            if item.kind != "text":
                yield _malformed(
                    item.at, f"an entry of {_HASHES} is no string", "write the base64 as a string", names
                )
                yield from self._unread(key, item)
        if pins:
            yield self._declaration(name.at, key, node, pins)
        if not settings and not explained:
            yield from self._too_few(name.at, key, node, pins)

    def _too_few(self, at: Location, key: Text, node: Node, pins: tuple[Text, ...]) -> Iterator[Defect]:
        """TrustKit counts distinct pins: two at least if it enforces, else one."""
        read = (read_pin(pin, SEMANTICS) for pin in pins)
        count = len({pin.pin or pin.text for pin in read})
        enforced = _truth(node.get(_ENFORCE), default=True)
        if count >= 2 or (count == 1 and enforced is False):
            return
        written = ("no pin", "only one distinct pin")[count]
        if count == 0 or enforced:
            yield _malformed(
                at, f"{shown(key.value)} has {written}, where TrustKit asks for {2 if enforced else 1}",
                "add the pin of a spare key" if count else f"add {_HASHES} with two pins", (key.value,),
            )  # fmt: skip
        else:
            yield _malformed(
                at, f"{shown(key.value)} has {written}, where TrustKit asks for 2 if {_ENFORCE} turns out true",
                "add the pin of a spare key", (key.value,), "warning",
            )  # fmt: skip

    def _unknown_keys(self, key: Text, node: Node) -> Iterator[Found]:
        names = (key.value,)
        for name, value in node.entries:
            if name.value in _DOMAIN_KEYS:
                continue
            if name.value == _DOCUMENTED_EXCLUDE:
                if _truth(value) is not False:
                    yield _misplaced(
                        name.at,
                        f"TrustKit does not know {name.value}: its constant of that name is spelt {_EXCLUDE}, so"
                        f" {shown(key.value)} counts as a domain of its own"
                        + ("" if node.get(_HASHES) else f" without pins, and {CRASH}"),
                        f"write {_EXCLUDE}, without the T", names,
                    )  # fmt: skip
            elif name.value in _GLOBAL_KEYS:
                yield _misplaced(
                    name.at, f"{name.value} stands inside {shown(key.value)}, where TrustKit does not read it",
                    f"move it beside {_DOMAINS}", names, "warning",
                )  # fmt: skip
            elif meant := nearest(name.value, _DOMAIN_KEYS):
                severity: Severity | None = "warning" if meant in _REPORTING else None
                yield _misplaced(
                    name.at,
                    f"{shown(key.value)}: TrustKit does not know {shown(name.value)} and ignores it"
                    + (f", finds too few pins, and {CRASH.removeprefix('TrustKit ')}" if meant == _HASHES else ""),
                    f"write {meant}", names, severity,
                )  # fmt: skip
                if meant == _HASHES:
                    yield from self._unread(key, value, node)

    # values -----------------------------------------------------------------------

    def _declaration(
        self, at: Location, key: Text, node: Node, pins: tuple[Text, ...], read: bool = True
    ) -> Declaration:
        expires = node.get(_EXPIRES)
        known = expires is not None and expires.kind in ("text", "date") and not build_setting(expires.value)
        include = _truth(node.get(_INCLUDE), default=False) is True
        return Declaration(
            mechanism="trustkit-plist",
            at=at,
            hosts=() if build_setting(key.value) else (DeclaredHost(key.value, key.at, include),),
            pins=pins,
            semantics=SEMANTICS,
            expires=expires.text if expires is not None and known else None,
            variant=self._target,
            read=read and self._read,
        )

    def _unread(self, key: Text, value: Node, domain: Node | None = None) -> Iterator[Declaration]:
        """Keep pins in the inventory that TrustKit never reads."""
        hashes = value.get(_HASHES) or (value if value.kind != "map" else None)
        pins = tuple(text for text in texts(hashes) if not build_setting(text.value)) if hashes else ()
        if pins:
            yield self._declaration(key.at, key, domain or value, pins, read=False)


def _excludes(node: Node) -> bool:
    """Tell whether an entry is an exclusion; where a build setting decides, one without pins is."""
    excluded = _truth(node.get(_EXCLUDE), default=False)
    return bool(excluded) or (excluded is None and node.get(_HASHES) is None)


def _exclusion(key: Text, node: Node, parents: set[str] | None) -> Iterator[Defect]:
    """``kSKExcludeSubdomainFromParentPolicy``: no pin set, but it has rules of its own."""
    names = (key.value,)
    if build_setting(key.value):
        return
    others = [name for name, _ in node.entries if name.value != _EXCLUDE]
    if others:
        yield _malformed(
            others[0].at, f"{shown(key.value)} has {shown(others[0].value)} beside {_EXCLUDE}",
            f"remove one of the two: {_EXCLUDE} must stand alone", names,
        )  # fmt: skip
    if parents is not None and not parents & _above(key.value):
        yield _malformed(
            key.at, f"{shown(key.value)} is excluded, but no domain above it has {_INCLUDE}",
            "remove the entry, or include subdomains in its parent", names,
        )  # fmt: skip


def _parents(domains: Node) -> set[str] | None:
    """The names that include, or may include, their subdomains; None if a build setting is one of them."""
    names = {
        key.value
        for key, policy in domains.entries
        if _truth(policy.get(_INCLUDE), default=False) is not False
    }
    return None if any(map(build_setting, names)) else names


def _above(name: str) -> set[str]:
    """The names above one. What is too long for a name has none."""
    labels = name[:128].split(".")
    return {".".join(labels[start:]) for start in range(1, len(labels))}


def _expiration(node: Node, names: tuple[str, ...]) -> Iterator[Defect | Gap]:
    expires = node.get(_EXPIRES)
    if expires is None:
        return
    if setting := build_setting(expires.value):
        yield Gap("trustkit-plist", expires.at, "the expiration comes from a build setting", names, setting)
    elif expires.kind != "text":
        yield _malformed(
            expires.at, f"{_EXPIRES} is no string, so TrustKit may throw when it is initialised",
            "write it as a string, yyyy-MM-dd", names, "warning", "",
        )  # fmt: skip
    elif read_day(expires.value, "iso") is None:
        yield _malformed(
            expires.at,
            f"{_EXPIRES} {shown(expires.value)!r} is no yyyy-MM-dd date: {SEMANTICS.bad_expiry}, so the pins"
            " stay for ever",
            "write it as yyyy-MM-dd", names, "warning", "",
        )  # fmt: skip


def _reports(node: Node, names: tuple[str, ...]) -> Iterator[Defect]:
    reports = node.get(_REPORTS)
    if reports is not None and reports.kind != "list":
        yield _malformed(reports.at, f"{_REPORTS} is no array", "make it an array of strings", names)
    for report in reports.items if reports else ():
        if not build_setting(report.value) and (not report.value or re.search(_NO_URL, report.value)):
            yield _malformed(
                report.at,
                f"{shown(report.value)!r} in {_REPORTS} is no URL to iOS 16 and older, where {CRASH}",
                "write the URL with such characters escaped", names, "warning", "",
            )  # fmt: skip


_NO_URL = r"[\s<>\"{}|\\^`]|[^\x00-\x7f]|%(?![0-9A-Fa-f]{2})"


def _bad_name(key: Text) -> Iterator[Defect]:
    """Names without a public suffix, for which TrustKit throws. Which newer ones its table lacks is not told."""
    name = key.value
    if build_setting(name):
        return
    severity: Severity | None = None
    if re.fullmatch(_ADDRESS, name):
        what, severity = "is an address, and TrustKit knows domain names only", "warning"
    elif not name.isascii():
        what = "is not in its ASCII form"
    elif len(name) > 127:
        what = "is longer than 127 bytes"
    elif "." not in name.strip(".") or name.rstrip(".").rpartition(".")[2].lower() in _PRIVATE:
        what = "has no public suffix"
    else:
        return
    remedy = (
        "write its A-label (xn--…)" if not name.isascii() else "pin a public host name, or remove the entry"
    )
    effect = (
        CRASH
        if severity is None
        else "TrustKit may throw when it is initialised, so the app may crash at start"
    )
    yield _malformed(key.at, f"{shown(name)} {what}", remedy, (name,), severity, effect)


_ADDRESS = r"\d+(?:\.\d+){3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+\]?"
_PRIVATE = frozenset(("localhost", "local", "internal", "lan", "home", "corp", "intranet", "private", "test"))


def _truth(node: Node | None, default: bool | None = None) -> bool | None:
    """What Foundation's ``boolValue`` makes of a value; None if a build setting decides."""
    if node is None:
        return default
    if build_setting(node.value):
        return None
    if node.kind == "number":
        return node.value.strip("-0.") != ""
    return bool(re.match(r"\s*[+-]?0*[YyTt1-9]", node.value))


def _last(node: Node, name: str) -> tuple[Text, Node]:
    """The key that counts, and its value; only for a key that is there."""
    return next((key, value) for key, value in reversed(node.entries) if key.value == name)


def _malformed(
    at: Location, what: str, remedy: str, hosts: tuple[str, ...] = (), severity: Severity | None = None,
    effect: str = CRASH,
) -> Defect:  # fmt: skip
    return _defect("malformed", at, f"{what}: {effect}" if effect else what, remedy, hosts, severity)


def _misplaced(
    at: Location, what: str, remedy: str, hosts: tuple[str, ...], severity: Severity | None = None
) -> Defect:
    return _defect("misplaced", at, what, remedy, hosts, severity)


def _defect(
    kind: DefectKind, at: Location, what: str, remedy: str, hosts: tuple[str, ...], severity: Severity | None
) -> Defect:
    return Defect(kind, at, what, remedy, hosts, severity)
