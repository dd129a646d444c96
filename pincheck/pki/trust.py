"""Which releases of which platforms trust which roots."""

import csv
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pincheck.errors import UsageError
from pincheck.model import Pin
from pincheck.model.chains import Certificate, Platform, Release
from pincheck.pki import certificates
from pincheck.pki.certificates import BadCertificate, Opened

MOZILLA, JVM = Release("any", ""), Release("jvm", "")
_VERSIONS: dict[Platform, str] = {
    "android": "8 9 10 11 12 13 14 15 16 17",
    "ios": "12 12.1.3 13 14 15 15.1 16 16.5 17 18 26",
    "any": "",
    "jvm": "",
}
RELEASES: dict[Platform, tuple[Release, ...]] = {
    platform: tuple(Release(platform, version) for version in versions.split() or [""])
    for platform, versions in _VERSIONS.items()
}
"""All releases that are known, oldest first. A JVM trusts what Mozilla trusts, as far as is known here."""
EVERY = frozenset(release for releases in RELEASES.values() for release in releases)

# The store of Android 10 was never recorded; it is taken to be that of 11 (see data/README.md).
_ALSO = {"11": ("10",)}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Anchor(NamedTuple):
    """A root, or whatever else is trusted to begin with."""

    digest: bytes
    """SHA-256 of the certificate; it tells anchors apart."""
    subject: bytes
    """SHA-256 of the DER of its name."""
    key_id: bytes
    """Subject key identifier; empty if there is none."""
    spki: bytes
    """SHA-256 of the SPKI."""
    name: str
    not_after: datetime
    releases: frozenset[Release]
    """Those whose store holds it."""
    der: bytes = b""
    """The certificate; empty if it is not at hand: then only name and key are known."""

    @property
    def opened(self) -> Opened | None:
        """The certificate, if it is at hand."""
        return certificates.open_der(self.der) if self.der else None

    @property
    def certificate(self) -> Certificate:
        """Its facts; of one that is not at hand, those that the table tells."""
        if opened := self.opened:
            return opened.facts
        subject = "CN=" + re.sub(r'([\\,+"<>;])', r"\\\1", self.name)
        spki = Pin("spki", "sha256", self.spki)
        return Certificate(b"", spki, subject, subject, _LONG_AGO, self.not_after, is_ca=True)


class Trust:
    """Trust anchors, to be found by name, key or certificate."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self.anchors: dict[bytes, Anchor] = {}
        for anchor in anchors:
            self.anchors[anchor.digest] = _united(self.anchors.get(anchor.digest), anchor)
        self._by_subject: dict[bytes, list[Anchor]] = {}
        self._at_hand: dict[bytes, Anchor] = {}
        for anchor in self.anchors.values():
            self._by_subject.setdefault(anchor.subject, []).append(anchor)
            if anchor.der:
                self._at_hand.setdefault(anchor.subject + anchor.spki, anchor)
        self._narrowed: dict[tuple[frozenset[bytes], bool], Trust] = {}

    def releases(self, platform: Platform, minimum: str = "") -> tuple[Release, ...]:
        """The releases of a platform that an app may run on, oldest first.

        ``minimum`` is the oldest version the app installs on: ``8.1``, ``13``. A version between two
        releases has the store of the one before it, so that one counts too; one that is no version
        leaves nothing out.
        """
        known = RELEASES[platform]
        least = _number(minimum)
        older = [release for release in known if _number(release.version) <= least]
        return known[max(len(older) - 1, 0) :]

    def named(self, subject: bytes) -> Sequence[Anchor]:
        """The anchors of a name, given as DER."""
        return self._by_subject.get(sha256(subject).digest(), ())

    def key_holder(self, anchor: Anchor) -> Opened | None:
        """A certificate at hand of an anchor's name and key: its own, or another anchor's."""
        if anchor.der:
            return anchor.opened
        found = self._at_hand.get(anchor.subject + anchor.spki)
        return found.opened if found else None

    def for_client(self, own: Sequence[bytes], system: bool) -> "Trust":
        """What a client trusts that names anchors of its own (DER; what is no certificate is left out)."""
        if not own and system:
            return self
        key = frozenset(own), system
        if key not in self._narrowed:
            if len(self._narrowed) >= 64:
                self._narrowed.clear()
            kept = self.anchors.values() if system else ()
            self._narrowed[key] = Trust([*kept, *anchors(own)])
        return self._narrowed[key]


def load(extra: Sequence[bytes] = ()) -> Trust:
    """The stores of all releases; ``extra`` (DER) are trusted by every one of them."""
    return Trust([*_table(), *anchors(extra)])


def anchors_of(path: str, data: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM or DER file of trust anchors, as DER; raise ``UsageError`` if there is none."""
    try:
        return certificates.ders(data)
    except BadCertificate as error:
        raise UsageError(
            f"{path}: no trust anchor can be read from it ({error}); give certificates in PEM"
        ) from None


