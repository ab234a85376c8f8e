"""The records of fan-outs, and their further chunks, in DynamoDB."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import conditional, translated
from hookline.adapters.dynamo.event import fan_out_item as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Update, to_wire
from hookline.domain.fan_out.fan_out import FanOut, Match, Stretch
from hookline.domain.ids import EventId, TenantId
from hookline.domain.lease import LEASE, Lease
from hookline.domain.times import iso
from hookline.errors import Unavailable
from hookline.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from hookline.domain.shards import Shards

_PLACE = ("claim", "open", "reached", "further_chunks")
"""What of a record each step of its matching moves, and its fence."""

_UNLEASED_CHUNK = "attribute_exists(tenant) AND attribute_not_exists(leased_at)"
_UNLEASED_RECORD = "attribute_not_exists(leased_at) AND (claimed_at <= :stale OR claim = :holder)"
_LEASED_BEFORE = "leased_at <= :stale OR leased_by = :holder"


class DynamoFanOuts:
    """The port `FanOuts`; ``retention`` is that of the events."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        retention: timedelta,
        clock: Clock,
        shards: Shards,
    ) -> None:
        self._client = client
        self._table = table
        self._retention = retention
        self._clock = clock
        self._shards = shards

    def claim(self, fan_out: FanOut) -> bool:
        """One conditional put."""
        if fan_out.shards is not None:
            self._agree(fan_out.shards, fan_out.accepted_at)
        with conditional() as write:
            self._client.put_item(
                TableName=self._table,
                Item=to_wire(codec.to_item(fan_out, self._retention, self._shards)),
                ConditionExpression="attribute_not_exists(tenant) OR claim = :claim",
                ExpressionAttributeValues=to_wire({":claim": fan_out.claim}),
            )
        return write.held

    def extend(self, fan_out: FanOut, stretch: Stretch) -> FanOut | None:
        """One put of the chunk, if there are matches, and one update of the record."""
        number = fan_out.further_chunks
        if stretch.matches:
            number += 1
            stretch = self._chunk_that_stands(fan_out, number, stretch)
        after = replace(
            fan_out,
            matched_count=fan_out.matched_count + len(stretch.matches),
            further_chunks=number,
            open=not stretch.finished,
            reached=stretch.reached,
            spent=fan_out.spent + stretch.spent,
            stopped=None,
            moved_at=self._clock(),
        )
        return after if self._moved(fan_out, after) else None

    def stop(self, fan_out: FanOut, reason: str) -> None:
        """One update; one that lost the race has nothing to stop."""
        self._moved(fan_out, replace(fan_out, stopped=reason))

    def _chunk_that_stands(self, fan_out: FanOut, number: int, stretch: Stretch) -> Stretch:
        with translated():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_wire(
                        codec.chunk_to_item(fan_out, number, stretch, self._retention, self._shards)
                    ),
                    ConditionExpression="attribute_not_exists(tenant)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                standing = reading.standing(error)
                if standing is not None:
                    return replace(codec.stretch_of(standing), spent=stretch.spent)
        return stretch

    def _moved(self, before: FanOut, after: FanOut) -> bool:
        old = codec.to_item(before, self._retention, self._shards)
        new = codec.to_item(after, self._retention, self._shards)
        update = Update.between(old, new).on_condition({name: old.get(name) for name in _PLACE})
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(codec.chunk_key(before, 0, self._shards)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update.parameters(),
                )
            except ClientError as error:
                standing = reading.standing(error)
                # The client repeats an update whose reply got lost, and meets what it wrote.
                return standing is not None and update.stands_in(standing)
        return True

    def get(self, tenant: TenantId, accepted_at: datetime, event: EventId) -> FanOut | None:
        """The record of one event, unless there is none or it has expired."""
        key = keys.fan_out(tenant, accepted_at, event, self._shards)
        item = reading.get(self._client, self._table, key)
        if item is None or not reading.live(item, self._clock()):
            return None
        return codec.from_item(self._in_its_place(item))

    def chunk(self, fan_out: FanOut, number: int) -> Sequence[Match]:
        """Empty for a chunk that has expired."""
        if number == 0:
            return fan_out.matches
        place = codec.chunk_key(fan_out, number, self._shards)
        item = reading.get(self._client, self._table, place)
        return codec.matches_of(item) if item and reading.live(item, self._clock()) else ()

    def lease(self, fan_out: FanOut, number: int, holder: str, now: datetime) -> Lease:
        """FIRST only for a further chunk, as the claim was the first lease of chunk 0."""
        unleased = _UNLEASED_CHUNK if number else _UNLEASED_RECORD
        with translated():
            try:
                leased = self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(codec.chunk_key(fan_out, number, self._shards)),
                    UpdateExpression="SET leased_by = :holder, leased_at = :now ADD leases :one",
                    ConditionExpression=f"({unleased}) OR {_LEASED_BEFORE}",
                    ExpressionAttributeValues=to_wire(
                        {
                            ":holder": holder,
                            ":now": iso(now),
                            ":stale": iso(now - LEASE),
                            ":one": 1,
                        }
                    ),
                    ReturnValues="UPDATED_NEW",
                )
            except ClientError as error:
                reading.standing(error)
                return Lease.HELD
        first = number > 0 and leased["Attributes"]["leases"]["N"] == "1"
        return Lease.FIRST if first else Lease.AGAIN

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        newest_first: bool = True,
        after: tuple[datetime, EventId] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Sequence[FanOut], tuple[datetime, EventId] | None]:
        """Those accepted at ``since`` or later and before ``until``, and where to go on."""
        low = iso(since) if since else "0"
        high = iso(until) if until else "9999"
        edge = keys.accepted(*after) if after else None
        if edge is not None:
            low, high = (low, min(edge, high)) if newest_first else (max(low, edge), high)
        if low > high:
            return [], None
        if after is not None:
            since, until = (since, after[0]) if newest_first else (after[0], until)
        partitions = keys.fan_outs(tenant, since, until, self._shards)
        at_once = reading.share(limit + 1, len(partitions))
        # A generator for each reads on as the merge needs it.
        shards = [
            self._between(partition, (low, high), at_once, newest_first=newest_first)
            for partition in partitions
        ]
        items = heapq.merge(*shards, key=itemgetter("accepted"), reverse=newest_first)
        # BETWEEN holds both of its ends, and the record at the edge was on the page before.
        live = (
            item for item in items if reading.live(item, self._clock()) and item["accepted"] != edge
        )
        records = reading.readable(self._table, map(self._in_its_place, live), codec.from_item)
        found = list(islice(records, limit + 1))
        if len(found) <= limit:
            return found, None
        return found[:limit], (found[limit - 1].accepted_at, found[limit - 1].event_id)

    def _between(
        self, partition: str, bounds: tuple[str, str], at_once: int, *, newest_first: bool
    ) -> Iterator[Item]:
        values = {":partition": partition, ":low": bounds[0], ":high": bounds[1]}
        return reading.query(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
            Limit=at_once,
            KeyConditionExpression="tenant = :partition AND accepted BETWEEN :low AND :high",
            ExpressionAttributeValues=to_wire(values),
        )

    def _in_its_place(self, item: Item) -> Item:
        """The record's item. Raises Unavailable if it was written by another list than ours."""
        accepted_at = keys.accepted_at_of(item["accepted"])
        if accepted_at is not None:
            self._agree(item.get("shards", 1), accepted_at)
        return item

    def _agree(self, shards: int, accepted_at: datetime) -> None:
        """Raises Unavailable if an event's keys have other shards than they have by our list.

        Whoever looked for its record and deliveries where they are not would create them anew:
        until all lists agree, nothing is done with it.
        """
        ours = self._shards.at(accepted_at)
        if shards != ours:
            raise Unavailable(
                f"what was accepted at {iso(accepted_at)} has {shards} shards, and by the parameter"
                f" KeyShards {ours}"
            )
