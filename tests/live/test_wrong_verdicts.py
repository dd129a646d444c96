"""False alarms and missed lock-outs, one small app each: what a sceptic of the verdicts asked."""

from datetime import date, timedelta
from typing import Any

import builders
import pytest
from scanning import TODAY
from served import AT, key_of, observer, served
from test_verdicts import (
    HOST,
    IOS_CAS,
    IOS_LEAF,
    ISSUING,
    LEAF,
    OTHER_CA,
    OTHER_LEAF,
    OTHER_ROOT,
    ROOT,
    SPARE,
    TRUSTKIT,
    chain,
    pinned,
    report,
    rules_of,
    states,
    verified,
)
from worlds import Authority

from pincheck.comparison import Anchors, Comparison
from pincheck.evaluate import evaluate
from pincheck.lockout import consequence
from pincheck.match import match, targets
from pincheck.model import CertificateFile, Context, HostPolicy, PinnedFile, Policy, Project, TrustAnchor
from pincheck.model.chains import Lockout, Observation, Release, Target, VerifiedPath
from pincheck.pki.paths import Built
from pincheck.pki.trust import EVERY, Trust, anchors

P521 = "8ijBSZHHv9Z75Q8apclkvOkasBPVzxluTtzt11879Og="
BY_CERTIFICATE = builders.IOS._replace(client="Alamofire", files="certificates", hashed="certificate")
BY_KEY = BY_CERTIFICATE._replace(files="keys", hashed="spki")
BY_ANCHOR = builders.OKHTTP._replace(client="react-native-ssl-pinning", files="anchors")
HEX = "0d2f4c8a91b7e35566c0178fda3b24e9" * 2
"""The hash of no certificate here."""
PRIVATE = ", of no trust store"


def found(*blocks: Any, sets: Any, policy: Policy = Policy(), today: date = TODAY, **project: Any) -> Any:
    """What is said of pin sets, by live rules only: rule, severity, message."""
    eyes = observer(*blocks)
    whole = Project(pin_sets=tuple(sets), **project)
    survey = match(whole, eyes.observe(targets(whole, policy)), eyes.trust, policy, today)
    live = evaluate(Project(), survey, Context(today, policy))
    return [(each.rule, each.severity, each.message) for each in live]


def names(findings: Any) -> list[tuple[str, str]]:
    return [(rule, severity) for rule, severity, _ in findings]


def file_of(der: bytes, path: str = "app/own.cer") -> dict[str, Any]:
    return {"certificate_files": (CertificateFile(path, der, (der,)),)}


def by_file(semantics: Any, *paths: str, name: str = "own.cer") -> Any:
    return builders.pin_set(semantics=semantics, files=(PinnedFile(name, builders.at(), paths),))


# certificate files -------------------------------------------------------------


@pytest.mark.parametrize("semantics", [BY_CERTIFICATE, BY_KEY, BY_ANCHOR])
def test_a_pinned_file_that_is_not_in_the_tree_is_no_mismatch(semantics):
    sets = [by_file(semantics)]
    assert found(chain(), sets=sets) == []
    (verification,) = verified(chain(), sets=sets)
    assert {verdict.state for verdict in verification.looks[0].verdicts} == {"unknown"}
    assert verification.looks[0].verdicts[0].reason == "its certificate file own.cer cannot be found here"


@pytest.mark.parametrize("semantics", [BY_CERTIFICATE, BY_KEY])
def test_a_pinned_file_that_is_not_served_is_a_mismatch(semantics):
    other = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT).observation.served[0]
    ((rule, severity, message),) = found(chain(), sets=[by_file(semantics, "app/own.cer")], **file_of(other))
    assert (rule, severity) == ("pin-mismatch", "error")
    assert message == (
        "api.shop.example: none of its pinned certificate files is in the path built from what 203.0.113.7 serves (leaf 4uNsWoOWEDyO…,"
        " Example Issuing CA X9COh1MV/QLS…, Example Root J/wzzqc/D2ii…): Alamofire refuses every connection now"
    )


