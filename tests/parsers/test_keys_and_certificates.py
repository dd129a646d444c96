"""Private keys and certificate files in the tree."""

import base64
import hashlib
import json
import subprocess

import pki
import pytest
from cryptography.hazmat.primitives import serialization
from scanning import KEY_A, KEY_B, report

from pincheck.model import Location
from pincheck.pki import certificates
from pincheck.pki.keys import spki_hash

KEY = pki.key()
CERTIFICATE = pki.certificate(KEY)
NSC_PATH = "app/src/main/res/xml/nsc.xml"


def nsc(*pins: str, anchors: str = "") -> str:
    listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
    return (
        "<network-security-config><domain-config><domain>shop.example</domain>"
        f"<pin-set>{listed}</pin-set>{anchors}</domain-config></network-security-config>"
    )


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        ("server/key.pem", pki.pem(KEY), "PKCS#8"),
        ("server/key.pem", pki.pem(KEY, pki.TRADITIONAL), "EC"),
        ("server/key", pki.pem(KEY, serialization.PrivateFormat.OpenSSH), "OpenSSH"),
        (
            "server/key.pem",
            pki.pem(KEY, encryption=serialization.BestAvailableEncryption(b"x")),
            "encrypted PKCS#8",
        ),
        ("server/key.der", KEY.private_bytes(pki.DER, pki.PKCS8, pki.PLAIN), "PKCS#8"),
        ("src/a.json", json.dumps({"key": pki.pem(KEY).decode()}).encode(), "PKCS#8"),
    ],
)
def test_private_keys_are_noticed_and_never_shown(path, data, kind):
    found = report({path: data})
    (key,) = found.project.private_keys
    assert (key.kind, key.at.path, key.at.line, key.at.text) == (kind, path, 1, "")
    secret = pki.pem(KEY).decode().splitlines()[1]
    assert secret not in repr(found.findings)


@pytest.mark.parametrize(
    "data",
    [
        b'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) { return parse(text) } // -----END PRIVATE KEY-----',
        b"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        b"-----BEGIN PRIVATE KEY-----",
        b"-----BEGIN PUBLIC KEY-----\n" + b"A" * 100 + b"\n-----END PUBLIC KEY-----",
    ],
)
def test_what_only_speaks_of_keys_is_none(data):
    assert report({"a.kt": data}).project.private_keys == ()


def test_the_key_of_a_pin_is_recognised():
    files = {NSC_PATH: nsc(pki.pin(KEY), KEY_A), "k.pem": pki.pem(KEY), "other.pem": pki.pem(pki.key())}
    mine, other = report(files).project.private_keys
    assert (base64.b64encode(mine.spki).decode(), mine.at) == (pki.pin(KEY), Location("k.pem", 1, 1, 1, 11))
    assert base64.b64encode(other.spki).decode() not in (pki.pin(KEY), KEY_A)


def test_spki_hashes_equal_those_of_openssl(tmp_path):
    (tmp_path / "key.pem").write_bytes(pki.pem(KEY))
    spki = subprocess.run(
        ["openssl", "pkey", "-in", "key.pem", "-pubout", "-outform", "DER"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assert spki_hash(pki.pem(KEY)) == hashlib.sha256(spki).digest()
    assert base64.b64encode(
        certificates.read(CERTIFICATE.public_bytes(pki.PEM))[0].spki.digest
    ).decode() == pki.pin(KEY)


def test_a_certificate_hash_is_recognised_by_the_file():
    der = CERTIFICATE.public_bytes(pki.DER)
    pin = base64.b64encode(hashlib.sha256(der).digest()).decode()
    for path, data in (("certs/shop.cer", der), ("certs/shop.pem", CERTIFICATE.public_bytes(pki.PEM))):
        (pin_set,) = report({NSC_PATH: nsc(pin, KEY_B), path: data}).project.pin_sets
        assert [pin.certificate_file for pin in pin_set.pins] == [path, ""]


ANCHORS = '<trust-anchors><certificates src="@raw/my_ca"/></trust-anchors>'


def test_anchors_of_raw_resources_are_found_in_their_module():
    data = CERTIFICATE.public_bytes(pki.PEM)
    raw = "app/src/main/res/raw/my_ca.pem"
    files = {NSC_PATH: nsc(KEY_A, KEY_B, anchors=ANCHORS), raw: data, "lib/src/main/res/raw/my_ca.pem": data}
    project = report(files).project
    assert [(anchor.source, anchor.files) for anchor in project.pin_sets[0].anchors] == [
        ("@raw/my_ca", (raw,))
    ]
    assert project.defects == ()


def test_an_anchor_that_is_no_certificate_crashes_the_app():
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    files = {NSC_PATH: nsc(KEY_A, KEY_B, anchors=ANCHORS), "app/src/main/res/raw/my_ca.crt": broken}
    (defect,) = report(files).project.defects
    assert defect.kind == "malformed"
    assert defect.what.startswith("app/src/main/res/raw/my_ca.crt cannot be read as certificates (")
    assert defect.what.endswith(
        "Android throws when it first reads the file, so the app crashes on its first connection"
    )


def test_a_key_beside_a_pinned_certificate_is_recognised():
    raw = "app/src/main/res/raw/"
    files = {
        NSC_PATH: nsc(KEY_A, KEY_B, anchors=ANCHORS),
        raw + "my_ca.pem": CERTIFICATE.public_bytes(pki.PEM),
        raw + "my_ca.key": pki.pem(KEY),
    }
    (key,) = report(files).project.private_keys
    assert key.beside == raw + "my_ca.pem"


@pytest.mark.parametrize(
    "data", [b"", b"0", b"\x30\x82\xff\xff", b"-----BEGIN CERTIFICATE-----", b"\x30" * 5_000]
)
def test_broken_certificates_are_told(data):
    with pytest.raises(certificates.BadCertificate):
        certificates.read(data)
