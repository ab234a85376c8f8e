"""An event: what happened, as its publisher told it. Immutable once accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.ids import EventId, TenantId, WebhookId

RESERVED_PREFIX = "hookline."
"""Types under it are the platform's own: operational events. Nobody else publishes them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused the event."""

    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PristineBody:
    """A body to be sent just as it came in, in place of a rendered one (inbound ``forward``)."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One accepted event.

    ``entity``, ``data``, ``previous_data``, ``tags`` and ``feature`` are plain JSON values. None
    stands for absent everywhere: a field sent as null is the same as one not sent.

    ``target`` narrows the fan-out to one webhook whatever that subscribes to (test sends, inbound
    forwards); ``test`` marks what comes of it in the log.
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
    pristine: PristineBody | None = None

    @property
    def timestamp(self) -> datetime:
        """When it happened, as far as anybody knows: ``occurred_at``, else its acceptance."""
        return self.occurred_at or self.accepted_at
