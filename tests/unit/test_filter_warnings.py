"""Filters that are legal and can never hold: said when they are saved, and when they are tried."""

from __future__ import annotations

import pytest

from hookline.domain.event.event import event_document
from hookline.domain.event.filters import FIELDS, doubts_about
from hookline.domain.fan_out.matching import NOT_TRUE, Considered, sides_of_filter
from hookline.domain.sandbox.allowance import Allowance
from hookline.domain.sandbox.expressions import compile_expression, truthy
from tests.builders import an_event

DOUBTFUL = {
    'type == "order.paid"': 'no event has a field "order.paid"',
    '"order.paid" == type': 'no event has a field "order.paid"',
    "data.paid == true": "write `true`",
    "data.paid == false || project == shop": "write `false`",
    "event.data.x": "write data.x, not event.data.x",
    "!data.x": "Write !(a.b)",
    "(type == 'a').b": "Write !(a.b)",
    "!data.a.b.c": "Write !(a.b)",
    "project == 'p' && !data.x == 'y'": "Write !(a.b)",
    "!tags[]": "Write !(a.b)",
    "!tags[?@ == 'a']": "Write !(a.b)",
    "!data.*": "Write !(a.b)",
    "payload.active": 'no event has a field "payload"',
    "contains(tag, 'a')": 'no event has a field "tag"',
    "{a: dat}": 'no event has a field "dat"',
    "@.event.x": "write data.x, not event.data.x",
    "data.items[?paid == true]": "write `true`",
    "data.items[?paid != `null` && name != null].id": "write `null`",
    'data.items[?name == "x"]': "write 'x'",
    'data.items[].{a: name == "x"}': "write 'x'",
    'sort_by(data.items[?"x y" == name], &name)': "write 'x y'",
    'data.items[?starts_with(name, "a")]': "write 'a'",
    'data.*.x[] | [?contains(@, "a")]': "write 'a'",
    "'flow.created'": "looks at nothing of the event",
    "!(`1` == `2`) || `true`": "looks at nothing of the event",
}


@pytest.mark.parametrize(("text", "says"), DOUBTFUL.items(), ids=DOUBTFUL.keys())
def test_a_filter_that_can_never_hold_is_doubted(text: str, says: str) -> None:
    assert any(says in doubt for doubt in doubts_about(text))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "type == 'order.paid'",
        "data.paid == `true` && !(data.x) && !data",
        "!tags[0] && !tags[*].a && !tags[:2] && !(data.*)",
        "!contains(tags, 'a') || !(tags[?@ == 'a'])",
        "data.items[?price > `10`].name | [0]",
        "length(data.items[*].event) > `2` || contains(tags, 'a')",
        "sort_by(data.items, &price)[0].true",
        "data.*.x[] | [?nope]",
        "project == 'shop' || feature.strategies != feature.previous_strategies",
        "entity_id && entity_type && entity_url && entity && previous_data && actor.id && tenant",
        "timestamp > '2026' && environment != `null` || id",
        "data.items[?\"unit-price\" > `10` && true && a == b.\"c d\"]",
        "data.items[?contains(tags, name)].\"x y\" || not_null(@)",
    ],
)  # fmt: skip
def test_a_filter_that_can_hold_is_not(text: str | None) -> None:
    assert doubts_about(text) == ()


def test_the_fields_that_are_known_are_those_of_an_event() -> None:
    feature = {"id": "f", "strategies": {}}
    whole = an_event(
        feature=feature, tags=[], previous_data={}, entity={}, entity_type="t", project="p",
        environment="e", entity_url="https://example.com", actor=None,
    )  # fmt: skip
    assert set(event_document(whole)) | {"actor"} == FIELDS


def test_a_dry_run_shows_what_each_side_came_to() -> None:
    text = 'type == "order.paid" || data.rows > `100` || length(data.name) == `3`'
    event = Considered(an_event(), Allowance(1_000))
    assert not truthy(compile_expression(text).evaluate(event.document))
    shown = NOT_TRUE + sides_of_filter(event, text)
    assert shown == (
        'its filter is not true for the event: "flow.executed" == null, 12 > 100, 7 == 3'
    )


def test_a_side_that_fails_says_so_and_a_long_one_is_cut() -> None:
    event = Considered(an_event(data={"name": "x" * 1_000, "rows": 1}))
    shown = sides_of_filter(event, "abs(data.name) == `1` || data.name == 'y'")
    assert "(abs() takes number, not string) == 1" in shown
    assert f'"{"x" * 99}… == "y"' in shown
