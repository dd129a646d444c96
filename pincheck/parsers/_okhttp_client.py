"""How OkHttp, by its version, and Ktor's Darwin engine read hosts and pins.

Sources: square/okhttp, ``CertificatePinner.java`` and ``HttpUrl.java`` of 3.13.1, ``CertificatePinner.kt``
and ``hostnames.kt`` of 4.2.2, 4.3.0 and 4.12.0, ``-HostnamesCommon.kt`` of 5.4.0; square/okio,
``-Base64.kt``; ktorio/ktor, ``PinnedCertificate.kt`` of the Darwin client.
"""

import re

from pincheck.model import HostSyntax, PinCodec, Semantics

CRASH = "the app crashes when it builds the pinner"

OKHTTP = Semantics(
    client="OkHttp",
    platform="android",
    codec=PinCodec(
        prefix="required", url_safe=True, blanks="skipped", white="\t\n\r ",
        padding="ignored", length_checked=False,
    ),
    hosts=HostSyntax(
        wildcards=("*.", "**."), trims=False, reads="host", unicode="idna2003",
        stray_wildcard="refused", refused=CRASH,
    ),
    refused_pin=CRASH,
    lookup="union",
    compares="path",
)  # fmt: skip
"""4.3 to 4.12, and the best guess where the version is not known."""

OKHTTP_5 = OKHTTP._replace(hosts=OKHTTP.hosts._replace(unicode="uts46", longest=253))
"""5.0 and later: the same but for rare names."""

OKHTTP_3 = OKHTTP._replace(
    client="OkHttp before 4.3",
    hosts=OKHTTP.hosts._replace(
        wildcards=("*.",), reads="url", stray_wildcard="literal", drops_first_label=True
    ),
)
"""3.4 to 4.2. What is older compares the pattern as text, and is taken for the same."""

KTOR_DARWIN = Semantics(
    client="Ktor's Darwin engine",
    platform="ios",
    codec=PinCodec(prefix="required", padding="optional", compares_text=True, length_checked=False),
    hosts=HostSyntax(wildcards=("*.", "**."), trims=False, stray_wildcard="refused", refused=CRASH),
    refused_pin=CRASH,
    lookup="union",
    compares="path",
    hashable=("RSA 1024", "RSA 2048", "RSA 3072", "RSA 4096", "EC P-256", "EC P-384"),
    unhashable="skipped",
)
"""It rebuilds the SPKI of these keys, and passes over a certificate with another (``PinnedCertificate.kt``)."""


def semantics_for(version: str) -> Semantics:
    """How an OkHttp of a version (``4.12.0``, ``3.14.+``) behaves; of no readable one, as 4.12."""
    numbers = re.match(r"\D{0,9}(\d{1,4})(?:\.(\d{1,4}))?", version)
    if not numbers:
        return OKHTTP
    major, minor = int(numbers[1]), int(numbers[2] or 99)
    if major >= 5:
        return OKHTTP_5
    return OKHTTP if (major, minor) >= (4, 3) else OKHTTP_3
