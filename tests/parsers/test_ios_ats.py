"""App Transport Security: every fact of where iOS reads pins, and what it makes of them."""

import plistlib
import time
from typing import Any

import pace
import pytest
from scanning import KEY_A, KEY_B, KEY_C, report

from pincheck.model import Declaration, Defect, Gap, Location, SourceFile
from pincheck.parsers import _ats, _info_plist, ios_ats
from pincheck.parsers._ats_origin import Origin
from pincheck.readers import plist

PATH = "Shop/Info.plist"
PIN = "SPKI-SHA256-BASE64"
LEAF, ISSUERS = "NSPinnedLeafIdentities", "NSPinnedCAIdentities"
READS_NOT = "iOS never reads it there, so nothing is pinned"


def identities(*pins: str, key: str = PIN) -> list[dict[str, str]]:
    return [{key: pin} for pin in pins]


def ats(**keys: Any) -> dict[str, Any]:
    return {"NSAppTransportSecurity": keys}


def pinned(domain: Any = None, name: str = "shop.example") -> dict[str, Any]:
    return ats(NSPinnedDomains={name: {ISSUERS: identities(KEY_A, KEY_B)} if domain is None else domain})


def parsed(content: Any, path: str = PATH) -> list[Declaration | Defect | Gap]:
    data = content if isinstance(content, bytes) else plistlib.dumps(content, sort_keys=False)
    return list(ios_ats.parse(SourceFile(path, data)))


def declared(content: Any, path: str = PATH) -> list[tuple[tuple[str, ...], tuple[str, ...], str, bool]]:
    """Hosts, pins, what is compared and whether it is read, of each declaration."""
    return [
        (
            tuple(host.text for host in item.hosts),
            tuple(pin.value for pin in item.pins),
            item.semantics.compares,
            item.read,
        )
        for item in parsed(content, path)
        if isinstance(item, Declaration)
    ]


def defects(content: Any, path: str = PATH) -> list[tuple[str, str | None, tuple[str, ...], str]]:
    return [
        (item.kind, item.severity, item.hosts, item.what)
        for item in parsed(content, path)
        if isinstance(item, Defect)
    ]


# what iOS reads ---------------------------------------------------------------


def test_a_list_is_read_with_every_place():
    lines = [
        "            <?xml version='1.0' encoding='UTF-8'?>",
        "<plist version='1.0'><dict>",
        "  <key>NSAppTransportSecurity</key><dict>",
        "    <key>NSPinnedDomains</key><dict>",
        "      <key>Shop.example</key><dict>",
        "        <key>NSIncludesSubdomains</key><true/>",
        "        <key>NSPinnedCAIdentities</key><array>",
        f"          <dict><key>{PIN}</key><string>{KEY_A}</string></dict>",
        f"          <!-- <dict><key>{PIN}</key><string>{KEY_C}</string></dict> -->",
        f"          <dict><key>{PIN}</key><string>{KEY_B}</string></dict>",
        "        </array></dict></dict></dict></dict></plist>",
    ]
    (pin_set,) = report({PATH: "\n".join(lines)}).project.pin_sets
    assert (pin_set.mechanism, pin_set.context, pin_set.variant) == ("ios-ats", "production", "Shop")
    assert pin_set.at == Location(PATH, 7, 14, 7, 34, lines[6])
    assert [(h.text, h.name, h.depth, h.apex, h.at.line, h.at.column, h.fault) for h in pin_set.hosts] == [
        ("Shop.example", "shop.example", "one", True, 5, 12, None)
    ]
    assert [(p.text, p.at.line, p.at.column, p.at.end_column, p.fault) for p in pin_set.pins] == [
        (KEY_A, 8, 54, 98, None),
        (KEY_B, 10, 54, 98, None),
    ]
    assert (pin_set.expires, pin_set.semantics.expiry, pin_set.semantics.lookup) == (None, "none", "union")


def test_leaf_and_ca_lists_are_two_declarations():
    domain = {LEAF: identities(KEY_A), ISSUERS: identities(KEY_B, KEY_C)}
    assert declared(pinned(domain)) == [
        (("shop.example",), (KEY_A,), "leaf", True),
        (("shop.example",), (KEY_B, KEY_C), "issuers", True),
    ]
    assert defects(pinned(domain)) == []


def test_a_binary_plist_is_read():
    data = plistlib.dumps(pinned(), fmt=plistlib.FMT_BINARY)
    (pin_set,) = report({PATH: data}).project.pin_sets
    assert [pin.text for pin in pin_set.pins] == [KEY_A, KEY_B]
    assert (pin_set.at.line, pin_set.at.column) == (1, 1)


