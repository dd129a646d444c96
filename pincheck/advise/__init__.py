"""Should this host be pinned at all? A reasoned verdict for each pinned host, from the facts that a run found.

``advice`` is pure; what is not known is said to be unknown. A host that nothing pins gets no advice: not to pin is no
fault.
"""

from collections.abc import Sequence

from pincheck.advise import points
from pincheck.advise.facts import Facts, facts_of
from pincheck.comparison import holds
from pincheck.lockout import is_now
from pincheck.model import Policy, Report
from pincheck.model.advice import HostAdvice, Word
from pincheck.model.knowledge import Knowledge, Provider


def advice(
    report: Report,
    knowledge: Knowledge,
    hosts: Sequence[str] = (),
    policy: Policy = Policy(),
    release_days: int | None = None,
) -> tuple[HostAdvice, ...]:
    """Return the advice for each host that the app's releases pin, by name; ``hosts`` are those asked for, if not all.

    ``release_days`` is how long a release takes to reach nearly all users, None if nobody states it.
    """
    wanted = {host.lower().rstrip(".") for host in hosts}
    found = (
        _advice(facts, report, knowledge, release_days)
        for facts in facts_of(report, knowledge, policy)
        if not wanted or facts.host.lower() in wanted
    )
    return tuple(sorted(found, key=lambda each: each.host))


def _advice(facts: Facts, report: Report, knowledge: Knowledge, release_days: int | None) -> HostAdvice:
    backup = points.backup(facts, knowledge)
    word, reason = _verdict(facts, backup)
    told = [*points.certificate(facts, report), *points.matching(facts)]
    if word != "better not pinned":
        if facts.leaf_is_pinned or not facts.chains:
            told.append(facts.kept_why)
        told += [*points.pace(facts, report, knowledge), backup.point, *points.removals(facts)]
        told.append(points.releases(facts, report, release_days))
    told.append(points.expiry(facts))
    return HostAdvice(
        facts.host,
        word,
        reason,
        tuple(told),
        tuple(points.instead(facts)) if word == "better not pinned" else (),
    )


def _verdict(facts: Facts, backup: points.Backup) -> tuple[Word, str]:
    """The word, and the fact that decided."""
    if facts.owner:
        return "better not pinned", f"{facts.owner.operator} runs the host, not you"
    for provider in facts.running:
        if provider.new_keys and (not provider.pinnable or facts.compares_leaf_only):
            return "better not pinned", f"{provider.name} changes keys and CAs at will"
    if not facts.complete:
        return "not enough known", "a part of the pins cannot be read"
    if any(each.lockout and is_now(each.lockout) for each in facts.seen):
        return "pin differently", "some of what the host serves now matches no pin"
    unheeded = [each for each in facts.running if not _is_heeded(facts, each)]
    if unheeded:
        return "pin differently", f"the pins hang on CAs that {unheeded[0].name} changes at will"
    if _hangs_on_leaf(facts) and facts.kept is False:
        return "pin differently", "the only pin in use is of a key that renewals replace"
    if backup.state == "none" and facts.pins:
        return "pin differently", "there is no backup pin"
    return _verdict_of_the_rest(facts, backup)


def _verdict_of_the_rest(facts: Facts, backup: points.Backup) -> tuple[Word, str]:
    """Where nothing speaks against the pins."""
    if not facts.pins:
        return "not enough known", "it is pinned by certificate files only"
    if not facts.chains:
        return "not enough known", "what the host serves was not seen"
    if _hangs_on_leaf(facts) and facts.kept is None:
        return "not enough known", "nobody says whether renewals keep the pinned key"
    if facts.running and all(_names_keys(facts, each) for each in facts.running):
        return "keep pinning", f"all keys are pinned that {facts.running[0].name} says may be"
    if backup.state == "real":
        return "keep pinning", "a pin matches, and a proven one stands by for a change of the key in use"
    if backup.state == "same":
        return "pin differently", "every pin is of one CA"
    return "not enough known", "whose key the backup pin is of is not proven"


def _is_heeded(facts: Facts, provider: Provider) -> bool:
    """Whether the pins are such as the provider's habits let live."""
    if not provider.rotates and not provider.new_keys:
        return True
    return _names_keys(facts, provider) or (facts.leaf_is_pinned and not provider.new_keys)


def _names_keys(facts: Facts, provider: Provider) -> bool:
    """Whether all keys are pinned that the provider says may be."""
    pinned = {pin.base64 for pin in facts.pins if pin.hashed == "spki"}
    return bool(provider.pinnable) and pinned.issuperset(provider.pinnable) and not facts.compares_leaf_only


def _hangs_on_leaf(facts: Facts) -> bool:
    """Whether no pin but that of the leaf matches."""
    issuers = [each for _, chain in facts.chains for each in chain[1:]]
    issuers += [
        each
        for verification in facts.seen
        for look in verification.looks
        for verdict in look.verdicts
        if verdict.pins
        for each in verdict.path[1:]
    ]
    return facts.leaf_is_pinned and not any(holds(pin, each) for pin in facts.pins for each in issuers)
