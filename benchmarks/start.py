"""What a commit hook costs: runs with nothing to do, and with twenty small relevant files.

    python benchmarks/start.py [--rounds N]

The base is ``python -c pass`` of the same interpreter.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from side_by_side import Command, compare, table

NSC = """<network-security-config><domain-config><domain>a{n}.shop.example</domain>
<pin-set expiration="2035-01-01"><pin digest="SHA-256">FzgdhS4W38+uaJJUYjnYc/6zSRll1ESDE2lN6O7WM94=</pin>
<pin digest="SHA-256">gBjQ6Qzt6fW/1ZfzPjcezKOVh6QTNAfPsdG6OVC5uX4=</pin></pin-set></domain-config>
</network-security-config>
"""
PLIST = """<plist version="1.0"><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>
<key>a{n}.shop.example</key><dict><key>NSPinnedCAIdentities</key><array>
<dict><key>SPKI-SHA256-BASE64</key><string>FzgdhS4W38+uaJJUYjnYc/6zSRll1ESDE2lN6O7WM94=</string></dict>
<dict><key>SPKI-SHA256-BASE64</key><string>gBjQ6Qzt6fW/1ZfzPjcezKOVh6QTNAfPsdG6OVC5uX4=</string></dict>
</array></dict></dict></dict></dict></plist>
"""


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        nothing, twenty = Path(scratch, "nothing"), Path(scratch, "twenty")
        for number in range(20):
            _write(nothing / f"src/file{number}.kt", "fun main() {}\n")
            _write(
                twenty / f"m{number}/src/main/res/xml/nsc.xml", NSC.format(n=number)
            ) if number % 2 else _write(twenty / f"t{number}/Info.plist", PLIST.format(n=number))
        for folder in (nothing, twenty):
            subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
            subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
        pincheck = str(Path(sys.executable).with_name("pincheck"))
        check = [pincheck, "check", "--fail-on", "never"]
        print(
            table(
                compare(
                    [
                        Command("python -c pass", [sys.executable, "-c", "pass"], scratch),
                        Command("git --version", ["git", "--version"], scratch),
                        Command("pincheck --version", [pincheck, "--version"], scratch),
                        Command("pincheck check, nothing to do", check, str(nothing)),
                        Command("pincheck check, 20 relevant files", check, str(twenty)),
                    ],
                    options.rounds,
                )
            )
        )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


if __name__ == "__main__":
    main()
