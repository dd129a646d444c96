"""Whose keys pins are, and how that is known."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import HOST, at, pin_set, project
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from scanning import KEY_A, KEY_B, TODAY
from whose import AMAZON, GEOTRUST, ISRG, OWN, R12, TABLE, X1, spki
from worlds import PEM, Authority, Leaf, new_key

from pincheck.identify import Evidence, defects, gather, identify, seen_keys
from pincheck.match import match
from pincheck.model import Defect, HostPolicy, Pin, Policy, StatedPin
from pincheck.model.chains import Observation, Survey, Target
from pincheck.model.knowledge import CaKey, Identity
from pincheck.pki import root_stores
from pincheck.pki.trust import RELEASES, Trust, anchors
from pincheck.run import Request, check

AT = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def identified(pins: tuple[str, ...], survey: Survey | None = None, **given: Any) -> dict[Pin, Identity]:
    policy = given.pop("policy", Policy())
    return identify(project(pin_set(*pins)), survey, policy, given.pop("find", TABLE.get), **given)


def says(*pins: StatedPin, host: str = HOST) -> Policy:
    return Policy(hosts=(HostPolicy(host, at(3, ".pincheck.yml"), pins),))


def states(text: str, **words: Any) -> StatedPin:
    return StatedPin(text, spki(text), at(7, ".pincheck.yml"), **words)


# the table ---------------------------------------------------------------------


def test_a_key_of_the_table() -> None:
    ca = TABLE[spki(R12)]
    assert identified((R12, OWN)) == {
        spki(R12): Identity("ca-table", "intermediate", "R12", frozenset([ISRG]), ca=ca)
    }


def test_only_keys_that_are_pinned_are_looked_up() -> None:
    asked: list[Pin] = []
    identified((X1, X1, "A" * 43 + "=", "no pin"), find=asked.append)
    assert asked == [spki(X1)]


def test_the_table_is_stronger_than_words() -> None:
    found = identified((X1,), policy=says(states(X1, ca="Amazon")))
    assert (found[spki(X1)].source, found[spki(X1)].family, found[spki(X1)].at) == (
        "ca-table",
        frozenset([ISRG]),
        at(7, ".pincheck.yml"),
    )


# chains --------------------------------------------------------------------------


@dataclass
class World:
    """A root, an issuing CA and the leaf of a host."""

    root: Authority
    issuing: Authority
    leaf: Leaf

    def survey(self, *pins: str, trusted: bool = True) -> Survey:
        seen = Observation(Target(HOST), AT, "203.0.113.7", served=self.leaf.chain, protocol="TLSv1.3")
        trust = Trust(anchors([self.root.der]) if trusted else ())
        return match(project(pin_set(*pins)), [seen], trust, Policy(), TODAY)


@pytest.fixture(scope="module")
def world() -> World:
    root = Authority("Root", start=START)
    issuing = root.issue("Issuing CA", start=START)
    return World(root, issuing, issuing.leaf(HOST, start=START, end=END))


def ca_of(authority: Authority, *roots: str, operator: str = "Good CA") -> dict[Pin, CaKey]:
    key = spki(authority.pin)
    name = authority.name
    return {key: CaKey(key, "intermediate", operator, roots or (operator,), name, START.date(), END.date())}


def test_a_leaf_has_the_family_of_the_nearest_known_ca(world: World) -> None:
    pins = (world.leaf.pin, world.issuing.pin)
    table = ca_of(world.issuing, "Big CA") | ca_of(world.root, operator="Other CA")
    found = identified(pins, world.survey(*pins), find=table.get)
    assert found[spki(world.leaf.pin)] == Identity("observed", "leaf", HOST, frozenset(["Big CA"]))
    assert found[spki(world.issuing.pin)].source == "ca-table"


def test_a_root_of_the_table_is_enough(world: World) -> None:
    pins = (world.leaf.pin, world.issuing.pin)
    found = identified(pins, world.survey(*pins), find=ca_of(world.root).get)
    assert [found[spki(pin)].family for pin in pins] == [{"Good CA"}, {"Good CA"}]


def test_a_ca_of_ones_own_has_no_family(world: World) -> None:
    pins = (world.leaf.pin, world.issuing.pin, world.root.pin)
    assert identified(pins, world.survey(*pins), find={}.get) == {
        spki(world.leaf.pin): Identity("observed", "leaf", HOST),
        spki(world.issuing.pin): Identity("observed", "intermediate", "Issuing CA"),
        spki(world.root.pin): Identity("observed", "root", "Root"),
    }


def test_a_chain_that_leads_nowhere_shows_nothing(world: World) -> None:
    survey = world.survey(world.leaf.pin, trusted=False)
    assert identified((world.leaf.pin,), survey) == {}
    assert (seen_keys(survey), seen_keys(None)) == ({}, {})
    keys = frozenset(map(spki, (world.leaf.pin, world.issuing.pin, world.root.pin)))
    assert seen_keys(world.survey(world.leaf.pin)) == {HOST: keys}


# the configuration -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({}, None, id="a pin and no word"),
        pytest.param({"role": "backup"}, None, id="what it is for is no evidence"),
        pytest.param({"key": "offline"}, Identity("stated", "key", "", offline=True), id="offline"),
        pytest.param({"ca": "Sectigo"}, Identity("stated", "", "", frozenset(["Sectigo"])), id="a CA"),
        pytest.param(
            {"ca": "lets encrypt"}, Identity("stated", "", "", frozenset([ISRG])), id="a CA by its brand"
        ),
        pytest.param(
            {"ca": "ISRG Root X1"}, Identity("stated", "", "", frozenset([ISRG])), id="a CA by its root"
        ),
        pytest.param(
            {"ca": "Amazon"}, Identity("stated", "", "", frozenset(["Amazon Trust Services"])), id="in short"
        ),
        pytest.param({"owner": "ops"}, Identity("stated", "key", "key of ops"), id="an owner"),
        pytest.param({"created": "2026-01-01"}, Identity("stated", "key"), id="a date"),
        pytest.param({"file": "gone.csr"}, None, id="a file that is not there"),
    ],
)
def test_what_is_stated(words: dict[str, str], expected: Identity | None) -> None:
    found = identified((OWN, X1, AMAZON), policy=says(states(OWN, **words)))
    assert found.get(spki(OWN)) == (expected and expected._replace(at=at(7, ".pincheck.yml")))


def test_the_fullest_words_count() -> None:
    policy = says(states(OWN), states(OWN, ca="Sectigo"), states(OWN, owner="ops"))
    assert identified((OWN,), policy=policy)[spki(OWN)].family == {"Sectigo"}


KEY = new_key()


def csr() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "spare")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(KEY, hashes.SHA256())
    return request.public_bytes(PEM)


def public() -> bytes:
    return KEY.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private() -> bytes:
    no_password = serialization.NoEncryption()
    return KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, no_password)


def key_pin() -> str:
    return Authority("x", key=KEY).pin


@pytest.mark.parametrize(
    ("data", "role", "name"),
    [
        pytest.param(csr(), "key", "certificate request in a.file", id="CSR"),
        pytest.param(public(), "key", "public key in a.file", id="public key"),
        pytest.param(Authority("Own CA", key=KEY).pem, "root", "Own CA in a.file", id="certificate of a CA"),
        pytest.param(
            Authority("Any").leaf(HOST, key=KEY).certificate.public_bytes(PEM),
            "leaf",
            f"{HOST} in a.file",
            id="leaf",
        ),
    ],
)
def test_a_file_that_holds_the_key(data: bytes, role: Any, name: str) -> None:
    policy = says(states(key_pin(), file="a.file", ca="Sectigo", key="offline"))
    evidence = gather(policy, {"a.file": data}.__getitem__)
    expected = Identity("evidence", role, name, frozenset(["Sectigo"]), True, at(7, ".pincheck.yml"))
    assert identified((key_pin(),), policy=policy, evidence=evidence) == {spki(key_pin()): expected}
    assert list(defects(policy, evidence)) == []


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(
            csr(), f"holds the key {key_pin()[:12]}… and not that of the pin {OWN[:12]}…", id="another key"
        ),
        pytest.param("lies elsewhere", "lies elsewhere", id="not read"),
        pytest.param(b"", "proves nothing (the file is empty)", id="empty"),
        pytest.param(private(), "holds a private key, which belongs in no repository", id="private key"),
        pytest.param(b"\x30" * 300_000, "is larger than 256 KB", id="large"),
    ],
)
def test_a_file_that_does_not_prove_the_pin(data: bytes | str, what: str) -> None:
    policy = says(states(OWN, file="a.file", key="offline"))
    evidence = gather(policy, lambda path: data)
    assert list(defects(policy, evidence)) == [
        Defect(
            "malformed",
            at(7, ".pincheck.yml"),
            f"{HOST}: the evidence a.file {what}, so it does not prove {OWN[:12]}…",
            remedy="name the CSR, certificate or public key of exactly this key, or correct the pin",
            hosts=(HOST,),
        )
    ]
    assert identified((OWN,), policy=policy, evidence=evidence)[spki(OWN)].source == "stated"


def test_a_list_of_hashes_of_the_teams_own() -> None:
    from pincheck.identify import _evidence

    listed = f"# keys of the platform team\n\nsha256/{KEY_A}  spare of 2026\n{KEY_B}\n".encode()
    found = {pin.base64: key for pin, key in _evidence(listed).keys.items()}
    assert found == {KEY_A: ("key", "spare of 2026"), KEY_B: ("key", "listed key")}
    assert _evidence(listed + b"not a pin\n").keys == {}


def test_each_file_is_read_once_and_not_endlessly_many() -> None:
    asked: list[str] = []

    def read(path: str) -> str:
        asked.append(path)
        return "no"

    policy = says(*(states(OWN, file=f"{number % 300}.pem") for number in range(900)))
    found = gather(policy, read)
    assert (len(asked), len(found)) == (200, 300)
    assert found["250.pem"] == Evidence(reason="is one of more than 200 files and was not read")


# in a run ------------------------------------------------------------------------


NSC = """<network-security-config><domain-config><domain>{host}</domain><pin-set expiration="2027-03-01">
<pin digest="SHA-256">{one}</pin><pin digest="SHA-256">{two}</pin>
</pin-set></domain-config></network-security-config>"""
CONFIG = """version: 1
hosts:
  {host}:
    pins:
      - {one}
      - pin: {two}
        file: {file}
