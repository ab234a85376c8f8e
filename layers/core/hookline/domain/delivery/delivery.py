"""A delivery: one event for one webhook, and the attempts made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Literal

from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId

ErrorKind = Literal[
    "dns", "blocked", "connect", "tls", "timeout", "reset", "too_large", "template", "protocol"
]
WaitingFor = Literal["schedule", "retry_after", "circuit", "rate_limit", "webhook_off"]
Trigger = Literal["schedule", "retry", "probe", "test"]


class Status(StrEnum):
    """Where a delivery stands (reference row AP-5)."""

    CREATED = "created"
    RETRYING = "retrying"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether it is over: only a user's retry or a redrive starts it again."""
        return self not in (Status.CREATED, Status.RETRYING)


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery's status in brief."""

    status: Status
    attempt_count: int
    next_attempt_at: datetime | None
    failure_reason: str | None


class Progress(Enum):
    """What will bring about the delivery's next attempt."""

    UNATTEMPTED = "unattempted"
    """Only the message of its first attempt: if that is lost, so is the delivery."""
    UNDER_WAY = "under way"
    """It was attempted, waits where the scheduler looks, or has ended."""


def progress_of(status: str, attempt_count: int, *, waits: bool) -> Progress:
    """The progress of a delivery of this status."""
    untouched = status == Status.CREATED and not attempt_count and not waits
    return Progress.UNATTEMPTED if untouched else Progress.UNDER_WAY


@dataclass(frozen=True, slots=True)
class DefaultBody:
    """A body made from the event alone, so that it can be rendered again byte for byte.

    ``sha256`` is of the bytes that were sent, in hexadecimal.
    """

    sha256: str
    include_entity: bool


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The request as it was sent, secrets masked; the body is cut at 64 KiB.

    With a ``default_body`` the body itself is not stored: it can be rendered again.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    body_truncated: bool
    default_body: DefaultBody | None = None


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """The response as it came; the body is cut at 16 KiB."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    body_truncated: bool


@dataclass(frozen=True, slots=True)
class AttemptError:
    """Why there was no response."""

    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call, or why it could not be made.

    ``number`` counts from 1 over all generations. ``webhook_version`` is the version that was
    called; None in records older than that field.
    """

    number: int
    trigger: Trigger
    started_at: datetime
    duration: timedelta
    request: RequestRecord
    response: ResponseRecord | None
    error: AttemptError | None
    address: str | None
    next_attempt_at: datetime | None
    webhook_version: int | None = None

    @property
    def ended_at(self) -> datetime:
        """When its call ended."""
        return self.started_at + self.duration


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """A delivery's key in the log of its webhook."""

    tenant: TenantId
    webhook_id: WebhookId
    id: DeliveryId


@dataclass(frozen=True, slots=True)
class OnTheClock:
    """Waits for a time: the scheduler acts on it once ``due_at`` has passed."""

    due_at: datetime


CLOCK_SHARDS = 8
"""Shards of the deliveries that wait on the clock, by delivery id: each is walked through by
itself."""


@dataclass(frozen=True, slots=True)
class OnItsWebhook:
    """Waits for its webhook (off, circuit open, rate limit); ``due_at`` orders the queue."""

    due_at: datetime


Waiting = OnTheClock | OnItsWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one webhook.

    ``generation`` grows when a user retries or a dead letter is redriven; timers of older
    generations have no effect. ``sequence`` counts the attempts within the generation: it drives
    the backoff and fences concurrent results. ``attempt_count`` numbers all attempts ever made.

    ``waiting`` is where the scheduler finds it: on the clock for a parked delivery (due when its
    next attempt is) and for one whose queue message may get lost (due one lease later); on its
    webhook while that takes no calls. None right after fan-out and once it has ended.

    ``ticket`` grows whenever a new message takes over: the old one, held back or displaced by a
    slot of a rate limit, is ignored should it come back. ``last_shot`` means that no attempt
    follows the next one: a redriven delivery, or one retried past its maximum age. ``timer`` is the
    id of the one queue message that makes the next attempt, where it matters which: its visibility
    timeout is the timer, or it has claimed the attempt. ``spaced_by`` says what set the time of the
    next attempt, if not the schedule.
    """

    key: DeliveryKey
    event_id: EventId
    event_type: str
    status: Status
    created_at: datetime
    expires_at: datetime
    generation: int = 0
    sequence: int = 0
    ticket: int = 0
    attempt_count: int = 0
    test: bool = False
    trigger: Trigger = "schedule"
    activation: object = None
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None
    failure_reason: str | None = None
    waiting: Waiting | None = None
    last_shot: bool = False
    timer: str | None = None
    spaced_by: WaitingFor | None = None
    last_attempt: Attempt | None = None

    @property
    def waiting_for(self) -> WaitingFor | None:
        """Why it waits, in words for its owner; None if it is on its way or has ended."""
        match self.waiting:
            case OnItsWebhook():
                return self.spaced_by or "webhook_off"
            case OnTheClock():
                asked = self.trigger == "retry" or self.next_attempt_at is None
                own: WaitingFor | None = "schedule" if self.attempt_count and not asked else None
                return self.spaced_by or own
            case None:
                return None

    @property
    def progress(self) -> Progress:
        """What will bring about its next attempt."""
        return progress_of(self.status, self.attempt_count, waits=self.waiting is not None)


@dataclass(frozen=True, slots=True)
class DeliveryTask:
    """What a queue message asks for: attempt number ``sequence`` + 1 of one generation.

    ``ticket`` is the delivery's when the message was made. ``redriven`` marks a dead letter that
    came back. ``admitted`` means that the rate limit has already let this attempt pass: its slot is
    booked. ``made`` is the attempt itself, once it was made and could not be written: the message
    carries it until it can, and the call is not made again.
    """

    key: DeliveryKey
    event_id: EventId
    generation: int
    sequence: int
    ticket: int = 0
    trigger: Trigger = "schedule"
    redriven: bool = False
    admitted: bool = False
    made: Attempt | None = None
