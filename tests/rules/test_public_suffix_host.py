"""Patterns that cover a whole public suffix."""

import subprocess
import sys

import pytest
from builders import ANDROID, KEYS, OKHTTP, TRUSTKIT, pin_set, said

from pincheck import suffixes

RULE = "public-suffix-host"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("com", True, id="top level"),
        pytest.param("co.uk", True, id="second level"),
        pytest.param("cloudfront.net", True, id="private"),
        pytest.param("execute-api.eu-west-1.amazonaws.com", True, id="private and deep"),
        pytest.param("d1.cloudfront.net", False, id="below a private one"),
        pytest.param("shop.co.uk", False, id="below"),
        pytest.param("foo.ck", True, id="by a wildcard"),
        pytest.param("www.ck", False, id="an exception to it"),
        pytest.param("xn--p1ai", True, id="A-label"),
        pytest.param("xn--nothing-there", False, id="A-label of no suffix"),
        pytest.param("internal", False, id="on no list"),
        pytest.param("", False, id="nothing"),
        pytest.param("\ud800.\n", False, id="hostile"),
        pytest.param("x" * 100_000, False, id="long"),
    ],
)
def test_a_suffix_is_known(name: str, expected: bool) -> None:
    assert suffixes.is_public_suffix(name) is expected


def test_both_ways_of_asking_agree() -> None:
    """A name that is let off early is none by the whole list either."""
    names = [
        "example",
        "shop.example",
        "a.b.kawasaki.jp",
        "city.kawasaki.jp",
        "kawasaki.jp",
        "web.app",
        "s3.amazonaws.com",
    ]
    whole = [suffixes._list().publicsuffix(name, accept_unknown=False) == name for name in names]
    assert [suffixes.is_public_suffix(name) for name in names] == whole


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        pytest.param(
            pin_set(*KEYS[:2], hosts=("co.uk",), below=True),
            [
                "co.uk: covers every name below the public suffix co.uk, so Android holds hosts of strangers to these pins"
            ],
            id="any depth",
        ),
        pytest.param(
            pin_set(*KEYS[:2], hosts=("*.cloudfront.net",), semantics=OKHTTP),
            [
                "*.cloudfront.net: covers every name below the public suffix cloudfront.net,"
                " so OkHttp holds hosts of strangers to these pins"
            ],
            id="wildcard",
        ),
        pytest.param(
            pin_set(*KEYS[:2], hosts=("appspot.com",), below=True, semantics=TRUSTKIT),
            [
                "appspot.com: appspot.com is a public suffix, for which TrustKit raises an exception when it starts:"
                " the app crashes"
            ],
            id="TrustKit",
        ),
        pytest.param(pin_set(*KEYS[:2], hosts=("web.app",)), [], id="the suffix itself only"),
        pytest.param(
            pin_set(*KEYS[:2], hosts=("d1.cloudfront.net",), below=True), [], id="below a private suffix"
        ),
        pytest.param(pin_set(hosts=("co.uk",), below=True), [], id="no pins"),
        pytest.param(
            pin_set(*KEYS[:2], hosts=("*.com",), semantics=ANDROID), [], id="a pattern that matches nothing"
        ),
    ],
)
def test_a_pattern_that_covers_a_suffix(pins: object, expected: list[str]) -> None:
    assert said(RULE, pins) == expected


def test_the_list_is_not_loaded_for_an_ordinary_name() -> None:
    code = (
        "import sys; from pincheck import suffixes; "
        "print(suffixes.is_public_suffix('api.shop.example'), 'publicsuffixlist' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "False False\n"
