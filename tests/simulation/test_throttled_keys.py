"""What DynamoDB refuses of one tenant's keys, at any read or write, is felt by that tenant alone.

Stories are told as in `test_faults`, another tenant beside them: its deliveries come when they
come without any fault, the story's end as they should, and no call is made twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

import pytest

from hookline.domain.lease import LEASE
from tests.simulation.accounts import account
from tests.simulation.faults import OUTAGE
from tests.simulation.stories import STORIES
from tests.simulation.test_crashes import ROUNDS
from tests.simulation.test_faults import ELSEWHERE, calls_of, every_call
from tests.simulation.throttled_keys import Refused, Strangers, with_strangers
from tests.simulation.world import SECOND, World

NO_TENANTS_KEY = (
    *("first_attempts.", "retry_timers.", "more_", "dead_letters.", "stream_dead_letters."),
    *("fan_out_steps.", "tenants.page"),
    *("inbound_queue.", "vault.", "provider_vault.", "invocations."),
    *("due.on_the_clock", "health.with_waiting", "recover_jobs.running"),
    "pending_messages.pending",
)
"""Queues, the key, functions, and what is read of all tenants at once."""

KEYED = sorted(
    call for call in every_call() - ELSEWHERE.keys() if not call.startswith(NO_TENANTS_KEY)
)


def told(story_name: str, call: str | None) -> Mapping[str, Sequence[timedelta]]:
    """The strangers' waits, beside a story whose tenant's ``call`` is refused for a while."""
    story = STORIES[story_name]
    world, strangers = with_strangers(story.world)
    story.scene(world)
    strangers.begin(story.lasts + OUTAGE)
    refused = Refused(call or "none", world)
    world.steps.hook = refused
    story.act(world)
    world.run_for(story.lasts + OUTAGE + 2 * (LEASE + ROUNDS))
    if call is not None:
        assert refused.hit, f"{call} was not made in this story"
        _ended(world, strangers, story.end)
    waits = strangers.waits()
    world.close()
    return waits


def _ended(world: World, strangers: Strangers, end: str) -> None:
    of_all = account(world)
    assert not of_all.lost
    assert not of_all.twice
    assert {one.status for one in strangers.of_the_story} == {end}
    assert not world.stream.lost
    assert not world.unfinished


@cache
def undisturbed(story: str) -> Mapping[str, Sequence[timedelta]]:
    return told(story, None)


@pytest.mark.slow
@pytest.mark.parametrize("call", KEYED)
def test_strangers_do_not_feel_what_is_refused_of_one_tenant(call: str) -> None:
    story = next(name for name in STORIES if call in calls_of(name))
    beside = told(story, call)
    for name, waits in undisturbed(story).items():
        assert len(beside[name]) == len(waits)
        for late, usual in zip(sorted(beside[name]), sorted(waits), strict=True):
            assert late <= max(1.2 * usual, usual + SECOND), f"{name} waits {late} after {usual}"
