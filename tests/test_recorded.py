"""Recordings: what is saved is loaded again, and whatever is wrong with a file is said."""

import json
import os
import time
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pincheck import __version__, recorded, schemas
from pincheck.errors import UsageError
from pincheck.model.chains import Failure, Observation, Offer, Target

AT = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
SHOP, PAY = Target("api.shop.example"), Target("pay.shop.example", 8443)
LEAF, ISSUING = b"leaf", b"issuing"
SEEN = (
    Observation(SHOP, AT, "203.0.113.7", "default", (LEAF, ISSUING), "TLSv1.3"),
    Observation(SHOP, AT, "203.0.113.7", "rsa", failure=Failure("absent", "no RSA certificate")),
    Observation(PAY, AT, failure=Failure("unresolved", "no such name")),
)
VALIDATOR = Draft202012Validator(json.loads(schemas.text("recording")))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "live.json"


def test_the_schema_is_one_and_describes_every_property():
    schema = json.loads(schemas.text("recording"))
    Draft202012Validator.check_schema(schema)
    nameless = []

    def walk(node: Any, place: str) -> None:
        for name, value in node.get("properties", {}).items():
            if "description" not in value:
                nameless.append(f"{place}.{name}")
            walk(value, f"{place}.{name}")
        if "properties" in node:
            always = sorted(set(node["properties"]) - {"shard"})
            assert (node["additionalProperties"], sorted(node["required"])) == (False, always)
        if isinstance(node.get("items"), dict):
            walk(node["items"], place)

    walk(schema, "")
    for name, value in schema["$defs"].items():
        walk(value, name)
    assert nameless == []


PUBLISHED = """\
{
"version": 1,
"tool": {"name": "pincheck", "version": "VERSION"},
"when": "2026-11-20T03:04:05Z",
"certificates": {
"HASH": "bGVhZg=="
},
"observations": [
{"host": "api.shop.example", "port": 443, "address": "203.0.113.7", "offer": "default", "at": "2026-11-20T03:04:05Z", "protocol": "TLSv1.3", "served": ["HASH", "HASH"], "failure": null},
{"host": "pay.shop.example", "port": 8443, "address": null, "offer": "rsa", "at": "2026-11-20T03:04:05Z", "protocol": null, "served": [], "failure": {"kind": "unresolved", "reason": "no such name"}}
]
}
""".replace("VERSION", __version__).replace("HASH", sha256(LEAF).hexdigest())


def test_it_reads_as_published(file: Path):
    failed = Observation(PAY, AT, offer="rsa", failure=Failure("unresolved", "no such name"))
    recorded.save(str(file), [SEEN[0]._replace(served=(LEAF, LEAF)), failed], AT)
    assert file.read_text() == PUBLISHED
    assert list(VALIDATOR.iter_errors(json.loads(PUBLISHED))) == []


def test_the_same_observations_give_the_same_bytes(file: Path):
    recorded.save(str(file), SEEN, AT)
    first = file.read_bytes()
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    moved = [each._replace(at=each.at.astimezone(elsewhere)) for each in SEEN]
    recorded.save(str(file), moved, AT.astimezone(elsewhere))
    assert file.read_bytes() == first


def test_those_asked_for_come_in_the_order_asked(file: Path):
    recorded.save(str(file), SEEN, AT)
    absent = Target("new.shop.example")
    skipped = Failure("skipped", "not in the recording of 2026-11-20")
    assert recorded.load(str(file), [PAY, absent, SHOP], AT) == (
        (SEEN[2], Observation(absent, AT, failure=skipped), *SEEN[:2]),
        (),
    )


@pytest.mark.parametrize(
    ("days", "notes"),
    [
        pytest.param(0, (), id="now"),
        pytest.param(7, (), id="a week"),
        pytest.param(
            12, ("the recording is 12 days old: hosts may serve other certificates by now",), id="stale"
        ),
        pytest.param(
            -1,
            ("the recording is of 2026-11-20, a day yet to come: is a clock wrong?",),
            id="from the future",
        ),
    ],
)
def test_its_age_is_told(file: Path, days: int, notes: tuple[str, ...]):
    recorded.save(str(file), SEEN, AT)
    assert recorded.load(str(file), [SHOP], AT + timedelta(days=days)).notes == notes


