"""A webhook's deliveries in DynamoDB, as its owner reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.delivery import attempt_item as attempt
from hookline.adapters.dynamo.delivery import deliveries
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Wire, to_wire
from hookline.domain.delivery.delivery import Attempt, Delivery, Status
from hookline.domain.delivery.merging import newest
from hookline.domain.ids import DeliveryId, TenantId, WebhookId, lowest_id
from hookline.ports import Clock
from hookline.ports.deliveries import EVERYTHING, LogSearch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from hookline.domain.shards import Shards

_READS_PER_PAGE = 24
"""Queries of 1 MB that one page may take: a hundred of the largest deliveries, some 200 KB each,
fit; a filter that passes next to nothing ends the page early instead of the caller's patience."""

_NAMES = sorted({part for path in deliveries.WITHOUT_BODIES for part in path.split(".")})
_ALIASES = {name: f"#p{number}" for number, name in enumerate(_NAMES)}
_KEY_NAMES = {"#log": "log", "#id": "id"}
_PROJECTION = ", ".join(
    ".".join(_ALIASES[part] for part in path.split(".")) for path in deliveries.WITHOUT_BODIES
)


class DynamoDeliveryLog:
    """The port `DeliveryLog`."""

    def __init__(
        self,
        client: DynamoDBClient,
        deliveries_table: str,
        attempts_table: str,
        clock: Clock,
        shards: Shards,
    ) -> None:
        self._client = client
        self._deliveries_table = deliveries_table
        self._attempts_table = attempts_table
        self._clock = clock
        self._shards = shards

    def page(  # noqa: PLR0913 - one for each filter
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        limit: int,
        *,
        before: DeliveryId | None = None,
        statuses: Sequence[Status] = (),
        types: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        search: LogSearch = EVERYTHING,
    ) -> tuple[Sequence[Delivery], DeliveryId | None]:
        """Those created at ``since`` or later and before ``until``: the ids hold the time."""
        low = lowest_id("dlv", since) if since else "dlv_"
        high = min(lowest_id("dlv", until) if until else "dlv_~", before or "dlv_~")
        if low > high:
            return [], None
        wanted = {
            "status": [status.value for status in statuses],
            "event_type": types,
            "event_id": _listed(search.event_id),
            "last_attempt.response.status": _listed(search.response_status),
            "last_attempt.error.kind": _listed(search.error_kind),
        }
        logs = keys.logs(tenant, webhook_id, (low, high), self._shards)
        looks_at = search.looks_at and reading.share(search.looks_at, len(logs), uneven=1)
        shards = [
            _Shard(
                self._reads(
                    log, (low, high), reading.share(limit + 1, len(logs)), wanted, looks_at
                ),
                lambda items: self._wanted(items, beyond=high),
            )
            for log in logs
        ]
        for shard in shards:
            shard.read_on()
        reads, most = len(shards), 1 if looks_at else _READS_PER_PAGE
        while True:
            page, goes_on = newest([(each.found, each.end) for each in shards], limit + 1)
            if len(page) > limit:
                return page[:limit], page[limit - 1].key.id
            if goes_on is None or reads >= most:
                return page, goes_on
            next(shard for shard in shards if shard.end == goes_on).read_on()
            reads += 1

    def attempts(self, delivery: Delivery, limit: int) -> Sequence[Attempt]:
        """Its last attempt out of the delivery as given, those before it out of their own table."""
        last = delivery.last_attempt
        if last is None:
            return []
        if limit == 1:
            return [last]
        items = reading.query(
            self._client,
            TableName=self._attempts_table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit - 1,
            KeyConditionExpression="delivery = :delivery AND #number < :last",
            ExpressionAttributeNames={"#number": "number"},
            ExpressionAttributeValues=to_wire(
                {
                    ":delivery": keys.attempts(delivery.key.tenant, delivery.key.id),
                    ":last": last.number,
                }
            ),
        )
        now = self._clock()
        older = (attempt.from_map(item, delivery) for item in items if reading.live(item, now))
        return [last, *islice(older, limit - 1)][::-1]

    def _reads(
        self,
        log: str,
        bounds: tuple[str, str],
        most: int,
        wanted: Mapping[str, Sequence[object]],
        looks_at: int | None,
    ) -> Iterator[tuple[list[Item], Wire | None]]:
        values: dict[str, object] = {":log": log, ":low": bounds[0], ":high": bounds[1]}
        filters = [
            filter_
            for path, allowed in wanted.items()
            for filter_ in _one_of(path, allowed, values)
        ]
        names = {alias: name for name, alias in _ALIASES.items()} | _KEY_NAMES
        if wanted["last_attempt.error.kind"]:
            names["#kind"] = "kind"  # one that is not used would be refused
        # A filter acts on what was read, so that a limit on reading would only cost more queries.
        narrowed: dict[str, Any] = {"Limit": most}
        if filters:
            narrowed = {"FilterExpression": " AND ".join(filters)}
        if looks_at is not None:
            narrowed["Limit"] = looks_at
        return reading.pages(
            self._client,
            TableName=self._deliveries_table,
            ConsistentRead=True,
            ScanIndexForward=False,
            KeyConditionExpression="#log = :log AND #id BETWEEN :low AND :high",
            ProjectionExpression=_PROJECTION,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_wire(values),
            **narrowed,
        )

    def _wanted(self, items: Sequence[Item], *, beyond: str) -> Iterator[Delivery]:
        now = self._clock()
        # BETWEEN holds both of its ends, and the upper one is not wanted.
        wanted = (item for item in items if item["id"] != beyond and reading.live(item, now))
        return reading.readable(self._deliveries_table, wanted, deliveries.from_item)


class _Shard:
    """One of a log's, as far as it was read: ``end`` is where it goes on, if it does."""

    def __init__(
        self,
        reads: Iterator[tuple[list[Item], Wire | None]],
        wanted: Callable[[Sequence[Item]], Iterable[Delivery]],
    ) -> None:
        self._reads = reads
        self._wanted = wanted
        self.found: list[Delivery] = []
        self.end: DeliveryId | None = None

    def read_on(self) -> None:
        """One query."""
        items, start = next(self._reads)
        self.found.extend(self._wanted(items))
        self.end = DeliveryId(start["id"]["S"]) if start else None


def _listed(value: object) -> list[object]:
    return [] if value is None else [value]


def _one_of(path: str, allowed: Sequence[object], values: dict[str, object]) -> list[str]:
    if not allowed:
        return []
    parts = path.split(".")
    placeholders = {f":{'_'.join(parts)}{number}": each for number, each in enumerate(allowed)}
    values.update(placeholders)
    name = ".".join(_ALIASES.get(part, f"#{part}") for part in parts)
    return [f"{name} IN ({', '.join(placeholders)})"]
