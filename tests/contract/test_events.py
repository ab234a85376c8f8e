"""The port `Events`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.event.event import Actor, Event, Pristine
from hookline.domain.ids import EventId, TenantId, WebhookId
from tests.builders import EVENT_ID, NOW, TENANT, an_event
from tests.contract.ports import RETENTION, Ports

EVERYTHING = an_event(
    type="Flow.Executed:v2",
    occurred_at=NOW - timedelta(hours=1),
    actor=Actor("u-1", "Ada"),
    project="website",
    environment="prod",
    entity_id="flow-7",
    entity_type="flow",
    entity_url="https://example.com/flow/7",
    entity={"name": "nightly", "nested": [{"a": [1, 2.5, None, True, ""]}]},
    data={"big": 123456789012345678901234567890123456789012345678, "text": "\u00fc\U0001f600\x00"},
    previous_data=[1, 2],
    tags=["a", "b"],
    feature={"id": "f1", "name": "sale", "strategies": {"": {"enabled": True}}},
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    target=WebhookId("wh_01JDA0000000000000000000AA"),
    test=True,
)


@pytest.mark.parametrize(
    "event",
    [
        an_event(),
        EVERYTHING,
        an_event(actor=Actor("u-1"), data=False, entity=0, previous_data="", tags=[]),
        an_event(pristine=Pristine(b'{"a": 1}\n', "application/json")),
        an_event(pristine=Pristine(b"\xff\xfe\x00", "application/octet-stream")),
    ],
    ids=["least", "everything", "empty values", "text body", "binary body"],
)
def test_an_accepted_event_reads_as_it_was_accepted(ports: Ports, event: Event) -> None:
    assert ports.events.accept(event)
    assert ports.events.get(event.tenant, event.id) == event


def test_data_may_be_nested_deeper_than_native_maps_go(ports: Ports) -> None:
    nested: object = "core"
    for _ in range(64):
        nested = {"deeper": nested}
    ports.events.accept(an_event(data=nested))
    stored = ports.events.get(TENANT, EVENT_ID)
    assert stored is not None
    assert stored.data == nested


def test_the_same_id_is_accepted_once(ports: Ports) -> None:
    event = an_event()
    assert ports.events.accept(event)
    assert not ports.events.accept(replace(event, data={"other": True}))
    assert ports.events.get(TENANT, EVENT_ID) == event


def test_the_very_same_event_again_is_a_duplicate_too(ports: Ports) -> None:
    assert ports.events.accept(an_event())
    assert not ports.events.accept(an_event())


def test_tenants_do_not_share_ids(ports: Ports) -> None:
    assert ports.events.accept(an_event())
    assert ports.events.accept(an_event(tenant=TenantId("globex")))
    assert ports.events.get(TenantId("initech"), EVENT_ID) is None


def test_an_expired_event_is_gone_and_its_id_free(ports: Ports) -> None:
    ports.events.accept(an_event())
    ports.clock.advance(RETENTION)
    assert ports.events.get(TENANT, EVENT_ID) is None
    again = an_event(accepted_at=ports.clock(), data="again")
    assert ports.events.accept(again)
    assert ports.events.get(TENANT, EVENT_ID) == again


def test_an_event_lives_until_its_retention_ends(ports: Ports) -> None:
    ports.events.accept(an_event())
    ports.clock.advance(RETENTION - timedelta(seconds=1))
    assert not ports.events.accept(an_event())
    assert ports.events.get(TENANT, EventId(EVENT_ID)) is not None
