"""Looks at many hosts at once: every address, every offer, bounded in number, time and memory."""

import asyncio
import re
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from types import FrameType
from typing import NamedTuple

from pincheck.model.chains import Failure, Observation, Offer, Target
from pincheck.probe.addresses import port_refusal, refusal
from pincheck.probe.handshake import Outcome, seen
from pincheck.probe.names import BACKOFF_SECONDS, Answer, Names
from pincheck.probe.options import Options, goes_direct
from pincheck.probe.proxy import seen_by_proxy

MAX_CHAIN_BYTES = 64 * 1024 * 1024
"""Of all different certificates of a run together."""

Progress = Callable[[int, int], None]


class Seen(NamedTuple):
    """What a survey saw."""

    observations: tuple[Observation, ...]
    """Target after target in the order asked, of each its addresses as resolved, of each the offers.
    An offer that must show what the default one showed is not there; nor are the others where the first failed."""
    interrupted: bool = False
    """It was ended (SIGINT, SIGTERM): what was not seen by then is ``skipped``."""


def survey(targets: Sequence[Target], options: Options, progress: Progress | None = None) -> Seen:
    """Return what the targets serve; a target given twice is asked once.

    ``progress`` is told how many targets are done, and of how many; in the end that all are, also where it was
    ended early, so that whoever shows it can leave the terminal as it was. Runs an event loop of its own, so it
    is not called from a coroutine; from a thread it works alike, but signals then stay with the main thread.
    """
    asked = list(dict.fromkeys(targets))
    run = _Run(asked, options, progress)
    try:
        with (
            asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner,
            _Interruption(run, runner.get_loop()),
        ):
            runner.run(run.to_its_end())
    finally:
        run.tell_the_end()
    return Seen(tuple(run.observations()), run.interrupted)


class _Interruption:
    """While it is entered, SIGINT and SIGTERM stop the run, unless they are ignored.

    Only the main thread can see to that. Runners end a job that is called off with either (docs.github.com,
    "Canceling a workflow").
    """

    def __init__(self, run: "_Run", loop: asyncio.AbstractEventLoop) -> None:
        self._run, self._loop = run, loop
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):
                self._before[number] = before
                signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._run.stop)


class _Place(NamedTuple):
    """One address of a target, and what was seen there."""

    number: int
    """Of the target."""
    target: Target
    address: str
    """Empty where the proxy is to resolve the name, or where there is none."""
    to: tuple[str, int]
    """Address or name, and port, to connect to."""
    name: str
    """What the handshake asks for; empty for a host that is an address."""
    observations: list[Observation]


