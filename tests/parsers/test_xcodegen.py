"""XcodeGen's ``info.properties``."""

import json

from scanning import KEY_A, KEY_B, report

from pincheck.model import Declaration, SourceFile
from pincheck.parsers import xcodegen

SPEC = f"""\
name: Shop
targetTemplates:
  Extension:
    info:
      properties: {{TSKConfiguration: {{TSKPinnedDomains: {{b.example: {{TSKPublicKeyHashes: [{KEY_A}, {KEY_B}]}}}}}}}}
targets:
  Shop:
    type: application
    info:
      path: Shop/Info.plist
      properties:
        NSAppTransportSecurity:
          NSPinnedDomains:
            a.example:
              NSIncludesSubdomains: YES
              NSPinnedLeafIdentities: &keys
                - SPKI-SHA256-BASE64: {KEY_A}
                - SPKI-SHA256-BASE64: "{KEY_B}"
  ShopTests:
    type: bundle.unit-test
    info:
      properties: {{NSAppTransportSecurity: {{NSPinnedDomains: {{c.example: {{NSPinnedLeafIdentities: *keys}}}}}}}}
  NoInfo: {{type: framework}}
"""


def declared(
    content: str, path: str = "project.yml"
) -> list[tuple[str, str, bool, list[int], str, str | None]]:
    """Mechanism, host, its flag, lines of the pins, variant and context of each declaration."""
    return [
        (
            item.mechanism,
            item.hosts[0].text,
            item.hosts[0].include_subdomains,
            [pin.at.line for pin in item.pins],
            item.variant,
            item.context,
        )
        for item in xcodegen.parse(SourceFile(path, content.encode()))
        if isinstance(item, Declaration)
    ]


def test_targets_and_templates() -> None:
    assert declared(SPEC) == [
        ("ios-ats", "a.example", True, [17, 18], "Shop", None),
        ("ios-ats", "c.example", False, [17, 18], "ShopTests", "test"),
        ("trustkit-plist", "b.example", False, [5, 5], "Extension", None),
    ]


def test_a_specification_in_json() -> None:
    pins = [{"SPKI-SHA256-BASE64": KEY_A}]
    ats = {"NSAppTransportSecurity": {"NSPinnedDomains": {"a.example": {"NSPinnedCAIdentities": pins}}}}
    content = json.dumps({"targets": {"Shop": {"info": {"properties": ats}}}})
    assert declared(content, "project.json") == [("ios-ats", "a.example", False, [1], "Shop", None)]


def test_other_yaml_with_those_words_declares_nothing() -> None:
    assert declared("steps:\n- run: grep NSPinnedDomains Info.plist\n") == []
    assert declared("targets: [NSPinnedDomains]\ntargetTemplates: {a: [b], c: {info: d}}\n") == []


def test_pins_count_as_the_targets() -> None:
    pin_sets = report({"project.yml": SPEC}).project.pin_sets
    assert [(pin_set.host_names, pin_set.variant, pin_set.context) for pin_set in pin_sets] == [
        (("a.example",), "Shop", "production"),
        (("c.example",), "ShopTests", "test"),
        (("b.example",), "Extension", "production"),
    ]
