"""Answers: JSON with UTF-8 as it is, one function for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.event_handler import Response

from hookline.domain.documents import strict_json

JSON = "application/json"


class SecretResponse(Response[str]):
    """An answer that shows secrets: ``secret_fields`` of its body must be stored nowhere."""

    secret_fields: tuple[str, ...] = ()


def json_reply(
    body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """``body`` as JSON. Nothing may keep a copy: answers hold what only this caller may see."""
    return Response(status, JSON, strict_json.dumps(body), headers=_headers(headers))


def secret_reply(
    body: Mapping[str, object],
    secret_fields: tuple[str, ...],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """``body`` as JSON, of which ``secret_fields`` are shown this once."""
    response = SecretResponse(status, JSON, strict_json.dumps(body), headers=_headers(headers))
    response.secret_fields = secret_fields
    return response


def etag(version: object) -> dict[str, str]:
    """The header that tells the version which If-Match takes."""
    return {"ETag": f'"{version}"'}


def no_content() -> Response[str]:
    """204."""
    return Response(204, body="")


def _headers(headers: Mapping[str, str] | None) -> Mapping[str, str | list[str]]:
    return {"Cache-Control": "no-store", **(headers or {})}
