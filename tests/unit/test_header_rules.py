from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.net.header_rules import (
    METADATA_SUFFIXES,
    header_problems,
    is_field_name,
    is_field_value,
    is_sensitive,
)


def test_ordinary_headers_have_no_problems() -> None:
    headers = {
        "X-Environment": "production",
        "Authorization": "Bearer abc.def",
        "x_y.z!": "",
        "X-Sentence": "words, and (more) words; q=0.5",
        "X-Hooklines-Event": "another prefix",
        "X-Hookline-Custom": "not one of the platform's names",
    }
    assert header_problems(headers) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "Content-Length", "CONNECTION", "transfer-encoding", "TE", "Trailer", "Upgrade"),
        *("Expect", "Keep-Alive", "Proxy-Authorization", "proxy-connection", "Proxy-X"),
        *("webhook-id", "Webhook-Timestamp", "webhook-signature", "Webhook-Anything"),
        *(f"X-Hookline-{suffix}" for suffix in METADATA_SUFFIXES),
        "x-hookline-event",
    ],
)
def test_a_name_the_platform_owns_is_refused(name: str) -> None:
    assert header_problems({name: "x"}) == {name: "is set by the platform"}


def test_the_prefix_is_the_stacks() -> None:
    assert header_problems({"X-Etl-Webhook-Event": "x"}, metadata_prefix="X-Etl-Webhook")
    assert not header_problems({"X-Hookline-Event": "x"}, metadata_prefix="X-Etl-Webhook")


@pytest.mark.parametrize("name", ["", " ", "a b", "a:", "Ä", "a\r\nb", "a\x00", "(a)", "a\u00ad"])
def test_what_is_no_token_is_no_header_name(name: str) -> None:
    assert "not a header name" in header_problems({name: "x"})[name]


@pytest.mark.parametrize(
    "value",
    ["a\r\nX-Evil: 1", "a\r\n b", "a\n", "\x00", "a\tb", " a", "a ", "ä", "\x7f", "\u2028"],
)
def test_a_value_is_printable_ascii_that_nothing_trims(value: str) -> None:
    problems = header_problems({"X-A": value})
    assert problems == {"X-A": "must be printable ASCII without spaces at its ends"}


def test_one_name_in_two_cases_is_refused() -> None:
    assert "twice" in header_problems({"X-A": "1", "x-a": "2"})["x-a"]


def test_names_and_values_together_fit_40_480_characters() -> None:
    assert header_problems({"X": "v" * 20_239, "Y": "v" * 20_239}) == {}
    assert list(header_problems({"X": "v" * 20_239, "Y": "v" * 20_240})) == [""]


def test_all_problems_come_at_once() -> None:
    assert set(header_problems({"Host": "x", "X-A": "\n", "é": "x", "X-B": "fine"})) == {
        "Host",
        "X-A",
        "é",
    }


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "authorization", "Cookie", "X-Api-Key", "X-API-KEY", "apikey", "X-Auth"),
        *("X-Auth-Token", "X-Amz-Security-Token", "Client-Secret", "X-Password", "X_Access_Key"),
        *("X-Shared-Secret", "Ocp-Apim-Subscription-Key", "X-Session", "X-JWT", "X-Signature"),
        *("PRIVATE-TOKEN", "X-Vault-Token", "Authentication", "X-Credentials", "X-Accesskey"),
    ],
)
def test_a_header_that_looks_secret_is_kept_as_one(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name", ["Accept", "X-Author", "X-Environment", "Content-Type", "X-Keyboard", "User-Agent"]
)
def test_an_ordinary_header_is_not(name: str) -> None:
    assert not is_sensitive(name)


@given(st.text(), st.text())
def test_what_passes_is_one_line_of_ascii(name: str, value: str) -> None:
    if is_field_name(name) and is_field_value(value):
        line = f"{name}: {value}"
        assert line.isascii()
        assert line.isprintable()
        assert line.split(":", 1)[0] == name
