"""What an operator and an endpoint's owner do when things went wrong, seen from outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hookline.domain.times import from_iso
from tests.e2e.operator import Operator
from tests.e2e.stack import Stack
from tests.e2e.tenant import Hook, Tenant
from tests.e2e.waiting import eventually

QUICK = {"initial_delay_seconds": 1, "multiplier": 3}


@pytest.fixture
def operator(stack: Stack) -> Operator:
    return Operator(stack)


def test_what_failed_is_dead_lettered_with_its_reason_and_redriving_attempts_it_once(
    tenant: Tenant, operator: Operator
) -> None:
    hook = tenant.hook("/status/500", retry={"max_attempts": 1})
    event_id = tenant.publish()
    failed = hook.delivered(event_id, "failed")
    ((letter, reason),) = operator.dead_letters(hook.id)
    assert (letter["delivery_id"], letter["event_id"]) == (failed["id"], event_id)
    assert reason == letter["reason"] == failed["failure_reason"]

    operator.redrive()
    hook.delivered(event_id, "failed", attempts=2)
    ((again, _),) = operator.dead_letters(hook.id)
    assert again["generation"] == letter["generation"] + 1

    tenant.receiver.behave(hook.path, status=200)
    operator.redrive()
    hook.arrives(event_id, times=3)
    assert eventually(lambda: hook.log(status="success"), "its success")[0]["attempt_count"] == 3
    assert operator.dead_letters(hook.id) == []


def test_purging_both_queues_loses_no_delivery(tenant: Tenant, operator: Operator) -> None:
    # Long enough to see ten first attempts and purge the queues before a second one.
    hook, control = (tenant.hook(retry={"initial_delay_seconds": 20}) for _ in range(2))
    for each in (hook, control):
        tenant.receiver.behave(each.path, status=500, times=5)
    ids = [tenant.publish() for _ in range(5)]
    for event_id in ids:
        hook.delivered(event_id, "retrying", attempts=1)
        control.delivered(event_id, "retrying", attempts=1)
    control_due = max(item["next_attempt_at"] for item in control.log())
    operator.purge()
    later = tenant.publish()
    hook.arrives(later)
    eventually(lambda: datetime.now(UTC) > from_iso(control_due), "their time")
    assert {len(hook.arrivals(event_id)) for event_id in ids} == {1}

    waiting = [item["id"] for item in hook.log(status="retrying")]
    assert len(waiting) == 5
    # A quarter of an hour on, the scheduler sees that nothing asked for their attempts.
    operator.make_due(hook, waiting, datetime.now(UTC))
    operator.run_scheduler()
    for event_id in ids:
        assert hook.delivered(event_id)["attempt_count"] == 2
        hook.arrives(event_id, times=2)


def test_an_endpoint_that_keeps_failing_trips_its_circuit_and_recovers_by_a_retry(
    tenant: Tenant, operator: Operator
) -> None:
    owner = tenant.hook(events=["hookline.webhook.*"])
    hook = tenant.hook("/status/500", events=["thing.*"], retry=QUICK)
    ids = [tenant.publish() for _ in range(10)]
    eventually(lambda: _state(hook) == "circuit_open", "the open circuit")
    calls = len(hook.arrivals())
    assert calls >= 10
    while_open = tenant.publish()
    shown = eventually(lambda: hook.delivered(while_open, "created")["next_attempt_at"], "its hold")
    assert shown is not None
    assert hook.arrivals(while_open) == []

    tenant.receiver.behave(hook.path, status=200)
    hook.act(while_open, "retry")
    assert hook.delivered(while_open)["last_attempt"]["trigger"] == "retry"
    assert _state(hook) in {"draining", "healthy"}
    operator.run_scheduler()
    for event_id in ids:
        hook.delivered(event_id)
    told = eventually(lambda: _told(owner, {"circuit_opened", "circuit_closed"}), "both events")
    assert told == ["hookline.webhook.circuit_opened", "hookline.webhook.circuit_closed"]


def test_a_test_send_goes_to_one_webhook_and_is_marked(tenant: Tenant) -> None:
    hook, other = tenant.hook(events=["Flow.*"]), tenant.hook()
    sent = tenant.api.post(f"{hook.at}/test", {"type": "Flow.Executed", "data": {"a": 1}})
    assert (sent["test"], sent["event_type"]) == (True, "Flow.Executed")
    delivery = hook.delivered(sent["event_id"])
    assert [attempt["trigger"] for attempt in delivery["attempts"]] == ["test"]
    assert hook.arrives(sent["event_id"]).json["data"] == {"a": 1}
    assert other.log() == []


def test_recovering_attempts_again_what_failed_in_a_range_of_time(tenant: Tenant) -> None:
    hook = tenant.hook("/status/500", retry={"max_attempts": 1})
    ids = [tenant.publish() for _ in range(3)]
    since = min(hook.delivered(event_id, "failed")["created_at"] for event_id in ids)
    tenant.receiver.behave(hook.path, status=200)
    succeeded = tenant.publish()
    hook.delivered(succeeded)

    asked = {"since": since, "types": ["thing.happened"]}
    assert tenant.api.post(f"{hook.at}/recover", asked | {"dry_run": True}) == {"matched": 3}
    assert {len(hook.arrivals(event_id)) for event_id in ids} == {1}
    job = tenant.api.post(f"{hook.at}/recover", asked)
    assert job["matched"] == 3
    for event_id in ids:
        hook.arrives(event_id, times=2)
    eventually(lambda: len(hook.log(status="success")) == 4, "the successes")
    done = tenant.api.get(f"{hook.at}/recover/{job['id']}")
    assert (done["resent"], done["remaining"]) == (3, 0)
    hook.arrives(succeeded, times=1)


def _state(hook: Hook) -> str:
    return str(hook.api.get(hook.at)["health"]["state"])


def _told(owner: Hook, wanted: set[str]) -> list[str]:
    types = [str(call.json["type"]) for call in owner.arrivals()]
    found = [each for each in types if each.rpartition(".")[2] in wanted]
    return found if len(found) >= len(wanted) else []
