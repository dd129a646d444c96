"""Android Network Security Configuration: every fact of its grammar, matching and inheritance."""

from datetime import date

import pytest
from scanning import KEY_A, KEY_B, KEY_C, report

from pincheck import registry, scan
from pincheck.model import Location, SourceFile
from pincheck.resolve import resolve

PATH = "app/src/main/res/xml/network_security_config.xml"
PINS = f'<pin digest="SHA-256">{KEY_A}</pin><pin digest="SHA-256">{KEY_B}</pin>'
SET = f"<pin-set>{PINS}</pin-set>"
CRASH = "Android throws when it first reads the file, so the app crashes on its first connection"
START = "TrustKit throws when it is initialised, so the app crashes at start"
ENFORCED = '<trustkit-config enforcePinning="true"/>'


def config(body: str) -> str:
    return f"<network-security-config>\n{body}\n</network-security-config>"


def domain_config(body: str = SET, domain: str = "shop.example") -> str:
    return config(f"<domain-config>\n<domain>{domain}</domain>\n{body}\n</domain-config>")


def pin_sets(text: str, path: str = PATH):
    return report({path: text}).project.pin_sets


def defects(text: str, path: str = PATH) -> list[tuple[str, int, str]]:
    return [(defect.kind, defect.at.line, defect.what) for defect in report({path: text}).project.defects]


def test_a_pin_set_is_read_with_every_place():
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<network-security-config>\n"
        "  <domain-config>\n"
        '    <domain includeSubdomains="true">Shop.example</domain>\n'
        "    <domain>api.example</domain>\n"
        '    <pin-set expiration="2027-03-01">\n'
        f'      <pin digest="SHA-256">{KEY_A}</pin>\n'
        "      <!-- <pin>commented</pin> -->\n"
        f'      <pin digest="sha-256">\n        {KEY_B}\n      </pin>\n'
        "    </pin-set>\n"
        "  </domain-config>\n"
        "</network-security-config>\n"
    )
    (pin_set,) = pin_sets(text)
    assert (pin_set.mechanism, pin_set.context, pin_set.variant) == ("android-nsc", "production", "main")
    assert pin_set.at == Location(PATH, 6, 5, 6, 38, '    <pin-set expiration="2027-03-01">')
    assert [(h.text, h.name, h.depth, h.apex, h.at.line, h.at.column) for h in pin_set.hosts] == [
        ("Shop.example", "shop.example", "any", True, 4, 38),
        ("api.example", "api.example", "exact", True, 5, 13),
    ]
    assert [(p.text, p.at.line, p.at.column, p.at.end_column) for p in pin_set.pins] == [
        (KEY_A, 7, 29, 73),
        (KEY_B, 10, 9, 53),
    ]
    assert pin_set.expires.day == date(2027, 3, 1)
    assert pin_set.expires.at == Location(PATH, 6, 26, 6, 36, '    <pin-set expiration="2027-03-01">')
    assert [pin.pin.base64 for pin in pin_set.pins] == [KEY_A, KEY_B]


def test_nested_configs_inherit_the_pin_set_as_a_whole():
    text = config(
        f"<domain-config><domain>shop.example</domain>{SET}"
        '<domain-config cleartextTrafficPermitted="true"><domain>a.shop.example</domain></domain-config>'
        f'<domain-config><domain>b.shop.example</domain><pin-set><pin digest="SHA-256">{KEY_C}</pin></pin-set>'
        "</domain-config></domain-config>"
    )
    outer, inner = pin_sets(text)
    assert outer.host_names == ("shop.example", "a.shop.example")
    assert [pin.text for pin in outer.pins] == [KEY_A, KEY_B]
    assert inner.host_names == ("b.shop.example",)
    assert [pin.text for pin in inner.pins] == [KEY_C]
    assert [place.hosts for place in outer.cleartext] == [("a.shop.example",)]
    assert inner.cleartext == ()


def test_an_empty_pin_set_switches_inherited_pins_off():
    text = config(
        f"<domain-config>\n<domain>shop.example</domain>\n{SET}\n"
        "<domain-config>\n<domain>open.shop.example</domain>\n<pin-set/>\n</domain-config></domain-config>"
    )
    what = "an empty pin-set switches off the pins inherited from line 4: Android connects unpinned"
    assert defects(text) == [("unenforced", 7, what)]


