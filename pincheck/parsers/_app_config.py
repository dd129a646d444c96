"""Declarations out of an app's own documents, whatever their format."""

import re
from collections.abc import Iterator

from pincheck.model import Declaration, DeclaredHost, Gap, SourceFile
from pincheck.parsers._followed import host_of
from pincheck.parsers._near_hosts import groups, has_pins, holds_pin
from pincheck.parsers.pin_literals import SEMANTICS
from pincheck.readers import json_text, shapes
from pincheck.readers.tree import Node

MARKERS = tuple(
    b"""
    sha256/ sha1/ SHA256/ pin-sha256 pinning Pinning PINNING pinned Pinned PINNED pins Pins PINS _PIN _pin
    Pin" pin" ublicKeyHash public_key_hash PUBLIC_KEY_HASH ublic-key-hash pubKeys pub_keys ublicKeys public_keys
    spki SPKI ertificateHash certificate_hash ertFingerprint cert_fingerprint CERT_FINGERPRINT
    ertificateFingerprint SHA_FINGERPRINT ThumbPrint humbprint
    fingerprints Fingerprints "sha256" "SHA256" "sha-256" "SHA-256" sha256</key> SHA256</key>
""".split()
)
"""Words of the keys under which apps keep pins, and the prefixes of pins."""
_NEVER = (
    r"(?i)(?:^|/)(?:package(?:-lock)?\.json|composer\.(?:json|lock)|[^/]*[.-]lock(?:\.ya?ml|\.json)?|Package\.resolved"
    r"|google-services[^/]*\.json|GoogleService-Info[^/]*\.plist|assetlinks\.json|apple-app-site-association"
    r"|verification-metadata\.xml|[^/]*\.xcassets/.*|[^/]*\.lproj/.*|(?:openapi|swagger)[^/]*|[^/]*\.schema\.json"
    r"|pinset\.json)$"
)
"""Files that hold hashes of other things, or are read as a format of their own."""

_WHOLE_WORDS = (b"pinning", b"pinned", b"pins")
"""Of these markers, the ones that stand inside other words: ``spinning``, ``opinions``."""


MAX_GROUPS = 10_000
"""Sets of pins in one document."""


def is_candidate(source: SourceFile) -> bool:
    """Tell whether a file may hold pins: by its name, by texts of their shape, by a word that speaks of them."""
    if re.search(_NEVER, source.path) or not shapes.stands_in(source.data):
        return False
    spoken = [marker for marker in MARKERS if marker in source.data]
    return not spoken or any(
        marker not in _WHOLE_WORDS or re.search(rb"(?<![a-z])" + marker + rb"(?![a-z])", source.data)
        for marker in spoken
    )


def declarations(
    source: SourceFile, root: Node, mechanism: str, flat: bool = False
) -> Iterator[Declaration | Gap]:
    """Yield the groups of pins in a document; a gap for those after ``MAX_GROUPS``."""
    for number, group in enumerate(groups(root, _stem(source), flat)):
        if number == MAX_GROUPS:
            yield Gap(
                mechanism, group.pins[0].at, f"pins of more than {MAX_GROUPS:,} hosts are too many to judge"
            )
            return
        yield Declaration(
            mechanism=mechanism,
            at=group.pins[0].at,
            hosts=tuple(DeclaredHost(host_of(text).value, host_of(text).at) for text in group.hosts),
            pins=group.pins,
            semantics=SEMANTICS._replace(hashed=group.hashed),
            expires=group.expires,
            inferred=True,
        )


def is_without_pins(source: SourceFile) -> bool:
    """Tell whether a JSON file surely holds none, before it is read with all its places."""
    found = json_text.sketch(source, holds_pin)
    return found is not None and not has_pins(found, _stem(source))


def _stem(source: SourceFile) -> str:
    return source.path.rpartition("/")[2].partition(".")[0]
