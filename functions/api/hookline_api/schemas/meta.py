"""Health."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import Object
from hookline_api.schemas.base import Answer, Each, always, count, sometimes, text


class Check(Answer):
    """One part of the stack."""

    name = always(Choice("tables", "queues", "key", "stream"), "Which.")
    detail = always(text("14 up"), "What was found.")


class Health(Answer):
    """The API is up."""

    status = always(Choice("ok"), "It is.")
    version = always(text("1.0.0"), "Of Hookline.")
    checks = sometimes(Each(Object(Check)), "With `deep`: what was looked at, all of it well.")
    stream_age_seconds = sometimes(
        count(1),
        "With `deep`: how far fan-out is behind; null: nothing came in a quarter of an hour.",
        nullable=True,
    )


class Document(Answer):
    """An OpenAPI 3.1 document."""

    openapi = always(text("3.1.0"), "The version of OpenAPI.")
