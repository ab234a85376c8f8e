from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.net.addresses import Allowed, Refused, verdict

LOOPBACK = (ip_network("127.0.0.0/8"),)
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))

# First and last address of every range that is not for calls, and the neighbours that are.
EDGES = [
    ("0.0.0.0", "0.255.255.255", None, "1.0.0.0"),
    ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
    ("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17"),
    ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
    ("192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0"),
    ("192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0"),
    ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
    ("192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0"),
    ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
    ("224.0.0.0", "255.255.255.255", "223.255.255.255", None),
    ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None, "2000::"),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff::", "2001:200::"),
    ("2001:db8::", "2001:db8:ffff::", "2001:db7:ffff::", "2001:db9::"),
    ("2002::", "2002:ffff::", "2001:ffff::", "2003::"),
    ("2620:4f:8000::", "2620:4f:8000:ffff::", "2620:4f:7fff::", "2620:4f:8001::"),
    ("3fff::", "3fff:fff:ffff::", "3ffe:ffff::", "3fff:1000::"),
    ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff::", None),
]


@pytest.mark.parametrize(("first", "last", "before", "after"), EDGES)
def test_a_special_range_is_refused_to_its_very_edges(
    first: str, last: str, before: str | None, after: str | None
) -> None:
    for inside in (first, last):
        assert isinstance(verdict(ip_address(inside)), Refused), inside
    for outside in (before, after):
        if outside is not None:
            assert verdict(ip_address(outside)) == Allowed(), outside


@pytest.mark.parametrize(
    "spelling",
    [
        "::{v4}",
        "::ffff:{v4}",
        "::ffff:0:{v4}",
        "64:ff9b::{v4}",
        "64:ff9b:1::{v4}",
        "64:ff9b:1:ffff::{v4}",
        "2001:0:{hex}::1",
        "2002:{hex}::",
        "2002:{hex}::1",
        "::5efe:{v4}",
        "fe80::200:5efe:{v4}",
        "2606:4700::5efe:{v4}",
        "2606:4700::200:5efe:{v4}",
    ],
)
@pytest.mark.parametrize("inner", ["127.0.0.1", "169.254.169.254", "8.8.8.8"])
def test_ipv4_inside_ipv6_is_refused_in_all_its_forms(spelling: str, inner: str) -> None:
    number = int(IPv4Address(inner))
    in_hex = f"{number >> 16:x}:{number & 0xFFFF:x}"
    address = ip_address(spelling.format(v4=inner, hex=in_hex))
    assert isinstance(verdict(address), Refused)
    assert isinstance(verdict(address, EVERYTHING), Refused)


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_2000_3_is_allowed(address: IPv6Address) -> None:
    if verdict(address) == Allowed():
        assert int(address) >> 125 == 0b001


@given(st.ip_addresses(v=4))
def test_what_is_allowed_of_ipv4_is_global_in_pythons_eyes_too(address: IPv4Address) -> None:
    if verdict(address) == Allowed():
        assert address.is_global
        assert not address.is_multicast


def test_a_scoped_address_is_refused() -> None:
    assert isinstance(verdict(IPv6Address("2606:4700::1%eth0"), EVERYTHING), Refused)


def test_a_network_the_operator_allows_is_open() -> None:
    assert verdict(ip_address("127.0.0.1"), LOOPBACK) == Allowed()
    assert verdict(ip_address("127.255.255.255"), LOOPBACK) == Allowed()
    assert verdict(ip_address("::1"), (ip_network("::1/128"),)) == Allowed()


def test_an_allowed_network_opens_nothing_beside_itself() -> None:
    assert isinstance(verdict(ip_address("10.0.0.1"), LOOPBACK), Refused)
    assert isinstance(verdict(ip_address("::1"), LOOPBACK), Refused)
    assert isinstance(verdict(ip_address("::ffff:127.0.0.1"), LOOPBACK), Refused)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.100.1",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",
        "224.0.0.1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::a9fe:a9fe",
        "ff02::1",
        "::",
    ],
)
def test_metadata_and_multicast_stay_closed_whatever_is_allowed(address: str) -> None:
    own = ip_network(address)
    assert isinstance(verdict(ip_address(address), (*EVERYTHING, own)), Refused)


def test_a_refusal_says_what_kind_of_address_it_is() -> None:
    assert verdict(ip_address("10.1.2.3")) == Refused("private, RFC 1918")
    assert verdict(ip_address("::ffff:10.1.2.3")) == Refused("IPv4 inside IPv6: mapped, RFC 4291")
