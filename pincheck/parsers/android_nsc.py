"""Android Network Security Configuration: ``<pin-set>`` in an XML resource.

Sources: AOSP ``android.security.net.config`` (XmlConfigSource, NetworkSecurityConfig, Pin),
``android.util.Base64``; https://developer.android.com/privacy-and-security/security-config.
TrustKit-Android reads the same file and adds ``<trustkit-config>`` (see ``_trustkit_android``).
"""

import re
from collections.abc import Iterator

from pincheck.model import (
    Cleartext,
    Declaration,
    DeclaredHost,
    Defect,
    HostSyntax,
    PinCodec,
    Semantics,
    SourceFile,
    Text,
    TrustAnchor,
    Unpinned,
)
from pincheck.parsers import _trustkit_android
from pincheck.readers import xml
from pincheck.readers.dates import read_day
from pincheck.readers.paths import source_set
from pincheck.registry import parser

CRASH = "Android throws when it first reads the file, so the app crashes on its first connection"

SEMANTICS = Semantics(
    client="Android",
    platform="android",
    codec=PinCodec(foreign="skipped", blanks="skipped", padding="optional"),
    hosts=HostSyntax(subdomains="any"),
    refused_pin=CRASH,
    lookup="most-specific",
    compares="path",
    expiry="unpinned",
    expiry_zone="local",
    expiry_format="android",
    bad_expiry=CRASH,
)

_ROOT = "network-security-config"
_CONFIGS = ("base-config", "domain-config", "debug-overrides")
_RESOURCE = r"(?:^|/)xml(?:-[^/]+)?/([^/]+)\.xml$"
_QUALIFIER = r"(?:^|/)xml-([^/]+)/[^/]+$"


@parser(
    files=("*.xml",),
    markers=(b"network-security-config", b"<pin-set"),
    expected=("network_security_config.xml",),
)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Unpinned]:
    """Yield a declaration for every ``<pin-set>``, with all hosts that inherit it, or that a resource has none."""
    document = xml.read(source)
    if document.name == _ROOT:
        yield from configuration(document, source.path)
        if _is_resource(source.path) and not any(document.find_all("pin-set")):
            yield Unpinned(document.at)
    elif found := list(document.find_all(_ROOT)):
        for root in found:  # Cordova's config.xml and plugin.xml carry the file inside
            yield from configuration(root)
    elif _is_resource(source.path) and any(document.find_all("pin-set")):
        yield Defect(
            "malformed", document.at,
            f"the root element is <{document.name}>, which Android does not know: {CRASH}",
            f"name it <{_ROOT}>",
        )  # fmt: skip


def configuration(root: xml.Element, path: str = "") -> Iterator[Declaration | Defect]:
    """What the children of ``root`` declare as a network security config; ``path`` is its resource's."""
    yield from _File(path, root).parse()


def _is_resource(path: str) -> bool:
    return bool(re.search(_RESOURCE, path))


class _Config:
    """A ``base-config``, ``domain-config`` or ``debug-overrides`` and what it inherits."""

    def __init__(self, element: xml.Element, parent: "_Config | None") -> None:
        self.element = element
        self.parent = parent
        self.domains = element.named("domain")
        self.children = [_Config(child, self) for child in element.named("domain-config")]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(domain.text.value for domain in self.domains)

    def walk(self) -> "Iterator[_Config]":
        yield self
        for child in self.children:
            yield from child.walk()

    def inherited(self, name: str, base: "_Config | None") -> xml.Element | None:
        """The child element of this name that counts here: own, else of the nearest above."""
        config: _Config | None = self
        while config:
            if found := config.element.named(name):
                return found[0]
            config = config.parent
        return next(iter(base.element.named(name)), None) if base else None

    def inherited_flag(self, name: str, base: "_Config | None") -> Text | None:
        config: _Config | None = self
        while config:
            if value := config.element.attribute(name):
                return value
            config = config.parent
        return base.element.attribute(name) if base else None


