"""How rules on live hosts put into words where they looked and what they saw."""

from collections.abc import Callable, Iterator, Sequence

from pincheck.comparison import compared, hashes, holds, pins_by_list, usable
from pincheck.model import Location, Pin, PinSet, Problem, Severity
from pincheck.model.chains import Certificate, Look, Release, Survey, Verdict, Verification
from pincheck.rules import _wording as wording

_KEYS = {"default": "", "rsa": "TLS 1.2 with RSA", "ecdsa": "TLS 1.2 with ECDSA"}


def problem(
    verification: Verification, message: str, remedy: str, severity: Severity | None = None
) -> Problem:
    """What a rule says of a host, led by its name, where the pattern stands that covers it."""
    return Problem(
        at(verification),
        f"{wording.shown(verification.host)}: {message}",
        remedy=remedy,
        hosts=(verification.host,),
        related=related(verification),
        severity=severity,
        context=verification.first.context,
    )


def pins_anything(verification: Verification) -> bool:
    """Whether there is a pin that the client can compare at all; other rules speak of those it cannot."""
    return any(each.files or any(map(usable, each.pins)) for each in verification.pin_sets)


def judged(verification: Verification) -> list[tuple[Look, Verdict]]:
    """The verdicts that say something about pins."""
    return [
        (look, verdict)
        for look in verification.looks
        for verdict in look.verdicts
        if verdict.state in ("match", "mismatch", "unsupported")
    ]


def severity(verification: Verification, certain: bool = True) -> Severity | None:
    """The severity of a lock-out, where it is milder than an error; None if it is none."""
    sets = verification.pin_sets
    if not all(each.semantics.enforced for each in sets):
        return "note"
    doubtful = any(each.inferred or each.by_hand or each.dynamic for each in sets)
    return "warning" if doubtful or not certain or not verification.complete else None


def effect(verification: Verification) -> str:
    """What the client does when no pin matches: ``OkHttp refuses every connection``."""
    semantics = verification.first.semantics
    if semantics.enforced:
        return f"{semantics.client} refuses every connection"
    return f"{semantics.client} connects all the same"


def hedge(verification: Verification, verdicts: Sequence[Verdict]) -> str:
    """What makes a lock-out less than certain, to be added to its sentence; or empty."""
    if not verification.complete:
        return ", unless a pin that cannot be read here matches"
    if verification.first.dynamic:
        return ", unless its service has sent other pins"
    doubtful = [verdict for verdict in verdicts if not verdict.certain]
    if doubtful:
        return f"; less than certain, as {doubtful[0].reason or 'how these pins are compared is not known'}"
    if any(each.by_hand for each in verification.pin_sets):
        return "; less than certain, as the app's own code compares them"
    return ""


def keys(verification: Verification) -> tuple[Pin, ...]:
    """The pins that the client can compare, in order, each once."""
    every = (pin for each in verification.pin_sets for pin in each.pins)
    return tuple(dict.fromkeys(pin.pin for pin in every if pin.pin and usable(pin)))


def pins(verification: Verification, only: Sequence[Pin] = ()) -> str:
    """``its 2 pins (C5+lpZ7tcVwm… and r/mIkG3eEpVd…)``, or its certificate files; ``only`` some of them."""
    found = only or keys(verification)
    if not found:
        return "its pinned certificate files"
    number = f"its {len(found)} pins" if len(found) > 1 else "its one pin"
    return f"{number} ({wording.keys(found)})"


def lacking(verification: Verification, verdict: Verdict) -> tuple[str, tuple[Pin, ...]]:
    """The first list of pins that is not met in a path, and what it is compared with."""
    lists = pins_by_list(verification.pin_sets)
    for compares, listed in lists.items():
        if listed and not any(
            holds(pin, each) for pin in listed for each in compared(verdict.path, compares)
        ):
            return compares, listed
    return verification.first.semantics.compares, keys(verification)


def skipped(verification: Verification, verdict: Verdict) -> Certificate | None:
    """A pinned certificate of a path whose key the client cannot hash."""
    known = verification.first.semantics.hashable if verdict.release.platform == "ios" else ()
    pinned = keys(verification)
    return next(
        (each for each in verdict.path if not hashes(known, each) and each.spki in pinned),
        None,
    )


