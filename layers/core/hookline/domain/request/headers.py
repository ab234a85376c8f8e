"""The headers that the platform adds to a call, besides the webhook's own and authorization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import hookline
from hookline.domain.event.event import Event
from hookline.domain.ids import DeliveryId, WebhookId
from hookline.domain.net import header_rules
from hookline.domain.net.header_rules import HOPS_HEADER
from hookline.domain.webhook.formats import FormatName, format_of
from hookline.domain.webhook.signing import (
    HmacSignature,
    Signature,
    ed25519_signature,
    hmac_signature,
    standard_signature,
    timestamp_of,
)

DEFAULT_PREFIX = "X-Hookline"

MAX_VALUE_LENGTH = 2_048
"""A longer entity id or url is left out: many servers refuse headers of 8 KiB together."""

_PRINTABLE_ASCII = "".join(map(chr, range(0x20, 0x7F)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What one attempt's headers are made from.

    ``attempt`` is its number, from 1. ``body`` is None if none is sent (GET). ``secrets`` are those
    that sign now, the current one first (`WebhookSecrets.signing_at`).
    """

    event: Event
    webhook_id: WebhookId
    delivery_id: DeliveryId
    attempt: int
    sent_at: datetime
    body: bytes | None
    secrets: tuple[str, ...]
    schemes: tuple[Signature, ...]
    format: FormatName = "hookline"
    url: str = ""
    method: str = "POST"


def delivery_headers(sending: Sending, prefix: str = DEFAULT_PREFIX) -> tuple[tuple[str, str], ...]:
    """Names and values, each name once; values are printable ASCII whatever the event holds."""
    return (
        ("User-Agent", f"Hookline/{hookline.__version__}"),
        ("webhook-id", sending.event.id),
        ("webhook-timestamp", str(timestamp_of(sending.sent_at))),
        *_metadata(sending, prefix),
        *_signatures(sending, prefix),
        *_trace(sending),
        *_hops(sending),
    )


def _metadata(sending: Sending, prefix: str) -> Sequence[tuple[str, str]]:
    if sending.format != "hookline":
        return _metadata_of_format(sending, prefix)
    # Reference row ET-3 names five of them.
    values = (
        ("Event-Id", sending.event.id),
        ("Event", sending.event.type),
        ("Id", sending.webhook_id),
        ("Delivery-Id", sending.delivery_id),
        ("Attempt", str(sending.attempt)),
        ("Entity-Id", _printable(sending.event.entity_id)),
        ("Entity-Url", _printable(sending.event.entity_url)),
        ("Test", "true" if sending.event.test else None),
    )
    return [(f"{prefix}-{name}", value) for name, value in values if value]


def _metadata_of_format(sending: Sending, prefix: str) -> Sequence[tuple[str, str]]:
    values = {
        "eventId": sending.event.id,
        "eventType": sending.event.type,
        "webhookId": sending.webhook_id,
        "entityId": _printable(sending.event.entity_id),
        "entityUrl": _printable(sending.event.entity_url),
    }
    named = ((name, values[of]) for name, of in format_of(sending.format).headers.items())
    test = ((f"{prefix}-Test", "true"),) if sending.event.test else ()
    return [*((name, value) for name, value in named if value), *test]


def _signatures(sending: Sending, prefix: str) -> Sequence[tuple[str, str]]:
    headers = []
    if "standard" in sending.schemes:
        signed = standard_signature(
            sending.secrets, sending.event.id, sending.sent_at, sending.body or b""
        )
        headers.append(("webhook-signature", signed))
    if "standard-ed25519" in sending.schemes:
        signed = ed25519_signature(
            sending.secrets, sending.event.id, sending.sent_at, sending.body or b""
        )
        headers.append(("webhook-signature", signed))
    if sending.body is None:  # the others sign a body, above all
        return headers
    # A receiver of these knows one secret: the previous one, for as long as it is valid.
    secret = sending.secrets[-1]
    if "hmac-sha256" in sending.schemes:
        signed = hmac_signature(secret, sending.body, "sha256")
        headers.append((f"{prefix}-Signature-256", signed))
    if "hmac-sha1" in sending.schemes:
        signed = hmac_signature(secret, sending.body, "sha1")
        headers.append((f"{prefix}-Signature", signed))
    described = (scheme for scheme in sending.schemes if isinstance(scheme, HmacSignature))
    body = sending.body
    headers.extend((each.header, _described(each, sending, secret, body)) for each in described)
    return headers


def _described(scheme: HmacSignature, sending: Sending, secret: str, body: bytes) -> str:
    content = scheme.content(
        {
            "body": body,
            "timestamp": str(timestamp_of(sending.sent_at)).encode(),
            "id": sending.event.id.encode(),
            "url": sending.url.encode(),
            "method": sending.method.encode(),
        }
    )
    return scheme.prefix + hmac_signature(secret, content, scheme.algorithm, scheme.encoding)


def _trace(sending: Sending) -> Sequence[tuple[str, str]]:
    if sending.event.traceparent is None:
        return ()
    span = f"{sending.delivery_id}#{sending.attempt}"
    return [("traceparent", header_rules.child_of(sending.event.traceparent, span))]


def _hops(sending: Sending) -> Sequence[tuple[str, str]]:
    """Lets our own `/in` count the rounds of a loop."""
    return [(HOPS_HEADER, str(sending.event.hops))] if sending.event.hops else ()


def _printable(value: str | None) -> str | None:
    # A line break would start a header of the publisher's own; other text has no agreed encoding.
    if value is None:
        return None
    encoded = quote(value, safe=_PRINTABLE_ASCII).strip()
    return encoded if len(encoded) <= MAX_VALUE_LENGTH else None
