"""A pin that is misspelt, written as its client reads it."""

import re
from collections.abc import Iterator

from pincheck.model import DeclaredPin, Finding, Pin, PinSet
from pincheck.remedy import certificate
from pincheck.remedy.known import Known, Proposal, respelt, start

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[:\s]?){20,}")
_LAST_DIGITS = frozenset("AEIMQUYcgkosw048")
"""The last digits of 32 bytes that carry no spare bits (RFC 4648 §3.5)."""


def propose(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose another spelling of the same pin, at the place where it is written.

    Hexadecimal may be the hash of a whole certificate, and a last digit with spare bits that of a mistyped pin: then
    the key must be known from elsewhere.
    """
    users = [(pin_set, pin) for pin_set, pin in known.users(finding.at) if not pin_set.inferred]
    for pin_set, pin in users:
        if not pin.pin or not (pin.fault or pin.suspicion):
            continue
        if pin.pin.hashed == "spki" and pin.pin.digest in known.certificates:
            yield from certificate.instead(finding, pin_set, pin, known)
        elif _is_plain(pin, pin.pin) or pin.pin in known.keys:
            yield from respelt(finding, pin_set, pin, pin.pin, known, _says(pin_set, pin))
        return


def _is_plain(pin: DeclaredPin, meant: Pin) -> bool:
    """Tell whether only the one pin can be meant, and every bit of it is written."""
    if meant.algorithm != "sha256":
        return False
    if meant.hashed == "spki" and _HEX.search(pin.text):
        return False
    digits = pin.text.strip().rstrip('=" \t\r\n')
    return bool(_HEX.search(pin.text)) or digits[-1:] in _LAST_DIGITS


def _says(pin_set: PinSet, pin: DeclaredPin) -> str:
    return f"spell the pin {start(pin.text.strip())} as {pin_set.semantics.client} reads it"
