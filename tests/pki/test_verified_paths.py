"""Every verified path, for worlds of our own; time and stores are arguments."""

import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pace
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import NOW, Authority, Leaf

from pincheck.model.chains import Release
from pincheck.pki import paths, trust
from pincheck.pki.paths import Built
from pincheck.pki.trust import EVERY, JVM, Anchor, Trust

HOST = "api.shop.example"
DAY = timedelta(days=1)
OLD, NEW = Release("android", "8"), Release("android", "14")


def store(*everywhere: Authority | x509.Certificate, **some: tuple[x509.Certificate, set[Release]]) -> Trust:
    """A trust with anchors of every release, and of some."""
    ders = [each.der if isinstance(each, Authority) else der(each) for each in everywhere]
    anchors = list(trust.anchors(ders))
    for certificate, releases in some.values():
        anchors += [one._replace(releases=frozenset(releases)) for one in trust.anchors([der(certificate)])]
    return Trust(anchors)


def by_name(authority: Authority, releases: frozenset[Release] = EVERY) -> Anchor:
    """An anchor of which the certificate is not at hand."""
    (anchor,) = trust.anchors([authority.der])
    return anchor._replace(der=b"", releases=releases)


def der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def build(leaf: Leaf, trusted: Trust, host: str = HOST, at: datetime = NOW, **options: object) -> Built:
    return paths.build(leaf.chain, host, at, trusted, **options)  # type: ignore[arg-type]


def drawn(built: Built) -> list[str]:
    """Each path as its names, and its doubt."""
    return [
        " < ".join(each.subject.removeprefix("CN=") for each in path.certificates)
        + (f" ({path.doubt})" if path.doubt else "")
        for path in built.paths
    ]


ROOT = Authority("Root")
ISSUING = ROOT.issue("Issuing")
LEAF = ISSUING.leaf(HOST)


class TestOnePath:
    def test_an_ordinary_chain_is_proven_for_every_release(self):
        built = build(LEAF, store(ROOT))
        (path,) = built.paths
        assert drawn(built) == ["api.shop.example < Issuing < Root"]
        assert (path.releases, path.doubt, built.fault, built.reason) == (EVERY, "", "", "")
        assert tuple(each.der for each in path.certificates) == (*LEAF.chain, ROOT.der)

    @pytest.mark.parametrize(
        "sent",
        [
            pytest.param([ISSUING.certificate, ROOT.certificate], id="the root is sent"),
            pytest.param([ROOT.certificate, ISSUING.certificate], id="out of order"),
            pytest.param([ISSUING.certificate] * 3, id="duplicates"),
            pytest.param([LEAF.certificate, ISSUING.certificate], id="the leaf twice"),
            pytest.param([Authority("Other").certificate, ISSUING.certificate], id="a stranger among them"),
        ],
    )
    def test_what_else_is_sent_does_not_count(self, sent):
        assert drawn(build(LEAF.sending(*sent), store(ROOT))) == ["api.shop.example < Issuing < Root"]

    def test_bytes_that_are_no_certificate_are_passed_over(self):
        built = paths.build([LEAF.chain[0], b"0\x82junk", b"", LEAF.chain[1]], HOST, NOW, store(ROOT))
        assert [each is None for each in built.served] == [False, True, True, False]
        assert drawn(built) == ["api.shop.example < Issuing < Root"]

    @pytest.mark.parametrize("kind", ["ec", "p384", "p521", "rsa"])
    def test_keys_of_every_usual_kind(self, kind):
        root = Authority("Root", kind=kind)
        built = build(root.leaf(HOST, kind=kind), store(root))
        assert drawn(built) == ["api.shop.example < Root"]

    def test_an_ed25519_key_is_in_doubt(self):
        (path,) = build(ROOT.leaf(HOST, kind="ed25519"), store(ROOT)).paths
        assert path.doubt == "the key of api.shop.example is of a kind that few clients take (Ed25519)"
        signer = ROOT.issue("Edwards", kind="ed25519")
        (path,) = build(signer.leaf(HOST), store(ROOT)).paths
        assert path.doubt == "the key of Edwards is of a kind that few clients take (Ed25519)"

    def test_a_critical_subject_alternative_name_is_not_proven(self):
        (path,) = build(ROOT.leaf(HOST, critical_names=True), store(ROOT)).paths
        assert path.releases == EVERY
        assert path.doubt.startswith("not verified: ")

    def test_certificates_without_key_identifiers_are_found_by_name(self):
        root = Authority("Bare", key_ids=False)
        assert [
            path.certificates[-1].der for path in build(root.leaf(HOST, key_ids=False), store(root)).paths
        ] == [root.der]

    def test_a_second_leaf_below_a_proven_issuer_is_judged_itself(self):
        trusted = store(ROOT)
        assert build(LEAF, trusted).paths
        assert build(ISSUING.leaf(HOST, end=NOW - DAY, start=NOW - 2 * DAY), trusted).fault == "expired"
        assert build(ISSUING.leaf("other.example"), trusted).fault == "wrong-name"
        assert not build(LEAF, trusted, at=NOW + timedelta(days=4000)).paths


