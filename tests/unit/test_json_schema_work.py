"""Whatever schema and data are, a check is bounded work."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from hookline.domain.sandbox.json_schema import MAX_ERRORS, InvalidSchema, check_data, check_schema
from hookline.domain.sandbox.metered_schema import MAX_STEPS
from hookline.errors import FieldError
from tests.effort import Effort
from tests.unit.schemas import doubling

MOVES = 40 * MAX_STEPS
"""Of Python's in one check, counted: some 30 a step at worst, in 7 us."""


def lists_in_lists(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


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


def test_only_so_many_characters_are_searched_for_as_large_a_pattern() -> None:
    schema = {"items": {"pattern": "(a|b|c|d|e|f){1000}x"}}
    (error,) = check_data(schema, ["a" * 20_000], "data")
    assert error == FieldError("data", "it takes too long to match all its texts against patterns")
    assert check_data(schema, ["f" * 1000 + "x"]) == []


def test_only_so_many_large_patterns_are_compiled() -> None:
    patterns = [rf"\pL{{40}}{number}" for number in range(20)]
    with pytest.raises(InvalidSchema, match="too large together"):
        check_schema({"anyOf": [{"pattern": pattern} for pattern in patterns]})


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
