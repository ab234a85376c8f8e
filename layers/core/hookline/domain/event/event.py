"""An event: what happened, as its publisher told it. Immutable once accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from hookline.domain.documents import strict_json
from hookline.domain.ids import EventId, TenantId, WebhookId

HOPS_HEADER = "Hookline-Hops"
"""The header of a delivery that says how often what it carries came in by ``/in`` before."""

RESERVED_PREFIX = "hookline."
"""Types under it are the platform's own: operational events. Nobody else publishes them."""

RESERVED_ID_PREFIX = "op_"
"""Ids that begin so are the platform's own: whoever took one first would silence what it tells."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused the event."""

    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Pristine:
    """What came in and is to be sent just so, in place of a rendered body (inbound ``forward``).

    ``query`` is as it stood behind the ``?``, ``headers`` those to hand on besides the type.
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
    stands for absent everywhere: a field sent as null is the same as one not sent.

    ``target`` narrows the fan-out to one webhook whatever that subscribes to (test sends, inbound
    forwards); ``test`` marks what comes of it in the log. ``hops`` counts how often what led to it
    came in by ``/in``: deliveries say so, so that a loop is seen.
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

    @property
    def timestamp(self) -> datetime:
        """When it happened, as far as anybody knows: ``occurred_at``, else its acceptance."""
        return self.occurred_at or self.accepted_at


_NOT_CONTENT = frozenset({"tenant", "id", "accepted_at", "traceparent", "hops"})
"""What differs between two publications of the same event."""


def differences(stored: Event, again: Event) -> tuple[str, ...]:
    """The names of the fields in which two events of one id differ; empty for the same event.

    Numbers count by their digits and texts by their characters, as they are sent; the order of an
    object's keys, which many publishers' languages leave to chance, does not.
    """
    names = [each.name for each in fields(Event) if each.name not in _NOT_CONTENT]
    return tuple(n for n in names if not _same(getattr(stored, n), getattr(again, n)))


def _same(one: object, other: object) -> bool:
    if not isinstance(one, dict | list) or not isinstance(other, dict | list):
        # Python has True equal to 1, and 1 to 1.0: the types have their say.
        return type(one) is type(other) and one == other
    return strict_json.dumps(_ordered(one)) == strict_json.dumps(_ordered(other))


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(part) for part in value] if isinstance(value, list) else value
