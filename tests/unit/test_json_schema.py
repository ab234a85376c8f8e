"""JSON Schemas and data checked against them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.sandbox.json_schema import (
    MAX_ERRORS,
    MAX_SEARCHES,
    MAX_STEPS,
    InvalidSchema,
    check_data,
    check_schema,
)
from hookline.domain.sandbox.pattern_cost import longest_text
from hookline.errors import FieldError
from tests.effort import Effort

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


def lists_in_lists(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def doubling(levels: int) -> dict[str, Any]:
    """A schema that says the same 2 ** levels times."""
    definitions: dict[str, Any] = {"d0": {"not": {"type": "string"}}}
    for level in range(1, levels):
        twice = [{"$ref": f"#/$defs/d{level - 1}"}] * 2
        definitions[f"d{level}"] = {"allOf": twice}
    return {"$defs": definitions, "$ref": f"#/$defs/d{levels - 1}"}


def test_data_that_follows_its_schema_has_no_errors() -> None:
    check_schema(FLOW)
    data = {"name": "night-run", "rows": 3, "steps": [{"id": "a", "steps": [{"id": "b"}]}]}
    assert check_data(FLOW, data) == []


def test_every_error_is_named_by_its_field() -> None:
    data = {"name": "Night", "rows": -1, "steps": [{"id": 1}, {}, {}], "more": 1}
    assert set(check_data(FLOW, data, "data")) == {
        FieldError("data", "Additional properties are not allowed ('more' was unexpected)"),
        FieldError("data.name", "does not match ^[a-z]+(-[a-z]+)*$"),
        FieldError("data.rows", "-1 is less than the minimum of 0"),
        FieldError("data.steps", "holds an item twice"),
        FieldError("data.steps.0.id", "1 is not of type 'string'"),
    }
    assert check_data(FLOW, None, "data") == [FieldError("data", "None is not of type 'object'")]


def test_errors_are_short_and_not_too_many() -> None:
    errors = check_data({"items": {"type": "string"}}, [["x" * 1_000]] * 100, "data")
    assert len(errors) == MAX_ERRORS
    assert all(len(error.message) <= 201 for error in errors)


@pytest.mark.parametrize(
    ("schema", "message", "path"),
    [
        (None, "must be an object", ""),
        (True, "must be an object", ""),
        ([], "must be an object", ""),
        ({"type": "text"}, "'text' is not valid", "type"),
        (
            {"properties": {"a": {"minLength": -1}}},
            "less than the minimum",
            "properties.a.minLength",
        ),
        ({"$ref": "https://example.com/s.json"}, "only references within", "$ref"),
        ({"items": {"$ref": "file:///etc/passwd"}}, "only references within", "items.$ref"),
        ({"items": {"$ref": "other.json#/a"}}, "only references within", "items.$ref"),
        ({"$ref": "#/$defs/missing"}, "the schema has no", ""),
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
        ({"items": {"pattern": "(a+)+$"}}, "a repetition within a repetition", "items.pattern"),
        (nested(32), "must not nest deeper than 32", ".".join(["not"] * 32)),
        ({"description": "x" * 33_000}, "must not be larger than 32768 bytes", ""),
        (doubling(18), "more than 100000 steps", ""),
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


HOSTILE: dict[str, tuple[dict[str, Any], Any]] = {
    "doubling": (doubling(25), 1),
    "doubling by choices": (
        {
            "$defs": {
                "a": {"items": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}},
            },
            "$ref": "#/$defs/a",
        },
        lists_in_lists(60),
    ),
    "every pair": ({"uniqueItems": True}, [{"n": number} for number in range(5_000)]),
    "a pattern for each of many": (
        {"items": {"pattern": "|".join(f"[a-z{number}]" for number in range(40)) + "|a"}},
        ["a"] * 20_000,
    ),
    "a large number": ({"multipleOf": 0.1}, 10**308 * 9),
}


@pytest.mark.parametrize(("schema", "data"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_pair_of_schema_and_data_is_little_work(
    schema: dict[str, Any], data: Any
) -> None:
    with Effort(most=50 * MAX_STEPS):  # counted: at most 33 a step
        errors = check_data(schema, data, "data")
    assert all(error.field == "data" for error in errors)


def test_a_large_value_is_quoted_by_as_many_messages_as_its_size_allows() -> None:
    class Counted(str):
        __slots__ = ()
        quoted = 0

        def __repr__(self) -> str:
            Counted.quoted += len(self)
            return super().__repr__()

    text = Counted("x" * 200_000)
    (error,) = check_data({"anyOf": [{"type": "string"}] * 1_000}, [text], "data")
    assert error.message == f"it takes more than {MAX_STEPS} steps to check"
    assert 0 < Counted.quoted <= MAX_STEPS * 1_000


@pytest.mark.parametrize("pattern", ["^a*a*a*$", "a*a*a*b"])
def test_a_text_longer_than_its_pattern_allows_is_not_searched(pattern: str) -> None:
    longest = longest_text(pattern)
    (searched,) = check_data({"pattern": pattern}, "a" * (longest - 1) + "!")
    (refused,) = check_data({"pattern": pattern}, "a" * longest + "!")
    assert searched.message.startswith("does not match")
    assert refused.message.startswith(f"must not be longer than {longest} characters")


def test_only_so_many_texts_are_searched_as_long_as_their_patterns_allow() -> None:
    patterns = [f"(?:ab)*[{number}x]c" for number in range(2 * MAX_SEARCHES)]
    schema = {"not": {"anyOf": [{"pattern": pattern} for pattern in patterns]}}
    text = "ab" * (longest_text(patterns[0]) // 2)
    (error,) = check_data(schema, text, "data")
    assert error == FieldError("data", "it takes too long to match all its texts against patterns")
    assert check_data(schema, text[: len(text) // 2]) == []  # a quarter of the work each
    assert check_data({"items": schema}, ["abab"] * 100) == []


def test_a_pattern_saved_under_other_rules_is_an_error_of_the_data() -> None:
    (error,) = check_data({"properties": {"a": {"pattern": "(a+)+$"}}}, {"a": "a"}, "data")
    assert error.field == "data"
    assert error.message.startswith("the pattern (a+)+$: a repetition within a repetition")


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
