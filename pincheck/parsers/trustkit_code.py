"""TrustKit's configuration as a dictionary in Swift or Objective-C code.

Source: datatheorem/TrustKit, ``TSKTrustKitConfig.h``: code names the keys by constants (``kTSKPinnedDomains``),
whose values are the keys of a plist (``TSKPinnedDomains``); one of them is misspelt. What holds for a
plist holds for the dictionary.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, Parsed, SourceFile, Text
from pincheck.model.code import Call, Entries, Items, Lambda, Literal, Name, Other, Placed, Value
from pincheck.parsers import _trustkit_ios
from pincheck.parsers._literals import looks_like_host
from pincheck.parsers._script import is_known
from pincheck.parsers._trustkit_ios_keys import (
    CATCHALL,
    CONFIGURATION,
    DOMAINS,
    EXCLUDE,
    HASHES,
    MECHANISM_IN_CODE,
)
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node, setting, why_computed
from pincheck.registry import parser

CONSTANTS = {"kTSKExcludeSubdomainFromParentPolicy": EXCLUDE}
"""Constants whose value is not their name without the ``k``."""


@parser(
    files=("*.swift", "*.m", "*.mm"),
    markers=(b"kTSKPinnedDomains", b"TSKPinnedDomains"),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every dictionary that has TrustKit's key for the pinned domains."""
    module = syntax.read(source)
    placed = [*module.statements, *(Placed(each.value, each.frame) for each in module.definitions)]
    placed += [Placed(each.value, each.frame) for function in module.functions for each in function.returned]
    seen = set()
    for value, frame in placed:
        for entries in _configurations(value):
            if entries.at not in seen:
                seen.add(entries.at)
                yield Sought(entries.at, MECHANISM_IN_CODE, module, frame, (entries,), _read)


def _configurations(value: Value) -> Iterator[Entries]:
    """The dictionaries at or below a value that hold the key."""
    waiting: list[Value] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Entries):
            if any(_key(key) == DOMAINS for key, _ in each.entries):
                yield each
                continue
            waiting.extend(part for _, part in each.entries)
        elif isinstance(each, Call):
            waiting.extend(argument.value for argument in each.arguments)
            if each.of is not None:
                waiting.append(each.of)
        elif isinstance(each, Items):
            waiting.extend(each.items)
        elif isinstance(each, Other):
            waiting.extend(each.parts)
        elif isinstance(each, Lambda):
            waiting.extend(returned.value for returned in each.returned)


def _key(key: Value) -> str:
    if isinstance(key, Name):
        return CONSTANTS.get(key.name, key.name.removeprefix("k"))
    return key.value if isinstance(key, Literal) else ""


def _read(followed: Followed) -> Iterator[Parsed]:
    node = followed.values[0]
    domains = next((each for key, each in node.entries if _plain(key.value) == DOMAINS), None)
    if domains is not None and domains.kind == "unknown":
        reason = f"{DOMAINS} cannot be followed: {domains.value}"
        yield Gap(MECHANISM_IN_CODE, domains.at, reason, context=followed.context)
        return
    root = _as_plist(node)
    info = Node("map", root.at, entries=((Text(CONFIGURATION, root.at), root),))
    for item in _trustkit_ios.declarations(info):
        if isinstance(item, Gap) and item.text.startswith("$("):
            item = item._replace(
                reason=f"{item.reason.partition(' comes')[0]} cannot be followed: {item.text[2:-1]}", text=""
            )
        if isinstance(item, Declaration | Gap):
            item = item._replace(mechanism=MECHANISM_IN_CODE)
        if isinstance(item, Defect | Gap):
            item = item._replace(hosts=tuple(host for host in item.hosts if not why_computed(host)))
        if isinstance(item, Declaration | Defect | Gap) and followed.debug:
            item = item._replace(context="debug")
        yield item


def _as_plist(node: Node, key: str = "") -> Node:
    """The same in a plist's words: keys by their text, what is not known as a build setting would be."""
    if node.kind == "unknown":
        lost = Node("text", node.at, setting(node.value))
        if key == HASHES:
            return Node("list", node.at, items=(lost,))
        hashes = (Text(HASHES, node.at), Node("list", node.at, items=(lost,)))
        return Node("map", node.at, entries=(hashes,)) if key == DOMAINS else lost
    if node.kind == "map":
        pairs = []
        for name, value in node.entries:
            plain = _plain(name.value)
            if key == DOMAINS and plain != CATCHALL and not looks_like_host(plain) and not is_known(name):
                plain = setting(why_computed(plain) or plain)
            below = DOMAINS if key == DOMAINS and value.kind == "unknown" else plain
            pairs.append((Text(plain, name.at), _as_plist(value, below)))
        return node._replace(entries=tuple(pairs))
    if node.kind == "list":
        return node._replace(items=tuple(_as_plist(item) for item in node.items))
    return node


def _plain(key: str) -> str:
    return CONSTANTS.get(key, key.removeprefix("k") if key.startswith("kTSK") else key)
