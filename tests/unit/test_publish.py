from __future__ import annotations

from collections.abc import Sequence

import pytest

from hookline.domain.event.event import Event
from hookline.domain.ids import EventId, TenantId
from hookline.errors import FieldError, Rejected, TooManyRequests
from hookline.services.event.publish import Accepted, Publish
from tests.builders import NOW, TENANT
from tests.engine.engine import Engine


class NoRules:
    def problems(self, event: Event) -> Sequence[FieldError]:
        return [FieldError("data.rows", "must be a number")] if event.type == "strict" else []


def publisher(engine: Engine, left: int = 1_000) -> Publish:
    spent = [0]

    def quota(tenant: TenantId, events: int) -> None:
        spent[0] += events
        if spent[0] > left:
            raise TooManyRequests("Too many events.", 1)

    return Publish(
        events=engine.events,
        catalogue=NoRules(),
        quota=quota,
        clock=engine.clock,
        randomness=lambda size: b"5" * size,
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
