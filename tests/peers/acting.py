"""A consumer's repository whose workflow uses the Action, and act, which runs it."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from programs import program
from trees import write

WORKFLOW = """\
name: pins
on: {event}
jobs:
  pins:
    runs-on: ubuntu-latest
    {environment}
    steps:
      - uses: actions/checkout@v5
      - id: pins
        uses: octo/pincheck@v1
        {inputs}
      - if: always()
        env:
          FINDINGS: ${{{{ steps.pins.outputs.findings }}}}
          NEW: ${{{{ steps.pins.outputs.new }}}}
          ERRORS: ${{{{ steps.pins.outputs.errors }}}}
          WARNINGS: ${{{{ steps.pins.outputs.warnings }}}}
          SARIF: ${{{{ steps.pins.outputs.sarif-file }}}}
          REPORT: ${{{{ steps.pins.outputs.report-file }}}}
          KEPT: {kept}
        run: |
          echo "outputs: $FINDINGS $NEW $ERRORS $WARNINGS $SARIF"
          if [ -n "$REPORT" ]; then cp "$REPORT" "$KEPT/report.json"; fi
          if [ -n "$SARIF" ]; then cp "$SARIF" "$KEPT/out.sarif"; fi
"""


class Run(NamedTuple):
    """What act saw."""

    records: list[dict[str, Any]]
    kept: Path

    @property
    def results(self) -> list[str]:
        """How the step and the job ended."""
        main = [r for r in self.records if r.get("stage") == "Main" and r.get("stepID") == ["pins"]]
        step = [r["stepResult"] for r in main if r.get("stepResult")]
        return [*step, *(r["jobResult"] for r in self.records if r.get("jobResult"))]

    @property
    def annotations(self) -> list[tuple[str, str, str, str]]:
        """Level, title, file and line."""
        return [
            (
                r["command"],
                r["kvPairs"].get("title", ""),
                r["kvPairs"].get("file", ""),
                r["kvPairs"].get("line", ""),
            )
            for r in self.records
            if r.get("command") in ("error", "warning", "notice")
        ]

    @property
    def notices(self) -> list[str]:
        """What pincheck says in its own name, but for how many findings have no annotation."""
        said = [r["arg"] for r in self.records if r.get("kvPairs", {}).get("title") == "pincheck"]
        return [each for each in said if not each.endswith(": see the job summary")]

    @property
    def text(self) -> str:
        """What the steps printed that is no command."""
        return "".join(r["msg"] for r in self.records if r.get("raw_output"))

    @property
    def summary(self) -> str:
        """The job summary."""
        return "".join(r["content"] for r in self.records if r.get("command") == "summary")

    @property
    def sarif(self) -> list[str]:
        """The rules of the results in the SARIF file."""
        return [
            each["ruleId"] for each in json.loads((self.kept / "out.sarif").read_text())["runs"][0]["results"]
        ]


class Runner(NamedTuple):
    """act in surroundings of its own."""

    clone: Path
    """The Action's repository."""
    surroundings: dict[str, str]
    folder: Path
    """Where what is kept of a run goes, and what it needs."""

    def workflow(
        self, event: str, inputs: dict[str, str] | None = None, environment: dict[str, str] | None = None
    ) -> str:
        """A workflow with the Action in one step."""
        return WORKFLOW.format(
            event=event,
            kept=self.folder,
            inputs=f"with: {json.dumps(inputs)}" if inputs else "",
            environment=f"env: {json.dumps(environment)}" if environment else "",
        )

    def run(
        self, consumer: Path, event: str, *options: str, under: Sequence[str] = (), seconds: float = 150
    ) -> Run:
        """Let act run the workflow of a repository for an event; its jobs have to end."""
        write(Path(self.surroundings["HOME"]), {".config/act/actrc": ""})
        passed = [f"--env={name}={self.surroundings[name]}" for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS")]
        done = subprocess.run(
            [
                *under, program("act"), event, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--json",
                "--local-repository", f"octo/pincheck@v1={self.clone}",
                "--env=GITHUB_REPOSITORY=octo/shop", *passed, *options,
            ],
            cwd=consumer, env=self.surroundings, capture_output=True, text=True, timeout=seconds,
        )  # fmt: skip
        records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert any(record.get("jobResult") for record in records), done.stdout + done.stderr
        return Run(records, self.folder)
