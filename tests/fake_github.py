"""A GitHub of one repository on this machine: it keeps state, refuses what GitHub refuses, and counts.

::

    with FakeGitHub("octo/demo", pulls=[FakePull(7, head_sha="a" * 40, files={"a.xml": PATCH})]) as github:
        github.url            # what GITHUB_API_URL is to be; the token is ``github.token``
        github.writes         # what was changed: [Write("POST", "pulls/7/reviews", {...}), …]
        github.refused        # writes that were tried and not carried out, with their status
        github.comments       # comments on lines; .below: comments on pull requests and issues; .issues
        github.say(...)       # somebody else comments
        github.push(7, …)     # the pull request gets another head
        github.fail("POST", "pulls/7/reviews", lost(after=True))   # the next such request only

``token_may`` names what the token may write: ``pulls``, ``issues``, ``contents``. ``login`` makes it a
person's token, or with ``[bot]`` behind it an app's; without, it is a workflow's, which writes as
``github-actions[bot]``. ``tells_viewer=False`` keeps it from knowing its name. With ``prefix="/api/v3"`` the API lies as on an Enterprise server. A ``check`` (see
``github_description.checker``) judges each request by GitHub's description; leaving the ``with`` block fails
if it had something to say. ``python tests/fake_github.py octo/demo '{"number": 7, …}'`` prints the address and
serves until its input ends; then it prints the writes as JSON.

The limits are those of ``test-rig.md``: a comment's line has to be in the diff, a review is taken whole or
not at all and the refusal does not say why, 65,536 characters and 262,144 bytes, 30 items a page and 100 at
most, 3,000 files.
"""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
EVERYTHING = frozenset({"pulls", "issues", "contents"})


@dataclass
class FakePull:
    """A pull request; ``files`` maps paths to patches as GitHub shows them, None where it shows none."""

    number: int = 1
    head_sha: str = "a" * 40
    base_sha: str = "b" * 40
    base_ref: str = "main"
    head_repository_id: int | None = 1
    state: str = "open"
    files: Mapping[str, str | None] = field(default_factory=dict)
    fork_point: str = "f" * 40
    """Where the head left the base."""


def _number_or_word(text: str) -> int | str:
    return int(text) if text.isdigit() else text


class Write(NamedTuple):
    """A change, or one that was tried; the path is below the repository."""

    method: str
    path: str
    content: Json
    status: int = 200


class Lost(NamedTuple):
    """The connection ends without an answer."""

    after: bool


class Said(NamedTuple):
    """Another answer; ``after`` the request was carried out all the same."""

    status: int
    content: Any
    headers: Mapping[str, str] = {}
    after: bool = False


Fault = Lost | Said


def lost(after: bool) -> Fault:
    """The connection breaks, before or after the request was carried out."""
    return Lost(after)


def down(status: int = 502, after: bool = False) -> Fault:
    """The service fails, perhaps after it has carried the request out."""
    return Said(status, {"message": "Server Error"}, after=after)


def later(seconds: int, status: int = 429) -> Fault:
    """Too many requests."""
    return Said(
        status, {"message": "You have exceeded a secondary rate limit."}, {"Retry-After": str(seconds)}
    )


