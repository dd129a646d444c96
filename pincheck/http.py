"""Bounded HTTP for the services that are asked: one origin, retries with patience, resumed downloads.

The only door to ``requests``. Nothing of the user's ``.netrc`` is sent, a redirect is followed within
the origin only, answers have a largest size, and a service that is down is a value. What changes
something at the service is sent again only if the service itself said that it did not take it.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import IO, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from pincheck import __version__
from pincheck.errors import UsageError

ATTEMPTS, LONGEST_WAIT, LONGEST_TRANSFER = 4, 60, 300
"""How often a request is made, and how many seconds lie between two, or one answer may take."""
REDIRECTS = 5

_TIMEOUTS = (10, 30)
"""Seconds for the connection, and for silence on it."""
_CHUNK = 64 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_AGAIN = (429, 500, 502, 503, 504)
_THROTTLING = rb"secondary rate limit|abuse detection|\"code\"\s*:\s*\"abuse\""
"""How GitHub says that a request came too soon, whatever the status."""
_THROTTLED_SECONDS = 60
"""What it wants then, if it does not say ("Rate limits for the REST API", docs.github.com)."""
_TAG = r'(W/)?"[\x21\x23-\x7e]{0,200}"'
"""An entity tag (RFC 9110 §8.8.3), ASCII only."""
_HOPELESS = (requests.exceptions.SSLError, requests.exceptions.InvalidURL)
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "has a certificate that is not trusted, or no TLS"),
    (requests.exceptions.ProxyError, "cannot be reached through the proxy"),
    (requests.exceptions.ConnectTimeout, f"does not answer within {_TIMEOUTS[0]} s"),
    (requests.exceptions.ReadTimeout, f"is silent for {_TIMEOUTS[1]} s"),
    (ReadTimeoutError, f"is silent for {_TIMEOUTS[1]} s"),
    (requests.exceptions.InvalidURL, "is no address"),
    (HTTPError, "breaks off"),
)

T = TypeVar("T")


class Answer(NamedTuple):
    """What a service said in the end; the status is 200 to 399 or one the caller can make sense of."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    """By name, upper and lower case alike."""


class Failed(NamedTuple):
    """Why there is no answer."""

    why: str
    """A clause: ``answers 503 (4 attempts)``."""
    status: int = 0
    """The last one; 0 if there was none."""
    retry_after: int | None = None
    """Seconds the service asks to be left alone, if it does."""
    unsure: bool = False
    """It was to change something, and may have done so all the same: look before it is tried again."""


class Downloaded(NamedTuple):
    """A file that was fetched, or found to be what the service still has."""

    path: str
    fresh: bool
    """It was transferred now."""


class _Refused(Exception):
    """An answer that no further attempt makes better, or after which none may be made."""

    def __init__(self, why: str, status: int = 0, unsure: bool = False) -> None:
        super().__init__(why)
        self.status, self.unsure = status, unsure


class _Unreadable(_Refused):
    """An answer that came, and whose body is not taken."""


class _Unfinished(Exception):
    """An answer that another attempt may better; ``wait`` is what the service asks for."""

    def __init__(self, why: str, status: int = 0, wait: int | None = None) -> None:
        super().__init__(why)
        self.status, self.wait = status, wait


class _Session(requests.Session):
    """One that leaves redirects to us: otherwise it reads all of their body, however long it is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Client:
    """Asks one origin, over HTTPS; with ``plain_loopback`` also this machine over HTTP (for tests)."""

    def __init__(
        self,
        origin: str,
        *,
        plain_loopback: bool = False,
        headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.origin, self._sleep, self._clock = _origin(origin), sleep, clock
        scheme, host, _ = self.origin
        local = plain_loopback and host in _LOOPBACK
        if "@" in origin:
            raise UsageError("an address with a user name or password is not taken; give one without")
        if not host or (scheme != "https" and not (scheme == "http" and local)):
            raise UsageError(f"{origin}: no service can be asked there; give an https address")
        self._session = _Session()
        # Neither .netrc nor anything else of the environment, but for what networks need: proxy and CA file.
        self._session.trust_env = False
        self._session.proxies = {} if local else get_environ_proxies(origin)
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        # Compressed answers have no size that could be bounded or resumed by bytes.
        agent = {"User-Agent": f"pincheck/{__version__}", "Accept-Encoding": "identity"}
        self._session.headers.update(agent | dict(headers or {}))

    def get(
        self,
        url: str,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Answer | Failed:
        """Fetch a document into memory; statuses of ``accept`` (such as 404) are answers too."""

        def attempt() -> Answer:
            with closing(self._ask(url, dict(headers or {}))) as response:
                _expect(response, (200, *accept))
                return Answer(
                    response.status_code, b"".join(self._body(response, most_bytes)), response.headers
                )

        return self._patiently(attempt)

    def call(self, method: str, url: str, most_bytes: int, content: object = None) -> Answer | Failed:
        """Ask an API, with JSON or without; every status below 500 is an answer, save that it is too soon.

        Too soon are 429, and any other refusal that names a time or a limit: nothing was done, so it is
        tried again after that time. Everything but GET is tried once otherwise: after an end that
        tells nothing (silence, a broken connection, 5xx) the failure is ``unsure``.
        """
        body = None if content is None else json.dumps(content).encode()

        def attempt() -> Answer:
            with closing(self._ask(url, {}, method, body)) as response:
                status = response.status_code
                said = b"".join(self._body(response, most_bytes)) if status < 500 else b""
            if (wait := _too_soon(status, response.headers, said)) is not None:
                raise _Unfinished(f"answers {status}", status, wait)
            if status >= 500:
                raise _Unfinished(f"answers {status}", status, _wait(response.headers.get("Retry-After", "")))
            return Answer(status, said, response.headers)

        return self._patiently(attempt if method == "GET" else lambda: _once(attempt))

    def reaches(self, url: str) -> bool:
        """Whether an address is of the service that this client asks."""
        return _origin(url) == self.origin and "@" not in urlsplit(url).netloc

    def download(self, url: str, path: str, most_bytes: int) -> Downloaded | Failed:
        """Fetch a document into a file, which is replaced whole or not at all.

        What an earlier run left unfinished is resumed if the service says that it is the same document;
        what the file already holds is not transferred again if the service says that it has not changed.
        """
        return self._patiently(lambda: self._fetch(url, path, most_bytes))

    # one attempt ---------------------------------------------------------------

    def _ask(
        self, url: str, headers: dict[str, str], method: str = "GET", body: bytes | None = None
    ) -> requests.Response:
        """The answer after redirects, its body not yet read."""
        if body is not None:
            headers = headers | {"Content-Type": "application/json"}
        for _ in range(REDIRECTS + 1):
            if _origin(url) != self.origin:
                raise _Refused("redirects to another service")
            response = self._session.request(
                method, url, data=body, headers=headers, stream=True, timeout=_TIMEOUTS, allow_redirects=False
            )
            target, status = response.headers.get("Location"), response.status_code
            if status not in (301, 302, 303, 307, 308) or target is None:
                return response
            response.close()
            # Only these two keep the method and the body (RFC 9110 §15.4).
            if method != "GET" and status not in (307, 308):
                raise _Refused(f"answers {status} to a {method}", status)
            url = _joined(url, target)
        raise _Refused(f"redirects more than {REDIRECTS} times")

    def _body(self, response: requests.Response, most_bytes: int) -> Iterator[bytes]:
        """The body in pieces; it ends in an exception if it is too long, too slow, or cut short."""
        if response.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
            raise _Unreadable("answers in a compression that was not asked for")
        announced, received, start = _number(response.headers.get("Content-Length")), 0, self._clock()
        if announced is not None and announced > most_bytes:
            raise _Unreadable(_too_large(most_bytes))
        # ``read1`` returns what there is, so that an answer that drips cannot outlast the clock.
        while piece := response.raw.read1(_CHUNK, decode_content=False):
            received += len(piece)
            if received > most_bytes:
                raise _Unreadable(_too_large(most_bytes))
            yield piece
            if self._clock() - start > LONGEST_TRANSFER:
                raise _Unfinished(f"takes longer than {LONGEST_TRANSFER} s")
        if announced is not None and received != announced:
            raise _Unfinished("breaks off")

    def _fetch(self, url: str, path: str, most_bytes: int) -> Downloaded:
        part, known, begun = path + ".part", _tag(path), _tag(path + ".part")
        # A weak tag does not promise the same bytes.
        have = os.path.getsize(part) if begun[:1] == '"' and os.path.isfile(part) else 0
        headers = {"If-None-Match": known} if known and os.path.exists(path) else {}
        if 0 < have <= most_bytes:
            # With If-Range the service sends everything if its document is another by now.
            headers |= {"Range": f"bytes={have}-", "If-Range": begun}
        with closing(self._ask(url, headers)) as response:
            if response.status_code == 304 and "If-None-Match" in headers:
                _forget(part)
                return Downloaded(path, fresh=False)
            partial = response.status_code == 206
            if response.status_code == 416 or (partial and not _continues(response, have, begun)):
                _forget(part)
                raise _Unfinished("cannot resume a download", response.status_code)
            _expect(response, (200, 206) if "Range" in headers else (200,))
            resumed, tag = (have, begun) if partial else (0, response.headers.get("ETag", ""))
            if not partial:  # in this order: what is there must never stand under another document's tag
                _forget(part)
                _remember(part, tag)
            with open(part, "ab" if resumed else "wb") as file:
                self._store(response, file, part, most_bytes - resumed)
        _forget(path, keep_file=True)
        os.replace(part, path)
        _remember(path, tag)
        _forget(part)
        return Downloaded(path, fresh=True)

    def _store(self, response: requests.Response, file: IO[bytes], part: str, most_bytes: int) -> None:
        try:
            for piece in self._body(response, most_bytes):
                file.write(piece)
        except _Refused:
            _forget(part)
            raise

    # attempts ------------------------------------------------------------------

    def _patiently(self, attempt: Callable[[], T]) -> T | Failed:
        """What an attempt returns, or why the last one failed; between two the service is left alone."""
        failed = Failed("was not asked")
        for number in range(1, ATTEMPTS + 1):
            try:
                return attempt()
            except _Refused as refusal:
                return Failed(str(refusal), refusal.status, unsure=refusal.unsure)
            except _Unfinished as error:
                failed = Failed(f"{error} (asked {number} times)", error.status, error.wait)
            except (requests.RequestException, HTTPError) as error:
                failed = Failed(f"{_reason(error)} (asked {number} times)")
                if isinstance(error, _HOPELESS):
                    return Failed(_reason(error))
            wait = 2 ** (number - 1) if failed.retry_after is None else failed.retry_after
            if wait > LONGEST_WAIT:
                return failed._replace(why=f"asks to be left alone for {wait} s")
            if number < ATTEMPTS:
                self._sleep(wait)
        return failed


def _expect(response: requests.Response, statuses: tuple[int, ...]) -> None:
    """Raise unless the answer has one of these statuses."""
    status = response.status_code
    if status in _AGAIN and status not in statuses:
        raise _Unfinished(f"answers {status}", status, _wait(response.headers.get("Retry-After", "")))
    if status not in statuses:
        raise _Refused(f"answers {status}", status)


def _once(attempt: Callable[[], T]) -> T:
    """What an attempt returns; it may be repeated only if the service never had it, or sent it back."""
    try:
        return attempt()
    except _Unfinished as error:
        if 0 < error.status < 500:  # it came too soon
            raise
        raise _Refused(str(error), error.status, unsure=True) from None
    except _Unreadable as error:
        raise _Refused(str(error), unsure=True) from None
    except (requests.RequestException, HTTPError) as error:
        if _unsent(error):
            raise
        raise _Refused(_reason(error), unsure=True) from None


def _unsent(error: Exception) -> bool:
    """Whether a failure is surely of the time before the connection stood."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    known = (requests.exceptions.ConnectTimeout, requests.exceptions.InvalidURL)
    return isinstance(error, known) or isinstance(cause, NewConnectionError)


def _too_soon(status: int, headers: Mapping[str, str], body: bytes) -> int | None:
    """How many seconds to wait before a request that was sent back is sent again; None if it was not.

    Source: docs.github.com, "Best practices for using the REST API", handling rate limit errors.
    """
    if status not in (403, 422, 429):
        return None
    throttled = status == 429 or re.search(_THROTTLING, body, re.IGNORECASE) is not None
    if (wait := _wait(headers.get("Retry-After", ""))) is not None and (status == 403 or throttled):
        return wait
    reset = _number(headers.get("X-RateLimit-Reset"))
    if headers.get("X-RateLimit-Remaining") == "0" and reset is not None and (status == 403 or throttled):
        return max(1, reset - int(time.time()) + 1)
    return _THROTTLED_SECONDS if throttled else None


def _wait(text: str) -> int | None:
    """The seconds that ``Retry-After`` asks for (RFC 9110 §10.2.3), as a number or a date."""
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        return max(0, int(parsedate_to_datetime(text).timestamp() - time.time()) + 1)
    except (ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    """A failure of the connection as a clause; the library's own words are for programmers."""
    known = next((words for kind, words in _REASONS if isinstance(error, kind)), "")
    return known or "cannot be reached"


def _joined(url: str, target: str) -> str:
    """Where a redirect leads; empty if it is no address."""
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _too_large(most_bytes: int) -> str:
    return f"answers with more than {most_bytes // 1024} kB"


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; empty if it is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
        return parts.scheme, parts.hostname or "", port
    except ValueError:
        return "", "", 0


# files that stand beside a download -------------------------------------------


def _tag(path: str) -> str:
    """The entity tag of the document in a file, empty if it is not known."""
    try:
        with open(path + ".etag", encoding="ascii") as file:
            tag = file.read(300)
    except (OSError, ValueError):
        return ""
    return tag if re.fullmatch(_TAG, tag) else ""


def _remember(path: str, tag: str) -> None:
    if re.fullmatch(_TAG, tag):
        with open(path + ".etag", "w", encoding="ascii") as file:
            file.write(tag)
    else:
        _forget(path, keep_file=True)


def _forget(path: str, keep_file: bool = False) -> None:
    for name in (path + ".etag",) if keep_file else (path + ".etag", path):
        if os.path.lexists(name):
            os.unlink(name)


def _continues(response: requests.Response, have: int, tag: str) -> bool:
    """Whether a 206 is the rest of the document that was begun (RFC 9110 §14.4)."""
    starts = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    return starts and response.headers.get("ETag", tag) == tag