def test_files_of_which_one_is_missing_are_not_judged_by_the_other():
    other = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT, tail="").observation.served
    for semantics in (BY_CERTIFICATE, BY_ANCHOR):
        both = by_file(semantics, "app/own.cer")
        both = both._replace(files=(*both.files, PinnedFile("next.cer", builders.at())))
        assert found(chain(), sets=[both], **file_of(other[-1])) == []


def test_a_public_ca_that_is_not_the_bundled_one_is_a_lock_out_and_no_proxy():
    other = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT, tail="").observation.served[-1]
    ((rule, severity, message),) = found(chain(), sets=[by_file(BY_ANCHOR, "app/own.cer")], **file_of(other))
    assert (rule, severity) == ("pin-mismatch", "error")
    assert "what 203.0.113.7 serves leads to none of its pinned certificate files" in message


def test_declared_trust_anchors_refuse_a_public_ca_that_is_not_among_them():
    other = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT, tail="").observation.served[-1]
    anchor = TrustAnchor("@raw/own", builders.at(3), files=("app/own.cer",))
    ((rule, severity, message),) = found(chain(), sets=[pinned(LEAF, anchors=(anchor,))], **file_of(other))
    assert (rule, severity) == ("certificate-refused", "error")
    assert message == (
        "api.shop.example: every Android refuses the certificate at 203.0.113.7 (the app trusts none of its CAs, but"
        " only those that it names), whatever the pins say"
    )


def test_files_of_all_declarations_of_a_client_count():
    served_root = chain(tail="").observation.served[-1]
    other = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT, tail="").observation.served[-1]
    files = (
        CertificateFile("app/a.cer", other, (other,)),
        CertificateFile("app/b.cer", served_root, (served_root,)),
    )
    sets = [by_file(BY_ANCHOR, "app/a.cer"), by_file(BY_ANCHOR, "app/b.cer")]
    assert found(chain(tail=""), sets=sets, certificate_files=files) == []


@pytest.mark.parametrize("semantics", [BY_CERTIFICATE, BY_KEY])
def test_a_private_ca_that_is_pinned_by_file_is_neither_refused_nor_intercepted(semantics):
    block = chain(tail=PRIVATE)
    sets, files = [by_file(semantics, "app/own.cer")], file_of(block.observation.served[-1])
    assert found(block, sets=sets, **files) == []
    verdict = verified(block, sets=sets, **files)[0].looks[0].verdicts[0]
    assert (verdict.state, verdict.certain) == ("match", False)


def test_the_end_of_a_pinned_file_is_that_of_the_certificate_it_holds():
    block = chain()
    issuing = block.observation.served[1]
    (verification,) = verified(block, sets=[by_file(BY_CERTIFICATE, "app/own.cer")], **file_of(issuing))
    assert verification.lockout == Lockout(
        date(2031, 6, 1), "the pinned certificate of Example Issuing CA ends", True, "closed"
    )
    (verification,) = verified(chain(), sets=[by_file(BY_KEY, "app/own.cer")], **file_of(issuing))
    assert verification.lockout.day == date(2031, 6, 1)


# trust anchors ------------------------------------------------------------------


def test_system_anchors_may_override_pins():
    anchor = TrustAnchor("system", builders.at(3), overrides_pins=True)
    assert found(chain(), sets=[pinned(SPARE, OTHER_CA, anchors=(anchor,))]) == []


def test_anchors_that_only_users_install_tell_nothing():
    anchor = TrustAnchor("user", builders.at(3))
    assert found(chain(), sets=[pinned(LEAF, SPARE, anchors=(anchor,))]) == []


def test_an_anchor_that_is_not_in_the_tree_tells_nothing():
    anchor = TrustAnchor("@raw/own", builders.at(3))
    assert found(chain(), sets=[pinned(LEAF, SPARE, anchors=(anchor,))]) == []


def test_a_private_ca_with_a_pinned_key_is_not_called_a_proxy():
    ((rule, severity, message),) = found(chain(tail=PRIVATE), sets=[pinned(LEAF, SPARE)])
    assert (rule, severity) == ("connection-intercepted", "warning")
    assert message.endswith(
        "a private CA with a pinned key in its chain; whether Android trusts it is not known"
    )


