"""How fast source code is read, for each language: the grammar alone, and with what pincheck makes of the tree.

    python benchmarks/parse.py [--rounds N] FOLDER...

Reads up to 400 files of each language in the folders, those of a size that people write.
"""

import argparse
import gc
import importlib
import os
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import tree_sitter

from pincheck.model import SourceFile
from pincheck.readers import syntax
from pincheck.readers.unreadable import Unreadable

MOST_FILES = 400


def main() -> None:
    """Print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("folders", nargs="+")
    given = options.parse_args()
    print(
        "| language | files | MB | grammar MB/s | with pincheck MB/s | files with an error node | refused |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for language, sources in sorted(_sources(given.folders).items()):
        print(_row(language, sources, given.rounds), flush=True)


def _sources(folders: list[str]) -> dict[str, list[SourceFile]]:
    found: dict[str, list[SourceFile]] = defaultdict(list)
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                ending = Path(name).suffix
                if ending not in syntax.LANGUAGES:
                    continue
                language = ".tsx" if ending == ".tsx" else syntax.LANGUAGES[ending][0]
                path = Path(parent, name)
                if len(found[language]) < MOST_FILES and path.is_file() and path.stat().st_size > 500:
                    found[language].append(SourceFile(str(path), path.read_bytes()))
    return found


def _row(language: str, sources: list[SourceFile], rounds: int) -> str:
    package, function, _ = syntax.LANGUAGES[Path(sources[0].path).suffix]
    grammar = tree_sitter.Language(getattr(importlib.import_module(package), function)())
    errors = sum(tree_sitter.Parser(grammar).parse(each.data).root_node.has_error for each in sources)
    readable = [each for each in sources if _is_readable(each)]
    size = sum(len(each.data) for each in readable) / 1e6
    alone = _best(lambda: [tree_sitter.Parser(grammar).parse(each.data) for each in readable], rounds)
    ours = _best(lambda: [syntax.read.__wrapped__(each) for each in readable], rounds)
    name = (
        Path(sources[0].path).suffix.lstrip(".")
        if language == ".tsx"
        else package.removeprefix("tree_sitter_")
    )
    return (
        f"| {name} | {len(sources)} | {size:.2f} | {size / alone:.1f} | {size / ours:.1f}"
        f" | {errors} | {len(sources) - len(readable)} |"
    )


def _is_readable(source: SourceFile) -> bool:
    try:
        syntax.read(source)
    except Unreadable:
        return False
    return True


def _best(work: Callable[[], object], rounds: int) -> float:
    """The shortest time of some rounds, in seconds of this process's processor."""
    gc.disable()  # as a scan does
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
