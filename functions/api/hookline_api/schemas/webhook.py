"""Webhooks, as they are read."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import Object
from hookline.domain.identity.fields import LEVEL
from hookline.domain.webhook.fields import WebhookFields
from hookline_api.schemas.base import (
    FLAG,
    MOMENT,
    NOTICES,
    Answer,
    Each,
    always,
    count,
    identifier,
    number,
    page_of,
    sometimes,
    text,
)

_WHO = text("prn_01M81PY6T7X4SJTAJ8CSJCR31C")


class WebhookHealth(Answer):
    """How the endpoint is doing."""

    state = always(
        Choice("healthy", "failing", "circuit_open", "draining", "disabled"), "In one word."
    )
    consecutive_failures = always(count(0), "Failed attempts in a row.")
    last_success_at = always(
        MOMENT,
        "The last answer with a 2xx status; in a list without `include=stats`, the last that came"
        " after a failure.",
        nullable=True,
    )
    last_failure_at = always(MOMENT, "The last attempt that failed.", nullable=True)
    since = always(
        MOMENT, "When the circuit opened, or since when what waited goes out.", nullable=True
    )
    next_probe_at = always(
        MOMENT, "When the next call may go out while the circuit is open.", nullable=True
    )
    disabled_reason = always(
        text("the endpoint answered 410"), "Why the platform switched it off.", nullable=True
    )
    filter_failures = always(
        count(0),
        "Events, since the filter was last changed, on which it failed rather than said no; under"
        " load some are not counted.",
    )
    filter_failure = always(
        text("abs() takes number, not string"), "Why it last did.", nullable=True
    )
    filter_failed_at = always(MOMENT, "When it last did.", nullable=True)


class Webhook(WebhookFields, Answer):
    """One webhook. Secrets read as `*****`, but for the signing secret when it was just created."""

    id = always(identifier("wh"), "Its id.")
    tenant = always(text("acme"), "Whose it is.")
    secret = always(text("*****"), "The signing secret, masked.")
    public_key = always(
        text("whpk_dGhlIGhhbGYgdGhhdCBldmVyeWJvZHkgbWF5IHNlZQ=="),
        "By which receivers verify `standard-ed25519`.",
        nullable=True,
    )
    version = always(count(3), "Grows by one with every change; what If-Match takes.")
    created_at = always(MOMENT, "When it was made.")
    created_by = always(_WHO, "Who made it.")
    updated_at = always(MOMENT, "When it last changed.")
    updated_by = always(_WHO, "Who changed it last.")
    health = always(Object(WebhookHealth), "How its endpoint is doing.")
    level = always(LEVEL, "The caller's level on it.")
    warnings = sometimes(NOTICES, "Of a save: what is legal and almost surely a mistake.")


class Hour(Answer):
    """The deliveries created in one hour, by status."""

    start = always(MOMENT, "When it begins.")
    created = always(count(0), "Before their first attempt.")
    retrying = always(count(0), "Between attempts.")
    success = always(count(4), "Arrived.")
    failed = always(count(0), "Given up.")
    cancelled = always(count(0), "Cancelled.")


class WebhookItem(Webhook):
    """A webhook in a list: without its template and certificate, which may be large."""

    left_out = frozenset({"body_template", "ca_certificate"})

    success_rate_24h = sometimes(number(0.98), "With `include=stats`.", nullable=True)
    deliveries_24h = sometimes(count(97), "With `include=stats`, the newest 200 at most.")
    next_attempt_at = sometimes(
        MOMENT, "With `include=stats`: the first that is planned of these.", nullable=True
    )
    series = sometimes(Each(Object(Hour)), "With `include=stats`: the last 24 hours.")
    stats_truncated = sometimes(FLAG, "Whether there are more than 200.", example=False)


WebhookPage = page_of("WebhookPage", WebhookItem, "Webhooks the caller may see, newest first.")


class Rotated(Answer):
    """The new secret."""

    secret = always(text("whsec_bWFkZSBhdCByYW5kb20sIG5ldmVyIGd1ZXNz"), "What signs from now on.")
    previous_expires_at = always(MOMENT, "Until when the previous one signs too.", nullable=True)


class Secret(Answer):
    """The secrets that sign now."""

    secret = always(text("whsec_bWFkZSBhdCByYW5kb20sIG5ldmVyIGd1ZXNz"), "The current one.")
    previous_secret = sometimes(
        text("whsec_dGhlIG9uZSBiZWZvcmUgaXQsIG9uIGl0cyB3YXk="), "The one before, while it signs."
    )
    previous_expires_at = sometimes(MOMENT, "Until when that one signs too.")
