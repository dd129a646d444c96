"""Expo's ``ios.infoPlist``."""

import json
from typing import Any

import pytest
from scanning import KEY_A, KEY_B, report

from pincheck.model import Declaration, Defect, SourceFile
from pincheck.parsers import expo

ATS = {
    "NSAppTransportSecurity": {
        "NSPinnedDomains": {
            "api.shop.example": {
                "NSIncludesSubdomains": True,
                "NSPinnedCAIdentities": [{"SPKI-SHA256-BASE64": KEY_A}, {"SPKI-SHA256-BASE64": KEY_B}],
            }
        }
    }
}
TRUSTKIT = {
    "TSKConfiguration": {
        "TSKSwizzleNetworkDelegates": True,
        "TSKPinnedDomains": {"api.shop.example": {"TSKPublicKeyHashes": [KEY_A, KEY_B]}},
    }
}


def declared(content: object) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    source = SourceFile("app.json", json.dumps(content).encode())
    return [
        (
            item.mechanism,
            item.hosts[0].text,
            item.hosts[0].include_subdomains,
            tuple(p.value for p in item.pins),
        )
        for item in expo.parse(source)
        if isinstance(item, Declaration)
    ]


@pytest.mark.parametrize("wrap", [True, False])
@pytest.mark.parametrize(
    ("info", "expected"),
    [
        pytest.param(ATS, ("ios-ats", "api.shop.example", True, (KEY_A, KEY_B)), id="App Transport Security"),
        pytest.param(TRUSTKIT, ("trustkit-plist", "api.shop.example", False, (KEY_A, KEY_B)), id="TrustKit"),
    ],
)
def test_the_info_plist_of_ios(info: dict[str, Any], expected: object, wrap: bool) -> None:
    content = {"name": "Shop", "ios": {"infoPlist": info}}
    assert declared({"expo": content} if wrap else content) == [expected]


@pytest.mark.parametrize(
    "content",
    [
        {"expo": {"ios": ATS}},
        {"expo": {"ios": {"infoPlist": []}}},
        {"expo": {"ios": []}},
        {"expo": [], "ios": {"infoPlist": ATS}},
        [],
    ],
)
def test_anywhere_else_nothing_is_declared(content: object) -> None:
    assert declared(content) == []


def test_a_misplaced_key_is_recognised() -> None:
    content = {"expo": {"ios": {"infoPlist": ATS["NSAppTransportSecurity"]}}}
    found = list(expo.parse(SourceFile("app.json", json.dumps(content).encode())))
    assert [item.kind for item in found if isinstance(item, Defect)] == ["misplaced"]


def test_places_are_those_of_the_file() -> None:
    content = json.dumps({"expo": {"ios": {"infoPlist": ATS}}}, indent=2)
    (pin_set,) = report({"app.json": content}).project.pin_sets
    lines = content.split("\n")
    assert [(pin.at.path, lines[pin.at.line - 1][pin.at.column - 1 : pin.at.end_column - 1]) for pin in pin_set.pins] == [
        ("app.json", KEY_A),
        ("app.json", KEY_B),
    ]  # fmt: skip
