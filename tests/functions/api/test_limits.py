"""Each limit of the OpenAPI document, tried from both sides against the API that it describes."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hookline_api.http.app import Api
from tests.worlds.client import Client
from tools.api_examples import BODIES

type Schema = dict[str, Any]

SIZES = re.compile(r"characters$|items|item$|must be from|must be one of|whole number")


@dataclass(frozen=True)
class Try:
    """A value at a place of a body; ``fits`` says whether the document lets it through."""

    path: tuple[str, ...]
    value: Any
    fits: bool

    @property
    def field(self) -> str:
        return ".".join(self.path)


class Document:
    """The document, with its references looked up."""

    def __init__(self, document: Schema) -> None:
        self.document = document
        self.schemas = document["components"]["schemas"]

    def bodies(self) -> Iterator[tuple[str, str, str, Schema]]:
        """Every operation that takes JSON: method, path, name, schema."""
        for path, methods in self.document["paths"].items():
            for method, said in methods.items():
                content = said.get("requestBody", {}).get("content", {})
                if "application/json" in content:
                    schema = content["application/json"]["schema"]
                    yield method.upper(), path, said["operationId"], schema

    def tries(self, schema: Schema, path: tuple[str, ...] = ()) -> Iterator[Try]:
        """What is to be tried at a place and below it."""
        schema = self.plain(schema)
        if "properties" in schema:
            for name, inner in schema["properties"].items():
                yield from self.tries(inner, (*path, name))
            yield Try((*path, "no_such_field"), 1, fits=False)
            return
        for value, fits in _values(schema):
            yield Try(path, value, fits)

    def plain(self, schema: Schema) -> Schema:
        """The first shape that a schema stands for."""
        while True:
            if "$ref" in schema:
                schema = self.schemas[schema["$ref"].rpartition("/")[2]]
            elif several := [schema[w] for w in ("allOf", "oneOf", "anyOf") if w in schema]:
                schema = several[0][0]
            else:
                return schema

    def whole(self, schema: Schema) -> Any:
        """What makes an object valid, so that one field of it can be tried."""
        schema = self.plain(schema)
        tag = {"type"} if "enum" in schema["properties"].get("type", {}) else set()
        needed = {*schema.get("required", []), *tag}
        return {name: self._example(schema["properties"][name]) for name in needed}

    def _example(self, schema: Schema) -> Any:
        return self.whole(schema) if "properties" in self.plain(schema) else schema["examples"][0]


def _values(schema: Schema) -> Iterator[tuple[Any, bool]]:
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if "enum" in schema:
        yield "no such word", False
    elif "string" in kinds and "maxLength" in schema:
        yield "x" * schema["maxLength"], True
        yield "x" * (schema["maxLength"] + 1), False
        if schema.get("minLength"):
            yield "x" * schema["minLength"], True
            yield "x" * (schema["minLength"] - 1), False
    elif "maximum" in schema:
        step = 1 if "integer" in kinds else 0.001
        yield schema["maximum"], True
        yield schema["minimum"], True
        yield schema["maximum"] + step, False
        yield schema["minimum"] - step, False
    elif "maxItems" in schema and schema["items"].get("type") == "string":
        yield [f"i{number}" for number in range(schema["maxItems"])], True
        yield [f"i{number}" for number in range(schema["maxItems"] + 1)], False
    if "string" in kinds:
        yield 7, False
    if "boolean" in kinds:
        yield "yes", False


@pytest.fixture(scope="module")
def document(api: Api) -> Document:
    return Document(api.document())


@pytest.fixture
def known(client: Client) -> dict[str, str]:
    """One of each thing, for the paths."""
    client("PUT", "/event-types/order.paid", {})
    provider = {"name": "p", "match": {"expression": "`true`"}, "verify": {"type": "none"}}
    provider_id = client("POST", "/inbound/providers", provider).json["id"]
    function = {
        "name": "f",
        "provider_id": provider_id,
        "uri": "u",
        "action": {"type": "publish", "event": {"type": "'a'"}},
    }
    return {
        "tenant": client.tenant,
        "webhook": client.a_webhook()["id"],
        "event_type": "order.paid",
        "principal": client("POST", "/principals", {"name": "p"}).json["id"],
        "provider": provider_id,
        "function": client("POST", "/inbound/functions", function).json["id"],
    }


def test_each_limit_of_the_document_is_the_apis_own_from_both_sides(
    client: Client, known: dict[str, str], document: Document, subtests: pytest.Subtests
) -> None:
    tried = 0
    for method, path, name, schema in document.bodies():
        url = path.format(**known)
        with subtests.test(name):
            for each in document.tries(schema):
                body = _with(copy.deepcopy(BODIES[name]), each, document, schema)
                tried += 1
                _check(client(method, url, body), each)
    assert tried > 300


def _with(body: Any, each: Try, document: Document, schema: Schema) -> Any:
    """The body with the value put in its place; what is around it there is made whole."""
    at = body
    for name in each.path[:-1]:
        schema = document.plain(schema)["properties"][name]
        if document.plain(schema).get("required") or not isinstance(at.get(name), dict):
            at[name] = document.whole(schema)
        at = at[name]
    at[each.path[-1]] = each.value
    return body


def _check(reply: Any, each: Try) -> None:
    errors = reply.json["errors"] if reply.status == 422 else []
    messages = [error["message"] for error in errors if error["field"] == each.field]
    assert reply.status < 500, (each, reply.text)
    if each.fits:
        assert not [words for words in messages if SIZES.search(words)], (each.field, messages)
    else:
        below = [error["field"] for error in errors]
        assert each.field in below, (each.field, str(each.value)[:60], reply.status, below[:5])
