"""No address or port that a repository has no business with is asked."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck.probe.addresses import port_refusal, refusal

PUBLIC = ["1.1.1.1", "8.8.8.8", "99.255.255.255", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "2620:4f:8000::1"]  # fmt: skip
REFUSED = {
    "0.0.0.0": "unspecified (0.0.0.0/8)",
    "0.1.2.3": "unspecified (0.0.0.0/8)",
    "10.0.0.5": "a private address",
    "100.64.0.1": "an address inside a provider's network (100.64.0.0/10)",
    "100.100.100.200": "an address inside a provider's network (100.64.0.0/10)",
    "127.0.0.1": "this machine itself",
    "127.255.255.254": "this machine itself",
    "168.63.129.16": "Azure's platform address",
    "169.254.169.254": "link-local, where clouds keep their metadata",
    "172.16.0.1": "a private address",
    "172.31.255.255": "a private address",
    "192.0.0.192": "reserved (192.0.0.0/24)",
    "192.0.2.1": "an address for documentation",
    "192.88.99.1": "a 6to4 relay",
    "192.168.1.1": "a private address",
    "198.19.255.255": "an address for benchmarks",
    "198.51.100.7": "an address for documentation",
    "203.0.113.7": "an address for documentation",
    "224.0.0.1": "a multicast address",
    "239.255.255.250": "a multicast address",
    "240.0.0.1": "reserved (240.0.0.0/4)",
    "255.255.255.255": "reserved (240.0.0.0/4)",
    "::": "unspecified (::)",
    "::1": "this machine itself",
    "::10.0.0.1": "an IPv4-compatible address",
    "::ffff:10.0.0.1": "an IPv4-mapped address",
    "::ffff:8.8.8.8": "an IPv4-mapped address",
    "::ffff:0:8.8.8.8": "an IPv4-translated address",
    "64:ff9b::a00:1": "a NAT64 address",
    "64:ff9b:1:ffff::a00:1": "a NAT64 address",
    "100::1": "an address that discards all",
    "2001::1": "a Teredo address",
    "2001:2::1": "an address for benchmarks",
    "2001:20::1": "reserved (2001::/23)",
    "2001:db8::1": "an address for documentation",
    "2002:a00:1::1": "a 6to4 address",
    "2a00:1450:4001:1:0:5efe:a00:1": "an ISATAP address",
    "2a00:1450:4001:1:200:5efe:a00:1": "an ISATAP address",
    "3fff::1": "an address for documentation",
    "4000::1": "outside of the public addresses (2000::/3)",
    "5f00::1": "a segment routing address",
    "fc00::1": "a private address",
    "fd00:ec2::254": "a private address",
    "fe80::1": "link-local",
    "fec0::1": "a site-local address",
    "ff02::1": "a multicast address",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_asked(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.parametrize("address", REFUSED)
def test_other_addresses_are_refused_and_named(address: str) -> None:
    shown = {"::10.0.0.1": "::a00:1", "::ffff:0:8.8.8.8": "::ffff:0:808:808"}.get(address, address)
    if address.startswith("::ffff:") and shown == address:
        shown = str(IPv6Address(address))
    named = f"[{shown}]" if shown.startswith("::") else shown
    assert refusal(address) == (
        f"{named} is {REFUSED[address]}, and not asked; --allow-address {shown} lifts that"
    )


def test_an_address_is_allowed_only_in_its_own_form() -> None:
    allowed = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert refusal("10.1.2.3", allowed) == refusal("fd00::1", allowed) == ""
    assert refusal("11.0.0.1") == ""
    assert refusal("192.168.0.1", allowed) != ""
    assert refusal("::ffff:10.1.2.3", allowed) != ""
    assert refusal("::ffff:10.1.2.3", (ip_network("::ffff:10.0.0.0/104"),)) == ""


def test_a_zone_is_never_allowed() -> None:
    told = "'fe80::1%eth0' is bound to a network interface of this machine, and not asked"
    assert refusal("fe80::1%eth0", (ip_network("::/0"),)) == told


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "1.2.3.4.5", "\x1b[31m", "010.0.0.1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal(text, (ip_network("0.0.0.0/0"),)) == f"{text!a} is no IP address"


@given(st.ip_addresses())
def test_whatever_python_knows_not_to_be_global_is_refused(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_private or address.is_multicast or address.is_reserved:
        assert refusal(str(address)) != ""


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert refusal(text).isprintable()


@pytest.mark.parametrize(
    ("port", "asked"), [(443, True), (1024, True), (8443, True), (65535, True), (0, False), (22, False), (80, False), (1023, False), (65536, False), (-1, False)]
)  # fmt: skip
def test_ports(port: int, asked: bool) -> None:
    told = f"port {port} is not asked, only 443 and those from 1024 on"
    assert port_refusal(port) == ("" if asked else told)
