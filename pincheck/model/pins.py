"""Pins, hosts and pin sets, typed."""

from datetime import date
from typing import Literal, NamedTuple

from pincheck.model.source import CodeContext, Location

Hashed = Literal["spki", "certificate"]
"""What a digest is taken of: the SubjectPublicKeyInfo, or the whole certificate."""

Depth = Literal["exact", "one", "any"]
"""How many labels a pattern allows below its name: none, exactly one, or any number."""


class Pin(NamedTuple):
    """A digest that a client compares."""

    hashed: Hashed
    algorithm: str
    """``sha256`` or ``sha1``."""
    digest: bytes
    """Raw: 32 bytes for SHA-256, 20 for SHA-1."""

    @property
    def base64(self) -> str:
        """The digest in standard, padded base64 (RFC 4648 §4)."""
        from binascii import b2a_base64

        return b2a_base64(self.digest, newline=False).decode("ascii")


class Fault(NamedTuple):
    """Why a text cannot do what it was written for."""

    what: str
    """The fault itself: ``decodes to 37 bytes instead of 32``."""
    effect: str
    """What the client then does: ``the app crashes on its first connection``."""
    remedy: str = ""
    """The next step, if one is known."""


class DeclaredPin(NamedTuple):
    """A pin as written, and what the client makes of it."""

    text: str
    at: Location
    pin: Pin | None
    """The key or certificate meant; also set beside a fault when the intent is plain."""
    fault: Fault | None = None
    """Why the client cannot use the text."""
    placeholder: str = ""
    """Why this is no real pin (``one repeated byte``), or empty."""
    suspicion: str = ""
    """Why the text is probably mistyped though the client accepts it, or empty."""
    certificate_file: str = ""
    """Path of a certificate in the tree whose whole-certificate hash this is, or empty."""


class HostPattern(NamedTuple):
    """Which hosts a declaration speaks of, as the declaring client compares them."""

    text: str
    """As written."""
    at: Location
    name: str
    """The name compared: lower case, without wildcard."""
    depth: Depth
    apex: bool = True
    """Whether the name itself is covered."""
    fault: Fault | None = None
    """Why no host can ever match."""

    def matches(self, host: str) -> bool:
        """Tell whether ``host`` (lower case, no trailing dot, A-labels) is covered."""
        if self.fault:
            return False
        if host == self.name:
            return self.apex
        if self.depth == "exact" or not host.endswith("." + self.name):
            return False
        return self.depth == "any" or "." not in host[: -len(self.name) - 1]


class PinCodec(NamedTuple):
    """How a client reads the text of a pin."""

    prefix: Literal["forbidden", "required", "optional"] = "forbidden"
    """Whether ``spelling`` stands before the base64."""
    spelling: Literal["sha256/", "sha256//"] = "sha256/"
    """How a required prefix is written; an optional one is any that people write."""
    url_safe: bool = False
    """``-`` and ``_`` are digits, as in RFC 4648 §5."""
    foreign: Literal["refused", "skipped"] = "refused"
    """What happens to a character outside the alphabet."""
    blanks: Literal["refused", "skipped", "trimmed"] = "refused"
    """What happens to white space."""
    white: str = ""
    """Which characters are white space to it; empty if all that Unicode calls so."""
    padding: Literal["required", "optional", "ignored"] = "required"
    """How many ``=`` end the text: as many as RFC 4648 says, that or none, or any number."""
    compares_text: bool = False
    """The text itself is compared, so an unusual spelling of the right key never matches."""
    length_checked: bool = True
    """A digest of the wrong length is refused; otherwise it is kept and never matches."""
    hexadecimal: bool = False
    """Hex digits, also in pairs with colons or spaces between, are read as well as base64."""


class HostSyntax(NamedTuple):
    """How a client reads a host text."""

    wildcards: tuple[str, ...] = ()
    """The wildcard prefixes it knows, ``*.`` and ``**.``."""
    subdomains: Depth = "any"
    """The depth its include-subdomains flag gives."""
    case_sensitive: bool = False
    """Upper case in the declaration never matches."""
    trims: bool = True
    """White space around the text is dropped."""
    reads: Literal["text", "host", "url"] = "text"
    """How a text becomes the name compared: it stands for itself, it has to be a host name, or it
    is what follows ``http://`` in a URL, whose host is taken."""
    unicode: Literal["", "idna2003", "uts46"] = ""
    """How a host name outside ASCII is brought into it: RFC 3490, or Unicode's UTS #46."""
    longest: int = 0
    """The most characters a host name may have, wildcard and dots counted; 0 for no limit."""
    stray_wildcard: Literal["literal", "refused"] = "literal"
    """What it does with a ``*`` anywhere but in a wildcard prefix."""
    drops_first_label: bool = False
    """``*.`` compares what follows the host's first dot, all of a host without one: ``*.com`` covers ``com``."""
    refused: str = ""
    """What it does with a text that it cannot read."""