def test_code_that_reads_what_is_served_is_not_judged_by_a_proxy():
    dotnet = builders.ANDROID._replace(client=".NET", compares="served", expiry="none")
    assert names(found(chain(tail=PRIVATE), sets=[pinned(SPARE, OTHER_CA, semantics=dotnet)])) == [
        ("connection-intercepted", "warning")
    ]
    assert found(chain(tail=PRIVATE), sets=[pinned(LEAF, SPARE, semantics=dotnet)]) == []


# which declarations count -------------------------------------------------------


def test_a_host_that_is_excepted_from_its_parents_pins_is_not_held_to_them():
    wide = pinned(SPARE, OTHER_CA, hosts=("shop.example",), below=True)
    off = builders.pin_set(hosts=(HOST,), line=9)
    ios = pinned(LEAF, SPARE, semantics=IOS_LEAF, path="ios/Info.plist")
    assert [each.pin_sets for each in verified(chain(), sets=[wide, off, ios]) if each.host == HOST] == [
        (ios,)
    ]


def test_a_set_that_has_expired_leaves_the_others():
    old = pinned(SPARE, semantics=builders.REFUSING, expires=date(2026, 11, 1))
    new = pinned(LEAF, semantics=builders.REFUSING, expires=date(2027, 3, 1), line=9)
    (verification,) = verified(chain(), sets=[old, new])
    assert states(verification) == [{"android": {"match"}}]
    assert verification.lockout == Lockout(date(2027, 3, 1), "the pin set expires", True, "closed")


def test_an_expired_set_does_not_make_an_untrusted_chain_good():
    sets = [pinned(SPARE, expires=date(2026, 11, 1))]
    assert states(verified(chain(tail=PRIVATE), sets=sets)[0]) == [{"android": {"unknown"}}]


def test_each_variant_has_its_own_verdict():
    sets = [pinned(LEAF, SPARE, variant="free"), pinned(SPARE, OTHER_CA, variant="paid")]
    assert [(each.first.variant, *states(each)) for each in verified(chain(), sets=sets)] == [
        ("free", {"android": {"match"}}),
        ("paid", {"android": {"mismatch"}}),
    ]


# what Apple may do ---------------------------------------------------------------


def test_a_pinned_root_that_apple_may_fetch_a_path_to_is_no_certain_mismatch():
    block = chain(tail=", not sent")
    elsewhere = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT, where="www.shop.example at 203.0.113.9")
    linked = served(
        f"{HOST} at 203.0.113.7 serves",
        f"leaf  {LEAF}  until 2028-02-01  {HOST}, links to its issuer\n"
        f"CA    {ISSUING}  until 2031-06-01  Example Issuing CA\n"
        f"root  {ROOT}  until 2040-01-01  Example Root, not sent\n",
    )
    sets = [pinned(OTHER_ROOT, SPARE, semantics=IOS_CAS)]
    assert names(found(block, elsewhere, sets=sets)) == [("pin-mismatch", "error")]
    ((rule, severity, message),) = found(linked, elsewhere, sets=sets)
    assert (rule, severity) == ("pin-mismatch", "warning")
    assert message.endswith("less than certain, as Apple may fetch another path, to a pinned root")
    (verification,) = verified(linked, elsewhere, sets=sets)
    assert verification.lockout == Lockout(TODAY, "no pin matches what the host serves", False, "closed")
    leaf = pinned(OTHER_LEAF, semantics=IOS_LEAF, line=9)
    assert names(found(linked, elsewhere, sets=[*sets, leaf])) == [("pin-mismatch", "error")]


def test_a_parents_ca_list_counts_for_the_child_too():
    parent = pinned(SPARE, semantics=IOS_CAS, hosts=("shop.example",), below=True)
    child = pinned(LEAF, semantics=IOS_LEAF, line=9)
    (message,) = [text for _, _, text in found(chain(), sets=[parent, child]) if text.startswith(HOST)]
    assert message.startswith(
        "api.shop.example: its one pin (2OyeT74JThFn…) is not in the path built from what 203.0.113.7 serves"
    )


