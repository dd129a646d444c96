"""The path language of the configuration's ``mappings``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck.readers.data_path import BadPath, Path, Step, read_path

KEY, ANY, DEEP, EACH, KEYS = Step("key", "a"), Step("any"), Step("deep"), Step("each"), Step("keys")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", (KEY,)),
        ("a.*.a", (KEY, ANY, KEY)),
        ("**.a[][]", (DEEP, KEY, EACH, EACH)),
        ("[].a", (EACH, KEY)),
        ("*.@", (ANY, KEYS)),
        ('"a\\"."', (Step("key", 'a".'),)),
        ("a-b c", (Step("key", "a-b c"),)),
        (".a", (Step("key", "s"), EACH, KEY)),
    ],
)
def test_steps(text: str, path: Path) -> None:
    assert read_path(text, read_path("s[].hosts[]")) == path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", '"" is no path: no step at character 1'),
        (".", '"." is no path: no step at character 2'),
        ("a..b", '"a..b" is no path: no step at character 3'),
        ("a.", '"a." is no path: no step at character 3'),
        ("a[0]", '"a[0]" is no path: no step at character 1'),
        ('"a', '""a" is no path: no step at character 1'),
        ("**", '"**" is no path: ** may stand once, and not at the end'),
        ("**.a.**.b", '"**.a.**.b" is no path: ** may stand once, and not at the end'),
        ("@.a", '"@.a" is no path: @ may stand at the end only'),
    ],
)
def test_what_is_no_path(text: str, said: str) -> None:
    with pytest.raises(BadPath) as raised:
        read_path(text)
    assert str(raised.value) == said


@given(st.text(st.sampled_from('a."[]*@\\ ') | st.characters(), max_size=12))
def test_any_text_is_a_path_or_is_not(text: str) -> None:
    try:
        path = read_path(text)
    except BadPath:
        return
    assert path
