"""Report of base x report of head -> what the change did: new, fixed and hidden findings, declarations."""

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from pincheck.model import (
    SEVERITIES,
    DeclaredPin,
    Finding,
    HostPattern,
    Location,
    PinSet,
    Policy,
    Report,
    Suppression,
)
from pincheck.model.changes import DeclarationChange, Hidden, Since

T = TypeVar("T")
Identity = tuple[Hashable, ...]
Path = Callable[[str], str]
"""Path before -> path now."""


class Otherwise(NamedTuple):
    """The state after, judged by what does not count: of a stranger's change its own, else that of the state before.

    It is judged beside the same earlier state as the one that counts, or neither is.
    """

    configured: Report | None = None
    """By the other configuration; None if there is no other."""
    policies: tuple[Policy, Policy] | None = None
    """Of base and head; they tell more exactly what a changed configuration hides."""
    proven: Report | None = None
    """By other evidence: tables of CA keys, recordings, files that the configuration names."""
    evidence: tuple[str, ...] = ()
    """Paths of the files that differ."""


ALIKE = Otherwise()
"""Nothing that judges differs."""


def since(
    base: str,
    before: Report,
    after: Report,
    renamed: Mapping[str, str],
    strange: bool = False,
    otherwise: Otherwise = ALIKE,
) -> Report:
    """Return ``after`` with ``since`` filled in.

    ``renamed`` maps paths now to paths before. A ``strange`` change does not decide how it is judged: a finding
    that was not silenced before is not silenced now.
    """
    now = {old: new for new, old in renamed.items()}

    def path(old: str) -> str:
        return now.get(old, old)

    was = _compared(before.findings, after.findings, path).was
    silenced = _Silenced(before, after, path)
    plain = None if strange else otherwise.configured
    if plain:
        after = after._replace(findings=tuple(_left_out(after, plain, path)))
    hidden = list(_by_comment(after, was, silenced, strange))
    if strange:
        after = after._replace(findings=tuple(_unsilenced(after.findings, was, silenced)))
    hidden += _by_other_settings(after, otherwise, strange)
    return after._replace(
        since=Since(
            base,
            frozenset(f.fingerprint for f in after.active if _is_new(f, was.get(f.fingerprint))),
            _compared(before.findings, (plain or after).findings, path).fixed,
            tuple(_declarations(before, plain or after, path)),
            tuple(hidden),
        )
    )


# findings --------------------------------------------------------------------


def _is_new(finding: Finding, was: Finding | None) -> bool:
    return was is None or was.suppressed is not None or _is_graver(finding, was)


def _is_graver(finding: Finding, other: Finding) -> bool:
    return SEVERITIES.index(finding.severity) < SEVERITIES.index(other.severity)


class _Compared(NamedTuple):
    """The findings of two states beside each other."""

    was: dict[str, Finding]
    """Fingerprint now -> the finding of before that it is."""
    fixed: tuple[Finding, ...]
    """The active findings of before that are there no more, be it silenced."""


def _compared(before: Sequence[Finding], after: Sequence[Finding], path: Path) -> _Compared:
    """Pair the findings of both states, each used once; then those that speak of other hosts, host by host.

    What makes a fingerprint makes the pair: rule, path (now), hosts and pin. Equal ones are told apart by whether
    they are silenced, by their number, and by the text of their line, so that a silenced one does not
    pass for an active one. At last an active finding may have moved to another file. One that speaks of fewer hosts
    than before is not new, and one whose hosts others speak of now is not fixed.
    """
    old = _numbered(before, path)
    new = _numbered(after, str)
    passes: tuple[Callable[[_Numbered], Identity | None], ...] = (
        lambda each: (each.identity, each.is_active, each.number, each.finding.at.text),
        lambda each: (each.identity, each.is_active, each.finding.at.text),
        lambda each: (each.identity, each.is_active),
        lambda each: (each.identity, each.number),
        lambda each: (each.identity,),
        _anywhere,
    )
    pairs = _matched(old, new, passes)
    paired = {id(each) for pair in pairs for each in pair}
    old, new = ([each for each in every if id(each) not in paired] for every in (old, new))
    pairs += _parts(new, old)
    still = {id(other) for other, _ in pairs} | {id(each) for _, each in _parts(old, new)}
    return _Compared(
        {each.finding.fingerprint: other.finding for other, each in pairs},
        tuple(each.finding for each in old if each.is_active and id(each) not in still),
    )


