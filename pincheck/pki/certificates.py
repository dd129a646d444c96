"""Certificates (PEM, DER) -> plain values, and what the search for paths needs beside them."""

import warnings
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from pincheck.model import Pin
from pincheck.model.chains import Certificate
from pincheck.pki.der import inside
from pincheck.pki.keys import kind_of

# Old roots have serial numbers that RFC 5280 forbids, and hostile names any length; saying so on standard
# error is of no use to anybody here.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)
warnings.filterwarnings("ignore", message="Attribute's length", category=UserWarning)

UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What ``cryptography`` raises for bytes it cannot make sense of."""

MAX_SIZE = 64 * 1024
"""Bytes of DER beyond which nothing is taken for a certificate; real ones have a few thousand."""

_SERVER = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


class BadCertificate(Exception):
    """The bytes are no certificate; the message says why."""


class Names(NamedTuple):
    """Name constraints (RFC 5280 §4.2.1.10), of DNS names and addresses only."""

    domains: tuple[str, ...]
    networks: tuple[IPv4Network | IPv6Network, ...]


class Opened(NamedTuple):
    """A certificate with all that building and checking a path asks of it."""

    x509: x509.Certificate
    facts: Certificate
    digest: bytes
    """SHA-256 of the DER."""
    subject: bytes
    """DER of the name, exactly as in the certificate; so is the issuer's."""
    issuer: bytes
    key_id: bytes = b""
    """Subject key identifier; empty if there is none."""
    issuer_key_id: bytes = b""
    path_length: int | None = None
    signs: bool = True
    """Its key may sign certificates, as far as its key usage goes."""
    serves: bool = True
    """It may be a TLS server's, as far as its extended key usage goes."""
    dns_names: tuple[str, ...] = ()
    """Of its subjectAltName, lower case."""
    addresses: tuple[IPv4Address | IPv6Address, ...] = ()
    permitted: Names | None = None
    excluded: Names | None = None
    oversized: bool = False
    """Its key is larger than clients take; using it would take long."""
    readable: bool = True
    """False if its extensions cannot be read: then nothing is known of what they say."""

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are the same name."""
        return self.subject == self.issuer


def read(data: bytes) -> tuple[Certificate, ...]:
    """Return all certificates of a PEM or DER file; raise ``BadCertificate`` if there is none."""
    try:
        return tuple(plain(certificate) for certificate in _load_all(data))
    except UNREADABLE as error:
        raise BadCertificate(_why(error)) from None


def _why(error: BaseException) -> str:
    """The first line of a message; that of the parser below is for programmers."""
    text = str(error).partition("\n")[0][:120]
    return "not a certificate" if not text or "ParseError" in text else text


def ders(data: bytes) -> tuple[bytes, ...]:
    """Return the DER of all certificates of a PEM or DER file; raise ``BadCertificate`` as ``read`` does."""
    return tuple(certificate.der for certificate in read(data))


def parse(der: bytes) -> Certificate | None:
    """The facts of a certificate in DER, or None if it is none; equal bytes give the same object."""
    opened = open_der(der)
    return opened.facts if opened else None


def spki_der(der: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate in DER, byte for byte; empty if it is none."""
    opened = open_der(der)
    return fields(opened.x509.tbs_certificate_bytes)[2] if opened else b""


def plain(certificate: x509.Certificate) -> Certificate:
    """The facts of a certificate; what it says in a way that cannot be read is left empty.

    Raises one of ``UNREADABLE`` only if not even names, dates and key can be found.
    """
    return _open(certificate).facts


@lru_cache(maxsize=512)
def open_der(der: bytes) -> Opened | None:
    """A certificate in DER, opened; None if it is none. Equal bytes give the same object while they are in use."""
    if len(der) > MAX_SIZE:
        return None
    try:
        return _open(x509.load_der_x509_certificate(der), der)
    except UNREADABLE:
        return None


