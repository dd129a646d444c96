"""Android's string resources that hold pins, as code reads them by name.

Only the default ones: what is qualified (``values-de``) is the same in another language.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Gap, SourceFile, Text
from pincheck.parsers import _app_config
from pincheck.readers import xml
from pincheck.readers.tree import Node
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import parser


@parser(files=("*/values/*.xml",), markers=_app_config.MARKERS, shaped=True)
def parse(source: SourceFile) -> Iterator[Declaration | Gap]:
    """Yield the pins among strings and string arrays."""
    if not _app_config.is_candidate(source):
        return
    try:
        root = xml.read(source)
    except Unreadable:
        return
    found: list[tuple[Text, Node]] = []
    for element in root.children:
        name = element.attribute("name")
        if name is None or element.name not in ("string", "string-array", "array", "item"):
            continue
        text = element.text
        node = Node("text", text.at, text.value.strip('"'))
        if element.name.endswith("array"):
            items = tuple(Node("text", item.text.at, item.text.value) for item in element.named("item"))
            node = Node("list", element.at, items=items)
        found.append((name, node))
    tree = Node("map", root.at, entries=tuple(found))
    yield from _app_config.declarations(source, tree, "android-string-resource", flat=True)
