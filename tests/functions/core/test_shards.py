"""The whole stack over a step of the shards: all is found, and no call is made twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hookline.adapters.dynamo.table.attributes import from_wire
from hookline.domain.fan_out.fan_out import FanOutTask, Stretch, claim_of
from hookline.domain.ids import EventId
from hookline.domain.lease import LEASE
from hookline.domain.shards import Shards
from hookline.domain.times import iso
from hookline.ports.events import Bookmark
from tests.builders import MINUTE, NOW, TENANT, a_match, an_event
from tests.contract.http.endpoints import OK, Endpoint, Peer, answering
from tests.engine.clock import FakeClock
from tests.functions.core.conftest import asking, example
from tests.functions.core.test_sender import FAILING
from tests.worlds.client import Client
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack, a_stack, stream_event

STEP = (NOW + timedelta(hours=2)).replace(second=0)
LIST = f"1,4@{STEP:%Y-%m-%dT%H:%MZ}"
EACH = 12
"""Events on either side."""


@pytest.fixture
def stack() -> Iterator[Stack]:
    with a_stack(FakeClock(NOW), KeyShards=LIST) as stack:
        yield stack


def publish(stack: Stack, count: int) -> list[str]:
    """Events a second apart, by their ids."""
    made = []
    for number in range(count):
        event = {"type": "flow.executed", "id": f"order-{stack.clock():%H%M}-{number}"}
        made.append(str(stack.acme.made("/events", event)["id"]))
        stack.clock.advance(timedelta(seconds=1))
    return made


def over_the_step(stack: Stack, count: int = EACH) -> Iterator[list[str]]:
    """Both sides of the step, one after the other."""
    stack.clock.now = STEP - MINUTE
    yield publish(stack, count)
    stack.clock.now = STEP
    yield publish(stack, count)


def listed(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client("GET", path, query={"limit": "5", **query, **cursor}).json
        found += page["items"]
        if not page.get("next_cursor"):
            return found
        cursor = {"cursor": page["next_cursor"]}


def calls(endpoint: Endpoint) -> Counter[str]:
    return Counter(request.headers["webhook-id"] for request in endpoint.requests)


def logs(stack: Stack) -> set[str]:
    items = stack.dynamodb.scan(TableName=table_name("deliveries"))["Items"]
    return {str(from_wire(item)["log"]).rpartition("#")[2] for item in items}


def test_every_event_is_called_once_and_all_lists_show_it(stack: Stack) -> None:
    with answering(OK) as endpoint:
        webhook = stack.acme.a_webhook(url=f"http://127.0.0.1:{endpoint.port}/hook")["id"]
        events: list[str] = []
        for some in over_the_step(stack):
            events += some
            stack.deliver()
        # The stream hands out all of it once more, to functions of after the step.
        stack.fan_out_again()
        stack.deliver()
        assert calls(endpoint) == Counter(events)
    assert logs(stack) > {"0"}
    newest_first = events[::-1]
    path = f"/webhooks/{webhook}/deliveries"
    deliveries = listed(stack.acme, path)
    assert [each["event_id"] for each in deliveries] == newest_first
    assert {each["status"] for each in deliveries} == {"success"}
    for each in deliveries:
        assert stack.acme("GET", f"{path}/{each['id']}").status == 200
    only = {"since": iso(STEP - MINUTE), "until": iso(STEP + timedelta(seconds=3))}
    assert [each["event_id"] for each in listed(stack.acme, path, **only)] == newest_first[-15:]
    assert [each["id"] for each in listed(stack.acme, "/events")] == newest_first
    for event in events:
        (of_event,) = listed(stack.acme, f"/events/{event}/deliveries")
        assert of_event["status"] == "success"
        (why,) = stack.acme("GET", f"/events/{event}/why").json["items"]
        assert why["outcome"] == "delivered"


def test_the_sweep_mends_what_was_lost_on_either_side(stack: Stack) -> None:
    webhook = stack.acme.a_webhook()["id"]
    events: list[str] = []
    for some in over_the_step(stack):
        events += some
        stack._fan_out_new()
        assert len(stack.bodies("deliveries")) == EACH
    # A crash right after the claim left every third without its delivery.
    table = table_name("deliveries")
    for item in stack.dynamodb.scan(TableName=table)["Items"][::3]:
        key = {"log": item["log"], "id": item["id"]}
        stack.dynamodb.delete_item(TableName=table, Key=key)
    stack.clock.advance(LEASE)
    for _ in range(2):
        stack.clock.advance(MINUTE)
        assert stack.schedule()
    assert len(listed(stack.acme, f"/webhooks/{webhook}/deliveries")) == len(events)
    assert asking(stack) == len(events)


def test_what_failed_is_recovered_and_redriven_on_both_sides(stack: Stack) -> None:
    answers = [FAILING]

    def behave(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            endpoint.requests.append(request)
            peer.send(answers[-1])

    with Endpoint(behave) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/hook"
        webhook = stack.acme.a_webhook(url=url, retry={"max_attempts": 1})["id"]
        events: list[str] = []
        for some in over_the_step(stack, 4):
            events += some
            stack.deliver()
        letters = stack.bodies("dead-letters")
        assert len(letters) == len(events)
        path = f"/webhooks/{webhook}"
        assert len(listed(stack.acme, f"{path}/deliveries", status="failed")) == len(events)
        answers.append(OK)
        endpoint.requests.clear()
        for letter in letters[::3]:
            stack.sqs.send_message(QueueUrl=stack.queues["deliveries"], MessageBody=letter)
        stack.deliver()
        assert sum(calls(endpoint).values()) == len(letters[::3])
        stack.clock.advance(timedelta(seconds=1))
        span = {"since": iso(STEP - timedelta(hours=1)), "until": iso(STEP + MINUTE)}
        assert stack.acme.made(f"{path}/recover", span)["matched"] == len(events) - 3
        stack.clock.advance(MINUTE)
        assert stack.schedule()
        stack.deliver()
        assert listed(stack.acme, f"{path}/deliveries", status="failed") == []
        # Some of the messages are to be seen a little later.
        assert set(calls(endpoint).values()) == {1}
        assert len(endpoint.requests) + asking(stack) == len(events)


def test_what_waits_on_its_webhook_goes_on_when_it_is_switched_on(stack: Stack) -> None:
    with answering(OK) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/hook"
        webhook = stack.acme.a_webhook(url=url)["id"]
        events: list[str] = []
        for some in over_the_step(stack):
            events += some
            stack._fan_out_new()
            if len(events) > EACH:
                reply = stack.acme("PATCH", f"/webhooks/{webhook}", {"enabled": False})
                assert reply.status == 200
        stack.deliver()
        assert not endpoint.requests
        stack.acme("PATCH", f"/webhooks/{webhook}", {"enabled": True})
        for _ in range(2):
            stack.deliver()
            stack.clock.advance(MINUTE)
            assert stack.schedule()
        assert calls(endpoint) == Counter(events)


# -- a step that lies in the past, deployed past what checks it -----------------------------------


def deploy(stack: Stack, shards: str) -> None:
    stack.overrides["KEY_SHARDS"] = shards
    for built in ("api", "stores"):
        stack.__dict__.pop(built, None)


IN_THE_PAST = "1,4@2026-11-01T00:00Z"


@pytest.mark.parametrize(("was", "is_now"), [("1", IN_THE_PAST), (IN_THE_PAST, "1")])
def test_another_past_creates_nothing_twice_and_what_was_goes_on_once_it_is_mended(
    stack: Stack, was: str, is_now: str
) -> None:
    deploy(stack, was)
    stack.acme.a_webhook()
    events = publish(stack, EACH)
    stack._fan_out_new()
    assert len(stack.bodies("deliveries")) == EACH
    table = table_name("deliveries")
    before = stack.dynamodb.scan(TableName=table)["Items"]
    stack.clock.advance(LEASE + MINUTE)

    deploy(stack, is_now)
    again = stream_event(stack.dynamodb.scan(TableName=table_name("events"))["Items"])
    assert len(stack.fan_out(again, "run-again")) == len(events)
    stack.schedule()
    assert stack.acme("GET", "/events").status == 503
    assert stack.dynamodb.scan(TableName=table)["Items"] == before
    assert (stack.bodies("deliveries"), asking(stack)) == ([], 0)

    deploy(stack, was)
    assert stack.fan_out(again, "run-again") == []
    assert stack.schedule()
    assert asking(stack) == len(events)


@pytest.mark.parametrize(("was", "is_now"), [("1", IN_THE_PAST), (IN_THE_PAST, "1")])
def test_a_large_fan_out_of_another_past_is_not_taken_for_an_expired_one(
    stack: Stack, was: str, is_now: str
) -> None:
    deploy(stack, was)
    in_four = Shards.parse(IN_THE_PAST)
    elsewhere = next(f"large-{n}" for n in range(9) if in_four.of(f"large-{n}", NOW))
    stack.client(TENANT)
    stack.stores.events.accept(an_event(id=EventId(elsewhere), accepted_at=NOW))
    event = stack.stores.events.get(TENANT, EventId(elsewhere))
    assert event is not None
    fan_out = claim_of(event, Stretch((), None, finished=False), "run-1", NOW)
    assert stack.stores.fan_outs.claim(fan_out)
    stack.stores.fan_outs.extend(fan_out, Stretch((a_match(),), None, finished=True))
    chunk = (event.accepted_at, event.id, 1)
    reached = Bookmark(NOW + MINUTE, EventId(""), aside=(chunk,))
    assert stack.stores.bookmarks.move(TENANT, None, reached)
    step = example("fanout_step")
    step["Records"][0]["body"] = FanOutTask(TENANT, event.id, event.accepted_at, 1).message()
    stack.clock.advance(LEASE + 2 * MINUTE)

    deploy(stack, is_now)
    assert stack.fan_out(step) == [step["Records"][0]["messageId"]]
    stack.schedule()
    assert stack.stores.bookmarks.get(TENANT) == reached

    deploy(stack, was)
    assert stack.schedule()
    assert stack.stores.bookmarks.get(TENANT) == replace(reached, aside=())
    assert len(stack.dynamodb.scan(TableName=table_name("deliveries"))["Items"]) == 1
