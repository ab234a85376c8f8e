"""The port `DeliveryLog`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hookline.domain.delivery.delivery import Delivery, RequestRecord, ResponseRecord, Status
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.ports.deliveries import LogSearch
from tests.builders import (
    EVENT_ID,
    MINUTE,
    NOW,
    TENANT,
    WEBHOOK_ID,
    a_delivery,
    a_retrying_delivery,
    a_timeout,
    an_attempt,
    an_id,
)
from tests.contract.ports import RETENTION, SHARDED, Ports, ports_over

ports = ports_over("memory", *SHARDED)
one_shard = ports_over("memory", "aws")


def at(minutes: int, **overrides: Any) -> Delivery:
    """A delivery of an event that was accepted so many minutes from now."""
    event_id = EventId(an_id("evt"))
    return a_delivery(created_at=NOW + minutes * MINUTE, event_id=event_id, **overrides)


def created(ports: Ports, *deliveries: Delivery) -> list[Delivery]:
    ports.new_deliveries.create(deliveries)
    return list(deliveries)


def page(ports: Ports, limit: int = 50, **filters: Any) -> list[Delivery]:
    found, _ = ports.delivery_log.page(TENANT, WEBHOOK_ID, limit, **filters)
    return list(found)


def test_pages_go_from_the_newest_to_the_oldest(ports: Ports) -> None:
    deliveries = created(ports, *(at(minutes) for minutes in range(5)))
    log = ports.delivery_log
    first, before = log.page(TENANT, WEBHOOK_ID, 2)
    second, before2 = log.page(TENANT, WEBHOOK_ID, 2, before=before)
    third, before3 = log.page(TENANT, WEBHOOK_ID, 2, before=before2)
    assert [*first, *second, *third] == deliveries[::-1]
    assert before3 is None


def test_a_page_that_holds_the_rest_is_the_last(ports: Ports) -> None:
    newest, oldest = created(ports, at(1), at(0))
    assert ports.delivery_log.page(TENANT, WEBHOOK_ID, 2) == ([newest, oldest], None)


def test_a_log_is_one_webhooks_alone(ports: Ports) -> None:
    created(ports, at(0, webhook_id=WebhookId(an_id("wh"))), at(0, tenant=TenantId("globex")))
    assert ports.delivery_log.page(TENANT, WEBHOOK_ID, 9) == ([], None)


def test_filters_by_status_and_type_narrow_the_page(ports: Ports) -> None:
    failed, success, cancelled = created(
        ports,
        at(2, status=Status.FAILED),
        at(1, status=Status.SUCCESS, event_type="other"),
        at(0, status=Status.CANCELLED),
    )
    assert page(ports, statuses=[Status.FAILED, Status.CANCELLED]) == [failed, cancelled]
    assert page(ports, types=["other"]) == [success]
    assert page(ports, statuses=[Status.FAILED], types=["other"]) == []


def test_a_log_can_be_searched_by_event_and_by_how_the_last_attempt_ended(ports: Ports) -> None:
    answered, timed_out, fresh = created(
        ports,
        at(2, status=Status.FAILED, attempt_count=1, last_attempt=an_attempt()),
        at(1, status=Status.FAILED, attempt_count=1, last_attempt=a_timeout()),
        at(0),
    )
    found = [
        page(ports, search=LogSearch(response_status=500)),
        page(ports, search=LogSearch(error_kind="timeout")),
    ]
    assert [[each.key for each in one] for one in found] == [[answered.key], [timed_out.key]]
    assert page(ports, search=LogSearch(event_id=fresh.event_id)) == [fresh]
    assert page(ports, search=LogSearch(response_status=500, error_kind="timeout")) == []
    assert page(ports, search=LogSearch(response_status=200)) == []
    assert page(ports, search=LogSearch(error_kind="tls")) == []


def test_a_page_looks_at_no_more_deliveries_than_it_is_told_to(one_shard: Ports) -> None:
    deliveries = created(one_shard, *(at(minutes, status=Status.SUCCESS) for minutes in range(5)))
    log = one_shard.delivery_log
    found, before = log.page(
        TENANT, WEBHOOK_ID, 2, statuses=[Status.FAILED], search=LogSearch(looks_at=3)
    )
    assert (list(found), before) == ([], deliveries[2].key.id)
    found, before = log.page(TENANT, WEBHOOK_ID, 9, before=before, search=LogSearch(looks_at=3))
    assert list(found) == [deliveries[1], deliveries[0]]
    # A table that was asked for as many as were left may tell with the next page that it has ended.
    while before is not None:
        found, before = log.page(TENANT, WEBHOOK_ID, 9, before=before, search=LogSearch(looks_at=3))
        assert list(found) == []


def test_a_filtered_log_is_read_to_its_end(ports: Ports) -> None:
    wanted = created(ports, *(at(minutes, status=Status.FAILED) for minutes in range(0, 40, 4)))
    created(ports, *(at(minutes) for minutes in range(1, 40, 4)))
    found: list[Delivery] = []
    before = None
    for _ in range(20):
        some, before = ports.delivery_log.page(
            TENANT, WEBHOOK_ID, 3, before=before, statuses=[Status.FAILED]
        )
        found += some
        if before is None:
            break
    assert found == wanted[::-1]


def test_a_page_holds_what_was_created_from_since_to_before_until(ports: Ports) -> None:
    deliveries = created(ports, *(at(minutes) for minutes in range(5)))
    since, until = NOW + MINUTE, NOW + 3 * MINUTE
    assert page(ports, since=since, until=until) == [deliveries[2], deliveries[1]]
    newest = deliveries[2].key.id
    assert page(ports, since=since, until=until, before=newest) == [deliveries[1]]
    assert page(ports, since=until, until=since) == []


def test_an_expired_delivery_is_not_listed(ports: Ports) -> None:
    created(ports, at(0))
    ports.clock.advance(RETENTION)
    assert page(ports) == []


def test_a_page_leaves_bodies_headers_and_activations_out(ports: Ports) -> None:
    (full,) = created(
        ports,
        a_retrying_delivery(
            activation={"active": True},
            failure_reason="status 500",
            timer="x",
            last_attempt=an_attempt(next_attempt_at=NOW),
        ),
    )
    assert full.last_attempt is not None
    assert full.last_attempt.response is not None
    attempt = replace(
        full.last_attempt,
        request=replace(full.last_attempt.request, headers=(), body=None),
        response=replace(full.last_attempt.response, headers=(), body=""),
    )
    assert page(ports) == [replace(full, activation=None, last_attempt=attempt)]


def test_an_attempt_without_a_response_is_listed_with_its_error(ports: Ports) -> None:
    created(ports, a_retrying_delivery(last_attempt=a_timeout()))
    (listed,) = page(ports)
    assert listed.last_attempt is not None
    assert listed.last_attempt.error == a_timeout().error


def test_the_last_hundred_fit_in_one_page_whatever_was_sent(ports: Ports) -> None:
    large = an_attempt(
        request=RequestRecord("POST", "https://example.com", (), "x" * 65_536, True),
        response=ResponseRecord(500, (("x", "y" * 30_000),), "z" * 16_384, True),
    )
    deliveries = created(ports, *(at(number, last_attempt=large) for number in range(101)))
    found, before = ports.delivery_log.page(TENANT, WEBHOOK_ID, 100)
    assert [each.key for each in found] == [each.key for each in deliveries[:0:-1]]
    assert before == deliveries[1].key.id


def test_attempts_are_kept_in_order_as_each_moves_the_one_before(ports: Ports) -> None:
    (delivery,) = created(ports, a_delivery())
    attempts = [an_attempt(number=number) for number in range(1, 6)]
    for attempt in attempts:
        after = replace(
            delivery,
            status=Status.RETRYING,
            sequence=attempt.number,
            attempt_count=attempt.number,
            last_attempt=attempt,
        )
        ports.delivery_changes.replace(delivery, after)
        delivery = after
    assert list(ports.delivery_log.attempts(delivery, 50)) == attempts
    assert list(ports.delivery_log.attempts(delivery, 2)) == attempts[-2:]
    assert list(ports.delivery_log.attempts(delivery, 1)) == attempts[-1:]


def test_a_delivery_nothing_was_attempted_of_has_no_attempts(ports: Ports) -> None:
    (delivery,) = created(ports, a_delivery())
    assert ports.delivery_log.attempts(delivery, 50) == []


def test_an_attempt_reads_as_it_was_recorded(ports: Ports) -> None:
    first = an_attempt(
        trigger="probe",
        request=RequestRecord(
            "POST", "https://x", (("a", "b: c"), ("a", ""), ("e", "\u00fc")), "", True
        ),
        response=ResponseRecord(
            503, (("set-cookie", "1"), ("set-cookie", "2")), "\u00fc\x00", True
        ),
        address=None,
        next_attempt_at=NOW,
    )
    second = a_timeout(number=2, request=RequestRecord("GET", "https://x", (), None, False))
    (before,) = created(ports, a_retrying_delivery(event_id=EVENT_ID, last_attempt=first))
    after = replace(before, attempt_count=2, last_attempt=second)
    ports.delivery_changes.replace(before, after)
    stored = ports.delivery_changes.get(before.key)
    assert stored is not None
    assert list(ports.delivery_log.attempts(stored, 50)) == [first, second]


def test_older_attempts_expire_with_their_delivery(ports: Ports) -> None:
    (before,) = created(ports, a_retrying_delivery())
    after = replace(before, attempt_count=2, last_attempt=an_attempt(number=2))
    ports.delivery_changes.replace(before, after)
    ports.clock.advance(RETENTION)
    assert [each.number for each in ports.delivery_log.attempts(after, 50)] == [2]
