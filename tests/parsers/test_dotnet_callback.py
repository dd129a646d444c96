"""Pins that .NET callbacks compare."""

import pytest
from code_ import gaps, scanned
from scanning import KEY_A

SHA1, OTHER = "B13EC36903F8BF4701D498261A0802EF63642BC3", "DB7EB953B8299BD860890F3ECC4ECA6342F8D7C2"
HEX = "67add1166b020ae61b8f5fc96813c04c2aa589960796865572a3c7e737613dfd"
RAW_KEY = "3082010A0282010100C747619AAEF86D077BEED55E66CAF4CD8AE46D760D49AE662EBD5BA6B56868746DD711D1533CA0AE18BD9651EC"


def handler(compared: str, members: str = "") -> dict[str, str]:
    return {
        "Net.cs": f"class Net {{ {members} void Set(HttpClientHandler h) {{"
        f" h.ServerCertificateCustomValidationCallback = (message, cert, chain, errors) => {compared}; }} }}"
    }


ARRAY = f'static readonly string[] Pins = {{ "{SHA1}", "{OTHER}" }};'


@pytest.mark.parametrize(
    ("files", "hashed", "found"),
    [
        pytest.param(handler(f'cert.Thumbprint == "{SHA1}"'), "certificate", [SHA1], id="thumbprint"),
        pytest.param(
            handler(f'cert.GetCertHashString().Equals("{SHA1}", StringComparison.OrdinalIgnoreCase)'),
            "certificate",
            [SHA1],
            id="hash string, its case aside",
        ),
        pytest.param(
            handler(f'string.Equals(cert.GetCertHashString(HashAlgorithmName.SHA256), "{HEX}".ToUpper())'),
            "certificate",
            [HEX],
            id="SHA-256 of the certificate",
        ),
        pytest.param(
            handler(f'cert.Thumbprint == "{SHA1}" || cert.Thumbprint == "{OTHER}"'),
            "certificate",
            [SHA1, OTHER],
            id="one or the other",
        ),
        pytest.param(
            handler("Pins.Contains(cert.Thumbprint)", ARRAY), "certificate", [SHA1, OTHER], id="in an array"
        ),
        pytest.param(
            handler("Pins.Any(pin => pin == cert.Thumbprint)", ARRAY),
            "certificate",
            [SHA1, OTHER],
            id="any of an array",
        ),
        pytest.param(
            handler("{ var hash = Hash(cert); if (hash != Pin) return false; return true; }",
                    f'const string Pin = "{HEX}"; string Hash(X509Certificate2 c) {{'
                    " return BitConverter.ToString(SHA256.HashData(c.RawData)); }"),
            "certificate",
            [HEX],
            id="a hash made by hand",
        ),
        pytest.param(
            handler("Convert.ToBase64String(SHA256.HashData(cert.PublicKey.ExportSubjectPublicKeyInfo()))"
                    f' == "{KEY_A}"'),
            "spki",
            [KEY_A],
            id="SPKI",
        ),
        pytest.param(
            {"Key.cs": "class Key : CertificateHandler { protected override bool ValidateCertificate(byte[] data) {"
             f' return Hex(SHA256.Create().ComputeHash(data)) == "{HEX}"; }} }}'},
            "certificate",
            [HEX],
            id="Unity's bytes",
        ),
        pytest.param(
            {"Check.cs": "class Pinning { bool Validate(X509Certificate2 c) {"
             f' return c.Thumbprint == "{SHA1}"; }} }}'},
            "certificate",
            [SHA1],
            id="beside the callback, by its names",
        ),
    ],
)  # fmt: skip
def test_hashes(files: dict[str, str], hashed: str, found: list[str]) -> None:
    (pin_set,) = scanned(files).project.pin_sets
    assert (pin_set.mechanism, pin_set.semantics.hashed, [pin.text for pin in pin_set.pins]) == (
        "dotnet-callback",
        hashed,
        found,
    )


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {
                "Store.cs": "class Validator { X509Certificate2 Check(X509Store store) {"
                f' return store.Certificates.First(c => c.Thumbprint == "{SHA1}"); }} }}'
            },
            id="a certificate of its own",
        ),
        pytest.param(handler("cert.Thumbprint == chain.Root.Thumbprint"), id="two certificates"),
        pytest.param(handler("errors == SslPolicyErrors.None && cert.Subject == Name"), id="no hash"),
        pytest.param(handler("cert.GetPublicKey() != null"), id="nothing but null"),
    ],
)
def test_no_pins(files: dict[str, str]) -> None:
    project = scanned(files).project
    assert (project.pin_sets, project.gaps) == ((), ())


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param(
            handler(f'cert.GetPublicKeyString() == "{RAW_KEY}"'),
            "a bare public key, or its hash, is compared, and no hash of an SPKI or certificate",
            id="a bare key",
        ),
        pytest.param(
            handler(f'Base64(SHA256.HashData(cert.GetPublicKey())) == "{KEY_A}"'),
            "a bare public key, or its hash, is compared, and no hash of an SPKI or certificate",
            id="the hash of a bare key",
        ),
        pytest.param(
            handler("cert.Thumbprint == FetchPin()"),
            "the pin cannot be followed: FetchPin() is not followed",
            id="fetched",
        ),
    ],
)
def test_what_is_not_checked(files: dict[str, str], reason: str) -> None:
    assert (gaps(files), scanned(files).project.pin_sets) == ([reason], ())


PINNING = handler(f'cert.Thumbprint == "{SHA1}"')


@pytest.mark.parametrize(
    ("accepts", "context"),
    [
        pytest.param(
            "void A(HttpClientHandler h) { h.ServerCertificateCustomValidationCallback = (a, b, c, d) => true; }",
            "production",
            id="assigned",
        ),
        pytest.param(
            "HttpClientHandler A() { return new HttpClientHandler { ServerCertificateCustomValidationCallback ="
            " HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }; }",
            "production",
            id="the validator that .NET brings",
        ),
        pytest.param(
            "void A() { ServicePointManager.ServerCertificateValidationCallback += (a, b, c, d) => true; }",
            "production",
            id="added",
        ),
        pytest.param(
            "class B : CertificateHandler { protected override bool ValidateCertificate(byte[] d) { return true; } }",
            "production",
            id="Unity",
        ),
    ],
)
def test_what_accepts_everything_matters_where_something_is_pinned(accepts: str, context: str) -> None:
    trusting = {"Trust.cs": f"class Trust {{ {accepts} }}"}
    assert scanned(trusting).project.defects == ()
    (defect,) = scanned({**trusting, **PINNING}).project.defects
    assert (defect.kind, defect.context, defect.at.path) == ("unenforced", context, "Trust.cs")