class _File:
    """One configuration file: its grammar and its pin sets."""

    def __init__(self, path: str, root: xml.Element) -> None:
        self._root = root
        match = re.search(_RESOURCE, path)
        self._resource = f"xml/{match[1]}" if match else ""
        qualifier = re.search(_QUALIFIER, path)
        parts = (source_set(path), f"xml-{qualifier[1]}" if qualifier else "")
        self._variant = " ".join(part for part in parts if part)
        base = root.named("base-config")
        self._base = _Config(base[0], None) if base else None
        self._configs = [
            config for top in root.named("domain-config") for config in _Config(top, None).walk()
        ]

    def parse(self) -> Iterator[Declaration | Defect]:
        yield from self._grammar()
        by_pin_set: dict[int, list[_Config]] = {}
        for config in self._configs:
            pin_set = config.inherited("pin-set", None)
            if pin_set is not None:
                by_pin_set.setdefault(id(pin_set), []).append(config)
        for configs in by_pin_set.values():
            yield from self._pin_set(configs)
        yield from self._unread({id(e) for config in self._configs for e in config.element.named("pin-set")})

    def _pin_set(self, configs: list[_Config]) -> Iterator[Declaration | Defect]:
        owner = configs[0]
        element = owner.inherited("pin-set", None)
        assert element is not None
        hosts = tuple(_host(domain) for config in configs for domain in config.domains)
        names = tuple(host.text for host in hosts)
        pins = tuple(pin.text for pin in element.named("pin"))
        trustkits = [config.inherited("trustkit-config", None) for config in configs]
        yield Declaration(
            mechanism="android-nsc",
            at=element.at,
            hosts=hosts,
            pins=pins,
            semantics=SEMANTICS,
            expires=element.attribute("expiration"),
            variant=self._variant,
            anchors=tuple(self._anchors(configs)),
            resource="" if any(trustkits) else self._resource,
            cleartext=tuple(self._cleartext(configs)),
        )
        if not pins:
            yield _empty(owner, element, names)
        yield from self._overrides(configs, element)
        yield from _trustkit_android.defects(
            element,
            [
                (one, config.domains)
                for one, config in zip(trustkits, configs, strict=True)
                if one is not None
            ],
        )

    def _unread(self, read: set[int]) -> Iterator[Declaration | Defect]:
        """Pins in an element that Android does not look for there, or does not know."""
        holders = {id(e): e for e in self._root.find_all("pin-set")}
        holders |= {
            id(pin.parent): pin.parent for pin in self._root.find_all("pin") if pin.parent and pin.text.value
        }
        for holder in holders.values():
            if id(holder) in read:
                continue
            lost, within = _first_unread(holder)
            near = holder if holder.name == "domain-config" else holder.parent
            hosts = tuple(_host(domain) for domain in near.named("domain")) if near else ()
            if within.name not in ("base-config", "debug-overrides"):  # there Android throws: see _grammar
                yield Defect(
                    "misplaced", lost.at,
                    f"<{lost.name}> inside <{within.name}>: Android skips it there, so its pins have no effect",
                    "put the pins into the <pin-set> of the <domain-config> of their hosts",
                    tuple(host.text for host in hosts),
                )  # fmt: skip
            if pins := tuple(pin.text for pin in holder.named("pin")):
                yield Declaration(
                    "android-nsc", holder.at, hosts, pins, SEMANTICS, variant=self._variant, read=False
                )

    def _anchors(self, configs: list[_Config]) -> dict[TrustAnchor, tuple[str, ...]]:
        """The trust anchors that count in some of the configs, each with the hosts it counts for."""
        found: dict[TrustAnchor, tuple[str, ...]] = {}
        for config in configs:
            anchors = config.inherited("trust-anchors", self._base)
            for certificates in anchors.named("certificates") if anchors is not None else ():
                if source := certificates.attribute("src"):
                    overrides = certificates.attributes.get("overridePins", "").lower() == "true"
                    anchor = TrustAnchor(source.value, source.at, overrides)
                    found[anchor] = found.get(anchor, ()) + config.names
        return found

    def _cleartext(self, configs: list[_Config]) -> Iterator[Cleartext]:
        found: dict[Text, tuple[str, ...]] = {}
        for config in configs:
            flag = config.inherited_flag("cleartextTrafficPermitted", self._base)
            if config.domains and flag and flag.value.lower() == "true":
                found[flag] = found.get(flag, ()) + config.names
        return (Cleartext(flag.at, hosts) for flag, hosts in found.items())

    def _overrides(self, configs: list[_Config], pin_set: xml.Element) -> Iterator[Defect]:
        """Trust anchors whose chains skip the pins, and user anchors on a pinned host."""
        until = ", until they expire" if pin_set.attribute("expiration") else ""
        for anchor, hosts in self._anchors(configs).items():
            if anchor.overrides_pins:
                yield Defect(
                    "unenforced", anchor.at,
                    f'overridePins="true" outside debug-overrides: Android skips the pins for every chain'
                    f" that ends in an anchor of {anchor.source}, in release builds too",
                    "remove overridePins, or move the entry to <debug-overrides>", hosts,
                )  # fmt: skip
            elif anchor.source == "user":
                yield Defect(
                    "unenforced", anchor.at,
                    f"CAs that users install are trusted here; only the pins stand against them{until}",
                    "move the entry to <debug-overrides> unless users need it", hosts, "note",
                )  # fmt: skip

    # grammar -----------------------------------------------------------------

    def _grammar(self) -> Iterator[Defect]:
        yield from self._once(self._root, "base-config")
        yield from self._once(self._root, "debug-overrides")
        yield from self._domains()
        for config in self._configs:
            yield from self._domain_config(config)
        for name in ("base-config", "debug-overrides"):
            for element in self._root.named(name):
                yield from self._foreign_children(element)
                yield from self._certificates(element)
        yield from self._newer_elements()

    def _once(self, parent: xml.Element, name: str) -> Iterator[Defect]:
        for extra in parent.named(name)[1:]:
            yield _malformed(extra, f"a second <{name}>", "keep one")

    def _domains(self) -> Iterator[Defect]:
        seen: dict[str, Text] = {}
        for config in self._configs:
            for domain in config.domains:
                text = domain.text
                name = text.value.lower()
                if not name:
                    yield _malformed(domain, "a <domain> without a name", "write the host name, or remove it")
                elif name in seen:
                    yield Defect(
                        "malformed", text.at,
                        f"{name} is declared twice, first in line {seen[name].at.line}: {CRASH}",
                        "keep one of the two", (text.value,),
                    )  # fmt: skip
                else:
                    seen[name] = text

    def _domain_config(self, config: _Config) -> Iterator[Defect]:
        element = config.element
        if not config.domains:
            yield _malformed(
                element, "a <domain-config> without a <domain> of its own", "add its <domain>, or remove it"
            )
        yield from self._once(element, "pin-set")
        yield from self._once(element, "trust-anchors")
        yield from self._certificates(element)
        hosts = tuple(domain.text.value for domain in config.domains)
        for pin_set in element.named("pin-set"):
            yield from _pins(pin_set, hosts)

    def _foreign_children(self, element: xml.Element) -> Iterator[Defect]:
        debug = element.name == "debug-overrides"
        for child in element.children:
            if child.name in ("domain", "pin-set", "domain-config"):
                yield Defect(
                    "malformed", child.at,
                    f"<{child.name}> inside <{element.name}>: {'in debug builds ' if debug else ''}{CRASH}",
                    "move it to a <domain-config> under the root",
                    severity="warning" if debug else None, context="debug" if debug else None,
                )  # fmt: skip

    def _newer_elements(self) -> Iterator[Defect]:
        """What only newer releases read, and refuse."""
        for debug in self._root.named("debug-overrides"):
            for transparency in debug.named("certificateTransparency"):
                yield Defect(
                    "malformed", transparency.at,
                    "<certificateTransparency> inside <debug-overrides>: Android 16 and later throw on it in debug"
                    " builds",
                    "move it to <base-config> or <domain-config>", severity="warning", context="debug",
                )  # fmt: skip
        for encryption in self._root.find_all("domainEncryption"):
            mode = encryption.attribute("mode")
            if mode and mode.value not in ("enabled", "disabled", "opportunistic"):
                yield Defect(
                    "malformed", mode.at, f'mode="{mode.value}" of <domainEncryption> is none that Android documents',
                    "write enabled or disabled", severity="warning",
                )  # fmt: skip

    def _certificates(self, element: xml.Element) -> Iterator[Defect]:
        for anchors in element.named("trust-anchors"):
            for certificates in anchors.named("certificates"):
                source = certificates.attribute("src")
                if source is None:
                    yield _malformed(certificates, "<certificates> without src", "add src")
                elif not re.fullmatch(r"system|user|wfa|@.+", source.value):
                    yield _malformed(
                        certificates, f'src="{source.value}" is neither system, user nor a raw resource',
                        "write system, user or @raw/NAME",
                    )  # fmt: skip


