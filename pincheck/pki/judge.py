"""Whether a path from a leaf to a trust anchor is valid for a host at a time, and for whom.

``cryptography`` proves it. What it refuses is looked at again, since phones are less strict: a path with no flaw
that they would mind is kept as one that is not proven.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import pairwise
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from pincheck.model.chains import Release
from pincheck.pki.certificates import UNREADABLE, Names, Opened
from pincheck.pki.signatures import is_signed_by, key_size, remember
from pincheck.pki.trust import EVERY, RELEASES, Anchor

Fault = Literal[
    "",
    "expired",
    "not-yet-valid",
    "wrong-name",
    "wrong-purpose",
    "weak",
    "bad-signature",
    "incomplete",
    "private",
    "malformed",
    "given-up",
]
"""Why there is no path: a date, the host's name, what a certificate may be used for, a key or digest that nobody
takes, a signature, an issuer that is not sent, a root that nobody trusts, bytes that cannot be read, or a search
that would have taken too long: then nothing can be told."""

MAX_LENGTH = 12
"""Certificates in a path."""


class Candidate(NamedTuple):
    """A path found by names and key identifiers."""

    leaf: Opened
    """As served."""
    served: tuple[Opened, ...]
    """Leaf first; empty where the leaf itself is an anchor."""
    anchors: tuple[Anchor, ...]
    """Never empty; each issued the one before it."""
    key: Opened | None
    """A certificate with the first anchor's name and key, if one is at hand."""
    releases: frozenset[Release]


class Judged(NamedTuple):
    """A candidate, and what is wrong with it."""

    candidate: Candidate
    releases: frozenset[Release]
    """Those that take it; empty if there is a fault."""
    doubt: str = ""
    fault: Fault = ""
    reason: str = ""
    refused: tuple[tuple[frozenset[Release], str], ...] = ()
    """Those of its releases that do not take it, and why."""


class Flaw(NamedTuple):
    """Something that every client refuses."""

    fault: Fault
    reason: str


def judge(candidate: Candidate, host: str, at: datetime, prove: bool = True) -> Judged:
    """Judge one path; ``at`` is aware. With ``prove`` false the library is not asked, so the path is in doubt."""
    if not candidate.served:
        return _judge_anchor(candidate, host, at)
    objection = _objection(candidate, host, at) if prove else "not verified: it is one of too many paths"
    if objection and (flaw := _flaw(candidate, host, at)):
        return _refused(candidate, flaw)
    weaknesses = [weakness for each in candidate.served for weakness in _weaknesses(each)]
    doubts = [*_doubts(candidate, at), *(weakness.reason for weakness in weaknesses)]
    return _narrowed(candidate, weaknesses, "; ".join(doubts) or objection)


def _refused(candidate: Candidate, flaw: Flaw) -> Judged:
    refused = ((candidate.releases, flaw.reason),)
    return Judged(candidate, frozenset(), "", flaw.fault, flaw.reason, refused)


def leaf_flaw(leaf: Opened, host: str, at: datetime) -> Flaw | None:
    """What is wrong with a leaf, whoever issued it."""
    if not leaf.readable:
        return Flaw("malformed", "the extensions of the certificate cannot be read")
    if flaw := _dates(leaf, "the certificate", at):
        return flaw
    return host_flaw(leaf, host)


def host_flaw(leaf: Opened, host: str) -> Flaw | None:
    """The certificate is not for the host: neither name nor address stands in its subjectAltName (RFC 6125 §6.4).

    A wildcard stands for the whole first label; the common name counts on no client since Android 9.
    """
    address = _address(host)
    if address in leaf.addresses or (not address and any(_covers(name, host) for name in leaf.dns_names)):
        return None
    names = [*leaf.dns_names, *map(str, leaf.addresses)]
    if not names:
        return Flaw("wrong-name", "the certificate names no host in its subjectAltName")
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return Flaw(
        "wrong-name", f"the certificate is for {', '.join(map(shown, names[:3]))}{more}, not for {host}"
    )


def shown(text: str) -> str:
    """Text of a certificate, short and without anything that a terminal might obey."""
    text = text if len(text) <= 80 else text[:79] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def called(certificate: Opened) -> str:
    """A certificate's name for people."""
    return shown(certificate.facts.name) or "a CA without a name"


# proof -----------------------------------------------------------------------


def _objection(candidate: Candidate, host: str, at: datetime) -> str:
    """Why ``cryptography`` does not prove the path, a clause; empty if it does."""
    if candidate.key is None:
        return _by_name_only(candidate.anchors[0])
    issuers = (*candidate.served[1:], candidate.key)
    if any(each.oversized for each in issuers):
        return "not verified: a key is larger than clients take"
    # Most leaves stand below issuers that were proven with another leaf: then one signature is enough.
    if _are_proven(issuers, at) and not _refusal(candidate.leaf, (), issuers[0], host, at):
        return ""
    if refusal := _refusal(candidate.leaf, issuers[:-1], issuers[-1], host, at):
        return f"not verified: {refusal}"
    _keep_proven(issuers)
    return ""


