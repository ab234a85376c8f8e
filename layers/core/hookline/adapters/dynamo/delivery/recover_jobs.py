"""Recover jobs in DynamoDB.

By the plain client: the scheduler works on them too, and starts without PynamoDB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import conditional, translated
from hookline.adapters.dynamo.delivery import recover_job_item as codec
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Update, to_wire
from hookline.domain.delivery.recover_job import RecoverJob
from hookline.domain.ids import JobId, TenantId, WebhookId
from hookline.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INDEX = "running"


class DynamoRecoverJobs:
    """The port `RecoverJobs`; ``retention`` is that of the deliveries they are about."""

    def __init__(
        self, client: DynamoDBClient, table: str, retention: timedelta, clock: Clock
    ) -> None:
        self._client = client
        self._table = table
        self._retention = retention
        self._clock = clock

    def create(self, job: RecoverJob) -> None:
        """On condition that there is none, so that a repeat sets no progress back."""
        with conditional():
            self._client.put_item(
                TableName=self._table,
                Item=to_wire(codec.to_item(job, self._retention)),
                ConditionExpression="attribute_not_exists(job_id)",
            )

    def get(self, tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> RecoverJob | None:
        """The job as it stands, unless there is none or it has expired."""
        key = keys.recover_job(tenant, webhook_id, job_id)
        item = reading.get(self._client, self._table, key)
        return codec.from_item(item) if item and reading.live(item, self._clock()) else None

    def replace(self, before: RecoverJob, after: RecoverJob) -> bool:
        """The same replacement again, its reply lost, is True."""
        old = codec.to_item(before, self._retention)
        new = codec.to_item(after, self._retention)
        update = Update.between(old, new).on_condition({"version": before.version})
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(keys.recover_job(after.tenant, after.webhook_id, after.id)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update.parameters(),
                )
            except ClientError as error:
                standing = reading.standing(error)
                return standing is not None and codec.from_item(standing) == after
        return True

    def page(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, before: JobId | None
    ) -> tuple[Sequence[RecoverJob], JobId | None]:
        """Ids grow with time. A page holds fewer where some have expired."""
        start = {}
        if before is not None:
            start = {"ExclusiveStartKey": to_wire(keys.recover_job(tenant, webhook_id, before))}
        found, after = next(
            reading.pages(
                self._client,
                TableName=self._table,
                KeyConditionExpression="#webhook = :webhook",
                ExpressionAttributeNames={"#webhook": "webhook"},
                ExpressionAttributeValues=to_wire(
                    {":webhook": keys.recover_job(tenant, webhook_id, JobId(""))["webhook"]}
                ),
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        )
        now = self._clock()
        live = (item for item in found if reading.live(item, now))
        jobs = list(reading.readable(self._table, live, codec.from_item))
        return jobs, None if after is None else JobId(str(found[-1]["job_id"]))

    def running(self) -> Iterable[RecoverJob]:
        """From the sparse index."""
        items = reading.query(
            self._client,
            TableName=self._table,
            IndexName=_INDEX,
            KeyConditionExpression="#running = :running",
            ExpressionAttributeNames={"#running": "running"},
            ExpressionAttributeValues=to_wire({":running": keys.RUNNING}),
        )
        now = self._clock()
        live = (item for item in items if reading.live(item, now))
        return reading.readable(self._table, live, codec.from_item)
