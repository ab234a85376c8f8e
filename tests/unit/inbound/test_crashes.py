"""A run that dies, or is overtaken: what is done again, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hookline.domain.inbound.message import Progress
from hookline.domain.inbound.tasks import LEASE, MAX_TRIES
from hookline.ports.inbound import Answered
from hookline.services.inbound.process_message import ComeBack, Finished, Over
from hookline.services.inbound.receive import Accepted
from tests.builders import TENANT
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.flaky import INVOKE, Flaky


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
    stack.a_provider()
    accepted = stack.receive(a_call())
    assert isinstance(accepted, Accepted)
    for _ in range(MAX_TRIES):
        stack.messages.claim(TENANT, accepted.message_id, stack.process.new_claim(), stack.now)
        stack.later(LEASE)
    assert isinstance(stack.work(accepted.message_id), Finished)
    message = stack.message(accepted.message_id)
    assert (message.status, message.message) == (Progress.FAILED, "gave up after 5 tries")


class _Dies(BaseException):
    """The process is killed: nothing catches it."""


@pytest.mark.parametrize("fatal", range(1, 6))
def test_a_crash_amid_a_list_repeats_the_invocation_that_was_under_way_and_no_other(
    fatal: int,
) -> None:
    invoked: list[object] = []

    def answer(told: Mapping[str, object]) -> Answered:
        invoked.append(told["element"])
        if len(invoked) == fatal:
            raise _Dies
        return Answered(None, "")

    stack = Stack(answers={LAMBDA_ARN: answer})
    stack.a_function(stack.a_provider(), each="message.payload.items", action=INVOKE)
    stack.a_function(stack.a_provider(), name="another")
    accepted = stack.kept(a_call(body=b'{"items":[1,2,3,4,5]}'))
    with pytest.raises(_Dies):
        stack.work(accepted.message_id)
    stack.later(LEASE)
    stack.work(accepted.message_id)
    message = stack.message(accepted.message_id)
    assert message.status is Progress.SUCCESS
    assert message.executions[0].done == (0, 1, 2, 3, 4)
    assert sorted(map(str, invoked)) == sorted([*"12345", str(fatal)])


def test_a_list_whose_message_was_taken_over_goes_no_further() -> None:
    invoked: list[object] = []

    def answer(told: Mapping[str, object]) -> Answered:
        invoked.append(told["element"])
        stack.later(LEASE)
        stack.messages.claim(TENANT, accepted.message_id, stack.process.new_claim(), stack.now)
        return Answered(None, "")

    stack = Stack(answers={LAMBDA_ARN: answer})
    stack.a_function(stack.a_provider(), each="message.payload.items", action=INVOKE)
    accepted = stack.kept(a_call(body=b'{"items":[1,2,3]}'))
    assert stack.work(accepted.message_id) == Over()
    assert invoked == [1]
