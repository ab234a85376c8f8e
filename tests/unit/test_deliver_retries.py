"""What follows a failed attempt: waits, parking, dead letters."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import MINUTE, SECOND
from tests.engine.endpoints import after_failing, answering
from tests.engine.system import System
from tests.engine.wiring import Budget


def test_a_failed_first_attempt_waits_in_the_retry_queue_and_goes_on_when_due(
    system: System,
) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, after_failing(2))
    system.run_everything()
    assert system.status(event, webhook) is Status.RETRYING
    assert not system.engine.delivery_queue.messages
    system.clock.advance(5 * SECOND)
    system.run_everything()
    assert system.delivery(event, webhook).attempt_count == 2
    (hidden,) = system.engine.retry_queue.messages
    assert system.delivery(event, webhook).timer == hidden.id
    system.clock.advance(15 * SECOND)
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS
    assert [seen.attempt for seen in system.endpoints.calls] == [1, 2, 3]
    assert len({seen.event_id for seen in system.endpoints.calls}) == 1
    assert len({seen.call.body for seen in system.endpoints.calls}) == 1
    assert not system.engine.retry_queue.messages


def test_every_earlier_attempt_stays_in_the_log(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, after_failing(3))
    system.pass_time(10 * MINUTE)
    attempts = system.engine.deliveries_table.attempts(system.delivery(event, webhook), 50)
    statuses = [a.response.status for a in attempts if a.response]
    assert [attempt.number for attempt in attempts] == [1, 2, 3, 4]
    assert statuses == [500, 500, 500, 200]


def test_a_wait_beyond_the_ceiling_is_parked_and_released_when_due(system: System) -> None:
    hour = timedelta(hours=1)
    webhook, event = system.one_event(retry=RetryPolicy(initial_delay=hour))
    system.endpoints.tell(webhook.url, after_failing(1))
    system.run_everything()
    due = system.clock() + hour
    assert system.delivery(event, webhook).waiting == OnTheClock(due)
    assert not system.engine.retry_queue.messages
    system.pass_time(hour - MINUTE)
    assert len(system.endpoints.calls) == 1
    system.pass_time(2 * MINUTE)
    assert system.status(event, webhook) is Status.SUCCESS
    assert system.endpoints.calls[-1].at >= due


def test_what_exceeds_the_share_of_the_retry_queue_is_parked() -> None:
    system = System(budget=Budget(per_webhook=3))
    webhook = system.webhook()
    system.endpoints.tell(webhook.url, after_failing(1))
    events = [system.publish() for _ in range(8)]
    system.run_everything()
    assert len(system.engine.retry_queue.messages) == 3
    system.pass_time(3 * MINUTE)
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert len(system.endpoints.calls) == 16


def test_the_endpoint_s_retry_after_is_kept(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(503, Retry_After="120"))
    system.run_everything()
    assert system.delivery(event, webhook).next_attempt_at == system.clock() + 120 * SECOND
    system.clock.advance(119 * SECOND)
    system.run_everything()
    assert len(system.endpoints.calls) == 1


def test_a_retry_after_as_long_as_its_age_leaves_it_retrying_until_then(system: System) -> None:
    hour = timedelta(hours=1)
    webhook = system.webhook(retry=RetryPolicy(max_age=hour))
    system.endpoints.tell(webhook.url, answering(503, Retry_After="3600"))
    event = system.publish()
    system.pass_time(hour - MINUTE)
    assert system.status(event, webhook) is Status.RETRYING
    system.pass_time(3 * MINUTE)
    delivery = system.delivery(event, webhook)
    assert delivery.status is Status.FAILED
    assert delivery.finished_at is not None
    assert timedelta() <= delivery.finished_at - delivery.expires_at <= 2 * MINUTE
    assert len(system.endpoints.calls) == 1
    (letter,) = system.engine.dead_letter_queue.messages
    assert letter.reason == delivery.failure_reason == "its time was up before an attempt succeeded"


@pytest.mark.parametrize("code", [301, 302, 307])
def test_a_redirect_is_a_failure_and_not_followed(system: System, code: int) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(code, Location="https://example.com/other"))
    system.run_everything()
    assert system.status(event, webhook) is Status.RETRYING
    assert len(system.endpoints.calls) == 1


def test_an_exhausted_delivery_is_dead_lettered_with_its_reason_and_redriven_once(
    system: System,
) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=2))
    system.endpoints.tell(webhook.url, answering(500))
    system.pass_time(2 * MINUTE)
    assert system.status(event, webhook) is Status.FAILED
    (letter,) = system.engine.dead_letter_queue.messages
    assert letter.reason == "all of its 2 attempts failed"
    system.engine.dead_letter_queue.move_all_to(system.engine.delivery_queue)
    system.pass_time(2 * MINUTE)
    assert len(system.endpoints.calls) == 3
    assert system.status(event, webhook) is Status.FAILED
    assert len(system.engine.dead_letter_queue.messages) == 1
    system.endpoints.tell(webhook.url, answering(200))
    system.engine.dead_letter_queue.move_all_to(system.engine.delivery_queue)
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS
    assert len(system.endpoints.calls) == 4


def test_two_dead_letters_of_one_failure_are_redriven_as_one(system: System) -> None:
    webhook, _ = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    (letter,) = system.engine.dead_letter_queue.messages
    for _ in range(2):
        system.engine.delivery_queue.send(letter.body)
    system.run_everything()
    assert len(system.endpoints.calls) == 2


def test_a_letter_redriven_while_the_webhook_is_off_returns_to_the_dead_letters(
    system: System,
) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    system.edit(webhook, enabled=False)
    system.engine.dead_letter_queue.move_all_to(system.engine.delivery_queue)
    system.run_everything()
    assert len(system.engine.dead_letter_queue.messages) == 1
    assert system.status(event, webhook) is Status.FAILED


def test_ten_days_of_failure_follow_the_policy_and_end_in_the_dead_letters() -> None:
    system = System(jitter=lambda: 0.0)
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.pass_time(timedelta(days=10), step=timedelta(minutes=10))
    delivery = system.delivery(event, webhook)
    assert delivery.status is Status.FAILED
    assert len(system.engine.dead_letter_queue.messages) == 1
    times = [seen.at for seen in system.endpoints.calls]
    waits = [later - earlier for earlier, later in pairwise(times)]
    shortest = [min(5 * 3**n, 43_200) * 0.9 * SECOND for n in range(len(waits))]
    assert all(wait >= least for wait, least in zip(waits, shortest, strict=True))
    assert times[-1] > event.accepted_at + timedelta(days=9)
