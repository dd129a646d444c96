"""What each client makes of what a host serves, and the day it locks users out: whole verdicts of small apps."""

import re
from datetime import date
from typing import Any

import builders
import pytest
from scanning import TODAY
from served import AT, observer, pin_number, served

from pincheck import registry, scan
from pincheck.comparison import pin_of
from pincheck.lockout import lockout
from pincheck.match import match, targets, unnamed
from pincheck.model import (
    CertificateFile,
    Context,
    HostPolicy,
    Location,
    Policy,
    Project,
    Report,
    SourceFile,
    TrustAnchor,
)
from pincheck.model.chains import Lockout, Observation, Target, Verification
from pincheck.outputs import _facts
from pincheck.pki import certificates

HOST = "api.shop.example"
LEAF, ISSUING, ROOT, SPARE, OTHER_LEAF, OTHER_CA, OTHER_ROOT = (pin_number(n) for n in range(1, 8))
IOS_LEAF = builders.IOS._replace(compares="leaf", steers=True)
IOS_CAS = builders.IOS._replace(compares="issuers", steers=True)
TRUSTKIT = builders.TRUSTKIT._replace(
    hashable=("RSA 2048", "RSA 4096", "EC P-256", "EC P-384"), unhashable="refused"
)
DOTNET = builders.ANDROID._replace(client=".NET", platform="any", compares="served", expiry="none")


def chain(
    leaf: str = LEAF,
    issuing: str = ISSUING,
    root: str = ROOT,
    until: str = "2028-02-01",
    where: str = f"{HOST} at 203.0.113.7",
    tail: str = ", not sent",
    **names: str,
) -> Any:
    """A host that serves a leaf and its issuer."""
    return served(
        f"{where} serves",
        f"leaf  {leaf}  until {until}  {names.get('leaf_name', HOST)}\n"
        f"CA    {issuing}  until 2031-06-01  {names.get('ca_name', 'Example Issuing CA')}\n"
        f"root  {root}  until 2040-01-01  {names.get('root_name', 'Example Root')}{tail}\n",
    )


ELSEWHERE = chain(OTHER_LEAF, OTHER_CA, where=f"{HOST} at 203.0.113.8", ca_name="Example Issuing CA 2")


def verified(*blocks: Any, sets: Any, policy: Policy = Policy(), **project: Any) -> tuple[Verification, ...]:
    eyes = observer(*blocks)
    whole = Project(pin_sets=tuple(sets), **project)
    seen = eyes.observe(targets(whole, policy))
    return match(whole, seen, eyes.trust, policy, TODAY).verifications


def states(verification: Verification) -> list[dict[str, set[str]]]:
    """For each look the states of its verdicts, by platform."""
    found = []
    for look in verification.looks:
        by_platform: dict[str, set[str]] = {}
        for verdict in look.verdicts:
            by_platform.setdefault(verdict.release.platform, set()).add(verdict.state)
        found.append(by_platform)
    return found


def pinned(*pins: str, semantics: Any = builders.ANDROID, **changed: Any) -> Any:
    texts = [f"sha256/{pin}" for pin in pins] if semantics.codec.prefix == "required" else list(pins)
    return builders.pin_set(*texts, semantics=semantics, **changed)


@pytest.mark.parametrize(
    ("semantics", "pins", "platform", "state"),
    [
        pytest.param(builders.ANDROID, [LEAF, SPARE], "android", "match", id="Android, leaf"),
        pytest.param(builders.ANDROID, [ISSUING], "android", "match", id="Android, intermediate"),
        pytest.param(builders.ANDROID, [ROOT], "android", "match", id="Android, a root that is not sent"),
        pytest.param(builders.ANDROID, [SPARE, OTHER_CA], "android", "mismatch", id="Android, none"),
        pytest.param(builders.OKHTTP, [ROOT], "android", "match", id="OkHttp, root"),
        pytest.param(IOS_LEAF, [LEAF], "ios", "match", id="ATS, leaf list"),
        pytest.param(IOS_LEAF, [ISSUING, ROOT], "ios", "mismatch", id="ATS, CAs in the leaf list"),
        pytest.param(IOS_CAS, [ROOT], "ios", "match", id="ATS, CA list"),
        pytest.param(IOS_CAS, [LEAF], "ios", "mismatch", id="ATS, a leaf in the CA list"),
        pytest.param(TRUSTKIT, [LEAF, SPARE], "ios", "match", id="TrustKit"),
        pytest.param(DOTNET, [ISSUING], "android", "match", id="served chain"),
        pytest.param(DOTNET, [ROOT], "android", "mismatch", id="served chain, a root that is not sent"),
    ],
)
def test_each_client_compares_what_is_its_own(semantics, pins, platform, state):
    (verification,) = verified(chain(), sets=[pinned(*pins, semantics=semantics)])
    assert states(verification)[0][platform] == {state}


