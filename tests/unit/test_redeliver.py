from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.errors import Conflict, NotFound
from tests.builders import DAY, MAX_AGE, a_delivery
from tests.engine.crashes import crash_at
from tests.engine.endpoints import answering
from tests.engine.steps import Moment
from tests.engine.system import Crash, System


@pytest.mark.parametrize("code", [200, 500])
def test_a_retry_of_any_delivery_makes_one_attempt_at_once(system: System, code: int) -> None:
    webhook, event = system.one_event(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(code))
    system.run_everything()
    assert system.status(event, webhook).ended
    shown = system.retry(system.delivery(event, webhook).key)
    assert (shown.status, shown.next_attempt_at) == (Status.RETRYING, system.clock())
    system.run_everything()
    assert len(system.endpoints.calls) == 2


def test_past_its_age_the_one_attempt_decides(system: System) -> None:
    webhook, event = system.one_event()
    system.run_everything()
    system.clock.advance(MAX_AGE + DAY)
    system.endpoints.tell(webhook.url, answering(500))
    system.retry(system.delivery(event, webhook).key)
    system.run_everything()
    assert system.status(event, webhook) is Status.FAILED
    assert len(system.endpoints.calls) == 2


def test_a_retry_is_refused_while_its_webhook_is_off_or_deleted(system: System) -> None:
    webhook, event = system.one_event()
    key = system.delivery(event, webhook).key
    system.edit(webhook, enabled=False)
    with pytest.raises(Conflict, match="off"):
        system.retry(key)
    system.delete(webhook)
    with pytest.raises(Conflict, match="deleted"):
        system.retry(key)


def test_a_retry_is_refused_once_its_event_has_expired(system: System) -> None:
    webhook, event = system.one_event()
    key = system.delivery(event, webhook).key
    del system.engine.events_table._events[event.tenant, event.id]
    with pytest.raises(Conflict, match="expired"):
        system.retry(key)


def test_what_does_not_exist_is_not_found(system: System) -> None:
    for act in (system.retry, system.cancel):
        with pytest.raises(NotFound):
            act(a_delivery().key)


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("name", ["delivery_changes.replace", "first_attempts.send"])
def test_a_crash_during_a_retry_loses_nothing_and_repeats_nothing(
    system: System, name: str, moment: Moment
) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    calls = len(system.endpoints.calls)
    system.endpoints.tell(webhook.url, answering(200))
    number = system.engine.steps.names[name] + 1
    system.engine.steps.hook = crash_at(name, moment, number)
    with pytest.raises(Crash):
        system.retry(system.delivery(event, webhook).key)
    system.start()
    system.pass_time(LEASE + timedelta(minutes=2))
    assert system.status(event, webhook) is Status.SUCCESS
    assert len(system.endpoints.calls) == calls + 1


def test_a_cancel_stops_what_is_to_come(system: System) -> None:
    webhook, event = system.one_event()
    system.endpoints.tell(webhook.url, answering(500))
    system.run_everything()
    shown = system.cancel(system.delivery(event, webhook).key)
    assert (shown.status, shown.next_attempt_at) == (Status.CANCELLED, None)
    system.pass_time(DAY, step=timedelta(hours=1))
    assert len(system.endpoints.calls) == 1


def test_what_has_ended_cannot_be_cancelled(system: System) -> None:
    webhook, event = system.one_event()
    system.run_everything()
    with pytest.raises(Conflict, match="success"):
        system.cancel(system.delivery(event, webhook).key)


def test_a_cancelled_delivery_can_be_retried(system: System) -> None:
    webhook, event = system.one_event()
    key = system.delivery(event, webhook).key
    system.cancel(key)
    system.retry(key)
    system.run_everything()
    assert system.status(event, webhook) is Status.SUCCESS
    assert len(system.endpoints.calls) == 1
