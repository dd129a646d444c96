"""Write docs/rules/ from the rules' own pages, or say with --check which pages are stale."""

import sys
from pathlib import Path

from pincheck.explain import stale_pages, write_pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"


def main(arguments: list[str]) -> int:
    """Return 0 if the pages are fresh (or were written), 1 if they are stale."""
    if arguments == ["--check"]:
        if stale := stale_pages(str(FOLDER)):
            print(f"docs/rules/ is stale ({', '.join(stale)}); run: make generate", file=sys.stderr)
        return bool(stale)
    if arguments:
        print("usage: tools/docs.py [--check]", file=sys.stderr)
        return 2
    write_pages(str(FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
