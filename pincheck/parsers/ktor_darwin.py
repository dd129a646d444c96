"""Ktor's ``CertificatePinner`` for Apple's systems, in Kotlin: ``handleChallenge(CertificatePinner.Builder()…)``.

Source: ktorio/ktor, ``CertificatePinner.kt`` and ``PinnedCertificate.kt`` of the Darwin client (``engine.ios``
in Ktor 1): patterns as OkHttp's, lower-cased only; a pin is compared as text. Before 3.4.2 a host that
any pattern fits took the pins of all patterns.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Gap, Installation, Parsed, SourceFile
from pincheck.parsers import _ktor, okhttp
from pincheck.parsers._okhttp_client import KTOR_DARWIN
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "ktor-darwin"
INSTALLED_BY = "handleChallenge"


@parser(files=("*.kt", "*.kts"), markers=(b"CertificatePinner",))
def parse(source: SourceFile) -> Iterator[Sought | Installation]:
    """Yield what every ``add`` of a pinner is given: a host pattern, and pins; and who hands one to an engine."""
    module = syntax.read(source)
    if _ktor.is_darwin(module):
        for placed in module.calls.get(INSTALLED_BY, ()):
            yield Installation(placed.call.at, INSTALLED_BY)
        for sought in okhttp.entries(module):
            yield sought._replace(mechanism=MECHANISM, read=_reader(sought.read))


def _reader(read: Callable[[Followed], Iterator[Parsed]]) -> Callable[[Followed], Iterator[Parsed]]:
    def as_darwin(followed: Followed) -> Iterator[Parsed]:
        for item in read(followed):
            if isinstance(item, Declaration):
                yield item._replace(mechanism=MECHANISM, semantics=KTOR_DARWIN, installed=INSTALLED_BY)
            elif isinstance(item, Gap):
                yield item._replace(mechanism=MECHANISM)
            else:
                yield item

    return as_darwin
