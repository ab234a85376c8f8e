"""Reads that all stores share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import REFUSED, code_of, translated
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item, Wire, from_wire, to_wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LOG = logging.getLogger("hookline.dynamo")


def get(client: DynamoDBClient, table: str, key: Item) -> Item | None:
    """One item, read consistently."""
    with translated():
        answer = client.get_item(TableName=table, Key=to_wire(key), ConsistentRead=True)
    return from_wire(answer["Item"]) if "Item" in answer else None


def live(item: Item | None, now: datetime) -> bool:
    """Whether it exists and has not expired: DynamoDB removes the expired up to 48 hours late."""
    if item is None:
        return False
    ttl = item.get("ttl")
    # A ttl that somebody made a text of is none to DynamoDB either.
    return not isinstance(ttl, int | float) or ttl > now.timestamp()


def readable[Read](
    table: str, items: Iterable[Item], read: Callable[[Item], Read]
) -> Iterator[Read]:
    """The items that can be decoded; one that somebody broke by hand is logged by its key.

    For lists, which have to show the other entries. Not where a missing item has a meaning: after
    a compare and set, or where it would be created.
    """
    for item in items:
        try:
            found = read(item)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the others are not
            key = {name: item[name] for name in keys.NAMES if name in item}
            _LOG.exception("item.unreadable", extra={"table": table, "key": key})
        else:
            yield found


def standing(error: ClientError) -> Item | None:
    """The item that made a condition fail, where the write asked for it (ALL_OLD)."""
    if code_of(error) != REFUSED:
        raise error
    wire = cast("Wire", error.response.get("Item", {}))
    return from_wire(wire) or None


def beginning_with(owner: str, prefix: str) -> Wire:
    """A query's parameters for an owner's items with this prefix; for all without a prefix."""
    values = {":owner": owner, ":prefix": prefix} if prefix else {":owner": owner}
    begins = " AND begins_with(#item, :prefix)" if prefix else ""
    names = {"#owner": "owner", "#item": "item"} if prefix else {"#owner": "owner"}
    return {
        "ConsistentRead": True,
        "KeyConditionExpression": f"#owner = :owner{begins}",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": to_wire(values),
    }


def owned(
    client: DynamoDBClient, table: str, owner: str, prefix: str, limit: int, after: Item | None
) -> tuple[Sequence[Item], str | None]:
    """At most ``limit`` of an owner's items, last first, and where the next page starts."""
    parameters = beginning_with(owner, prefix)
    if after is not None:
        parameters["ExclusiveStartKey"] = to_wire(after)
    found = query(client, TableName=table, ScanIndexForward=False, Limit=limit + 1, **parameters)
    items = list(islice(found, limit + 1))
    return items[:limit], str(items[limit - 1]["item"]) if len(items) > limit else None


def share(wanted: int, partitions: int, uneven: int = 5) -> int:
    """How many items to ask each partition for, where a page is merged from several.

    A hash fills them alike: with ``uneven`` more, few have to be read on.
    """
    return wanted if partitions == 1 else wanted // partitions + uneven


def query(client: DynamoDBClient, **parameters: Any) -> Iterator[Item]:
    """Every item that a query finds, read page by page as needed."""
    for items, _ in pages(client, **parameters):
        yield from items


def count(client: DynamoDBClient, **parameters: Any) -> int:
    """How many items a query finds, none of which is sent."""
    found = 0
    while True:
        with translated():
            answer = client.query(Select="COUNT", **parameters)
        found += answer["Count"]
        if "LastEvaluatedKey" not in answer:
            return found
        parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def pages(client: DynamoDBClient, **parameters: Any) -> Iterator[tuple[list[Item], Wire | None]]:
    """The pages of a query, each with the key that the next one would start after."""
    start: Wire | None = None
    while True:
        if start is not None:
            parameters["ExclusiveStartKey"] = start
        with translated():
            answer = client.query(**parameters)
        start = answer.get("LastEvaluatedKey")
        yield [from_wire(item) for item in answer["Items"]], start
        if start is None:
            return
