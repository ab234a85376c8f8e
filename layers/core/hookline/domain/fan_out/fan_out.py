"""The record of one event's fan-out: which webhooks it is for, decided once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.documents import message_fields
from hookline.domain.ids import EventId, TenantId, WebhookId, delivery_id
from hookline.domain.times import iso

CHUNK_SIZE = 500
"""Webhooks that one step of a fan-out creates deliveries for; larger fan-outs go on in further
steps. 500 deliveries are 20 batch writes and 50 batch sends: well within one invocation."""


@dataclass(frozen=True, slots=True)
class Match:
    """One webhook the event is for, and the activation computed for it, frozen from here on."""

    webhook_id: WebhookId
    max_age: timedelta
    activation: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """The matched webhooks of one event: the first chunk here, the count of further ones beside.

    ``claim`` names the run that wrote it, which alone creates the deliveries of the first chunk;
    it is how a run that lost the reply to its claim knows its own. From ``claimed_at`` on that run
    holds the first chunk for one lease.
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


@dataclass(frozen=True, slots=True)
class FanOutTask:
    """What a message in the fan-out queue asks for: create the deliveries of one chunk.

    It is one of the further ones, from 1 on: whoever claims the event creates those of the chunk in
    the record itself, and what either leaves undone the sweep mends by itself, without a message.
    """

    tenant: TenantId
    event_id: EventId
    accepted_at: datetime
    chunk: int

    def message(self) -> str:
        """The body of a message in the fan-out queue, readable in the console."""
        return message_fields.written(
            {
                "tenant": self.tenant,
                "event_id": self.event_id,
                "accepted_at": iso(self.accepted_at),
                "chunk": self.chunk,
            }
        )


def delivery_key_of(fan_out: FanOut, webhook_id: WebhookId) -> DeliveryKey:
    """The key that the delivery to a webhook always has."""
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
    """The task of a message. Raises PoisonMessage, saying what is wrong with it."""
    fields = message_fields.read(body)
    return FanOutTask(
        tenant=TenantId(message_fields.text(fields, "tenant")),
        event_id=EventId(message_fields.text(fields, "event_id")),
        accepted_at=message_fields.instant(fields, "accepted_at"),
        chunk=message_fields.count(fields, "chunk"),
    )
