"""Ids as they come in paths: what cannot be one names nothing, and is never looked up."""

from __future__ import annotations

from hookline.domain.event.patterns import validate_type
from hookline.domain.event.rules import is_event_id
from hookline.domain.ids import (
    DeliveryId,
    EventId,
    FunctionId,
    MessageId,
    ProviderId,
    TenantId,
    WebhookId,
    is_id,
)
from hookline.errors import NotFound


def tenant_id(text: str) -> TenantId:
    """The tenant; whether there is one is `Authorize`'s to tell."""
    return TenantId(text)


def webhook_id(text: str) -> WebhookId:
    """Raises NotFound."""
    if not is_id("wh", text):
        raise NotFound
    return WebhookId(text)


def delivery_id(text: str) -> DeliveryId:
    """Raises NotFound."""
    if not is_id("dlv", text):
        raise NotFound
    return DeliveryId(text)


def event_id(text: str) -> EventId:
    """Raises NotFound."""
    if not is_event_id(text):
        raise NotFound
    return EventId(text)


def event_type(text: str) -> str:
    """Raises NotFound."""
    if validate_type(text) is not None:
        raise NotFound
    return text


def provider_id(text: str) -> ProviderId:
    """Raises NotFound."""
    if not is_id("prv", text):
        raise NotFound
    return ProviderId(text)


def function_id(text: str) -> FunctionId:
    """Raises NotFound."""
    if not is_id("fn", text):
        raise NotFound
    return FunctionId(text)


def message_id(text: str) -> MessageId:
    """Raises NotFound."""
    if not is_id("msg", text):
        raise NotFound
    return MessageId(text)
