"""Signatures made by code that is not ours: accepted, and refused once one byte differs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.domain.inbound.message import RETENTION
from hookline.domain.inbound.signatures import NotVerified, Verified
from tests.builders import NOW
from tests.inbound_builders import a_call
from tests.unit.inbound.signed_calls import (
    Signed,
    by_basic,
    by_bitbucket,
    by_general_hmac,
    by_github,
    by_gitlab,
    by_jira,
    by_shopify,
    by_slack,
    by_standard_webhooks,
    by_stripe,
    judged,
)

SIGNED = [
    by_github,
    by_stripe,
    by_slack,
    by_standard_webhooks,
    by_shopify,
    by_bitbucket,
    by_jira,
    by_gitlab,
    by_general_hmac,
    by_basic,
]
TIMESTAMPED = [by_stripe, by_slack, by_standard_webhooks]
IN_QUERY = {"type": "token", "query": "key"}
IN_HEADER = {"type": "token", "header": "x-gate"}
OVER_THE_BODY = [each for each in SIGNED if each not in (by_gitlab, by_basic)]


@pytest.mark.parametrize("make", SIGNED)
def test_what_the_system_signed_is_verified(make: Callable[[], Signed]) -> None:
    assert isinstance(make().verdict(), Verified)


@pytest.mark.parametrize("make", OVER_THE_BODY)
def test_any_one_byte_of_the_body_that_differs_is_refused(make: Callable[[], Signed]) -> None:
    signed = make()
    body = signed.call.body
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert isinstance(signed.verdict(body=changed), NotVerified), at
    assert isinstance(signed.verdict(body=body + b"\n"), NotVerified)


@pytest.mark.parametrize("make", SIGNED)
def test_any_one_character_of_a_header_that_differs_is_refused(
    make: Callable[[], Signed],
) -> None:
    signed = make()
    for name in signed.counting:
        value = signed.call.headers[name]
        for at in range(len(value)):
            # Not the other case: hex and the word Basic mean the same in both.
            other = "0" if value[at] != "0" else "1"
            headers = {**signed.call.headers, name: value[:at] + other + value[at + 1 :]}
            assert isinstance(signed.verdict(headers=headers), NotVerified), (name, at)


def test_any_one_character_of_stripes_time_and_signature_counts() -> None:
    signed = by_stripe()
    value = signed.call.headers["stripe-signature"]
    time, signature = value.split(",")[:2]
    start = len(time) + 1
    for at in (*range(2, len(time)), *range(start + 3, start + len(signature))):
        changed = value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
        headers = {"stripe-signature": changed}
        assert isinstance(signed.verdict(headers=headers), NotVerified), at


@pytest.mark.parametrize("make", SIGNED)
def test_another_secret_is_refused(make: Callable[[], Signed]) -> None:
    signed = make()
    other = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"
        if signed.secret.startswith("whsec_M")
        else signed.secret + "x"
    )
    assert isinstance(signed.verdict(secret=other), NotVerified)


@pytest.mark.parametrize("make", SIGNED)
def test_without_its_headers_or_a_secret_a_call_is_refused(make: Callable[[], Signed]) -> None:
    signed = make()
    assert isinstance(signed.verdict(headers={}), NotVerified)
    assert isinstance(signed.verdict(secret=""), NotVerified)
    assert isinstance(judged(signed.verify, [], signed.call), NotVerified)


@pytest.mark.parametrize("make", TIMESTAMPED)
@pytest.mark.parametrize("off", [timedelta(seconds=301), timedelta(seconds=-302)])
def test_a_timestamp_five_minutes_off_is_refused(
    make: Callable[[datetime], Signed], off: timedelta
) -> None:
    verdict = make(NOW).verdict(now=NOW + off)
    assert verdict == NotVerified("the signature's timestamp is more than 300 s off")


@pytest.mark.parametrize("make", TIMESTAMPED)
def test_a_timestamp_within_five_minutes_passes_and_can_be_told_when_it_comes_again(
    make: Callable[[datetime], Signed],
) -> None:
    verdict = make(NOW).verdict(now=NOW + timedelta(seconds=299))
    assert isinstance(verdict, Verified)
    assert verdict.signature is not None
    until = NOW.replace(microsecond=0) + timedelta(seconds=300) + RETENTION
    assert verdict.signature.until == until


def test_a_replay_is_the_same_signature_however_its_header_is_written() -> None:
    signed = by_stripe()
    header = signed.call.headers["stripe-signature"]
    rewritten = {"stripe-signature": f"v1={'ab' * 32}, {header.upper().replace('V1', 'v1')}"}
    rewritten = {k: v.replace("T=", "t=") for k, v in rewritten.items()}
    assert signed.verdict() == signed.verdict(headers=rewritten)


def test_while_a_secret_is_rotated_either_signature_will_do() -> None:
    signed = by_standard_webhooks()
    good = signed.call.headers["webhook-signature"]
    both = f"v1,{base64.b64encode(b'x' * 32).decode()} {good} v1a,unknown"
    headers = {**signed.call.headers, "webhook-signature": both}
    assert isinstance(signed.verdict(headers=headers), Verified)


@pytest.mark.parametrize(
    "value", ["", "sha256=", "sha256=zz", "sha1=abc", "sha256=757107ea, sha256=757107ea", "é"]
)
def test_a_malformed_signature_is_refused(value: str) -> None:
    verdict = by_github().verdict(headers={"x-hub-signature-256": value})
    assert verdict == NotVerified("the signature does not match")


@pytest.mark.parametrize("make", SIGNED)
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_stands_in_a_header_is_judged(
    make: Callable[[], Signed], data: st.DataObject
) -> None:
    signed = make()
    values = st.text() | st.sampled_from(sorted(signed.call.headers.values())).flatmap(
        lambda right: st.text().map(lambda text: right[: len(right) // 2] + text)
    )
    headers = {name: data.draw(values, label=name) for name in signed.call.headers}
    assert isinstance(signed.verdict(headers=headers), NotVerified)


@pytest.mark.parametrize("text", ["", "1e9", "-5", "12:00", "١٢٣", "9" * 40, "NaN"])
def test_a_timestamp_that_is_no_time_is_refused(text: str) -> None:
    signed = by_slack()
    headers = {**signed.call.headers, "x-slack-request-timestamp": text}
    assert isinstance(signed.verdict(headers=headers), NotVerified)


@pytest.mark.parametrize("values", [(), ("other",), ("gate", "gate"), ("gate", "other"), ("",)])
def test_a_token_in_the_query_must_be_there_once_and_right(values: tuple[str, ...]) -> None:
    call = a_call(query={"key": values} if values else {})
    assert isinstance(judged(IN_QUERY, ["gate"], call), NotVerified)


def test_a_token_passes_in_the_query_or_header_it_belongs_in() -> None:
    in_query = a_call(query={"key": ("gate",)})
    in_header = a_call(headers={"x-gate": "gate"})
    assert judged(IN_QUERY, ["gate"], in_query) == Verified()
    assert judged(IN_HEADER, ["gate"], in_header) == Verified()
    assert isinstance(judged(IN_HEADER, ["gate"], in_query), NotVerified)


@pytest.mark.parametrize("header", ["Bearer x", "Basic", "Basic !!!", "Basic Y2k=", "Basic Y2k6"])
def test_other_credentials_are_no_basic_authentication(header: str) -> None:
    call = a_call(headers={"authorization": header})
    assert isinstance(judged({"type": "basic", "username": "ci"}, ["pass"], call), NotVerified)


def test_no_reason_tells_the_secret_or_the_right_signature() -> None:
    for make in SIGNED:
        signed = make()
        verdict = signed.verdict(secret=signed.secret + "x")
        assert isinstance(verdict, NotVerified)
        assert signed.secret not in verdict.reason


def test_without_verification_anybody_may_call() -> None:
    assert judged({"type": "none"}, [], a_call()) == Verified()