# any observations ------------------------------------------------------------

HOSTS = st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}", fullmatch=True)
TARGETS = st.builds(Target, HOSTS, st.integers(1, 65535))
TIMES = st.datetimes(timezones=st.just(UTC), min_value=AT.replace(tzinfo=None, year=1970))
READABLE = st.text(st.characters(exclude_categories=("C", "Z")))
FAILURES = st.builds(
    Failure,
    st.sampled_from(get_args(Failure.__annotations__["kind"])),
    READABLE.filter(lambda t: ":" not in t),
)
LOOK = st.builds(
    Observation,
    TARGETS,
    TIMES,
    st.just("") | st.ip_addresses().map(str),
    st.sampled_from(get_args(Offer)),
    served=st.just(()),
    failure=st.none(),
    protocol=st.sampled_from(["", "TLSv1.3", "TLSv1.2", "TLSv1", "SSLv3"]),
)
LOOKS = st.tuples(LOOK, st.lists(st.binary(max_size=40), min_size=1, max_size=4)).map(
    lambda pair: pair[0]._replace(served=tuple(pair[1]))
) | st.tuples(LOOK, FAILURES).map(lambda pair: pair[0]._replace(failure=pair[1]))


@settings(max_examples=200)
@given(looks=st.lists(LOOKS, max_size=6), at=TIMES)
def test_what_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, looks: list[Observation], at: datetime
):
    file = tmp_path_factory.getbasetemp() / "round-trip.json"
    recorded.save(str(file), looks, at)
    targets = list(dict.fromkeys(look.target for look in looks))
    expected = [look for target in targets for look in looks if look.target == target]
    assert recorded.load(str(file), targets, at) == (tuple(expected), ())
    assert list(VALIDATOR.iter_errors(json.loads(file.read_text()))) == []


# faults ----------------------------------------------------------------------


def document(**changed: Any) -> dict[str, Any]:
    return json.loads(PUBLISHED) | changed


def look(**changed: Any) -> dict[str, Any]:
    return document(observations=[json.loads(PUBLISHED)["observations"][0] | changed])


def without(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key != name}


def fault(file: Path, content: Any) -> str:
    text = content if isinstance(content, bytes | str) else json.dumps(content)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return refusal(file)


def refusal(file: Path) -> str:
    """What is wrong with the file; empty if nothing is."""
    try:
        recorded.load(str(file), [SHOP], AT)
    except UsageError as error:
        return str(error).removeprefix(f"{file}: ")
    return ""


