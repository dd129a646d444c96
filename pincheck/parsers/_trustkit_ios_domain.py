"""One domain of TrustKit's configuration: its pins, its flags, its expiration, or its exclusion.

Sources: datatheorem/TrustKit up to 3.0.7, ``parse_configuration.m`` and ``configuration_utils.m``.
"""

import re
from collections.abc import Iterator

from pincheck.model import Declaration, DeclaredHost, Defect, Gap, Location, Severity, Text
from pincheck.parsers._info_plist import build_setting, shown, texts
from pincheck.parsers._trustkit_ios_keys import (
    CATCHALL,
    CRASH,
    DOCUMENTED_EXCLUDE,
    DOMAIN_KEYS,
    DOMAINS,
    ENFORCE,
    EXCLUDE,
    EXPIRES,
    GLOBAL_KEYS,
    HASHES,
    INCLUDE,
    MECHANISM,
    REPORT_KEYS,
    REPORTING,
    REPORTS,
    SEMANTICS,
    Found,
    last,
    malformed,
    misplaced,
    truth,
)
from pincheck.parsers._trustkit_ios_name import bad_name
from pincheck.readers.dates import read_day
from pincheck.readers.pin_text import read_pin
from pincheck.readers.tree import Node
from pincheck.readers.words import CERTAIN, nearest


class Domain:
    """A host and its policy."""

    def __init__(self, key: Text, node: Node, target: str, read: bool) -> None:
        self._key = key
        self._node = node
        self._names = (key.value,)
        self._target = target
        self._read = read

    def parse(self) -> Iterator[Found]:
        """Yield its declaration, gaps and defects."""
        key, node, names = self._key, self._node, self._names
        if build_setting(key.value):
            yield self._gap(key, "the host", ())
        if key.value != CATCHALL:
            yield from bad_name(key)
        unknown = list(self._unknown_keys())
        yield from unknown
        explained = any(isinstance(item, Declaration) for item in unknown) or node.get(DOCUMENTED_EXCLUDE)
        yield from self._pins(explained=bool(explained))
        if self._enforced is False:
            yield Defect(
                "unenforced", last(node, ENFORCE)[0].at,
                f"{ENFORCE} of {shown(key.value)} is false: TrustKit only reports, and connects whatever the pins say",
                f"set {ENFORCE} to true", names,
            )  # fmt: skip
        yield from _expiration(node, names)
        yield from _reports(node, names)

    def _pins(self, explained: bool) -> Iterator[Found]:
        name, hashes = last(self._node, HASHES) if self._node.get(HASHES) else (self._key, None)
        if hashes is not None and hashes.kind != "list":
            yield malformed(name.at, f"{HASHES} is no array", "make it an array of strings", self._names)
            yield from self.unread(hashes)
            return
        items = hashes.items if hashes else ()
        settings = [item for item in items if build_setting(item.value)]
        pins = tuple(item.text for item in items if item.kind == "text" and not build_setting(item.value))
        for item in settings:
            yield self._gap(item.text, "the pin", self._names)
        for item in items:
            if item.kind != "text":
                yield malformed(
                    item.at, f"an entry of {HASHES} is no string", "write the base64 as a string", self._names
                )
                yield from self.unread(item)
        if pins:
            yield self._declaration(name.at, pins)
        if not settings and not explained:
            yield from self._too_few(name.at, pins)

    def _too_few(self, at: Location, pins: tuple[Text, ...]) -> Iterator[Defect]:
        """TrustKit counts distinct pins."""
        read = (read_pin(pin, SEMANTICS) for pin in pins)
        count = len({pin.pin or pin.text for pin in read})
        if count >= SEMANTICS.minimum_pins or (count == 1 and self._enforced is False):
            return
        what = f"{shown(self._key.value)} has {('no pin', 'only one distinct pin')[count]}, where TrustKit asks for"
        if count == 0 or self._enforced:
            yield malformed(
                at, f"{what} {2 if self._enforced else 1}",
                "add the pin of a spare key" if count else f"add {HASHES} with two pins", self._names,
            )  # fmt: skip
        else:
            yield malformed(
                at, f"{what} 2 if {ENFORCE} turns out true",
                "add the pin of a spare key", self._names, "warning",
            )  # fmt: skip

    def _unknown_keys(self) -> Iterator[Found]:
        key, node, names = self._key, self._node, self._names
        for name, value in node.entries:
            if name.value in DOMAIN_KEYS:
                continue
            if name.value == DOCUMENTED_EXCLUDE:
                if truth(value) is not False:
                    yield misplaced(
                        name.at,
                        f"TrustKit does not know {name.value}: its constant of that name is spelt {EXCLUDE}, so"
                        f" {shown(key.value)} counts as a domain of its own"
                        + ("" if node.get(HASHES) else f" without pins, and {CRASH}"),
                        f"write {EXCLUDE}, without the T", names,
                    )  # fmt: skip
            elif name.value in GLOBAL_KEYS:
                yield misplaced(
                    name.at, f"{name.value} stands inside {shown(key.value)}, where TrustKit does not read it",
                    f"move it beside {DOMAINS}", names, "warning",
                )  # fmt: skip
            elif meant := nearest(name.value, DOMAIN_KEYS, CERTAIN):
                severity: Severity | None = "warning" if meant in REPORT_KEYS else None
                yield misplaced(
                    name.at,
                    f"{shown(key.value)}: TrustKit does not know {shown(name.value)} and ignores it"
                    + (f", finds too few pins, and {CRASH.removeprefix('TrustKit ')}" if meant == HASHES else ""),
                    f"write {meant}", names, severity,
                )  # fmt: skip
                if meant == HASHES:
                    yield from self.unread(value)

    # values -----------------------------------------------------------------------

    @property
    def _enforced(self) -> bool | None:
        """Whether it blocks connections, as it does by default; None if a build setting decides."""
        return truth(self._node.get(ENFORCE), default=True)

    def unread(self, value: Node | None = None) -> Iterator[Declaration]:
        """Keep pins in the inventory that TrustKit never reads: those of ``value``, or of the domain."""
        value = value or self._node
        hashes = value.get(HASHES) or (value if value.kind != "map" else None)
        pins = tuple(text for text in texts(hashes) if not build_setting(text.value)) if hashes else ()
        if pins:
            yield self._declaration(self._key.at, pins, read=False)

    def _declaration(self, at: Location, pins: tuple[Text, ...], read: bool = True) -> Declaration:
        key, expires = self._key, self._node.get(EXPIRES)
        known = expires is not None and expires.kind in ("text", "date") and not build_setting(expires.value)
        include = truth(self._node.get(INCLUDE), default=False) is True
        return Declaration(
            mechanism=MECHANISM,
            at=at,
            hosts=()
            if build_setting(key.value) or key.value == CATCHALL
            else (DeclaredHost(key.value, key.at, include),),
            pins=pins,
            semantics=SEMANTICS if self._enforced else REPORTING._replace(enforced=self._enforced is None),
            expires=expires.text if expires is not None and known else None,
            variant=self._target,
            read=read and self._read,
        )

    def _gap(self, text: Text, what: str, hosts: tuple[str, ...]) -> Gap:
        return Gap(MECHANISM, text.at, f"{what} comes from a build setting", hosts, build_setting(text.value))


