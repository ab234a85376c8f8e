"""What a sender sends again under an id of its own: one event, whoever comes to publish it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookline.domain.inbound.message import Execution, Progress
from tests.functions.inbound.conftest import World, example

OTHER = {"body": json.dumps({"ref": "another"}), "isBase64Encoded": False}


def executions(world: World, *changes: dict[str, Any], waits: bool) -> list[Execution]:
    """Of one call of GitHub's delivery after the other, each with its changes."""
    event = {"type": "'git.push'", "id": 'message.headers."x-github-delivery"'}
    world.add_function(
        {
            "name": "publish",
            "provider_id": world.add_provider(
                {
                    "name": "anybody",
                    "match": {"expression": "`true`"},
                    "verify": {"type": "none"},
                }
            ),
            "uri": "git/push",
            "action": {"type": "publish", "event": event | {"data": "message.payload"}},
        }
    )
    call = example("github", world.tenant)
    call["headers"] |= {"flex-sync-webhook": "true"} if waits else {}
    for each in changes:
        world.call(call | each)
        assert world.work() == []
    return [run for message in reversed(world.stored()) for run in message.executions]


@pytest.mark.parametrize("waits", [False, True], ids=["later", "in sync"])
def test_a_delivery_that_its_sender_repeats_publishes_its_event_once(
    world: World, waits: bool
) -> None:
    first, again = executions(world, {}, {}, waits=waits)
    assert (first.status, again.status) == (Progress.SUCCESS, Progress.SUCCESS)
    assert again.message == f"{first.message} again"


@pytest.mark.parametrize("waits", [False, True], ids=["later", "in sync"])
def test_other_content_under_an_id_that_was_published_fails_and_says_so(
    world: World, waits: bool
) -> None:
    first, other = executions(world, {}, OTHER, waits=waits)
    assert (first.status, other.status) == (Progress.SUCCESS, Progress.FAILED)
    assert "it differs in data" in other.message
