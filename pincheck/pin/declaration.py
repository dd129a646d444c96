"""Listings of pins -> the lines of a declaration."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from pincheck import declare
from pincheck.errors import UsageError
from pincheck.model import Pin
from pincheck.outputs._escape import visible
from pincheck.pin.listing import ROLES, Listing, Row, missing
from pincheck.pki.key_files import Role


class Declared(NamedTuple):
    """Lines for a declaration, and what the user should know about them."""

    text: str
    notes: tuple[str, ...]


def as_declaration(listings: Sequence[Listing], name: str, roles: Sequence[Role] = ()) -> Declared:
    """Return the lines in a format of ``declare.FORMATS``, with the keys of some roles.

    Without roles: the leaf and the CA directly above, or all keys of a target that has no leaf. The keys of
    files are spares of every host; where no host is among the targets, ``HOST`` stands for it. What was sent
    but is in no verified path is left out. Raise ``UsageError`` if nothing is left.
    """
    form = declare.FORMATS[name]
    wanted = _wanted(form, roles)
    spare = [(each.text, row) for each in listings if not each.target for row in _chosen(each, wanted, form)]
    by_host: dict[str, list[tuple[str, Row]]] = {}
    for each in listings:
        if each.target:
            own = [(each.text, row) for row in _chosen(each, wanted, form)]
            by_host.setdefault(each.target.host, []).extend(own)
    hosts = [_host(host, [*own, *spare], form) for host, own in by_host.items() if own]
    if not by_host and spare:
        hosts = [_host("", spare, form)]
    if not hosts:
        raise UsageError(_nothing(listings, form, roles))
    return Declared(form.write(hosts), (*_doubts(listings), *declare.notes(form, hosts)))


def _doubts(listings: Sequence[Listing]) -> Iterator[str]:
    """What of a host was not seen or not proven, so that its lines may be incomplete or somebody else's."""
    for each in listings:
        shown = visible(each.text)
        for note in dict.fromkeys(chain.note for chain in each.chains if chain.note):
            yield f"{shown}: {visible(note)}; make sure that these keys are the host's own"
        if each.failures:
            reasons = dict.fromkeys(failure.reason for _, failure in each.failures)
            yield f"{shown}: not all of it was seen: {visible(', '.join(reasons))}"


def _wanted(form: declare.Format, roles: Sequence[Role]) -> frozenset[Role] | None:
    """The roles to take; None for the leaf and the CA above."""
    if form.leaf_only and set(roles) - {"leaf"}:
        raise UsageError(
            f"{form.name} compares the leaf only, so the pin of a CA never matches; use --role leaf"
        )
    return frozenset(roles or (("leaf",) if form.leaf_only else ())) or None


def _chosen(listing: Listing, wanted: frozenset[Role] | None, form: declare.Format) -> Iterator[Row]:
    for chain in listing.chains:
        rows = [row for row in chain.rows if row.used is not False]
        if form.hashes_certificate:
            rows = [row for row in rows if row.certificate and row.certificate.der]
        yield from (row for row in rows if row.role in wanted) if wanted else _leaf_and_above(rows)


def _leaf_and_above(rows: Sequence[Row]) -> Iterator[Row]:
    leaves = [row for row in rows if row.role == "leaf"]
    if not leaves:
        yield from rows
        return
    issuers = {row.certificate.issuer for row in leaves if row.certificate}
    yield from leaves
    yield from (row for row in rows if row.role != "leaf" and row.subject in issuers)


def _host(name: str, chosen: Sequence[tuple[str, Row]], form: declare.Format) -> declare.Host:
    """A host with each key, or each certificate, once."""
    entries: dict[bytes | Pin, declare.Entry] = {}
    for _, row in chosen:
        der = row.certificate.der if row.certificate else b""
        entry = declare.Entry(
            row.role, row.pin, sha256(der).digest() if der else b"",
            row.certificate.not_after if row.certificate else None,
        )  # fmt: skip
        entries.setdefault(entry.certificate if form.hashes_certificate else entry.pin, entry)
    return declare.Host(name, tuple(entries.values()))


def _nothing(listings: Sequence[Listing], form: declare.Format, roles: Sequence[Role]) -> str:
    if gone := missing(listings):
        return gone[0]
    shown = ", ".join(visible(each.text) for each in listings)
    if form.hashes_certificate:
        return f"{shown}: {form.name} pins whole certificates of leaves, and there is none"
    return f"{shown}: no {' or '.join(ROLES[role] for role in roles or ('leaf',))} in it"
