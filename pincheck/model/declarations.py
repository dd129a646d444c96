"""What files say, verbatim, before anything is followed or judged."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from pincheck.model.pins import Cleartext, Semantics, TrustAnchor
from pincheck.model.source import CodeContext, Location, Severity, Text


class DeclaredHost(NamedTuple):
    """A host text and the flag beside it."""

    text: str
    at: Location
    include_subdomains: bool = False


class Declaration(NamedTuple):
    """What one place in one file says about pins."""

    mechanism: str
    """The kind of declaration, in the words users know: ``android-nsc``, ``ios-ats``."""
    at: Location
    hosts: tuple[DeclaredHost, ...]
    pins: tuple[Text, ...]
    semantics: Semantics
    expires: Text | None = None
    variant: str = ""
    context: CodeContext | None = None
    """Set where the format itself tells (a debug-only section); otherwise the path tells."""
    anchors: tuple[TrustAnchor, ...] = ()
    resource: str = ""
    """The name by which another file must refer to this one for the client to read it
    (``xml/network_security_config``); empty if it is always read."""
    read: bool = True
    dynamic: bool = False
    cleartext: tuple[Cleartext, ...] = ()
    files: tuple[Text, ...] = ()
    """Certificate files that it pins by, as the code names them; a file's ending may be left out, and
    an empty name stands for those that the code does not name: all that the app carries, one whose text stands
    at the place, or one that cannot be followed."""
    library: str = ""
    """The library that reads it, as builds call it (``com.squareup.okhttp3:okhttp``), where its behaviour
    depends on ``by_version``."""
    by_version: "Callable[[str], Semantics] | None" = None
    """What a version of the library makes of it; ``semantics`` is for one that is not known."""
    installed: str = ""
    """What must be installed for the pins to count, the ``what`` of an ``Installation``; empty if nothing."""
    by_hand: bool = False
    """The app's own code reads the certificate files, where no library is told to pin by them."""
    inferred: bool = False
    """Known by the shape and surroundings of its texts only, so that it gives way, pin by pin, to a
    declaration of a known format that uses the same text."""


DefectKind = Literal["malformed", "misplaced", "unenforced"]


class Defect(NamedTuple):
    """A declaration that its client refuses, never reads, or does not enforce."""

    kind: DefectKind
    at: Location
    what: str
    """The defect and what the client does about it."""
    remedy: str = ""
    hosts: tuple[str, ...] = ()
    severity: Severity | None = None
    """Where it is milder than its kind: an uncertain defect is never an error."""
    context: CodeContext | None = None
    if_pinned: bool = False
    """It matters only in a repository that pins at all: apps without pins trust what they like."""
    unless: str = ""
    """The ``what`` of an ``Installation`` that makes it none; where the whole repository has none, it is worse."""


class Gap(NamedTuple):
    """A place that declares pins which cannot be read from the source."""

    mechanism: str
    at: Location
    reason: str
    hosts: tuple[str, ...] = ()
    text: str = ""
    """What stands there instead of a pin, if anything."""
    context: CodeContext | None = None


class Unpinned(NamedTuple):
    """A configuration file that could pin and does not; it may stand in the place of one that does."""

    at: Location
    """Its root."""
    context: CodeContext | None = None


class Manifest(NamedTuple):
    """An Android manifest, whether or not it names a network security config."""

    path: str


class ResourceUse(NamedTuple):
    """A place that makes the client read a resource."""

    at: Location
    name: str
    """``xml/network_security_config``, or empty if the name is computed and may be any."""


class CertificateFile(NamedTuple):
    """A file that holds certificates, PEM or DER."""

    path: str
    data: bytes
    ders: tuple[bytes, ...]
    """Each certificate in it; not yet known to be one."""


class PrivateKey(NamedTuple):
    """A private key in the tree. Its Location never carries the line's text."""

    at: Location
    kind: str
    """As its header says: ``PKCS#8``, ``RSA``, ``EC``, ``encrypted PKCS#8``."""
    data: bytes
    """PEM or DER; never printed."""
    context: CodeContext | None = None
    spki: bytes = b""
    """SHA-256 of the matching public key's SPKI, if it was asked for and could be computed."""
    beside: str = ""
    """A pinned certificate file in the same folder, or empty."""


class Dependency(NamedTuple):
    """A library that a build asks for, with its version as written there."""

    at: Location
    name: str
    version: str


class Installation(NamedTuple):
    """A place that makes a client use pins which are declared apart from it."""

    at: Location
    what: str


class MinimumVersion(NamedTuple):
    """The oldest release of a platform that an app, or a part of it, is built for."""

    at: Location
    platform: Literal["android", "ios"]
    version: str
    """As people count releases: ``8``, ``13.4``; without zeros at its end."""
    of_library: bool = False
    """It is that of a library; builds refuse an app that asks for less than a library of its own."""


class Suppression(NamedTuple):
    """``pincheck: ignore[rule] reason`` in a comment, or an ``ignore`` of the configuration."""

    at: Location
    rules: tuple[str, ...]
    reason: str
    host: str = ""
    """Glob of the hosts meant, or empty for any."""
    path: str = ""
    """Glob of the paths meant, or empty for any."""
    until: str = ""
    """ISO date after which it no longer counts, or empty."""
    in_config: bool = False
    alone: bool = True
    """Nothing but the comment stands on its line, so it speaks of the next line too."""
    context: CodeContext | None = None

    @property
    def why(self) -> str:
        """The reason, in words even if none is given."""
        return self.reason or "no reason given"


Parsed = (
    Declaration | Defect | Gap | Manifest | ResourceUse | CertificateFile | PrivateKey | Suppression
    | Dependency | Installation | MinimumVersion | Unpinned
)  # fmt: skip
"""What a parser may yield."""
