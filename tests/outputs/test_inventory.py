"""The inventory: one row per pin literal and pin set."""

import json

import fixed

from pincheck import inventory
from pincheck.model import Gap, HostPattern, Location, PinSet, Project, Report

FIELDS = [
    "path", "line", "column", "mechanism", "hosts", "include_subdomains", "pin", "pin_kind", "file",
    "expiration", "variant", "context",
]  # fmt: skip


def test_rows_are_by_place_with_all_fields_in_order() -> None:
    rows = inventory.rows(fixed.REPORT)
    assert [list(row) for row in rows] == [FIELDS] * 5
    assert [(row["path"], row["line"]) for row in rows] == sorted((row["path"], row["line"]) for row in rows)
    assert rows[0] == {
        "path": fixed.NSC,
        "line": 8,
        "column": 26,
        "mechanism": "android-nsc",
        "hosts": ["api.shop.example", "pay.shop.example"],
        "include_subdomains": None,
        "pin": fixed.pin("first key").base64,
        "pin_kind": "spki-sha256",
        "file": None,
        "expiration": "2026-12-24",
        "variant": "src/main",
        "context": "production",
    }


def test_kinds() -> None:
    kinds = [(row["pin_kind"], row["include_subdomains"]) for row in inventory.rows(fixed.REPORT)]
    assert kinds == [
        ("spki-sha256", None), ("spki-sha256", None), ("placeholder", True), ("malformed", True),
        ("cert-sha256", True),
    ]  # fmt: skip


def test_unknown_hosts_and_pins_are_null_and_empty_sets_absent() -> None:
    at = Location("a.plist", 4, 2, 4, 9)
    host = HostPattern("a.example", at, "a.example", "exact")
    empty = PinSet("ios-ats", at, (host,), (), fixed.ATS, "production", "")
    gap = Gap("trustkit-plist", at, "comes from a build setting", context="debug")
    report = Report(fixed.REPORT.today, project=Project((empty,), gaps=(gap,)))
    values = ["a.plist", 4, 2, "trustkit-plist", None, None, None, "unresolved", None, None, None, "debug"]
    assert json.loads(inventory.as_json(report)) == {
        "version": 1,
        "pins": [],
        "certificates": [],
        "unresolved": [dict(zip(FIELDS, values, strict=True))],
    }


def test_without_pins_the_table_is_one_line() -> None:
    assert inventory.as_table(fixed.NOTHING) == "no pins declared in 1,204 files\n"


def test_certificate_files_are_shown_by_their_names() -> None:
    _, first, second, _, closing = inventory.as_table(fixed.ONLY_FILES).splitlines()
    assert (first.split()[3:5], second.split()[3:5]) == (
        ["ios/certs/cdn.der", "cert-file"], ["?", "cert-file"],
    )  # fmt: skip
    assert closing == "2 certificate files in 1 file"
