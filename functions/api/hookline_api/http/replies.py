"""Answers: JSON in plain UTF-8, and one function for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hookline.domain.documents import strict_json
from hookline.errors import FieldError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Its ``secret_fields`` are shown only once and must not be stored in clear."""

    status: int
    body: str = ""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_fields: tuple[str, ...] = ()


def json_reply(
    body: Mapping[str, object],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    secret_fields: tuple[str, ...] = (),
) -> Reply:
    """``body`` as JSON."""
    return Reply(status, strict_json.dumps(body), JSON, headers or {}, secret_fields)


def notices(warnings: Sequence[FieldError]) -> dict[str, object]:
    """The field ``warnings`` of an answer; nothing if there are none."""
    if not warnings:
        return {}
    return {"warnings": [{"field": each.field, "message": each.message} for each in warnings]}


def etag(version: object) -> dict[str, str]:
    """The ETag header with the version, for If-Match."""
    return {"ETag": f'"{version}"'}


def no_content() -> Reply:
    """204."""
    return Reply(204)
