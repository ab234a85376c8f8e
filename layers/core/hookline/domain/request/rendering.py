"""The body of a call: what the sender sends and the preview shows, by one and the same function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.domain.event.event import Event
from hookline.domain.event.payload import default_body, form_body, json_body
from hookline.domain.ids import WebhookId
from hookline.domain.net.media_types import JSON
from hookline.domain.request.template_context import template_context
from hookline.domain.sandbox.escapes import Syntax, syntax_of
from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.templates import TemplateFailed, render
from hookline.domain.webhook.webhook import Method, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """What a body is made by: the webhook as it is now, or one that is only being tried out."""

    id: WebhookId
    name: str
    context: str | None = None
    user: str | None = None
    method: Method = "POST"
    content_type: str = JSON
    body_template: str | None = None
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
            include_entity=webhook.include_entity,
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body and its content type; both None where none is sent (GET)."""

    body: bytes | None
    content_type: str | None


def render_body(event: Event, webhook: WebhookView, activation: object = None) -> Rendered:
    """The body for one webhook: the same bytes whenever event, webhook and activation are the same.

    ``activation`` is what was frozen at the fan-out (`Activation.as_plain`), None where the webhook
    has no context and no user. Raises TemplateFailed.
    """
    if event.pristine is not None:
        if (event.pristine.method or webhook.method) == "GET":
            return Rendered(None, None)
        return Rendered(event.pristine.content, event.pristine.content_type)
    if webhook.method == "GET":  # reference row ET-2
        return Rendered(None, None)
    computed = activation if isinstance(activation, Mapping) else None
    if webhook.body_template:
        body = _from_template(event, webhook, webhook.body_template, computed)
    else:
        body = _default(event, webhook, computed)
    return Rendered(body, webhook.content_type)


def _default(event: Event, webhook: WebhookView, activation: Mapping[str, object] | None) -> bytes:
    values = default_body(
        event, webhook.id, include_entity=webhook.include_entity, activation=activation
    )
    encode = form_body if syntax_of(webhook.content_type) is Syntax.FORM else json_body
    return encode(values)


def _from_template(
    event: Event,
    webhook: WebhookView,
    template: str,
    activation: Mapping[str, object] | None,
) -> bytes:
    context = template_context(
        event,
        {
            "id": webhook.id,
            "name": webhook.name,
            "context": webhook.context,
            "user": webhook.user,
        },
        include_entity=webhook.include_entity,
        activation=activation,
        event_json="eventJson" in template,
    )
    try:
        return render(template, context, webhook.content_type).encode()
    except InvalidTemplate as broken:  # saved under rules that have changed since
        raise TemplateFailed(broken.detail) from broken
