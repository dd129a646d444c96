"""Reports of the Common CA Database (CSV) -> the keys of TLS CAs, and Mozilla's roots.

Source: the reports "All Certificate Information" (version 5) and "All Certificate PEMs" that
https://www.ccadb.org/resources lists.
"""

import csv
import os
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from pincheck.model.knowledge import CaKey
from pincheck.model.pins import Pin
from pincheck.pki import certificates
from pincheck.pki.certificates import Opened

ADDRESS = "https://ccadb.my.salesforce-sites.com/ccadb"
FIRST_YEAR = 1994
"""The oldest certificate of the database starts in it."""


class Broken(Exception):
    """The reports cannot be used; the message says which one, and why."""


class Report(NamedTuple):
    """A report to fetch."""

    name: str
    """Of the file it is kept in."""
    address: str
    """Below the service's."""
    most_bytes: int


class Rebuilt(NamedTuple):
    """What the reports tell."""

    keys: tuple[CaKey, ...]
    """Of TLS CAs that chain, or chained, to a root that some platform shipped; expired and revoked ones too."""
    mozilla: tuple[bytes, ...]
    """Certificates (DER) of the roots that Mozilla trusts for TLS, by SHA-256."""
    unreadable: int
    """Rows that were left out because their certificate cannot be read."""


def reports(today: date) -> tuple[Report, ...]:
    """The reports: the records first, then the certificates of every year."""
    records = Report("records.csv", "AllCertificateRecordsCSVFormatv5", 40 * 1024 * 1024)
    years = range(FIRST_YEAR, today.year + 1)
    pems = (
        Report(f"pems-{year}.csv", f"AllCertificatePEMsCSVFormat?NotBeforeYear={year}", 16 * 1024 * 1024)
        for year in years
    )
    return (records, *pems)


def read(paths: Sequence[str], known: Iterable[CaKey] = ()) -> Rebuilt:
    """Read the reports, in the order of ``reports``; raise ``Broken``.

    Owners are called as in ``known`` where that holds keys of theirs. The result does not depend on the
    order of rows.
    """
    found, unreadable = _certificates(paths[1:])
    records = {record.fingerprint: record for record in _records(paths[0])}
    at_hand = {each: records[each] for each in sorted(records) if each in found}
    _expect_fit(len(at_hand) + unreadable, len(records), len(found))
    holders = _Holders(at_hand, found, known)
    mozilla = (found[each].facts.der for each, record in at_hand.items() if record.mozilla)
    return Rebuilt(tuple(holders.keys()), tuple(mozilla), unreadable)


def _expect_fit(matched: int, records: int, certificates: int) -> None:
    """Raise ``Broken`` if a part of a report must be missing: a few rows never fit, a fifth of them do."""
    most = max(records, certificates)
    if not records or matched * 5 < most * 4:
        raise Broken(f"the reports do not fit together: {records} records, {certificates} certificates")


# keys -------------------------------------------------------------------------


class _Record(NamedTuple):
    fingerprint: str
    """SHA-256 of the certificate, hex in upper case; so is the parent's."""
    parent: str
    root: bool
    shipped: bool
    """Some platform has, or had, this root in its store."""
    mozilla: bool
    owner: str
    holder: str
    """The organisation that was given the CA by the owner, if it is another."""


class _Holders:
    """Records and certificates by key."""

    def __init__(
        self, records: Mapping[str, _Record], found: Mapping[str, Opened], known: Iterable[CaKey]
    ) -> None:
        self._found = found
        self._records: dict[Pin, list[_Record]] = {}
        self._above: dict[Pin, set[Pin]] = {}
        for record in records.values():
            key = found[record.fingerprint].facts.spki
            self._records.setdefault(key, []).append(record)
            above = self._above.setdefault(key, set())
            if record.parent in records:
                above.add(found[record.parent].facts.spki)
        self._operators = {key: self._operator(key) for key in self._records}
        self._called = self._names(known)

    def keys(self) -> Iterator[CaKey]:
        """The keys, by pin."""
        for key in sorted(self._records, key=lambda pin: pin.base64):
            roots = [each for each in self._chain(key) if self._is(each, "root")]
            serves = any(self._found[record.fingerprint].serves for record in self._records[key])
            if serves and any(self._is(root, "shipped") for root in roots):
                yield self._made(key, roots)

    def _made(self, key: Pin, roots: Iterable[Pin]) -> CaKey:
        all_facts = [self._found[record.fingerprint].facts for record in self._records[key]]
        newest = max(all_facts, key=lambda facts: (facts.not_before, facts.der))
        return CaKey(
            spki=key,
            kind="root" if self._is(key, "root") else "intermediate",
            operator=self._name(key),
            root_operators=tuple(sorted({self._name(root) for root in roots})),
            name=_name(newest.subject),
            not_before=min(facts.not_before for facts in all_facts).date(),
            not_after=max(facts.not_after for facts in all_facts).date(),
        )

    def _is(self, key: Pin, what: str) -> bool:
        return any(getattr(record, what) for record in self._records[key])

    def _chain(self, key: Pin) -> set[Pin]:
        """The key and all above it; cross-signs may go round in circles."""
        seen, left = {key}, [key]
        while left:
            above = self._above[left.pop()] - seen
            seen |= above
            left += above
        return seen

    def _operator(self, key: Pin) -> str:
        """Who holds a key: of a root its owner, else who was given it, by the newest certificate that tells."""

        def rank(record: _Record) -> tuple[bool, bool, str, str]:
            started = self._found[record.fingerprint].facts.not_before.isoformat()
            return record.root, bool(record.holder), started, record.fingerprint

        best = max(self._records[key], key=rank)
        return best.owner if best.root else best.holder or best.owner

    def _name(self, key: Pin) -> str:
        operator = self._operators[key]
        return self._called.get(operator, operator)

    def _names(self, known: Iterable[CaKey]) -> dict[str, str]:
        """What owners are called in another table: by most of their keys there, roots first."""
        votes: dict[str, Counter[str]] = {}
        for key in known:
            if operator := self._operators.get(key.spki):
                votes.setdefault(operator, Counter())[key.operator] += 1000 if key.kind == "root" else 1
        return {
            operator: min(names, key=lambda name: (-names[name], name)) for operator, names in votes.items()
        }


