"""Fixes: what each does to the file, and where there is none."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
import served
from pki import DER, PEM, certificate, key, pin
from scanning import KEY_A, KEY_B, KEY_C, TODAY

from pincheck import registry, remedy, scan
from pincheck.again import Again
from pincheck.edits import Page
from pincheck.model import Context, HostPolicy, Location, Pin, Policy, SourceFile, StatedPin
from pincheck.model.review import Hunk
from pincheck.outputs._lines import Lines, Places

NSC = "app/src/main/res/xml/network_security_config.xml"
HOST = "api.shop.example"
HEX_B = b64decode(KEY_B).hex()
OWN = b64encode(sha256(b"a key that no table knows").digest()).decode()


def nsc(*pins: str, expiration: str = "2027-09-01", domains: tuple[str, ...] = (HOST,)) -> str:
    names = "".join(f"    <domain>{name}</domain>\n" for name in domains)
    listed = "".join(f'      <pin digest="SHA-256">{each}</pin>\n' for each in pins)
    return (
        f"<network-security-config>\n  <domain-config>\n{names}"
        f'    <pin-set expiration="{expiration}">\n{listed}    </pin-set>\n  </domain-config>\n</network-security-config>\n'
    )


def ats(*pins: str, kind: str = "NSPinnedCAIdentities") -> str:
    listed = "".join(
        f"      <dict>\n        <key>SPKI-SHA256-BASE64</key>\n        <string>{each}</string>\n      </dict>\n"
        for each in pins
    )
    return (
        '<plist version="1.0"><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>\n'
        f"  <key>{HOST}</key>\n  <dict>\n    <key>{kind}</key>\n    <array>\n{listed}    </array>\n  </dict>\n"
        "</dict></dict></dict></plist>\n"
    )


def okhttp(adds: str, before: str = "") -> str:
    return (
        f"import okhttp3.CertificatePinner\n{before}val pinner = CertificatePinner.Builder()\n{adds}    .build()\n"
        "val client = OkHttpClient.Builder().certificatePinner(pinner).build()\n"
    )


def trustkit(listed: str, more: str = "") -> str:
    return (
        f'let configuration: [String: Any] = [kTSKPinnedDomains: [\n  "{HOST}": [\n    kTSKEnforcePinning: true,{more}\n'
        f"    kTSKPublicKeyHashes: [{listed}]\n  ]\n]]\nTrustKit.initSharedInstance(withConfiguration: configuration)\n"
    )


def stated(*pins: str, host: str = HOST) -> Policy:
    at = Location(".pincheck.yml", 3, 1, 3, 2)
    known = tuple(StatedPin(each, Pin("spki", "sha256", b64decode(each)), at) for each in pins)
    return Policy(hosts=(HostPolicy(host, at, known),))


def fixed(
    files: dict[str, str | bytes], policy: Policy = Policy(), *blocks: served.Served
) -> dict[tuple[str, str], str]:
    """The content that each fix gives its file, by rule and what the fix says."""
    sources = [
        SourceFile(path, text.encode() if isinstance(text, str) else text)
        for path, text in sorted(files.items())
    ]
    parsers = registry.parsers(live=bool(blocks))
    again = Again(sources, registry.parsers(), Context(TODAY, policy))
    observer = served.observer(*blocks) if blocks else None
    report = scan.scan(sources, parsers, Context(TODAY, policy), observer)
    found = {finding.fingerprint: finding for finding in report.findings}
    made = {}
    for fix in remedy.fixes(report, policy, again.read, again):
        finding = found[fix.fingerprint]
        path = fix.edits[0].at.path
        data = Page(path, again.read(path)).with_edits(fix.edits)
        made[finding.rule, fix.says] = data.decode()
    return made


def one(
    files: dict[str, str | bytes], policy: Policy = Policy(), *blocks: served.Served
) -> tuple[str, str, str]:
    """Rule, words and content of the only fix."""
    (((rule, says), content),) = fixed(files, policy, *blocks).items()
    return rule, says, content


# spelling ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("sha256/" + KEY_B, id="a prefix too many"),
        pytest.param("pin-sha256=" + KEY_B, id="another prefix"),
        pytest.param(KEY_B + "=", id="padding too much"),
        pytest.param(KEY_B.replace("+", "-").replace("/", "_"), id="the URL-safe alphabet"),
        pytest.param(HEX_B, id="hexadecimal of a key that is known"),
        pytest.param(KEY_B[:-2] + "F=", id="spare bits in a key that is known"),
    ],
)
def test_a_pin_is_spelt_as_android_reads_it(wrong):
    shown = wrong[:12] + "…"
    assert one({NSC: nsc(KEY_A, wrong)}) == (
        "malformed-pin", f"spell the pin {shown} as Android reads it", nsc(KEY_A, KEY_B),
    )  # fmt: skip


def test_a_prefix_that_is_missing():
    wrong = okhttp(f'    .add("{HOST}", "sha256/{KEY_A}", "{KEY_B}")\n')
    assert one({"C.kt": wrong})[2] == okhttp(f'    .add("{HOST}", "sha256/{KEY_A}", "sha256/{KEY_B}")\n')


def test_code_that_puts_the_prefix_before_it_keeps_doing_so():
    listed = 'val pins = listOf("{}", "{}")\n'
    adds = f'    .apply {{ pins.forEach {{ add("{HOST}", "sha256/$it") }} }}\n'
    wrong = okhttp(adds, listed.format(KEY_A, HEX_B))
    assert one({"C.kt": wrong})[2] == okhttp(adds, listed.format(KEY_A, KEY_B))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b64decode(OWN).hex(), id="hexadecimal may be of a certificate"),
        pytest.param(OWN[:-2] + chr(ord(OWN[-2]) + 1) + "=", id="spare bits may be a slip"),
        pytest.param(KEY_B[:-6], id="too short"),
        pytest.param("sha1/" + b64encode(b"x" * 15 + b"a1b2c").decode(), id="SHA-1"),
    ],
)
def test_no_guess_about_a_key(wrong):
    assert fixed({NSC: nsc(KEY_A, wrong)}) == {}


def test_what_the_other_platform_spells_right_is_known():
    files = {NSC: nsc(KEY_A, b64decode(OWN).hex()), "ios/Info.plist": ats(KEY_A, OWN)}
    assert one(files)[2] == nsc(KEY_A, OWN)


def test_a_constant_of_two_clients_that_read_it_otherwise_is_left():
    shared = f'const val PIN = "{KEY_B}"\n'
    code = okhttp(f'    .add("{HOST}", PIN, "sha256/{KEY_A}")\n', shared)
    other = 'val extra = CertificatePinner.Builder().add("b.example", "sha256/" + PIN).build()\n'
    assert fixed({"C.kt": code + other}) == {}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encoding_and_line_breaks_are_kept(encoding):
    sides = [nsc(KEY_A, each).replace("\n", "\r\n").encode(encoding) for each in ("sha256/" + KEY_B, KEY_B)]
    sources = [SourceFile(NSC, sides[0])]
    again = Again(sources, registry.parsers(), Context(TODAY))
    (fix,) = remedy.fixes(again.before, Policy(), again.read, again)
    assert Page(NSC, sides[0]).with_edits(fix.edits) == sides[1]


def test_latin_1_is_left_alone():
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- für -->\n' + nsc(KEY_A, "sha256/" + KEY_B)
    assert fixed({NSC: text.encode("latin-1")}) == {}


def test_what_is_suppressed_or_a_test_is_left_alone():
    wrong = nsc(KEY_A, "sha256/" + KEY_B)
    ignored = wrong.replace(
        "</pin>\n    </pin-set>", "</pin> <!-- pincheck: ignore[malformed-pin] known -->\n    </pin-set>"
    )
    assert fixed({NSC: ignored}) == {}
    assert fixed({"app/src/androidTest/res/xml/n.xml": wrong}) == {}


@pytest.mark.parametrize(("pin", "ends"), [(KEY_A, 1796000000), ("sha256/" + KEY_A, 1820000000)])
def test_what_is_signed_is_left(pin, ends):
    entry = {"name": HOST, "fingerprint": pin, "expires": ends, "signature": "MEUCIQ=="}
    assert fixed({"app/src/main/assets/fingerprints.json": json.dumps({"fingerprints": [entry]})}) == {}


# expiration --------------------------------------------------------------------


def test_a_day_too_far_is_moved_to_the_latest():
    assert one({NSC: nsc(KEY_A, KEY_B, expiration="2031-01-01")}) == (
        "pin-set-expires-late", "move the expiration to 2027-12-26", nsc(KEY_A, KEY_B, expiration="2027-12-26"),
    )  # fmt: skip


def test_a_day_too_near_is_moved_to_the_latest_of_the_policy():
    files = {NSC: nsc(KEY_A, KEY_B, expiration="2026-12-24")}
    assert one(files, Policy(expiry_latest_days=200))[2] == nsc(KEY_A, KEY_B, expiration="2027-06-11")


def test_pins_that_expired_are_not_brought_back_unseen():
    assert fixed({NSC: nsc(KEY_A, KEY_B, expiration="2026-06-01")}) == {}


@pytest.mark.parametrize(
    ("text", "made"),
    [("2031-01-01", "2027-12-26"), ('"1924992000"', None)],
)
def test_the_format_of_trustkit(text, made):
    def code(day):
        return trustkit(f'"{KEY_A}", "{KEY_B}"', f'\n    kTSKExpirationDate: "{day}",')

    found = [
        content
        for (rule, _), content in fixed({"a.swift": code(text.strip('"'))}).items()
        if "expires" in rule
    ]
    assert found == ([code(made)] if made else [])


LEAF, CA, ROOT, OTHER = (served.pin_number(number) for number in (1, 2, 3, 4))


def host(leaf_until: str = "2027-01-20", ca_until: str = "2031-06-01", leaf: str = LEAF) -> served.Served:
    return served.served(
        f"{HOST} at 203.0.113.7 serves",
        f"leaf  {leaf}  until {leaf_until}  {HOST}\nCA    {CA}  until {ca_until}  Issuing CA\n"
        f"root  {ROOT}  until 2040-01-01  Some Root, not sent",
    )


def test_not_past_the_first_certain_lock_out():
    files = {NSC: nsc(CA, OTHER, expiration="2031-01-01")}
    _, says, content = one(files, Policy(), host(ca_until="2027-08-01"))
    assert content == nsc(CA, OTHER, expiration="2027-08-01")
    assert says == "move the expiration to 2027-08-01, when the certificate of the pinned CA Issuing CA ends"


def test_a_lock_out_that_is_not_certain_moves_nothing():
    files = {NSC: nsc(LEAF, OTHER, expiration="2031-01-01")}
    assert one(files, Policy(), host())[2] == nsc(LEAF, OTHER, expiration="2027-12-26")


def test_a_leaf_that_is_stated_to_change_its_key_is_certain():
    policy = Policy(hosts=(HostPolicy(HOST, Location("c", 1, 1, 1, 1), reuses_key=False),))
    files = {NSC: nsc(LEAF, OTHER, expiration="2031-01-01")}
    assert one(files, policy, host("2027-03-20"))[2] == nsc(LEAF, OTHER, expiration="2027-03-20")


def test_where_the_lock_out_is_sooner_nothing_is_moved():
    files = {NSC: nsc(CA, OTHER, expiration="2027-01-20")}
    assert fixed(files, Policy(), host(ca_until="2027-01-10")) == {}


def test_pins_that_expired_and_are_in_use_get_a_new_day():
    files = {NSC: nsc(CA, OTHER, expiration="2026-06-01")}
    assert one(files, Policy(), host())[2] == nsc(CA, OTHER, expiration="2027-12-26")
    assert one(files, Policy(), host(ca_until="2027-08-01"))[2] == nsc(CA, OTHER, expiration="2027-08-01")


def test_pins_that_expired_and_are_stale_stay_so():
    assert fixed({NSC: nsc(OTHER, served.pin_number(5), expiration="2026-06-01")}, Policy(), host()) == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<domain>b.example</domain>\n    <domain>", id="a host that is skipped"),
        pytest.param('<domain includeSubdomains="true">', id="subdomains, whatever they are"),
    ],
)
def test_pins_that_expired_are_not_brought_back_for_hosts_unseen(text):
    skipped = HostPolicy("b.example", Location("c", 1, 1, 1, 1), skip=True)
    stale = nsc(CA, OTHER, expiration="2026-06-01").replace("<domain>", text)
    assert fixed({NSC: stale}, Policy(hosts=(skipped,)), host()) == {}


# missing pins ------------------------------------------------------------------


BASE = {NSC: nsc(KEY_A, KEY_B, KEY_C)}


def drift(path: str, text: str) -> str | None:
    """The content that the fix of a platform's drift gives a file beside the config of Android."""
    found = fixed({**BASE, path: text})
    return next((content for (rule, _), content in found.items() if rule == "platform-drift"), None)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("ios/Info.plist", ats(KEY_A, KEY_B), ats(KEY_A, KEY_B, KEY_C), id="elements of several lines"),
        pytest.param(
            "ios/Info.plist",
            ats(KEY_A, KEY_B).replace(f"<string>{KEY_B}</string>\n      </dict>", f"<string>{KEY_B}</string>\n      </dict><!-- b -->"),
            ats(KEY_A, KEY_B, KEY_C).replace(f"<string>{KEY_B}</string>\n      </dict>", f"<string>{KEY_B}</string>\n      </dict><!-- b -->"),
            id="a comment behind the element",
        ),
        pytest.param(
            "a.swift",
            trustkit(f'\n      "{KEY_A}", // leaf\n      "{KEY_B}" // spare\n    '),
            trustkit(f'\n      "{KEY_A}", // leaf\n      "{KEY_B}", // spare\n      "{KEY_C}"\n    '),
            id="an array without a last comma",
        ),
        pytest.param(
            "a.swift",
            trustkit(f'\n      "{KEY_A}",\n      // spare\n      "{KEY_B}",\n    '),
            trustkit(f'\n      "{KEY_A}",\n      // spare\n      "{KEY_B}",\n      "{KEY_C}",\n    '),
            id="an array with a last comma",
        ),
        pytest.param("a.swift", trustkit(f'"{KEY_A}", "{KEY_B}"'), trustkit(f'"{KEY_A}", "{KEY_B}", "{KEY_C}"'), id="an array on one line"),
        pytest.param(
            "C.kt",
            okhttp(f'    .add("{HOST}", "sha256/{KEY_A}")\n    .add("{HOST}", "sha256/{KEY_B}")\n'),
            okhttp("".join(f'    .add("{HOST}", "sha256/{each}")\n' for each in (KEY_A, KEY_B, KEY_C))),
            id="a call for each pin",
        ),
        pytest.param(
            "C.kt",
            okhttp(f'    .add("{HOST}", "sha256/{KEY_A}")\n    .add("{HOST}", "sha256/{KEY_B}") // (b)\n'),
            okhttp(
                f'    .add("{HOST}", "sha256/{KEY_A}")\n    .add("{HOST}", "sha256/{KEY_B}") // (b)\n    .add("{HOST}", "sha256/{KEY_C}")\n'
            ),
            id="a call with a comment behind it",
        ),
        pytest.param(
            "C.kt",
            okhttp(f'    .add("{HOST}", "sha256/{KEY_A}", "sha256/{KEY_B}")\n'),
            okhttp(f'    .add("{HOST}", "sha256/{KEY_A}", "sha256/{KEY_B}", "sha256/{KEY_C}")\n'),
            id="one call for all",
        ),
    ],
)  # fmt: skip
def test_a_pin_of_the_other_platform_is_put_beside_its_siblings(path, before, after):
    assert drift(path, before) == after


