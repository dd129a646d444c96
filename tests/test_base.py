"""A tree compared with an earlier state of it: what is read, which settings count, and who is asked."""

import json
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trees
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scanning import KEY_A, KEY_B
from worlds import new_key

from pincheck import changes, run
from pincheck.errors import ConfigError, UsageError
from pincheck.looking import Live, Looking
from pincheck.model import Finding, NotChecked, Policy, Report
from pincheck.model.chains import Failure, Observation, Target
from pincheck.probe.options import Options
from pincheck.probe.survey import Seen

NAME = "app/src/main/res/xml/network_security_config.xml"
OFF = "version: 1\nrules:\n  missing-backup-pin: off\n"


def nsc(host: str, *pins: str, comment: str = "") -> str:
    listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
    return (
        f"<network-security-config><domain-config><domain>{host}</domain>\n"
        f'<pin-set expiration="2027-09-01">{comment}{listed}</pin-set></domain-config></network-security-config>\n'
    )


ONE = nsc("a.example", KEY_A)
TWO = nsc("a.example", KEY_A, KEY_B)
SILENCED = nsc("a.example", KEY_A, comment="<!-- pincheck: ignore[missing-backup-pin] no -->")


class Handed(NamedTuple):
    """What ``changes.since`` was given."""

    base: str
    before: Report
    after: Report
    renamed: dict[str, str]
    strange: bool
    configured: Report | None
    """The state after by the other configuration."""
    policies: Any
    proven: Report | None
    """The state after by the other evidence."""
    evidence: tuple[str, ...]


@pytest.fixture
def handed(monkeypatch):
    """Compare, and return what the comparison was handed; notes are kept in ``compare.notes``."""
    calls: list[Handed] = []

    def since(base, before, after, renamed, strange, otherwise):
        calls.append(Handed(base, before, after, dict(renamed), strange, *otherwise))
        return after

    monkeypatch.setattr(changes, "since", since)

    def compare(root: Path, base: str = "main", **more: Any) -> Handed:
        request = run.Request(root=str(root), base=base, today=date(2026, 11, 23), **more)
        compare.notes = run.check(request).notes
        return calls.pop()

    return compare


def said(report: Report) -> list[tuple[str, str, bool]]:
    def row(finding: Finding) -> tuple[str, str, bool]:
        return finding.rule, finding.at.path, finding.suppressed is not None

    return [row(finding) for finding in report.findings]


def severities(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in report.findings]


def topic(tmp_path: Path, before: dict[str, Any], after: dict[str, Any]) -> Path:
    """A repository whose branch ``topic`` has committed some files; a file that is None is removed."""
    root = trees.repository(tmp_path / "r", before)
    trees.git(root, "checkout", "-qb", "topic")
    for path in [path for path, held in after.items() if held is None]:
        (root / path).unlink()
    trees.write(root, {path: held for path, held in after.items() if held is not None})
    trees.git(root, "add", "-A", "-f")
    trees.git(root, "commit", "-qm", "change", "--allow-empty")
    return root


MISSING = ("missing-backup-pin", NAME, False)


# both states --------------------------------------------------------------------------


def test_the_state_before_is_read_from_the_commit_and_the_one_after_from_the_work_tree(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {NAME: TWO})
    given = handed(root)
    assert (given.base, given.renamed, given.configured, given.strange) == ("main", {}, None, False)
    assert (said(given.before), said(given.after)) == ([MISSING], [])
    (root / NAME).write_text(ONE.replace("a.example", "b.example"))
    found = handed(root).after.findings
    assert [finding.hosts for finding in found if finding.rule == "missing-backup-pin"] == [("b.example",)]
    (root / NAME).unlink()
    given = handed(root)
    assert (len(given.before.project.pin_sets), given.after.project.pin_sets) == (1, ())
    trees.write(root, {"new/n.xml": ONE})
    assert said(handed(root).after) == [("missing-backup-pin", "new/n.xml", False)]


