"""act runs the workflows of docs/sharding.md: a matrix of shards, and a job that merges them.

What GitHub keeps for it is replaced: artifacts lie in a shared folder, ``gh`` clones from this machine, and
``actions/setup-python`` makes an environment, into which pincheck is installed as the page says.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from live.cases import case_of, serving
from live.servers import LOOPBACK
from programs import ROOT, program
from samples import APP, NSC_PATH
from trees import git, repository, write

from pincheck import __version__

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

PAGE = (ROOT / "docs" / "sharding.md").read_text(encoding="utf-8")
REPOSITORIES, HOSTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

SETUP_PYTHON = """\
name: setup-python
description: makes an environment
inputs: {python-version: {description: which}}
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        folder=$(mktemp -d)
        "$PYTHON" -m venv "$folder"
        echo "$folder/bin" >> "$GITHUB_PATH"
"""
UPLOAD = """\
name: upload-artifact
description: keeps a file
inputs: {name: {description: its name}, path: {description: the file}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FILE: "${{ inputs.path }}"}
      run: mkdir "$SHARED/$NAME" && cp "$FILE" "$SHARED/$NAME"
"""
DOWNLOAD = """\
name: download-artifact
description: brings files
inputs: {pattern: {description: names}, merge-multiple: {description: together}, path: {description: where to}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {PATTERN: "${{ inputs.pattern }}", TARGET: "${{ inputs.path }}"}
      run: mkdir -p "$TARGET" && cp "$SHARED"/$PATTERN/* "$TARGET"
"""
GH = """\
#!/bin/sh
exec git clone "file://$ORG/$3" "$4" --quiet --depth 1
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


def with_two_shards(workflow: str, **other: str) -> str:
    """A documented workflow with two shards, and with other words in place of some of its own."""
    replaced = {"shard: [1, 2, 3, 4]": "shard: [1, 2]", "N: 4": "N: 2", **other}
    for ours, theirs in replaced.items():
        assert ours in workflow
        workflow = workflow.replace(ours, theirs)
    return workflow


def act(folder: Path, clone: Path, surroundings: dict[str, str], **environment: str) -> Matrix:
    home = Path(surroundings["HOME"])
    write(
        home,
        {
            ".config/act/actrc": "",
            "setup-python/action.yml": SETUP_PYTHON,
            "upload-artifact/action.yml": UPLOAD,
            "download-artifact/action.yml": DOWNLOAD,
            "bin/gh": GH,
        },
    )
    (home / "bin" / "gh").chmod(0o755)
    git(clone, "tag", "--force", f"v{__version__}")
    actions = set(re.findall(r"uses: (actions/((?:setup|upload|download)-[a-z]+)@v[0-9]+)", PAGE))
    passed = {
        "GITHUB_REPOSITORY": "octo/shop",
        "PATH": f"{home / 'bin'}:{surroundings['PATH']}",
        "PYTHON": sys.executable,
        "PIP_NO_INDEX": surroundings["PIP_NO_INDEX"],
        "PIP_FIND_LINKS": surroundings["PIP_FIND_LINKS"],
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/pincheck/pincheck",
        **environment,
    }
    done = subprocess.run(
        [
            program("act"), "schedule", "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--json",
            *(f"--local-repository={action}={home / name}" for action, name in sorted(actions)),
            *(f"--env={name}={value}" for name, value in passed.items()),
        ],
        cwd=folder, env=surroundings, capture_output=True, text=True, timeout=280,
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
    tmp_path: Path, clone: Path, shared: Path, surroundings: dict[str, str]
) -> None:
    org, names = tmp_path / "org", ["octo/blog", "octo/shop", "other/shop"]
    for name in names:
        repository(org / name, {"README.md": "no app"} if name == "octo/blog" else dict(APP))
    workflow = with_two_shards(
        REPOSITORIES,
        **{
            "check --live": "check --today 2026-11-23",
            "--format terminal": '--format github --format json --output "$SHARED/report.json"',
        },
    )
    consumer = repository(
        tmp_path / "the watch",
        {"repositories.txt": "other/shop\nocto/shop\nocto/blog\n", ".github/workflows/pins.yml": workflow},
    )
    seen = act(consumer, clone, surroundings, ORG=str(org), SHARED=str(shared))
    assert sorted(seen.jobs.values()) == ["failure", "success", "success"], seen.text
    assert sorted(path.name for path in shared.glob("shard-*/*")) == ["1.shard", "2.shard"]
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
    tmp_path: Path, clone: Path, shared: Path, surroundings: dict[str, str]
) -> None:
    case = case_of("simple")
    names = [f"{name}.shop.example" for name in ("api", "cdn", "eu", "log", "pay", "us")]
    body = f'<pin-set><pin digest="SHA-256">{case.pins["unrelated"]}</pin></pin-set>'
    configs = "".join(f"<domain-config><domain>{name}</domain>{body}</domain-config>" for name in names)
    roots = '--trust-anchors "$SHARED/roots.pem"'
    workflow = with_two_shards(
        HOSTS,
        **{
            "--live": f'--live --connect-to "::$SERVER" --allow-address 127.0.0.0/8 {roots}',
            "--format github": f'{roots} --format github --format json --output "$SHARED/report.json"',
        },
    )
    app = repository(
        tmp_path / "the shop",
        {
            NSC_PATH: f"<network-security-config>{configs}</network-security-config>",
            ".github/workflows/pins.yml": workflow,
        },
    )
    (shared / "roots.pem").write_bytes(case.roots_pem)
    with serving("nginx", tmp_path, case) as running:
        server = f"{LOOPBACK}:{running[LOOPBACK].port}"
        seen = act(app, clone, surroundings, SERVER=server, SHARED=str(shared))
    assert sorted(seen.jobs.values()) == ["failure", "success", "success"], seen.text
    held = [
        {each["host"] for each in json.loads(path.read_text())["observations"]}
        for path in sorted(shared.glob("seen-*/*"))
    ]
    assert [bool(each) for each in held] == [True, True]
    assert sorted([*held[0], *held[1]]) == names
    report = json.loads((shared / "report.json").read_text())
    assert sorted({each["host"] for each in report["verifications"]}) == names
    assert [each for each in report["not_checked"] if each["what"] in names] == []
