"""docs/api.md from the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hookline.problems import CODES
from tools.api_examples import BODIES, PATH_VALUES, QUERIES
from tools.schema_text import anchor, fields_table, name_of, parameters_table, type_of

ORDER = (
    "tenants",
    "principals",
    "rights",
    "event types",
    "events",
    "webhooks",
    "deliveries",
    "templates",
    "inbound",
    "meta",
)
"""The sections, as somebody new needs them."""

_NAMED = re.compile(r'"#/components/schemas/([^"]+)"')

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""Their order on one path."""

_HEAD = """\
# API

Made by `make docs` from the OpenAPI document, which the code makes. `GET /v1/openapi.json` answers
that document, `/v1/docs` a page to read and try it. Edit the code, not this page.

- `Authorization: Bearer hl_<key id>_<secret>`, or `hl_root_…` from the stack's secret.
- JSON in and out. Unknown fields and query parameters are refused by name. Times are ISO 8601
  with their zone, and answered in UTC with milliseconds. `HEAD` answers where `GET` does.
- Refusals are `application/problem+json` (RFC 9457): [Problem](#problem), with a `code` for
  programs that stays what it is ([all of them](#problem-codes)). A rejected body or query names
  every broken rule in `errors`, up to 100, and counts the rest in `more_errors`. What does not
  exist and what you may not see answer the same 404. 413, 429 and 503 of the gateway itself have
  the gateway's form.
- Lists take `limit` and `cursor`, and answer `items` and `next_cursor`: null on the last page.
- `Idempotency-Key` on a POST: the same key and body answers the first answer again, for 24
  hours; the same key with another body is a 409.
- PATCH is JSON Merge Patch (RFC 7396). `If-Match: <version>` on a PATCH or DELETE of what has a
  `version` answers 412 once it has changed.

In the examples `$API` is the stack's output `ApiUrl` and `$KEY` a key.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, as the document has it."""

    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The operation id."""
        return str(self.said["operationId"])

    @property
    def example_path(self) -> str:
        """The path with its parameters filled in, and a query where one is worth showing."""
        path = self.path
        for name, value in PATH_VALUES.items():
            path = path.replace("{" + name + "}", value)
        return f"{path}?{QUERIES[self.name]}" if self.name in QUERIES else path

    @property
    def needs_key(self) -> bool:
        """Whether it is not one of the public ones."""
        return "security" not in self.said


def operations(document: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """All of them by section, in the page's order; what ORDER does not know comes last."""
    found = [
        Operation(method.upper(), path, said)
        for path, item in document["paths"].items()
        for method, said in item.items()
    ]
    tags = dict.fromkeys([*ORDER, *(each.said["tags"][0] for each in found)])
    in_order = sorted(found, key=lambda each: (each.path, METHODS.index(each.method)))
    return {tag: [each for each in in_order if each.said["tags"][0] == tag] for tag in tags}


def page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    sections = operations(document)
    lines = [_HEAD, "| | |", "|---|---|"]
    for tag, found in sections.items():
        links = (f"[{each.said['summary']}]({anchor(each.said['summary'])})" for each in found)
        lines.append(f"| [{_title(tag)}]({anchor(tag)}) | {' · '.join(links)} |")
    for tag, found in sections.items():
        lines += ["", f"## {_title(tag)}"]
        for operation in found:
            lines += ["", *_operation(operation, document["components"]["schemas"])]
    lines += ["", "## Problem codes", "", "| code | |", "|---|---|"]
    lines += [f"| `{code}` | {meaning} |" for code, meaning in CODES.items()]
    lines += ["", "## Shapes", *_shapes(document)]
    return "\n".join(lines) + "\n"


def _operation(operation: Operation, schemas: Mapping[str, Any]) -> Iterator[str]:
    said = operation.said
    yield f"### {said['summary']}"
    yield ""
    yield f"`{operation.method} {operation.path}`"
    if said.get("description"):
        yield ""
        yield str(said["description"])
    query = [each for each in said.get("parameters", []) if each["in"] == "query"]
    if query:
        yield ""
        yield from parameters_table(query)
    for header in (each for each in said.get("parameters", []) if each["in"] == "header"):
        yield ""
        yield f"Header `{header['name']}`: {header['description']}"
    if (body := said.get("requestBody")) and "application/json" in body["content"]:
        name = name_of(body["content"]["application/json"]["schema"])
        optional = "" if body["required"] else ", which may be absent"
        yield ""
        yield f"Body{optional}: {schemas[name]['description']}"
        yield ""
        yield from fields_table(schemas[name], written=True)
    yield ""
    yield from _answers(said["responses"])
    yield ""
    yield from _example(operation)


def _answers(responses: Mapping[str, Any]) -> Iterator[str]:
    refusals = []
    for status, response in responses.items():
        content = response.get("content", {})
        if "application/problem+json" in content:
            refusals.append(status)
            continue
        (schema,) = (each["schema"] for each in content.values()) if content else (None,)
        yield f"- **{status}** {'no body' if schema is None else type_of(schema)}"
    yield f"- refuses with {', '.join(refusals)}"


def _example(operation: Operation) -> Iterator[str]:
    yield "```sh"
    method = "" if operation.method in {"GET", "POST"} else f" -X {operation.method}"
    body = BODIES.get(operation.name)
    if operation.method == "POST" and body is None:
        method = " -X POST"
    key = ' -H "Authorization: Bearer $KEY"' if operation.needs_key else ""
    call = f'curl{method}{key} "$API{operation.example_path}"'
    if body is None:
        yield call
    else:
        yield f"{call} --json @- <<'EOF'"
        yield json.dumps(body, indent=2)
        yield "EOF"
    yield "```"


def _shapes(document: Mapping[str, Any]) -> Iterable[str]:
    schemas = document["components"]["schemas"]
    written = _written(document)
    for name, schema in schemas.items():
        yield ""
        yield f"### {name}"
        yield ""
        yield schema.get("description", "").replace("\n", " ")
        yield ""
        yield from fields_table(schema, written=name in written)


def _written(document: Mapping[str, Any]) -> set[str]:
    """The shapes that callers write: those of the bodies, and what is within them."""
    bodies = (
        json.dumps(operation.said.get("requestBody", {}))
        for found in operations(document).values()
        for operation in found
    )
    written: set[str] = set()
    due = [name for body in bodies for name in _NAMED.findall(body)]
    while due:
        name = due.pop()
        if name not in written:
            written.add(name)
            due += _NAMED.findall(json.dumps(document["components"]["schemas"][name]))
    return written


def _title(tag: str) -> str:
    return tag[:1].upper() + tag[1:]
