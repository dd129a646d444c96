"""The search services through the house's own client (``pincheck.http``)."""

from collections.abc import Mapping
from typing import Any, Protocol

from pincheck.ct.asking import MAX_BODY, Get, Response

_STATUSES = tuple(range(400, 600))
"""All are answers here: ``asking`` knows which to wait for, and waits less long than a download may."""


class Client(Protocol):
    """Asks one origin; what it returns has a ``why`` if nothing came, else status, headers and body."""

    def get(
        self,
        url: str,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Any: ...


def through(clients: Mapping[str, Client]) -> Get:
    """How to ask, with a client for each service's address; a token never leaves the client's origin."""

    def get(address: str, headers: Mapping[str, str]) -> Response:
        client = next(one for base, one in clients.items() if address.startswith(base.rstrip("/") + "/"))
        said = client.get(address, MAX_BODY, headers, _STATUSES)
        if why := getattr(said, "why", ""):
            return Response(0, failure=why)
        return Response(said.status, said.headers, said.body)

    return get
