"""Hosts and files -> the SPKI pins of their keys.

The network is an argument: ``Sight`` says what a host serves and which paths can be built from it.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from pincheck import files
from pincheck.errors import UsageError
from pincheck.model.chains import Certificate, Failure, Observation, Target, VerifiedPath
from pincheck.model.pins import Pin
from pincheck.outputs._escape import visible
from pincheck.pki import certificates, key_files
from pincheck.pki.key_files import Role
from pincheck.readers.host_name import canonical

MAX_BYTES = 4 * 1024 * 1024
"""Of a file; the store of all public roots has a tenth of it."""
MAX_PASSPHRASE = 4096
VARIABLE = "PINCHECK_PASSPHRASE"
"""The environment variable that may hold the passphrase."""

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


ROLES: dict[Role, str] = {"leaf": "leaf", "intermediate": "intermediate", "anchor": "trust anchor"}


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
    try:
        return files.read(path, MAX_BYTES)
    except files.Unusable as error:
        hint = f"; if a host is meant, write https://{visible(path)}/" if os.path.isdir(path) else ""
        raise UsageError(f"{visible(path)}: {error.why}{hint}") from None


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