def anchors(ders: Iterable[bytes], releases: frozenset[Release] = EVERY) -> Iterator[Anchor]:
    """Certificates (DER) as anchors of some releases; what is no certificate is left out."""
    for der in ders:
        if opened := certificates.open_der(der):
            yield _anchor(opened, releases)


def _anchor(opened: Opened, releases: frozenset[Release]) -> Anchor:
    return Anchor(
        digest=opened.digest,
        subject=sha256(opened.subject).digest(),
        key_id=opened.key_id,
        spki=opened.facts.spki.digest,
        name=opened.facts.name,
        not_after=opened.facts.not_after,
        releases=releases,
        der=opened.facts.der,
    )


def _united(one: Anchor | None, other: Anchor) -> Anchor:
    """One anchor that two sources name."""
    if one is None:
        return other
    return one._replace(releases=one.releases | other.releases, der=one.der or other.der)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version))


# the table, and Mozilla's certificates -----------------------------------------


@lru_cache(maxsize=1)
def _table() -> tuple[Anchor, ...]:
    """The roots of ``data/trust-stores.csv``, with their certificates where Mozilla has them, and Mozilla's others."""
    mozilla = dict(_mozilla())
    rows = [_row(row, mozilla) for row in csv.DictReader(_lines())]
    others = (certificates.open_der(der) for der in mozilla.values())
    return (*rows, *(_anchor(opened, frozenset({MOZILLA, JVM})) for opened in others if opened))


def _lines() -> list[str]:
    table = files("pincheck") / "data" / "trust-stores.csv"
    return table.read_text(encoding="utf-8").splitlines()


def _row(row: dict[str, str], mozilla: dict[bytes, bytes]) -> Anchor:
    """One root; its certificate is taken out of ``mozilla``."""
    digest = bytes.fromhex(row["certificate_sha256"])
    der = mozilla.pop(digest, b"")
    return Anchor(
        digest=digest,
        subject=bytes.fromhex(row["subject_sha256"]),
        key_id=bytes.fromhex(row["subject_key_id"]),
        spki=b64decode(row["spki_sha256"]),
        name=row["name"],
        # A certificate is valid through its last day.
        not_after=datetime.fromisoformat(row["not_after"]).replace(tzinfo=UTC)
        + timedelta(days=1, seconds=-1),
        releases=_holders(row["android"], row["ios"], bool(der)),
        der=der,
    )


@lru_cache(maxsize=1024)
def _holders(android: str, ios: str, mozilla: bool) -> frozenset[Release]:
    versions = android.split()
    versions += [other for version in versions for other in _ALSO.get(version, ())]
    found = {Release("android", version) for version in versions}
    found |= {Release("ios", version) for version in ios.split()}
    return frozenset(found | {MOZILLA, JVM} if mozilla else found)


def _mozilla() -> Iterator[tuple[bytes, bytes]]:
    """SHA-256 and DER of the certificates that ``certifi`` carries, not parsed: that is done for those used."""
    import certifi

    text = Path(certifi.where()).read_bytes()
    for body in re.findall(rb"-----BEGIN CERTIFICATE-----([^-]+)-----END", text):
        der = b64decode(body)
        yield sha256(der).digest(), der
