"""A tree judged once more, offline, with some of its files changed: how a fix is proven."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pincheck.model import Context, Parsed, Report, SourceFile
from pincheck.readers.sought import Sought
from pincheck.registry import Parse, Parser
from pincheck.scan import scan

_UNCHANGED: Mapping[str, bytes] = MappingProxyType({})


class Again:
    """Remembers what was read of each file, so that judging anew costs little more than the changed file."""

    def __init__(
        self,
        sources: Sequence[SourceFile],
        parsers: Sequence[Parser],
        context: Context,
        whole: bool = True,
        followed: Iterable[SourceFile] = (),
    ) -> None:
        """Take what the first run was given, and the further files in which it followed names."""
        self._sources = tuple(sources)
        self._context = context
        self._whole = whole
        self._files = {source.path: source for source in self._sources}
        self._followed = {source.path: source for source in followed}
        self._parsers = tuple(each._replace(parse=self._remembered(each)) for each in parsers)
        self._read: dict[tuple[str, str], tuple[Parsed | Sought, ...]] = {}
        self._before: Report | None = None

    @property
    def before(self) -> Report:
        """The report on the tree as it is."""
        if self._before is None:
            self._before = self._judged(_UNCHANGED)
        return self._before

    def __call__(self, changed: Mapping[str, bytes]) -> Report:
        """The report on the tree with other bytes in some of its files."""
        return self.before and self._judged(changed)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file that was read for the report, or None."""
        source = self._files.get(path) or self._followed.get(path)
        return source.data if source else None

    def _judged(self, changed: Mapping[str, bytes]) -> Report:
        def more(names: frozenset[str]) -> Iterator[SourceFile]:
            yield from _with(changed, self._followed.values())

        sources = _with(changed, self._sources)
        return scan(sources, self._parsers, self._context, None, self._whole, more)

    def _remembered(self, parser: Parser) -> Parse:
        def parse(source: SourceFile) -> Iterator[Parsed | Sought]:
            if self._files.get(source.path) is not source:
                yield from parser.parse(source)
                return
            key = (parser.name, source.path)
            if key not in self._read:
                self._read[key] = tuple(parser.parse(source))
            yield from self._read[key]

        return parse


def _with(changed: Mapping[str, bytes], sources: Iterable[SourceFile]) -> Iterator[SourceFile]:
    for source in sources:
        yield SourceFile(source.path, changed[source.path]) if source.path in changed else source
