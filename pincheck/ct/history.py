"""What a host's past certificates tell of its next: whether keys survive renewals, and who issues."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pincheck.ct.names import covering
from pincheck.model import Pin
from pincheck.model.chains import common_name
from pincheck.model.knowledge import Issuance

PROOF = 2
"""Renewals in a row that have to agree; one may be chance."""
YEARS = 2
_TOGETHER = timedelta(days=3)
"""Certificates that start so near one another are one renewal: two kinds of key, or several servers."""
_OVERLAP = timedelta(days=30)
"""How long after its end a certificate still counts as the one that is renewed."""


class KeyHistory(NamedTuple):
    """What is known of a host's renewals; the oldest first."""

    renewals: tuple[bool, ...] = ()
    """For each renewal whether a key was used again."""
    issuers: tuple[str, ...] = ()
    """The organisations, else names, of the CAs that issued within two years; the newest first."""
    keys: frozenset[Pin] = frozenset()
    """Those of the newest certificates."""
    since: date | None = None
    """When the oldest certificate that is known starts: what was before is not known."""

    @property
    def reuses_key(self) -> bool | None:
        """Whether the last renewals all used a key again, or all brought a new one; None where that is not shown.

        It is about the past: nobody promises that the next renewal goes the same way.
        """
        last = set(self.renewals[-PROOF:])
        return last.pop() if len(self.renewals) >= PROOF and len(last) == 1 else None


def history(issuances: Iterable[Issuance], host: str, today: date) -> KeyHistory:
    """What the logged certificates of a host tell; those that are logged for a later day count as well."""
    own = sorted(
        (each for each in issuances if covering([each.host], host)), key=lambda each: each.not_before
    )
    if not own:
        return KeyHistory()
    rounds = _rounds(own)
    renewals = tuple(
        reused
        for number, each in enumerate(rounds)
        if (reused := _reused(each, [one for earlier in rounds[:number] for one in earlier])) is not None
    )
    recent = [each for each in reversed(own) if each.not_before >= today - timedelta(days=365 * YEARS)]
    return KeyHistory(
        renewals,
        tuple(dict.fromkeys(each.issuer_operator or common_name(each.issuer) for each in recent)),
        frozenset(each.spki for each in rounds[-1]),
        own[0].not_before,
    )


def _rounds(own: Sequence[Issuance]) -> list[list[Issuance]]:
    """The certificates by renewal."""
    rounds: list[list[Issuance]] = []
    for each in own:
        if rounds and each.not_before - rounds[-1][0].not_before <= _TOGETHER:
            rounds[-1].append(each)
        else:
            rounds.append([each])
    return rounds


def _reused(renewed: Sequence[Issuance], earlier: Sequence[Issuance]) -> bool | None:
    """Whether a renewal used a key of a certificate that it may replace; None if it replaces none."""
    start = renewed[0].not_before
    replaced = {each.spki for each in earlier if each.not_after + _OVERLAP >= start}
    return bool(replaced & {each.spki for each in renewed}) if replaced else None
