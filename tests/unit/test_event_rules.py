"""Every field of an event has at least one value that is refused, by its path and with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hookline.domain.documents.kinds import Text
from hookline.domain.documents.shape import Object, Shape
from hookline.domain.event.event import Actor, Event
from hookline.domain.event.fields import EventFields
from hookline.domain.event.rules import MAX_EVENT_BYTES, event_of
from hookline.domain.ids import EventId
from hookline.errors import Rejected, TooLarge
from tests.builders import NOW, TENANT

FRESH = EventId("evt_fresh")


def made(**fields: Any) -> Event:
    return event_of({"type": "flow.executed"} | fields, TENANT, NOW, FRESH)


def nested(levels: int) -> object:
    value: object = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"type": None}, "type", "required"),
    ({"type": "with space"}, "type", "letters"),
    ({"type": "x" * 129}, "type", "128"),
    ({"type": "hookline.webhook.created"}, "type", "platform"),
    ({"id": "a b"}, "id", "letters"),
    ({"id": "x" * 65}, "id", "64"),
    ({"id": 7}, "id", "string"),
    ({"id": "op_0123456789abcdef0123456789abcdef01234567"}, "id", "platform"),
    ({"id": "op_"}, "id", "platform"),
    ({"occurred_at": "yesterday"}, "occurred_at", "ISO 8601"),
    ({"occurred_at": "2026-11-22T13:00:00"}, "occurred_at", "must name its zone"),
    ({"occurred_at": 1_700_000_000}, "occurred_at", "ISO 8601"),
    ({"occurred_at": "0001-01-01T00:00:00+23:00"}, "occurred_at", "ISO 8601"),
    ({"actor": "me"}, "actor", "object"),
    ({"actor": {}}, "actor.id", "required"),
    ({"actor": {"id": "a", "mail": "x"}}, "actor.mail", "known"),
    ({"project": ""}, "project", "characters"),
    ({"environment": 1}, "environment", "string"),
    ({"entity_id": "a\nb"}, "entity_id", "control"),
    ({"entity_type": []}, "entity_type", "string"),
    ({"entity_url": "ftp://x.example"}, "entity_url", "http"),
    ({"entity_url": "https://[broken"}, "entity_url", "http"),
    ({"entity": nested(64)}, "entity", "64 levels"),
    ({"data": nested(64)}, "data", "64 levels"),
    ({"previous_data": nested(64)}, "previous_data", "64 levels"),
    ({"tags": nested(64)}, "tags", "64 levels"),
    ({"feature": []}, "feature", "object"),
    ({"feature": {}}, "feature.id", "required"),
    ({"feature": {"id": "f", "strategies": []}}, "feature.strategies", "object"),
    ({"feature": {"id": "f", "strategies": {"a": 1}}}, "feature.strategies.a", "object"),
    ({"colour": "red"}, "colour", "known"),
]


@pytest.mark.parametrize(
    ("fields", "path", "reason"), REFUSED, ids=[f"{n}-{row[1]}" for n, row in enumerate(REFUSED)]
)
def test_a_refused_value_is_named_by_its_path(
    fields: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        made(**fields)
    errors = refusal.value.errors
    assert [error.field for error in errors] == [path]
    assert reason in errors[0].message


LINES = "two\nlines\tand \x07"
FREE = [
    "project", "environment", "entity_type",
    "actor.id", "actor.name", "feature.id", "feature.name",
]  # fmt: skip


def texts(shape: type[Shape], path: str = "") -> Iterator[tuple[str, Text]]:
    """The fields of an event that hold a text, those of its objects too."""
    for name, field in shape.fields.items():
        if isinstance(field.kind, Text):
            yield f"{path}{name}", field.kind
        elif isinstance(field.kind, Object):
            yield from texts(field.kind.shape, f"{path}{name}.")


def test_only_what_becomes_a_header_or_a_key_has_a_rule_for_its_characters() -> None:
    ruled = {path for path, kind in texts(EventFields) if kind.problem(LINES) is not None}
    assert ruled == {"type", "id", "entity_id", "entity_url"}
    assert {path for path, _ in texts(EventFields)} - ruled == set(FREE)


@pytest.mark.parametrize("path", FREE)
def test_free_text_of_many_lines_arrives_as_it_was_published(path: str) -> None:
    parent, _, name = path.rpartition(".")
    fields: dict[str, Any] = {parent: {"id": "i", name: LINES}} if parent else {name: LINES}
    assert LINES.encode("unicode_escape") in repr(made(**fields)).encode()


def test_an_event_is_just_what_its_publisher_told() -> None:
    event = made(
        id="my-1",
        occurred_at="2026-11-22T13:00:00.5+01:00",
        actor={"id": "u1", "name": "Ann"},
        data={"n": 1.5},
    )
    assert event == Event(
        tenant=TENANT,
        id=EventId("my-1"),
        type="flow.executed",
        accepted_at=NOW,
        occurred_at=datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC),
        actor=Actor("u1", "Ann"),
        data={"n": 1.5},
    )


def test_an_event_without_an_id_gets_a_fresh_one() -> None:
    assert made().id == FRESH


def test_sixty_four_levels_pass() -> None:
    assert made(data=nested(63)).data == nested(63)


def test_an_event_of_just_the_largest_size_passes_and_one_byte_more_does_not() -> None:
    shell = len('{"type":"flow.executed","data":""}')
    assert made(data="x" * (MAX_EVENT_BYTES - shell)).data
    with pytest.raises(TooLarge, match="262144"):
        made(data="x" * (MAX_EVENT_BYTES - shell + 1))


def test_the_size_counts_bytes_not_characters() -> None:
    with pytest.raises(TooLarge):
        made(data="é" * (MAX_EVENT_BYTES // 2))
