"""What public logs told in earlier runs, in the user's cache directory: a run asks only for what is new.

It holds public facts and the names that were asked for. Losing it costs a longer run, nothing else: a file that is
broken is made anew, and where none can be kept a run goes on without.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from pincheck.model import Pin
from pincheck.model.knowledge import Issuance

_VERSION = 1
_TABLES = """
CREATE TABLE asked (service TEXT, host TEXT, after TEXT, whole TEXT, last TEXT, PRIMARY KEY (service, host));
CREATE TABLE issuance (
  service TEXT, host TEXT, id TEXT, name TEXT, spki BLOB, issuer TEXT, operator TEXT, issuer_spki BLOB,
  not_before TEXT, not_after TEXT, revoked INTEGER, source TEXT, PRIMARY KEY (service, host, id));
"""
_INSERT = "INSERT OR REPLACE INTO issuance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
MAX_ISSUANCES = 2_000
"""Of one host at one service; the oldest go first."""
MAX_HOSTS = 2_000
"""Those that were asked for longest ago go first."""
KEPT_DAYS = 2 * 365
"""How long an issuance is kept after its end, for the history of a host's keys."""
_BUSY_SECONDS = 5.0
_PASSING = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
)

Result = TypeVar("Result")


class Asked(NamedTuple):
    """How far a host was asked for at a service."""

    after: str = ""
    """The last identifier; empty if all is to be asked for."""
    whole: date | None = None
    """When all of it was last asked for."""


def place(environ: Mapping[str, str]) -> str:
    """The file of the cache; empty where the user has no cache directory (XDG Base Directory Specification)."""
    stated = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "") or environ.get("LOCALAPPDATA", "")
    folder = (
        stated if os.path.isabs(stated) else (os.path.join(home, ".cache") if os.path.isabs(home) else "")
    )
    return os.path.join(folder, "pincheck", "logs.sqlite") if folder else ""


class Cache:
    """The file, or nothing if ``path`` is empty; ``notes`` says once what the user should know of it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._rebuilt = False
        self.notes: list[str] = []

    def look(self, service: str, host: str) -> tuple[Asked, dict[str, Issuance]]:
        """How far a host was asked for at a service, and its issuances by identifier: of one moment."""

        def read(file: sqlite3.Connection) -> tuple[Asked, dict[str, Issuance]]:
            query = "SELECT after, whole FROM asked WHERE service = ? AND host = ?"
            row = file.execute(query, (service, host)).fetchone()
            asked = Asked(str(row[0]), date.fromisoformat(row[1])) if row else Asked()
            query = "SELECT * FROM issuance WHERE service = ? AND host = ? ORDER BY not_before, id"
            return asked, {row[2]: _issuance(row) for row in file.execute(query, (service, host))}

        nothing: tuple[Asked, dict[str, Issuance]] = (Asked(), {})
        return self._with(read, nothing)

    def keep(
        self, service: str, host: str, found: Sequence[tuple[str, Issuance]], asked: Asked, today: date
    ) -> None:
        """Add what a page told and how far it goes: both or neither."""

        def write(file: sqlite3.Connection) -> None:
            rows = [_row(service, host, identifier, issuance) for identifier, issuance in found]
            file.executemany(_INSERT, rows)
            whole = asked.whole.isoformat() if asked.whole else today.isoformat()
            values = (service, host, asked.after, whole, today.isoformat())
            file.execute("INSERT OR REPLACE INTO asked VALUES (?, ?, ?, ?, ?)", values)
            _prune(file, service, host, today)

        self._with(write, None)

    def _with(self, use: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """Use the file in one transaction; where it is broken, make it anew once, else go on without."""
        if not self._path:
            return otherwise
        try:
            return self._use(use)
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            if self._rebuilt or isinstance(error, OSError) or self._is_passing(error):
                return self._without(otherwise)
        try:
            self._remove()
            result = self._use(use)
        except (sqlite3.Error, OSError, ValueError, TypeError):
            return self._without(otherwise)
        self.notes.append(f"{self._path}: was broken and is made anew")
        self._rebuilt = True
        return result

    def _is_passing(self, error: Exception) -> bool:
        """Whether the file itself may be sound: another run holds it, or the disk is full or cannot be written."""
        code = getattr(error, "sqlite_errorcode", -1) & 0xFF
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            # A broken header too is told so.
            return not (os.path.isfile(self._path) and os.access(self._path, os.R_OK | os.W_OK))
        return code in _PASSING

    def _remove(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(self._path + ending)

    def _without(self, otherwise: Result) -> Result:
        self.notes.append(f"{self._path}: cannot be used, so public logs are asked for everything")
        self._path = ""
        return otherwise

    def _use(self, use: Callable[[sqlite3.Connection], Result]) -> Result:
        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")  # a second run waits rather than finding half of it
            try:
                _prepare(file)
                result = use(file)
            except BaseException:
                if file.in_transaction:
                    file.execute("ROLLBACK")
                raise
            file.execute("COMMIT")
            return result


def _prepare(file: sqlite3.Connection) -> None:
    """Make the tables if there are none, or they are another version's."""
    if file.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
        return
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        file.execute('DROP TABLE "{}"'.format(name.replace('"', '""')))
    for statement in filter(str.strip, _TABLES.split(";")):
        file.execute(statement)
    file.execute(f"PRAGMA user_version = {_VERSION}")


def _prune(file: sqlite3.Connection, service: str, host: str, today: date) -> None:
    """Forget what is too old or too much."""
    oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
    own = (service, host)
    file.execute("DELETE FROM issuance WHERE service = ? AND host = ? AND not_after < ?", (*own, oldest))
    file.execute(
        "DELETE FROM issuance WHERE service = ?1 AND host = ?2 AND id IN (SELECT id FROM issuance"
        " WHERE service = ?1 AND host = ?2 ORDER BY not_before DESC, id LIMIT -1 OFFSET ?3)",
        (*own, MAX_ISSUANCES),
    )
    query = "SELECT service, host FROM asked ORDER BY last DESC, host LIMIT -1 OFFSET ?"
    for forgotten in file.execute(query, (MAX_HOSTS,)).fetchall():
        file.execute("DELETE FROM issuance WHERE service = ? AND host = ?", forgotten)
        file.execute("DELETE FROM asked WHERE service = ? AND host = ?", forgotten)


def _row(service: str, host: str, identifier: str, issuance: Issuance) -> tuple[object, ...]:
    return (
        service, host, identifier, issuance.host, issuance.spki.digest, issuance.issuer, issuance.issuer_operator,
        issuance.issuer_spki.digest if issuance.issuer_spki else b"", issuance.not_before.isoformat(),
        issuance.not_after.isoformat(), int(issuance.revoked), issuance.source,
    )  # fmt: skip


def _issuance(row: Sequence[object]) -> Issuance:
    """What a row says; raise ``ValueError`` or ``TypeError`` if no run of ours wrote it."""
    name, spki, issuer, operator, issuer_spki, start, end, revoked, source = row[3:]
    if not isinstance(spki, bytes) or len(spki) != 32 or not isinstance(issuer_spki, bytes):
        raise ValueError
    return Issuance(
        str(name),
        Pin("spki", "sha256", spki),
        str(issuer),
        str(operator),
        date.fromisoformat(str(start)),
        date.fromisoformat(str(end)),
        bool(revoked),
        str(source),
        Pin("spki", "sha256", issuer_spki) if issuer_spki else None,
    )
