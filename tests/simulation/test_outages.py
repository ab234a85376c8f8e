"""A service of AWS is down for an hour: what was accepted is delivered when it is back."""

from __future__ import annotations

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.errors import Unavailable
from tests.engine.steps import Call, Moment
from tests.simulation.accounts import account
from tests.simulation.scale import publish_steadily
from tests.simulation.test_crashes import a_world
from tests.simulation.world import HOUR, MINUTE, World

SQS = ("first_attempts", "retry_timers", "dead_letters", "stream_dead_letters", "fan_out_steps")
ELSEWHERE = (*SQS, "vault", "endpoint", "lambda")


def down(service: str, call: Call) -> bool:
    port = call.name.partition(".")[0]
    match service:
        case "KMS":
            return port == "vault"
        case "SQS":
            return port in SQS
        case _:
            return port not in ELSEWHERE


def take_down(world: World, service: str) -> None:
    def hook(call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE and down(service, call):
            raise Unavailable(f"{service} is down")

    world.steps.hook = hook
    for mapping in world.mappings.values():
        mapping.off = service == "SQS"


def bring_back(world: World) -> None:
    world.steps.hook = lambda _call, _moment: None
    for mapping in world.mappings.values():
        mapping.off = False


@pytest.mark.parametrize("service", ["KMS", "SQS", "DynamoDB"])
def test_an_hour_without_a_service_loses_nothing(service: str) -> None:
    with a_world() as world:
        for number in range(3):
            world.webhook(f"healthy-{number}")
        publish_steadily(world, "any", count=60, per_second=1 / 60)
        world.run_for(5 * MINUTE + 100 * MINUTE / 6000)
        take_down(world, service)
        world.run_for(HOUR)
        bring_back(world)
        world.run_for(HOUR)
        told = account(world)
        assert len(world.accepted) == 60
        assert told.statuses == {Status.SUCCESS: 180}
        assert not told.lost
        assert not world.stream.lost
