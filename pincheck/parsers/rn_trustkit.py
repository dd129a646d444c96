"""react-native-trustkit and -trustkit-wrapper: TrustKit's configuration given to ``configureTrustKit``, iOS only.

Source: the README of react-native-trustkit-wrapper: the keys are TrustKit's without ``TSK``, and the domains
stand under ``PinnedDomain``. What holds for a plist holds for the object.
"""

from collections.abc import Iterator

from pincheck.model import Gap, Parsed, SourceFile, Text
from pincheck.parsers import _code_plist, _script
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "rn-trustkit"


@parser(files=_script.FILES, markers=(b"configureTrustKit",))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield what TrustKit is configured with."""
    module = _script.read(source)
    for placed in module.calls.get("configureTrustKit", ()) if module is not None else ():
        if module is not None and placed.call.arguments:
            given = placed.call.arguments[0].value
            yield Sought(placed.call.at, MECHANISM, module, placed.frame, (given,), _read)


def _read(followed: Followed) -> Iterator[Parsed]:
    root = followed.values[0]
    if root.kind == "unknown":
        reason = f"what configureTrustKit is given cannot be followed: {root.value}"
        yield Gap(MECHANISM, root.at, reason, context=_script.build(followed))
    else:
        yield from _code_plist.trustkit(_with_prefix(root, 0), MECHANISM, followed.debug)


def _with_prefix(node: Node, depth: int) -> Node:
    """The object with TrustKit's own keys; those on the second level are domains."""
    entries = []
    for key, value in node.entries:
        name = key.value
        if depth != 1:
            name = "TSKPinnedDomains" if name == "PinnedDomain" else "TSK" + name.removeprefix("TSK")
        entries.append((Text(name, key.at), _with_prefix(value, depth + 1) if depth < 2 else value))
    return node._replace(entries=tuple(entries)) if entries else node
