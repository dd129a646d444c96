"""Served chain + trust anchors -> every path that a client may build, in the order in which it would try them.

The search follows Android's (google/conscrypt, ``TrustManagerImpl.checkTrustedRecursive``): a self-issued
certificate ends a path; trust anchors that issued a certificate come before served ones, the better first; served
ones count in any order; nothing is fetched; a path goes on beyond an anchor whose issuer is in the store too. A
release's own search is this one with the other releases' anchors left out, which keeps the order.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from pincheck.model.chains import Certificate, Release, VerifiedPath, common_name
from pincheck.pki import certificates
from pincheck.pki.certificates import Opened
from pincheck.pki.cleaner import clean
from pincheck.pki.judge import MAX_LENGTH, Candidate, Fault, Judged, called, judge, leaf_flaw, shown
from pincheck.pki.signatures import digest_size, is_known, is_signed_by, key_size
from pincheck.pki.trust import EVERY, JVM, Anchor, Trust

MAX_SERVED, MAX_PATHS, MAX_PROOFS, MAX_STEPS, MAX_SIGNATURES = 100, 64, 16, 2000, 200
"""Bounds for one chain: certificates, paths, those of them proven, steps of the search, and signatures checked in it
beside those of paths. Real chains need a handful of each."""

TOO_MANY = "too many of the certificates sent name each other as issuers"

Refusals = tuple[tuple[frozenset[Release], str], ...]


class Built(NamedTuple):
    """What clients can make of one served chain."""

    paths: tuple[VerifiedPath, ...]
    """The first whose ``releases`` hold a release is the one that it uses."""
    fault: Fault
    """Empty where there is a path."""
    reason: str
    """The fault in words, a clause."""
    leaf: Certificate | None
    served: tuple[Certificate | None, ...]
    """As sent; None for bytes that are no certificate."""
    refused: Refusals = ()
    """Releases that trust the root of a path and refuse it for another reason."""

    def objection(self, release: Release) -> str:
        """What a release has against the paths there are, a clause: ``does not trust Example Root``."""
        roots = dict.fromkeys(shown(path.certificates[-1].name) for path in self.paths)
        return self._refusal(release) or f"does not trust {' or '.join(roots)}"

    def why(self, release: Release) -> str:
        """Why a release has no path, a clause; empty if it has one."""
        if any(release in path.releases for path in self.paths):
            return ""
        return self._refusal(release) or self.reason or f"{release} {self.objection(release)}"

    def _refusal(self, release: Release) -> str:
        """Why a release refuses a path whose root it trusts, or empty."""
        return next((reason for releases, reason in self.refused if release in releases), "")


def build(
    served: Sequence[bytes],
    host: str,
    at: datetime,
    trust: Trust,
    own: Sequence[bytes] = (),
    system: bool = True,
) -> Built:
    """Build the paths from the first of ``served`` (DER, as sent) to a trust anchor that are valid for ``host`` ``at``.

    ``host`` is in lower case and A-labels, or an IP address; ``at`` is aware. ``own`` (DER) are anchors that the
    client's configuration names: every release trusts them; with ``system`` false it trusts nothing else. A path that
    ``cryptography`` refuses and phones may take is kept with a ``doubt``. Never raises for what is served; of a chain
    with more certificates or paths than the bounds here allow, the rest is left out.
    """
    opened = tuple(certificates.open_der(der) for der in served[:MAX_SERVED])
    facts = tuple(each.facts if each else None for each in opened)
    if not opened or (leaf := opened[0]) is None:
        reason = "the first certificate sent cannot be read" if served else "no certificate was sent"
        return Built((), "malformed", reason, None, facts)
    trusted = trust.for_client(own, system)
    search = _Search(leaf, [each for each in opened[1:] if each], trusted)
    judged = [judge(each, host, at, number < MAX_PROOFS) for number, each in enumerate(search.candidates())]
    refused = tuple(refusal for each in judged for refusal in each.refused)
    if search.given_up:
        refused += ((EVERY, TOO_MANY),)
    paths = tuple(_path(each) for each in judged if not each.fault)
    if not paths:
        return Built((), *_fault(search, judged, host, at), leaf.facts, facts, refused)
    paths, failed = _with_jvm(paths, search)
    return Built(paths, "", "", leaf.facts, facts, refused + failed)


def _path(judged: Judged) -> VerifiedPath:
    served, anchors = judged.candidate.served, judged.candidate.anchors
    found = (*(each.facts for each in served), *(anchor.certificate for anchor in anchors))
    return VerifiedPath(found, judged.releases, judged.doubt)


# search ----------------------------------------------------------------------


class _Search:
    """One search; it counts its steps."""

    def __init__(self, leaf: Opened, others: Sequence[Opened], trust: Trust) -> None:
        self.leaf, self.others, self.trust = leaf, others, trust
        self.steps = self.signatures = 0
        self.given_up = False
        self.by_subject: dict[bytes, dict[bytes, Opened]] = {}
        for each in others:
            self.by_subject.setdefault(each.subject, {}).setdefault(each.digest, each)
        self.sent_keys = {each.facts.spki.digest: each for each in others}

    def candidates(self) -> list[Candidate]:
        """All paths, depth first, or as many as the bound allows."""
        found = list(islice(self._all(), MAX_PATHS + 1))
        self.given_up |= len(found) > MAX_PATHS
        return found[:MAX_PATHS]

    def _all(self) -> Iterator[Candidate]:
        """All paths; those of a leaf whose name and key are an anchor's begin with that anchor."""
        left = EVERY
        for anchor in self.trust.named(self.leaf.subject):
            if anchor.spki == self.leaf.facts.spki.digest and (common := left & anchor.releases):
                left -= common
                same = anchor.digest == self.leaf.digest
                trusted = anchor._replace(der=self.leaf.facts.der) if same else anchor
                yield from self._grow(trusted.opened, (), (trusted,), common)
        if left:
            yield from self._grow(self.leaf, (self.leaf,), (), left)

    def _grow(
        self,
        current: Opened | None,
        served: tuple[Opened, ...],
        anchors: tuple[Anchor, ...],
        releases: frozenset[Release],
    ) -> Iterator[Candidate]:
        """Go on from ``current``, the last certificate; an anchor that is not at hand is taken for self-issued."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.given_up = True
            return
        if current is None or current.self_issued:
            yield from self._end(served, anchors, releases)
            return
        continued: frozenset[Release] = frozenset()
        used = {each.digest for each in served} | {anchor.digest for anchor in anchors}
        full = len(used) >= MAX_LENGTH
        for anchor in self._trusted_issuers(current):
            common = releases & anchor.releases
            if common and not full and anchor.digest not in used:
                continued |= common
                yield from self._grow(anchor.opened, served, (*anchors, anchor), common)
        if anchors:
            yield from self._end(served, anchors, releases - continued)
        elif not full:
            for issuer in self.served_issuers(current):
                if issuer.digest not in used:
                    yield from self._grow(issuer, (*served, issuer), (), releases)

    def _end(
        self, served: tuple[Opened, ...], anchors: tuple[Anchor, ...], releases: frozenset[Release]
    ) -> Iterator[Candidate]:
        if anchors and releases:
            yield Candidate(self.leaf, served, anchors, self._key_holder(anchors[0]), releases)

    def served_issuers(self, certificate: Opened) -> Iterator[Opened]:
        """The served certificates that may have issued one, in the order sent."""
        for issuer in self.by_subject.get(certificate.issuer, {}).values():
            if self._may_be_by(certificate, issuer):
                yield issuer

    def _trusted_issuers(self, certificate: Opened) -> list[Anchor]:
        """The anchors that issued a certificate, as far as can be told, best first."""
        known, unknown = [], []
        for anchor in self.trust.named(certificate.issuer):
            if holder := self._key_holder(anchor):
                if self._may_be_by(certificate, holder):
                    known.append((self._at_hand(anchor), holder))
            elif not _differ(certificate.issuer_key_id, anchor.key_id):
                unknown.append(anchor)
        if unknown and any(is_signed_by(certificate, holder) for _, holder in known):
            unknown = []
        ranked = sorted(known, key=lambda each: _rank(*each)) if len(known) > 1 else known
        return [anchor for anchor, _ in ranked] + unknown

    def _may_be_by(self, certificate: Opened, issuer: Opened) -> bool:
        """The key identifiers agree, or else the signature does: phones look at nothing else.

        The signatures of what is found by key identifier are checked with the path.
        """
        if certificate.issuer_key_id and certificate.issuer_key_id == issuer.key_id:
            return True
        if not is_known(certificate, issuer):
            self.signatures += 1
            if self.signatures > MAX_SIGNATURES:
                self.given_up = True
                return False
        return is_signed_by(certificate, issuer)

    def _at_hand(self, anchor: Anchor) -> Anchor:
        """The anchor, with its certificate if the server sends it."""
        sent = self.sent_keys.get(anchor.spki)
        return anchor._replace(der=sent.facts.der) if sent and sent.digest == anchor.digest else anchor

    def _key_holder(self, anchor: Anchor) -> Opened | None:
        """A certificate of the anchor's name and key, so that signatures can be checked."""
        if found := self.trust.key_holder(anchor):
            return found
        sent = self.sent_keys.get(anchor.spki)
        return sent if sent and sha256(sent.subject).digest() == anchor.subject else None


