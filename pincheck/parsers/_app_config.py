"""Declarations out of an app's own documents, whatever their format."""

import re
from collections.abc import Iterator

from pincheck.model import Declaration, DeclaredHost, SourceFile
from pincheck.parsers import _literals
from pincheck.parsers._followed import host_of
from pincheck.parsers._near_hosts import Group, groups
from pincheck.parsers.pin_literals import SEMANTICS
from pincheck.readers.tree import Node

MARKERS = (
    *(
        b"sha256/",
        b"sha1/",
        b"SHA256/",
        b"pin-sha256",
        b"inning",
        b"inned",
        b"pins",
        b"Pins",
        b"PINS",
        b"_PIN",
        b"_pin",
    ),
    *(
        b'Pin"',
        b'pin"',
        b"ublicKeyHash",
        b"public_key_hash",
        b"PUBLIC_KEY_HASH",
        b"ublic-key-hash",
        b"pubKeys",
        b"pub_keys",
    ),
    *(
        b"ublicKeys",
        b"public_keys",
        b"spki",
        b"SPKI",
        b"ertificateHash",
        b"certificate_hash",
        b"ertFingerprint",
    ),
    *(
        b"cert_fingerprint",
        b"CERT_FINGERPRINT",
        b"ertificateFingerprint",
        b"SHA_FINGERPRINT",
        b"ThumbPrint",
        b"humbprint",
    ),
)
"""Words of the keys under which apps keep pins, and the prefixes of pins."""
_NEVER = (
    r"(?i)(?:^|/)(?:package(?:-lock)?\.json|composer\.(?:json|lock)|[^/]*[.-]lock(?:\.ya?ml|\.json)?|Package\.resolved"
    r"|google-services[^/]*\.json|GoogleService-Info[^/]*\.plist|assetlinks\.json|apple-app-site-association"
    r"|verification-metadata\.xml|[^/]*\.xcassets/.*|[^/]*\.lproj/.*|(?:openapi|swagger)[^/]*|[^/]*\.schema\.json"
    r"|pinset\.json)$"
)
"""Files that hold hashes of other things, or are read as a format of their own."""


def is_candidate(source: SourceFile) -> bool:
    """Tell whether a file may hold pins: by its name, and by texts of their shape."""
    return not re.search(_NEVER, source.path) and bool(re.search(_literals.IN_BYTES, source.data))


def declarations(source: SourceFile, root: Node, mechanism: str, flat: bool = False) -> Iterator[Declaration]:
    """Yield the groups of pins in a document."""
    stem = source.path.rpartition("/")[2].partition(".")[0]
    for group in groups(root, stem, flat):
        yield Declaration(
            mechanism=mechanism,
            at=group.pins[0].at,
            hosts=tuple(DeclaredHost(host_of(text).value, host_of(text).at) for text in group.hosts),
            pins=group.pins,
            semantics=SEMANTICS._replace(hashed="certificate" if _is_certificate(group) else "spki"),
            expires=group.expires,
            inferred=True,
        )


def _is_certificate(group: Group) -> bool:
    """Hex is how certificates' fingerprints are written, unless a key is meant."""
    is_hex = all(_literals.shape(pin.value) == "hex" for pin in group.pins)
    return is_hex and not group.words & {"key", "keys", "spki", "pubkey", "public"}
