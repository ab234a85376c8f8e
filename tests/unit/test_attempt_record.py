from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.delivery.call import Answered, Call
from hookline.domain.net.urls import parse_url
from hookline.domain.request.attempt_record import (
    MAX_ERROR_MESSAGE,
    MAX_REQUEST_BODY,
    MAX_RESPONSE_BODY,
    error_message,
    request_record,
    response_record,
    secret_texts,
    text_of,
)
from hookline.domain.request.scrubbing import as_shown, scrub
from hookline.domain.webhook.signing import new_secret
from hookline.domain.webhook.webhook import BasicAuth
from tests.builders import a_webhook, some_secrets

URL = parse_url("https://example.com/hook?x=1", allow_http=False)


def a_call(body: bytes | None = b"{}", **headers: str) -> Call:
    return Call("POST", URL, headers, body, timedelta(seconds=10))


def an_answer(body: bytes = b"", *headers: tuple[str, str], truncated: bool = False) -> Answered:
    return Answered(500, headers, body, truncated, timedelta(), "93.184.216.34:443")


def test_the_request_is_kept_as_sent_with_its_secret_headers_masked() -> None:
    call = a_call(b'{"a":1}', Authorization="Bearer s3cret-token", Accept="*/*")
    record = request_record(call, ["authorization"])
    assert record.method == "POST"
    assert record.url == "https://example.com/hook?x=1"
    assert record.headers == (
        ("Host", "example.com"),
        ("Accept-Encoding", "identity"),
        ("Authorization", "*****"),
        ("Accept", "*/*"),
        ("Content-Length", "7"),
    )
    assert (record.body, record.body_truncated) == ('{"a":1}', False)


def test_a_get_has_no_body() -> None:
    assert request_record(a_call(None), []).body is None


def test_bodies_up_to_their_limit_are_whole_and_longer_ones_are_cut_and_marked() -> None:
    whole = request_record(a_call(b"x" * MAX_REQUEST_BODY), [])
    assert (len(whole.body or ""), whole.body_truncated) == (MAX_REQUEST_BODY, False)
    cut = request_record(a_call(b"x" * (MAX_REQUEST_BODY + 1)), [])
    assert (len(cut.body or ""), cut.body_truncated) == (MAX_REQUEST_BODY, True)
    answer = response_record(an_answer(b"y" * (MAX_RESPONSE_BODY + 1)), [])
    assert (len(answer.body), answer.body_truncated) == (MAX_RESPONSE_BODY, True)


def test_a_response_that_the_caller_cut_already_stays_marked() -> None:
    assert response_record(an_answer(b"abc", truncated=True), []).body_truncated


def test_no_character_is_cut_in_two() -> None:
    assert text_of("€€€".encode(), 8) == ("€€", True)
    assert text_of("€€".encode(), 6) == ("€€", False)
    assert text_of("😀".encode(), 3) == ("", True)


@given(st.binary(max_size=300), st.integers(0, 200))
def test_any_bytes_become_text_within_the_limit(body: bytes, limit: int) -> None:
    text, cut = text_of(body, limit)
    assert len(text.encode()) <= limit
    if not cut:
        assert text == body.decode("utf-8", "replace")


def test_bytes_that_are_no_text_show_as_such() -> None:
    assert response_record(an_answer(b"ok \xff\xfe"), []).body == "ok \ufffd\ufffd"


def test_what_an_endpoint_echoes_of_the_credentials_is_masked_in_body_and_headers() -> None:
    webhook = a_webhook(auth=BasicAuth("joe"))
    secrets = some_secrets(credential="pass:word", headers={"X-Api-Key": "k-12345"})
    answer = an_answer(b"got Basic am9lOnBhc3M6d29yZA== and pass:word", ("X-Echo", "key k-12345!"))
    record = response_record(answer, secret_texts(webhook, secrets))
    assert record.body == "got Basic ***** and *****"
    assert record.headers == (("X-Echo", "key *****!"),)


def test_a_secret_s_beginning_at_the_end_of_a_cut_answer_is_masked_too() -> None:
    record = response_record(an_answer(b"token: abcdef", truncated=True), ["abcdefgh"])
    assert record.body == "token: *****"


def test_a_longer_secret_is_masked_before_one_that_is_part_of_it() -> None:
    secrets = secret_texts(a_webhook(), some_secrets(credential="abcd", headers={"K": "abcdef"}))
    assert scrub("abcdef abcd", secrets) == "***** *****"


@pytest.mark.parametrize(
    "written",
    [
        r'"k\u00eby\"\\/+<&"',
        r'"këy\"\\\/+<&"',
        r'"këy\"\\/+\u003c\u0026"',
        r"'këy\"\\/+<&'",
        "këy&quot;\\/+&lt;&amp;",
        "k%C3%ABy%22%5C%2F%2B%3C%26",
    ],
)
def test_a_secret_is_masked_however_json_python_html_or_a_url_write_it(written: str) -> None:
    masked = scrub(f"<{written}>", as_shown(['këy"\\/+<&']))
    assert masked.replace('"', "").replace("'", "") == "<*****>"


def test_an_endpoint_that_shows_the_secrets_it_verifies_with_has_those_masked_too() -> None:
    signing, previous = new_secret(b"1" * 24), new_secret(b"2" * 24)
    secrets = some_secrets(signing=signing, previous_signing=previous)
    shown = an_answer(f"{signing} {previous} {signing.removeprefix('whsec_')}".encode())
    record = response_record(shown, secret_texts(a_webhook(), secrets))
    assert record.body == "whsec_***** whsec_***** *****"


@pytest.mark.parametrize("secret", ["", "a", "abc"])
def test_what_is_too_short_to_be_told_from_text_is_left(secret: str) -> None:
    assert scrub("abc abc", as_shown([secret])) == "abc abc"


def test_a_secret_in_the_name_of_a_header_is_masked_too() -> None:
    record = response_record(an_answer(b"", ("X-k-12345-Seen", "yes")), ["k-12345"])
    assert record.headers == (("X-*****-Seen", "yes"),)


def test_an_error_is_cut_after_its_secrets_are_masked() -> None:
    secret = "s" * 20
    for before in range(MAX_ERROR_MESSAGE - 30, MAX_ERROR_MESSAGE + 1):
        message = error_message("x" * before + secret, [secret])
        assert "ssss" not in message
        assert len(message) <= MAX_ERROR_MESSAGE


def test_an_error_is_one_line_whatever_the_endpoint_puts_into_it() -> None:
    assert error_message("bad line a\r\nb\x9b\u2028c", []) == r"bad line a\r\nb\x9b\u2028c"
