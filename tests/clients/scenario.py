"""A program over the package that `openapi-python-client` makes of the API's document.

It runs in an environment of its own, where that package is `hookline_client`.
"""

from __future__ import annotations

import os
import sys
import time
from http import HTTPStatus

from hookline_client import AuthenticatedClient
from hookline_client.api.deliveries import list_deliveries
from hookline_client.api.events import publish_event
from hookline_client.api.tenants import create_tenant, delete_tenant
from hookline_client.api.webhooks import create_webhook, delete_webhook, patch_webhook, test_webhook
from hookline_client.models import (
    Accepted,
    Delivery,
    DeliveryPage,
    EventInput,
    Problem,
    TenantInput,
    TestInput,
    Webhook,
    WebhookInput,
    WebhookPatch,
)


def main() -> None:
    """From a tenant of its own to its end."""
    client = AuthenticatedClient(os.environ["HOOKLINE_API"], os.environ["HOOKLINE_KEY"])
    tenant = f"python-{time.time_ns()}"
    create_tenant.sync(client=client, body=TenantInput(id=tenant))

    document = WebhookInput(name="orders", url=os.environ["HOOKLINE_ENDPOINT"], events=["order.*"])
    webhook = create_webhook.sync(tenant, client=client, body=document, idempotency_key="first")
    assert isinstance(webhook, Webhook)
    assert str(webhook.secret).startswith("whsec_")

    late = WebhookPatch(description="too late")
    stale = patch_webhook.sync(tenant, webhook.id, client=client, body=late, if_match="99")
    assert isinstance(stale, Problem)
    assert stale.code == "precondition_failed"

    event = EventInput(type_="order.paid", id="order-17")
    published = publish_event.sync(tenant, client=client, body=event)
    assert isinstance(published, Accepted)
    assert published.duplicate is False

    delivery = test_webhook.sync(tenant, webhook.id, client=client, body=TestInput())
    assert isinstance(delivery, Delivery)
    log = list_deliveries.sync(tenant, webhook.id, client=client, limit=10)
    assert isinstance(log, DeliveryPage)
    assert delivery.id in {each.id for each in log.items}

    gone = delete_webhook.sync_detailed(tenant, webhook.id, client=client)
    assert gone.status_code == HTTPStatus.NO_CONTENT
    delete_tenant.sync_detailed(tenant, client=client)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
