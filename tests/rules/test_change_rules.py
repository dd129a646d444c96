"""The rules on changes: what users of a platform lose, and what is the same to them."""

import pytest
from changed import CODE, KEY_D, NSC, PLIST, ats, config, findings, nsc, okhttp, said, state
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B, KEY_C
from served import pin_number, served

from pincheck.model import Location, Policy, Suppression
from pincheck.model.changes import Earlier

A, B, C, D = KEY_A, KEY_B, KEY_C, KEY_D
BASE = {NSC: nsc(config(A, B))}
PLAY = "app/src/play/res/xml/network_security_config.xml"
DEBUG = "app/src/debug/res/xml/network_security_config.xml"
RELEASE = "app/src/release/res/xml/network_security_config.xml"
OTHER_NAME = "app/src/release/res/xml/other.xml"
ANY = "new versions accept any certificate that a trusted CA issues"
GONE = ("pinning-removed", f"api.shop.example: no longer pinned on Android: {ANY}")
SHADOWED = (
    "pinning-removed",
    f"api.shop.example: not pinned on Android in builds of release, which read this file in place of {NSC}: new versions"
    " of these accept any certificate that a trusted CA issues",
)
BACKUP = (
    "backup-pin-removed",
    "api.shop.example: this change removes r/mIkG3eEpVd… and leaves C5+lpZ7tcVwm… alone: versions that ship with it"
    " have no backup pin",
)
REPLACED = (
    "whole-set-replaced",
    "api.shop.example: C5+lpZ7tcVwm… and r/mIkG3eEpVd… are replaced by ++MBgDH5WGvL… and O/Phoy+imsiF…; shipped and"
    " new versions share no pin, so moving to a new key locks out all who have not updated",
)
REPORTING = '<trustkit-config enforcePinning="false"/>'
CONSTANTS = f'const val FIRST = "sha256/{A}"\nconst val SECOND = "sha256/{B}"\n'
BY_CONSTANT = CONSTANTS + okhttp(A, B).replace(f'"sha256/{A}"', "FIRST").replace(f'"sha256/{B}"', "SECOND")
PLACEHOLDERS = nsc(config("A" * 43 + "=", "B" * 43 + "="))


