"""The pipeline: what one source costs the others, and what an observer may add."""

from datetime import UTC, date, datetime

from scanning import KEY_A, KEY_B

from pincheck import registry, scan
from pincheck.model import Context, NotChecked, SourceFile
from pincheck.model.chains import Failure, Observation, Target
from pincheck.pki.trust import Trust

NSC = (
    "<network-security-config><domain-config><domain>shop.example</domain><pin-set>"
    f'<pin digest="SHA-256">{KEY_A}</pin><pin digest="SHA-256">{KEY_B}</pin>'
    "</pin-set></domain-config></network-security-config>"
).encode()
CONTEXT = Context(date(2026, 11, 23))


def failing(source):
    raise KeyError("a bug of ours")
    yield


def test_a_parser_that_fails_costs_only_its_file():
    broken = registry.Parser("broken", ("*.bad",), (), failing)
    sources = [SourceFile("a.bad", b""), SourceFile("res/xml/b.xml", NSC)]
    report = scan.scan(sources, (*registry.parsers(), broken), CONTEXT)
    assert report.not_checked == (
        NotChecked("a.bad", "pincheck failed on it (KeyError): a bug worth reporting"),
    )
    assert [pin_set.host_names for pin_set in report.project.pin_sets] == [("shop.example",)]


def test_an_observer_is_asked_for_the_hosts_that_are_named_exactly():
    asked = []

    def observe(targets):
        asked.extend(targets)
        failure = Failure("unreachable", "down")
        return [
            Observation(target, datetime(2026, 11, 23, tzinfo=UTC), failure=failure) for target in targets
        ]

    eyes = scan.Observer(observe, Trust([]))
    report = scan.scan([SourceFile("res/xml/b.xml", NSC)], registry.parsers(), CONTEXT, eyes)
    assert asked == [Target("shop.example")]
    assert report.not_checked == (NotChecked("shop.example", "down", is_path=False),)
    assert [finding.rule for finding in report.findings] == ["host-unreachable", "missing-expiry"]


def test_ports_are_those_of_urls():
    asked = []
    url = SourceFile("src/Api.kt", b'val base = "https://shop.example:8443/v1"')
    eyes = scan.Observer(lambda targets: asked.extend(targets) or [], Trust([]), lambda hosts: [url])
    scan.scan([SourceFile("res/xml/b.xml", NSC)], registry.parsers(), CONTEXT, eyes)
    assert asked == [Target("shop.example", 8443)]