def test_both_lists_of_ats_have_to_match():
    leaf, cas = pinned(LEAF, semantics=IOS_LEAF), pinned(SPARE, semantics=IOS_CAS, line=9)
    assert states(verified(chain(), sets=[leaf, cas])[0]) == [{"ios": {"mismatch"}}]
    assert states(verified(chain(), sets=[leaf, pinned(ROOT, semantics=IOS_CAS, line=9)])[0]) == [
        {"ios": {"match"}}
    ]


def test_okhttp_joins_the_pins_of_all_patterns():
    exact = pinned(SPARE, semantics=builders.OKHTTP)
    wide = pinned(LEAF, semantics=builders.OKHTTP, hosts=("*.shop.example",), line=9)
    (verification,) = verified(chain(), sets=[exact, wide])
    assert states(verification) == [{"android": {"match"}}]
    assert verification.pin_sets == (exact, wide)


def test_android_takes_the_most_specific_declaration():
    exact = pinned(SPARE)
    wide = pinned(LEAF, hosts=("shop.example",), below=True, line=9)
    (verification,) = [each for each in verified(chain(), sets=[exact, wide]) if each.host == HOST]
    assert (states(verification), verification.pin_sets) == ([{"android": {"mismatch"}}], (exact,))


def test_a_pin_that_the_client_cannot_use_counts_for_nothing():
    (verification,) = verified(chain(), sets=[pinned("sha256/" + LEAF, SPARE)])
    assert states(verification) == [{"android": {"mismatch"}}]


def test_the_hash_of_a_whole_certificate():
    from hashlib import sha256

    block = chain()
    digest = sha256(block.observation.served[0]).hexdigest()
    hashed = builders.LEAF_HASH._replace(codec=builders.LEAF_HASH.codec._replace(hexadecimal=True))
    (verification,) = verified(block, sets=[pinned(digest, semantics=hashed)])
    assert states(verification) == [{"android": {"match"}, "ios": {"match"}}]
    assert verification.lockout == Lockout(
        date(2028, 2, 1), f"the pinned certificate of {HOST} ends", True, "closed"
    )


def test_a_sha_1_pin():
    block = chain()
    leaf = certificates.parse(block.observation.served[0])
    like = leaf.spki._replace(algorithm="sha1", digest=bytes(20))
    found = pin_of(leaf, like)
    assert (found.algorithm, len(found.digest)) == ("sha1", 20)


def test_a_pin_set_that_has_expired_is_no_lock_out():
    (verification,) = verified(chain(), sets=[pinned(SPARE, expires=date(2026, 11, 1))])
    assert states(verification) == [{"android": {"match"}}]


def test_an_expiry_after_which_the_client_refuses_is_one():
    (verification,) = verified(
        chain(), sets=[pinned(LEAF, semantics=builders.REFUSING, expires=date(2026, 11, 1))]
    )
    assert states(verification) == [{"android": {"mismatch"}}]


def test_releases_before_the_apps_own_minimum_do_not_matter():
    from pincheck.model import MinimumVersion

    block = chain(tail=", not sent, trusted from Android 12 on")
    sets = [pinned(LEAF)]
    assert states(verified(block, sets=sets)[0]) == [{"android": {"match", "refused"}}]
    least = MinimumVersion(Location("app/build.gradle", 1, 1, 1, 2), "android", "12")
    assert states(verified(block, sets=sets, minimums=(least,))[0]) == [{"android": {"match"}}]


def test_a_private_ca_says_nothing_about_the_host():
    block = chain(tail=", of no trust store")
    assert states(verified(block, sets=[pinned(SPARE)])[0]) == [{"android": {"unknown"}}]


def test_a_missing_intermediate_is_refused_by_android_and_unknown_on_ios():
    block = served(
        f"{HOST} at 203.0.113.7 serves", f"leaf  {LEAF}  until 2028-02-01  {HOST}, links to its issuer\n"
    )
    android, ios = pinned(LEAF), pinned(LEAF, semantics=IOS_LEAF, path="ios/Info.plist")
    found = verified(block, sets=[android, ios])
    assert [states(each) for each in found] == [[{"android": {"refused"}}], [{"ios": {"unknown"}}]]


