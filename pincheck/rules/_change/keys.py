"""The keys of pin sets, whatever the pins are made of."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

from pincheck.comparison import usable
from pincheck.model import DeclaredPin, Location, PinSet
from pincheck.model.changes import Change
from pincheck.rules import _wording as wording
from pincheck.rules._change.states import PinSets


class Key(NamedTuple):
    """A pinned key: what it is called in messages, and where."""

    name: str
    text: str
    """For ``Problem.pin``."""
    at: Location


class Keys:
    """The keys that pin sets of both states hold, whatever a pin is the hash of."""

    def __init__(self, change: Change) -> None:
        self._change = change

    def usable(self, pin_sets: PinSets) -> dict[bytes, Key]:
        """Those that the client can compare: by these it let users in."""
        return self._of(pin_sets, lambda pin: usable(pin) and not _is_mistaken(pin))

    def meant(self, pin_sets: PinSets) -> dict[bytes, Key]:
        """Those that are meant, be it in a spelling that the client cannot use."""
        return self._of(pin_sets, lambda pin: bool(pin.pin) and not pin.placeholder)

    def same(self, digest: bytes) -> bytes:
        """The SHA-256 of the SPKI behind a digest, where the tree or a host shows the certificate; else itself."""
        return self._aliases.get(digest, digest)

    def comparable(self, pin_sets: PinSets) -> bool:
        """Whether all pins are of one kind, or the keys behind the hashes of certificates are known."""
        pins = [pin for each in pin_sets for pin in each.pins if pin.pin and not pin.placeholder]
        odd = [pin.pin for pin in pins if pin.pin and pin.pin[:2] != ("spki", "sha256")]
        kinds = {pin.pin[:2] for pin in pins if pin.pin}
        files = any(each.files for each in pin_sets)
        return (len(kinds) < 2 and not (files and odd)) or all(pin.digest in self._aliases for pin in odd)

    def _of(self, pin_sets: PinSets, counts: Callable[[DeclaredPin], bool]) -> dict[bytes, Key]:
        found: dict[bytes, Key] = {}
        for each in pin_sets:
            for pin in each.pins:
                if pin.pin and counts(pin):
                    plain = pin.pin[:2] == ("spki", "sha256") and not pin.certificate_file
                    digest = pin.pin.digest if plain else self.same(pin.pin.digest)
                    found.setdefault(digest, Key(wording.pin_key(pin.pin), wording.written(pin), pin.at))
            for file in each.files:
                for path in file.paths:
                    for digest in self._of_file(path, each):
                        found.setdefault(digest, Key(wording.shown(path), "", file.at))
        return found

    def _of_file(self, path: str, pin_set: PinSet) -> tuple[bytes, ...]:
        """The keys of a certificate file as it was in the state that the pin set is of."""
        was = any(each is pin_set for each in self._change.before.pin_sets)
        files = self._files[0 if was else 1]
        return tuple(_spki(der) for der in files.get(path, ()))

    @cached_property
    def _files(self) -> tuple[dict[str, tuple[bytes, ...]], ...]:
        states = (self._change.before, self._change.after)
        return tuple({file.path: file.ders for file in state.certificate_files} for state in states)

    @cached_property
    def _aliases(self) -> dict[bytes, bytes]:
        """Every hash of a certificate that is at hand, or of its key -> the pin of its key."""
        from hashlib import sha1, sha256

        from pincheck.pki.certificates import spki_der

        found: dict[bytes, bytes] = {}
        for der in self._certificates():
            try:
                key = spki_der(der)
            except ValueError:
                continue
            for content in (der, key):
                found[sha256(content).digest()] = found[sha1(content, usedforsecurity=False).digest()] = (
                    sha256(key).digest()
                )
        return found

    def _certificates(self) -> Iterator[bytes]:
        for files in self._files:
            for ders in files.values():
                yield from ders
        for survey in (self._change.seen_before, self._change.seen_after):
            for each in survey.verifications if survey else ():
                for look in each.looks:
                    yield from (one.der for one in look.chain if one.der)


def _spki(der: bytes) -> bytes:
    from hashlib import sha256

    from pincheck.pki.certificates import spki_der

    try:
        return sha256(spki_der(der)).digest()
    except ValueError:
        return sha256(der).digest()


def _is_mistaken(pin: DeclaredPin) -> bool:
    """Whether it is the hash of a certificate where the client compares keys, so that it never matches."""
    return bool(pin.certificate_file and pin.pin and pin.pin.hashed == "spki")
