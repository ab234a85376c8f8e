"""The OpenAPI document: complete, sound, and made from what is routed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hookline_api.http.app import Api
from tests.worlds.client import Client


@pytest.fixture(scope="module")
def document(api: Api) -> dict[str, Any]:
    reply = Client(api, "nobody", None)("GET", "/v1/openapi.json")
    assert reply.status == 200
    return dict(reply.json)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_it_describes_every_endpoint_and_nothing_else(api: Api, document: dict[str, Any]) -> None:
    routed = {
        f"{one.method} {one.path.replace('<', '{').replace('>', '}')}" for one in api.endpoints
    }
    received = {name for name in operations(document) if name.endswith(" /in/{tenant}/{uri}")}
    assert len(received) == 5
    assert set(operations(document)) - received == routed
    assert len(routed) == len(api.endpoints)


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)


def test_only_health_and_the_documents_need_no_key(document: dict[str, Any]) -> None:
    assert document["security"] == [{"key": []}]
    public = {
        name
        for name, one in operations(document).items()
        if one.get("security") == [] and "/v1/" in name
    }
    assert public == {"GET /v1/openapi.json"}
    # A key is for its deep look alone.
    assert operations(document)["GET /v1/health"]["security"] == [{}, {"key": []}]
    for name, operation in operations(document).items():
        assert ("401" in operation["responses"]) == (name not in public and "/v1/" in name)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    found = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document))
    assert set(found) <= set(schemas)
    assert "HTTPValidationError" not in found


def test_every_path_parameter_is_described(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        described = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", name)), name


def test_publishing_says_that_it_takes_a_trace(document: dict[str, Any]) -> None:
    said = operations(document)
    reading = {
        name
        for name, operation in said.items()
        for each in operation.get("parameters", [])
        if (each["in"], each["name"]) == ("header", "traceparent")
    }
    events = "/v1/tenants/{tenant}/events"
    assert reading == {f"POST {events}", f"POST {events}/batch"}


def test_refusals_are_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and "/v1/" in name:
                of_the_gateway = ["application/json"] if status in {"413", "429", "503"} else []
                assert list(answer["content"]) == ["application/problem+json", *of_the_gateway]


def test_unknown_fields_are_refused_by_every_input(document: dict[str, Any]) -> None:
    for operation in operations(document).values():
        body = operation.get("requestBody")
        if body is None or "application/octet-stream" in body["content"]:
            continue
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert document["components"]["schemas"][name]["additionalProperties"] is False, name
