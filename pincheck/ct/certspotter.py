"""Cert Spotter (SSLMate): all unexpired issuances for a name, with their keys, and those that are new since.

Source: SSLMate's reference of its Certificate Transparency Search API v1 (``/v1/issuances``): an issuance joins the
precertificate and the certificate; pages follow one another by the last ``id`` until one is empty.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pincheck.ct.asking import Asking, Incomplete, NoAnswer, day, dn, organisation, pin, text
from pincheck.ct.names import covering
from pincheck.model.knowledge import Issuance

NAME = "Cert Spotter"
MAX_PAGES = 50
MAX_NAMES = 2000
"""Names of one certificate; public CAs stop at some hundreds."""


class Page(NamedTuple):
    """A whole page."""

    issuances: tuple[tuple[str, Issuance], ...]
    """Each with its identifier at the service."""
    after: str
    """Where the next page starts."""
    foreign: int = 0
    """How many are of other hosts."""
    unreadable: int = 0


def pages(asking: Asking, address: str, host: str, after: str, token: str = "") -> Iterator[Page]:
    """The pages on a host that come after an identifier, or all; raise ``NoAnswer`` where they break off."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for _ in range(MAX_PAGES):
        found = asking.json(_address(address, host, after), headers)
        if not isinstance(found, list):
            raise NoAnswer("answers with something that is no list of issuances")
        if not found:
            return
        page = _page(found, host)
        if page.after == after:
            raise NoAnswer("answers with the same page twice")
        yield page
        after = page.after
    raise Incomplete(f"has more than {MAX_PAGES} pages on it")


def _address(address: str, host: str, after: str) -> str:
    asked = [("domain", host), ("include_subdomains", "false"), ("match_wildcards", "true")]
    asked += [("expand", field) for field in ("dns_names", "issuer", "issuer.operator")]
    return f"{address.rstrip('/')}/v1/issuances?{urlencode([*asked, *([('after', after)] if after else [])])}"


def _page(entries: list[Any], host: str) -> Page:
    found = []
    foreign = unreadable = 0
    for entry in entries:
        try:
            issuance = _issuance(entry, host)
            if issuance:
                found.append((_identifier(entry), issuance))
            foreign += issuance is None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            unreadable += 1
    try:
        return Page(tuple(found), _identifier(entries[-1]), foreign, unreadable)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NoAnswer("answers with issuances without an identifier") from None


def _identifier(entry: Mapping[str, Any]) -> str:
    value = entry["id"]
    found = str(value) if type(value) is int else text(value, 100)
    if not found:
        raise ValueError
    return found


def _issuance(entry: Mapping[str, Any], host: str) -> Issuance | None:
    """What an entry says; None if it is of other hosts. Raise what comes of an entry of another shape."""
    names = entry["dns_names"]
    if not isinstance(names, list):
        raise TypeError
    name = covering((text(each, 300) for each in names[:MAX_NAMES]), host)
    if not name:
        return None
    issuer = entry["issuer"]
    issuer_name = dn(text(issuer["name"], 2000))
    return Issuance(
        name,
        pin(entry["pubkey_sha256"]),
        issuer_name,
        _operator(issuer) or organisation(issuer_name),
        day(entry["not_before"]),
        day(entry["not_after"]),
        entry.get("revoked") is True,
        NAME,
        pin(issuer["pubkey_sha256"]) if issuer.get("pubkey_sha256") else None,
    )


def _operator(issuer: Mapping[str, Any]) -> str:
    operator = issuer.get("operator")
    told = operator.get("name") if isinstance(operator, dict) else issuer.get("friendly_name")
    return text(told, 200) if told else ""
