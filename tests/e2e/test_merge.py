"""Several repositories in one run, and the same run divided among shards and merged again."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from scanning import KEY_A, KEY_B, KEY_C
from trees import repository, write

from pincheck.cli import main

NSC = "app/src/main/res/xml/network_security_config.xml"
TODAY = ("--today", "2026-11-23")
FORMATS = ("terminal", "json", "sarif", "markdown", "github")


def nsc(*pins: str, host: str = "api.shop.example") -> str:
    listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
    return (
        f"<network-security-config><domain-config><domain>{host}</domain>\n"
        f'<pin-set expiration="2027-09-01">\n{listed}</pin-set></domain-config></network-security-config>\n'
    )


OKHTTP = (
    'val pinner = CertificatePinner.Builder()\n    .add("pay.shop.example", "sha256/%s")\n    .build()\n' % KEY_C
)
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
            capsys, "check", "--shard", f"{number}/{of}", "--format", "shard", "--output", name, *options, *paths
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
        for each in (*own, *(related for each in own for related in each["related"])):
            each["path"] = each["path"].removeprefix(f"{name}/")
            each.pop("fingerprint", None)
        for each in alone["findings"]:
            del each["fingerprint"]
        assert own == alone["findings"]
    prints = [each["fingerprint"] for each in whole["findings"]]
    assert len(set(prints)) == len(prints)
