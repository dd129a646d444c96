"""What is true of any Info.plist: its names, its target, and build settings in its texts."""

import re

from pincheck.model import Text
from pincheck.readers.tree import Node

FILES = ("*.plist", "*.plist.in", "*.plist.template", "*.plist.tmpl", "*.plist.tpl")
"""Property lists, and the templates that builds make them of."""

ATS_MARKERS = (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes")
TRUSTKIT_MARKERS = (b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes")
MARKERS = (*ATS_MARKERS, *TRUSTKIT_MARKERS)
"""What an Info.plist with pins holds, also where it is part of another file."""


def variant(path: str) -> str:
    """The target that a plist belongs to: its name, or for an Info.plist its folder's.

    Folders that say nothing (``Resources``, ``Supporting Files``, ``ios``) are passed over.
    """
    *folders, name = path.split("/")
    stem = name.partition(".plist")[0]
    if stem != "Info":
        return stem
    return next((folder for folder in reversed(folders) if folder.lower() not in _NO_TARGET), "")


_NO_TARGET = frozenset(
    ("ios", "macos", "platforms", "app", "application", "main", "source", "sources", "src", "app_resources",
     "resource", "resources", "supporting", "supporting files", "supportingfiles", "config", "configs",
     "configuration", "configurations", "info plists", "infoplists", "plist", "plists")
)  # fmt: skip


def is_info(path: str, root: Node) -> bool:
    """Tell whether a plist is an Info.plist: by its name, or by keys that only such a file holds."""
    name = path.rpartition("/")[2].partition(".plist")[0].lower()
    return name.startswith("info") or name.endswith("info") or any(
        key.value.startswith("CFBundle") for key, _ in root.entries
    )  # fmt: skip


def build_setting(text: str) -> str:
    """The build setting or template variable that a text takes its value from, or an empty string."""
    match = re.search(_SETTING, text)
    return match[0] if match else ""


_SETTING = (
    r"\$\([^()]{1,200}\)|\$\{[^{}]{1,200}\}|\{\{[^{}]{1,200}\}\}|<%[^%]{1,200}%>|@[A-Z][A-Z0-9_]{2,60}@"
)


def texts(node: Node) -> tuple[Text, ...]:
    """The texts and data at or below a node."""
    return tuple(
        below.text for below in node.walk() if below.kind in ("text", "data") and below.value.strip()
    )


def shown(text: str) -> str:
    """A text of the file for a message, not too long."""
    return text if len(text) <= 60 else text[:59] + "…"
