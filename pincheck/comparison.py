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


NOT_ITS_OWN = "the app trusts none of its CAs, but only those that it names"

Roots = Mapping[bytes, frozenset[Release]]
"""The keys of trusted roots (SHA-256 of the SPKI), and the releases that trust one of them."""


class Anchors(NamedTuple):
    """The trust anchors a configuration names, and whether the platform's own count too."""

    own: tuple[bytes, ...]
    system: bool
    overriding: frozenset[bytes] = frozenset()
    """Those of its own for which Android compares no pins."""
    system_overrides: bool = False
    """Whether it compares none for the platform's own either."""
    unknown: str = ""
    """Why they are not known, or empty."""
    missing: str = ""
    """Which of its own is not at hand, as a clause; or empty."""


class Comparison:
    """One client's comparison of its pins with a chain."""

    def __init__(
        self,
        pin_sets: tuple[PinSet, ...],
        files: Mapping[str, tuple[bytes, ...]],
        trusted: Anchors,
        today: date,
        roots: Roots,
    ) -> None:
        self._client = pin_sets[0].semantics
        self._trusted = trusted
        self._roots = roots
        current = tuple(each for each in pin_sets if not _has_expired(each, today))
        self._expired = not current
        self._groups = pins_by_list(current)
        self._inferred = any(each.inferred for each in current)
        self._missing = trusted.missing or unread_file(current, files)
        pinned = [path for each in current for file in each.files for path in file.paths]
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
        if self._trusted.unknown:
            return Verdict(release, "unknown", reason=self._trusted.unknown)
        if client.compares == "served":
            return self._of_served(release, built)
        candidates = [path for path in built.paths if release in path.releases]
        if not candidates:
            return self._without_path(release, built)
        if release.platform in ("android", "jvm"):
            return self._against(release, candidates[0])
        verdicts = [self._against(release, path) for path in candidates]
        return self._steered(verdicts, built) if client.steers else _all(verdicts)

    def astray(self, release: Release, public: "Built") -> Verdict:
        """The verdict on a chain that leads to a public CA, where the client trusts its own anchors only."""
        path = next((each for each in public.paths if release in each.releases), None)
        if path is None or self._trusted.unknown:
            return Verdict(release, "unknown", reason=self._trusted.unknown or "no path is known")
        if self._missing:
            return Verdict(release, "unknown", (), path.certificates, self._missing)
        if self._certificates:
            return Verdict(release, "mismatch", (), path.certificates, path.doubt, not path.doubt)
        return Verdict(release, "refused", (), path.certificates, NOT_ITS_OWN)

    def _of_served(self, release: Release, built: "Built") -> Verdict:
        """What is sent may be a proxy's, where it leads to no public CA: then only a match tells anything."""
        chain = tuple(each for each in built.served if each)
        if not chain:
            return _pathless(release, built)
        verdict = self._against(release, VerifiedPath(chain, frozenset()))
        if verdict.state != "match" and built.fault in ("private", "given-up"):
            return Verdict(release, "unknown", (), chain, built.reason)
        return verdict

    def _without_path(self, release: Release, built: "Built") -> Verdict:
        """A private CA that is among the pinned certificates may be trusted, as these clients can be told to."""
        chain = tuple(each for each in built.served if each)
        if built.fault == "private" and self._certificates and self._client.files != "anchors":
            verdict = self._against(release, VerifiedPath(chain, frozenset()))
            if verdict.state == "match":
                return verdict._replace(
                    reason="whether it trusts this private CA is not known", certain=False
                )
        if self._missing and self._client.files == "anchors":
            return Verdict(release, "unknown", (), chain, self._missing)
        return _pathless(release, built)

    def _steered(self, verdicts: list[Verdict], built: "Built") -> Verdict:
        """The verdict of a client whose pins take part in path building.

        Apple may fetch certificates that are not sent (AIA), so a pinned root that it trusts may yet be reached.
        """
        found = next((each for each in verdicts if each.state == "match"), verdicts[0])
        linked = any(each and each.issuer_is_linked for each in built.served)
        if found.state != "mismatch" or not linked or not self._may_reach_root(found):
            return found
        return found._replace(reason="Apple may fetch another path, to a pinned root", certain=False)

    def _may_reach_root(self, verdict: Verdict) -> bool:
        """Whether each list that does not match holds the key of a root that the release trusts."""
        return all(
            compares != "leaf" and any(verdict.release in self._roots.get(pin.digest, ()) for pin in pins)
            for compares, pins in self._groups.items()
            if not any(self._is(pin, each, ()) for pin in pins for each in compared(verdict.path, compares))
        )

    def _against(self, release: Release, path: VerifiedPath) -> Verdict:
        certificates = path.certificates
        if self._expired:
            return self._after_expiry(release)
        if self._overrides(certificates[-1]):
            return Verdict(release, "match", (), certificates, "its trust anchor overrides the pins")
        hashable = self._client.hashable if release.platform == "ios" else ()
        if blocked := self._unhashable(certificates, hashable):
            return Verdict(release, "unsupported", (), certificates, blocked)
        matching = [
            tuple(
                pin
                for pin in pins
                if any(self._is(pin, each, hashable) for each in compared(certificates, compares))
            )
            for compares, pins in self._groups.items()
        ]
        filed = self._pinned_by_file(certificates)
        found = tuple(dict.fromkeys(pin for group in (*matching, filed) for pin in group))
        holds = bool(matching and all(matching)) or bool(filed) or self._ends_in_file()
        if not holds and self._missing:
            return Verdict(release, "unknown", found, certificates, self._missing)
        state: Literal["match", "mismatch"] = "match" if holds else "mismatch"
        certain = not path.doubt and not self._inferred
        return Verdict(release, state, found, certificates, path.doubt, certain)

    def _after_expiry(self, release: Release) -> Verdict:
        if self._client.expiry == "refused":
            return Verdict(release, "mismatch", reason="the pin set has expired")
        return Verdict(release, "match", reason="the pin set has expired, so it connects unpinned")

    def _overrides(self, anchor: Certificate) -> bool:
        trusted = self._trusted
        if anchor.der in trusted.overriding:
            return True
        return trusted.system_overrides and anchor.der not in trusted.own

    def _is(self, pin: Pin, certificate: Certificate, hashable: tuple[str, ...]) -> bool:
        """Tell whether a certificate is what a pin means, as far as this client can see."""
        if pin.hashed == "spki" and not hashes(hashable, certificate):
            return False
        if holds(pin, certificate):
            return True
        other = pin._replace(hashed="spki" if pin.hashed == "certificate" else "certificate")
        return self._inferred and holds(other, certificate)

    def _unhashable(self, certificates: tuple[Certificate, ...], hashable: tuple[str, ...]) -> str:
        """Why the client gives up before it finds a pin, from the trust anchor downwards; or empty."""
        if self._client.unhashable != "refused":
            return ""
        for certificate in reversed(certificates):
            if not hashes(hashable, certificate):
                return f"cannot hash the key of {certificate.name} ({certificate.key})"
            if any(self._is(pin, certificate, hashable) for pins in self._groups.values() for pin in pins):
                return ""
        return ""

    def _ends_in_file(self) -> bool:
        """Whether the path ends in a pinned certificate, as it would be none otherwise."""
        return bool(self._certificates) and self._client.files == "anchors" and not self._groups

    def _pinned_by_file(self, certificates: tuple[Certificate, ...]) -> tuple[Pin, ...]:
        """What the pinned certificate files stand for, as far as it is among those compared."""
        if not self._certificates or self._client.files == "anchors":
            return ()
        held = compared(certificates, self._client.compares)
        if self._client.files == "keys":
            return tuple(each.spki for each in held if each.spki in self._keys)
        found = (pin_of(each, _WHOLE) for each in held if each.der in self._certificates)
        return tuple(pin for pin in found if pin)


