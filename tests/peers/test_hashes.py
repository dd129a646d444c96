"""The hashes that pincheck takes of keys and certificates are those of OpenSSL and of OkHttp."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from pinner import VERSIONS, ask
from programs import program

from pincheck.model.chains import Certificate
from pincheck.pki import certificates, keys

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

KINDS = ("rsa:2048", "rsa:3072", "rsa:4096", "P-256", "P-384", "P-521", "ed25519")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder with the private key and the certificate of each kind."""
    return {kind: make(kind, tmp_path_factory.mktemp("key")) for kind in KINDS}


def make(kind: str, folder: Path) -> Path:
    curve = ["ec", "-pkeyopt", f"ec_paramgen_curve:{kind}"] if kind.startswith("P-") else [kind]
    openssl(
        "req", "-x509", "-nodes", "-days", "9", "-subj", "/CN=shop.example", "-newkey", *curve,
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"),
    )  # fmt: skip
    return folder


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    command = [program("openssl"), *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout


def read(folder: Path) -> Certificate:
    (found,) = certificates.read((folder / "certificate.pem").read_bytes())
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_hashes_are_those_of_openssl(kind: str, made: dict[str, Path]) -> None:
    folder = made[kind]
    public = openssl("x509", "-in", str(folder / "certificate.pem"), "-noout", "-pubkey")
    spki = openssl("pkey", "-pubin", "-outform", "DER", given=public)
    digest = openssl("dgst", "-sha256", "-binary", given=spki)
    whole = openssl("x509", "-in", str(folder / "certificate.pem"), "-noout", "-fingerprint", "-sha256")
    found = read(folder)
    assert (found.spki.digest, keys.spki_hash((folder / "key.pem").read_bytes())) == (digest, digest)
    assert hashlib.sha256(found.der).hexdigest().upper() == whole.decode().strip().partition("=")[2].replace(
        ":", ""
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_spki_hashes_are_those_of_okhttp(version: str, made: dict[str, Path]) -> None:
    found = [read(folder) for folder in made.values()]
    answers = ask(version, [("certificate", one.der) for one in found])
    assert answers == [f"sha256/{one.spki.base64}" for one in found]
