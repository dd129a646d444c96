"""Pins -> whose keys they are, and how that is known."""

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from pincheck.model import Defect, Pin, Policy, Project, StatedPin
from pincheck.model.knowledge import CaKey, Identity, Issuance

if TYPE_CHECKING:
    from pincheck.model.chains import Certificate, Survey, Verification

Find = Callable[[Pin], CaKey | None]
"""The table of CA keys."""

Read = Callable[[str], bytes | str]
"""Gives a file of the repository by the path that the configuration names: its bytes, or why there are none."""

MAX_FILES = 200
"""More files of evidence are not read."""
MAX_BYTES = 256 * 1024
"""A larger file is no evidence; a chain has some ten thousand."""

_Key = tuple[Literal["leaf", "intermediate", "root", "key"], str]


class Evidence(NamedTuple):
    """What a file holds that the configuration names as evidence."""

    keys: Mapping[Pin, _Key] = MappingProxyType({})
    """The role and the name of each key in it; ``key`` for one that no certificate holds."""
    reason: str = ""
    """Why it holds none, a clause."""


def identify(
    project: Project,
    survey: "Survey | None",
    policy: Policy,
    find: Find,
    evidence: Mapping[str, Evidence] = MappingProxyType({}),
) -> dict[Pin, Identity]:
    """Return what is known of each SPKI pin (SHA-256) that is declared; a pin of which nothing is known is left out.

    The strongest source counts: the table of CA keys, the paths that were seen, the files of ``evidence`` by
    the path that names them, and what the configuration merely states. Only a CA's own key, and a leaf that was
    seen under one, have a family that is proven; of evidence and statements it is the ``ca`` that is stated.
    """
    pins = identifiable(project)
    of_table = {pin: ca for pin in pins if (ca := find(pin))}
    observed = _observed(survey, find, pins) if survey else {}
    known = {pin: Identity("ca-table", ca.kind, ca.name, ca.family, ca=ca) for pin, ca in of_table.items()}
    operators = _Operators((*known.values(), *observed.values()))
    found: dict[Pin, Identity] = {}
    stated = _stated(policy)
    for pin in pins:
        said = stated.get(pin)
        identity = known.get(pin) or observed.get(pin) or (said and _claimed(said, evidence, operators))
        if identity:
            found[pin] = identity._replace(at=said.at) if said else identity
    return found


def identifiable(project: Project) -> tuple[Pin, ...]:
    """The pins of keys that are declared, each once; a placeholder is none."""
    every = (pin for pin_set in project.pin_sets if pin_set.read for pin in pin_set.pins)
    return tuple(
        dict.fromkeys(
            each.pin
            for each in every
            if each.pin and not each.placeholder and each.pin[:2] == ("spki", "sha256")
        )
    )


# chains that were seen ---------------------------------------------------------


def of_issuers(issuances: Iterable[Issuance], find: Find) -> dict[Pin, Identity]:
    """The identities of the CA keys that logged certificates are signed with, as far as the table knows them."""
    found = {}
    for issuance in issuances:
        if issuance.issuer_spki and (ca := find(issuance.issuer_spki)):
            found[ca.spki] = Identity("ca-table", ca.kind, ca.name, ca.family, ca=ca)
    return found


def seen_keys(survey: "Survey | None") -> dict[str, frozenset[Pin]]:
    """The keys in the verified paths of each host of which one was seen."""
    found: dict[str, frozenset[Pin]] = {}
    for verification in survey.verifications if survey else ():
        for path in dict.fromkeys(_paths(verification)):
            keys = (certificate.spki for certificate in path)
            found[verification.host] = found.get(verification.host, frozenset()).union(keys)
    return found


def _observed(survey: "Survey", find: Find, pins: Sequence[Pin]) -> dict[Pin, Identity]:
    """The declared pins that are of a certificate in some verified path."""
    wanted = frozenset(pins)
    found: dict[Pin, Identity] = {}
    for path in dict.fromkeys(path for each in survey.verifications for path in _paths(each)):
        for index, certificate in enumerate(path):
            pin = certificate.spki
            if pin in wanted:
                family = _family(path, index, find)
                earlier = found.get(pin) or Identity("observed", _role(path, index), certificate.name)
                found[pin] = earlier._replace(family=earlier.family | family)
    return found


def _paths(verification: "Verification") -> Iterator[tuple["Certificate", ...]]:
    """The paths that lead to a trust anchor without a doubt; of clients that compare what is sent nothing is known."""
    if verification.first.semantics.compares == "served":
        return
    for look in verification.looks:
        for verdict in look.verdicts:
            if verdict.state in ("match", "mismatch") and verdict.path and not (look.fault or verdict.reason):
                yield verdict.path


def _role(path: Sequence["Certificate"], index: int) -> Literal["leaf", "intermediate", "root"]:
    if index == 0:
        return "leaf"
    return "root" if index == len(path) - 1 else "intermediate"


def _family(path: Sequence["Certificate"], index: int, find: Find) -> frozenset[str]:
    """That of the nearest known CA at or above a certificate (above, of a leaf); none of a private CA."""
    found = (find(certificate.spki) for certificate in path[max(index, 1) :])
    return next((ca.family for ca in found if ca), frozenset())


# the configuration -----------------------------------------------------------------