def test_an_old_style_plist_is_read_and_knows_no_boolean():
    text = (
        "{ NSAppTransportSecurity = { NSPinnedDomains = { \"shop.example\" = { NSIncludesSubdomains = YES;\n"
        f'  {LEAF} = ( {{ "{PIN}" = "{KEY_A}"; }}, {{ "{PIN}" = "{KEY_B}"; }} ); }}; }}; }}; }}'
    )  # fmt: skip
    first, second = parsed(text.encode())
    assert (first.severity, first.at.line) == ("warning", 1)
    assert [(pin.value, pin.at.line) for pin in second.pins] == [(KEY_A, 2), (KEY_B, 2)]
    assert not second.hosts[0].include_subdomains


def test_utf16_is_read():
    data = plistlib.dumps(pinned()).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert len(report({PATH: data}).project.pin_sets) == 1


@pytest.mark.parametrize("flag", [True, False])
def test_subdomains_are_one_level(flag: bool):
    domain = {"NSIncludesSubdomains": flag, LEAF: identities(KEY_A, KEY_B)}
    (pin_set,) = report({PATH: plistlib.dumps(pinned(domain))}).project.pin_sets
    (host,) = pin_set.hosts
    names = ("shop.example", "a.shop.example", "b.a.shop.example", "other.example")
    assert [host.matches(name) for name in names] == [True, flag, False, False]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("shop.example.", "ends in a dot"),
        ("*.shop.example", "starts with a wildcard"),
        ("https://shop.example", "is a URL"),
        ("shop.example:443", "holds a port"),
        (" shop.example", "holds white space"),
        ("bücher.example", "is not in its ASCII form"),
    ],
)
def test_a_host_that_never_matches(name: str, fault: str):
    (pin_set,) = report({PATH: plistlib.dumps(pinned(name=name))}).project.pin_sets
    assert pin_set.hosts[0].fault.what == fault


@pytest.mark.parametrize(
    ("pin", "effect"),
    [
        (f" {KEY_A}\n", ""),
        (f"sha256/{KEY_A}", "never matches"),
        (KEY_A[:-1], "iOS cannot use it, so it never matches"),
        ("FEzVOUp4dF3gI0ZVPRJhFbSJVXR-uQmMH65xhs1glH4=", "never matches"),
        ("AAECAwQF", "never matches"),
    ],
    ids=["blanks", "prefix", "no padding", "url-safe", "short"],
)
def test_a_pin_as_ios_decodes_it(pin: str, effect: str):
    (pin_set,) = report({PATH: plistlib.dumps(pinned({LEAF: identities(pin, KEY_B)}))}).project.pin_sets
    assert (pin_set.pins[0].fault.effect if pin_set.pins[0].fault else "") == effect


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("Shop/Info.plist", "Shop"),
        ("ios/Runner/Info.plist", "Runner"),
        ("ShareExtension/Supporting Files/Info.plist", "ShareExtension"),
        ("App/Info-stage.plist", "Info-stage"),
        ("WatchApp-Info.plist", "WatchApp-Info"),
        ("ios/App/Info.plist", ""),
        ("Info.plist.in", ""),
    ],
)
def test_variant_is_the_target(path: str, target: str):
    assert _info_plist.variant(path) == target


# what iOS makes of mistakes ---------------------------------------------------


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ([], f"{LEAF} is empty"),
        (KEY_A, f"{LEAF} is a string instead of an array"),
        ({PIN: KEY_A}, f"{LEAF} is a dictionary instead of an array"),
        (
            [KEY_A, KEY_B],
            f"iOS drops every entry of {LEAF} (it is a string instead of a dictionary with {PIN})",
        ),
        ([{"SPKI-SHA256": KEY_A}], f"iOS drops every entry of {LEAF} (it has SPKI-SHA256 instead of {PIN})"),
        ([{}], f"iOS drops every entry of {LEAF} (it has no {PIN})"),
        ([{PIN: b"\0"}], f"iOS drops every entry of {LEAF} (its {PIN} is data instead of a string)"),
        (identities(f"sha256/{KEY_A}"), f"no pin of {LEAF} can match"),
    ],
)
def test_a_list_that_blocks_every_connection(value: Any, what: str):
    assert defects(pinned({LEAF: value})) == [
        ("malformed", None, ("shop.example",), f"{what}, so iOS refuses every connection to shop.example")
    ]


def test_dropped_pins_stay_in_the_inventory():
    assert declared(pinned({LEAF: [KEY_A, {"SPKI": KEY_B}]})) == [
        (("shop.example",), (KEY_A, KEY_B), "leaf", False)
    ]


def test_an_entry_that_is_dropped_beside_a_good_one():
    domain = {LEAF: [{PIN: KEY_A}, {PIN: KEY_B}, {"SPKI-SHA256-PIN": KEY_C}]}
    assert defects(pinned(domain)) == [
        ("malformed", None, ("shop.example",),
         f"shop.example: iOS drops this entry of {LEAF}: it has SPKI-SHA256-PIN instead of {PIN}")
    ]  # fmt: skip
    assert [pins for _, pins, _, read in declared(pinned(domain)) if read] == [(KEY_A, KEY_B)]


