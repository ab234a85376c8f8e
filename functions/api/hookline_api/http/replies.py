"""Answers: JSON with UTF-8 as it is, one function for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hookline.domain.documents import strict_json
from hookline.errors import FieldError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Its ``secret_fields`` are shown this once, and must be stored nowhere."""

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
    """The member ``warnings`` of an answer; nothing where there are none."""
    if not warnings:
        return {}
    return {"warnings": [{"field": each.field, "message": each.message} for each in warnings]}


def etag(version: object) -> dict[str, str]:
    """The header that tells the version which If-Match takes."""
    return {"ETag": f'"{version}"'}


def no_content() -> Reply:
    """204."""
    return Reply(204)
