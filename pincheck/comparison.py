"""One client's comparison of its pins with a chain, on one platform release.

Sources: the clients' own code, as ``Semantics`` states it for each; how a path is chosen is Conscrypt's, OkHttp's and
Apple's own.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from pincheck.model import DeclaredPin, Pin, PinSet
from pincheck.model.chains import Certificate, Release, Verdict, VerifiedPath

if TYPE_CHECKING:
    from pincheck.pki.paths import Built


class Anchors(NamedTuple):
    """The trust anchors a configuration names, and whether the platform's own count too."""

    own: tuple[bytes, ...]
    system: bool
    overriding: frozenset[bytes]
    """Those for which Android compares no pins."""
    unknown: str = ""
    """Why they are not known, or empty."""


class Comparison:
    """One client's comparison of its pins with a chain."""

    def __init__(
        self,
        pin_sets: tuple[PinSet, ...],
        files: Mapping[str, tuple[bytes, ...]],
        trusted: Anchors,
        today: date,
    ) -> None:
        self._client = pin_sets[0].semantics
        self._trusted = trusted
        self._groups = pins_by_list(pin_sets)
        self._inferred = any(each.inferred for each in pin_sets)
        self._expired = any(
            each.expires and each.expires.day and each.expires.day <= today for each in pin_sets
        )
        pinned = [path for each in pin_sets for file in each.files for path in file.paths]
        self._certificates = frozenset(der for path in pinned for der in files.get(path, ()))
        self._keys: frozenset[Pin] = frozenset()
        if self._client.files == "keys" and self._certificates:
            from pincheck.pki.certificates import parse

            parsed = (parse(der) for der in self._certificates)
            self._keys = frozenset(each.spki for each in parsed if each)

    def verdict(self, release: Release, built: "Built") -> Verdict:
        """What the client makes of a chain on one release.

        =============  =======================================================================
        compares       with
        =============  =======================================================================
        served         what was sent, whether or not a path leads anywhere
        leaf           the leaf of the path
        issuers        all of the path but the leaf
        path           all of the path
        =============  =======================================================================

        On Android and the JVM the path is the first that its builder finds; on iOS pins that take part in
        path building get any that holds them, others the one Apple prefers, which is not known where there
        are several.
        """
        client = self._client
        if self._expired and client.expiry != "none":
            if client.expiry == "refused":
                return Verdict(release, "mismatch", reason="the pin set has expired")
            return Verdict(release, "match", reason="the pin set has expired, so it connects unpinned")
        if self._trusted.unknown:
            return Verdict(release, "unknown", reason=self._trusted.unknown)
        if client.compares == "served":
            return self._against(release, VerifiedPath(tuple(c for c in built.served if c), frozenset()))
        candidates = [path for path in built.paths if release in path.releases]
        if not candidates:
            return _pathless(release, built)
        if release.platform in ("android", "jvm"):
            return self._against(release, candidates[0])
        verdicts = [self._against(release, path) for path in candidates]
        return _any(verdicts) if client.steers else _all(verdicts)

    def _against(self, release: Release, path: VerifiedPath) -> Verdict:
        certificates = path.certificates
        if self._trusted.overriding and certificates[-1].der in self._trusted.overriding:
            return Verdict(release, "match", (), certificates, "its trust anchor overrides the pins")
        hashable = self._client.hashable if release.platform == "ios" else ()
        if blocked := self._unhashable(certificates, hashable):
            return Verdict(release, "unsupported", (), certificates, blocked)
        matching = [
            tuple(
                pin
                for pin in pins
                if any(self._is(pin, each, hashable) for each in _compared(certificates, compares))
            )
            for compares, pins in self._groups.items()
        ]
        found = tuple(dict.fromkeys(pin for group in matching for pin in group))
        holds = all(matching) if matching else False
        holds = holds or self._pinned_by_file(certificates)
        state: Literal["match", "mismatch"] = "match" if holds else "mismatch"
        certain = not path.doubt and not self._inferred
        return Verdict(release, state, found, certificates, path.doubt, certain)

    def _is(self, pin: Pin, certificate: Certificate, hashable: tuple[str, ...]) -> bool:
        """Tell whether a certificate is what a pin means, as far as this client can see."""
        if pin.hashed == "spki" and not _hashes(hashable, certificate):
            return False
        if pin == pin_of(certificate, pin):
            return True
        other = pin._replace(hashed="spki" if pin.hashed == "certificate" else "certificate")
        return self._inferred and pin_of(certificate, other) == other

    def _unhashable(self, certificates: tuple[Certificate, ...], hashable: tuple[str, ...]) -> str:
        """Why the client gives up before it finds a pin, from the trust anchor downwards; or empty."""
        if self._client.unhashable != "refused":
            return ""
        for certificate in reversed(certificates):
            if not _hashes(hashable, certificate):
                return f"cannot hash the key of {certificate.name} ({certificate.key})"
            if any(self._is(pin, certificate, hashable) for pins in self._groups.values() for pin in pins):
                return ""
        return ""

    def _pinned_by_file(self, certificates: tuple[Certificate, ...]) -> bool:
        if not self._certificates:
            return False
        if self._client.files == "anchors":  # the path ends in one of them, or it would be none
            return not self._groups
        compared = _compared(certificates, self._client.compares)
        if self._client.files == "keys":
            return any(each.spki in self._keys for each in compared)
        return any(each.der in self._certificates for each in compared)


