"""An event: what happened, as its publisher reported it. Immutable once accepted.

Also the default body, which a webhook without a template sends (reference rows UN-4, ET-4, ET-5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from urllib.parse import urlencode

from hookline.domain.documents import strict_json
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.times import iso

RESERVED_PREFIX = "hookline."
"""Types under it are the platform's own: operational events. Nobody else may publish them."""

RESERVED_ID_PREFIX = "op_"
"""Ids with this prefix are the platform's own: another event that took one first would silence
the operational event."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused the event."""

    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Pristine:
    """What came in and is forwarded as it is, in place of a rendered body (inbound ``forward``).

    ``query`` is what stood behind the ``?``; ``headers`` are those to forward besides the type.
    """

    content: bytes
    content_type: str
    method: str | None = None
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One accepted event.

    ``entity``, ``data``, ``previous_data``, ``tags`` and ``feature`` are plain JSON values. None
    means absent everywhere: a field sent as null is the same as one not sent. ``target`` limits the
    fan-out to one webhook, whatever that subscribes to (test sends, inbound forwards); ``test``
    marks the event's deliveries in the log. ``hops`` counts how often what led to the event came in
    by ``/in``: deliveries carry the count, so that a loop is noticed. ``shards`` is how many its
    keys have by whoever accepted it; an event that was not stored yet does not say.
    """

    tenant: TenantId
    id: EventId
    type: str
    accepted_at: datetime
    occurred_at: datetime | None = None
    actor: Actor | None = None
    project: str | None = None
    environment: str | None = None
    entity_id: str | None = None
    entity_type: str | None = None
    entity_url: str | None = None
    entity: object = None
    data: object = None
    previous_data: object = None
    tags: object = None
    feature: Mapping[str, object] | None = None
    traceparent: str | None = None
    target: WebhookId | None = None
    test: bool = False
    pristine: Pristine | None = None
    hops: int = 0
    shards: int | None = field(default=None, compare=False)

    @property
    def timestamp(self) -> datetime:
        """When it happened: ``occurred_at``, or else when it was accepted."""
        return self.occurred_at or self.accepted_at


_NOT_CONTENT = frozenset({"tenant", "id", "accepted_at", "traceparent", "hops", "shards"})
"""Fields that differ between two publications of the same event."""


def differences(stored: Event, again: Event) -> tuple[str, ...]:
    """The names of the fields in which two events of one id differ.

    Numbers are compared by their digits and texts by their characters, as they are sent. The order
    of an object's keys does not count: many publishers' languages leave it to chance.
    """
    names = [each.name for each in fields(Event) if each.name not in _NOT_CONTENT]
    return tuple(n for n in names if not _same(getattr(stored, n), getattr(again, n)))


def _same(one: object, other: object) -> bool:
    if not isinstance(one, dict | list) or not isinstance(other, dict | list):
        # To Python True equals 1, and 1 equals 1.0: types are compared too.
        return type(one) is type(other) and one == other
    return strict_json.dumps(_ordered(one)) == strict_json.dumps(_ordered(other))


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(part) for part in value] if isinstance(value, list) else value


def event_document(event: Event) -> dict[str, object]:
    """The event as plain data under its field names, without absent fields.

    Filters and dry runs see it; bodies and template contexts are made from it.
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
    """The body's keys and values, in the order in which they are sent.

    A test event says so in its body: no receiver can mistake it for a real one. ``activation`` is
    the result of `Activation.as_plain` at the fan-out; its entries join ``feature``.
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
    """The feature together with what was computed for one webhook's context and user."""
    if activation is None or not isinstance(feature, Mapping):
        return feature
    return {**feature, **activation}


def json_body(body: Mapping[str, object]) -> bytes:
    """The body as compact JSON in UTF-8."""
    return strict_json.dumps(body).encode()


def form_body(body: Mapping[str, object]) -> bytes:
    """The body as form fields: texts as they are, all other values as JSON."""
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
