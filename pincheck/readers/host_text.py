"""Text of a host -> the pattern that the declaring client compares."""

import re
from typing import NamedTuple

from pincheck.model import DeclaredHost, Fault, HostPattern, HostSyntax, Semantics
from pincheck.readers.host_name import canonical, url_host

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*://"
_PORT = r":\d+$"
_LONGEST = 300
"""No host name has more than 253 characters (RFC 1035 §2.3.4)."""
_WILDCARD = r"(?:\*\*?\.)?[^*]*"
"""A pattern whose only stars are those of a wildcard prefix."""


class _Compared(NamedTuple):
    """What a client is left with once it has read the text."""

    wildcard: str
    name: str


def read_host(declared: DeclaredHost, semantics: Semantics) -> HostPattern:
    """Return the pattern; one that can never match says so in its ``fault``.

    ``name`` and ``depth`` are what the client compares all the same, unless it refuses the text.
    """
    syntax = semantics.hosts
    text = declared.text.strip() if syntax.trims else declared.text
    compared = _compared(text, syntax)
    if compared is None:
        return HostPattern(declared.text, declared.at, text.lower(), "exact", fault=_refusal(text, semantics))
    wildcard, name = compared
    fault = _fault(text, compared, semantics)
    if wildcard == "**.":
        return HostPattern(declared.text, declared.at, name, "any", True, fault)
    if wildcard == "*.":
        apex = syntax.drops_first_label and "." not in name
        return HostPattern(declared.text, declared.at, name, "one", apex, fault)
    depth = syntax.subdomains if declared.include_subdomains else "exact"
    return HostPattern(declared.text, declared.at, name, depth, True, fault)


def _compared(text: str, syntax: HostSyntax) -> _Compared | None:
    """The wildcard and the name that the client compares, or None if it refuses the text."""
    if syntax.stray_wildcard == "refused" and not re.fullmatch(_WILDCARD, text):
        return None
    if syntax.reads == "host":
        text = canonical(text, syntax.unicode, syntax.longest)
        if not text:
            return None
    wildcard, name = _split(text, syntax)
    if syntax.reads == "url":
        name = canonical(url_host(name), syntax.unicode, syntax.longest)
        if not name:
            return None
    return _Compared(wildcard, name.lower())


def _split(text: str, syntax: HostSyntax) -> tuple[str, str]:
    """The wildcard prefix, if the client knows it, and the rest."""
    known = sorted(syntax.wildcards, key=len, reverse=True)
    wildcard = next((prefix for prefix in known if text.startswith(prefix)), "")
    return wildcard, text[len(wildcard) :]


# why a client matches no host with it -----------------------------------------


def _refusal(text: str, semantics: Semantics) -> Fault:
    """What is wrong with a text that the client refuses."""
    syntax = semantics.hosts
    name = _split(text, syntax)[1][:_LONGEST]
    if "*" in name:
        return Fault("holds a *", syntax.refused, "a wildcard is *. or **. at the start")
    if syntax.reads == "url" and ":" in name and canonical(name, syntax.unicode):
        return Fault("is an IPv6 address without brackets", syntax.refused, f"write [{name}]")
    instead = _instead(text)
    return Fault(_shape(name) or "is no host name", syntax.refused, "" if ":" in instead else instead)


def _fault(text: str, compared: _Compared, semantics: Semantics) -> Fault | None:
    if semantics.hosts.reads == "text":
        return _literal_fault(text, semantics)
    return _odd_name(text, compared.name, semantics)


def _odd_name(text: str, name: str, semantics: Semantics) -> Fault | None:
    """Why the name that a client took from the text is not the one of a host, or None."""
    client, rest = semantics.client, _split(text, semantics.hosts)[1]
    if re.match(_SCHEME, rest):
        return Fault("is a URL", f"{client} takes its scheme for the host", _instead(rest))
    if name.startswith("**."):
        return Fault("starts with **.", f"{client} takes it literally", f"write *.{_bare(name)}")
    if "*" in name:
        return Fault("holds a *", f"{client} takes it literally")
    if not name.strip("."):
        return Fault("is empty", f"{client} matches it with no host")
    if name.endswith("."):
        effect = f"{client} applies it only to a host that is written with that dot"
        return Fault("ends in a dot", effect, _instead(text))
    return None


def _literal_fault(text: str, semantics: Semantics) -> Fault | None:
    """Why a text that a client compares as it stands is the name of no host, or None."""
    client, bare = semantics.client, _bare(text[:_LONGEST])
    if len(text) > _LONGEST:  # a hostile one; nothing shorter is meant
        return Fault(f"is longer than {_LONGEST} characters", f"{client} matches it with no host")
    name = _split(text, semantics.hosts)[1]
    what = _shape(name)
    if name.startswith("*"):
        remedy = f"write {bare} and include its subdomains"
        return Fault("starts with a wildcard", f"{client} knows none and takes it literally", remedy)
    if what == "is a resource reference":
        return Fault(what, _EFFECTS[what].format(client), "write the host name itself")
    if what:
        return Fault(what, _EFFECTS[what].format(client), "" if what in _UNCLEAR else _instead(text))
    if not name.isascii():
        return Fault("is not in its ASCII form", f"{client} compares A-labels", _a_label(name))
    if semantics.hosts.case_sensitive and name != name.lower():
        return Fault("holds upper case", f"{client} compares it as it stands", f"write {name.lower()}")
    return None


_EFFECTS = {
    "is empty": "{} matches it with no host",
    "is a URL": "{} compares host names only",
    "holds a *": "{} takes it literally",
    "is a resource reference": "{} takes it literally",
    "holds a path": "{} compares host names only",
    "holds a port": "{} compares host names only",
    "holds white space": "{} compares it as it stands",
    "starts with a dot": "{} takes it literally",
    "ends in a dot": "{} compares host names without one",
}
_UNCLEAR = ("is empty", "holds a *")
"""Where no other name can be read in the text."""


def _shape(name: str) -> str:
    """What the text is instead of a host name, or an empty string."""
    if not name:
        return "is empty"
    if re.match(_SCHEME, name):
        return "is a URL"
    if "*" in name:
        return "holds a *"
    if name.startswith("@"):
        return "is a resource reference"
    if "/" in name:
        return "holds a path"
    if re.search(_PORT, name) and name.count(":") == 1:
        return "holds a port"
    if any(character.isspace() for character in name):
        return "holds white space"
    if name.startswith("."):
        return "starts with a dot"
    return "ends in a dot" if name.endswith(".") else ""


# what is meant ------------------------------------------------------------------


def _instead(text: str) -> str:
    bare = _bare(text[:_LONGEST])
    return f"write {bare}" if bare and bare != text else ""


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
