"""Versions of libraries that read pins, as Android builds ask for them.

Gradle scripts, version catalogs and constants of build logic: what counts is a version beside the
library's name, ``"com.squareup.okhttp3:okhttp:4.12.0"`` or ``okhttp = "4.12.0"``.
"""

import re
from collections.abc import Iterator

from pincheck.model import Dependency, SourceFile
from pincheck.readers.text import Lines, decode
from pincheck.registry import parser

_LIBRARIES = {
    # coordinates of the library: how names of its version speak of it
    "com.squareup.okhttp3:okhttp": r"(?:ok[hH]ttp|OkHttp|okHTTP|OKHTTP|ok[_-]http|OK_HTTP)3?",
}
_COORDINATES = r"{group}:{artifact}(?:-bom)?:(\d[\w.+-]{{0,30}})"
_NAMED = (
    r"\b(?:\w{{0,20}}[._-])?{name}(?:[._-]?v(?:er(?:sion)?)?|_?V(?:er(?:sion)?|ER(?:SION)?)?)?[\"']?"
    r"[ \t]{{0,8}}[:=]\s{{0,8}}[\"'](\d[\w.+-]{{0,30}})[\"']"
)
_AFTER_NAMES = ("_v", ".v", "-v", "v", "_V", "V", "=", ":", '"', "'", " =", " :", "  ", " \t", "\t")
_MARKERS = (
    *(
        b"squareup.okhttp3:okhttp",
        b"okHTTP",
        b"OKHTTP",
        b"ok_http",
        b"ok-http",
        b"OK_HTTP",
        b"okHttp3",
        b"OkHttp3",
    ),
    *(
        name + after.encode()
        for name in (b"okhttp", b"okhttp3", b"okHttp", b"OkHttp")
        for after in _AFTER_NAMES
    ),
)
"""How coordinates and names of versions go on; ``okhttp`` alone stands in all code that uses it."""


@parser(
    files=(
        "*.gradle",
        "*.kts",
        "*.versions.toml",
        "gradle.properties",
        "*Dependencies.kt",
        "*Versions.kt",
        "*Deps.kt",
    ),
    markers=_MARKERS,
)
def parse(source: SourceFile) -> Iterator[Dependency]:
    """Yield each version that stands beside a library's coordinates or name."""
    text = decode(source.data)
    lines = Lines(source.path, text)
    for library, name in _LIBRARIES.items():
        group, _, artifact = library.partition(":")
        for pattern in (
            _COORDINATES.format(group=re.escape(group), artifact=artifact),
            _NAMED.format(name=name),
        ):
            for match in re.finditer(pattern, text):
                yield Dependency(lines.location(*match.span(1)), library, match[1])
