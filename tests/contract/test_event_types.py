"""One suite for the port `EventTypes`: DynamoDB's store (on moto) and the one in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.dynamo.event.event_types import DynamoEventTypes
from hookline.domain.event.catalogue import EventType
from hookline.domain.ids import TenantId
from hookline.ports.events import EventTypes
from tests.builders import NOW, TENANT
from tests.engine.event_types import InMemoryEventTypes
from tests.worlds.resources import create_tables, table_name

OTHER_TENANT = TenantId("globex")


def an_entry(**overrides: Any) -> EventType:
    values: dict[str, Any] = {"tenant": TENANT, "type": "flow.executed", "updated_at": NOW}
    return EventType(**(values | overrides))


EVERYTHING = an_entry(
    description="A flow ran.\nWell.",
    example={"rows": [1, 2.5, None, "é"]},
    schema={"type": "object"},
    archived=True,
)


@pytest.fixture(params=["memory", "aws"])
def types(request: pytest.FixtureRequest) -> EventTypes:
    if request.param == "memory":
        return InMemoryEventTypes()
    client = request.getfixturevalue("dynamodb")
    create_tables(client, "event-types")
    return DynamoEventTypes(client, table_name("event-types"))


@pytest.mark.parametrize("entry", [an_entry(), EVERYTHING], ids=["little", "everything"])
def test_an_entry_reads_as_it_was_put_for_its_tenant_alone(
    types: EventTypes, entry: EventType
) -> None:
    types.put(an_entry(description="before"))
    types.put(entry)
    assert types.get(TENANT, entry.type) == entry
    assert types.get(OTHER_TENANT, entry.type) is None


def test_entries_page_by_name_without_gap_or_repeat(types: EventTypes) -> None:
    made = [an_entry(type=name) for name in ("a", "a.b", "b", "c:d")]
    for entry in [*reversed(made), an_entry(tenant=OTHER_TENANT)]:
        types.put(entry)
    first, place = types.page(TENANT, 3, None)
    second, end = types.page(TENANT, 3, place)
    assert [*first, *second] == made
    assert end is None


@pytest.mark.parametrize("before", [an_entry(), EVERYTHING], ids=["little", "everything"])
def test_an_entry_is_replaced_where_it_stands_and_once_more_is_no_harm(
    types: EventTypes, before: EventType
) -> None:
    types.put(before)
    after = replace(before, description="new", updated_at=NOW + timedelta(seconds=1))
    assert types.replace(before, after)
    assert types.replace(before, after)
    assert types.get(TENANT, before.type) == after


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "theirs"},
        {"example": None},
        {"schema": {"type": "array"}},
        {"archived": False},
        {"updated_at": NOW + timedelta(milliseconds=1)},
    ],
)
def test_an_entry_that_somebody_else_changed_is_not_replaced(
    types: EventTypes, changes: dict[str, Any]
) -> None:
    theirs = replace(EVERYTHING, **changes)
    types.put(theirs)
    assert not types.replace(EVERYTHING, replace(EVERYTHING, description="mine"))
    assert types.get(TENANT, theirs.type) == theirs


def test_an_entry_that_is_gone_is_not_replaced(types: EventTypes) -> None:
    assert not types.replace(EVERYTHING, replace(EVERYTHING, description="mine"))
    assert types.get(TENANT, EVERYTHING.type) is None


def test_a_deleted_entry_is_gone(types: EventTypes) -> None:
    types.put(an_entry())
    assert types.delete(TENANT, "flow.executed")
    assert not types.delete(TENANT, "flow.executed")
    assert types.get(TENANT, "flow.executed") is None
