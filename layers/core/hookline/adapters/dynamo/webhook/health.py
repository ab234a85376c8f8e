"""The health of webhooks in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Update, from_wire, to_wire
from hookline.adapters.dynamo.table.batches import Batches
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.times import from_iso, iso
from hookline.domain.webhook.health import Circuit, Closed, Draining, Health, Open
from hookline.ports import Randomness

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_INDEX = "paced"


class DynamoWebhookHealth:
    """The port `WebhookHealth`."""

    def __init__(
        self, client: DynamoDBClient, table: str, batches: Batches, randomness: Randomness
    ) -> None:
        self._client = client
        self._table = table
        self._batches = batches
        self._randomness = randomness

    def get_many(self, wanted: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        """100 to a call."""
        return self._get(wanted, None)

    def get_some(self, wanted: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        """The same, two tries for each call."""
        left: list[Item] = []
        found = self._get(wanted, left)
        throttled = {(item["tenant"], item["webhook_id"]) for item in left}
        return [each for each in found if (each.tenant, each.webhook_id) not in throttled]

    def _get(
        self, wanted: Sequence[tuple[TenantId, WebhookId]], throttled: list[Item] | None
    ) -> Sequence[Health]:
        pairs = ((self._table, keys.health(*each)) for each in wanted)
        found = self._batches.get(pairs, throttled=throttled)
        healths = {
            (health.tenant, health.webhook_id): health
            for health in map(from_item, found.get(self._table, ()))
        }
        return [
            healths.get((tenant, webhook_id)) or Health(tenant=tenant, webhook_id=webhook_id)
            for tenant, webhook_id in wanted
        ]

    def troubled(self, tenant: TenantId) -> Sequence[Health]:
        """One query of 1 MB, which may be a second behind."""
        pages = reading.pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="tenant = :tenant",
            FilterExpression="attribute_exists(last_failure_at) OR attribute_exists(paced)",
            ExpressionAttributeValues=to_wire({":tenant": tenant}),
        )
        items, _ = next(pages)
        found = reading.readable(self._table, items, from_item)
        return sorted(found, key=_failed_last, reverse=True)

    def add_failures(
        self, tenant: TenantId, webhook_id: WebhookId, failed: Sequence[DeliveryId], at: datetime
    ) -> Health:
        """Adds without reading first, so that senders side by side lose no count.

        A reply that gets lost may have the client count twice: the circuit then opens a little
        early, and its next probe sets that right.
        """
        with translated():
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.health(tenant, webhook_id)),
                UpdateExpression=(
                    "ADD consecutive_failures :count, failing_deliveries :failed"
                    " SET last_failure_at = :at"
                ),
                ExpressionAttributeValues=to_wire(
                    {":count": len(failed), ":failed": frozenset(failed), ":at": iso(at)}
                ),
                ReturnValues="ALL_NEW",
            )
        return from_item(from_wire(answer["Attributes"]))

    def mark_slow(self, tenant: TenantId, webhook_id: WebhookId, at: datetime) -> None:
        """Unconditionally: whoever tells last is right."""
        with translated():
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.health(tenant, webhook_id)),
                UpdateExpression="SET slow_at = :at",
                ExpressionAttributeValues=to_wire({":at": iso(at)}),
            )

    def replace(self, before: Health, after: Health) -> bool:
        """Writes what differs, the set of failing deliveries always: adding let it grow.

        The client repeats an update whose reply got lost. ``change`` names this very call, so that
        the repeat does not take what it wrote itself for somebody else's.
        """
        change = self._randomness(9).hex()
        old = to_item(before)
        new = to_item(replace(after, version=before.version + 1))
        update = Update(
            {
                **Update.between(old, new).changes,
                "failing_deliveries": new["failing_deliveries"],
                "change": change,
            },
            conditions={"version": old["version"]},
        )
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(keys.health(after.tenant, after.webhook_id)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update.parameters(),
                )
            except ClientError as error:
                standing = reading.standing(error)
                return standing is not None and standing.get("change") == change
        return True

    def with_waiting(self) -> Iterable[Health]:
        """From the sparse index, which may lag a moment; those that can be read."""
        items = reading.query(
            self._client,
            TableName=self._table,
            IndexName=_INDEX,
            KeyConditionExpression="paced = :paced",
            ExpressionAttributeValues=to_wire({":paced": keys.HAS_WAITING}),
        )
        return reading.readable(self._table, items, from_item)


class DynamoFilterFailureCounts:
    """The port `FilterFailureCounts`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """``client`` tries nothing a second time."""
        self._client = client
        self._table = table

    def add(
        self, tenant: TenantId, webhook_id: WebhookId, count: int, why: str, at: datetime
    ) -> None:
        """One write, of no index unless deliveries wait on the webhook."""
        with translated():
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.health(tenant, webhook_id)),
                UpdateExpression=(
                    "ADD filter_failures :count SET filter_failure = :why, filter_failed_at = :at"
                ),
                ExpressionAttributeValues=to_wire({":count": count, ":why": why, ":at": iso(at)}),
            )