"""


def tree(root: Path, file: str) -> Path:
    texts = {"host": HOST, "one": X1, "two": key_pin(), "file": file}
    (root / "repository/res/xml").mkdir(parents=True)
    (root / "repository/res/xml/network_security_config.xml").write_text(NSC.format(**texts))
    (root / "repository/.pincheck.yml").write_text(CONFIG.format(**texts))
    (root / "repository/spare.csr").write_bytes(csr())
    (root / "outside.csr").write_bytes(csr())
    os.symlink(root / "outside.csr", root / "repository/link.csr")
    (root / "repository/.git").mkdir()
    return root / "repository"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        pytest.param("spare.csr", "", id="in the repository"),
        pytest.param("res/../spare.csr", "", id="by another way"),
        pytest.param("gone.csr", "cannot be read: No such file or directory", id="not there"),
        pytest.param("../outside.csr", "lies outside the repository and is not read", id="above"),
        pytest.param("link.csr", "lies outside the repository and is not read", id="a link that leads out"),
        pytest.param("/etc/passwd", "lies outside the repository and is not read", id="absolute"),
        pytest.param("res", "is a folder, not a file", id="a folder"),
    ],
)
def test_evidence_is_read_in_the_repository_only(tmp_path: Path, file: str, said: str) -> None:
    root = tree(tmp_path, file)
    report = check(Request((str(root),), str(root), today=TODAY)).report
    found = [(each.rule, each.at.line, each.message) for each in report.findings if each.severity == "error"]
    message = f"{HOST}: the evidence {file} {said}, so it does not prove {key_pin()[:12]}…"
    assert found == ([("malformed-config", 6, message)] if said else [])
    assert report.knowledge
    assert report.knowledge.of(spki(key_pin())).source == ("unknown" if said else "evidence")


def test_a_run_in_a_folder_finds_the_evidence_beside_the_configuration(tmp_path: Path) -> None:
    root = tree(tmp_path, "spare.csr")
    report = check(Request((str(root / "res"),), str(root / "res"), today=TODAY)).report
    assert report.knowledge
    assert report.knowledge.of(spki(key_pin())).source == "evidence"


# root stores ---------------------------------------------------------------------


def test_the_newest_releases_are_those_of_the_trust_stores() -> None:
    newest = {platform: str(RELEASES[platform][-1]) for platform in ("android", "ios")}  # type: ignore[index]
    assert newest == root_stores.NEWEST


def test_which_platforms_have_dropped_a_root() -> None:
    gone, starfield = spki(GEOTRUST), spki("FfFKxFycfaIz00eRZOgTf+Ne4POK6FgYPwhBDqgqxLQ=")
    found = root_stores.dropping([spki(X1), spki(OWN), gone, starfield])
    assert found == {
        spki(X1): frozenset(),
        spki(OWN): frozenset(),
        gone: {"android", "ios"},
        starfield: {"android"},
    }
    assert root_stores.dropping([]) == {}