SHORT = document()["observations"]
BY_SCHEMA = {
    "no object": ([], "must be an object, not a list"),
    "empty object": ({}, '"certificates" is missing'),
    "a later version": (document(version=2), "version 2 of the format; this pincheck reads version 1"),
    "a version in quotes": (document(version="1"), "version: must be the number 1"),
    "no version": (without("version", document()), '"version" is missing'),
    "a key too many": (document(extra=1), 'unknown key "extra"'),
    "an escape for a key": (document(**{"\x1b[31m": 1}), 'unknown key "\\x1b[31m"'),
    "another tool": (document(tool={"name": "x", "version": "1"}), 'tool.name: must be "pincheck"'),
    "no tool": (document(tool=None), "tool: must be an object, not null"),
    "no time": (document(when="yesterday"), "when: must be a time such as 2026-11-20T03:04:05Z"),
    "a local time": (document(when="2026-11-20T03:04:05+01:00"), "when: must be a time such as 2026-11-20T03:04:05Z"),
    "certificates in a list": (document(certificates=[]), "certificates: must be an object, not a list"),
    "a certificate under a name": (
        document(certificates={"leaf": "bGVhZg=="}), "certificates.leaf: must be a SHA-256 in lower-case hex"
    ),
    "a certificate that is a number": (
        document(certificates={sha256(LEAF).hexdigest(): 1}),
        f"certificates.{sha256(LEAF).hexdigest()}: must be a text, not a number",
    ),
    "observations by name": (document(observations={}), "observations: must be a list, not an object"),
    "an observation that is null": (document(observations=[None]), "observations[0]: must be an object, not null"),
    "the second is wrong": (
        document(observations=[SHORT[0], SHORT[1] | {"port": 0}]),
        "observations[1].port: must be a number from 1 to 65535",
    ),
    "a key too few": (document(observations=[without("at", SHORT[0])]), 'observations[0]: "at" is missing'),
    "no host": (look(host=""), "observations[0].host: must have 1 to 255 characters"),
    "a host that is a list": (look(host=["a"]), "observations[0].host: must be a text, not a list"),
    "a port that is true": (look(port=True), "observations[0].port: must be a number from 1 to 65535"),
    "a port in quotes": (look(port="443"), "observations[0].port: must be a number from 1 to 65535"),
    "an address that is a number": (look(address=7), "observations[0].address: must be null or an IP address"),
    "another offer": (look(offer="all"), "observations[0].offer: must be one of default, rsa, ecdsa"),
    "an offer that is a list": (look(offer=[]), "observations[0].offer: must be one of default, rsa, ecdsa"),
    "another protocol": (look(protocol="QUIC"), "observations[0].protocol: must be null or such as TLSv1.3"),
    "served is one text": (look(served="x"), "observations[0].served: must be a list, not a text"),
    "served is no hash": (look(served=["x"]), "observations[0].served[0]: names no certificate of the recording"),
    "another failure": (
        look(failure={"kind": "tired", "reason": ""}, served=[]),
        "observations[0].failure.kind: must be one of unresolved, forbidden, unreachable, handshake, absent, skipped",
    ),
    "a failure in a word": (look(failure="timeout", served=[]), "observations[0].failure: must be an object, not a text"),
    "a reason without end": (
        look(failure={"kind": "absent", "reason": "x" * 4001}, served=[]),
        "observations[0].failure.reason: must have 0 to 4,000 characters",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_SCHEMA)
def test_what_the_schema_forbids_is_refused_in_words(file: Path, name: str):
    content, message = BY_SCHEMA[name]
    assert fault(file, content) == message
    assert not VALIDATOR.is_valid(content)


BEYOND_SCHEMA = {
    "nothing": (b"", "line 1: no JSON: Expecting value; record anew"),
    "cut off": (PUBLISHED[:-4], "line 11: no JSON: Expecting ',' delimiter; record anew"),
    "no UTF-8": (b'{"\xff": 1}', "no UTF-8; record anew"),
    "not a number": ('{"version": NaN}', "NaN is no JSON; record anew"),
    "endless digits": ('{"version": ' + "1" * 5000 + "}", "holds a number of too many digits; record anew"),
    "nested": ("[" * 100_000, "nested too deep; record anew"),
    "too many values": ("[" * 3_000_001, "more than 3,000,000 values"),
    "another certificate": (
        document(certificates={sha256(LEAF).hexdigest(): "bGVhZw=="}),
        f"certificates.{sha256(LEAF).hexdigest()}: the certificate has another SHA-256;"
        " the file was changed after it was made",
    ),
    "base64 with a hole": (
        document(certificates={sha256(LEAF).hexdigest(): "bGVhZ"}),
        f"certificates.{sha256(LEAF).hexdigest()}: no base64",
    ),
    "a certificate that is not there": (
        look(served=["0" * 64]), "observations[0].served[0]: names no certificate of the recording"
    ),
    "the 30th of February": (
        look(at="2026-02-30T00:00:00Z"), "observations[0].at: must be a time such as 2026-11-20T03:04:05Z"
    ),
    "no address": (look(address="example.com"), "observations[0].address: must be null or an IP address"),
    "an address with an escape": (
        look(address="fe80::1%\x1b[2J"), "observations[0].address: must be null or an IP address"
    ),
    "neither": (look(served=[]), "observations[0]: must hold either served certificates or a failure"),
    "both": (
        look(failure={"kind": "absent", "reason": ""}),
        "observations[0]: must hold either served certificates or a failure",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BEYOND_SCHEMA)
def test_what_a_schema_cannot_say_is_refused_in_words(file: Path, name: str):
    content, message = BEYOND_SCHEMA[name]
    assert fault(file, content) == message


PATHS = st.sampled_from(
    [("when",), ("tool",), ("version",), ("certificates",), ("observations",), ("observations", 0)]
    + [("observations", 0, key) for key in SHORT[0]]
    + [("observations", 1, "failure"), ("observations", 1, "failure", "kind"), ("tool", "name")]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(sha256(LEAF).hexdigest()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=500)
@given(path=PATHS, junk=JUNK)
def test_it_takes_nothing_that_the_schema_forbids(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], junk: Any
):
    content = document()
    node = content
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = junk
    file = tmp_path_factory.getbasetemp() / "junk.json"
    file.write_text(json.dumps(content))
    assert refusal(file) or VALIDATOR.is_valid(content)


@settings(max_examples=200)
@given(data=st.data())
def test_changed_bytes_never_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    content = bytearray(PUBLISHED.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "changed.json"
    file.write_bytes(content)
    assert refusal(file).isprintable()


def test_a_reason_cannot_act(file: Path):
    bad = look(failure={"kind": "handshake", "reason": "::error::\x1b[31mred\nnext"}, served=[])
    file.write_text(json.dumps(bad))
    (observation,) = recorded.load(str(file), [SHOP], AT).observations
    assert observation.failure == Failure("handshake", r"\x3a:error::\x1b[31mred\x0anext")
    recorded.save(str(file), [observation], AT)
    assert recorded.load(str(file), [SHOP], AT).observations == (observation,)


# files -----------------------------------------------------------------------


def test_what_is_no_file_is_not_read(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    found = []
    for name in (str(tmp_path), str(tmp_path / "pipe"), "/dev/zero", str(tmp_path / "none"), "a\0b"):
        with pytest.raises(UsageError) as raised:
            recorded.load(name, [SHOP], AT)
        found.append(str(raised.value))
    assert found == [
        f"{tmp_path}: is a folder, not a file",
        f"{tmp_path}/pipe: is a device, not a file",
        "/dev/zero: is a device, not a file",
        f"{tmp_path}/none: cannot be read: No such file or directory",
        "a\x00b: cannot be read: embedded null byte",
    ]


def test_a_huge_file_is_not_read(file: Path):
    file.touch()
    os.truncate(file, recorded.MAX_BYTES + 1)
    with pytest.raises(UsageError, match="is larger than 128 MB"):
        recorded.load(str(file), [SHOP], AT)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link").symlink_to("precious")
    recorded.save(str(tmp_path / "link"), SEEN, AT)
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "precious").read_text() == "precious"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "precious"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path):
    found = []
    for name in (str(tmp_path), "/dev/null", str(tmp_path / "no/file"), str(tmp_path / "a\0b")):
        with pytest.raises(UsageError) as raised:
            recorded.save(name, SEEN, AT)
        found.append(str(raised.value))
    assert found == [
        f"{tmp_path}: is a folder or a device; name a file",
        "/dev/null: is a folder or a device; name a file",
        f"{tmp_path}/no/file: cannot be written: No such file or directory",
        f"{tmp_path}/a\x00b: cannot be written: embedded null byte",
    ]
    assert list(tmp_path.iterdir()) == []


def test_ten_thousand_observations_are_quick(file: Path):
    targets = [Target(f"host{number}.shop.example") for number in range(10_000)]
    chains = [(number.to_bytes(4) * 300, ISSUING * 200) for number in range(10_000)]
    looks = [
        Observation(target, AT, "203.0.113.7", served=chain, protocol="TLSv1.3")
        for target, chain in zip(targets, chains, strict=True)
    ]
    recorded.save(str(file), looks, AT)
    start = time.perf_counter()
    assert recorded.load(str(file), targets, AT).observations == tuple(looks)
    took = time.perf_counter() - start
    print(f"{took:.2f} s for {file.stat().st_size / 1e6:.0f} MB")
    assert took < 3  # 0.3 s on an idle machine
