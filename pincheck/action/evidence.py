"""For a stranger's change: files that the workflow made itself, put where the change cannot have brought them.

A run takes every file of the repository that inputs name from the base. A file that is not tracked, such as
last night's recording that a step downloaded, is no part of the change, and is handed over as a copy.
"""

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping

from pincheck import git
from pincheck.action.inputs import Inputs, seen_from
from pincheck.errors import UsageError


def apart(inputs: Inputs, strange: bool, environment: Mapping[str, str]) -> Inputs:
    """The inputs, in which a file that the workflow made lies outside the repository."""
    if strange:
        _expect_no_submodule(inputs)
    named = [path for path in (inputs.config, inputs.recorded, inputs.ca_data, *inputs.trust_anchors) if path]
    own = _untracked(inputs.root, named) if strange and named else frozenset()
    if not own:
        return inputs
    temporary = environment.get("RUNNER_TEMP") or None

    def moved(path: str) -> str:
        return _copied(path, temporary) if path in own else path

    return inputs._replace(
        config=moved(inputs.config),
        recorded=moved(inputs.recorded),
        ca_data=moved(inputs.ca_data),
        trust_anchors=tuple(map(moved, inputs.trust_anchors)),
    )


def _expect_no_submodule(inputs: Inputs) -> None:
    """Raise ``UsageError`` where the folder to check is, or lies in, a submodule: the change may have made it one.

    It would be taken for a repository of its own, of which nothing is known from before the change, and to
    which the files around it that inputs name do not belong.
    """
    top = git.work_tree(inputs.root)
    while top.startswith(os.path.join(inputs.workspace, "")):
        around = git.work_tree(os.path.dirname(top))
        if around and _fold(seen_from(around, top)) in _brought(around):
            raise UsageError(
                f"working-directory: {seen_from(around, top)} is a submodule, and a stranger's change may have "
                "put it there; check it in its own repository"
            )
        top = around


def _untracked(root: str, paths: list[str]) -> frozenset[str]:
    """Those that the commit checked out does not bring: not itself, nor as a link or a submodule on its way."""
    top = git.work_tree(root)
    brought = _brought(top)
    if not brought:  # nobody can tell, so none of them is known to be the workflow's
        return frozenset()
    return frozenset(path for path in paths if os.path.isfile(path) and not brought & _ways(path, top))


def _brought(top: str) -> frozenset[str]:
    """What the commit checked out brings, but for folders; nothing if git does not tell."""
    try:
        head = git.commit(top, "HEAD") if top else ""
        entries = git.entries(top, head) if head else {}
    except git.GitFailed:
        return frozenset()
    return frozenset(_fold(path) for path, entry in entries.items() if entry.mode != "040000")


def _ways(path: str, top: str) -> set[str]:
    """The path and all folders on its way, from the top; as it is written, and with its links followed."""
    found = set()
    for place in (os.path.normpath(path), os.path.realpath(path)):
        steps = _fold(seen_from(top, place)).split("/")
        found |= {"/".join(steps[: count + 1]) for count in range(len(steps))}
    return found


def _fold(path: str) -> str:
    """The same for all names that a file system of macOS or Windows takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _copied(path: str, temporary: str | None) -> str:
    try:
        folder = tempfile.mkdtemp(prefix="pincheck-made-", dir=temporary)
        return shutil.copyfile(path, os.path.join(folder, os.path.basename(path)))
    except OSError as error:
        raise UsageError(f"{path}: cannot be copied: {error.strerror}") from None
