"""iOS and macOS App Transport Security: ``NSPinnedDomains`` in an Info.plist.

Every app extension, watch app and target has its own Info.plist, whatever its name, and needs its
own copy of the pins. What the keys mean is in ``_ats``, as project generators write them too.

Source: https://developer.apple.com/documentation/bundleresources/information-property-list/nsapptransportsecurity.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, SourceFile
from pincheck.parsers import _ats, _info_plist
from pincheck.parsers._ats_origin import Origin
from pincheck.readers import plist
from pincheck.registry import parser


@parser(
    files=_info_plist.FILES,
    markers=_info_plist.ATS_MARKERS,
    expected=("Info.plist",),
)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield a declaration for every list of identities of every domain."""
    root = plist.read(source)
    target, is_info = _info_plist.variant(source.path), _info_plist.is_info(source.path, root)
    yield from _ats.declarations(root, Origin(variant=target, is_info=is_info))
