"""Host patterns and pin texts mean to pincheck what they mean to OkHttp 3.13.1, 4.12.0 and 5.5.0.

Both are asked about every case, and agree on all: whether the text is refused, and if not, which hosts
the pattern applies to and which keys the pin meets. The hosts are those that OkHttp compares: canonical,
in lower case. Left out, because pincheck brings names outside ASCII into it by Python's tables of Unicode:

* 3.13.1 and 4.12.0: capital letters that had no small form in Unicode 3.2 (U+04C0, U+10A0 to U+10C5, …);
* 5.5.0: characters newer than Python's tables.
"""

import base64
import random
import re
import unicodedata
from collections.abc import Callable
from stringprep import in_table_a1

import pytest
from okhttp_cases import CERTIFICATES, HOSTS, PATTERNS, PINS, random_pattern, random_pin
from pinner import VERSIONS, ask

from pincheck.model import DeclaredHost, HostPattern, Location, Semantics, Text
from pincheck.parsers._okhttp_client import semantics_for
from pincheck.pki import certificates
from pincheck.readers.host_text import read_host
from pincheck.readers.pin_text import pin_fault, read_pin

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

AT = Location("a", 1, 1, 1, 2)
SEED = 20261124
CANONICAL = r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:]+)"


def drawn(picked: tuple[str, ...], draw: Callable[[random.Random], str], count: int) -> list[str]:
    """The picked texts and random ones, each once."""
    source = random.Random(SEED)
    return list(dict.fromkeys([*picked, *(draw(source) for _ in range(count))]))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pattern_applies_to_the_same_hosts(version: str) -> None:
    semantics = semantics_for(version)
    cases = [(text, hosts_near(text, semantics)) for text in drawn(PATTERNS, random_pattern, 3000)]
    answers = ask(version, [("host", text, *hosts) for text, hosts in cases])
    assert sum(len(hosts) for _, hosts in cases) > 20_000

    differing = []
    for (text, hosts), answer in zip(cases, answers, strict=True):
        pattern = read_host(DeclaredHost(text, AT), semantics)
        expected = said_of_hosts(pattern, hosts, semantics)
        if answer != expected:
            differing.append((text, hosts, answer, expected))
        elif pattern.fault and any(ordinary(host, text) for host in applied(hosts, answer)):
            differing.append((text, hosts, answer, pattern.fault.what))
    assert differing == []
    assert {"refused"} < set(answers)


def said_of_hosts(pattern: HostPattern, hosts: list[str], semantics: Semantics) -> str:
    """The answer that OkHttp should give, by pincheck."""
    if pattern.fault and pattern.fault.effect == semantics.hosts.refused:
        return "refused"
    compared = pattern._replace(fault=None)
    return "".join("y" if compared.matches(host) else "n" for host in hosts)


def applied(hosts: list[str], answer: str) -> list[str]:
    if answer == "refused":
        return []
    return [host for host, said in zip(hosts, answer, strict=True) if said == "y"]


def ordinary(host: str, text: str) -> bool:
    """A host that people write: not with a dot at the end, not the ``https`` of a pattern ``https://…``."""
    scheme = re.escape(host.rpartition(".")[2])
    return not host.endswith(".") and not re.match(rf"(\*\.)?{scheme}://", text.lower())


def hosts_near(text: str, semantics: Semantics) -> list[str]:
    """Hosts that a pattern might apply to: by its text, by what pincheck compares, and some at large."""
    name = read_host(DeclaredHost(text, AT), semantics).name
    near = [text.lower(), text.lower().strip("*./: "), name, name.partition(".")[2]]
    found = [part for one in near for part in (one, f"x.{one}", f"x.y.{one}", f"x{one}", f"{one}.")]
    return [host for host in dict.fromkeys([*found, *HOSTS]) if re.fullmatch(CANONICAL, host)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_character_outside_ascii_becomes_the_same(version: str) -> None:
    semantics = semantics_for(version)
    characters = [one for one in map(chr, (*range(0x80, 0x3400), *range(0xA640, 0xAC00), *range(0xF900, 0x10500)))
                  if comparable(one, semantics)]  # fmt: skip
    patterns = [read_host(DeclaredHost(f"a{one}b.test", AT), semantics) for one in characters]
    answers = ask(version, [("host", pattern.text, pattern.name) for pattern in patterns])
    expected = [said_of_hosts(pattern, [pattern.name], semantics) for pattern in patterns]
    assert len(answers) > 15_000
    assert [
        (pattern.text, pattern.name, answer)
        for pattern, answer, wanted in zip(patterns, answers, expected, strict=True)
        if answer != wanted
    ] == []


def comparable(character: str, semantics: Semantics) -> bool:
    """Whether pincheck's tables of Unicode know the character as OkHttp's do; see above."""
    if semantics.hosts.unicode == "uts46":
        return unicodedata.category(character) not in ("Cn", "Cs")
    capital = unicodedata.category(character) == "Lu"
    return not (capital and in_table_a1(character.lower()[0]) and not in_table_a1(character))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pin_text_meets_the_same_keys(version: str) -> None:
    semantics = semantics_for(version)
    texts = drawn(PINS, random_pin, 7000)
    known = [("certificate", certificate) for certificate in CERTIFICATES]
    pins, answers = split(ask(version, [*known, *(("pin", text) for text in texts)]), len(known))
    assert pins == [f"sha256/{certificates.read(one)[0].spki.base64}" for one in CERTIFICATES]
    assert len(texts) > 4000

    differing = []
    for text, answer in zip(texts, answers, strict=True):
        expected = said_of_pin(text, semantics)
        if answer != expected:
            differing.append((text, answer, expected))
    assert differing == []
    assert {"refused", "nnn", "ynn", "nyn", "nny"} == set(answers)


def split(items: list[str], at: int) -> tuple[list[str], list[str]]:
    return items[:at], items[at:]


def said_of_pin(text: str, semantics: Semantics) -> str:
    """The answer that OkHttp should give, by pincheck."""
    pin = read_pin(Text(text, AT), semantics)
    fault = pin_fault(text, semantics)
    assert pin.placeholder or pin.fault == fault
    if fault:
        assert fault.effect in (semantics.refused_pin, "never matches")
        return "refused" if fault.effect == semantics.refused_pin else "n" * len(CERTIFICATES)
    assert pin.pin
    written = f"{pin.pin.algorithm}/{base64.b64encode(pin.pin.digest).decode()}"
    return "".join("y" if written in spellings else "n" for spellings in CERTIFICATES.values())
