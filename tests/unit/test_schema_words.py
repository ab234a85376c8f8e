"""What a schema has against data is said in words of ours, whatever keyword it is."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from hookline.domain.sandbox.json_schema import InvalidSchema, check_data, check_schema

WRONG: dict[str, tuple[Any, Any]] = {
    "$ref": ("#/$defs/text", 1),
    "additionalProperties": (False, {"a": 1}),
    "allOf": ([{"type": "string"}], 1),
    "anyOf": ([{"type": "string"}, {"type": "null"}], 1),
    "const": (1, 2),
    "contains": ({"const": 1}, [2]),
    "dependentRequired": ({"a": ["b"]}, {"a": 1}),
    "dependentSchemas": ({"a": {"required": ["b"]}}, {"a": 1}),
    "enum": ([1, 2], 3),
    "exclusiveMaximum": (1, 1),
    "exclusiveMinimum": (1, 1),
    "if": ({"type": "integer"}, 1),
    "items": ({"type": "string"}, [1]),
    "maxItems": (1, [1, 2]),
    "maxLength": (1, "ab"),
    "maxProperties": (0, {"a": 1}),
    "maximum": (1, 2),
    "minItems": (1, []),
    "minLength": (1, ""),
    "minProperties": (1, {}),
    "minimum": (1, 0),
    "multipleOf": (2, 3),
    "not": ({}, 1),
    "oneOf": ([{}, {}], 1),
    "pattern": ("^a$", "b"),
    "prefixItems": ([{"type": "string"}], [1]),
    "properties": ({"a": {"type": "string"}}, {"a": 1}),
    "propertyNames": ({"maxLength": 1}, {"ab": 1}),
    "required": (["a"], {}),
    "type": ("string", 1),
    "uniqueItems": (True, [1, 1]),
}
BESIDE = {"$defs": {"text": {"type": "string"}}, "then": {"type": "string"}}
NOT_SUPPORTED = {
    "$dynamicRef", "patternProperties", "unevaluatedItems", "unevaluatedProperties",
}  # fmt: skip
NEVER_WRONG = {"format"}
"""It is a note to readers, as the specification has it."""


def test_every_keyword_of_the_newest_draft_is_tried() -> None:
    keywords = set(jsonschema.Draft202012Validator.VALIDATORS)
    assert keywords == WRONG.keys() | NOT_SUPPORTED | NEVER_WRONG


@pytest.mark.parametrize("keyword", WRONG)
def test_no_error_of_data_has_the_words_of_the_library(keyword: str) -> None:
    value, data = WRONG[keyword]
    schema = BESIDE | {keyword: value}
    check_schema(schema)
    (told,) = check_data(schema, data, "data")
    (theirs,) = jsonschema.Draft202012Validator(schema).iter_errors(data)
    assert told.message != theirs.message
    assert told.message.startswith(("must ", "does not match ", "holds an item twice"))


@pytest.mark.parametrize("keyword", sorted(WRONG.keys() - {"enum", "const"}))
def test_no_error_of_a_schema_has_the_words_of_the_library(keyword: str) -> None:
    schema = {keyword: 0.5 if keyword != "multipleOf" else -1}
    if keyword in {"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"}:
        schema = {keyword: "one"}  # type: ignore[dict-item]  # wrong is what it is to be
    (theirs, *_) = jsonschema.Draft202012Validator(
        jsonschema.Draft202012Validator.META_SCHEMA
    ).iter_errors(schema)
    with pytest.raises(InvalidSchema) as refused:
        check_schema(schema)
    assert refused.value.message != theirs.message
    assert refused.value.message.startswith(("must ", "only references"))
