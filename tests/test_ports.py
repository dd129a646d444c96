"""The ports that URLs in code name for hosts."""

import time

import pace
import pytest

from pincheck.model import SourceFile
from pincheck.ports import ports

HOST = "api.shop.example"


def found(*texts: str, path: str = "app/src/main/kotlin/Api.kt") -> tuple[int, ...]:
    return ports([HOST], [SourceFile(path, text.encode()) for text in texts]).get(HOST, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"https://api.shop.example:8443/v1"', (8443,)),
        ('"https://api.shop.example:8443"', (8443,)),
        ('"https://api.shop.example:8443?x"', (8443,)),
        ('"wss://api.shop.example:8443"', (8443,)),
        ('"HTTPS://API.shop.Example:8443/"', (8443,)),
        ('"https://api.shop.example/v1"', (443,)),
        ('"https://api.shop.example:443"', (443,)),
        ("https://api.shop.example", (443,)),
        (r'"https:\/\/api.shop.example:8443\/v1"', (8443,)),
        (r"url=https\://api.shop.example\:8443/v1", (8443,)),
        ("URL = https:/$()/api.shop.example:8443", (8443,)),
        ('"https://api.shop.example:8443" "https://api.shop.example/"', (443, 8443)),
        # not to be asked
        ('"https://api.shop.example:80"', ()),
        ('"https://api.shop.example:1023"', ()),
        ('"https://api.shop.example:1024"', (1024,)),
        ('"https://api.shop.example:65535"', (65535,)),
        ('"https://api.shop.example:65536"', ()),
        ('"https://api.shop.example:022"', ()),
        ('"https://api.shop.example:84430000"', ()),
        # not known
        ('"https://api.shop.example:$port/"', ()),
        ('"https://api.shop.example:84$port/"', ()),
        ('"https://api.shop.example:\\(port)/"', ()),
        ('"https://api.shop.example$rest/"', ()),
        ('"https://api.shop.example.$domain/"', ()),
        # others
        ('"http://api.shop.example:8443"', ()),
        ('"api.shop.example:8443"', ()),
        ('"https://my-api.shop.example:8443"', ()),
        ('"https://api.shop.example.test:8443"', ()),
        ('"https://shop.example:8443"', ()),
    ],
)
def test_a_text(text: str, expected: tuple[int, ...]) -> None:
    assert found(text) == expected


def test_all_files_together() -> None:
    texts = [f'"https://{HOST}:{port}"' for port in (8443, 9443)]
    assert found(*texts, f'"https://{HOST}"') == (443, 8443, 9443)


def test_no_more_than_three() -> None:
    assert found(" ".join(f"https://{HOST}:{port}" for port in range(9000, 8000, -1))) == (8998, 8999, 9000)


def test_utf16() -> None:
    source = SourceFile("Api.strings", f'"https://{HOST}:8443"'.encode("utf-16"))
    assert ports([HOST], [source]) == {HOST: (8443,)}


def test_hosts_of_their_own_and_none() -> None:
    source = SourceFile("Api.kt", b'"https://a.example:8443" "https://b.example:9443" "https://c.example"')
    assert ports(["b.example", "c.example", "d.example"], [source]) == {
        "b.example": (9443,),
        "c.example": (443,),
    }
    assert ports([], [source]) == {}


def test_code_of_tests_and_examples_says_nothing() -> None:
    text = f'"https://{HOST}:8443"'
    assert found(text, path="app/src/test/kotlin/ApiTest.kt") == ()
    assert found(text, path="example/Api.kt") == ()


@pytest.mark.parametrize("piece", ["https://", "https://a", "a.", ":", "https://api.shop.example:8443"])
def test_a_hostile_file_takes_no_time(piece: str) -> None:
    data = ("https://" + piece * (2_000_000 // len(piece))).encode()
    start = time.process_time()
    ports([HOST], [SourceFile("Api.kt", data)])
    assert time.process_time() - start < pace.allowed(5)