def test_a_ca_in_the_leaf_list_is_served_but_not_compared():
    ((_, _, message),) = found(chain(), sets=[pinned(ISSUING, ROOT, semantics=IOS_LEAF)])
    assert (
        "none of its 2 pins (J/wzzqc/D2ii… and X9COh1MV/QLS…) is the leaf's in what 203.0.113.7 serves, and nothing"
        " else is compared" in message
    )


def test_a_leaf_in_the_ca_list_is_answered_with_a_ca():
    eyes = observer(chain())
    whole = Project(pin_sets=(pinned(LEAF, semantics=IOS_CAS),))
    survey = match(whole, eyes.observe(targets(whole, Policy())), eyes.trust, Policy(), TODAY)
    (finding,) = evaluate(Project(), survey, Context(TODAY))
    assert "its one pin (4uNsWoOWEDyO…) is not a CA's in what 203.0.113.7 serves" in finding.message
    assert ISSUING in finding.remedy


def test_ats_is_not_judged_on_releases_that_do_not_read_it():
    (verification,) = verified(chain(), sets=[pinned(LEAF, SPARE, semantics=IOS_LEAF)])
    assert verification.looks[0].verdicts[0].release == Release("ios", "14")
    (verification,) = verified(chain(), sets=[pinned(LEAF, SPARE, semantics=TRUSTKIT)])
    assert verification.looks[0].verdicts[0].release == Release("ios", "12")


def test_two_paths_that_both_fail_are_a_failure_and_no_crash():
    one = verified(chain(), sets=[pinned(LEAF, semantics=IOS_LEAF)])[0].looks[0].verdicts[0].path
    other = verified(chain(P521), sets=[pinned(LEAF, semantics=IOS_LEAF)])[0].looks[0].verdicts[0].path
    release = Release("ios", "26")
    built = Built(
        tuple(VerifiedPath(path, frozenset({release})) for path in (one, other)), "", "", one[0], one
    )
    comparison = Comparison((pinned(SPARE, OTHER_CA, semantics=TRUSTKIT),), {}, Anchors((), True), TODAY, {})
    assert comparison.verdict(release, built).state in ("mismatch", "unsupported")
    built = built._replace(paths=built.paths[::-1])
    comparison = Comparison((pinned(LEAF, SPARE, semantics=TRUSTKIT),), {}, Anchors((), True), TODAY, {})
    assert comparison.verdict(release, built).state == "unknown"


def test_a_key_that_is_skipped_is_one_finding():
    ktor = TRUSTKIT._replace(client="Ktor's Darwin engine", unhashable="skipped", expiry="none")
    assert names(found(chain(P521), sets=[pinned(P521, SPARE, semantics=ktor)])) == [
        ("unsupported-key", "error")
    ]


def test_a_shared_declaration_says_where_a_key_is_not_hashed():
    both = TRUSTKIT._replace(platform="any")
    (message,) = [
        text for rule, _, text in found(chain(P521), sets=[pinned(P521, SPARE, semantics=both)])
        if rule == "unsupported-key"
    ]  # fmt: skip
    assert message.endswith("refuses every connection at 203.0.113.7 on iOS")


# deployments, addresses, ports ----------------------------------------------------

BY_RSA = chain(OTHER_LEAF, OTHER_CA, until="2027-01-05", where=f"{HOST} at 203.0.113.7 (TLS 1.2 with RSA)")


def test_what_only_a_client_held_to_rsa_meets_is_a_warning_that_says_so():
    ((rule, severity, message),) = found(chain(), BY_RSA, sets=[pinned(LEAF, SPARE)])
    assert (rule, severity) == ("uneven-pin-match", "warning")
    assert message.endswith(
        "Android refuses every connection there; phones offer both kinds of key and get the first, so only a client"
        " held to RSA is refused"
    )
    (verification,) = verified(chain(), BY_RSA, sets=[pinned(LEAF, SPARE)])
    assert verification.lockout.day == date(2028, 2, 1)
    (verification,) = verified(chain(), BY_RSA, sets=[pinned(LEAF, OTHER_LEAF)])
    assert verification.lockout.day == date(2028, 2, 1)


