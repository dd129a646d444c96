"""Write docs/pictures/: a review of a made-up pull request as a reader sees it, or say with --check what is stale.

The pages are HTML made from the real report on the sample below; the pictures are those pages in headless Chromium,
which has to be installed to write them. Only the pages are checked: a picture's bytes hang on fonts.
"""

import html
import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from pincheck import __version__
from pincheck.model import Edit, Fix, Report
from pincheck.model.changes import DeclarationChange, Since
from pincheck.model.review import Comment, Diff, Hunk, Side
from pincheck.outputs import _summary, review

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
sys.path.insert(0, str(ROOT / "tests"))
SERVED: Any = importlib.import_module("served")
SCANNING: Any = importlib.import_module("scanning")

WIDTH = 900
NSC = "android/app/src/main/res/xml/network_security_config.xml"
API, PAY, OLD_PAY, CA, TOP = (SERVED.pin_number(number) for number in range(1, 6))
SPARE, PAY_SPARE = (
    "i7WTqTvh0OioIruIfFR4kMPnBqrS2rdiVPl/s2uC/CY=",
    "mEflZT5enoR1FuXLgYYGqnVEoZvmf9c2bVBpiOjYQ0c=",
)
"""Of public roots: keys to fall back on that need no more proof."""


def main(arguments: list[str]) -> int:
    """Return 0 if the pages are fresh (or were written), 1 if one is stale."""
    pages = drawn()
    if arguments == ["--check"]:
        stale = [name for name, text in pages.items() if _read(FOLDER / name) != text]
        if stale:
            print(
                f"docs/pictures/ is stale ({', '.join(stale)}); run: python tools/pictures.py",
                file=sys.stderr,
            )
        return bool(stale)
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        _photograph(FOLDER / name)
    return 0


def drawn() -> dict[str, str]:
    """The pages by file name."""
    sample = _sample()
    draft = review.draft(sample.report, sample.diff)
    comment = next(each for each in draft.comments if each.body != each.plain)
    commented = [fingerprint for each in draft.comments for fingerprint in each.fingerprints]
    return {
        "summary.html": _page(_said(_summary.text(draft.summary, commented), "commented", "")),
        "comment.html": _page(_on_the_diff(comment, sample.diff)),
    }


# the sample ----------------------------------------------------------------------


class _Sample(NamedTuple):
    report: Report
    diff: Diff


def _nsc(spare: str, pay: str) -> str:
    return f"""\
<?xml version="1.0" encoding="utf-8"?>
<network-security-config>
    <domain-config>
        <domain>api.shop.example</domain>
        <pin-set expiration="2027-11-30">
            <pin digest="SHA-256">{API}</pin>
            <pin digest="SHA-256">{spare}</pin>
        </pin-set>
    </domain-config>
    <domain-config>
        <domain>pay.shop.example</domain>
        <pin-set expiration="2027-11-30">
            <pin digest="SHA-256">{pay}</pin>
            <pin digest="SHA-256">{PAY_SPARE}</pin>
        </pin-set>
    </domain-config>
</network-security-config>
"""


def _plist(**hosts: tuple[str, str]) -> str:
    entries = "".join(
        f"<key>{name}.shop.example</key><dict><key>NSPinnedLeafIdentities</key><array>\n"
        + "".join(f"<dict><key>SPKI-SHA256-BASE64</key><string>{pin}</string></dict>\n" for pin in pins)
        + "</array></dict>\n"
        for name, pins in hosts.items()
    )
    return (
        '<plist version="1.0"><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>\n'
        f"{entries}</dict></dict></dict></plist>\n"
    )


_CHAIN = (
    f"CA    {CA}  until 2031-06-01  Example Issuing CA\nroot  {TOP}  until 2040-01-01  Example Root, not sent"
)
_HOSTS = {
    "api.shop.example at 203.0.113.7 serves": f"leaf  {API}  until 2027-01-20  api.shop.example\n{_CHAIN}",
    "pay.shop.example at 203.0.113.8 serves": f"leaf  {PAY}  until 2027-08-01  pay.shop.example\n{_CHAIN}",
}
_IOS = {"ios/Shop/Info.plist": _plist(api=(API, SPARE), pay=(PAY, PAY_SPARE))}


def _sample() -> _Sample:
    """A request that prefixes one pin as OkHttp wants it, and brings back a key that the host gave up."""
    before, after = _nsc(SPARE, PAY), _nsc(f"sha256/{SPARE}", OLD_PAY)
    eyes = SERVED.observer(*(SERVED.served(title, text) for title, text in _HOSTS.items()))
    old, new = (_scanned({NSC: text, **_IOS}, eyes) for text in (before, after))
    known = {each.fingerprint for each in old.findings}
    sets = [[each for each in report.project.pin_sets if each.at.path == NSC] for report in (old, new)]
    changed = tuple(
        DeclarationChange(
            "changed", was, now,
            tuple(pin for pin in now.pins if pin.text not in {each.text for each in was.pins}),
            tuple(pin for pin in was.pins if pin.text not in {each.text for each in now.pins}),
        )
        for was, now in zip(*sets, strict=True)
    )  # fmt: skip
    since = Since("main", frozenset(each.fingerprint for each in new.findings) - known, (), changed)
    return _Sample(new._replace(since=since, fixes=_fixes(new)), _diff(before, after))


