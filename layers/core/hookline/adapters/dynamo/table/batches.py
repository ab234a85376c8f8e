"""Batch reads and writes, of which only what DynamoDB left over is asked for again.

Throttled tables answer a batch with what they did not get to (UnprocessedItems, UnprocessedKeys):
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table.attributes import Item, from_wire, to_wire
from hookline.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_WRITES_PER_CALL = 25
_KEYS_PER_CALL = 100
_TRIES = 8
_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0


class Batches:
    """BatchWriteItem and BatchGetItem, to the end or to `Unavailable`.

    Waits between tries double from 50 ms up to 2 s, each shortened at random to between nothing
    and all of it (full jitter); ``sleep`` and ``jitter`` (0..1) are arguments for tests.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._jitter = jitter

    def put(self, table: str, items: Iterable[Item]) -> None:
        """Writes all items, 25 a call, over whatever stands."""
        for some in batched(items, _WRITES_PER_CALL, strict=False):
            self._write({table: [{"PutRequest": {"Item": to_wire(item)}} for item in some]})

    def get(
        self,
        wanted: Iterable[tuple[str, Item]],
        projections: Mapping[str, Sequence[str]] | None = None,
        *,
        lagging: Collection[str] = (),
    ) -> Mapping[str, Sequence[Item]]:
        """What exists of the ``wanted`` (table, key) pairs by table, read consistently.

        Of tables that may be ``lagging`` what stood a moment ago is good enough, at half the price.

        The order is DynamoDB's; a pair asked for twice is read once. ``projections`` names the
        attributes to read, the key's among them, for tables where not all are wanted.
        """
        found: dict[str, list[Item]] = defaultdict(list)
        distinct = {(table, tuple(key.items())): key for table, key in wanted}
        pairs = ((table, key) for (table, _), key in distinct.items())
        for some in batched(pairs, _KEYS_PER_CALL, strict=False):
            self._get(self._requests(some, projections or {}, lagging), found)
        return found

    def _write(self, requests: Mapping[str, Any]) -> None:
        left: Mapping[str, Any] = requests
        for _ in self._tries("BatchWriteItem"):
            with translated():
                answer = self._client.batch_write_item(RequestItems=left)
            left = answer.get("UnprocessedItems") or {}
            if not left:
                return

    def _requests(
        self,
        pairs: Iterable[tuple[str, Item]],
        projections: Mapping[str, Sequence[str]],
        lagging: Collection[str],
    ) -> dict[str, Any]:
        requests: dict[str, Any] = {}
        for table, key in pairs:
            fresh: dict[str, Any] = {"Keys": [], "ConsistentRead": table not in lagging}
            request = requests.setdefault(table, fresh)
            request["Keys"].append(to_wire(key))
            if table in projections:
                # By aliases, as many a word is DynamoDB's own.
                names = {f"#p{number}": name for number, name in enumerate(projections[table])}
                request["ProjectionExpression"] = ", ".join(names)
                request["ExpressionAttributeNames"] = names
        return requests

    def _get(self, requests: Mapping[str, Any], found: Mapping[str, list[Item]]) -> None:
        left = dict(requests)
        for _ in self._tries("BatchGetItem"):
            with translated():
                answer = self._client.batch_get_item(RequestItems=left)
            for table, items in answer.get("Responses", {}).items():
                found[table].extend(from_wire(item) for item in items)
            left = dict(answer.get("UnprocessedKeys") or {})
            if not left:
                return

    def _tries(self, operation: str) -> Iterator[None]:
        longest = _FIRST_WAIT_SECONDS
        for _ in range(_TRIES - 1):
            yield
            self._sleep(longest * self._jitter())
            longest = min(longest * 2, _LONGEST_WAIT_SECONDS)
        yield
        raise Unavailable(f"{operation}: parts of it were left over {_TRIES} times")