def test_what_phones_get_by_default_is_an_error_whatever_else_matches():
    ((rule, severity, _),) = found(chain(), BY_RSA, sets=[pinned(OTHER_LEAF, SPARE)])
    assert (rule, severity) == ("uneven-pin-match", "error")


def test_a_bad_certificate_that_phones_do_not_get_is_a_warning():
    old = chain(until="2026-11-20", where=f"{HOST} at 203.0.113.7 (TLS 1.2 with RSA)")
    ((rule, severity, message),) = found(chain(), old, sets=[pinned(LEAF, SPARE)])
    assert (rule, severity) == ("certificate-refused", "warning")
    assert message == (
        "api.shop.example: the certificate at 203.0.113.7 (TLS 1.2 with RSA) is not valid: the certificate expired on"
        " 2026-11-20; a client that is held to this kind of key refuses it, whatever the pins say"
    )


def test_an_absent_deployment_turns_nothing():
    none = served(f"{HOST} at 203.0.113.7 (TLS 1.2 with RSA) fails", "it has no RSA certificate for TLS 1.2")
    assert found(chain(), none, sets=[pinned(LEAF, SPARE)]) == []


def test_an_address_that_was_not_seen_is_not_spoken_for():
    failed = served(f"{HOST} at 203.0.113.8 fails", "refused")
    ((_, _, message),) = found(chain(), failed, sets=[pinned(SPARE, OTHER_CA)])
    assert message.endswith("Android refuses every connection there")


def test_ports_are_told_apart():
    other = chain(OTHER_LEAF, OTHER_CA)
    target = other.observation.target._replace(port=8443)
    other = other._replace(observation=other.observation._replace(target=target))
    eyes = observer(chain(), other)
    whole = Project(pin_sets=(pinned(LEAF, SPARE),))
    seen = eyes.observe(targets(whole, Policy(), {HOST: (443, 8443)}))
    survey = match(whole, seen, eyes.trust, Policy(), TODAY)
    (finding,) = evaluate(Project(), survey, Context(TODAY))
    assert "match what 203.0.113.7 serves, but not what 203.0.113.7 port 8443 serves" in finding.message


def test_a_lock_out_of_some_is_not_told_of_all():
    other = chain(OTHER_LEAF, OTHER_CA, where=f"{HOST} at 203.0.113.8")
    (verification,) = verified(chain(), other, sets=[pinned(LEAF, SPARE)])
    assert consequence(verification.lockout, "Android") == (
        "no pin matches some of what the host serves, and Android refuses there"
    )


# the day --------------------------------------------------------------------------


def test_a_leaf_that_ends_today_is_told():
    ((rule, _, message),) = found(
        chain(until="2026-11-26"), sets=[pinned(LEAF, SPARE)], today=date(2026, 11, 26)
    )
    assert rule == "lockout-date"
    assert ": today, on 2026-11-26, the host's leaf certificate ends;" in message


def test_a_day_to_come_is_told_when_looking_from_beyond_it():
    ((rule, _, message),) = found(chain(), sets=[pinned(LEAF, SPARE)], today=date(2028, 2, 11))
    assert (rule, ": 10 days ago, on 2028-02-01," in message) == ("lockout-date", True)


def test_an_expiry_that_opens_hides_no_nearer_lock_out():
    soon = pinned(LEAF, expires=date(2028, 6, 1))
    assert verified(chain(), sets=[soon])[0].lockout.day == date(2028, 2, 1)
    sooner = pinned(LEAF, expires=date(2027, 6, 1))
    assert verified(chain(), sets=[sooner])[0].lockout == Lockout(
        date(2027, 6, 1), "the pin set expires", True, "open"
    )


def test_each_list_of_ats_has_its_own_end():
    sets = [pinned(LEAF, semantics=IOS_LEAF), pinned(ROOT, semantics=IOS_CAS, line=9)]
    policy = Policy(hosts=(HostPolicy(HOST, builders.at(), reuses_key=True),))
    assert verified(chain(), sets=sets)[0].lockout.day == date(2028, 2, 1)
    assert verified(chain(), sets=sets, policy=policy)[0].lockout.day == date(2040, 1, 1)