def _differ(one: bytes, other: bytes) -> bool:
    return bool(one and other and one != other)


def _rank(anchor: Anchor, holder: Opened) -> tuple[object, ...]:
    """Android's order of anchors (google/conscrypt, ``CertificatePriorityComparator``): self-issued first, then EC
    before RSA, the longer key, the stronger digest, the later end, the later start.
    """
    key, own = holder.facts.key, anchor.opened
    return (
        own is not None and not own.self_issued,
        not key.startswith("EC "),
        -key_size(holder),
        -digest_size(own or holder),
        -anchor.not_after.timestamp(),
        -own.facts.not_before.timestamp() if own else 0.0,
    )


# the JVM ---------------------------------------------------------------------


def _with_jvm(
    paths: tuple[VerifiedPath, ...], search: "_Search"
) -> tuple[tuple[VerifiedPath, ...], Refusals]:
    """The paths with the JVM's own: where some path makes it accept the chain, OkHttp's cleaner says which counts."""
    accepted = next((path for path in paths if JVM in path.releases), None)
    if accepted is None:
        return paths, ()
    cleaned = clean((search.leaf, *search.others), search.trust)
    only = frozenset({JVM})
    if cleaned is None:
        return _without_jvm(paths), ((only, "OkHttp finds no trusted certificate in the chain"),)
    found = tuple(each.facts for each in cleaned)
    if _exceeds_root(cleaned):
        accepted = accepted._replace(doubt="OkHttp 5 holds a root to its path length, older ones do not")
    elif found == accepted.certificates and sum(JVM in path.releases for path in paths) == 1:
        return paths, ()
    return (*_without_jvm(paths), VerifiedPath(found, only, accepted.doubt)), ()


