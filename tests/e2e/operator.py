"""What the stack's operator does from the AWS console, done by API."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookline.domain.times import iso
from local.redrive import redrive
from tests.e2e.aws import dynamodb_of, lambda_of, sqs_of
from tests.e2e.stack import Stack
from tests.e2e.tenant import Hook

if TYPE_CHECKING:
    from datetime import datetime

PREFIX = "hookline-local-"
TICK = Path(__file__).resolve().parents[2] / "events" / "scheduler_tick.json"


class Operator:
    """Somebody with the console open."""

    def __init__(self, stack: Stack) -> None:
        self._lambda = lambda_of(stack)
        self._sqs = sqs_of(stack)
        self._dynamodb = dynamodb_of(stack)

    def run_scheduler(self) -> None:
        """Tests the scheduler function with its own event, rather than waiting for the minute."""
        answer = self._lambda.invoke(FunctionName=f"{PREFIX}scheduler", Payload=TICK.read_bytes())
        assert "FunctionError" not in answer, answer["Payload"].read()

    def dead_letters(self, webhook_id: str) -> list[tuple[dict[str, Any], str]]:
        """The dead letters of one webhook, each with its reason; they stay where they are."""
        url = self._url("dead-letters")
        found: list[tuple[dict[str, Any], str]] = []
        receipts: list[str] = []
        while messages := self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=60,
            MessageAttributeNames=["reason"],
        ).get("Messages"):
            for message in messages:
                reason = message["MessageAttributes"]["reason"]["StringValue"]
                found.append((json.loads(message["Body"]), reason))
                receipts.append(message["ReceiptHandle"])
        for receipt in receipts:
            self._sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
        return [letter for letter in found if letter[0]["webhook_id"] == webhook_id]

    def redrive(self) -> int:
        """Moves all dead letters to the delivery queue."""
        return redrive(self._sqs, "dead-letters", "deliveries")

    def purge(self) -> None:
        """Empties both queues before the sender, what is hidden in them included."""
        for queue in ("deliveries", "retries"):
            self._sqs.purge_queue(QueueUrl=self._url(queue))

    def make_due(self, hook: Hook, delivery_ids: Iterable[str], now: datetime) -> None:
        """Sets when deliveries are looked after to now: as if the time until then had passed."""
        for delivery_id in delivery_ids:
            self._dynamodb.update_item(
                TableName=f"{PREFIX}deliveries",
                Key={
                    "log": {"S": f"{hook.api.tenant}#{hook.id}#0"},
                    "id": {"S": delivery_id},
                },
                UpdateExpression="SET due_at = :now",
                ConditionExpression="attribute_exists(due_at)",
                ExpressionAttributeValues={":now": {"S": iso(now)}},
            )

    def _url(self, queue: str) -> str:
        return self._sqs.get_queue_url(QueueName=PREFIX + queue)["QueueUrl"]
