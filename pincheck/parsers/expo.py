"""Expo: the Info.plist that ``ios.infoPlist`` of an app configuration adds to.

Source: https://docs.expo.dev/versions/latest/config/app/#infoplist; the root may be wrapped in
``expo``. ``app.config.js`` and ``.ts`` are programs and not read here.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, SourceFile
from pincheck.parsers import _ats, _info_plist, _trustkit_ios
from pincheck.readers import json_text
from pincheck.registry import parser


@parser(
    files=("app.json", "app.config.json", "app.*.json"),
    markers=_info_plist.MARKERS,
)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield what the keys of the Info.plist declare."""
    root = json_text.read(source)
    info = (root.get("expo") or root).follow("ios", "infoPlist")
    if info:
        yield from _ats.declarations(info)
        yield from _trustkit_ios.declarations(info)
