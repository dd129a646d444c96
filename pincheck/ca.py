"""``pincheck ca``: whose key a pin is of, and newer facts about CA keys."""

import os
import shutil
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from textwrap import wrap
from typing import TYPE_CHECKING

from pincheck.errors import PincheckError, UsageError
from pincheck.model import Location, Pin, PinCodec, Semantics, Text
from pincheck.model.knowledge import CaKey
from pincheck.outputs._escape import visible
from pincheck.pki import ca_keys
from pincheck.pki.ca_keys import Table
from pincheck.readers.pin_text import read_pin

if TYPE_CHECKING:
    from pincheck import ccadb

ROOTS = "mozilla-roots.pem"
PATIENCE_SECONDS = 900
"""How long one update waits for another."""

_SEMANTICS = Semantics("pincheck", "any", codec=PinCodec(prefix="optional", hexadecimal=True))
_NOWHERE = Location("", 1, 1, 1, 1)


class NotUpdated(PincheckError):
    """The service could not be asked, or what it said cannot be used; all data is as it was."""


def lookup(texts: Sequence[str], table: Table) -> str:
    """One line a pin, in the order asked; raise ``UsageError`` for a text that is no pin."""
    pins = [_pin(text) for text in texts]
    return "".join(f"{pin.base64}  {_described(table.find(pin))}\n" for pin in pins)


def update(
    today: date,
    source: str = "",
    environ: Mapping[str, str] = os.environ,
    sleep: Callable[[float], object] = time.sleep,
) -> str:
    """Rebuild the user's table from the CCADB's reports, or those below ``source``; say what was done.

    ``source`` may be an ``http`` address of this machine. Raise ``NotUpdated`` or ``UsageError``; the
    table is then the one it was. Equal reports give equal bytes on one day.
    """
    from pincheck import ccadb, files

    folder, address = ca_keys.cache_folder(environ), (source or ccadb.ADDRESS).rstrip("/")
    kept = os.path.join(folder, "ccadb", sha256(address.encode()).hexdigest()[:16])
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with _alone(folder):
            os.makedirs(kept, exist_ok=True)
            paths = _fetch(address, kept, today, bool(source), sleep)
            rebuilt = _rebuild(paths, kept, 0 if source else len(_shipped()) // 2)
            table = os.path.join(folder, ca_keys.NAME)
            files.replace(os.path.join(folder, ROOTS), _pem(rebuilt.mozilla))
            files.replace(table, ca_keys.render(rebuilt.keys, today))
            files.replace(kept + ".count", str(len(rebuilt.keys)))
    except OSError as error:
        raise NotUpdated(f"{folder}: cannot be written: {error.strerror}") from None
    left_out = f"; {rebuilt.unreadable} certificates cannot be read" if rebuilt.unreadable else ""
    return f"{len(rebuilt.keys)} CA keys as of {today} in {table}{left_out}\n"


# lookup -----------------------------------------------------------------------


def _pin(text: str) -> Pin:
    pin = read_pin(Text(text, _NOWHERE), _SEMANTICS).pin
    if pin is None:
        raise UsageError(
            f"{visible(text, 100)}: no pin can be read from it; give SHA-256 of an SPKI in base64 or hex"
        )
    return pin


def _described(key: CaKey | None) -> str:
    if key is None:
        return "unknown"
    roots = ", ".join(key.root_operators)
    parts = (key.kind, key.name, key.operator, f"roots: {roots}", f"{key.not_before} to {key.not_after}")
    return " | ".join(visible(part) for part in parts)


# update -----------------------------------------------------------------------


def _fetch(
    address: str, kept: str, today: date, plain_loopback: bool, sleep: Callable[[float], object]
) -> list[str]:
    """The files of all reports, fetched as far as the service has newer ones."""
    from pincheck import ccadb, http

    client = http.Client(address, plain_loopback=plain_loopback, sleep=sleep)
    paths = []
    for report in ccadb.reports(today):
        path = os.path.join(kept, report.name)
        got = client.download(f"{address}/{report.address}", path, report.most_bytes)
        if isinstance(got, http.Failed):
            raise NotUpdated(f"{client.origin[1]}: {report.name}: {got.why}; {_UNCHANGED}")
        paths.append(path)
    return paths


_UNCHANGED = "the CA data is left as it was; run pincheck ca update again later"


def _rebuild(paths: Sequence[str], kept: str, least: int) -> "ccadb.Rebuilt":
    """Read the reports; those that cannot be used are forgotten, so that they are fetched anew next time."""
    from pincheck import ccadb

    try:
        rebuilt = ccadb.read(paths, _shipped())
        least = max(1, least, _earlier(kept) // 2)
        if len(rebuilt.keys) < least:
            raise ccadb.Broken(f"only {len(rebuilt.keys)} CA keys, where at least {least} were expected")
    except ccadb.Broken as error:
        shutil.rmtree(kept, ignore_errors=True)
        raise NotUpdated(f"{error}; {_UNCHANGED}") from None
    return rebuilt


def _shipped() -> tuple[CaKey, ...]:
    with open(ca_keys.SHIPPED, "rb") as file:
        return ca_keys.parse(file.read())


def _earlier(kept: str) -> int:
    """How many keys the last update from the same service gave."""
    try:
        with open(kept + ".count", encoding="ascii") as file:
            return int(file.read(20))
    except (OSError, ValueError):
        return 0


def _pem(ders: Sequence[bytes]) -> str:
    bodies = ("\n".join(wrap(b64encode(der).decode(), 64)) for der in ders)
    return "".join(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n" for body in bodies)


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Let one update at a time work in the folder; where the system has no such locks, all may."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(os.path.join(folder, "update.lock"), "w", encoding="ascii") as file:
        for _ in range(PATIENCE_SECONDS * 10):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.1)
        else:
            raise NotUpdated(f"{folder}: another update is under way; wait for it or end it")
        yield
