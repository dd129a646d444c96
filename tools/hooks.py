"""Write .pre-commit-hooks.yaml from the globs of the parsers; ``--check`` tells whether it is fresh.

pre-commit starts a hook only if the name of a changed file fits ``files``, so a new format must show
there. The search for private keys looks into every file and would start the hook for every commit:
it is left out but for the names that keys go by.
"""

import sys
from pathlib import Path

from pincheck import registry

MANIFEST = Path(__file__).resolve().parent.parent / ".pre-commit-hooks.yaml"
KEYS = ("*.key", "*.pem")
CONFIGURATION = (".pincheck.yml", ".pincheck.yaml")

TEXT = """\
# Written by tools/hooks.py from the formats that pincheck reads; do not edit.

- id: pincheck
  name: pincheck
  description: Check the TLS pins of the whole repository when a file that may declare some has changed
  entry: pincheck check
  language: python
  files: {files}
  pass_filenames: false
  require_serial: true
  minimum_pre_commit_version: 2.9.0

- id: pincheck-full
  name: pincheck (every commit)
  description: Check the TLS pins of the whole repository, also when files have only been deleted
  entry: pincheck check
  language: python
  always_run: true
  pass_filenames: false
  require_serial: true
  minimum_pre_commit_version: 2.9.0
"""


def main() -> int:
    """Write the manifest, or compare it; 1 if it is stale."""
    text = manifest()
    if sys.argv[1:] == ["--check"]:
        if MANIFEST.exists() and MANIFEST.read_text(encoding="utf-8") == text:
            return 0
        print(f"{MANIFEST.name}: stale; run `make generate`", file=sys.stderr)
        return 1
    MANIFEST.write_text(text, encoding="utf-8", newline="\n")
    return 0


def manifest() -> str:
    """The manifest's text."""
    quoted = expression().replace("'", "''")
    return TEXT.format(files=f"'{quoted}'")


def expression() -> str:
    """What a file's name has to match for the hook to start.

    The runners' engines differ: Python of any version for pre-commit, Rust's for prek. Atomic groups,
    which ``fnmatch`` writes for speed, are not known to all of them and change nothing here.
    """
    globs = {glob for parser in registry.parsers() for glob in parser.files if glob != "*"}
    return registry.expression(tuple(sorted({*globs, *KEYS, *CONFIGURATION}))).replace("(?>", "(?:")


if __name__ == "__main__":
    sys.exit(main())
