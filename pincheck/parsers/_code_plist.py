"""Pieces of an Info.plist written as objects of code, for those who read plists.

What could not be followed is put as a build setting would be, ``$(reason)``, and comes back as a gap.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, Parsed, Text
from pincheck.parsers import _ats, _script, _trustkit_ios
from pincheck.parsers._ats_origin import ATS, DOMAINS, LISTS, PIN
from pincheck.parsers._literals import looks_like_host
from pincheck.parsers._trustkit_ios_keys import CONFIGURATION, HASHES
from pincheck.readers.tree import Node, setting


def app_transport_security(domains: Node, mechanism: str, debug: bool) -> Iterator[Parsed]:
    """Yield what an object under ``NSPinnedDomains`` declares."""
    if domains.kind == "unknown":
        reason = f"{DOMAINS} cannot be followed: {domains.value}"
        yield Gap(mechanism, domains.at, reason, context="debug" if debug else None)
        return
    known = domains._replace(entries=tuple((key, _domain(value)) for key, value in domains.entries))
    security = Node("map", domains.at, entries=((Text(DOMAINS, domains.at), known),))
    root = Node("map", domains.at, entries=((Text(ATS, domains.at), security),))
    yield from _said(_ats.declarations(root), mechanism, debug)


def trustkit(configuration: Node, mechanism: str, debug: bool) -> Iterator[Parsed]:
    """Yield what an object under ``TSKConfiguration`` declares."""
    known = _with_settings(configuration)
    root = Node("map", known.at, entries=((Text(CONFIGURATION, known.at), known),))
    yield from _said(_trustkit_ios.declarations(root), mechanism, debug)


def _said(found: Iterator[Parsed], mechanism: str, debug: bool) -> Iterator[Parsed]:
    for item in found:
        if isinstance(item, Gap):
            if item.text.startswith("$("):
                what = item.reason.partition(" ")[0]
                item = item._replace(reason=f"{what} value cannot be followed: {item.text[2:-1]}", text="")
            item = item._replace(
                mechanism=mechanism, hosts=tuple(h for h in item.hosts if looks_like_host(h))
            )
        if isinstance(item, Declaration):
            hosts = tuple(each for each in item.hosts if _is_host(each.text, Text(each.text, each.at)))
            item = item._replace(mechanism=mechanism, hosts=hosts)
        if isinstance(item, Declaration | Defect | Gap) and debug:
            item = item._replace(context="debug")
        yield item


def _is_host(name: str, text: Text) -> bool:
    """Tell a host from the name of a variable that could not be followed."""
    return looks_like_host(name) or _script.is_known(text)


# App Transport Security ------------------------------------------------------


def _domain(value: Node) -> Node:
    """The dictionary of a domain; one that could not be followed has a list with one unknown pin."""
    if value.kind == "unknown":
        unknown = Node("list", value.at, items=(_identity(value),))
        return Node("map", value.at, entries=((Text("NSPinnedCAIdentities", value.at), unknown),))
    entries = []
    for key, below in value.entries:
        if key.value in LISTS:
            entries.append((key, _identities(below)))
        elif below.kind != "unknown":
            entries.append((key, below))
    return value._replace(entries=tuple(entries)) if entries else value


def _identities(node: Node) -> Node:
    items = (node,) if node.kind == "unknown" else node.items
    return Node("list", node.at, items=tuple(_identity(each) for each in items)) if items else node


def _identity(node: Node) -> Node:
    if node.kind == "unknown":
        return Node("map", node.at, entries=((Text(PIN, node.at), _setting(node)),))
    return _with_settings(node)


# what both have in common ----------------------------------------------------


def _setting(node: Node) -> Node:
    return Node("text", node.at, setting(node.value))


def _with_settings(node: Node, key: str = "") -> Node:
    """The same with a build setting in the place of all that could not be followed."""
    if node.kind == "unknown":
        lost = _setting(node)
        return Node("list", node.at, items=(lost,)) if key == HASHES else lost
    if node.kind == "map":
        kept = ((name, below) for name, below in node.entries if _matters(name, below))
        return node._replace(entries=tuple((name, _with_settings(below, name.value)) for name, below in kept))
    if node.kind == "list":
        return node._replace(items=tuple(_with_settings(item) for item in node.items))
    return node


def _matters(key: Text, value: Node) -> bool:
    """Leave out a switch or date that could not be followed: nothing can be said of it."""
    return value.kind != "unknown" or key.value in (HASHES, PIN) or not key.value.startswith("TSK")
