"""Source code in tests: a module read from a text, and its values written shortly."""

from collections.abc import Iterable
from typing import Any

from pincheck import registry
from pincheck.inventory import by_hand, rows
from pincheck.model import Context, Report, SourceFile
from pincheck.model.code import (
    Call,
    Choice,
    Entries,
    Index,
    Items,
    Joined,
    Lambda,
    Literal,
    Module,
    Name,
    Spread,
    Value,
)
from pincheck.readers import syntax
from pincheck.scan import scan


def module(path: str, text: str | bytes) -> Module:
    data = text.encode() if isinstance(text, str) else text
    return syntax.read(SourceFile(path, data))


def short(value: Value) -> str:
    """A value on one line, the same for every language."""
    match value:
        case Literal():
            return repr(value.value)
        case Name():
            return value.name if value.of is None else f"{short(value.of)}.{value.name}"
        case Joined():
            return " + ".join(map(short, value.parts))
        case Items():
            return f"[{', '.join(map(short, value.items))}]"
        case Entries():
            return "{" + ", ".join(f"{short(key)}: {short(each)}" for key, each in value.entries) + "}"
        case Call():
            of = "" if value.of is None else short(value.of) + "."
            given = (
                f"{each.name}={short(each.value)}" if each.name else short(each.value)
                for each in value.arguments
            )
            return f"{of}{value.name}({', '.join(given)})"
        case Choice():
            return "(" + " | ".join(f"{each.condition} ? {short(each.value)}" for each in value.options) + ")"
        case Index():
            return f"{short(value.of)}[{short(value.key)}]"
        case Spread():
            return "*" + short(value.value)
        case Lambda():
            names = ", ".join(each.name for each in value.frame.parameters)
            return f"({names}) -> " + "; ".join(short(each.value) for each in value.returned)
    return value.text


def definitions(read: Module) -> dict[str, str]:
    return {each.name: short(each.value) for each in read.definitions}


def scanned(files: dict[str, str]) -> Report:
    """A scan of a whole repository of these files, all of which may define names."""
    sources = [SourceFile(path, text.encode()) for path, text in files.items()]

    def more(names: frozenset[str]) -> Iterable[SourceFile]:
        return [source for source in sources if any(name.encode() in source.data for name in names)]

    return scan(sources, registry.parsers(), _context(), more=more)


def _context() -> Context:
    from datetime import date

    from pincheck.model import Policy

    return Context(date(2026, 11, 23), Policy())


def pins(files: dict[str, str]) -> list[tuple[tuple[str, ...], str]]:
    """The hosts and the pin of every row of the inventory, in order."""
    return [(tuple(row["hosts"] or ()), row["pin"] or row["file"] or "") for row in all_rows(scanned(files))]


def all_rows(report: Report) -> list[dict[str, Any]]:
    """The rows of pins, and of the certificate files that an app's own code reads."""
    return sorted(
        [*rows(report), *by_hand(report)], key=lambda row: (row["path"], row["line"], row["column"])
    )


def gaps(files: dict[str, str]) -> list[str]:
    """Why each place could not be read."""
    return [gap.reason for gap in scanned(files).project.gaps]