def test_a_commit_may_be_checked_instead_of_the_work_tree(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {NAME: TWO})
    (root / NAME).unlink()
    given = handed(root, head="topic")
    assert (said(given.before), said(given.after)) == ([MISSING], [])
    assert len(given.after.project.pin_sets) == 1
    alone = run.check(run.Request(root=str(root), head="main", today=date(2026, 11, 23))).report
    assert (said(alone), alone.since) == ([MISSING], None)
    with pytest.raises(UsageError, match=r"^gone: no such commit here"):
        handed(root, head="gone")


def test_without_a_change_both_states_are_alike(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE, ".pincheck.yml": "version: 1\n"}, {})
    for base in ("main", "HEAD", trees.git(root, "rev-parse", "HEAD").strip()):
        given = handed(root, base)
        assert given.before == given.after
        assert given.configured is None
    assert given.base == base[:12]


def test_what_the_base_did_since_is_no_part_of_the_change(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {"x": "x"})
    trees.git(root, "checkout", "-q", "main")
    trees.write(root, {NAME: TWO})
    trees.git(root, "commit", "-qam", "mended")
    main = trees.git(root, "rev-parse", "HEAD").strip()
    trees.git(root, "checkout", "-q", "topic")
    assert said(handed(root, "main").before) == [MISSING]
    assert said(handed(root, main).before) == []


def test_renamed_files_are_followed_staged_or_not(tmp_path, handed):
    before = {
        "a.xml": ONE,
        "b.xml": TWO,
        "é.xml": nsc("c.example", KEY_A) + "<!-- -->\n" * 20,
        "d.xml": "<d/>",
    }
    root = topic(tmp_path, before, {})
    trees.git(root, "mv", "é.xml", "new\n.xml")
    (root / "new\n.xml").write_text((root / "new\n.xml").read_text() + "<!-- more -->")
    (root / "a.xml").rename(root / "moved.xml")
    (root / "copy.xml").write_text(TWO)
    assert handed(root).renamed == {"new\n.xml": "é.xml", "moved.xml": "a.xml"}


def test_below_a_sub_folder_paths_begin_there(tmp_path, handed):
    root = topic(tmp_path, {f"mobile/{NAME}": ONE, "web/n.xml": ONE, "mobile/b.xml": "b\n" * 9}, {})
    trees.git(root, "mv", "mobile/b.xml", "mobile/c.xml")
    given = handed(root / "mobile")
    assert (said(given.before), said(given.after)) == ([MISSING], [MISSING])
    assert given.renamed == {"c.xml": "b.xml"}


def test_paths_that_are_new_are_only_read_after(tmp_path, handed):
    root = topic(tmp_path, {"x": ""}, {"new/n.xml": ONE})
    given = handed(root, paths=("new",))
    assert (said(given.before), said(given.after)) == ([], [("missing-backup-pin", "new/n.xml", False)])
    given = handed(root / "new")
    assert (said(given.before), said(given.after)) == ([], [("missing-backup-pin", "n.xml", False)])
    with pytest.raises(UsageError, match="gone: no such file or folder"):
        handed(root, paths=("gone",))


@pytest.mark.parametrize("head", ["", "HEAD"])
@pytest.mark.parametrize("path", ["app", "app/main/n.xml"])
def test_a_folder_that_becomes_a_link_is_read_where_it_was(tmp_path, handed, path, head):
    root = trees.repository(tmp_path / "r", {"app/main/n.xml": ONE, "deep/main/n.xml": TWO})
    trees.git(root, "checkout", "-qb", "topic")
    trees.git(root, "mv", "app", "old")
    (root / "app").symlink_to("deep")
    trees.git(root, "add", "-A")
    trees.git(root, "commit", "-qm", "link")
    for place in (root, symlink(tmp_path / "way", root)):
        given = handed(place, paths=(str(place / path),), head=head)
        assert [each.at.path for each in given.before.project.pin_sets] == ["app/main/n.xml"]
        assert [each.at.path for each in given.after.project.pin_sets] == ["deep/main/n.xml"]
    with pytest.raises(UsageError, match="lies outside"):
        handed(root / "old", paths=("../deep",), head=head)


