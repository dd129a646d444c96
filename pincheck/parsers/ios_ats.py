"""iOS and macOS App Transport Security: ``NSPinnedDomains`` in an Info.plist.

Every app extension, watch app and target has its own Info.plist, whatever its name, and needs its
own copy of the pins. What the keys mean is in ``_apple``, as project generators write them too.

Source: https://developer.apple.com/documentation/bundleresources/information-property-list/nsapptransportsecurity.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, SourceFile
from pincheck.parsers import _apple
from pincheck.readers import plist
from pincheck.registry import parser


@parser(
    files=_apple.FILES,
    markers=(b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes"),
    expected=("Info.plist",),
)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield a declaration for every list of identities of every domain."""
    root = plist.read(source)
    origin = _apple.Origin(variant=_apple.variant(source.path), is_info=_apple.is_info(source.path, root))
    yield from _apple.ats_declarations(root, origin)
