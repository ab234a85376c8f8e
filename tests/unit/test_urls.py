from __future__ import annotations

import json
import unicodedata
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3.util
from hypothesis import example, given
from hypothesis import strategies as st

from hookline.domain.net.urls import InvalidUrl, Url, parse_url

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "ssrf.json").read_text(encoding="utf-8")
)
LOOPBACK = (ip_network("127.0.0.0/8"),)


def parsed(text: str) -> Url:
    return parse_url(text, allow_http=True)


def reason(text: str, **options: Any) -> str:
    with pytest.raises(InvalidUrl) as refused:
        parse_url(text, **{"allow_http": True, **options})
    return refused.value.reason


@pytest.mark.parametrize("text", VECTORS["refused_at_save"])
def test_a_hostile_url_is_refused_with_a_reason(text: str) -> None:
    assert reason(text)


@pytest.mark.parametrize("text", VECTORS["refused_at_connect"])
def test_a_name_passes_here_and_is_judged_by_its_addresses(text: str) -> None:
    assert parsed(text).address is None


@pytest.mark.parametrize("vector", VECTORS["allowed"], ids=lambda vector: vector["url"])
def test_a_public_url_is_read_as_it_is_meant(vector: dict[str, Any]) -> None:
    assert parsed(vector["url"]) == Url(
        vector["scheme"], vector["host"], vector["port"], vector["target"]
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("https://example.com/" + "a" * 2029, "2048 characters"),
        ("ftp://example.com/", "begin with https://"),
        ("https:///path", "no host"),
        ("https://user:secret@example.com/", "credentials"),
        ("https://example.com:70000/", "invalid port"),
        ("https://example.com:25/", "port 25"),
        ("https://example.com:6379/", "another protocol"),
        ("https://example.com\\@evil.example/", "backslash"),
        ("https://example.com/\n", "control characters"),
        ("https://exam\u00adple.com/", "invisible"),
        ("https://127.1/", "number for a host"),
        ("https://256.1.1.1/", "invalid IPv4"),
        ("https://[::1", "malformed IPv6"),
        ("https://[fe80::1%25eth0]/", "zone"),
        ("https://intranet/", "public host"),
        ("https://localhost/", "local name"),
        ("https://metadata.google.internal/", "metadata"),
        ("https://10.0.0.1/", "10.0.0.1 is private"),
        ("https://①.example/", "stand for others"),
        ("https://straße.de/", "xn--"),
        ("https://xn--zz--zzzz.com/", "international"),
        ("https://" + "a" * 64 + ".com/", "63 characters"),
        ("https://example.com/a b", "spaces"),
        ("https://example.com/?q=é", "must have é (as %C3%A9)"),
        ("https://example.com/{x}", "must have { (as %7B) in its path or query percent-encoded"),
        ("https://example.com/?ids[]=1", "must have [ (as %5B)"),
        ("https://example.com/a%zz", "must have % (as %25)"),
        ("https://example.com/?a=b|c#d", "must have | (as %7C)"),
        ("https://example.com/a/../b", "segments"),
    ],
)
def test_the_reason_names_what_is_wrong(text: str, says: str) -> None:
    assert says in reason(text)


@pytest.mark.parametrize(
    "host",
    [
        "ab--uat.sandbox.my.salesforce.com",
        "qa--site.netlify.app",
        "r3---sn-a5m.googlevideo.com",
        "qa--site.b\u00fccher.example",
    ],
)
def test_two_hyphens_in_third_place_are_a_name_like_others(host: str) -> None:
    assert parsed(f"https://{host}/").host == host.replace("b\u00fccher", "xn--bcher-kva")


@pytest.mark.parametrize(
    "host",
    [
        "stra\u1e9ee.example",  # a capital sharp s: ss, or the small one, by the version of UTS 46
        "\U0002f868.example",  # another character in Unicode 3.2
        "\u212bngstrom.example",
        "xn--qa--site-.example",
        "XN--zz--zzzz.com",
    ],
)
def test_a_host_that_two_versions_of_unicode_read_differently_is_refused(host: str) -> None:
    assert reason(f"https://{host}/")


def test_no_character_leads_to_two_hosts_by_the_standard_of_2003_and_todays() -> None:
    """Only characters that case, normalizing or either standard's mapping can change count."""
    told_apart = []
    for code in range(0x80, 0x2FA20):
        character = chr(code)
        if unicodedata.category(character)[0] not in "LMN":
            continue
        if character.casefold() == character == unicodedata.normalize("NFKC", character):
            continue
        try:
            host = parsed(f"https://a{character}b.example/").host
            by_the_old = f"a{character}b.example".encode("idna").decode()
        except UnicodeError:
            continue
        except InvalidUrl:
            continue
        if host != by_the_old:
            told_apart.append(f"U+{code:04X}")
    assert told_apart == []


