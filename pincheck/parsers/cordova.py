"""Cordova: pieces that ``config.xml`` or a ``plugin.xml`` adds to an Info.plist or to a resource.

Sources: https://cordova.apache.org/docs/en/latest/plugin_ref/spec.html (``config-file``,
``edit-config``); apache/cordova-common ``src/util/plist-helpers.js``: for a plist the parent is a
key of the top level. A whole ``<network-security-config>`` in such a file is read by ``android_nsc``.
"""

import re
from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, SourceFile, Text
from pincheck.parsers import _ats, _info_plist, _trustkit_ios, android_nsc
from pincheck.readers import plist, xml
from pincheck.readers.tree import Node
from pincheck.registry import parser

_RESOURCE = r"(?:^|/)res/xml(?:-[^/]+)?/[^/]+\.xml$"
_PLACES = {"config-file": ("target", "parent"), "edit-config": ("file", "target")}
"""The attributes that name the file and the place in it."""


@parser(
    files=("config.xml", "plugin.xml"),
    markers=(*_info_plist.MARKERS, b"<pin-set"),
)
def parse(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    """Yield what each piece declares in the file that it goes to."""
    document = xml.read(source)
    for name, (file_attribute, place_attribute) in _PLACES.items():
        for piece in document.find_all(name):
            file, place = piece.attribute(file_attribute), piece.attribute(place_attribute)
            if file and place and file.value.endswith(".plist"):
                yield from _into_info_plist(piece, place)
            elif (
                file
                and re.search(_RESOURCE, file.value)
                and not any(piece.find_all("network-security-config"))
            ):
                yield from android_nsc.configuration(piece)


def _into_info_plist(piece: xml.Element, place: Text) -> Iterator[Declaration | Defect | Gap]:
    for value in piece.children[:1]:
        root = Node("map", piece.at, entries=((place, plist.from_element(value)),))
        yield from _ats.declarations(root)
        yield from _trustkit_ios.declarations(root)
