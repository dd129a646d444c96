"""Plain values -> JSON text that is safe to print."""

import re
from collections.abc import Callable
from typing import Any

from pincheck.outputs._escape import clipped, encodable

LONGEST = 50_000
"""Characters of one text: no host or pin is as long."""


def text_of(document: dict[str, Any]) -> str:
    r"""Write JSON that any reader and any stream takes: UTF-8 without lone surrogates.

    The outer levels are indented; each item of a list stands on a line of its own.
    Characters that act on a terminal, and the workflow command ``##[``, are written ``\u001b``,
    which means the same. A text of more than ``LONGEST`` characters ends in an ellipsis.
    """
    import json

    def escaped(match: re.Match[str]) -> str:
        return match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1]

    compact = json.JSONEncoder(ensure_ascii=False).encode
    text = _laid_out(_encodable(document), "", compact)
    return re.sub(r"[^ -~\n]", escaped, text).replace("##[", r"#\u0023[") + "\n"


def _laid_out(value: Any, indent: str, compact: Callable[[Any], str]) -> str:
    """Indent dictionaries and lists down to the fourth level or the first long list."""
    if not isinstance(value, dict | list) or not value or len(indent) > 3:
        return compact(value)
    deeper = indent + " "
    if isinstance(value, dict):
        items = (f"{compact(name)}: {_laid_out(item, deeper, compact)}" for name, item in value.items())
        opening, closing = "{", "}"
    else:
        items = (_laid_out(item, deeper, compact) if len(value) == 1 else compact(item) for item in value)
        opening, closing = "[", "]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(items) + f"\n{indent}{closing}"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return clipped(encodable(value), LONGEST)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {name: _encodable(item) for name, item in value.items()}
    return value
