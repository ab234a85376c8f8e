"""Answers: JSON with UTF-8 as it is, one function for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.event_handler import Response

from hookline.domain import strict_json

JSON = "application/json"


def json_reply(
    body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """``body`` as JSON. Nothing may keep a copy: answers hold what only this caller may see."""
    return Response(
        status,
        JSON,
        strict_json.dumps(body),
        headers={"Cache-Control": "no-store"} | dict(headers or {}),
    )


def no_content() -> Response[str]:
    """204."""
    return Response(204)