def _refusal(leaf: Opened, others: tuple[Opened, ...], trusted: Opened, host: str, at: datetime) -> str:
    """Why ``cryptography`` does not take the path, a clause; empty if it does."""
    builder = PolicyBuilder().store(_store(trusted.x509)).time(_naive(at)).max_chain_depth(MAX_LENGTH)
    try:
        chain = builder.build_server_verifier(_subject(host)).verify(
            leaf.x509, [each.x509 for each in others]
        )
    except (VerificationError, *UNREADABLE) as error:
        return _shortened(str(error))
    path = (leaf, *others, trusted)
    if chain != [each.x509 for each in path]:
        return "another path was verified in its place"
    for certificate, issuer in pairwise(path):
        remember(certificate, issuer)
    return ""


_proven: dict[tuple[bytes, ...], None] = {}


def _keep_proven(issuers: tuple[Opened, ...]) -> None:
    """Remember issuers that were proven; not those that constrain names, which may refuse the next leaf."""
    if not any(each.permitted or each.excluded for each in issuers):
        if len(_proven) >= 1024:
            _proven.clear()
        _proven[tuple(each.digest for each in issuers)] = None


def _are_proven(issuers: tuple[Opened, ...], at: datetime) -> bool:
    if len(issuers) < 2 or tuple(each.digest for each in issuers) not in _proven:
        return False
    return all(each.facts.not_before <= at <= each.facts.not_after for each in issuers)


@lru_cache(maxsize=256)
def _store(anchor: x509.Certificate) -> Store:
    return Store([anchor])


def _subject(host: str) -> x509.DNSName | x509.IPAddress:
    address = _address(host)
    return x509.IPAddress(address) if address else x509.DNSName(host)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    if not (host[-1:].isdigit() or ":" in host):  # saves the time that most hosts would need to fail below
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _shortened(message: str) -> str:
    """The cause in the library's message, which goes on about where it met it."""
    cause = message.removeprefix("validation failed: ").partition(" (encountered")[0]
    return shown(cause.removeprefix("candidates exhausted: ").partition("\n")[0]) or "refused"


# doubts ----------------------------------------------------------------------


def _doubts(candidate: Candidate, at: datetime) -> Iterator[str]:
    first, *others = candidate.anchors
    if candidate.key is None and candidate.served:
        yield _by_name_only(first)
    yield from (_by_name_only(anchor) for anchor in others if not anchor.der)
    # Android does not look at an anchor's dates (TrustManagerImpl.verifyChain); others may.
    for anchor in candidate.anchors:
        if at > anchor.not_after:
            yield f"its trust anchor {shown(anchor.name)} expired on {anchor.not_after:%Y-%m-%d}"


def _by_name_only(anchor: Anchor) -> str:
    return f"its root {shown(anchor.name)} is known by name and key only"


def _judge_anchor(candidate: Candidate, host: str, at: datetime) -> Judged:
    """A leaf whose name and key are an anchor's: Android validates nothing but the host (``verifyChain``)."""
    if flaw := host_flaw(candidate.leaf, host):
        return _refused(candidate, flaw)
    return Judged(candidate, candidate.releases, "; ".join(_doubts(candidate, at)))


# flaws -----------------------------------------------------------------------


def _flaw(candidate: Candidate, host: str, at: datetime) -> Flaw | None:
    """The first thing wrong with a path that every client minds (RFC 5280 §6.1)."""
    leaf, *issuers = candidate.served
    if flaw := leaf_flaw(leaf, host, at):
        return flaw
    if not leaf.serves:
        return Flaw("wrong-purpose", "the certificate is not for TLS servers (extended key usage)")
    for below, issuer in enumerate(issuers):
        if flaw := _issuer_flaw(issuer, _counted(issuers[:below]), at) or _name_flaw(issuer, leaf):
            return flaw
    above = (*issuers, candidate.key)
    for certificate, signer in zip(candidate.served, above, strict=True):
        if signer is not None and not signer.oversized and not is_signed_by(certificate, signer):
            return Flaw(
                "bad-signature",
                f"the signature on {called(certificate)} is not by the key of {called(signer)}",
            )
    return None


def _issuer_flaw(issuer: Opened, below: int, at: datetime) -> Flaw | None:
    name = called(issuer)
    if not issuer.readable:
        return Flaw("malformed", f"the extensions of {name} cannot be read")
    if flaw := _dates(issuer, f"the intermediate {name}", at):
        return flaw
    if not issuer.facts.is_ca:
        return Flaw("wrong-purpose", f"{name} signed a certificate but is no CA")
    if not issuer.signs:
        return Flaw("wrong-purpose", f"{name} may not sign certificates (key usage)")
    if not issuer.serves:
        return Flaw("wrong-purpose", f"{name} is not for TLS servers (extended key usage)")
    if issuer.path_length is not None and below > issuer.path_length:
        return Flaw(
            "wrong-purpose", f"{name} allows {issuer.path_length} intermediates below it, not {below}"
        )
    return None


