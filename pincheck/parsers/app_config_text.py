"""Settings of one line each that hold pins: ``.env``, ``.properties``, ``.xcconfig``.

Xcode takes ``//`` for the start of a comment wherever it stands, also inside a pin
(https://developer.apple.com/documentation/xcode/adding-a-build-configuration-file-to-your-project).
"""

import re
from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, SourceFile, Text
from pincheck.parsers import _app_config
from pincheck.readers import shapes
from pincheck.readers.env_files import ENV_FILES
from pincheck.readers.text import Lines, decode
from pincheck.readers.tree import Node
from pincheck.registry import parser

_LINE = r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,100})(?:\[[^\]\n]{0,60}\])?[ \t]*[=:][ \t]*([^\r\n]{1,4000})"


@parser(files=(*ENV_FILES, "*.properties", "*.xcconfig"), markers=(), shaped=True)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield the pins of a file, and those that Xcode cuts at a ``//``."""
    if not _app_config.is_candidate(source):
        return
    text = decode(source.data)
    lines = Lines(source.path, text)
    found: list[tuple[Text, Node]] = []
    for match in re.finditer(_LINE, text):
        whole, start = match[2].rstrip(), match.start(2)
        value = whole
        if source.path.endswith(".xcconfig") and "//" in whole:
            value = whole.partition("//")[0].rstrip()
            if shapes.shape(whole):
                at = lines.location(start, start + len(whole))
                yield Defect(
                    "malformed", at,
                    f"Xcode takes // for a comment, so {match[1]} ends after {value[:40] or 'nothing'}",
                    "write $() between the two slashes",
                )  # fmt: skip
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value, start = value[1:-1], start + 1
        if value:
            at = lines.location(start, start + len(value))
            found.append((Text(match[1], lines.location(*match.span(1))), Node("text", at, value)))
    root = Node("map", lines.location(0, 0), entries=tuple(found))
    yield from _app_config.declarations(source, root, "app-config-file", flat=True)
