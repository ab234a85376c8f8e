"""What is published is identified by function and message; what a resubmit may and may not run."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.event.rules import is_event_id
from hookline.domain.ids import MessageId
from hookline.domain.inbound.message import Message, Outcome, Progress
from hookline.domain.inbound.message_filter import MessageFilter
from hookline.ports.inbound import Answered
from hookline.services.inbound.resubmit import MOST_RESUBMITTED, Resubmitted
from tests.builders import NOW, PRINCIPAL, TENANT, a_webhook
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.signed_calls import by_stripe

SECRET = "It's a Secret to Everybody"


def resubmitted(stack: Stack, message: Message) -> Message:
    new = stack.resubmit(TENANT, message.id, PRINCIPAL)
    stack.work(MessageId(new.id))
    return stack.message(new.id)


def from_github(body: bytes = b"{}", **more: str) -> dict[str, Any]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={digest}", "x-github-delivery": "d-1", **more}
    return {"body": body, "headers": headers}


def test_two_functions_that_give_their_events_the_same_id_publish_one_each() -> None:
    stack = Stack()
    provider = stack.a_provider(verify={"type": "github", "secret": SECRET})
    event = {"type": "'git.push'", "id": "message.delivery_id"}
    for name in ("a", "b"):
        stack.a_function(provider, name=name, action={"type": "publish", "event": event})
    call = a_call(**from_github())
    message = stack.received(call)
    assert message.status is Progress.SUCCESS
    assert len(stack.events.accepted) == 2
    assert all(each.startswith("d-1-") and is_event_id(each) for each in stack.events.accepted)

    stack.received(call)
    assert len(stack.events.accepted) == 2, "the sender's own repeat publishes nothing twice"
    resubmitted(stack, message)
    assert len(stack.events.accepted) == 4, "a resubmit publishes anew"


def test_a_long_id_still_tells_two_events_apart() -> None:
    stack = Stack()
    event = {"type": "'git.push'", "id": "message.payload.id"}
    stack.a_function(stack.a_provider(), action={"type": "publish", "event": event})
    for last in ("x", "y"):
        body = f'{{"id":"{"a" * 63}{last}"}}'.encode()
        assert stack.received(a_call(body=body)).status is Progress.SUCCESS
    assert len(stack.events.accepted) == 2
    broken = stack.received(a_call(body=b'{"id":"a b"}'))
    assert "id must be 1 to 64" in broken.executions[0].message


def test_gitlabs_delivery_is_named_by_its_idempotency_key_alone() -> None:
    stack = Stack()
    provider = stack.a_provider(verify={"type": "gitlab", "secret": "gl-token"})
    event = {"type": "'git.push'", "data": "{id: message.delivery_id, x: `1`}"}
    stack.a_function(provider, action={"type": "publish", "event": event})
    headers = {"x-gitlab-token": "gl-token", "x-gitlab-event-uuid": "shared"}
    for more in ({}, {"idempotency-key": "own"}):
        stack.received(a_call(headers=headers | more))
    found = [each.data for each in stack.events.accepted.values()]
    assert found == [{"id": None, "x": 1}, {"id": "own", "x": 1}]


# -- resubmitting ----------------------------------------------------------------------------------


def test_a_forgery_does_not_run_because_somebody_resubmits_it() -> None:
    stack = Stack()
    stack.a_function(stack.a_provider(verify={"type": "github", "secret": SECRET}))
    call = from_github()
    call["body"] = b'{"forged":true}'
    forged = stack.received(a_call(**call))
    again = resubmitted(stack, forged)
    assert (forged.outcome, again.outcome) == (Outcome.NO_PROVIDER, Outcome.NO_PROVIDER)
    assert again.passed_over[0].reason == "not verified: the signature does not match"
    assert stack.events.accepted == {}


def test_a_replay_does_not_run_because_somebody_resubmits_it_days_later() -> None:
    stack = Stack()
    signed = by_stripe()
    stack.a_function(stack.a_provider(verify={"type": "stripe", "secret": signed.secret}))
    first = stack.received(signed.call)
    replay = stack.received(signed.call)
    stack.later(timedelta(days=6))
    again = resubmitted(stack, replay)
    assert again.passed_over[0].reason == "not verified: the signature was seen before"
    assert resubmitted(stack, first).outcome is Outcome.MATCHED
    assert resubmitted(stack, resubmitted(stack, first)).outcome is Outcome.MATCHED


@pytest.mark.parametrize(
    ("verify", "headers", "query"),
    [
        ({"type": "token", "header": "X-Gate", "token": "right-token"}, "x-gate", None),
        ({"type": "token", "query": "gate", "token": "right-token"}, None, "gate"),
        ({"type": "gitlab", "secret": "right-token"}, "x-gitlab-token", None),
        ({"type": "basic", "username": "u", "password": "p4ssw0rd"}, "authorization", None),
    ],
)
def test_whether_a_credential_had_passed_is_remembered(
    verify: dict[str, object], headers: str | None, query: str | None
) -> None:
    stack = Stack()
    stack.a_function(stack.a_provider(verify=verify))

    def called(value: str) -> Message:
        return stack.received(
            a_call(
                headers={headers: value} if headers else {},
                query={query: (value,)} if query else {},
            )
        )

    right = "Basic dTpwNHNzdzByZA==" if headers == "authorization" else "right-token"
    passed, failed = called(right), called("wrong")
    assert resubmitted(stack, passed).outcome is Outcome.MATCHED
    assert resubmitted(stack, resubmitted(stack, passed)).outcome is Outcome.MATCHED
    again = resubmitted(stack, failed)
    assert again.outcome is Outcome.NO_PROVIDER
    assert "had not passed here when it came" in again.passed_over[0].reason


def test_what_no_provider_took_runs_once_there_is_one_whose_signature_it_has() -> None:
    stack = Stack()
    stack.a_provider(name="other", match={"expression": "`false`"})
    message = stack.received(a_call(**from_github()))
    assert message.outcome is Outcome.NO_PROVIDER
    stack.a_function(stack.a_provider(verify={"type": "github", "secret": SECRET}))
    assert resubmitted(stack, message).outcome is Outcome.MATCHED


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("authorization", "*****"),
        ("x-gate", "*****"),
        ("x-goog-channel-token", "t"),
        ("page_token", "t"),
        ("secretary", "t"),
    ],
)
def test_a_match_sees_the_same_when_a_message_comes_and_when_it_is_resubmitted(
    name: str, seen: str
) -> None:
    stack = Stack()
    stack.a_provider(
        name="gate",
        match={"expression": "`false`"},
        verify={"type": "token", "header": "X-Gate", "token": "right-token"},
    )
    expression = f"headers.\"{name}\" == '{seen}'"
    stack.a_function(stack.a_provider(match={"expression": expression}))
    message = stack.received(a_call(headers={name: "t"}))
    assert message.outcome is Outcome.MATCHED
    assert message.call.headers[name] == seen
    assert resubmitted(stack, message).outcome is Outcome.MATCHED


def test_a_match_function_that_said_yes_is_not_asked_again_about_a_resubmit() -> None:
    stack = Stack(answers={LAMBDA_ARN: _by_authorization})
    stack.a_function(stack.a_provider(match={"function_arn": LAMBDA_ARN}))
    message = stack.received(a_call(headers={"authorization": "Bearer right"}))
    assert message.outcome is Outcome.MATCHED
    assert resubmitted(stack, message).outcome is Outcome.MATCHED
    stranger = stack.received(a_call(headers={"authorization": "Bearer wrong"}))
    assert resubmitted(stack, stranger).outcome is Outcome.NO_PROVIDER


def _by_authorization(told: Mapping[str, object]) -> Answered:
    headers = told["headers"]
    assert isinstance(headers, dict)
    return Answered({"match": headers["authorization"] == "Bearer right"}, "")


def test_many_messages_are_counted_and_run_again_by_a_filter() -> None:
    stack = Stack()
    provider = stack.a_provider()
    stack.a_function(provider, uri="git/push")
    lost = [stack.received(a_call(uri="else")) for _ in range(3)]
    stack.received(a_call())
    wanted = MessageFilter(outcome=Outcome.NO_FUNCTION)
    counted = stack.resubmit.many(TENANT, wanted, PRINCIPAL, dry_run=True)
    assert counted == Resubmitted(0, None), "those of this very moment are left alone"
    stack.later(timedelta(seconds=1))
    counted = stack.resubmit.many(TENANT, wanted, PRINCIPAL, dry_run=True)
    assert (counted, len(stack.messages.page(TENANT, 100)[0])) == (Resubmitted(3, None), 4)
    stack.a_function(provider, uri="else")
    assert stack.resubmit.many(TENANT, wanted, PRINCIPAL, dry_run=False) == Resubmitted(3, None)
    again = [each for each in stack.messages.page(TENANT, 100)[0] if each.resubmit_of]
    assert {each.resubmit_of for each in again} == {each.id for each in lost}
    for each in again:
        stack.work(each.id)
        assert stack.message(each.id).outcome is Outcome.MATCHED


def test_more_than_one_call_can_do_goes_on_where_it_ended() -> None:
    stack = Stack()
    stack.a_provider()
    for _ in range(MOST_RESUBMITTED + 20):
        stack.received(a_call(uri="else"))
        stack.later(timedelta(seconds=1))
    wanted = MessageFilter(outcome=Outcome.NO_FUNCTION)
    first = stack.resubmit.many(TENANT, wanted, PRINCIPAL, dry_run=False)
    assert first.messages == MOST_RESUBMITTED
    rest = replace(wanted, until=first.rest_until)
    assert stack.resubmit.many(TENANT, rest, PRINCIPAL, dry_run=False) == Resubmitted(20, None)


def test_what_came_in_the_same_millisecond_is_neither_left_out_nor_run_twice() -> None:
    stack = Stack()
    stack.a_provider()
    came = set()
    for number in range(MOST_RESUBMITTED + 20):
        came.add(stack.received(a_call(uri="else")).id)
        if number % 7 == 0:
            stack.later(timedelta(milliseconds=1))
    stack.later(timedelta(seconds=1))
    wanted: MessageFilter | None = MessageFilter(outcome=Outcome.NO_FUNCTION, since=NOW)
    calls = 0
    while wanted is not None:
        done = stack.resubmit.many(TENANT, wanted, PRINCIPAL, dry_run=False)
        wanted = replace(wanted, until=done.rest_until) if done.rest_until else None
        calls += 1
    again = [each.resubmit_of for each in stack.messages.page(TENANT, 1_000)[0]]
    assert sorted(each for each in again if each) == sorted(came)
    assert calls == 2


# -- forwarding ------------------------------------------------------------------------------------


def test_a_forward_hands_on_method_query_coding_and_chosen_headers_but_no_credential() -> None:
    stack = Stack()
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    chosen = ["X-Github-Event", "X-Missing", "Authorization"]
    action = {"type": "forward", "webhook_id": webhook.id, "headers": chosen}
    stack.a_function(stack.a_provider(), action=action)
    headers = {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "x-github-event": "push",
        "authorization": "Bearer x",
        "x-other": "1",
    }
    query = {"a": ("1", "ü"), "token": ("x",)}
    stack.received(a_call(method="PUT", body=b"\x1f\x8b", headers=headers, query=query))
    (event,) = stack.events.accepted.values()
    pristine = event.pristine
    assert pristine is not None
    assert (pristine.method, pristine.query) == ("PUT", "a=1&a=%C3%BC")
    assert pristine.headers == {"content-encoding": "gzip", "x-github-event": "push"}
