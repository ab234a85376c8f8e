"""docs/hookline.postman_collection.json from the OpenAPI document (Postman Collection 2.1.0).

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools import postman_run as run
from tools.api_examples import BODIES, PATH_VALUES
from tools.api_page import Operation, operations

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
ENDPOINT = "https://example.com/hook"
_ERRORS_FROM = 300

_NOTE = """

Set `api` and `key` in the collection's variables, and `endpoint`, a url that takes webhooks. Then
send requests one by one, or run the whole collection: it makes a tenant of its own, each answer
sets the variables that later requests need, and the last folder takes everything away again."""


def collection(document: Mapping[str, Any]) -> str:
    """The collection as JSON text: one folder a section, and a last one that cleans up."""
    made = {
        "info": {
            "name": "Hookline",
            "description": document["info"]["description"] + _NOTE,
            "version": document["info"]["version"],
            "schema": SCHEMA,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{key}}"}]},
        "variable": [
            {"key": "api", "value": "http://127.0.0.1:8080"},
            {"key": "key", "value": "hl_root_"},
            {"key": "endpoint", "value": ENDPOINT},
            *({"key": _variable(name), "value": value} for name, value in PATH_VALUES.items()),
        ],
        "item": [
            {"name": name, "item": [_request(operation) for operation in found]}
            for name, found in _folders(document)
        ],
    }
    return json.dumps(made, indent=2) + "\n"


def _folders(document: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Operation]]]:
    sections = operations(document)
    last = {
        operation.name: operation
        for found in sections.values()
        for operation in found
        if operation.name in run.LAST
    }
    for name in run.ORDER:
        found = [operation for operation in sections[name] if operation.name not in last]
        yield name, sorted(found, key=_place)
    yield "clean up", [last[name] for name in run.LAST]


def _place(operation: Operation) -> int:
    first = operation.name in run.FIRST
    return run.FIRST.index(operation.name) if first else len(run.FIRST)


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
                {"key": part[1:-1], "value": f"{{{{{_variable(part[1:-1])}}}}}"}
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
            "raw": _body(operation.name),
            "options": {"raw": {"language": "json"}},
        }
    return {
        "name": operation.said["summary"],
        "event": list(_scripts(operation)),
        "request": request,
    }


def _body(name: str) -> str:
    """The example, about what the run has made instead of what the documents speak of."""
    text = json.dumps(run.BODIES.get(name, BODIES[name]), indent=2)
    for variable, value in PATH_VALUES.items():
        text = text.replace(f'"{value}"', f'"{{{{{_variable(variable)}}}}}"')
    return text.replace(f'"{ENDPOINT}"', '"{{endpoint}}"')


def _scripts(operation: Operation) -> Iterator[dict[str, Any]]:
    """What sets variables before and after, and what a run holds the answer to."""
    if operation.name == "create_tenant":
        yield _script("prerequest", run.A_TENANT_OF_ITS_OWN)
    good = [int(status) for status in operation.said["responses"] if int(status) < _ERRORS_FROM]
    good += run.ALSO.get(operation.name, ())
    lines = [
        f'pm.test("answers {" or ".join(map(str, good))}", () =>',
        f"  pm.expect(pm.response.code, pm.response.text()).to.be.oneOf({good}));",
    ]
    if operation.name in run.SETS:
        variable, field = run.SETS[operation.name]
        lines.append(
            f'if (pm.response.code < 300) pm.collectionVariables.set("{variable}",'
            f" pm.response.json().{field});"
        )
    yield _script("test", *lines)


def _script(when: str, *lines: str) -> dict[str, Any]:
    return {"listen": when, "script": {"type": "text/javascript", "exec": list(lines)}}


def _part(part: str) -> str:
    return f":{part[1:-1]}" if part.startswith("{") else part


def _variable(name: str) -> str:
    """`key` is the one that requests are made with."""
    return "key_id" if name == "key" else name
