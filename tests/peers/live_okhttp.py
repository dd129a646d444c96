"""Connections that the real OkHttp makes on the JVM, of three versions.

with talking("4.12.0") as ask:
    [answer] = ask([Question("api.shop.example", server.port, server.address, roots_pem, [pin])])
"""

import base64
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from pinner import VERSIONS
from programs import ROOT, missing, program

__all__ = ["VERSIONS", "Answer", "Question", "ask", "talking"]

SOURCE = Path(__file__).parent / "okhttp" / "Live.java"
PATIENCE_SECONDS = 60.0


class Question(NamedTuple):
    """One connection to make."""

    host: str
    port: int
    address: str
    roots: bytes
    """What the client trusts, in PEM."""
    pins: Sequence[str] = ()
    """SHA-256 of SPKIs in base64, any of which may match; without one the connection is not pinned."""


class Answer(NamedTuple):
    """What became of it; the words are those of ``Live.java``."""

    word: str
    chain: tuple[str, ...] = ()
    """For ``pinning`` the pins of the chain that was compared; for ``failed`` the name of the exception."""

    @property
    def connects(self) -> bool:
        return self.word == "connected"


Ask = Callable[[Iterable[Question]], list[Answer]]


def ask(version: str, questions: Iterable[Question]) -> list[Answer]:
    """The answers of a version of OkHttp, all by one Java machine."""
    with talking(version) as ask_it:
        return ask_it(questions)


@contextmanager
def talking(version: str) -> Iterator[Ask]:
    """A way to ask a version again and again, for servers that come and go; one Java machine all the while."""
    jars = sorted((ROOT / ".tools" / "okhttp" / version).glob("*.jar"))
    if not jars:
        missing(f"OkHttp {version} is not installed")
    program("javac")  # java compiles with it
    path = os.pathsep.join(map(str, jars))
    command = [program("java"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", path, str(SOURCE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as machine:
        assert machine.stdin
        assert machine.stdout
        asked, answers = machine.stdin, machine.stdout
        try:
            yield lambda questions: [_ask(machine, asked, answers, each) for each in questions]
            asked.close()
            assert machine.wait(10) == 0
        finally:
            machine.kill()


def _ask(machine: "subprocess.Popen[str]", asked: IO[str], answers: IO[str], question: Question) -> Answer:
    """One answer; a machine that gives none in time is stopped, which ends its answers."""
    fields = (question.host, str(question.port), question.address, base64.b64encode(question.roots).decode())
    asked.write(" ".join([*fields, *question.pins]) + "\n")
    asked.flush()
    watch = threading.Timer(PATIENCE_SECONDS, machine.kill)
    watch.start()
    try:
        word, *chain = answers.readline().split()
    finally:
        watch.cancel()
    return Answer(word, tuple(chain))
