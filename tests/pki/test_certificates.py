"""Facts of certificates: keys, links, and the SPKI hash over the bytes as they stand."""

import subprocess
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import NOW, Authority, new_key

from pincheck.pki import certificates

ROOT = Authority("Root")


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *arguments], input=given, check=True, capture_output=True, timeout=30
    ).stdout


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (new_key("ec"), "EC P-256"),
        (new_key("p384"), "EC P-384"),
        (new_key("p521"), "EC P-521"),
        (ec.generate_private_key(ec.SECP256K1()), "EC secp256k1"),
        (new_key("rsa"), "RSA 2048"),
        (new_key("rsa1024"), "RSA 1024"),
        (new_key("ed25519"), "Ed25519"),
        (ed448.Ed448PrivateKey.generate(), "Ed448"),
        (dsa.generate_private_key(1024), "DSA 1024"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_keys(key, text):
    certificate = ROOT.leaf("a.example", key=key).certificate
    facts = certificates.plain(certificate)
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (facts.key, facts.spki.digest) == (text, sha256(spki).digest())
    assert certificates.parse(facts.der) == facts


def test_the_link_to_the_issuer():
    linked = ROOT.leaf("a.example", aia="http://ca.example/root").certificate
    assert certificates.plain(linked).issuer_is_linked
    assert not certificates.plain(ROOT.certificate).issuer_is_linked


def test_equal_bytes_give_the_same_object():
    assert certificates.parse(ROOT.der) is certificates.parse(bytes(bytearray(ROOT.der)))


@pytest.mark.parametrize("der", [b"", b"0", b"0\x80\x00\x00", b"junk", b"0\x82" + b"\xff" * 70_000])
def test_what_is_no_certificate(der):
    assert certificates.parse(der) is None


def test_an_unknown_kind_of_key_is_named_by_its_number():
    """The key's algorithm is changed to a number that nobody knows; nothing else can be told, and nothing raised."""
    der = certificates.plain(Authority("Odd", kind="ed25519").certificate).der
    odd = der.replace(bytes.fromhex("06032b6570"), bytes.fromhex("06032b657f"))
    facts = certificates.parse(odd)
    assert facts is not None
    assert (facts.key, facts.subject, facts.is_ca) == ("1.3.101.127", "CN=Odd", True)
    assert facts.spki.digest != certificates.parse(der).spki.digest


def test_broken_extensions_leave_the_other_facts():
    der = ROOT.der
    at = der.index(bytes.fromhex("0603551d13"))  # basicConstraints: its content is cut to nonsense
    broken = bytearray(der)
    broken[broken.index(0x30, at + 5)] = 0x31
    facts = certificates.parse(bytes(broken))
    assert facts is not None
    assert (facts.subject, facts.key, facts.is_ca) == ("CN=Root", "EC P-256", False)
    assert facts.spki == certificates.parse(der).spki


def test_an_extension_that_stands_there_twice():
    der = ROOT.leaf("a.example").chain[0]
    # The number of the key usage becomes that of the basic constraints.
    facts = certificates.parse(der.replace(bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d13")))
    assert facts is not None
    assert (facts.subject, facts.key) == ("CN=a.example", "EC P-256")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], id="EC"),
        pytest.param(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], id="RSA"),
        pytest.param(["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"], id="RSA-PSS"),
        pytest.param(
            ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"],
            id="explicit curve",
        ),
        pytest.param(
            [
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-pkeyopt",
                "point-format:compressed",
            ],
            id="compressed point",
        ),
    ],
)
def test_the_spki_hash_is_over_the_bytes_as_openssl_sees_them(options, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(openssl("genpkey", *options))
    pem = openssl("req", "-x509", "-key", str(key), "-subj", "/CN=peer", "-days", "3")
    der = openssl("x509", "-outform", "DER", given=pem)
    # asn1parse shows the bytes of the certificate, while `openssl pkey` writes the key again.
    lines = openssl("asn1parse", "-inform", "DER", given=der).decode().splitlines()
    at = [line for line in lines if ":d=2" in line and "cons: SEQUENCE" in line][4].partition(":")[0]
    spki = openssl(
        "asn1parse", "-inform", "DER", "-strparse", at.strip(), "-noout", "-out", "/dev/stdout", given=der
    )
    facts = certificates.parse(der)
    assert facts is not None
    assert facts.spki.digest == sha256(spki).digest()


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=16), st.booleans()
)
@settings(max_examples=60)
def test_the_walk_agrees_with_cryptography(name, ca):
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ROOT.certificate.subject)
        .public_key(ROOT.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    certificate = builder.sign(ROOT.key, hashes.SHA256())
    issuer, subject_der, spki = certificates.fields(certificate.tbs_certificate_bytes)
    assert issuer == certificate.issuer.public_bytes()
    assert subject_der == certificate.subject.public_bytes()
    assert spki == certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@given(st.binary(max_size=200))
def test_the_walk_over_garbage_ends(data):
    with suppress(ValueError):
        certificates.fields(data)