def _load_all(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def _open(certificate: x509.Certificate, der: bytes = b"") -> Opened:
    der = der or certificate.public_bytes(Encoding.DER)
    issuer, subject, spki = fields(certificate.tbs_certificate_bytes)
    said = _extensions(certificate)
    key, oversized = _key(certificate)
    facts = Certificate(
        der=der,
        spki=Pin("spki", "sha256", sha256(spki).digest()),
        subject=_text(certificate, "subject"),
        issuer=_issuer(certificate, issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        is_ca=said.pop("is_ca", False),
        key=key,
        issuer_is_linked=said.pop("issuer_is_linked", False),
    )
    return Opened(certificate, facts, sha256(der).digest(), subject, issuer, oversized=oversized, **said)


# DER -------------------------------------------------------------------------


def fields(tbs: bytes) -> tuple[bytes, bytes, bytes]:
    """Issuer, subject and SubjectPublicKeyInfo of a TBSCertificate (RFC 5280 §4.1), byte for byte.

    ``cryptography`` may write a key or name again in another way; a pin is over the bytes as they are.
    Raises ``ValueError``.
    """
    at, last = inside(tbs, 0)
    parts: list[bytes] = []
    while len(parts) < 6 and at < last:
        _, after = inside(tbs, at)
        if tbs[at] != 0xA0:  # the version, which may be left out
            parts.append(tbs[at:after])
        at = after
    if len(parts) < 6:
        raise ValueError("not a certificate")
    return parts[2], parts[4], parts[5]


# names and keys --------------------------------------------------------------


def _text(certificate: x509.Certificate, which: str) -> str:
    try:
        name: x509.Name = getattr(certificate, which)
        return name.rfc4514_string()
    except UNREADABLE:
        return ""


def _issuer(certificate: x509.Certificate, der: bytes) -> str:
    """The issuer's name as text; many certificates have the same, and writing it takes a while."""
    if der not in _issuers:
        if len(_issuers) >= 1024:
            _issuers.clear()
        _issuers[der] = _text(certificate, "issuer")
    return _issuers[der]


_issuers: dict[bytes, str] = {}


# BoringSSL, which is Android's, takes RSA keys of up to 8192 bits and exponents of up to 33.
MAX_RSA, MAX_EXPONENT, MAX_DSA = 8192, 33, 3072


def _key(certificate: x509.Certificate) -> tuple[str, bool]:
    """Type and size of the key, and whether it is oversized; an unknown type is its object identifier."""
    try:
        key = certificate.public_key()
    except UNREADABLE:
        return certificate.public_key_algorithm_oid.dotted_string, False
    return kind_of(key), _is_oversized(key)


def _is_oversized(key: Any) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size > MAX_RSA or key.public_numbers().e.bit_length() > MAX_EXPONENT
    return isinstance(key, dsa.DSAPublicKey) and key.key_size > MAX_DSA


# extensions ------------------------------------------------------------------


def _extensions(certificate: x509.Certificate) -> dict[str, Any]:
    said: dict[str, Any] = {}
    try:
        for extension in certificate.extensions:
            if reader := _READERS.get(type(extension.value)):
                said |= reader(extension.value)
    except UNREADABLE:
        return {"readable": False}
    return said


def _basic(value: x509.BasicConstraints) -> dict[str, Any]:
    return {"is_ca": value.ca, "path_length": value.path_length}


def _alternatives(value: x509.SubjectAlternativeName) -> dict[str, Any]:
    return {
        "dns_names": tuple(name.lower() for name in value.get_values_for_type(x509.DNSName)),
        "addresses": tuple(value.get_values_for_type(x509.IPAddress)),
    }


def _links(value: x509.AuthorityInformationAccess) -> dict[str, Any]:
    methods = [description.access_method for description in value]
    return {"issuer_is_linked": AuthorityInformationAccessOID.CA_ISSUERS in methods}


def _constraints(value: x509.NameConstraints) -> dict[str, Any]:
    return {"permitted": _names(value.permitted_subtrees), "excluded": _names(value.excluded_subtrees)}


# By type, not by ``isinstance``: the types are abstract classes, whose ``isinstance`` is slow.
_READERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    x509.BasicConstraints: _basic,
    x509.KeyUsage: lambda value: {"signs": value.key_cert_sign},
    x509.ExtendedKeyUsage: lambda value: {"serves": not _SERVER.isdisjoint(value)},
    x509.SubjectKeyIdentifier: lambda value: {"key_id": value.digest},
    x509.AuthorityKeyIdentifier: lambda value: {"issuer_key_id": value.key_identifier or b""},
    x509.SubjectAlternativeName: _alternatives,
    x509.AuthorityInformationAccess: _links,
    x509.NameConstraints: _constraints,
}


def _names(subtrees: list[x509.GeneralName] | None) -> Names | None:
    if subtrees is None:
        return None
    domains = tuple(each.value.lower() for each in subtrees if isinstance(each, x509.DNSName))
    networks = tuple(
        each.value
        for each in subtrees
        if isinstance(each, x509.IPAddress) and isinstance(each.value, IPv4Network | IPv6Network)
    )
    return Names(domains, networks)
