"""The record of one event's fan-out: which webhooks it is for, decided once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.ids import EventId, TenantId, WebhookId

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
    it is how a run that lost the reply to its claim knows its own. ``claimed_at`` is when; from then
    on the run holds the first chunk for one lease.
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

    ``chunk`` 0 is the one in the record itself; the scheduler asks for it again when deliveries
    are missing after their lease.
    """

    tenant: TenantId
    event_id: EventId
    accepted_at: datetime
    chunk: int
