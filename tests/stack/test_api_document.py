"""docs/api.md and the Postman collection say what the API's own document says, all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from hookline_api.http.app import Api
from tools import docs
from tools.api_document import api as described_api
from tools.api_examples import BODIES, PATH_VALUES, QUERIES
from tools.api_page import operations
from tools.schema_text import anchor


@pytest.fixture(scope="module")
def api() -> Api:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        return described_api()


@pytest.fixture(scope="module")
def document(api: Api) -> dict[str, Any]:
    return api.document()


def in_document(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        operation.name: (operation.method, operation.path)
        for found in operations(document).values()
        for operation in found
    }


def test_the_committed_documents_are_current_or_make_docs_is_due(
    document: dict[str, Any],
) -> None:
    stale = [
        path.name
        for path, text in docs.derived(document).items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert stale == []


def test_the_page_shows_every_operation_once() -> None:
    shown = re.findall(r"^`((?:GET|POST|PUT|PATCH|DELETE) /[^`]+)`$", page(), re.MULTILINE)
    assert len(set(shown)) == len(shown) > 60


def test_every_link_of_the_page_leads_to_one_heading() -> None:
    headings = [anchor(text) for text in re.findall(r"^#+ (.+)$", page(), re.MULTILINE)]
    assert len(set(headings)) == len(headings)
    assert set(re.findall(r"\]\((#[^)]+)\)", page())) <= set(headings)


def test_every_operation_with_a_body_has_an_example_that_its_schema_takes(
    api: Api, document: dict[str, Any]
) -> None:
    takes_body = {one.name for one in api.endpoints if one.body is not None}
    assert set(BODIES) == takes_body
    for operation in (each for found in operations(document).values() for each in found):
        if operation.name in takes_body:
            (content,) = operation.said["requestBody"]["content"].values()
            schema = {**content["schema"], "components": document["components"]}
            check = Draft202012Validator(schema, format_checker=FormatChecker())
            assert not list(check.iter_errors(BODIES[operation.name])), operation.name


def test_example_calls_name_only_what_the_document_knows(document: dict[str, Any]) -> None:
    found = in_document(document)
    named = {name for _, path in found.values() for name in re.findall(r"\{(\w+)\}", path)}
    assert named == set(PATH_VALUES)
    for operation_name, query in QUERIES.items():
        method, path = found[operation_name]
        known = {each["name"] for each in document["paths"][path][method.lower()]["parameters"]}
        assert set(re.findall(r"(\w+)=", query)) <= known


def test_the_collection_has_every_operation_with_its_key_its_path_and_its_body(
    document: dict[str, Any],
) -> None:
    collection = json.loads((docs.DOCS / "hookline.postman_collection.json").read_text())
    requests = [each["request"] for folder in collection["item"] for each in folder["item"]]
    called = {
        (each["method"], re.sub(r":(\w+)", r"{\1}", "/" + "/".join(each["url"]["path"])))
        for each in requests
    }
    assert called == set(in_document(document).values())
    assert sum("body" in each for each in requests) == len(BODIES)
    assert {each["url"]["raw"] for each in requests if "auth" in each} == {
        "{{api}}/in/:tenant/:uri",
        "{{api}}/v1/health",
        "{{api}}/v1/openapi.json",
    }


def test_a_run_of_the_collection_finds_each_thing_made_and_takes_away_at_its_end_alone() -> None:
    collection = json.loads((docs.DOCS / "hookline.postman_collection.json").read_text())
    given = {"api", "key", "endpoint", "event", "event_type", "uri"}
    for folder in collection["item"]:
        for each in folder["item"]:
            before, after = (_scripts(each, when) for when in ("prerequest", "test"))
            made = given | set(re.findall(r'collectionVariables.set\("(\w+)"', before))
            used = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(each["request"])))
            assert used <= made, each["name"]
            given = made | set(re.findall(r'collectionVariables.set\("(\w+)"', after))
            assert "pm.expect(pm.response.code" in after
            takes_away = (
                each["request"]["method"] == "DELETE" and "v1" in each["request"]["url"]["path"]
            )
            assert not takes_away or folder["name"] == "clean up"
    assert collection["item"][-1]["name"] == "clean up"


def _scripts(item: dict[str, Any], when: str) -> str:
    return "\n".join(
        line for each in item["event"] if each["listen"] == when for line in each["script"]["exec"]
    )


def page() -> str:
    return (Path(docs.DOCS) / "api.md").read_text(encoding="utf-8")