def _hashes(hashable: tuple[str, ...], certificate: Certificate) -> bool:
    """Tell whether a client can hash a key; of a trust anchor known by name only the kind of key is not known."""
    return not hashable or not certificate.key or certificate.key in hashable


def pins_by_list(pin_sets: Iterable[PinSet]) -> dict[str, tuple[Pin, ...]]:
    """The pins by what they are compared with; each group has to match (ATS: the leaf's and the issuers')."""
    found: dict[str, dict[Pin, None]] = {}
    for pin_set in pin_sets:
        if pin_set.pins:
            own = found.setdefault(pin_set.semantics.compares, {})
            own.update((pin.pin, None) for pin in pin_set.pins if pin.pin and usable(pin))
    return {compares: tuple(pins) for compares, pins in found.items()}


def usable(pin: DeclaredPin) -> bool:
    """Tell whether the client can compare a pin at all."""
    return bool(pin.pin) and not pin.fault and not pin.placeholder


def _compared(certificates: tuple[Certificate, ...], compares: str) -> tuple[Certificate, ...]:
    """The certificates of a path that a list of pins is held against."""
    return {"leaf": certificates[:1], "issuers": certificates[1:]}.get(compares, certificates)


def pin_of(certificate: Certificate, like: Pin) -> Pin | None:
    """The pin of a certificate of the kind and digest of another; None where only its key's hash is known."""
    if like.hashed == "spki" and like.algorithm == "sha256":
        return certificate.spki
    if not certificate.der:
        return None
    from hashlib import new

    from pincheck.pki.certificates import spki_der

    content = certificate.der if like.hashed == "certificate" else spki_der(certificate.der)
    return Pin(like.hashed, like.algorithm, new(like.algorithm, content, usedforsecurity=False).digest())


def _pathless(release: Release, built: "Built") -> Verdict:
    """The verdict where no path leads to an anchor of this release."""
    if built.paths:
        own = next((reason for releases, reason in built.refused if release in releases), "")
        roots = dict.fromkeys(path.certificates[-1].name for path in built.paths)
        reason = own or f"does not trust {' or '.join(roots)}"
        return Verdict(release, "refused", (), built.paths[0].certificates, reason)
    chain = tuple(each for each in built.served if each)
    if built.fault in ("private", "given-up") or (built.fault == "incomplete" and release.platform == "ios"):
        return Verdict(release, "unknown", (), chain, built.reason)
    return Verdict(release, "refused", (), chain, built.reason)


def _any(verdicts: list[Verdict]) -> Verdict:
    """The verdict of a client whose pins take part in path building."""
    return next((each for each in verdicts if each.state == "match"), verdicts[0])


def _all(verdicts: list[Verdict]) -> Verdict:
    """The verdict of a client that is given one of several paths, nobody knows which."""
    if len({verdict.state for verdict in verdicts}) == 1:
        return verdicts[0]
    found = next(each for each in verdicts if each.state == "match")
    reason = f"of its {len(verdicts)} paths only some hold a pin, and Apple's choice is not known"
    return found._replace(state="unknown", reason=reason)
