"""What ``pincheck pin --as`` writes is read back by pincheck's own parsers as the same hosts and pins."""

import plistlib
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from scanning import report

from pincheck import config, declare
from pincheck.declare import Entry, Host
from pincheck.model import Pin, Report

HOSTS = ("api.shop.example", "pay.shop.example")


def pin(seed: str) -> Pin:
    return Pin("spki", "sha256", sha256(seed.encode()).digest())


def entry(role: str, seed: str) -> Entry:
    certificate = sha256(f"certificate {seed}".encode()).digest()
    return Entry(role, pin(seed), certificate, datetime(2027, 5, 1, tzinfo=UTC))  # type: ignore[arg-type]


def host(name: str = HOSTS[0], *roles: str) -> Host:
    roles = roles or ("leaf", "leaf")
    return Host(name, tuple(entry(role, f"{name} {number}") for number, role in enumerate(roles)))


INFO = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\nLINES</dict>\n</plist>\n'
FILES = {
    "android-nsc": "app/src/main/res/xml/network_security_config.xml",
    "okhttp": "app/src/main/kotlin/Net.kt",
    "okhttp-java": "app/src/main/java/Pinned.java",
    "ios-ats": "ios/Shop/Info.plist",
    "trustkit": "ios/Shop/Info.plist",
    "trustkit-swift": "ios/Shop/Pinning.swift",
    "rn-ssl-public-key-pinning": "src/pinning.ts",
    "rn-ssl-pinning": "src/net.js",
    "ktor-darwin": "shared/src/iosMain/kotlin/Net.kt",
    "expo": "app.json",
    "libcurl": "src/net.c",
    "wultra": "app/src/main/assets/fingerprints.json",
    "flutter": "lib/net.dart",
    "dotnet": "src/Pinned.cs",
}
"""Where the lines of a format belong."""


def read_back(name: str, hosts: Sequence[Host]) -> Report:
    lines = declare.FORMATS[name].write(hosts)
    return report({FILES[name]: INFO.replace("LINES", lines) if FILES[name].endswith(".plist") else lines})


def digests(name: str, hosts: Sequence[Host]) -> dict[str, set[bytes]]:
    """What is read back, by host."""
    found: dict[str, set[bytes]] = {}
    for pin_set in read_back(name, hosts).project.pin_sets:
        assert [(each.fault, each.suspicion, each.placeholder) for each in pin_set.pins if each.fault] == []
        for pattern in pin_set.hosts:
            assert (pattern.fault, pattern.depth) == (None, "exact")
            found.setdefault(pattern.name, set()).update(each.pin.digest for each in pin_set.pins if each.pin)
    return found


def meant(name: str, hosts: Sequence[Host]) -> dict[str, set[bytes]]:
    whole = declare.FORMATS[name].hashes_certificate
    return {
        each.name: {one.certificate if whole else one.pin.digest for one in each.entries} for each in hosts
    }


def errors(name: str, hosts: Sequence[Host]) -> list[tuple[str, str]]:
    return [(each.rule, each.message) for each in read_back(name, hosts).findings if each.severity == "error"]


SHAPES = {
    "one host": (host(),),
    "two hosts": (host(), host(HOSTS[1])),
    "leaf and CA": (host(HOSTS[0], "leaf", "intermediate"),),
    "all roles": (host(HOSTS[0], "leaf", "leaf", "intermediate", "anchor"),),
    "many pins": (host(HOSTS[0], *["leaf"] * 20),),
    "an A-label": (host("xn--bro-hoa.example"),),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FILES)
def test_what_is_written_is_read_back(name: str, shape: str):
    hosts = SHAPES[shape]
    assert digests(name, hosts) == meant(name, hosts)
    assert read_back(name, hosts).project.gaps == ()
    if (name, shape) != ("ios-ats", "leaf and CA"):
        assert errors(name, hosts) == []


def test_a_lone_leaf_beside_a_lone_ca_is_too_little_for_ios():
    hosts = SHAPES["leaf and CA"]
    assert {rule for rule, _ in errors("ios-ats", hosts)} == {"missing-backup-pin"}
    assert declare.notes(declare.FORMATS["ios-ats"], hosts) == (
        "iOS wants a match in each of the two lists: keep one of them, or add the pin of a spare key to both",
    )


def test_ios_lists_by_role():
    hosts = SHAPES["all roles"]
    info = plistlib.loads(INFO.replace("LINES", declare.FORMATS["ios-ats"].write(hosts)).encode())
    listed = info["NSAppTransportSecurity"]["NSPinnedDomains"][HOSTS[0]]
    pins = [{"SPKI-SHA256-BASE64": each.pin.base64} for each in hosts[0].entries]
    assert listed == {"NSPinnedLeafIdentities": pins[:2], "NSPinnedCAIdentities": pins[2:]}


def test_every_format_is_read_back():
    assert {*FILES, "pincheck"} == set(declare.FORMATS)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_configuration_states_the_same(tmp_path: Path, shape: str):
    hosts = SHAPES[shape]
    (tmp_path / "config.yml").write_text(declare.FORMATS["pincheck"].write(hosts))
    policy = config.load(str(tmp_path / "config.yml"), ".pincheck.yml")
    assert [(each.pattern, [one.pin for one in each.pins]) for each in policy.hosts] == [
        (each.name, [one.pin for one in each.entries]) for each in hosts
    ]


@pytest.mark.parametrize("name", declare.FORMATS)
def test_without_a_host_a_placeholder_stands(name: str):
    nameless = (Host("", host().entries),)
    form = declare.FORMATS[name]
    assert form.write(nameless) == form.write((host("HOST")._replace(entries=host().entries),))
    assert "HOST" in form.write(nameless)
    assert declare.notes(form, nameless)[0] == "no host is known: write its name for HOST"


@pytest.mark.parametrize("name", declare.FORMATS)
def test_a_lone_pin_is_warned_of(name: str):
    form = declare.FORMATS[name]
    expected = {
        1: "api.shop.example has one pin: add that of a spare key, or a new key locks users out",
        2: "api.shop.example has one pin, and the client refuses fewer than 2: add a spare",
    }
    assert declare.notes(form, (host(HOSTS[0], "leaf"),))[-1] == expected[form.least]


HOSTILE = "a\"b'c$d\\e<f>&g\x1b\n${h}\\(i)-->*/"


@pytest.mark.parametrize(
    "name",
    [
        "android-nsc",
        "trustkit",
        "ios-ats",
        "expo",
        "wultra",
        "okhttp",
        "okhttp-java",
        "ktor-darwin",
        "trustkit-swift",
        "rn-ssl-public-key-pinning",
    ],
)
def test_a_host_cannot_leave_its_text(name: str):
    """None of this is a host, and ``pincheck pin`` lets none of it through; the pins stay what they are even so."""
    found = {
        each.pin.digest
        for each_set in read_back(name, (host(HOSTILE),)).project.pin_sets
        for each in each_set.pins
        if each.pin
    }
    whole = declare.FORMATS[name].hashes_certificate
    assert found == {one.certificate if whole else one.pin.digest for one in host(HOSTILE).entries}
