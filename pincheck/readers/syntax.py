"""Source code -> values, calls and definitions, whatever the language: the only door to tree-sitter.

A grammar gives a concrete tree; the file of its language in ``readers/languages/`` says what each
kind of node means. Nothing is run, and a name is not followed here. Where a grammar errs, what is
intact around the error is read all the same.
"""

import importlib
import re
from functools import lru_cache
from typing import Any

from pincheck.model import SourceFile
from pincheck.model.code import Module
from pincheck.readers.text import decode
from pincheck.readers.unreadable import Unreadable

MAX_BYTES = 1_200_000
"""A larger file is generated or minified, and takes longer to read than anybody would wait."""
MAX_BYTES_OF = {"dart": 128_000}
"""The same for a language whose grammar is slow."""
MAX_SECONDS = 1.0
"""Processor time for a file; the largest that is read takes a quarter of it if it is what its name says."""
CHUNK = 65_536
MAX_LINE_BYTES = 20_000
MAX_NESTING = 200
MAX_TEXTS = 30_000
"""String literals in a file: a table with more is generated, and takes longer to follow than anybody would wait."""

LANGUAGES = {
    # ending: (grammar's package, its function, our reader)
    ".kt": ("tree_sitter_kotlin", "language", "kotlin"),
    ".kts": ("tree_sitter_kotlin", "language", "kotlin"),
    ".java": ("tree_sitter_java", "language", "java"),
    ".gradle": ("tree_sitter_groovy", "language", "groovy"),
    ".groovy": ("tree_sitter_groovy", "language", "groovy"),
    ".swift": ("tree_sitter_swift", "language", "swift"),
    ".m": ("tree_sitter_objc", "language", "objc"),
    ".mm": ("tree_sitter_objc", "language", "objc"),
    ".h": ("tree_sitter_objc", "language", "objc"),
    ".c": ("tree_sitter_c", "language", "c"),
    ".cc": ("tree_sitter_cpp", "language", "c"),
    ".cpp": ("tree_sitter_cpp", "language", "c"),
    ".cxx": ("tree_sitter_cpp", "language", "c"),
    ".hpp": ("tree_sitter_cpp", "language", "c"),
    ".dart": ("tree_sitter_dart", "language", "dart"),
    ".js": ("tree_sitter_javascript", "language", "script"),
    ".jsx": ("tree_sitter_javascript", "language", "script"),
    ".mjs": ("tree_sitter_javascript", "language", "script"),
    ".cjs": ("tree_sitter_javascript", "language", "script"),
    ".ts": ("tree_sitter_typescript", "language_typescript", "script"),
    ".mts": ("tree_sitter_typescript", "language_typescript", "script"),
    ".cts": ("tree_sitter_typescript", "language_typescript", "script"),
    ".tsx": ("tree_sitter_typescript", "language_tsx", "script"),
    ".cs": ("tree_sitter_c_sharp", "language", "csharp"),
}
FILES = tuple("*" + ending for ending in LANGUAGES)
"""Globs of the files that can be read."""


@lru_cache(maxsize=512)
def read(source: SourceFile) -> Module:
    """Return what a file of source code says; raise ``Unreadable`` if it is no text or too large."""
    package, function, language = _language(source)
    if is_too_large(source):
        raise Unreadable(f"larger than {_largest(language) // 1000:,} kB, too large for source code")
    _refuse_unnatural(source.data)
    data = _utf8(source.data)
    tree = _tree(_parser(package, function), data)
    reader = importlib.import_module(f"pincheck.readers.languages.{language}").Reader
    module: Module = reader(source.path, language, data).tree(tree.root_node)
    return module


def is_too_large(source: SourceFile) -> bool:
    """Tell whether a file is larger than any that is read."""
    return len(source.data) > _largest(_language(source)[2])


def _language(source: SourceFile) -> tuple[str, str, str]:
    return LANGUAGES[source.path[source.path.rindex(".") :].lower()]


def _largest(language: str) -> int:
    return MAX_BYTES_OF.get(language, MAX_BYTES)


def _refuse_unnatural(data: bytes) -> None:
    """Raise for what nobody writes by hand, and some grammars take minutes over."""
    if max(map(len, data.split(b"\n"))) > MAX_LINE_BYTES:
        raise Unreadable(f"a line of more than {MAX_LINE_BYTES:,} characters: minified or generated code")
    if max(data.count(b'"'), data.count(b"'")) > 2 * MAX_TEXTS:
        raise Unreadable(f"more than {MAX_TEXTS:,} texts: generated code")
    depth = 0
    for match in re.finditer(rb"[\[({]+|[\])}]+", data):
        depth += len(match[0]) if match[0][:1] in b"[({" else -len(match[0])
        if depth > MAX_NESTING:
            raise Unreadable(f"brackets nested more than {MAX_NESTING} deep")
        depth = max(depth, 0)


def _tree(parser: Any, data: bytes) -> Any:
    """Parse, but not for ever: what no grammar was made for can take a hundred times as long."""
    from time import process_time

    started = process_time()

    def is_late(offset: int, has_error: bool) -> bool:
        return process_time() - started > MAX_SECONDS

    def chunk(offset: int, point: object) -> bytes:
        return data[offset : offset + CHUNK]

    try:
        return parser.parse(chunk, progress_callback=is_late)
    except ValueError:  # how the library says that it was stopped
        parser.reset()
        raise Unreadable("its grammar takes too long to make sense of it") from None


def readable(path: str) -> bool:
    """Tell whether a file's name is that of source code."""
    return path[path.rfind(".") :].lower() in LANGUAGES


def _utf8(data: bytes) -> bytes:
    """The text in UTF-8. What is no UTF-8 is taken as Latin-1: hosts and pins are ASCII in both."""
    if data.isascii():
        return data
    try:
        return decode(data).encode("utf-8", "replace")
    except Unreadable:
        if b"\0" in data:
            raise
        return data.decode("latin-1").encode()


@lru_cache
def _parser(package: str, function: str) -> Any:
    import tree_sitter

    grammar = importlib.import_module(package)
    return tree_sitter.Parser(tree_sitter.Language(getattr(grammar, function)()))