def _expiration(node: Node, names: tuple[str, ...]) -> Iterator[Defect | Gap]:
    expires = node.get(EXPIRES)
    if expires is None:
        return
    if setting := build_setting(expires.value):
        yield Gap(MECHANISM, expires.at, "the expiration comes from a build setting", names, setting)
    elif expires.kind != "text":
        yield malformed(
            expires.at, f"{EXPIRES} is no string, so TrustKit may throw when it is initialised",
            "write it as a string, yyyy-MM-dd", names, "warning", "",
        )  # fmt: skip
    elif read_day(expires.value, "iso") is None:
        yield malformed(
            expires.at,
            f"{EXPIRES} {shown(expires.value)!r} is no yyyy-MM-dd date: {SEMANTICS.bad_expiry}, so the pins"
            " stay for ever",
            "write it as yyyy-MM-dd", names, "warning", "",
        )  # fmt: skip


def _reports(node: Node, names: tuple[str, ...]) -> Iterator[Defect]:
    reports = node.get(REPORTS)
    if reports is not None and reports.kind != "list":
        yield malformed(reports.at, f"{REPORTS} is no array", "make it an array of strings", names)
    for report in reports.items if reports else ():
        if not build_setting(report.value) and (not report.value or re.search(_NO_URL, report.value)):
            yield malformed(
                report.at,
                f"{shown(report.value)!r} in {REPORTS} is no URL to iOS 16 and older, where {CRASH}",
                "write the URL with such characters escaped", names, "warning", "",
            )  # fmt: skip


_NO_URL = r"[\s<>\"{}|\\^`]|[^\x00-\x7f]|%(?![0-9A-Fa-f]{2})"