def test_an_anchor_of_the_declaration_is_trusted():
    block = chain(tail=", of no trust store")
    der = block.observation.served[-1]
    anchor = TrustAnchor("@raw/own", builders.at(3), files=("res/raw/own.pem",))
    file = CertificateFile("res/raw/own.pem", der, (der,))
    sets = [pinned(LEAF, anchors=(anchor,))]
    assert states(verified(block, sets=sets, certificate_files=(file,))[0]) == [{"android": {"match"}}]
    sets = [pinned(SPARE, anchors=(anchor._replace(overrides_pins=True),))]
    assert states(verified(block, sets=sets, certificate_files=(file,))[0]) == [{"android": {"match"}}]


def test_only_declared_anchors_are_trusted_where_the_system_is_not_named():
    der = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT, tail="").observation.served[-1]
    anchor = TrustAnchor("@raw/own", builders.at(3), files=("res/raw/own.pem",))
    file = CertificateFile("res/raw/own.pem", der, (der,))
    (verification,) = verified(chain(), sets=[pinned(LEAF, anchors=(anchor,))], certificate_files=(file,))
    assert states(verification)[0]["android"] <= {"refused", "unknown"}


def test_a_key_that_trustkit_cannot_hash():
    p521 = "8ijBSZHHv9Z75Q8apclkvOkasBPVzxluTtzt11879Og="
    (verification,) = verified(chain(p521), sets=[pinned(p521, SPARE, semantics=TRUSTKIT)])
    assert states(verification) == [{"ios": {"unsupported"}}]
    (verification,) = verified(chain(p521), sets=[pinned(ISSUING, SPARE, semantics=TRUSTKIT)])
    assert states(verification) == [{"ios": {"match"}}]  # a hit above it comes first


def test_a_shared_declaration_is_held_to_apples_limits_on_ios_only():
    p521 = "8ijBSZHHv9Z75Q8apclkvOkasBPVzxluTtzt11879Og="
    both = TRUSTKIT._replace(platform="any")
    (verification,) = verified(chain(p521), sets=[pinned(p521, SPARE, semantics=both)])
    assert states(verification) == [{"android": {"match"}, "ios": {"unsupported"}}]


# whom to ask -------------------------------------------------------------------


def test_wildcards_are_asked_by_the_names_that_the_configuration_gives():
    sets = (pinned(LEAF, semantics=builders.OKHTTP, hosts=("*.shop.example",)),)
    policy = Policy(
        hosts=(HostPolicy("*.shop.example", builders.at(), names=("cdn.shop.example", "a.b.shop.example")),)
    )
    assert targets(Project(pin_sets=sets), policy) == (Target("cdn.shop.example"),)
    assert targets(Project(pin_sets=sets), Policy()) == ()
    assert unnamed(Project(pin_sets=sets), Policy()) == ("*.shop.example",)
    assert unnamed(Project(pin_sets=sets), policy) == ()


@pytest.mark.parametrize(
    ("policy", "ports", "expected"),
    [
        pytest.param({}, {}, (443,), id="nothing said"),
        pytest.param({}, {HOST: (443, 8443)}, (443, 8443), id="URLs in code"),
        pytest.param({"port": 9443}, {HOST: (8443,)}, (9443,), id="the configuration"),
        pytest.param({"port": 443}, {HOST: (8443,)}, (443,), id="the configuration says 443"),
        pytest.param({"skip": "not ours"}, {}, (), id="skipped"),
    ],
)
def test_ports(policy, ports, expected):
    stated = Policy(hosts=(HostPolicy(HOST, builders.at(), **policy),))
    found = targets(Project(pin_sets=(pinned(LEAF),)), stated, ports)
    assert found == tuple(Target(HOST, port) for port in expected)


def test_hosts_of_tests_are_not_asked():
    assert targets(Project(pin_sets=(pinned(LEAF, context="test"),)), Policy()) == ()


