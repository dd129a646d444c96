"""The list of paths against other builders: Android's search done over for each release, OkHttp's, openssl's."""

import itertools
import random
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from worlds import NOW, Authority, Leaf

from pincheck.model.chains import Release
from pincheck.pki import paths, trust
from pincheck.pki.cleaner import basic_cleaner
from pincheck.pki.trust import EVERY, JVM, Trust

HOST = "api.shop.example"
DAY = timedelta(days=1)
SOME = (Release("android", "8"), Release("android", "12"), Release("android", "17"))


class World:
    """A few CAs, any of which may certify any other, some of them late; stores hold some certificates each."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        authorities = [Authority(f"CA {number}") for number in range(dice.randint(2, 5))]
        everything = [authority.certificate for authority in authorities]
        for one in authorities:
            for two in authorities:
                if one is not two and dice.random() < 0.4:
                    end = NOW + (-2 if dice.random() < 0.2 else 700 + dice.randint(0, 9)) * DAY
                    everything.append(one.cross(two, end=end))
        self.leaf = authorities[0].leaf(HOST)
        self.sent = dice.sample(everything, dice.randint(0, len(everything)))
        self.stores = {
            release: dice.sample(everything, dice.randint(0, min(3, len(everything)))) for release in SOME
        }

    @property
    def served(self) -> tuple[bytes, ...]:
        return self.leaf.sending(*self.sent).chain

    @property
    def trust(self) -> Trust:
        return Trust(
            anchor._replace(releases=frozenset({release}))
            for release, store in self.stores.items()
            for anchor in trust.anchors(each.public_bytes(Encoding.DER) for each in store)
        )


def chosen(
    leaf: x509.Certificate, sent: Sequence[x509.Certificate], store: Sequence[x509.Certificate]
) -> list[bytes] | None:
    """What Android's search comes to with one store; keys and digests are all alike here, so only dates rank."""

    def grow(
        served: list[x509.Certificate], anchors: list[x509.Certificate]
    ) -> list[x509.Certificate] | None:
        whole = served + anchors
        current = whole[-1]
        if current.subject == current.issuer:
            return whole if anchors and valid(served) else None
        issuers = [each for each in store if each not in whole and signed(current, each)]
        # Rank as Android does: self-issued first, then the later end, then the later start.
        issuers.sort(
            key=lambda each: (each.subject != each.issuer, -end(each), -each.not_valid_before_utc.timestamp())
        )
        for anchor in issuers:
            if found := grow(served, [*anchors, anchor]):
                return found
        if anchors:
            return whole if not issuers and valid(served) else None
        for other in sent:
            fits = other not in served and current.issuer == other.subject and end(other) > NOW.timestamp()
            if fits and (found := grow([*served, other], [])):
                return found
        return None

    def valid(served: list[x509.Certificate]) -> bool:
        inside = all(signed(one, two) for one, two in itertools.pairwise(served))
        return inside and all(end(each) > NOW.timestamp() for each in served)

    def end(certificate: x509.Certificate) -> float:
        return certificate.not_valid_after_utc.timestamp()

    found = grow([leaf], [])
    return [each.public_bytes(Encoding.DER) for each in found] if found else None


def signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, InvalidSignature):
        return False
    return True


@pytest.mark.parametrize("seed", range(60))
def test_the_first_path_of_a_release_is_the_one_android_chooses(seed):
    world = World(seed)
    built = paths.build(world.served, HOST, NOW, world.trust)
    for release in SOME:
        path = next((path for path in built.paths if release in path.releases), None)
        mine = [each.der for each in path.certificates] if path else None
        assert mine == chosen(world.leaf.certificate, world.sent, world.stores[release]), release
        assert bool(built.why(release)) == (path is None)


@pytest.mark.parametrize("seed", range(60, 90))
def test_openssl_accepts_where_there_is_a_path(seed, tmp_path):
    world = World(seed)
    built = paths.build(world.served, HOST, NOW, world.trust)
    for release in SOME:
        found = [path for path in built.paths if release in path.releases]
        if found and all(path.doubt for path in found):
            continue  # its anchor has expired: Android does not mind, openssl does
        assert bool(found) == openssl_accepts(tmp_path, world.leaf, world.sent, world.stores[release]), (
            release
        )


def openssl_accepts(
    folder: Path,
    leaf: Leaf,
    sent: Sequence[x509.Certificate],
    store: Sequence[x509.Certificate],
    *options: str,
) -> bool:
    def pem(certificates: Sequence[x509.Certificate]) -> bytes:
        return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)

    for name, content in (("leaf", [leaf.certificate]), ("sent", sent), ("store", store)):
        (folder / name).write_bytes(pem(content))
    if not store:
        return False
    command = [
        "openssl", "verify", "-no-CApath", "-no-CAstore", "-partial_chain", "-trusted", "store", "-purpose", "sslserver",
        "-attime", str(int(NOW.timestamp())), *(["-untrusted", "sent"] if sent else []),
        *(options or ("-verify_hostname", HOST)), "leaf",
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=30).returncode == 0