def _name(subject: str) -> str:
    """The common name in RFC 4514 text, else the unit or the organisation; all of it if there is none."""
    for kind in ("CN", "OU", "O"):
        if found := re.search(rf"(?:^|[,+]){kind}=((?:\\.|[^,+\\])*)", subject):
            return re.sub(r"\\(.)", r"\1", found[1])
    return subject


# reports ----------------------------------------------------------------------

_FINGERPRINT, _PEM, _TYPE, _OWNER = (
    "SHA-256 Fingerprint", "X.509 Certificate (PEM)", "Certificate Record Type", "CA Owner",
)  # fmt: skip
_PARENT, _MOZILLA = "Parent SHA-256 Fingerprint", "Mozilla Status"
_OTHERS = ("Apple Status", "Chrome Status", "Microsoft Status")
_HOLDER, _TLS = "Subordinate CA Owner", "TLS Capable"
_SHIPPED = {"included", "removed", "change requested", "disabled", "notbefore"}
"""What the status of a root reads that is, or was, in a store; not yet, never and blocked are none of it."""


def _records(path: str) -> Iterator[_Record]:
    needed = (_FINGERPRINT, _PARENT, _TYPE, _OWNER, _MOZILLA, *_OTHERS)
    for row in _rows(path, needed, optional=(_HOLDER, _TLS)):
        kind, fingerprint = row[_TYPE].strip(), _hex(row[_FINGERPRINT])
        if fingerprint and kind in ("Root Certificate", "Intermediate Certificate"):
            root, mozilla = kind == "Root Certificate", row[_MOZILLA].strip().lower()
            statuses = {mozilla, *(row[name].strip().lower() for name in _OTHERS)}
            yield _Record(
                fingerprint,
                _hex(row[_PARENT]),
                root,
                root and not _SHIPPED.isdisjoint(statuses),
                root and mozilla == "included" and row[_TLS].strip().lower() != "false",
                row[_OWNER].strip(),
                row[_HOLDER].strip(),
            )


def _certificates(paths: Sequence[str]) -> tuple[dict[str, Opened], int]:
    """The certificates by SHA-256, and how many rows hold none that can be read."""
    found: dict[str, Opened] = {}
    unreadable = 0
    for path in paths:
        # A year without certificates may be a report without even a header.
        for row in _rows(path, (_FINGERPRINT, _PEM)) if os.path.getsize(path) else ():
            opened = certificates.open_der(_der(row[_PEM]))
            if opened and opened.digest.hex().upper() == _hex(row[_FINGERPRINT]):
                found[opened.digest.hex().upper()] = opened
            else:
                unreadable += 1
    return found, unreadable


def _der(pem: str) -> bytes:
    body = re.search(r"-----BEGIN CERTIFICATE-----([^-]{1,100000})-----END CERTIFICATE-----", pem)
    try:
        return b64decode(body[1]) if body else b""
    except ValueError:
        return b""


def _hex(text: str) -> str:
    """A fingerprint in upper case, without colons; empty if it is none."""
    digits = text.replace(":", "").strip().upper()
    return digits if re.fullmatch("[0-9A-F]{64}", digits) else ""


def _rows(path: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """The wanted columns of each row, in whatever order they stand; raise ``Broken``.

    A row of another length is left out, but the last may not be one: the report is then cut short.
    """
    whole, name = True, os.path.basename(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [column.strip() for column in next(rows, [])]
            if missing := [column for column in needed if column not in header]:
                raise Broken(f"{name} is no report of the CCADB: it has no column {missing[0]}")
            at = {column: header.index(column) for column in (*needed, *optional) if column in header}
            for row in rows:
                if whole := len(row) == len(header):
                    yield dict.fromkeys(optional, "") | {column: row[i] for column, i in at.items()}
    except (csv.Error, UnicodeDecodeError):
        raise Broken(f"{name} is cut short or damaged") from None
    if not whole:
        raise Broken(f"{name} is cut short")