# the day ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pins", "changed", "reuses", "expected"),
    [
        pytest.param([LEAF, SPARE], {}, None,
            Lockout(date(2028, 2, 1), "the host's leaf certificate ends", False, "closed"), id="leaf"),
        pytest.param([LEAF, SPARE], {}, False,
            Lockout(date(2028, 2, 1), "the host's leaf certificate ends, and renewals bring a new key as stated", True, "closed"),
            id="leaf, new keys as stated"),
        pytest.param([LEAF, SPARE], {}, True,
            Lockout(None, "a stated reuse of the key keeps it matching", True, "closed"), id="leaf, key reused as stated"),
        pytest.param([LEAF, ISSUING], {}, None,
            Lockout(date(2031, 6, 1), "the certificate of the pinned CA Example Issuing CA ends", True, "closed"),
            id="the last of two"),
        pytest.param([ROOT], {}, None,
            Lockout(date(2040, 1, 1), "the certificate of the pinned CA Example Root ends", True, "closed"), id="root"),
        pytest.param([SPARE], {}, None,
            Lockout(TODAY, "no pin matches what the host serves", True, "closed"), id="now"),
        pytest.param([LEAF], {"expires": date(2027, 3, 1)}, None,
            Lockout(date(2027, 3, 1), "the pin set expires", True, "open"), id="expiry, then unpinned"),
        pytest.param([LEAF], {"expires": date(2027, 3, 1), "semantics": builders.REFUSING}, None,
            Lockout(date(2027, 3, 1), "the pin set expires", True, "closed"), id="expiry, then refused"),
    ],
)  # fmt: skip
def test_the_first_day_of_trouble(pins, changed, reuses, expected):
    policy = Policy(hosts=(HostPolicy(HOST, builders.at(), reuses_key=reuses),))
    (verification,) = verified(chain(), sets=[pinned(*pins, **changed)], policy=policy)
    assert verification.lockout == expected


def test_the_earliest_of_all_addresses_counts():
    early = chain(OTHER_LEAF, until="2027-05-01", where=f"{HOST} at 203.0.113.8")
    (verification,) = verified(chain(), early, sets=[pinned(LEAF, OTHER_LEAF)])
    assert verification.lockout.day == date(2027, 5, 1)


def test_a_set_that_only_reports_fails_open():
    lenient = builders.TRUSTKIT._replace(enforced=False)
    (verification,) = verified(chain(), sets=[pinned(SPARE, OTHER_CA, semantics=lenient)])
    assert verification.lockout == Lockout(TODAY, "no pin matches what the host serves", True, "open")


def test_a_host_that_was_not_seen_has_no_day():
    failed = served(f"{HOST} at 203.0.113.7 fails", "nothing answered within 10 s")
    (verification,) = verified(failed, sets=[pinned(LEAF)])
    assert (verification.lockout, verification.looks[0].verdicts) == (None, ())
    assert lockout((), (), TODAY) is None


# findings -----------------------------------------------------------------------


def report(*blocks: Any, pins: tuple[str, ...], policy: Policy = Policy(), config: str = "") -> Report:
    body = "".join(f'<pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    text = (
        f"<network-security-config><domain-config>\n<domain>{HOST}</domain>\n"
        f'<pin-set expiration="2027-12-01">\n{body}</pin-set></domain-config></network-security-config>'
    )
    return scan.scan(
        [SourceFile("res/xml/network.xml", text.encode())],
        registry.parsers(),
        Context(TODAY, policy),
        observer(*blocks),
    )


def rules_of(found: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in found.findings]


UNPROVEN = ("backup-pin-unproven", "warning")
"""Nothing shows that the spare key exists."""
UNSEEN = ("backup-pin-unproven", "note")
"""Where no path of the host was seen, any of the pins may be the one that is served."""


@pytest.mark.parametrize(
    ("blocks", "pins", "expected"),
    [
        pytest.param([chain()], (LEAF, SPARE), [UNPROVEN], id="healthy"),
        pytest.param([chain()], (SPARE, OTHER_CA), [("pin-mismatch", "error")], id="locked out"),
        pytest.param([chain(), ELSEWHERE], (LEAF, SPARE), [("uneven-pin-match", "error"), UNPROVEN], id="two addresses"),
        pytest.param([chain(until="2026-12-24")], (LEAF, SPARE), [("lockout-date", "warning"), UNPROVEN], id="soon"),
        pytest.param([chain(until="2026-12-24")], (LEAF, ISSUING), [("backup-pin-in-chain", "warning")],
            id="no backup, and the CA outlives the leaf"),
        pytest.param([chain(until="2026-11-20")], (SPARE, LEAF), [("certificate-refused", "error"), UNSEEN], id="expired"),
        pytest.param([chain(leaf_name="www.other.example")], (SPARE, LEAF), [("certificate-refused", "error"), UNSEEN],
            id="wrong name"),
        pytest.param([chain(tail=", of no trust store")], (SPARE, OTHER_CA), [("connection-intercepted", "warning"), UNSEEN],
            id="intercepted, no mismatch"),
        pytest.param([chain(root=OTHER_ROOT, tail=", of no trust store"), ELSEWHERE], (SPARE, LEAF),
            [("connection-intercepted", "warning"), ("pin-mismatch", "error")], id="intercepted at one address"),
        pytest.param([served(f"{HOST} at 203.0.113.7 fails", "refused")], (LEAF, SPARE), [("host-unreachable", "note"), UNSEEN],
            id="unreachable"),
        pytest.param([served(f"{HOST} at 203.0.113.8 fails", "refused"), chain()], (LEAF, SPARE), [UNPROVEN],
            id="one of two addresses unreachable"),
        pytest.param([chain(tail=", not sent, trusted from Android 14 on")], (LEAF, SPARE),
            [("device-dependent-match", "warning"), UNPROVEN], id="old devices"),
    ],
)  # fmt: skip
def test_which_rules_speak(blocks, pins, expected):
    assert rules_of(report(*blocks, pins=pins)) == expected


