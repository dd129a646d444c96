"""Which network security config an Android app reads.

Source: AOSP ManifestConfigSource: ``android:networkSecurityConfig`` of ``<application>``, once for
the merged manifest of the app.
"""

import re
from collections.abc import Iterator

from pincheck.model import Manifest, ResourceUse, SourceFile
from pincheck.readers import xml
from pincheck.readers.text import whole_file
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import parser

_ATTRIBUTE = "networkSecurityConfig"
_RESOURCE = r"@(?:[\w.]+:)?(xml/[\w.]+)"


@parser(files=("AndroidManifest*.xml",), markers=(b"<manifest",))
def parse(source: SourceFile) -> Iterator[Manifest | ResourceUse]:
    """Yield the manifest, and the resource that it names; one that is computed or unreadable may be any."""
    yield Manifest(source.path)
    if _ATTRIBUTE.encode() not in source.data.replace(b"\0", b""):
        return
    try:
        document = xml.read(source)
    except Unreadable:
        yield ResourceUse(whole_file(source.path), "")
        raise
    for application in document.find_all("application"):
        for name in application.attributes:
            value = application.attribute(name) if name.rpartition(":")[2] == _ATTRIBUTE else None
            if value and value.value != "@null":
                named = re.fullmatch(_RESOURCE, value.value)
                yield ResourceUse(value.at, named[1] if named else "")
