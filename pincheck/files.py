"""The files that a user names: read with a bound, written whole or not at all."""

import os
import stat
import tempfile

from pincheck.errors import UsageError


class Unusable(UsageError):
    """A file that cannot be read or written; ``why`` is the message without the file's name."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.why = why


def read(path: str, most_bytes: int, pipes: bool = False) -> bytes:
    """Return what a file holds; raise ``Unusable`` if it cannot be read or is larger.

    With ``pipes`` one that somebody writes to is read too, as ``<(…)`` of a shell.
    """
    try:
        # A pipe that nobody writes to would keep an ordinary open waiting.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            if stat.S_ISFIFO(mode) and pipes:
                os.set_blocking(handle, True)
            elif not stat.S_ISREG(mode):
                raise Unusable(path, f"is a {'folder' if stat.S_ISDIR(mode) else 'device'}, not a file")
            contents = file.read(most_bytes + 1)
    except IsADirectoryError:
        raise Unusable(path, "is a folder, not a file") from None
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        raise Unusable(path, f"cannot be read: {_reason(error)}") from None
    if len(contents) > most_bytes:
        raise Unusable(path, f"is larger than {most_bytes // 1024 // 1024} MB")
    return contents


def replace(path: str, contents: str | bytes, mode: int = 0o644) -> None:
    """Put a file in place of whatever file stands at ``path``; a link there is replaced, never followed.

    Raise ``Unusable`` if that cannot be done, or if what stands there is a folder or a device.
    """
    data = contents if isinstance(contents, bytes) else contents.encode("utf-8", "backslashreplace")
    _write(path, data, mode)


def expect_replaceable(path: str) -> None:
    """Raise ``Unusable`` if ``replace`` would: better before long work than behind it."""
    _write(path, None)


def _write(path: str, data: bytes | None, mode: int = 0o644) -> None:
    """Put a file in place of what is there; without data only see whether that would do."""
    folder = os.path.dirname(path) or "."
    draft = ""
    try:
        if _is_taken(path, folder):
            raise Unusable(path, "is a folder or a device; name a file")
        handle, draft = tempfile.mkstemp(prefix=".pincheck-", dir=folder)
        with open(handle, "wb") as file:
            file.write(data or b"")
        if data is not None:
            os.chmod(draft, mode)
            os.replace(draft, path)
            draft = ""
    except (OSError, ValueError) as error:
        raise Unusable(path, f"cannot be written: {_reason(error)}") from None
    finally:
        if draft and os.path.lexists(draft):
            os.unlink(draft)


def _is_taken(path: str, folder: str) -> bool:
    """Whether something stands there that no file may take the place of, such as the link ``/dev/stdout``."""
    if os.path.realpath(folder) == "/dev":
        return True
    return os.path.lexists(path) and stat.S_IFMT(os.lstat(path).st_mode) not in (stat.S_IFREG, stat.S_IFLNK)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
