"""Pins in documents of an app's own, under ever different names."""

import time

import pace
import pytest
from code_ import pins, scanned
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B, KEY_C

from pincheck.model import Location, SourceFile
from pincheck.parsers import app_config_json
from pincheck.parsers._near_hosts import groups
from pincheck.readers.tree import Node

HEX = "f30c3959de6b062374f037c505fb3864e4c019f0ddd0ab0bf8f9ef4a2ed0f2c3"
PAIRS = ":".join(HEX[at : at + 2] for at in range(0, 64, 2)).upper()
HOST = "api.shop.example"
BOTH = [((HOST,), KEY_A), ((HOST,), KEY_B)]

FOUND = {
    "assets/context.jsonc": (f'{{ // keys\n "origin": {{"url": "https://{HOST}/x", "pubKeys": ["{KEY_A}", "{KEY_B}"]}} }}', BOTH),
    "pins.json": (f'{{"note": "pins", "{HOST}": ["{KEY_A}", "{KEY_B}"]}}', BOTH),
    "config/net.json": (f'{{"servers": [{{"host": "{HOST}", "certificatePins": ["sha256/{KEY_A}", "sha256/{KEY_B}"]}}]}}',
                        [((HOST,), f"sha256/{KEY_A}"), ((HOST,), f"sha256/{KEY_B}")]),
    "env.json": (f'{{"api": {{"baseUrl": "https://{HOST}"}}, "pinnedKeyHash": "{HEX}"}}', [((), HEX)]),
    "settings.yaml": (f"api:\n  domain: {HOST}\n  ssl_pins:\n    - {KEY_A}\n    - {KEY_B}\n", BOTH),
    "App.plist": (f'<plist version="1.0"><dict><key>sdk_host</key><string>{HOST}</string><key>sdk_ssl_pinning_public_key_hashes</key>'
                  f"<array><string>{KEY_A}</string><string>{KEY_B}</string></array></dict></plist>", BOTH),
    ".env": (f"API_HOST={HOST}\nSSL_PINS={KEY_A},{KEY_B}\n# OLD_PIN=sha256/{KEY_C}\n", BOTH),
    "app/src/main/res/values/keys.xml": (f'<resources><string name="x_pin">{KEY_A}</string></resources>', [((), KEY_A)]),
    "pinset.json": (f'{{"domains": {{"*.shop.example": {{"pins": ["sha256/{KEY_A}", "sha256/{KEY_B}"]}}}}}}',
                    [(("*.shop.example",), f"sha256/{KEY_A}"), (("*.shop.example",), f"sha256/{KEY_B}")]),
    "list.json": (f'{{"publicKeyHashes": {{"{HOST}": ["{KEY_A}", "BACKUP_KEY_GOES_IN_HERE_BEFORE_RELEASE="]}}}}',
                  [((HOST,), KEY_A), ((HOST,), "BACKUP_KEY_GOES_IN_HERE_BEFORE_RELEASE=")]),
    "default.json": (f'{{"cert_pinning_config": {{"sha256/{KEY_A}": ["**.shop.example", "{HOST}"], "sha256/{KEY_B}": ["{HOST}"]}}}}',
                     [(("**.shop.example",), f"sha256/{KEY_A}"), ((HOST,), f"sha256/{KEY_A}"), ((HOST,), f"sha256/{KEY_B}")]),
    "by_pin.yml": (f"pins:\n  {KEY_A}: {HOST}\n  {KEY_B}:\n    - {HOST}\n", BOTH),
    "ByPin.plist": (f'<plist version="1.0"><dict><key>CertificatePinning</key><dict><key>{KEY_A}</key><array><string>{HOST}</string></array>'
                    f"<key>{KEY_B}</key><array><string>{HOST}</string></array></dict></dict></plist>", BOTH),
    "assets/pins.json": (f'{{"{HOST}": {{"sha256": ["{KEY_A}", "{KEY_B}"]}}}}', BOTH),
    "assets/pins.yaml": (f"{HOST}:\n  sha256:\n    - {KEY_A}\n    - {KEY_B}\n", BOTH),
    "Pins.plist": (f'<plist version="1.0"><dict><key>{HOST}</key><dict><key>sha256</key>'
                   f"<array><string>{KEY_A}</string><string>{KEY_B}</string></array></dict></dict></plist>", BOTH),
    "ssl_config.json": (f'{{"certificates": [{{"domain": "{HOST}", "fingerprints": ["{PAIRS}"]}}]}}', [((HOST,), PAIRS)]),
    "ssl_config.yml": (f"certificates:\n- domain: {HOST}\n  fingerprints:\n  - '{PAIRS}'\n", [((HOST,), PAIRS)]),
    "SSL.plist": (f'<plist version="1.0"><dict><key>certificates</key><array><dict><key>domain</key><string>{HOST}</string>'
                  f"<key>fingerprints</key><array><string>{PAIRS}</string></array></dict></array></dict></plist>", [((HOST,), PAIRS)]),
    "escaped.json": (f'{{"{HOST}": {{"pins": ["sha256/{KEY_A}", "sha256/{KEY_B}"]}}}}'.replace("/", "\\/"),
                     [((HOST,), f"sha256/{KEY_A}"), ((HOST,), f"sha256/{KEY_B}")]),
}  # fmt: skip