def symlink(link: Path, target: Path) -> Path:
    link.symlink_to(target)
    return link


def test_what_a_sparse_checkout_leaves_out_is_not_removed(tmp_path, handed):
    root = topic(tmp_path, {"a/n.xml": ONE, "b/n.xml": ONE}, {})
    trees.git(root, "sparse-checkout", "set", "a")
    assert not (root / "b").exists()
    given = handed(root)
    assert given.before.project == given.after.project
    assert [pin_set.at.path for pin_set in given.before.project.pin_sets] == ["a/n.xml"]
    assert given.after.not_checked == (
        NotChecked("one file", "left out by the sparse checkout", is_path=False),
    )
    assert given.after.files_seen == 1


def test_a_merge_base_that_is_not_here_is_said(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {NAME: TWO})
    trees.git(root, "checkout", "-q", "--orphan", "alone")
    trees.git(root, "commit", "-qm", "alone")
    assert said(handed(root).before) == [MISSING]
    assert handed.notes == ("main and HEAD share no history here, so main as it is now is compared with",)


def test_a_folder_in_no_repository_cannot_be_compared(tmp_path, handed):
    trees.write(tmp_path, {NAME: ONE})
    with pytest.raises(UsageError, match="is in no git repository"):
        handed(tmp_path)


# settings ---------------------------------------------------------------------------------


def test_each_state_is_judged_by_its_own_configuration(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {".pincheck.yml": OFF})
    given = handed(root)
    assert (said(given.before), said(given.after)) == ([MISSING], [])
    assert given.configured
    assert said(given.configured) == [MISSING]


def test_what_the_change_excludes_is_in_the_plain_report(tmp_path, handed):
    root = topic(tmp_path, {"x": ""}, {NAME: ONE, ".pincheck.yml": "version: 1\nexclude: [app/*]\n"})
    given = handed(root)
    assert (given.after.project.pin_sets, given.after.files_read) == ((), 0)
    assert given.configured
    assert said(given.configured) == [MISSING]


def test_a_configuration_above_the_root_counts_for_both(tmp_path, handed):
    root = topic(tmp_path, {".pincheck.yml": OFF, f"mobile/{NAME}": ONE}, {".pincheck.yml": "version: 1\n"})
    given = handed(root / "mobile")
    assert (said(given.before), said(given.after)) == ([], [MISSING])


def test_a_configuration_that_the_user_names(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE, "c/p.yml": OFF}, {"c/p.yml": "version: 1\n", "c/new.yml": OFF})
    given = handed(root, config=str(root / "c/p.yml"))
    assert (said(given.before), said(given.after)) == ([], [MISSING])
    given = handed(root, config=str(root / "c/new.yml"))
    assert (said(given.before), said(given.after), handed.notes) == ([MISSING], [], ())
    outside = trees.write(tmp_path / "outside", {"p.yml": OFF}) / "p.yml"
    given = handed(root, config=str(outside))
    assert (said(given.before), said(given.after), given.configured) == ([], [], None)
    for head in ("", "HEAD"):
        given = handed(root, config=str(root / "c/p.yml"), strange=True, head=head)
        assert (said(given.before), said(given.after)) == ([], [])
        assert given.configured
        assert said(given.configured) == [MISSING]
    given = handed(root, config=str(root / "c/new.yml"), strange=True)
    assert (said(given.after), handed.notes) == (
        [MISSING],
        ("c/new.yml is not in main, so the defaults hold",),
    )


def test_a_broken_configuration_before_is_said_and_the_defaults_hold(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE, ".pincheck.yml": "version: 7\n"}, {".pincheck.yml": OFF})
    given = handed(root)
    assert (said(given.before), said(given.after)) == ([MISSING], [])
    (note,) = handed.notes
    assert note.startswith(".pincheck.yml:1: ")
    assert note.endswith(" (in main), so the state before is judged by the defaults")
    with pytest.raises(ConfigError, match=r"^\.pincheck\.yml:1: .* \(in main\)$"):
        handed(root, strange=True)


