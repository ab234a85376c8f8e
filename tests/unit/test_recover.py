from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.delivery.recover_rules import recovery_of
from hookline.domain.event.event import Event
from hookline.domain.ids import JobId
from hookline.domain.times import iso
from hookline.domain.webhook.webhook import RetryPolicy, Webhook
from hookline.errors import Conflict, NotFound, Rejected
from hookline.services.waiting.recover import Counted, Recover
from tests.builders import MINUTE, NOW, PRINCIPAL, TENANT, WEBHOOK_ID, an_id
from tests.engine.crashes import crash_at
from tests.engine.endpoints import answering
from tests.engine.steps import Moment
from tests.engine.system import Crash, System


def recover(system: System) -> Recover:
    return Recover(
        jobs=system.engine.recover_jobs,
        log=system.engine.delivery_log,
        webhooks=system.engine.webhooks,
        advance=system.advance_recovery,
        clock=system.clock,
        randomness=lambda size: hash(an_id("x")).to_bytes(size, signed=True),
    )


def start(system: System, webhook: Webhook, **asked: object) -> RecoverJob | Counted:
    document = {"since": iso(system.clock() - timedelta(hours=1))} | asked
    return recover(system).start(TENANT, webhook.id, document, PRINCIPAL, lambda: True)


def failed_events(system: System, count: int) -> tuple[Webhook, list[Event]]:
    """A webhook each of whose deliveries failed for good, and is well again."""
    webhook = system.webhook(retry=RetryPolicy(max_attempts=1))
    system.endpoints.tell(webhook.url, answering(500))
    events = []
    for _ in range(count):
        # One by one, with a success between, so that the circuit stays closed.
        events.append(system.publish())
        system.run_everything()
        system.endpoints.tell(webhook.url, answering(200))
        system.publish(type="other.thing")
        system.run_everything()
        system.endpoints.tell(webhook.url, answering(500))
    system.endpoints.tell(webhook.url, answering(200))
    system.clock.advance(MINUTE)
    return webhook, events


def test_what_failed_is_attempted_again_at_once_and_nothing_else(system: System) -> None:
    webhook, events = failed_events(system, 5)
    before = system.calls_to(webhook)
    job = start(system, webhook)
    assert isinstance(job, RecoverJob)
    assert (job.status, job.matched, job.resent, job.remaining) == (JobStatus.DONE, 5, 5, 0)
    system.clock.advance(MINUTE)
    system.run_everything()
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert system.calls_to(webhook) == before + 5


def test_a_dry_run_counts_and_sends_nothing(system: System) -> None:
    webhook, events = failed_events(system, 3)
    assert start(system, webhook, dry_run=True) == Counted(3)
    assert system.statuses(events, webhook) == {Status.FAILED}


def test_types_and_time_narrow_it(system: System) -> None:
    webhook, _ = failed_events(system, 2)
    assert start(system, webhook, dry_run=True, types=["other.thing"]) == Counted(0)
    assert start(system, webhook, dry_run=True, until=iso(NOW)) == Counted(0)
    assert start(system, webhook, dry_run=True, statuses=["success"]) == Counted(2)


def test_a_rate_spreads_it_over_minutes_and_progress_is_shown(system: System) -> None:
    webhook, _ = failed_events(system, 20)
    before = system.calls_to(webhook)
    job = start(system, webhook, rate_per_second=0.1)
    assert isinstance(job, RecoverJob)
    assert (job.status, job.resent, job.remaining) == (JobStatus.RUNNING, 6, 14)
    counts = []
    for _ in range(5):
        system.pass_time(MINUTE, step=timedelta(seconds=10))
        counts.append(system.calls_to(webhook) - before)
    assert counts[0] <= 12
    assert counts[-1] == 20
    done = recover(system).get(TENANT, webhook.id, job.id)
    assert (done.status, done.resent) == (JobStatus.DONE, 20)
    assert done.finished_at is not None


