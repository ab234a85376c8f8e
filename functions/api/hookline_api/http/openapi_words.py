"""The words of the OpenAPI document that belong to no single endpoint."""

from __future__ import annotations

from collections.abc import Mapping

DESCRIPTION = (
    "Publish an event over HTTPS; every subscribed endpoint gets a signed, templated, retried"
    " call; every attempt can be inspected, retried and cancelled. HEAD answers where GET does."
)

TAGS: Mapping[str, str] = {
    "meta": "What needs no key.",
    "tenants": "All else belongs to exactly one. For global admins.",
    "principals": "Who calls, and the keys they call with.",
    "rights": "Levels on single webhooks.",
    "event types": "The catalogue: what types stand for and must hold.",
    "events": "What happened.",
    "webhooks": "Where calls go, for which events, and how. A `filter` is JMESPath over the body's"
    " names, texts in single quotes, numbers in backticks: `data.total != previous_data.total`."
    " Calls carry webhook-id (drop what you have seen), webhook-timestamp and webhook-signature,"
    " and are repeated after 5 s, 15 s, 45 s, … for 10 days until a 2xx.",
    "deliveries": "One event for one webhook, and its attempts.",
    "templates": "Trying templates out: Mustache or Handlebars over `event`, `webhook` and"
    " `eventJson`; `{{#json}}event.data{{/json}}` prints a value as JSON.",
    "inbound": "Calls of third parties, and what is done with them.",
}

PATHS: Mapping[str, tuple[str, str]] = {
    "tenant": ("The tenant's id.", "acme"),
    "principal": ("The principal's id.", "prn_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "key": ("The key's id.", "key_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "webhook": ("The webhook's id.", "wh_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "delivery": ("The delivery's id.", "dlv_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "event": ("The event's id.", "order-17-paid"),
    "event_type": ("The event type.", "order.paid"),
    "job": ("The job's id.", "job_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "provider": ("The provider's id.", "prv_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "function": ("The function's id.", "fn_01M81PY6T7X4SJTAJ8CSJCR31C"),
    "message": ("The message's id.", "msg_01M81PY6T7X4SJTAJ8CSJCR31C"),
}
"""Path parameters: a description and an example of each."""

REQUEST_HEADERS: Mapping[str, str] = {
    "Idempotency-Key": "1 to 255 printable characters. The same key and body again get the first"
    " answer, for 24 hours; with another body it is a 409.",
    "If-Match": "The version that is to be changed, as `ETag` and `version` tell it; 412 where it"
    " is another one by now.",
}

ANSWER_HEADERS: Mapping[str, str] = {
    "ETag": "The version, which If-Match takes.",
    "Location": "The path of what was made.",
    "Idempotency-Replayed": "`true` where this is the answer to an earlier request.",
    "Retry-After": "Seconds to wait before the next try.",
    "WWW-Authenticate": "How to authenticate.",
}

GATEWAY_STATUSES = frozenset({413, 429, 503})
"""Statuses that the gateway may answer by itself, in its own format."""