@pytest.mark.parametrize(
    ("before", "after", "renamed"),
    [
        pytest.param(BASE, BASE, {}, id="nothing changed"),
        pytest.param(BASE, {NSC: nsc(config(B, A))}, {}, id="reordered"),
        pytest.param(BASE, {NSC: nsc(config(A, B)).replace("\n", "\n\n  ")}, {}, id="reformatted"),
        pytest.param(BASE, {"new/src/main/res/xml/pins.xml": BASE[NSC]}, {}, id="moved"),
        pytest.param(BASE, {PLAY: BASE[NSC]}, {PLAY: NSC}, id="renamed"),
        pytest.param(BASE, {CODE: okhttp(A, B)}, {}, id="another format of the platform"),
        pytest.param({CODE: okhttp(A, B)}, {CODE: BY_CONSTANT}, {}, id="a constant for a literal"),
        pytest.param(BASE | {CODE: okhttp(A, B)}, {CODE: okhttp(A, B)}, {}, id="one of two formats is left"),
        pytest.param(BASE | {PLAY: BASE[NSC]}, BASE, {}, id="a flavour falls back on main"),
        pytest.param({NSC: PLACEHOLDERS}, BASE, {}, id="placeholders replaced"),
        pytest.param({NSC: nsc(config("AAAA", "BBBB"))}, BASE, {}, id="malformed pins replaced"),
        pytest.param({NSC: nsc(config(A, B, B[:-1] + "!"))}, BASE, {}, id="a malformed pin removed"),
        pytest.param(BASE, {NSC: PLACEHOLDERS}, {}, id="of placeholders another rule speaks"),
        pytest.param(BASE, {NSC: nsc(config(A, C))}, {}, id="another backup"),
        pytest.param(BASE, {NSC: nsc(config(A, B, C))}, {}, id="one more"),
        pytest.param({NSC: nsc(config(A, B, C))}, BASE, {}, id="one less, and two left"),
        pytest.param({NSC: nsc(config(A, A))}, {NSC: nsc(config(A))}, {}, id="the same key twice"),
        pytest.param(
            {NSC: nsc(config(A, B).replace("2027-03-01", "2026-11-01"))}, {NSC: nsc(config(C, D))}, {},
            id="shipped versions do not compare expired pins",
        ),
        pytest.param({NSC: nsc(config(A, B).replace("2027", "2025"))}, {}, {}, id="pins that had expired"),
        pytest.param({}, BASE, {}, id="first pins"),
        pytest.param(BASE, BASE | {RELEASE: BASE[NSC]}, {}, id="a new file for releases with the pins"),
        pytest.param(BASE | {RELEASE: nsc()}, BASE | {RELEASE: nsc("\n")}, {}, id="a file without pins as before"),
        pytest.param(BASE, BASE | {DEBUG: nsc()}, {}, id="a new file for debug builds"),
        pytest.param(BASE, BASE | {OTHER_NAME: nsc()}, {}, id="a new file of another name"),
        pytest.param(
            BASE | {CODE: okhttp(A, B)}, BASE | {CODE: okhttp(A, B), RELEASE: nsc()}, {},
            id="a new file without pins beside code that pins",
        ),
        pytest.param(
            BASE, {NSC: nsc(config(A, B, inside=REPORTING))}, {}, id="what TrustKit lets through, Android refuses"
        ),
        pytest.param({"app/src/test/res/xml/pins.xml": BASE[NSC]}, {}, {}, id="of tests"),
        pytest.param(
            {CODE: okhttp(A, B)}, {CODE: okhttp(A, B).replace('"api.shop.example"', "BuildConfig.HOST")}, {},
            id="the host is to be had no more",
        ),
    ],
)  # fmt: skip
def test_what_users_do_not_notice_is_silent(before, after, renamed) -> None:
    assert said(before, after, renamed) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(BASE, {NSC: nsc(config(A))}, [BACKUP], id="a backup"),
        pytest.param(BASE, {CODE: okhttp(A)}, [BACKUP], id="a backup, while moving"),
        pytest.param(
            BASE | {PLAY: BASE[NSC]}, BASE | {PLAY: nsc(config(A))}, [BACKUP], id="a backup of one flavour"
        ),
        pytest.param(BASE, {NSC: nsc(config(C, D))}, [REPLACED], id="every pin"),
        pytest.param(BASE, {CODE: okhttp(C, D)}, [REPLACED], id="every pin, while moving"),
        pytest.param(
            {NSC: nsc(config(A, B, inside=REPORTING))}, {NSC: nsc(config(C, D, inside=REPORTING))}, [REPLACED],
            id="every pin, which Android enforces whatever TrustKit does",
        ),
        pytest.param(BASE, {}, [GONE], id="the file"),
        pytest.param(
            BASE | {PLIST: ats(A, B)}, {PLIST: ats(A, B)}, [GONE], id="the file of one platform"
        ),
        pytest.param(
            {NSC: nsc(config(A, B), config(A, B, host="pay.shop.example"))},
            {NSC: nsc(config(A, B, host="pay.shop.example"))},
            [GONE],
            id="an entry",
        ),
        pytest.param(
            {NSC: nsc(config(A, B), config(A, B, host="pay.shop.example"))},
            {},
            [
                (
                    "pinning-removed",
                    "api.shop.example, pay.shop.example: this change removes every declaration that pins on Android:"
                    f" {ANY}",
                )
            ],
            id="all of a platform, said once",
        ),
        pytest.param(
            {NSC: nsc(config(A, B, host="shop.example", below=True))},
            {NSC: nsc(config(A, B, host="shop.example"))},
            [("pinning-removed", f"names below shop.example: no longer pinned on Android: {ANY}")],
            id="names below",
        ),
        pytest.param(
            {"a/src/main/res/xml/network_security_config.xml": BASE[NSC]} | BASE, BASE,
            [(GONE[0], f"{GONE[1]}; only builds with {NSC} still pin")], id="one of two apps",
        ),
        pytest.param(
            {CODE: okhttp(A, B, host="**.shop.example") + okhttp(A, host="shop.example")},
            {CODE: okhttp(A, host="**.shop.example") + okhttp(A, host="shop.example")},
            [(BACKUP[0], BACKUP[1].replace("api.shop.example", "shop.example, names below shop.example"))],
            id="one backup of two patterns, said once",
        ),
        pytest.param(
            BASE | {PLAY: nsc(config(A, B), config(A, B, host="pay.shop.example"))},
            BASE | {PLAY: nsc(config(A, B, host="pay.shop.example"))},
            [(GONE[0], f"{GONE[1]}; only builds with {NSC} still pin")],
            id="an entry of a flavour whose file stays, so that it does not fall back on main",
        ),
        pytest.param(BASE, BASE | {RELEASE: nsc()}, [SHADOWED], id="a new file for releases that pins nothing"),
        pytest.param(
            BASE, BASE | {RELEASE: nsc(config(A, B, host="pay.shop.example"))}, [SHADOWED],
            id="a new file for releases that pins another host",
        ),
        pytest.param(
            BASE | {RELEASE: BASE[NSC]}, BASE | {RELEASE: nsc()},
            [(GONE[0], f"{GONE[1]}; only builds with {NSC} still pin")], id="a file for releases that lost its pins",
        ),
        pytest.param({CODE: okhttp(A, B)}, {}, [GONE], id="code"),
        pytest.param(
            {NSC: nsc(config(A, B, inside='<trust-anchors><certificates src="user"/></trust-anchors>'))}, {}, [GONE],
            id="a host whose pins stand against the user's CAs too",
        ),
        pytest.param(
            BASE, {NSC: BASE[NSC][:-30]},
            [(GONE[0], f"{GONE[1]}, unless {NSC}, which cannot be read any more, pins it")],
            id="a file that is broken now",
        ),
        pytest.param(
            BASE, {DEBUG: BASE[NSC]}, [(GONE[0], f"{GONE[1]}; {DEBUG} declares the pins for debug builds only")],
            id="left to debug builds",
        ),
        pytest.param(
            BASE, {DEBUG: nsc(config(C, D))}, [GONE], id="other pins for debug builds"
        ),
        pytest.param(
            {NSC: nsc(config(A, B), config(A, B, host="pay.shop.example")), CODE: okhttp(C, D, host="cdn.example")},
            {CODE: okhttp(C, D, host="cdn.example")},
            [(GONE[0], f"api.shop.example, pay.shop.example: no longer pinned on Android: {ANY}")],
            id="a whole file, said once",
        ),
        pytest.param(
            {NSC: nsc(config(A, B), config(A, B, host="pay.shop.example")), CODE: okhttp(C, D, host="cdn.example")},
            {DEBUG: nsc(config(A, B)), CODE: okhttp(C, D, host="cdn.example")},
            [
                (GONE[0], f"{GONE[1]}; {DEBUG} declares the pins for debug builds only"),
                (GONE[0], GONE[1].replace("api", "pay")),
            ],
            id="a whole file, half of it left to debug builds",
        ),
        pytest.param(
            BASE,
            {
                NSC: nsc(
                    config(
                        A, B,
                        inside='<trust-anchors><certificates src="system" overridePins="true"/></trust-anchors>',
                    )
                )
            },
            [
                (
                    "pinning-removed",
                    "api.shop.example: no longer pinned on Android: pins still stand here, and Android no longer"
                    " refuses a connection that matches none",
                )
            ],
            id="not enforced",
        ),
        pytest.param(
            {NSC: nsc(config(A, B, host="shop.example", below=True))},
            {
                NSC: nsc(
                    config(
                        A, B, host="shop.example", below=True,
                        inside="<domain-config><domain>pay.shop.example</domain><pin-set></pin-set></domain-config>",
                    )
                )
            },
            [
                (
                    "pinning-removed",
                    "pay.shop.example: no longer pinned on Android: this declaration takes precedence and gives no"
                    " pins, so Android accepts any trusted certificate",
                )
            ],
            id="carved out",
        ),
    ],
)  # fmt: skip
def test_what_users_lose_is_said(before, after, expected) -> None:
    assert said(before, after) == expected


