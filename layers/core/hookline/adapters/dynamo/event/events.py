"""The accepted events in DynamoDB, and the records that the table's stream makes of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import conditional
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import (
    Item,
    all_ours,
    from_wire,
    json_of_text,
    text_of_json,
    to_wire,
)
from hookline.adapters.dynamo.table.packing import packed
from hookline.domain.event.event import Actor, Event, Pristine
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.times import from_iso, iso
from hookline.errors import PoisonMessage
from hookline.ports import Clock, Randomness

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from hookline.domain.shards import Shards

_FREE = ("entity", "data", "previous_data", "tags", "feature")


class DynamoEvents:
    """The port `Events`; ``retention`` is how long an event is kept and its id is taken."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        retention: timedelta,
        clock: Clock,
        randomness: Randomness,
        shards: Shards,
    ) -> None:
        self._client = client
        self._table = table
        self._retention = retention
        self._clock = clock
        self._randomness = randomness
        self._shards = shards

    def accept(self, event: Event) -> bool:
        """Puts the event on condition that its id is free: this is the moment of acceptance.

        The client repeats a put whose reply got lost. ``acceptance`` names this very call, so that
        the repeat does not take the event it wrote itself for a duplicate.
        """
        acceptance = self._randomness(9).hex()
        shards = self._shards.at(event.accepted_at)
        item = {
            **to_item(event, self._retention),
            "acceptance": acceptance,
            "shards": shards if shards > 1 else None,
        }
        with conditional() as write:
            self._client.put_item(
                TableName=self._table,
                Item=to_wire(item),
                ConditionExpression=(
                    "attribute_not_exists(#event) OR #ttl <= :now OR acceptance = :acceptance"
                ),
                ExpressionAttributeNames={"#event": "event", "#ttl": "ttl"},
                ExpressionAttributeValues=to_wire(
                    {":now": int(self._clock().timestamp()), ":acceptance": acceptance}
                ),
            )
        return write.held

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None:
        """The event, unless it is unknown or has expired."""
        item = reading.get(self._client, self._table, keys.event(tenant, event_id))
        return from_item(item) if item and reading.live(item, self._clock()) else None


def to_item(event: Event, retention: timedelta) -> Item:
    """What a publisher may shape freely is JSON text; the rest are plain attributes."""
    item = {
        **keys.event(event.tenant, event.id),
        "tenant": event.tenant,
        "id": event.id,
        "type": event.type,
        "accepted_at": iso(event.accepted_at),
        "occurred_at": iso(event.occurred_at) if event.occurred_at else None,
        "actor": {"id": event.actor.id, "name": event.actor.name} if event.actor else None,
        "project": event.project,
        "environment": event.environment,
        "entity_id": event.entity_id,
        "entity_type": event.entity_type,
        "entity_url": event.entity_url,
        "entity": text_of_json(event.entity),
        "data": text_of_json(event.data),
        "previous_data": text_of_json(event.previous_data),
        "tags": text_of_json(event.tags),
        "feature": text_of_json(event.feature),
        "traceparent": event.traceparent,
        "target": event.target,
        "test": event.test or None,
        "pristine": _pristine_to_map(event.pristine),
        "hops": event.hops or None,
        "ttl": int((event.accepted_at + retention).timestamp()),
    }
    return packed(item, *_FREE, "pristine.body")


def from_item(item: Item) -> Event:
    """The event that `to_item` made the item of."""
    occurred_at, actor, feature = item.get("occurred_at"), item.get("actor"), item.get("feature")
    return Event(
        tenant=TenantId(item["tenant"]),
        id=EventId(item["id"]),
        type=item["type"],
        accepted_at=from_iso(item["accepted_at"]),
        occurred_at=from_iso(occurred_at) if occurred_at else None,
        actor=Actor(actor["id"], actor.get("name")) if actor else None,
        project=item.get("project"),
        environment=item.get("environment"),
        entity_id=item.get("entity_id"),
        entity_type=item.get("entity_type"),
        entity_url=item.get("entity_url"),
        entity=json_of_text(item.get("entity")),
        data=json_of_text(item.get("data")),
        previous_data=json_of_text(item.get("previous_data")),
        tags=json_of_text(item.get("tags")),
        feature=_feature(feature),
        traceparent=item.get("traceparent"),
        target=WebhookId(item["target"]) if "target" in item else None,
        test=item.get("test", False),
        pristine=_pristine_from_map(item.get("pristine")),
        hops=item.get("hops", 0),
        shards=item.get("shards", 1),
    )


def from_image(image: object) -> Event:
    """The event of a stream record's new image.

    Raises PoisonMessage, naming what is wrong, for one that nobody but an operator's hand can
    have written: it would fail on every retry.
    """
    if not isinstance(image, dict):
        raise PoisonMessage("the stream record has no new image")
    try:
        return from_item(all_ours(from_wire(image)))
    except KeyError as missing:
        raise PoisonMessage(f"the event lacks {missing}") from missing
    except (ValueError, TypeError, AttributeError, RecursionError) as wrong:
        raise PoisonMessage(f"the event cannot be read: {wrong}") from wrong


def _feature(text: str | None) -> Mapping[str, object] | None:
    feature = json_of_text(text)
    if feature is not None and not isinstance(feature, dict):
        raise ValueError("feature is not an object")
    return feature


def _pristine_to_map(pristine: Pristine | None) -> dict[str, Any] | None:
    if pristine is None:
        return None
    try:
        body, is_base64 = pristine.content.decode(), False
    except UnicodeDecodeError:
        body, is_base64 = base64.b64encode(pristine.content).decode(), True
    return {
        "body": body,
        "body_is_base64": is_base64,
        "content_type": pristine.content_type,
        "method": pristine.method,
        "query": pristine.query or None,
        "headers": dict(pristine.headers) or None,
    }


def _pristine_from_map(pristine: Item | None) -> Pristine | None:
    if pristine is None:
        return None
    body: str = pristine["body"]
    content = base64.b64decode(body) if pristine["body_is_base64"] else body.encode()
    return Pristine(
        content,
        pristine["content_type"],
        method=pristine.get("method"),
        query=pristine.get("query", ""),
        headers=pristine.get("headers", {}),
    )