def test_placeholders_are_left_to_their_rule():
    assert defects(pinned({LEAF: identities("YOUR_PIN_HERE")})) == []


def test_an_empty_list_below_a_pinned_parent_only_adds_nothing():
    parent = {"NSIncludesSubdomains": True, LEAF: identities(KEY_A)}
    content = ats(NSPinnedDomains={"shop.example": parent, "api.shop.example": {LEAF: []}})
    assert defects(content) == [
        ("malformed", "warning", ("api.shop.example",),
         f"{LEAF} is empty, so only the pins of shop.example count for api.shop.example")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "written"), [("YES", "a string (YES)"), (1, "a number (1)"), ("$(FLAG)", "a string ($(FLAG))")]
)
def test_a_subdomain_flag_that_is_no_boolean(flag: Any, written: str):
    content = pinned({"NSIncludesSubdomains": flag, LEAF: identities(KEY_A, KEY_B)})
    assert defects(content) == [
        ("malformed", "warning", ("shop.example",),
         f"NSIncludesSubdomains of shop.example is {written}, and iOS takes only a boolean for true:"
         " subdomains are not pinned")
    ]  # fmt: skip


@pytest.mark.parametrize("flag", ["NO", "false", 0])
def test_a_false_flag_of_the_wrong_type_does_no_harm(flag: Any):
    assert defects(pinned({"NSIncludesSubdomains": flag, LEAF: identities(KEY_A, KEY_B)})) == []


def test_a_domain_without_lists():
    assert defects(pinned({})) == [
        (
            "unenforced",
            None,
            ("shop.example",),
            f"shop.example has neither {LEAF} nor {ISSUERS}: iOS pins nothing",
        )
    ]


@pytest.mark.parametrize(("value", "name"), [(True, "a boolean"), ([f"sha256/{KEY_A}"], "an array")])
def test_a_domain_that_is_no_dictionary(value: Any, name: str):
    assert defects(pinned(value)) == [
        ("malformed", None, ("shop.example",),
         f"shop.example is {name} instead of a dictionary: iOS ignores it, so the host is not pinned")
    ]  # fmt: skip


def test_pinned_domains_that_are_no_dictionary():
    content = ats(NSPinnedDomains=[KEY_A])
    assert defects(content) == [
        ("malformed", None, (), "NSPinnedDomains is an array, where iOS reads a dictionary of hosts only:"
         " nothing is pinned")
    ]  # fmt: skip
    assert declared(content) == [((), (KEY_A,), "leaf", False)]


def test_a_host_that_stands_twice():
    entry = f"<key>shop.example</key><dict><key>{LEAF}</key><array><dict><key>{PIN}</key><string>%s</string></dict></array></dict>"
    body = f"<key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>{entry % KEY_A}{entry % KEY_B}</dict></dict>"
    content = f"<plist><dict>{body}</dict></plist>".encode()
    assert [pins for _, pins, _, read in declared(content) if read] == [(KEY_B,)]
    assert [(kind, severity) for kind, severity, _, _ in defects(content)] == [("malformed", "warning")]


def test_the_undocumented_switch_that_drops_the_pins():
    content = pinned() | {"SecTrustPinningRequired": True}
    assert defects(content) == [
        ("unenforced", None, ("shop.example",),
         "SecTrustPinningRequired is true: iOS then drops the pins of NSPinnedDomains")
    ]  # fmt: skip


# where iOS does not read ------------------------------------------------------

DOMAINS = {"shop.example": {ISSUERS: identities(KEY_A, KEY_B)}}
UNREAD = [(("shop.example",), (KEY_A, KEY_B), "issuers", False)]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({"NSPinnedDomains": DOMAINS}, "stands at the top level, outside NSAppTransportSecurity"),
        (ats(NSExceptionDomains={"NSPinnedDomains": DOMAINS}), "stands directly under NSExceptionDomains"),
        (
            ats(NSExceptionDomains={"api.shop.example": {"NSPinnedDomains": DOMAINS}}),
            "stands inside the NSExceptionDomains entry of api.shop.example",
        ),
    ],
)
def test_misplaced_domains(content: Any, where: str):
    assert defects(content) == [
        ("misplaced", None, ("shop.example",), f"NSPinnedDomains {where}: {READS_NOT}")
    ]
    assert declared(content) == UNREAD


@pytest.mark.parametrize("name", [LEAF, ISSUERS])
def test_lists_inside_an_exception(name: str):
    content = ats(NSExceptionDomains={"shop.example": {name: identities(KEY_A)}})
    assert defects(content) == [
        ("misplaced", None, ("shop.example",),
         f"{name} stands inside the NSExceptionDomains entry of shop.example: {READS_NOT}")
    ]  # fmt: skip
    assert [(hosts, pins, read) for hosts, pins, _, read in declared(content)] == [
        (("shop.example",), (KEY_A,), False)
    ]


