"""Pieces that Cordova's ``config.xml`` and ``plugin.xml`` add to other files."""

import pytest
from scanning import KEY_A, KEY_B

from pincheck.model import Declaration, SourceFile
from pincheck.parsers import cordova

PINNED = f"""<key>NSPinnedDomains</key><dict><key>a.example</key><dict>
<key>NSPinnedCAIdentities</key><array>
<dict><key>SPKI-SHA256-BASE64</key><string>{KEY_A}</string></dict>
<dict><key>SPKI-SHA256-BASE64</key><string>{KEY_B}</string></dict>
</array></dict></dict>"""
TRUSTKIT = f"""<dict><key>TSKPinnedDomains</key><dict><key>a.example</key><dict><key>TSKPublicKeyHashes</key><array>
<string>{KEY_A}</string>
<string>{KEY_B}</string>
</array></dict></dict></dict>"""
ATS = f"<dict>{PINNED}</dict>"
NSC = f'<domain-config><domain>a.example</domain><pin-set>\n<pin digest="SHA-256">{KEY_A}</pin></pin-set></domain-config>'
RESOURCE = "app/src/main/res/xml/network_security_config.xml"


def declared(piece: str) -> list[tuple[str, str, list[int]]]:
    """Mechanism, host and lines of the pins of each declaration."""
    source = SourceFile("config.xml", f"<widget><platform>{piece}</platform></widget>".encode())
    return [
        (item.mechanism, item.hosts[0].text, [pin.at.line for pin in item.pins])
        for item in cordova.parse(source)
        if isinstance(item, Declaration)
    ]


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        pytest.param(
            f'<config-file target="*-Info.plist" parent="NSAppTransportSecurity">{ATS}</config-file>',
            [("ios-ats", "a.example", [3, 4])], id="config-file",
        ),
        pytest.param(
            f'<edit-config file="*-Info.plist" target="NSAppTransportSecurity" mode="merge">{ATS}</edit-config>',
            [("ios-ats", "a.example", [3, 4])], id="edit-config",
        ),
        pytest.param(
            f'<config-file target="{RESOURCE}" parent="/network-security-config">{NSC}</config-file>',
            [("android-nsc", "a.example", [2])], id="part of a network security config",
        ),
        pytest.param(
            f'<config-file target="{RESOURCE}"><network-security-config>{NSC}</network-security-config></config-file>',
            [], id="a whole one is android_nsc's",
        ),
        pytest.param(
            f'<config-file target="*-Info.plist" parent="TSKConfiguration">{TRUSTKIT}</config-file>',
            [("trustkit-plist", "a.example", [2, 3])], id="TrustKit",
        ),
        pytest.param('<config-file target="*-Info.plist" parent="NSAppTransportSecurity"/>', [], id="empty"),
        pytest.param(f"<config-file>{ATS}</config-file>", [], id="no target"),
    ],
)  # fmt: skip
def test_pieces(piece: str, expected: list[tuple[str, str, list[int]]]) -> None:
    assert declared(piece) == expected
