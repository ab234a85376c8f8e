"""JSON Schemas and data checked against them."""

from __future__ import annotations

from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.sandbox.json_schema import (
    MAX_ERRORS,
    InvalidSchema,
    check_data,
    check_schema,
)
from hookline.domain.sandbox.metered_schema import MAX_STEPS
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


MOVES = 40 * MAX_STEPS
"""Of Python's in one check, counted: some 30 a step at worst, in 7 us."""


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


WHOLE: dict[str, dict[str, Any]] = {
    "a field for each of very many names": {
        "type": "object",
        "properties": {f"field_{number}": {"type": "string"} for number in range(900)},
        "required": [f"field_{number}" for number in range(300)],
    },
    "fields of which nothing is known": {
        "properties": {f"f{number}": {} for number in range(2_700)}
    },
    "a choice of very many": {"anyOf": [{"const": number} for number in range(2_000)]},
    "a shape for each of many kinds": {
        "oneOf": [
            {"properties": {"type": {"const": f"kind-{number}"}}, "required": ["type"]}
            for number in range(450)
        ]
    },
    "the same definition, very often": {
        "$defs": {"name": {"type": "string", "minLength": 1}},
        "properties": {f"f{number}": {"$ref": "#/$defs/name"} for number in range(1_000)},
    },
    "one definition after the other": {
        "$defs": {
            f"d{number}": {"properties": {"next": {"$ref": f"#/$defs/d{(number + 1) % 400}"}}}
            for number in range(400)
        },
        "$ref": "#/$defs/d0",
    },
}


@pytest.mark.parametrize("schema", WHOLE.values(), ids=WHOLE.keys())
def test_a_harmless_schema_of_nearly_the_largest_size_is_saved(schema: dict[str, Any]) -> None:
    with Effort(most=3 * MOVES):
        check_schema(schema)
    assert len(check_data(schema, {"type": "kind-7"}, "data")) <= MAX_ERRORS + 1


def alike(schema: object, times: int) -> dict[str, Any]:
    return {"not": {"allOf": [schema] * times}}


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
    "every pair, often": (alike({"uniqueItems": True}, 900), [[item] for item in range(20_000)]),
    "a pattern for each of many": (
        {"items": {"pattern": "|".join(f"[a-z{number}]" for number in range(40)) + "|a"}},
        ["a"] * 20_000,
    ),
    "a choice of many for each of many": (
        {"items": {"enum": list(range(6_500))}}, list(range(7_000, 15_000)),
    ),
    "empty schemas for many": ({"items": {}}, [0] * 120_000),
    "true for many, often": (alike({"items": True}, 1_500), [0] * 120_000),
    "one that matches among many, often": (alike({"contains": False}, 900), [0] * 120_000),
    "many properties of many": (
        {"items": {"properties": {f"p{number}": {} for number in range(2_000)}}}, [{}] * 60_000,
    ),
    "many that each of many depends on": (
        {"items": {"not": {"dependentRequired": {"a": [str(number) for number in range(4_000)]}}}},
        [{"a": 1, **{str(number): 0 for number in range(4_000)}}] * 20,
    ),
    "many names": (alike({"propertyNames": {}}, 900), {str(number): 0 for number in range(20_000)}),
    "a large number": ({"multipleOf": 0.1}, 10**308 * 9),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "data"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_pair_of_schema_and_data_is_little_work(
    schema: dict[str, Any], data: Any
) -> None:
    with Effort(most=MOVES):
        errors = check_data(schema, data, "data")
    assert len(errors) <= MAX_ERRORS + 1


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
    assert 0 < Counted.quoted <= MAX_STEPS * 64


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


def test_only_so_many_characters_are_searched_for_as_large_a_pattern() -> None:
    schema = {"items": {"pattern": "(a|b|c|d|e|f){1000}x"}}
    (error,) = check_data(schema, ["a" * 20_000], "data")
    assert error == FieldError("data", "it takes too long to match all its texts against patterns")
    assert check_data(schema, ["f" * 1000 + "x"]) == []


def test_only_so_many_large_patterns_are_compiled() -> None:
    patterns = [rf"\pL{{40}}{number}" for number in range(20)]
    with pytest.raises(InvalidSchema, match="too large together"):
        check_schema({"anyOf": [{"pattern": pattern} for pattern in patterns]})


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


WIDE = (1, 3, 40, 700)
MANY = (0, 1, 50, 3_000, 40_000)


def heavy_schema(chance: Random, levels: int) -> Any:
    """A schema that says costly things, often."""
    times = chance.choice(WIDE[: 4 - levels])
    if levels:
        inner = heavy_schema(chance, levels - 1)
        one = chance.choice(["items", "contains", "not", "additionalProperties", "propertyNames"])
        several = chance.choice(["allOf", "anyOf", "oneOf"])
        return chance.choice([{one: inner}, {several: [inner] * times}])
    names = [str(number) for number in range(times)]
    return chance.choice(
        [{}, True, False, {"uniqueItems": True}, {"type": ["null", "string"]}, {"$ref": "#"},
         {"pattern": "(a|b){90}x"}, {"const": ["a"] * 300}, {"enum": [[name] for name in names]},
         {"required": names}, {"dependentRequired": {"0": names}},
         {"properties": {name: {} for name in names}}]
    )  # fmt: skip


def large_data(chance: Random) -> Any:
    times = chance.choice(MANY)
    one = chance.choice([0, "a", [0], {}, {"0": 1}, "ab" * 90])
    names = [str(number) for number in range(times)]
    return chance.choice([[one] * times, names, dict.fromkeys(names, 0), "a" * times])


@pytest.mark.parametrize("seed", range(80))
def test_whatever_schema_and_data_are_a_check_is_bounded_work(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret
    schema = heavy_schema(chance, chance.randrange(4))
    whole = {"$defs": {"it": schema}, "allOf": [schema]}
    with Effort(most=3 * MOVES):
        try:
            check_schema(whole)
        except InvalidSchema:
            return
    with Effort(most=MOVES):
        check_data(whole, large_data(chance), "data")