def _first_unread(holder: xml.Element) -> tuple[xml.Element, xml.Element]:
    """The outermost element above some pins, or the pins' own, that Android does not read where it stands."""
    line = [holder]
    while line[-1].parent is not None and line[-1].parent.name != _ROOT:
        line.append(line[-1].parent)
    for element in reversed(line[1:]):
        if element.name not in _CONFIGS and element.parent is not None:
            return element, element.parent
    if holder.name == "domain-config":
        return holder.named("pin")[0], holder
    assert holder.parent is not None
    return holder, holder.parent


def _host(domain: xml.Element) -> DeclaredHost:
    flag = domain.attributes.get("includeSubdomains", "").lower()
    return DeclaredHost(domain.text.value, domain.text.at, flag == "true")


def _pins(pin_set: xml.Element, hosts: tuple[str, ...]) -> Iterator[Defect]:
    for pin in pin_set.named("pin"):
        digest = pin.attribute("digest")
        if digest is None:
            yield _malformed(pin, "a <pin> without digest", 'add digest="SHA-256"', hosts)
        elif digest.value.upper() != "SHA-256":
            yield Defect(
                "malformed", digest.at, f'digest="{digest.value}" is not SHA-256: {CRASH}',
                'write digest="SHA-256"', hosts,
            )  # fmt: skip
        if pin.children:
            yield _malformed(pin, "a <pin> with an element inside", "leave only the base64", hosts)
    expiration = pin_set.attribute("expiration")
    if expiration and read_day(expiration.value, "android") is None:
        yield Defect(
            "malformed", expiration.at, f'expiration="{expiration.value}" is no yyyy-MM-dd date: {CRASH}',
            "write it as yyyy-MM-dd", hosts,
        )  # fmt: skip


def _empty(owner: _Config, element: xml.Element, hosts: tuple[str, ...]) -> Defect:
    parent = owner.parent.inherited("pin-set", None) if owner.parent else None
    if parent is not None and parent.named("pin"):
        return Defect(
            "unenforced", element.at,
            f"an empty pin-set switches off the pins inherited from line {parent.at.line}: Android connects unpinned",
            "remove the empty <pin-set/> if these hosts should stay pinned", hosts,
        )  # fmt: skip
    return Defect(
        "unenforced", element.at, "the pin-set holds no pin: Android connects unpinned",
        "add two pins, or remove the pin-set", hosts,
    )  # fmt: skip


def _malformed(element: xml.Element, what: str, remedy: str, hosts: tuple[str, ...] = ()) -> Defect:
    return Defect("malformed", element.at, f"{what}: {CRASH}", remedy, hosts)