def _parts(
    parts: Iterable["_Numbered"], wholes: Iterable["_Numbered"]
) -> list[tuple["_Numbered", "_Numbered"]]:
    """Each finding all of whose hosts others speak of, behind the mildest of these; each is used once for a host."""
    waiting: dict[Identity, deque[_Numbered]] = {}
    for whole in wholes:
        for about in whole.by_host:
            waiting.setdefault(about, deque()).append(whole)
    found = []
    for part in parts:
        if part.by_host and all(waiting.get(about) for about in part.by_host):
            held = [waiting[about].popleft() for about in part.by_host]
            found.append((max(held, key=lambda each: SEVERITIES.index(each.finding.severity)), part))
    return found


class _Numbered(NamedTuple):
    """A finding, and what it is known by."""

    finding: Finding
    identity: Identity
    number: int
    """Among those of the same identity."""

    @property
    def is_active(self) -> bool:
        return self.finding.suppressed is None

    @property
    def by_host(self) -> list[Identity]:
        """What it says, for each host; a silenced finding says other than an active one."""
        rule, path, _, pin = self.identity
        return [(rule, path, host, pin, self.is_active) for host in dict.fromkeys(self.finding.hosts)]


def _numbered(findings: Iterable[Finding], path: Path) -> list[_Numbered]:
    numbers: Counter[Identity] = Counter()
    found = []
    for finding in findings:
        identity = (finding.rule, path(finding.at.path), tuple(sorted(finding.hosts)), finding.pin)
        numbers[identity] += 1
        found.append(_Numbered(finding, identity, numbers[identity]))
    return found


def _anywhere(each: _Numbered) -> Identity | None:
    """An active finding wherever it stands, if it says what it is about."""
    finding = each.finding
    if not each.is_active or not (finding.hosts or finding.pin):
        return None
    return finding.rule, tuple(sorted(finding.hosts)), finding.pin


def _matched(
    before: Iterable[T], after: Iterable[T], passes: Iterable[Callable[[T], Identity | None]]
) -> list[tuple[T, T]]:
    """Pairs of equal key, by the first pass that finds one; in order, each used once, in linear time."""
    old, new = list(before), list(after)
    found: list[tuple[T, T]] = []
    for key in passes:
        waiting: dict[Identity | None, deque[T]] = {}
        for each in old:
            waiting.setdefault(key(each), deque()).append(each)
        waiting.pop(None, None)
        left, used = [], set()
        for each in new:
            if candidates := waiting.get(key(each)):
                other = candidates.popleft()
                used.add(id(other))
                found.append((other, each))
            else:
                left.append(each)
        old, new = [each for each in old if id(each) not in used], left
    return found


# what hides ------------------------------------------------------------------


class _Silenced:
    """Which comment silences a finding, and whether it was there before."""

    def __init__(self, before: Report, after: Report, path: Path) -> None:
        self._old = {(path(each.at.path), each.rules, each.reason) for each in before.project.suppressions}
        self._by_line: dict[tuple[str, int], list[Suppression]] = {}
        for each in after.project.suppressions:
            for line in (each.at.line, each.at.line + 1) if each.alone else (each.at.line,):
                self._by_line.setdefault((each.at.path, line), []).append(each)

    def by(self, finding: Finding) -> Suppression | None:
        """The comment; None if the finding is active, or the configuration silences it."""
        if finding.suppressed is None or finding.gone:
            return None
        for each in self._by_line.get((finding.at.path, finding.at.line), ()):
            fits = not each.rules or finding.rule in each.rules
            if fits and each.why == finding.suppressed:
                return each
        return None

    def is_old(self, comment: Suppression) -> bool:
        return (comment.at.path, comment.rules, comment.reason) in self._old


def _by_comment(
    after: Report, was: Mapping[str, Finding], silenced: _Silenced, strange: bool
) -> Iterator[Hidden]:
    """The findings that a comment silences and that were not silenced before."""
    for finding in after.findings:
        comment = silenced.by(finding)
        if comment and not _was_silenced(finding, was):
            old = silenced.is_old(comment)
            how = "a comment that was there before now silences it" if old else "a new comment silences it"
            yield Hidden(finding._replace(suppressed=None), how, comment.at, counts=not strange)


def _unsilenced(
    findings: Iterable[Finding], was: Mapping[str, Finding], silenced: _Silenced
) -> Iterator[Finding]:
    """The findings, those active that only a comment of a strange change silences."""
    for finding in findings:
        keeps = _was_silenced(finding, was) or not silenced.by(finding)
        yield finding if keeps else finding._replace(suppressed=None)


