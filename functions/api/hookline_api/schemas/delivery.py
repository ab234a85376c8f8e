"""Deliveries and their attempts."""

from __future__ import annotations

from typing import get_args

from hookline.domain.delivery.delivery import ErrorKind, Status, Trigger, WaitingFor
from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import Object
from hookline_api.schemas.base import (
    FLAG,
    MOMENT,
    Answer,
    ByName,
    Each,
    always,
    count,
    identifier,
    page_of,
    sometimes,
    text,
)

_HEADERS = ByName(text("application/json"), {"Content-Type": "application/json"})


class RequestRecord(Answer):
    """The request as sent, secrets masked."""

    method = always(text("POST"), "The HTTP method.")
    url = always(text("https://example.com/hook"), "Where it went.")
    headers = sometimes(_HEADERS, "Absent in lists.")
    body = sometimes(text('{"id":"order-17-paid"}'), "Up to 64 KiB; absent in lists.")
    body_truncated = always(FLAG, "Whether the body was longer.", example=False)


class ResponseRecord(Answer):
    """The response as it came."""

    status = always(count(200), "The HTTP status.")
    headers = sometimes(_HEADERS, "Absent in lists.")
    body = sometimes(text("ok"), "Up to 16 KiB; absent in lists.")
    body_truncated = always(FLAG, "Whether the body was longer.", example=False)


class AttemptError(Answer):
    """Why there was no response."""

    kind = always(Choice[str](*get_args(ErrorKind)), "Its kind.")
    message = always(text("no answer within 10 s"), "What happened.")


class Attempt(Answer):
    """One call, or what kept it from being made."""

    number = always(count(1), "From 1 on.")
    trigger = always(Choice[str](*get_args(Trigger)), "What made it be due.")
    started_at = always(MOMENT, "When it began.")
    duration_ms = always(count(87), "How long it took.")
    request = always(Object(RequestRecord), "What was sent.")
    response = always(Object(ResponseRecord), "What came back.", nullable=True)
    error = always(Object(AttemptError), "Why nothing came back.", nullable=True)
    address = always(text("203.0.113.7"), "The address that was called.", nullable=True)
    next_attempt_at = always(MOMENT, "Null where none was planned.", nullable=True)
    webhook_version = always(
        count(3), "The webhook's version that was called; null in old records.", nullable=True
    )


class Delivery(Answer):
    """One event for one webhook."""

    id = always(identifier("dlv"), "Its id.")
    webhook_id = always(identifier("wh"), "The webhook it is for.")
    event_id = always(text("order-17-paid"), "The event it carries.")
    event_type = always(text("order.paid"), "The event's type.")
    status = always(Choice(*Status), "How far it has come.")
    attempt_count = always(count(1), "Attempts that were begun.")
    test = always(FLAG, "Whether it is of a test.", example=False)
    created_at = always(MOMENT, "When the event was fanned out.")
    next_attempt_at = always(
        MOMENT,
        "Null once it has ended, and while no attempt is planned before `expires_at`.",
        nullable=True,
    )
    waiting_for = always(
        Choice[str](*get_args(WaitingFor)),
        "Why it waits; null while an attempt is on its way, and once it has ended.",
        nullable=True,
    )
    expires_at = always(MOMENT, "When it is given up.", example="2026-12-02T12:00:00.000Z")
    finished_at = always(MOMENT, "When it ended.", nullable=True)
    failure_reason = always(text("max_age"), "Why it failed.", nullable=True)
    last_attempt = always(Object(Attempt), "The newest attempt.", nullable=True)


class DeliveryWithAttempts(Delivery):
    """A delivery and its last 50 attempts, in order."""

    attempts = always(Each(Object(Attempt)), "The oldest first.")


DeliveryPage = page_of(
    "DeliveryPage",
    Delivery,
    "Deliveries, newest first. A page may hold fewer than the limit and still go on.",
)


class TroubledPage(Answer):
    """What waits or failed in a tenant, newest first."""

    items = always(Each(Object(Delivery)), "Those of this page.")
    next_cursor = always(
        text("MDFNODFQWTZUN1g0U0pUQUo4Q1NKQ1IzMUM"),
        "The `cursor` of the next page; null on the last one.",
        nullable=True,
    )
    truncated = always(
        FLAG, "Whether more webhooks are in trouble than were looked at.", example=False
    )