def _scanned(files: dict[str, str], eyes: object) -> Report:
    from pincheck import registry, scan
    from pincheck.model import Context, SourceFile

    sources = [SourceFile(path, text.encode()) for path, text in sorted(files.items())]
    report: Report = scan.scan(sources, registry.parsers(), Context(SCANNING.TODAY), eyes)  # type: ignore[arg-type]
    return report


def _fixes(report: Report) -> tuple[Fix, ...]:
    finding = next(each for each in report.findings if each.rule == "malformed-pin")
    prefix = finding.at._replace(end_column=finding.at.column + len("sha256/"))
    return (Fix(finding.fingerprint, "spell the pin without its prefix", (Edit(prefix, ""),)),)


def _diff(before: str, after: str) -> Diff:
    old, new = before.splitlines(), after.splitlines()
    lines: dict[tuple[Side, int], str] = {("RIGHT", number): text for number, text in enumerate(new, 1)}
    for number, text in enumerate(old, 1):
        if text not in new:
            lines["LEFT", number] = text
    return {NSC: (Hunk(lines),)}


# the page ------------------------------------------------------------------------


def _page(body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>pincheck</title>\n'
        f'<link rel="stylesheet" href="looks.css">\n<body>\n{body}</body>\n</html>\n'
    )


def _said(text: str, does: str, title: str, lines: list[str] | None = None) -> str:
    head = f"<h1>{html.escape(title)}</h1>\n" if title else ""
    who = f'<header><b>github-actions</b> <span class="bot">bot</span> {does}</header>'
    return f'{head}<article>{who}\n<div class="body">\n{_markdown(text, lines or [])}</div></article>\n'


def _markdown(text: str, before: list[str]) -> str:
    """The body as HTML; a suggestion is drawn beside the lines that it replaces."""
    drawer = MarkdownIt("gfm-like", {"linkify": False})
    drawer.add_render_rule(
        "fence", lambda _self, tokens, index, *_: _suggestion(tokens[index].content, before)
    )
    page = str(drawer.render(text))
    return page.replace(f"/blob/v{__version__}/", "/blob/main/")  # a release makes no page stale


def _suggestion(text: str, before: list[str]) -> str:
    rows = "".join(_row("-", "", line) for line in before)
    rows += "".join(_row("+", "", line) for line in text.splitlines())
    return f'<div class="change"><header>Suggested change</header><table>{rows}</table></div>\n'


def _on_the_diff(comment: Comment, diff: Diff) -> str:
    """The last lines of the diff down to the comment, and the comment below them."""
    lines = diff[comment.path][0].lines
    old = {number: text for (side, number), text in lines.items() if side == "LEFT"}
    rows = ""
    for number in range(comment.line - 3, comment.line + 1):
        if number in old:
            rows += _row("-", str(number), old[number])
        rows += _row("+" if number in old else " ", str(number), lines["RIGHT", number])
    before = [lines["RIGHT", number] for number in range(comment.start_line, comment.line + 1)]
    return (
        f'<div class="file"><header>{html.escape(comment.path)}</header><table>{rows}</table>\n'
        f"{_said(comment.body, 'commented', '', before)}</div>\n"
    )


def _row(sign: str, number: str, text: str) -> str:
    kind = {"+": "added", "-": "removed", " ": "same"}[sign]
    cells = (
        f'<td class="number">{number}</td><td class="sign">{sign}</td><td><pre>{html.escape(text)}</pre></td>'
    )
    return f'<tr class="{kind}">{cells}</tr>\n'


# the picture ---------------------------------------------------------------------


def _photograph(page: Path) -> None:
    """A picture as high as the page is."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        raise SystemExit("chromium is not installed")
    height = _height(browser, page)
    _run(browser, page, f"--window-size={WIDTH},{height}", f"--screenshot={page.with_suffix('.png')}")


def _height(browser: str, page: Path) -> int:
    """The height of the page at ``WIDTH``, told by a script in a copy of it."""
    script = "<script>document.title = document.documentElement.scrollHeight</script>"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(FOLDER / "looks.css", folder)
        copy = Path(folder) / page.name
        copy.write_text(_read(page).replace("</body>", script + "</body>"), encoding="utf-8")
        dumped = _run(browser, copy, f"--window-size={WIDTH},100", "--dump-dom")
    return int(dumped.partition("<title>")[2].partition("</title>")[0])


def _run(browser: str, page: Path, *arguments: str) -> str:
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                f"--user-data-dir={profile}", *arguments, page.as_uri(),
            ],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    return done.stdout


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
