"""The body of a preview request: a template, an event, and what it can name of its webhook."""

from __future__ import annotations

from hookline.domain.documents.shape import (
    Later,
    Object,
    Shape,
    defaulted,
    nested,
    optional,
    required,
)
from hookline.domain.event.fields import EventFields
from hookline.domain.net.header_rules import JSON
from hookline.domain.webhook.fields import (
    ACTIVATION_TEXT,
    FORMAT,
    LANGUAGE,
    MEDIA_TYPE,
    NAME,
    TEMPLATE,
)


class PreviewWebhookFields(Shape):
    """What a template can name of its webhook."""

    name = defaulted(NAME, "preview", "Its name.")
    context = optional(ACTIVATION_TEXT, "The context that activation is computed for.")
    user = optional(ACTIVATION_TEXT, "The user that activation is computed for.", example="u-4")


class PreviewFields(Shape):
    """A template and the event to render it with."""

    template = optional(TEMPLATE, "Without it, the default body of the format.")
    template_language = optional(
        LANGUAGE, "`mustache`; `handlebars` where `format` is `izanami`.", example="handlebars"
    )
    format = defaulted(FORMAT, "hookline", "The system whose names and default body it has.")
    content_type = defaulted(MEDIA_TYPE, JSON, "The media type of the body.")
    event = required(Later(Object(EventFields)), "The event, as it would be published.")
    webhook = nested(PreviewWebhookFields, "The webhook that the template is of.")
