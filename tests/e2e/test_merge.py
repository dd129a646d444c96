"""Several repositories in one run, and the same run divided among shards and merged again."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scanning import KEY_A, KEY_B, KEY_C
from trees import repository, write

from pincheck.cli import main
from pincheck.outputs import terminal
from pincheck.run import Request
from pincheck.run import check as run_check

NSC = "app/src/main/res/xml/network_security_config.xml"
TODAY = ("--today", "2026-11-23")
FORMATS = ("terminal", "json", "sarif", "markdown", "github")


def nsc(*pins: str, host: str = "api.shop.example") -> str:
    listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
    return (
        f"<network-security-config><domain-config><domain>{host}</domain>\n"
        f'<pin-set expiration="2027-09-01">\n{listed}</pin-set></domain-config></network-security-config>\n'
    )


OKHTTP = f'val pinner = CertificatePinner.Builder()\n    .add("pay.shop.example", "sha256/{KEY_C}")\n    .build()\n'
IGNORING = "version: 1\nfail-on: warning\nignore:\n  - rule: missing-backup-pin\n    reason: soon gone\n"
REPOSITORIES: dict[str, dict[str, str | bytes]] = {
    "alpha": {NSC: nsc(KEY_A), ".pincheck.yml": "version: 1\nfail-on: never\n"},
    "beta": {NSC: nsc(KEY_A, KEY_B), "Pins.kt": OKHTTP},
    "copy": {NSC: nsc(KEY_A)},
    "delta": {NSC: nsc(KEY_A), ".pincheck.yml": IGNORING},
    "empty": {"README.md": "nothing"},
    "broken": {NSC: "<network-security-config><pin-set", ".pincheck.yml": "version: 1\n"},
    "zeta": {"tests/" + NSC: nsc("AAAA", host="*.shop.example"), "deep/a.kt": OKHTTP},
}


@pytest.fixture
def org(tmp_path: Path, monkeypatch: Any) -> Path:
    """A folder of repositories, and none of them the current one."""
    for name, files in REPOSITORIES.items():
        repository(tmp_path / "org" / name, files)
    monkeypatch.chdir(tmp_path / "org")
    return tmp_path / "org"


def run(capsys: Any, *argv: str) -> tuple[int, str, str]:
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def shards(capsys: Any, of: int, *options: str, paths: Any = tuple(REPOSITORIES)) -> list[str]:
    """Do all shards; their files."""
    names = [f"../{number}.shard" for number in range(1, of + 1)]
    for number, name in enumerate(names, 1):
        done = run(
            capsys,
            "check",
            "--shard",
            f"{number}/{of}",
            "--format",
            "shard",
            "--output",
            name,
            *options,
            *paths,
        )
        assert done == (0, "", "")
    return names


@pytest.mark.parametrize("of", [1, 2, 3, 7, 11])
def test_what_is_merged_is_what_one_run_prints(org: Path, capsys: Any, of: int) -> None:
    names = shards(capsys, of, *TODAY)
    random.Random(of).shuffle(names)
    for name in FORMATS:
        whole = run(capsys, "check", *TODAY, "--format", name, *REPOSITORIES)
        assert whole[0] == 1
        assert run(capsys, "merge", "--format", name, *names) == whole


def test_each_is_judged_as_if_it_were_alone(org: Path, capsys: Any, monkeypatch: Any) -> None:
    whole = json.loads(run(capsys, "check", *TODAY, "--format", "json", *REPOSITORIES)[1])
    for name in REPOSITORIES:
        monkeypatch.chdir(org / name)
        alone = json.loads(run(capsys, "check", *TODAY, "--format", "json")[1])
        own = [each for each in whole["findings"] if each["path"].startswith(f"{name}/")]
        for each in (*own, *(related for finding in own for related in finding["related"])):
            each["path"] = each["path"].removeprefix(f"{name}/")
            each.pop("fingerprint", None)
        for each in alone["findings"]:
            del each["fingerprint"]
        assert own == alone["findings"]
    monkeypatch.chdir(org)
    again = json.loads(run(capsys, "check", *TODAY, "--format", "json", *REPOSITORIES)[1])
    prints = [each["fingerprint"] for each in again["findings"]]
    assert len(set(prints)) == len(prints)


def test_a_fault_costs_its_own_repository_only(org: Path, capsys: Any) -> None:
    write(org / "copy", {".pincheck.yml": "version: 1\nrulez: 1\n"})
    paths = ("alpha", "copy", "beta", "gone")
    reason = '.pincheck.yml:2: unknown key "rulez"; did you mean "rules"?'
    code, out, err = run(capsys, "check", *TODAY, "--format", "json", *paths)
    report = json.loads(out)
    assert (code, err) == (2, f"pincheck: copy: {reason}\npincheck: gone: no such file or folder\n")
    assert report["not_checked"][1:] == [
        {"what": "copy", "reason": reason},
        {"what": "gone", "reason": "no such file or folder"},
    ]
    assert {each["path"].partition("/")[0] for each in report["findings"]} == {"alpha", "beta"}
    names = []
    for number in (1, 2):
        names.append(f"../{number}.shard")
        asked = ("--shard", f"{number}/2", "--format", "shard", "--output", names[-1])
        assert run(capsys, "check", *asked, *TODAY, *paths)[0] == 0
    assert run(capsys, "merge", "--format", "json", *names) == (code, out, err)


def test_a_shard_needs_only_its_own_repositories(org: Path, capsys: Any) -> None:
    paths = sorted(REPOSITORIES)
    whole = run(capsys, "check", *TODAY, *paths)
    names = []
    for number in (1, 2, 3):
        away = [name for place, name in enumerate(paths) if place % 3 != number - 1]
        for name in away:
            (org / name).rename(org.parent / name)
        names += [f"../{number}.shard"]
        asked = ("--shard", f"{number}/3", "--format", "shard", "--output", names[-1])
        assert run(capsys, "check", *asked, *TODAY, *paths) == (0, "", "")
        for name in away:
            (org.parent / name).rename(org / name)
    assert run(capsys, "merge", *names) == whole


def test_the_policy_of_each_counts_unless_an_option_does(org: Path, capsys: Any) -> None:
    """alpha's own never fails; delta's fails on warnings, of which it has none that is not ignored."""
    assert run(capsys, "check", *TODAY, "alpha", "delta")[0] == 0
    assert run(capsys, "check", *TODAY, "alpha", "delta", "--fail-on", "error")[0] == 1
    names = shards(capsys, 2, *TODAY, paths=("alpha", "delta"))
    assert run(capsys, "merge", *names)[0] == 0
    assert run(capsys, "merge", "--fail-on", "error", *names)[0] == 1


def test_paths_of_one_repository_are_one_report_as_before(org: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir("beta")
    request = Request(paths=("app", "Pins.kt"), today=date(2026, 11, 23))
    report = run_check(request).report
    assert run(capsys, "check", *TODAY, "app", "Pins.kt") == (1, terminal.render(report), "")


def test_a_path_within_a_repository_is_checked_under_its_configuration(org: Path, capsys: Any) -> None:
    code, out, err = run(capsys, "check", *TODAY, "--quiet", "beta/app", "delta/app", "--fail-on", "note")
    assert (code, out, err) == (0, "", "")
    code, out, _ = run(capsys, "check", *TODAY, "--quiet", "beta/Pins.kt", "delta/app")
    assert (code, out.partition(":")[0]) == (1, "beta/Pins.kt")


def refused(capsys: Any, *argv: str) -> str:
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    return err.removeprefix("pincheck: ").removesuffix("\n")


def test_what_cannot_be_divided_is_said(org: Path, capsys: Any) -> None:
    save = ("--format", "shard", "--output", "../x")
    assert refused(capsys, "check", "--shard", "1/2", "alpha").startswith(
        "--shard: divides the repositories if"
    )
    assert refused(capsys, "check", "--shard", "1/2", "alpha", "beta").startswith(
        "--shard: findings count once"
    )
    assert refused(capsys, "check", "--shard", "1/2", *save, "alpha", "alpha/app") == (
        "alpha and alpha/app lie in one repository; name it once, a shard takes it whole"
    )
    write(org / "loose", {"a": ""})
    assert refused(capsys, "check", "--shard", "1/2", *save, "alpha", "beta", "loose") == (
        "loose: lies in no git repository; a shard takes whole repositories"
    )
    for wrong in ("0/2", "3/2", "1/10001", "1", "a/b", "-1/2", "1/0"):
        assert main(["check", "--shard", wrong, "alpha", "beta"]) == 2


def test_what_cannot_be_merged_is_said(org: Path, capsys: Any) -> None:
    names = shards(capsys, 3, *TODAY)
    one, two, three = names
    assert refused(capsys, "merge", one, three) == "shard 2/3 is missing; merge all 3"
    assert refused(capsys, "merge", one, two, three, two) == f"{two}: is shard 2/3, and so is {two}"
    write(org.parent, {"4.shard": Path(three).read_text()})
    asked = ("--shard", "3/3", "--format", "shard", "--output", "../other")
    assert run(capsys, "check", *asked, *TODAY, "--rule", "missing-expiry=off", *REPOSITORIES)[0] == 0
    assert refused(capsys, "merge", one, two, "../other") == (
        f"../other: was asked something else than {one}: other repositories, hosts or options"
    )
    (two_halves,) = shards(capsys, 1, *TODAY)
    assert (
        refused(capsys, "merge", two, two_halves)
        == f"{one}: is shard 1/1, and {two} is shard 2/3; merge one division"
    )
    text = Path(three).read_text()
    write(org.parent, {"old": text.replace('"version": "', '"version": "0.0.', 1)})
    assert refused(capsys, "merge", "../old").startswith("../old: was made by pincheck 0.0.")
    write(org.parent, {"seen": '{"observations": []}', "no": "[1]", "text": "x", "nest": "[" * 100_000})
    assert (
        refused(capsys, "merge", three, "../seen")
        == f"../seen: is a recording, and {three} a report; merge one kind at a time"
    )
    for name, why in (
        ("no", "is neither a report of `--format shard` nor a recording"),
        ("text", "no JSON"),
        ("nest", "nested too deep"),
        ("gone", "cannot be read: No such file or directory"),
    ):
        assert refused(capsys, "merge", f"../{name}") == f"../{name}: {why}"
    assert refused(capsys, "merge", "../seen") == '../seen: "certificates" is missing'


def test_what_is_wrong_with_the_request_is_said_once(org: Path, capsys: Any) -> None:
    said = 'unknown rule "no-such-rule"; `pincheck explain` lists them all'
    assert refused(capsys, "check", "--rule", "no-such-rule=off", *REPOSITORIES) == said
    assert refused(capsys, "check", "--config", "gone.yml", "alpha", "beta").startswith("gone.yml: ")
    names = []
    for number in (1, 2):
        names.append(f"../{number}.shard")
        asked = ("--shard", f"{number}/2", "--format", "shard", "--output", names[-1])
        assert run(capsys, "check", *asked, "--rule", "no-such-rule=off", *REPOSITORIES)[0] == 0
    assert refused(capsys, "merge", *names) == said


def test_a_configuration_for_all_is_named_as_given(org: Path, capsys: Any) -> None:
    write(org, {"all.yml": "version: 1\nignore:\n  - rule: weak-digest\n    reason: none of it\n"})
    _, out, _ = run(capsys, "check", *TODAY, "--format", "json", "--config", "all.yml", "alpha", "beta")
    found = json.loads(out)["findings"]
    assert [each["path"] for each in found if each["rule"] == "unused-suppression"] == ["all.yml", "all.yml"]
    assert len({each["fingerprint"] for each in found}) == len(found)


def test_a_repository_within_another_is_checked_by_itself(org: Path, capsys: Any, monkeypatch: Any) -> None:
    (org / "beta").rename(org / "alpha" / "beta")
    monkeypatch.chdir("alpha")
    _, out, _ = run(capsys, "check", *TODAY, "--format", "json", ".", "beta")
    report = json.loads(out)
    assert [(each["path"], each["rule"]) for each in report["findings"]] == [
        (NSC, "missing-backup-pin"),
        ("beta/Pins.kt", "missing-backup-pin"),
        ("beta/Pins.kt", "pinning-not-enforced"),
    ]
    assert [each["what"] for each in report["not_checked"]] == ["live hosts"]
    _, out, _ = run(capsys, "check", *TODAY, "--format", "json", ".")
    assert [each["what"] for each in json.loads(out)["not_checked"]] == ["live hosts", "beta"]
