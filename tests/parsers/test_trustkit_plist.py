"""TrustKit for Apple's systems: every fact of its configuration in a plist."""

import plistlib
import time
from datetime import date, datetime
from typing import Any

import pace
import pytest
from scanning import KEY_A, KEY_B, KEY_C, report

from pincheck.model import Declaration, Defect, Gap, Location, PinSet, SourceFile
from pincheck.parsers import trustkit_plist

PATH = "Shop/Info.plist"
HASHES = "TSKPublicKeyHashes"
EXCLUDE = "kSKExcludeSubdomainFromParentPolicy"
CRASH = "TrustKit throws when it is initialised, so the app crashes at start"
GOOD = {HASHES: [KEY_A, KEY_B]}
PARENT = {"shop.example": GOOD | {"TSKIncludeSubdomains": True}}


def configuration(domains: Any, **keys: Any) -> dict[str, Any]:
    return {"TSKConfiguration": {"TSKSwizzleNetworkDelegates": True, "TSKPinnedDomains": domains} | keys}


def domain(name: str = "shop.example", /, **keys: Any) -> dict[str, Any]:
    return configuration({name: GOOD | keys})


def parsed(content: Any, path: str = PATH) -> list[Declaration | Defect | Gap]:
    return list(trustkit_plist.parse(SourceFile(path, plistlib.dumps(content, sort_keys=False))))


def defects(content: Any, path: str = PATH) -> list[tuple[str, str | None, str]]:
    return [
        (item.kind, item.severity, item.what) for item in parsed(content, path) if isinstance(item, Defect)
    ]


def declared(content: Any, path: str = PATH) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """Hosts, pins and whether it is read, of each declaration."""
    return [
        (tuple(host.text for host in item.hosts), tuple(pin.value for pin in item.pins), item.read)
        for item in parsed(content, path)
        if isinstance(item, Declaration)
    ]


def pin_sets(content: Any) -> tuple[PinSet, ...]:
    return report({PATH: plistlib.dumps(content)}).project.pin_sets


# what TrustKit reads ----------------------------------------------------------


def test_a_domain_is_read_with_every_place():
    lines = [
        "<plist version='1.0'><dict>",
        "  <key>TSKConfiguration</key><dict>",
        "    <key>TSKSwizzleNetworkDelegates</key><true/>",
        "    <key>TSKPinnedDomains</key><dict>",
        "      <key>shop.example</key><dict>",
        "        <key>TSKIncludeSubdomains</key><true/>",
        "        <key>TSKExpirationDate</key><string>2027-03-01</string>",
        "        <key>TSKPublicKeyAlgorithms</key><array><string>TSKAlgorithmRsa2048</string></array>",
        "        <key>TSKPublicKeyHashes</key><array>",
        f"          <string>{KEY_A}</string>",
        f"          <!-- <string>{KEY_C}</string> -->",
        f"          <string>{KEY_B}</string>",
        "        </array></dict></dict></dict></dict></plist>",
    ]
    project = report({PATH: "\n".join(lines)}).project
    (pin_set,) = project.pin_sets
    assert project.defects == ()
    assert (pin_set.mechanism, pin_set.context, pin_set.variant) == ("trustkit-plist", "production", "Shop")
    assert pin_set.at == Location(PATH, 9, 14, 9, 32, lines[8])
    assert [(h.name, h.depth, h.apex, h.at.line, h.at.column) for h in pin_set.hosts] == [
        ("shop.example", "any", True, 5, 12)
    ]
    assert [(p.text, p.at.line, p.at.column, p.at.end_column) for p in pin_set.pins] == [
        (KEY_A, 10, 19, 63),
        (KEY_B, 12, 19, 63),
    ]
    assert (pin_set.expires.day, pin_set.expires.at.line) == (date(2027, 3, 1), 7)
    semantics = pin_set.semantics
    assert (semantics.expiry, semantics.expiry_zone, semantics.lookup) == ("unpinned", "utc", "most-specific")


def test_a_plist_of_its_own_and_a_nested_one():
    content = {"TSKSwizzleNetworkDelegates": True, "TSKPinnedDomains": {"shop.example": GOOD}}
    expected = [(("shop.example",), (KEY_A, KEY_B), True)]
    assert declared(content, "Shop/TrustKit.plist") == expected
    assert declared({"network": content}, "Shop/settings.plist") == expected
    assert defects(content, "Shop/TrustKit.plist") == []


def test_both_mechanisms_in_one_file():
    ats = {"NSPinnedDomains": {"shop.example": {"NSPinnedCAIdentities": [{"SPKI-SHA256-BASE64": KEY_C}]}}}
    content = domain() | {"NSAppTransportSecurity": ats}
    assert [(found.mechanism, len(found.pins)) for found in pin_sets(content)] == [
        ("ios-ats", 1),
        ("trustkit-plist", 2),
    ]


