"""Batch reads and writes; only what DynamoDB left unprocessed is repeated.

A throttled table returns the part that it did not process (UnprocessedItems, UnprocessedKeys):
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import Backoff, code_of, translated
from hookline.adapters.dynamo.table.attributes import Item, Wire, from_wire, to_wire
from hookline.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_WRITES_PER_CALL = 25
_KEYS_PER_CALL = 100
_TRIES = 8
_FAILURES = 4
"""Failures of a whole batch write before giving up: as many as botocore allows other calls."""

_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException"})
"""How DynamoDB refuses a batch none of which it could process."""

_PATIENCE = 2
"""Tries after which throttled items are left over, where the caller allows it."""


class Batches:
    """BatchWriteItem and BatchGetItem, repeated until all is done or `Unavailable` is raised."""

    def __init__(
        self,
        client: DynamoDBClient,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._backoff = Backoff(sleep, jitter)

    def put(self, table: str, items: Iterable[Item]) -> None:
        """Writes all items, 25 a call, over existing ones."""
        for some in batched(items, _WRITES_PER_CALL, strict=False):
            self._write(table, [to_wire(item) for item in some], lambda left: left)

    def create(
        self,
        table: str,
        items: Iterable[Item],
        key: Sequence[str],
        *,
        throttled: list[Item] | None = None,
    ) -> None:
        """Writes items that do not exist yet, 25 a call; only one process may create them.

        When the reply of a call got lost, somebody may have changed its items already, so existing
        ones are looked for before anything is repeated. ``key`` names the attributes of the
        table's key. Items left over raise Unavailable after many tries; where ``throttled`` is
        given they are added to it after two, and once a call fails, so are all that follow.
        """
        out = False
        for some in batched(items, _WRITES_PER_CALL, strict=False):
            if out and throttled is not None:
                throttled.extend(some)
                continue
            try:
                self._write(
                    table,
                    [to_wire(item) for item in some],
                    lambda left: self._missing(table, key, left),
                    throttled,
                )
            except Unavailable:
                if throttled is None:
                    raise
                out = True
                throttled.extend(some)

    def get(
        self,
        wanted: Iterable[tuple[str, Item]],
        projections: Mapping[str, Sequence[str]] | None = None,
        *,
        lagging: Collection[str] = (),
        throttled: list[Item] | None = None,
    ) -> Mapping[str, Sequence[Item]]:
        """The items of the ``wanted`` (table, key) pairs that exist, by table, read consistently.

        Tables in ``lagging`` are read eventually consistently, at half the price.

        The order is DynamoDB's; a pair given twice is read once. ``projections`` names the
        attributes to read, the key's among them, for tables where not all are wanted.

        Keys left over raise Unavailable after many tries, or are added to ``throttled`` after two,
        where that is given: the others need not wait for them.
        """
        found: dict[str, list[Item]] = defaultdict(list)
        distinct = {(table, tuple(key.items())): key for table, key in wanted}
        pairs = ((table, key) for (table, _), key in distinct.items())
        for some in batched(pairs, _KEYS_PER_CALL, strict=False):
            self._get(self._requests(some, projections or {}, lagging), found, throttled)
        return found

    def _write(
        self,
        table: str,
        items: list[Wire],
        to_repeat: Callable[[list[Wire]], list[Wire]],
        throttled: list[Item] | None = None,
    ) -> None:
        """After a failed call ``to_repeat`` says which of its items to write again."""
        left, failures = items, 0
        for number, _ in enumerate(self._tries("BatchWriteItem")):
            if number == _PATIENCE and throttled is not None and not failures:
                throttled.extend(map(from_wire, left))
                return
            if failures:
                left = to_repeat(left)
            if not left:
                return
            try:
                left = self._written(table, left)
            except Unavailable:
                failures += 1
                if failures == _FAILURES:
                    raise
            else:
                if not left:
                    return

    def _written(self, table: str, items: list[Wire]) -> list[Wire]:
        """Those left over."""
        requests: Any = {table: [{"PutRequest": {"Item": item}} for item in items]}
        with translated():
            answer = self._client.batch_write_item(RequestItems=requests)
        left: Any = answer.get("UnprocessedItems", {}).get(table, ())
        return [request["PutRequest"]["Item"] for request in left]

    def _missing(self, table: str, key: Sequence[str], items: list[Wire]) -> list[Wire]:
        keys = [from_wire({name: item[name] for name in key}) for item in items]
        there = self.get(((table, each) for each in keys), {table: key}).get(table, ())
        return [item for item, each in zip(items, keys, strict=True) if each not in there]

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

    def _get(
        self,
        requests: Mapping[str, Any],
        found: Mapping[str, list[Item]],
        throttled: list[Item] | None,
    ) -> None:
        left = dict(requests)
        for number in self._tries("BatchGetItem"):
            if number == _PATIENCE and throttled is not None:
                throttled.extend(_keys_of(left))
                return
            with translated():
                try:
                    answer = self._client.batch_get_item(RequestItems=left)
                except ClientError as error:
                    if throttled is None or code_of(error) not in _THROTTLED:
                        raise
                    throttled.extend(_keys_of(left))
                    return
            for table, items in answer.get("Responses", {}).items():
                found[table].extend(from_wire(item) for item in items)
            left = dict(answer.get("UnprocessedKeys") or {})
            if not left:
                return

    def _tries(self, operation: str) -> Iterator[int]:
        yield from self._backoff.tries(_TRIES)
        raise Unavailable(f"{operation}: parts of it were left over {_TRIES} times")


def _keys_of(requests: Mapping[str, Any]) -> Iterator[Item]:
    return (from_wire(key) for request in requests.values() for key in request["Keys"])
