"""``pincheck pin``: the pins of files and hosts, files against what openssl says of them."""

import json
import os
import subprocess
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pace
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import program
from worlds import DER, NOW, Authority, Leaf, pin_of

from pincheck.errors import UsageError
from pincheck.model.chains import Failure, Observation, Release, Target, VerifiedPath
from pincheck.pin import declaration, drawing, listing
from pincheck.pki import certificates, key_files

SECRET = "correct horse"


def openssl(folder: Path, command: str) -> bytes:
    """The output of a pipe of openssl commands that are run in the folder."""
    assert program("openssl")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=folder, capture_output=True, timeout=60,
        env=os.environ | {"SECRET": SECRET},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def unseen(*_: object) -> tuple[Observation, ...]:
    raise AssertionError("a file needs no network")


OFFLINE = listing.Sight(unseen, unseen)  # type: ignore[arg-type]


def rows(path: Path, passphrase: str = "") -> list[tuple[str, str, str, str]]:
    """What, role, key and pin of each key of a file."""
    (found,) = listing.look([str(path)], OFFLINE, passphrase.encode() or None)
    (chain,) = found.chains
    return [(row.what, row.role, row.key, row.pin.base64) for row in chain.rows]


def fault(text: str | Path, passphrase: str | None = None) -> str:
    with pytest.raises(UsageError) as raised:
        listing.look([str(text)], OFFLINE, None if passphrase is None else passphrase.encode())
    assert str(raised.value).isprintable()
    return str(raised.value).removeprefix(f"{text}: ")


# files against openssl ---------------------------------------------------------

KEYS = {
    "RSA 2048": "openssl genrsa -out key.pem 2048",
    "EC P-256": "openssl ecparam -genkey -noout -name prime256v1 -out key.pem",
    "EC P-384": "openssl ecparam -genkey -name secp384r1 -out key.pem",
    "Ed25519": "openssl genpkey -algorithm ed25519 -out key.pem",
}
SELF = "openssl req -x509 -key key.pem -subj /CN=shop.example -days 30"
REQUEST = "openssl req -new -key key.pem -subj /CN=shop.example"
P12 = "openssl pkcs12 -export -inkey key.pem -in cert.pem -passout"
MADE = {
    "key.der": ("openssl pkey -in key.pem -outform DER -out key.der", "private key"),
    "key.p8": ("openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.p8", "private key"),
    "pub.pem": ("openssl pkey -in key.pem -pubout -out pub.pem", "public key"),
    "pub.der": ("openssl pkey -in key.pem -pubout -outform DER -out pub.der", "public key"),
    "cert.pem": (f"{SELF} -out cert.pem", "certificate"),
    "cert.der": (f"{SELF} -outform DER -out cert.der", "certificate"),
    "trusted.pem": ("openssl x509 -in cert.pem -trustout -setalias shop -out trusted.pem", "certificate"),
    "text.pem": ("openssl x509 -in cert.pem -text -out text.pem", "certificate"),
    "csr.pem": (f"{REQUEST} -out csr.pem", "certificate request"),
    "csr.der": (f"{REQUEST} -outform DER -out csr.der", "certificate request"),
    "chain.p7b": ("openssl crl2pkcs7 -nocrl -certfile cert.pem -out chain.p7b", "certificate"),
    "chain.p7c": ("openssl crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out chain.p7c", "certificate"),
}
RSA_ONLY = {
    "rsa.pem": ("openssl rsa -in key.pem -traditional -out rsa.pem", "private key"),
    "rsa-pub.pem": ("openssl rsa -in key.pem -RSAPublicKey_out -out rsa-pub.pem", "public key"),
    "rsa-pub.der": ("openssl rsa -in key.pem -RSAPublicKey_out -outform DER -out rsa-pub.der", "public key"),
}
LOCKED = {
    "locked.pem": ("openssl pkey -in key.pem -aes256 -passout env:SECRET -out locked.pem", "private key"),
    "locked.der": (
        "openssl pkcs8 -topk8 -in key.pem -passout env:SECRET -outform DER -out locked.der", "private key"
    ),
    "store.p12": (f"{P12} env:SECRET -out store.p12", "PKCS#12"),
    "store.pfx": (f"{P12} env:SECRET -nokeys -out store.pfx", "certificate"),
}  # fmt: skip
OPEN = {"open.p12": (f"{P12} pass: -out open.p12", "PKCS#12")}


