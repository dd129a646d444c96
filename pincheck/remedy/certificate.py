"""The pin of a key in the place of the hash of its certificate."""

from collections.abc import Iterator
from hashlib import sha256

from pincheck.model import DeclaredPin, Finding, Pin, PinSet
from pincheck.model.chains import Certificate, Look, Verification
from pincheck.remedy.known import Known, Proposal, is_clean, respelt, shown, start


def propose(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose it where the very certificate is at hand, and the client compares keys as things stand.

    A client that compares certificates may be told to compare keys, but how is another matter in each format: it is
    left alone.
    """
    for pin_set, pin in known.users(finding.at):
        if not pin_set.inferred and pin_set.semantics.hashed == "spki":
            yield from instead(finding, pin_set, pin, known)
            return


def served(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose it for pins that no host meets, where they are hashes of certificates that it serves.

    By its text such a pin is one of a key: only what is served tells.
    """
    survey = known.report.survey
    for verification in survey.verifications if survey else ():
        if verification.host in finding.hosts and verification.first.at.path == finding.at.path:
            found = [
                proposal
                for pin_set in verification.pin_sets
                for pin in pin_set.pins
                if _is_served(pin_set, pin, verification, known)
                for proposal in instead(finding, pin_set, pin, known)
            ]
            if found:
                yield _together(found)
                return


def _is_served(pin_set: PinSet, pin: DeclaredPin, verification: Verification, known: Known) -> bool:
    """Tell whether a pin is the hash of a certificate whose key the client meets wherever it connects."""
    key = _key(pin, known) if is_clean(pin) and pin_set.semantics.hashed == "spki" else None
    looks = [look for look in verification.looks if look.verdicts]
    met = ([each.spki for each in _compared(pin_set, look)] for look in looks)
    return key is not None and not pin_set.inferred and bool(looks) and all(key in keys for keys in met)


def _compared(pin_set: PinSet, look: Look) -> tuple[Certificate, ...]:
    """The certificates of a served chain of which the client compares the keys with the pins of a set."""
    compares = pin_set.semantics.compares
    return look.chain[:1] if compares == "leaf" else look.chain[1:] if compares == "issuers" else look.chain


def _together(proposals: list[Proposal]) -> Proposal:
    """One for all that are in the file of the first."""
    first = proposals[0]
    path = first.edits[0].at.path
    own = list({each.edits: each for each in proposals if each.edits[0].at.path == path}.values())

    def announced(other: PinSet) -> tuple[PinSet, ...]:
        for each in own:
            (other,) = each.announced(other)
        return (other,)

    edits = sorted((edit for each in own for edit in each.edits), key=lambda edit: edit.at)
    pins = tuple(pin for each in own for pin in each.pins)
    says = "; ".join(dict.fromkeys(each.says for each in own))
    return first._replace(says=says, edits=tuple(edits), announced=announced, pins=pins)


def _key(pin: DeclaredPin, known: Known) -> Pin | None:
    """The key in the certificate whose hash a pin is, if that is at hand."""
    from pincheck.pki import certificates

    if not pin.pin or pin.pin.digest not in known.certificates:
        return None
    der, _ = known.certificates[pin.pin.digest]
    if not certificates.parse(der):
        return None
    return Pin("spki", "sha256", sha256(certificates.spki_der(der)).digest())


def instead(finding: Finding, pin_set: PinSet, pin: DeclaredPin, known: Known) -> Iterator[Proposal]:
    """Propose the pin of the key in the certificate whose hash a pin is."""
    key = _key(pin, known)
    if not pin.pin or not key:
        return
    _, where = known.certificates[pin.pin.digest]
    says = f"write the pin of the key, {start(key.base64)}, for the hash of its certificate (from {shown(where)})"
    yield from respelt(finding, pin_set, pin, key, known, says)
