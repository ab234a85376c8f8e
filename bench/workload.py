"""What is published, and where it goes: one event of 1 KB, in the shape that events have."""

from __future__ import annotations

import json
from typing import Any

TENANT = "acme"
EVENT_TYPE = "order.paid"
EVENT_BYTES = 1_024
"""Of the published JSON, as compact as a client's library makes it."""


def event() -> dict[str, Any]:
    """The event as it is published."""
    document: dict[str, Any] = {
        "type": EVENT_TYPE,
        "actor": {"id": "usr_1842", "name": "Kim Meier"},
        "project": "shop",
        "environment": "production",
        "entity_type": "order",
        "entity_id": "ord_20391",
        "entity_url": "https://shop.example.com/orders/20391",
        "data": {
            "currency": "EUR",
            "total": "187.20",
            "customer": {"id": "cus_77120", "email": "kim@example.com"},
            "lines": [
                {"sku": f"sku-{number:05d}", "quantity": number % 3 + 1, "price": "12.50"}
                for number in range(12)
            ],
            "note": "",
        },
    }
    missing = EVENT_BYTES - len(published(document))
    document["data"]["note"] = ("left with the neighbour, who is in after six; " * 9)[:missing]
    return document


def published(document: dict[str, Any]) -> str:
    """The event as it goes over the wire."""
    return json.dumps(document, separators=(",", ":"))
