"""Answers to requests with an Idempotency-Key, in DynamoDB."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.adapters.dynamo.table.updates import Update
from hookline.domain.times import iso
from hookline.ports import Randomness
from hookline.ports.requests import (
    Fresh,
    IdempotentRequest,
    InProgress,
    Mismatch,
    Replay,
    StoredAnswer,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(hours=24)

_FREE = (
    "attribute_not_exists(#request) OR #ttl <= :epoch OR holder = :holder"
    " OR (digest = :digest AND attribute_not_exists(#status) AND leased_until <= :now)"
)


class DynamoIdempotencyRecords:
    """The port `IdempotencyRecords`."""

    def __init__(self, client: DynamoDBClient, table: str, randomness: Randomness) -> None:
        self._client = client
        self._table = table
        self._randomness = randomness

    def begin(
        self, request: IdempotentRequest, now: datetime, lease: timedelta
    ) -> Fresh | Replay | Mismatch | InProgress:
        """One conditional put; what it meets when refused says which answer it is."""
        holder = self._randomness(9).hex()
        item = {
            **keys.idempotent_request(request.principal, request.target, request.key),
            "digest": request.digest,
            "holder": holder,
            "leased_until": iso(now + lease),
            "ttl": int((now + _KEPT).timestamp()) + 1,
        }
        with translated():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_wire(item),
                    ConditionExpression=_FREE,
                    ExpressionAttributeNames={
                        "#request": "request",
                        "#ttl": "ttl",
                        "#status": "status",
                    },
                    ExpressionAttributeValues=to_wire(
                        {
                            ":holder": holder,
                            ":digest": request.digest,
                            ":now": iso(now),
                            ":epoch": int(now.timestamp()),
                        }
                    ),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                return _verdict(request, reading.standing(error))
        return Fresh(holder)

    def finish(self, request: IdempotentRequest, holder: str, answer: StoredAnswer) -> None:
        """Readable as it was sent, in the table too."""
        changes = {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.body,
        }
        update = Update(changes).on_condition({"holder": holder})
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table, Key=to_wire(_key(request)), **update.parameters()
                )
            except ClientError as error:
                reading.standing(error)

    def give_up(self, request: IdempotentRequest, holder: str) -> None:
        """Removes the record while there is no answer in it."""
        with translated():
            try:
                self._client.delete_item(
                    TableName=self._table,
                    Key=to_wire(_key(request)),
                    ConditionExpression="holder = :holder AND attribute_not_exists(#status)",
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues=to_wire({":holder": holder}),
                )
            except ClientError as error:
                reading.standing(error)


def _key(request: IdempotentRequest) -> keys.Key:
    return keys.idempotent_request(request.principal, request.target, request.key)


def _verdict(request: IdempotentRequest, standing: Item | None) -> Replay | Mismatch | InProgress:
    if standing is not None and standing["digest"] != request.digest:
        return Mismatch()
    if standing is not None and "status" in standing:
        return Replay(StoredAnswer(standing["status"], standing["body"], standing["headers"]))
    return InProgress()
