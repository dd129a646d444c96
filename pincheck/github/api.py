"""GitHub's API, github.com's or an Enterprise server's: JSON in, JSON out, bounded, at a decent pace.

Source: docs.github.com, "Best practices for using the REST API", "Using pagination in the REST API".
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from pincheck.errors import UsageError
from pincheck.http import Answer, Client, Failed

VERSION = "2022-11-28"
PAGES, PER_PAGE = 100, 100
"""How many pages of a list are read at most, and the most that GitHub puts on one."""
PACE_SECONDS = 1.0
"""Between two writes: at most 80 a minute may make content ("Rate limits for the REST API")."""

_MOST_BYTES, _MOST_BYTES_OF_A_LIST = 32 * 1024 * 1024, 128 * 1024 * 1024
_BEFORE_A_QUERY_AGAIN = (1, 2, 4)
_OWNER, _NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})", r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}"
_NEXT = r'<([^<>]{1,2000})>\s*;[^,<]{0,200}\brel="?next\b'

Json = object
"""A value of JSON, of whatever shape the other side chose."""


class Author(NamedTuple):
    """Who writes with this token."""

    login: str

    def wrote(self, item: "Json") -> bool:
        """Whether a comment or an issue is by this author."""
        return text(item, "user", "login").casefold() == self.login.casefold()


WORKFLOW = Author("github-actions[bot]")
"""Who writes with a job's own token."""
VIEWER = "query { viewer { login } }"


class GitHub:
    """One repository, as one token sees it; the token goes to the origin of ``api_url`` and nowhere else."""

    def __init__(
        self,
        api_url: str,
        token: str,
        repository: str,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not re.fullmatch(f"{_OWNER}/{_NAME}", repository):
            raise UsageError(f"{printable(repository)} is no repository; give it as owner/name")
        if not re.fullmatch(r"[\x21-\x7e]{1,1000}", token):
            raise UsageError("the token is no GitHub token; give it without blanks and line breaks")
        if not re.fullmatch(r"https?://[^?#\s]+", api_url):
            # It is not shown: a password may be part of it.
            raise UsageError("no API can be asked at the address given; give an https one, without ? and #")
        self.repository, self.sleep = repository, sleep
        self._url, self._clock, self._last_write = api_url.rstrip("/"), clock, float("-inf")
        self._author: Author | None = None
        self._may_be_a_jobs = token.startswith("ghs_")
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": VERSION,
        }
        self._client = Client(self._url, plain_loopback=True, headers=headers, sleep=sleep, clock=clock)

    # reading -------------------------------------------------------------------

    def get(self, path: str) -> Json | Failed:
        """One document; ``path`` is below the repository, or from the API's root if it begins with a slash."""
        answer = self._client.call("GET", self._at(path), _MOST_BYTES)
        return answer if isinstance(answer, Failed) else _value(answer)

    def pages(self, path: str, **query: str) -> list[Mapping[str, Json]] | Failed:
        """All items of a list, from all its pages, or why they are not to be had: never a part of them."""
        url = f"{self._at(path)}?{urlencode({**query, 'per_page': PER_PAGE})}"
        items: list[Mapping[str, Json]] = []
        left = _MOST_BYTES_OF_A_LIST
        for _ in range(PAGES):
            answer = self._client.call("GET", url, min(left, _MOST_BYTES))
            if isinstance(answer, Failed):
                return answer
            left -= len(answer.body)
            page = _value(answer)
            if isinstance(page, Failed):
                return page
            if not isinstance(page, list):
                return Failed("answers with no list", answer.status)
            items += [item for item in page if isinstance(item, dict)]
            following = re.search(_NEXT, answer.headers.get("Link", "")[:10_000])
            if not following:
                return items
            url = following[1]
            if not self._client.reaches(url):
                return Failed("names another service as its next page")
        return Failed(f"has more than {PAGES} pages of this")

    def author(self) -> Author | Failed:
        """Whose comments are this token's own; asked once, and taken for granted of a job's token that may not ask."""
        if self._author is None:
            said = self.query(VIEWER, {})
            login = text(said, "viewer", "login")
            if login:
                self._author = Author(login)
            elif self._may_be_a_jobs and not (
                isinstance(said, Failed) and (said.unsure or said.status == 401)
            ):
                self._author = WORKFLOW
            else:
                return said if isinstance(said, Failed) else Failed("does not say whose token this is")
        return self._author

    def query(self, document: str, variables: Mapping[str, Json]) -> Json | Failed:
        """As ``graphql``, for what changes nothing, so that it is asked again if the answer is lost."""
        for seconds in _BEFORE_A_QUERY_AGAIN:
            said = self.graphql(document, variables)
            if not isinstance(said, Failed) or not said.unsure:
                return said
            self.sleep(seconds)
        return self.graphql(document, variables)

    # writing -------------------------------------------------------------------

    def send(self, method: str, path: str, content: Mapping[str, Json]) -> Json | Failed:
        """Change something and return what GitHub says it is now; ``Failed.unsure`` as ``Client.call`` says."""
        return self._send(method, self._at(path), content)

    def graphql(self, document: str, variables: Mapping[str, Json]) -> Json | Failed:
        """The ``data`` of a GraphQL request, or why there is none."""
        # An Enterprise server has the two side by side, as /api/v3 and /api/graphql.
        url = f"{self._url.removesuffix('/v3')}/graphql"
        said = self._send("POST", url, {"query": document, "variables": variables})
        if isinstance(said, Failed):
            return said
        errors = field(said, "errors")
        if errors:
            first = errors[0] if isinstance(errors, list) else errors
            return Failed(f"answers: {printable(text(first, 'message')) or 'no'}", 200)
        return field(said, "data")

    def _send(self, method: str, url: str, content: Mapping[str, Json]) -> Json | Failed:
        if (pause := self._last_write + PACE_SECONDS - self._clock()) > 0:
            self.sleep(pause)
        answer = self._client.call(method, url, _MOST_BYTES, content)
        self._last_write = self._clock()
        if isinstance(answer, Failed):
            return answer
        value = _value(answer)
        # A yes in words that make no sense is a yes.
        return {} if isinstance(value, Failed) and answer.status < 300 else value

    def _at(self, path: str) -> str:
        return self._url + (path if path.startswith("/") else f"/repos/{self.repository}/{path}".rstrip("/"))


def _value(answer: Answer) -> Json | Failed:
    """What a body says; a refusal with GitHub's own words, one line of them."""
    try:
        value = json.loads(answer.body) if answer.body.strip() else {}
    except (ValueError, RecursionError):
        value = Failed(f"answers {answer.status} with what is no JSON", answer.status)
    if 200 <= answer.status < 300:
        return value
    words = printable(text(value, "message"))
    return Failed(f"answers {answer.status}{': ' if words else ''}{words}", answer.status)


# reading JSON that may have any shape -------------------------------------------


def field(value: Json, *names: str) -> Json:
    """What is there below these names, None if nothing is."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items(value: Json, *names: str) -> Sequence[Json]:
    """The list below these names, or an empty one."""
    found = field(value, *names)
    return found if isinstance(found, list) else ()


def text(value: Json, *names: str) -> str:
    """The text below these names, or an empty one."""
    found = field(value, *names)
    return found if isinstance(found, str) else ""


def number(value: Json, *names: str) -> int:
    """The number below these names, or 0."""
    found = field(value, *names)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def printable(words: str, most: int = 200) -> str:
    """One line of what somebody else wrote, without control characters."""
    line = "".join(letter if letter.isprintable() else " " for letter in words[: most + 1])
    return line.strip() if len(words) <= most else line[:most].strip() + "…"
