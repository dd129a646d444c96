"""TrustKit's validator, called by delegates that are not swizzled.

Source: datatheorem/TrustKit, ``TSKPinningValidator.h``: ``handle(_:completionHandler:)`` and
``evaluateTrust(_:forHostname:)``, in Objective-C ``handleChallenge:completionHandler:``.
"""

from collections.abc import Iterator

from pincheck.model import Installation, SourceFile
from pincheck.parsers._trustkit_ios_keys import VALIDATOR
from pincheck.readers import syntax
from pincheck.registry import parser

CALLED = ("handle", "handleChallenge", "evaluateTrust")


@parser(files=("*.swift", "*.m", "*.mm"), markers=(b"inningValidator",))
def parse(source: SourceFile) -> Iterator[Installation]:
    """Yield every call by which a delegate has a challenge or a trust checked."""
    calls = syntax.read(source).calls
    for name in CALLED:
        yield from (Installation(placed.call.at, VALIDATOR) for placed in calls.get(name, ()))
