"""No server outlives the tests that started it."""

from collections.abc import Iterator

import pytest
from live.servers import leftovers


@pytest.fixture(autouse=True)
def _no_stray_process() -> Iterator[None]:
    yield
    assert leftovers() == []