def test_many_hosts_that_fail_alike_are_one_finding():
    hosts = [f"h{number}.shop.example" for number in range(9)]
    blocks = [served(f"{host} at 203.0.113.7 fails", "refused") for host in hosts]
    text = "".join(
        f'<domain-config><domain>{host}</domain><pin-set expiration="2027-12-01"><pin digest="SHA-256">{LEAF}</pin>'
        f'<pin digest="SHA-256">{SPARE}</pin></pin-set></domain-config>\n'
        for host in hosts
    )
    found = scan.scan(
        [
            SourceFile(
                "res/xml/network.xml", f"<network-security-config>{text}</network-security-config>".encode()
            )
        ],
        registry.parsers(),
        Context(TODAY),
        observer(*blocks),
    )
    finding, unproven = found.findings
    assert (unproven.rule, unproven.hosts) == ("backup-pin-unproven", tuple(hosts))
    assert finding.message == (
        "h0.shop.example, h1.shop.example, h2.shop.example and 6 more: could not be looked at (refused);"
        " whether the pins match is not known"
    )
    assert finding.hosts == tuple(hosts)
    assert [each.what for each in found.not_checked] == ["h0.shop.example at 203.0.113.7 and 8 more"]


def test_what_could_not_be_looked_at_is_not_checked():
    found = report(served(f"{HOST} at 203.0.113.8 fails", "refused"), chain(), pins=(LEAF, SPARE))
    assert [(each.what, each.reason) for each in found.not_checked] == [(f"{HOST} at 203.0.113.8", "refused")]
    assert _facts.looked_at(found) == "1 host looked at"


def test_a_skipped_host_is_silent():
    policy = Policy(hosts=(HostPolicy(HOST, builders.at(), skip="not ours"),))
    found = report(chain(), pins=(SPARE, OTHER_CA), policy=policy)
    assert found.active == ()
    assert rules_of(found) == [UNSEEN]


def test_messages_name_host_pin_client_and_next_step():
    (finding,) = report(chain(), pins=(SPARE, OTHER_CA)).findings
    assert finding.message == (
        "api.shop.example: none of its 2 pins (2OyeT74JThFn… and pafH2VM9sls/…) is in the path built from what 203.0.113.7 serves"
        " (leaf 4uNsWoOWEDyO…, Example Issuing CA X9COh1MV/QLS…, Example Root J/wzzqc/D2ii…):"
        " Android refuses every connection now"
    )
    assert finding.remedy == (
        "serve a pinned key again, which alone lets installed versions in; then ship the pin of what is served,"
        f" such as {LEAF}"
    )
    assert (finding.at.path, finding.at.line, finding.hosts) == ("res/xml/network.xml", 2, (HOST,))


def test_names_of_certificates_are_harmless():
    from pincheck.outputs import annotations, markdown, terminal

    evil = "\x1b[31m::error::x%0A`<b>@all|"
    block = chain(ca_name=evil.replace(",", ""))
    found = report(block, pins=(SPARE, OTHER_CA))
    for text in (terminal.render(found), markdown.render(found), annotations.render(found)):
        assert "\x1b" not in text
        assert not re.search(r"(?m)^::error::x", text)
    assert "<b>" not in markdown.render(found)


def test_at_is_the_day_of_the_tests():
    assert AT.date() == TODAY
    assert isinstance(chain().observation, Observation)
