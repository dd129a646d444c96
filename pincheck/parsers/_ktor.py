"""Which engine's ``CertificatePinner`` a file of Kotlin speaks of: OkHttp's, or that of Ktor for Apple's systems."""

import re

from pincheck.model.code import Module

_DARWIN = r"io\.ktor\.client\.engine\.(?:darwin|ios)\b"
"""The package, which Ktor 1 called ``ios``."""


def is_darwin(module: Module) -> bool:
    """Tell a file that imports Ktor's engine for Apple's systems, and not OkHttp."""
    return any(re.match(_DARWIN, each) for each in module.imports) and not any(
        re.match(r"okhttp3\b|com\.squareup\.okhttp\b", each) for each in module.imports
    )
