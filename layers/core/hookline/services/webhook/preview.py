"""Shows what a template makes of an event, with the sender's own renderer. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.domain.documents.fields import Fields, Findings
from hookline.domain.event.activation import activation_of
from hookline.domain.event.event import Event
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.request.rendering import WebhookView, render_body
from hookline.domain.request.validity import validity
from hookline.domain.sandbox.templates import TemplateFailed
from hookline.domain.webhook.rules import (
    MAX_ACTIVATION_TEXT,
    MAX_NAME,
    read_content_type,
    read_template,
)
from hookline.errors import Rejected
from hookline.ports import Clock

_EVENT_ID = EventId("evt_preview")
_WEBHOOK_ID = WebhookId("wh_preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """The body as it would be sent; ``problem`` says why it is not valid for its content type."""

    body: str
    content_type: str
    problem: str | None


class PreviewTemplate:
    """Renders one document of template, content type, event and webhook."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, tenant: TenantId, document: Mapping[str, object]) -> Preview:
        """Raises Rejected for a broken template or event, with every FieldError."""
        fields = Fields(document, Findings())
        template = read_template(fields, "template")
        content_type = read_content_type(fields, has_template=template is not None)
        webhook = _webhook(fields, template, content_type)
        event = self._event(fields, tenant)
        fields.close()
        fields.findings.settle()
        if event is None:
            raise TypeError("an event that broke no rule is there")
        return self._rendered(event, webhook)

    def _event(self, fields: Fields, tenant: TenantId) -> Event | None:
        given = fields.raw("event")
        if not isinstance(given, dict):
            fields.refuse("event", "is required" if given is None else "must be an object")
            return None
        try:
            return event_of(given, tenant, self._clock(), _EVENT_ID)
        except Rejected as error:
            for broken in error.errors:
                fields.refuse(f"event.{broken.field}", broken.message)
            return None

    def _rendered(self, event: Event, webhook: WebhookView) -> Preview:
        activation: object = None
        if event.feature is not None and (webhook.context or webhook.user):
            now = self._clock()
            found = activation_of(event.feature, webhook.context, webhook.user, now)
            activation = found.as_plain()
        try:
            rendered = render_body(event, webhook, activation)
        except TemplateFailed as error:
            return Preview("", webhook.content_type, str(error))
        body = (rendered.body or b"").decode()
        return Preview(body, webhook.content_type, validity(rendered))


def _webhook(fields: Fields, template: str | None, content_type: str) -> WebhookView:
    webhook = fields.inner("webhook")
    view = WebhookView(
        id=_WEBHOOK_ID,
        name=webhook.text("name", MAX_NAME) or "preview",
        context=webhook.text("context", MAX_ACTIVATION_TEXT),
        user=webhook.text("user", MAX_ACTIVATION_TEXT),
        content_type=content_type,
        body_template=template,
    )
    webhook.close()
    return view
