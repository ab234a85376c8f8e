"""Health."""

from __future__ import annotations

from typing import Literal

from hookline_api.schemas.base import Answer


class Health(Answer):
    """The API is up."""

    status: Literal["ok"]
    version: str


class Document(Answer):
    """An OpenAPI 3.1 document."""

    openapi: str
