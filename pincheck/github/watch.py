"""A watch's draft -> one issue per repository and key: opened, edited, closed and opened again.

It is known again by its label, its first line (see ``markers``) and by who wrote it.
Source: docs.github.com, "REST API endpoints for issues".
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pincheck.github import markers
from pincheck.github.api import Author, GitHub, Json, items, number, text
from pincheck.github.markers import Marker
from pincheck.github.posting import Posted, Writer, in_rounds, needed
from pincheck.http import Failed
from pincheck.model.review import IssueDraft

LABEL = "pincheck"
_TITLE_CHARACTERS = 256
_ALL_WELL = "**All is well**: nothing of what stood here is left. This issue is opened again if that changes."


class _Own(NamedTuple):
    """An issue of this watch."""

    number: int
    body: str
    marker: Marker
    closed: bool
    for_good: bool
    """Somebody closed it as not planned, or as a duplicate."""


def sync(api: GitHub, draft: IssueDraft, key: str) -> Posted:
    """Bring the one issue to what the draft says; a second identical call writes nothing.

    Closed when all is well, and opened again when something is wrong, save where somebody closed it as not
    planned: then it is kept up to date, and stays closed. What is not found any more in what nobody could look at
    keeps it open.
    """
    watching = _Watching(api, draft, markers.key_of(key))
    return in_rounds(watching.writer, watching.round)


class _Watching:
    """What is known while the issue is brought up to date."""

    def __init__(self, api: GitHub, draft: IssueDraft, key: str) -> None:
        self.api, self.draft, self.key = api, draft, key
        self.writer = Writer(api, "`issues: write`")
        self.unseen = markers.Unseen(draft.unseen)

    def round(self) -> None:
        """Read what is there and write what is missing."""
        author = needed(self.api.author())
        issues = self._find(author)
        if issues is None:
            return
        wrong = bool(self.draft.body.strip())
        if len(issues) > 1:
            others = ", ".join(f"#{issue.number}" for issue in issues[1:])
            self.writer.note(f"issue #{issues[0].number} is kept; close {others} of the same watch")
        if issues:
            (self._wrong if wrong else self._well)(issues[0])
        elif wrong:
            self._open()

    def _find(self, author: Author) -> list[_Own] | None:
        """The issues of this watch, oldest first; None if the repository has no issues."""
        found = self._listed(author, state="all", labels=LABEL)
        if found == []:  # the label may have been taken off: then only its author tells
            state = "all" if self.draft.body.strip() else "open"
            found = self._listed(author, state=state, creator=author.login)
        return None if found is None else sorted(found)

    def _listed(self, author: Author, **query: str) -> list[_Own] | None:
        listed = self.api.pages("issues", direction="asc", **query)
        if isinstance(listed, Failed) and listed.status == 410:
            self.writer.fail("this repository has its issues switched off; the watch has no place to speak")
            return None
        if isinstance(listed, Failed) and listed.status == 422:  # this server knows no such author
            return []
        return list(self._own(needed(listed), author))

    def _own(self, listed: list[Mapping[str, Json]], author: Author) -> Iterator[_Own]:
        for item in listed:
            marker = markers.read(text(item, "body"))
            fits = marker and (marker.kind, marker.key) == ("issue", self.key)
            if marker and fits and "pull_request" not in item and author.wrote(item):
                closed = text(item, "state") == "closed"
                for_good = closed and text(item, "state_reason") in ("not_planned", "duplicate")
                yield _Own(number(item, "number"), text(item, "body"), marker, closed, for_good)

    def _open(self) -> None:
        content = {"title": self._title(), "body": self._body(), "labels": [LABEL]}
        said = self.writer.write("the issue", "POST", "issues", content)
        if not isinstance(said, Failed) and not any(
            text(label, "name") == LABEL for label in items(said, "labels")
        ):
            self.writer.note(f"the issue could not be given the label {LABEL}")

    def _wrong(self, issue: _Own) -> None:
        again: dict[str, Json] = {"state": "open"} if issue.closed and not issue.for_good else {}
        self._say(issue, self._body(issue.marker), again)

    def _well(self, issue: _Own) -> None:
        if issue.marker.state == "fixed":
            return
        if why := self.unseen.why(issue.marker):
            self.writer.note(
                f"issue #{issue.number} is not closed: not all of it could be looked for; it says why"
            )
            news = f"**No longer found**, but {why}. Nobody knows whether all is well."
            marker = issue.marker._replace(state="unseen")
            self._say(issue, markers.body(marker, markers.with_news(news, issue.body)))
            return
        closing: dict[str, Json] = {} if issue.closed else {"state": "closed", "state_reason": "completed"}
        self._say(issue, markers.body(Marker("issue", self.key, "fixed"), _ALL_WELL), closing)

    def _say(self, issue: _Own, body: str, more: Mapping[str, Json] = {}) -> None:
        change = {**({} if markers.same(issue.body, body) else {"body": body}), **more}
        if change:
            self.writer.write(f"issue #{issue.number}", "PATCH", f"issues/{issue.number}", change)

    def _title(self) -> str:
        return self.draft.title.encode("utf-8", "replace").decode()[:_TITLE_CHARACTERS]

    def _body(self, *before: Marker) -> str:
        needs = self.unseen.needs(self.draft.needs, *before)
        return markers.body(Marker("issue", self.key, needs=needs), self.draft.body)