def test_a_backup_is_named_where_it_stood() -> None:
    (found,) = findings(BASE, {NSC: nsc(config(A))})
    assert (found.at.path, found.at.line, found.gone, found.severity, found.pin) == (
        NSC,
        6,
        True,
        "error",
        B,
    )
    assert [(at.path, at.line, why) for at, why in found.related] == [(NSC, 4, "what is left")]


def test_a_replaced_set_is_named_where_it_stands() -> None:
    (found,) = findings(BASE, {NSC: nsc(config(C, D))})
    assert (found.at.path, found.at.line, found.gone, found.severity, found.pin) == (
        NSC,
        4,
        False,
        "error",
        A,
    )


def test_pins_of_a_wider_pattern_are_replaced_for_sure_only_if_the_host_is_in_use() -> None:
    """A first declaration of its own may be of a host that no shipped version knows."""
    wide = config(A, B, host="shop.example", below=True)
    (found,) = findings({NSC: nsc(wide)}, {NSC: nsc(wide, config(C, D))})
    assert (found.rule, found.severity, found.message, found.remedy) == (
        "whole-set-replaced",
        "warning",
        "api.shop.example: C5+lpZ7tcVwm… and r/mIkG3eEpVd… are replaced by ++MBgDH5WGvL… and O/Phoy+imsiF…; shipped"
        " versions hold it to the pins of shop.example: if they connect to it, moving to a new key locks out all who"
        " have not updated",
        "if shipped versions connect to it, keep one old pin beside the new ones until nearly all users have updated;"
        " if its key is compromised, ignore this with that reason",
    )


