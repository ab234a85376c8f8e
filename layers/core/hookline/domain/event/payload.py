"""The default body: what a webhook without a template sends (reference rows UN-4, ET-4, ET-5)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from hookline.domain.documents import strict_json
from hookline.domain.event.event import Event
from hookline.domain.ids import WebhookId
from hookline.domain.times import iso


def event_document(event: Event) -> dict[str, object]:
    """The event as plain data under its field names, without what is absent.

    Filters and dry runs look at it; bodies and template contexts are made from it.
    """
    fields: dict[str, object] = {
        "id": event.id,
        "type": event.type,
        "timestamp": iso(event.timestamp),
        "tenant": event.tenant,
        "actor": _actor(event),
        "project": event.project,
        "environment": event.environment,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "entity_url": event.entity_url,
        "entity": event.entity,
        "data": event.data,
        "previous_data": event.previous_data,
        "tags": event.tags,
        "feature": event.feature,
    }
    return {name: value for name, value in fields.items() if value is not None}


def default_body(
    event: Event,
    webhook_id: WebhookId,
    *,
    include_entity: bool = True,
    activation: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The body's keys and values in the order in which they are sent.

    A test's says that it is one: who gets it cannot take it for a real event.
    ``activation`` is what `Activation.as_plain` gave at the fan-out; its entries join ``feature``.
    """
    body: dict[str, object] = {}
    for name, value in event_document(event).items():
        if name == "entity" and not include_entity:
            continue
        body[name] = with_activation(value, activation) if name == "feature" else value
        if name == "tenant":
            body["webhook_id"] = webhook_id
    return {**body, "test": True} if event.test else body


def with_activation(feature: object, activation: Mapping[str, object] | None) -> object:
    """The feature with what was computed for one webhook's context and user beside its own keys."""
    if activation is None or not isinstance(feature, Mapping):
        return feature
    return {**feature, **activation}


def json_body(body: Mapping[str, object]) -> bytes:
    """The body as compact JSON in UTF-8."""
    return strict_json.dumps(body).encode()


def form_body(body: Mapping[str, object]) -> bytes:
    """The body as form fields: texts as they are, every other value as JSON text."""
    fields = [
        (name, value if isinstance(value, str) else strict_json.dumps(value))
        for name, value in body.items()
    ]
    return urlencode(fields).encode("ascii")


def _actor(event: Event) -> dict[str, object] | None:
    if event.actor is None:
        return None
    named = {} if event.actor.name is None else {"name": event.actor.name}
    return {"id": event.actor.id, **named}
