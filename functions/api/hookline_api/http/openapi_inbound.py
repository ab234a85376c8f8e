"""The part of the OpenAPI document about /in, which another function answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hookline.domain.documents.kinds import Choice
from hookline.domain.inbound.message import Outcome, Progress
from hookline_api.http.json_schema import Use, View, ref_to
from hookline_api.http.openapi_words import PATHS
from hookline_api.schemas.base import Answer, always, identifier, sometimes


class Received(Answer):
    """A message that came in."""

    id = always(identifier("msg"), "The message's id; null where none is kept.", nullable=True)
    status = always(Choice(*Progress), "How far it has come.")
    outcome = sometimes(Choice(*Outcome), "What matching came to, where that is known.")


USES: tuple[Use, ...] = ((Received, View.ANSWER),)

_METHODS = ("get", "post", "put", "patch", "delete")
_ANSWERS = {
    "200": "It has run, or it was a challenge of its sender, which is answered in plain text.",
    "202": "It is durable, and runs next; or nobody is there to take it, and it is not kept.",
    "404": "Its sender waits, and no provider or no function matched.",
    "500": "Its sender waits, and a function failed.",
}


def paths(refusal: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """One path, and any method on it; ``refusal`` describes an answer with such a status."""
    refusals = {str(status): refusal(status) for status in (413, 429, 503)}
    return {"/in/{tenant}/{uri}": {each: _operation(each, refusals) for each in _METHODS}}


def _operation(method: str, refusals: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "tags": ["inbound"],
        "summary": f"Take what a third party sends ({method.upper()})",
        "description": "Any method, any body up to 6 MB. Verified and matched by the tenant's"
        " providers, then run by their functions. The uri may have further slashes.",
        "operationId": f"receive_{method}",
        "security": [],
        "parameters": [
            _parameter("tenant", *PATHS["tenant"]),
            _parameter("uri", "What functions are told apart by.", "github/push"),
        ],
        "responses": {
            **{status: _answer(words) for status, words in _ANSWERS.items()},
            **refusals,
        },
    }
    if method not in ("get", "delete"):
        said["requestBody"] = {
            "required": False,
            "description": "Whatever its sender sends: the bytes are kept as they come.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    return said


def _parameter(name: str, words: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": words,
        "schema": {"type": "string"},
        "example": example,
    }


def _answer(words: str) -> dict[str, Any]:
    content = {"application/json": {"schema": ref_to(Received, View.ANSWER)}}
    return {"description": words, "content": content}
