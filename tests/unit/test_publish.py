from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest

from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, TenantId
from hookline.errors import Conflict, FieldError, Rejected, TooManyRequests
from hookline.ports.events import Events
from hookline.services.event.publish import Accepted, Publish
from tests.builders import NOW, TENANT
from tests.engine.engine import Engine


class NoRules:
    def problems(self, event: Event) -> Sequence[FieldError]:
        return [FieldError("data.rows", "must be a number")] if event.type == "strict" else []


def publisher(engine: Engine, left: int = 1_000, events: Events | None = None) -> Publish:
    spent, numbers = [0], count(1)

    def quota(tenant: TenantId, events: int) -> None:
        spent[0] += events
        if spent[0] > left:
            raise TooManyRequests("Too many events.", 1)

    return Publish(
        events=events or engine.events,
        catalogue=NoRules(),
        quota=quota,
        clock=engine.clock,
        randomness=lambda size: next(numbers).to_bytes(size),
    )


def test_an_event_is_durable_once_it_is_accepted() -> None:
    engine = Engine()
    accepted = publisher(engine)(TENANT, {"type": "flow.executed", "id": "e-1", "data": {"a": 1}})
    assert accepted == Accepted("e-1", "flow.executed", duplicate=False)  # type: ignore[arg-type]  # a plain text for an id
    event = engine.events_table.get(TENANT, accepted.id)
    assert event is not None
    assert (event.data, event.accepted_at) == ({"a": 1}, NOW)


def test_an_event_without_an_id_is_given_one() -> None:
    accepted = publisher(Engine())(TENANT, {"type": "flow.executed"})
    assert accepted.id.startswith("evt_")


def test_the_same_id_again_is_a_duplicate_and_goes_out_once() -> None:
    engine = Engine()
    told: list[Event] = []
    engine.events_table.stream = told.append
    publish = publisher(engine)
    document = {"type": "flow.executed", "id": "e-1"}
    assert [publish(TENANT, document).duplicate for _ in range(3)] == [False, True, True]
    assert len(told) == 1


FULL: dict[str, object] = {
    "type": "flow.executed",
    "id": "e-1",
    "occurred_at": "2026-11-22T12:00:00Z",
    "actor": {"id": "u-1"},
    "project": "p",
    "environment": "prod",
    "entity_id": "flow-7",
    "entity_type": "flow",
    "entity_url": "https://example.com/7",
    "entity": {"a": 1, "b": 2},
    "data": {"paid": True, "n": 1},
    "previous_data": [1, 2],
    "tags": ["a"],
    "feature": {"id": "f-1"},
}

OTHER: dict[str, object] = {
    "type": "flow.failed",
    "occurred_at": "2026-11-22T13:00:00Z",
    "actor": {"id": "u-2"},
    "project": "q",
    "environment": "test",
    "entity_id": "flow-8",
    "entity_type": "job",
    "entity_url": "https://example.com/8",
    "entity": {"a": 1, "b": 3},
    "data": {"paid": 1, "n": 1},
    "previous_data": [2, 1],
    "tags": None,
    "feature": {"id": "f-2"},
}


@pytest.mark.parametrize("name", OTHER)
def test_an_id_with_other_content_is_a_conflict_that_names_what_differs(name: str) -> None:
    engine = Engine()
    publish = publisher(engine)
    publish(TENANT, FULL)
    with pytest.raises(Conflict, match=rf"e-1: it differs in {name}\.$"):
        publish(TENANT, FULL | {name: OTHER[name]})
    event = engine.events_table.get(TENANT, EventId("e-1"))
    assert event is not None
    assert event.type == "flow.executed"


def test_a_conflict_names_all_that_differs() -> None:
    publish = publisher(Engine())
    publish(TENANT, FULL)
    with pytest.raises(Conflict, match="differs in type, data"):
        publish(TENANT, FULL | {"type": "x", "data": None})


def test_an_event_published_again_in_another_order_of_keys_is_the_same() -> None:
    publish = publisher(Engine())
    publish(TENANT, FULL)
    again = FULL | {"entity": {"b": 2, "a": 1}}
    assert publish(TENANT, dict(reversed(again.items()))).duplicate


def test_an_event_published_again_in_another_trace_is_the_same() -> None:
    publish = publisher(Engine())
    publish(TENANT, FULL, traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    assert publish(TENANT, FULL).duplicate


def test_what_else_has_the_id_is_read_for_a_second_publication_alone() -> None:
    engine = Engine()
    reads: list[EventId] = []

    class Counting:
        def accept(self, event: Event) -> bool:
            return engine.events.accept(event)

        def get(self, tenant: TenantId, event_id: EventId) -> Event | None:
            reads.append(event_id)
            return engine.events.get(tenant, event_id)

    publish = publisher(engine, events=Counting())
    publish(TENANT, FULL)
    assert reads == []
    publish(TENANT, FULL)
    assert reads == ["e-1"]


@pytest.mark.parametrize(
    ("document", "field"),
    [({"type": "hookline.x"}, "type"), ({"type": "strict"}, "data.rows"), ({}, "type")],
)
def test_what_breaks_rules_is_rejected_and_not_kept(
    document: dict[str, object], field: str
) -> None:
    engine = Engine()
    with pytest.raises(Rejected) as rejected:
        publisher(engine)(TENANT, {"id": "e-1"} | document)
    assert [error.field for error in rejected.value.errors] == [field]
    assert engine.events_table.get(TENANT, EventId("e-1")) is None


def test_beyond_its_quota_a_tenant_is_refused() -> None:
    publish = publisher(Engine(), left=1)
    publish(TENANT, {"type": "flow.executed"})
    with pytest.raises(TooManyRequests):
        publish(TENANT, {"type": "flow.executed"})
