"""Hosts and files -> the SPKI pins of their keys: for people, as JSON, or as a declaration.

The network is an argument: ``Sight`` says what a host serves and which paths can be built from it.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from pincheck import declare
from pincheck.errors import UsageError
from pincheck.model.chains import Certificate, Failure, Observation, Target, VerifiedPath
from pincheck.model.pins import Pin
from pincheck.outputs._cells import padded, width
from pincheck.outputs._escape import clipped, visible
from pincheck.pki import certificates, key_files
from pincheck.pki.key_files import Role
from pincheck.readers.host_name import canonical

MAX_BYTES = 4 * 1024 * 1024
"""Of a file; the store of all public roots has a tenth of it."""
MAX_PASSPHRASE = 4096
VARIABLE = "PINCHECK_PASSPHRASE"
"""The environment variable that may hold the passphrase."""

ADVICE = (
    "pin the leaf's key and a spare key of another CA: a leaf pin breaks when the host changes its key,"
    " a CA pin when it changes its CA"
)
_SUFFIXES = (".pem", ".crt", ".cer", ".der", ".p7b", ".p7c", ".p12", ".pfx", ".key", ".pub", ".csr")


class Built(Protocol):
    """What clients can make of a served chain."""

    @property
    def paths(self) -> Sequence[VerifiedPath]:
        """Those that a client may build."""

    @property
    def reason(self) -> str:
        """Why there is none, a clause; empty if there is one."""


class Sight(NamedTuple):
    """How to see hosts."""

    survey: Callable[[Sequence[Target]], Sequence[Observation]]
    """Targets -> what they serve."""
    build: Callable[[Sequence[bytes], str, datetime], Built]
    """The served chain, the host, and the time -> paths."""


class Row(NamedTuple):
    """A key: of a certificate, or bare."""

    what: key_files.What
    role: Role
    subject: str
    key: str
    pin: Pin
    certificate: Certificate | None = None
    """None for a bare key or a request."""
    sent: bool = True
    """False for an anchor that the host leaves out, as it may."""
    used: bool | None = None
    """Whether some verified path holds it; None where no path was looked for, or none is valid."""
    note: str = ""


class Chain(NamedTuple):
    """The keys of a file, or of one chain that a host serves, from leaf to root."""

    rows: tuple[Row, ...]
    seen: tuple[Observation, ...] = ()
    """The looks that showed it; empty for a file."""
    note: str = ""
    """Why no path is verified, and what of the chain cannot be read."""


class Listing(NamedTuple):
    """All that one target of the command line gives."""

    text: str
    """As the user wrote it."""
    target: Target | None
    """None for a file."""
    chains: tuple[Chain, ...]
    failures: tuple[tuple[str, Failure], ...] = ()
    """Addresses that gave no chain, and why."""


def look(texts: Sequence[str], sight: Sight, passphrase: bytes | None = None) -> tuple[Listing, ...]:
    """Return what each target gives, in order; all hosts are asked in one survey.

    A target is a file, ``host``, ``host:port`` or an ``https`` URL. Raise ``UsageError`` for a text that is
    none of these and for a file without a key; a host that does not answer is a failure in its listing.
    """
    targets = [_target(text) for text in texts]
    files = {
        text: Chain(tuple(_rows_of_file(text, passphrase)))
        for text, target in zip(texts, targets, strict=True)
        if target is None
    }
    hosts = [target for target in dict.fromkeys(targets) if target]
    observations = sight.survey(hosts) if hosts else ()
    return tuple(
        Listing(text, None, (files[text],)) if target is None else _of_host(text, target, observations, sight)
        for text, target in zip(texts, targets, strict=True)
    )


def missing(listings: Sequence[Listing]) -> tuple[str, ...]:
    """A sentence for every host that showed no key at all."""
    return tuple(
        f"{visible(each.text)}: {visible(each.failures[0][1].reason) if each.failures else 'no answer'}"
        for each in listings
        if not each.chains
    )


def passphrase_of(path: str, environment: Mapping[str, str]) -> bytes | None:
    """The passphrase: the first line of the file if one is named, else of the environment; None if neither."""
    if not path:
        given = environment.get(VARIABLE)
        return None if given is None else os.fsencode(given)
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_PASSPHRASE + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(path)}: {_why(error)}") from None
    if len(text) > MAX_PASSPHRASE:
        raise UsageError(f"{visible(path)}: is larger than {MAX_PASSPHRASE:,} bytes, so it is no passphrase")
    return text.partition(b"\n")[0].removesuffix(b"\r")


# targets -----------------------------------------------------------------------


def _target(text: str) -> Target | None:
    """The host that a text names; None if it names a file."""
    if "://" not in text and "\0" not in text and os.path.lexists(text):
        return None
    shown = visible(text, 200)
    if "://" not in text and ("/" in text or text.lower().endswith(_SUFFIXES)):
        raise UsageError(f"{shown}: no such file; a URL begins with https://")
    scheme, separator, rest = text.rpartition("://") if "://" in text else ("", "", text)
    if separator and scheme.lower() != "https":
        raise UsageError(f"{shown}: {visible(scheme, 20)} has no pins; name a host, an https URL or a file")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = _name(parts.hostname or ""), parts.port
    except ValueError:
        host, port = "", None
    if not host or port == 0 or "@" in parts.netloc:
        raise UsageError(f"{shown}: neither a file nor a host; write HOST, HOST:PORT or https://HOST/")
    return Target(host, 443 if port is None else port)


def _name(text: str) -> str:
    """A host as it is asked for, or an empty text if it is none."""
    name = canonical(text.removesuffix("."), "uts46", 253)
    if re.fullmatch(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", name):
        return name
    try:
        return str(ip_address(name))
    except ValueError:
        return ""


# files -------------------------------------------------------------------------


def _rows_of_file(path: str, passphrase: bytes | None) -> Iterator[Row]:
    try:
        found = key_files.read(_contents(path), passphrase)
    except key_files.BadKeyFile as fault:
        raise UsageError(f"{visible(path)}: {fault}") from None
    for each in found:
        yield Row(each.what, each.role, each.name, each.key, each.pin, each.certificate)


def _contents(path: str) -> bytes:
    shown = visible(path)
    try:
        # A pipe without a writer would keep an ordinary open waiting.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, "rb", closefd=True) as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UsageError(f"{shown}: is a device, not a file")
            contents = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise UsageError(f"{shown}: is a folder; name a file, or the host as https://{shown}/") from None
    except OSError as error:
        raise UsageError(f"{shown}: {_why(error)}") from None
    if len(contents) > MAX_BYTES:
        raise UsageError(f"{shown}: is larger than {MAX_BYTES // 1024 // 1024} MB")
    return contents


def _why(error: Exception) -> str:
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"


# hosts -------------------------------------------------------------------------


def _of_host(text: str, target: Target, observations: Iterable[Observation], sight: Sight) -> Listing:
    """The chains of a host, each once, in the order in which they were seen."""
    by_chain: dict[tuple[bytes, ...], list[Observation]] = {}
    failures = []
    for each in observations:
        if each.target != target:
            continue
        if each.served:
            by_chain.setdefault(each.served, []).append(each)
        elif each.failure and each.failure.kind != "absent":
            failures.append((each.address, each.failure))
    chains = (_chain(served, tuple(seen), sight) for served, seen in by_chain.items())
    return Listing(text, target, tuple(chains), tuple(dict.fromkeys(failures)))


def _chain(served: tuple[bytes, ...], seen: tuple[Observation, ...], sight: Sight) -> Chain:
    parsed = [certificates.parse(der) for der in dict.fromkeys(served)]
    sent = {_identity(each): each for each in parsed if each}
    built = sight.build(served, seen[0].target.host, seen[0].at)
    rows = _verified(built.paths, sent) if built.paths else _in_order(sent)
    notes = [] if built.paths else [f"no verified path: {built.reason or 'none can be built'}"]
    if lost := parsed.count(None):
        notes.append(f"{lost} of the {len(parsed)} certificates sent cannot be read")
    return Chain(tuple(rows), seen, "; ".join(notes))


def _identity(certificate: Certificate) -> tuple[bytes, str, Pin]:
    """What tells certificates apart, also an anchor of which only name and key are known."""
    return certificate.der, certificate.subject, certificate.spki


def _verified(paths: Sequence[VerifiedPath], sent: dict[Any, Certificate]) -> Iterator[Row]:
    """The certificates of all paths from leaf to root, then those that were sent in vain."""
    depths: dict[Any, int] = {}
    found: dict[Any, Row] = {}
    for path in paths:
        last = len(path.certificates) - 1
        for depth, each in enumerate(path.certificates):
            key = _identity(each)
            role: Role = "leaf" if depth == 0 else "anchor" if depth == last else "intermediate"
            known = found.get(key)
            depths[key] = max(depth, depths.get(key, 0))
            if known is None or (role == "anchor" and known.role == "intermediate"):
                found[key] = _row(each, role, key in sent, True, path.doubt)
            elif not path.doubt and known.note == path.doubt:
                found[key] = known._replace(note="" if known.sent else known.note)
    yield from (
        found[key] for key in sorted(found, key=lambda key: (depths[key], found[key].role == "anchor"))
    )
    for key, each in sent.items():
        if key not in found:
            yield _row(each, _own_role(each), True, False, "")


def _in_order(sent: dict[Any, Certificate]) -> Iterator[Row]:
    """The first, each issuer in turn, and then the rest as sent."""
    waiting = list(sent.values())
    following: Certificate | None = waiting[0] if waiting else None
    first = True
    while waiting:
        each = following or waiting[0]
        waiting.remove(each)
        yield _row(each, "leaf" if first else _own_role(each), True, None, "")
        first, issuer = False, each.issuer
        following = next((other for other in waiting if other.subject == issuer), None)


def _own_role(certificate: Certificate) -> Role:
    if not certificate.is_ca:
        return "leaf"
    return "anchor" if certificate.subject == certificate.issuer else "intermediate"


def _row(each: Certificate, role: Role, sent: bool, used: bool | None, doubt: str) -> Row:
    note = doubt or ("sent but not used" if used is False else "" if sent else "not sent")
    return Row("certificate", role, each.subject, each.key, each.spki, each, sent, used, note)


# for people --------------------------------------------------------------------

_ROLES = {"leaf": "leaf", "intermediate": "intermediate", "anchor": "trust anchor"}
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
    role = _ROLES[row.role] if row.what == "certificate" else row.what
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


# declarations ------------------------------------------------------------------


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
    return f"{shown}: no {' or '.join(_ROLES[role] for role in roles or ('leaf',))} in it"