@pytest.mark.parametrize("path", FOUND)
def test_pins_are_known_by_their_shape_and_surroundings(path: str) -> None:
    text, expected = FOUND[path]
    assert pins({path: text}) == expected


OTHERS = {
    "package-lock.json": f'{{"pins": ["{KEY_A}"]}}',
    "assets/.well-known/assetlinks.json": f'{{"sha256_cert_fingerprints": ["{HEX}"]}}',
    "repo.json": f'{{"fingerprint": "{HEX}", "url": "https://f-droid.example/repo"}}',
    "challenge.json": f'{{"challenge": "{KEY_A}", "pins": 3}}',
    "wireguard.json": f'{{"pins": 0, "servers": [{{"host": "vpn.example", "public_key": "{KEY_A}"}}]}}',
    "checksums.json": f'{{"integrity": {{"file.js": "{KEY_A}"}}, "pinned": true}}',
    "openssl.podspec.json": f'{{"pins": 1, "source": {{"http": "https://dl.example/openssl.zip", "sha256": "{HEX}"}}}}',
    "pinned-tools.json": f'{{"lint": {{"version": "1.2", "sha256": "{HEX}"}}, "x": {{"url": "https://dl.example/x.zip", "sha256": "{HEX}"}}}}',
    "ssl_apps.json": f'{{"apps": [{{"package_name": "example.shop", "site": "https://{HOST}", "sha256_cert_fingerprints": ["{PAIRS}"]}}]}}',
    "ssl_tools.json": f'{{"fingerprints": ["{PAIRS}"]}}',
    "webauthn.json": f'{{"pins": 1, "rp": {{"id": "{HOST}"}}, "challenge": "{KEY_A}", "allowCredentials": [{{"id": "{KEY_B}"}}]}}',
    "documents.json": f'{{"pins": 1, "documents": [{{"url": "https://{HOST}/terms.pdf", "hash": "{KEY_A}"}}]}}',
    "by_hash.json": f'{{"pins": 1, "files": {{"{HEX}": ["a.shop.example", "b.shop.example"]}}}}',
    "labels.json": f'{{"pins": 1, "names": {{"{KEY_A}": ["a name", "{HOST}"]}}}}',
    "deploy.yaml": f"image: shop.example/api@sha256:{HEX}\nsha256: {HEX}\n",
    "strings.json": '{"enterPin": "Enter your PIN", "pinned": "Pinned messages"}',
}


@pytest.mark.parametrize("path", OTHERS)
def test_what_only_looks_like_a_pin_is_left_alone(path: str) -> None:
    assert pins({path: OTHERS[path]}) == []


SETS = {
    "a list of objects": (
        f'{{"payload": [{{"host": "{HOST}", "pins": [{{"pin": "{KEY_A}", "serial": "7c"}}, {{"pin": "{KEY_B}"}}]}}, '
        f'{{"host": "b.shop.example", "pins": [{{"pin": "{KEY_C}"}}]}}]}}',
        [(HOST, "spki", [KEY_A, KEY_B]), ("b.shop.example", "spki", [KEY_C])],
    ),
    "a map below a host": (
        f'{{"{HOST}": {{"pins": {{"primary": {{"hash": "{KEY_A}"}}, "backup": {{"hash": "{KEY_B}"}}}}}}}}',
        [(HOST, "spki", [KEY_A, KEY_B])],
    ),
    "one platform or the other": (
        f'{{"host": "{HOST}", "android": {{"pins": ["{KEY_A}"]}}, "ios": {{"pins": ["{KEY_B}"]}}}}',
        [(HOST, "spki", [KEY_A]), (HOST, "spki", [KEY_B])],
    ),
    "keys and certificates": (
        f'{{"host": "{HOST}", "pins": ["{KEY_A}", "{KEY_B}"], "certFingerprints": ["{PAIRS}"]}}',
        [(HOST, "spki", [KEY_A, KEY_B]), (HOST, "certificate", [PAIRS])],
    ),
    "no host": (f'[{{"pin": "{KEY_A}"}}, {{"pin": "{KEY_B}"}}]', [("", "spki", [KEY_A]), ("", "spki", [KEY_B])]),
}  # fmt: skip


def sets(files: dict[str, str]) -> list[tuple[str, str, list[str]]]:
    """First host, what is hashed, and pins of each pin set."""
    return [
        (each.hosts[0].text if each.hosts else "", each.semantics.hashed, [pin.text for pin in each.pins])
        for each in scanned(files).project.pin_sets
    ]