def test_a_broken_configuration_after_stops_the_run(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {".pincheck.yml": "version: 7\n"})
    with pytest.raises(ConfigError, match=r"^\.pincheck\.yml:1: "):
        handed(root)
    assert said(handed(root, strange=True).after) == [MISSING]


# a stranger's change ----------------------------------------------------------------------


def test_a_stranger_does_not_decide_how_the_change_is_judged(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {".pincheck.yml": OFF})
    given = handed(root, strange=True)
    assert (said(given.before), said(given.after)) == ([MISSING], [MISSING])
    assert given.configured
    assert (given.strange, said(given.configured), given.policies) == (
        True,
        [],
        (Policy(), Policy(".pincheck.yml", severities=(("missing-backup-pin", "off"),))),
    )


def test_a_stranger_does_not_choose_a_day_on_which_a_rule_was_off(tmp_path, handed):
    before = {NAME: TWO, ".pincheck.yml": OFF, "keys.csv": "old"}
    root = topic(tmp_path, before, {NAME: ONE})
    trees.git(root, "checkout", "-q", "main")
    trees.write(root, {".pincheck.yml": "version: 1\n", "keys.csv": "new"})
    trees.git(root, "commit", "-qam", "stricter")
    trees.git(root, "checkout", "-q", "topic")
    for base, ruled_by in (("main", ""), (trees.git(root, "merge-base", "main", "topic").strip(), "main")):
        given = handed(root, base, ruled_by=ruled_by, strange=True, ca_data=str(root / "keys.csv"))
        assert ("backup-pin-removed", "error") in severities(given.after)  # that of missing-backup-pin
        assert given.evidence == ("keys.csv",)
        assert given.configured
        assert ("backup-pin-removed", "warning") in severities(given.configured)
        assert len(given.before.project.pin_sets[0].pins) == 2
        given = handed(root, base, ruled_by=ruled_by)
        assert MISSING not in said(given.after)


EVIDENCE = "version: 1\nhosts:\n  a.example:\n    pins:\n      - pin: {}\n        file: spare.csr\n"


def test_evidence_is_that_of_the_base_where_the_change_is_a_strangers(tmp_path, handed):
    key = new_key()
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = b64encode(sha256(spki).digest()).decode()
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    before = {
        NAME: nsc("a.example", KEY_A, pin),
        ".pincheck.yml": EVIDENCE.format(pin),
        "spare.csr": "nothing",
    }
    root = topic(tmp_path, before, {"spare.csr": request.public_bytes(Encoding.PEM)})
    given = handed(root)
    assert (len(given.before.project.defects), len(given.after.project.defects)) == (1, 0)
    given = handed(root, strange=True)
    assert given.after.project.defects == given.before.project.defects != ()


def test_evidence_that_the_change_alters_is_judged_by_both_ways(tmp_path, handed):
    before = {NAME: ONE, ".pincheck.yml": EVIDENCE.format(KEY_A), "spare.csr": "nothing"}
    root = topic(tmp_path, before, {"spare.csr": "no more"})
    for strange in (False, True):
        given = handed(root, strange=strange)
        assert (given.configured, given.evidence) == (None, ("spare.csr",))
        assert given.proven
        assert given.proven.project.defects
    trees.git(root, "commit", "-qm", "back", "--allow-empty")
    (root / "spare.csr").write_text("nothing")
    given = handed(root)
    assert (given.proven, given.evidence) == (None, ())


