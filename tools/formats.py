"""Write pincheck/parsers/_formats.py, which tells a run what to look for before any parser is loaded.

``--check`` tells whether it is fresh.
"""

import importlib
import sys
from pathlib import Path

from pincheck import registry

INDEX = Path(__file__).resolve().parent.parent / "pincheck" / "parsers" / "_formats.py"
HEAD = '''\
"""What each parser reads: written by tools/formats.py from their decorators; do not edit.

A run that finds none of these files loads no parser. One that is not listed here is loaded at once.
"""

# fmt: off
FORMATS: tuple[tuple[str, tuple[str, ...], tuple[bytes, ...], tuple[str, ...], bool], ...] = (
    # name, files, markers, expected, shaped
'''
LIVE_HEAD = """\
)

LIVE_FORMATS: tuple[tuple[str, tuple[str, ...], tuple[bytes, ...], tuple[str, ...], bool], ...] = (
    # the same, for those that only a run which looks at hosts has use for
"""


def main() -> int:
    """Write the index, or compare it; 1 if it is stale."""
    if sys.argv[1:] == ["--check"]:
        if INDEX.exists() and INDEX.read_text(encoding="utf-8") == text():
            return 0
        print(f"{INDEX.name}: stale; run `make generate`", file=sys.stderr)
        return 1
    INDEX.write_text(text(), encoding="utf-8", newline="\n")
    return 0


def text() -> str:
    """The index's text."""
    registry.load(importlib.import_module("pincheck.parsers"))
    found = registry.loaded_parsers()
    offline = map(_row, (parser for parser in found if not parser.live))
    live = map(_row, (parser for parser in found if parser.live))
    return "".join((HEAD, *offline, LIVE_HEAD, *live, ")\n"))


def _row(parser: registry.Parser) -> str:
    fields = (parser.name, parser.files, parser.markers, parser.expected, parser.shaped)
    return "    (\n" + "".join(f"        {_literal(field)},\n" for field in fields) + "    ),\n"


def _literal(value: str | bool | tuple[str | bytes, ...]) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    items = ", ".join(map(_quoted, value))
    return f"({items},)" if len(value) == 1 else f"({items})"


def _quoted(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return "b" + _quoted(value.decode("ascii"))
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.exit(main())