@pytest.mark.parametrize("name", SETS)
def test_the_pins_of_a_host_are_one_set(name: str) -> None:
    text, expected = SETS[name]
    assert sets({"net.json": text}) == expected


def test_a_set_expires_with_the_last_of_its_pins() -> None:
    text = f'{{"host": "{HOST}", "pins": [{{"pin": "{KEY_A}", "expires": "2027-01-01"}}, {{"pin": "{KEY_B}"%s}}]}}'
    for more, day in ((', "expires": "2028-01-01"', "2028-01-01"), ("", "")):
        (pin_set,) = scanned({"net.json": text % more}).project.pin_sets
        assert (pin_set.expires.text if pin_set.expires else "") == day


def test_fingerprints_of_settings_are_certificates() -> None:
    text = f"API_URL=https://{HOST}\nSSL_PIN=sha256/{KEY_A}\nSSL_FINGERPRINTS={PAIRS},{PAIRS[::-1]}\n"
    expected = [
        ("api.shop.example", "spki", [f"sha256/{KEY_A}"]),
        (HOST, "certificate", [PAIRS, PAIRS[::-1]]),
    ]
    assert [(host.removeprefix("https://"), *rest) for host, *rest in sets({".env": text})] == expected


def test_pins_of_a_sample_are_an_example() -> None:
    (pin_set,) = scanned({".env.example": f"API_HOST={HOST}\nSSL_PIN={KEY_A}\n"}).project.pin_sets
    assert pin_set.context == "example"


def test_xcode_cuts_a_pin_at_two_slashes() -> None:
    cut = "r/mIkG3eEpVdm+u//o/cwxzOMo1bk4TyHIlByibiA5E="
    report = scanned({"Release.xcconfig": f"API_PIN = {cut}\n"})
    assert [defect.what for defect in report.project.defects] == [
        "Xcode takes // for a comment, so API_PIN ends after r/mIkG3eEpVdm+u"
    ]


def test_a_text_that_code_uses_is_reported_by_the_code_alone() -> None:
    files = {
        "app/src/main/res/values/net.xml": f'<resources><string name="net_pin">{KEY_A}</string></resources>',
        "app/N.kt": f'import okhttp3.CertificatePinner\nval p = CertificatePinner.Builder().add("{HOST}", "sha256/" + getString(R.string.net_pin))',
    }
    assert pins(files) == [((HOST,), KEY_A)]


AT = Location("a.json", 1, 1, 1, 1)
NODES = st.recursive(
    st.sampled_from([KEY_A, f"sha256/{KEY_B}", HOST, f"https://{HOST}/", HEX, "x", ""]).map(
        lambda t: Node("text", AT, t)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: Node("list", AT, items=tuple(items))),
        st.lists(st.tuples(st.sampled_from(["pins", HOST, "url", "hash", "key"]), inner), max_size=4).map(
            lambda pairs: Node("map", AT, entries=tuple((Node("text", AT, k).text, v) for k, v in pairs))
        ),
    ),
    max_leaves=20,
)


@given(NODES)
def test_any_document_gives_pins_of_it_only(root: Node) -> None:
    texts = {node.value for node in root.walk() if node.kind == "text"}
    for group in groups(root, "pins"):
        assert {pin.value for pin in group.pins} <= texts


PIN = f'"sha256/{KEY_A}"'
HOSTILE = {
    "a list of pins": f'{{"{HOST}": [' + ",".join([PIN] * 80_000) + "]}",
    "pins as keys": '{"pins": {' + ",".join([f'{PIN}: "{HOST}"'] * 50_000) + "}}",
    "objects": '{"pins": [' + ",".join([f'{{"host": "{HOST}", "pin": {PIN}}}'] * 10_000) + "]}",
    "lists in lists": "[" * 190 + PIN + ', "x"' * 100_000 + "]" * 190,
    "deeper than is read": "[" * 900 + PIN + ', "x"' * 100_000 + "]" * 900,
    "a long text": f'{{"pins": {PIN}, "x": "' + f"{KEY_A} " * 110_000 + '"}',
    "a long number": f'{{"pins": {PIN}, "x": ' + "9" * 5_000_000 + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_large_document_is_read_in_time(name: str) -> None:
    source = SourceFile("net.json", HOSTILE[name].encode())
    start = time.process_time()
    list(app_config_json.parse(source))
    assert time.process_time() - start < pace.allowed(3)


def test_hosts_without_end_are_a_gap() -> None:
    text = ",".join(f'"h{number}.example": {{"pins": ["sha256/{KEY_A}"]}}' for number in range(10_001))
    project = scanned({"pins.json": f"{{{text}}}"}).project
    assert len(project.pin_sets) == 10_000
    assert [gap.reason for gap in project.gaps] == ["pins of more than 10,000 hosts are too many to judge"]
