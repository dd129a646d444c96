"""``--shard K/N``: which part of the hosts or repositories one of many runs takes."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from pincheck.errors import UsageError

MOST = 10_000
T = TypeVar("T")


class Shard(NamedTuple):
    """One part of many."""

    number: int
    """From 1."""
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part(self, items: Sequence[T]) -> list[T]:
        """Its share of the items: every ``of``-th, so that shares differ by one item at most."""
        return list(items[self.number - 1 :: self.of])

    def holds(self, host: str) -> bool:
        """Whether a host is its own, told from the name alone: other hosts come and go without moving it."""
        from hashlib import sha256  # not loaded for every command line

        return int.from_bytes(sha256(host.encode("utf-8", "surrogateescape")).digest()[:8]) % self.of == (
            self.number - 1
        )


WHOLE = Shard(1, 1)


def read(text: str) -> Shard:
    """Read ``K/N``; raise ``ValueError`` with what to write instead."""
    match = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
    shard = Shard(int(match[1]), int(match[2])) if match else Shard(0, 0)
    if not 1 <= shard.number <= shard.of <= MOST:
        raise ValueError(f"write K/N, such as 3/16, with K from 1 to N and N up to {MOST:,}")
    return shard


def digest(asked: Iterable[str]) -> str:
    """What all shards of one division share, 64 hex digits: the same texts in the same order give the same."""
    from hashlib import sha256

    return sha256("\0".join(asked).encode("utf-8", "surrogatepass")).hexdigest()


def complete(names: Sequence[str], found: Sequence[tuple[Shard, str]]) -> list[int]:
    """The places of the shards in order of their number, once it is sure that they are all of one division.

    ``found`` tells of each file in ``names`` its shard and the digest of what was asked. Raise ``UsageError`` that
    names the files if one is missing, there twice, or of another division.
    """
    first, asked = found[0]
    places: dict[int, int] = {}
    for place, (shard, digest_of_it) in enumerate(found):
        if shard.of != first.of:
            raise UsageError(
                f"{names[place]}: is shard {shard}, and {names[0]} is shard {first}; merge one division"
            )
        if digest_of_it != asked:
            raise UsageError(
                f"{names[place]}: was asked something else than {names[0]}: other repositories, hosts or options"
            )
        if shard.number in places:
            raise UsageError(f"{names[place]}: is shard {shard}, and so is {names[places[shard.number]]}")
        places[shard.number] = place
    if missing := [number for number in range(1, first.of + 1) if number not in places]:
        few = ", ".join(f"{number}/{first.of}" for number in missing[:5])
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        raise UsageError(f"shard {few}{more} is missing; merge all {first.of:,}")
    return [places[number] for number in range(1, first.of + 1)]