@pytest.mark.parametrize("flag", [True, False, "YES", "0", 1])
def test_subdomains_are_any_depth(flag: Any):
    (pin_set,) = pin_sets(domain(TSKIncludeSubdomains=flag))
    names = ("shop.example", "b.a.shop.example", "other.example")
    assert [pin_set.hosts[0].matches(name) for name in names] == [True, flag in (True, "YES", 1), False]


def test_hosts_are_compared_with_case():
    (pin_set,) = pin_sets(domain("Shop.example"))
    assert pin_set.hosts[0].fault.what == "holds upper case"


@pytest.mark.parametrize(
    "pin",
    [f"sha256/{KEY_A}", f" {KEY_A}", KEY_A[:-1], "FEzVOUp4dF3gI0ZVPRJhFbSJVXR-uQmMH65xhs1glH4=", "AAECAwQF"],
    ids=["prefix", "blank", "no padding", "url-safe", "short"],
)
def test_a_bad_pin_crashes(pin: str):
    (pin_set,) = pin_sets(configuration({"shop.example": {HASHES: [pin, KEY_B]}}))
    assert pin_set.pins[0].fault.effect == CRASH


def test_an_empty_configuration_is_passed_over():
    assert parsed({"TSKConfiguration": {}}) == []


# how many pins ----------------------------------------------------------------

TOO_FEW = "shop.example has only one distinct pin, where TrustKit asks for 2"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({HASHES: [KEY_A]}, [("malformed", None, f"{TOO_FEW}: {CRASH}")]),
        ({HASHES: [KEY_A, KEY_A]}, [("malformed", None, f"{TOO_FEW}: {CRASH}")]),
        ({}, [("malformed", None, f"shop.example has no pin, where TrustKit asks for 2: {CRASH}")]),
        (
            {HASHES: [KEY_A], "TSKEnforcePinning": "$(ENFORCE)"},
            [("malformed", "warning", f"{TOO_FEW} if TSKEnforcePinning turns out true: {CRASH}")],
        ),
        ({HASHES: [KEY_A, KEY_B], "TSKEnforcePinning": "$(ENFORCE)"}, []),
        ({HASHES: [KEY_A, "$(BACKUP)"]}, []),
    ],
)
def test_two_distinct_pins_if_enforcing(policy: Any, expected: Any):
    assert defects(configuration({"shop.example": policy})) == expected


def test_one_pin_if_not_enforcing():
    unenforced = (
        "unenforced", None,
        "TSKEnforcePinning of shop.example is false: TrustKit only reports, and connects whatever the pins say",
    )  # fmt: skip
    none = ("malformed", None, f"shop.example has no pin, where TrustKit asks for 1: {CRASH}")
    for flag in (False, "NO", 0):
        assert defects(configuration({"shop.example": {HASHES: [KEY_A], "TSKEnforcePinning": flag}})) == [
            unenforced
        ]
    assert defects(configuration({"shop.example": {"TSKEnforcePinning": False}})) == [none, unenforced]


@pytest.mark.parametrize(
    ("policy", "least"),
    [
        ({}, 2),
        ({"TSKEnforcePinning": True}, 2),
        ({"TSKEnforcePinning": False}, 1),
        ({"TSKEnforcePinning": "$(ENFORCE)"}, 1),
    ],
)
def test_how_many_pins_it_wants(policy: dict[str, Any], least: int):
    [item] = [item for item in parsed(domain(**policy)) if isinstance(item, Declaration)]
    assert item.semantics.minimum_pins == least


def test_pins_outside_an_array_belong_to_their_domain():
    policy = {HASHES: KEY_A, "TSKIncludeSubdomains": True, "TSKExpirationDate": "2027-06-30"}
    [item] = [
        item for item in parsed(configuration({"shop.example": policy})) if isinstance(item, Declaration)
    ]
    assert (item.hosts[0].include_subdomains, item.expires and item.expires.value, item.read) == (
        True,
        "2027-06-30",
        False,
    )


def test_hashes_of_the_wrong_type():
    assert defects(domain(TSKPublicKeyHashes=KEY_A)) == [
        ("malformed", None, f"{HASHES} is no array: {CRASH}")
    ]
    assert defects(domain(TSKPublicKeyHashes=[KEY_A, KEY_B, {}])) == [
        ("malformed", None, f"an entry of {HASHES} is no string: {CRASH}")
    ]


# misspelt and misplaced -------------------------------------------------------


