"""How names are told in a sentence."""

import pytest

from pincheck.rules import _wording as wording


@pytest.mark.parametrize(
    ("texts", "said"),
    [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c"), ("abcde", "a, b, c and 2 more")],
)
def test_a_list_reads_as_a_sentence(texts: str, said: str) -> None:
    assert wording.listed(list(texts), 3) == said
