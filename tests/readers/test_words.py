"""The known word that a misspelt one means."""

import time

import pace
import pytest

from pincheck.readers.words import nearest

KNOWN = ("TSKPublicKeyHashes", "TSKPinnedDomains", "TSKReportUris")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        pytest.param("TSKPublicKeyHashs", "TSKPublicKeyHashes", id="a letter short"),
        pytest.param("tskpinneddomains", "TSKPinnedDomains", id="another case"),
        pytest.param(" TSKReportUris ", "TSKReportUris", id="blanks around"),
        pytest.param("TSKPinnedDomains", "TSKPinnedDomains", id="itself"),
        pytest.param("CFBundleName", "", id="another word"),
        pytest.param("", "", id="none"),
    ],
)
def test_nearest(word: str, meant: str) -> None:
    assert nearest(word, KNOWN) == meant


def test_a_long_word_takes_no_time() -> None:
    start = time.monotonic()
    assert nearest("TSKPinnedDomains" * 300_000, KNOWN) == ""
    assert time.monotonic() - start < pace.allowed(0.5)
