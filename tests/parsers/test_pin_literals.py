"""Pins that code compares by itself: what counts as one, which stand together, and for which host."""

import pytest
from code_ import pins, scanned
from scanning import KEY_A, KEY_B

SHA1 = "B13EC36903F8BF4701D498261A0802EF63642BC3"
OTHER_SHA1 = "DB7EB953B8299BD860890F3ECC4ECA6342F8D7C2"
HEX = "67add1166b020ae61b8f5fc96813c04c2aa589960796865572a3c7e737613dfd"
COLONS = "B1:3E:C3:69:03:F8:BF:47:01:D4:98:26:1A:08:02:EF:63:64:2B:C3"


def manager(body: str, before: str = "") -> dict[str, str]:
    return {
        "A.java": f"class A {{ {before} class T implements X509TrustManager {{ public void checkServerTrusted("
        f"X509Certificate[] chain, String a) throws CertificateException {{ {body} }} }} }}"
    }


def delegate(*members: str, asked: str = "true") -> dict[str, str]:
    inside = "\n    ".join(members)
    return {
        "Delegate.swift": f"""import Foundation
final class Delegate: NSObject, URLSessionDelegate {{
    {inside}
    func urlSession(_ s: URLSession, didReceive c: URLAuthenticationChallenge, completionHandler h: Handler) {{
        guard {asked}, let trust = c.protectionSpace.serverTrust else {{ return }}
        h(allowed.contains(hash(SecTrustGetCertificateAtIndex(trust, 0))) ? .useCredential : .cancel, nil)
    }}
}}
"""
    }


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            manager(f'if (!"{COLONS}".equals(sha1(chain[0]))) throw new CertificateException();'),
            [((), COLONS)],
            id="asked in a check",
        ),
        pytest.param(
            manager("check(chain);", f'static final String[] SHA1_PINS = {{"{SHA1}"}};'),
            [((), SHA1)],
            id="bare SHA-1 by its name",
        ),
        pytest.param(
            delegate(f'let thumbPrint = "{SHA1}"'), [((), SHA1)], id="bare SHA-1, a hash by its name"
        ),
        pytest.param(
            delegate(f'let fingerPrints = ["{HEX}"]'), [((), HEX)], id="bare SHA-256, a hash by its name"
        ),
        pytest.param(
            {"A.java": f'class A {{ String[] CERT_SHA1_PINS = {{"{SHA1}"}}; }}'},
            [],
            id="bare SHA-1 where nothing checks a server",
        ),
        pytest.param(
            manager("check(chain);", f'static final String GIT_SHA = "{SHA1}";'), [], id="a revision"
        ),
        pytest.param(
            manager("check(chain);", f'static final String NAME = "{SHA1}";'), [], id="bare SHA-1 of whatever"
        ),
        pytest.param(
            manager("context.getPackageManager();", f'static final String CERT_SHA1 = "{SHA1}";'),
            [],
            id="who signed an app",
        ),
        pytest.param(
            {"Cargo.js": f'const hash = "{SHA1}"; const checksum = "{HEX}"; fetch(pinned)'},
            [],
            id="hashes of packages",
        ),
    ],
)
def test_what_is_a_pin(files: dict[str, str], found: list[tuple[tuple[str, ...], str]]) -> None:
    assert pins(files) == found


@pytest.mark.parametrize(
    ("files", "sets"),
    [
        pytest.param(
            {
                "A.java": f'class A {{ void pinning() {{ Set<String> v = new HashSet<>(); v.add("{KEY_A}");'
                f' v.add("{KEY_B}"); }} }}'
            },
            [((), (KEY_A, KEY_B))],
            id="added to one collection",
        ),
        pytest.param(
            {
                "A.java": f'class A {{ void pinning() {{ v.add("{KEY_A}"); }} void otherPinning() {{ v.add("{KEY_B}"); }} }}'
            },
            [((), (KEY_A,)), ((), (KEY_B,))],
            id="added in two functions",
        ),
        pytest.param(
            {
                "P.kt": f'object Pins {{ const val PRIMARY = "sha256/{KEY_A}"; const val BACKUP = "sha256/{KEY_B}" }}'
            },
            [((), (f"sha256/{KEY_A}", f"sha256/{KEY_B}"))],
            id="constants that differ in their role",
        ),
        pytest.param(
            {
                "P.kt": f'object Pins {{ const val SHOP = "sha256/{KEY_A}"; const val PAY = "sha256/{KEY_B}" }}'
            },
            [((), (f"sha256/{KEY_A}",)), ((), (f"sha256/{KEY_B}",))],
            id="constants for different things",
        ),
        pytest.param(
            {"p.dart": f"final pins = ['sha256/{KEY_A}', if (staging) 'sha256/{KEY_B}'];"},
            [((), (f"sha256/{KEY_A}", f"sha256/{KEY_B}"))],
            id="an element with a condition",
        ),
        pytest.param(
            {
                "p.dart": f"final pins = [CertificatePin('api.shop.example', '{KEY_A}'),"
                f" CertificatePin('pay.shop.example', '{KEY_B}')];"
            },
            [(("api.shop.example",), (KEY_A,)), (("pay.shop.example",), (KEY_B,))],
            id="objects with a host each",
        ),
        pytest.param(
            {
                "P.kt": 'val pinning = Rule(host = "api.shop.example", keys = listOf('
                f'Spki(value = "{KEY_A}"), Spki(value = "{KEY_B}")))'
            },
            [(("api.shop.example",), (KEY_A, KEY_B))],
            id="objects of one host",
        ),
    ],
)
def test_what_stands_together(
    files: dict[str, str], sets: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    found = scanned(files).project.pin_sets
    assert [(each.host_names, tuple(pin.text for pin in each.pins)) for each in found] == sets


PINNED = f'private let pinnedKeys = ["{KEY_A}"]'
DOMAIN = 'private let pinnedDomain = "api.shop.example"'


@pytest.mark.parametrize(
    ("files", "hosts"),
    [
        pytest.param(delegate(PINNED, DOMAIN), ("api.shop.example",), id="a constant"),
        pytest.param(
            delegate(PINNED, 'let serverURL = "https://api.shop.example/v1"'),
            ("api.shop.example",),
            id="a URL",
        ),
        pytest.param(
            delegate(PINNED, asked='c.protectionSpace.host == "www.shop.example"'),
            ("www.shop.example",),
            id="a comparison",
        ),
        pytest.param(
            delegate(PINNED, DOMAIN, 'let otherHost = "pay.shop.example"'), (), id="two hosts, so neither"
        ),
        pytest.param(delegate(PINNED, 'let title = "api.shop.example"'), (), id="no host by its name"),
        pytest.param({"P.swift": f"class P {{ {PINNED}; {DOMAIN} }}"}, (), id="nothing checks a server here"),
    ],
)
def test_the_only_host_of_a_check(files: dict[str, str], hosts: tuple[str, ...]) -> None:
    (pin_set,) = scanned(files).project.pin_sets
    assert pin_set.host_names == hosts


def test_pins_under_a_key_that_is_called_host_are_no_host() -> None:
    table = f"export const sslPins = {{ [other]: ['sha256/{KEY_A}'], [host]: ['sha256/{KEY_B}'] }};"
    assert pins({"pins.ts": table}) == [((), f"sha256/{KEY_A}"), ((), f"sha256/{KEY_B}")]
