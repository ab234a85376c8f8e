"""The template preview."""

from __future__ import annotations

from hookline_api.schemas.base import FLAG, NOTICES, Answer, always, sometimes, text


class Preview(Answer):
    """What would be sent."""

    body = always(text('{"text": "o-17 was paid"}'), "The body.")
    content_type = always(text("application/json"), "Its media type.")
    valid = always(FLAG, "Whether the body is valid for its content type.")
    warnings = sometimes(NOTICES, "Names that the template prints and the event has not.")
    problem = sometimes(text("line 1: a comma is missing"), "What is wrong with it, and where.")
