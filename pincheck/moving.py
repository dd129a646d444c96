"""A report -> the same as it is seen from a folder above."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from pincheck.model import (
    CertificateFile,
    DeclaredPin,
    Finding,
    Fix,
    Location,
    NotChecked,
    Pin,
    PinnedFile,
    PrivateKey,
    Report,
    Semantics,
    TrustAnchor,
)
from pincheck.model.advice import HostAdvice
from pincheck.model.chains import Certificate, Observation, Verdict
from pincheck.model.changes import Since
from pincheck.model.knowledge import CaKey, Issuance, Milestone, Provider

ABOUT_ALL = ("the table of CA keys",)
"""What is not checked in any repository if it is not in one."""


class Move(NamedTuple):
    """Where a repository's report goes."""

    folder: str
    """Its folder in the joined report; empty for none."""
    config: str = ""
    """Path of its configuration, for places that are nowhere else."""
    apart: Mapping[str, str] = {}
    """Paths that do not lie in the repository, and what they are called in the joined report."""
    alone: bool = False
    """No other report is joined to it: fingerprints stay, and what is no path needs no folder."""

    def path(self, path: str) -> str:
        """What a path is called in the joined report."""
        if path in self.apart:
            return self.apart[path]
        path = path or self.config
        return f"{self.folder}/{path}" if path else self.folder

    def entry(self, entry: NotChecked) -> NotChecked:
        """What was not checked, by its new path, or with its folder before it if it is no path."""
        if entry.is_path:
            return entry._replace(what=self.path(entry.what))
        if self.alone or entry.what in ABOUT_ALL:
            return entry
        return entry._replace(what=f"{self.folder}: {entry.what}")

    def fingerprint(self, fingerprint: str) -> str:
        """Another fingerprint in each folder: what is copied into two repositories is two findings."""
        if self.alone:
            return fingerprint
        text = f"{self.folder}\0{fingerprint}"
        return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def moved(report: Report, move: Move) -> Report:
    """The report with its places below the folder, and unless it is alone with fingerprints of their own.

    Sentences stay as they are: a path that one names begins at its repository.
    """
    return _Moving(move).moved(report) if move.folder else report


class _Moving:
    """A move under way; what is shared stays shared."""

    def __init__(self, move: Move) -> None:
        self._move = move
        self._done: dict[int, tuple[Any, Any]] = {}

    def moved(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLACELESS or not isinstance(value, tuple | frozenset | Mapping):
            return value
        if known := self._done.get(id(value)):
            return known[1]
        fresh = self._fresh(value, kind)
        self._done[id(value)] = (value, fresh)
        return fresh

    def _fresh(self, value: Any, kind: type) -> Any:
        if isinstance(value, Mapping):
            return {self.moved(name): self.moved(each) for name, each in value.items()}
        if kind in (tuple, frozenset):
            return kind(self.moved(each) for each in value)
        made = kind(*(self.moved(each) for each in value))
        change = _CHANGES.get(kind)
        return change(made, self._move) if change else made


_PLACELESS = frozenset(
    (CaKey, Certificate, HostAdvice, Issuance, Milestone, Observation, Pin, Provider, Semantics, Verdict)
)
"""Classes in which nothing has a place; looking into them would be most of the work."""

_CHANGES: Mapping[type, Callable[[Any, Move], Any]] = {
    Location: lambda at, move: at._replace(path=move.path(at.path)),
    PinnedFile: lambda file, move: file._replace(paths=tuple(map(move.path, file.paths))),
    TrustAnchor: lambda anchor, move: anchor._replace(files=tuple(map(move.path, anchor.files))),
    DeclaredPin: lambda pin, move: (
        pin._replace(certificate_file=move.path(pin.certificate_file)) if pin.certificate_file else pin
    ),
    CertificateFile: lambda file, move: file._replace(path=move.path(file.path)),
    PrivateKey: lambda key, move: key._replace(beside=move.path(key.beside)) if key.beside else key,
    NotChecked: lambda entry, move: move.entry(entry),
    Finding: lambda finding, move: finding._replace(fingerprint=move.fingerprint(finding.fingerprint)),
    Fix: lambda fix, move: fix._replace(fingerprint=move.fingerprint(fix.fingerprint)),
    Since: lambda since, move: since._replace(new=frozenset(map(move.fingerprint, since.new))),
    Report: lambda report, move: report._replace(config=move.path(report.config) if report.config else ""),
}