def _counted(issuers: list[Opened]) -> int:
    """Self-issued certificates do not count for a path's length (RFC 5280 §6.1.4 (l))."""
    return sum(not issuer.self_issued for issuer in issuers)


def _dates(certificate: Opened, name: str, at: datetime) -> Flaw | None:
    facts = certificate.facts
    if at > facts.not_after:
        return Flaw("expired", f"{name} expired on {facts.not_after:%Y-%m-%d}")
    if at < facts.not_before:
        return Flaw("not-yet-valid", f"{name} is valid from {facts.not_before:%Y-%m-%d} only")
    return None


def _covers(pattern: str, host: str) -> bool:
    pattern = pattern.rstrip(".")
    if pattern.startswith("*."):
        return "." in host and pattern[2:] == host.partition(".")[2]
    return pattern == host


def _name_flaw(issuer: Opened, leaf: Opened) -> Flaw | None:
    """A name of the leaf that a name constraint of its issuer rules out (RFC 5280 §4.2.1.10)."""
    reason = f"{called(issuer)} may not certify the names of the certificate (name constraints)"
    if issuer.permitted and not _all_within(issuer.permitted, leaf):
        return Flaw("wrong-name", reason)
    if issuer.excluded and _any_within(issuer.excluded, leaf):
        return Flaw("wrong-name", reason)
    return None


def _all_within(names: Names, leaf: Opened) -> bool:
    """A kind of name that the constraint does not mention is free."""
    domains = not names.domains or all(_under(name, names.domains) for name in leaf.dns_names)
    addresses = not names.networks or all(
        any(address in network for network in names.networks) for address in leaf.addresses
    )
    return domains and addresses


def _any_within(names: Names, leaf: Opened) -> bool:
    return any(_under(name, names.domains) for name in leaf.dns_names) or any(
        address in network for network in names.networks for address in leaf.addresses
    )


def _under(name: str, domains: tuple[str, ...]) -> bool:
    labels = "." + name.removeprefix("*.")
    return any(labels.endswith("." + domain.lstrip(".")) for domain in domains)


# strength --------------------------------------------------------------------


_IOS_13 = frozenset(RELEASES["ios"][2:])
_ANDROID_10 = frozenset(RELEASES["android"][2:])
_MOZILLA = frozenset(RELEASES["any"])


class Weakness(NamedTuple):
    """Something that some clients refuse, and others perhaps."""

    refusing: frozenset[Release]
    reason: str


def _narrowed(candidate: Candidate, weaknesses: list[Weakness], doubt: str) -> Judged:
    """The candidate without the releases that refuse its keys or digests."""
    found = [(weakness.refusing & candidate.releases, weakness.reason) for weakness in weaknesses]
    refused = tuple((releases, reason) for releases, reason in found if releases)
    left = candidate.releases.difference(*(releases for releases, _ in refused))
    if left:
        return Judged(candidate, left, doubt, refused=refused)
    return Judged(candidate, left, "", "weak", refused[0][1], refused)


def _weaknesses(certificate: Opened) -> Iterator[Weakness]:
    """What is weak about a certificate that is no anchor; ``cryptography`` does not look at a leaf's own key.

    Android: google/conscrypt, ``ChainStrengthAnalyzer`` (RSA from 1024 bits, no MD5), and "Behavior changes" of
    Android 10 (no SHA-1). Apple: "Requirements for trusted certificates in iOS 13" (RSA from 2048 bits, SHA-2).
    JVM: ``jdk.certpath.disabledAlgorithms`` (SHA-1 only where the JDK brought the root). Mozilla: mozilla::pkix.
    """
    key = certificate.facts.key
    if key not in _USUAL_KEYS or certificate.oversized:
        yield from _weak_key(certificate, key)
    digest = _DIGESTS.get(certificate.x509.signature_algorithm_oid.dotted_string, "")
    if digest:
        refusing = _IOS_13 | _ANDROID_10 | _MOZILLA if digest == "SHA-1" else EVERY
        yield Weakness(refusing, f"{called(certificate)} is signed with {digest}")


def _weak_key(certificate: Opened, key: str) -> Iterator[Weakness]:
    name = called(certificate)
    if certificate.oversized:
        yield Weakness(EVERY, f"the key of {name} is larger than clients take ({key})")
    elif not key.startswith("RSA "):
        yield Weakness(frozenset(), f"the key of {name} is of a kind that few clients take ({key})")
    elif key_size(certificate) < 2048:
        refusing = EVERY if key_size(certificate) < 1024 else _IOS_13
        yield Weakness(refusing, f"the key of {name} is too short ({key})")


_USUAL_KEYS = {"EC P-256", "EC P-384", "EC P-521", "RSA 2048", "RSA 3072", "RSA 4096"}
_DIGESTS = {
    "1.2.840.113549.1.1.2": "MD2",
    "1.2.840.113549.1.1.3": "MD4",
    "1.2.840.113549.1.1.4": "MD5",
    "1.2.840.113549.1.1.5": "SHA-1",
    "1.2.840.10040.4.3": "SHA-1",
    "1.2.840.10045.4.1": "SHA-1",
}
