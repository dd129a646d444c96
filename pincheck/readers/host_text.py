"""Text of a host -> the pattern that the declaring client compares."""

import re

from pincheck.model import DeclaredHost, Fault, HostPattern, Semantics

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*://"
_PORT = r":\d+$"
_LONGEST = 300
"""No host name has more than 253 characters (RFC 1035 §2.3.4)."""


def read_host(declared: DeclaredHost, semantics: Semantics) -> HostPattern:
    """Return the pattern; one that can never match says so in its ``fault``."""
    syntax = semantics.hosts
    text = declared.text.strip() if syntax.trims else declared.text
    wildcard = next((w for w in sorted(syntax.wildcards, key=len, reverse=True) if text.startswith(w)), "")
    name = text[len(wildcard) :].lower()
    fault = _fault(text[len(wildcard) :], text, semantics)
    if wildcard == "**.":
        return HostPattern(declared.text, declared.at, name, "any", True, fault)
    if wildcard == "*.":
        return HostPattern(declared.text, declared.at, name, "one", False, fault)
    depth = syntax.subdomains if declared.include_subdomains else "exact"
    return HostPattern(declared.text, declared.at, name, depth, True, fault)


def _fault(name: str, text: str, semantics: Semantics) -> Fault | None:
    client = semantics.client
    bare = _bare(text[:_LONGEST])
    instead = f"write {bare}" if bare and bare != text else ""
    if len(text) > _LONGEST:  # a hostile one; nothing shorter is meant
        return Fault(f"is longer than {_LONGEST} characters", f"{client} matches it with no host")
    if not name:
        return Fault("is empty", f"{client} matches it with no host")
    if re.match(_SCHEME, name):
        return Fault("is a URL", f"{client} compares host names only", instead)
    if name.startswith("*"):
        return Fault(
            "starts with a wildcard",
            f"{client} knows none and takes it literally",
            f"write {bare} and include its subdomains",
        )
    if "*" in name:
        return Fault("holds a *", f"{client} takes it literally")
    if name.startswith("@"):
        return Fault("is a resource reference", f"{client} takes it literally", "write the host name itself")
    if "/" in name:
        return Fault("holds a path", f"{client} compares host names only", instead)
    if re.search(_PORT, name) and name.count(":") == 1:
        return Fault("holds a port", f"{client} compares host names only", instead)
    if any(character.isspace() for character in name):
        return Fault("holds white space", f"{client} compares it as it stands", instead)
    if name.startswith("."):
        return Fault("starts with a dot", f"{client} takes it literally", instead)
    if name.endswith("."):
        return Fault("ends in a dot", f"{client} compares host names without one", instead)
    if not name.isascii():
        return Fault("is not in its ASCII form", f"{client} compares A-labels", _a_label(name))
    if semantics.hosts.case_sensitive and name != name.lower():
        return Fault("holds upper case", f"{client} compares it as it stands", f"write {name.lower()}")
    return None


def _bare(text: str) -> str:
    """The host name that a person reads in the text."""
    text = text.strip()
    scheme = re.match(_SCHEME, text)
    name = text[scheme.end() if scheme else 0 :].partition("/")[0]
    return re.sub(_PORT, "", name).lstrip("*").strip(".").strip()


def _a_label(name: str) -> str:
    try:
        return f"write {name.encode('idna').decode('ascii')}"
    except UnicodeError:
        return "write its A-label (xn--…)"
