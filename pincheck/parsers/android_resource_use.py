"""Places outside the manifest that name a network security config.

C# attributes of Xamarin and MAUI (``[Application(NetworkSecurityConfig = "@xml/name")]``), Gradle
manifest placeholders, Cordova's ``config.xml`` and config plugins that edit the manifest. Only the
name matters: a configuration that one of them may mean counts as used.
"""

import re
from collections.abc import Iterator

from pincheck.model import ResourceUse, SourceFile
from pincheck.readers.text import Lines, decode
from pincheck.registry import parser

_NAME = r"@xml/([A-Za-z0-9_.]+)"
_ATTRIBUTE = r"(?i)networkSecurityConfig"


@parser(
    files=("*.cs", "*.gradle", "*.kts", "config.xml", "plugin.xml", "*.js", "*.ts", "app.json"),
    markers=(b"etworkSecurityConfig",),
)
def parse(source: SourceFile) -> Iterator[ResourceUse]:
    """Yield every resource named in a file that speaks of the attribute; a computed one as empty."""
    text = decode(source.data)
    lines = Lines(source.path, text)
    names = list(re.finditer(_NAME, text))
    for name in names:
        yield ResourceUse(lines.location(*name.span()), f"xml/{name[1]}")
    if not names:
        for attribute in re.finditer(_ATTRIBUTE, text):
            yield ResourceUse(lines.location(*attribute.span()), "")
