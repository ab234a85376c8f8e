"""The OpenAPI 3.1 document, made from the endpoints and their models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hookline import __version__
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.problems import CONTENT_TYPE as PROBLEM
from hookline_api.schemas.problem import Problem

_REF = "#/components/schemas/{model}"

DESCRIPTION = (
    "Publish an event over HTTPS; every subscribed endpoint gets a signed, templated, retried"
    " call; every attempt can be inspected, retried and cancelled."
)


def register(
    resolver: APIGatewayHttpResolver, endpoint: Endpoint, middlewares: Sequence[Any]
) -> None:
    """Adds the endpoint to the router, with all that the document says about it."""
    resolver.route(
        endpoint.path,
        endpoint.method,
        summary=endpoint.summary,
        description=endpoint.description or None,
        operation_id=endpoint.name,
        tags=[endpoint.tag],
        openapi_extensions=_extensions(endpoint),
        middlewares=list(middlewares),
    )(endpoint.handler)


def document(resolver: APIGatewayHttpResolver, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document as plain JSON values."""
    text = resolver.get_openapi_json_schema(
        title="Hookline",
        version=__version__,
        description=DESCRIPTION,
        servers=[],
        tags=list(dict.fromkeys(endpoint.tag for endpoint in endpoints)),
    )
    result: dict[str, Any] = json.loads(text)
    for endpoint in endpoints:
        operation = result["paths"][_path(endpoint)][endpoint.method.lower()]
        if endpoint.headers:
            operation.setdefault("parameters", []).extend(_headers(endpoint))
        # powertools adds a 422 of its own form; what an endpoint does not know, it does not say.
        operation["responses"] = {
            str(status): answer for status, answer in _responses(endpoint).items()
        }
    result["components"] = {
        "schemas": _schemas(endpoints),
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key: hl_<key id>_<secret>.",
            }
        },
    }
    result["security"] = [{"key": []}]
    # Where the document was read from is where the API is: no name of a host gets into it.
    result["servers"] = [{"url": "/"}]
    return result


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    models: dict[type[BaseModel], None] = {Problem: None}
    for endpoint in endpoints:
        models |= {model: None for model in endpoint.answers.values() if model is not None}
        if endpoint.body is not None:
            models[endpoint.body] = None
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REF
    )
    return dict(sorted(definitions["$defs"].items()))


def _extensions(endpoint: Endpoint) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if endpoint.public:
        extensions["security"] = []
    if endpoint.body is not None:
        extensions["requestBody"] = {
            "required": endpoint.body_required,
            "content": {"application/json": {"schema": _ref(endpoint.body)}},
        }
    return extensions


def _headers(endpoint: Endpoint) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, description in endpoint.headers.items()
    ]


def _responses(endpoint: Endpoint) -> dict[int, Any]:
    answers: Mapping[int, Any] = {
        status: {"description": HTTPStatus(status).phrase} | _content(endpoint, status)
        for status in endpoint.answers
    }
    refusals = {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM: {"schema": _ref(Problem)}},
        }
        for status in endpoint.problems
    }
    return {**answers, **refusals}


def _content(endpoint: Endpoint, status: int) -> dict[str, Any]:
    if status == HTTPStatus.NO_CONTENT:
        return {}
    model = endpoint.answers[status]
    schema = {"type": "string"} if model is None else _ref(model)
    return {"content": {endpoint.content_type: {"schema": schema}}}


def _path(endpoint: Endpoint) -> str:
    return endpoint.path.replace("<", "{").replace(">", "}")


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
