"""Names -> addresses, in threads that nobody waits for: a resolver that hangs delays nothing else."""

import asyncio
import socket
from queue import SimpleQueue
from threading import Thread

from pincheck.model.chains import Failure

Answer = tuple[str, ...] | Failure


class Names:
    """Looks up names for one event loop; ``close`` lets the idle threads go.

    A thread is started where none is idle, so there are as many as look-ups at once, and one for
    each that was given up and still hangs.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._asked: SimpleQueue[tuple[str, asyncio.Future[Answer]] | None] = SimpleQueue()
        self._threads = self._idle = 0

    async def addresses(self, host: str) -> Answer:
        """Return the IP addresses of a host in the resolver's order, each once, or why there are none.

        Asks once more where the resolver says that it is out of order only for now.
        """
        answer = await self._bounded(host)
        if answer == _AGAIN:
            await asyncio.sleep(BACKOFF_SECONDS)
            answer = await self._bounded(host)
        return answer

    def close(self) -> None:
        """Let the threads end when they have nothing left to do."""
        for _ in range(self._threads):
            self._asked.put(None)

    async def _bounded(self, host: str) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self._idle:
            self._idle -= 1
        else:
            self._threads += 1
            Thread(target=self._serve, name="pincheck-names", daemon=True).start()
        self._asked.put((host, future))
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await future
        except TimeoutError:
            return Failure("unresolved", f"the resolver did not answer within {self._timeout_seconds:g} s")

    def _serve(self) -> None:
        """Run in a thread: answer one question after the other."""
        while asked := self._asked.get():
            host, future = asked
            answer = _looked_up(host)
            try:
                future.get_loop().call_soon_threadsafe(self._settle, future, answer)
            except RuntimeError:  # the loop is closed: nobody wants to know any more
                return

    def _settle(self, future: asyncio.Future[Answer], answer: Answer) -> None:
        self._idle += 1
        if not future.done():
            future.set_result(answer)


BACKOFF_SECONDS = 0.25
"""Before anything is tried a second time."""


def _looked_up(host: str) -> Answer:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return _FAILURES.get(error.errno, Failure("unresolved", "the look-up failed"))
    except (OSError, UnicodeError, ValueError):
        return Failure("unresolved", "the name cannot be looked up")
    except Exception:  # noqa: BLE001 - whatever a resolver's plug-in raises, somebody waits for an answer
        return Failure("unresolved", "the look-up failed")
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    return tuple(addresses) or Failure("unresolved", "the name has no address")


_AGAIN = Failure("unresolved", "the resolver could not answer")
_UNKNOWN = Failure("unresolved", "there is no such name")
_FAILURES = {
    socket.EAI_AGAIN: _AGAIN,
    socket.EAI_NONAME: _UNKNOWN,
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): _UNKNOWN,
}
