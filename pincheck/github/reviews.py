"""A draft -> comments on a pull request: new ones in one review, known ones edited in place, nothing twice.

A comment is known again by its first line (see ``markers``) and by who wrote it. The state is read before
anything is written, and again after a write of which nobody knows whether it was carried out.
Source: docs.github.com, "REST API endpoints for pull request reviews", "… review comments", "… issue comments".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pincheck.github import markers, pulls
from pincheck.github.api import VIEWER, Author, GitHub, Json, field, items, number, text
from pincheck.github.markers import Marker, State
from pincheck.github.posting import Posted, Writer, in_rounds, needed, trouble
from pincheck.github.pulls import Pull
from pincheck.http import Failed
from pincheck.model.review import Comment, Draft
from pincheck.outputs._summary import text as text_of

AT_ONCE = 30
"""Reviews with more comments fail in practice (reviewdog/reviewdog#355, src-d/lookout#264)."""

_THREADS = """
query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes { id isResolved comments(first: 1) { nodes { id } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
_RESOLVE = """
mutation ($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""
DOCUMENTS = (VIEWER, _THREADS, _RESOLVE)
"""All of GraphQL that is ever sent."""
_THREAD_PAGES = 50
_DENIALS = 3
"""After so many the token is not tried again on comments."""
_NEVER = "in a pull request of a fork or of Dependabot its own token never has it"
_ALL_WELL = "**pincheck**: all is well again; nothing of what stood here is left."
_TWICE = "**pincheck**: the first of its summaries here is the one that is kept up to date."


class _Own(NamedTuple):
    """A comment of this tool and of this run's key."""

    id: int
    node: str
    """The same to GraphQL."""
    body: str
    marker: Marker
    place: tuple[str, str, int, int] | None
    """Path, side, first and last line in the newest diff; None if that no longer has them."""

    @property
    def path(self) -> str:
        """Where it is edited."""
        return f"{'pulls' if self.marker.kind == 'comment' else 'issues'}/comments/{self.id}"


def sync(api: GitHub, pull: int, head_sha: str, draft: Draft, key: str, resolve: bool = False) -> Posted:
    """Bring a pull request's comments to what the draft says of its head; a second identical call writes nothing.

    ``key`` tells several runs in one pull request apart. With ``resolve`` the conversations of findings that
    are fixed now are resolved too. Nothing is posted on a request that is closed or has another head by now.
    What GitHub takes no comment on, neither in a review nor alone, is left to the summary.
    """
    now = pulls.get(api, pull)
    if isinstance(now, Failed):
        return Posted((f"nothing is posted: {trouble(now)}",), failed=True)
    if now.state != "open":
        return Posted((f"nothing is posted: pull request #{now.number} is closed",))
    if now.head_sha != head_sha:
        return Posted((f"nothing is posted: pull request #{now.number} has moved on to another commit",))
    posting = _Posting(api, now, draft, markers.key_of(key), resolve)
    return in_rounds(posting.writer, posting.round)


class _Posting:
    """What is known while one pull request is brought up to date."""

    def __init__(self, api: GitHub, pull: Pull, draft: Draft, key: str, resolve: bool) -> None:
        self.api, self.pull, self.draft, self.key, self.resolve = api, pull, draft, key, resolve
        self.writer = Writer(api, "`pull-requests: write`", _NEVER)
        self.standing, self.silenced = (
            frozenset(map(markers.sign, each)) for each in (draft.open, draft.silenced)
        )
        self.denials = 0
        self.unplaced: set[str] = set()
        """Signs of the findings for which GitHub takes no comment on the diff."""
        self.told: set[str] = set()
        """Fingerprints of the findings that comments on lines tell."""
        self.refused: dict[str, Failed] = {}
        """Comments that are not to be edited, and why."""
        self.unseen = markers.Unseen(draft.unseen)

    def round(self) -> None:
        """Read what is there and write what is missing."""
        author = needed(self.api.author())
        inline = needed(self.api.pages(f"pulls/{self.pull.number}/comments"))
        below = needed(self.api.pages(f"issues/{self.pull.number}/comments"))
        summaries = sorted(self._own(below, author, "summary"), key=lambda own: own.id)
        for summary in summaries:
            if summary.marker.commit == self.pull.head_sha:
                self.unplaced |= {*summary.marker.of}
        fixed = self._comments(list(self._own(inline, author, "comment")))
        self._summaries(summaries)
        if self.resolve and fixed:
            self._resolve(fixed)

    def _own(self, items: Iterable[Json], author: Author, kind: str) -> Iterator[_Own]:
        for item in items:
            marker = markers.read(text(item, "body"))
            if marker and (marker.kind, marker.key) == (kind, self.key) and author.wrote(item):
                yield _Own(
                    number(item, "id"), text(item, "node_id"), text(item, "body"), marker, _place(item)
                )

    # comments on lines ---------------------------------------------------------

    def _comments(self, there: Sequence[_Own]) -> frozenset[str]:
        """Make and edit them; return the nodes of those that now say that their findings are fixed.

        New ones come first, then those that say something else by now (made anew if they may not be edited), then
        those whose findings are gone.
        """
        known = _known(self.draft.comments, there)
        self.told = _told(known)
        self._reviews(each for each in self.draft.comments if each not in known)
        self._reviews(
            comment for comment, own in known.items() if _denied(self._edit(own, self._body(comment, own)))
        )
        kept = {own.id for own in known.values()}
        settled = {own.node: self._settled(own) for own in there if own.id not in kept}
        return frozenset(node for node, state in settled.items() if state == "fixed")

    def _reviews(self, comments: Iterable[Comment]) -> None:
        new = [comment for comment in comments if not self._is_unplaced(comment)]
        for start in range(0, len(new), AT_ONCE):
            self._review(new[start : start + AT_ONCE])

    def _settled(self, own: _Own) -> State:
        """Let a comment that no finding keeps say what became of its own; return the state that it is in then."""
        before = own.marker.state
        if before == "fixed":
            return before
        if standing := self.standing & {*own.marker.of}:
            self.told |= standing if own.place and before == "open" else frozenset()
            return before
        state, news = self._fate(own.marker)
        if state == before:
            return before
        body = markers.body(own.marker._replace(state=state), markers.with_news(news, own.body))
        return before if self._edit(own, body) else state

    def _fate(self, marker: Marker) -> tuple[State, str]:
        """What became of findings that are not told any more, and how to say it."""
        head = self.pull.head_sha[:12]
        if self.silenced & {*marker.of}:
            return "silenced", f"**Silenced** in {head}: it is still there, and no longer told."
        if why := self.unseen.why(marker):
            return "unseen", f"**No longer found** in {head}, but {why}."
        return "fixed", f"**Fixed** in {head}."

    def _review(self, comments: Sequence[Comment]) -> None:
        """One review of all; GitHub refuses it whole and does not say why, so then each comment alone."""
        targets = [{**_target(comment), "body": self._body(comment)} for comment in comments]
        review = {"commit_id": self.pull.head_sha, "event": "COMMENT", "comments": targets}
        if self._refuses("a review", "reviews", review, comments):
            for comment, target in zip(comments, targets, strict=True):
                alone = {"commit_id": self.pull.head_sha, **target}
                if self._refuses("a comment", "comments", alone, [comment]):
                    self.unplaced |= _signs(comment)

    def _refuses(
        self, what: str, where: str, content: Mapping[str, Json], comments: Sequence[Comment]
    ) -> bool:
        """Post comments; return whether GitHub takes them for wrong, which another way may mend."""
        said = self._write(what, "POST", f"pulls/{self.pull.number}/{where}", content)
        if not isinstance(said, Failed):
            self.told |= _told(comments)
        return isinstance(said, Failed) and said.status == 422

    def _edit(self, own: _Own, body: str) -> Failed | None:
        """Let a comment say this; return why it does not. One that was refused is not tried again."""
        if markers.same(own.body, body):
            return None
        if own.path not in self.refused:
            on_line = own.marker.kind == "comment"
            what, write = ("a comment", self._write) if on_line else ("the summary", self.writer.write)
            said = write(what, "PATCH", own.path, {"body": body})
            if not isinstance(said, Failed):
                return None
            self.refused[own.path] = said
        return self.refused[own.path]

    def _write(self, what: str, method: str, path: str, content: Mapping[str, Json]) -> Json | Failed:
        """As ``Writer.write``, but nothing once GitHub has denied it too often."""
        if self.denials >= _DENIALS:
            return Failed("was denied before", 403)
        said = self.writer.write(what, method, path, content, quiet=method == "POST")
        if isinstance(said, Failed) and _denied(said):
            self.denials += _DENIALS if method == "POST" else 1
        return said

    def _body(self, comment: Comment, own: _Own | None = None) -> str:
        """The whole body; without suggestions if it stands where they would replace other lines."""
        moved = own is not None and own.place != _wanted(comment)
        needs = self.unseen.needs(comment.needs, *([own.marker] if own else []))
        marker = Marker("comment", self.key, "open", tuple(sorted(_signs(comment))), needs=needs)
        return markers.body(marker, (comment.plain or comment.body) if moved else comment.body)

    def _is_unplaced(self, comment: Comment) -> bool:
        return _signs(comment) <= self.unplaced

    # the summary ---------------------------------------------------------------

    def _summaries(self, there: Sequence[_Own]) -> None:
        """One is made when there is something to say, then kept up to date in place: the first that may be edited."""
        missing = [comment for comment in self.draft.comments if self._is_unplaced(comment)]
        signs = tuple(sorted({sign for comment in missing for sign in _signs(comment)}))
        commit = self.pull.head_sha if signs else ""
        needs = self.unseen.needs(self.draft.needs, *(own.marker for own in there))
        marker = Marker("summary", self.key, "open", signs, commit, needs)
        said = text_of(self.draft.summary, self.told)
        body = markers.body(marker, said) if said else self._all_well(marker)
        kept = next((own for own in there if not _denied(self._edit(own, body))), None)
        if said and not kept:
            path = f"issues/{self.pull.number}/comments"
            self.writer.write("the summary", "POST", path, {"body": body})
        for own in there:
            if kept and own.id > kept.id:
                self._edit(own, markers.body(Marker("summary", self.key, "fixed"), _TWICE))

    def _all_well(self, marker: Marker) -> str:
        """What a summary says once there is nothing to say."""
        if why := self.unseen.why(marker):
            news = f"**pincheck**: nothing of what stood here is found any more, but {why}."
            return markers.body(marker._replace(state="unseen"), news)
        return markers.body(Marker("summary", self.key, "fixed"), _ALL_WELL)

    # conversations -------------------------------------------------------------

    def _resolve(self, fixed: Collection[str]) -> None:
        """Resolve the conversations that begin with these comments; that it fails is worth a note, no more."""
        threads = self._threads(fixed)
        for thread in () if isinstance(threads, Failed) else threads:
            done = self.api.graphql(_RESOLVE, {"thread": thread})
            if isinstance(done, Failed):
                threads = done
                break
            self.writer.writes += 1
        if isinstance(threads, Failed):
            takes = " (it takes `contents: write`)" if "not accessible" in threads.why else ""
            self.writer.note(f"conversations could not be resolved: GitHub {threads.why}{takes}")

    def _threads(self, fixed: Collection[str]) -> list[str] | Failed:
        """The ids of the conversations that begin with one of these comments and are not resolved yet."""
        owner, _, name = self.api.repository.partition("/")
        asked: dict[str, Json] = {"owner": owner, "name": name, "number": self.pull.number, "after": None}
        found: list[str] = []
        for _ in range(_THREAD_PAGES):
            data = self.api.query(_THREADS, asked)
            if isinstance(data, Failed):
                return data
            page = field(data, "repository", "pullRequest", "reviewThreads")
            for thread in items(page, "nodes"):
                first = next(iter(items(thread, "comments", "nodes")), None)
                if text(first, "id") in fixed and field(thread, "isResolved") is False:
                    found.append(text(thread, "id"))
            if field(page, "pageInfo", "hasNextPage") is not True:
                return found
            asked["after"] = text(page, "pageInfo", "endCursor")
        return found


def _denied(failed: Failed | None) -> bool:
    """Whether an edit was refused because the comment is gone, or another's."""
    return failed is not None and failed.status in (403, 404)


def _known(wanted: Iterable[Comment], there: Sequence[_Own]) -> dict[Comment, _Own]:
    """Which of the comments are there already, each at most once.

    One is known by a finding it shares; one whose findings were fixed only where it stands on the very lines,
    so that what comes back elsewhere is seen.
    """
    left, known = {own.id: own for own in there}, dict[Comment, _Own]()
    for comment in wanted:
        signs = _signs(comment)
        fitting = [
            own
            for own in left.values()
            if signs & {*own.marker.of} and (own.marker.state == "open" or own.place == _wanted(comment))
        ]
        if fitting:
            known[comment] = min(fitting, key=lambda own: _distance(own, signs))
            del left[known[comment].id]
    return known


def _distance(own: _Own, signs: frozenset[str]) -> tuple[bool, int, int]:
    return own.marker.state != "open", len(signs ^ {*own.marker.of}), -own.id


def _signs(comment: Comment) -> frozenset[str]:
    """What a comment is known by; one without findings by what it says."""
    return frozenset(markers.signs(comment.fingerprints or (f"{comment.path}\n{comment.body}",)))


def _told(comments: Iterable[Comment]) -> set[str]:
    """The fingerprints of all findings that comments tell."""
    return {fingerprint for comment in comments for fingerprint in comment.fingerprints}


def _wanted(comment: Comment) -> tuple[str, str, int, int]:
    return comment.path, comment.side, comment.start_line, comment.line


def _place(item: Json) -> tuple[str, str, int, int] | None:
    line = number(item, "line")
    start = number(item, "start_line") or line
    return (text(item, "path"), text(item, "side"), start, line) if line else None


def _target(comment: Comment) -> dict[str, Json]:
    """Where a new comment stands."""
    target: dict[str, Json] = {"path": comment.path, "line": comment.line, "side": comment.side}
    if comment.start_line != comment.line:
        target |= {"start_line": comment.start_line, "start_side": comment.side}
    return target