ROOT = Authority("Root")
ISSUING = ROOT.issue("Issuing")
MIDDLE = ROOT.issue("Middle", path_length=0)
CONSTRAINED = ROOT.issue("Inner", permitted=["shop.example"])


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(ISSUING.leaf(HOST), id="ordinary"),
        pytest.param(ISSUING.leaf("*.shop.example"), id="wildcard"),
        pytest.param(ISSUING.leaf("shop.example"), id="wrong name"),
        pytest.param(ISSUING.leaf(HOST, kind="rsa"), id="RSA"),
        pytest.param(ISSUING.leaf(HOST, kind="p521"), id="P-521"),
        pytest.param(ISSUING.leaf(HOST, kind="ed25519"), id="Ed25519"),
        pytest.param(ISSUING.leaf(HOST, key_ids=False), id="no key identifiers"),
        pytest.param(ISSUING.leaf(HOST, critical_names=True), id="critical names"),
        pytest.param(ISSUING.leaf(HOST, start=NOW - 5 * DAY, end=NOW - DAY), id="expired"),
        pytest.param(ISSUING.leaf(HOST, start=NOW + DAY), id="not yet valid"),
        pytest.param(ISSUING.leaf(HOST).sending(), id="no intermediate"),
        pytest.param(
            ROOT.issue("Late", start=NOW - 5 * DAY, end=NOW - DAY).leaf(HOST), id="expired intermediate"
        ),
        pytest.param(MIDDLE.leaf(HOST), id="path length kept"),
        pytest.param(MIDDLE.issue("Below").leaf(HOST), id="path length exceeded"),
        pytest.param(CONSTRAINED.leaf(HOST), id="constraint kept"),
        pytest.param(CONSTRAINED.leaf("other.example", HOST), id="constraint broken"),
        pytest.param(ISSUING.leaf(HOST, purpose=x509.ExtendedKeyUsageOID.CLIENT_AUTH), id="client only"),
        pytest.param(Authority("Root").leaf(HOST), id="another root of that name"),
        pytest.param(Authority("Other").leaf(HOST), id="another root"),
    ],
)
def test_openssl_agrees(leaf, tmp_path):
    built = paths.build(leaf.chain, HOST, NOW, Trust(trust.anchors([ROOT.der])))
    assert bool(built.paths) == openssl_accepts(tmp_path, leaf, leaf.issuers, [ROOT.certificate])


class TestBasicCleaner:
    def test_the_root_is_added(self):
        assert self.cleaned(ISSUING.leaf(HOST), ROOT) == [HOST, "Issuing", "Root"]

    def test_a_trusted_issuer_comes_before_a_served_one(self):
        leaf = ISSUING.leaf(HOST)
        assert self.cleaned(leaf, ISSUING) == [HOST, "Issuing"]
        assert self.cleaned(leaf, ISSUING, ROOT) == [HOST, "Issuing", "Root"]

    def test_it_goes_on_to_served_certificates_above_an_anchor_that_is_not_self_signed(self):
        leaf = ISSUING.leaf(HOST).sending(ROOT.certificate)
        assert self.cleaned(leaf, ISSUING) == [HOST, "Issuing", "Root"]

    def test_order_does_not_matter_and_strangers_are_left_out(self):
        leaf = ISSUING.leaf(HOST).sending(
            Authority("Other").certificate, ROOT.certificate, ISSUING.certificate
        )
        assert self.cleaned(leaf, ROOT) == [HOST, "Issuing", "Root"]

    def test_a_trusted_self_signed_leaf_stands_once(self):
        alone = Authority(HOST)
        leaf = alone.leaf(HOST, key=alone.key, subject=HOST).sending()
        assert basic_cleaner(leaf.chain, Trust(trust.anchors(leaf.chain)))[0].der == leaf.chain[0]

    def test_without_a_trusted_certificate_it_fails(self):
        assert self.cleaned(ISSUING.leaf(HOST), Authority("Root")) is None
        assert self.cleaned(ISSUING.leaf(HOST).sending(), ROOT) is None
        assert basic_cleaner([], Trust([])) is None

    def test_nine_signers_are_too_many_and_eight_are_not(self):
        authorities = [ROOT]
        for number in range(9):
            authorities.append(authorities[-1].issue(f"CA {number}"))
        assert self.cleaned(authorities[8].leaf(HOST), ROOT) is not None
        assert self.cleaned(authorities[9].leaf(HOST), ROOT) is None

    def test_its_chain_is_the_jvms_path(self):
        """Android ends at the anchor; the cleaner goes on to what is served above it."""
        leaf = ISSUING.leaf(HOST).sending(ROOT.certificate)
        first, second = paths.build(leaf.chain, HOST, NOW, Trust(trust.anchors([ISSUING.der]))).paths
        assert ([each.subject for each in first.certificates], first.releases) == (
            [f"CN={HOST}", "CN=Issuing"], EVERY - {JVM},
        )  # fmt: skip
        assert ([each.subject for each in second.certificates], second.releases) == (
            [f"CN={HOST}", "CN=Issuing", "CN=Root"], {JVM},
        )  # fmt: skip

    @staticmethod
    def cleaned(leaf: Leaf, *trusted: Authority) -> list[str] | None:
        found = basic_cleaner(leaf.chain, Trust(trust.anchors(each.der for each in trusted)))
        return [each.subject.removeprefix("CN=") for each in found] if found else None
