"""What decides how a tree is judged: what it asks for itself, or, of a stranger's change, the state before."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from pincheck import git, settings
from pincheck.errors import ConfigError
from pincheck.run.request import Request
from pincheck.settings import Settings
from pincheck.trees import Tree, WorkTree

MAX_KEPT_BYTES = 128 * 1024 * 1024
"""Of a recording, the largest file that a request may name."""


def settings_of(request: Request, tree: Tree) -> Settings:
    """The settings that a tree asks for itself, or a configuration that the user names."""
    if not request.config:
        return settings.found(tree, request.rules)
    path = "" if isinstance(tree, WorkTree) else from_root(request.config, tree.root)
    if path:
        return settings.named(tree, path, request.rules)
    return settings.outside(tree, request.config, request.rules)


def settings_before(request: Request, tree: Tree, shown: str) -> tuple[Settings, tuple[str, ...]]:
    """The settings of the state before, and notes; where they make no sense, or are new, the defaults."""
    path = from_root(request.config, tree.root) if request.config else ""
    if path and not tree.kind(path):
        note = f"{path} is not in {shown}, so the defaults hold"
        return settings.defaults(tree, request.rules), ((note,) if request.strange else ())
    try:
        return settings_of(request, tree), ()
    except ConfigError as error:
        if request.strange or (request.config and not path):
            raise ConfigError(f"{error} (in {shown})" if request.strange else str(error)) from None
        note = f"{error} (in {shown}), so the state before is judged by the defaults"
        return settings.defaults(tree, request.rules), (note,)


def settings_outside(request: Request, tree: Tree) -> Settings:
    """The settings of a tree that does not decide itself: a configuration from outside, or the defaults."""
    if request.config and not from_root(request.config, tree.root):
        return settings.outside(tree, request.config, request.rules)
    return settings.defaults(tree, request.rules)


def settings_in_vain(request: Request, tree: Tree) -> Settings | None:
    """The settings that a stranger's change asks for, in vain; None where they make no sense."""
    try:
        return settings_of(request, tree)
    except ConfigError:
        return None


def from_root(path: str, root: str) -> str:
    """The path from the root of a file that lies in the repository; nothing for one outside.

    One whose name lies in it counts, wherever links lead: they may be of the change.
    """
    root = os.path.realpath(root)
    within = os.path.join(git.work_tree(root) or root, "")
    full = os.path.abspath(path)
    if not full.startswith(within):
        folder, name = os.path.split(full)
        full = os.path.join(os.path.realpath(folder), name)
    return os.path.relpath(full, root).replace(os.sep, "/") if full.startswith(within) else ""


class Kept(NamedTuple):
    """A request with the files of the repository that it names as they were before a change."""

    request: Request
    notes: tuple[str, ...]
    """Which of them were not there; they are not used."""
    changed: tuple[str, ...]
    """Those that say something else after the change, by their path from the root."""


def as_before(request: Request, before: Tree | None, after: Tree, opened: ExitStack) -> Kept:
    """Take the files of the repository that a request names from the state before, as far as they are there.

    Of a stranger's change no other file of the repository is used. Files outside stay what they are.
    """
    notes: list[str] = []
    changed: list[str] = []

    def kept(path: str) -> str:
        inside = from_root(path, after.root) if path else ""
        if not inside:
            return path
        then, now = _contents(before, inside) if before else None, _contents(after, inside)
        if not request.strange and then in (None, now):
            return path
        if then is None:
            notes.append(f"{inside} is not used, because it may be of the change that is checked")
            return ""
        if then != now:
            changed.append(inside)
        return opened.enter_context(_copied(os.path.basename(path), then))

    live = request.live
    if live:
        from pincheck.looking import Looking

        if not isinstance(
            live, Looking
        ):  # what looks already looks for several repositories, by files of none
            recorded = kept(live.recorded)
            anchors = tuple(filter(None, map(kept, live.trust_anchors)))
            live = (
                live._replace(recorded=recorded, trust_anchors=anchors) if recorded or live.options else None
            )
    before_it = request._replace(ca_data=kept(request.ca_data), live=live)
    return Kept(before_it, tuple(notes), tuple(changed))


def _contents(tree: Tree, path: str) -> bytes | None:
    from pincheck import files

    try:
        return tree.file(path, MAX_KEPT_BYTES)
    except files.Unusable:
        return None


@contextmanager
def _copied(name: str, data: bytes) -> Iterator[str]:
    """A file of that name which holds the data, for as long as it is needed."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="pincheck-") as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(data)
        yield path
