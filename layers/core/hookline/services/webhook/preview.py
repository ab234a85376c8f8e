"""Shows what a template renders for an event, with the sender's own code. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.domain.documents.kinds import Findings
from hookline.domain.event.activation import activation_of
from hookline.domain.event.event import Event
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.request.preview import PreviewFields
from hookline.domain.request.rendering import WebhookView, render_body
from hookline.domain.request.validity import validity
from hookline.domain.sandbox.templates import TemplateFailed
from hookline.domain.webhook.formats import format_of
from hookline.domain.webhook.rules import check_content_type, note_template
from hookline.errors import FieldError, Rejected
from hookline.ports import Clock

_EVENT_ID = EventId("evt_preview")
_WEBHOOK_ID = WebhookId("wh_preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """The body as it would be sent; ``problem`` says why it is invalid for its content type.

    ``warnings`` names fields of the template that the event does not have.
    """

    body: str
    content_type: str
    problem: str | None
    warnings: tuple[FieldError, ...] = ()


class PreviewTemplate:
    """Renders one document of template, content type, event and webhook."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, tenant: TenantId, document: Mapping[str, object]) -> Preview:
        """Raises Rejected for a broken template or event, with every FieldError."""
        findings = Findings()
        given = PreviewFields.read(document, findings)
        check_content_type(given.content_type, findings, has_template=given.template is not None)
        language = given.template_language or format_of(given.format).template_language
        if given.template is not None and not findings.touch("template"):
            note_template("template", given.template, language, findings)
        event = self._event(given.event, tenant, findings)
        findings.settle()
        if event is None:
            raise TypeError("an event that broke no rule is there")
        webhook = WebhookView(
            id=_WEBHOOK_ID,
            name=given.webhook.name,
            context=given.webhook.context,
            user=given.webhook.user,
            content_type=given.content_type,
            body_template=given.template,
            template_language=language,
            format=given.format,
        )
        return self._rendered(event, webhook)

    def _event(self, given: object, tenant: TenantId, findings: Findings) -> Event | None:
        if not isinstance(given, dict):
            if given is not None:
                findings.add("event", "must be an object")
            return None
        try:
            return event_of(given, tenant, self._clock(), _EVENT_ID)
        except Rejected as error:
            for broken in error.errors:
                findings.add(f"event.{broken.field}", broken.message)
            return None

    def _rendered(self, event: Event, webhook: WebhookView) -> Preview:
        activation: object = None
        if event.feature is not None:
            now = self._clock()
            found = activation_of(event.feature, webhook.context, webhook.user, now)
            activation = found.as_plain()
        try:
            rendered = render_body(event, webhook, activation)
        except TemplateFailed as error:
            return Preview("", webhook.content_type, str(error))
        body = (rendered.body or b"").decode()
        warnings = tuple(
            FieldError("template", f"the event has no {name}: it prints nothing")
            for name in rendered.missing
        )
        return Preview(body, webhook.content_type, validity(rendered), warnings)
