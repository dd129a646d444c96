"""A tree -> the settings that judge it: its configuration, and who reads the evidence named there."""

import os
import posixpath
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pincheck.errors import ConfigError
from pincheck.model import Policy
from pincheck.trees import Tree

CONFIG_NAMES = (".pincheck.yml", ".pincheck.yaml")
MAX_EVIDENCE_BYTES = 1024 * 1024

Levels = Sequence[tuple[str, Any]]
"""Names of rules and the level that the command line sets them to."""


class Settings(NamedTuple):
    """How a tree is judged."""

    policy: Policy
    read: Callable[[str], bytes | str]
    """Reads the files of evidence, whose paths begin beside a configuration that was found, else at the root."""
    data: bytes | None = None
    """What the configuration says; None if there is none."""
    place: str = ""
    """Where the configuration was found, from the root; empty for one that the user names, and if there is none."""

    @property
    def is_above(self) -> bool:
        """Whether the configuration was found above the root, so that it may speak of files that are not read."""
        return self.place.startswith("../")


def found(tree: Tree, levels: Levels = ()) -> Settings:
    """By the nearest configuration at the root or above it, if there is one; raise ``ConfigError``."""
    place = tree.nearest(CONFIG_NAMES)
    if not place:
        return defaults(tree, levels)
    shown = posixpath.basename(place) if place.startswith("../") else place
    settings = _by(
        shown, lambda: tree.file(place, _most()), _evidence(tree, posixpath.dirname(place)), levels
    )
    return settings._replace(place=place)


def named(tree: Tree, path: str, levels: Levels = ()) -> Settings:
    """By the configuration at a path of the tree."""
    return _by(path, lambda: tree.file(path, _most()), _evidence(tree, ""), levels)


def outside(tree: Tree, path: str, levels: Levels = ()) -> Settings:
    """By a configuration that the user names, wherever it is on disk; called by its path from the root."""
    relative = os.path.relpath(os.path.realpath(path), tree.root).replace(os.sep, "/")
    shown = os.path.basename(path) if relative.startswith("../") else relative
    return _by(shown, lambda: _on_disk(path), _evidence(tree, ""), levels)


def defaults(tree: Tree, levels: Levels = ()) -> Settings:
    """Without any configuration."""
    return Settings(_levelled(Policy(), levels), _evidence(tree, ""))


def _by(
    shown: str, contents: Callable[[], bytes], read: Callable[[str], bytes | str], levels: Levels
) -> Settings:
    from pincheck import config, files

    try:
        data = contents()
    except files.Unusable as error:
        raise ConfigError(f"{shown}: {error.why}") from None
    return Settings(_levelled(config.read(data, shown), levels), read, data)


def _on_disk(path: str) -> bytes:
    from pincheck import files

    return files.read(path, _most())


def _most() -> int:
    from pincheck import config

    return config.MAX_BYTES


def _levelled(policy: Policy, levels: Levels) -> Policy:
    """The policy with the levels of the command line over its own."""
    if levels:
        from pincheck import explain

        for name, _ in levels:
            explain.page(name)
    return policy._replace(severities=(*policy.severities, *levels))


def _evidence(tree: Tree, folder: str) -> Callable[[str], bytes | str]:
    """Who reads the files of evidence; nothing outside the repository is read, whatever links lead there."""

    def read(path: str) -> bytes | str:
        from pincheck import files

        if "\0" in path:
            return "is no file name"
        if posixpath.isabs(path) or os.path.isabs(path):
            return "lies outside the repository and is not read"
        try:
            return tree.file(posixpath.join(folder, path), MAX_EVIDENCE_BYTES)
        except files.Unusable as error:
            return error.why

    return read
