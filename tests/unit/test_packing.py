"""Texts stored compressed: only where a unit is saved, as few as do, and read as if plain."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sizes import item_bytes
from hookline.adapters.dynamo.table.attributes import Foreign, from_wire, to_wire
from hookline.adapters.dynamo.table.packing import (
    UNIT,
    Packed,
    packed,
    unpacked,
    weight,
    write_units,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=900)
VALUES = st.recursive(
    TEXTS | st.integers(-(10**9), 10**9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner),
    max_leaves=8,
)
REPETITIVE = '{"sku":"sku-00001","quantity":1},' * 40


def is_packed(value: object) -> bool:
    return isinstance(value, Packed)


@given(st.dictionaries(st.sampled_from(["data", "entity", "id", "map"]), VALUES))
def test_whatever_the_item_it_is_equal_and_packed_only_where_it_takes_less(
    item: dict[str, Any],
) -> None:
    small = packed(item, "data", "entity", "map.a", "map.b.*")
    assert small == item
    if small is not item and any(map(is_packed, small.values())):
        assert write_units(weight(small)) < write_units(weight(item))
    for name in ("data", "entity"):
        if isinstance(item.get(name), str):
            assert from_wire(to_wire(small))[name] == item[name]


@given(st.dictionaries(st.text("abc", min_size=1), VALUES))
def test_an_item_is_weighed_as_dynamodb_bills_it(item: dict[str, Any]) -> None:
    # What a number takes AWS tells "approximately": it may be a byte less than we reckon with.
    numbers = repr(to_wire(item)).count("'N'")
    assert abs(weight(item) - item_bytes(to_wire(item))) <= numbers


def test_an_item_of_one_unit_is_left_as_it_is() -> None:
    item = {"data": REPETITIVE[: UNIT - 4]}
    assert packed(item, "data") is item


def test_a_text_that_saves_no_unit_stays_plain() -> None:
    item = {"data": REPETITIVE[:900], "entity": "ü" * 150, "rest": "x" * 2_200}
    small = packed(item, "entity")
    assert small == item
    assert not any(map(is_packed, small.values()))


def test_no_more_texts_are_packed_than_save_units() -> None:
    item = {"data": REPETITIVE, "entity": "abcdef" * 30}
    small = packed(item, "data", "entity")
    assert is_packed(small["data"])
    assert not is_packed(small["entity"])
    assert weight(small) <= UNIT


def test_texts_inside_maps_and_lists_are_found_and_the_item_itself_is_not_changed() -> None:
    item: dict[str, Any] = {
        "runs": [{"logs": "short"}, {"logs": REPETITIVE}],
        "last": {"body": REPETITIVE},
    }
    small = packed(item, "runs.*.logs", "last.body", "last.gone.body", "runs.logs")
    assert is_packed(small["runs"][1]["logs"])
    assert is_packed(small["last"]["body"])
    assert not is_packed(item["last"]["body"])
    assert small == item


def test_what_is_packed_is_a_gzip_file_of_the_text() -> None:
    (value,) = to_wire(packed({"data": REPETITIVE}, "data")).values()
    assert gzip.decompress(value["B"]).decode() == REPETITIVE


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"nonsense",
        Packed(REPETITIVE).content[:-1],
        Packed(REPETITIVE).content + b"more",
        gzip.compress(b"\xff"),
        gzip.compress(b"0" * 3_000_000),
    ],
    ids=["empty", "nonsense", "cut", "longer", "no text", "a bomb"],
)
def test_what_is_no_packed_text_is_a_value_that_is_not_ours(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpacked(broken)
    assert from_wire({"data": {"B": broken}}) == {"data": Foreign("B")}
