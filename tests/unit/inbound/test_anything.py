"""Whatever comes to /in: an answer, stored once, and never without a reason."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.domain.inbound.message import Progress
from hookline.domain.inbound.presets import preset_names
from hookline.services.inbound.receive import Accepted, Done, Refused
from hookline_inbound.gateway import answer_to, call_of
from tests.builders import TENANT
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import a_call

KINDS = (
    *("application/json", "text/json; charset=utf-16", "application/cloudevents+json; charset=x"),
    *("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=koi8-r"),
    *("application/x-www-form-urlencoded; charset=windows-1252", "multipart/form-data"),
    *("multipart/form-data; boundary=b", 'multipart/form-data; boundary="b"; charset=utf-7'),
    *("multipart/mixed; boundary=b", "text/xml", "application/soap+xml; charset=utf-32"),
    *("application/xml; charset=undefined", "text/plain", "text/plain; charset=idna"),
    *("text/csv", "application/x-ndjson", "application/octet-stream", "image/png", "*/*"),
    *("application/grpc", "application/pdf; charset=\x00", ";;=", "", "é", "a/b; charset="),
)
_KINDS = st.sampled_from(KINDS) | st.text(max_size=30)
_BODIES = (
    st.binary(max_size=120)
    | st.sampled_from([b"{}", b"[]", b'{"a":', b"a=%FF&b", b"--b\r\n\r\n--b--", b"<a/>", b"null"])
    | st.dictionaries(st.text(), st.text() | st.floats()).map(lambda it: json.dumps(it).encode())
)
_PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "GZIP": gzip.compress,
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
    "deflate": zlib.compress,
    "x-gzip": bytes,
    "gzip, br": gzip.compress,
    "br": bytes,
    "zstd": bytes,
    "compress": bytes,
    ",,": bytes,
}
_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("x-hub-signature-256", "stripe-signature", "webhook-signature", "authorization"),
            *("flex-sync-webhook", "x-hookline-sync", "hookline-hops", "cookie", "traceparent"),
            *("webhook-request-origin", "x-hook-secret", "paypal-cert-url", "content-length"),
        ]
    ),
    st.text(max_size=40) | st.sampled_from(["true", "t=1,v1=00", "v1,AA==", "Bearer x.y.z"]),
)


@st.composite
def gateway_events(draw: st.DrawFn) -> dict[str, Any]:
    coding = draw(st.sampled_from(sorted(_PACK)))
    body = _PACK[coding](draw(_BODIES))
    text = base64.b64encode(body).decode()
    path = "/in/" + TENANT + "/" + draw(st.text(max_size=20))
    headers = {**draw(_HEADERS), "content-type": draw(_KINDS), "content-encoding": coding}
    return {
        "rawPath": path,
        "rawQueryString": draw(st.text(max_size=30)),
        "headers": headers,
        "cookies": draw(st.lists(st.text(max_size=5), max_size=2)),
        "requestContext": {
            "http": {
                "method": draw(st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW"])),
                "sourceIp": "192.0.2.1",
            },
            "domainName": "hooks.example.com",
            "requestId": "r",
        },
        "body": text,
        "isBase64Encoded": True,
    }


def _stack() -> Stack:
    """Every preset, a match of each kind that can fail, and at last one that takes all."""
    stack = Stack()
    for name in preset_names():
        more: dict[str, object] = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
        if name == "adyen":
            more = {"secret": "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"}
        if name == "microsoft-teams":
            more = {"secret": "YSBrZXkgb2YgYnl0ZXM="}
        if name in ("azure-devops", "servicenow"):
            more |= {"username": "u"}
        if name == "aws-sns":
            more = {"expect": {"body:TopicArn": "arn"}}
        if name == "discord":
            more = {"key": "00" * 31 + "01"}
        if name == "sendgrid":
            continue  # its key is made for each run of its own test
        stack.a_provider(name=name, verify={"type": name, **more})
    stack.a_provider(name="odd", match={"expression": "abs(payload)"})
    stack.a_function(stack.a_provider(name="all"), uri="**", each="message.payload.items")
    return stack


@pytest.fixture(scope="module")
def stack() -> Stack:
    return _stack()


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(event=gateway_events())
def test_whatever_comes_is_answered_stored_once_and_ends_with_a_reason(
    stack: Stack, event: dict[str, Any]
) -> None:
    stack.later(timedelta(seconds=1))
    before, _ = stack.messages.page(TENANT, 1_000)
    result = stack.receive(call_of(event))
    assert isinstance(result, Accepted | Done | Refused)
    answer = answer_to(result)
    assert answer["statusCode"] < 500 or isinstance(result, Done)
    json.dumps(answer)
    after, _ = stack.messages.page(TENANT, 1_000)
    assert [each.id for each in after] == [result.message_id, *(each.id for each in before)]
    stack.work(result.message_id)
    message = stack.message(result.message_id)
    if message.status is Progress.PENDING:  # a key that cannot be fetched is asked for again
        return
    assert message.message or message.passed_over or message.executions
    assert message.payload is not None or message.payload_problem or message.call.body.strip()


_TEXTS = (
    *(
        b"",
        b" ",
        b"{}",
        b"null",
        b'{"a":1e999}',
        b'{"a":',
        b"[" * 5_000,
        b"a=1&b=%FF",
        b"<a>&x;</a>",
    ),
    *(b"--b\r\n\r\nx\r\n--b--", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    *(b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"+ADw-", b"\x1f\x8b"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_content_type_in_every_encoding_is_answered_and_says_what_it_holds(
    kind: str,
) -> None:
    open_to_all = Stack()
    open_to_all.a_function(open_to_all.a_provider(), uri="**")
    taken = 0
    for coding, pack in _PACK.items():
        for text in _TEXTS:
            headers = {"content-type": kind, "content-encoding": coding}
            result = open_to_all.kept(a_call(headers=headers, body=pack(text)))
            taken += 1
            assert answer_to(result)["statusCode"] == 202
            open_to_all.work(result.message_id)
            message = open_to_all.message(result.message_id)
            assert message.status is Progress.SUCCESS
            nothing = text.strip() in (b"", b"null")
            assert message.payload is not None or message.payload_problem or nothing
    stored, _ = open_to_all.messages.page(TENANT, 10_000)
    assert len(stored) == taken