def test_evidence_that_a_request_names_is_judged_by_both_ways(tmp_path, handed, asked):
    root = topic(tmp_path, {NAME: ONE}, {})
    handed(root, live=Live(Options(), record=str(root / "seen.json")))
    trees.git(root, "add", "seen.json")
    trees.git(root, "commit", "-qm", "seen")
    trees.git(root, "branch", "-f", "main")
    seen = (root / "seen.json").read_text()
    (root / "seen.json").write_text(seen.replace("unreachable", "handshake"))
    live = Live(None, recorded=str(root / "seen.json"))
    given = handed(root, live=live)
    assert given.proven
    assert (given.evidence, failures(given.after), failures(given.proven)) == (
        ("seen.json",),
        ["handshake"],
        ["unreachable"],
    )
    given = handed(root, live=live, strange=True)
    assert given.proven
    assert (failures(given.after), failures(given.proven)) == (["unreachable"], ["handshake"])
    (root / "seen.json").write_text("of a stranger, and broken")
    assert handed(root, live=live, strange=True).proven is None
    (root / "seen.json").write_text(seen)
    assert handed(root, live=live).evidence == ()


def test_without_a_base_no_comment_of_a_stranger_silences_anything(tmp_path):
    root = topic(tmp_path, {"x": ""}, {NAME: SILENCED, ".pincheck.yml": OFF})

    def check(**more: Any) -> run.Outcome:
        return run.check(run.Request(root=str(root), today=date(2026, 11, 23), **more))

    assert said(check().report) == []
    for head in ("", "HEAD"):
        strange = check(strange=True, head=head)
        assert said(strange.report) == [MISSING]
        assert strange.report.findings[0].fingerprint
        assert strange.notes == (
            "the state before the change is not known, so its configuration does not count",
        )
    own = trees.write(tmp_path / "outside", {"p.yml": OFF}) / "p.yml"
    assert said(check(strange=True, config=str(own)).report) == []
    assert said(check(strange=True, config=str(root / ".pincheck.yml")).report) == [MISSING]


def test_files_of_the_repository_that_a_request_names_are_those_of_the_base(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE, "keys.csv": "base"}, {"keys.csv": "head", "new.csv": "head"})
    outside = trees.write(tmp_path / "outside", {"own.csv": "own"}) / "own.csv"
    told = "no table of CA keys: "

    def notes(path: Path, **more: Any) -> list[str]:
        report = handed(root, ca_data=str(path), **more).after
        return [entry.reason for entry in report.not_checked if told in entry.reason] + list(handed.notes)

    assert notes(root / "keys.csv")[0].startswith(f"{root}/keys.csv: {told}")
    assert not notes(root / "keys.csv", strange=True)[0].startswith(f"{root}/")
    assert notes(outside, strange=True)[0].startswith(f"{outside}: {told}")
    assert notes(root / "new.csv", strange=True) == [
        "new.csv is not used, because it may be of the change that is checked"
    ]


def test_a_link_of_the_change_does_not_make_a_file_one_from_outside(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE, "ca/keys.csv": "base"}, {"ca/keys.csv": None})
    trees.write(tmp_path / "outside", {"keys.csv": "strange"})
    (root / "ca").rmdir()
    (root / "ca").symlink_to(tmp_path / "outside")
    report = handed(root, ca_data=str(root / "ca/keys.csv"), strange=True).after
    (note,) = [entry.reason for entry in report.not_checked if "no table of CA keys: " in entry.reason]
    assert not note.startswith(str(tmp_path))


def test_a_folder_that_is_not_on_disk_is_read_from_commits(tmp_path, handed):
    root = topic(
        tmp_path, {f"mobile/{NAME}": ONE, "mobile/b": "b\n" * 9}, {"mobile/b": None, "mobile/c": "b\n" * 9}
    )
    trees.git(root, "rm", "-rqf", "mobile")
    given = handed(root / "mobile", head="topic")
    assert (said(given.before), said(given.after)) == ([MISSING], [MISSING])
    assert given.renamed == {"c": "b"}


def test_a_recording_of_a_stranger_is_not_used(tmp_path, handed):
    root = topic(tmp_path, {NAME: ONE}, {"seen.json": "{}"})
    live = Live(None, recorded=str(root / "seen.json"))
    assert handed(root, live=live, strange=True).after.survey is None
    assert handed.notes == ("seen.json is not used, because it may be of the change that is checked",)
    with pytest.raises(UsageError, match=r"seen\.json"):
        handed(root, live=live)


