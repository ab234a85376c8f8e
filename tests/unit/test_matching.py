"""Whether an event is for a webhook."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.fan_out.matching import Interest, Matched, NotMatched, explain
from hookline.domain.webhook.webhook import Scope
from tests.builders import a_subscription, a_webhook, an_event


def an_interest(**overrides: Any) -> Interest:
    return Interest(**({"events": ("flow.*",)} | overrides))


def a_scope(**lists: list[str]) -> Scope:
    return Scope(**{name: frozenset(values) for name, values in lists.items()})


def test_an_event_of_a_subscribed_type_matches_and_says_by_which_pattern() -> None:
    interest = an_interest(events=("job.done", "flow.*"))
    assert explain(an_event(type="flow.executed"), interest) == Matched(
        "its events include flow.executed by flow.*"
    )


def test_an_event_of_another_type_does_not_match() -> None:
    assert explain(an_event(type="job.done"), an_interest()) == NotMatched(
        "its events do not include job.done", "type", {"type": "job.done"}
    )


def test_a_webhook_that_is_off_matches_nothing() -> None:
    interest = Interest.of_webhook(a_webhook(enabled=False))
    assert explain(an_event(), interest) == NotMatched("the webhook is off", "off")


def test_a_subscription_and_its_webhook_are_interested_in_the_same() -> None:
    scope = a_scope(projects=["shop"])
    webhook = a_webhook(events=("flow.*",), scope=scope, filter="data")
    subscription = a_subscription(pattern="flow.*", scope=scope, filter="data")
    assert Interest.of_webhook(webhook) == Interest.of_subscription(subscription)


@pytest.mark.parametrize(
    ("scope", "event", "matched"),
    [
        (a_scope(), {}, True),
        (a_scope(entities=["e"]), {"entity_id": "e"}, True),
        (a_scope(entities=["e"]), {"entity_id": "E"}, False),
        (a_scope(entities=["e"]), {"entity_id": None}, False),
        (a_scope(entities=["e"]), {"entity_id": None, "feature": {"id": "e"}}, True),
        (a_scope(entities=["e"]), {"entity_id": None, "feature": {"id": ["e"]}}, False),
        (a_scope(projects=["p"]), {"project": "p"}, True),
        (a_scope(projects=["p"]), {"project": None}, False),
        (a_scope(projects=["p"], entities=["e"]), {"project": "p", "entity_id": "x"}, True),
        (a_scope(projects=["p"], entities=["e"]), {"project": "x", "entity_id": "e"}, True),
        (a_scope(projects=["p"], entities=["e"]), {"project": "x", "entity_id": "x"}, False),
        (a_scope(environments=["prod"]), {"environment": "prod"}, True),
        (a_scope(environments=["prod"]), {"environment": "dev"}, False),
        (a_scope(environments=["prod"]), {"environment": None}, True),
        (a_scope(environments=["prod"], projects=["p"]), {"environment": "prod"}, False),
        (
            a_scope(environments=["prod"], projects=["p"]),
            {"environment": "dev", "project": "p"},
            False,
        ),
    ],
)
def test_scope_is_entity_or_project_and_environment(
    scope: Scope, event: dict[str, Any], matched: bool
) -> None:
    outcome = explain(an_event(**event), an_interest(scope=scope))
    assert isinstance(outcome, Matched) is matched


def test_what_stands_against_a_scope_is_named() -> None:
    outcome = explain(
        an_event(environment="dev"), an_interest(scope=a_scope(environments=["prod"]))
    )
    assert outcome == NotMatched(
        "its scope's environments do not list dev", "environment", {"environment": "dev"}
    )


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("data.rows > `10`", True),
        ("data.rows > `100`", False),
        ("actor.name", False),
        ("contains(entity_id, 'flow')", True),
        ("timestamp > '2020'", True),
        ("data.rows == `0` || `0`", True),
    ],
)
def test_a_filter_looks_at_the_event_and_counts_when_truthy(text: str, matched: bool) -> None:
    outcome = explain(an_event(), an_interest(filter=text))
    assert isinstance(outcome, Matched) is matched


def test_a_filter_that_fails_on_an_event_keeps_it_out_and_says_why() -> None:
    outcome = explain(an_event(), an_interest(filter="abs(type)"))
    assert outcome == NotMatched(
        "its filter fails: abs() takes number, not string",
        "filter",
        {"filter": "abs(type)"},
        failure="abs() takes number, not string",
    )


def test_a_filter_that_no_longer_compiles_keeps_the_event_out() -> None:
    outcome = explain(an_event(), an_interest(filter="a ||"))
    assert outcome == NotMatched(
        "its filter fails: The expression ends too early, at character 4",
        "filter",
        {"filter": "a ||"},
        failure="The expression ends too early, at character 4",
    )


names = st.sampled_from(["a", "b", "c"])
lists = st.frozensets(names)


@given(lists, lists, lists, *[st.none() | names] * 3)
def test_scope_is_its_boolean_formula(
    projects: frozenset[str],
    entities: frozenset[str],
    environments: frozenset[str],
    project: str | None,
    entity: str | None,
    environment: str | None,
) -> None:
    event = an_event(project=project, entity_id=entity, environment=environment)
    interest = an_interest(scope=Scope(projects, entities, environments))
    listed = (not projects and not entities) or project in projects or entity in entities
    there = not environments or environment is None or environment in environments
    assert isinstance(explain(event, interest), Matched) == (listed and there)
