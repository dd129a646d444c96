"""The step's ``with:``, as action.yml passes it on in the environment -> inputs that make sense.

Source: docs.github.com, "Metadata syntax for GitHub Actions".
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pincheck import registry
from pincheck.errors import UsageError
from pincheck.model import SEVERITIES

MODES = ("pull-request", "push", "watch", "report")
MOST_COMMENTS = 100

_REVISION = re.compile(r"(?![-+])[^\x00-\x20\x7f:?*\[\\]{1,250}")
"""A name that git takes for one revision and never for an option, a pattern or a pair of names."""


class Inputs(NamedTuple):
    """What the workflow asks for, all places absolute."""

    workspace: str
    root: str
    """The working directory."""
    paths: tuple[str, ...] = (".",)
    config: str = ""
    mode: str = ""
    """One of ``MODES``; empty: by the event."""
    base_ref: str = ""
    """The revision to compare with; empty: by the event."""
    fail_on: str = ""
    """A severity, ``never``, or empty for what the mode and the configuration say."""
    fail_on_new: bool = True
    """Where there is a state to compare with, fail for what it did not have."""
    fail_on_unchecked: bool = False
    format: str = "github"
    sarif_file: str = ""
    live: bool = False
    ct: bool = False
    """Whether public certificate logs are asked too."""
    recorded: str = ""
    """A recording to judge instead of looking, or empty."""
    record: str = ""
    ca_data: str = ""
    """A table of CA keys, or empty for the one that comes along."""
    trust_anchors: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    """Networks that may be asked although they are not public."""
    comment: bool = True
    max_comments: int = 20
    resolve: bool = False
    """Whether the threads of findings that are gone are resolved."""

    @property
    def prefix(self) -> str:
        """The working directory from the workspace, with ``/``; empty if they are the same."""
        relative = seen_from(self.workspace, self.root)
        return "" if relative == "." else relative


def read(environment: Mapping[str, str]) -> Inputs:
    """Return the inputs; raise ``UsageError`` for one that makes no sense."""
    workspace = _workspace(environment.get("GITHUB_WORKSPACE", ""))

    def whole(name: str) -> str:
        return environment.get(f"PINCHECK_{name.upper().replace('-', '_')}", "").strip()

    def given(name: str) -> str:
        return _one_line(whole(name), name)

    def lines(name: str) -> tuple[str, ...]:
        found = [line.strip() for line in whole(name).split("\n")]
        return tuple(_one_line(line, name) for line in found if line)

    root = _inside(workspace, os.path.join(workspace, given("working-directory")), "working-directory")
    if not os.path.isdir(root):
        raise UsageError(f"working-directory: there is no folder {given('working-directory')}")
    _expect_no_link(workspace, os.path.join(workspace, given("working-directory")), "working-directory")
    for path in lines("paths"):
        _expect_no_link(workspace, os.path.join(root, path), "paths")

    def place(name: str) -> str:
        return os.path.join(root, given(name)) if given(name) else ""

    def target(name: str) -> str:
        return _to_write(workspace, place(name), name) if given(name) else ""

    def word(name: str, words: Iterable[str]) -> str:
        return _one_of(words, given(name), name) if given(name) else ""

    def yes(name: str, default: bool = False) -> bool:
        return _one_of(("true", "false"), given(name), name) == "true" if given(name) else default

    return _sensible(
        Inputs(
            workspace=workspace,
            root=root,
            paths=lines("paths") or (".",),
            config=place("config"),
            mode=word("mode", MODES),
            base_ref=_revision(given("base-ref"), "base-ref"),
            fail_on=word("fail-on", (*SEVERITIES, "never")),
            fail_on_new=yes("fail-on-new", default=True),
            fail_on_unchecked=yes("fail-on-unchecked"),
            format=word("format", [each.name for each in registry.outputs()]) or "github",
            sarif_file=target("sarif-file"),
            live=yes("live"),
            ct=yes("ct"),
            recorded=place("recorded"),
            record=target("record"),
            ca_data=place("ca-data"),
            trust_anchors=tuple(os.path.join(root, name) for name in lines("trust-anchors")),
            allowed=lines("allow-address"),
            comment=yes("comment", default=True),
            max_comments=_number(given("max-comments") or "20", "max-comments"),
            resolve=yes("resolve"),
        )
    )


def _sensible(inputs: Inputs) -> Inputs:
    """The inputs; raise ``UsageError`` for one that would be without effect."""
    if inputs.live and inputs.recorded:
        raise UsageError("recorded: is judged instead of looking; leave it out, or live: true")
    if not inputs.live and not inputs.recorded:
        for name, value in (("ct", inputs.ct), ("fail-on-unchecked", inputs.fail_on_unchecked)):
            if value:
                raise UsageError(f"{name}: counts with live: true or a recording only")
    if not inputs.live:
        for name, text in (("record", inputs.record), ("allow-address", inputs.allowed)):
            if text:
                raise UsageError(f"{name}: counts with live: true only")
    return inputs


def _workspace(given: str) -> str:
    """The real place of the folder that the runner prepared."""
    if not given:
        raise UsageError("GITHUB_WORKSPACE is not set, so nobody knows what to check")
    workspace = os.path.realpath(given)
    if not os.path.isdir(workspace):
        raise UsageError(f"GITHUB_WORKSPACE: there is no folder {given}")
    return workspace


def _one_line(text: str, name: str) -> str:
    if any(character < " " or character == "\x7f" for character in text):
        raise UsageError(f"{name}: {text!r} holds line breaks or other control characters")
    return text


def seen_from(folder: str, path: str) -> str:
    """The path from the folder, with ``/``."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _inside(workspace: str, path: str, name: str) -> str:
    """The real place of ``path``, links followed, which must be the workspace or lie in it."""
    place = os.path.realpath(path)
    if not _holds(workspace, place):
        raise UsageError(f"{name}: {path} lies outside the workspace; name a place inside it")
    return place


