"""What the sender counts of its messages, and which it lets come again."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.telemetry import Metrics
from hookline.domain.delivery.delivery import Attempt, DeliveryTask
from hookline.domain.delivery.tasks import delivery_message
from hookline.errors import Unavailable
from hookline.services.delivery.messages import Acknowledge, Handled, HideUntil, LeaveIt, Then
from hookline_sender.messages import Deliver, DeliveryMessages
from tests.builders import NOW, a_delivery, a_task, an_attempt
from tests.engine.queues import Queue
from tests.engine.sending import InMemoryMoreMessages

PLENTY = timedelta(seconds=60)


class NoDeadLetters:
    """A dead-letter queue that cannot be reached."""

    def send(self, task: DeliveryTask, reason: str) -> None:
        raise Unavailable("SQS does not answer")

    def send_many(self, letters: Sequence[tuple[DeliveryTask, str]]) -> None:
        raise Unavailable("SQS does not answer")

    def set_aside(self, body: str, reason: str) -> None:
        raise Unavailable("SQS does not answer")


def a_record(number: int = 1, *, queue: str = "deliveries", body: str | None = None) -> Any:
    return {
        "messageId": f"m-{number}",
        "receiptHandle": f"r-{number}",
        "body": delivery_message(a_task()) if body is None else body,
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{queue}",
    }


def counted(deliver: Deliver, *records: Any) -> tuple[dict[str, Any], Sequence[str]]:
    """Every metric, by its name and outcome, and the messages that must come again."""
    lines: list[dict[str, Any]] = []
    work = DeliveryMessages(
        deliver=deliver,
        dead_letters=NoDeadLetters(),
        more_first_attempts=InMemoryMoreMessages(Queue(lambda: NOW), "deliveries"),
        more_retries=InMemoryMoreMessages(Queue(lambda: NOW), "retries"),
        retry_queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/retries",
        successes=None,
        logger=logging.getLogger("hookline.sender"),
        metrics=Metrics("sender", "dev", lambda: NOW, lambda line: lines.append(json.loads(line))),
    )
    failed = work(records, lambda: PLENTY)
    found = {
        " ".join(filter(None, (name["Name"], line.get("outcome")))): line[name["Name"]]
        for line in lines
        for name in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    return found, failed


def handling(
    outcome: str, then: Then, error: Exception | None = None, attempt: Attempt | None = None
) -> Deliver:
    return lambda messages, *_: [
        Handled(each, outcome, then, delivery=a_delivery(), error=error, attempt=attempt)
        for each in messages
    ]


def test_a_bug_that_keeps_messages_from_being_worked_on_is_counted_as_such() -> None:
    bug = handling("broken", LeaveIt(), KeyError("nobody expected this"))
    assert counted(bug, a_record(1), a_record(2)) == ({"WorkFailed broken": 2}, ["m-1", "m-2"])


def test_a_service_that_does_not_do_its_part_is_counted_for_each_message() -> None:
    one_by_one = handling("unavailable", LeaveIt())
    assert counted(one_by_one, a_record()) == ({"WorkFailed unavailable": 1}, ["m-1"])
    both = counted(one_by_one, a_record(1), a_record(2))
    assert both == ({"WorkFailed unavailable": 2}, ["m-1", "m-2"])
    poison = counted(handling("ignored", Acknowledge()), a_record(body="{"))
    assert poison == ({"WorkFailed unavailable": 1}, ["m-1"])


def test_an_attempt_whose_next_could_not_be_timed_is_counted_both_ways() -> None:
    recorded = handling("retrying", LeaveIt(), attempt=an_attempt(number=2))
    assert counted(recorded, a_record()) == (
        {"Attempts retrying": 1, "WorkFailed unavailable": 1},
        ["m-1"],
    )


@pytest.mark.parametrize("outcome", ["rate_limited", "held", "diverted", "put_back", "early"])
def test_a_message_that_asks_for_an_attempt_later_is_no_no_op(outcome: str) -> None:
    then = HideUntil(NOW) if outcome == "early" else Acknowledge()
    assert counted(handling(outcome, then), a_record())[0] == {}


def test_a_message_that_is_stale_is_a_no_op() -> None:
    assert counted(handling("ignored", Acknowledge()), a_record()) == ({"NoOps": 1}, [])


def test_time_to_first_attempt_is_of_deliveries_that_nothing_of_their_webhooks_held_up() -> None:
    """Held, rate-limited and diverted ones come by the retry queue."""
    attempted = handling("success", Acknowledge(), attempt=an_attempt())
    assert counted(attempted, a_record())[0] == {
        "Attempts success": 1,
        "TimeToFirstAttempt": 1000,
    }
    assert counted(attempted, a_record(queue="retries"))[0] == {"Attempts success": 1}