@pytest.mark.parametrize(("first", "others"), [("\r\n", "\n"), ("\n", "\r\n")])
def test_a_line_that_is_added_ends_as_the_one_before_it(first, others):
    sides = [
        nsc(*pins).replace("\n", others).replace(others, first, 1)
        for pins in ((KEY_A, KEY_B), (KEY_A, KEY_B, KEY_C))
    ]
    assert one({NSC: sides[0]}, stated(KEY_A, KEY_B, KEY_C))[2] == sides[1]


@pytest.mark.parametrize(
    ("pins", "number", "suggested"),
    [
        pytest.param((KEY_A, KEY_B), 6, (KEY_B, KEY_C), id="a line added"),
        pytest.param((KEY_A, KEY_B, KEY_C, KEY_A), 8, (), id="a line taken away"),
    ],
)
def test_a_review_can_suggest_lines(pins, number, suggested):
    sources, policy = [SourceFile(NSC, nsc(*pins).encode())], stated(KEY_A, KEY_B, KEY_C)
    again = Again(sources, registry.parsers(), Context(TODAY, policy))
    (fix,) = remedy.fixes(again.before, policy, again.read, again)
    diff = {NSC: (Hunk({("RIGHT", n): line for n, line in enumerate(nsc(*pins).split("\n"), 1)}),)}
    lines, text = Places(diff).replaced(fix)
    assert lines == Lines(NSC, "RIGHT", number, number)
    assert text == "".join(f'      <pin digest="SHA-256">{each}</pin>\n' for each in suggested)