def test_a_cancelled_job_sends_nothing_more(system: System) -> None:
    webhook, _ = failed_events(system, 20)
    job = start(system, webhook, rate_per_second=0.1)
    assert isinstance(job, RecoverJob)
    cancelled = recover(system).cancel(TENANT, webhook.id, job.id)
    assert (cancelled.status, cancelled.remaining) == (JobStatus.CANCELLED, 0)
    before = system.calls_to(webhook)
    system.pass_time(5 * MINUTE)
    assert system.calls_to(webhook) == before + 6
    with pytest.raises(Conflict):
        recover(system).cancel(TENANT, webhook.id, job.id)


def test_a_crash_after_the_deliveries_and_before_the_progress_sends_nothing_twice(
    system: System,
) -> None:
    webhook, events = failed_events(system, 5)
    before = system.calls_to(webhook)
    system.engine.steps.hook = crash_at("recover_jobs.replace", Moment.BEFORE)
    with pytest.raises(Crash):
        start(system, webhook)
    system.start()
    system.pass_time(3 * MINUTE)
    assert system.statuses(events, webhook) == {Status.SUCCESS}
    assert system.calls_to(webhook) == before + 5


def test_a_job_waits_while_its_webhook_is_off_and_ends_when_it_is_deleted(
    system: System,
) -> None:
    webhook, _ = failed_events(system, 10)
    job = start(system, webhook, rate_per_second=0.1)
    assert isinstance(job, RecoverJob)
    system.edit(webhook, enabled=False)
    system.pass_time(2 * MINUTE)
    assert recover(system).get(TENANT, webhook.id, job.id).resent == job.resent
    system.delete(webhook)
    system.pass_time(MINUTE)
    assert recover(system).get(TENANT, webhook.id, job.id).status is JobStatus.DONE


def test_there_is_nothing_to_recover_for_a_webhook_that_is_off_or_not_there(
    system: System,
) -> None:
    webhook = system.webhook()
    off = system.edit(webhook, enabled=False)
    with pytest.raises(Conflict):
        start(system, off)
    document = {"since": iso(NOW)}
    with pytest.raises(NotFound):
        recover(system).start(TENANT, WEBHOOK_ID, document, PRINCIPAL, lambda: True)
    with pytest.raises(NotFound):
        recover(system).get(TENANT, webhook.id, JobId("job_none"))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": iso(NOW + MINUTE)}, "since"),
        ({"since": "2026-01-01T00:00:00Z", "statuses": ["lost"]}, "statuses.0"),
        ({"since": "2026-01-01T00:00:00Z", "types": ["a b"]}, "types.0"),
        ({"since": "2026-01-01T00:00:00Z", "rate_per_second": 0}, "rate_per_second"),
        ({"since": "2026-01-01T00:00:00Z", "rate": 1}, "rate"),
    ],
)
def test_a_request_that_breaks_rules_is_rejected_naming_the_field(
    document: dict[str, object], field: str
) -> None:
    with pytest.raises(Rejected) as rejected:
        recovery_of(document, NOW)
    assert field in [error.field for error in rejected.value.errors]


def test_items_are_named_by_their_place_in_the_list_as_it_was_sent() -> None:
    document = {
        "since": "2026-01-01T00:00:00Z",
        "types": ["a.b", "a.b", "flow.*"],
        "statuses": [7, "failed", "lost"],
    }
    with pytest.raises(Rejected) as rejected:
        recovery_of(document, NOW)
    assert [error.field for error in rejected.value.errors] == [
        "statuses.0",
        "statuses.2",
        "types.1",
        "types.2",
    ]


def test_a_round_without_time_carries_no_job_on(system: System) -> None:
    webhook, _ = failed_events(system, 1)
    start(system, webhook, rate_per_second=1)
    before = system.engine.steps.names["webhooks.get"]
    assert system.advance_recoveries(lambda: False).resent == 0
    assert system.engine.steps.names["webhooks.get"] == before