def test_base_config_gives_anchors_and_cleartext_but_no_pins():
    text = config(
        f'<base-config cleartextTrafficPermitted="true"><trust-anchors><certificates src="system"/>'
        f"</trust-anchors>{SET}</base-config><domain-config><domain>shop.example</domain>{SET}</domain-config>"
    )
    pin_set, lost = pin_sets(text)
    assert [anchor.source for anchor in pin_set.anchors] == ["system"]
    assert [place.hosts for place in pin_set.cleartext] == [("shop.example",)]
    assert pin_set.read
    assert ([pin.text for pin in lost.pins], lost.read) == ([KEY_A, KEY_B], False)
    assert defects(text) == [("malformed", 2, f"<pin-set> inside <base-config>: {CRASH}")]


def with_date(expiration: str) -> str:
    return domain_config(f'<pin-set expiration="{expiration}">{PINS}</pin-set>')


def with_anchors(anchors: str) -> str:
    return domain_config(f"{SET}\n<trust-anchors>{anchors}</trust-anchors>")


def bad_date(expiration: str) -> str:
    return f'expiration="{expiration}" is no yyyy-MM-dd date: {CRASH}'


REFUSED = {
    "another digest": (
        domain_config(f'<pin-set><pin digest="SHA-1">{KEY_A}</pin></pin-set>'),
        4, f'digest="SHA-1" is not SHA-256: {CRASH}',
    ),
    "digest without hyphen": (
        domain_config(f'<pin-set><pin digest="SHA256">{KEY_A}</pin></pin-set>'),
        4, f'digest="SHA256" is not SHA-256: {CRASH}',
    ),
    "no digest": (domain_config(f"<pin-set><pin>{KEY_A}</pin></pin-set>"), 4, f"a <pin> without digest: {CRASH}"),
    "slashes in the date": (with_date("2038/1/19"), 4, bad_date("2038/1/19")),
    "month 13": (with_date("2030-13-01"), 4, bad_date("2030-13-01")),
    "date by reference": (with_date("@string/date"), 4, bad_date("@string/date")),
    "no domain": (
        config(f"<domain-config>\n{SET}\n</domain-config>"),
        2, f"a <domain-config> without a <domain> of its own: {CRASH}",
    ),
    "domain twice, in two cases": (
        domain_config("<domain>SHOP.example</domain>"),
        4, f"shop.example is declared twice, first in line 3: {CRASH}",
    ),
    "two pin sets": (domain_config(f"{SET}\n{SET}"), 5, f"a second <pin-set>: {CRASH}"),
    "two trust-anchors": (
        domain_config("<trust-anchors/>\n<trust-anchors/>"), 5, f"a second <trust-anchors>: {CRASH}",
    ),
    "two base-configs": (config("<base-config/>\n<base-config/>"), 3, f"a second <base-config>: {CRASH}"),
    "two debug-overrides": (
        config("<debug-overrides/>\n<debug-overrides/>"), 3, f"a second <debug-overrides>: {CRASH}",
    ),
    "anchors without src": (with_anchors("<certificates/>"), 5, f"<certificates> without src: {CRASH}"),
    "src no resource": (
        with_anchors('<certificates src="my_ca"/>'),
        5, f'src="my_ca" is neither system, user nor a raw resource: {CRASH}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_crashes_the_app(case):
    text, line, what = REFUSED[case]
    assert defects(text) == [("malformed", line, what)]


UNENFORCED = {
    "empty pin set": (domain_config("<pin-set/>"), 4, "the pin-set holds no pin: Android connects unpinned"),
    "overridePins": (
        with_anchors('<certificates src="user" overridePins="true"/>'),
        5,
        'overridePins="true" outside debug-overrides: Android skips the pins for every chain that ends in'
        " an anchor of user, in release builds too",
    ),
    "user anchors": (
        with_anchors('<certificates src="user"/>'),
        5,
        "CAs that users install are trusted here; only the pins stand against them",
    ),
}


@pytest.mark.parametrize("case", UNENFORCED)
def test_what_is_not_enforced(case):
    text, line, what = UNENFORCED[case]
    assert defects(text) == [("unenforced", line, what)]


ACCEPTED = {
    "text behind the date": with_date("2030-06-01T00:00"),
    "a day of one digit": with_date("2030-6-1"),
    "debug-overrides and base-config last": config(
        f"<domain-config><domain>a.example</domain>{SET}</domain-config><debug-overrides><trust-anchors>"
        '<certificates src="user" overridePins="true"/></trust-anchors></debug-overrides><base-config/>'
    ),
    "unknown elements are skipped": domain_config(
        f'<certificateTransparency enabled="true"/><unknown><other/></unknown>{SET}'
    ),
    "wfa anchors": with_anchors('<certificates src="wfa"/>'),
    "domain after the pin set": domain_config(f"{SET}<domain>b.example</domain>"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_android_accepts(case):
    assert defects(ACCEPTED[case]) == []


def test_a_two_digit_year_is_a_year_of_antiquity():
    (pin_set,) = pin_sets(with_date("30-6-1"))
    assert pin_set.expires.day == date(30, 6, 1)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (KEY_A, None),
        (KEY_A.rstrip("="), None),
        (f"{KEY_A[:20]}\n  {KEY_A[20:]}", None),
        (f"sha256/{KEY_A}", "starts with sha256/, which is read as part of the key: 37 bytes instead of 32"),
        (KEY_B.replace("/", "_"), "its decoder drops _, 30 bytes are left of 44 characters instead of 32"),
        ("ab" * 32, "is hexadecimal, where base64 is read: 48 bytes instead of 32"),
        (KEY_A[:-1] + "==", "ends in 2 = instead of 1"),
        (KEY_A[:-2] + "=", "ends in 1 = instead of 2"),
        ("@string/pin", "its decoder drops @, 7 bytes are left of 11 characters instead of 32"),
    ],
)
def test_android_reads_base64_its_own_way(text, what):
    (pin_set,) = pin_sets(domain_config(f'<pin-set><pin digest="SHA-256">{text}</pin></pin-set>'))
    (pin,) = pin_set.pins
    assert (pin.fault and pin.fault.what) == what
    assert (pin.fault and pin.fault.effect) == (what and CRASH)


@pytest.mark.parametrize(
    "name",
    [
        "*.shop.example",
        "https://shop.example",
        "shop.example:443",
        "shop.example/",
        "shop.example.",
        "bücher.example",
        ".shop.example",
    ],
)
def test_names_that_never_match(name):
    (pin_set,) = pin_sets(domain_config(domain=name))
    assert pin_set.hosts[0].fault is not None
    assert not pin_set.hosts[0].matches("shop.example")


def test_subdomains_match_at_any_depth_and_only_with_the_flag():
    text = config(
        '<domain-config><domain includeSubdomains="true">shop.example</domain><domain>exact.example</domain>'
        f"{SET}</domain-config>"
    )
    (pin_set,) = pin_sets(text)
    deep, exact = pin_set.hosts
    asked = ("shop.example", "a.shop.example", "a.b.shop.example", "ashop.example")
    assert [deep.matches(host) for host in asked] == [True, True, True, False]
    assert [exact.matches(host) for host in ("exact.example", "a.exact.example")] == [True, False]


@pytest.mark.parametrize(
    ("path", "variant", "context"),
    [
        ("app/src/main/res/xml/network_security_config.xml", "main", "production"),
        ("app/src/release/res/xml/nsc.xml", "release", "production"),
        ("app/src/debug/res/xml/nsc.xml", "debug", "debug"),
        ("app/src/stagingDebug/res/xml/nsc.xml", "stagingDebug", "debug"),
        ("app/src/beta/res/xml/nsc.xml", "beta", "production"),
        ("app/src/main/res/xml-v24/nsc.xml", "main xml-v24", "production"),
        ("lib/src/androidTest/res/xml/nsc.xml", "androidTest", "test"),
        ("composeApp/src/androidMain/res/xml/nsc.xml", "androidMain", "production"),
        ("App_Resources/Android/src/main/res/xml/nsc.xml", "main", "production"),
        ("Platforms/Android/Resources/xml/nsc.xml", "", "production"),
        ("example/android/app/src/main/res/xml/nsc.xml", "main", "example"),
        ("resources/network_security_config.xml", "", "production"),
    ],
)
def test_variants_and_layouts(path, variant, context):
    (pin_set,) = pin_sets(domain_config(), path)
    assert (pin_set.variant, pin_set.context) == (variant, context)


# which file is read ----------------------------------------------------------

MANIFEST = "app/src/main/AndroidManifest.xml"
OTHER_MANIFEST = "lib/src/main/AndroidManifest.xml"
NAMED = 'android:networkSecurityConfig="@xml/network_security_config"'


def manifest(attribute: str = "") -> str:
    xmlns = 'xmlns:android="http://schemas.android.com/apk/res/android"'
    return f"<manifest {xmlns}><application {attribute}/></manifest>"


USED = {
    "no manifest in the tree: unknown, so used": {},
    "named": {MANIFEST: manifest(NAMED)},
    "placeholder": {MANIFEST: manifest('android:networkSecurityConfig="${nsc}"')},
    "another module's manifest only": {OTHER_MANIFEST: manifest()},
    "half a placeholder": {MANIFEST: manifest('android:networkSecurityConfig="@xml/${which}"')},
    "a manifest that cannot be read": {MANIFEST: manifest(NAMED).replace("/>", ">")},
    "another prefix": {MANIFEST: manifest(NAMED).replace("android:", "a:")},
    "a resource of a package": {MANIFEST: manifest(NAMED).replace("@xml", "@shop.example:xml")},
    "a manifest of another name": {
        MANIFEST: manifest(),
        "app/src/main/AndroidManifest-release.xml": manifest(NAMED),
    },
    "another module names it": {MANIFEST: manifest(), OTHER_MANIFEST: manifest(NAMED)},
    "a C# attribute names it": {
        MANIFEST: manifest(),
        "app/Main.cs": '[Application(NetworkSecurityConfig = "@xml/network_security_config")]',
    },
    "a config plugin names it": {
        MANIFEST: manifest(),
        "plugins/nsc.js": "app.$['android:networkSecurityConfig'] = '@xml/network_security_config'",
    },
    "a config plugin computes a name": {
        MANIFEST: manifest(),
        "plugins/nsc.js": "app.$['android:networkSecurityConfig'] = `@${name}`",
    },
}
UNUSED = {
    "its manifest names nothing": {MANIFEST: manifest()},
    "another is named": {MANIFEST: manifest('android:networkSecurityConfig="@xml/other"')},
    "null": {MANIFEST: manifest('android:networkSecurityConfig="@null"')},
}


@pytest.mark.parametrize("case", USED | UNUSED)
def test_a_file_that_no_manifest_names_is_not_read(case):
    found = report({PATH: domain_config(), **(USED | UNUSED)[case]}).project
    unread = (
        "no manifest of the repository names @xml/network_security_config, so Android never reads these pins"
    )
    assert [(d.kind, d.what) for d in found.defects] == ([("misplaced", unread)] if case in UNUSED else [])
    assert [(s.context, s.read) for s in found.pin_sets] == [("production", True)]


def test_a_part_of_a_repository_does_not_tell_what_is_used():
    sources = [SourceFile(PATH, domain_config().encode()), SourceFile(MANIFEST, manifest().encode())]
    parsed = scan.parse_all(sources, registry.parsers()).parsed
    assert [len(resolve(parsed, whole).defects) for whole in (True, False)] == [1, 0]


def test_what_only_some_hosts_inherit_is_said_of_them():
    text = config(
        f"<domain-config><domain>a.example</domain>{SET}"
        "<domain-config><domain>b.example</domain>"
        '<trust-anchors><certificates src="system" overridePins="true"/></trust-anchors></domain-config>'
        "</domain-config>"
    )
    (defect,) = report({PATH: text}).project.defects
    assert defect.hosts == ("b.example",)


def test_the_debug_twin_gives_only_its_overrides():
    what = (
        "Android reads only the <debug-overrides> of xml/network_security_config_debug, the debug twin of"
        " xml/network_security_config, not these pins"
    )
    twin = "app/src/main/res/xml/network_security_config_debug.xml"
    found = report({twin: domain_config(), MANIFEST: manifest(NAMED)}).project
    assert [(d.kind, d.what) for d in found.defects] == [("misplaced", what)]
    own = 'android:networkSecurityConfig="@xml/network_security_config_debug"'
    assert report({twin: domain_config(), MANIFEST: manifest(own)}).project.defects == ()
    assert report({twin: domain_config()}).project.defects == ()


@pytest.mark.parametrize(
    ("body", "holder", "parent", "hosts"),
    [
        (SET, "pin-set", "network-security-config", ()),
        (
            f"<domain-configs><domain-config><domain>a.example</domain>{SET}</domain-config></domain-configs>",
            "domain-configs", "network-security-config", ("a.example",),
        ),
        (f"<domain-config><domain>a.example</domain>{PINS}</domain-config>", "pin", "domain-config", ("a.example",)),
        (
            f"<domain-config><domain>a.example</domain><pinset>{PINS}</pinset></domain-config>",
            "pinset", "domain-config", ("a.example",),
        ),
    ],
)  # fmt: skip
def test_pins_that_android_never_looks_at_are_not_lost(body, holder, parent, hosts):
    what = f"<{holder}> inside <{parent}>: Android skips it there, so its pins have no effect"
    assert [(kind, said) for kind, _, said in defects(config(body))] == [("misplaced", what)]
    (pin_set,) = pin_sets(config(body))
    assert (pin_set.read, pin_set.host_names, [pin.text for pin in pin_set.pins]) == (
        False,
        hosts,
        [KEY_A, KEY_B],
    )


def test_what_newer_releases_refuse_is_a_warning():
    text = config(
        '<debug-overrides><certificateTransparency enabled="true"/></debug-overrides>\n'
        '<base-config><domainEncryption mode="maybe"/></base-config>'
    )
    found = report({PATH: text}).project.defects
    assert [(d.kind, d.at.line, d.severity, d.context, d.what) for d in found] == [
        (
            "malformed", 2, "warning", "debug",
            "<certificateTransparency> inside <debug-overrides>: Android 16 and later throw on it in debug builds",
        ),
        (
            "malformed", 3, "warning", "production",
            'mode="maybe" of <domainEncryption> is none that Android documents',
        ),
    ]  # fmt: skip


def test_a_resource_with_another_root_crashes():
    text = domain_config().replace("network-security-config", "network-security")
    what = f"the root element is <network-security>, which Android does not know: {CRASH}"
    assert defects(text) == [("malformed", 1, what)]
    assert pin_sets(text) == ()


def test_cordova_carries_the_file_inside_its_config():
    text = (
        '<widget><platform name="android"><config-file target="res/xml/network_security_config.xml">\n'
        f"{domain_config()}\n</config-file></platform></widget>"
    )
    (pin_set,) = pin_sets(text, "config.xml")
    assert (pin_set.host_names, pin_set.at.line) == (("shop.example",), 5)


# TrustKit-Android ------------------------------------------------------------

TRUSTKIT = {
    "enforced": (f"{SET}{ENFORCED}", "shop.example", []),
    "report only by default": (
        f"{SET}\n<trustkit-config/>", "shop.example",
        [("unenforced", 5,
          "enforcePinning is not true: TrustKit's own clients let pin failures through; only Android itself, from"
          " version 7 on, refuses them in all others")],
    ),
    "one pin": (
        f'<pin-set><pin digest="SHA-256">{KEY_A}</pin></pin-set>{ENFORCED}', "shop.example",
        [("malformed", 4, f"fewer than two pins with enforcePinning: {START}")],
    ),
    "localhost": (
        f"{SET}{ENFORCED}", "localhost", [("malformed", 3, f"localhost is no domain name: {START}")],
    ),
    "two domains": (
        f"<domain>second.example</domain>{SET}{ENFORCED}", "shop.example",
        [("unenforced", 3,
          "TrustKit keeps only the last <domain> of a domain-config (second.example) and does not know this one, which"
          " only Android itself pins, from version 7 on")],
    ),
    "a child resets it": (
        f"{SET}{ENFORCED}<domain-config>\n<domain>a.example</domain><trustkit-config/></domain-config>",
        "shop.example",
        [("unenforced", 5,
          "enforcePinning is not true: TrustKit's own clients let pin failures through; only Android itself, from"
          " version 7 on, refuses them in all others")],
    ),
    "digest in lower case": (
        f"{SET.replace('SHA-256', 'sha-256', 1)}{ENFORCED}", "shop.example",
        [("malformed", 4, f'digest="sha-256", TrustKit takes SHA-256 only: {START}')],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TRUSTKIT)
def test_trustkit_android(case):
    body, domain, expected = TRUSTKIT[case]
    assert defects(domain_config(body, domain)) == expected


@pytest.mark.parametrize(
    ("path", "text", "places"),
    [
        pytest.param(PATH, "\n<network-security-config/>", [(PATH, 2)], id="a resource"),
        pytest.param(PATH, domain_config(), [], id="a resource that pins"),
        pytest.param("config.xml", "<network-security-config/>", [], id="no resource"),
    ],
)
def test_a_resource_without_pins_is_known(path, text, places):
    assert [(each.at.path, each.at.line) for each in report({path: text}).project.unpinned] == places
