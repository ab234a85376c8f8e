"""A subscription as an item of ``subscriptions``: what matching needs, under one pattern."""

from __future__ import annotations

from datetime import timedelta

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item
from hookline.adapters.dynamo.webhook.webhook_item import scope_from_map, scope_to_map
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import Subscription


def to_item(subscription: Subscription) -> Item:
    """One item for each pattern and webhook."""
    return {
        "pattern": keys.subscriptions(subscription.tenant, subscription.pattern),
        "webhook_id": subscription.webhook_id,
        "scope": scope_to_map(subscription.scope),
        "filter": subscription.filter,
        "context": subscription.context,
        "user": subscription.user,
        "max_age_seconds": subscription.max_age.total_seconds(),
    }


def from_item(item: Item) -> Subscription:
    """The subscription that `to_item` made the item of."""
    tenant, _, pattern = item["pattern"].partition("#")
    return Subscription(
        tenant=TenantId(tenant),
        webhook_id=WebhookId(item["webhook_id"]),
        pattern=pattern,
        scope=scope_from_map(item["scope"]),
        filter=item.get("filter"),
        context=item.get("context"),
        user=item.get("user"),
        max_age=timedelta(seconds=item["max_age_seconds"]),
    )