class _Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class FakeGitHub:
    """See the module."""

    token = "ghs_fake"

    def __init__(
        self,
        repository: str = "octo/demo",
        pulls: Iterable[FakePull] = (),
        *,
        token_may: Iterable[str] = EVERYTHING - {"contents"},
        login: str = "",
        prefix: str = "",
        repository_id: int = 1,
        has_issues: bool = True,
        keeps_labels: bool = True,
        tells_viewer: bool = True,
        check: Callable[[str, str, Mapping[str, str], bytes], str] | None = None,
    ) -> None:
        self.repository, self.pulls = repository, {pull.number: pull for pull in pulls}
        self.may, self.prefix, self.check = frozenset(token_may), prefix, check
        self.repository_id = repository_id
        self.has_issues, self.keeps_labels, self.tells_viewer = has_issues, keeps_labels, tells_viewer
        self.person = bool(login) and not login.endswith("[bot]")
        kind = "User" if self.person else "Bot"
        self.me: Json = {"login": login, "id": 5, "type": kind} if login else dict(BOT)
        self.comments: list[Json] = []
        self.below: list[Json] = []
        self.issues: list[Json] = []
        self.resolved: set[int] = set()
        self.writes: list[Write] = []
        self.refused: list[Write] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.invalid: list[str] = []
        self._faults: list[tuple[str, str, Fault]] = []
        self._ids = iter(range(2**31, 2**40))  # as GitHub's are by now: more than GraphQL's Int holds
        self._lock = threading.Lock()

    def __enter__(self) -> "FakeGitHub":
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            disable_nagle_algorithm = True

            def answer(self) -> None:
                fake._handle(self)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = self.origin + self.prefix
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if kind is None:
            assert self.invalid == []

    # what others do --------------------------------------------------------------

    def say(self, number: int, body: str, login: str = "ann", kind: str = "User") -> Json:
        """Somebody comments on a pull request or an issue."""
        said = {"id": next(self._ids), "issue": number, "body": body, "user": {"login": login, "type": kind}}
        self.below.append(said)
        return said

    def say_on(
        self,
        number: int,
        path: str,
        line: int,
        body: str,
        login: str = "ann",
        kind: str = "User",
        reply_to: int = 0,
    ) -> Json:
        """Somebody comments on a line, or answers there."""
        content = {"path": path, "line": line, "side": "RIGHT", "body": body}
        comment = self._comment(self.pulls[number], content) | {"user": {"login": login, "type": kind}}
        if reply_to:
            comment["in_reply_to_id"] = reply_to
        self.comments.append(comment)
        return comment

    def push(self, number: int, head_sha: str, files: Mapping[str, str | None]) -> None:
        """The pull request gets another head: comments move with their line, or lose it."""
        pull = self.pulls[number]
        pull.head_sha, pull.files = head_sha, files
        for comment in self.comments:
            if comment["pull"] == number:
                hunks = _lines(files.get(comment["path"]))
                lines = {
                    at[1]: text for hunk in hunks for at, text in hunk.items() if at[0] == comment["side"]
                }
                same = [line for line, text in lines.items() if text == comment["text"]]
                moved = comment["line"] if comment["line"] in same else next(iter(same), None)
                span = (comment["line"] or 0) - (comment["start_line"] or comment["line"] or 0)
                comment["start_line"] = moved - span if moved and comment["start_line"] else None
                comment["line"] = moved

    def fail(self, method: str, path: str, *faults: Fault) -> None:
        """The next requests of this method whose path below the repository fits the expression."""
        self._faults += [(method, path, fault) for fault in faults]

    def shown(self, number: int) -> list[str]:
        """All bodies on a pull request, in the order in which they were made."""
        said = [c for c in self.comments if c["pull"] == number] + [
            c for c in self.below if c["issue"] == number
        ]
        return [each["body"] for each in sorted(said, key=lambda each: each["id"])]

    # a request -------------------------------------------------------------------

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            said = self._said(handler.command, handler.path, dict(handler.headers), body)
        if isinstance(said, Lost):
            handler.close_connection = True
            return
        text = json.dumps(said.content).encode()
        handler.send_response(said.status)
        for name, value in {"Content-Length": str(len(text)), **said.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(text)

    def _said(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Fault:
        self.requests.append((method, address, headers))
        parts = urlsplit(address)
        path = parts.path.removeprefix(self.prefix)
        below = path.removeprefix(f"/repos/{self.repository}").strip("/")
        content = json.loads(body) if body else {}
        fault = next((each for each in self._faults if each[0] == method and re.search(each[1], below)), None)
        if fault:
            self._faults.remove(fault)
            if not fault[2].after:
                self._note(Write(method, below, content, getattr(fault[2], "status", 0)))
                return fault[2]
        said = self._answer(
            method, parts.path, path, below, dict(parse_qsl(parts.query)), content, headers, body
        )
        self._note(Write(method, below, content, said.status))
        return fault[2] if fault else said

    def _note(self, write: Write) -> None:
        if write.method != "GET" and not write.content.get("query", "").lstrip().startswith("query"):
            (self.writes if 200 <= write.status < 300 else self.refused).append(write)

    def _answer(
        self,
        method: str,
        whole: str,
        path: str,
        below: str,
        query: dict[str, str],
        content: Json,
        headers: dict[str, str],
        body: bytes,
    ) -> Said:
        if headers.get("Authorization") != f"Bearer {self.token}":
            return Said(401, {"message": "Bad credentials"})
        if headers.get("Accept") != "application/vnd.github+json" or "X-GitHub-Api-Version" not in headers:
            self.invalid.append(f"{method} {path}: headers {headers}")
        graphql = whole == (self.prefix.removesuffix("/v3") + "/graphql")
        complaint = self.check(method, path, query, body) if self.check and not graphql else ""
        if complaint:
            self.invalid.append(complaint)
            return Said(422, {"message": "Validation Failed"})
        try:
            if graphql:
                return Said(200, self._graphql(content))
            for verb, pattern, action in self._routes():
                if verb == method and (
                    found := re.fullmatch(pattern, below if below != path.strip("/") else path)
                ):
                    value = action(
                        *map(_number_or_word, found.groups()), **({"content": content} if content else {})
                    )
                    made = method == "POST" and not below.endswith("reviews")
                    return (
                        self._page(value, path, query)
                        if isinstance(value, list)
                        else Said(201 if made else 200, value)
                    )
        except _Refusal as refusal:
            return Said(refusal.status, {"message": refusal.message})
        return Said(404, {"message": "Not Found"})

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            ("GET", r"compare/(\w+\.\.\.\w+)", self._compare),
            ("GET", "pulls", self._open_pulls),
            ("GET", r"pulls/(\d+)", lambda n: self._shown_pull(self._pull(n))),
            ("GET", r"pulls/(\d+)/files", self._files),
            ("GET", r"pulls/(\d+)/comments", lambda n: [c for c in self.comments if c["pull"] == n]),
            ("POST", r"pulls/(\d+)/comments", self._post_comment),
            ("POST", r"pulls/(\d+)/reviews", self._post_review),
            (
                "PATCH",
                r"pulls/comments/(\d+)",
                lambda i, content: self._edit(self.comments, "pulls", i, content),
            ),
            ("GET", r"issues/(\d+)/comments", lambda n: [c for c in self.below if c["issue"] == n]),
            ("POST", r"issues/(\d+)/comments", self._post_below),
            (
                "PATCH",
                r"issues/comments/(\d+)",
                lambda i, content: self._edit(self.below, "pulls issues", i, content),
            ),
            ("GET", "issues", self._list_issues),
            ("POST", "issues", self._post_issue),
            ("PATCH", r"issues/(\d+)", self._patch_issue),
        ]

    def _compare(self, commits: str) -> Json:
        for pull in self.pulls.values():
            if commits == f"{pull.base_sha}...{pull.head_sha}":
                return {"merge_base_commit": {"sha": pull.fork_point}}
        raise _Refusal(404, "Not Found")

    def _page(self, items: list[Any], path: str, query: Mapping[str, str]) -> Said:
        """Thirty of them unless more are asked for, and never more than a hundred."""
        if path.endswith("/issues"):
            items = [each for each in items if _asked_for(each, query)]
        per_page, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        more = len(items) > per_page * page
        rest = {name: value for name, value in query.items() if name != "page"}
        address = "&".join(f"{name}={value}" for name, value in [*rest.items(), ("page", str(page + 1))])
        link = (
            {"Link": f'<{self.origin}{self.prefix}{path}?{address}>; rel="next", <x>; rel="last"'}
            if more
            else {}
        )
        return Said(200, items[per_page * (page - 1) : per_page * page], link)

    # pull requests ---------------------------------------------------------------

    def _pull(self, number: int) -> FakePull:
        if number not in self.pulls:
            raise _Refusal(404, "Not Found")
        return self.pulls[number]

    def _open_pulls(self) -> list[Json]:
        return [self._shown_pull(pull) for pull in self.pulls.values() if pull.state == "open"]

    def _shown_pull(self, pull: FakePull) -> Json:
        head = {"id": pull.head_repository_id} if pull.head_repository_id is not None else None
        return {
            "number": pull.number,
            "state": pull.state,
            "base": {"sha": pull.base_sha, "ref": pull.base_ref, "repo": {"id": self.repository_id}},
            "head": {"sha": pull.head_sha, "ref": "work", "repo": head},
        }

    def _files(self, number: int) -> list[Json]:
        files = list(self._pull(number).files.items())[:3000]
        return [{"filename": name} | ({"patch": patch} if patch is not None else {}) for name, patch in files]

    def _allow(self, permissions: str) -> None:
        if not self.may & {*permissions.split()}:
            person = (404, "Not Found")
            raise _Refusal(*(person if self.person else (403, "Resource not accessible by integration")))

    def _post_review(self, number: int, content: Json) -> Json:
        self._allow("pulls")
        pull = self._pull(number)
        try:
            comments = [
                self._comment(pull, {**each, "commit_id": content["commit_id"]})
                for each in content["comments"]
            ]
        except _Refusal:
            raise _Refusal(422, "Unprocessable Entity") from None
        self.comments += comments
        return {"id": next(self._ids)}

    def _post_comment(self, number: int, content: Json) -> Json:
        self._allow("pulls")
        comment = self._comment(self._pull(number), content)
        self.comments.append(comment)
        return comment

    def _comment(self, pull: FakePull, content: Json) -> Json:
        """A comment on a line that is in the diff; a range has to lie in one hunk."""
        _long(content["body"])
        side, line = content.get("side", "RIGHT"), content["line"]
        first, last = (content.get("start_side", side), content.get("start_line", line)), (side, line)
        hunk = next((h for h in _lines(pull.files.get(content["path"])) if first in h and last in h), None)
        if hunk is None or first[1] > line or content.get("commit_id", pull.head_sha) != pull.head_sha:
            raise _Refusal(422, "pull_request_review_thread.line must be part of the diff")
        if content.get("start_line") == line:
            raise _Refusal(422, "start_line must precede the end line.")
        start = content.get("start_line")
        place = {"path": content["path"], "line": line, "start_line": start, "side": side, "text": hunk[last]}
        number = next(self._ids)
        ids = {"id": number, "node_id": f"PRRC_{number}"}
        return {**ids, "pull": pull.number, "body": content["body"], "user": self.me, **place}

    def _edit(self, among: list[Json], permissions: str, number: int, content: Json) -> Json:
        self._allow(permissions)
        _long(content["body"])
        comment = next((each for each in among if each["id"] == number), None)
        if comment is None:
            raise _Refusal(404, "Not Found")
        if comment["user"]["login"] != self.me["login"]:
            raise _Refusal(403, "Resource not accessible by integration")
        comment["body"] = content["body"]
        return comment

    # issues ----------------------------------------------------------------------

    def _post_below(self, number: int, content: Json) -> Json:
        self._allow("pulls issues" if number in self.pulls else "issues")
        _long(content["body"])
        comment = {"id": next(self._ids), "issue": number, "body": content["body"], "user": self.me}
        self.below.append(comment)
        return comment

    def _list_issues(self) -> list[Json]:
        if not self.has_issues:
            raise _Refusal(410, "Issues are disabled for this repo")
        return sorted(self.issues, key=lambda issue: -issue["number"])

    def _post_issue(self, content: Json) -> Json:
        self._list_issues()
        self._allow("issues")
        _long(content["body"])
        number = max([*self.pulls, *(issue["number"] for issue in self.issues), 0]) + 1
        labels = [{"name": name} for name in content.get("labels", ()) if self.keeps_labels]
        base = {
            "number": number,
            "id": next(self._ids),
            "state": "open",
            "state_reason": None,
            "user": self.me,
        }
        issue = base | {"title": content["title"], "body": content["body"], "labels": labels}
        self.issues.append(issue)
        return issue

    def _patch_issue(self, number: int, content: Json) -> Json:
        self._allow("issues")
        _long(content.get("body", ""))
        issue = next((each for each in self.issues if each["number"] == number), None)
        if issue is None:
            raise _Refusal(404, "Not Found")
        issue.update(content)
        return issue

    # conversations ---------------------------------------------------------------

    def _graphql(self, content: Json) -> Json:
        variables = content["variables"]
        if "viewer" in content["query"]:
            if not self.tells_viewer:
                return {"data": None, "errors": [{"message": "Resource not accessible by integration"}]}
            return {"data": {"viewer": {"login": self.me["login"]}}}
        if content["query"].lstrip().startswith("query"):
            threads = [
                {
                    "id": f"T{comment['id']}",
                    "isResolved": comment["id"] in self.resolved,
                    "comments": {"nodes": [{"id": comment["node_id"]}]},
                }
                for comment in self.comments
                if comment["pull"] == variables["number"] and not comment.get("in_reply_to_id")
            ]
            start = int(variables["after"] or 0)
            info = {"hasNextPage": len(threads) > start + 100, "endCursor": str(start + 100)}
            page = {"nodes": threads[start : start + 100], "pageInfo": info}
            return {"data": {"repository": {"pullRequest": {"reviewThreads": page}}}}
        if "contents" not in self.may:
            return {"data": None, "errors": [{"message": "Resource not accessible by integration"}]}
        self.resolved.add(int(variables["thread"][1:]))
        return {"data": {"resolveReviewThread": {"thread": {"isResolved": True}}}}


def _asked_for(issue: Json, query: Mapping[str, str]) -> bool:
    labels = {label["name"] for label in issue["labels"]}
    return (
        query.get("state", "open") in ("all", issue["state"])
        and set(filter(None, query.get("labels", "").split(","))) <= labels
        and query.get("creator", issue["user"]["login"]) == issue["user"]["login"]
    )


def _long(body: str) -> None:
    if len(body) > 65_536 or len(body.encode()) > 262_144:
        raise _Refusal(422, "Body is too long (maximum is 65536 characters)")


def _lines(patch: str | None) -> list[dict[tuple[str, int], str]]:
    """The lines of each hunk that may be commented on: unlike pincheck, GitHub takes context on both sides."""
    hunks: list[dict[tuple[str, int], str]] = []
    old = new = 0
    for line in (patch or "").split("\n"):
        if header := re.match(r"@@ -(\d+)\S* \+(\d+)", line):
            old, new = int(header[1]), int(header[2])
            hunks.append({})
        elif hunks and line[:1] in ("-", " "):
            hunks[-1]["LEFT", old] = line[1:]
        if hunks and line[:1] in ("+", " "):
            hunks[-1]["RIGHT", new] = line[1:]
        old, new = old + (line[:1] in ("-", " ")), new + (line[:1] in ("+", " "))
    return hunks


def main() -> None:
    """Serve a repository to other programs; see the module."""
    pulls = [FakePull(**json.loads(text)) for text in sys.argv[2:]]
    with FakeGitHub(sys.argv[1], pulls) as github:
        print(github.url, flush=True)
        sys.stdin.read()
        print(json.dumps([write._asdict() for write in github.writes]))


if __name__ == "__main__":
    main()
