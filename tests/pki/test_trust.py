"""The stores of the releases: the table, Mozilla's certificates, and what is added to them."""

import csv
from base64 import b64encode
from pathlib import Path

import pytest
from worlds import NOW, Authority

from pincheck.errors import UsageError
from pincheck.model.chains import Release
from pincheck.pki import certificates, paths, trust
from pincheck.pki.trust import EVERY, JVM, MOZILLA, RELEASES

TABLE = Path(trust.__file__).parents[1] / "data" / "trust-stores.csv"
TRUST = trust.load()
ANDROID = [str(release.version) for release in RELEASES["android"]]


def test_the_table_is_sound():
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    digests = [row["certificate_sha256"] for row in rows]
    assert digests == sorted(set(digests))
    known = {platform: {release.version for release in RELEASES[platform]} for platform in ("android", "ios")}
    for row in rows:
        assert set(row["android"].split()) <= known["android"] - {"10"}
        assert set(row["ios"].split()) <= known["ios"]
        assert row["android"] or row["ios"]


def test_every_release_has_a_plausible_store():
    sizes = {
        release: sum(release in anchor.releases for anchor in TRUST.anchors.values()) for release in EVERY
    }
    assert {release: size for release, size in sizes.items() if not 100 <= size <= 400} == {}
    assert sizes[Release("android", "10")] == sizes[Release("android", "11")]


def test_mozillas_certificates_are_those_of_the_table():
    at_hand = [anchor for anchor in TRUST.anchors.values() if anchor.der]
    assert all({MOZILLA, JVM} <= anchor.releases for anchor in at_hand)
    for anchor in at_hand:
        opened = anchor.opened
        assert opened is not None
        assert (anchor.digest, anchor.spki) == (opened.digest, opened.facts.spki.digest)
        assert anchor.key_id in (opened.key_id, b"")
        assert TRUST.named(opened.subject).count(anchor) == 1
        assert anchor.not_after.date() == opened.facts.not_after.date()


@pytest.mark.parametrize(
    ("name", "android", "ios"),
    [
        ("ISRG Root X1", ANDROID, [release.version for release in RELEASES["ios"]]),
        ("ISRG Root X2", ["14", "15", "16", "17"], ["16", "16.5", "17", "18", "26"]),
    ],
)
def test_a_root_is_in_the_stores_that_hold_it(name, android, ios):
    (anchor,) = [anchor for anchor in TRUST.anchors.values() if anchor.name == name]
    assert anchor.releases == {
        MOZILLA, JVM, *(Release("android", version) for version in android), *(Release("ios", version) for version in ios),
    }  # fmt: skip
    assert anchor.der


@pytest.mark.parametrize(
    ("platform", "minimum", "first"),
    [
        pytest.param("android", "", "8", id="all"),
        pytest.param("android", "5.0", "8", id="older than all"),
        pytest.param("android", "10", "10", id="one that was never recorded"),
        pytest.param("android", "14", "14", id="itself"),
        pytest.param("android", "99", "17", id="newer than all"),
        pytest.param("ios", "13.0", "13", id="with a zero"),
        pytest.param("ios", "12.2", "12.1.3", id="between two: the store of the one before"),
        pytest.param("ios", "15.1", "15.1", id="minor"),
        pytest.param("ios", "$(TARGET)", "12", id="no version"),
        pytest.param("any", "9", "", id="no releases"),
    ],
)
def test_the_releases_from_a_minimum_on(platform, minimum, first):
    releases = TRUST.releases(platform, minimum)
    assert releases == RELEASES[platform][RELEASES[platform].index(Release(platform, first)) :]


def test_an_added_anchor_is_in_every_store():
    root = Authority("Extra")
    anchor = trust.load([root.der]).anchors[certificates.open_der(root.der).digest]
    assert (anchor.releases, anchor.der, anchor.name) == (EVERY, root.der, "Extra")


def test_a_root_that_is_added_again_is_in_every_store():
    (x2,) = [anchor for anchor in TRUST.anchors.values() if anchor.name == "ISRG Root X2"]
    assert trust.load([x2.der]).anchors[x2.digest].releases == EVERY


def test_files_of_anchors():
    one, two = Authority("One"), Authority("Two")
    assert trust.anchors_of("ca.pem", one.pem + b"\n" + two.pem) == (one.der, two.der)
    assert trust.anchors_of("ca.der", one.der) == (one.der,)
    with pytest.raises(UsageError, match=r"^ca\.pem: no trust anchor can be read from it"):
        trust.anchors_of("ca.pem", b"nothing")


def test_a_name_with_commas_is_written_as_rfc_4514_wants_it():
    (anchor,) = trust.anchors([Authority('A, "B"').der])
    assert anchor.name == 'A, "B"'
    assert anchor._replace(der=b"").certificate.subject == anchor.certificate.subject


def test_real_roots_are_self_consistent():
    """Each of Mozilla's roots, served as if it were a leaf, is found as an anchor by name and key."""
    for anchor in list(TRUST.anchors.values())[:40]:
        if anchor.der:
            built = paths.build([anchor.der], "host.example", NOW, TRUST)
            assert (built.paths, built.fault) == ((), "wrong-name")
            assert b64encode(built.leaf.spki.digest) == b64encode(anchor.spki)
