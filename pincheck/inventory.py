"""Every pin that a tree declares: one row per pin literal and pin set."""

from collections.abc import Iterator, Sequence
from typing import Any

from pincheck.model import DeclaredPin, Gap, PinnedFile, PinSet, Report
from pincheck.outputs import _facts
from pincheck.outputs._cells import padded, width
from pincheck.outputs._escape import clipped, visible

WIDEST = 48
"""Terminal cells of a column of the table, but for the last: a SHA-256 pin in base64 fits."""


def as_json(report: Report) -> str:
    """Return a JSON object: ``{"version": 1, "pins": [...], "certificates": [...], "unresolved": [...]}``.

    The rows are alike. ``certificates`` are the files that the app's own code reads and compares, or trusts;
    those that a library is told to pin by are ``pins``.
    """
    from pincheck.outputs._json import text_of

    unresolved = sorted((_of_gap(gap) for gap in report.project.gaps), key=_place)
    document = {"version": 1, "pins": rows(report), "certificates": by_hand(report), "unresolved": unresolved}
    return text_of(document)


def as_table(report: Report) -> str:
    """Return the rows for people: aligned, hosts before pins, the place last."""
    found = sorted(
        [*rows(report), *by_hand(report), *(_of_gap(gap) for gap in report.project.gaps)], key=_place
    )
    if not found:
        return _facts.extent(report) + "\n"
    head = ("HOSTS", "PIN", "KIND", "EXPIRES", "DECLARED BY", "PLACE")
    return _aligned([head, *(_cells(row) for row in found)]) + _closing(found)


def rows(report: Report) -> list[dict[str, Any]]:
    """Return the rows by path, line and column.

    ``hosts`` are all host patterns of the pin set as written, or None if they are not to be had from
    the source; ``include_subdomains`` is None if it differs among them. ``pin`` is the text as
    written at its place, without what the code puts before it, and ``pin_kind`` one of the words of
    ``pin_kind`` in ``outputs/_facts.py``; a certificate file that is pinned is ``cert-file``, and its
    ``pin`` None and ``file`` its path or name. ``expiration`` is the ISO date, or the text if the client
    cannot read it. A pin set without pins has no row; a gap is ``unresolved``, its ``pin`` what stands
    there instead, or None.
    """
    project = report.project
    found = [_of_pin(pin_set, pin) for pin_set in project.pin_sets for pin in pin_set.pins]
    found += [_of_file(each, file) for each in project.pin_sets if not each.by_hand for file in each.files]
    return sorted(found, key=_place)


def by_hand(report: Report) -> list[dict[str, Any]]:
    """Return the rows of the certificate files that the app's own code reads, by path, line and column."""
    sets = (pin_set for pin_set in report.project.pin_sets if pin_set.by_hand)
    return sorted((_of_file(pin_set, file) for pin_set in sets for file in pin_set.files), key=_place)


def _place(row: dict[str, Any]) -> tuple[str, int, int]:
    return row["path"], row["line"], row["column"]


def _of_pin(pin_set: PinSet, pin: DeclaredPin) -> dict[str, Any]:
    return {
        "path": pin.at.path,
        "line": pin.at.line,
        "column": pin.at.column,
        "mechanism": pin_set.mechanism,
        "hosts": list(pin_set.host_names) or None,
        "include_subdomains": _facts.includes_subdomains(pin_set.hosts),
        "pin": _written(pin),
        "pin_kind": _facts.pin_kind(pin),
        "file": None,
        "expiration": _facts.expiration(pin_set.expires),
        "variant": pin_set.variant or None,
        "context": pin_set.context,
    }


def _written(pin: DeclaredPin) -> str:
    """The pin as it stands at its place, where code puts ``sha256/`` before it elsewhere."""
    at = pin.at
    if at.line != at.end_line:
        return pin.text
    there = at.text[at.column - 1 : at.end_column - 1]
    return there if there and there in pin.text else pin.text


def _of_file(pin_set: PinSet, file: PinnedFile) -> dict[str, Any]:
    return {
        "path": file.at.path,
        "line": file.at.line,
        "column": file.at.column,
        "mechanism": pin_set.mechanism,
        "hosts": list(pin_set.host_names) or None,
        "include_subdomains": _facts.includes_subdomains(pin_set.hosts),
        "pin": None,
        "pin_kind": "cert-file",
        "file": file.paths[0] if len(file.paths) == 1 else file.name or None,
        "expiration": None,
        "variant": pin_set.variant or None,
        "context": pin_set.context,
    }


def _of_gap(gap: Gap) -> dict[str, Any]:
    return {
        "path": gap.at.path,
        "line": gap.at.line,
        "column": gap.at.column,
        "mechanism": gap.mechanism,
        "hosts": list(gap.hosts) or None,
        "include_subdomains": None,
        "pin": gap.text or None,
        "pin_kind": "unresolved",
        "file": None,
        "expiration": None,
        "variant": None,
        "context": gap.context or _facts.PRODUCTION,
    }


# the table -------------------------------------------------------------------


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    hosts = [visible(host, 40) for host in row["hosts"] or ["?"]]
    listed = hosts[0] + (f" +{len(hosts) - 1}" if len(hosts) > 1 else "")
    subdomains = " (+ subdomains)" if row["include_subdomains"] else ""
    mechanism = row["mechanism"] + (f" ({row['context']})" if row["context"] != _facts.PRODUCTION else "")
    place = f"{visible(row['path'])}:{row['line']}:{row['column']}"
    return (
        listed + subdomains,
        visible(row["pin"] or row["file"] or "?", WIDEST),
        row["pin_kind"],
        visible(row["expiration"] or "-"),
        visible(mechanism),
        place,
    )


def _aligned(table: Sequence[tuple[str, ...]]) -> str:
    """Lines of cells, every column but the last as wide as its widest cell."""
    shown = [(*(clipped(cell, WIDEST) for cell in line[:-1]), line[-1]) for line in table]
    widths = [max(width(line[column]) for line in shown) for column in range(len(shown[0]) - 1)]
    return "".join("  ".join(_filled(line, widths)) + "\n" for line in shown)


def _filled(line: tuple[str, ...], widths: Sequence[int]) -> Iterator[str]:
    yield from (padded(cell, cells) for cell, cells in zip(line, widths, strict=False))
    yield line[-1]


def _closing(found: list[dict[str, Any]]) -> str:
    files = len({row["path"] for row in found})
    unresolved = sum(row["pin_kind"] == "unresolved" for row in found)
    by_file = sum(row["pin_kind"] == "cert-file" for row in found)
    pins = len(found) - unresolved - by_file
    parts = [_facts.counted(pins, "pin")] if pins or not by_file else []
    parts += [_facts.counted(by_file, "certificate file")] if by_file else []
    parts += [_facts.counted(unresolved, "unresolved place")] if unresolved else []
    listed = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    return f"\n{listed} in {_facts.counted(files, 'file')}\n"
