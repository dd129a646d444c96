"""For a stranger's change: files that the workflow made itself, put where the change cannot have brought them.

A run takes every file of the repository that inputs name from the base. A file that is not tracked, such as
last night's recording that a step downloaded, is no part of the change, and is handed over as a copy.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping

from pincheck import git
from pincheck.action.inputs import Inputs


def apart(inputs: Inputs, strange: bool, environment: Mapping[str, str]) -> Inputs:
    """The inputs, in which a file that the workflow made lies outside the repository."""
    named = [path for path in (inputs.config, inputs.recorded, inputs.ca_data, *inputs.trust_anchors) if path]
    own = _untracked(inputs.root, named) if strange and named else frozenset()
    if not own:
        return inputs
    folder = tempfile.mkdtemp(prefix="pincheck-made-", dir=environment.get("RUNNER_TEMP") or None)

    def moved(path: str) -> str:
        return _copied(path, folder) if path in own else path

    return inputs._replace(
        config=moved(inputs.config),
        recorded=moved(inputs.recorded),
        ca_data=moved(inputs.ca_data),
        trust_anchors=tuple(map(moved, inputs.trust_anchors)),
    )


def _untracked(root: str, paths: list[str]) -> frozenset[str]:
    """Those that the commit checked out does not bring: not itself, nor as a link or a submodule on its way."""
    top = git.work_tree(root)
    try:
        head = git.commit(top, "HEAD") if top else ""
        brought = (
            {path for path, entry in git.entries(top, head).items() if entry.mode != "040000"}
            if head
            else None
        )
    except git.GitFailed:
        brought = None
    if brought is None:  # nobody can tell, so none of them is known to be the workflow's
        return frozenset()
    return frozenset(path for path in paths if os.path.isfile(path) and not brought & _ways(path, top))


def _ways(path: str, top: str) -> set[str]:
    """The path and all folders on its way, from the top; as it is written, and with its links followed."""
    found = set()
    for place in (os.path.normpath(path), os.path.realpath(path)):
        steps = os.path.relpath(place, top).replace(os.sep, "/").split("/")
        found |= {"/".join(steps[: count + 1]) for count in range(len(steps))}
    return found


def _copied(path: str, folder: str) -> str:
    copy = os.path.join(tempfile.mkdtemp(dir=folder), os.path.basename(path))
    return shutil.copyfile(path, copy)