@pytest.mark.peer
@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_file_has_the_pin_that_openssl_says(tmp_path: Path, kind: str):
    openssl(tmp_path, KEYS[kind])
    digest = openssl(tmp_path, "openssl pkey -in key.pem -pubout -outform DER | openssl dgst -sha256 -binary")
    expected = b64encode(digest).decode()
    made = MADE | (RSA_ONLY if kind.startswith("RSA") else {}) | LOCKED | OPEN
    openssl(tmp_path, " && ".join(command for command, _ in made.values()))
    for name, (_, what) in {"key.pem": ("", "private key"), **made}.items():
        found = rows(tmp_path / name, SECRET if name in LOCKED else "")
        roles = {
            "certificate": [("certificate", "anchor")],
            "PKCS#12": [("certificate", "anchor"), ("private key", "leaf")],
        }
        shapes = roles.get(what, [(what, "leaf")])
        assert found == [(*shape, kind, expected) for shape in shapes], name


@pytest.mark.peer
def test_a_certificate_has_the_pin_that_openssl_says(tmp_path: Path):
    leaf = Authority("Root").issue("Issuing", "rsa").leaf("api.shop.example", kind="p384")
    path, _, both = leaf.write(tmp_path)
    spki = openssl(
        tmp_path, f"openssl x509 -in {path.name} -pubkey -noout | openssl pkey -pubin -outform DER"
    )
    assert leaf.pin == b64encode(sha256(spki).digest()).decode()
    chain = [
        ("certificate", "leaf", "EC P-384", leaf.pin),
        ("certificate", "intermediate", "RSA 2048", pin_of(leaf.issuers[0])),
    ]
    assert rows(path) == chain
    assert rows(both) == [*chain, ("private key", "leaf", "EC P-384", leaf.pin)]


@pytest.mark.peer
def test_openssh_private_keys(tmp_path: Path):
    assert program("ssh-keygen")
    openssl(
        tmp_path, "ssh-keygen -q -t ecdsa -b 256 -N '' -f plain && ssh-keygen -q -t ed25519 -N x -f locked"
    )
    spki = openssl(tmp_path, "ssh-keygen -e -m PKCS8 -f plain.pub | openssl pkey -pubin -outform DER")
    pin = b64encode(sha256(spki).digest()).decode()
    assert rows(tmp_path / "plain") == [("private key", "leaf", "EC P-256", pin)]
    assert fault(tmp_path / "locked").startswith("the private key is encrypted; give its passphrase")


@pytest.mark.peer
def test_a_public_key_is_hashed_as_it_stands(tmp_path: Path):
    openssl(
        tmp_path,
        "openssl ecparam -genkey -noout -name prime256v1 -out key.pem"
        " && openssl ec -in key.pem -conv_form compressed -pubout -out pub.pem"
        " && openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem"
        f" && openssl pkey -in pss.pem -pubout -out pss-pub.pem && {SELF.replace('key.pem', 'pss.pem')} -out pss-cert.pem"
        f" && {REQUEST.replace('key.pem', 'pss.pem')} -out pss-csr.pem",
    )
    for name, source in (
        ("pub.pem", "pub"),
        ("pss-pub.pem", "pss-pub"),
        ("pss-cert.pem", "pss-pub"),
        ("pss-csr.pem", "pss-pub"),
    ):
        body = b"".join((tmp_path / f"{source}.pem").read_bytes().splitlines()[1:-1])
        digest = sha256(b64decode(body)).digest()
        assert [pin for *_, pin in rows(tmp_path / name)] == [b64encode(digest).decode()], name
    assert fault(tmp_path / "pss.pem") == (
        "a private key for RSA-PSS alone; give its certificate or its public key instead"
    )


# bad files -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key and a PKCS#12 file, both encrypted."""
    folder = tmp_path_factory.mktemp("locked")
    openssl(
        folder, f"{KEYS['EC P-256']} && {SELF} -out cert.pem && " + " && ".join(c for c, _ in LOCKED.values())
    )
    return folder


