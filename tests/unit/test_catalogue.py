"""The event-type catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from hookline.domain.event.catalogue import EventType, event_type_of
from hookline.errors import FieldError, Rejected
from tests.builders import NOW, TENANT

SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def an_entry(event_type: str = "flow.executed", **document: Any) -> EventType:
    return event_type_of(document, TENANT, event_type, NOW)


def errors_of(event_type: str = "flow.executed", **document: Any) -> list[FieldError]:
    with pytest.raises(Rejected) as caught:
        an_entry(event_type, **document)
    return list(caught.value.errors)


def test_an_entry_needs_nothing_but_its_type() -> None:
    assert an_entry() == EventType(tenant=TENANT, type="flow.executed", updated_at=NOW)


def test_an_entry_has_all_that_it_is_given() -> None:
    entry = an_entry(
        description="A flow ran.\nWell.", example={"name": "x"}, schema=SCHEMA, archived=True
    )
    assert (entry.description, entry.example) == ("A flow ran.\nWell.", {"name": "x"})
    assert (entry.schema, entry.archived) == (SCHEMA, True)


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        ({"description": 3}, "description", "must be a string"),
        ({"description": "x" * 2_001}, "description", "2000"),
        ({"archived": "yes"}, "archived", "true or false"),
        ({"colour": "red"}, "colour", "is not a known field"),
        ({"example": "x" * 65_536}, "example", "not be larger than 65536"),
        ({"schema": "string"}, "schema", "must be an object"),
        ({"schema": {"items": {"$ref": "http://x"}}}, "schema.items.$ref", "only references"),
        ({"schema": SCHEMA, "example": {"name": 1}}, "example.name", "must be of type string"),
        ({"schema": SCHEMA, "example": {}}, "example", 'must have the field "name"'),
    ],
)
def test_a_bad_entry_is_refused_by_field(
    document: dict[str, Any], field: str, message: str
) -> None:
    (error,) = errors_of(**document)
    assert error.field == field
    assert message in error.message


@pytest.mark.parametrize("event_type", ["", "a b", "hookline.mine"])
def test_a_bad_type_is_refused(event_type: str) -> None:
    assert [error.field for error in errors_of(event_type)] == ["type"]


def test_all_errors_come_at_once() -> None:
    found = errors_of("a b", description=1, schema=[], extra=1)
    assert {error.field for error in found} == {"type", "description", "schema", "extra"}


def test_data_is_checked_where_there_is_a_schema() -> None:
    entry = an_entry(schema=SCHEMA)
    assert entry.problems({"name": "x"}) == []
    assert entry.problems({"name": 1}) == [FieldError("data.name", "must be of type string")]
    assert entry.problems(None) == [FieldError("data", "must be of type object")]


def test_without_a_schema_anything_goes() -> None:
    assert an_entry().problems({"any": "thing"}) == ()
