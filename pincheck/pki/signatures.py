"""Whether one certificate signed another; each question is answered once."""

import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from pincheck.pki.certificates import UNREADABLE, Opened

MAX_REMEMBERED = 8192

_answers: dict[bytes, bool] = {}


def is_signed_by(certificate: Opened, issuer: Opened) -> bool:
    """``issuer`` has the name that ``certificate`` gives as its issuer, and its key made the signature."""
    question = _question(certificate, issuer)
    if question not in _answers:
        remember(certificate, issuer, _verify(certificate, issuer))
    return _answers[question]


def is_known(certificate: Opened, issuer: Opened) -> bool:
    """Whether ``is_signed_by`` has the answer already."""
    return _question(certificate, issuer) in _answers


def remember(certificate: Opened, issuer: Opened, answer: bool = True) -> None:
    """Keep what another check has found out."""
    if len(_answers) >= MAX_REMEMBERED:
        _answers.clear()
    _answers[_question(certificate, issuer)] = answer


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
    if certificate.issuer != issuer.subject or issuer.oversized:
        return False
    try:
        if old := _OLD.get(certificate.x509.signature_algorithm_oid.dotted_string):
            _verify_old(certificate.x509, issuer.x509.public_key(), old)
        else:
            certificate.x509.verify_directly_issued_by(issuer.x509)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


# What ``cryptography`` no longer does for certificates but does for plain data. Some roots are signed so, by
# themselves, and a certificate that a client refuses for its digest is not to be called forged.
_OLD = {
    "1.2.840.113549.1.1.4": hashes.MD5(),  # noqa: S303 - to recognise it
    "1.2.840.113549.1.1.5": hashes.SHA1(),  # noqa: S303
    "1.2.840.10045.4.1": hashes.SHA1(),  # noqa: S303
}


def _verify_old(certificate: x509.Certificate, key: object, digest: hashes.HashAlgorithm) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(digest))
    else:
        raise InvalidSignature
