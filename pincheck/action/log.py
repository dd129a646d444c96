"""The step's log: workflow commands, and text in which none is read.

Source: docs.github.com, "Workflow commands for GitHub Actions".
"""

import secrets
import sys
from typing import Literal

from pincheck.outputs._escape import visible

Level = Literal["error", "warning", "notice"]


def say(level: Level, message: str) -> None:
    """Annotate the run with a line of pincheck's own."""
    put(f"::{level} title=pincheck::" + visible(message).replace("%", "%25"))


def show(text: str) -> None:
    """Print text of which no line is taken for a workflow command, whatever a repository put there."""
    token = secrets.token_hex(16)
    put(f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::")


def put(text: str) -> None:
    """Print text as it is, workflow commands and all."""
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    sys.stdout.flush()
