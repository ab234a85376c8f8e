"""Domain values for tests: sensible ones, of which a test names only what it is about.

Every builder takes keyword overrides by the names of the value's own fields; ``a_delivery`` and
``a_task`` take ``tenant``, ``webhook_id`` and ``id`` too and put them into the key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hookline.domain.delivery.delivery import (
    Attempt,
    AttemptError,
    Delivery,
    DeliveryKey,
    DeliveryTask,
    RequestRecord,
    ResponseRecord,
    Status,
)
from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import FanOut, FanOutTask, Match
from hookline.domain.ids import (
    DeliveryId,
    EventId,
    PrincipalId,
    TenantId,
    WebhookId,
    delivery_id,
    new_id,
)
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.webhook import Scope, Subscription, Webhook, WebhookSecrets

NOW = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)
TENANT = TenantId("acme")
PRINCIPAL = PrincipalId("prn_01JDA0000000000000000000AA")
MAX_AGE = timedelta(days=10)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"

_numbers = count(1)


def an_id(prefix: str, at: datetime = NOW) -> str:
    """An id no other call gives, as if made at ``at``."""
    return new_id(prefix, at, next(_numbers).to_bytes(10))


WEBHOOK_ID = WebhookId(an_id("wh"))
EVENT_ID = EventId(an_id("evt"))


def an_event(**overrides: Any) -> Event:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "id": EVENT_ID,
        "type": "flow.executed",
        "accepted_at": NOW,
        "entity_id": "flow-7",
        "data": {"name": "nightly", "rows": 12},
    }
    return Event(**(values | overrides))


def a_webhook(**overrides: Any) -> Webhook:
    webhook_id = overrides.get("id", WEBHOOK_ID)
    values: dict[str, Any] = {
        "tenant": TENANT,
        "id": webhook_id,
        "name": f"webhook {webhook_id[-6:]}",
        "url": "https://example.com/hook",
        "events": ("flow.*",),
        "sealed_secrets": "c2VhbGVk",
        "created_at": NOW,
        "created_by": PRINCIPAL,
        "updated_at": NOW,
        "updated_by": PRINCIPAL,
    }
    return Webhook(**(values | overrides))


def some_secrets(**overrides: Any) -> WebhookSecrets:
    values: dict[str, Any] = {"signing": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    return WebhookSecrets(**(values | overrides))


def a_subscription(**overrides: Any) -> Subscription:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "webhook_id": WEBHOOK_ID,
        "pattern": "flow.*",
        "scope": Scope(),
        "filter": None,
        "context": None,
        "user": None,
        "max_age": MAX_AGE,
    }
    return Subscription(**(values | overrides))


def a_match(**overrides: Any) -> Match:
    values: dict[str, Any] = {"webhook_id": WEBHOOK_ID, "max_age": MAX_AGE}
    return Match(**(values | overrides))


def a_fan_out(**overrides: Any) -> FanOut:
    matches = overrides.get("matches", (a_match(),))
    values: dict[str, Any] = {
        "tenant": TENANT,
        "event_id": EVENT_ID,
        "event_type": "flow.executed",
        "accepted_at": NOW,
        "claim": "run-1",
        "claimed_at": NOW,
        "matches": matches,
        "matched_count": len(matches),
    }
    return FanOut(**(values | overrides))


def a_fan_out_task(**overrides: Any) -> FanOutTask:
    values: dict[str, Any] = {
        "tenant": TENANT,
        "event_id": EVENT_ID,
        "accepted_at": NOW,
        "chunk": 0,
    }
    return FanOutTask(**(values | overrides))


def a_delivery(**overrides: Any) -> Delivery:
    """A delivery just created; give ``status`` and the rest for a later one."""
    event_id = overrides.get("event_id", EVENT_ID)
    created_at = overrides.get("created_at", NOW)
    values: dict[str, Any] = {
        "key": _key(overrides, event_id, created_at),
        "event_id": event_id,
        "event_type": "flow.executed",
        "status": Status.CREATED,
        "created_at": created_at,
        "expires_at": created_at + MAX_AGE,
    }
    return Delivery(**(values | overrides))


def a_task(delivery: Delivery | None = None, **overrides: Any) -> DeliveryTask:
    """The task of a delivery's next attempt."""
    of = delivery or a_delivery()
    values: dict[str, Any] = {
        "key": of.key,
        "event_id": of.event_id,
        "generation": of.generation,
        "sequence": of.sequence,
        "trigger": of.trigger,
    }
    return DeliveryTask(**(values | overrides))


def an_attempt(**overrides: Any) -> Attempt:
    """An attempt that was answered 500; for one without an answer give ``error``."""
    failed = "error" in overrides and overrides["error"] is not None
    values: dict[str, Any] = {
        "number": 1,
        "trigger": "schedule",
        "started_at": NOW + timedelta(seconds=1),
        "duration": timedelta(milliseconds=42),
        "request": RequestRecord(
            method="POST",
            url="https://example.com/hook",
            headers=(("content-type", "application/json"), ("webhook-id", EVENT_ID)),
            body='{"id":"evt"}',
            body_truncated=False,
        ),
        "response": None
        if failed
        else ResponseRecord(
            status=500, headers=(("server", "x"),), body="no", body_truncated=False
        ),
        "error": None,
        "address": "93.184.216.34:443",
        "next_attempt_at": None,
    }
    return Attempt(**(values | overrides))


def a_timeout(**overrides: Any) -> Attempt:
    return an_attempt(**({"error": AttemptError("timeout", "no answer within 10 s")} | overrides))


def a_retrying_delivery(**overrides: Any) -> Delivery:
    """A delivery whose first attempt failed and whose second is due in five seconds."""
    due = overrides.pop("next_attempt_at", NOW + timedelta(seconds=6))
    created = a_delivery(
        **{k: v for k, v in overrides.items() if k in {"tenant", "webhook_id", "id", "key"}}
    )
    values: dict[str, Any] = {
        "status": Status.RETRYING,
        "sequence": 1,
        "attempt_count": 1,
        "next_attempt_at": due,
        "last_attempt": an_attempt(next_attempt_at=due),
    }
    for name in ("tenant", "webhook_id", "id"):
        overrides.pop(name, None)
    return replace(created, **(values | overrides))


def a_health(**overrides: Any) -> Health:
    values: dict[str, Any] = {"tenant": TENANT, "webhook_id": WEBHOOK_ID}
    return Health(**(values | overrides))


def _key(overrides: dict[str, Any], event_id: EventId, created_at: datetime) -> DeliveryKey:
    tenant = overrides.pop("tenant", TENANT)
    webhook_id = overrides.pop("webhook_id", WEBHOOK_ID)
    derived = delivery_id(tenant, event_id, webhook_id, created_at)
    return DeliveryKey(tenant, webhook_id, DeliveryId(overrides.pop("id", derived)))