def test_misspelt_hashes():
    content = configuration({"shop.example": {"kTSKPublicKeyHashes": [KEY_A, KEY_B]}})
    assert defects(content) == [
        ("misplaced", None, "shop.example: TrustKit does not know kTSKPublicKeyHashes and ignores it, finds too few"
         " pins, and throws when it is initialised, so the app crashes at start")
    ]  # fmt: skip
    assert declared(content) == [(("shop.example",), (KEY_A, KEY_B), False)]


@pytest.mark.parametrize(
    ("key", "severity"),
    [("TSKIncludesSubdomains", None), ("TSKEnforcePining", None), ("TSKReportURI", "warning")],
)
def test_misspelt_keys(key: str, severity: str | None):
    assert defects(domain(**{key: True})) == [
        ("misplaced", severity, f"shop.example: TrustKit does not know {key} and ignores it")
    ]


def test_keys_of_the_wrong_level():
    assert defects(configuration({"shop.example": GOOD}, TSKEnforcePinning=True)) == [
        ("misplaced", "warning",
         "TSKEnforcePinning stands beside TSKPinnedDomains, and TrustKit reads it only inside a domain")
    ]  # fmt: skip
    assert defects(domain(TSKSwizzleNetworkDelegates=True)) == [
        ("misplaced", "warning",
         "TSKSwizzleNetworkDelegates stands inside shop.example, where TrustKit does not read it")
    ]  # fmt: skip


def test_misspelt_domains():
    content = {"TSKConfiguration": {"TSKPinnedDomain": {"shop.example": GOOD}}}
    assert defects(content) == [
        ("misplaced", None, f"TrustKit does not know TSKPinnedDomain and finds no domain: {CRASH}")
    ]
    assert declared(content) == [(("shop.example",), (KEY_A, KEY_B), False)]


@pytest.mark.parametrize("domains", [{}, True])
def test_no_domains(domains: Any):
    assert defects(configuration(domains)) == [
        ("malformed", None, f"TSKPinnedDomains holds no domain: {CRASH}")
    ]


def test_a_configuration_without_domains():
    assert defects({"TSKConfiguration": {"TSKSwizzleNetworkDelegates": True}}) == [
        ("malformed", None, f"TSKConfiguration has no TSKPinnedDomains: {CRASH}")
    ]


def test_the_shape_of_the_first_versions():
    content = {"TSKConfiguration": {"shop.example": GOOD}}
    assert defects(content) == [
        ("malformed", "warning", "the domains stand directly in TSKConfiguration, where TrustKit 1.1 looked for them;"
         f" later ones look in TSKPinnedDomains: {CRASH}")
    ]  # fmt: skip
    assert declared(content) == [(("shop.example",), (KEY_A, KEY_B), True)]


def test_domains_at_the_top_level_of_an_info_plist():
    content = {"TSKPinnedDomains": {"shop.example": GOOD}}
    assert defects(content) == [
        ("misplaced", "warning", "TSKPinnedDomains stands at the top level of an Info.plist: TrustKit reads"
         " TSKConfiguration at the top level only, so nothing is pinned unless code passes the whole Info.plist")
    ]  # fmt: skip
    assert declared(content) == [(("shop.example",), (KEY_A, KEY_B), False)]


def test_a_configuration_inside_transport_security():
    assert defects({"NSAppTransportSecurity": domain()}) == [
        ("misplaced", None, "TSKPinnedDomains stands inside NSAppTransportSecurity: TrustKit reads TSKConfiguration"
         " at the top level only, so nothing is pinned")
    ]  # fmt: skip


def test_without_swizzling_code_must_call_the_validator():
    note = "TSKSwizzleNetworkDelegates is not true: TrustKit checks only connections whose delegate calls its validator"
    for content in (
        {"TSKConfiguration": {"TSKPinnedDomains": {"shop.example": GOOD}}},
        configuration({"shop.example": GOOD}, TSKSwizzleNetworkDelegates=False),
    ):
        assert defects(content) == [("unenforced", "note", note)]
    assert defects(configuration({"shop.example": GOOD}, TSKSwizzleNetworkDelegates="$(SWIZZLE)")) == []


# exclusions -------------------------------------------------------------------


def test_an_exclusion_is_no_pin_set():
    content = configuration(PARENT | {"cdn.shop.example": {EXCLUDE: True}})
    assert declared(content) == [(("shop.example",), (KEY_A, KEY_B), True)]
    assert defects(content) == []


def test_an_exclusion_stands_alone():
    content = configuration(PARENT | {"cdn.shop.example": {EXCLUDE: True, "TSKEnforcePinning": True}})
    assert defects(content) == [
        ("malformed", None, f"cdn.shop.example has TSKEnforcePinning beside {EXCLUDE}: {CRASH}")
    ]


