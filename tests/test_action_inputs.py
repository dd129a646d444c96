"""Inputs that make no sense, and places that a change could have made something else of."""

import os
from pathlib import Path

import pytest
from trees import git, repository, write

from pincheck.action import evidence, inputs
from pincheck.action.inputs import Inputs
from pincheck.errors import UsageError


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout with an app, which links lead to, behind a link."""
    folder = write(tmp_path / "real" / "work space", {"apps/shop/pins.xml": "", "docs/pins.md": ""})
    (folder / "shop").symlink_to("apps/shop")
    (folder / "here").symlink_to(".")
    (folder / "apps" / "docs").symlink_to("../docs")
    (tmp_path / "seen as").symlink_to("real")
    return tmp_path / "seen as" / "work space"


def read(workspace: Path, **given: str) -> Inputs:
    named = {f"PINCHECK_{name.upper()}": value for name, value in given.items()}
    return inputs.read({"GITHUB_WORKSPACE": str(workspace), **named})


def refusal(workspace: Path, **given: str) -> str:
    with pytest.raises(UsageError) as refused:
        read(workspace, **given)
    return str(refused.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"working_directory": "shop"}, "working-directory: shop is a link; name the folder or file that it leads to", id="folder"),
        pytest.param({"working_directory": "here/apps/shop"}, "working-directory: here is a link; name the folder or file that it leads to", id="on the way"),
        pytest.param({"working_directory": "shop/../shop"}, "working-directory: shop is a link; name the folder or file that it leads to", id="left again"),
        pytest.param({"paths": "docs\nshop/"}, "paths: shop is a link; name the folder or file that it leads to", id="path"),
        pytest.param({"working_directory": "apps", "paths": "docs/pins.md"}, "paths: apps/docs is a link; name the folder or file that it leads to", id="path of a folder"),
    ],
)  # fmt: skip
def test_what_is_checked_is_named_without_links(workspace: Path, given: dict[str, str], said: str) -> None:
    assert refusal(workspace, **given) == said


def test_the_workspace_itself_may_lie_behind_a_link(workspace: Path) -> None:
    given = read(workspace, working_directory=str(workspace / "apps"), paths=str(workspace / "apps" / "shop"))
    assert given.root == os.path.realpath(workspace / "apps")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"config": "a\nb"}, r"config: 'a\nb' holds line breaks or other control characters", id="two lines"),
        pytest.param({"paths": "docs\na\rb"}, r"paths: 'a\rb' holds line breaks or other control characters", id="one of several"),
        pytest.param({"sarif_file": "a\x1b[2J"}, r"sarif-file: 'a\x1b[2J' holds line breaks or other control characters", id="escape"),
        pytest.param({"live": "true", "recorded": "seen.json"}, "recorded: is judged instead of looking; leave it out, or live: true", id="looking and not"),
        pytest.param({"fail_on_unchecked": "true"}, "fail-on-unchecked: counts with live: true or a recording only", id="nothing to be unchecked"),
        pytest.param({"record": "seen.json"}, "record: counts with live: true only", id="nothing to record"),
        pytest.param({"recorded": "seen.json", "allow_address": "10.0.0.0/8"}, "allow-address: counts with live: true only", id="nobody is asked"),
    ],
)  # fmt: skip
def test_an_input_without_a_meaning_is_refused(workspace: Path, given: dict[str, str], said: str) -> None:
    assert refusal(workspace, **given) == said


@pytest.mark.parametrize("name", ["sarif_file", "record"])
def test_nothing_is_written_into_what_git_keeps(workspace: Path, name: str) -> None:
    (workspace / ".git" / "hooks").mkdir(parents=True)
    (workspace / "out").symlink_to(".git/hooks")
    place = os.path.realpath(workspace)
    said = f"{name.replace('_', '-')}: {place}/{{}} lies in what git keeps; name another place"
    assert refusal(workspace, live="true", **{name: "out/pre-commit"}) == said.format("out/pre-commit")
    assert refusal(workspace, live="true", **{name: ".GIT"}) == said.format(".GIT")


def test_a_runner_without_a_workspace(tmp_path: Path) -> None:
    for environment, said in (
        ({}, "GITHUB_WORKSPACE is not set, so nobody knows what to check"),
        ({"GITHUB_WORKSPACE": ""}, "GITHUB_WORKSPACE is not set, so nobody knows what to check"),
        ({"GITHUB_WORKSPACE": f"{tmp_path}/none"}, f"GITHUB_WORKSPACE: there is no folder {tmp_path}/none"),
    ):
        with pytest.raises(UsageError) as refused:
            inputs.read(environment)
        assert str(refused.value) == said


# files that the workflow made -----------------------------------------------------


@pytest.mark.parametrize("brought", ["Pins.YML", "pins.yml"])
def test_a_name_that_some_file_systems_take_for_the_change_s_is_not_the_workflow_s(
    tmp_path: Path, brought: str
) -> None:
    """On macOS and Windows ``Pins.YML`` is what ``pins.yml`` opens."""
    workspace = repository(tmp_path / "work", {brought: "theirs"})
    write(workspace, {"pins.yml": "what that opens"})
    given = read(workspace, config="pins.yml")
    assert evidence.apart(given, True, {"RUNNER_TEMP": str(tmp_path)}) == given


def test_the_same_name_composed_otherwise_is_not_the_workflow_s(tmp_path: Path) -> None:
    workspace = repository(tmp_path / "work", {"u\N{COMBINING DIAERESIS}.yml": "theirs"})
    write(workspace, {"\N{LATIN SMALL LETTER U WITH DIAERESIS}.yml": "what that opens"})
    given = read(workspace, config="\N{LATIN SMALL LETTER U WITH DIAERESIS}.yml")
    assert evidence.apart(given, True, {"RUNNER_TEMP": str(tmp_path)}) == given


def test_a_stranger_s_submodule_is_no_folder_to_check(tmp_path: Path) -> None:
    """The files around it would not belong to what is checked, and so be the workflow's."""
    theirs = repository(tmp_path / "theirs", {"pins.xml": ""})
    workspace = repository(tmp_path / "work", {"pins.yml": "theirs"})
    git(
        workspace,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        theirs.as_uri(),
        "apps/shop",
    )
    git(workspace, "commit", "-qm", "more")
    given = read(workspace, working_directory="apps/shop", config="../../pins.yml")
    assert evidence.apart(given, False, {}) == given
    with pytest.raises(UsageError) as refused:
        evidence.apart(given, True, {})
    assert str(refused.value) == (
        "working-directory: apps/shop is a submodule, and a stranger's change may have put it there; "
        "check it in its own repository"
    )


def test_a_checkout_inside_the_checkout_is_the_workflow_s(tmp_path: Path) -> None:
    workspace = repository(tmp_path / "work", {"pins.yml": ""})
    repository(workspace / "app", {"pins.xml": ""})
    given = read(workspace, working_directory="app")
    assert evidence.apart(given, True, {}) == given


def test_no_room_for_a_file_of_the_workflow(tmp_path: Path) -> None:
    workspace = repository(tmp_path / "work", {"pins.xml": ""})
    write(workspace, {"made.yml": ""})
    with pytest.raises(UsageError, match=r"/made\.yml: cannot be copied: No such file or directory$"):
        evidence.apart(read(workspace, config="made.yml"), True, {"RUNNER_TEMP": str(tmp_path / "none")})