def test_the_other_way_round():
    rule, says, content = one({NSC: nsc(KEY_A, KEY_B), "ios/Info.plist": ats(KEY_A, KEY_B, KEY_C)})
    assert (rule, says) == ("platform-drift", f"add the pin {KEY_C[:12]}…, which ios/Info.plist pins")
    assert content == nsc(KEY_A, KEY_B, KEY_C)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(
            "C.kt",
            okhttp(f'    .add("{HOST}", A, B)\n', f'const val A = "sha256/{KEY_A}"\nconst val B = "sha256/{KEY_B}"\n'),
            id="constants of their own",
        ),
        pytest.param("ios/Info.plist", ats(KEY_A, OWN), id="each side has one of its own"),
        pytest.param(
            "C.kt",
            okhttp(f'    .add("{HOST}", *pins)\n    .add("b.example", *pins)\n', f'val pins = arrayOf("sha256/{KEY_A}", "sha256/{KEY_B}")\n'),
            id="the list serves another host too",
        ),
    ],
)  # fmt: skip
def test_where_a_pin_has_no_plain_place_nothing_is_added(path, text):
    assert drift(path, text) is None


def test_a_leaf_is_not_put_among_cas():
    files = {NSC: nsc(KEY_A, KEY_B, OWN), "ios/Info.plist": ats(KEY_A, KEY_B)}
    assert fixed(files) == {}