@pytest.mark.parametrize("parent", [{"shop.example": GOOD}, {"hop.example": PARENT["shop.example"]}])
def test_an_exclusion_needs_a_parent(parent: Any):
    assert defects(configuration(parent | {"cdn.shop.example": {EXCLUDE: True}})) == [
        ("malformed", None,
         f"cdn.shop.example is excluded, but no domain above it has TSKIncludeSubdomains: {CRASH}")
    ]  # fmt: skip


def test_the_documented_name_of_the_exclusion_is_not_its_key():
    content = configuration(PARENT | {"cdn.shop.example": {"TSKExcludeSubdomainFromParentPolicy": True}})
    assert defects(content) == [
        ("misplaced", None, "TrustKit does not know TSKExcludeSubdomainFromParentPolicy: its constant of that name is"
         f" spelt {EXCLUDE}, so cdn.shop.example counts as a domain of its own without pins, and {CRASH}")
    ]  # fmt: skip


# dates, names, report addresses ----------------------------------------------


def test_a_bad_date_is_no_date():
    content = domain(TSKExpirationDate="01/03/2027")
    assert defects(content) == [
        ("malformed", "warning", "TSKExpirationDate '01/03/2027' is no yyyy-MM-dd date: TrustKit sets no expiration"
         " at all, so the pins stay for ever")
    ]  # fmt: skip
    assert pin_sets(content)[0].expires.day is None


def test_a_date_of_the_wrong_type():
    content = domain(TSKExpirationDate=datetime(2027, 3, 1))  # noqa: DTZ001
    assert [(kind, severity) for kind, severity, _ in defects(content)] == [("malformed", "warning")]


@pytest.mark.parametrize(
    ("name", "severity", "what"),
    [
        ("localhost", None, f"has no public suffix: {CRASH}"),
        ("printer.local", None, f"has no public suffix: {CRASH}"),
        ("api.internal", None, f"has no public suffix: {CRASH}"),
        ("bücher.example", None, f"is not in its ASCII form: {CRASH}"),
        (
            "192.0.2.1",
            "warning",
            "is an address, and TrustKit knows domain names only: TrustKit may throw when it is initialised, so the"
            " app may crash at start",
        ),
    ],
)
def test_names_that_crash(name: str, severity: str | None, what: str):
    assert defects(domain(name)) == [("malformed", severity, f"{name} {what}")]


def test_a_name_that_is_too_long():
    name = ".".join(["a" * 60] * 3)
    assert [what.partition(" ")[2] for _, _, what in defects(domain(name))] == [
        f"is longer than 127 bytes: {CRASH}"
    ]


def test_report_addresses():
    good = ["https://report.example/a%20b?c=d", "$(REPORT_URI)"]
    assert defects(domain(TSKReportUris=good)) == []
    assert defects(domain(TSKReportUris=["https://report.example/a b"])) == [
        ("malformed", "warning", "'https://report.example/a b' in TSKReportUris is no URL to iOS 16 and older, where"
         f" {CRASH}")
    ]  # fmt: skip
    assert defects(domain(TSKReportUris="https://report.example")) == [
        ("malformed", None, f"TSKReportUris is no array: {CRASH}")
    ]


# values from elsewhere --------------------------------------------------------


def test_build_settings():
    content = configuration({"$(HOST)": {HASHES: [KEY_A, "${BACKUP}"], "TSKExpirationDate": "$(DAY)"}})
    assert [(gap.reason, gap.text, gap.hosts) for gap in parsed(content) if isinstance(gap, Gap)] == [
        ("the host comes from a build setting", "$(HOST)", ()),
        ("the pin comes from a build setting", "${BACKUP}", ("$(HOST)",)),
        ("the expiration comes from a build setting", "$(DAY)", ("$(HOST)",)),
    ]
    assert declared(content) == [((), (KEY_A,), True)]


@pytest.mark.parametrize(
    "data",
    [
        b"TSKConfiguration" + b"(" * 100_000,
        b"<plist>TSKPinnedDomains" + b"<dict>" * 9_000,
        b"<TSKConfiguration",
    ],
)
def test_hostile_files_are_listed(data: bytes):
    assert [entry.what for entry in report({PATH: data}).not_checked] == [PATH]


def test_many_domains_take_no_time():
    names = [f"h{number}.shop.example" for number in range(6_000)]
    content = configuration({name: {EXCLUDE: True} for name in names} | PARENT)
    start = time.process_time()
    assert defects(content) == []
    assert time.process_time() - start < pace.allowed(4)