ASK = "give its passphrase with --passphrase-file FILE or in PINCHECK_PASSPHRASE"


@pytest.mark.peer
@pytest.mark.parametrize(
    ("name", "passphrase", "message"),
    [
        pytest.param("locked.pem", None, f"the private key is encrypted; {ASK}", id="PEM"),
        pytest.param("locked.der", None, f"the private key is encrypted; {ASK}", id="DER"),
        pytest.param("store.p12", None, f"PKCS#12, encrypted or broken; {ASK}", id="PKCS#12"),
        pytest.param(
            "locked.pem", "no", "the passphrase does not open the private key, or the key is broken", id="PEM, wrong"
        ),
        pytest.param(
            "locked.der", "", "the passphrase does not open the private key, or the key is broken", id="DER, empty"
        ),
        pytest.param(
            "store.p12", "no", "the passphrase does not open the PKCS#12 file, or it is broken", id="PKCS#12, wrong"
        ),
    ],
)  # fmt: skip
def test_a_passphrase_that_is_missing_or_wrong(locked: Path, name: str, passphrase: str | None, message: str):
    assert fault(locked / name, passphrase) == message


def test_where_the_passphrase_comes_from(tmp_path: Path):
    file = tmp_path / "passphrase"
    file.write_text("from the file\r\nnot this\n")
    environment = {"PINCHECK_PASSPHRASE": "grün"}
    assert listing.passphrase_of(str(file), environment) == b"from the file"
    assert listing.passphrase_of("", environment) == "grün".encode()
    assert listing.passphrase_of("", {}) is None
    file.write_bytes(b"x" * 5000)
    found = []
    for path in (str(file), str(tmp_path), "/dev/zero", "a\0b"):
        with pytest.raises(UsageError) as raised:
            listing.passphrase_of(path, {})
        found.append(str(raised.value))
    assert found == [
        f"{file}: is larger than 4,096 bytes, so it is no passphrase",
        f"{tmp_path}: cannot be read: Is a directory",
        "/dev/zero: is larger than 4,096 bytes, so it is no passphrase",
        r"a\x00b: cannot be read: embedded null byte",
    ]


PEM = "-----BEGIN {0}-----\nAAAA\n-----END {0}-----\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b" \n", "the file is empty", id="blank"),
        pytest.param(b"hello", "no certificate or key: neither PEM (no line -----BEGIN) nor DER", id="text"),
        pytest.param(
            b"\x30\x03\x02\x01\x00", "no certificate, request or key that is known: broken, or of another kind", id="DER"
        ),
        pytest.param(b"\x30", "no certificate, request or key that is known: broken, or of another kind", id="one byte"),
        pytest.param(
            b"\x30\x05\x02\x01\x03\x30\x00", f"PKCS#12, encrypted or broken; {ASK}", id="PKCS#12 without content"
        ),
        pytest.param(b"\xfe\xed\xfe\xed\0\0\0\2", "a Java key store; turn it into PKCS#12 with keytool -importkeystore", id="JKS"),
        pytest.param(b"-----BEGIN ", "a line -----BEGIN that does not end", id="cut in the first line"),
        pytest.param(
            b"-----BEGIN CERTIFICATE-----\nAAAA", "a block without its -----END line: the file is cut off", id="cut off"
        ),
        *(
            pytest.param(PEM.format(label).encode(), f"its {label} block is broken", id=label)
            for label in (
                "CERTIFICATE", "CERTIFICATE REQUEST", "PKCS7", "PUBLIC KEY", "RSA PUBLIC KEY", "PRIVATE KEY",
                "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY",
            )
        ),
        pytest.param(PEM.format("X509 CRL").encode(), "no certificate, request or key in it", id="another block"),
        pytest.param(
            PEM.format("\x1b[31m PRIVATE KEY").encode(), "its PEM block is broken", id="an escape for a label"
        ),
    ],
)  # fmt: skip
def test_what_is_no_key(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "file").write_bytes(content)
    assert fault(tmp_path / "file") == message


