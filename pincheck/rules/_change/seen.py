"""What the hosts make of both states, as far as somebody looked."""

from collections.abc import Callable, Iterable
from typing import Literal

from pincheck.coverage import configuration
from pincheck.model import Context
from pincheck.model.chains import Survey, Verification
from pincheck.model.changes import Change
from pincheck.rules import _live as live
from pincheck.rules._change.pairs import Pair, lapsed, pairs
from pincheck.rules._change.states import PinSets

Fate = Literal["unseen", "both", "cured", "lost"]
"""Both match, only what is new does, only what was before did; or neither does, or nobody looked."""


class Seen:
    """What was seen of a host under one configuration."""

    def __init__(self, survey: Survey | None) -> None:
        self._by_host = {
            (each.host, configuration(each.first)): each for each in (survey.verifications if survey else ())
        }

    def of(self, host: str, pin_sets: PinSets) -> Verification | None:
        return self._by_host.get((host, configuration(pin_sets[0])))

    def matches(self, host: str, pin_sets: PinSets) -> bool | None:
        """Whether some pin matches what the host serves; None if that is not known."""
        seen = self.of(host, pin_sets)
        verdicts = live.judged(seen) if seen else []
        return any(verdict.state == "match" for _, verdict in verdicts) if verdicts else None


class Installed:
    """What the hosts make of the versions before a change, as far as that is known."""

    def __init__(self, context: Context, hosts: Iterable[str]) -> None:
        change = context.change
        self._context = context
        self._seen = Seen(change.seen_before if change else None)
        self._replaced: dict[tuple[object, ...], list[Pair]] = {}
        for pair in pairs(change, context, tuple(dict.fromkeys(hosts))) if change else ():
            for host in pair.hosts if pair.after else ():
                self._replaced.setdefault((host, configuration(pair.after[0])), []).append(pair)

    def may_be_refused(self, verification: Verification) -> bool:
        """Whether these pins, or those whose place they take, may lock out users who have not updated.

        So it is where a state is judged by itself: what it declares has shipped.
        """
        if not self._context.change or verification.first.context not in self._context.policy.contexts:
            return True
        host = verification.host
        return any(
            not (lapsed(pair, self._context) or self._seen.matches(host, pair.before))
            for pair in self._replaced.get((host, configuration(verification.first)), ())
        )


def fate(change: Change) -> Callable[[str, Pair], Fate]:
    """Tells what a host's own chains say about its pins before and after."""
    was, now = Seen(change.seen_before), Seen(change.seen_after)

    def told(host: str, pair: Pair) -> Fate:
        before, after = was.matches(host, pair.before), now.matches(host, pair.after)
        if before is None or after is None or not (before or after):
            return "unseen"
        if before and after:
            return "both"
        return "cured" if after else "lost"

    return told
