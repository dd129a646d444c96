"""Pins in documents of an app's own, under ever different names."""

import pytest
from code_ import pins, scanned
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B, KEY_C

from pincheck.model import Location
from pincheck.parsers._near_hosts import groups
from pincheck.readers.tree import Node

HEX = "f30c3959de6b062374f037c505fb3864e4c019f0ddd0ab0bf8f9ef4a2ed0f2c3"
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
    "strings.json": '{"enterPin": "Enter your PIN", "pinned": "Pinned messages"}',
}


@pytest.mark.parametrize("path", OTHERS)
def test_what_only_looks_like_a_pin_is_left_alone(path: str) -> None:
    assert pins({path: OTHERS[path]}) == []


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
