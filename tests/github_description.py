"""GitHub's own description of its API, cut to the operations that pincheck uses, and what it says of a request.

The cut is made when a test wants it, from the npm package ``@octokit/openapi`` that ``tools/peers.py``
installs; GraphQL's schema is that of ``@octokit/graphql-schema``.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from programs import ROOT, missing

PACKAGES = ROOT / ".tools" / "node_modules" / "@octokit"
DESCRIPTION = PACKAGES / "openapi" / "generated" / "api.github.com.json"
SCHEMA = PACKAGES / "graphql-schema" / "schema.graphql"
EXAMPLES = PACKAGES / "webhooks-examples" / "api.github.com" / "index.json"
REPOSITORY = "/repos/{owner}/{repo}"
OPERATIONS = {
    f"{REPOSITORY}/compare/{{basehead}}": ("get",),
    f"{REPOSITORY}/pulls": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/files": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews": ("post",),
    f"{REPOSITORY}/pulls/{{pull_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/pulls/comments/{{comment_id}}": ("patch",),
    f"{REPOSITORY}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/issues/comments/{{comment_id}}": ("patch",),
    f"{REPOSITORY}/issues": ("get", "post"),
    f"{REPOSITORY}/issues/{{issue_number}}": ("patch",),
}
"""All that the client may ever ask; what is missing here is refused by the description."""

Check = Callable[[str, str, Mapping[str, str], bytes], str]
"""Method, path, query and body of a request -> what is wrong with it, or nothing."""


@cache
def cut() -> dict[str, Any]:
    """The description of these operations alone, with all they refer to."""
    if not DESCRIPTION.is_file():
        missing("@octokit/openapi is not installed")
    whole = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    small: dict[str, Any] = {name: whole[name] for name in ("openapi", "info", "servers")}
    small["paths"] = {
        path: {name: part for name, part in whole["paths"][path].items() if name in (*methods, "parameters")}
        for path, methods in OPERATIONS.items()
    }
    waiting, taken = list(_references(small)), set[str]()
    while waiting:
        if (reference := waiting.pop()) in taken:
            continue
        taken.add(reference)
        _, kind, section, name = reference.split("/")
        part = whole[kind][section][name]
        small.setdefault(kind, {}).setdefault(section, {})[name] = part
        waiting += _references(part)
    _adapt(small)
    return small


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from _references(each)


def _adapt(part: Any) -> None:
    """Add GitHub's own media type, which its description does not name, and let no example name a next page."""
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _adapt(each)
    if isinstance(part, dict) and "description" in part and "application/json" in part.get("content", {}):
        part["content"]["application/vnd.github+json"] = part["content"]["application/json"]
        part.pop("headers", None)


def installed() -> bool:
    """Whether there is a description, and what reads it."""
    return DESCRIPTION.is_file() and find_spec("openapi_core") is not None


@cache
def checker() -> Check:
    """What openapi-core thinks of a request, by the cut."""
    openapi_core = _library("openapi_core")
    testing = _library("openapi_core.testing")
    description = openapi_core.OpenAPI.from_dict(cut())

    def check(method: str, path: str, query: Mapping[str, str], body: bytes) -> str:
        request = testing.MockRequest(
            "https://api.github.com",
            method.lower(),
            path,
            args=dict(query),
            data=body or None,
            content_type="application/json",
        )
        try:
            description.validate_request(request)
        except Exception as error:  # noqa: BLE001 - every kind of it is a complaint
            return f"{method} {path}: {error} {error.__cause__ or ''}"
        return ""

    return check


@cache
def graphql_schema() -> Any:
    """GitHub's GraphQL schema; it has duplicate fields, so that it is taken as it is."""
    graphql = _library("graphql")
    if not SCHEMA.is_file():
        missing("@octokit/graphql-schema is not installed")
    return graphql.build_schema(SCHEMA.read_text(encoding="utf-8"), assume_valid=True, assume_valid_sdl=True)


def graphql_complaints(document: str) -> list[str]:
    """What graphql-core objects to in a document, by GitHub's schema."""
    graphql = _library("graphql")
    return [error.message for error in graphql.validate(graphql_schema(), graphql.parse(document))]


def event(name: str, action: str) -> dict[str, Any]:
    """GitHub's published example of an event's payload."""
    if not EXAMPLES.is_file():
        missing("@octokit/webhooks-examples is not installed")
    published = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    examples = next(each["examples"] for each in published if each["name"] == name)
    return next(each for each in examples if each.get("action") == action)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return missing(f"{name} is not installed")


def save(path: Path) -> Path:
    """The cut as a file, for a program that reads one."""
    path.write_text(json.dumps(cut()), encoding="utf-8")
    return path
