"""pre-commit and prek run the hooks from a consumer's repository, by a pinned revision."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import ROOT, program
from samples import APP, NSC, NSC_PATH, WITH_BACKUP
from trees import git, repository, write

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

CONFIGURATION = """\
repos:
  - repo: {clone}
    rev: {revision}
    hooks:
      - id: pincheck
      - id: pincheck-full
"""

Run = Callable[..., tuple[dict[str, str], str]]


@pytest.fixture(params=["pre-commit", "prek"])
def runner(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def hook_homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the runners keep the environment they make for the hook, once for all tests."""
    home = tmp_path_factory.mktemp("hooks")
    return {"PRE_COMMIT_HOME": str(home / "pre-commit"), "PREK_HOME": str(home / "prek")}


@pytest.fixture
def consumer(tmp_path: Path, clone: Path) -> Path:
    """A repository whose one pin set has a backup, committed with the hooks configured."""
    configuration = CONFIGURATION.format(clone=clone, revision=git(clone, "rev-parse", "HEAD").strip())
    files = {**APP, NSC_PATH: WITH_BACKUP, ".pre-commit-config.yaml": configuration}
    return repository(tmp_path / "shop", dict(files))


@pytest.fixture
def run(consumer: Path, surroundings: dict[str, str], hook_homes: dict[str, str], runner: str) -> Run:
    """Run the hooks on what is staged: how each ended, and all that was printed."""
    environment = {**surroundings, **hook_homes}

    def call(*wrapper: str) -> tuple[dict[str, str], str]:
        done = subprocess.run(
            [*wrapper, program(runner), "run", "--verbose", "--color=never"],
            cwd=consumer, env=environment, capture_output=True, text=True, timeout=150,
        )  # fmt: skip
        return _results(done.stdout), done.stdout + done.stderr

    return call


def _results(output: str) -> dict[str, str]:
    """``pincheck....Passed`` -> the word behind the dots, by the hook's name."""
    found = {}
    for line in output.splitlines():
        name, dots, rest = line.partition("...")
        if dots and name.startswith("pincheck"):
            found[name] = rest.rpartition(".")[2].rpartition(")")[2]
    return found


def test_a_changed_pin_set_is_judged_with_the_whole_repository(consumer: Path, run: Run) -> None:
    write(consumer, {NSC_PATH: NSC})
    git(consumer, "add", "-A")
    results, output = run()
    assert results == {"pincheck": "Failed", "pincheck (every commit)": "Failed"}, output
    assert "missing-backup-pin" in output


def test_a_change_of_other_files_starts_only_the_full_hook(consumer: Path, run: Run) -> None:
    write(consumer, {"README.md": "the shop, again\n"})
    git(consumer, "add", "-A")
    results, output = run()
    assert results == {"pincheck": "Skipped", "pincheck (every commit)": "Passed"}, output


def test_a_commit_that_only_deletes_is_judged_by_the_full_hook(consumer: Path, run: Run) -> None:
    write(consumer, {NSC_PATH: NSC, "notes.txt": "to be deleted\n"})
    git(consumer, "add", "-A")
    git(consumer, "commit", "-qm", "one pin only")
    git(consumer, "rm", "-q", "notes.txt")
    results, output = run()
    assert results == {"pincheck": "Skipped", "pincheck (every commit)": "Failed"}, output


def test_what_is_staged_counts_and_not_what_the_work_tree_holds(consumer: Path, run: Run) -> None:
    write(consumer, {NSC_PATH: NSC})
    git(consumer, "add", "-A")
    write(consumer, {NSC_PATH: WITH_BACKUP})
    results, output = run()
    assert results == {"pincheck": "Failed", "pincheck (every commit)": "Failed"}, output
    assert (consumer / NSC_PATH).read_text() == WITH_BACKUP


def test_the_hook_needs_no_network(
    consumer: Path, surroundings: dict[str, str], hook_homes: dict[str, str], runner: str, run: Run
) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("network namespaces are not to be had here")
    install = "install-hooks" if runner == "pre-commit" else "prepare-hooks"
    environment = {**surroundings, **hook_homes}
    subprocess.run([program(runner), install], cwd=consumer, env=environment, check=True, timeout=150)
    write(consumer, {NSC_PATH: NSC})
    git(consumer, "add", "-A")
    results, output = run("unshare", "-rn")
    assert results == {"pincheck": "Failed", "pincheck (every commit)": "Failed"}, output
    assert "missing-backup-pin" in output


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path)}
    done = subprocess.run(
        [program("pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
