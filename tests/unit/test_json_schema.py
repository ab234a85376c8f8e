"""JSON Schemas and data checked against them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.sandbox.json_schema import MAX_ERRORS, InvalidSchema, check_data, check_schema
from hookline.errors import FieldError
from tests.unit.schemas import doubling

FLOW = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
        "rows": {"$ref": "#/$defs/count"},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "uniqueItems": True},
    },
    "additionalProperties": False,
    "$defs": {
        "count": {"type": "integer", "minimum": 0},
        "step": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "steps": {"$ref": "#/properties/steps"}},
        },
    },
}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


def test_data_that_follows_its_schema_has_no_errors() -> None:
    check_schema(FLOW)
    data = {"name": "night-run", "rows": 3, "steps": [{"id": "a", "steps": [{"id": "b"}]}]}
    assert check_data(FLOW, data) == []


def test_every_error_is_named_by_its_field() -> None:
    data = {"name": "Night", "rows": -1, "steps": [{"id": 1}, {}, {}], "more": 1}
    assert set(check_data(FLOW, data, "data")) == {
        FieldError("data", 'must not have the field "more"'),
        FieldError("data.name", "does not match ^[a-z]+(-[a-z]+)*$"),
        FieldError("data.rows", "must be at least 0"),
        FieldError("data.steps", "holds an item twice"),
        FieldError("data.steps.0.id", "must be of type string"),
    }
    assert check_data(FLOW, None, "data") == [FieldError("data", "must be of type object")]


def test_errors_are_short_and_not_too_many() -> None:
    errors = check_data({"items": {"type": "string"}}, [["x" * 1_000]] * 100, "data")
    assert len(errors) == MAX_ERRORS + 1
    assert errors[-1] == FieldError("data", "breaks more than 20 rules")
    exactly = check_data({"items": {"type": "string"}}, [1] * MAX_ERRORS, "data")
    assert len(exactly) == MAX_ERRORS
    assert all(len(error.message) <= 201 for error in errors)


@pytest.mark.parametrize(
    ("schema", "message", "path"),
    [
        (None, "must be an object", ""),
        (True, "must be an object", ""),
        ([], "must be an object", ""),
        ({"type": "text"}, "must match one of", "type"),
        (
            {"properties": {"a": {"minLength": -1}}},
            "must be at least 0",
            "properties.a.minLength",
        ),
        ({"$ref": "https://example.com/s.json"}, "only references within", "$ref"),
        ({"items": {"$ref": "file:///etc/passwd"}}, "only references within", "items.$ref"),
        ({"items": {"$ref": "other.json#/a"}}, "only references within", "items.$ref"),
        ({"$ref": "#/$defs/missing"}, "the schema has no", "$ref"),
        ({"$ref": "#/default", "default": {"type": "string"}}, "the schema has no", "$ref"),
        ({"$ref": "#/properties", "properties": {"a": {}}}, "the schema has no", "$ref"),
        ({"not": {"$ref": "#/%64efault"}, "default": {}}, "the schema has no", "not.$ref"),
        ({"$ref": "#a", "default": {"$anchor": "a"}}, "the schema has no", "$ref"),
        ({"$ref": "#"}, "refers to itself without end", ""),
        ({"$id": "https://example.com/"}, "$id is not supported", "$id"),
        ({"not": {"$schema": "x"}}, "$schema is not supported", "not.$schema"),
        ({"patternProperties": {"a": {}}}, "is not supported", "patternProperties"),
        ({"unevaluatedProperties": False}, "is not supported", "unevaluatedProperties"),
        (
            {"properties": {"properties": {"patternProperties": {}}}},
            "is not supported",
            "properties.properties.patternProperties",
        ),
        ({"pattern": "("}, "not a regular expression", "pattern"),
        ({"items": {"pattern": "(?=a)"}}, "must not look ahead", "items.pattern"),
        ({"items": {"pattern": r"(a)\1"}}, "back-reference", "items.pattern"),
        ({"pattern": r"\pL{300}"}, "too large", "pattern"),
        ({"pattern": "a{1001}"}, "more than 1000 times", "pattern"),
        (nested(32), "must not nest deeper than 32", ".".join(["not"] * 32)),
        ({"description": "x" * 33_000}, "must not be larger than 32768 bytes", ""),
        (doubling(18), "more than 30000 steps", ""),
    ],
)
def test_a_schema_that_cannot_be_checked_against_is_refused(
    schema: object, message: str, path: str
) -> None:
    with pytest.raises(InvalidSchema) as caught:
        check_schema(schema)
    assert message in caught.value.message
    assert caught.value.path == path


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"pattern": {"type": "string"}, "$id": {}, "patternProperties": {}}},
        {"enum": [{"$ref": "x", "pattern": "("}], "default": {"$id": 1}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}},
        {"required": ["a"], "minProperties": 1},
        nested(30),
    ],
)
def test_a_schema_with_odd_names_in_harmless_places_passes(schema: dict[str, Any]) -> None:
    check_schema(schema)
    assert len(check_data(schema, {"a": 1})) <= 1


PATTERNS = [
    (r"^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)$", "10.0.255.1", "10.0.256.1"),
    (r"^(GET|POST)(,(GET|POST))*$", "GET,POST,GET", "GET,"),
    (r"^(\d+\.)*\d+$", "1.22.3", "1..2"),
    (r"(a+)+$", "aaa", "aab"),
    (r"^[\u0041-\u005a\u00e9]+$", "AZé", "a"),
    (r"^\ud83d\ude00\u{1f601}$", "😀😁", "😀"),
    (r"^\\u0041$", r"\u0041", "A"),
    (r"^\cJ$", "\n", "J"),
    (r"^(?<year>\d{4})-\d\d$", "2026-11", "26-11"),
    ("^a$", "a", "a\n"),
]


@pytest.mark.parametrize(("pattern", "right", "wrong"), PATTERNS)
def test_a_pattern_means_what_the_schema_says(pattern: str, right: str, wrong: str) -> None:
    check_schema({"pattern": pattern})
    assert check_data({"pattern": pattern}, right) == []
    assert check_data({"pattern": pattern}, wrong) == [FieldError("", f"does not match {pattern}")]


def test_a_pattern_saved_under_other_rules_is_an_error_of_the_data() -> None:
    (error,) = check_data({"properties": {"a": {"pattern": "(?=a)"}}}, {"a": "a"}, "data")
    assert error.field == "data"
    assert error.message.startswith("the pattern (?=a): must not look ahead")


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=3) | st.just(1.0),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=12,
)

schemas = st.recursive(
    st.sampled_from(
        [{"type": "string"}, {"type": ["null", "array"]}, {"minimum": 1}, {"const": 1}, {},
         {"pattern": "^a+b?$"}, {"uniqueItems": True}, {"maxLength": 2}, {"enum": ["a", 1]}]
    ),
    lambda inner: st.one_of(
        inner.map(lambda schema: {"items": schema}),
        inner.map(lambda schema: {"not": schema}),
        inner.map(lambda schema: {"properties": {"a": schema}, "required": ["b"]}),
        inner.map(lambda schema: {"contains": schema}),
        st.lists(inner, min_size=1, max_size=3).map(lambda several: {"anyOf": several}),
        st.lists(inner, min_size=1, max_size=3).map(lambda several: {"oneOf": several}),
    ),
    max_leaves=5,
)  # fmt: skip


@given(schemas, plain)
def test_bounded_checks_agree_with_the_library(schema: dict[str, Any], data: object) -> None:
    check_schema(schema)
    agreed = jsonschema.Draft202012Validator(schema).is_valid(data)
    assert (check_data(schema, data) == []) == agreed