_WHOLE = Pin("certificate", "sha256", b"")
"""The kind of pin that a whole certificate is."""


def _has_expired(pin_set: PinSet, today: date) -> bool:
    day = pin_set.expires.day if pin_set.expires else None
    return bool(day) and pin_set.semantics.expiry != "none" and day <= today  # type: ignore[operator]


def unread_file(pin_sets: Iterable[PinSet], files: Mapping[str, tuple[bytes, ...]]) -> str:
    """Why some pinned certificate is not at hand, a clause; empty if all are."""
    for pin_set in pin_sets:
        for file in pin_set.files:
            if not any(files.get(path) for path in file.paths):
                name = (
                    f"its certificate file {file.name[:80]}" if file.name else "the certificates it carries"
                )
                return f"{name} cannot be found here"
    return ""


def hashes(hashable: tuple[str, ...], certificate: Certificate) -> bool:
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


def compared(certificates: tuple[Certificate, ...], compares: str) -> tuple[Certificate, ...]:
    """The certificates of a path that a list of pins is held against."""
    return {"leaf": certificates[:1], "issuers": certificates[1:]}.get(compares, certificates)


def holds(pin: Pin, certificate: Certificate) -> bool:
    """Tell whether a pin is of a certificate, whatever a client makes of it."""
    return pin == pin_of(certificate, pin)


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
        return Verdict(release, "refused", (), built.paths[0].certificates, built.objection(release))
    chain = tuple(each for each in built.served if each)
    if built.fault in ("private", "given-up") or (built.fault == "incomplete" and release.platform == "ios"):
        return Verdict(release, "unknown", (), chain, built.reason)
    return Verdict(release, "refused", (), chain, built.reason)


def _all(verdicts: list[Verdict]) -> Verdict:
    """The verdict of a client that is given one of several paths, nobody knows which."""
    found = next((each for each in verdicts if each.state == "match"), None)
    if found is None or all(each.state == "match" for each in verdicts):
        return verdicts[0]
    reason = f"of its {len(verdicts)} paths only some hold a pin, and Apple's choice is not known"
    return found._replace(state="unknown", reason=reason)
