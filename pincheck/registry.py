"""What a parser, a rule and an output are, and how they are found.

A plug-in is a decorated function in a file whose name is its identity. ``load`` imports every
module of a folder but those whose name starts with an underscore; there is no list to keep.
"""

import importlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pincheck.model import Context, Parsed, Problem, Report, Severity, SourceFile
from pincheck.readers import shapes

if TYPE_CHECKING:
    from pincheck.readers.sought import Sought

Subject = TypeVar("Subject")
Parse = Callable[[SourceFile], "Iterator[Parsed | Sought]"]
Check = Callable[[Any, Context], Iterator[Problem]]
Render = Callable[[Report], str]


ANY_FILE = ("*",)
"""The globs of a parser that looks into every file."""


class Parser(NamedTuple):
    """Reads one format."""

    name: str
    files: tuple[str, ...]
    """Globs: a file's name, or its whole path where the glob holds a ``/`` (``*`` spans folders)."""
    markers: tuple[bytes, ...]
    """One of these must occur in the file; with none, every file of that name is read."""
    parse: Parse
    expected: tuple[str, ...] = ()
    """Globs of files that can only be of this format, so that one which cannot be searched is
    listed as not checked even where no marker is seen."""
    shaped: bool = False
    """It finds nothing in a file without a text of some pin's shape."""
    live: bool = False
    """What it reads is of use only to a run that looks at hosts."""


class Rule(NamedTuple):
    """Judges one kind of subject."""

    name: str
    subject: type
    severity: Severity
    check: Check
    page: str
    """The user's page on the rule, in Markdown."""


class Output(NamedTuple):
    """Draws a report."""

    name: str
    render: Render


_parsers: dict[str, Parser] = {}
_rules: dict[str, Rule] = {}
_outputs: dict[str, Output] = {}


def claiming(parsers: Sequence[Parser], source: SourceFile) -> list[Parser]:
    """Return the parsers that read this file: its name fits, and a marker is there (or none asked)."""
    data = shapes.narrow(source.data)
    seen: dict[bytes, bool] = {}
    shape: bool | None = None
    found = []
    for parser in parsers:
        if not fits(source.path, parser.files):
            continue
        if parser.shaped:
            if shape is None:
                shape = shapes.stands_in(data, sha1=True)
            if not shape:
                continue
        for marker in parser.markers:
            if marker not in seen:
                seen[marker] = marker in data
            if seen[marker]:
                break
        if not parser.markers or seen[marker]:
            found.append(parser)
    return found


def fits(path: str, globs: tuple[str, ...]) -> bool:
    """Tell whether a path fits one of the globs; most do not end as any of them, which is quick to see."""
    return path.endswith(tails(globs)) and bool(compiled(globs).search(path))


@lru_cache
def tails(globs: tuple[str, ...]) -> tuple[str, ...]:
    """What follows the last wildcard of each glob: no path that ends otherwise can fit."""
    return tuple(dict.fromkeys(re.split(r"[*?\]]", glob)[-1] for glob in globs))


@lru_cache
def compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    """The expression, for ``search`` on a path, that the globs stand for; without any, none fits.

    A glob without ``/`` names a file in any folder; one with ``/`` the end of a path, and its
    ``*`` spans folders.
    """
    if not globs:
        return re.compile("$^")
    return re.compile(expression(globs))


def expression(globs: tuple[str, ...]) -> str:
    """The regular expression behind ``compiled``, as the pre-commit hook's ``files:`` wants it."""
    # translate gives "(?s:…)\\Z", from Python 3.14 on "(?s:…)\\z"
    alternatives = (translate(glob)[len("(?s:") : -len(")\\Z")] for glob in globs)
    return "(?s)(?:^|/)(?:" + "|".join(alternatives) + ")$"


def parser(
    *,
    files: tuple[str, ...],
    markers: tuple[bytes, ...],
    expected: tuple[str, ...] = (),
    shaped: bool = False,
    live: bool = False,
) -> Callable[[Parse], Parse]:
    """Register a function as the reader of a format."""

    def register(parse: Parse) -> Parse:
        name = _stem(parse)
        _parsers[name] = Parser(name, files, markers, parse, expected, shaped, live)
        return parse

    return register


def rule(
    subject: type[Subject], severity: Severity
) -> Callable[
    [Callable[[Subject, Context], Iterator[Problem]]],
    Callable[[Subject, Context], Iterator[Problem]],
]:
    """Register a function as a rule on every ``subject`` of a run."""

    def register(
        check: Callable[[Subject, Context], Iterator[Problem]],
    ) -> Callable[[Subject, Context], Iterator[Problem]]:
        name = _stem(check).replace("_", "-")
        page = importlib.import_module(check.__module__).__doc__ or ""
        _rules[name] = Rule(name, subject, severity, check, page)
        return check

    return register


def output(name: str) -> Callable[[Render], Render]:
    """Register a function as the output that ``--format name`` asks for."""

    def register(render: Render) -> Render:
        _outputs[name] = Output(name, render)
        return render

    return register


def parsers(live: bool = False) -> tuple[Parser, ...]:
    """All parsers, by name; without ``live`` not those that only a run which looks at hosts has use for.

    Those of the generated index are loaded when they first read a file.
    """
    package = importlib.import_module("pincheck.parsers")
    index = importlib.import_module("pincheck.parsers._formats")
    found = {
        name: Parser(name, files, markers, _on_demand(name), expected, shaped, only_live)
        for rows, only_live in ((index.FORMATS, False), (index.LIVE_FORMATS, True))
        for name, files, markers, expected, shaped in rows
    }
    for name in set(module_names(package)).difference(found):
        importlib.import_module(f"{package.__name__}.{name}")
    found |= _parsers
    return tuple(found[name] for name in sorted(found) if live or not found[name].live)


def _on_demand(name: str) -> Parse:
    def parse(source: SourceFile) -> "Iterator[Parsed | Sought]":
        importlib.import_module(f"pincheck.parsers.{name}")
        return _parsers[name].parse(source)

    return parse


def loaded_parsers() -> tuple[Parser, ...]:
    """The parsers whose modules have been imported, by name."""
    return tuple(_parsers[name] for name in sorted(_parsers))


def rules() -> tuple[Rule, ...]:
    """All rules, by name."""
    load(importlib.import_module("pincheck.rules"))
    return tuple(_rules[name] for name in sorted(_rules))


def outputs() -> tuple[Output, ...]:
    """All outputs, by name."""
    load(importlib.import_module("pincheck.outputs"))
    return tuple(_outputs[name] for name in sorted(_outputs))


def output_named(name: str) -> Output:
    """The output that ``--format name`` asks for."""
    package = importlib.import_module("pincheck.outputs")
    if name in module_names(package):  # most are called as their file, so the others need no loading
        importlib.import_module(f"pincheck.outputs.{name}")
    return _outputs[name] if name in _outputs else next(each for each in outputs() if each.name == name)


def load(package: ModuleType) -> None:
    """Import every public module of ``package``."""
    for name in module_names(package):
        importlib.import_module(f"{package.__name__}.{name}")


def module_names(package: ModuleType) -> list[str]:
    """The public modules of a package folder, sorted."""
    return sorted(
        name[:-3]
        for folder in package.__path__
        for name in os.listdir(folder)
        if name.endswith(".py") and not name.startswith("_")
    )


def _stem(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2]