def test_the_longest_url_is_2048_characters() -> None:
    assert parsed("https://example.com/" + "a" * 2028).host == "example.com"


def test_no_reason_repeats_credentials() -> None:
    assert "hunter2" not in reason("https://user:hunter2@example.com/")


def test_plain_http_needs_a_stack_that_allows_it() -> None:
    assert "https" in reason("http://example.com/", allow_http=False)
    assert parse_url("https://example.com/", allow_http=False).scheme == "https"


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8081/hook", "http://localhost:8081/hook", "http://api.localhost:8081/"],
)
def test_an_allowed_network_opens_its_addresses_and_local_names(text: str) -> None:
    assert parse_url(text, allow_http=True, allowed_networks=LOOPBACK).port == 8081
    assert reason(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://0/",
        "http://0x7f.1/",
        "http://intranet/",
        "http://sandbox.localdomain:8080/",
        "http://127.0.0.1:22/",
    ],
)
def test_an_allowed_network_opens_nothing_else(text: str) -> None:
    assert reason(text, allowed_networks=LOOPBACK)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://EXAMPLE.com:443/a", "https://example.com"),
        ("http://example.com/a", "http://example.com"),
        ("http://example.com:443/", "http://example.com:443"),
        ("https://example.com:8443/?b", "https://example.com:8443"),
        ("https://[2606:4700:4700:0::1111]:8443/", "https://[2606:4700:4700::1111]:8443"),
    ],
)
def test_an_origin_is_scheme_host_and_any_port_of_its_own(text: str, origin: str) -> None:
    assert parsed(text).origin == origin


def test_a_url_reads_back_as_itself() -> None:
    for vector in VECTORS["allowed"]:
        url = parsed(vector["url"])
        assert parsed(str(url)) == url


def same_host(one: str | None, other: str) -> bool:
    bare = (one or "").strip("[]").rstrip(".")
    if ":" in other:
        return ip_address(bare) == ip_address(other)
    return bare.lower() == other


# Pieces that parsers are known to disagree about, so that random texts are near the border.
PIECES = st.sampled_from(
    [
        *("https://", "http://", "//", "/", ":", "@", "#", "?", "\\", "[", "]", "%", ".", "-", "_"),
        *("example.com", "127.0.0.1", "2130706433", "0x7f", "::1", "localhost", "xn--", "a", "é"),
        *(
            "80",
            "443",
            "8080",
            "%2e",
            "%00",
            "\t",
            "\n",
            "\u3002",
            "\u2488",
            "\u00ad",
            "ß",
            "&",
            " ",
        ),
    ]
)
TEXTS = st.one_of(
    st.text(),
    st.text(min_size=1).map("https://{}/".format),
    st.lists(PIECES, max_size=12).map("".join),
    st.lists(PIECES, max_size=12).map(lambda pieces: "https://" + "".join(pieces)),
    st.from_regex(r"https?://[a-z0-9.@:\[\]\\#?/_-]{1,40}", fullmatch=True),
)


@given(TEXTS)
@example("https://example.com?@127.0.0.1/")
@example("https://example.com#@127.0.0.1/")
@example("https://[2606:4700::1]:443?")
def test_whatever_is_accepted_other_parsers_read_alike(text: str) -> None:
    try:
        url = parsed(text)
    except InvalidUrl:
        return
    for spelling in (str(url), text if text.isascii() else str(url)):
        by_standard_library = urlsplit(spelling)
        by_urllib3 = urllib3.util.parse_url(spelling)
        assert same_host(by_standard_library.hostname, url.host)
        assert same_host(by_urllib3.host, url.host)
        assert (by_standard_library.port or url.port) == url.port
        assert (by_urllib3.port or url.port) == url.port
        assert by_standard_library.username is None
        assert by_urllib3.auth is None
    assert parsed(str(url)) == url
    assert str(url).isascii()


def test_below_port_1024_only_80_and_443_may_be_called() -> None:
    for port in (80, 443, 1024, 65535):
        assert parsed(f"https://hooks.example.com:{port}/").port == port
    for port in (22, 79, 81, 442, 444, 1023):
        with pytest.raises(InvalidUrl, match=f"port {port}:"):
            parsed(f"https://hooks.example.com:{port}/")
