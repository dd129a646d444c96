"""Whether one certificate signed another; each question is answered once."""

import re

from cryptography.exceptions import InvalidSignature

from pincheck.pki.certificates import UNREADABLE, Opened

MAX_KEYS = {"RSA": 8192, "DSA": 3072}
"""Bits; keys beyond that are slow to use, and no client that we know of takes them (BoringSSL: RSA 8192)."""
MAX_REMEMBERED = 8192

_answers: dict[bytes, bool] = {}


def is_signed_by(certificate: Opened, issuer: Opened) -> bool:
    """``issuer`` has the name that ``certificate`` gives as its issuer, and its key made the signature."""
    question = _question(certificate, issuer)
    if question not in _answers:
        remember(certificate, issuer, _verify(certificate, issuer))
    return _answers[question]


def remember(certificate: Opened, issuer: Opened, answer: bool = True) -> None:
    """Keep what another check has found out."""
    if len(_answers) >= MAX_REMEMBERED:
        _answers.clear()
    _answers[_question(certificate, issuer)] = answer


def is_oversized(certificate: Opened) -> bool:
    """Its key is larger than clients take."""
    kind, _, bits = certificate.facts.key.partition(" ")
    return kind in MAX_KEYS and int(bits) > MAX_KEYS[kind]


def key_size(certificate: Opened) -> int:
    """Bits of its key: of an RSA modulus, of an EC field; 0 if that is not known."""
    return max(map(int, re.findall(r"\d+", certificate.facts.key)), default=0)


def digest_size(certificate: Opened) -> int:
    """Bytes of the digest that its signature is over; 0 if that is not known."""
    try:
        digest = certificate.x509.signature_hash_algorithm
    except UNREADABLE:
        return 0
    return digest.digest_size if digest else 0


def _question(certificate: Opened, issuer: Opened) -> bytes:
    return certificate.digest + issuer.digest


def _verify(certificate: Opened, issuer: Opened) -> bool:
    if is_oversized(issuer):
        return False
    try:
        certificate.x509.verify_directly_issued_by(issuer.x509)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True
