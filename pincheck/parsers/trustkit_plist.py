"""TrustKit for Apple's systems: ``TSKConfiguration`` in an Info.plist, or a plist that the app hands over.

What the keys mean is in ``_trustkit_ios``, as project generators write them too.

Source: https://github.com/datatheorem/TrustKit/blob/master/docs/getting-started.md.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, SourceFile
from pincheck.parsers import _info_plist, _trustkit_ios
from pincheck.readers import plist
from pincheck.registry import parser


@parser(files=_info_plist.FILES, markers=_info_plist.TRUSTKIT_MARKERS)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield a declaration for every domain with pins, also where TrustKit does not read it."""
    root = plist.read(source)
    target, is_info = _info_plist.variant(source.path), _info_plist.is_info(source.path, root)
    yield from _trustkit_ios.declarations(root, target, is_info)
