"""Which addresses and ports may be asked: hosts come from the repository, which may aim at anything."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def refusal(text: str, allowed: Iterable[Network] = ()) -> str:
    """Return why this IP address is not asked, as a clause for people, or an empty string.

    Only what the IANA registers as global unicast is asked, and of that no form that carries another
    address inside. ``allowed`` lifts it, but for addresses with a zone (``fe80::1%eth0``).
    """
    try:
        address = ip_address(text)
    except ValueError:
        return f"{text!a} is no IP address"
    if "%" in text:
        return f"{text!a} is bound to a network interface of this machine, and not asked"
    what = _what(address)
    if not what or any(address.version == each.version and address in each for each in allowed):
        return ""
    # A line that began with two colons would be a workflow command, and shown with one of them escaped.
    shown = f"[{address}]" if str(address).startswith("::") else str(address)
    return f"{shown} is {what}, and not asked; --allow-address {address} lifts that"


def port_refusal(port: int) -> str:
    """Return why this port is not asked, or an empty string."""
    if port == 443 or 1024 <= port <= 65535:
        return ""
    return f"port {port} is not asked, only 443 and those from 1024 on"


def _what(address: Address) -> str:
    """What keeps an address from being a public one."""
    number = int(address)
    if isinstance(address, IPv4Address):
        return _named(number, _IPV4)
    if named := _named(number, _IPV6):
        return named
    if number >> 125 != 0b001:
        return "outside of the public addresses (2000::/3)"
    return "an ISATAP address" if (number >> 32) & 0xFDFFFFFF == 0x00005EFE else ""


def _named(number: int, ranges: tuple[tuple[int, int, str], ...]) -> str:
    for first, last, what in ranges:
        if first <= number <= last:
            return what
    return ""


def _ranges(*named: tuple[str, str]) -> tuple[tuple[int, int, str], ...]:
    networks = ((ip_network(cidr), what) for cidr, what in named)
    return tuple((int(net.network_address), int(net.broadcast_address), what) for net, what in networks)


# Written out, as ``is_private`` and ``is_global`` differ between releases of Python and miss some.
# Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses (RFC 6890), and the clouds'
# own documentation for the addresses of their metadata. The first that fits names it.
_IPV4 = _ranges(
    ("0.0.0.0/8", "unspecified (0.0.0.0/8)"),
    ("10.0.0.0/8", "a private address"),
    ("100.64.0.0/10", "an address inside a provider's network (100.64.0.0/10)"),
    ("127.0.0.0/8", "this machine itself"),
    ("168.63.129.16/32", "Azure's platform address"),
    ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
    ("172.16.0.0/12", "a private address"),
    ("192.0.0.0/24", "reserved (192.0.0.0/24)"),
    ("192.0.2.0/24", "an address for documentation"),
    ("192.88.99.0/24", "a 6to4 relay"),
    ("192.168.0.0/16", "a private address"),
    ("198.18.0.0/15", "an address for benchmarks"),
    ("198.51.100.0/24", "an address for documentation"),
    ("203.0.113.0/24", "an address for documentation"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "reserved (240.0.0.0/4)"),
)
_IPV6 = _ranges(
    ("::/128", "unspecified (::)"),
    ("::1/128", "this machine itself"),
    ("::/96", "an IPv4-compatible address"),
    ("::ffff:0:0/96", "an IPv4-mapped address"),
    ("::ffff:0:0:0/96", "an IPv4-translated address"),
    ("64:ff9b::/96", "a NAT64 address"),
    ("64:ff9b:1::/48", "a NAT64 address"),
    ("100::/64", "an address that discards all"),
    ("2001::/32", "a Teredo address"),
    ("2001:2::/48", "an address for benchmarks"),
    ("2001::/23", "reserved (2001::/23)"),
    ("2001:db8::/32", "an address for documentation"),
    ("2002::/16", "a 6to4 address"),
    ("3fff::/20", "an address for documentation"),
    ("5f00::/16", "a segment routing address"),
    ("fc00::/7", "a private address"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "a site-local address"),
    ("ff00::/8", "a multicast address"),
)