def _was_silenced(finding: Finding, was: Mapping[str, Finding]) -> bool:
    old = was.get(finding.fingerprint)
    return old is not None and old.suppressed is not None


def _by_other_settings(after: Report, other: Otherwise, strange: bool) -> Iterator[Hidden]:
    """What the configuration and the evidence of the change hide, or would hide, each finding once."""
    told: set[str] = set()

    def ordered(by: Report) -> tuple[Report, Report]:
        return (after, by) if strange else (by, after)

    if other.configured:
        for hidden in _by_configuration(*ordered(other.configured), other.policies, not strange):
            told.add(hidden.finding.fingerprint)
            yield hidden
    if other.proven:
        for hidden in _by_evidence(*ordered(other.proven), other.evidence, not strange):
            if hidden.finding.fingerprint not in told:
                yield hidden


def _by_evidence(strict: Report, mild: Report, paths: Sequence[str], counts: bool) -> Iterator[Hidden]:
    """The active findings by the one evidence that are milder by the other, or not there at all."""
    found = {finding.fingerprint: finding for finding in mild.findings}
    names = " and ".join(paths[:2]) if len(paths) < 3 else f"{paths[0]} and {len(paths) - 1} more files"
    for finding in strict.active:
        other = found.get(finding.fingerprint)
        if other is None:
            yield Hidden(finding, f"by the changed {names} it is no finding", None, counts)
        elif other.suppressed is None and _is_graver(finding, other):
            yield Hidden(finding, f"by the changed {names} it is a {other.severity}", None, counts)


def _by_configuration(
    strict: Report, mild: Report, policies: tuple[Policy, Policy] | None, counts: bool
) -> Iterator[Hidden]:
    """The active findings of the one judgement that are milder in the other, silenced, or not there at all."""
    found = {finding.fingerprint: finding for finding in mild.findings}
    configs = {strict.config, mild.config}
    known, left = _paths(strict), _paths(mild)
    policy = policies[1] if policies else Policy()
    for finding in strict.active:
        if finding.rule == "unused-suppression" and finding.at.path in configs:
            continue
        other = found.get(finding.fingerprint)
        if other is None:
            out = finding.at.path in known and finding.at.path not in left
            yield Hidden(finding, _absent(finding, out, policy, bool(policies)), None, counts)
        elif other.suppressed is not None:
            yield Hidden(finding, "the configuration now ignores it", _ignore(other, policy), counts)
        elif _is_graver(finding, other):
            yield Hidden(finding, f"the configuration now makes it a {other.severity}", None, counts)
        elif policies and _fails(finding, policies[0]) and not _fails(finding, policies[1]):
            how = f"fail-on is now {policies[1].fail_on}, so that it fails no build"
            yield Hidden(finding, how, None, counts)


def _left_out(after: Report, plain: Report, path: Path) -> Iterator[Finding]:
    """The findings; where a file still pins and is only left out, they say that instead of its removal."""
    removed = {finding.fingerprint for finding in plain.findings}
    still = _paths(plain) - _paths(after)
    for finding in after.findings:
        if finding.gone and finding.fingerprint not in removed and path(finding.at.path) in still:
            hosts = finding.message.partition(": ")[0]
            finding = finding._replace(
                message=f"{hosts}: the configuration now leaves out this file, which still declares these pins, so that"
                " what becomes of them is told no more",
                remedy="keep the file in, unless no release reads it",
            )
        yield finding


def _absent(finding: Finding, left_out: bool, policy: Policy, is_known: bool) -> str:
    if left_out:
        return "the configuration now leaves its file out"
    if dict(policy.severities).get(finding.rule) == "off":
        return "the configuration now switches its rule off"
    if is_known:
        return "by the changed configuration it is no finding"
    return "the configuration now switches its rule off, or makes it no finding"


def _ignore(finding: Finding, policy: Policy) -> Location | None:
    """The entry of the configuration that gives the reason."""
    ignores = ((each.why, each.at) for each in policy.ignores)
    skips = ((each.skip, each.at) for each in policy.hosts)
    return next((at for reason, at in (*ignores, *skips) if reason == finding.suppressed), None)


def _fails(finding: Finding, policy: Policy) -> bool:
    if policy.fail_on not in SEVERITIES:
        return False
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(policy.fail_on)


def _paths(report: Report) -> set[str]:
    """The files that something was read from."""
    project = report.project
    kinds = (project.pin_sets, project.defects, project.gaps, project.private_keys, project.suppressions)
    return {each.at.path for kind in kinds for each in kind} | {
        file.path for file in project.certificate_files
    }


# declarations ----------------------------------------------------------------


