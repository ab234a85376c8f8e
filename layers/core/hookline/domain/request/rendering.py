"""The body of a call: one function for what the sender sends and the preview shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.domain.event.event import Event, default_body, form_body, json_body
from hookline.domain.ids import WebhookId
from hookline.domain.net.header_rules import FORM, JSON, media_type
from hookline.domain.request.template_context import format_body, template_context
from hookline.domain.sandbox.language import Language
from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.output import Output
from hookline.domain.sandbox.templates import TemplateFailed, run
from hookline.domain.webhook.formats import FormatName, format_of
from hookline.domain.webhook.webhook import Method, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """What a body depends on: the webhook as it is now, or one that is only tried out."""

    id: WebhookId
    name: str
    context: str | None = None
    user: str | None = None
    method: Method = "POST"
    content_type: str = JSON
    body_template: str | None = None
    template_language: Language = "mustache"
    format: FormatName = "hookline"
    include_entity: bool = True

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookView:
        """The view of a stored webhook."""
        return cls(
            id=webhook.id,
            name=webhook.name,
            context=webhook.context,
            user=webhook.user,
            method=webhook.method,
            content_type=webhook.content_type,
            body_template=webhook.body_template,
            template_language=webhook.template_language,
            format=webhook.format,
            include_entity=webhook.include_entity,
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body and its content type; both None if none is sent (GET).

    ``missing`` are names in the template that the event does not have.
    """

    body: bytes | None
    content_type: str | None
    missing: tuple[str, ...] = ()


def render_body(event: Event, webhook: WebhookView, activation: object = None) -> Rendered:
    """The body for one webhook: the same bytes for the same event, webhook and activation.

    ``activation`` was frozen at the fan-out (`Activation.as_plain`); None if the webhook has no
    context and no user. Raises TemplateFailed.
    """
    if event.pristine is not None:
        if (event.pristine.method or webhook.method) == "GET":
            return Rendered(None, None)
        return Rendered(event.pristine.content, event.pristine.content_type)
    if webhook.method == "GET":  # reference row ET-2
        return Rendered(None, None)
    computed = activation if isinstance(activation, Mapping) else None
    if webhook.body_template:
        made = _from_template(event, webhook, webhook.body_template, computed)
        return Rendered(made.text().encode(), webhook.content_type, made.missing())
    return Rendered(_default(event, webhook, computed), webhook.content_type)


def context_of(
    event: Event,
    webhook: WebhookView,
    activation: object,
    *,
    event_json: bool = True,
) -> dict[str, object]:
    """What the webhook's templates can name of the event."""
    return template_context(
        event,
        {
            "id": webhook.id,
            "name": webhook.name,
            "context": webhook.context,
            "user": webhook.user,
        },
        include_entity=webhook.include_entity,
        activation=activation if isinstance(activation, Mapping) else None,
        event_json=event_json,
        format_=format_of(webhook.format),
    )


def _default(event: Event, webhook: WebhookView, activation: Mapping[str, object] | None) -> bytes:
    if webhook.format == "hookline":
        values = default_body(
            event, webhook.id, include_entity=webhook.include_entity, activation=activation
        )
    else:
        names = context_of(event, webhook, activation, event_json=False)
        values = format_body(format_of(webhook.format), event, names)
    encode = form_body if media_type(webhook.content_type) == FORM else json_body
    return encode(values)


def _from_template(
    event: Event,
    webhook: WebhookView,
    template: str,
    activation: Mapping[str, object] | None,
) -> Output:
    context = context_of(event, webhook, activation, event_json="eventJson" in template)
    language = webhook.template_language
    try:
        return run(template, context, webhook.content_type, language)
    except InvalidTemplate as broken:  # saved under rules that have changed since
        raise TemplateFailed(broken.detail) from broken
