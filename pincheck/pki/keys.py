"""Keys: what they are, and the SPKI hash of a private key's public half, so that a pin can be recognised."""

from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def spki_hash(data: bytes) -> bytes:
    """Return SHA-256 of the SPKI (RFC 7469 §2.4), 32 bytes; empty if the key is encrypted or broken."""
    load = serialization.load_der_private_key
    if data.startswith(b"-----BEGIN OPENSSH"):
        load = serialization.load_ssh_private_key
    elif data.startswith(b"-----BEGIN"):
        load = serialization.load_pem_private_key
    try:
        public = load(data.replace(b"\\n", b"\n"), password=None).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return b""
    return sha256(spki).digest()


def kind_of(public: Any) -> str:
    """Type and size of a public key of ``cryptography``: ``RSA 2048``, ``EC P-256``, ``Ed25519``."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"EC {_CURVES.get(public.curve.name, public.curve.name)}"
    name = type(public).__name__.removesuffix("PublicKey")
    size = getattr(public, "key_size", None)
    return f"{name} {size}" if size else name


_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
