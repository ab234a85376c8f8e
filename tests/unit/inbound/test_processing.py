"""Each function of a message runs until it succeeded once: through failures, crashes, repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.signature import SignatureVerifier

from hookline.domain.ids import MessageId, WebhookId
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.tries import LEASE, MAX_TRIES
from hookline.errors import TooLarge, Unavailable
from hookline.ports_inbound import Answered, Threw
from hookline.services.process_message import ComeBack, Finished, Over
from hookline.services.receive import Accepted, Challenged, Done
from tests.builders import NOW, PRINCIPAL, TENANT, a_webhook
from tests.engine.inbound_stack import BY, Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.test_verification import by_slack, by_stripe

INVOKE = {"type": "invoke", "function_arn": LAMBDA_ARN}


class Flaky:
    """A function of a user's that fails so many times; ``calls`` counts them."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self, payload: Mapping[str, object]) -> Answered | Threw:
        self.calls += 1
        if self.calls <= self.failures:
            return Threw("boom", "Traceback")
        return Answered({"message": "built 42", "log": "step 1\nstep 2"}, "")


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


def test_a_crash_before_the_result_is_written_repeats_the_message_once_its_claim_ends() -> None:
    flaky = Flaky()
    stack = Stack(answers={LAMBDA_ARN: flaky})
    stack.a_function(stack.a_provider(), action=INVOKE)
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    claim = stack.process.new_claim()
    stack.messages.claim(TENANT, accepted.message_id, claim, stack.now)  # and here it dies
    assert stack.work(accepted.message_id) == ComeBack(LEASE, "another run works on it")
    stack.later(LEASE)
    assert isinstance(stack.work(accepted.message_id), Finished)
    assert stack.message(accepted.message_id).status is Progress.SUCCESS
    assert flaky.calls == 1


def test_a_repeated_run_publishes_nothing_twice() -> None:
    stack = Stack()
    stack.a_function(stack.a_provider())
    message = stack.received(a_call())
    provider = message.provider_id
    assert provider is not None
    # As if the worker had died right after publishing: the stored message is still pending.
    stack.messages.put(replace(message, status=Progress.PENDING, outcome=None, executions=()))
    assert isinstance(stack.work(message.id), Finished)
    again = stack.message(message.id)
    assert again.executions[0].message.endswith(" again")
    assert len(stack.events.accepted) == 1


