"""Lists in which one item was broken by hand: the others are there, and the log says which it was.

In memory nothing can be broken, so that these are about the adapters alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.dynamo.identity.tenants import DynamoTenants
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.delivery.delivery import OnTheClock, Progress
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from hookline.domain.shards import ONE
from tests.builders import NOW, TENANT, WEBHOOK_ID, a_delivery, a_fan_out, a_health, an_event, an_id
from tests.contract.ports import Ports, on_aws
from tests.contract.test_recover_jobs import a_job
from tests.identity_builders import a_tenant
from tests.worlds.resources import table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

TEXT: Any = {"S": "nonsense"}
OF_ANOTHER_TYPE: Any = {"NS": ["1", "2"]}
BROKEN = pytest.mark.parametrize("value", [TEXT, OF_ANOTHER_TYPE], ids=["text", "type"])


@pytest.fixture
def aws(dynamodb: DynamoDBClient, sqs: SQSClient) -> Ports:
    return on_aws(dynamodb, sqs)


@pytest.fixture
def edit(dynamodb: DynamoDBClient) -> Callable[..., None]:
    """Changes one attribute, as an operator does in the console."""

    def edited(table: str, key: keys.Key, name: str, value: Any) -> None:
        dynamodb.update_item(
            TableName=table_name(table),
            Key=to_wire(key),
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": value},
        )

    return edited


def unreadable(caplog: pytest.LogCaptureFixture) -> list[tuple[str, object]]:
    return [(record.getMessage(), vars(record)["key"]) for record in caplog.records]


@BROKEN
def test_deliveries(
    aws: Ports, edit: Callable[..., None], caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    one, other = (a_delivery(event_id=EventId(an_id("evt"))) for _ in range(2))
    aws.new_deliveries.create([one, other])
    edit("deliveries", keys.delivery(one.key, ONE), "status", value)
    assert aws.deliveries.get_many([one.key, other.key]) == {other.key: other}
    assert unreadable(caplog) == [("item.unreadable", keys.delivery(one.key, ONE))]
    # Whoever took it for missing would create it anew, over what stands.
    assert aws.deliveries.progress([one.key]) == {one.key: Progress.UNDER_WAY}
    page, _ = aws.delivery_log.page(TENANT, WEBHOOK_ID, 9)
    assert page == [other]


@BROKEN
def test_by_itself_a_delivery_is_read_or_it_is_an_error(
    aws: Ports, edit: Callable[..., None], value: Any
) -> None:
    """Who changes it has to know what stands: it is not the same as there being none."""
    delivery = a_delivery()
    aws.new_deliveries.create([delivery])
    edit("deliveries", keys.delivery(delivery.key, ONE), "status", value)
    with pytest.raises((ValueError, TypeError)):
        aws.delivery_changes.get(delivery.key)
    with pytest.raises((ValueError, TypeError)):
        aws.delivery_changes.replace(delivery, delivery)


def test_what_is_due(aws: Ports, edit: Callable[..., None]) -> None:
    delivery = a_delivery(waiting=OnTheClock(NOW))
    aws.new_deliveries.create([delivery])
    strange = {**keys.delivery(delivery.key, ONE), "id": DeliveryId("by hand")}
    waits = keys.waiting(delivery.key, OnTheClock(NOW), ONE)
    edit("deliveries", strange, "waiting_for", {"S": waits})
    edit("deliveries", strange, "due_at", {"S": "1999"})
    shard = int(waits.rpartition("#")[2])
    assert list(aws.due.on_the_clock(shard, NOW, 9).keys) == [delivery.key]


@BROKEN
def test_a_ttl_that_is_none(aws: Ports, edit: Callable[..., None], value: Any) -> None:
    delivery = a_delivery()
    aws.new_deliveries.create([delivery])
    edit("deliveries", keys.delivery(delivery.key, ONE), "ttl", value)
    assert aws.deliveries.get_many([delivery.key]) == {delivery.key: delivery}


@BROKEN
def test_webhooks_that_are_paced(aws: Ports, edit: Callable[..., None], value: Any) -> None:
    ids = [WebhookId(an_id("wh")), WebhookId(an_id("wh"))]
    for each in ids:
        aws.health.replace(a_health(webhook_id=each), a_health(webhook_id=each, has_waiting=True))
    edit("webhook-health", keys.health(TENANT, ids[0]), "circuit", value)
    assert [health.webhook_id for health in aws.health.with_waiting()] == ids[1:]


@BROKEN
def test_jobs_that_are_running(aws: Ports, edit: Callable[..., None], value: Any) -> None:
    one, other = a_job(), a_job()
    for job in (one, other):
        aws.recover_jobs.create(job)
    edit("recover-jobs", keys.recover_job(TENANT, WEBHOOK_ID, one.id), "since", value)
    assert list(aws.recover_jobs.running()) == [other]


@BROKEN
def test_fan_outs(aws: Ports, edit: Callable[..., None], value: Any) -> None:
    records = [
        a_fan_out(event_id=EventId(an_id("evt")), accepted_at=NOW + number * timedelta(seconds=1))
        for number in range(4)
    ]
    for record in records:
        aws.fan_outs.claim(record)
    one = records[1]
    edit("fan-outs", keys.fan_out(TENANT, one.accepted_at, one.event_id, ONE), "claimed_at", value)
    page, more = aws.fan_outs.page(TENANT, 2, newest_first=False)
    assert list(page) == [records[0], records[2]]
    assert more == (records[2].accepted_at, records[2].event_id)


def test_tenants(dynamodb: DynamoDBClient, aws: Ports, edit: Callable[..., None]) -> None:
    tenants = DynamoTenants(dynamodb, table_name("principals"))
    made = [
        a_tenant(id=TenantId(f"tenant-{number}"), created_at=NOW + number * timedelta(seconds=1))
        for number in range(3)
    ]
    for tenant in made:
        tenants.create(tenant)
    edit("principals", _listed(dynamodb, made[1].id), "state", TEXT)
    assert list(tenants.page(9, None)[0]) == [made[2], made[0]]


def _listed(dynamodb: DynamoDBClient, tenant: TenantId) -> keys.Key:
    items: Iterable[Any] = dynamodb.scan(TableName=table_name("principals"))["Items"]
    (copy,) = (
        item for item in items if item["tenant"]["S"] == tenant and item["owner"]["S"] != tenant
    )
    return {"owner": copy["owner"]["S"], "item": copy["item"]["S"]}


BROKEN_PACKING: Any = {"B": b"no gzip"}


def test_a_delivery_whose_packed_body_is_broken(
    aws: Ports, edit: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    one, other = (a_delivery(event_id=EventId(an_id("evt"))) for _ in range(2))
    aws.new_deliveries.create([one, other])
    edit("deliveries", keys.delivery(one.key, ONE), "activation", BROKEN_PACKING)
    assert aws.deliveries.get_many([one.key, other.key]) == {other.key: other}
    assert unreadable(caplog) == [("item.unreadable", keys.delivery(one.key, ONE))]


def test_an_event_whose_packed_data_is_broken_is_an_error_by_itself(
    aws: Ports, edit: Callable[..., None]
) -> None:
    event = an_event()
    aws.events.accept(event)
    edit("events", keys.event(TENANT, event.id), "data", BROKEN_PACKING)
    with pytest.raises(TypeError):
        aws.events.get(TENANT, event.id)