def test_lists_without_a_host():
    content = ats(NSPinnedDomains={LEAF: identities(KEY_A)})
    assert defects(content) == [
        ("misplaced", None, (), f"{LEAF} stands where NSPinnedDomains expects a host: {READS_NOT}")
    ]
    assert declared(content) == [((), (KEY_A,), "leaf", False)]


def test_pinned_domains_true_in_an_exception():
    content = ats(NSExceptionDomains={"shop.example": {"NSPinnedDomains": True}})
    assert defects(content) == [
        ("misplaced", None, ("shop.example",),
         f"NSPinnedDomains stands inside the NSExceptionDomains entry of shop.example: {READS_NOT}")
    ]  # fmt: skip


def test_invented_keys():
    content = pinned({"NSPublicKeyHashes": [KEY_A, "BACKUP"]})
    assert defects(content) == [
        ("misplaced", None, ("shop.example",),
         "shop.example: iOS knows no NSPublicKeyHashes and never reads the pins in it")
    ]  # fmt: skip
    assert declared(content) == [(("shop.example",), (KEY_A, "BACKUP"), "leaf", False)]


def test_invented_keys_in_an_exception():
    content = ats(
        NSExceptionDomains={
            "pin.example": {"NSExceptionMinimumTLSVersion": "TLSv1.2", "SPKI-SHA256": [KEY_A]}
        }
    )
    assert declared(content) == [(("pin.example",), (KEY_A,), "leaf", False)]
    assert len(defects(content)) == 1


def test_a_misspelt_flag():
    content = pinned({"NSIncludeSubdomains": True, LEAF: identities(KEY_A, KEY_B)})
    assert defects(content) == [
        ("misplaced", "warning", ("shop.example",),
         "shop.example: iOS knows no NSIncludeSubdomains, so subdomains are not pinned")
    ]  # fmt: skip


def test_a_fragment_may_be_moved_by_a_build_step():
    assert defects({"NSPinnedDomains": DOMAINS}, "Config/transport.plist") == [
        ("misplaced", "warning", ("shop.example",),
         f"NSPinnedDomains stands at the top level, outside NSAppTransportSecurity: {READS_NOT},"
         " unless a build step moves it")
    ]  # fmt: skip


# values from elsewhere --------------------------------------------------------


@pytest.mark.parametrize("setting", ["$(PIN_A)", "${PIN_A}", "{{PIN_A}}"])
def test_a_pin_from_a_build_setting(setting: str):
    (gap,) = parsed(pinned({LEAF: identities(setting)}))
    assert gap == Gap("ios-ats", gap.at, "the pin comes from a build setting", ("shop.example",), setting)


def test_a_host_from_a_build_setting():
    gap, declaration = parsed(pinned(name="api.$(HOST)"))
    assert gap == Gap("ios-ats", gap.at, "the host comes from a build setting", (), "$(HOST)")
    assert (declaration.hosts, len(declaration.pins), declaration.read) == ((), 2, True)


def test_the_content_of_a_generated_info_plist():
    origin = Origin("ios-ats", "Widget", "debug")
    root = plist.read(SourceFile("project.plist", plistlib.dumps(pinned())))
    (declaration,) = _ats.declarations(root, origin)
    assert (declaration.variant, declaration.context) == ("Widget", "debug")


# hostile files ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (plistlib.dumps(pinned())[:-30], "not well-formed XML, line 23: unclosed token"),
        (b"<plist>NSPinnedDomains" + b"<array>" * 9_000, "XML nested deeper than 200 elements"),
        (b"NSPinnedDomains" + b"(" * 100_000, "a plist nested deeper than 200 values"),
        (
            b'<!DOCTYPE p [<!ENTITY a "NSPinnedDomains">]><plist><string>&a;</string></plist>',
            "declares XML entities, which are not expanded here",
        ),
    ],
    ids=["truncated", "deep xml", "deep text", "entity"],
)
def test_hostile_files_are_listed(data: bytes, reason: str):
    assert [(entry.what, entry.reason) for entry in report({PATH: data}).not_checked] == [(PATH, reason)]


def test_many_unknown_keys_take_no_time():
    domain = {f"NSPinnedIdentitie{number}": True for number in range(15_000)} | {LEAF: identities(KEY_A)}
    assert len(declared(pinned(domain))) == 1


def test_many_empty_lists_take_no_time():
    content = ats(NSPinnedDomains={f"h{number}.shop.example": {LEAF: []} for number in range(6_000)})
    start = time.process_time()
    assert len(defects(content)) == 6_000
    assert time.process_time() - start < pace.allowed(4)
