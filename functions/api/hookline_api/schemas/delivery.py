"""Deliveries and their attempts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hookline.domain.delivery import delivery
from hookline.domain.delivery.delivery import ErrorKind, Trigger
from hookline_api.schemas.base import Answer, Timestamp, words_of

Status = Annotated[str, words_of(delivery.Status)]


class RequestRecord(Answer):
    """The request as sent, secrets masked."""

    method: str
    url: str
    headers: dict[str, str] | None = Field(default=None, description="Absent in lists.")
    body: str | None = Field(default=None, description="Up to 64 KiB; absent in lists.")
    body_truncated: bool


class ResponseRecord(Answer):
    """The response as it came."""

    status: int
    headers: dict[str, str] | None = Field(default=None, description="Absent in lists.")
    body: str | None = Field(default=None, description="Up to 16 KiB; absent in lists.")
    body_truncated: bool


class AttemptError(Answer):
    """Why there was no response."""

    kind: ErrorKind
    message: str


class Attempt(Answer):
    """One call, or what kept it from being made."""

    number: int
    trigger: Trigger
    started_at: Timestamp
    duration_ms: int
    request: RequestRecord
    response: ResponseRecord | None
    error: AttemptError | None
    address: str | None
    next_attempt_at: Timestamp | None = Field(description="Null where none was planned.")


class Delivery(Answer):
    """One event for one webhook."""

    id: str
    webhook_id: str
    event_id: str
    event_type: str
    status: Status
    attempt_count: int
    test: bool
    created_at: Timestamp
    next_attempt_at: Timestamp | None = Field(
        description="Null once it has ended, and while no attempt is planned before `expires_at`."
    )
    expires_at: Timestamp
    finished_at: Timestamp | None
    failure_reason: str | None
    last_attempt: Attempt | None


class DeliveryWithAttempts(Delivery):
    """A delivery and its last 50 attempts, in order."""

    attempts: list[Attempt]


class DeliveryPage(Answer):
    """Deliveries, newest first. A page may hold fewer than the limit and still go on."""

    items: list[Delivery]
    next_cursor: str | None