class TestHosts:
    @pytest.mark.parametrize(
        ("names", "host"),
        [
            pytest.param(["*.shop.example"], HOST, id="wildcard"),
            pytest.param(["a.example", HOST], HOST, id="the second name"),
            pytest.param(["192.0.2.7"], "192.0.2.7", id="IPv4"),
            pytest.param(["2001:db8::7"], "2001:db8::7", id="IPv6"),
            pytest.param(["under_score.shop.example"], "under_score.shop.example", id="underscore"),
        ],
    )
    def test_a_name_that_stands_in_the_certificate(self, names, host):
        assert build(ROOT.leaf(*names), store(ROOT), host).fault == ""

    @pytest.mark.parametrize(
        ("names", "host", "reason"),
        [
            pytest.param(["www.example"], HOST, "the certificate is for www.example, not for api.shop.example", id="other"),
            pytest.param(
                ["*.shop.example"], "a.api.shop.example",
                "the certificate is for *.shop.example, not for a.api.shop.example", id="two labels for a wildcard",
            ),
            pytest.param(
                ["*.shop.example"], "shop.example",
                "the certificate is for *.shop.example, not for shop.example", id="no label for a wildcard",
            ),
            pytest.param(
                ["a.example", "b.example", "c.example", "d.example", "e.example"], HOST,
                "the certificate is for a.example, b.example, c.example and 2 more, not for api.shop.example", id="many",
            ),
            pytest.param(["192.0.2.8"], "192.0.2.7", "the certificate is for 192.0.2.8, not for 192.0.2.7", id="address"),
        ],
    )  # fmt: skip
    def test_a_name_that_does_not(self, names, host, reason):
        built = build(ROOT.leaf(*names), store(ROOT), host)
        assert (built.paths, built.fault, built.reason) == ((), "wrong-name", reason)

    def test_escapes_in_a_name_are_not_repeated(self):
        built = build(ROOT.leaf("a\x1b[31m.example", subject="x"), store(ROOT))
        assert "\x1b" not in built.reason
        assert built.fault in ("wrong-name", "malformed")

    def test_name_constraints_hold(self):
        inner = ROOT.issue("Inner", permitted=["shop.example"])
        assert build(inner.leaf(HOST), store(ROOT)).fault == ""
        built = build(inner.leaf("api.other.example"), store(ROOT), "api.other.example")
        assert (built.fault, built.reason) == (
            "wrong-name", "Inner may not certify the names of the certificate (name constraints)",
        )  # fmt: skip


