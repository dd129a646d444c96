"""A shard's report is read as it was written, and whatever is wrong with a file is said."""

import json
import random
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from builders import KEYS, pin_set
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scanning import KEY_A, TODAY, report
from seen import AMAZON, chain, key, seen

from pincheck import joining, kept, moving, registry, shards
from pincheck.errors import UsageError
from pincheck.kept import Bad, Kept, Part
from pincheck.model import CertificateFile, Location, Pin, PrivateKey, Project, Report
from pincheck.model.chains import Survey
from pincheck.model.knowledge import Identity, Knowledge
from pincheck.moving import Move
from pincheck.shards import Shard

FORMATS = ("terminal", "json", "sarif", "markdown", "github")
NSC = (
    "<network-security-config><domain-config><domain>api.shop.example</domain>\n"
    f'<pin-set><pin digest="SHA-256">{KEY_A}</pin></pin-set></domain-config></network-security-config>'
)


def live() -> Report:
    """A report with everything in it that a live run brings."""
    pins = pin_set(*KEYS)
    verification = seen(pins, chain(AMAZON, key("leaf"), key("issuing"), key("root")))
    observations = tuple(look.observation for look in verification.looks)
    pin = Pin("spki", "sha256", b"\x01" * 32)
    return report({"res/xml/a.xml": NSC})._replace(
        project=Project(pin_sets=(pins,)),
        survey=Survey(observations, (verification,)),
        knowledge=Knowledge(
            {pin: Identity("observed", family=frozenset({"b", "a"}))}, seen={"h": frozenset({pin})}
        ),
    )


def saved(*parts: Part, number: int = 1, of: int = 1) -> Kept:
    return Kept(number, of, "0" * 64, len(parts), TODAY, "normal", False, parts)


def again(value: Kept) -> Kept:
    return kept.read(kept.parsed(kept.text_of(value).encode()))


