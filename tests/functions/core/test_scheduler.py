"""The scheduler function: a minute passes; tables and queues out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import OnItsWebhook, OnTheClock, Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from tests.builders import MINUTE
from tests.contract.http.endpoints import answering
from tests.functions.core.conftest import (
    asking,
    delivery_of,
    events_of_the_stream,
    example,
    queued,
    with_arn,
)
from tests.functions.core.test_sender import FAILING, prepare
from tests.worlds.permissions import USED
from tests.worlds.stack import Stack


def test_lost_first_attempts_are_found_and_sent(stack: Stack) -> None:
    prepare(stack, 9)
    stack.clock.advance(LEASE + MINUTE)
    assert stack.schedule()
    assert asking(stack) == 2
    for event in events_of_the_stream():
        waiting = delivery_of(stack, event).waiting
        assert waiting == OnTheClock(stack.clock() + LEASE)


def test_a_round_that_runs_out_of_time_asks_lambda_for_more_invocations(stack: Stack) -> None:
    prepare(stack, 9)
    stack.clock.advance(LEASE + MINUTE)
    assert stack.schedule(remaining=timedelta(seconds=45))
    assert ("lambda:InvokeFunction", "SchedulerFunction") in USED["SchedulerFunction"]


def test_a_round_with_nothing_to_do_does_nothing(stack: Stack) -> None:
    prepare(stack, 9)
    assert stack.schedule()
    assert queued(stack, "retries") == []


def test_lost_retries_are_found_and_sent(stack: Stack) -> None:
    with answering(FAILING) as endpoint:
        prepare(stack, endpoint.port)
        stack.send(with_arn(example("sender_deliveries"), "deliveries"))
    stack.sqs.purge_queue(QueueUrl=stack.queues["retries"])
    stack.clock.advance(LEASE + MINUTE)
    assert stack.schedule()
    assert asking(stack) == 2


def test_held_deliveries_go_on_once_their_webhook_is_on_again(stack: Stack) -> None:
    prepare(stack, 9)
    event = events_of_the_stream()[0]
    key = delivery_of(stack, event).key
    webhook = stack.stores.webhooks.get(key.tenant, key.webhook_id)
    assert webhook is not None
    off = _switched(webhook, enabled=False)
    stack.stores.webhook_changes.replace(webhook, off)
    stack.send(with_arn(example("sender_deliveries"), "deliveries"))
    assert isinstance(delivery_of(stack, event).waiting, OnItsWebhook)
    stack.clock.advance(MINUTE)
    assert stack.schedule()
    assert queued(stack, "retries") == []
    stack.stores.webhook_changes.replace(off, _switched(off, enabled=True))
    assert stack.schedule("round-2")
    assert len(queued(stack, "retries")) == 2
    assert delivery_of(stack, event).status is Status.CREATED


def _switched(webhook: Webhook, *, enabled: bool) -> Webhook:
    return replace(webhook, version=webhook.version + 1, enabled=enabled)


def test_a_round_of_which_a_part_failed_raises_for_the_alarms(stack: Stack) -> None:
    class Context:
        aws_request_id = "round-1"

        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    with stack.entry_point("SchedulerFunction") as handler:
        handler(example("scheduler_tick"), Context())
    stack.overrides["SCHEDULE_TABLE"] = "no-such-table"
    with stack.entry_point("SchedulerFunction") as handler, pytest.raises(Unavailable):
        handler(example("scheduler_tick"), Context())