class TestCrossSigns:
    def test_both_roots_are_found_the_trusted_issuer_first(self):
        old, new = Authority("Old"), Authority("New")
        cross = new.cross(old)
        leaf = (issuing := new.issue("Issuing")).leaf(HOST).sending(issuing.certificate, cross)
        built = build(leaf, store(new=(new.certificate, {NEW}), old=(old.certificate, {OLD, NEW})))
        assert [(name, path.releases) for name, path in zip(drawn(built), built.paths, strict=True)] == [
            ("api.shop.example < Issuing < New", {NEW}),
            ("api.shop.example < Issuing < New < Old", {OLD, NEW}),
        ]
        assert [built.why(release) for release in (OLD, NEW, JVM)] == [
            "", "", "the JVM does not trust New or Old",
        ]  # fmt: skip

    def test_a_root_that_only_one_store_holds(self):
        other = Authority("Other")
        built = build(LEAF, store(other, root=(ROOT.certificate, {NEW})))
        assert [path.releases for path in built.paths] == [{NEW}]

    def test_an_expired_cross_sign_beside_a_shorter_path(self):
        old, new = Authority("Old", start=NOW - 900 * DAY, end=NOW - DAY), Authority("New")
        cross = new.cross(old, end=NOW - DAY)
        leaf = (issuing := new.issue("Issuing")).leaf(HOST).sending(issuing.certificate, cross)
        both = store(new=(new.certificate, {NEW}), old=(old.certificate, {OLD, NEW}))
        built = build(leaf, both)
        assert [path.releases for path in built.paths] == [{NEW}]
        assert built.why(OLD).startswith("the intermediate New expired on ")

    def test_android_does_not_mind_an_expired_anchor(self):
        old, new = Authority("Old", start=NOW - 900 * DAY, end=NOW - DAY), Authority("New")
        leaf = (issuing := new.issue("Issuing")).leaf(HOST).sending(issuing.certificate, new.cross(old))
        built = build(leaf, store(old))
        assert drawn(built) == [
            f"api.shop.example < Issuing < New < Old (its trust anchor Old expired on {NOW - DAY:%Y-%m-%d})"
        ]

    def test_an_anchor_that_is_not_self_signed_ends_a_path_unless_its_issuer_is_trusted_too(self):
        middle = ROOT.issue("Middle")
        leaf = middle.leaf(HOST).sending()
        assert drawn(build(leaf, store(middle))) == ["api.shop.example < Middle"]
        assert drawn(build(leaf, store(middle, ROOT))) == ["api.shop.example < Middle < Root"]
        built = build(leaf, store(middle, root=(ROOT.certificate, {NEW})))
        assert [path.releases for path in built.paths] == [{NEW}, EVERY - {NEW}]

    def test_one_name_and_two_keys_are_told_apart(self):
        one, two = Authority("Same"), Authority("Same")
        for key_ids in (True, False):
            leaf = one.leaf(HOST, key_ids=key_ids)
            assert [path.certificates[-1].der for path in build(leaf, store(two, one)).paths] == [one.der]
            assert build(leaf, store(two)).paths == ()

    def test_a_cycle_ends(self):
        one, two = Authority("One"), Authority("Two")
        leaf = one.leaf(HOST).sending(one.cross(two), two.cross(one))
        assert (built := build(leaf, store(ROOT))).fault == "private"
        assert built.reason == "its issuer One is neither sent nor in a trust store"
        assert drawn(build(leaf, store(two))) == ["api.shop.example < One < Two"]

    @pytest.mark.parametrize("key_ids", [True, False])
    @pytest.mark.parametrize("names", [10, 2])
    def test_cas_that_all_cross_sign_each_other_take_less_than_a_second(self, names, key_ids):
        authorities = [Authority(f"CA {number % names}", key_ids=key_ids) for number in range(10)]
        crosses = [
            one.cross(two, key_ids=key_ids) for one in authorities for two in authorities if one is not two
        ]
        leaf = authorities[0].leaf(HOST, key_ids=key_ids).sending(*crosses)
        started = time.perf_counter()
        assert not build(leaf, store(ROOT)).paths
        built = build(leaf, store(root=(authorities[-1].certificate, {NEW})))
        assert time.perf_counter() - started < pace.allowed(1)
        assert len(built.paths) <= paths.MAX_PATHS
        assert all(len(path.certificates) <= paths.MAX_LENGTH for path in built.paths)
        assert built.why(OLD) == "too many of the certificates sent name each other as issuers"

    def test_a_path_longer_than_the_bound_is_not_followed(self):
        authority = root = Authority("Root")
        for number in range(12):
            authority = authority.issue(f"CA {number}")
        assert not build(authority.leaf(HOST), store(root)).paths


