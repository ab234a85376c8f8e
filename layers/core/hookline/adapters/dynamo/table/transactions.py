"""Writes of several items together, or of none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import code_of, translated
from hookline.adapters.dynamo.table.attributes import Item, Update, to_wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

ACTS_PER_CALL = 100

type Act = Mapping[str, Any]
"""One act of a transaction as the client takes it."""


def put(table: str, item: Item, stands: Item | None = None) -> Act:
    """Writes a whole item, as long as what ``stands`` has these attributes (None: absent)."""
    return {"Put": {"TableName": table, "Item": to_wire(item), **_condition(stands)}}


def delete(table: str, key: Item, stands: Item | None = None) -> Act:
    """Deletes an item, as long as what ``stands`` has these attributes."""
    return {"Delete": {"TableName": table, "Key": to_wire(key), **_condition(stands)}}


def written(client: DynamoDBClient, acts: Sequence[Act]) -> bool:
    """False where a condition did not hold: nothing was written then. Raises Unavailable."""
    with translated():
        try:
            client.transact_write_items(TransactItems=cast("list[TransactWriteItemTypeDef]", acts))
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", ())
            refused = any(each.get("Code") == "ConditionalCheckFailed" for each in reasons)
            if code_of(error) != "TransactionCanceledException" or not refused:
                raise
            return False
    return True


def _condition(stands: Item | None) -> dict[str, Any]:
    return Update({}, stands).parameters() if stands else {}  # of an update without changes
