"""What the proposals are made of: the report, the policy and the text of the files."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from pincheck.edits import NotText, Page
from pincheck.model import DeclaredPin, Edit, Finding, Location, Pin, PinSet, Policy, Report, Semantics, Text
from pincheck.readers.pin_text import read_pin

Read = Callable[[str], bytes | None]
"""Who reads a file of the tree that was checked, by its path."""
SIGNED = frozenset({"wultra-json"})
"""Mechanisms that sign pin and expiration: who changes one has to sign again."""


class Proposal(NamedTuple):
    """Edits for a finding, and what they are to come to."""

    finding: Finding
    says: str
    edits: tuple[Edit, ...]
    """All in one file, in order, without overlap."""
    announced: Callable[[PinSet], tuple[PinSet, ...]]
    """What becomes of each pin set, itself and new ones behind it; places do not count."""
    pins: tuple[str, ...] = ()
    """The texts of the pins that it writes."""
    reshapes: str = ""
    """How it adds or removes a pin, by a word; empty if it writes another text in the place of one."""

    @property
    def key(self) -> tuple[object, ...]:
        """Alike for proposals that do the same for several findings."""
        return self.edits, self.reshapes


class Known:
    """The report and what can be looked up in it, each thing once."""

    def __init__(self, report: Report, policy: Policy, read: Read) -> None:
        self.report = report
        self.policy = policy
        self._read = read
        self._pages: dict[str, Page | None] = {}

    def page(self, path: str) -> Page | None:
        """The text of a file; None if it is none that can be edited."""
        if path not in self._pages:
            data = None if path in self._signed else self._read(path)
            try:
                self._pages[path] = None if data is None else Page(path, data)
            except NotText:
                self._pages[path] = None
        return self._pages[path]

    def text_at(self, at: Location) -> str:
        """What stands at a place of a file that can be edited, else an empty string."""
        page = self.page(at.path)
        span = page.span(at) if page else None
        return page.text[slice(*span)] if page and span else ""

    def users(self, at: Location) -> Sequence[tuple[PinSet, DeclaredPin]]:
        """The pins that are written at a place, with their pin sets: a constant may serve several."""
        return self._users.get(at, ())

    @cached_property
    def _signed(self) -> frozenset[str]:
        sets = self.report.project.pin_sets
        return frozenset(pin_set.at.path for pin_set in sets if pin_set.mechanism in SIGNED)

    @cached_property
    def _users(self) -> dict[Location, list[tuple[PinSet, DeclaredPin]]]:
        found: dict[Location, list[tuple[PinSet, DeclaredPin]]] = {}
        for pin_set in self.report.project.pin_sets:
            for pin in pin_set.pins:
                found.setdefault(pin.at, []).append((pin_set, pin))
        return found

    @cached_property
    def certificates(self) -> dict[bytes, tuple[bytes, str]]:
        """By the SHA-256 of a whole certificate that is at hand: its DER, and what to call where it is from."""
        seen = self.report.survey.observations if self.report.survey else ()
        served = [(der, each.target.host) for each in seen for der in each.served]
        filed = [(der, file.path) for file in self.report.project.certificate_files for der in file.ders]
        return {sha256(der).digest(): (der, name) for der, name in reversed([*filed, *served])}

    @cached_property
    def keys(self) -> frozenset[Pin]:
        """The SPKI pins that are known to be of a key: proven, stated, or written without fault elsewhere."""
        knowledge = self.report.knowledge
        proven = (
            {pin for pin, identity in knowledge.identities.items() if identity.is_proven}
            if knowledge
            else set()
        )
        stated = {pin.pin for host in self.policy.hosts for pin in host.pins}
        written = {
            pin.pin
            for pin_set in self.report.project.pin_sets
            for pin in pin_set.pins
            if pin.pin and not (pin.fault or pin.suspicion or pin.placeholder or pin_set.inferred)
        }
        return frozenset((proven | stated | written) - self._whole)

    @cached_property
    def _whole(self) -> set[Pin]:
        """What would be pins of keys, were they not hashes of whole certificates."""
        return {Pin("spki", "sha256", digest) for digest in self.certificates}


def respelt(
    finding: Finding, pin_set: PinSet, pin: DeclaredPin, meant: Pin, known: Known, says: str
) -> Iterator[Proposal]:
    """Propose that a pin's text be that of ``meant``, if its client reads it so."""
    there = known.text_at(pin.at)
    text = spelling_of(meant, pin_set.semantics, pin.text)
    new = rewritten(pin, there, text)
    read = read_as(pin, text, pin_set)
    if new is None or new == there or read.pin != meant or read.fault or read.suspicion:
        return

    def announced(other: PinSet) -> tuple[PinSet]:
        pins = (
            read_as(each, each.text[: len(each.text) - len(there)] + new, other)
            if each.at == pin.at
            else each
            for each in other.pins
        )
        return (other._replace(pins=tuple(pins)),)

    yield Proposal(finding, says, (Edit(pin.at, new),), announced, (text,))


def spelling_of(pin: Pin, semantics: Semantics, like: str = "") -> str:
    """The text that the client reads as a pin; an optional prefix stands as in the text ``like``."""
    codec = semantics.codec
    prefixed = codec.prefix == "required" or (codec.prefix == "optional" and like.startswith(codec.spelling))
    return (codec.spelling if prefixed else "") + pin.base64


def rewritten(pin: DeclaredPin, there: str, new: str) -> str | None:
    """What has to stand at a pin's place for its whole text to be ``new``; None if that is not to be told.

    ``there`` is what stands at the place: the text, or the end of it where code puts a prefix before it.
    """
    if not there or not pin.text.endswith(there):
        return None
    lead = pin.text[: len(pin.text) - len(there)]
    return new[len(lead) :] if new.startswith(lead) else None


def read_as(pin: DeclaredPin, text: str, pin_set: PinSet) -> DeclaredPin:
    """What the client makes of another text at a pin's place."""
    return read_pin(Text(text, pin.at), pin_set.semantics)


def is_clean(pin: DeclaredPin) -> bool:
    """Tell whether nothing is wrong with a pin as it is written."""
    return bool(pin.pin) and not (pin.fault or pin.suspicion or pin.placeholder or pin.certificate_file)


def start(text: str) -> str:
    """The start of a pin, as messages show it."""
    return shown(text[:12]) + ("…" if len(text) > 12 else "")


def shown(text: str) -> str:
    """The text without anything that a terminal would obey, at most 80 characters."""
    return "".join(character if character.isprintable() else "?" for character in text[:80])


Propose = Callable[[Finding, Known], Iterator[Proposal]]
"""What may mend a finding, the best first."""
