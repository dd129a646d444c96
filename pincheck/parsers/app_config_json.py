"""JSON files of an app's own that hold pins, also with comments."""

from collections.abc import Iterator

from pincheck.model import Declaration, Gap, SourceFile
from pincheck.parsers import _app_config
from pincheck.readers import json_text
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import parser


@parser(
    files=("*.json", "*.jsonc", "*.json5", "*.json.in", "*.json.template"),
    markers=_app_config.MARKERS,
    shaped=True,
)
def parse(source: SourceFile) -> Iterator[Declaration | Gap]:
    """Yield the pins, with the hosts that stand nearest; what is no JSON holds none."""
    if not _app_config.is_candidate(source):
        return
    try:
        if _app_config.is_without_pins(source):
            return
        root = json_text.read(source)
    except Unreadable:
        return
    yield from _app_config.declarations(source, root, "app-config-file")