class Semantics(NamedTuple):
    """How the declaring client behaves: data, so that no rule needs to know its name."""

    client: str
    """How messages call it: ``Android``, ``App Transport Security``."""
    platform: Literal["android", "ios", "jvm", "any"]
    """Where the declaring app runs; ``any`` for a declaration that Android and iOS share."""
    hashed: Hashed = "spki"
    codec: PinCodec = PinCodec()
    hosts: HostSyntax = HostSyntax()
    refused_pin: str = "it ignores the pin"
    """What it does with a pin text it cannot read."""
    lookup: Literal["most-specific", "union"] = "most-specific"
    """Whether one declaration wins for a host, or the pins of all that match are joined."""
    compares: Literal["path", "leaf", "issuers", "served"] = "path"
    """Which certificates count: any of the verified path, the leaf, any but the leaf, any served."""
    steers: bool = False
    """The pins take part in path building: any valid path that holds one will do. Otherwise the path is
    chosen first."""
    hashable: tuple[str, ...] = ()
    """The keys it can hash on iOS (``RSA 2048``, ``EC P-256``); empty if it hashes all, as it does elsewhere."""
    unhashable: Literal["skipped", "refused"] = "skipped"
    """What it does with a certificate whose key it cannot hash, met before a hit from the root downwards."""
    expiry: Literal["none", "unpinned", "refused"] = "none"
    """What happens past the expiration: unknown to the client, goes on unpinned, or refuses."""
    expiry_zone: Literal["local", "utc"] = "utc"
    expiry_format: Literal["android", "iso", "epoch"] = "iso"
    """``yyyy-MM-dd`` as Java's SimpleDateFormat reads it, exactly ``yyyy-MM-dd``, or Unix seconds."""
    bad_expiry: str = ""
    """What it does with a date it cannot read."""
    minimum_pins: int = 0
    """How many distinct pins it wants for a host; it refuses the declaration of fewer."""
    enforced: bool = True
    """False where it only reports, and connects whatever the pins say."""
    certificate_only: bool = False
    """The client knows certificate hashes only, so there is no SPKI pin to move to."""
    files: Literal["anchors", "certificates", "keys"] = "anchors"
    """What it makes of a pinned certificate file: a trust anchor (a path has to end in it), a certificate
    that has to stand in the path byte for byte, or one whose key has to."""


class Expiry(NamedTuple):
    """The day a pin set stops being enforced, at its start (00:00)."""

    text: str
    at: Location
    day: date | None
    """None if the client cannot read the text."""


class TrustAnchor(NamedTuple):
    """Where a declaration takes its trust anchors from (``system``, ``user``, ``@raw/ca``)."""

    source: str
    at: Location
    overrides_pins: bool = False
    files: tuple[str, ...] = ()
    """Paths of the certificate files meant, if they are in the tree."""


class PinnedFile(NamedTuple):
    """A certificate file that a declaration pins by."""

    name: str
    """As the code names it; empty where it does not: all that the app carries, a text at the place, or unknown."""
    at: Location
    paths: tuple[str, ...] = ()
    """The files of the tree that may be meant."""


class Cleartext(NamedTuple):
    """A place that lets plain ``http`` through to pinned hosts."""

    at: Location
    hosts: tuple[str, ...]


class PinSet(NamedTuple):
    """The pins that one declaration gives for its hosts."""

    mechanism: str
    at: Location
    hosts: tuple[HostPattern, ...]
    """Empty if the hosts are not to be had from the source."""
    pins: tuple[DeclaredPin, ...]
    semantics: Semantics
    context: CodeContext
    variant: str
    """The source set, target or qualifier the declaration belongs to; empty if there is one only."""
    expires: Expiry | None = None
    anchors: tuple[TrustAnchor, ...] = ()
    read: bool = True
    """False where the client never reads the declaration (it is misplaced)."""
    dynamic: bool = False
    """The pins come from a service and can change without a release."""
    cleartext: tuple[Cleartext, ...] = ()
    """What lets plain ``http`` through to some of these hosts."""
    files: tuple[PinnedFile, ...] = ()
    by_hand: bool = False
    """The app's own code reads the certificate files, where no library is told to pin by them."""
    inferred: bool = False
    """Known by the shape and surroundings of its pins; what compares them, and how, is not known."""

    @property
    def host_names(self) -> tuple[str, ...]:
        """The host patterns as written, in order, each once."""
        return tuple(dict.fromkeys(host.text for host in self.hosts))
