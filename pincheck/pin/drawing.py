"""Listings of pins -> text: a table for people, or JSON."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from pincheck.model.chains import Observation
from pincheck.outputs._cells import padded, width
from pincheck.outputs._escape import clipped, visible
from pincheck.pin.listing import ROLES, Chain, Listing, Row

ADVICE = (
    "pin the leaf's key and a spare key of another CA: a leaf pin breaks when the host changes its key,"
    " a CA pin when it changes its CA"
)

_WIDEST = 48
_HEAD = ("ROLE", "PIN", "KEY", "NOT AFTER", "SUBJECT")


def as_table(listings: Sequence[Listing]) -> str:
    """Return a table for each chain and file, one line for each key, and what to do with them."""
    blocks = [block for listing in listings for block in _blocks(listing)]
    if any(listing.chains for listing in listings):
        blocks.append(ADVICE + "\n")
    return "\n".join(blocks)


def _blocks(listing: Listing) -> Iterator[str]:
    shown = visible(listing.text)
    for chain in listing.chains:
        where = f" {_where(chain.seen)}" if chain.seen else ""
        note = f"{visible(chain.note)}\n" if chain.note else ""
        yield f"{shown}{where}\n{_aligned([_HEAD, *map(_cells, chain.rows)])}{note}"
    by_reason: dict[str, list[str]] = {}
    for address, failure in listing.failures:
        by_reason.setdefault(failure.reason, []).append(address)
    for reason, addresses in by_reason.items():
        at = f" {_at(addresses)}" if any(addresses) else ""
        yield f"{shown}{at}: {visible(reason)}\n"


def _where(seen: Sequence[Observation]) -> str:
    """``at 203.0.113.7 and 2 more, TLS 1.3, TLS 1.2 with RSA``."""
    addresses = _at(dict.fromkeys(each.address for each in seen))
    kinds = dict.fromkeys(map(_kind, seen))
    return ", ".join(part for part in (addresses, *kinds) if part)


def _at(addresses: Iterable[str]) -> str:
    known = [visible(each) for each in addresses if each]
    if len(known) > 2:
        return f"at {known[0]} and {len(known) - 1} more"
    return f"at {' and '.join(known)}" if known else ""


def _kind(seen: Observation) -> str:
    offer = {"default": "", "rsa": " with RSA", "ecdsa": " with ECDSA"}[seen.offer]
    return visible(seen.protocol.replace("v", " ")) + offer


def _cells(row: Row) -> tuple[str, ...]:
    role = ROLES[row.role] if row.what == "certificate" else row.what
    subject = visible(row.subject, 200) or "-"
    return (
        role,
        row.pin.base64,
        visible(row.key, _WIDEST),
        str(row.certificate.not_after.date()) if row.certificate and row.certificate.der else "-",
        f"{subject} ({visible(row.note)})" if row.note else subject,
    )


def _aligned(table: Sequence[tuple[str, ...]]) -> str:
    shown = [(*(clipped(cell, _WIDEST) for cell in line[:-1]), line[-1]) for line in table]
    widths = [max(width(line[column]) for line in shown) for column in range(len(_HEAD) - 1)]
    return "".join(
        "  ".join((*(padded(cell, cells) for cell, cells in zip(line, widths, strict=False)), line[-1]))
        + "\n"
        for line in shown
    )


# JSON --------------------------------------------------------------------------


def as_json(listings: Sequence[Listing]) -> str:
    """Return a JSON object: ``{"version": 1, "targets": [{"target", "host", "port", "chains", "failures"}]}``.

    ``host`` and ``port`` are null for a file. A chain has ``addresses``, ``protocols``, ``offers``, ``verified``
    (null for a file), ``note`` and ``keys`` from leaf to root; times are UTC, hashes hex but for ``pin``, base64.
    """
    from pincheck.outputs._json import text_of

    return text_of({"version": 1, "targets": [_listed(each) for each in listings]})


def _listed(listing: Listing) -> dict[str, Any]:
    return {
        "target": listing.text,
        "host": listing.target.host if listing.target else None,
        "port": listing.target.port if listing.target else None,
        "chains": [_of_chain(chain) for chain in listing.chains],
        "failures": [
            {"address": address or None, "kind": failure.kind, "reason": failure.reason}
            for address, failure in listing.failures
        ],
    }


def _of_chain(chain: Chain) -> dict[str, Any]:
    seen = chain.seen
    return {
        "addresses": [each for each in dict.fromkeys(look.address for look in seen) if each],
        "protocols": [each for each in dict.fromkeys(look.protocol for look in seen) if each],
        "offers": list(dict.fromkeys(look.offer for look in seen)),
        "verified": any(row.used for row in chain.rows) if seen else None,
        "note": chain.note or None,
        "keys": [_of_row(row) for row in chain.rows],
    }


def _of_row(row: Row) -> dict[str, Any]:
    known = row.certificate if row.certificate and row.certificate.der else None
    return {
        "role": row.role,
        "what": row.what,
        "subject": row.subject or None,
        "key": row.key,
        "pin": row.pin.base64,
        "spki_sha256": row.pin.digest.hex(),
        "certificate_sha256": sha256(known.der).hexdigest() if known else None,
        "not_before": _time(known.not_before) if known else None,
        "not_after": _time(known.not_after) if known else None,
        "is_ca": known.is_ca if known else None,
        "sent": row.sent,
        "used": row.used,
        "note": row.note or None,
    }


def _time(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat() + "Z"
