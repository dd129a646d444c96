"""Folders and git repositories made of text."""

import os
import subprocess
from pathlib import Path

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@shop.example", "-c", "init.defaultBranch=main"]


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files below ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git as a user would; its output."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        [*GIT, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def repository(root: Path, files: dict[str, str | bytes]) -> Path:
    """A git repository with these files committed."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q")
    write(root, files)
    git(root, "add", "-A", "-f")
    git(root, "commit", "-qm", "first")
    return root
