"""What the user asks of live hosts -> an observer: live TLS or a recording, and the trust anchors of the clients."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pincheck.scan import Observer

if TYPE_CHECKING:
    from pincheck.model.chains import Observation, Target
    from pincheck.pin.listing import Built, Sight
    from pincheck.pki.trust import Trust
    from pincheck.probe.options import Options
    from pincheck.scan import Logged

MAX_ANCHOR_BYTES = 4 * 1024 * 1024

Progress = Callable[[int, int], None]
"""Told how many hosts are done, and of how many."""


class Live(NamedTuple):
    """How to look at hosts."""

    options: "Options | None"
    """None where a recording is judged."""
    trust_anchors: tuple[str, ...] = ()
    """Files with certificates that every platform is to trust."""
    record: str = ""
    """Where to save what was seen, or empty."""
    recorded: str = ""
    """The recording to judge instead of looking, or empty."""
    progress: Progress | None = None
    logs: bool = False
    """Whether public certificate logs are asked too."""


class Looking:
    """Looks when it is asked, at each target once, and keeps what the user should know about it."""

    def __init__(self, live: Live) -> None:
        self._live = live
        if live.options and live.record:
            from pincheck import recorded

            recorded.expect_writable(live.record)
        trust = _trust(live.trust_anchors)
        self.observer = Observer(self._observe, trust, logs=self._logged if live.logs else None)
        self.remembering = Observer(self._remembered, trust, logs=self._logged_before if live.logs else None)
        """Knows what ``observer`` has seen, and looks at nothing."""
        self.notes: tuple[str, ...] = ()
        self.interrupted = False
        self._known: dict[Target, list[Observation]] = {}
        self._started: datetime | None = None
        self._logs: dict[tuple[str, ...], Logged] = {}

    def judging_by(self, live: "Live | Looking | None") -> "Observer | None":
        """What would be seen with the files that ``live`` names; no host is looked at for it."""
        if not isinstance(live, Live) or live == self._live:
            return self.remembering
        if live.recorded != self._live.recorded:
            return Looking(live).observer._replace(logs=self.remembering.logs)
        return self.remembering._replace(trust=_trust(live.trust_anchors))

    def _observe(self, targets: "Sequence[Target]") -> "Sequence[Observation]":
        new = [target for target in dict.fromkeys(targets) if target not in self._known]
        if new or not self._started:
            first = not self._started
            self._started = self._started or datetime.now(UTC)
            look = self._replayed if self._live.recorded else self._seen if first else self._seen_too
            for target in new:
                self._known[target] = []
            for observation in look(new):
                self._known[observation.target].append(observation)
            self._save()
        return self._remembered(targets)

    def _remembered(self, targets: "Sequence[Target]") -> "Sequence[Observation]":
        return [one for target in dict.fromkeys(targets) for one in self._known.get(target, ())]

    def _replayed(self, targets: "Sequence[Target]") -> "Sequence[Observation]":
        from pincheck import recorded

        recording = recorded.load(self._live.recorded, targets, datetime.now(UTC))
        self.notes = tuple(dict.fromkeys((*self.notes, *recording.notes)))
        return recording.observations

    def _seen(self, targets: "Sequence[Target]") -> "Sequence[Observation]":
        from pincheck.probe.survey import survey

        assert self._live.options
        seen = survey(targets, self._live.options, self._live.progress)
        self.interrupted = seen.interrupted
        return seen.observations

    def _seen_too(self, targets: "Sequence[Target]") -> "Sequence[Observation]":
        """Look at more targets than at first, as far as the limit of hosts leaves room and nobody interrupts."""
        from pincheck.model.chains import Failure, Observation

        assert self._live.options
        limit = self._live.options.max_hosts
        why = (
            "interrupted"
            if self.interrupted
            else f"more than {limit} hosts in one run; --max-hosts asks more"
        )
        room = 0 if self.interrupted else max(0, limit - len(self._known) + len(targets))
        seen = self._seen(targets[:room]) if targets[:room] else ()
        failure, now = Failure("skipped", why), datetime.now(UTC)
        return (*seen, *(Observation(target, now, failure=failure) for target in targets[room:]))

    def _save(self) -> None:
        """Record all that was seen up to now."""
        if self._live.options and self._live.record:
            from pincheck import recorded

            assert self._started
            seen = [one for looks in self._known.values() for one in looks]
            recorded.save(self._live.record, seen, self._started)

    def _logged(self, hosts: "Sequence[str]") -> "Logged":
        if tuple(hosts) not in self._logs:
            self._logs[tuple(hosts)] = self._searched(hosts)
        return self._logs[tuple(hosts)]

    def _logged_before(self, hosts: "Sequence[str]") -> "Logged":
        return self._logs.get(tuple(hosts), next(reversed(self._logs.values()), ((), ())))

    def _searched(self, hosts: "Sequence[str]") -> "Logged":
        from pincheck import http
        from pincheck.ct import cache, client, search

        at = search.services(os.environ)
        kept = cache.Cache(cache.place(os.environ))
        get = client.through({address: http.Client(address) for address in (at.certspotter, at.crtsh)})
        found = search.issuances(hosts, get, kept, datetime.now(UTC), at)
        self.notes = (*self.notes, *kept.notes)
        return found


def sight(arguments: Any, environ: Mapping[str, str]) -> "Sight":
    """What lets ``pincheck pin`` see hosts, by the options of a command line."""
    from pincheck.pin.listing import Sight
    from pincheck.probe import options

    asked, trusted = options.read(arguments, environ), None

    def look(targets: "Sequence[Target]") -> "Sequence[Observation]":
        from pincheck.probe.survey import survey

        return survey(targets, asked).observations

    def build(served: Sequence[bytes], host: str, at: datetime) -> "Built":
        from pincheck.pki import paths

        nonlocal trusted
        trusted = trusted or _trust(tuple(arguments.trust_anchors))
        return paths.build(served, host, at, trusted)

    return Sight(look, build)


def _trust(named: tuple[str, ...]) -> "Trust":
    """The stores of all releases, and in each the certificates of some files."""
    from pincheck import files
    from pincheck.pki import trust

    def read(path: str) -> bytes:
        return files.read(path, MAX_ANCHOR_BYTES, pipes=True)

    return trust.load([der for path in named for der in trust.anchors_of(path, read(path))])
