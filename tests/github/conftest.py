"""GitHub on this machine, each request judged by GitHub's own description where that is installed."""

import os
from collections.abc import Callable
from typing import Any

import fake_github
import github_description
import pytest

from pincheck.github.api import GitHub


def description() -> github_description.Check | None:
    """The judge; without the packages nobody judges, save where every peer is required."""
    required = os.environ.get("PINCHECK_REQUIRE_PEERS") == "1"
    return github_description.checker() if required or github_description.installed() else None


@pytest.fixture
def github() -> Any:
    """Make a fake GitHub that runs until the test ends."""
    running = []

    def start(*pulls: fake_github.FakePull, **options: Any) -> fake_github.FakeGitHub:
        fake = fake_github.FakeGitHub(pulls=pulls, check=description(), **options)
        running.append(fake.__enter__())
        return fake

    yield start
    for fake in running:
        fake.__exit__(None)


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client waited, instead of waiting."""
    return []


@pytest.fixture
def client(waits: list[float]) -> Callable[[fake_github.FakeGitHub], GitHub]:
    """Make a client of a fake GitHub."""
    return lambda fake: GitHub(fake.url, fake.token, fake.repository, sleep=waits.append)
