"""Which addresses a call may go to: globally routable unicast, and what the operator allows.

Python's ``is_global`` is no guard: it holds for ``::ffff:100.64.0.1``, ``64:ff9b::a9fe:a9fe``,
``2002:7f00:1::`` and multicast. So the ranges are written out here. Every row of IANA's two
special-purpose registries is refused, whether or not its addresses happen to be reachable: no
endpoint lives there. Sources:

- https://www.iana.org/assignments/iana-ipv4-special-registry
- https://www.iana.org/assignments/iana-ipv6-special-registry
- https://www.iana.org/assignments/ipv6-address-space (unicast is delegated from 2000::/3 alone)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Allowed:
    """A call may go to this address."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call must not go to this address; ``reason`` says what kind of address it is."""

    reason: str


Verdict = Allowed | Refused


class _Ranges:
    """Disjoint ranges of one IP version, each ``first-last`` or a network, found by bisection."""

    def __init__(self, rows: Mapping[str, str]) -> None:
        self._rows = sorted((*_bounds(text), Refused(reason)) for text, reason in rows.items())
        self._firsts = [first for first, _, _ in self._rows]

    def find(self, number: int) -> Refused | None:
        at = bisect_right(self._firsts, number) - 1
        if at < 0:
            return None
        _, last, refused = self._rows[at]
        return refused if number <= last else None


def _bounds(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if dash:
        return int(ip_address(first)), int(ip_address(last))
    network = ip_network(text)
    return int(network[0]), int(network[-1])


# No setting opens these. Clouds serve credentials on some, and whoever allows 0.0.0.0/0 or ::/0
# means private networks, not the keys of the function that makes the call.
_V4_CLOSED = _Ranges(
    {
        "0.0.0.0/8": "this host, RFC 1122",
        "100.100.100.200/32": "the metadata service of Alibaba Cloud",
        "168.63.129.16/32": "the platform address of Azure",
        "169.254.0.0/16": "link-local, where platforms serve metadata and credentials, RFC 3927",
        "192.0.0.192/32": "the metadata service of Oracle Cloud",
        "224.0.0.0/4": "multicast, RFC 5771",
    }
)
_V6_CLOSED = _Ranges(
    {
        "::/128": "unspecified, RFC 4291",
        # ::1 is loopback; what follows it spells IPv4.
        "::2-::ffff:ffff": "IPv4 inside IPv6: compatible, RFC 4291",
        "::ffff:0:0/96": "IPv4 inside IPv6: mapped, RFC 4291",
        "::ffff:0:0:0/96": "IPv4 inside IPv6: translated, RFC 2765",
        "64:ff9b::/96": "IPv4 inside IPv6: NAT64, RFC 6052",
        "64:ff9b:1::/48": "IPv4 inside IPv6: local NAT64, RFC 8215",
        "2001::/32": "IPv4 inside IPv6: Teredo, RFC 4380",
        "2002::/16": "IPv4 inside IPv6: 6to4, RFC 3056",
        "fd00:ec2::/32": "the platform addresses of AWS",
        "fd20:ce::/32": "the platform addresses of Google Cloud",
        "fe80::/10": "link-local, RFC 4291",
        "ff00::/8": "multicast, RFC 4291",
    }
)

_V4_SPECIAL = _Ranges(
    {
        "10.0.0.0/8": "private, RFC 1918",
        "100.64.0.0/10": "shared by carriers, RFC 6598",
        "127.0.0.0/8": "loopback, RFC 1122",
        "172.16.0.0/12": "private, RFC 1918",
        "192.0.0.0/24": "IETF protocol assignments, RFC 6890",
        "192.0.2.0/24": "documentation, RFC 5737",
        "192.31.196.0/24": "AS112, RFC 7535",
        "192.52.193.0/24": "AMT, RFC 7450",
        "192.88.99.0/24": "6to4 relays, RFC 7526",
        "192.168.0.0/16": "private, RFC 1918",
        "192.175.48.0/24": "AS112, RFC 7534",
        "198.18.0.0/15": "benchmarking, RFC 2544",
        "198.51.100.0/24": "documentation, RFC 5737",
        "203.0.113.0/24": "documentation, RFC 5737",
        "240.0.0.0/4": "reserved, RFC 1112",
    }
)
_V6_SPECIAL = _Ranges(
    {
        "::1/128": "loopback, RFC 4291",
        "2001::/23": "IETF protocol assignments, RFC 2928",
        "2001:db8::/32": "documentation, RFC 3849",
        "2620:4f:8000::/48": "AS112, RFC 7534",
        "3fff::/20": "documentation, RFC 9637",
        "fc00::/7": "private, RFC 4193",
        "fec0::/10": "site-local, RFC 3879",
    }
)
_V6_UNICAST = ip_network("2000::/3")

# ISATAP puts an IPv4 address behind 0000:5efe or 0200:5efe under any prefix (RFC 5214, 6.1).
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})

_ALLOWED = Allowed()
_ISATAP_REFUSED = Refused("IPv4 inside IPv6: ISATAP, RFC 5214")
_SCOPED_REFUSED = Refused("scoped to one network interface, RFC 4007")
_NOT_UNICAST = Refused("not global unicast, RFC 4291")


def verdict(ip: Address, allowed_networks: Sequence[Network] = ()) -> Verdict:
    """Whether a call may go to ``ip``.

    Args:
        ip: the very address that would be dialled.
        allowed_networks: what the operator opens beside the public internet, such as loopback on
            a developer's machine. Metadata, multicast and scoped addresses stay closed, and so do
            IPv6 addresses with an IPv4 address inside.
    """
    closed = _closed(ip)
    if closed is not None:
        return closed
    for network in allowed_networks:
        if ip in network:
            return _ALLOWED
    if isinstance(ip, IPv4Address):
        return _V4_SPECIAL.find(int(ip)) or _ALLOWED
    special = _V6_SPECIAL.find(int(ip))
    if special is not None:
        return special
    return _ALLOWED if ip in _V6_UNICAST else _NOT_UNICAST


def _closed(ip: Address) -> Refused | None:
    number = int(ip)
    if isinstance(ip, IPv4Address):
        return _V4_CLOSED.find(number)
    if ip.scope_id is not None:
        return _SCOPED_REFUSED
    if (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return _ISATAP_REFUSED
    return _V6_CLOSED.find(number)