def chain(certificates: Sequence[Certificate]) -> str:
    """``leaf C5+lpZ7tcVwm…, then Example CA r/mIkG3eEpVd…``: the first certificates by name and key."""
    shown = [f"leaf {wording.pin_key(certificates[0].spki)}"] if certificates else ["nothing"]
    shown += [f"{wording.shown(each.name)} {wording.pin_key(each.spki)}" for each in certificates[1:3]]
    return ", ".join(shown) + (" …" if len(certificates) > 3 else "")


def place(look: Look) -> str:
    """``203.0.113.7``, with the deployment where it is not the default one."""
    observation = look.observation
    where = observation.address or "the proxy's choice of address"
    if observation.target.port != 443:
        where = f"{where} port {observation.target.port}"
    deployment = _KEYS[observation.offer]
    return f"{where} ({deployment})" if deployment else where


def places(looks: Sequence[Look]) -> str:
    """The first places, and the number of the others; a deployment is named where the default one is not meant too."""
    plain = {_end_point(look) for look in looks if look.observation.offer == "default"}
    meant = [look for look in looks if look.observation.offer == "default" or _end_point(look) not in plain]
    names = list(dict.fromkeys(place(look) for look in meant))
    return wording.listed(names, 3 if len(names) == 3 else 2)


def _end_point(look: Look) -> tuple[str, int]:
    return look.observation.address, look.observation.target.port


def is_rare(verification: Verification, look: Look) -> bool:
    """Whether phones do not get this deployment, as what they offer was answered with another."""
    return look.observation.offer != "default" and any(
        each.observation.offer == "default" and _end_point(each) == _end_point(look)
        for each in verification.looks
        if each.observation.served
    )


def what_serve(looks: Sequence[Look]) -> str:
    """``what 203.0.113.7 serves``, ``what 203.0.113.7 and 203.0.113.8 serve``."""
    return f"what {serve(looks)}"


def serve(looks: Sequence[Look]) -> str:
    """``203.0.113.7 serves``, ``203.0.113.7 and 203.0.113.8 serve``."""
    where = places(looks)
    return f"{where} {'serve' if ' and ' in where else 'serves'}"


def releases(wanted: Sequence[Release], known: Sequence[Release]) -> str:
    """``Android 8 to 11, iOS 12``: some of the releases known, neighbours drawn together."""
    parts = []
    for platform in dict.fromkeys(each.platform for each in wanted):
        every = [each for each in known if each.platform == platform]
        chosen = [each for each in every if each in wanted]
        if len(chosen) == len(every):
            parts.append(f"every {chosen[0]._replace(version='')}")
        else:
            parts += list(_ranges(chosen, every))
    return ", ".join(parts)


def _ranges(chosen: list[Release], every: list[Release]) -> Iterator[str]:
    start = last = chosen[0]
    for each in [*chosen[1:], None]:
        if each and every.index(each) == every.index(last) + 1:
            last = each
            continue
        yield str(start) if start == last else f"{start} to {last.version}"
        if each:
            start = last = each


def looked_at(verification: Verification) -> tuple[Release, ...]:
    """All releases that some verdict is about, in their order."""
    return tuple(dict.fromkeys(verdict.release for look in verification.looks for verdict in look.verdicts))


def by_host(
    survey: Survey, wanted: Callable[[Look], bool]
) -> Iterator[tuple[Verification, tuple[Look, ...]]]:
    """For each host the first configuration that has such looks, and these."""
    seen = set()
    for verification in survey.verifications:
        looks = tuple(look for look in verification.looks if wanted(look))
        if looks and verification.host not in seen:
            seen.add(verification.host)
            yield verification, looks


def at(verification: Verification) -> Location:
    """The pattern that covers the host, where it stands in the source."""
    for pin_set in verification.pin_sets:
        for host in pin_set.hosts:
            if host.matches(verification.host):
                return host.at
    return verification.first.at


def related(verification: Verification) -> tuple[tuple[Location, str], ...]:
    """The other pin sets that count for the host."""
    others: tuple[PinSet, ...] = verification.pin_sets[1:4]
    return tuple((each.at, "its pins count too") for each in others)
