"""Keys in shards: nothing moves at a step, and everybody finds everything on both sides of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.dynamo.table.attributes import from_wire
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, OnItsWebhook, Status
from hookline.domain.fan_out.fan_out import FanOut, Stretch, claim_of, delivery_of
from hookline.domain.ids import DeliveryId, EventId, WebhookId
from hookline.domain.lease import Lease
from hookline.domain.shards import ONE, Shards
from hookline.errors import Unavailable
from hookline.ports.deliveries import LogSearch
from tests.builders import (
    MINUTE,
    NOW,
    TENANT,
    WEBHOOK_ID,
    a_delivery,
    a_fan_out,
    a_match,
    an_event,
    an_id,
)
from tests.contract.faults import Watched
from tests.contract.ports import Ports, on_aws, on_tables
from tests.worlds.resources import table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

STEP = NOW + 20 * MINUTE
FOUR = Shards(((STEP, 4),))
THERE_AND_BACK = Shards(((NOW + 10 * MINUTE, 4), (NOW + 20 * MINUTE, 2), (NOW + 30 * MINUTE, 1)))


@pytest.fixture
def client(aws_environment: None) -> DynamoDBClient:
    return Clients(validate=True).dynamodb()


@pytest.fixture
def before(client: DynamoDBClient, sqs: SQSClient) -> Ports:
    """As functions had them that knew of no step."""
    return on_aws(client, sqs)


def at(minute: int, **overrides: object) -> Delivery:
    event_id = EventId(f"evt-{minute}")
    return a_delivery(created_at=NOW + minute * MINUTE, event_id=event_id, **overrides)


def record(minute: int, **overrides: object) -> FanOut:
    event_id = EventId(f"evt-{minute}")
    return a_fan_out(accepted_at=NOW + minute * MINUTE, event_id=event_id, **overrides)


def partitions(client: DynamoDBClient, table: str, key: str) -> set[str]:
    found = client.scan(TableName=table_name(table))["Items"]
    return {str(from_wire(item)[key]) for item in found}


def pages(ports: Ports, limit: int, search: LogSearch = LogSearch()) -> Iterator[list[Delivery]]:  # noqa: B008
    cursor: DeliveryId | None = None
    while True:
        found, cursor = ports.delivery_log.page(
            TENANT, WEBHOOK_ID, limit, before=cursor, search=search
        )
        assert len(found) <= limit
        yield list(found)
        if cursor is None:
            return


def records(ports: Ports, limit: int, *, newest_first: bool) -> list[FanOut]:
    found: list[FanOut] = []
    after = None
    while True:
        page, after = ports.fan_outs.page(TENANT, limit, newest_first=newest_first, after=after)
        found += page
        assert len(page) == limit or after is None
        if after is None:
            return found


def test_without_steps_keys_are_what_they_were(before: Ports, client: DynamoDBClient) -> None:
    fan_out = record(0, open=True)
    before.fan_outs.claim(fan_out)
    before.fan_outs.extend(fan_out, Stretch((a_match(),), None, finished=True))
    before.new_deliveries.create([at(0, waiting=OnItsWebhook(NOW))])
    assert partitions(client, "fan-outs", "tenant") == {TENANT, f"{TENANT}#chunks"}
    assert partitions(client, "deliveries", "log") == {f"{TENANT}#{WEBHOOK_ID}#0"}
    assert partitions(client, "deliveries", "waiting_for") == {f"webhook#{TENANT}#{WEBHOOK_ID}"}
    items = client.scan(TableName=table_name("fan-outs"))["Items"]
    assert not any("shards" in item for item in items)


def test_from_a_step_on_writes_go_to_all_shards(client: DynamoDBClient, sqs: SQSClient) -> None:
    ports = on_aws(client, sqs, FOUR)
    ports.new_deliveries.create([at(n, waiting=OnItsWebhook(NOW)) for n in range(40)])
    for n in range(40):
        ports.fan_outs.claim(record(n))
    logs = {f"{TENANT}#{WEBHOOK_ID}#{n}" for n in range(4)}
    assert partitions(client, "deliveries", "log") == logs
    waits = f"webhook#{TENANT}#{WEBHOOK_ID}"
    assert partitions(client, "deliveries", "waiting_for") == {
        waits,
        *(f"{waits}#{n}" for n in (1, 2, 3)),
    }
    tenants = {TENANT, *(f"{TENANT}#{n}" for n in (1, 2, 3))}
    assert partitions(client, "fan-outs", "tenant") == tenants


def test_what_was_written_before_a_step_stays_and_is_found(
    before: Ports, client: DynamoDBClient, sqs: SQSClient
) -> None:
    old, new = [at(n) for n in range(20)], [at(n) for n in range(20, 40)]
    before.new_deliveries.create(old)
    ports = on_tables(client, sqs, FOUR)
    ports.new_deliveries.create(new)
    keys = [each.key for each in (*old, *new)]
    assert set(ports.deliveries.get_many(keys)) == set(keys)
    for each in (old[3], new[3]):
        assert ports.delivery_changes.get(each.key) == each
        after = replace(each, status=Status.CANCELLED)
        ports.delivery_changes.replace(each, after)
        assert ports.delivery_changes.get(each.key) == after
        assert not ports.new_deliveries.create_one(each)


@pytest.mark.parametrize("shards", [FOUR, THERE_AND_BACK])
@pytest.mark.parametrize("limit", [3, 50])
def test_a_log_reads_newest_first_over_every_step(
    client: DynamoDBClient, sqs: SQSClient, shards: Shards, limit: int
) -> None:
    ports = on_aws(client, sqs, shards)
    all_of_them = [at(n) for n in range(40)]
    ports.new_deliveries.create(random.sample(all_of_them, 40))
    read = [each for page in pages(ports, limit) for each in page]
    assert read == all_of_them[::-1]
    # A cursor may be of any of them, whether or not it is still there.
    for number in range(0, 40, 7):
        cursor = all_of_them[number].key.id
        found, _ = ports.delivery_log.page(TENANT, WEBHOOK_ID, 50, before=cursor)
        assert list(found) == all_of_them[:number][::-1]
    since, until = NOW + 15 * MINUTE, NOW + 33 * MINUTE
    found, _ = ports.delivery_log.page(TENANT, WEBHOOK_ID, 50, since=since, until=until)
    assert list(found) == all_of_them[15:33][::-1]


def test_filters_and_bounds_of_reading_leave_nothing_out(
    client: DynamoDBClient, sqs: SQSClient
) -> None:
    ports = on_aws(client, sqs, FOUR)
    all_of_them = [at(n, event_type="a.b" if n % 3 else "c.d") for n in range(60)]
    ports.new_deliveries.create(all_of_them)
    search = LogSearch(event_id=all_of_them[41].event_id, looks_at=8)
    assert [each for page in pages(ports, 5, search) for each in page] == [all_of_them[41]]
    read = [each for page in pages(ports, 5, LogSearch(looks_at=8)) for each in page]
    assert read == all_of_them[::-1]


def test_several_shards_share_what_one_would_look_at(
    client: DynamoDBClient, sqs: SQSClient
) -> None:
    ports = on_aws(client, sqs, FOUR)
    ports.new_deliveries.create([at(n) for n in range(20, 60)])
    watched = Watched(client)
    ports.delivery_log.page(TENANT, WEBHOOK_ID, 50, search=LogSearch(looks_at=12))
    assert [each["Limit"] for each in watched.parameters("Query")] == [4, 4, 4, 4]


def test_a_page_reads_little_more_of_several_shards_than_of_one(
    client: DynamoDBClient, sqs: SQSClient
) -> None:
    ports = on_aws(client, sqs, FOUR)
    ports.new_deliveries.create([at(n) for n in range(20, 120)])
    for n in range(20, 120):
        ports.fan_outs.claim(record(n))
    for page in (
        lambda: ports.delivery_log.page(TENANT, WEBHOOK_ID, 60),
        lambda: ports.fan_outs.page(TENANT, 60),
    ):
        watched = Watched(client)
        found, after = page()
        assert (len(found), after is None) == (60, False)
        assert sum(each["Limit"] for each in watched.parameters("Query")) <= 6 * (60 // 4 + 5)


def test_only_time_that_had_several_shards_is_read_from_several(
    client: DynamoDBClient, sqs: SQSClient
) -> None:
    ports = on_aws(client, sqs, FOUR)
    ports.new_deliveries.create([at(n) for n in range(40)])
    for n in range(40):
        ports.fan_outs.claim(record(n))
    watched = Watched(client)
    ports.delivery_log.page(TENANT, WEBHOOK_ID, 50, until=STEP - MINUTE)
    ports.delivery_log.page(TENANT, WEBHOOK_ID, 50, before=at(19).key.id)
    ports.fan_outs.page(TENANT, 50, until=STEP - MINUTE)
    ports.fan_outs.page(TENANT, 50, after=(STEP - MINUTE, EventId("e")))
    assert watched.calls == {"Query": 4}
    ports.delivery_log.page(TENANT, WEBHOOK_ID, 9)
    ports.fan_outs.page(TENANT, 9)
    assert watched.calls == {"Query": 12}


@pytest.mark.parametrize("shards", [FOUR, THERE_AND_BACK])
@pytest.mark.parametrize("limit", [4, 50])
def test_fan_outs_are_listed_in_order_both_ways_over_every_step(
    client: DynamoDBClient, sqs: SQSClient, shards: Shards, limit: int
) -> None:
    ports = on_aws(client, sqs, shards)
    all_of_them = [record(n) for n in range(40)]
    for each in random.sample(all_of_them, 40):
        assert ports.fan_outs.claim(each)
    assert records(ports, limit, newest_first=False) == all_of_them
    assert records(ports, limit, newest_first=True) == all_of_them[::-1]


def test_a_fan_out_that_is_repeated_after_a_step_finds_its_record_and_its_chunks(
    before: Ports, client: DynamoDBClient, sqs: SQSClient
) -> None:
    matches = tuple(a_match(webhook_id=WebhookId(an_id("wh"))) for _ in range(3))
    later = on_tables(client, sqs, FOUR)
    for ports, minute in ((before, 19), (later, 20), (later, 21), (later, 22)):
        fan_out = record(minute, open=True, matches=matches[:1], claim="run-1")
        assert ports.fan_outs.claim(fan_out)
        assert later.fan_outs.claim(fan_out)  # the same run, after a lost reply
        after = ports.fan_outs.extend(fan_out, Stretch(matches[1:], None, finished=True))
        assert after is not None
        assert not later.fan_outs.claim(replace(fan_out, claim="run-2"))
        stored = later.fan_outs.get(TENANT, fan_out.accepted_at, fan_out.event_id)
        assert stored == after
        assert tuple(later.fan_outs.chunk(after, 1)) == matches[1:]
        assert later.fan_outs.lease(after, 1, "run-1", NOW) is Lease.FIRST


def test_what_waits_on_a_webhook_comes_longest_due_first_out_of_all_shards(
    client: DynamoDBClient, sqs: SQSClient
) -> None:
    ports = on_aws(client, sqs, FOUR)
    dues = random.sample(range(40), 40)
    waiting = {due: at(n, waiting=OnItsWebhook(NOW + due * MINUTE)) for n, due in enumerate(dues)}
    ports.new_deliveries.create(list(waiting.values()))
    in_order = [waiting[due].key for due in range(40)]
    for limit in (3, 50):
        found: list[DeliveryKey] = []
        after = None
        while True:
            page = ports.due.on_webhook(TENANT, WEBHOOK_ID, limit, after)
            assert len(page.keys) <= limit
            found += page.keys
            after = page.after
            if after is None:
                break
        assert found == in_order
    old = [each for each in waiting.values() if each.expires_at <= NOW + 10 * MINUTE]
    page = ports.due.expired_on_webhook(TENANT, WEBHOOK_ID, NOW + 10 * MINUTE)
    assert (set(page.keys), page.after) == ({each.key for each in old}, None)
    now = max(each.expires_at for each in waiting.values())
    assert set(ports.due.expired_on_webhook(TENANT, WEBHOOK_ID, now).keys) == set(in_order)


# -- the rule that a step lies ahead of its deploy is broken ---------------------------------------


@pytest.mark.parametrize(("accepts", "claims"), [(ONE, FOUR), (FOUR, ONE)])
def test_an_event_that_was_accepted_by_another_list_is_not_claimed(
    client: DynamoDBClient, sqs: SQSClient, accepts: Shards, claims: Shards
) -> None:
    """Whoever has the list that accepted it may have claimed it where we do not look."""
    theirs, ours = on_aws(client, sqs, accepts), on_tables(client, sqs, claims)
    for minute in (19, 20):
        event = an_event(id=EventId(f"evt-{minute}"), accepted_at=NOW + minute * MINUTE)
        assert theirs.events.accept(event)
        stored = theirs.events.get(TENANT, event.id)
        assert stored is not None
        assert stored.shards == accepts.at(event.accepted_at)
        claim = claim_of(stored, Stretch((), None, finished=True), "run", NOW)
        if minute == 19:
            assert ours.fan_outs.claim(claim)
        else:
            with pytest.raises(Unavailable, match="KeyShards"):
                ours.fan_outs.claim(claim)
            assert theirs.fan_outs.claim(claim)


@pytest.mark.parametrize(("writes", "reads"), [(ONE, FOUR), (FOUR, ONE)])
def test_what_was_written_by_another_list_is_not_worked_on(
    client: DynamoDBClient, sqs: SQSClient, writes: Shards, reads: Shards
) -> None:
    """Its deliveries would be looked for where they are not, and created anew."""
    others, ours = on_aws(client, sqs, writes), on_tables(client, sqs, reads)
    in_the_first = [
        each for each in map(record, range(20, 60)) if FOUR.of(each.event_id, each.accepted_at) == 0
    ]
    for each in in_the_first[:2]:
        assert others.fan_outs.claim(each)
        others.new_deliveries.create([delivery_of(each, match) for match in each.matches])
        with pytest.raises(Unavailable, match="KeyShards"):
            ours.fan_outs.get(TENANT, each.accepted_at, each.event_id)
    for newest_first in (True, False):
        with pytest.raises(Unavailable, match="4"):
            ours.fan_outs.page(TENANT, 9, newest_first=newest_first)