# who is asked -----------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch):
    """The hosts asked, of each look; all refuse."""
    looks: list[list[str]] = []

    def survey(targets, options, progress=None):
        looks.append([target.host for target in targets])
        return Seen(tuple(refused(target.host) for target in targets))

    monkeypatch.setattr("pincheck.probe.survey.survey", survey)
    return looks


def refused(host: str) -> Observation:
    return Observation(
        Target(host), datetime(2026, 11, 23, tzinfo=UTC), "192.0.2.1", failure=Failure("unreachable", "no")
    )


def failures(report: Report) -> list[str]:
    assert report.survey
    return [each.failure.kind for each in report.survey.observations if each.failure]


def hosts(report: Report) -> list[str]:
    assert report.survey
    return [observation.target.host for observation in report.survey.observations]


def test_each_host_is_asked_once_and_both_states_see_the_same(tmp_path, handed, asked):
    before = {"a.xml": nsc("a.example", KEY_A), "b.xml": nsc("b.example", KEY_A)}
    after = {"a.xml": None, "c.xml": nsc("c.example", KEY_A), "d.xml": nsc("d.example", KEY_A)}
    hiding = {".pincheck.yml": "version: 1\nexclude: [d.xml]\n"}
    root = topic(tmp_path, before, {**after, **hiding})
    record = tmp_path / "seen.json"
    given = handed(root, live=Live(Options(), record=str(record)))
    assert asked == [["a.example", "b.example"], ["c.example"]]
    assert (hosts(given.before), hosts(given.after)) == (
        ["a.example", "b.example"],
        ["b.example", "c.example"],
    )
    assert given.configured
    assert hosts(given.configured) == ["b.example", "c.example"]
    saved = json.loads(record.read_text())["observations"]
    assert [each["host"] for each in saved] == ["a.example", "b.example", "c.example"]
    asked.clear()
    replayed = handed(root, live=Live(None, recorded=str(record)))
    assert (replayed.before.survey, replayed.after.survey) == (given.before.survey, given.after.survey)
    assert asked == []


def test_what_looks_for_several_repositories_looks_here_too(tmp_path, handed, asked):
    root = topic(tmp_path, {NAME: ONE, "keys.csv": "base"}, {NAME: TWO, "keys.csv": "head"})
    given = handed(root, live=Looking(Live(Options())), ca_data=str(root / "keys.csv"))
    assert (asked, hosts(given.before), hosts(given.after)) == ([["a.example"]], ["a.example"], ["a.example"])
    assert given.proven
    assert (given.evidence, hosts(given.proven)) == (("keys.csv",), ["a.example"])


def test_the_limit_of_hosts_is_one_of_the_run(tmp_path, handed, asked):
    root = topic(
        tmp_path,
        {"a.xml": nsc("a.example", KEY_A)},
        {"b.xml": nsc("b.example", KEY_A), "c.xml": nsc("c.example", KEY_A)},
    )
    given = handed(root, live=Live(Options(max_hosts=2)))
    assert asked == [["a.example"], ["b.example"]]
    assert given.after.survey
    assert [each.failure and each.failure.reason for each in given.after.survey.observations] == [
        "no", "no", "more than 2 hosts in one run; --max-hosts asks more",
    ]  # fmt: skip


def test_an_interruption_ends_the_looking_at_both(tmp_path, handed, monkeypatch):
    looks = []

    def survey(targets, options, progress=None):
        looks.append(targets)
        return Seen(tuple(refused(target.host) for target in targets), interrupted=True)

    monkeypatch.setattr("pincheck.probe.survey.survey", survey)
    root = topic(tmp_path, {"a.xml": nsc("a.example", KEY_A)}, {"b.xml": nsc("b.example", KEY_A)})
    given = handed(root, live=Live(Options()))
    assert len(looks) == 1
    assert given.after.survey
    assert [each.failure and each.failure.reason for each in given.after.survey.observations] == [
        "no", "interrupted",
    ]  # fmt: skip