def test_a_resource_is_not_made_twice():
    strings = f'<resources>\n  <string name="pin_a">{KEY_A}</string>\n  <string name="pin_b">{KEY_B}</string>\n</resources>\n'
    code = okhttp(
        f'    .add("{HOST}", "sha256/" + getString(R.string.pin_a), "sha256/" + getString(R.string.pin_b))\n'
    )
    files = {
        "app/src/main/res/values/strings.xml": strings,
        "app/src/main/java/C.kt": code,
        "ios/Info.plist": ats(KEY_A, KEY_B, KEY_C),
    }
    assert fixed(files) == {}


def test_the_source_of_truth():
    rule, says, content = one({NSC: nsc(KEY_A, KEY_B)}, stated(KEY_A, KEY_B, KEY_C))
    assert (rule, says) == ("declared-drift", f"add the pin {KEY_C[:12]}…, which .pincheck.yml:3 states")
    assert content == nsc(KEY_A, KEY_B, KEY_C)


def test_a_host_that_nothing_is_stated_for_gets_no_pin_with_it():
    assert fixed({NSC: nsc(KEY_A, KEY_B, domains=(HOST, "b.example"))}, stated(KEY_A, KEY_B, KEY_C)) == {}


def test_no_pin_of_a_ca_that_has_ended_is_copied():
    ended = "FEzVOUp4dF3gI0ZVPRJhFbSJVXR+uQmMH65xhs1glH4="
    assert fixed({NSC: nsc(KEY_A, KEY_B), "ios/Info.plist": ats(KEY_A, KEY_B, ended)}) == {}
    assert fixed({NSC: nsc(KEY_A, KEY_B)}, stated(KEY_A, KEY_B, ended)) == {}


