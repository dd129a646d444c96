"""The verdict of `pincheck advise` on each host, as text, Markdown and JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from pincheck.model.advice import HostAdvice, Point
from pincheck.outputs._escape import visible

_WIDTH = 110


def as_text(found: Sequence[HostAdvice], asked: Sequence[str] = ()) -> str:
    """Return a paragraph for each host, and a line for each that was asked for and that nothing pins."""
    blocks = ["\n".join(_lines(each)) + "\n" for each in found]
    blocks += [
        f"{visible(host)}: not pinned here, so there is nothing to advise\n" for host in _others(found, asked)
    ]
    return "\n".join(blocks) or "no host is pinned here, so there is nothing to advise\n"


def as_markdown(found: Sequence[HostAdvice], asked: Sequence[str] = ()) -> str:
    """Return the same in Markdown, as a section of the third level for each host."""
    from pincheck.outputs._markdown import code, prose

    lines = []
    for each in found:
        lines += [f"### {code(each.host)}: {each.verdict}", "", f"Because {prose(each.reason)}.", ""]
        lines += [f"- {point.about}: {prose(_said(point))}" for point in (*each.points, *each.instead)]
        lines.append("")
    lines += [f"{code(host)} is not pinned here: nothing to advise.\n" for host in _others(found, asked)]
    return "\n".join(lines) or "No host is pinned here: nothing to advise.\n"


def as_json(found: Sequence[HostAdvice], asked: Sequence[str] = ()) -> str:
    """Return a document of version 1; hosts that were asked for and that nothing pins are ``not_pinned``."""
    from pincheck.outputs._json import text_of

    hosts: list[dict[str, Any]] = [
        {
            "host": each.host,
            "verdict": each.verdict,
            "reason": each.reason,
            "points": [point._asdict() for point in each.points],
            "instead": [point._asdict() for point in each.instead],
        }
        for each in found
    ]
    return text_of({"version": 1, "hosts": hosts, "not_pinned": _others(found, asked)})


def _lines(each: HostAdvice) -> Iterator[str]:
    yield f"{visible(each.host)}: {each.verdict}, as {visible(each.reason)}"
    for point in (*each.points, *each.instead):
        yield from _wrapped(f"  {point.about:<12} {_said(point)}")


def _wrapped(line: str) -> list[str]:
    """The line in the width of a page, what follows below its text; an address stays whole."""
    from textwrap import wrap

    return wrap(line, _WIDTH, subsequent_indent=" " * 15, break_long_words=False, break_on_hyphens=False)


def _said(point: Point) -> str:
    lead = {"certain": "", "probable": "probably: ", "unknown": "not known: "}[point.certainty]
    return f"{lead}{visible(point.text)} ({visible(point.evidence)})"


def _others(found: Sequence[HostAdvice], asked: Sequence[str]) -> list[str]:
    known = {each.host.lower() for each in found}
    return [host for host in dict.fromkeys(asked) if host.lower().rstrip(".") not in known]
