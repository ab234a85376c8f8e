"""The record of one event's fan-out: which webhooks it is for, decided once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.documents import message_fields
from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, TenantId, WebhookId, delivery_id
from hookline.domain.times import iso

CHUNK_SIZE = 500
"""Webhooks for which one step of a fan-out creates deliveries; larger fan-outs take further steps.

500 deliveries are 20 batch writes and 50 batch sends: well within one invocation.
"""


@dataclass(frozen=True, slots=True)
class Match:
    """One webhook the event is for, and the activation computed for it, final from here on."""

    webhook_id: WebhookId
    max_age: timedelta
    activation: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """The matched webhooks of one event: the first chunk, and the number of further ones.

    While it is ``open``, matching continues after ``reached`` (from the first webhook if that is
    None) and adds a chunk with each step, the last one at ``moved_at``. ``spent`` counts the steps
    it took; if they exceed an event's allowance, matching has ``stopped``, and this says why.
    ``entity_id`` is the event's: lists show it and search by it without reading the event.

    ``claim`` names the run that wrote the record. That run alone creates the deliveries of the
    first chunk; a run that lost the reply to its claim recognises its own record by it. From
    ``claimed_at`` on it holds the first chunk for one lease. ``shards`` is the event's, where it is
    to be claimed.
    """

    tenant: TenantId
    event_id: EventId
    event_type: str
    accepted_at: datetime
    claim: str
    claimed_at: datetime
    matches: tuple[Match, ...]
    matched_count: int
    further_chunks: int = 0
    test: bool = False
    open: bool = False
    reached: WebhookId | None = None
    spent: int = 0
    stopped: str | None = None
    moved_at: datetime | None = None
    entity_id: str | None = None
    shards: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one step of matching found: the webhooks up to ``reached`` that the event is for.

    ``finished`` if there are none after it. ``passed_over`` counts those whose subscription could
    not be read or evaluated.
    """

    matches: tuple[Match, ...]
    reached: WebhookId | None
    finished: bool
    spent: int = 0
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class FanOutTask:
    """What a message in the fan-out queue asks for: create the deliveries of one chunk.

    ``chunk`` None asks for the next steps of matching, or for the claim if there is none yet. With
    the ``claim`` that holds the record's own chunk, it also asks for those of its deliveries that
    could not be created at once. The sweep mends what is left undone. ``granted`` says how many
    times an event's allowance of steps may be spent: a redrive grants more.
    """

    tenant: TenantId
    event_id: EventId
    accepted_at: datetime
    chunk: int | None = None
    claim: str | None = None
    granted: int = 1

    def message(self) -> str:
        """The body of a message in the fan-out queue, readable in the console."""
        optional = {
            "chunk": self.chunk,
            "claim": self.claim,
            "granted": self.granted if self.granted > 1 else None,
        }
        return message_fields.written(
            {
                "tenant": self.tenant,
                "event_id": self.event_id,
                "accepted_at": iso(self.accepted_at),
                **{name: value for name, value in optional.items() if value is not None},
            }
        )


def claim_of(event: Event, stretch: Stretch, run: str, now: datetime) -> FanOut:
    """The record that claims the event for a run, with the matches found so far."""
    return FanOut(
        tenant=event.tenant,
        event_id=event.id,
        event_type=event.type,
        accepted_at=event.accepted_at,
        claim=run,
        claimed_at=now,
        matches=stretch.matches,
        matched_count=len(stretch.matches),
        test=event.test,
        open=not stretch.finished,
        reached=stretch.reached,
        spent=stretch.spent,
        entity_id=event.entity_id,
        shards=event.shards,
    )


def delivery_key_of(fan_out: FanOut, webhook_id: WebhookId) -> DeliveryKey:
    """The key of the delivery to a webhook: always the same."""
    return DeliveryKey(
        fan_out.tenant,
        webhook_id,
        delivery_id(fan_out.tenant, fan_out.event_id, webhook_id, fan_out.accepted_at),
    )


def delivery_of(fan_out: FanOut, match: Match) -> Delivery:
    """The delivery of the event to one webhook: its id is always the same."""
    accepted_at = fan_out.accepted_at
    return Delivery(
        key=delivery_key_of(fan_out, match.webhook_id),
        event_id=fan_out.event_id,
        event_type=fan_out.event_type,
        status=Status.CREATED,
        created_at=accepted_at,
        expires_at=accepted_at + match.max_age,
        test=fan_out.test,
        trigger="test" if fan_out.test else "schedule",
        activation=match.activation,
    )


def parse_fan_out_message(body: str) -> FanOutTask:
    """The task in a message. Raises PoisonMessage, saying what is wrong."""
    fields = message_fields.read(body)
    return FanOutTask(
        tenant=TenantId(message_fields.text(fields, "tenant")),
        event_id=EventId(message_fields.text(fields, "event_id")),
        accepted_at=message_fields.instant(fields, "accepted_at"),
        chunk=message_fields.count(fields, "chunk") if "chunk" in fields else None,
        claim=message_fields.text(fields, "claim") if "claim" in fields else None,
        granted=message_fields.count(fields, "granted") if "granted" in fields else 1,
    )