def _holds(workspace: str, place: str) -> bool:
    return place == workspace or place.startswith(os.path.join(workspace, ""))


def _expect_no_link(workspace: str, path: str, name: str) -> None:
    """Raise ``UsageError`` for a link of the workspace on the way to ``path``.

    A change may point it to a folder without pins: what it took away would then be missed by nobody.
    """
    above = os.path.dirname(path)
    if above == path:
        return
    if os.path.islink(path) and _holds(workspace, os.path.realpath(above)):
        shown = seen_from(workspace, os.path.join(os.path.realpath(above), os.path.basename(path)))
        raise UsageError(f"{name}: {shown} is a link; name the folder or file that it leads to")
    _expect_no_link(workspace, above, name)


def _to_write(workspace: str, path: str, what: str) -> str:
    """The place of a file to write: links are followed to its folder, but not the file itself."""
    folder, name = os.path.split(path)
    if name in ("", ".", ".."):
        raise UsageError(f"{what}: {path} names no file")
    place = os.path.join(_inside(workspace, folder, what), name)
    if ".git" in seen_from(workspace, place).casefold().split("/"):
        raise UsageError(f"{what}: {path} lies in what git keeps; name another place")
    return place


def _one_of(words: Iterable[str], word: str, name: str) -> str:
    known = list(words)
    if word not in known:
        raise UsageError(f"{name}: {word!r} is not known; write {', '.join(known[:-1])} or {known[-1]}")
    return word


def _revision(word: str, name: str) -> str:
    if word and not _REVISION.fullmatch(word):
        raise UsageError(f"{name}: {word!r} names no branch, tag or commit")
    return word


def _number(word: str, name: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", word) or int(word) > MOST_COMMENTS:
        raise UsageError(f"{name}: {word!r} is no number from 0 to {MOST_COMMENTS}")
    return int(word)
