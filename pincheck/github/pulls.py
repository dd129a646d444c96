"""A pull request, and its diff as GitHub shows it: the lines that a comment may stand on.

Source: docs.github.com, "REST API endpoints for pull requests"; a file's ``patch`` is a unified diff
without its header, of the head commit against the merge base.
"""

import re
from typing import NamedTuple

from pincheck.github.api import GitHub, Json, field, number, text
from pincheck.http import Failed
from pincheck.model.review import Diff, Hunk, Side

MOST_FILES = 3_000
"""GitHub lists no more files of a pull request."""

_SHA = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_HEADER = r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@"


class Pull(NamedTuple):
    """A pull request at one moment."""

    number: int
    base_sha: str
    head_sha: str
    head_repository_id: int
    """0 if that repository is gone."""
    base_repository_id: int
    state: str
    """``open`` or ``closed``."""

    @property
    def fork(self) -> bool:
        """Whether it comes from another repository, or from one that is gone."""
        return self.head_repository_id != self.base_repository_id


def get(api: GitHub, pull: int) -> Pull | Failed:
    """The pull request as it is now."""
    said = api.get(f"pulls/{pull}")
    if isinstance(said, Failed):
        return said
    return _pull(said) or Failed("answers with no pull request")


def find(api: GitHub, head_sha: str, head_repository_id: int) -> Pull | str:
    """The one open pull request with this head, or the reason why there is not exactly one."""
    listed = api.pages("pulls", state="open", sort="updated", direction="desc")
    if isinstance(listed, Failed):
        return f"GitHub does not tell which pull requests are open: it {listed.why}"
    pulls = [
        pull for item in listed if (pull := _pull(item)) and pull.head_repository_id == head_repository_id
    ]
    fitting = [pull for pull in pulls if pull.head_sha == head_sha and pull.state == "open"]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        numbers = ", ".join(f"#{pull.number}" for pull in sorted(fitting))
        return f"several open pull requests have the commit {head_sha[:12]} as their head: {numbers}"
    gone = f"no open pull request has the commit {head_sha[:12]} as its head"
    return f"{gone}: it has moved on, or is closed by now"


def fork_point(api: GitHub, base: str, head: str) -> str:
    """The hash of the best common ancestor of two commits, or an empty string.

    The first page would bring the changed files, which nobody needs.
    """
    said = text(api.get(f"compare/{base}...{head}?per_page=1&page=2"), "merge_base_commit", "sha")
    return said if re.fullmatch(_SHA, said) else ""


def diff_of(api: GitHub, pull: int) -> Diff | Failed:
    """The hunks of every file that GitHub lists; none for a file without text to show (see ``gaps``)."""
    listed = api.pages(f"pulls/{pull}/files")
    if isinstance(listed, Failed):
        return listed
    return {name: hunks(text(item, "patch")) for item in listed if (name := text(item, "filename"))}


def gaps(diff: Diff) -> tuple[str, ...]:
    """What a diff lacks, for who wonders why a line got no comment."""
    if len(diff) < MOST_FILES:
        return ()
    return (f"GitHub lists only the first {MOST_FILES} files of a pull request; the rest gets no comments",)


def _pull(said: Json) -> Pull | None:
    pull = Pull(
        number(said, "number"),
        text(said, "base", "sha"),
        text(said, "head", "sha"),
        number(said, "head", "repo", "id"),
        number(said, "base", "repo", "id"),
        text(said, "state"),
    )
    whole = all(re.fullmatch(_SHA, sha) for sha in (pull.base_sha, pull.head_sha))
    return pull if whole and pull.number > 0 and field(said, "base", "repo") else None


def hunks(patch: str) -> tuple[Hunk, ...]:
    """The hunks of one file; what follows a header that is none, or a line too few, is left out."""
    lines, found, position = patch.split("\n"), list[Hunk](), 0
    while position < len(lines) and (header := re.match(_HEADER, lines[position])):
        old, old_length, new, new_length = (int(part or 1) for part in header.groups())
        hunk: dict[tuple[Side, int], str] = {}
        old_end, new_end = old + old_length, new + new_length
        position += 1
        while position < len(lines) and (old < old_end or new < new_end or lines[position][:1] == "\\"):
            kind, line = lines[position][:1], lines[position][1:].removesuffix("\r")
            if kind == "-":
                hunk["LEFT", old] = line
            elif kind in ("+", " ", ""):
                hunk["RIGHT", new] = line
            elif kind != "\\":
                break
            old, new = old + (kind in "- "), new + (kind in "+ ")
            position += 1
        found.append(Hunk(hunk))
    return tuple(found)
