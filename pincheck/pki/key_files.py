"""Certificates, requests and keys out of a file of any usual kind -> the pin of each.

PEM (RFC 7468, RFC 1421 for keys encrypted the old way), DER, PKCS#7 (.p7b), PKCS#8, PKCS#12 (.p12, .pfx), OpenSSH
private keys. Of a private key nothing is kept but the pin of its public half.
"""

import re
import warnings
from binascii import Error, a2b_base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from math import prod
from typing import Any, Literal, NamedTuple

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7, pkcs12

from pincheck.model import Pin
from pincheck.model.chains import Certificate
from pincheck.pki import certificates
from pincheck.pki.der import child, end_of, inside
from pincheck.pki.keys import kind_of

Role = Literal["leaf", "intermediate", "anchor"]
What = Literal["certificate", "certificate request", "public key", "private key"]

# Old programs write BER, which is read all the same; saying so is of no use to anybody here.
warnings.filterwarnings("ignore", message="PKCS#", category=UserWarning)

UNREADABLE = (*certificates.UNREADABLE, InternalError, MemoryError)
"""The last two come of the parameters of encryption."""

MAX_ROUNDS = 20_000_000
"""Of the hash that makes a key of a passphrase, all together: some three seconds. OpenSSL takes 2,048."""
MAX_FOUND = 1_000
"""Certificates and keys of one file; a store of all public roots has some 150."""


class BadKeyFile(Exception):
    """There is nothing to pin in the bytes; the message says why, and what to do."""


class Found(NamedTuple):
    """A key, and what the file says about it."""

    what: What
    role: Role
    """As the certificate itself says: one that is a CA and its own issuer is an anchor. What is no
    certificate is taken for a leaf's."""
    name: str
    """Subject, RFC 4514 text; empty for a bare key."""
    pin: Pin
    key: str
    """Type and size: ``RSA 2048``, ``EC P-256``, ``Ed25519``."""
    certificate: Certificate | None = None

    @property
    def not_before(self) -> datetime | None:
        """UTC; None for what is no certificate."""
        return self.certificate.not_before if self.certificate else None

    @property
    def not_after(self) -> datetime | None:
        """UTC; None for what is no certificate."""
        return self.certificate.not_after if self.certificate else None

    @property
    def is_ca(self) -> bool:
        """Whether it is the certificate of a CA."""
        return bool(self.certificate and self.certificate.is_ca)


def read(data: bytes, passphrase: bytes | None = None) -> tuple[Found, ...]:
    """Return all certificates, requests and keys of a file in its order; raise ``BadKeyFile`` if there is none.

    A pin is over the bytes of the SPKI as they stand, where the file has them. A private key has none: its
    SPKI is written in the usual form, and one that is bound to RSA-PSS is refused unless it is encrypted,
    when that cannot be told.
    """
    if not data.strip():
        raise BadKeyFile("the file is empty")
    if data.startswith(b"\xfe\xed\xfe\xed"):
        raise BadKeyFile("a Java key store; turn it into PKCS#12 with keytool -importkeystore")
    found = []
    for each in _pem(data, passphrase) if b"-----BEGIN " in data else _der(data, passphrase):
        found.append(each)
        if len(found) > MAX_FOUND:
            raise BadKeyFile(f"holds more than {MAX_FOUND:,} certificates")
    if not found:
        raise BadKeyFile("no certificate, request or key in it")
    return tuple(found)


# PEM -------------------------------------------------------------------------


def _pem(data: bytes, passphrase: bytes | None) -> Iterator[Found]:
    for label, block, body in _blocks(data):
        if label.endswith("PRIVATE KEY"):
            yield _private(block, label, passphrase)
        elif label in _LABELS:
            yield from _tried(label, _LABELS[label], _decoded(body, label))


