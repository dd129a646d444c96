"""Where the Action's own environment is kept, and when it is not trusted."""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from programs import ROOT

KEY = "ghs_secret"


class Job:
    """A runner's temporary folder, and what the installer and the Action are run with."""

    def __init__(self, temp: Path, bootstrap: ModuleType) -> None:
        self.temp, self.bootstrap = temp, bootstrap
        self.ran: list[tuple[str, str, dict[str, str]]] = []
        """The folder, the module, and the variables."""
        self.code: Callable[[str], int] = lambda module: 0

    def run(self, folder: Path, variables: dict[str, str], python: str, *arguments: str) -> int:
        self.ran.append((folder.name, arguments[1], variables))
        if arguments[1] == "venv":
            packages = folder / "venv" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
            packages.mkdir(parents=True)
            self.bootstrap._python(folder).parent.mkdir(parents=True)
            self.bootstrap._python(folder).touch()
        return self.code(arguments[1])

    def taken(self) -> list[str]:
        """What was run since this was asked last."""
        modules = [module for _, module, _ in self.ran]
        self.ran.clear()
        return modules

    @property
    def folders(self) -> list[str]:
        """What is left in the temporary folder."""
        return sorted(path.name for path in self.temp.iterdir())


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "action" / "bootstrap.py")
    assert spec
    assert spec.loader
    bootstrap = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bootstrap)
    temp = tmp_path / "runner's temp"
    temp.mkdir()
    made = Job(temp, bootstrap)
    monkeypatch.setattr(bootstrap, "_run", made.run)
    monkeypatch.setenv("RUNNER_TEMP", str(temp))
    for name in bootstrap.TOKENS:
        monkeypatch.setenv(name, KEY)
    return made


def test_a_later_step_of_the_job_installs_nothing(job: Job) -> None:
    job.code = lambda module: 7 if module == "pincheck.action" else 0
    assert job.bootstrap.main() == 7
    (place,) = job.folders
    assert job.taken() == ["venv", "pip", "pincheck.action"]
    assert job.bootstrap.main() == 7
    assert [folder for folder, _, _ in job.ran] == [place]
    assert job.taken() == ["pincheck.action"]


def test_no_installer_sees_a_token(job: Job) -> None:
    job.bootstrap.main()
    seen = {
        module: {name for name, value in variables.items() if value == KEY}
        for _, module, variables in job.ran
    }
    assert seen == {"venv": set(), "pip": set(), "pincheck.action": set(job.bootstrap.TOKENS)}


def test_pip_is_not_told_to_install_elsewhere(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_PYTHON", "PIP_INDEX_URL"}
    for name in told:
        monkeypatch.setenv(name, "https://pypi.shop.example/simple")
    job.bootstrap.main()
    (seen,) = (variables for _, module, variables in job.ran if module == "pip")
    assert told & {*seen} == {"PIP_INDEX_URL"}


@pytest.mark.parametrize("failing", ["venv", "pip"])
def test_what_is_not_whole_is_not_kept(job: Job, failing: str, capsys: pytest.CaptureFixture[str]) -> None:
    job.code = lambda module: int(module == failing)
    assert job.bootstrap.main() == 2
    assert job.folders == []
    assert capsys.readouterr().out.startswith("::error title=pincheck::pincheck did not run: ")


def spoil_mode(place: Path, other: Path) -> None:
    place.chmod(0o770)


def spoil_link(place: Path, other: Path) -> None:
    place.rename(other)
    place.symlink_to(other)


def spoil_mark(place: Path, other: Path) -> None:
    (place / "ready").unlink()


def spoil_python(place: Path, other: Path) -> None:
    (place / "venv" / "bin" / "python").unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")
@pytest.mark.parametrize("spoil", [spoil_mode, spoil_link, spoil_mark, spoil_python])
def test_what_somebody_else_could_have_made_is_not_used(
    job: Job, tmp_path: Path, spoil: Callable[[Path, Path], None]
) -> None:
    job.bootstrap.main()
    (place,) = job.folders
    spoil(job.temp / place, tmp_path / "other")
    job.taken()
    assert job.bootstrap.main() == 0
    assert all(folder != place for folder, _, _ in job.ran)
    assert job.taken() == ["venv", "pip", "pincheck.action"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners")
def test_another_user_s_folder_is_not_used(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.bootstrap.main()
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    job.taken()
    job.bootstrap.main()
    assert job.taken() == ["venv", "pip", "pincheck.action"]


def test_another_lock_or_python_has_another_place(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places = [job.bootstrap._place()]
    monkeypatch.setattr(job.bootstrap, "LOCK", tmp_path / "other.lock")
    (tmp_path / "other.lock").write_text("attrs==1\n")
    places.append(job.bootstrap._place())
    monkeypatch.setattr(sys, "version", "3.99")
    places.append(job.bootstrap._place())
    monkeypatch.setattr(job.bootstrap, "HERE", tmp_path)
    places.append(job.bootstrap._place())
    assert len(set(places)) == 4


def test_without_a_folder_of_the_job_nothing_is_kept(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RUNNER_TEMP")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    job.bootstrap.main()
    job.bootstrap.main()
    assert job.taken() == ["venv", "pip", "pincheck.action"] * 2
    assert (job.folders, [path.name for path in tmp_path.iterdir()]) == ([], [job.temp.name])


@pytest.mark.parametrize("made", [True, False], ids=["a file", "nothing"])
def test_without_a_place_for_an_environment_nothing_is_found(
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    made: bool,
) -> None:
    """An exit code of 1, as an exception has it, would mean findings."""
    place = tmp_path / "temp"
    if made:
        place.touch()
    monkeypatch.setenv("RUNNER_TEMP", str(place))
    assert job.bootstrap.main() == 2
    first, _, reason = capsys.readouterr().out.partition(": ")
    assert (first, reason.rpartition(": ")[2]) == (
        "::error title=pincheck::pincheck did not run",
        "Not a directory\n" if made else "No such file or directory\n",
    )


def test_what_breaks_halfway_leaves_nothing(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    def full(module: str) -> int:
        raise OSError(28, "No space left on device")

    job.code = full
    assert job.bootstrap.main() == 2
    assert job.folders == []
    assert capsys.readouterr().out.endswith(": No space left on device\n")


def test_steps_at_once_do_not_disturb_each_other(job: Job) -> None:
    """The one that is later uses what it made itself."""
    started: list[str] = []

    def another(module: str) -> int:
        if module == "pip" and not started:
            started.append(module)
            assert job.bootstrap.main() == 0
        return 0

    job.code = another
    assert job.bootstrap.main() == 0
    ran = [folder for folder, module, _ in job.ran if module == "pincheck.action"]
    assert len(set(ran)) == 2
    assert sorted(ran) == job.folders


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_job_that_is_cancelled_lets_the_action_say_what_it_has(tmp_path: Path) -> None:
    """The runner interrupts the step's process alone."""
    waits = "import time\ntry:\n print('ready', flush=True)\n time.sleep(60)\nexcept KeyboardInterrupt:\n exit(130)"
    runs = "import pathlib, sys, bootstrap; sys.exit(bootstrap._run(pathlib.Path('.'), {}, sys.executable, '-c', sys.argv[1]))"
    with subprocess.Popen(
        [sys.executable, "-c", runs, waits],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT / "action")}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as step:  # fmt: skip
        assert step.stdout
        assert step.stderr
        assert step.stdout.readline() == b"ready\n"
        step.send_signal(signal.SIGINT)
        assert (step.wait(30), step.stderr.read()) == (130, b"")
