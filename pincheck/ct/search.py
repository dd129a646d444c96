"""The issuances that public logs hold for hosts: Cert Spotter first, crt.sh where it has no answer."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from pincheck.ct import certspotter, crtsh
from pincheck.ct.asking import Asking, Down, Get, Incomplete, NoAnswer
from pincheck.ct.cache import Asked, Cache
from pincheck.ct.names import is_public
from pincheck.model import NotChecked, Pin
from pincheck.model.knowledge import Issuance

REFRESH_DAYS = 7
"""After so many days all is asked for again, as what was revoked since is not told otherwise."""
MAX_HOSTS = 200
"""Hosts of one run; services that cost nothing are not to be asked for more."""
FAILURES = 3
"""After so many in a row a service counts as down."""
_SKEW_DAYS = 1
"""Clocks may be off by as much."""
_FEW = 3


class Services(NamedTuple):
    """Where to ask, and as whom; never taken from a repository's configuration."""

    certspotter: str = "https://api.certspotter.com"
    crtsh: str = "https://crt.sh"
    token: str = ""
    """For Cert Spotter only, from the environment."""


PUBLIC = Services()


def services(environ: Mapping[str, str]) -> Services:
    """The public services, and the token of ``CERTSPOTTER_TOKEN`` if it may stand in a header."""
    token = environ.get("CERTSPOTTER_TOKEN", "").strip()
    return Services(token=token if re.fullmatch(r"[!-~]{1,500}", token) else "")


def issuances(
    hosts: Sequence[str],
    get: Get,
    cache: Cache,
    now: datetime,
    at: Services = PUBLIC,
    asking: Asking | None = None,
) -> tuple[tuple[Issuance, ...], tuple[NotChecked, ...]]:
    """All that is known of each host's certificates, the oldest first, and what could not be asked.

    Ended ones are among them as far as earlier runs saw them. What both services hold, or a precertificate and its
    certificate, counts once. ``now`` is aware. Nothing that a service does raises.
    """
    search = _Search(asking or Asking(get), cache, now.date(), at)
    wanted = list(dict.fromkeys(hosts))
    found = [each for host in wanted[:MAX_HOSTS] for each in search.host(host)]
    for host in wanted[MAX_HOSTS:]:
        search.miss(host, f"only the first {MAX_HOSTS} hosts of a run are asked for")
    return _distinct(found), search.not_checked()


class _Search:
    """One run's search; a service that is down is asked no more."""

    def __init__(self, asking: Asking, cache: Cache, today: date, at: Services) -> None:
        self._asking, self._cache, self._today, self._at = asking, cache, today, at
        self._down: dict[str, str] = {}
        self._failures: Counter[str] = Counter()
        self._found: list[Issuance] = []
        self._missed: dict[str, list[str]] = {}
        self._foreign: Counter[tuple[str, str]] = Counter()
        self._unreadable: Counter[tuple[str, str]] = Counter()

    def host(self, host: str) -> list[Issuance]:
        """What is known of one host after asking."""
        if not is_public(host):
            self.miss(host, "is no name that a public CA certifies")
            return []
        asked, known = self._cache.look(self._key(certspotter.NAME), host)
        _, fetched = self._cache.look(self._key(crtsh.NAME), host)
        self._found = [*known.values(), *fetched.values()]
        try:
            self._ask(certspotter.NAME, lambda: self._ask_certspotter(host, asked))
        except NoAnswer as first:
            try:
                self._ask(crtsh.NAME, lambda: self._ask_crtsh(host, fetched))
            except NoAnswer as second:
                kept = "; what earlier runs were told is used" if self._found else ""
                self.miss(host, f"{certspotter.NAME} {first}; {crtsh.NAME} {second}{kept}")
        return self._found

    def miss(self, host: str, reason: str) -> None:
        """Note that a host was not asked for, or not to the end."""
        self._missed.setdefault(reason, []).append(host)

    def not_checked(self) -> tuple[NotChecked, ...]:
        """All misses; many hosts with one reason are counted."""
        for (host, name), number in self._foreign.items():
            what = _count(number, "certificate")
            self.miss(host, f"{name} answers with {what} of other hosts, which did not count")
        for (host, name), number in self._unreadable.items():
            self.miss(
                host, f"{name} answers with {_count(number, 'entry', 'entries')} that could not be read"
            )
        return tuple(
            NotChecked(f"public logs for {what}", reason, is_path=False)
            for reason, hosts in self._missed.items()
            for what in (hosts if len(hosts) <= _FEW else [f"{hosts[0]} and {len(hosts) - 1:,} more hosts"])
        )

    def _ask(self, name: str, ask: Callable[[], None]) -> None:
        """Ask a service, unless it is down."""
        if name in self._down:
            raise NoAnswer(self._down[name])
        try:
            ask()
            self._failures[name] = 0
        except Incomplete:
            raise
        except NoAnswer as why:
            self._failures[name] += 1
            if isinstance(why, Down) or self._failures[name] == FAILURES:
                self._down[name] = str(why)
            raise

    def _ask_certspotter(self, host: str, asked: Asked) -> None:
        age = (self._today - asked.whole).days if asked.whole else REFRESH_DAYS
        if not -_SKEW_DAYS <= age < REFRESH_DAYS:
            asked = Asked("", self._today)
        address = self._at.certspotter
        for page in certspotter.pages(self._asking, address, host, asked.after, self._at.token):
            self._keep(certspotter.NAME, host, page.issuances, asked._replace(after=page.after))
            self._doubt(host, certspotter.NAME, page.foreign, page.unreadable)

    def _ask_crtsh(self, host: str, known: Container[str]) -> None:
        listed = crtsh.listing(self._asking, self._at.crtsh, host)
        self._doubt(host, crtsh.NAME, listed.foreign, listed.unreadable)
        for found in crtsh.certificates(self._asking, self._at.crtsh, host, listed.rows, known):
            self._keep(crtsh.NAME, host, [found], Asked("", self._today))

    def _keep(self, name: str, host: str, found: Sequence[tuple[str, Issuance]], asked: Asked) -> None:
        self._cache.keep(self._key(name), host, found, asked, self._today)
        self._found.extend(issuance for _, issuance in found)

    def _key(self, name: str) -> str:
        """What the cache calls a service: answers from elsewhere are kept apart."""
        address = self._at.certspotter if name == certspotter.NAME else self._at.crtsh
        return f"{name} at {address}"

    def _doubt(self, host: str, name: str, foreign: int, unreadable: int) -> None:
        """Count what an answer held beside what was asked for."""
        self._foreign.update({(host, name): foreign} if foreign else {})
        self._unreadable.update({(host, name): unreadable} if unreadable else {})


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _distinct(found: Iterable[Issuance]) -> tuple[Issuance, ...]:
    """Each certificate once, the fullest account of it, by start; it is revoked if any account says so."""
    best: dict[tuple[str, Pin, date, date], Issuance] = {}
    for each in found:
        key = (each.host, each.spki, each.not_before, each.not_after)
        other = best.get(key)
        if other is None or (each.issuer_spki and not other.issuer_spki):
            best[key] = each._replace(revoked=each.revoked or bool(other and other.revoked))
        elif each.revoked:
            best[key] = other._replace(revoked=True)
    return tuple(sorted(best.values(), key=lambda each: (each.not_before, each.host, each.spki)))