def test_a_flavour_that_falls_back_on_other_pins() -> None:
    (found,) = findings(BASE | {PLAY: nsc(config(C, D))}, BASE)
    assert (found.rule, found.severity, found.at.path, found.message) == (
        "whole-set-replaced",
        "warning",
        NSC,
        "api.shop.example: ++MBgDH5WGvL… and O/Phoy+imsiF… are replaced by C5+lpZ7tcVwm… and r/mIkG3eEpVd… of main, on"
        " which play falls back if it is still built; shipped and new versions share no pin, so moving to a new key"
        " locks out all who have not updated",
    )


def test_a_flavour_that_falls_back_on_what_changes_alike_is_said_once() -> None:
    assert said(BASE | {PLAY: BASE[NSC]}, {NSC: nsc(config(C, D))}) == [REPLACED]


def test_pins_in_code_may_not_be_all_that_it_compares() -> None:
    code = 'const pins = ["sha256/{}", "sha256/{}"]; pinTo("https://api.shop.example", pins)\n'
    (found,) = findings({"src/net.ts": code.format(A, B)}, {"src/net.ts": code.format(C, D)})
    assert (found.rule, found.severity) == ("whole-set-replaced", "warning")
    assert found.message.endswith(", unless the code compares other pins too, which cannot be told here")


def test_where_it_cannot_be_read_a_host_may_be_pinned_still() -> None:
    after = {
        CODE: okhttp(A, B).replace(f'"sha256/{A}"', "BuildConfig.A").replace(f'"sha256/{B}"', "BuildConfig.B")
    }
    (found,) = findings(BASE, after)
    assert (found.rule, found.severity, found.message) == (
        "pinning-removed",
        "note",
        f"api.shop.example: no longer pinned on Android: {ANY}, unless {CODE}:1, which cannot be read, pins it",
    )


