"""Wultra SSL pinning: a signed list of certificate fingerprints, served or bundled as JSON.

Sources: wultra/ssl-pinning-android ``CertStore.kt``, ``model/GetFingerprintResponse.kt``,
``util/CertUtils.kt``, ``util/DateTypeAdapter.kt``, ``integration/SSLPinningX509TrustManager.kt``;
wultra/ssl-pinning-ios ``CertStore+Validation.swift``.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pincheck.model import Declaration, DeclaredHost, Defect, HostSyntax, Semantics, SourceFile, Text
from pincheck.readers import json_text
from pincheck.readers.dates import read_day
from pincheck.readers.tree import Node
from pincheck.registry import parser

# ``fingerprint`` is the SHA-256 of the leaf certificate, ``name`` its subject's common name: for a
# wildcard certificate it is ``*.shop.example``. Of several entries with one name any may match; one
# that has expired is skipped, and a name with none left is refused.
SEMANTICS = Semantics(
    client="Wultra",
    platform="any",
    hashed="certificate",
    hosts=HostSyntax(wildcards=("*.",), trims=False),
    refused_pin="it matches no certificate",
    compares="leaf",
    expiry="refused",
    expiry_format="epoch",
    bad_expiry="it refuses the whole list",
    certificate_only=True,
)


class _Entry(NamedTuple):
    """One fingerprint of the list."""

    name: Text
    fingerprint: Text
    expires: Text | None

    @property
    def day(self) -> date | None:
        return read_day(self.expires.value, "epoch") if self.expires else None


@parser(files=("*.json",), markers=(b'"fingerprints"',))
def parse(source: SourceFile) -> Iterator[Declaration | Defect]:
    """Yield a declaration for each name, with the fingerprints of all its entries.

    The declaration expires with the last of them.
    """
    if not _is_list(source.data):
        return
    by_name: dict[str, list[_Entry]] = {}
    for entry in _entries(json_text.read(source)):
        by_name.setdefault(entry.name.value, []).append(entry)
    for name, entries in by_name.items():
        yield Declaration(
            mechanism="wultra-json",
            at=entries[0].name.at,
            hosts=(DeclaredHost(name, entries[0].name.at),),
            pins=tuple(entry.fingerprint for entry in entries),
            semantics=SEMANTICS,
            expires=max(entries, key=lambda entry: entry.day or date.min).expires,
            dynamic=True,
        )
        yield from _bad_dates(name, entries)


def _is_list(data: bytes) -> bool:
    """Tell whether an entry may stand in a file; the names of its keys alone stand in many others."""
    return bool(re.search(rb'"fingerprint"\s*:\s*"', data.replace(b"\0", b"")))


def _entries(root: Node) -> Iterator[_Entry]:
    """The entries; other formats have a list of this name too, of things without these keys."""
    listed = root.get("fingerprints")
    for node in listed.items if listed else ():
        name, fingerprint, expires = (node.get(key) for key in ("name", "fingerprint", "expires"))
        if name and fingerprint and name.kind == fingerprint.kind == "text":
            yield _Entry(name.text, fingerprint.text, expires and expires.text)


def _bad_dates(name: str, entries: list[_Entry]) -> Iterator[Defect]:
    for entry in entries:
        if entry.expires and entry.day is None:
            digits = entry.expires.value
            milliseconds = digits.isdecimal() and read_day(digits[:-3], "epoch")
            what, effect = f'is "{digits[:40]}"', SEMANTICS.bad_expiry
            if milliseconds:
                what, effect = "is in milliseconds", "the entry never expires"
            yield Defect(
                "malformed", entry.expires.at,
                f"expires {what}, where Wultra reads Unix seconds, so {effect}",
                "write the certificate's not-after date in seconds since 1970", (name,),
                "warning",
            )  # fmt: skip
