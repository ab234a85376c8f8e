"""Writing webhooks in DynamoDB: configuration, name guard and subscriptions in one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import Backoff, code_of, translated
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item, from_wire, to_wire
from hookline.adapters.dynamo.webhook import subscription_item as subscriptions
from hookline.adapters.dynamo.webhook import webhook_item as codec
from hookline.domain.webhook.webhook import Subscription, Webhook, subscriptions_of
from hookline.errors import Unavailable
from hookline.ports.webhooks import NameTaken, Saved, VersionChanged

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 5

_WEBHOOK, _NAME = 0, 1
"""Where in each transaction the conditions on the webhook and on its name stand."""

type _Act = Mapping[str, Any]


class DynamoWebhookChanges:
    """The port `WebhookChanges`.

    45 patterns that all change are 90 acts, and configuration, new name, old name and the version
    of the tenant's subscriptions four more: a transaction holds 100.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        webhooks_table: str,
        subscriptions_table: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._webhooks_table = webhooks_table
        self._subscriptions_table = subscriptions_table
        self._backoff = Backoff(sleep, jitter)

    def create(self, webhook: Webhook) -> Saved | NameTaken:
        """Raises Unavailable too when the id is taken, as no two webhooks ever get one id."""
        saved = self._transact(
            [
                self._put_webhook(webhook, replacing=None),
                self._guard_name(webhook),
                *self._changed(webhook, self._subscribe(subscriptions_of(webhook))),
            ],
            webhook,
        )
        if isinstance(saved, VersionChanged):
            raise Unavailable(f"the webhook id {webhook.id} is taken")
        return saved

    def replace(self, before: Webhook, after: Webhook) -> Saved | NameTaken | VersionChanged:
        """Only subscriptions that differ are written."""
        old, new = subscriptions_of(before), subscriptions_of(after)
        kept = {each.pattern for each in new}
        return self._transact(
            [
                self._put_webhook(after, replacing=before),
                *self._rename(before, after),
                *self._changed(
                    after,
                    [
                        *self._subscribe([each for each in new if each not in old]),
                        *self._unsubscribe([each for each in old if each.pattern not in kept]),
                    ],
                ),
            ],
            after,
        )

    def delete(self, webhook: Webhook) -> Saved | VersionChanged:
        """Saved too when the webhook is gone already."""
        gone = {
            "Delete": {
                "TableName": self._webhooks_table,
                "Key": to_wire(keys.webhook(webhook.tenant, webhook.id)),
                "ConditionExpression": "attribute_not_exists(#item) OR version = :version",
                "ExpressionAttributeNames": {"#item": "item"},
                "ExpressionAttributeValues": to_wire({":version": webhook.version}),
            }
        }
        saved = self._transact(
            [
                gone,
                self._free_name(webhook),
                *self._changed(webhook, self._unsubscribe(subscriptions_of(webhook))),
            ],
            None,
        )
        # The name's guard may stand for another webhook by now only if this one is gone.
        return Saved() if isinstance(saved, NameTaken) else saved

    def _transact(
        self, acts: Sequence[_Act], wanted: Webhook | None
    ) -> Saved | NameTaken | VersionChanged:
        for _ in self._backoff.tries(_TRIES):
            with translated():
                try:
                    self._client.transact_write_items(TransactItems=acts)  # type: ignore[arg-type]  # the stubs spell out every act
                except ClientError as error:
                    if code_of(error) != "TransactionCanceledException":
                        raise
                    verdict = _verdict(error, wanted)
                else:
                    return Saved()
            if verdict is not None:
                return verdict
        raise Unavailable(f"TransactWriteItems: in conflict with others {_TRIES} times")

    def _put_webhook(self, webhook: Webhook, *, replacing: Webhook | None) -> _Act:
        put: dict[str, Any] = {
            "TableName": self._webhooks_table,
            "Item": to_wire(codec.to_item(webhook)),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if replacing is None:
            put["ConditionExpression"] = "attribute_not_exists(tenant)"
        else:
            put["ConditionExpression"] = "version = :version"
            put["ExpressionAttributeValues"] = to_wire({":version": replacing.version})
        return {"Put": put}

    def _rename(self, before: Webhook, after: Webhook) -> Sequence[_Act]:
        if before.name == after.name:
            return ()
        return self._guard_name(after), self._free_name(before)

    def _guard_name(self, webhook: Webhook) -> _Act:
        guard = {**keys.webhook_name(webhook.tenant, webhook.name), "webhook_id": webhook.id}
        return {
            "Put": {
                "TableName": self._webhooks_table,
                "Item": to_wire(guard),
                "ConditionExpression": "attribute_not_exists(tenant) OR webhook_id = :webhook_id",
                "ExpressionAttributeValues": to_wire({":webhook_id": webhook.id}),
            }
        }

    def _free_name(self, webhook: Webhook) -> _Act:
        return {
            "Delete": {
                "TableName": self._webhooks_table,
                "Key": to_wire(keys.webhook_name(webhook.tenant, webhook.name)),
                "ConditionExpression": "attribute_not_exists(tenant) OR webhook_id = :webhook_id",
                "ExpressionAttributeValues": to_wire({":webhook_id": webhook.id}),
            }
        }

    def _changed(self, webhook: Webhook, changes: Sequence[_Act]) -> Sequence[_Act]:
        """The changes, and a new version of the tenant's subscriptions if there are any."""
        if not changes:
            return ()
        version = {
            "Update": {
                "TableName": self._subscriptions_table,
                "Key": to_wire(keys.subscriptions_version(webhook.tenant)),
                "UpdateExpression": "ADD version :one",
                "ExpressionAttributeValues": to_wire({":one": 1}),
            }
        }
        return *changes, version

    def _subscribe(self, added: Sequence[Subscription]) -> list[_Act]:
        return [
            {
                "Put": {
                    "TableName": self._subscriptions_table,
                    "Item": to_wire(subscriptions.to_item(each)),
                }
            }
            for each in added
        ]

    def _unsubscribe(self, removed: Sequence[Subscription]) -> list[_Act]:
        return [
            {
                "Delete": {
                    "TableName": self._subscriptions_table,
                    "Key": to_wire(keys.subscription(each.tenant, each.pattern, each.webhook_id)),
                }
            }
            for each in removed
        ]


def _verdict(
    error: ClientError, wanted: Webhook | None
) -> Saved | NameTaken | VersionChanged | None:
    """What a cancelled transaction says; None when it may be tried again."""
    reasons: Sequence[Item] = error.response.get("CancellationReasons", [])
    failed = [
        number
        for number, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    ]
    if _WEBHOOK in failed:
        # The client repeats a transaction whose reply got lost, and meets what it wrote itself.
        standing = reasons[_WEBHOOK].get("Item")
        stands = wanted is not None and standing and codec.from_item(from_wire(standing)) == wanted
        return Saved() if stands else VersionChanged()
    if _NAME in failed:
        return NameTaken()
    return None