def _blocks(data: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """The label of each block, the block, and what stands between its lines."""
    end = 0
    while (start := data.find(b"-----BEGIN ", end)) >= 0:
        head = data.find(b"-----", start + 11)
        if head < 0 or head - start > 60:
            raise BadKeyFile("a line -----BEGIN that does not end")
        label = data[start + 11 : head]
        tail = b"-----END " + label + b"-----"
        stop = data.find(tail, head)
        if stop < 0:
            raise BadKeyFile("a block without its -----END line: the file is cut off")
        end = stop + len(tail)
        yield label.decode("ascii", "replace"), data[start:end], data[head + 5 : stop]


def _decoded(body: bytes, label: str) -> bytes:
    try:
        der = a2b_base64(body)
        return der[: end_of(der, 0)]  # a trusted certificate of OpenSSL's has more behind it
    except (Error, ValueError):
        raise _broken(label) from None


def _tried(label: str, reader: Callable[[bytes], Iterator[Found]], der: bytes) -> Iterator[Found]:
    try:
        yield from reader(der)
    except UNREADABLE:
        raise _broken(label) from None


def _broken(label: str) -> BadKeyFile:
    known = label if label in _LABELS or label in _PRIVATE else "PEM"
    return BadKeyFile(f"its {known} block is broken")


# DER -------------------------------------------------------------------------


def _der(data: bytes, passphrase: bytes | None) -> Iterator[Found]:
    if data[:1] != b"\x30":
        raise BadKeyFile("no certificate or key: neither PEM (no line -----BEGIN) nor DER")
    if _is_pkcs12(data):
        yield from _pkcs12(data, passphrase)
        return
    for reader in (
        _LABELS["CERTIFICATE"],
        _LABELS["CERTIFICATE REQUEST"],
        _LABELS["PKCS7"],
        _LABELS["PUBLIC KEY"],
    ):
        try:
            found = tuple(reader(data))
        except UNREADABLE:
            continue
        yield from found
        return
    yield _private(data, "DER", passphrase)


def _certificate(der: bytes) -> Iterator[Found]:
    yield _certified(x509.load_der_x509_certificate(der))


def _certified(certificate: x509.Certificate) -> Found:
    facts = certificates.plain(certificate)
    role: Role = "leaf"
    if facts.is_ca:
        role = "anchor" if certificate.subject == certificate.issuer else "intermediate"
    return Found("certificate", role, facts.subject, facts.spki, facts.key, facts)


def _request(der: bytes) -> Iterator[Found]:
    request = x509.load_der_x509_csr(der)
    spki = child(request.tbs_certrequest_bytes, 2)
    name = request.subject.rfc4514_string()
    yield Found("certificate request", "leaf", name, _pin(spki), kind_of(request.public_key()))


def _pkcs7(der: bytes) -> Iterator[Found]:
    for certificate in pkcs7.load_der_pkcs7_certificates(der):
        yield _certified(certificate)


def _public(der: bytes) -> Iterator[Found]:
    public = serialization.load_der_public_key(der)
    bare = child(der, 0)[:1] == b"\x02"  # PKCS#1: the numbers alone
    yield Found("public key", "leaf", "", _pin(_spki(public) if bare else der), kind_of(public))


_LABELS: dict[str, Callable[[bytes], Iterator[Found]]] = {
    "CERTIFICATE": _certificate,
    "X509 CERTIFICATE": _certificate,
    "TRUSTED CERTIFICATE": _certificate,
    "CERTIFICATE REQUEST": _request,
    "NEW CERTIFICATE REQUEST": _request,
    "PKCS7": _pkcs7,
    "CMS": _pkcs7,
    "PUBLIC KEY": _public,
    "RSA PUBLIC KEY": _public,
}
_PRIVATE = (
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
)


# secrets ---------------------------------------------------------------------

_ASK = "give its passphrase with --passphrase-file FILE or in PINCHECK_PASSPHRASE"
_PSS = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
"""id-RSASSA-PSS, RFC 4055 §3.1."""


def _private(data: bytes, label: str, passphrase: bytes | None) -> Found:
    loads: Callable[..., Any] = serialization.load_pem_private_key
    if label == "OPENSSH PRIVATE KEY":
        loads = serialization.load_ssh_private_key
    elif label == "DER":
        loads = serialization.load_der_private_key
    public = _unlocked(loads, data, label, passphrase).public_key()
    if _PSS in (data if label == "DER" else _loose(data))[:64]:
        raise BadKeyFile("a private key for RSA-PSS alone; give its certificate or its public key instead")
    return Found("private key", "leaf", "", _pin(_spki(public)), kind_of(public))


def _loose(block: bytes) -> bytes:
    """What the base64 of a block gives; nothing where it is none."""
    try:
        return a2b_base64(block.split(b"-----")[2])
    except Error:
        return b""


def _unlocked(loads: Callable[..., Any], data: bytes, label: str, passphrase: bytes | None) -> Any:
    """The key, by the passphrase if it needs one: which it does is only known by trying."""
    _refuse_endless(data if label == "DER" else _loose(data))
    try:
        return loads(data, password=None)
    except TypeError:
        if passphrase is None:
            raise BadKeyFile(f"the private key is encrypted; {_ASK}") from None
    except UNREADABLE:
        raise _no_key(label) from None
    try:
        return loads(data, password=passphrase)
    except UnsupportedAlgorithm:
        raise BadKeyFile(
            "the private key is encrypted in a way not known here; give its public key"
        ) from None
    except UNREADABLE:
        raise BadKeyFile("the passphrase does not open the private key, or the key is broken") from None


def _no_key(label: str) -> BadKeyFile:
    if label == "DER":
        return BadKeyFile("no certificate, request or key that is known: broken, or of another kind")
    return _broken(label)


def _is_pkcs12(data: bytes) -> bool:
    """Tell PKCS#12 (RFC 7292 §4) by its version, 3, and the sequence behind it."""
    try:
        start, _ = inside(data, 0)
    except ValueError:
        return False
    return data[start : start + 4] == b"\x02\x01\x03\x30"


def _pkcs12(data: bytes, passphrase: bytes | None) -> Iterator[Found]:
    _refuse_endless(data)
    opened = _opened(data, (None, b"") if passphrase is None else (passphrase,))
    if opened is None and passphrase is None:
        raise BadKeyFile(f"PKCS#12, encrypted or broken; {_ASK}")
    if opened is None:
        raise BadKeyFile("the passphrase does not open the PKCS#12 file, or it is broken")
    for each in (opened.cert, *opened.additional_certs):
        if each is not None:
            yield _certified(each.certificate)
    if opened.key is not None:
        public = opened.key.public_key()
        yield Found("private key", "leaf", "", _pin(_spki(public)), kind_of(public))


def _opened(data: bytes, passphrases: tuple[bytes | None, ...]) -> Any:
    for each in passphrases:
        try:
            return pkcs12.load_pkcs12(data, each)
        except UNREADABLE:
            continue
    return None


# how long a passphrase takes ---------------------------------------------------

_DERIVED = re.compile(
    rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05[\x01-\x0c]"  # PKCS#5: PBES1, PBKDF2
    rb"|\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01[\x01-\x06]"  # PKCS#12
    rb"|\x09\x2b\x06\x01\x04\x01\xda\x47\x04(?P<scrypt>\x0b))"  # RFC 7914
)
_SCRYPT = 32
"""A round of scrypt, whose memory grows with them, counts so many times."""
_PARAMETERS = 1_000
"""Bytes behind the name of a derivation in which its salt and its numbers stand."""


def _refuse_endless(der: bytes) -> None:
    """Raise if a passphrase would be hashed for minutes: the file says how often, and nothing else stops it."""
    rounds = 0
    for number, match in enumerate(_DERIVED.finditer(der)):
        parameters = der[match.end() : match.end() + _PARAMETERS]
        rounds += _rounds(parameters, bool(match["scrypt"])) if number < 2 * MAX_FOUND else MAX_ROUNDS
        if rounds > MAX_ROUNDS:
            break
    with suppress(ValueError):
        rounds += prod(_numbers(child(der, 2), 2))  # the MacData of PKCS#12
    if rounds > MAX_ROUNDS:
        raise BadKeyFile(
            "wants its passphrase hashed for minutes; give the certificate or the public key instead"
        )


def _rounds(parameters: bytes, scrypt: bool) -> int:
    """What the parameters behind the name of a derivation ask for; more than allowed where they do not end."""
    try:
        numbers = _numbers(parameters, 1)
    except ValueError:
        return MAX_ROUNDS + 1 if parameters[:1] == b"\x30" else 0
    return prod(numbers[:3]) * _SCRYPT if scrypt else prod(numbers[:1])


def _numbers(der: bytes, skipped: int) -> list[int]:
    """The numbers in a sequence, behind some elements; raise ``ValueError`` if there is no such sequence."""
    found = []
    start, last = inside(der, 0)
    for _ in range(skipped):
        start = end_of(der, start)
    while start < last and der[start] == 2:  # INTEGER
        content, start = inside(der, start)
        found.append(int.from_bytes(der[content:start][:16], "big"))
    return found


# keys and DER ----------------------------------------------------------------


def _pin(spki: bytes) -> Pin:
    return Pin("spki", "sha256", sha256(spki).digest())


def _spki(public: Any) -> bytes:
    encoded: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
