"""A delivery's life, seen from outside the deployed system: receivers, the log, the console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise

import pytest

from hookline.domain.times import from_iso
from tests.e2e.tenant import Hook, Tenant, planned_waits
from tests.e2e.waiting import eventually

QUICK = {"initial_delay_seconds": 1, "multiplier": 3}
IN_A_WHILE = {"initial_delay_seconds": 12, "multiplier": 10}
"""Leaves time to do something before the second attempt, on a slow machine too, and none for a
third one."""


def statuses(hook: Hook) -> Iterator[tuple[str, str]]:
    """Event and status of all deliveries of a webhook."""
    cursor: str | None = None
    while True:
        query = {"limit": 100} if cursor is None else {"limit": 100, "cursor": cursor}
        page = hook.api.get(f"{hook.at}/deliveries", **query)
        yield from ((item["event_id"], item["status"]) for item in page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def test_a_hundred_events_make_202_deliveries_of_which_200_succeed_and_2_retry(
    tenant: Tenant,
) -> None:
    everything = tenant.hook()
    recovering = tenant.hook("/fail/2", retry=QUICK)
    failing = tenant.hook("/status/500", events=["order.cancelled"], retry=QUICK)
    types = ["order.cancelled"] * 2 + ["order.paid"] * 98
    events = [{"type": each, "data": {"number": n}} for n, each in enumerate(types)]
    accepted = tenant.api.post("/events/batch", {"events": events})["items"]
    ids = [item["id"] for item in accepted]

    for hook in (everything, recovering):
        eventually(partial(_has_succeeded, hook, 100), "100 successes")
        assert dict(statuses(hook)) == dict.fromkeys(ids, "success")
    for event_id in ids[:2]:
        failing.delivered(event_id, "retrying", attempts=3)
    assert dict(statuses(failing)) == dict.fromkeys(ids[:2], "retrying")

    assert Counter(call.event_id for call in everything.arrivals()) == dict.fromkeys(ids, 1)
    calls = Counter(call.event_id for call in recovering.arrivals())
    assert set(calls) == set(ids)
    assert calls.total() == 102
    for event_id in ids[:2]:
        delivery = failing.delivered(event_id, "retrying")
        waits = planned_waits(delivery)
        assert all(later > 2 * one for one, later in pairwise(waits))
        sent = {each["request"]["headers"]["webhook-id"] for each in delivery["attempts"]}
        assert sent == {event_id}
        eventually(partial(_all_calls_are_logged, failing, event_id), "a line for each call")


def _all_calls_are_logged(hook: Hook, event_id: str) -> bool:
    """Not while a call is on its way: it has arrived, and its attempt is not over."""
    logged: int = hook.delivered(event_id, "retrying")["attempt_count"]
    return len(hook.arrivals(event_id)) == logged


def _has_succeeded(hook: Hook, times: int) -> bool:
    succeeded: int = hook.api.get(f"{hook.at}/stats")["totals"]["success"]
    return succeeded == times


def test_an_endpoint_that_fails_each_event_twice_gets_each_three_times(tenant: Tenant) -> None:
    hook = tenant.hook("/fail-each/2", retry=QUICK)
    ids = [tenant.publish() for _ in range(4)]
    for event_id in ids:
        assert hook.delivered(event_id)["attempt_count"] == 3
        hook.arrives(event_id, times=3)
    stats = tenant.api.get(f"{hook.at}/stats")
    assert stats["totals"] | {"success": 4} == stats["totals"]
    assert stats["success_rate"] == 1


def test_a_retry_during_a_backoff_is_made_at_once_and_the_old_timer_does_nothing(
    tenant: Tenant,
) -> None:
    hook, control = (tenant.hook(retry=IN_A_WHILE) for _ in range(2))
    for each in (hook, control):
        tenant.receiver.behave(each.path, status=500, times=1)
    event_id = tenant.publish()
    due = from_iso(hook.delivered(event_id, "retrying", attempts=1)["next_attempt_at"])
    hook.act(event_id, "retry")
    delivery = hook.delivered(event_id)
    assert [attempt["trigger"] for attempt in delivery["attempts"]] == ["schedule", "retry"]
    assert hook.arrives(event_id, times=2).at < due

    # Its own timer made the control's second call: the other's has been and gone by then.
    control.delivered(event_id)
    after = tenant.publish()
    hook.arrives(after)
    hook.arrives(event_id, times=2)


def test_a_delivery_cancelled_during_a_backoff_is_never_attempted_again(tenant: Tenant) -> None:
    hook, control = (tenant.hook("/status/500", retry=IN_A_WHILE) for _ in range(2))
    event_id = tenant.publish()
    hook.delivered(event_id, "retrying", attempts=1)
    assert hook.act(event_id, "cancel")["next_attempt_at"] is None
    control.delivered(event_id, "retrying", attempts=2)
    assert hook.delivered(event_id, "cancelled")["attempt_count"] == 1
    hook.arrives(event_id, times=1)


def test_a_webhook_switched_off_holds_its_deliveries_until_it_is_on_again(
    tenant: Tenant,
) -> None:
    hook, control = tenant.hook(retry=IN_A_WHILE), tenant.hook(retry=IN_A_WHILE)
    for each in (hook, control):
        tenant.receiver.behave(each.path, status=500, times=1)
    event_id = tenant.publish()
    hook.delivered(event_id, "retrying", attempts=1)
    hook.patch(enabled=False)
    assert tenant.went_to(tenant.publish()) == {control.id}
    control.delivered(event_id)
    eventually(lambda: _held(hook, event_id), "the delivery held")
    refused = tenant.api("POST", f"{hook.at}/deliveries/{hook.log()[0]['id']}/retry")
    assert refused.status == 409
    hook.arrives(event_id, times=1)

    hook.patch(enabled=True)
    assert hook.delivered(event_id)["attempt_count"] == 2
    assert len(hook.log()) == 1


def _held(hook: Hook, event_id: str) -> bool:
    found = hook.delivered(event_id, "retrying")
    assert found["attempt_count"] == 1
    return found["next_attempt_at"] is None


def test_a_410_ends_the_delivery_and_switches_the_webhook_off_and_its_owner_is_told(
    tenant: Tenant,
) -> None:
    owner = tenant.hook(events=["hookline.*"])
    hook = tenant.hook("/gone", events=["thing.happened"])
    event_id = tenant.publish()
    failed = hook.delivered(event_id, "failed")
    assert (failed["attempt_count"], failed["last_attempt"]["response"]["status"]) == (1, 410)
    stored = tenant.api.get(hook.at)
    assert stored["enabled"] is False
    assert "410" in stored["health"]["disabled_reason"]
    told = eventually(
        lambda: [call for call in owner.arrivals() if "webhook.disabled" in call.call.body],
        "the operational event",
    )
    assert told[0].json["type"] == "hookline.webhook.disabled"
    assert told[0].json["entity_id"] == hook.id

    assert tenant.went_to(tenant.publish()) == set()
    tenant.receiver.behave(hook.path, status=200)
    hook.patch(enabled=True)
    hook.arrives(tenant.publish())
    assert tenant.api.get(hook.at)["health"]["disabled_reason"] is None


def test_retry_after_is_waited_for_in_seconds_and_dates_up_to_the_longest_delay(
    tenant: Tenant,
) -> None:
    seconds, date = tenant.hook(retry=QUICK), tenant.hook(retry=QUICK)
    capped = tenant.hook("/retry-after/3600", retry=QUICK | {"max_delay_seconds": 5})
    tenant.receiver.behave(seconds.path, status=503, times=1, headers={"Retry-After": "5"})
    then = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=12)
    asked = {"Retry-After": format_datetime(then, usegmt=True)}
    tenant.receiver.behave(date.path, status=429, times=1, headers=asked)
    event_id = tenant.publish()

    capped_at = capped.delivered(event_id, "retrying", attempts=1)
    assert planned_waits(capped_at) == [pytest.approx(5, abs=0.5)]
    assert planned_waits(seconds.delivered(event_id)) == [pytest.approx(5, abs=0.5)]
    first, second = seconds.arrivals(event_id)
    assert second.at - first.at >= timedelta(seconds=4.9)
    date.delivered(event_id)
    assert date.arrives(event_id, times=2).at >= then


def test_deleting_a_webhook_cancels_what_is_open_and_keeps_its_log(tenant: Tenant) -> None:
    hook, control = (tenant.hook("/status/500", retry=IN_A_WHILE) for _ in range(2))
    event_id = tenant.publish()
    hook.delivered(event_id, "retrying", attempts=1)
    tenant.api.delete(hook.at)
    control.delivered(event_id, "retrying", attempts=2)
    assert hook.delivered(event_id, "cancelled")["attempt_count"] == 1
    hook.arrives(event_id, times=1)
