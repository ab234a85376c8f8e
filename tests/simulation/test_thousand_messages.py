"""A thousand messages in flight while the workers die: each is processed once per function."""

from __future__ import annotations

import json
from collections import Counter
from zlib import crc32

import pytest

from hookline.domain.inbound.message import Message, Outcome, Progress
from tests.builders import TENANT
from tests.engine.steps import Call, Moment
from tests.inbound_builders import LAMBDA_ARN
from tests.simulation.actors import Crash
from tests.simulation.inbound import InboundWorld
from tests.simulation.test_crashes import a_world
from tests.simulation.world import HOUR

MESSAGES = 1_000
EVERY = 397
"""One of so many calls of the workers is the last of its process: none kills all five tries."""

WORKERS = ("message_runs.", "configurations.", "provider_vault.", "seen_signatures.")
DOES = ("events.accept", "invocations.invoke")


class Deaths:
    """Kills the worker whose call it is, before or after it was made."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: Counter[str] = Counter()

    def __call__(self, call: Call, moment: Moment) -> None:
        if not call.name.startswith((*WORKERS, *DOES)):
            return
        self.calls += 1
        if crc32(str(self.calls).encode()) % EVERY == 0:
            self.at[f"{moment.value} {call.name}"] += 1
            raise Crash


@pytest.mark.slow
def test_of_a_thousand_messages_each_is_processed_once_per_function_however_workers_die() -> None:
    with a_world(InboundWorld) as world:
        assert isinstance(world, InboundWorld)
        forwards_to = world.webhook("forwards-to", events=["nothing.else"])
        provider = world.provider()
        world.function(provider, {"type": "publish", "event": {"type": "'git.push'"}})
        world.function(provider, {"type": "forward", "webhook_id": forwards_to})
        invoke = {"type": "invoke", "function_arn": LAMBDA_ARN}
        world.function(provider, invoke)
        world.function(provider, invoke, each="message.payload.items")
        world.mappings["inbound"].off = True
        for number in range(MESSAGES):
            world.receive(json.dumps({"number": number, "items": ["a", "b", "c"]}).encode())
        deaths = world.steps.hook = Deaths()
        world.mappings["inbound"].off = False
        world.run_for(2 * HOUR)
        found = messages(world)
        events = [event.id for event in world.engine.events_table.all()]
        delivered = Counter(each.key.webhook_id for each in world.deliveries)
        invoked = Counter(
            (str(told["message"]["id"]), told.get("element"))  # type: ignore[index] # a function's view
            for _, told in world.invoked.calls
        )
    assert sum(deaths.at.values()) > 50, deaths.at
    assert len(deaths.at) > 10, "workers died at every kind of call"
    assert len(found) == MESSAGES
    for message in found:
        assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED), message
        assert [run.status for run in message.executions] == [Progress.SUCCESS] * 4
    assert len(events) == len(set(events)) == 2 * MESSAGES, "one published and one forwarded each"
    assert delivered[forwards_to] == MESSAGES
    assert len(invoked) == 4 * MESSAGES, "none left out"
    again = sum(invoked.values()) - len(invoked)
    assert again <= sum(deaths.at.values()), "a death repeats what was under way, and no more"


def messages(world: InboundWorld) -> list[Message]:
    found, _ = world.messages.page(TENANT, 2 * MESSAGES)
    return list(found)
