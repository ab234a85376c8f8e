"""What makes the Postman collection run from its first request to its last, in a tenant of its own.

Nothing is taken away before the last folder, so that each step finds what the ones before it made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ORDER: Sequence[str] = (
    "tenants",
    "principals",
    "event types",
    "events",
    "webhooks",
    "rights",
    "deliveries",
    "templates",
    "inbound",
    "meta",
)
"""Folders: an event before the webhook that gets it sent, a webhook before rights to it."""

FIRST: Sequence[str] = (
    *("create_tenant", "create_principal", "create_key", "put_event_type", "publish_event"),
    *("create_webhook", "test_webhook", "put_right", "recover_webhook"),
    *("create_inbound_provider", "create_inbound_function", "receive_post"),
)
"""What the others of its folder need: these come first, in this order."""

LAST: Sequence[str] = (
    *("cancel_recover_job", "cancel_delivery", "rotate_webhook_secret", "delete_right"),
    *("delete_sessions", "delete_key", "delete_principal", "patch_event_type"),
    *("delete_event_type", "delete_inbound_function", "delete_inbound_provider"),
    *("delete_webhook", "delete_tenant"),
)
"""The last folder: what ends or takes away, the newest first."""

SETS: Mapping[str, tuple[str, str]] = {
    "create_tenant": ("tenant", "id"),
    "create_principal": ("principal", "id"),
    "create_key": ("key_id", "id"),
    "publish_event": ("event", "id"),
    "create_webhook": ("webhook", "id"),
    "test_webhook": ("delivery", "id"),
    "recover_webhook": ("job", "id"),
    "create_inbound_provider": ("provider", "id"),
    "create_inbound_function": ("function", "id"),
    "receive_post": ("message", "id"),
}
"""The variable that an answer sets, and the field it takes."""

A_TENANT_OF_ITS_OWN = 'pm.collectionVariables.set("tenant", "postman-" + Date.now());'
"""Before the tenant is made: an id is never used twice."""

BODIES: Mapping[str, object] = {
    "create_key": {},
    "reorder_inbound_providers": {"ids": ["{{provider}}"]},
    "recover_webhook": {"since": "2026-11-22T12:00:00.000Z", "statuses": ["failed"]},
}
"""Bodies other than the examples of the documents, which would not do in a run."""

ALSO: Mapping[str, Sequence[int]] = {
    "cancel_delivery": (409,),
    "cancel_recover_job": (409,),
    "retry_delivery": (409,),
}
"""Refusals that are right where the stack was faster: what has ended is not cancelled."""
