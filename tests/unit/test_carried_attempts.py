"""An attempt that rides in the queue until it can be written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.delivery.call import Answered
from hookline.domain.delivery.delivery import Attempt, AttemptError, DefaultBody, ResponseRecord
from hookline.domain.delivery.tasks import delivery_message, parse_delivery_message
from hookline.errors import PoisonMessage, Unavailable
from hookline.services.delivery.messages import Acknowledge
from tests.builders import a_task, an_attempt
from tests.engine.endpoints import ADDRESS, CallSeen, after_failing
from tests.engine.steps import Call, Moment
from tests.engine.system import System


def gone(_: CallSeen) -> Answered:
    return Answered(410, (), b"", False, timedelta(seconds=1) / 20, ADDRESS)


MADE = replace(an_attempt(), next_attempt_at=None, webhook_version=3)
ANSWERED = ResponseRecord(503, (("retry-after", "9"), ("x", "\u20ac")), "no", body_truncated=False)


@pytest.mark.parametrize(
    "attempt",
    [
        MADE,
        replace(MADE, response=ANSWERED, error=None),
        replace(MADE, response=None, error=AttemptError("dns", "no such host"), address=None),
        replace(MADE, request=replace(MADE.request, default_body=DefaultBody("ab", False))),
    ],
)
def test_it_comes_out_as_it_went_in(attempt: Attempt) -> None:
    task = replace(a_task(), made=attempt)
    assert parse_delivery_message(delivery_message(task)) == task


@pytest.mark.parametrize("made", [None, [], {}, {"number": 1}, {"request": 7}])
def test_what_is_none_is_set_aside(made: object) -> None:
    message = {**json.loads(delivery_message(a_task())), "made": made}
    with pytest.raises(PoisonMessage):
        parse_delivery_message(json.dumps(message))


def test_a_410_that_could_not_be_written_spares_a_webhook_switched_on_since() -> None:
    system = System()
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, gone)
    refused: list[Call] = []

    def hook(call: Call, moment: Moment) -> None:
        if call.name == "webhook_changes.replace" and moment is Moment.BEFORE and not refused:
            refused.append(call)
            raise Unavailable("ThrottlingException")

    system.engine.steps.hook = hook
    system.run_deliveries()
    system.edit(webhook, name="off and on again")
    system.pass_time(timedelta(minutes=1))
    current = system.engine.webhooks_table.get(webhook.tenant, webhook.id)
    assert current is not None
    assert current.enabled
    assert system.status(event, webhook) == "failed"
    assert system.calls_to(webhook) == 1


def refuse_once(system: System, name: str) -> None:
    """One call of this name is refused, the first from now on."""
    refused: list[Call] = []

    def hook(call: Call, moment: Moment) -> None:
        if call.name == name and moment is Moment.BEFORE and not refused:
            refused.append(call)
            raise Unavailable("ThrottlingException")

    system.engine.steps.hook = hook


@pytest.mark.parametrize("minutes", [0.3, 10])
def test_it_is_recorded_once_though_its_message_comes_again_after_others(minutes: float) -> None:
    system = System()
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, after_failing(3))
    refuse_once(system, "delivery_changes.replace")
    system.run_deliveries()
    (rides,) = system.engine.retry_queue.bodies
    system.pass_time(timedelta(minutes=minutes), step=timedelta(seconds=1))
    made = system.calls_to(webhook)
    assert made > 1
    system.engine.retry_queue.send(rides)
    (handled,) = [one for one in system.run_retries() if one.message.task.made]
    delivery = system.delivery(event, webhook)
    assert (handled.outcome, handled.then, handled.delivery) == ("written", Acknowledge(), delivery)
    assert (handled.detail, handled.attempt) == (None, None)
    assert delivery.attempt_count == system.calls_to(webhook) == made


def test_it_is_recorded_once_though_two_have_it_at_once() -> None:
    drawn = iter((0.1, 0.2, 0.3))
    system = System(jitter=lambda: next(drawn))
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, after_failing(1))
    refuse_once(system, "delivery_changes.replace")
    system.run_deliveries()
    system.engine.retry_queue.send(*system.engine.retry_queue.bodies)

    def both_have_read(call: Call, moment: Moment) -> None:
        if call.name == "snapshots.load" and moment is Moment.AFTER:
            system.engine.steps.hook = lambda _call, _moment: None
            system.clock.advance(timedelta(seconds=2))
            assert [one.outcome for one in system.run_retries()] == ["retrying"]

    system.engine.steps.hook = both_have_read
    (handled,) = system.run_retries()
    delivery = system.delivery(event, webhook)
    assert (handled.outcome, handled.then, handled.delivery) == ("written", Acknowledge(), delivery)
    assert (handled.detail, handled.attempt) == (None, None)
    assert delivery.attempt_count == system.calls_to(webhook) == 1
