"""How a call is taken in: answers, handshakes, replays, and running it again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from slack_sdk.signature import SignatureVerifier

from hookline.domain.ids import MessageId
from hookline.domain.inbound.answers import Answer
from hookline.domain.inbound.message import Outcome, Progress
from hookline.domain.inbound.tasks import LEASE
from hookline.errors import TooLarge
from hookline.services.inbound.process_message import Over
from hookline.services.inbound.receive import Accepted, Done, NotKept, Refused, Result
from tests.builders import NOW, PRINCIPAL, TENANT
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.flaky import INVOKE, Flaky
from tests.unit.inbound.signed_calls import by_slack, by_stripe

# -- receiving -------------------------------------------------------------------------------------


def test_a_call_is_durable_before_it_is_queued_and_acknowledged() -> None:
    stack = Stack()
    stack.a_provider()
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    assert stack.messages.get(TENANT, accepted.message_id) is not None
    assert stack.queue.sent == [(TENANT, accepted.message_id, timedelta(0))]
    assert stack.calls == [(TENANT, 1)]
    assert stack.sizes == [(TENANT, len(a_call().body))]


@pytest.mark.parametrize("name", ["flex-sync-webhook", "x-hookline-sync"])
def test_a_synchronous_call_waits_for_its_functions(name: str) -> None:
    flaky = Flaky(failures=1)
    stack = Stack(answers={LAMBDA_ARN: flaky})
    call = a_call(headers={name: "true"})
    assert stack.receive(call) == NotKept(waits=True)
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
    assert stack.receive(nobody) == stack.receive(a_call()) == NotKept(waits=False)
    sync = a_call(tenant="nobody", headers={"x-hookline-sync": "true"})
    known = a_call(headers={"x-hookline-sync": "true"})
    assert stack.receive(sync) == stack.receive(known) == NotKept(waits=True)
    assert stack.queue.sent == []
    assert stack.messages.page(TENANT, 10) == ([], None)
    assert stack.calls == [(TENANT, 1), (TENANT, 1)]


def test_a_body_of_6_mb_is_taken_and_one_byte_more_is_not() -> None:
    stack = Stack()
    stack.a_provider()
    assert isinstance(stack.receive(a_call(body=b"a" * 6_291_456)), Accepted)
    with pytest.raises(TooLarge, match="6291456"):
        stack.receive(a_call(body=b"a" * 6_291_457))


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


def _challenge(stack: Stack, secret: str) -> Accepted | Refused | Done:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    timestamp = str(int(NOW.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    headers = {"x-slack-signature": str(signature), "x-slack-request-timestamp": timestamp}
    return stack.kept(a_call(uri="slack", body=body.encode(), headers=headers))


def test_slacks_challenge_is_answered_when_it_is_signed_and_runs_no_function() -> None:
    stack = Stack()
    secret = by_slack().secret
    provider = stack.a_provider(verify={"type": "slack", "secret": secret})
    stack.a_function(provider, uri="slack")
    answer = _challenge(stack, secret)
    message = stack.message(answer.message_id)
    fixed = Answer(200, {"Content-Type": "text/plain; charset=utf-8"}, "3eZbrw1aB")
    assert answer == Accepted(message.id, fixed)
    assert stack.queue.sent == []
    assert (message.status, message.message) == (Progress.SUCCESS, "url_verification")
    assert message.executions == ()


def test_a_challenge_nobody_signed_is_not_answered() -> None:
    stack = Stack()
    stack.a_provider(verify={"type": "slack", "secret": "the right one"})
    answer = _challenge(stack, "wrong one")
    assert answer == Accepted(answer.message_id)


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


def _done(answer: Result) -> tuple[Progress, Outcome | None]:
    assert isinstance(answer, Done)
    return answer.status, answer.outcome