@pytest.mark.peer
def test_what_a_passphrase_costs_is_read_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    options = "-passout env:SECRET -outform DER"
    openssl(
        tmp_path,
        f"{KEYS['EC P-256']} && {SELF} -out cert.pem"
        f" && openssl pkcs8 -topk8 -in key.pem {options} -iter 65537 -out rounds.der"
        f" && openssl pkcs8 -topk8 -in key.pem {options} -v1 PBE-SHA1-3DES -iter 65537 -out v1.der"
        f" && openssl pkcs8 -topk8 -in key.pem {options} -scrypt -scrypt_N 16384 -out scrypt.der"
        " && openssl pkcs8 -topk8 -in key.pem -passout env:SECRET -iter 65537 -out rounds.pem"
        f" && {P12} env:SECRET -iter 65537 -out rounds.p12"
        f" && {P12} env:SECRET -nokeys -certpbe NONE -iter 65537 -out mac.p12",
    )
    names = {"rounds.der": 1, "v1.der": 1, "scrypt.der": 1, "rounds.pem": 1, "rounds.p12": 2, "mac.p12": 1}
    assert {name: len(rows(tmp_path / name, SECRET)) for name in names} == names
    monkeypatch.setattr(key_files, "MAX_ROUNDS", 65_536)
    assert {fault(tmp_path / name, SECRET) for name in names} == {ENDLESS}


ENDLESS = "wants its passphrase hashed for minutes; give the certificate or the public key instead"


