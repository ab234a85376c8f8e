"""Each preset's example in events/: from the gateway's event to an event of the tenant's."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from hookline.domain.inbound.message import Outcome, Progress
from tests.functions.inbound.conftest import World, example

CASES = {
    "github": "git/push",
    "gitlab": "git/push",
    "stripe": "stripe",
    "shopify": "shopify/orders",
    "standard-webhooks": "contacts",
    "bitbucket": "git/push",
    "jira": "jira",
}


@pytest.mark.parametrize(("preset", "uri"), CASES.items())
def test_an_example_is_verified_and_published(world: World, preset: str, uri: str) -> None:
    world.accept(preset, uri)
    event = example(preset, world.tenant)
    answer = world.call(event)
    assert answer["statusCode"] == 202
    assert world.work() == []
    (message,) = world.stored()
    assert json.loads(answer["body"])["id"] == message.id
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    published = message.executions[0].message.removeprefix("published ")
    stored = world.event(published)
    assert stored is not None
    assert (stored.type, stored.data) == ("third.party", json.loads(event["body"]))


# GitLab sends a token and signs nothing.
@pytest.mark.parametrize("preset", [preset for preset in CASES if preset != "gitlab"])
def test_an_example_with_one_byte_more_is_not_verified(world: World, preset: str) -> None:
    world.accept(preset, CASES[preset])
    event = example(preset, world.tenant)
    event["body"] += " "
    assert world.call(event)["statusCode"] == 202
    world.work()
    (message,) = world.stored()
    assert message.outcome is Outcome.NO_PROVIDER
    assert "signature" in message.passed_over[0].reason


@pytest.mark.parametrize("preset", ["stripe", "standard-webhooks"])
def test_a_timestamped_example_is_good_once(world: World, preset: str) -> None:
    world.accept(preset, CASES[preset])
    for _ in range(2):
        assert world.call(example(preset, world.tenant))["statusCode"] == 202
        world.time.now += timedelta(seconds=1)
        world.work()
    replay, first = world.stored()
    assert (first.outcome, replay.outcome) == (Outcome.MATCHED, Outcome.NO_PROVIDER)


def test_slacks_example_gets_its_challenge_back(world: World) -> None:
    world.accept("slack", "slack/events")
    answer = world.call(example("slack", world.tenant))
    challenge = json.loads(example("slack", world.tenant)["body"])["challenge"]
    assert (answer["statusCode"], answer["body"]) == (200, challenge)
    assert answer["headers"]["Content-Type"].startswith("text/plain")


class Context:
    """What Lambda tells of its own."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_the_entry_points_do_the_same(world: World) -> None:
    world.accept("github", "git/push")
    with world.stack.entry_point("InboundFunction") as receive:
        assert receive(example("github", world.tenant), None)["statusCode"] == 202
    records = world.queued()
    with world.stack.entry_point("InboundWorkerFunction") as work:
        assert work({"Records": records}, None) == {"batchItemFailures": []}
        assert work({"source": "aws.events"}, Context()) == {}
    (message,) = world.stored()
    assert (message.status, message.call.query) == (Progress.SUCCESS, {"projectId": ("123",)})