def test_a_bare_hash_in_code_may_have_pinned_nothing() -> None:
    """Neither the host nor what the code made of it is known."""
    code = (
        f'String PIN = "{A}";\nvoid checkServerTrusted(X509Certificate[] chain) {{\n'
        "  if (!hash(chain).equals(PIN)) throw new CertificateException();\n}\n"
    )
    (found,) = findings({"app/src/main/java/shop/Trust.java": code}, {})
    assert (found.severity, found.message) == (
        "warning",
        f"an unknown host: no longer pinned on Android: {ANY}, if the code compared these hashes at all",
    )


def test_outside_production_it_is_said_if_asked_for() -> None:
    before = {"app/src/test/res/xml/pins.xml": BASE[NSC]}
    everywhere = Policy(contexts=("production", "test"))
    (found,) = findings(before, {}, policy=everywhere)
    assert (found.rule, found.severity, found.context) == ("pinning-removed", "warning", "test")


def test_what_is_gone_is_silenced_by_the_configuration_only() -> None:
    comment = "<!-- pincheck: ignore[backup-pin-removed] retired -->\n"
    after = {NSC: nsc(config(A)).replace("</pin-set>", f"{comment}</pin-set>")}
    ignore = Suppression(
        Location(".pincheck.yml", 3, 1, 3, 2), ("backup-pin-removed",), "lost", in_config=True
    )
    assert [found.suppressed for found in findings(BASE, after)] == [None]
    assert [found.suppressed for found in findings(BASE, after, policy=Policy(ignores=(ignore,)))] == ["lost"]


def test_a_comment_beside_the_new_pins_silences_the_replacement() -> None:
    comment = "<!-- pincheck: ignore[whole-set-replaced] stolen -->\n"
    after = {NSC: nsc(config(C, D)).replace("<pin-set", f"{comment}<pin-set")}
    assert [found.suppressed for found in findings(BASE, after)] == ["stolen"]


# hosts that were looked at -----------------------------------------------------

LEAF, SPARE, OTHER, CA, ROOT = (pin_number(number) for number in (1, 2, 3, 4, 5))


def serving(leaf: str, address: str = "203.0.113.7"):
    text = (
        f"leaf  {leaf}  until 2027-12-01  api.shop.example\nCA    {CA}  until 2031-06-01  Example Issuing CA\n"
        f"root  {ROOT}  until 2040-01-01  Example Root, not sent"
    )
    return served(f"api.shop.example at {address} serves", text)


def live(before: tuple[str, ...], after: tuple[str, ...], *hosts) -> list[tuple[str, str, str]]:
    found = findings({NSC: nsc(config(*before))}, {NSC: nsc(config(*after))}, hosts=hosts or (serving(LEAF),))
    return [(each.rule, each.severity, each.message) for each in found]


def test_the_only_match_is_removed() -> None:
    assert live((LEAF, SPARE), (SPARE, OTHER)) == [
        (
            "last-matching-pin-removed",
            "error",
            f"api.shop.example: this change removes {LEAF[:12]}…, the only pin that matches what 203.0.113.7 serves:"
            " in new versions Android refuses every connection",
        )
    ]


def test_a_flavour_that_falls_back_on_pins_that_do_not_match() -> None:
    main = {NSC: nsc(config(OTHER, A))}
    (found,) = findings(main | {PLAY: nsc(config(LEAF, SPARE))}, main, hosts=(serving(LEAF),))
    assert (found.rule, found.severity, found.message) == (
        "last-matching-pin-removed",
        "warning",
        f"api.shop.example: this change removes {LEAF[:12]}…, the only pin that matches what 203.0.113.7 serves: in new"
        " versions Android refuses every connection by the pins of main, on which play falls back if it is still built",
    )


def test_the_only_match_at_one_address_is_removed() -> None:
    hosts = (serving(LEAF), serving(SPARE, "203.0.113.8"))
    assert live((LEAF, SPARE), (SPARE, OTHER), *hosts) == [
        (
            "last-matching-pin-removed",
            "error",
            f"api.shop.example: this change removes {LEAF[:12]}…, the only pin that matches what 203.0.113.7 serves:"
            " in new versions Android refuses every connection there",
        )
    ]