def gather(policy: Policy, read: Read) -> dict[str, Evidence]:
    """Return what the files hold that the configuration names as evidence, by their path as written."""
    named = [stated.file for host in policy.hosts for stated in host.pins if stated.file]
    found = {}
    for number, path in enumerate(dict.fromkeys(named)):
        data = read(path) if number < MAX_FILES else f"is one of more than {MAX_FILES} files and was not read"
        found[path] = Evidence(reason=data) if isinstance(data, str) else _evidence(data)
    return found


def defects(policy: Policy, evidence: Mapping[str, Evidence]) -> Iterator[Defect]:
    """Say for each stated pin that its file does not prove it, where it does not."""
    for host in policy.hosts:
        for stated in host.pins:
            held = evidence.get(stated.file)
            if held is None or stated.pin in held.keys:
                continue
            file, pin = _shown(stated.file), stated.pin.base64[:12]
            first = next((key.base64[:12] for key in held.keys), "")
            what = held.reason or f"holds the key {first}… and not that of the pin {pin}…"
            yield Defect(
                "malformed",
                stated.at,
                f"{host.pattern}: the evidence {file} {what}, so it does not prove {pin}…",
                remedy="name the CSR, certificate or public key of exactly this key, or correct the pin",
                hosts=(host.pattern,),
            )


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:80])


def _evidence(data: bytes) -> Evidence:
    """The keys of a CSR, certificate, public key or list of hashes; a secret is none, and costs time to open."""
    if len(data) > MAX_BYTES:
        return Evidence(reason=f"is larger than {MAX_BYTES // 1024} KB")
    if b"PRIVATE KEY-----" in data or b"\x02\x01\x03\x30" in data[:10]:
        return Evidence(reason="holds a private key, which belongs in no repository")
    if listed := _registry(data):
        return Evidence(listed)
    from pincheck.pki.key_files import BadKeyFile, read

    try:
        found = read(data)
    except BadKeyFile as fault:
        return Evidence(reason=f"proves nothing ({fault})")
    keys: dict[Pin, _Key] = {}
    for each in found:
        if each.what == "private key":
            return Evidence(reason="holds a private key, which belongs in no repository")
        role: Literal["leaf", "intermediate", "root", "key"] = "key"
        if each.certificate:
            role = "root" if each.role == "anchor" else each.role
        keys.setdefault(each.pin, (role, each.certificate.name if each.certificate else each.what))
    return Evidence(keys)


def _registry(data: bytes) -> dict[Pin, _Key]:
    """The keys that a team's own list of hashes names: a pin and what it is called, one a line, ``#`` before remarks.

    Nothing if any line is no such line: then it is a file of another kind.
    """
    keys: dict[Pin, _Key] = {}
    for line in data.splitlines():
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        found = _LISTED.fullmatch(line.strip())
        if not found:
            return {}
        pin = Pin("spki", "sha256", a2b_base64(found[1]))
        keys.setdefault(pin, ("key", _shown((found[2] or b"").decode("utf-8", "replace")) or "listed key"))
    return keys


_LISTED = re.compile(rb"(?:sha256/)?([A-Za-z0-9+/]{43}=)(?:\s+(\S.*))?")


def _stated(policy: Policy) -> dict[Pin, StatedPin]:
    """What the configuration states about each pin, in its fullest words."""
    found: dict[Pin, StatedPin] = {}
    for host in policy.hosts:
        for stated in host.pins:
            if stated.pin not in found or _fullness(stated) > _fullness(found[stated.pin]):
                found[stated.pin] = stated
    return found


def _fullness(stated: StatedPin) -> tuple[bool, ...]:
    return tuple(map(bool, (stated.file, stated.ca, stated.key, stated.owner, stated.created)))


def _claimed(stated: StatedPin, evidence: Mapping[str, Evidence], operators: "_Operators") -> Identity | None:
    """What a file or a word of the configuration tells of a pin, if either does."""
    if not any(_fullness(stated)):
        return None
    family = frozenset([operators.named(stated.ca)]) if stated.ca else frozenset[str]()
    offline = stated.key == "offline"
    if held := evidence.get(stated.file, Evidence()).keys.get(stated.pin):
        return Identity("evidence", held[0], f"{held[1]} in {stated.file}", family, offline)
    if not any(_fullness(stated)[1:]):
        return None  # all that is stated is a file, which proves something else
    name = f"key of {stated.owner}" if stated.owner else ""
    return Identity("stated", "key" if offline or not stated.ca else "", name, family, offline)


class _Operators:
    """The CA operators known in a run, to be found by what a team calls them: ``Let's Encrypt``, ``DigiCert Inc``."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._by_word: dict[str, str] = {}
        for identity in identities:
            for operator in sorted(identity.family):
                for part in (operator, *filter(_word, re.split(r"[()]", operator))):
                    self._by_word.setdefault(_word(part), operator)
            if identity.ca and len(identity.family) == 1:
                self._by_word.setdefault(_word(identity.ca.name), *identity.family)

    def named(self, text: str) -> str:
        """The operator that is meant; the text itself if it is none of those known."""
        word = _word(text)
        if word not in self._by_word:
            alike = (known for known in self._by_word if _is_alike(known, word))
            self._by_word[word] = self._by_word.get(next(alike, ""), text)
        return self._by_word[word]


def _word(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _is_alike(one: str, other: str) -> bool:
    """Whether one name is the other and something behind it: ``digicertinc``."""
    return min(len(one), len(other)) >= 4 and (one.startswith(other) or other.startswith(one))
