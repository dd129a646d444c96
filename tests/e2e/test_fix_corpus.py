"""Fixes over real declarations of public apps, each damaged in ways that people damage them."""

import json
import plistlib
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from scanning import KEY_C, TODAY

from pincheck import inventory, registry, remedy
from pincheck.again import Again
from pincheck.edits import Page
from pincheck.model import (
    Context,
    DeclaredPin,
    Fix,
    HostPolicy,
    Location,
    Pin,
    PinSet,
    Policy,
    SourceFile,
    StatedPin,
)

FILES = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "files"
REPOSITORIES = sorted(each for each in FILES.iterdir() if each.is_dir()) if FILES.is_dir() else []
PINS_OF_A_FILE = 2
"""Alike in all that matters here; the formats differ, not the pins of one file."""
ANOTHER = Pin("spki", "sha256", b64decode(KEY_C))
"""The key of a public root that no file pins: it may stand among leaves and issuers where both are taken."""
Files = dict[str, bytes]

pytestmark = pytest.mark.skipif(not REPOSITORIES, reason="no corpus of public apps beside the project")


class Run(NamedTuple):
    """A tree, its report's inventory and the fixes of it."""

    files: Files
    again: Again
    fixes: tuple[tuple[str, Fix], ...]
    """With the rule of the finding."""

    @property
    def rows(self) -> Counter[str]:
        """The inventory without lines and columns."""
        found = inventory.rows(self.again.before) + inventory.by_hand(self.again.before)
        return Counter(json.dumps({**row, "line": 0, "column": 0}, sort_keys=True) for row in found)

    def with_fix(self, fix: Fix) -> Files:
        path = fix.edits[0].at.path
        made = Page(path, self.files[path]).with_edits(fix.edits)
        assert made is not None
        return {**self.files, path: made}