def test_the_only_match_and_all_others_is_one_finding() -> None:
    assert [found[:2] for found in live((LEAF, SPARE), (OTHER, A))] == [
        ("last-matching-pin-removed", "error")
    ]


def test_the_only_match_of_two_is_no_backup() -> None:
    assert [found[:2] for found in live((LEAF, SPARE), (SPARE,))] == [("last-matching-pin-removed", "error")]
    assert [found[:2] for found in live((LEAF, SPARE), (LEAF,))] == [("backup-pin-removed", "error")]


def test_a_pin_that_matches_beside_another_may_go() -> None:
    assert live((LEAF, CA, SPARE), (CA, SPARE)) == []


def test_a_cure_is_no_error() -> None:
    assert live((OTHER, SPARE), (LEAF, A)) == [
        (
            "whole-set-replaced",
            "note",
            f"api.shop.example: {OTHER[:12]}… and {SPARE[:12]}… are replaced by {LEAF[:12]}… and C5+lpZ7tcVwm…; the"
            " old ones matched nothing that is served and the new ones do; shipped versions stay locked out",
        )
    ]


def test_two_sets_that_both_match_are_a_warning() -> None:
    assert [found[:2] for found in live((LEAF, SPARE), (CA, OTHER))] == [("whole-set-replaced", "warning")]


def test_two_sets_that_both_match_nothing_are_an_error() -> None:
    assert [found[:2] for found in live((OTHER, SPARE), (A, B))] == [("whole-set-replaced", "error")]


def test_an_unpinned_host_is_not_said_twice() -> None:
    found = findings({NSC: nsc(config(LEAF, SPARE))}, {}, hosts=(serving(LEAF),))
    assert [each.rule for each in found] == ["pinning-removed"]


# certificates ------------------------------------------------------------------


def test_the_key_of_a_pinned_certificate_is_the_same_pin() -> None:
    from hashlib import sha256

    from worlds import NOW, Authority, pin_of

    first, second = Authority("One", start=NOW), Authority("Two", start=NOW)
    hashes = [sha256(each.der).digest().hex(":").upper() for each in (first, second)]
    by_hash = (
        "final d = HttpCertificatePinning.check(serverURL: 'https://api.shop.example', headerHttp: {},"
        f" sha: SHA.SHA256, allowedSHAFingerprints: ['{hashes[0]}', '{hashes[1]}'], timeout: 50);\n"
    )
    files = {"app/certs/one.pem": first.pem, "app/certs/two.pem": second.pem}
    keys = {NSC: nsc(config(pin_of(first.certificate), pin_of(second.certificate)))}
    before = {"lib/main.dart": by_hash}
    assert [each[0] for each in said(before | files, keys | files)] == ["pinning-removed"]  # of iOS
    (replaced, _) = findings(before, keys)
    assert (replaced.rule, replaced.severity) == ("whole-set-replaced", "warning")
    assert replaced.message.endswith(
        ", unless an old and a new one are of one key, which cannot be told here"
    )


SHARED = "lib/pins.dart"


def dart(*keys: str, host: str = "api.shop.example") -> str:
    """Pins that the apps of both platforms share."""
    listed = ", ".join(f"'{key}'" for key in keys)
    return (
        f"final d = HttpCertificatePinning.check(serverURL: 'https://{host}', headerHttp: {{}}, sha: SHA.SHA256,"
        f" allowedSHAFingerprints: [{listed}], timeout: 50);\n"
    )


def test_what_both_platforms_lose_is_said_once() -> None:
    one, two = dart(A, B), dart(A, B, host="pay.shop.example")
    both = "no longer pinned on Android and iOS"
    assert said({SHARED: one}, {}) == [("pinning-removed", f"api.shop.example: {both}: {ANY}")]
    assert said({SHARED: one, "lib/more.dart": two}, {}) == [
        (
            "pinning-removed",
            "pay.shop.example, api.shop.example: this change removes every declaration that pins on Android and iOS:"
            f" {ANY}",
        )
    ]
    assert said({SHARED: one}, {NSC: nsc(config(A, B))}) == [(GONE[0], GONE[1].replace("Android", "iOS"))]


