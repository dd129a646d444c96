"""The pin of a key in the place of the hash of its certificate."""

from collections.abc import Iterator
from hashlib import sha256

from pincheck.model import DeclaredPin, Finding, Pin, PinSet
from pincheck.remedy.known import Known, Proposal, respelt, shown, start


def propose(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose it where the very certificate is at hand, and the client compares keys as things stand.

    A client that compares certificates may be told to compare keys, but how is another matter in each format: it is
    left alone.
    """
    for pin_set, pin in known.users(finding.at):
        if not pin_set.inferred and pin_set.semantics.hashed == "spki":
            yield from instead(finding, pin_set, pin, known)
            return


def instead(finding: Finding, pin_set: PinSet, pin: DeclaredPin, known: Known) -> Iterator[Proposal]:
    """Propose the pin of the key in the certificate whose hash a pin is."""
    from pincheck.pki import certificates

    if not pin.pin or pin.pin.digest not in known.certificates:
        return
    der, where = known.certificates[pin.pin.digest]
    if not certificates.parse(der):
        return
    key = Pin("spki", "sha256", sha256(certificates.spki_der(der)).digest())
    says = f"write the pin of the key, {start(key.base64)}, for the hash of its certificate (from {shown(where)})"
    yield from respelt(finding, pin_set, pin, key, known, says)