def test_a_wildcard_states_reuse_for_the_names_below_it():
    policy = Policy(hosts=(HostPolicy("*.shop.example", builders.at(), reuses_key=True),))
    assert verified(chain(), sets=[pinned(LEAF)], policy=policy)[0].lockout.day is None


def test_a_spare_pin_makes_no_end_less_certain_as_nobody_changes_the_key():
    for pins in ((ISSUING, SPARE), (ISSUING,)):
        (verification,) = verified(chain(), sets=[pinned(*pins)])
        assert consequence(verification.lockout, "Android") == (
            "the certificate of the pinned CA Example Issuing CA ends, and Android refuses every connection"
        )


@pytest.mark.parametrize("doubt", ["dynamic", "by_hand", "inferred"])
def test_nothing_is_certain_of_pins_that_are_not_certain(doubt):
    for pin in (ISSUING, SPARE):
        (verification,) = verified(chain(), sets=[pinned(pin)._replace(**{doubt: True})])
        assert not verification.lockout.certain


def test_a_bundled_anchor_ends_without_certainty():
    root = chain(tail="").observation.served[-1]
    (verification,) = verified(chain(), sets=[by_file(BY_ANCHOR, "app/own.cer")], **file_of(root))
    assert verification.lockout == Lockout(
        date(2040, 1, 1), "the bundled certificate of Example Root ends", False, "closed"
    )


def test_a_guessed_pin_of_a_whole_certificate_has_a_day():
    from base64 import b64encode
    from hashlib import sha256

    block = chain()
    text = b64encode(sha256(block.observation.served[0]).digest()).decode()
    (verification,) = verified(block, sets=[pinned(text, inferred=True)])
    assert verification.lockout.day == date(2028, 2, 1)


# words ----------------------------------------------------------------------------


def test_a_client_of_certificate_hashes_is_told_a_certificate_hash():
    from hashlib import sha256

    semantics = builders.LEAF_HASH._replace(
        codec=builders.LEAF_HASH.codec._replace(hexadecimal=True), compares="leaf"
    )
    eyes = observer(chain())
    whole = Project(pin_sets=(pinned(HEX, semantics=semantics),))
    seen = eyes.observe(targets(whole, Policy()))
    (finding,) = evaluate(Project(), match(whole, seen, eyes.trust, Policy(), TODAY), Context(TODAY))
    assert sha256(seen[0].served[0]).hexdigest() in finding.remedy


def test_what_only_reports_still_refuses_an_untrusted_root():
    lenient = TRUSTKIT._replace(enforced=False)
    block = chain(tail=", not sent, trusted from iOS 16 on")
    ((rule, severity, message),) = found(block, sets=[pinned(LEAF, SPARE, semantics=lenient)])
    assert (rule, severity) == ("device-dependent-match", "warning")
    assert "TrustKit refuses every connection on iOS 12 to 15.1 (does not trust Example Root)" in message


def test_doubt_is_told_where_only_some_addresses_fail_too():
    other = chain(OTHER_LEAF, OTHER_CA, where=f"{HOST} at 203.0.113.8")
    sets = [pinned(LEAF, SPARE)._replace(inferred=True)]
    ((rule, severity, message),) = found(chain(), other, sets=sets)
    assert (rule, severity) == ("uneven-pin-match", "warning")
    assert message.endswith("there; less than certain, as how these pins are compared is not known")


def test_what_does_not_enforce_is_told_to_connect():
    lenient = TRUSTKIT._replace(enforced=False)
    sets = [pinned(SPARE, OTHER_CA, semantics=lenient)]
    ((rule, severity, message),) = found(chain(), sets=sets)
    assert (rule, severity) == ("pin-mismatch", "note")
    assert message.endswith(": TrustKit connects all the same")
    assert consequence(verified(chain(), sets=sets)[0].lockout, "TrustKit") == (
        "no pin matches what the host serves, and TrustKit connects all the same"
    )


