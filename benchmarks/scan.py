"""``pincheck check`` beside ripgrep and git grep on real repositories, all in one run.

    python benchmarks/scan.py [--rounds N] [--beside 'NAME=COMMAND {}']... REPOSITORY...

Each tool looks for the same markers; ripgrep and git grep only list the files that hold one. ``--beside``
adds another tool, ``{}`` in its command being the repository; it is run once a repository if it is slow.
Needs ripgrep (``rg``) on the PATH.
"""

import argparse
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

from side_by_side import Command, compare, ratio, table

from pincheck import registry


def main() -> None:
    """Print a table for each repository, and the median ratio over all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--beside", action="append", default=[])
    parser.add_argument("repositories", nargs="+")
    options = parser.parse_args()
    ratios = []
    for repository in options.repositories:
        folder = str(Path(repository).resolve())
        samples = compare(_commands(folder), options.rounds)
        files = len(subprocess.check_output(["git", "ls-files"], cwd=folder).splitlines())
        print(f"\n### {Path(folder).name}: {files:,} tracked files\n\n{table(samples)}", flush=True)
        ratios.append(ratio(samples["pincheck check"], samples["ripgrep -l -F"]))
        for name, command in (each.split("=", 1) for each in options.beside):
            beside = Command(name, shlex.split(command.replace("{}", shlex.quote(folder))), folder)
            pair = compare([_pincheck(folder), beside], 1, warmup=0)
            print(f"\n{table(pair)}", flush=True)
    print(f"\npincheck / ripgrep, median over {len(ratios)} repositories: {statistics.median(ratios):.2f}")


def _commands(folder: str) -> list[Command]:
    markers = sorted({marker.decode() for parser in registry.parsers() for marker in parser.markers})
    words = [word for marker in markers for word in ("-e", marker)]
    return [
        Command("ripgrep -l -F", ["rg", "--hidden", "-g", "!.git", "-l", "-F", *words, "."], folder),
        Command("git grep -l -F", ["git", "grep", "-lF", *words], folder),
        Command("python -c pass", [sys.executable, "-c", "pass"], folder),
        _pincheck(folder),
    ]


def _pincheck(folder: str) -> Command:
    program = str(Path(sys.executable).with_name("pincheck"))
    return Command("pincheck check", [program, "check", "--fail-on", "never"], folder)


if __name__ == "__main__":
    main()
