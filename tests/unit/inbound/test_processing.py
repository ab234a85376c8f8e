"""Each function of a message runs until it succeeded once: through failures, crashes, repeats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hookline.domain.ids import WebhookId
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.tasks import MAX_TRIES
from hookline.errors import Unavailable
from hookline.ports.inbound import Answered
from hookline.services.inbound.process_message import ComeBack, Did, Finished, Over
from hookline.services.inbound.receive import Accepted
from tests.builders import TENANT, a_webhook
from tests.engine.inbound_stack import BY, Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.flaky import INVOKE, Flaky


def test_a_failed_function_is_tried_again_and_the_successful_one_is_not() -> None:
    flaky = Flaky(failures=1)
    stack = Stack(answers={LAMBDA_ARN: flaky})
    provider = stack.a_provider()
    stack.a_function(provider, name="publish")
    stack.a_function(provider, name="deploy", action=INVOKE)
    message = stack.received(a_call())
    by_name = {run.function_name: run for run in message.executions}
    assert by_name["publish"].status is Progress.SUCCESS
    assert (by_name["deploy"].status, by_name["deploy"].message) == (Progress.FAILED, "boom")
    assert by_name["deploy"].logs == "Traceback"
    assert message.status is Progress.PENDING

    stack.later(timedelta(seconds=10))
    assert isinstance(stack.work(message.id), Finished)
    again = stack.message(message.id)
    by_name_again = {run.function_name: run for run in again.executions}
    assert by_name_again["publish"] == by_name["publish"]
    assert by_name_again["deploy"].message == "built 42"
    assert by_name_again["deploy"].logs == "step 1\nstep 2"
    assert (again.status, flaky.calls) == (Progress.SUCCESS, 2)
    assert len(stack.events.accepted) == 1


def test_events_are_of_the_trace_that_the_call_came_with() -> None:
    stack = Stack()
    provider = stack.a_provider()
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    stack.a_function(provider, name="publish")
    forward = {"type": "forward", "webhook_id": webhook.id}
    stack.a_function(provider, name="forward", action=forward)
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    stack.received(a_call(headers={"traceparent": traceparent}))
    assert [each.traceparent for each in stack.events.accepted.values()] == [traceparent] * 2
    stack.received(a_call(headers={"traceparent": "no trace"}))
    assert [each.traceparent for each in stack.events.accepted.values()][2:] == [None] * 2


def test_waits_grow_and_after_five_tries_the_message_has_failed() -> None:
    flaky = Flaky(failures=99)
    stack = Stack(answers={LAMBDA_ARN: flaky})
    stack.a_function(stack.a_provider(), action=INVOKE)
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    waits = []
    for _ in range(MAX_TRIES - 1):
        result = stack.work(accepted.message_id)
        assert isinstance(result, ComeBack)
        waits.append(result.after.total_seconds())
        stack.later(result.after)
    assert waits == [10, 60, 300, 900]
    assert isinstance(stack.work(accepted.message_id), Finished)
    message = stack.message(accepted.message_id)
    assert (message.status, message.outcome) == (Progress.FAILED, Outcome.MATCHED)
    assert message.message == "publish: boom"
    assert stack.work(accepted.message_id) == Over()
    assert flaky.calls == MAX_TRIES


def test_what_cannot_end_otherwise_is_not_tried_again() -> None:
    stack = Stack()
    provider = stack.a_provider()
    literal = {"type": "publish", "event": {"type": "git.push"}}
    stack.a_function(provider, action=literal)
    message = stack.received(a_call())
    assert message.status is Progress.FAILED
    assert "type is required" in message.executions[0].message
    assert stack.events.accepted == {}


def test_nothing_is_decided_while_aws_does_not_do_its_part() -> None:
    def down(payload: Mapping[str, object]) -> Answered:
        raise Unavailable("Invoke: TooManyRequestsException")

    stack = Stack(answers={LAMBDA_ARN: down})
    stack.a_provider(match={"function_arn": LAMBDA_ARN})
    fallback = stack.a_provider(name="fallback")
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    assert isinstance(stack.work(accepted.message_id), ComeBack)
    message = stack.message(accepted.message_id)
    assert (message.outcome, message.status) == (None, Progress.PENDING)
    stack.answers[LAMBDA_ARN] = lambda _: Answered({"match": False}, "")
    stack.work(accepted.message_id)
    assert stack.message(accepted.message_id).provider_id == fallback


def test_a_function_that_surprises_us_stops_no_other() -> None:
    def surprise(payload: Mapping[str, object]) -> Answered:
        raise RecursionError("deep")

    stack = Stack(answers={LAMBDA_ARN: surprise})
    provider = stack.a_provider()
    stack.a_function(provider, name="broken", action=INVOKE)
    stack.a_function(provider, name="publish")
    message = stack.received(a_call())
    assert {run.function_name: run.status for run in message.executions} == {
        "broken": Progress.FAILED,
        "publish": Progress.SUCCESS,
    }


def test_a_function_deleted_between_two_tries_fails_for_good() -> None:
    stack = Stack(answers={LAMBDA_ARN: Flaky(failures=1)})
    function = stack.a_function(stack.a_provider(), action=INVOKE)
    message = stack.received(a_call())
    stack.functions.delete(TENANT, function, BY)  # type: ignore[arg-type] # an id is text
    stack.work(message.id)
    message = stack.message(message.id)
    assert (message.status, message.message) == (
        Progress.FAILED,
        "publish: the function was deleted",
    )


def test_functions_are_told_message_properties_and_the_senders_delivery_id() -> None:
    told: list[Mapping[str, object]] = []

    def listen(payload: Mapping[str, object]) -> Answered:
        told.append(payload)
        return Answered(None, "tail of the log")

    stack = Stack(answers={LAMBDA_ARN: listen})
    provider = stack.a_provider(
        verify={"type": "gitlab", "secret": "gl-token"},
        properties={"project": 7, "deploy_token": "s3cret"},
    )
    stack.a_function(provider, action=INVOKE)
    message = stack.received(
        a_call(headers={"x-gitlab-token": "gl-token", "idempotency-key": "e-1"}, body=b"\xff")
    )
    (payload,) = told
    assert payload["properties"] == {"project": 7, "deploy_token": "s3cret"}
    view = payload["message"]
    assert isinstance(view, Mapping)
    assert (view["delivery_id"], view["body"], view["body_is_base64"]) == ("e-1", "/w==", True)
    assert view["headers"]["x-gitlab-token"] == "*****"
    assert message.executions[0].logs == "tail of the log"


def test_credentials_are_not_kept_once_they_were_used() -> None:
    stack = Stack()
    stack.a_provider(verify={"type": "token", "query": "gate", "token": "abcdef"})
    stack.a_provider(name="b", verify={"type": "basic", "username": "u", "password": "p4ssw0rd"})
    message = stack.received(
        a_call(headers={"authorization": "Basic eA==", "x-event-key": "k"}, query={"gate": ("x",)})
    )
    assert message.call.headers == {"authorization": "*****", "x-event-key": "k"}
    assert message.call.query == {"gate": ("*****",)}


# -- forwarding ------------------------------------------------------------------------------------


def test_a_forward_is_an_event_for_one_webhook_with_the_pristine_body() -> None:
    stack = Stack()
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    action = {"type": "forward", "webhook_id": webhook.id}
    stack.a_function(stack.a_provider(), action=action)
    stack.received(a_call(body=b"\xff\x00", headers={"content-type": "image/png"}))
    (event,) = stack.events.accepted.values()
    assert event.target == webhook.id
    assert event.pristine is not None
    assert (event.pristine.content, event.pristine.content_type) == (b"\xff\x00", "image/png")


def test_a_forward_to_a_webhook_that_is_off_fails_and_says_so() -> None:
    stack = Stack()
    webhook = a_webhook()
    stack.webhooks.by_id[webhook.id] = webhook
    action = {"type": "forward", "webhook_id": webhook.id}
    stack.a_function(stack.a_provider(), action=action)
    stack.webhooks.by_id[webhook.id] = a_webhook(id=webhook.id, enabled=False)
    message = stack.received(a_call())
    assert message.executions[0].message == f"the webhook {webhook.id} is off"
    del stack.webhooks.by_id[WebhookId(webhook.id)]
    assert "does not exist" in stack.received(a_call()).executions[0].message


def test_a_bug_that_one_function_meets_is_handed_on_with_the_events_of_the_others() -> None:
    bug = KeyError("nobody expected this")

    def meets_it(_: Mapping[str, object]) -> Answered:
        raise bug

    stack = Stack(answers={LAMBDA_ARN: meets_it})
    provider = stack.a_provider()
    stack.a_function(provider, name="publish")
    stack.a_function(provider, name="deploy", action=INVOKE)
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    result = stack.work(accepted.message_id)
    assert isinstance(result, ComeBack)
    assert result.did == Did(tuple(stack.events.accepted), (bug,))
