"""The timestamped signatures that came, so that none is good twice."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.ids import MessageId, ProviderId, TenantId
from hookline.domain.inbound.signatures import Replayable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSeenSignatures:
    """The port `SeenSignatures`; an item goes when its signature is too old to pass anyway."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(
        self,
        tenant: TenantId,
        provider_id: ProviderId,
        signature: Replayable,
        message_id: MessageId,
        now: datetime,
    ) -> bool:
        """One conditional put. An expired item that still lies there stands for nothing."""
        return self.first(tenant, provider_id, signature, message_id, now) == message_id

    def first(
        self,
        tenant: TenantId,
        provider_id: ProviderId,
        delivery: Replayable,
        message_id: MessageId,
        now: datetime,
    ) -> MessageId:
        """One conditional put, which tells what stands in its way."""
        key = keys.signature(tenant, provider_id, delivery.digest)
        item = {
            "signature": key,
            "message_id": message_id,
            "ttl": int(delivery.until.timestamp()) + 1,
        }
        with translated():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_wire(item),
                    ConditionExpression=(
                        "attribute_not_exists(signature) OR message_id = :message OR #ttl <= :now"
                    ),
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=to_wire(
                        {":message": message_id, ":now": int(now.timestamp())}
                    ),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                stands = reading.standing(error)
                return MessageId(stands["message_id"]) if stands else message_id
        return message_id
