"""OkHttp's own CertificatePinner, of three versions."""

import base64
import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from programs import ROOT, missing, program

VERSIONS = ("3.13.1", "4.12.0", "5.5.0")
SOURCE = Path(__file__).parent / "okhttp" / "Peer.java"


def ask(version: str, questions: Iterable[Sequence[str | bytes]]) -> list[str]:
    """The answers to questions as ``Peer.java`` describes them; one Java machine compiles it and runs it."""
    jars = sorted((ROOT / ".tools" / "okhttp" / version).glob("*.jar"))
    if not jars:
        missing(f"OkHttp {version} is not installed")
    lines = "".join(f"{' '.join([str(word), *map(_field, fields)])}\n" for word, *fields in questions)
    program("javac")  # java compiles with it
    command = [program("java"), "-cp", os.pathsep.join(map(str, jars)), str(SOURCE)]
    answers = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60)
    assert (answers.returncode, answers.stderr) == (0, "")
    return answers.stdout.splitlines()


def _field(value: str | bytes) -> str:
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