def test_a_pin_that_is_not_stated_is_for_a_person():
    assert fixed({NSC: nsc(KEY_A, KEY_B, OWN)}, stated(KEY_A, KEY_B, KEY_C)) == {}


# certificates ------------------------------------------------------------------


def test_the_pin_of_the_key_for_the_hash_of_its_certificate():
    private = key()
    made = certificate(private)
    whole = b64encode(sha256(made.public_bytes(DER)).digest()).decode()
    files = {NSC: nsc(whole, KEY_B), "certificates/api.pem": made.public_bytes(PEM)}
    rule, says, content = one(files)
    assert rule == "certificate-hash-pin"
    assert (
        says
        == f"write the pin of the key, {pin(private)[:12]}…, for the hash of its certificate (from certificates/api.pem)"
    )
    assert content == nsc(pin(private), KEY_B)
    fingerprint = sha256(made.public_bytes(DER)).hexdigest()
    assert set(fixed({**files, NSC: nsc(fingerprint, KEY_B)}).values()) == {nsc(pin(private), KEY_B)}


def whole(seen: served.Served, number: int) -> str:
    """The base64 of the hash of a certificate that is served."""
    return b64encode(sha256(seen.observation.served[number]).digest()).decode()


def test_the_pin_of_the_key_for_the_hash_of_a_certificate_that_is_served():
    seen = host()
    assert one({NSC: nsc(whole(seen, 0), OTHER)}, Policy(), seen) == (
        "pin-mismatch",
        f"write the pin of the key, {LEAF[:12]}…, for the hash of its certificate (from {HOST})",
        nsc(LEAF, OTHER),
    )
    both = {"a.swift": trustkit(f'"{whole(seen, 0)}", "{whole(seen, 1)}"')}
    found = fixed(both, Policy(), seen)
    assert [made for (rule, _), made in found.items() if rule == "pin-mismatch"] == [
        trustkit(f'"{LEAF}", "{CA}"')
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(nsc(OTHER, served.pin_number(5)), id="pins of other keys"),
        pytest.param(ats(whole(host(), 0)), id="a leaf among the CAs"),
        pytest.param(ats(whole(host(), 1), kind="NSPinnedLeafIdentities"), id="a CA among the leaves"),
    ],
)
def test_no_other_pin_that_is_not_met_is_touched(text):
    path = NSC if "network-security" in text else "ios/Info.plist"
    assert fixed({path: text}, Policy(), host()) == {}