# any order ---------------------------------------------------------------------

HOSTS = ("api.shop.example", "pay.shop.example", "shop.example", "cdn.example")
CONFIGS = st.lists(
    st.tuples(st.sampled_from(HOSTS), st.lists(st.sampled_from((A, B, C, D)), min_size=1, max_size=4)),
    max_size=4,
    unique_by=lambda each: each[0],
)


@given(CONFIGS, st.randoms(use_true_random=False), st.booleans())
def test_order_and_place_do_not_matter(configs, random, split) -> None:
    shuffled = [(host, random.sample(keys, len(keys))) for host, keys in random.sample(configs, len(configs))]
    whole = {NSC: nsc(*(config(*keys, host=host) for host, keys in configs))}
    if split:
        after = {
            f"lib{n}/src/main/res/xml/p.xml": nsc(config(*k, host=h)) for n, (h, k) in enumerate(shuffled)
        }
    else:
        after = {NSC: nsc(*(config(*keys, host=host) for host, keys in shuffled))}
    assert said(whole, after) == []
    assert said(after, whole) == []


def test_many_files_for_one_host_take_linear_time() -> None:
    text = nsc(config(A, B))
    before = {f"m{n}/src/main/res/xml/p.xml": text for n in range(400)}
    after = {f"n{n}/src/main/res/xml/p.xml": text for n in range(400)}
    assert said(before, after) == []


# what is told once --------------------------------------------------------------

MISMATCH = f"serves (leaf {LEAF[:12]}…, Example Issuing CA {CA[:12]}…, Example Root {ROOT[:12]}…)"
NONE_OF_ITS = f"api.shop.example: none of its 2 pins ({OTHER[:12]}… and {SPARE[:12]}…) is in the path built from what 203.0.113.7 {MISMATCH}"
IN_NEW = f"{NONE_OF_ITS}: in new versions Android refuses every connection"
NOW = f"{NONE_OF_ITS}: Android refuses every connection now"
INSTEAD = (
    f"ship the pin of what is served, such as {LEAF}, or release this only once the host serves a pinned key"
)
AGAIN = f"serve a pinned key again, which alone lets installed versions in; then ship the pin of what is served, such as {LEAF}"
MATCHING, FAILING = ({NSC: nsc(config(*keys))} for keys in ((LEAF, SPARE), (OTHER, SPARE)))
KEPT = Policy(severities=(("last-matching-pin-removed", "off"),))


def told(before, after, *rules: str, hosts=(), policy: Policy = Policy()) -> list[tuple[str, str, str]]:
    """Rule, message and remedy of the active findings of some rules on a change."""
    was = state(before, hosts=hosts, policy=policy)
    report = state(after, Earlier(was.project, was.survey), hosts, policy)
    return [(each.rule, each.message, each.remedy) for each in report.active if each.rule in rules]


@pytest.mark.parametrize(
    ("before", "policy", "expected"),
    [
        pytest.param(FAILING, Policy(), (NOW, AGAIN), id="as before"),
        pytest.param({NSC: nsc(config(A, B))}, Policy(), (NOW, AGAIN), id="other pins that did not match"),
        pytest.param({}, Policy(), (IN_NEW, INSTEAD), id="first pins"),
        pytest.param({NSC: nsc(config(A, B, host="pay.example"))}, Policy(), (IN_NEW, INSTEAD), id="a new host"),
        pytest.param({NSC: nsc(config(LEAF, SPARE)).replace("2027", "2025")}, Policy(), (IN_NEW, INSTEAD), id="expired"),
        pytest.param(MATCHING, KEPT, (IN_NEW, INSTEAD), id="the rule on the pin that matched is off"),
    ],
)  # fmt: skip
def test_whom_a_mismatch_locks_out(before, policy, expected) -> None:
    assert told(before, FAILING, "pin-mismatch", hosts=(serving(LEAF),), policy=policy) == [
        ("pin-mismatch", *expected)
    ]