def test_apples_code_sees_a_root_that_is_not_sent():
    from pincheck.parsers.apple_bundled_certificate import CERTIFICATES

    block = chain()
    root = observer(block).trust.anchors
    (der,) = [anchor.der for anchor in root.values()]
    assert (
        found(block, sets=[by_file(CERTIFICATES, "app/own.cer")._replace(by_hand=True)], **file_of(der)) == []
    )


def test_code_of_the_app_is_less_than_certain():
    other = chain(OTHER_LEAF, OTHER_CA, OTHER_ROOT).observation.served[0]
    sets = [by_file(BY_CERTIFICATE, "app/own.cer")._replace(by_hand=True)]
    ((_, severity, message),) = found(chain(), sets=sets, **file_of(other))
    assert severity == "warning"
    assert message.endswith("less than certain, as the app's own code compares them")


def test_a_mixed_backup_is_a_backup():
    hashed = builders.pin(HEX, semantics=builders.LEAF_HASH._replace(
        codec=builders.LEAF_HASH.codec._replace(hexadecimal=True)))  # fmt: skip
    both = pinned(LEAF, ISSUING)
    assert names(found(chain(), sets=[both])) == [("backup-pin-in-chain", "warning")]
    assert found(chain(), sets=[both._replace(pins=(*both.pins, hashed))]) == []


def test_each_list_of_ats_wants_a_backup():
    sets = [pinned(LEAF, SPARE, semantics=IOS_LEAF), pinned(ISSUING, ROOT, semantics=IOS_CAS, line=9)]
    ((rule, _, message),) = found(chain(), sets=sets)
    assert (rule, "its 2 pins (J/wzzqc/D2ii… and X9COh1MV/QLS…) are all" in message) == (
        "backup-pin-in-chain",
        True,
    )


def test_one_fault_of_one_host_on_two_platforms_is_told_once_each():
    sets = [
        pinned(SPARE, OTHER_CA),
        pinned(SPARE, OTHER_CA, semantics=IOS_LEAF, path="ios/Info.plist"),
        pinned(SPARE, OTHER_CA, semantics=TRUSTKIT._replace(platform="any"), path="app.js"),
    ]
    assert names(found(chain(), sets=sets)) == [("pin-mismatch", "error")] * 3
    failed = served(f"{HOST} at 203.0.113.7 fails", "refused")
    assert names(found(failed, sets=sets)) == [("host-unreachable", "note")]
    assert rules_of(report(chain(), pins=(LEAF, SPARE))) == [("backup-pin-unproven", "warning")]
    assert AT.date() == TODAY


# cross-signed roots ----------------------------------------------------------------


def test_a_root_that_new_phones_leave_out():
    old, new = Authority("Old Root", key=key_of(OTHER_ROOT)), Authority("New Root", key=key_of(ROOT))
    issuing = new.issue("Issuing CA")
    leaf = issuing.leaf(HOST, start=AT - timedelta(days=9), end=AT + timedelta(days=80))
    sent = leaf.sending(issuing.certificate, new.cross(old)).chain
    since = frozenset(each for each in EVERY if each.version in ("14", "15", "16", "17", "18", "26"))
    stores = Trust([*anchors([old.der]), *anchors([new.der], since)])
    seen = [Observation(Target(HOST), AT, "203.0.113.7", served=sent, protocol="TLSv1.3")]

    def said(semantics: Any) -> list[tuple[str, str, str]]:
        whole = Project(pin_sets=(pinned(OTHER_ROOT, SPARE, semantics=semantics),))
        survey = match(whole, seen, stores, Policy(), TODAY)
        return [(e.rule, e.severity, e.message) for e in evaluate(Project(), survey, Context(TODAY))]

    assert said(IOS_CAS) == []  # any path will do
    assert said(TRUSTKIT) == []  # which path Apple gives is not known
    ((rule, severity, message),) = said(builders.ANDROID)
    assert (rule, severity) == ("device-dependent-match", "error")
    assert (
        "Android refuses every connection on Android 14 to 17 (no pin is in the path built there" in message
    )
    ((rule, severity, message),) = said(builders.ANDROID._replace(platform="any"))
    assert (rule, severity) == ("device-dependent-match", "error")
