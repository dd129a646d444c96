"""Certificate files (PEM, DER) -> plain values."""

from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pincheck.model import Pin
from pincheck.model.chains import Certificate


class BadCertificate(Exception):
    """The bytes are no certificate; the message says why."""


def read(data: bytes) -> tuple[Certificate, ...]:
    """Return all certificates of a PEM or DER file; raise ``BadCertificate`` if there is none."""
    try:
        if b"-----BEGIN" in data:
            found = x509.load_pem_x509_certificates(data)
        else:
            found = [x509.load_der_x509_certificate(data)]
        return tuple(plain(certificate) for certificate in found)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadCertificate(str(error).partition("\n")[0][:120] or "not a certificate") from None


def plain(certificate: x509.Certificate) -> Certificate:
    """The facts of a certificate as plain values; may raise ``ValueError`` for a broken one."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        is_ca = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        is_ca = False
    return Certificate(
        der=certificate.public_bytes(Encoding.DER),
        spki=Pin("spki", "sha256", sha256(spki).digest()),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        is_ca=is_ca,
    )
