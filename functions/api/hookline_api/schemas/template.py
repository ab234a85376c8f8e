"""The template preview."""

from __future__ import annotations

from pydantic import Field

from hookline_api.schemas.base import Answer, Input
from hookline_api.schemas.event import EventInput


class PreviewWebhook(Input):
    """What a template can name of its webhook."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    context: str | None = Field(default=None, min_length=1, max_length=500)
    user: str | None = Field(default=None, min_length=1, max_length=500)


class PreviewInput(Input):
    """A template and the event to render it with."""

    template: str | None = Field(
        default=None, max_length=131_072, description="Mustache; without it, the default body."
    )
    content_type: str | None = Field(
        default=None, max_length=255, description="Default `application/json`."
    )
    event: EventInput
    webhook: PreviewWebhook | None = None


class Preview(Answer):
    """What would be sent."""

    body: str
    content_type: str
    valid: bool = Field(description="Whether the body is valid for its content type.")
    problem: str | None = Field(default=None, description="What is wrong with it, and where.")
