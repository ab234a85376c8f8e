"""Inbound messages in DynamoDB: stored, worked on by one run at a time, and listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import conditional, translated
from hookline.adapters.dynamo.inbound import message_item as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Update, from_wire, to_wire
from hookline.domain.ids import MessageId, TenantId, lowest_id
from hookline.domain.inbound.message import Message, Progress
from hookline.domain.inbound.message_filter import EVERYTHING, MessageFilter
from hookline.domain.times import from_iso, iso
from hookline.ports import Clock
from hookline.ports.inbound import Claim, Claimed, Held, NothingToDo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READS_PER_PAGE = 24
"""Queries of 1 MB that one page may take before a filter that passes little ends it early."""

_ALIASES = {name: f"#p{number}" for number, name in enumerate(codec.WITHOUT_BODY)}


class LargeBodies(Protocol):
    """Where bodies are kept that no item can hold."""

    def put(self, tenant: TenantId, message_id: MessageId, body: bytes) -> None:
        """Stores one."""
        ...

    def get(self, tenant: TenantId, message_id: MessageId) -> bytes:
        """One that was stored."""
        ...


class DynamoMessages:
    """The ports `NewMessages`, `MessageRuns`, `MessageLog` and `PendingMessages`."""

    def __init__(
        self, client: DynamoDBClient, table: str, clock: Clock, bodies: LargeBodies
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._bodies = bodies

    def put(self, message: Message, claim: Claim | None = None) -> None:
        """The body first, where it is apart: a message is there with its body or not at all."""
        item = {**codec.to_item(message), **(_claim_attributes(claim) if claim else {})}
        with translated():
            if codec.has_body_in_bucket(message):
                self._bodies.put(message.tenant, message.id, message.call.body)
            elif codec.has_body_apart(message):
                self._client.put_item(
                    TableName=self._table, Item=to_wire(codec.body_to_item(message))
                )
            self._client.put_item(TableName=self._table, Item=to_wire(item))

    def claim(
        self, tenant: TenantId, message_id: MessageId, claim: Claim, now: datetime
    ) -> Claimed | Held | NothingToDo:
        """One conditional update, which counts the try; repeated by its holder it counts again."""
        with translated():
            try:
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(keys.message(tenant, message_id)),
                    UpdateExpression=(
                        "SET claim_holder = :holder, claimed_until = :until ADD tries :one"
                    ),
                    ConditionExpression=(
                        "#status = :pending AND (attribute_not_exists(claimed_until)"
                        " OR claimed_until <= :now OR claim_holder = :holder)"
                    ),
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues=to_wire(
                        {
                            ":holder": claim.holder,
                            ":until": iso(claim.until),
                            ":one": 1,
                            ":pending": Progress.PENDING.value,
                            ":now": iso(now),
                        }
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                return _standing(reading.standing(error))
        item = from_wire(answer["Attributes"])
        return Claimed(self._whole(item)) if reading.live(item, now) else NothingToDo()

    def save(self, message: Message, holder: str, *, release: bool) -> bool:
        """One update, fenced by the claim's holder, whom a release leaves in place for a repeat."""
        changes: dict[str, Any] = dict(codec.progress(message))
        if release:
            changes["claimed_until"] = None
        update = Update(changes).on_condition({"claim_holder": holder})
        with conditional() as write:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.message(message.tenant, message.id)),
                **update.parameters(),
            )
        return write.held

    def get(self, tenant: TenantId, message_id: MessageId) -> Message | None:
        """One read, two for a large body."""
        item = reading.get(self._client, self._table, keys.message(tenant, message_id))
        return self._whole(item) if item and reading.live(item, self._clock()) else None

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        before: MessageId | None = None,
        wanted: MessageFilter = EVERYTHING,
    ) -> tuple[Sequence[Message], MessageId | None]:
        """A query, backwards from ``before``; all filters but time act on what was read."""
        narrowed, values = _narrowed(wanted, limit)
        values |= {":tenant": tenant, **_span(wanted, before)}
        reads = reading.pages(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=False,
            KeyConditionExpression=(
                f"{_ALIASES['tenant']} = :tenant AND {_ALIASES['id']} BETWEEN :first AND :last"
            ),
            ProjectionExpression=", ".join(_ALIASES.values()),
            ExpressionAttributeNames={alias: name for name, alias in _ALIASES.items()},
            ExpressionAttributeValues=to_wire(values),
            **narrowed,
        )
        found: list[Message] = []
        now = self._clock()
        for read, (items, start) in enumerate(reads, start=1):
            found.extend(codec.from_item(item) for item in items if reading.live(item, now))
            if len(found) > limit:
                return found[:limit], found[limit - 1].id
            if start is not None and read == _READS_PER_PAGE:
                return found, MessageId(start["id"]["S"])
        return found, None

    def pending(
        self, tenant: TenantId, since: datetime, until: datetime
    ) -> Iterator[Sequence[MessageId]]:
        """A query over the ids of that time, as those hold it; a step is 1 MB of what came then."""
        now = self._clock()
        for items, _ in reading.pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="tenant = :tenant AND id BETWEEN :since AND :until",
            FilterExpression="#status = :pending",
            ProjectionExpression="id, #ttl",
            ExpressionAttributeNames={"#status": "status", "#ttl": "ttl"},
            ExpressionAttributeValues=to_wire(
                {
                    ":tenant": tenant,
                    ":since": lowest_id("msg", since),
                    ":until": lowest_id("msg", until),
                    ":pending": Progress.PENDING.value,
                }
            ),
        ):
            yield [MessageId(item["id"]) for item in items if reading.live(item, now)]

    def _whole(self, item: Item) -> Message:
        if item.get("body_in_bucket"):
            message = codec.from_item(item)
            body = self._bodies.get(message.tenant, message.id)
            return replace(message, call=replace(message.call, body=body))
        if not item.get("body_apart"):
            return codec.from_item(item)
        key = keys.message_body(item["tenant"], item["id"])
        return codec.from_item(item, reading.get(self._client, self._table, key))


def _narrowed(wanted: MessageFilter, limit: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of a query that filters, and the values in them."""
    equal = {
        "status": wanted.status,
        "outcome": wanted.outcome,
        "provider_id": wanted.provider,
    }
    values = {f":{name}": str(value) for name, value in equal.items() if value is not None}
    conditions = [f"{_ALIASES[name[1:]]} = {name}" for name in values]
    if wanted.uris:
        uris = {f":uri{number}": uri for number, uri in enumerate(wanted.uris)}
        conditions.append(f"{_ALIASES['uri']} IN ({', '.join(uris)})")
        values |= uris
    if not conditions:
        return {"Limit": limit + 1}, {}
    return {"FilterExpression": " AND ".join(conditions)}, values


def _span(wanted: MessageFilter, before: MessageId | None) -> dict[str, str]:
    """The ids between which to look, both included: those hold the time a message came."""
    ends = [before, lowest_id("msg", wanted.until) if wanted.until else None]
    end = min((each for each in ends if each is not None), default="msg_~")
    first = lowest_id("msg", wanted.since) if wanted.since else "msg_"
    # The largest id below ``end``, as ids are written in digits and capitals alone.
    last = end[:-1] + chr(ord(end[-1]) - 1) + "~"
    return {":first": min(first, last), ":last": last}


def _claim_attributes(claim: Claim) -> Item:
    return {"claim_holder": claim.holder, "claimed_until": iso(claim.until)}


def _standing(item: Item | None) -> Held | NothingToDo:
    if item is None or item["status"] != Progress.PENDING.value:
        return NothingToDo()
    return Held(from_iso(item["claimed_until"]))