class TestFaults:
    @pytest.mark.parametrize(
        ("leaf", "fault", "reason"),
        [
            pytest.param(
                ISSUING.leaf(HOST, start=NOW - 9 * DAY, end=NOW - DAY),
                "expired", f"the certificate expired on {NOW - DAY:%Y-%m-%d}", id="expired leaf",
            ),
            pytest.param(
                ISSUING.leaf(HOST, start=NOW + DAY),
                "not-yet-valid", f"the certificate is valid from {NOW + DAY:%Y-%m-%d} only", id="early leaf",
            ),
            pytest.param(
                ROOT.issue("Late", start=NOW - 9 * DAY, end=NOW - DAY).leaf(HOST),
                "expired", f"the intermediate Late expired on {NOW - DAY:%Y-%m-%d}", id="expired intermediate",
            ),
            pytest.param(
                ISSUING.leaf(HOST).sending(),
                "private", "its issuer Issuing is neither sent nor in a trust store", id="no intermediate, no link",
            ),
            pytest.param(
                ISSUING.leaf(HOST, aia="http://ca.example/issuing").sending(),
                "incomplete", "the server does not send the certificate of Issuing", id="no intermediate, linked",
            ),
            pytest.param(
                (private := Authority("Private")).leaf(HOST).sending(private.certificate),
                "private", "its root Private is in no trust store", id="private CA",
            ),
            pytest.param(
                ROOT.issue("Short", path_length=0).issue("Below").leaf(HOST),
                "wrong-purpose", "Short allows 0 intermediates below it, not 1", id="path length",
            ),
            pytest.param(
                ISSUING.leaf(HOST, purpose=ExtendedKeyUsageOID.EMAIL_PROTECTION),
                "wrong-purpose", "the certificate is not for TLS servers (extended key usage)", id="mail only",
            ),
        ],
    )  # fmt: skip
    def test_why_there_is_no_path(self, leaf, fault, reason):
        built = build(leaf, store(ROOT))
        assert (built.fault, built.reason) == (fault, reason)
        assert bool(built.paths) == (not fault)

    def test_an_ordinary_certificate_is_no_ca(self):
        below = Authority("Evil", key=LEAF.key)
        below.name = HOST
        leaf = below.leaf("victim.example").sending(LEAF.certificate, ISSUING.certificate)
        built = build(leaf, store(ROOT), "victim.example")
        assert (built.fault, built.reason) == (
            "wrong-purpose", "api.shop.example signed a certificate but is no CA",
        )  # fmt: skip

    def test_a_signature_by_another_key(self):
        forged = bytearray(LEAF.chain[0])
        forged[-1] ^= 1
        built = paths.build([bytes(forged), LEAF.chain[1]], HOST, NOW, store(ROOT))
        assert (built.paths, built.fault) == ((), "bad-signature")

    def test_self_signed(self):
        alone = Authority(HOST)
        built = build(alone.leaf(HOST, key=alone.key, subject=HOST).sending(), store(ROOT))
        assert (built.fault, built.reason) == ("private", "the certificate is self-signed")

    @pytest.mark.parametrize("served", [[], [b""], [b"junk", LEAF.chain[0]]])
    def test_no_leaf(self, served):
        built = paths.build(served, HOST, NOW, store(ROOT))
        assert (built.paths, built.fault, built.leaf) == ((), "malformed", None)

    def test_an_rsa_key_of_1024_bits_is_refused_by_apple(self):
        (path,) = (built := build(ROOT.leaf(HOST, kind="rsa1024"), store(ROOT))).paths
        assert path.doubt == "the key of api.shop.example is too short (RSA 1024)"
        assert path.releases == EVERY - set(trust.RELEASES["ios"][2:])
        assert built.why(Release("ios", "17")) == "the key of api.shop.example is too short (RSA 1024)"

    def test_sha_1_is_left_to_those_that_take_it(self, tmp_path):
        root, leaf = signed(tmp_path, "sha1", 2048)
        (path,) = (built := paths.build([leaf], HOST, NOW + DAY, Trust(trust.anchors([root])))).paths
        assert path.doubt == "api.shop.example is signed with SHA-1"
        assert path.releases == {
            Release("android", "8"), Release("android", "9"), Release("ios", "12"), Release("ios", "12.1.3"), JVM,
        }  # fmt: skip
        assert built.why(NEW) == "api.shop.example is signed with SHA-1"

    @pytest.mark.parametrize(
        ("digest", "bits", "reason"),
        [
            ("md5", 2048, "api.shop.example is signed with MD5"),
            ("sha256", 512, "the key of api.shop.example is too short (RSA 512)"),
        ],
    )
    def test_nobody_takes_md5_or_a_tiny_key(self, digest, bits, reason, tmp_path):
        root, leaf = signed(tmp_path, digest, bits)
        built = paths.build([leaf], HOST, NOW + DAY, Trust(trust.anchors([root])))
        assert (built.paths, built.fault, built.reason) == ((), "weak", reason)

    def test_a_forged_signature_with_an_old_digest(self, tmp_path):
        root, leaf = signed(tmp_path, "sha1", 2048)
        forged = leaf[:-1] + bytes([leaf[-1] ^ 1])
        built = paths.build([forged], HOST, NOW + DAY, Trust(trust.anchors([root])))
        assert built.fault == "bad-signature"


