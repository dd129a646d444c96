"""Which network security config an Android app reads.

Source: AOSP ManifestConfigSource: ``android:networkSecurityConfig`` of ``<application>``, once for
the merged manifest of the app.
"""

from collections.abc import Iterator

from pincheck.model import Manifest, ResourceUse, SourceFile
from pincheck.readers import xml
from pincheck.registry import parser

_ATTRIBUTE = "android:networkSecurityConfig"


@parser(files=("AndroidManifest.xml",), markers=(b"<manifest",))
def parse(source: SourceFile) -> Iterator[Manifest | ResourceUse]:
    """Yield the manifest, and the resource that it names."""
    yield Manifest(source.path)
    if b"networkSecurityConfig" not in source.data.replace(b"\0", b""):
        return
    for application in xml.read(source).find_all("application"):
        if value := application.attribute(_ATTRIBUTE):
            name = value.value.removeprefix("@") if value.value.startswith("@xml/") else ""
            if name or "$" in value.value:
                yield ResourceUse(value.at, name)
