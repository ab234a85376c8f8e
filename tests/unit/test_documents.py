"""Declared shapes: what they read, and what they say of all that they refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from hookline.domain.documents.kinds import (
    Anything,
    Choice,
    Findings,
    Flag,
    Instant,
    Kind,
    ListOf,
    MapOf,
    Number,
    Text,
    Whole,
)
from hookline.domain.documents.shape import (
    Object,
    OneOf,
    Shape,
    defaulted,
    nested,
    optional,
    required,
)
from hookline.errors import Rejected


class Wheel(Shape):
    """A part."""

    size = required(Whole(10, 30), "In inches.")
    kind = defaulted(Choice("steel", "wood"), "steel", "What it is made of.")


class Bell(Shape):
    """Rings."""

    type = required(Choice("bell"), "Its type.")
    tone = optional(Text(1, 3), "Its sound.")


class Horn(Shape):
    """Blows."""

    type = required(Choice("horn"), "Its type.")


class Settings(Shape):
    """Has defaults alone."""

    fast = defaulted(Flag(), True, "How it goes.")


class Cart(Shape):
    """An example."""

    name = required(Text(1, 5), "Its name.")
    wheel = optional(Object(Wheel), "Its wheel.")
    spares = defaulted(ListOf(Object(Wheel), 0, 2), (), "More of them.")
    signal = optional(OneOf("type", {"bell": Bell, "horn": Horn}), "Its signal.")
    labels = defaulted(MapOf(Text(0, 3)), {}, "By name.")
    settings = nested(Settings, "How it is set.")
    class_ = optional(Text(1, 9), "A name that Python keeps for itself.")

    server_set = frozenset({"id"})
    not_here: ClassVar = {"colour": "carts have none"}


def broken(document: dict[str, Any]) -> dict[str, str]:
    findings = Findings()
    Cart.read(document, findings)
    return {each.field: each.message for each in findings.errors}


def test_a_shape_is_read_into_its_fields() -> None:
    cart = Cart.of(
        {
            "name": "red",
            "wheel": {"size": 20},
            "signal": {"type": "bell", "tone": "f"},
            "labels": {"a": "b", "gone": None},
            "class": "first",
        }
    )
    assert (cart.name, cart.spares, cart.labels, cart.class_) == ("red", (), {"a": "b"}, "first")
    assert cart.wheel is not None
    assert (cart.wheel.size, cart.wheel.kind) == (20, "steel")
    assert isinstance(cart.signal, Bell)
    assert cart.signal.tone == "f"
    assert cart.settings.fast


def test_null_stands_for_absent() -> None:
    document = dict.fromkeys(Cart.fields) | {"name": "red"}
    cart = Cart.of(document)
    assert (cart.wheel, cart.signal, cart.settings.fast) == (None, None, True)


def test_all_that_is_broken_is_named_at_once_by_its_path() -> None:
    assert broken(
        {
            "wheel": {"size": 9, "kind": "glass", "spoke": 1},
            "spares": [{"size": 10}, {}],
            "signal": {"type": "bell", "tone": "long"},
            "labels": {"a": "four"},
            "settings": 3,
            "id": "c",
            "colour": "red",
            "other": 1,
        }
    ) == {
        "name": "is required",
        "wheel.size": "must be from 10 to 30",
        "wheel.kind": "must be one of steel, wood",
        "wheel.spoke": "is not a known field",
        "spares.1.size": "is required",
        "signal.tone": "must have 1 to 3 characters",
        "labels.a": "must not have more than 3 characters",
        "settings": "must be an object",
        "id": "is set by the server",
        "colour": "carts have none",
        "other": "is not a known field",
    }


@pytest.mark.parametrize(
    ("signal", "field", "words"),
    [
        ({}, "signal.type", "is required"),
        ({"type": "drum"}, "signal.type", "must be one of bell, horn"),
        ({"type": ["bell"]}, "signal.type", "must be one of bell, horn"),
        ("bell", "signal", "must be an object"),
        ({"type": "horn", "tone": "f"}, "signal.tone", "is not a known field"),
    ],
)
def test_one_of_several_shapes_is_told_by_its_tag(signal: object, field: str, words: str) -> None:
    assert broken({"name": "red", "signal": signal}) == {field: words}


def test_a_broken_document_is_refused_with_all_of_it() -> None:
    with pytest.raises(Rejected) as refusal:
        Cart.of({"x": 1})
    assert [each.field for each in refusal.value.errors] == ["name", "x"]


ZONED = "must name its zone: end with Z or +hh:mm"
NO_TIME = "must be an ISO 8601 time such as 2026-11-22T12:00:00.000Z"


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (Text(1, 3), "abcd", "must have 1 to 3 characters"),
        (Text(1, 3), "", "must have 1 to 3 characters"),
        (Text(1, 3), 3, "must be a string"),
        (Text(0, 9, one_line=True), "a\nb", "must not hold control characters"),
        (Text(0, 9, one_line=True), "a\x9fb", "must not hold control characters"),
        (Text(1, 9, like=("a+", "must be all a")), "ab", "must be all a"),
        (Text(1, 9, like=("a+", "must be all a")), "a\n", "must be all a"),
        (Text(1, 9, also=lambda text: f"no {text}"), "x", "no x"),
        (Flag(), 1, "must be true or false"),
        (Number(0.5, 2), 0.4, "must be from 0.5 to 2"),
        (Number(0.5, 2), True, "must be a number"),
        (Number(0.5, 2), "1", "must be a number"),
        (Whole(1, 2), 1.0, "must be a whole number"),
        (Whole(1, 2), True, "must be a whole number"),
        (Whole(1, 2), 3, "must be from 1 to 2"),
        (Choice("a", "b"), None, "must be one of a, b"),
        (Choice("a", "b"), ["a"], "must be one of a, b"),
        (Instant(), "yesterday", NO_TIME),
        (Instant(), 3, NO_TIME),
        (Instant(), "0001-01-01T00:00:00+14:00", NO_TIME),
        (Instant(), "2026-11-22T12:00:00", ZONED),
        (Instant(), "2026-11-22", ZONED),
        (ListOf(Flag(), 0, 1), {}, "must be a list"),
        (ListOf(Flag(), 0, 1), [True, False], "must not have more than 1 items, but has 2"),
        (ListOf(Flag(), 1, 2), [], "must have at least one item"),
        (ListOf(Flag(), 2, 3), [True], "must have at least 2 items"),
        (ListOf(Text(1, 2), 1, 2), ["a", "a"], "is there twice"),
        (MapOf(Flag()), [], "must be an object"),
    ],
)
def test_what_is_refused_has_our_own_words(kind: Kind[Any], given: object, words: str) -> None:
    findings = Findings()
    kind.read(given, findings, "")
    assert [each.message for each in findings.errors] == [words]


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (Text(0, 9), "two\nlines", "two\nlines"),
        (Number(1, 2), 1, 1),
        (Number(1, 2), 1.5, 1.5),
        (Anything(), {"a": [None]}, {"a": [None]}),
        (Instant(), "2026-11-22T13:00:00.0009+01:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        (ListOf(Text(1, 2), 0, 3), ["a", "b"], ("a", "b")),
        (ListOf(Anything(), 0, 3), [{}, {}], ({}, {})),
    ],
)
def test_what_is_taken_is_a_plain_value(kind: Kind[Any], given: object, value: object) -> None:
    findings = Findings()
    assert kind.read(given, findings, "") == value
    assert findings.errors == []
