"""Which edits let a webhook hear more: none may pass for a harmless one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.event.patterns import matches
from hookline.domain.fan_out.matching import Interest, Matched, explain
from hookline.domain.webhook.hearing import hears_more
from hookline.domain.webhook.webhook import Scope
from tests.builders import a_webhook, an_event

P, Q = frozenset({"p"}), frozenset({"p", "q"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"events": ("flow.created",)}, {"events": ("flow.*",)}),
        ({"events": ("flow.*",)}, {"events": ("flow.*", "order.paid")}),
        ({"events": ("*",)}, {"events": ("*", "hookline.*")}),
        ({"events": ("hookline.webhook.created",)}, {"events": ("hookline.webhook.*",)}),
        ({"scope": Scope(projects=P)}, {"scope": Scope(projects=Q)}),
        ({"scope": Scope(projects=P)}, {"scope": Scope()}),
        ({"scope": Scope(projects=P)}, {"scope": Scope(projects=P, entities=P)}),
        ({"scope": Scope(projects=P)}, {"scope": Scope(entities=P)}),
        ({"scope": Scope(environments=P)}, {"scope": Scope(environments=Q)}),
        ({"scope": Scope(environments=P)}, {"scope": Scope()}),
        ({"filter": "data.a"}, {"filter": None}),
        ({"filter": "data.a"}, {"filter": "data.b"}),
        ({"context": "a"}, {"context": "b"}),
        ({"context": None}, {"context": "b"}),
        ({"user": "a"}, {"user": None}),
        ({"include_entity": False}, {"include_entity": True}),
    ],
)
def test_this_is_more(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert hears_more(a_webhook(**before), a_webhook(**after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"name": "renamed", "url": "https://example.net", "enabled": False}),
        ({"events": ("*",)}, {"events": ("flow.*", "order.paid")}),
        ({"events": ("flow.*", "a")}, {"events": ("a", "flow.x", "flow.x.*")}),
        ({"scope": Scope()}, {"scope": Scope(projects=Q, entities=P, environments=P)}),
        ({"scope": Scope(projects=Q)}, {"scope": Scope(projects=P, environments=P)}),
        ({"filter": None}, {"filter": "data.b"}),
        ({"include_entity": True}, {"include_entity": False}),
    ],
)
def test_this_is_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert not hears_more(a_webhook(**before), a_webhook(**after))


TYPES = ["flow.created", "flow.run.failed", "order.paid", "hookline.webhook.created"]
PATTERNS = ["*", "flow.*", "flow.run.*", "hookline.*", "hookline.webhook.*", *TYPES]
NAMES = st.frozensets(st.sampled_from("ab"))
WEBHOOKS = st.builds(
    a_webhook,
    events=st.lists(st.sampled_from(PATTERNS), min_size=1, unique=True).map(tuple),
    scope=st.builds(Scope, projects=NAMES, entities=NAMES, environments=NAMES),
    filter=st.sampled_from([None, "data"]),
)
EVENTS = st.builds(
    an_event,
    type=st.sampled_from(TYPES),
    project=st.sampled_from([None, "a", "b"]),
    entity_id=st.sampled_from([None, "a", "b"]),
    environment=st.sampled_from([None, "a", "b"]),
    data=st.sampled_from([None, {"x": 1}]),
)


@given(before=WEBHOOKS, after=WEBHOOKS, event=EVENTS)
def test_an_event_that_reaches_it_after_an_edit_only_is_always_more(
    before: Any, after: Any, event: Any
) -> None:
    after = replace(after, context=before.context, user=before.user)
    heard_before = isinstance(explain(event, Interest.of_webhook(before)), Matched)
    heard_after = isinstance(explain(event, Interest.of_webhook(after)), Matched)
    if heard_after and not heard_before:
        assert hears_more(before, after)


def test_the_patterns_tried_here_match_something() -> None:
    assert all(any(matches(pattern, each) for each in TYPES) for pattern in PATTERNS)