def _declarations(before: Report, after: Report, path: Path) -> list[DeclarationChange]:
    """What happened to each declaration, by its place; one that just moved is not there."""
    old, new = _declared(before, path), _declared(after, str)
    passes: tuple[Callable[[_Declared], Identity | None], ...] = (
        lambda each: (each.place, each.hosts, each.content),
        lambda each: (each.place, each.hosts, each.compares),
        lambda each: (each.place, each.hosts),
        lambda each: (each.platform, each.hosts, each.content),
        lambda each: (each.platform, each.hosts) if each.hosts else None,
        lambda each: (each.place,),
    )
    pairs = _matched(old, new, passes)
    paired = {id(each) for pair in pairs for each in pair}
    found = [
        _changed(one, other)
        for one, other in pairs
        if (one.hosts, one.content) != (other.hosts, other.content)
    ]
    found += [DeclarationChange("removed", each.pin_set, None) for each in old if id(each) not in paired]
    found += [DeclarationChange("added", None, each.pin_set) for each in new if id(each) not in paired]
    return sorted(found, key=_order)


class _Declared(NamedTuple):
    """A pin set, and what it is known by."""

    pin_set: PinSet
    place: Identity
    platform: str
    hosts: frozenset[Hashable]
    content: Identity
    """Its pins, files and expiry, as far as a client can tell them apart, and what it compares them with."""

    @property
    def compares(self) -> str:
        return self.pin_set.semantics.compares


def _declared(report: Report, path: Path) -> list[_Declared]:
    return [
        _Declared(
            each,
            (each.mechanism, path(each.at.path), each.variant),
            each.semantics.platform,
            frozenset(map(_covered, each.hosts)),
            (
                frozenset(map(_pin, each.pins)),
                frozenset(path(file) for one in each.files for file in one.paths),
                _day(each),
                each.semantics.compares,
            ),
        )
        for each in _joined(report.project.pin_sets)
    ]


def _joined(pin_sets: Iterable[PinSet]) -> list[PinSet]:
    """Those that pin; one for all that a client takes together, such as each ``add`` of OkHttp for one host."""
    found: dict[Hashable, PinSet] = {}
    for each in pin_sets:
        if each.pins or each.files:
            whole = found.setdefault(_owner(each), each)
            if whole is not each:
                found[_owner(each)] = whole._replace(
                    pins=whole.pins + each.pins, files=whole.files + each.files
                )
    return list(found.values())


def _owner(pin_set: PinSet) -> Hashable:
    """Equal for the sets that are one to the client."""
    if pin_set.semantics.lookup != "union" or not pin_set.hosts:
        return id(pin_set)
    hosts = frozenset(map(_covered, pin_set.hosts))
    place = (pin_set.at.path, pin_set.mechanism, pin_set.variant, pin_set.context, pin_set.read)
    return (*place, hosts, pin_set.semantics, _day(pin_set))


def _changed(one: _Declared, other: _Declared) -> DeclarationChange:
    before, after = one.pin_set, other.pin_set
    had, has = {_pin(pin) for pin in before.pins}, {_pin(pin) for pin in after.pins}
    return DeclarationChange(
        "changed",
        before,
        after,
        tuple(pin for pin in after.pins if _pin(pin) not in had),
        tuple(pin for pin in before.pins if _pin(pin) not in has),
        tuple(dict.fromkeys(_label(host) for host in after.hosts if _covered(host) not in one.hosts)),
        tuple(dict.fromkeys(_label(host) for host in before.hosts if _covered(host) not in other.hosts)),
    )


def _pin(pin: DeclaredPin) -> Hashable:
    """The key, or the text where none can be meant; a spelling that the client refuses is another pin."""
    return (pin.pin or pin.text, bool(pin.fault), bool(pin.placeholder))


def _label(host: HostPattern) -> str:
    """``shop.example (with subdomains)``: a pattern by what it covers."""
    if host.fault or host.depth == "exact" or "*" in host.text:
        return host.text
    return f"{host.text} (with subdomains)"


def _covered(host: HostPattern) -> Hashable:
    """What a pattern covers, however it is written; the text where that is nothing."""
    return host.text if host.fault else (host.name, host.depth, host.apex)


def _day(pin_set: PinSet) -> str:
    expires = pin_set.expires
    return "" if expires is None else expires.day.isoformat() if expires.day else expires.text


def _order(change: DeclarationChange) -> tuple[str, int, int, str]:
    at = (change.after or change.before).at  # type: ignore[union-attr]  # one of both is there
    return at.path, at.line, at.column, change.kind
