"""An example body for each operation that takes one. A test holds them to the API's own schemas."""

from __future__ import annotations

BODIES: dict[str, object] = {
    "create_tenant": {"id": "acme", "name": "Acme"},
    "patch_tenant": {"name": "Acme Ltd"},
    "create_principal": {"name": "shop backend", "level": "write"},
    "patch_principal": {"level": "read", "default_webhook_level": "write"},
    "create_key": {"expires_at": "2027-11-22T12:00:00.000Z"},
    "send_event": {"event_id": "order-17-paid"},
    "create_session": {"expires_in_seconds": 86400, "name": "Acme webhooks", "colour": "#2255cc"},
    "put_right": {"level": "write"},
    "create_webhook": {
        "name": "orders to the warehouse",
        "url": "https://example.com/hook",
        "events": ["order.*"],
        "scope": {"environments": ["production"]},
        "headers": {"X-Team": "warehouse"},
        "retry": {"max_age_seconds": 86400},
    },
    "patch_webhook": {"description": "The warehouse prints a slip for each.", "filter": None},
    "rotate_webhook_secret": {"overlap_seconds": 86400},
    "test_webhook": {"type": "order.paid", "data": {"total": "12.50"}},
    "resubmit_inbound_messages": {"outcome": "no_function", "dry_run": True},
    "recover_webhook": {
        "since": "2026-11-22T12:00:00.000Z",
        "until": "2026-11-22T13:00:00.000Z",
        "statuses": ["failed"],
        "rate_per_second": 50,
        "dry_run": True,
    },
    "publish_event": {
        "type": "order.paid",
        "id": "order-17-paid",
        "actor": {"id": "u-4", "name": "Ada"},
        "environment": "production",
        "entity_id": "o-17",
        "data": {"total": "12.50"},
    },
    "publish_batch": {
        "events": [
            {"type": "order.paid", "entity_id": "o-17"},
            {"type": "order.shipped", "entity_id": "o-16"},
        ]
    },
    "dry_run_event": {"type": "order.paid", "environment": "production"},
    "put_event_type": {
        "description": "An order was paid in full",
        "example": {"total": "12.50"},
        "schema": {"type": "object", "required": ["total"]},
    },
    "patch_event_type": {"archived": True},
    "preview_template": {
        "template": '{"text": "{{event.entity_id}} was paid"}',
        "content_type": "application/json",
        "event": {"type": "order.paid", "entity_id": "o-17"},
    },
    "create_inbound_provider": {
        "name": "GitHub",
        "match": {"expression": "headers.\"x-github-event\" == 'push'"},
        "verify": {"type": "github", "secret": "the secret set at GitHub"},
        "properties": {"environment": "production"},
    },
    "reorder_inbound_providers": {
        "ids": ["prv_01M81PY6T7X4SJTAJ8CSJCR31C", "prv_01M81PY6T7R567CM7B1JAMHNM3"]
    },
    "patch_inbound_provider": {"active": False},
    "create_inbound_function": {
        "name": "announce a push",
        "provider_id": "prv_01M81PY6T7X4SJTAJ8CSJCR31C",
        "uri": "github/push",
        "action": {
            "type": "publish",
            "event": {
                "type": "'repository.pushed'",
                "entity_id": "message.payload.repository.full_name",
                "environment": "properties.environment",
            },
        },
    },
    "patch_inbound_function": {"description": "Told by GitHub on every push"},
}

QUERIES: dict[str, str] = {
    "list_deliveries": "status=failed,retrying&since=2026-11-22T00:00:00Z",
    "list_events": "since=2026-11-22T00:00:00Z&limit=20",
    "get_webhook_stats": "since=2026-11-21T00:00:00Z&bucket=hour",
    "list_inbound_messages": "status=failed",
}
"""What an example call asks for, of the operations whose queries are worth showing."""

PATH_VALUES: dict[str, str] = {
    "tenant": "acme",
    "principal": "prn_01M81PY6T7X4SJTAJ8CSJCR31C",
    "key": "key_01M81PY6T7X4SJTAJ8CSJCR31C",
    "webhook": "wh_01M81PY6T7X4SJTAJ8CSJCR31C",
    "delivery": "dlv_01M81PY6T7X4SJTAJ8CSJCR31C",
    "event": "order-17-paid",
    "event_type": "order.paid",
    "job": "job_01M81PY6T7X4SJTAJ8CSJCR31C",
    "provider": "prv_01M81PY6T7X4SJTAJ8CSJCR31C",
    "function": "fn_01M81PY6T7X4SJTAJ8CSJCR31C",
    "message": "msg_01M81PY6T7X4SJTAJ8CSJCR31C",
    "uri": "github/push",
}
"""Values of the paths' parameters in example calls."""