def test_a_message_that_kills_every_run_is_given_up() -> None:
    stack = Stack()
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    for _ in range(MAX_TRIES):
        stack.messages.claim(TENANT, accepted.message_id, stack.process.new_claim(), stack.now)
        stack.later(LEASE)
    assert isinstance(stack.work(accepted.message_id), Finished)
    message = stack.message(accepted.message_id)
    assert (message.status, message.message) == (Progress.FAILED, "gave up after 5 tries")


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
        verify={"type": "gitlab", "secret": "gl"},
        properties={"project": 7, "deploy_token": "s3cret"},
    )
    stack.a_function(provider, action=INVOKE)
    message = stack.received(
        a_call(headers={"x-gitlab-token": "gl", "x-gitlab-event-uuid": "e-1"}, body=b"\xff")
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
    stack.a_provider(verify={"type": "token", "query": "gate", "token": "abc"})
    stack.a_provider(name="b", verify={"type": "basic", "username": "u", "password": "p"})
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


# -- receiving -------------------------------------------------------------------------------------


def test_a_call_is_durable_before_it_is_queued_and_acknowledged() -> None:
    stack = Stack()
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    assert stack.messages.get(TENANT, accepted.message_id) is not None
    assert stack.queue.sent == [(TENANT, accepted.message_id, timedelta(0))]
    assert stack.quota_calls == [TENANT]


@pytest.mark.parametrize("name", ["flex-sync-webhook", "x-hookline-sync"])
def test_a_synchronous_call_waits_for_its_functions(name: str) -> None:
    flaky = Flaky(failures=1)
    stack = Stack(answers={LAMBDA_ARN: flaky})
    call = a_call(headers={name: "true"})
    assert _done(stack.receive(call)) == (Progress.FAILED, Outcome.NO_PROVIDER)
    provider = stack.a_provider()
    assert _done(stack.receive(call)) == (Progress.FAILED, Outcome.NO_FUNCTION)
    stack.a_function(provider, action=INVOKE)
    assert _done(stack.receive(call)) == (Progress.FAILED, Outcome.MATCHED)
    assert _done(stack.receive(call)) == (Progress.SUCCESS, Outcome.MATCHED)
    assert flaky.calls == 2, "a synchronous failure is the caller's to repeat"


def test_a_synchronous_call_whose_receiver_dies_is_worked_on_later() -> None:
    flaky = Flaky()
    stack = Stack(answers={LAMBDA_ARN: flaky})
    stack.a_function(stack.a_provider(), action=INVOKE)
    stack.receive(a_call(headers={"x-hookline-sync": "true"}))
    (tenant, message_id, delay) = stack.queue.sent[0]
    assert (tenant, delay > LEASE) == (TENANT, True)
    stack.later(delay)
    assert stack.work(message_id) == Over(), "it had been done"
    assert flaky.calls == 1


def test_an_unknown_tenant_is_answered_like_one_without_providers_and_nothing_is_kept() -> None:
    stack = Stack()
    nobody = a_call(tenant="nobody")
    assert isinstance(stack.receive(nobody), Accepted)
    sync = a_call(tenant="nobody", headers={"x-hookline-sync": "true"})
    known = a_call(headers={"x-hookline-sync": "true"})
    assert _done(stack.receive(sync)) == _done(stack.receive(known))
    assert [tenant for tenant, *_ in stack.queue.sent] == [TENANT]
    assert stack.quota_calls == [TENANT]


def test_a_body_of_256_kib_is_taken_and_one_byte_more_is_not() -> None:
    stack = Stack()
    assert isinstance(stack.receive(a_call(body=b"a" * 262_144)), Accepted)
    with pytest.raises(TooLarge, match="262144"):
        stack.receive(a_call(body=b"a" * 262_145))


# -- replays and handshakes ------------------------------------------------------------------------


def test_a_timestamped_signature_that_comes_again_is_refused() -> None:
    stack = Stack()
    signed = by_stripe()
    stack.a_function(stack.a_provider(verify={"type": "stripe", "secret": signed.secret}))
    assert stack.received(signed.call).outcome is Outcome.MATCHED
    replayed = stack.received(signed.call)
    assert replayed.outcome is Outcome.NO_PROVIDER
    assert replayed.passed_over[0].reason == "not verified: the signature was seen before"


def test_the_same_message_tried_again_is_no_replay_of_itself() -> None:
    signed = by_stripe()
    stack = Stack(answers={LAMBDA_ARN: Flaky(failures=1)})
    verify = {"type": "stripe", "secret": signed.secret}
    stack.a_function(stack.a_provider(verify=verify), action=INVOKE)
    message = stack.received(signed.call)
    stack.later(timedelta(minutes=10))
    stack.work(message.id)
    assert stack.message(message.id).status is Progress.SUCCESS


def test_the_tolerance_is_judged_at_arrival_not_after_the_wait_in_the_queue() -> None:
    stack = Stack()
    signed = by_stripe()
    stack.a_function(stack.a_provider(verify={"type": "stripe", "secret": signed.secret}))
    accepted = stack.receive(signed.call)
    assert isinstance(accepted, Accepted)
    stack.later(timedelta(hours=3))
    stack.work(accepted.message_id)
    assert stack.message(accepted.message_id).outcome is Outcome.MATCHED


def _challenge(stack: Stack, secret: str) -> Accepted | Done | Challenged:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    timestamp = str(int(NOW.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    headers = {"x-slack-signature": str(signature), "x-slack-request-timestamp": timestamp}
    return stack.receive(a_call(uri="slack", body=body.encode(), headers=headers))


def test_slacks_challenge_is_answered_when_it_is_signed_and_runs_no_function() -> None:
    stack = Stack()
    secret = by_slack().secret
    provider = stack.a_provider(verify={"type": "slack", "secret": secret})
    stack.a_function(provider, uri="slack")
    assert _challenge(stack, secret) == Challenged("3eZbrw1aB")
    message = stack.message(stack.queue.sent[-1][1])
    assert (message.status, message.message) == (Progress.SUCCESS, "url_verification")
    assert message.executions == ()


def test_a_challenge_nobody_signed_is_not_answered() -> None:
    stack = Stack()
    stack.a_provider(verify={"type": "slack", "secret": "right"})
    assert isinstance(_challenge(stack, "wrong"), Accepted)


def test_githubs_ping_is_noted_and_runs_no_function() -> None:
    stack = Stack()
    headers = {
        "x-hub-signature-256": (
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        ),
        "x-github-event": "ping",
    }
    verify = {"type": "github", "secret": "It's a Secret to Everybody"}
    stack.a_function(stack.a_provider(verify=verify))
    message = stack.received(a_call(body=b"Hello, World!", headers=headers))
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    assert (message.message, message.executions) == ("ping", ())


# -- resubmitting ----------------------------------------------------------------------------------


def test_a_resubmitted_message_runs_again_unverified_and_says_who_asked_for_what() -> None:
    stack = Stack()
    signed = by_stripe()
    stack.a_function(stack.a_provider(verify={"type": "stripe", "secret": signed.secret}))
    original = stack.received(signed.call)
    stack.later(timedelta(days=2))
    new = stack.resubmit(TENANT, original.id, PRINCIPAL)
    assert (new.resubmit_of, new.resubmitted_by) == (original.id, PRINCIPAL)
    assert new.status is Progress.PENDING
    stack.work(MessageId(stack.queue.sent[-1][1]))
    again = stack.message(new.id)
    assert (again.status, again.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    assert again.call.body == original.call.body
    assert len(stack.events.accepted) == 2


def _done(answer: Accepted | Done | Challenged) -> tuple[Progress, Outcome | None]:
    assert isinstance(answer, Done)
    return answer.status, answer.outcome
