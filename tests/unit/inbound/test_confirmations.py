"""A subscription that Amazon SNS wants confirmed: fetched once, from its own hosts alone."""

from __future__ import annotations

import json

from hookline.domain.inbound.answers import Answer
from hookline.domain.inbound.message import Outcome
from hookline.services.inbound.receive import Accepted
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import a_call
from tests.unit.inbound.senders import ALL, AT, Signed


def _by_sns(kind: str) -> Signed:
    (found,) = [
        each
        for each in ALL
        if each.preset == "aws-sns" and each.call.headers["x-amz-sns-message-type"] == kind
    ]
    return found


def test_snss_confirmation_is_fetched_once_from_its_own_hosts() -> None:
    signed = _by_sns("SubscriptionConfirmation")
    asked = json.loads(signed.call.body)["SubscribeURL"]
    published = {url: text.encode() for url, text in signed.published.items()} | {asked: b"<ok/>"}
    stack = Stack(now=AT, published=published)
    stack.a_function(stack.a_provider(verify={"type": "aws-sns", **signed.verify}), uri="**")
    result = stack.kept(a_call(body=signed.call.body, headers=signed.call.headers))
    assert result == Accepted(result.message_id, Answer(200, {}, ""))
    assert stack.fetched == [], "nothing is fetched while the caller waits"
    stack.work(result.message_id)
    assert stack.message(result.message_id).message == "SubscriptionConfirmation: confirmed"
    assert stack.fetched.count(asked) == 1


def test_a_confirmation_that_sns_refuses_ends_with_what_it_said() -> None:
    signed = _by_sns("SubscriptionConfirmation")
    asked = json.loads(signed.call.body)["SubscribeURL"]
    published = {url: text.encode() for url, text in signed.published.items()}
    stack = Stack(now=AT, published=published, refused={asked: "the address answers 403"})
    stack.a_provider(verify={"type": "aws-sns", **signed.verify})
    message = stack.received(a_call(body=signed.call.body, headers=signed.call.headers))
    assert message.message == "SubscriptionConfirmation: the address answers 403"


def test_a_confirmation_that_nobody_signed_fetches_nothing() -> None:
    signed = _by_sns("SubscriptionConfirmation")
    stack = Stack(now=AT, published=dict.fromkeys(signed.published, b""))
    stack.a_provider(verify={"type": "aws-sns", **signed.verify})
    body = signed.call.body.replace(b"Action=Confirm", b"Action=Other")
    message = stack.received(a_call(body=body, headers=signed.call.headers))
    assert message.outcome is Outcome.NO_PROVIDER
    assert [url for url in stack.fetched if "Action" in url] == []