class _Run:
    """The state of a survey: what is still to do, the workers, and what was seen."""

    def __init__(self, targets: list[Target], options: Options, progress: Progress | None) -> None:
        self._targets, self._progress = targets, progress
        self._options = options = options._replace(jobs=_as_files_allow(options.jobs))
        self._opened: list[list[_Place]] = [[] for _ in targets]
        self._left = [0] * len(targets)
        self._done = max(0, len(targets) - options.max_hosts)
        self._closed = iter(enumerate(targets[: options.max_hosts]))
        self._places: deque[_Place] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._names = Names(options.timeout_seconds)
        self._proxy_addresses: asyncio.Task[Answer] | None = None
        self._certificates: dict[bytes, bytes] = {}
        self._bytes = 0
        self.interrupted = False

    async def to_its_end(self) -> None:
        """Look at everything, until it is done or stopped."""
        try:
            async with asyncio.TaskGroup() as self._group:
                self._hire(min(self._options.jobs, len(self._targets)))
        finally:
            self._names.close()

    def tell_the_end(self) -> None:
        """Tell that nothing is left to do, if that was not told yet."""
        if self._progress and self._done < len(self._targets):
            self._progress(len(self._targets), len(self._targets))

    def stop(self) -> None:
        """End at once with what is known."""
        self.interrupted = True
        for worker in self._workers:
            worker.cancel()

    def observations(self) -> Iterator[Observation]:
        """Yield what was seen, in the order asked."""
        limit = self._options.max_hosts
        beyond = Failure("skipped", f"more than {limit} hosts in one run; --max-hosts asks more")
        for number, target in enumerate(self._targets):
            if not self._opened[number]:
                yield _without(target, _INTERRUPTED if number < limit else beyond)
            for place in self._opened[number]:
                yield from place.observations or [_without(target, _INTERRUPTED, place.address)]

    def _hire(self, number: int) -> None:
        """Start so many workers more, as far as there may be."""
        for _ in range(min(number, self._options.jobs - len(self._workers))):
            worker = self._group.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        """Look at one place after the other; the addresses of a host come before the next host."""
        while not self.interrupted:
            if self._places:
                place = self._places.popleft()
                await self._look(place)
                self._finish(place.number, 1)
            elif closed := next(self._closed, None):
                await self._open(*closed)
            else:
                return

    async def _open(self, number: int, target: Target) -> None:
        """Find the places of a target, and see that somebody looks at them."""
        to = _redirected(target, self._options)
        answer = await self._addresses(target, *to)
        if isinstance(answer, Failure):
            places = [_Place(number, target, "", to, "", [_without(target, answer)])]
        else:
            places = [
                self._place(number, target, address, *to) for address in answer[: self._options.max_addresses]
            ]
            if more := len(answer) - len(places):
                skipped = Failure("skipped", f"{more} more addresses not asked")
                places.append(_Place(number, target, "", to, "", [_without(target, skipped)]))
        self._opened[number] = places
        self._left[number] = len(places)
        wanted = [place for place in places if not place.observations]
        self._places.extend(wanted)
        self._hire(len(wanted) - 1)
        self._finish(number, len(places) - len(wanted))

    def _finish(self, number: int, places: int) -> None:
        self._left[number] -= places
        if not self._left[number]:
            self._done += 1
            if self._progress:
                self._progress(self._done, len(self._targets))

    async def _addresses(self, target: Target, host: str, port: int) -> Answer:
        """The addresses of a host, not judged yet; one that is empty if the proxy is to find them."""
        if reason := port_refusal(port):
            return Failure("forbidden", reason)
        if literal := _literal(host):
            return (literal,)
        if len(host) > 253 or not _NAME.fullmatch(host):
            return Failure("unresolved", "it is not the name of a host")
        for entry in self._options.resolve:
            if entry.host in (host, "*") and entry.port == port:
                return tuple(dict.fromkeys(entry.addresses))
        proxied = self._is_proxied(target)
        if proxied and self._options.proxy_resolves:
            local = host == "localhost" or host.endswith(".localhost")
            return Failure("forbidden", "the proxy itself is not asked") if local else ("",)
        answer = await self._names.addresses(host)
        if proxied and isinstance(answer, Failure):
            return Failure("unresolved", f"{answer.reason} here; --proxy-resolves leaves it to the proxy")
        return answer

    def _place(self, number: int, target: Target, address: str, host: str, port: int) -> _Place:
        """The place, already done with if it may not be asked."""
        reason = refusal(address, self._options.allowed) if address else ""
        failed = [_without(target, Failure("forbidden", reason), address)] if reason else []
        name = "" if _literal(target.host) else target.host
        return _Place(number, target, address, (address or host, port), name, failed)

    async def _look(self, place: _Place) -> None:
        """Ask with every offer that can show something new."""
        known = ""
        absent: Outcome | None = None
        for offer in self._options.offers:
            if offer == known:
                continue
            try:
                outcome = absent or await self._twice(place, offer)
            except asyncio.CancelledError:
                if not self.interrupted:
                    raise
                outcome = Outcome(failure=_INTERRUPTED)
            place.observations.append(self._observation(place, offer, outcome))
            if outcome.failure and (offer == "default" or self.interrupted):
                return
            if offer == "default":
                known = _key_of(outcome)
            elif outcome.alert == "protocol version":
                absent = outcome

    def _observation(self, place: _Place, offer: Offer, outcome: Outcome) -> Observation:
        served, failure = self._kept(outcome.served), outcome.failure
        if outcome.served and not served:
            failure = Failure("skipped", f"the chains of one run exceed {MAX_CHAIN_BYTES // 1024**2} MiB")
        return Observation(
            place.target, datetime.now(UTC), place.address, offer, served, outcome.protocol, failure
        )

    def _kept(self, served: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """The same certificates, each held once in a run; nothing if they would be too many."""
        known = self._certificates
        fresh = sum([len(der) for der in served if der not in known])
        if self._bytes + fresh > MAX_CHAIN_BYTES:
            return ()
        self._bytes += fresh
        return tuple([known.setdefault(der, der) for der in served])

    async def _twice(self, place: _Place, offer: Offer) -> Outcome:
        """Ask, and once more if that failed of something that may pass."""
        outcome = await self._ask(place, offer)
        if outcome.again:
            await asyncio.sleep(BACKOFF_SECONDS)
            outcome = await self._ask(place, offer)
        return outcome

    async def _ask(self, place: _Place, offer: Offer) -> Outcome:
        timeout, proxy = self._options.timeout_seconds, self._options.proxy
        if proxy and self._is_proxied(place.target):
            addresses = await self._proxies(proxy.host)
            if isinstance(addresses, Failure):
                reason = f"the name of the proxy is not resolved: {addresses.reason}"
                return Outcome(failure=Failure("unreachable", reason))
            return await seen_by_proxy(proxy, addresses, place.to, place.name, offer, timeout)
        return await seen(*place.to, place.name, offer, timeout)

    def _is_proxied(self, target: Target) -> bool:
        return bool(self._options.proxy) and not goes_direct(target.host, self._options.no_proxy)

    async def _proxies(self, host: str) -> Answer:
        """The addresses of the proxy, looked up once; it is the user's own and may be anywhere."""
        if literal := _literal(host):
            return (literal,)
        if not self._proxy_addresses:
            self._proxy_addresses = asyncio.ensure_future(self._names.addresses(host))
        return await asyncio.shield(self._proxy_addresses)


_INTERRUPTED = Failure("skipped", "interrupted")
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}", re.IGNORECASE)