def tree(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def look(files: Files, policy: Policy = Policy()) -> Run:
    again = Again(
        [SourceFile(*each) for each in sorted(files.items())], registry.parsers(), Context(TODAY, policy)
    )
    rules = {finding.fingerprint: finding.rule for finding in again.before.findings}
    found = remedy.fixes(again.before, policy, again.read, again)
    return Run(files, again, tuple((rules[fix.fingerprint], fix) for fix in found))


def expect_sound(path: str, data: bytes) -> None:
    """The platform's own grammar still holds, as others read it."""
    text = data.lstrip(b"\xef\xbb\xbf \r\n\t")
    if path.endswith(".plist") and text.startswith(b"<"):
        plistlib.loads(text)
    elif path.endswith(".xml"):
        ElementTree.fromstring(text)
    elif path.endswith(".json"):
        json.loads(data)


def expect_idempotent(fix: Fix, rule: str, mended: Files, policy: Policy = Policy()) -> Run:
    """A second run has nothing to say of what was mended."""
    second = look(mended, policy)
    assert fix.fingerprint not in {each.fingerprint for found, each in second.fixes if found == rule}
    return second


# what is damaged ---------------------------------------------------------------


def clean_pins(run: Run) -> Iterator[tuple[PinSet, DeclaredPin]]:
    """The first pins of each file that stand there whole and without fault."""
    seen: Counter[str] = Counter()
    for pin_set in run.again.before.project.pin_sets:
        for pin in pin_set.pins:
            plain = pin.pin and not (pin.fault or pin.suspicion or pin.placeholder)
            if (
                plain
                and pin_set.context == "production"
                and seen[pin.at.path] < PINS_OF_A_FILE
                and stands(run, pin)
            ):
                seen[pin.at.path] += 1
                yield pin_set, pin


def stands(run: Run, pin: DeclaredPin) -> bool:
    page = Page(pin.at.path, run.files[pin.at.path])
    span = page.span(pin.at)
    return bool(span) and page.text[slice(*span)] == pin.text


def with_text(files: Files, at: Location, text: str) -> Files:
    from pincheck.model import Edit

    made = Page(at.path, files[at.path]).with_edits([Edit(at, text)])
    assert made is not None
    return {**files, at.path: made}


def misspelt(text: str) -> Iterator[tuple[str, str]]:
    """The text of a pin, damaged."""
    bare = text.removeprefix("sha256//").removeprefix("sha256/")
    lead = text.removesuffix(bare)
    yield "no padding", text.rstrip("=")
    yield "padding twice", text + "="
    yield "URL-safe", lead + bare.replace("+", "-").replace("/", "_")
    yield "a prefix", bare if lead else "sha256/" + bare
    yield "hexadecimal", lead + b64decode(bare).hex()
    yield "blanks", text[:20] + " " + text[20:]


class Proven:
    """How many fixes of each kind were seen to hold, and in how many files."""

    def __init__(self) -> None:
        self.fixes: Counter[str] = Counter()
        self.files: dict[str, set[tuple[Path, str]]] = {}

    def add(self, kind: str, folder: Path, path: str) -> None:
        self.fixes[kind] += 1
        self.files.setdefault(kind, set()).add((folder, path))


def least(number: int) -> Callable[[Any], Any]:
    """Mark a test with the number of fixes that it has to see."""

    def mark(test: Any) -> Any:
        test.least = number
        return test

    return mark


@pytest.fixture
def proven(request) -> Iterator[Proven]:
    """Counts, and shows the counts with ``-s``; too few would prove nothing."""
    found = Proven()
    yield found
    for kind, number in sorted(found.fixes.items()):
        print(f"{kind}: {number} in {len(found.files[kind])} files")
    assert sum(found.fixes.values()) >= request.function.least


# tests -------------------------------------------------------------------------


@least(1)
def test_as_it_is(proven):
    for folder in REPOSITORIES:
        _as_it_is(folder, proven)


def _as_it_is(folder: Path, proven: "Proven") -> None:
    run = look(tree(folder))
    for rule, fix in run.fixes:
        mended = run.with_fix(fix)
        expect_sound(fix.edits[0].at.path, mended[fix.edits[0].at.path])
        expect_idempotent(fix, rule, mended)
        proven.add(rule, folder, fix.edits[0].at.path)


@least(70)
def test_a_pin_that_was_misspelt_is_what_it_was(proven):
    for folder in REPOSITORIES:
        _a_pin_that_was_misspelt_is_what_it_was(folder, proven)


def _a_pin_that_was_misspelt_is_what_it_was(folder: Path, proven: "Proven") -> None:
    whole = look(tree(folder))
    for _, pin in clean_pins(whole):
        for how, text in misspelt(pin.text):
            if text == pin.text:
                continue
            damaged = look(with_text(whole.files, pin.at, text))
            for rule, fix in damaged.fixes:
                if rule == "malformed-pin" and fix.edits[0].at[1:3] == pin.at[1:3]:
                    assert damaged.with_fix(fix) == whole.files, how
                    proven.add(f"malformed-pin, {how}", folder, pin.at.path)


@least(8)
def test_a_day_that_was_moved_comes_to_the_latest(proven):
    for folder in REPOSITORIES:
        _a_day_that_was_moved_comes_to_the_latest(folder, proven)


def _a_day_that_was_moved_comes_to_the_latest(folder: Path, proven: "Proven") -> None:
    whole = look(tree(folder))
    latest = TODAY + timedelta(days=398)
    days = {
        each.expires.at: each
        for each in whole.again.before.project.pin_sets
        if each.expires and each.context == "production"
    }
    for at, pin_set in days.items():
        if not stands(whole, pin_set.expires):  # type: ignore[arg-type]
            continue
        for day in (date(2031, 1, 1), TODAY + timedelta(days=20), date(2026, 1, 1)):
            damaged = look(with_text(whole.files, at, day.isoformat()))
            made = [(rule, fix) for rule, fix in damaged.fixes if fix.edits[0].at[1:3] == at[1:3]]
            assert bool(made) == (day > TODAY)
            for rule, fix in made:
                mended = expect_idempotent(fix, rule, damaged.with_fix(fix))
                assert mended.files == with_text(whole.files, at, latest.isoformat())
                assert mended.rows == renamed(damaged.rows, at.path, day, latest)
                expect_sound(at.path, mended.files[at.path])
                proven.add(rule, folder, at.path)


def renamed(rows: Counter[str], path: str, before: date, after: date) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, number in rows.items():
        row = json.loads(text)
        if row["path"] == path and row["expiration"] == before.isoformat():
            row["expiration"] = after.isoformat()
        found[json.dumps(row, sort_keys=True)] += number
    return found


@least(40)
def test_a_pin_that_is_stated_is_added(proven):
    for folder in REPOSITORIES:
        _a_pin_that_is_stated_is_added(folder, proven)


def _a_pin_that_is_stated_is_added(folder: Path, proven: "Proven") -> None:
    whole = look(tree(folder))
    for pin_set, pin in clean_pins(whole):
        keys = dict.fromkeys(each.pin for each in pin_set.pins if each.pin and not each.placeholder)
        policy = stated(pin_set, (*keys, ANOTHER))
        declared = look(whole.files, policy)
        for rule, fix in declared.fixes:
            if rule == "declared-drift" and fix.edits[0].at.path == pin.at.path:
                mended = expect_idempotent(fix, rule, declared.with_fix(fix), policy)
                expect_added(declared, mended, ANOTHER, fix)
                proven.add(rule, folder, pin.at.path)


def stated(pin_set: PinSet, pins: tuple[Any, ...]) -> Policy:
    at = Location(".pincheck.yml", 3, 1, 3, 2)
    return Policy(
        hosts=tuple(
            HostPolicy(name, at, tuple(StatedPin(pin.base64, pin, at) for pin in pins))
            for name in pin_set.host_names
        )
    )


@least(35)
def test_a_pin_of_the_other_platform_is_added(proven):
    for folder in REPOSITORIES:
        _a_pin_of_the_other_platform_is_added(folder, proven)


def _a_pin_of_the_other_platform_is_added(folder: Path, proven: "Proven") -> None:
    whole = look(tree(folder))
    for pin_set, pin in clean_pins(whole):
        keys = dict.fromkeys(each.pin for each in pin_set.pins if each.pin and not each.placeholder)
        other = other_platform(pin_set, [each.base64 for each in keys] + [ANOTHER.base64])
        drifting = look({**whole.files, **other})
        for rule, fix in drifting.fixes:
            if rule == "platform-drift" and fix.edits[0].at.path == pin.at.path:
                mended = expect_idempotent(fix, rule, drifting.with_fix(fix))
                expect_added(drifting, mended, ANOTHER, fix)
                proven.add(rule, folder, pin.at.path)


def other_platform(pin_set: PinSet, pins: list[str]) -> Files:
    """The same hosts with one pin more: for an app on iOS, or on Android if it is one for iOS."""
    names = [host for host in pin_set.hosts if not host.text.startswith("*")]
    if pin_set.semantics.platform == "ios":
        domains = "".join(
            f'<domain includeSubdomains="{str(host.depth != "exact").lower()}">{host.name}</domain>'
            for host in names
        )
        listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
        made = f"<network-security-config><domain-config>{domains}<pin-set>{listed}</pin-set></domain-config></network-security-config>"
        return {"other/src/main/res/xml/nsc.xml": made.encode()}
    hosts = "".join(
        f"<key>{host.name}</key><dict><key>TSKPublicKeyHashes</key><array>"
        + "".join(f"<string>{pin}</string>" for pin in pins)
        + f"</array><key>TSKIncludeSubdomains</key><{str(host.depth != 'exact').lower()}/><key>TSKEnforcePinning</key><true/></dict>"
        for host in names
    )
    made = f'<plist version="1.0"><dict><key>TSKConfiguration</key><dict><key>TSKPinnedDomains</key><dict>{hosts}</dict></dict></dict></plist>'
    return {"other/Info.plist": made.encode()}


def expect_added(before: Run, after: Run, pin: Pin, fix: Fix) -> None:
    """Nothing is gone, and what has come is the pin, in the same file and for the same hosts."""
    path = fix.edits[0].at.path
    assert not before.rows - after.rows
    come = [json.loads(text) for text in after.rows - before.rows]
    assert come
    assert all(row["path"] == path and pin.base64 in row["pin"] for row in come)
    known = [json.loads(text) for text in before.rows]
    assert all(any(row["hosts"] == each["hosts"] and each["path"] == path for each in known) for row in come)
    expect_sound(path, after.files[path])