def test_a_live_report_is_read_as_it_was_written() -> None:
    value = saved(Part("a", live(), True, True, True), Part("b", Report(TODAY), fault="no"))
    assert again(value) == value
    for name in FORMATS:
        assert registry.output_named(name).render(again(value).parts[0].report) == registry.output_named(
            name
        ).render(live())
    assert kept.text_of(again(value)) == kept.text_of(value)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotated type, small ones."""
    plain = {
        str: st.text(max_size=5) | st.sampled_from(["\udcff", "é\x1b"]),
        int: st.integers(1, 2**40),
        bool: st.booleans(),
        bytes: st.binary(max_size=5),
        date: st.dates(),
        datetime: st.datetimes(timezones=st.just(UTC)),
        type(None): st.none(),
    }
    if hint in plain:
        return plain[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, arguments))
    if origin is tuple and arguments[-1] is ...:
        return st.lists(values(arguments[0]), min_size=1, max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if origin is frozenset:
        return st.frozensets(values(arguments[0]), max_size=2)
    if origin is Mapping:
        return st.dictionaries(*map(values, arguments), max_size=2)
    return st.builds(hint, **{name: values(of) for name, of in kept.fields_of(hint).items()})


@given(st.data())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_every_class_of_a_report_is_read_as_it_was_written(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(set(kept._classes()) - {"Kept", "Part", "Report"})))
    kind = kept._classes()[name]
    value = data.draw(values(kind))
    table = kept._Writing()
    table.write(value, kind)
    reading = kept._Reading()
    for line in table.lines:
        reading.take(json.loads(line))
    assert reading.values[-1] == kept_without_keys(value)


def kept_without_keys(value: Any) -> Any:
    return (
        value._replace(data=b"")
        if isinstance(value, PrivateKey | CertificateFile)
        else (
            value._replace(
                **{
                    n: tuple(map(kept_without_keys, getattr(value, n)))
                    for n in ("private_keys", "certificate_files")
                }
            )
            if isinstance(value, Project)
            else value
        )
    )


def test_no_private_key_is_written() -> None:
    pem = "-----BEGIN PRIVATE KEY-----"
    at = Location("k.pem", 1, 1, 1, 2, pem + "c2VjcmV0")
    hidden = PrivateKey(at, "PKCS#8", f"{pem} c2VjcmV0".encode(), beside=pem)
    files = (CertificateFile("a.pem", pem.encode(), ()),)
    text = kept.text_of(
        saved(Part("a", Report(TODAY, project=Project(private_keys=(hidden,), certificate_files=files))))
    )
    assert "BEGIN" not in text
    assert "c2VjcmV0" not in text


@given(st.integers(0, 2**32))
@settings(max_examples=150)
def test_a_file_that_was_changed_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    root = json.loads(TEXT)
    line = chance.choice(root["values"])
    junk: list[Any] = [
        None,
        True,
        -1,
        0,
        3,
        10**30,
        1.5,
        "",
        "x",
        "error",
        [],
        [[]],
        {},
        [0],
        "2026-11-23",
        ["Location"],
    ]
    line[chance.randrange(len(line))] = chance.choice(junk)
    try:
        read = kept.read(root)
    except Bad:
        return
    for name in FORMATS:
        registry.output_named(name).render(joining.joined(read.parts, read.today, read.detail))


TEXT = kept.text_of(saved(Part("a", live())))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param([], "values: must be a list", id="nothing"),
        pytest.param([["Kept", 1]], "values[0]: Kept must have 8 fields, not 1", id="too few fields"),
        pytest.param([["object"]], "values[0]: must be a list that begins with the name of a class", id="class"),
        pytest.param([["Popen", "sh"]], "values[0]: must be a list that begins with the name of a class", id="other"),
        pytest.param([["Target", "a", 443]], "values: must end in a Kept", id="another end"),
        pytest.param([["Target", "a", True]], "values[0]: Target.port must be a number that is not negative", id="bool"),
        pytest.param(
            [["NotChecked", "a", "b", True], ["Lockout", "2026-02-30", "", True, "open"]],
            "values[1]: Lockout.day must be a date such as 2026-11-20", id="day",
        ),
        pytest.param([["Location", "a", 0, 1, 1, 1, ""]], "values[0]: Location must count from 1", id="line 0"),
        pytest.param(
            [["Observation", 0, "", "", "default", [], "", None]],
            "values[0]: Observation.target must be the number of a Target above it", id="itself",
        ),
        pytest.param([["", "!"]], "values[0]: no base64", id="no base64"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(lines: list[Any], why: str) -> None:
    root = json.loads(TEXT) | {"values": lines}
    with pytest.raises(Bad) as error:
        kept.read(root)
    assert str(error.value) == why


def test_a_small_file_that_unfolds_to_a_large_one_is_refused() -> None:
    value = saved(Part("a", live()))
    root = json.loads(kept.text_of(value))
    verification = next(line for line in root["values"] if line[0] == "Verification")
    verification[3] *= 100_000
    survey = next(line for line in root["values"] if line[0] == "Survey")
    survey[2] *= 100_000
    with pytest.raises(Bad, match="more than this pincheck can draw"):
        kept.read(root)


def test_shares_are_stable_and_complete() -> None:
    hosts = [f"{number}.shop.example" for number in range(1000)]
    for of in (1, 2, 7, 300):
        every = [Shard(number, of) for number in range(1, of + 1)]
        assert sorted(host for shard in every for host in filter(shard.holds, hosts)) == sorted(hosts)
        assert sorted(host for shard in every for host in shard.part(hosts)) == sorted(hosts)
    assert [host for host in hosts[:12] if Shard(2, 3).holds(host)] == [
        host for host in hosts if host in hosts[:12] and Shard(2, 3).holds(host)
    ]


def test_missing_shards_are_named() -> None:
    found = [(Shard(number, 9), "x") for number in (2, 9)]
    with pytest.raises(UsageError) as error:
        shards.complete(["a", "b"], found)
    assert str(error.value) == "shard 1/9, 3/9, 4/9, 5/9, 6/9 and 2 more is missing; merge all 9"


def test_the_surest_identity_of_a_pin_counts_and_the_first_among_equals() -> None:
    pin = Pin("spki", "sha256", b"\x01" * 32)
    known = [Identity("stated", name="a"), Identity("evidence", name="b"), Identity("evidence", name="c")]
    parts = [
        Part(name, Report(TODAY, knowledge=Knowledge({pin: each})))
        for name, each in zip("xyz", known, strict=True)
    ]
    joined = joining.joined(reversed(parts), TODAY, "normal")
    assert joined.knowledge
    assert joined.knowledge.of(pin) == known[1]


def test_a_moved_report_is_one_of_its_folder() -> None:
    found = moving.moved(live(), Move("shop/app"))
    assert found.survey
    assert found.survey.verifications[0].pin_sets[0] is found.project.pin_sets[0]
    assert found.project.pin_sets[0].at.path == "shop/app/app/network.xml"
    assert found.survey.observations == live().survey.observations  # type: ignore[union-attr]
    assert [each.at.path for each in found.findings] == ["shop/app/res/xml/a.xml"] * len(live().findings)
    assert moving.moved(live(), Move("")) == live()