def _as_files_allow(jobs: int) -> int:
    """So many handshakes at once that no host is lost for want of open files, of which macOS allows 256."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return jobs
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return jobs if limit == resource.RLIM_INFINITY else max(1, min(jobs, limit * 2 // 3))


def _without(target: Target, failure: Failure, address: str = "") -> Observation:
    return Observation(target, datetime.now(UTC), address, failure=failure)


def _redirected(target: Target, options: Options) -> tuple[str, int]:
    """Where ``--connect-to`` leads; the first that fits counts, as in curl."""
    for entry in options.connect_to:
        if entry.host in ("", target.host) and entry.port in (0, target.port):
            return entry.to_host or target.host, entry.to_port or target.port
    return target.host, target.port


def _literal(host: str) -> str:
    """The address that a host is, in any of the forms resolvers take (``127.1``, ``0x7f000001``), or empty."""
    if "%" in host or (":" not in host and not host.rpartition(".")[2][:1].isdigit()):
        return ""  # what stands behind a percent sign may be any text at all
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if _NUMBERS.fullmatch(host) else ""
    except OSError:
        return ""


def _key_of(outcome: Outcome) -> str:
    """The offer that would show again what the default one did, or none.

    With TLS 1.2 the suite names the leaf's type of key; asked for that alone, the host chooses the same.
    """
    if outcome.protocol != "TLSv1.2":
        return ""
    return "ecdsa" if "ECDSA" in outcome.cipher else "rsa"
