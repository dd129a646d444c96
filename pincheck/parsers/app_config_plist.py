"""Property lists with keys of an app's own that hold pins."""

from collections.abc import Iterator

from pincheck.model import Declaration, Gap, SourceFile
from pincheck.parsers import _app_config, _info_plist
from pincheck.readers import plist
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import parser


@parser(files=_info_plist.FILES, markers=_app_config.MARKERS, shaped=True)
def parse(source: SourceFile) -> Iterator[Declaration | Gap]:
    """Yield the pins under keys that neither iOS nor TrustKit knows."""
    if not _app_config.is_candidate(source):
        return
    try:
        root = plist.read(source)
    except Unreadable:
        return
    yield from _app_config.declarations(source, root, "ios-plist-custom")
