"""Pins in code that no known library is seen to take: checks written by hand, and tables of pins.

A text counts by its shape (``sha256/…``, 32 bytes in base64 or hex) and by what the code around it is
about: the names of variables, keys, functions and types, and whether the file checks a server's key.
What is compared with what is not derived, so nothing is held against the spelling of such a pin; a
declaration of a known format that uses the same text takes its place.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import Declaration, Gap, HostSyntax, PinCodec, Semantics, SourceFile
from pincheck.model.code import Items
from pincheck.parsers import _literals
from pincheck.parsers._followed import declared
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

SEMANTICS = Semantics(
    client="the app",
    platform="any",
    codec=PinCodec(prefix="optional", blanks="trimmed", padding="optional", hexadecimal=True),
    hosts=HostSyntax(wildcards=("*.", "**.")),
    refused_pin="it matches no key",
)

MECHANISMS = {
    # language: (mechanism, platform)
    "kotlin": ("android-custom", "android"),
    "java": ("android-custom", "android"),
    "groovy": ("gradle", "android"),
    "swift": ("ios-custom", "ios"),
    "objc": ("ios-custom", "ios"),
    "dart": ("flutter-custom", "any"),
    "script": ("js-custom", "any"),
    "csharp": ("dotnet-custom", "any"),
    "c": ("native-custom", "any"),
}


_MARKERS = tuple(
    b"""
    sha256/ sha1/ pinning Pinning PINNING pinned Pinned PINNED _PIN ertificatePin erverTrust SecTrust TrustManager
    ublicKeyHash ublicKeyPin SSLPin sslPin badCertificateCallback spki SPKI CertificateHandler
    CustomValidationCallback ertificateFingerprint ertFingerprint SHAFingerprint checkServerTrusted
    validateCertificate certificateHash sslCertificateChecker
""".split()
)


@parser(files=syntax.FILES, markers=_MARKERS, shaped=True)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every group of pin-shaped texts, with the host that stands nearest."""
    about = _NOTHING if syntax.is_too_large(source) else _about(source.data)
    if not shapes.stands_in(source.data, about.compares_sha1):
        return
    module = syntax.read(source)
    mechanism, platform = MECHANISMS[module.language]
    asked = _literals.hosts_asked(module) if about.evaluates else {}
    for group in _literals.found(module, about.compares_sha1):
        if not _is_pin(group, about):
            continue
        at = group.literals[0].at
        owner = group.frame.enclosing("type")
        if not group.hosts and owner is not None and owner.number in asked:
            group = group._replace(hosts=(asked[owner.number],))
        yield Sought(
            at, mechanism, module, group.frame,
            (Items(group.hosts, at), Items(group.literals, at)),
            _reader(group, mechanism, SEMANTICS._replace(platform=platform)),  # type: ignore[arg-type]
        )  # fmt: skip


class _About(NamedTuple):
    """What a file as a whole is about."""

    evaluates: bool
    """It checks a server's key or certificate."""
    signs: bool
    """It checks who signed an app, by hashes that look the same."""
    compares_sha1: bool
    """It checks a server's certificate, and no other."""


_NOTHING = _About(evaluates=False, signs=False, compares_sha1=False)


def _about(data: bytes) -> _About:
    evaluates, signs = bool(re.search(_literals.EVALUATES, data)), bool(re.search(_literals.SIGNS, data))
    return _About(evaluates, signs, evaluates and not signs and not re.search(_literals.OF_APPS, data))


def _is_pin(group: _literals.PinLiterals, about: _About) -> bool:
    """Tell whether texts that look like pins are pins: a prefix says so, else what is around them."""
    kinds = {shapes.shape(each.value) for each in group.literals}
    if "prefixed" in kinds:
        return True
    if _literals.speaks_of_others(group.words) or (about.signs and not _literals.names_pinning(group.words)):
        return False
    if _literals.speaks_of_pins(group.words):
        return True
    if about.evaluates and not kinds & {"base64"}:
        return _literals.speaks_of_hashes(group.words)
    return about.evaluates and "base64" in kinds and _literals.speaks_of_keys(group.words)


def _reader(
    group: _literals.PinLiterals, mechanism: str, semantics: Semantics
) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    hashed = "certificate" if _is_certificate_hash(group) else "spki"

    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        hosts, pins = followed.values
        yield from declared(
            mechanism, group.literals[0].at, followed, hosts, pins,
            semantics._replace(hashed=hashed), inferred=True,  # type: ignore[arg-type]
        )  # fmt: skip

    return read


def _is_certificate_hash(group: _literals.PinLiterals) -> bool:
    """Hex is how certificates' fingerprints are written, unless the names say that a key is meant."""
    is_hex = all(shapes.shape(each.value) in ("hex", "") for each in group.literals)
    return is_hex and not group.words & {"key", "keys", "spki", "pubkey", "publickey"}
