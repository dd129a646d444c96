"""crt.sh (Sectigo): certificates for exactly a name; the key takes one more request for each.

Source: the service's own JSON: ``id``, ``issuer_name``, ``name_value`` (names, one a line), ``not_before``,
``not_after`` (UTC, without zone) and ``serial_number``; ``?d=ID`` gives the certificate in PEM. It tells neither the
issuer's key nor revocation in this form.
"""

from collections.abc import Container, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pincheck.ct.asking import Asking, Incomplete, NoAnswer, day, organisation, text
from pincheck.ct.names import covering, wildcard
from pincheck.model.knowledge import Issuance

NAME = "crt.sh"
MAX_CERTIFICATES = 20
"""How many are fetched for a host in a run, the newest first; those that are known are not fetched again."""
MAX_ROWS = 20_000


class Row(NamedTuple):
    """A line of the list."""

    start: str
    identifier: str
    same: tuple[str, str]
    """Issuer and serial number: equal for a precertificate and its certificate (RFC 6962 §3.1)."""


class Listing(NamedTuple):
    """What the service lists on a host."""

    rows: tuple[Row, ...]
    """Newest first, one for each issuance."""
    foreign: int = 0
    unreadable: int = 0


def listing(asking: Asking, address: str, host: str) -> Listing:
    """The unexpired certificates for a host and for the wildcard above it; raise ``NoAnswer`` if that fails."""
    rows: dict[tuple[str, str], Row] = {}
    foreign = unreadable = 0
    for name in (host, wildcard(host)):
        asked = urlencode({"q": name, "output": "json", "exclude": "expired", "deduplicate": "Y"})
        found = asking.json(f"{address.rstrip('/')}/?{asked}", {})
        if not isinstance(found, list):
            raise NoAnswer("answers with something that is no list of certificates")
        if len(found) > MAX_ROWS:
            raise NoAnswer(f"lists more than {MAX_ROWS:,} certificates on it")
        for entry in found:
            try:
                row = _row(entry, host)
            except (ValueError, TypeError, KeyError, AttributeError):
                unreadable += 1
                continue
            if row:
                rows.setdefault(row.same, row)
            foreign += row is None
    return Listing(tuple(sorted(rows.values(), reverse=True)), foreign, unreadable)


def certificates(
    asking: Asking, address: str, host: str, rows: tuple[Row, ...], known: Container[str]
) -> Iterator[tuple[str, Issuance]]:
    """The issuances behind the newest rows that are not known; raise ``NoAnswer`` at the first that fails."""
    unknown = [row for row in rows if row.identifier not in known]
    for row in unknown[:MAX_CERTIFICATES]:
        body = asking.text(f"{address.rstrip('/')}/?d={row.identifier}", {})
        issuance = _issuance(body, host)
        if issuance:
            yield row.identifier, issuance
    if len(unknown) > MAX_CERTIFICATES:
        number = len(unknown) - MAX_CERTIFICATES
        raise Incomplete(f"has {number:,} more on it, older ones, than are fetched in a run")


def _row(entry: dict[str, Any], host: str) -> Row | None:
    names = [*text(entry["name_value"], 500_000).split("\n"), text(entry.get("common_name") or "", 300)]
    identifier = entry["id"]
    if type(identifier) is not int or not 0 < identifier < 10**18:
        raise ValueError
    start = day(entry["not_before"]).isoformat()
    same = text(entry["issuer_name"], 2000), text(entry["serial_number"], 100)
    return Row(start, str(identifier), same) if covering(names, host) else None


def _issuance(body: bytes, host: str) -> Issuance | None:
    """What a certificate in PEM says; None if it is of other hosts. Raise ``NoAnswer`` if it is none."""
    from pincheck.pki.certificates import MAX_SIZE, BadCertificate, open_der, read

    try:
        first = read(body[: 2 * MAX_SIZE])[0]
    except BadCertificate:
        raise NoAnswer("answers with something that is no certificate") from None
    opened = open_der(first.der)
    name = covering(opened.dns_names, host) if opened else ""
    if not name:
        return None
    return Issuance(
        name,
        first.spki,
        first.issuer,
        organisation(first.issuer),
        first.not_before.date(),
        first.not_after.date(),
        False,
        NAME,
    )