def _failed_last(health: Health) -> str:
    return iso(health.last_failure_at) if health.last_failure_at else ""


_FAILING_KEPT = 3


def to_item(health: Health) -> Item:
    """Absent where empty: only a webhook that deliveries may wait on is in the index."""
    return {
        **keys.health(health.tenant, health.webhook_id),
        "consecutive_failures": health.consecutive_failures or None,
        "failing_deliveries": health.failing_deliveries or None,
        "last_success_at": iso(health.last_success_at) if health.last_success_at else None,
        "last_failure_at": iso(health.last_failure_at) if health.last_failure_at else None,
        "disabled_reason": health.disabled_reason,
        "circuit": _circuit_to_map(health.circuit),
        "paced": keys.HAS_WAITING if health.has_waiting else None,
        "paced_at": iso(health.waiting_marked_at) if health.waiting_marked_at else None,
        "slow_at": iso(health.slow_at) if health.slow_at else None,
        "filter_failures": health.filter_failures or None,
        "filter_failure": health.filter_failure,
        "filter_failed_at": iso(health.filter_failed_at) if health.filter_failed_at else None,
        "version": health.version or None,
    }


def from_item(item: Item) -> Health:
    """The health that `to_item` made the item of; the keys alone are an untroubled one."""
    names = "last_success_at", "last_failure_at", "paced_at", "slow_at", "filter_failed_at"
    success, failure, waiting_marked_at, slow_at, filter_failed_at = map(item.get, names)
    # Failures are added without reading what is there, so that the set can outgrow its bound.
    failing = sorted(item.get("failing_deliveries", ()))[:_FAILING_KEPT]
    return Health(
        tenant=TenantId(item["tenant"]),
        webhook_id=WebhookId(item["webhook_id"]),
        consecutive_failures=item.get("consecutive_failures", 0),
        failing_deliveries=frozenset(DeliveryId(each) for each in failing),
        last_success_at=from_iso(success) if success else None,
        last_failure_at=from_iso(failure) if failure else None,
        disabled_reason=item.get("disabled_reason"),
        circuit=_circuit_from_map(item.get("circuit")),
        has_waiting="paced" in item,
        waiting_marked_at=from_iso(waiting_marked_at) if waiting_marked_at else None,
        slow_at=from_iso(slow_at) if slow_at else None,
        filter_failures=item.get("filter_failures", 0),
        filter_failure=item.get("filter_failure"),
        filter_failed_at=from_iso(filter_failed_at) if filter_failed_at else None,
        version=item.get("version", 0),
    )


def _circuit_to_map(circuit: Circuit) -> dict[str, Any] | None:
    match circuit:
        case Closed():
            return None
        case Open():
            return {
                "state": "open",
                "opened_at": iso(circuit.opened_at),
                "next_probe_at": iso(circuit.next_probe_at),
                "probe_interval_seconds": circuit.probe_interval.total_seconds(),
            }
        case Draining():
            return {"state": "draining", "since": iso(circuit.since)}


def _circuit_from_map(circuit: Item | None) -> Circuit:
    if circuit is None:
        return Closed()
    if circuit["state"] == "draining":
        return Draining(from_iso(circuit["since"]))
    return Open(
        opened_at=from_iso(circuit["opened_at"]),
        next_probe_at=from_iso(circuit["next_probe_at"]),
        probe_interval=timedelta(seconds=circuit["probe_interval_seconds"]),
    )
