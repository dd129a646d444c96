"""host-never-matches and cleartext-on-pinned-host."""

import pytest
from builders import HOST, IOS, KEYS, OKHTTP, at, check, pin_set, project, said

from pincheck.model import Cleartext, Problem


def lets_through(host: str) -> tuple[Cleartext, ...]:
    return (Cleartext(at(9), (host,)),)


def test_a_url_in_place_of_a_host() -> None:
    assert check(
        "host-never-matches", pin_set(*KEYS, hosts=("ok.example", "https://api.shop.example/v1"))
    ) == [
        Problem(
            at(1),
            'host "https://api.shop.example/v1" is a URL: Android compares host names only,'
            " so no connection gets these pins",
            remedy="write api.shop.example",
            hosts=("https://api.shop.example/v1",),
        )
    ]


@pytest.mark.parametrize(
    ("host", "semantics", "count"),
    [
        pytest.param("*.shop.example", IOS, 1, id="wildcard that the client does not know"),
        pytest.param("*.shop.example", OKHTTP, 0, id="wildcard that it knows"),
        pytest.param("api.shop.example:443", IOS, 1, id="port"),
        pytest.param("bücher.example", IOS, 1, id="U-label"),
        pytest.param("API.shop.example", IOS, 0, id="upper case where it does not matter"),
    ],
)
def test_what_can_match(host: str, semantics, count: int) -> None:
    assert len(said("host-never-matches", pin_set(*KEYS, hosts=(host,), semantics=semantics))) == count


def test_without_pins_there_is_nothing_to_lose() -> None:
    assert said("host-never-matches", pin_set(hosts=("*.a.example",))) == []


def test_cleartext_is_said_once_for_each_place() -> None:
    subject = project(
        pin_set(*KEYS, cleartext=lets_through(HOST)),
        pin_set(*KEYS, hosts=("b.example",), cleartext=lets_through("b.example")),
        pin_set(hosts=("unpinned.example",), cleartext=lets_through("unpinned.example")),
        pin_set(*KEYS, hosts=("misplaced.example",), cleartext=lets_through("misplaced.example"), read=False),
        pin_set(*KEYS, hosts=("c.example",)),
    )
    assert check("cleartext-on-pinned-host", subject) == [
        Problem(
            at(9),
            f"{HOST}, b.example: Android also connects over plain http, where no pin is checked",
            remedy="forbid cleartext for these hosts",
            hosts=(HOST, "b.example"),
            context="production",
        )
    ]
