"""What rules on changes share: the pins of a host before and after, as the users of one platform meet them.

A declaration that moves to another file, or to another format of its platform, is the same to its users.
"""

from pincheck.rules._change.keys import Key, Keys
from pincheck.rules._change.pairs import Pair, asked, base, lapsed, pairs
from pincheck.rules._change.seen import Fate, Installed, Seen, fate
from pincheck.rules._change.states import PLATFORMS, PinSets, platforms_of
from pincheck.rules._change.unknown import Unknown, still_pinned
from pincheck.rules._change.words import fallback, keys, named, platforms

__all__ = [
    "PLATFORMS",
    "Fate",
    "Installed",
    "Key",
    "Keys",
    "Pair",
    "PinSets",
    "Seen",
    "Unknown",
    "asked",
    "base",
    "fallback",
    "fate",
    "keys",
    "lapsed",
    "named",
    "pairs",
    "platforms",
    "platforms_of",
    "still_pinned",
]
