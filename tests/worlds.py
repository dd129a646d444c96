"""CA worlds: authorities, cross-signs and leaves for tests of chains, paths and servers.

root = Authority("Root")
issuing = root.issue("Issuing CA")
leaf = issuing.leaf("api.shop.example")
leaf.chain            # DER: leaf, issuing (the root is not sent)
root.cross(other)     # the key and name of ``root``, certified by ``other``
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
NOW = datetime.now(UTC).replace(microsecond=0)
"""Servers and their clients live now; tests of paths may say otherwise."""


def new_key(kind: str = "ec") -> Any:
    """A private key: ``ec`` (P-256), ``p384``, ``p521``, ``rsa`` (2048), ``rsa3072``, ``rsa1024``, ``ed25519``."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"ec": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}
    return ec.generate_private_key(curves[kind]())


def pin_of(certificate: x509.Certificate) -> str:
    """The SPKI pin, base64, by cryptography and hashlib alone."""
    from base64 import b64encode
    from hashlib import sha256

    spki = certificate.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(spki).digest()).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _algorithm(key: Any, digest: Any = None) -> Any:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else (digest or hashes.SHA256())


@dataclass(frozen=True)
class Leaf:
    """A server's certificate, its key, and the chain it sends."""

    certificate: x509.Certificate
    key: Any
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER, leaf first, as a server would send it."""
        return tuple(each.public_bytes(DER) for each in (self.certificate, *self.issuers))

    @property
    def pin(self) -> str:
        return pin_of(self.certificate)

    def sending(self, *issuers: x509.Certificate) -> "Leaf":
        """The same leaf with other certificates behind it."""
        return replace(self, issuers=issuers)

    def write(self, folder: Path, name: str = "server") -> tuple[Path, Path, Path]:
        """Write chain, key, and both in one file (haproxy); their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        chain = b"".join(each.public_bytes(PEM) for each in (self.certificate, *self.issuers))
        key = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        paths = (folder / f"{name}.pem", folder / f"{name}.key", folder / f"{name}.both.pem")
        for path, content in zip(paths, (chain, key, chain + key), strict=True):
            path.write_bytes(content)
        return paths


class Authority:
    """A CA: a key, a name, and the certificate it was first made with."""

    def __init__(
        self,
        name: str,
        issuer: "Authority | None" = None,
        kind: str = "ec",
        *,
        key: Any = None,
        start: datetime = NOW - timedelta(days=365),
        end: datetime = NOW + timedelta(days=3650),
        path_length: int | None = None,
        digest: Any = None,
        aia: str = "",
        **options: Any,
    ) -> None:
        self.name, self.issuer = name, issuer
        self.key = key or new_key(kind)
        self.certificate = (issuer or self)._certify(
            name,
            self.key.public_key(),
            start,
            end,
            ca=True,
            path_length=path_length,
            digest=digest,
            aia=aia,
            **options,
        )

    @property
    def pin(self) -> str:
        return pin_of(self.certificate)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    @cached_property
    def above(self) -> tuple[x509.Certificate, ...]:
        """The certificates a leaf of this CA is sent with: this and those above it, but for the root."""
        return (self.certificate, *self.issuer.above) if self.issuer else ()

    def issue(self, name: str, kind: str = "ec", **options: Any) -> "Authority":
        """A CA below this one."""
        return Authority(name, self, kind, **options)

    def cross(self, signer: "Authority", **options: Any) -> x509.Certificate:
        """The name and key of this CA, certified by another."""
        start = options.pop("start", NOW - timedelta(days=365))
        end = options.pop("end", NOW + timedelta(days=1000))
        return signer._certify(self.name, self.key.public_key(), start, end, ca=True, **options)

    def leaf(
        self,
        *names: str,
        kind: str = "ec",
        key: Any = None,
        start: datetime = NOW - timedelta(days=1),
        end: datetime = NOW + timedelta(days=89),
        subject: str = "",
        issuers: Sequence[x509.Certificate] | None = None,
        **options: Any,
    ) -> Leaf:
        """A server's certificate for names or IP addresses."""
        key = key or new_key(kind)
        certificate = self._certify(
            subject or names[0], key.public_key(), start, end, ca=False, names=names, **options
        )
        return Leaf(certificate, key, tuple(self.above if issuers is None else issuers))

    def _certify(
        self,
        subject: str,
        public: Any,
        start: datetime,
        end: datetime,
        *,
        ca: bool,
        names: Sequence[str] = (),
        path_length: int | None = None,
        digest: Any = None,
        aia: str = "",
        purpose: Any = ExtendedKeyUsageOID.SERVER_AUTH,
        key_ids: bool = True,
        permitted: Sequence[str] = (),
        critical_names: bool = False,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca, path_length), critical=True)
            .add_extension(
                x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True
            )
        )
        if key_ids:
            above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            builder = builder.add_extension(above, critical=False)
        if permitted:
            constraints = x509.NameConstraints([_general(name) for name in permitted], None)
            builder = builder.add_extension(constraints, critical=True)
        if aia:
            place = x509.UniformResourceIdentifier(aia)
            access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        if not ca:
            alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
            builder = builder.add_extension(alternatives, critical=critical_names)
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        return builder.sign(self.key, _algorithm(self.key, digest))


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