def test_a_certificate_that_one_address_serves_is_not_enough():
    other = served.served(
        f"{HOST} at 203.0.113.8 serves",
        f"leaf  {OTHER}  until 2027-01-20  {HOST}\nCA    {CA}  until 2031-06-01  Issuing CA\n"
        f"root  {ROOT}  until 2040-01-01  Some Root, not sent",
    )
    assert fixed({NSC: nsc(whole(host(), 0), served.pin_number(5))}, Policy(), host(), other) == {}


def test_a_library_that_knows_only_certificates_is_left():
    code = f'window.plugins.sslCertificateChecker.check(ok, no, "https://{HOST}", "{" ".join([HEX_B[i : i + 2] for i in range(0, 64, 2)])}");\n'
    assert fixed({"www/js/a.js": code}) == {}


# duplicates --------------------------------------------------------------------


def test_the_second_copy_is_removed():
    assert one({NSC: nsc(KEY_A, KEY_B, KEY_A)}) == (
        "duplicate-pin", f"remove the second copy of the pin {KEY_A[:12]}…", nsc(KEY_A, KEY_B),
    )  # fmt: skip


@pytest.mark.parametrize("last_comma", ["", ","])
def test_a_list_ends_as_it_did(last_comma):
    def code(*pins):
        lines = ",\n".join(f'      "{each}"' for each in pins)
        return trustkit(f"\n{lines}{last_comma}\n    ")

    assert one({"a.swift": code(KEY_A, KEY_B, KEY_A)})[2] == code(KEY_A, KEY_B)


def test_json_stays_json():
    def manifest(*pins):
        domains = {HOST: {"TSKPublicKeyHashes": pins, "TSKExpirationDate": "2027-09-01"}}
        kit = {"TSKSwizzleNetworkDelegates": True, "TSKPinnedDomains": domains}
        return json.dumps({"expo": {"ios": {"infoPlist": {"TSKConfiguration": kit}}}}, indent=2)

    assert one({"app.json": manifest(KEY_A, KEY_B, KEY_A)})[2] == manifest(KEY_A, KEY_B)


def test_a_copy_that_may_be_a_lost_backup_stays():
    assert fixed({NSC: nsc(KEY_A, KEY_A)}) == {}
    commented = nsc(KEY_A, KEY_B, KEY_A).replace(
        f"{KEY_A}</pin>\n    </pin-set>", f"{KEY_A}</pin> <!-- spare -->\n    </pin-set>"
    )
    assert fixed({NSC: commented}) == {}
