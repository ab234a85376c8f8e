"""docs/hookline.postman_collection.json from the OpenAPI document (Postman Collection 2.1.0).

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.api_examples import BODIES, PATH_VALUES
from tools.api_page import Operation, operations

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(document: Mapping[str, Any]) -> str:
    """The collection as JSON text: one folder a section, `{{api}}` and `{{key}}` to be set."""
    made = {
        "info": {
            "name": "Hookline",
            "description": document["info"]["description"],
            "version": document["info"]["version"],
            "schema": SCHEMA,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{key}}"}]},
        "variable": [
            {"key": "api", "value": "http://127.0.0.1:8080"},
            {"key": "key", "value": "hl_root_"},
            {"key": "tenant", "value": "demo"},
        ],
        "item": [
            {"name": tag, "item": [_request(operation) for operation in found]}
            for tag, found in operations(document).items()
        ],
    }
    return json.dumps(made, indent=2) + "\n"


def _request(operation: Operation) -> dict[str, Any]:
    parts = operation.path.strip("/").split("/")
    request: dict[str, Any] = {
        "method": operation.method,
        "description": operation.said.get("description", ""),
        "header": [],
        "url": {
            "raw": "{{api}}/" + "/".join(map(_part, parts)),
            "host": ["{{api}}"],
            "path": [_part(part) for part in parts],
            "query": [
                {
                    "key": each["name"],
                    "value": str(each["schema"].get("default", "")),
                    "description": each.get("description", ""),
                    "disabled": True,
                }
                for each in operation.said.get("parameters", [])
                if each["in"] == "query"
            ],
            "variable": [
                {"key": part[1:-1], "value": _value(part[1:-1])}
                for part in parts
                if part.startswith("{")
            ],
        },
    }
    if not operation.needs_key:
        request["auth"] = {"type": "noauth"}
    if operation.name in BODIES:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {
            "mode": "raw",
            "raw": json.dumps(BODIES[operation.name], indent=2),
            "options": {"raw": {"language": "json"}},
        }
    return {"name": operation.said["summary"], "request": request}


def _part(part: str) -> str:
    return f":{part[1:-1]}" if part.startswith("{") else part


def _value(name: str) -> str:
    return "{{tenant}}" if name == "tenant" else PATH_VALUES[name]
