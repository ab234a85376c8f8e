"""Health."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline_api.schemas.base import Answer, always, text


class Health(Answer):
    """The API is up."""

    status = always(Choice("ok"), "It is.")
    version = always(text("1.0.0"), "Of Hookline.")


class Document(Answer):
    """An OpenAPI 3.1 document."""

    openapi = always(text("3.1.0"), "The version of OpenAPI.")
