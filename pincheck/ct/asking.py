"""One question to a search service: an answer that can be used, or why there is none."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pincheck.model import Pin

MAX_BODY = 16 * 1024 * 1024
"""Bytes of an answer; Cert Spotter's pages have about 100 KB, crt.sh's lists a few MB."""
MAX_WAIT_SECONDS = 20.0
"""A service that wants us to wait longer is left for this run."""
MAX_TRIES = 3


class Response(NamedTuple):
    """What came back."""

    status: int
    """Of HTTP; 0 if no answer came."""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    failure: str = ""
    """Why no whole answer came, a clause: ``did not answer within 20 s``; or empty."""


Get = Callable[[str, Mapping[str, str]], Response]
"""Fetches an address with some headers: bounded in time and size, and never raising for what the world does."""


class NoAnswer(Exception):
    """A service told nothing that can be used; the message is a clause."""


class Incomplete(NoAnswer):
    """It answered, but there is more than is asked for."""


class Down(NoAnswer):
    """It will not do better for the next host either."""


@dataclass
class Asking:
    """Asks within a number of seconds, and waits where a service tells it to."""

    get: Get
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    seconds: float = 120.0
    """For all that is asked in a run."""

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def text(self, address: str, headers: Mapping[str, str]) -> bytes:
        """The body of a good answer; raise ``NoAnswer`` else."""
        for _ in range(MAX_TRIES):
            if self.clock() >= self._end:
                raise Down(f"the {self.seconds:.0f} s for public logs are used up")
            response = self.get(address, headers)
            if not self._waits(response):
                return _body(response)
        raise Down(_refusal(response))

    def json(self, address: str, headers: Mapping[str, str]) -> Any:
        """The value of a good answer in JSON; raise ``NoAnswer`` else."""
        body = self.text(address, {"Accept": "application/json", **headers})
        try:
            return json.loads(body)
        except (ValueError, RecursionError):  # bytes that are no text are a ValueError
            what = "a web page" if body.lstrip()[:1] == b"<" else "something that is no JSON"
            raise NoAnswer(f"answers with {what}") from None

    def _waits(self, response: Response) -> bool:
        """Wait as long as a busy service asks (RFC 9110 §10.2.3), if it may answer then."""
        if response.failure or response.status not in (429, 503):
            return False
        seconds = _seconds(response.headers)
        if seconds > MAX_WAIT_SECONDS or self.clock() + seconds >= self._end:
            raise Down(f"{_refusal(response)}, and asks to be left alone for {seconds:,.0f} s")
        self.sleep(seconds)
        return True


def day(value: object) -> date:
    """The day, in UTC, of a time in RFC 3339; one without zone is in UTC. Raise ``ValueError`` if it is none."""
    moment = datetime.fromisoformat(text(value, 40))
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def text(value: object, longest: int) -> str:
    """A string of Unicode no longer than expected; raise ``ValueError`` if it is something else."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError
    value.encode()  # JSON may hold halves of characters, which neither an address nor a file can
    return value


def pin(value: object) -> Pin:
    """The SPKI pin that a SHA-256 digest in hex is; raise ``ValueError`` if it is none."""
    digest = bytes.fromhex(text(value, 64))
    if len(digest) != 32:
        raise ValueError
    return Pin("spki", "sha256", digest)


def dn(value: str) -> str:
    """A distinguished name as services write it (``C=US, O=X, CN=Y``), commas as RFC 4514 has them."""
    return re.sub(r"(?<!\\),\s+(?=[A-Za-z0-9.]+=)", ",", value)


def organisation(value: str) -> str:
    """The organisation in a distinguished name, without its escapes and quotes; or empty."""
    found = re.search(r"(?:^|,)O=(\"[^\"]*\"|(?:\\.|[^,\\])*)", value)
    return re.sub(r"\\(.)", r"\1", found[1]).strip('"') if found else ""


def _body(response: Response) -> bytes:
    if response.failure:
        raise Down(response.failure)
    if response.status in (401, 403):
        raise Down(_refusal(response))
    if response.status != 200:
        raise NoAnswer(_refusal(response))
    if len(response.body) > MAX_BODY:
        raise NoAnswer(f"answers with more than {MAX_BODY // 1024 // 1024} MB")
    return response.body


def _refusal(response: Response) -> str:
    why = {401: " (is the token right?)", 403: " (is the token right?)", 429: " (too many requests)"}
    return f"answers with status {response.status}{why.get(response.status, '')}"


def _seconds(headers: Mapping[str, str]) -> float:
    """What Retry-After says, in seconds; 2 if it says nothing that can be read."""
    stated = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if re.fullmatch(r"\d{1,9}", stated.strip()):
        return float(stated)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(stated)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 2.0
