"""The rules' pages: what ``pincheck explain`` prints and ``docs/rules/`` holds."""

import os

from pincheck.errors import UsageError
from pincheck.readers.words import nearest
from pincheck.registry import Rule, rules

INDEX = "README.md"
_NOTICE = "<!-- Generated from pincheck/rules/ by tools/docs.py. -->\n\n"

_SILENCE = """\
To silence one finding, say why in a comment on its line or the line above:

```text
pincheck: ignore[RULE] the reason
```

or, for a host or a path, and until a day if it is to come back, in `.pincheck.yml`:

```yaml
version: 1
ignore:
  - rule: RULE
    host: api.shop.example
    until: 2027-01-31
    reason: the reason
```"""
_CHANGE = """\
To change its severity everywhere, or to switch it off (`off`), in `.pincheck.yml`:

```yaml
version: 1
rules:
  RULE: note
```
"""


def page(name: str) -> str:
    """Return a rule's page in Markdown; raise ``UsageError`` for an unknown rule."""
    known = {rule.name: rule for rule in rules()}
    if name not in known:
        raise UsageError(f'unknown rule "{name}"{_nearest(name, list(known))}')
    return _page(known[name])


def index() -> str:
    """Return the list of all rules: name, severity and the fault, one a line, in columns."""
    lines = [(rule.name, rule.severity, summary(rule)) for rule in rules()]
    name_width = max(len(name) for name, _, _ in lines)
    return "".join(f"{name:{name_width}}  {severity:7}  {fault}\n" for name, severity, fault in lines)


def summary(rule: Rule) -> str:
    """The first line of a rule's page, without its full stop."""
    return rule.page.partition("\n")[0].removesuffix(".")


def write_pages(folder: str) -> None:
    """Write a page for each rule, and the index, into ``folder``; remove the pages of rules that are gone."""
    os.makedirs(folder, exist_ok=True)
    wanted = _files()
    for name, text in wanted.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    for name in _pages_in(folder) - wanted.keys():
        os.remove(os.path.join(folder, name))


def stale_pages(folder: str) -> list[str]:
    """Return the names of the pages in ``folder`` that are missing, out of date or no rule's."""
    wanted = _files()
    present = _pages_in(folder)
    return sorted(
        name
        for name in wanted.keys() | present
        if name not in present or name not in wanted or _read(folder, name) != wanted[name]
    )


def _page(rule: Rule) -> str:
    parts = [f"# {rule.name}", f"Severity: {rule.severity} by default.", rule.page.strip()]
    if rule.name != "unused-suppression":  # an ignore cannot hide that an ignore is idle
        parts.append(_SILENCE.replace("RULE", rule.name))
    parts.append(_CHANGE.replace("RULE", rule.name))
    return "\n\n".join(parts)


def _nearest(name: str, known: list[str]) -> str:
    near = nearest(name.replace("_", "-"), known)
    return f'; did you mean "{near}"?' if near else "; `pincheck explain` lists them all"


def _files() -> dict[str, str]:
    """File name -> text of everything in the folder of pages."""
    pages = {f"{rule.name}.md": _NOTICE + _page(rule) for rule in rules()}
    return {**pages, INDEX: _NOTICE + _table()}


def _table() -> str:
    rows = "".join(
        f"| [{rule.name}]({rule.name}.md) | {rule.severity} | {summary(rule)} |\n" for rule in rules()
    )
    return f"# Rules\n\n| rule | severity | finds |\n| --- | --- | --- |\n{rows}"


def _pages_in(folder: str) -> set[str]:
    return {name for name in os.listdir(folder) if name.endswith(".md")} if os.path.isdir(folder) else set()


def _read(folder: str, name: str) -> str:
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()
