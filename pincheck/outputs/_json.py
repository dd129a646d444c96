"""Plain values -> JSON text that is safe to print."""

import re
from typing import Any

from pincheck.outputs._escape import clipped, encodable

LONGEST = 50_000
"""Characters of one text: no host or pin is as long."""


def text_of(document: dict[str, Any]) -> str:
    r"""Write JSON that any reader and any stream takes: UTF-8 without lone surrogates, indented.

    Characters that act on a terminal, and the workflow command ``##[``, are written ``\u001b``,
    which means the same. A text of more than ``LONGEST`` characters ends in an ellipsis.
    """
    import json

    def escaped(match: re.Match[str]) -> str:
        return match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1]

    text = json.dumps(_encodable(document), indent=1, ensure_ascii=False)
    return re.sub(r"[^ -~\n]", escaped, text).replace("##[", r"#\u0023[") + "\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return clipped(encodable(value), LONGEST)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {name: _encodable(item) for name, item in value.items()}
    return value
