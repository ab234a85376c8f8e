"""What a function is for, and its runs: when, each, wildcards, texts of the log, loops, repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.inbound.function import uri_fits
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.net.header_rules import MAX_HOPS
from hookline.errors import Rejected
from hookline.ports.inbound import Answered, Threw
from tests.builders import a_webhook
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.flaky import INVOKE
from tests.unit.inbound.test_identity import from_github


def publishing(**event: object) -> dict[str, object]:
    return {"type": "publish", "event": {"type": "'a.b'"} | event}


@pytest.mark.parametrize(
    ("pattern", "uri", "fits"),
    [
        ("git/push", "/git/push/", True),
        ("git/*", "git/push", True),
        ("git/*", "git", False),
        ("git/*", "git/a/b", False),
        ("*/push", "git/push", True),
        ("git/**", "git/a/b", True),
        ("git/**", "git", True),
        ("git/**", "gitlab", False),
        ("**", "any/thing", True),
        ("git/pu*", "git/push", False),
    ],
)
def test_a_star_is_a_segment_and_two_are_any_rest(pattern: str, uri: str, fits: bool) -> None:
    assert uri_fits(pattern, uri) is fits


def test_functions_with_wildcards_run_beside_the_others() -> None:
    stack = Stack()
    provider = stack.a_provider()
    for uri in ("git/push", "git/*", "**", "git/*/x"):
        stack.a_function(provider, name=uri, uri=uri)
    message = stack.received(a_call(uri="/git/push"))
    assert [run.function_name for run in message.executions] == ["git/push", "git/*", "**"]
    with pytest.raises(Rejected):
        stack.a_function(provider, uri="a/**/b")


def test_a_function_whose_when_is_false_is_not_run_and_nothing_has_failed() -> None:
    stack = Stack()
    provider = stack.a_provider()
    stack.a_function(provider, name="main", when="message.payload.ref == 'refs/heads/main'")
    stack.a_function(provider, name="tags", when="starts_with(message.payload.ref, 'refs/tags')")
    message = stack.received(a_call(body=b'{"ref":"refs/heads/main"}'))
    assert [run.function_name for run in message.executions] == ["main"]
    nothing = stack.received(a_call(body=b'{"ref":"refs/heads/dev"}'))
    assert (nothing.status, nothing.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    assert nothing.message == "no function is for it: each when is false"
    broken = stack.received(a_call(body=b'{"ref":7}'))
    assert broken.status is Progress.FAILED
    assert "when or each comes to nothing: starts_with() takes string" in broken.message


def test_each_publishes_one_event_for_each_element_of_a_list() -> None:
    stack = Stack()
    event = {"entity_id": "element.sku", "data": "{n: index, all: length(message.payload.items)}"}
    stack.a_function(stack.a_provider(), each="message.payload.items", action=publishing(**event))
    call = a_call(body=json.dumps({"items": [{"sku": "a"}, {"sku": "b"}]}).encode())
    message = stack.received(call)
    assert message.executions[0].message == "2 of 2 elements"
    assert (message.executions[0].elements, message.executions[0].done) == (2, (0, 1))
    found = list(stack.events.accepted.values())
    assert [each.entity_id for each in found] == ["a", "b"]
    assert [each.data for each in found] == [{"n": 0, "all": 2}, {"n": 1, "all": 2}]
    nothing = stack.received(a_call(body=b'{"items":null}'))
    assert nothing.executions[0].message == "0 of 0 elements"


def test_elements_with_the_same_id_of_their_message_are_events_of_their_own() -> None:
    stack = Stack()
    action = publishing(id="message.message_id")
    stack.a_function(stack.a_provider(), each="message.payload", action=action)
    stack.received(a_call(body=b"[1,2,3]"))
    assert len(stack.events.accepted) == 3


def test_an_element_that_failed_is_tried_again_and_the_others_are_not() -> None:
    told: list[object] = []

    def fails_on_b_once(payload: Mapping[str, object]) -> Answered | Threw:
        told.append(payload["element"])
        return Threw("boom", "") if told.count("b") == 1 and payload["element"] == "b" else OK

    stack = Stack(answers={LAMBDA_ARN: fails_on_b_once})
    stack.a_function(stack.a_provider(), each="message.payload", action=INVOKE)
    message = stack.received(a_call(body=b'["a","b","c"]'))
    assert message.executions[0].message == "2 of 3 elements; element 1: boom"
    stack.later(timedelta(seconds=10))
    stack.work(message.id)
    assert stack.message(message.id).status is Progress.SUCCESS
    assert told == ["a", "b", "c", "b"]


OK = Answered({"message": "ok"}, "")


@pytest.mark.parametrize(
    ("each", "body", "why"),
    [
        ("message.payload", b'{"a":1}', "each comes to no list"),
        ("message.payload", json.dumps([0] * 1_001).encode(), "has 1001 elements; 1000 at most"),
        ("sum(message.payload)", b'["a"]', "when or each comes to nothing"),
    ],
)
def test_what_is_no_list_to_run_through_fails_for_good_and_says_so(
    each: str, body: bytes, why: str
) -> None:
    stack = Stack()
    stack.a_function(stack.a_provider(), each=each)
    message = stack.received(a_call(body=body))
    assert (message.status, why in message.message) == (Progress.FAILED, True), message.message


def test_each_cannot_be_there_with_a_forward() -> None:
    stack = Stack()
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    action = {"type": "forward", "webhook_id": webhook.id}
    with pytest.raises(Rejected) as refused:
        stack.a_function(stack.a_provider(), each="message.payload", action=action)
    assert [each.field for each in refused.value.errors] == ["each"]


def test_a_function_gives_the_log_its_own_words() -> None:
    stack = Stack()
    words = "join(' ', ['built', message.payload.ref, 'and', result])"
    stack.a_function(stack.a_provider(), log_message=words)
    (execution,) = stack.received(a_call(body=b'{"ref":"main"}')).executions
    assert execution.message.startswith("built main and published evt_")


def test_a_loop_is_stopped_after_eight_rounds_and_says_so() -> None:
    stack = Stack()
    stack.a_function(stack.a_provider())
    for hops in range(MAX_HOPS + 1):
        message = stack.received(a_call(headers={"hookline-hops": str(hops)}))
        assert message.status is Progress.SUCCESS
    assert [each.hops for each in stack.events.accepted.values()] == list(range(1, MAX_HOPS + 2))
    stopped = stack.received(a_call(headers={"hookline-hops": str(MAX_HOPS + 1)}))
    assert stopped.status is Progress.FAILED
    assert "9 times, as in a loop" in stopped.message
    made_up = stack.received(a_call(headers={"hookline-hops": "9" * 400}))
    assert made_up.status is Progress.SUCCESS


def test_a_senders_own_repeat_is_recognised_by_its_id_and_body() -> None:
    stack = Stack()
    verify = {"type": "github", "secret": "It's a Secret to Everybody"}
    stack.a_function(stack.a_provider(verify=verify), uri="**")
    first = stack.received(a_call(**from_github()))
    again = stack.received(a_call(**from_github()))
    other: dict[str, Any] = from_github(b'{"other":1}')
    assert (first.repeat_of, again.repeat_of) == (None, first.id)
    assert stack.received(a_call(**other)).repeat_of is None
    assert stack.received(a_call(uri="else", **from_github())).repeat_of is None
