"""The OpenAPI 3.1 document, made from the endpoints and their shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from hookline import __version__
from hookline.domain.documents.shape import Field, Shape
from hookline.problems import CONTENT_TYPE as PROBLEM
from hookline_api.http import openapi_inbound
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.json_schema import (
    Schema,
    Use,
    View,
    Writer,
    example,
    example_of,
    plain,
    ref_to,
    schemas_of,
)
from hookline_api.http.openapi_words import (
    ANSWER_HEADERS,
    DESCRIPTION,
    GATEWAY_STATUSES,
    PATHS,
    REQUEST_HEADERS,
    TAGS,
)
from hookline_api.schemas.problem import GatewayRefusal, Problem


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document as plain JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(_path(endpoint), {})[endpoint.method.lower()] = _operation(endpoint)
    uses: list[Use] = [(Problem, View.ANSWER), (GatewayRefusal, View.ANSWER)]
    for endpoint in endpoints:
        uses += [(shape, View.ANSWER) for shape in endpoint.answers.values() if shape is not None]
        if endpoint.body is not None:
            uses.append((endpoint.body, _view(endpoint)))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hookline",
            "version": __version__,
            "description": DESCRIPTION,
            "contact": {"name": "The Hookline authors"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        # The API is where the document was read: it needs no host name.
        "servers": [{"url": "/", "description": "The stack this was read from."}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "security": [{"key": []}],
        "paths": paths | openapi_inbound.paths(_refusal),
        "components": {
            "schemas": schemas_of([*uses, *openapi_inbound.USES]),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key: hl_<key id>_<secret>.",
                }
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    said: dict[str, Any] = {
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description or f"{endpoint.summary}.",
        "operationId": endpoint.name,
        "parameters": [*_path_parameters(endpoint), *_query(endpoint), *_request_headers(endpoint)],
    }
    if endpoint.public:
        said["security"] = [{}, {"key": []}] if endpoint.key_for else []
    if endpoint.body is not None:
        view = _view(endpoint)
        said["requestBody"] = {
            "required": endpoint.body_required,
            "description": "One JSON object.",
            "content": {
                "application/json": {
                    "schema": ref_to(endpoint.body, view),
                    "examples": {"short": {"value": example_of(endpoint.body, view)}},
                }
            },
        }
    said["responses"] = {
        **{str(status): _answer(endpoint, status) for status in endpoint.answers},
        **{str(status): _refusal(status) for status in sorted({*endpoint.problems, 429})},
    }
    return said


def _refusal(status: int) -> dict[str, Any]:
    content: dict[str, Any] = {PROBLEM: {"schema": ref_to(Problem, View.ANSWER)}}
    if status in GATEWAY_STATUSES:
        content["application/json"] = {"schema": ref_to(GatewayRefusal, View.ANSWER)}
    headers = {
        401: ("WWW-Authenticate",),
        429: ("Retry-After",),
        503: ("Retry-After",),
    }.get(status, ())
    return {
        "description": HTTPStatus(status).phrase,
        **_answer_headers(headers),
        "content": content,
    }


def _answer(endpoint: Endpoint, status: int) -> dict[str, Any]:
    shape = endpoint.answers[status]
    headers = []
    if shape is not None and "version" in shape.fields:
        headers.append("ETag")
    if status == endpoint.located:
        headers.append("Location")
    if endpoint.method == "POST":
        headers.append("Idempotency-Replayed")
    said: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        **_answer_headers(headers),
    }
    if status != HTTPStatus.NO_CONTENT:
        said["content"] = {"application/json": _content(shape)}
    return said


def _content(shape: type[Shape] | None) -> dict[str, Any]:
    if shape is None:
        return {"schema": {"type": "string"}}
    content: dict[str, Any] = {"schema": ref_to(shape, View.ANSWER)}
    if "example" not in shape.fields:  # tools take it for the schema's example
        content["examples"] = {"one": {"value": example_of(shape, View.ANSWER)}}
    return content


def _answer_headers(names: Sequence[str]) -> dict[str, Any]:
    if not names:
        return {}
    return {
        "headers": {
            name: {"description": ANSWER_HEADERS[name], "schema": {"type": "string"}}
            for name in names
        }
    }


def _path_parameters(endpoint: Endpoint) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATHS[name][0],
            "schema": {"type": "string"},
            "example": PATHS[name][1],
        }
        for name in re.findall(r"<(\w+)>", endpoint.path)
    ]


def _query(endpoint: Endpoint) -> list[Schema]:
    fields: Mapping[str, Field[Any]] = {} if endpoint.query is None else endpoint.query.fields
    parameters = []
    for name, field in fields.items():
        schema = Writer(View.INPUT).kind(field.kind)
        if field.default is not None and field.default != ():
            schema["default"] = plain(field.default)
        said: Schema = {
            "name": name,
            "in": "query",
            "required": False,
            "description": field.about,
            "schema": schema,
            "example": example(field, View.INPUT),
        }
        if schema.get("type") == "array":
            said |= {"style": "form", "explode": False}
        parameters.append(said)
    return parameters


def _request_headers(endpoint: Endpoint) -> list[Schema]:
    names = dict(endpoint.headers)
    if endpoint.method == "POST":
        names["Idempotency-Key"] = REQUEST_HEADERS["Idempotency-Key"]
    if HTTPStatus.PRECONDITION_FAILED in endpoint.refusals:
        names["If-Match"] = REQUEST_HEADERS["If-Match"]
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": words,
            "schema": {"type": "string"},
        }
        for name, words in names.items()
    ]


def _view(endpoint: Endpoint) -> View:
    return View.PATCH if endpoint.method == "PATCH" else View.INPUT


def _path(endpoint: Endpoint) -> str:
    return endpoint.path.replace("<", "{").replace(">", "}")
