"""What the rules say, and the edits that mend it."""

from typing import NamedTuple

from pincheck.model.source import CodeContext, Location, Severity


class Said(NamedTuple):
    """What makes a finding of one run the one that is meant."""

    rule: str
    at: Location
    hosts: tuple[str, ...]


class Problem(NamedTuple):
    """What a rule says."""

    at: Location
    message: str
    """What is wrong with which host and pin, and what the client does: sentences without a final stop."""
    remedy: str = ""
    """The next step, in the imperative."""
    hosts: tuple[str, ...] = ()
    pin: str = ""
    related: tuple[tuple[Location, str], ...] = ()
    """Other places that matter, each with a word on why."""
    severity: Severity | None = None
    """Where this case is graver or milder than the rule's default."""
    context: CodeContext | None = None
    """What the place is for, if the subject does not tell."""
    gone: bool = False
    """The place is one of the state before a change, and stands there no more."""
    speaks_for: tuple[Said, ...] = ()
    """Findings that say less of the same. Beside this one, if both are active, they are left out, and it is as grave
    as the gravest of them."""


class Finding(NamedTuple):
    """A Problem stamped with its rule."""

    rule: str
    severity: Severity
    message: str
    remedy: str
    at: Location
    hosts: tuple[str, ...]
    pin: str
    related: tuple[tuple[Location, str], ...]
    context: CodeContext
    fingerprint: str
    """32 hex digits, stable while rule, path, hosts and pin stay the same."""
    suppressed: str | None = None
    """The reason given, if the user has silenced it; such a finding never fails a build."""
    gone: bool = False
    """The place is one of the state before a change, and stands there no more."""


class Edit(NamedTuple):
    """A stretch of a file and what is to stand there instead; an empty stretch is where something is added."""

    at: Location
    new: str


class Fix(NamedTuple):
    """The edits that mend a finding without guessing at a key; they belong together."""

    fingerprint: str
    """Of the finding."""
    says: str
    """What they do, in the imperative: ``spell the pin with its padding``."""
    edits: tuple[Edit, ...]
    """All in one file, in order, without overlap."""
