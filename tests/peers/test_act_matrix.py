"""act runs a matrix of shards and a job that merges them, as docs/github.md shows it.

Artifacts need GitHub's own service, so here the jobs leave their files in a shared folder instead.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from live.cases import case_of, serving
from live.servers import LOOPBACK
from programs import ROOT, program
from samples import APP, NSC_PATH
from trees import repository, write

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

REPOSITORIES = """\
name: pins of all repositories
on: push
jobs:
  shard:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [1, 2]
    env:
      K: ${{ matrix.shard }}
      N: 2
    steps:
      - uses: actions/checkout@v4
      - run: |
          rm -rf work && mkdir work && cd work
          LC_ALL=C sort ../repositories.txt | awk -v k="$K" -v n="$N" 'NR % n == k % n' |
            while read -r name; do git clone -q --depth 1 "file://$ORG/$name" "repos/$name"; done
          ls -d repos/*/* | tr '\\n' ' '
          python -m pincheck check --shard "$K/$N" --format shard --output "$SHARED/$K.shard" \\
            --today 2026-11-23 $(sed 's|^|repos/|' ../repositories.txt)
  merge:
    needs: shard
    runs-on: ubuntu-latest
    steps:
      - run: |
          python -m pincheck merge "$SHARED"/*.shard --format github --format json --output "$SHARED/report.json" \\
            --format markdown --output "$GITHUB_STEP_SUMMARY"
"""

HOSTS = """\
name: pinned hosts
on: push
jobs:
  shard:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [1, 2]
    steps:
      - uses: actions/checkout@v4
      - run: |
          python -m pincheck check --shard "${{ matrix.shard }}/2" --live --record "$SHARED/seen-${{ matrix.shard }}.json" \\
            --connect-to "::$SERVER" --allow-address 127.0.0.0/8 --trust-anchors "$SHARED/roots.pem"
  merge:
    needs: shard
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          python -m pincheck merge "$SHARED"/seen-*.json --output "$SHARED/seen.json"
          python -m pincheck check --recorded "$SHARED/seen.json" --trust-anchors "$SHARED/roots.pem" \\
            --format json --output "$SHARED/report.json"
"""


class Matrix(NamedTuple):
    """What act saw."""

    records: list[dict[str, Any]]

    @property
    def jobs(self) -> dict[str, str]:
        """How each job ended."""
        return {
            r["job"].rpartition("/")[2].strip(): r["jobResult"] for r in self.records if r.get("jobResult")
        }

    @property
    def text(self) -> str:
        """What the steps printed that is no command."""
        return "".join(r["msg"] for r in self.records if r.get("raw_output"))


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def act(folder: Path, surroundings: dict[str, str], **environment: str) -> Matrix:
    write(Path(surroundings["HOME"]), {".config/act/actrc": ""})
    passed = {
        "GITHUB_REPOSITORY": "octo/shop",
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{surroundings['PATH']}",
        **environment,
    }
    done = subprocess.run(
        [
            program("act"), "push", "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--json",
            *(f"--env={name}={value}" for name, value in passed.items()),
        ],
        cwd=folder, env=surroundings, capture_output=True, text=True, timeout=150,
    )  # fmt: skip
    records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert any(record.get("jobResult") for record in records), done.stdout + done.stderr
    return Matrix(records)


def pincheck(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pincheck", *arguments],
        cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_repositories_are_divided_among_jobs_and_merged(
    tmp_path: Path, shared: Path, surroundings: dict[str, str]
) -> None:
    org, names = tmp_path / "org", ["octo/blog", "octo/shop", "other/shop"]
    for name in names:
        repository(org / name, {"README.md": "no app"} if name == "octo/blog" else dict(APP))
    consumer = repository(
        tmp_path / "the watch",
        {
            "repositories.txt": "other/shop\nocto/shop\nocto/blog\n",
            ".github/workflows/pins.yml": REPOSITORIES,
        },
    )
    seen = act(consumer, surroundings, ORG=str(org), SHARED=str(shared))
    assert sorted(seen.jobs.values()) == ["failure", "success", "success"], seen.text
    assert "repos/octo/blog repos/other/shop" in seen.text
    assert sorted(
        record["kvPairs"]["file"]
        for record in seen.records
        if record.get("command") == "error" and record["kvPairs"].get("title") == "missing-backup-pin"
    ) == [f"repos/{name}/{NSC_PATH}" for name in names[1:]]
    org.rename(tmp_path / "repos")
    whole = pincheck(
        tmp_path, "check", "--today", "2026-11-23", "--format", "json", *(f"repos/{name}" for name in names)
    )
    assert (1, (shared / "report.json").read_text(), "") == whole


def test_hosts_are_divided_among_jobs_and_merged(
    tmp_path: Path, shared: Path, surroundings: dict[str, str]
) -> None:
    case = case_of("simple")
    names = [f"{name}.shop.example" for name in ("api", "cdn", "eu", "log", "pay", "us")]
    body = f'<pin-set><pin digest="SHA-256">{case.pins["unrelated"]}</pin></pin-set>'
    configs = "".join(f"<domain-config><domain>{name}</domain>{body}</domain-config>" for name in names)
    app = repository(
        tmp_path / "the shop",
        {
            NSC_PATH: f"<network-security-config>{configs}</network-security-config>",
            ".github/workflows/pins.yml": HOSTS,
        },
    )
    (shared / "roots.pem").write_bytes(case.roots_pem)
    with serving("nginx", tmp_path, case) as running:
        server = f"{LOOPBACK}:{running[LOOPBACK].port}"
        seen = act(app, surroundings, SERVER=server, SHARED=str(shared))
    assert sorted(seen.jobs.values()) == ["failure", "success", "success"], seen.text
    held = [
        {each["host"] for each in json.loads((shared / f"seen-{number}.json").read_text())["observations"]}
        for number in (1, 2)
    ]
    assert all(held)
    assert sorted([*held[0], *held[1]]) == names
    report = json.loads((shared / "report.json").read_text())
    assert sorted({each["host"] for each in report["verifications"]}) == names
    assert [each for each in report["not_checked"] if each["what"] in names] == []
