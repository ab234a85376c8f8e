"""docs/webhooks.md: each example of it is run, and comes to what the page says."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from hookline.domain.delivery.backoff import wait_after
from hookline.domain.webhook.webhook import RetryPolicy
from tests.builders import NOW, a_delivery, a_health, a_webhook
from tests.engine.system import System
from tests.worlds.client import Client
from tests.worlds.stack import Stack
from tests.worlds.template import ROOT

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
NO_JITTER = 0.5
UNREACHABLE = "http://127.0.0.1:1024/"
"""A port that is refused: what would have been sent stands in the attempt."""


def block(kind: str) -> Any:
    """The JSON of the page's one block of a kind."""
    (text,) = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return json.loads(text)


def table(head: str) -> list[list[str]]:
    """The rows under a head, each cell without the backticks around it."""
    rows = PAGE.partition(f"\n| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[_bare(cell) for cell in re.split(r" \| ", row.strip("| "))] for row in rows]


def _bare(cell: str) -> str:
    cell = cell.strip()
    if cell.startswith("`` "):
        return cell[3:-3].strip()
    return re.sub(r"^(`+)(.*?)\1$", r"\2", cell)


EVENT = block("json")


@pytest.fixture
def attempt(client: Client, stack: Stack) -> dict[str, Any]:
    """The first call about the event, as the log has it."""
    hook = client.a_webhook(url=UNREACHABLE, events=["order.*"])["id"]
    client.made("/events", EVENT)
    stack.deliver()
    (delivery,) = client("GET", f"/webhooks/{hook}/deliveries").json["items"]
    shown = client("GET", f"/webhooks/{hook}/deliveries/{delivery['id']}").json
    return {"hook": hook, **shown["attempts"][0]["request"]}


def test_the_default_body_is_the_pages(client: Client, attempt: dict[str, Any]) -> None:
    said = block("json body") | {"tenant": client.tenant, "webhook_id": attempt["hook"]}
    sent = json.loads(attempt["body"])
    assert sent == said
    assert list(sent) == list(said)


def test_the_headers_of_a_call_are_the_pages(attempt: dict[str, Any]) -> None:
    ours = {name.lower() for name, _ in table("header | is")}
    of_http = {"host", "content-length", "accept-encoding", "connection", "accept"}
    assert {name.lower() for name in attempt["headers"]} - of_http == ours


@pytest.mark.parametrize("language", ["Mustache", "Handlebars"])
def test_each_template_prints_what_the_page_says(client: Client, language: str) -> None:
    rows = table(f"{language}, for `application/json` | prints")
    assert len(rows) >= 3
    for template, prints in rows:
        answer = client(
            "POST",
            "/templates/preview",
            {
                "template": template,
                "template_language": language.lower(),
                "event": EVENT,
                "webhook": {"name": "orders"},
            },
        )
        assert (answer.status, answer.json["body"]) == (200, prints), template
        assert answer.json["valid"] is True, template


def test_each_filter_matches_as_the_page_says(client: Client) -> None:
    rows = table("filter | called")
    assert len(rows) >= 10
    expected = {}
    for text, called in rows:
        made = client.a_webhook(events=["order.*"], filter=text)
        expected[made["id"]] = (text, called == "yes")
    found = client("POST", "/events/dry-run", EVENT).json["items"]
    assert {each["webhook_id"]: each["matched"] for each in found} == {
        hook: matched for hook, (_, matched) in expected.items()
    }, expected


def test_a_feature_is_as_active_as_the_page_says(client: Client) -> None:
    event = {
        "type": "flag.changed",
        "feature": {"id": "f1", "name": "sales", "strategies": block("json strategies")},
    }
    rows = table("context | `{{event.feature.active}}`")
    assert len(rows) == 4
    for context, active in rows:
        webhook = {"name": "shop"} | ({} if context == "empty" else {"context": context})
        asked = {"template": "{{event.feature.active}}", "content_type": "text/plain"}
        answer = client("POST", "/templates/preview", asked | {"event": event, "webhook": webhook})
        assert answer.json["body"] == active, context


def test_the_time_line_of_retries_is_the_default_policys() -> None:
    since = timedelta()
    for attempt, waits, total in table("attempt | after a wait of | since the first"):
        wait = wait_after(RetryPolicy(), int(attempt) - 1, NO_JITTER)
        since += wait
        assert (waits, total) == (_said(wait), _said(since))


def _said(wait: timedelta) -> str:
    minutes, seconds = divmod(round(wait.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min {seconds} s"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def test_operational_events_have_the_data_that_the_page_lists() -> None:
    system = System()
    system.webhook(events=("hookline.*",))
    system.tell.created(a_webhook(), NOW)
    system.tell.updated(a_webhook(version=2), NOW)
    system.tell.deleted(a_webhook(version=3), NOW)
    system.tell.disabled(a_webhook(version=4), "the endpoint answered 410", NOW)
    system.tell.circuit_opened(a_health(version=1))
    system.tell.circuit_closed(a_health(version=2))
    system.tell.deliveries_failed([a_delivery(generation=1)])
    told = [[event.type, " ".join(event.data)] for event in system.stream]  # type: ignore[arg-type]  # an object
    assert table("type | data") == told
    assert {event.entity_type for event in system.stream} == {"webhook"}


def test_asking_twice_and_editing_side_by_side_are_answered_as_the_page_says(
    client: Client,
) -> None:
    document = {"name": "orders", "url": "https://example.com/hook", "events": ["order.*"]}
    key = {"idempotency-key": "k1"}
    first = client("POST", "/webhooks", document, headers=key)
    again = client("POST", "/webhooks", document, headers=key)
    other = client("POST", "/webhooks", document | {"name": "other"}, headers=key)
    at = f"/webhooks/{first.json['id']}"
    read = client("GET", at)
    edits = [
        client("PATCH", at, {"description": text}, headers={"if-match": '"1"'}) for text in "ab"
    ]
    said = [answer for _, answer in table("request | answer")]
    replies = [first, again, other, read, *edits]
    assert [text.split(",")[0].split()[0] for text in said] == [str(one.status) for one in replies]
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [one.json["code"] for one in (other, edits[1])] == [
        *re.findall(r"`([a-z]+(?:_[a-z]+)+)`", " ".join(said))
    ]
    assert [one.headers["ETag"] for one in (read, edits[0])] == ['"1"', '"2"']