def sequence(*parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes((0x30, len(body)) if len(body) < 128 else (0x30, 0x81, len(body))) + body


def encrypted(scheme: str, *parameters: bytes) -> bytes:
    """A private key in PKCS#8 that is encrypted by PBES2 with a derivation, and has no content."""
    cipher = sequence(bytes.fromhex("060960864801650304012a"), bytes.fromhex("0410") + bytes(16))
    derivation = sequence(bytes.fromhex(scheme), sequence(b"\4\10saltsalt", *parameters))
    return sequence(
        sequence(bytes.fromhex("06092a864886f70d01050d"), sequence(derivation, cipher)), b"\4\20" + bytes(16)
    )


def big(body: bytes) -> bytes:
    return b"\x30\x83" + len(body).to_bytes(3, "big") + body


BROKEN = "no certificate, request or key that is known: broken, or of another kind"
HIDDEN = b"\4\x0d" + bytes.fromhex("06092a864886f70d01050c3080")
"""The name of a derivation, inside a text of bytes, and parameters that begin there and go on behind it."""
PBKDF2, SCRYPT = "06092a864886f70d01050c", "06092b06010401da47040b"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(encrypted(PBKDF2, b"\2\4\x7f\xff\xff\xff"), ENDLESS, id="PBKDF2"),
        pytest.param(encrypted(PBKDF2, b"\2\x11" + b"\x7f" * 17), ENDLESS, id="PBKDF2, a number of 17 bytes"),
        pytest.param(encrypted(SCRYPT, b"\2\4\x40\0\0\0", b"\2\1\10", b"\2\1\1"), ENDLESS, id="scrypt"),
        pytest.param(sequence(HIDDEN * 9), ENDLESS, id="parameters without an end"),
        pytest.param(big(HIDDEN * 150_000), ENDLESS, id="many of them"),
        pytest.param(big(b"\5\0" * 1_000_000), BROKEN, id="a million of nothing"),
        pytest.param(
            encrypted(SCRYPT, b"\2\2\x3f\xff", b"\2\1\10", b"\2\1\1"),
            "the passphrase does not open the private key, or the key is broken",
            id="scrypt, no power of two",
        ),
    ],
)
def test_a_passphrase_is_not_hashed_for_minutes(tmp_path: Path, content: bytes, message: str):
    (tmp_path / "key").write_bytes(content)
    start = time.perf_counter()
    assert fault(tmp_path / "key", SECRET) == message
    assert time.perf_counter() - start < pace.allowed(2)


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore:PKCS#")
def test_files_in_ber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Lengths that are left open, as NSS and keychains write them."""
    openssl(
        tmp_path,
        f"{KEYS['EC P-256']} && {SELF} -out cert.pem && echo x > text"
        " && openssl smime -sign -in text -signer cert.pem -inkey key.pem -nodetach -stream -outform DER -out ber.p7b"
        f" && {P12} env:SECRET -nokeys -certpbe NONE -iter 65537 -out der.p12",
    )
    _, _, _, pin = rows(tmp_path / "cert.pem")[0]
    assert rows(tmp_path / "ber.p7b") == [("certificate", "anchor", "EC P-256", pin)]
    whole = (tmp_path / "der.p12").read_bytes()
    assert whole[:2] == b"\x30\x82"
    (tmp_path / "ber.p12").write_bytes(b"\x30\x80" + whole[4:] + b"\0\0")
    assert rows(tmp_path / "ber.p12", SECRET) == [("certificate", "anchor", "EC P-256", pin)]
    monkeypatch.setattr(key_files, "MAX_ROUNDS", 65_536)
    assert fault(tmp_path / "ber.p12", SECRET) == ENDLESS
    (tmp_path / "deep").write_bytes(b"\x30\x80" * 1_000_000)
    assert fault(tmp_path / "deep", SECRET).startswith("no certificate, request or key that is known")


def test_what_is_no_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", listing.MAX_BYTES + 1)
    (tmp_path / "loop").symlink_to("loop")
    names = ("pipe", "huge", "loop")
    assert [fault(tmp_path / name) for name in names] == [
        "is a device, not a file", "is larger than 4 MB", "cannot be read: Too many levels of symbolic links"
    ]  # fmt: skip
    assert fault("/dev/zero") == "is a device, not a file"
    assert fault(tmp_path) == f"is a folder, not a file; if a host is meant, write https://{tmp_path}/"


def test_too_many_certificates(tmp_path: Path):
    (tmp_path / "many.pem").write_bytes(Authority("Root").pem * 1001)
    assert fault(tmp_path / "many.pem") == "holds more than 1,000 certificates"


WHOLE = Authority("Root", kind="ed25519").pem


@settings(max_examples=300)
@given(data=st.data())
def test_changed_bytes_never_crash(data: st.DataObject):
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        key_files.read(bytes(content))
    except key_files.BadKeyFile as error:
        text = str(error)
        assert text


@settings(max_examples=300)
@given(data=st.data())
def test_changed_der_never_crashes(data: st.DataObject):
    content = bytearray(certificates.read(WHOLE)[0].der)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for size in (len(content), data.draw(st.integers(0, len(content)))):
        try:
            key_files.read(bytes(content[:size]))
        except key_files.BadKeyFile as error:
            text = str(error)
            assert text


def test_a_private_key_is_never_shown(tmp_path: Path):
    _, key, _ = Authority("Root").leaf("api.shop.example").write(tmp_path)
    listings = listing.look([str(key)], OFFLINE)
    body = key.read_text().splitlines()[1]
    assert body not in drawing.as_table(listings) + drawing.as_json(listings) + repr(listings)


# targets ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("api.shop.example", Target("api.shop.example")),
        ("API.Shop.Example.", Target("api.shop.example")),
        ("api.shop.example:8443", Target("api.shop.example", 8443)),
        ("https://api.shop.example/v1?x#y", Target("api.shop.example")),
        ("HTTPS://api.shop.example:8443", Target("api.shop.example", 8443)),
        ("büro.example", Target("xn--bro-hoa.example")),
        ("192.0.2.1:8443", Target("192.0.2.1", 8443)),
        ("[2001:db8::1]:8443", Target("2001:db8::1", 8443)),
        ("localhost:8443", Target("localhost", 8443)),
    ],
)
def test_a_host(text: str, target: Target):
    asked: list[Target] = []

    def survey(targets: Sequence[Target]) -> tuple[Observation, ...]:
        asked.extend(targets)
        return ()

    listing.look([text, text], OFFLINE._replace(survey=survey))
    assert asked == [target]


NEITHER = "neither a file nor a host; write HOST, HOST:PORT or https://HOST/"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("server.pem", "no such file; a URL begins with https://"),
        ("no/server", "no such file; a URL begins with https://"),
        ("http://api.shop.example", "http has no pins; name a host, an https URL or a file"),
        ("", NEITHER),
        ("*.shop.example", NEITHER),
        ("api.shop.example:0", NEITHER),
        ("api.shop.example:65536", NEITHER),
        ("api.shop.example:https", NEITHER),
        ("https://user:secret@api.shop.example/", NEITHER),
        ("https://[::1", NEITHER),
        ("a..b", NEITHER),
        ("x" * 300, NEITHER),
    ],
)
def test_what_is_no_target(text: str, message: str):
    assert fault(text).endswith(message)


def test_a_target_with_an_escape_cannot_act():
    assert fault("a\x1b[31m\nb") == rf"a\x1b[31m\x0ab: {NEITHER}"
    assert fault("a\0b") == rf"a\x00b: {NEITHER}"


# hosts -----------------------------------------------------------------------------

SHOP = Target("api.shop.example")
AT = NOW
ROOT = Authority("Root")
OLD = Authority("Old Root")
ISSUING = ROOT.issue("Issuing")
LEAF = ISSUING.leaf("api.shop.example")
CROSS = ROOT.cross(OLD)
ANDROID = frozenset((Release("android", "14"),))


def saw(served: Sequence[bytes], address: str = "203.0.113.7", **changed: object) -> Observation:
    return Observation(SHOP, AT, address, served=tuple(served), protocol="TLSv1.3")._replace(**changed)


def path(*chain: bytes, doubt: str = "") -> VerifiedPath:
    return VerifiedPath(tuple(certificates.read(der)[0] for der in chain), ANDROID, doubt)


def sight(observations: Sequence[Observation], *paths: VerifiedPath, reason: str = "") -> listing.Sight:
    built = SimpleNamespace(paths=paths, reason=reason)
    return listing.Sight(lambda targets: tuple(observations), lambda served, host, at: built)


def day(authority: Authority | Leaf) -> str:
    return str(authority.certificate.not_valid_after_utc.date())


SENT = (*LEAF.chain, CROSS.public_bytes(DER))


def test_a_host_is_shown_from_leaf_to_root():
    seen = [
        saw(SENT), saw(SENT, "203.0.113.8"), saw(SENT, "2001:db8::7"),
        saw(SENT, offer="ecdsa", protocol="TLSv1.2"),
        saw((), offer="rsa", failure=Failure("absent", "no RSA certificate")),
        saw((), "203.0.113.9", failure=Failure("unreachable", "nothing answered within 10 s")),
    ]  # fmt: skip
    listings = listing.look(["api.shop.example"], sight(seen, path(*LEAF.chain, ROOT.der)))
    assert drawing.as_table(listings) == (
        "api.shop.example at 203.0.113.7 and 2 more, TLS 1.3, TLS 1.2 with ECDSA\n"
        f"ROLE          PIN{' ' * 43}KEY       NOT AFTER   SUBJECT\n"
        f"leaf          {LEAF.pin}  EC P-256  {day(LEAF)}  CN=api.shop.example\n"
        f"intermediate  {ISSUING.pin}  EC P-256  {day(ISSUING)}  CN=Issuing\n"
        f"trust anchor  {ROOT.pin}  EC P-256  {day(ROOT)}  CN=Root (not sent)\n"
        f"intermediate  {ROOT.pin}  EC P-256  {CROSS.not_valid_after_utc.date()}  CN=Root (sent but not used)\n"
        "\n"
        "api.shop.example at 203.0.113.9: nothing answered within 10 s\n"
        "\n"
        f"{drawing.ADVICE}\n"
    )
    assert listing.missing(listings) == ()


def test_every_path_counts():
    both = (path(*LEAF.chain, ROOT.der), path(*SENT, OLD.der, doubt="its root is known by name and key only"))
    (found,) = listing.look(["api.shop.example"], sight([saw(SENT)], *both))
    assert [(row.role, row.subject, row.sent, row.used, row.note) for row in found.chains[0].rows] == [
        ("leaf", "CN=api.shop.example", True, True, ""),
        ("intermediate", "CN=Issuing", True, True, ""),
        ("intermediate", "CN=Root", True, True, "its root is known by name and key only"),
        ("anchor", "CN=Root", False, True, "not sent"),
        ("anchor", "CN=Old Root", False, True, "its root is known by name and key only"),
    ]


def test_without_a_path_the_order_is_that_of_the_issuers():
    leaf = ISSUING.leaf("api.shop.example").sending(ROOT.certificate, ISSUING.certificate)
    seen = [saw((*leaf.chain, b"junk"))]
    (found,) = listing.look(["api.shop.example"], sight(seen, reason="Root is in no trust store"))
    (chain,) = found.chains
    assert [(row.role, row.subject, row.used) for row in chain.rows] == [
        ("leaf", "CN=api.shop.example", None),
        ("intermediate", "CN=Issuing", None),
        ("anchor", "CN=Root", None),
    ]
    assert chain.note == (
        "no verified path: Root is in no trust store; 1 of the 4 certificates sent cannot be read"
    )


def test_a_host_that_does_not_answer():
    seen = [saw((), "", protocol="", failure=Failure("unresolved", "no such name\x1b[31m"))]
    listings = listing.look(["api.shop.example"], sight(seen))
    assert drawing.as_table(listings) == "api.shop.example: no such name\\x1b[31m\n"
    assert listing.missing(listings) == (r"api.shop.example: no such name\x1b[31m",)


def test_a_certificate_s_names_cannot_act():
    leaf = ISSUING.leaf("api.shop.example", subject="\x1b[2J\n::error::x")
    listings = listing.look(["api.shop.example"], sight([saw(leaf.chain)], path(*leaf.chain, ROOT.der)))
    table, document = drawing.as_table(listings), drawing.as_json(listings)
    assert r"CN=\x1b[2J\x0a::error::x" in table
    assert "\x1b" not in table + document
    assert "\n::error" not in table + document


def test_json():
    (found,) = json.loads(
        drawing.as_json(
            listing.look(["api.shop.example"], sight([saw(LEAF.chain)], path(*LEAF.chain, ROOT.der)))
        )
    )["targets"]
    keys = found["chains"][0].pop("keys")
    assert found == {
        "target": "api.shop.example", "host": "api.shop.example", "port": 443, "failures": [],
        "chains": [
            {
                "addresses": ["203.0.113.7"], "protocols": ["TLSv1.3"], "offers": ["default"],
                "verified": True, "note": None,
            }
        ],
    }  # fmt: skip
    assert keys[2] == {
        "role": "anchor", "what": "certificate", "subject": "CN=Root", "key": "EC P-256", "pin": ROOT.pin,
        "spki_sha256": certificates.read(ROOT.der)[0].spki.digest.hex(),
        "certificate_sha256": sha256(ROOT.der).hexdigest(),
        "not_before": (AT - timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "not_after": (AT + timedelta(days=3650)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "is_ca": True, "sent": False, "used": True, "note": "not sent",
    }  # fmt: skip


def test_files_in_json(tmp_path: Path):
    (tmp_path / "request.pem").write_bytes(LEAF.write(tmp_path)[1].read_bytes())
    (found,) = json.loads(drawing.as_json(listing.look([str(tmp_path / "request.pem")], OFFLINE)))["targets"]
    assert (found["host"], found["port"], found["chains"][0]["verified"]) == (None, None, None)
    (key,) = found["chains"][0]["keys"]
    assert (key["what"], key["pin"], key["not_after"]) == ("private key", LEAF.pin, None)


# declarations ----------------------------------------------------------------------

HERE = sight([saw(SENT)], path(*LEAF.chain, ROOT.der))


def stated(texts: Sequence[str], name: str = "pincheck", roles: Sequence[key_files.Role] = ()) -> list[str]:
    """The host, and the pins with their roles, that go into a declaration."""
    lines = declaration.as_declaration(listing.look(texts, HERE), name, roles).text.splitlines()
    return [line.strip(" -:").replace('"', "") for line in lines[2:] if "pins:" not in line]


def refusal(texts: Sequence[str], name: str, roles: Sequence[key_files.Role] = ()) -> str:
    with pytest.raises(UsageError) as raised:
        stated(texts, name, roles)
    return str(raised.value)


@pytest.mark.parametrize(
    ("roles", "taken"),
    [
        ((), [f"{LEAF.pin} # leaf", f"{ISSUING.pin} # intermediate"]),
        (("leaf",), [f"{LEAF.pin} # leaf"]),
        (("anchor", "leaf"), [f"{LEAF.pin} # leaf", f"{ROOT.pin} # anchor"]),
        (("intermediate",), [f"{ISSUING.pin} # intermediate"]),
    ],
)
def test_which_keys_are_declared(roles: Sequence[key_files.Role], taken: list[str]):
    """The cross-sign that no path uses is never among them."""
    assert stated(["api.shop.example"], roles=roles) == ["api.shop.example", *taken]


def test_files_are_spares_of_every_host(tmp_path: Path):
    spare = Authority("Other").leaf("spare.example")
    key = str(spare.write(tmp_path)[1])
    assert stated(["api.shop.example", key]) == [
        "api.shop.example", f"{LEAF.pin} # leaf", f"{ISSUING.pin} # intermediate", f"{spare.pin} # leaf"
    ]  # fmt: skip
    assert stated([key]) == ["HOST", f"{spare.pin} # leaf"]
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    assert stated([str(tmp_path / "ca.pem")]) == ["HOST", f"{ROOT.pin} # anchor"]


def test_a_key_is_declared_once(tmp_path: Path):
    leaf = ISSUING.leaf("api.shop.example", key=LEAF.key)
    path_of, key, both = leaf.write(tmp_path)
    assert stated([str(path_of), str(key), str(both), "api.shop.example"]) == [
        "api.shop.example", f"{LEAF.pin} # leaf", f"{ISSUING.pin} # intermediate"
    ]  # fmt: skip


def test_what_compares_the_leaf_gets_no_ca():
    made = declaration.as_declaration(listing.look(["api.shop.example"], HERE), "libcurl")
    assert (LEAF.pin in made.text, ISSUING.pin in made.text) == (True, False)
    assert made.notes == (
        "api.shop.example has one pin: add that of a spare key, or a new key locks users out",
    )
    assert refusal(["api.shop.example"], "libcurl", ["leaf", "anchor"]) == (
        "libcurl compares the leaf only, so the pin of a CA never matches; use --role leaf"
    )


def test_what_was_not_seen_or_proven_is_said():
    failed = saw((), "203.0.113.8", failure=Failure("unreachable", "nothing answered within 10 s"))
    seen = sight([saw(SENT), failed], reason="Root is in no trust store")
    made = declaration.as_declaration(listing.look(["api.shop.example"], seen), "okhttp")
    assert made.notes == (
        "api.shop.example: no verified path: Root is in no trust store; make sure that these keys are the host's own",
        "api.shop.example: not all of it was seen: nothing answered within 10 s",
    )


def test_what_cannot_be_declared(tmp_path: Path):
    key = str(LEAF.write(tmp_path)[1])
    assert refusal([key], "flutter") == f"{key}: flutter pins whole certificates of leaves, and there is none"
    assert refusal([key], "okhttp", ["anchor"]) == f"{key}: no trust anchor in it"
    nobody = sight([saw((), failure=Failure("unreachable", "nothing answered within 10 s"))])
    with pytest.raises(UsageError) as raised:
        declaration.as_declaration(listing.look(["api.shop.example"], nobody), "okhttp")
    assert str(raised.value) == "api.shop.example: nothing answered within 10 s"


def test_certificate_hashes():
    made = declaration.as_declaration(listing.look(["api.shop.example"], HERE), "flutter").text
    assert sha256(LEAF.chain[0]).digest().hex(":").upper() in made
    (entry,) = json.loads(
        declaration.as_declaration(listing.look(["api.shop.example"], HERE), "wultra").text
    )["fingerprints"]
    assert entry == {
        "name": "api.shop.example",
        "fingerprint": b64encode(sha256(LEAF.chain[0]).digest()).decode(),
        "expires": int(LEAF.certificate.not_valid_after_utc.timestamp()),
        "signature": "SIGNATURE",
    }
