"""CAs and certificates of servers that last as long as a process: nothing is kept, nobody trusts them."""

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Period(NamedTuple):
    """How long a certificate is valid; UTC, aware, whole seconds."""

    not_before: datetime
    not_after: datetime


class Credentials(NamedTuple):
    """What a TLS server needs."""

    chain: bytes
    """PEM, leaf first, without the root."""
    key: bytes
    """PEM, not encrypted."""
    pin: str
    """Of the leaf's key: SHA-256 of the SPKI (RFC 7469 §2.4) in base64."""


class Authority:
    """A CA with a P-256 key of its own, certified by its issuer, or by itself where there is none."""

    def __init__(self, name: str, period: Period, issuer: "Authority | None" = None) -> None:
        self._key = _new_key()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._issuer = issuer
        builder = (issuer or self)._builder(self._name, self._key.public_key(), period, is_ca=True)
        self._certificate = builder.sign((issuer or self)._key, SHA256())

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self._certificate.public_bytes(Encoding.PEM)

    def credentials(self, host: str, period: Period) -> Credentials:
        """A certificate for a host with a new key, and the chain up to the root."""
        key = _new_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = self._builder(subject, key.public_key(), period, is_ca=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        leaf = builder.add_extension(usage, critical=False).sign(self._key, SHA256())
        return Credentials(leaf.public_bytes(Encoding.PEM) + self._sent(), _pem(key), _pin(key))

    def _sent(self) -> bytes:
        """The certificates behind a leaf."""
        return self.pem + self._issuer._sent() if self._issuer else b""

    def _builder(
        self, subject: x509.Name, key: EllipticCurvePublicKey, period: Period, is_ca: bool
    ) -> x509.CertificateBuilder:
        """A certificate by this CA, before it is signed (RFC 5280 §4.2.1)."""
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        usage = x509.KeyUsage(not is_ca, False, False, False, False, is_ca, is_ca, False, False)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(period.not_before)
            .not_valid_after(period.not_after)
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(above, critical=False)
        )


def spare_pin() -> str:
    """The pin, in base64, of a new key that no certificate has."""
    return _pin(_new_key())


def _new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _pin(key: EllipticCurvePrivateKey) -> str:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(spki).digest()).decode()