def _exceeds_root(cleaned: Sequence[Opened]) -> bool:
    """Tell whether there are more intermediates than the trust anchor's own certificate allows."""
    allowed = cleaned[-1].path_length
    return allowed is not None and len(cleaned) - 2 > allowed


def _without_jvm(paths: tuple[VerifiedPath, ...]) -> tuple[VerifiedPath, ...]:
    left = (path._replace(releases=path.releases - {JVM}) for path in paths)
    return tuple(path for path in left if path.releases)


# faults ----------------------------------------------------------------------


def _fault(search: "_Search", judged: Sequence[Judged], host: str, at: datetime) -> tuple[Fault, str]:
    """Why there is no path: what is wrong with the leaf, else with a path, else with where the chain ends."""
    if flaw := leaf_flaw(search.leaf, host, at):
        return flaw
    found = sorted(judged, key=lambda each: each.fault == "bad-signature")
    if found:
        return found[0].fault, found[0].reason
    if search.given_up:
        return "given-up", TOO_MANY
    ends = _ends(search)
    missing = next((end for end in ends if not end.self_issued and end.facts.issuer_is_linked), None)
    if missing:
        return (
            "incomplete",
            f"the server does not send the certificate of {shown(common_name(missing.facts.issuer))}",
        )
    return "private", _private(search.leaf, ends[0])


def _private(leaf: Opened, end: Opened) -> str:
    if not end.self_issued:
        return f"its issuer {shown(common_name(end.facts.issuer))} is neither sent nor in a trust store"
    if end is leaf:
        return "the certificate is self-signed"
    return f"its root {called(end)} is in no trust store"


def _ends(search: "_Search") -> list[Opened]:
    """The certificates that can be reached from the leaf and go no further; where all do, the leaf."""
    seen, waiting, ends = {search.leaf.digest}, [search.leaf], []
    while waiting:
        current = waiting.pop(0)
        issuers = [] if current.self_issued else list(search.served_issuers(current))
        if not issuers:
            ends.append(current)
        waiting += [each for each in issuers if each.digest not in seen]
        seen |= {each.digest for each in issuers}
    return ends or [search.leaf]
