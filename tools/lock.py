"""Write requirements.lock: the runtime dependencies, each version fixed and every file hashed.

The Action installs nothing else. ``uv`` (one of the peers) resolves for all platforms and for every
Python from 3.11 on; no index is named, so the installer's own is used.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = "# The Action's runtime dependencies, hash-locked; written by `make lock`.\n"
EXTRA = """\
cryptography >= 50 ; sys_platform != "darwin" or platform_machine != "x86_64"
cryptography < 49 ; sys_platform == "darwin" and platform_machine == "x86_64"
"""
"""Wheels for Macs with Intel processors end with cryptography 48."""


def main() -> int:
    """Resolve anew, within what pyproject.toml allows."""
    uv = ROOT / ".tools" / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "uv"
    with tempfile.TemporaryDirectory() as folder:
        extra = Path(folder, "extra.in")
        extra.write_text(EXTRA, encoding="utf-8")
        options = (
            "--universal", "--generate-hashes", "--python-version=3.11", "--upgrade", "--quiet",
            "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
        )  # fmt: skip
        command = (str(uv), "pip", "compile", *options, "pyproject.toml", str(extra))
        locked = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    LOCK.write_text(HEADER + locked, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