def signed(folder: Path, digest: str, bits: int) -> tuple[bytes, bytes]:
    """Root and leaf, in DER, by openssl, which still signs with anything."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)

    (folder / "names").write_text(
        f"subjectAltName=DNS:{HOST}\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n"
    )
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem",
            "-subj", "/CN=Openssl Root", "-days", "30")  # fmt: skip
    openssl(
        "req",
        "-newkey",
        f"rsa:{bits}",
        "-nodes",
        "-keyout",
        "leaf.key",
        "-out",
        "leaf.csr",
        "-subj",
        f"/CN={HOST}",
    )
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7",
            "-days", "20", f"-{digest}", "-extfile", "names", "-outform", "DER", "-out", "leaf.der")  # fmt: skip
    (root,) = trust.certificates.ders((folder / "root.pem").read_bytes())
    return root, (folder / "leaf.der").read_bytes()


class TestOwnAnchors:
    def test_they_count_for_every_release(self):
        (path,) = build(LEAF, store(Authority("Other")), own=[ROOT.der]).paths
        assert path.releases == EVERY

    def test_the_system_can_be_left_out(self):
        assert build(LEAF, store(ROOT), own=[Authority("Other").der], system=False).fault == "private"
        assert build(LEAF, store(ROOT), own=[], system=False).fault == "private"

    def test_what_is_no_certificate_is_left_out(self):
        assert build(LEAF, store(ROOT), own=[b"junk"]).fault == ""

    def test_a_pinned_leaf_is_a_path_of_its_own(self):
        alone = Authority(HOST)
        leaf = alone.leaf(HOST, key=alone.key, subject=HOST).sending()
        (path,) = build(leaf, store(ROOT), own=leaf.chain, system=False).paths
        assert ([each.der for each in path.certificates], path.doubt, path.releases) == (
            [leaf.chain[0]],
            "",
            EVERY,
        )
        assert build(leaf, store(ROOT), "other.example", own=leaf.chain).fault == "wrong-name"

    def test_an_expired_pinned_leaf_is_in_doubt(self):
        alone = Authority(HOST)
        leaf = alone.leaf(HOST, key=alone.key, subject=HOST, start=NOW - 9 * DAY, end=NOW - DAY).sending()
        (path,) = build(leaf, store(ROOT), own=leaf.chain).paths
        assert path.doubt == f"its trust anchor api.shop.example expired on {NOW - DAY:%Y-%m-%d}"

    def test_a_pinned_leaf_of_a_ca(self):
        built = build(LEAF, store(ROOT), own=[LEAF.chain[0]], system=False)
        assert drawn(built) == [HOST]
        assert built.why(JVM) == "OkHttp finds no trusted certificate in the chain"


class TestKnownByNameOnly:
    def test_the_path_is_in_doubt(self):
        (path,) = build(LEAF, Trust([by_name(ROOT, frozenset({NEW}))])).paths
        root = path.certificates[-1]
        assert path.doubt == "its root Root is known by name and key only"
        assert (path.releases, root.der, root.subject, root.not_after) == (
            {NEW}, b"", "CN=Root", ROOT.certificate.not_valid_after_utc,
        )  # fmt: skip
        assert root.spki.digest == trust.certificates.parse(ROOT.der).spki.digest

    def test_signatures_below_are_checked(self):
        forged = bytearray(LEAF.chain[0])
        forged[-1] ^= 1
        built = paths.build([bytes(forged), LEAF.chain[1]], HOST, NOW, Trust([by_name(ROOT)]))
        assert (built.paths, built.fault) == ((), "bad-signature")

    def test_a_root_that_is_sent_is_at_hand(self):
        (path,) = build(LEAF.sending(ISSUING.certificate, ROOT.certificate), Trust([by_name(ROOT)])).paths
        assert (path.certificates[-1].der, path.doubt) == (ROOT.der, "")

    def test_a_cross_sign_of_its_key_is_enough_to_check_signatures(self):
        cross = ROOT.cross(Authority("Elder"))
        (path,) = build(LEAF.sending(ISSUING.certificate, cross), Trust([by_name(ROOT)])).paths
        assert (path.certificates[-1].der, path.doubt) == (b"", "")

    def test_another_key_of_its_name_rules_it_out(self):
        other = Authority("Root")
        assert build(LEAF, Trust([by_name(other)])).fault == "private"


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_garbage_never_raises(served):
    assert paths.build(served, HOST, NOW, store(ROOT)).fault == "malformed"


@given(st.data())
@settings(max_examples=200)
def test_a_certificate_with_changed_bytes_never_raises(data):
    changed = bytearray(data.draw(st.sampled_from([*LEAF.chain, ROOT.der])))
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    for served in ([bytes(changed), LEAF.chain[1]], [LEAF.chain[0], bytes(changed), LEAF.chain[1]]):
        built = paths.build(served, HOST, datetime.now(UTC), store(ROOT), own=[bytes(changed)])
        assert bool(built.fault) != bool(built.paths)
        assert built.reason.isprintable()
