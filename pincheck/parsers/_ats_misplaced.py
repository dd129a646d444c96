"""Keys on pins where iOS does not read them: beside ``NSAppTransportSecurity``, or inside an exception."""

import re
from collections.abc import Iterator

from pincheck.model import DeclaredHost, Defect, Text
from pincheck.parsers._ats_origin import ATS, DOMAINS, INCLUDE, LEAF, LISTS, Found, Origin, a
from pincheck.parsers._info_plist import build_setting, shown, texts
from pincheck.readers.tree import Node

_Path = tuple[Text, ...]
"""The keys above a value."""

_INVENTED = r"(?i)pin|hash|spki"
"""What the keys people invent have in common: NSPublicKeyHashes, NSPinnedCertificates."""


def misplaced(root: Node, pinned: Node | None, origin: Origin) -> Iterator[Found]:
    """Yield what stands elsewhere than in ``pinned``, the dictionary that iOS reads, in document order."""
    for path, key, value in _everywhere(root):
        if key.value != DOMAINS:
            yield from _list(path, key, value, origin)
        elif value is not pinned or _names(path) != [ATS]:
            yield from _domains(path, key, value, origin)
        elif value.kind != "map":
            yield from _not_a_dictionary(key, value, origin)


def invented(key: Text, value: Node) -> bool:
    """Tell whether a key that iOS does not know is meant for pins."""
    return bool(re.search(_INVENTED, key.value)) and bool(texts(value))


def _everywhere(root: Node) -> Iterator[tuple[_Path, Text, Node]]:
    """Each key of a document that is about pins, with the keys above it and its value, in order."""
    waiting: list[tuple[_Path, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        below = [((*path, Text("an array", node.at)), item) for item in node.items]
        for key, value in node.entries:
            if key.value == DOMAINS or key.value in LISTS or (_exception(path) and invented(key, value)):
                yield path, key, value
            else:
                below.append(((*path, key), value))
        waiting.extend(reversed(below))


def _list(path: _Path, key: Text, value: Node, origin: Origin) -> Iterator[Found]:
    around = _exception(path)
    names = (around.value,) if around else ()
    yield _defect(path, key, names, f"move it to the host's entry of {DOMAINS} under {ATS}", origin)
    yield from origin.unread(key.at, _meant(path), texts(value), LISTS.get(key.value, LEAF))


def _domains(path: _Path, key: Text, value: Node, origin: Origin) -> Iterator[Found]:
    entries = [(host, node) for host, node in value.entries if host.value not in (*LISTS, INCLUDE)]
    around = _exception(path)
    names = tuple(host.value for host, _ in entries) or ((around.value,) if around else ())
    yield _defect(path, key, names, f"move it directly under {ATS}", origin)
    for host, node in entries:
        yield from origin.unread_domain(host, node)
    for name, node in value.entries:
        if name.value in LISTS:
            yield from origin.unread(name.at, _meant(path), texts(node), LISTS[name.value])
    if value.kind != "map":
        yield from origin.unread(key.at, _meant(path), texts(value))


def _not_a_dictionary(key: Text, value: Node, origin: Origin) -> Iterator[Found]:
    yield origin.defect(
        "malformed", key.at,
        f"{DOMAINS} is {a(value)}, where iOS reads a dictionary of hosts only: nothing is pinned",
        "make it a dictionary with a key for each host",
    )  # fmt: skip
    yield from origin.unread(key.at, (), texts(value))


def _defect(path: _Path, key: Text, hosts: tuple[str, ...], remedy: str, origin: Origin) -> Defect:
    if key.value == DOMAINS and _names(path) == [ATS]:
        what = f"{DOMAINS} stands twice: iOS keeps one of the two, the last as a rule"
        return origin.defect("malformed", key.at, what, "merge the two", hosts, "warning")
    sure = origin.is_info or ATS in _names(path)
    return origin.defect(
        "misplaced", key.at,
        f"{shown(key.value)} {_where(path)}: iOS never reads it there, so nothing is pinned"
        + ("" if sure else ", unless a build step moves it"),
        remedy, hosts, None if sure else "warning",
    )  # fmt: skip


def _where(path: _Path) -> str:
    if not path:
        return f"stands at the top level, outside {ATS}"
    if host := _exception(path):
        return f"stands inside the NSExceptionDomains entry of {shown(host.value)}"
    return f"stands directly under {shown(path[-1].value)}"


def _meant(path: _Path) -> tuple[DeclaredHost, ...]:
    """The host that a misplaced key was meant for: that of the exception around it."""
    host = _exception(path)
    return () if host is None or build_setting(host.value) else (DeclaredHost(host.value, host.at),)


def _exception(path: _Path) -> Text | None:
    """The host of the exception that a path leads into, if it does."""
    names = _names(path)
    index = names.index("NSExceptionDomains") + 1 if "NSExceptionDomains" in names else len(names)
    return path[index] if index < len(names) else None


def _names(path: _Path) -> list[str]:
    return [text.value for text in path]