def test_a_lost_match_is_no_mismatch_too() -> None:
    assert told(MATCHING, FAILING, "pin-mismatch", "last-matching-pin-removed", hosts=(serving(LEAF),)) == [
        (
            "last-matching-pin-removed",
            f"api.shop.example: this change removes {LEAF[:12]}…, the only pin that matches what 203.0.113.7 serves:"
            " in new versions Android refuses every connection",
            "keep it until the host serves a key that another pin of the set is of",
        )
    ]


def test_a_mismatch_of_main_stays_where_a_flavour_falls_back_on_it() -> None:
    found = told(
        FAILING | {PLAY: MATCHING[NSC]},
        FAILING,
        "pin-mismatch",
        "last-matching-pin-removed",
        hosts=(serving(LEAF),),
    )
    assert [each[0] for each in found] == ["last-matching-pin-removed", "pin-mismatch"]


MISSING = "missing-backup-pin"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(nsc(config(A)), [("backup-pin-removed", "error", None)], id="told once, as an error"),
        pytest.param(
            nsc(config(A)).replace("<pin-set", f"<!-- pincheck: ignore[{MISSING}] why -->\n<pin-set"),
            [(MISSING, "error", "why"), ("backup-pin-removed", "warning", None)],
            id="what is silenced lends no severity",
        ),
        pytest.param(nsc(config(C)), [(MISSING, "error", None)], id="another pin alone"),
    ],
)
def test_a_lost_backup_is_told_once(after, expected) -> None:
    was = state(BASE)
    report = state({NSC: after}, Earlier(was.project))
    rules = (MISSING, "backup-pin-removed")
    assert [
        (each.rule, each.severity, each.suppressed) for each in report.findings if each.rule in rules
    ] == expected


def test_a_lost_backup_is_told_once_for_names_below_too() -> None:
    before, after = (
        {NSC: nsc(config(*keys)).replace("<domain>", '<domain includeSubdomains="true">')}
        for keys in ((A, B), (A,))
    )
    was = state(before)
    report = state(after, Earlier(was.project))
    assert [
        (each.rule, each.severity) for each in report.findings if each.rule in (MISSING, "backup-pin-removed")
    ] == [("backup-pin-removed", "error")]


def test_a_flavour_that_falls_back_on_one_pin_hides_nothing_of_main() -> None:
    main = {NSC: nsc(config(A))}
    found = told(main | {PLAY: BASE[NSC]}, main, MISSING, "backup-pin-removed")
    assert [each[0] for each in found] == [MISSING, "backup-pin-removed"]


def test_a_lost_backup_says_what_a_client_makes_of_one_pin() -> None:
    def plist(*pins: str) -> str:
        hashes = "".join(f"<string>{pin}</string>" for pin in pins)
        return (
            '<plist version="1.0"><dict><key>TSKConfiguration</key><dict><key>TSKPinnedDomains</key><dict>'
            f"<key>api.shop.example</key><dict><key>TSKPublicKeyHashes</key><array>{hashes}</array></dict>"
            "</dict></dict></dict></plist>"
        )

    assert told({PLIST: plist(A, B)}, {PLIST: plist(A)}, MISSING, "backup-pin-removed") == [
        (
            "backup-pin-removed",
            f"{BACKUP[1]}, and TrustKit takes no fewer than two",
            "keep a second pin: this one, or that of another spare key",
        )
    ]


def test_what_lacked_a_backup_before_is_still_said_so() -> None:
    before = okhttp(A, B) + okhttp(A, host="**.shop.example")
    after = before.replace(f'.add("api.shop.example", "sha256/{B}")', "")
    found = told({CODE: before}, {CODE: after}, MISSING, "backup-pin-removed")
    assert [each[:2] for each in found] == [
        BACKUP,
        (
            MISSING,
            "**.shop.example: sha256/C5+lp… is the only pin; once that key leaves the host's chain, OkHttp refuses every"
            " connection",
        ),
    ]
