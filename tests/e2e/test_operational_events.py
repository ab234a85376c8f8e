"""The platform's own events: they reach who names them, and nobody else."""

from __future__ import annotations

from collections import Counter

from tests.e2e.tenant import Hook, Tenant
from tests.e2e.waiting import eventually

LIFE = {
    "hookline.webhook.created": 1,
    "hookline.webhook.updated": 2,
    "hookline.webhook.deleted": 1,
    "hookline.delivery.failed": 1,
}


def told_of(owner: Hook, webhook: Hook) -> Counter[str]:
    """How often each type arrived about a webhook."""
    arrived = (one.json for one in owner.arrivals())
    return Counter(event["type"] for event in arrived if event["entity_id"] == webhook.id)


def test_a_webhooks_life_is_told_by_name_and_by_prefix_but_never_to_a_star(tenant: Tenant) -> None:
    # What happened before anybody subscribed must not keep later subscribers from being told.
    earlier = tenant.hook("/status/500", retry={"max_attempts": 1})
    earlier.delivered(tenant.publish(), "failed", 1)
    earlier.patch(enabled=False)
    by_prefix = tenant.hook(events=["hookline.*"])
    by_name = tenant.hook(events=sorted(LIFE))
    star = tenant.hook(events=["*"])

    webhook = tenant.hook("/status/500", retry={"max_attempts": 1})
    event = tenant.publish()
    webhook.delivered(event, "failed", 1)
    webhook.patch(description="edited")
    tenant.api.post(f"{webhook.at}/secret/rotate")
    tenant.api.delete(webhook.at)

    eventually(lambda: told_of(by_prefix, webhook) == LIFE, "all told by prefix")
    eventually(lambda: told_of(by_name, webhook) == LIFE, "all told by name")
    star.arrives(event)
    assert {one.json["type"] for one in star.arrivals()} == {"thing.happened"}
