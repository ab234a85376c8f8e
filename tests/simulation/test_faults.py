"""Every call to AWS fails in every way it can, in every story it is part of: nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain

import pytest

from hookline.domain.lease import LEASE
from hookline.ports import (
    deliveries,
    events,
    identity,
    inbound,
    requests,
    rounds,
    sending,
    webhooks,
)
from tests.engine.engine import Engine
from tests.engine.steps import Observed
from tests.simulation.accounts import account
from tests.simulation.faults import FAULTS, OUTAGE, Fault, Partial
from tests.simulation.inbound import InboundWorld
from tests.simulation.stories import STORIES
from tests.simulation.test_crashes import ROUNDS, a_world, tell

TWICE = 2

BATCHES = frozenset(
    {
        "first_attempts.send",
        "new_deliveries.create",
        "new_deliveries.create_some",
        "deliveries.get_many",
        "deliveries.get_some",
        "deliveries.progress",
        "retry_timers.send",
        "retry_timers.extend",
        "dead_letters.send_many",
        "snapshots.load",
    }
)
"""Calls that AWS may do in part. Each takes its items as its first argument. Health is read of one
webhook at a time wherever a delivery depends on it."""

PORTS: Mapping[str, type] = {
    "webhooks": webhooks.Webhooks,
    "webhook_changes": webhooks.WebhookChanges,
    "subscriptions": webhooks.Subscriptions,
    "vault": webhooks.Vault,
    "health": webhooks.WebhookHealth,
    "filter_failures": webhooks.FilterFailureCounts,
    "events": events.Events,
    "fan_outs": events.FanOuts,
    "new_deliveries": deliveries.NewDeliveries,
    "deliveries": deliveries.Deliveries,
    "delivery_changes": deliveries.DeliveryChanges,
    "delivery_log": deliveries.DeliveryLog,
    "due": deliveries.Due,
    "snapshots": sending.Snapshots,
    "first_attempts": sending.FirstAttempts,
    "retry_timers": sending.RetryTimers,
    "more_first_attempts": sending.MoreMessages,
    "more_retries": sending.MoreMessages,
    "dead_letters": sending.DeadLetters,
    "stream_dead_letters": sending.DeadLetters,
    "fan_out_steps": events.FanOutSteps,
    "idempotency": requests.IdempotencyRecords,
    "tenants": identity.Tenants,
    "bookmarks": events.Bookmarks,
    "rate_limits": sending.RateLimits,
    "recover_jobs": deliveries.RecoverJobs,
    "pieces": rounds.Pieces,
    "leases": rounds.Leases,
}
INBOUND_PORTS: Mapping[str, type] = {
    "configurations": inbound.InboundConfigurations,
    "new_messages": inbound.NewMessages,
    "message_runs": inbound.MessageRuns,
    "pending_messages": inbound.PendingMessages,
    "seen_signatures": inbound.SeenSignatures,
    "provider_vault": inbound.ProviderVault,
    "inbound_queue": inbound.InboundQueue,
    "invocations": inbound.Invocations,
}

ELSEWHERE: Mapping[str, str] = {
    "webhooks.page": "lists for users",
    "webhook_changes.create": "before anything was accepted for it",
    "vault.seal": "the same",
    "delivery_log.attempts": "lists for users",
    "stream_dead_letters.send": "takes records and steps as they are, never a delivery's letter",
    "stream_dead_letters.send_many": "the same",
    "recover_jobs.get": "shows and cancels jobs",
    "recover_jobs.page": "lists for users",
    "health.troubled": "lists for users",
    "filter_failures.add": "counts for users",
    "fan_outs.stop": "of an event whose filters take too much: tests/unit/test_fan_out_lane.py",
    "new_deliveries.create_one": "of what a throttled log left over: the same",
    "pieces.start": "the next round starts what was not: tests/functions/core/test_pieces.py",
    "leases.take": "the same",
    "leases.give_back": "the same",
    "provider_vault.seal": "before anything was accepted from the provider",
    "seen_signatures.first": "where a sender signs a time: tests/unit/inbound",
    "tenants.get": "asked before an event is accepted",
    "idempotency.begin": "of requests: no delivery depends on it",
    "idempotency.finish": "the same",
    "idempotency.give_up": "the same",
}
"""Calls on no delivery's way, and why."""

AWS_ITSELF = frozenset(
    {"endpoint.call", "lambda.delete_messages", "lambda.checkpoint", "lambda.end"}
)
"""Steps that are no calls of ours to AWS; crashes stop at them too."""


@cache
def undisturbed(story: str) -> Mapping[str, int]:
    """The calls to AWS that a story makes when nothing goes wrong, and the most items of each."""
    told = STORIES[story]
    most = tell(told).most_items
    return {name: most[name] for name in filter(told.about, most) if name not in AWS_ITSELF}


def calls_of(story: str) -> frozenset[str]:
    """The calls to AWS that a story makes when nothing goes wrong."""
    return frozenset(undisturbed(story))


def every_call() -> frozenset[str]:
    """All methods of all ports."""
    return frozenset(
        f"{name}.{method}"
        for name, port in {**PORTS, **INBOUND_PORTS}.items()
        for method in vars(port)
        if not method.startswith("_")
    )


def faults_of(story: str, call: str) -> list[type[Fault]]:
    """Those that the call can meet in this story."""
    in_part = call in BATCHES and undisturbed(story)[call] > 1
    return [fault for fault in FAULTS if fault is not Partial or in_part]


def tell_with(story_name: str, call: str, fault: type[Fault]) -> None:
    story = STORIES[story_name]
    with a_world(story.world) as world:
        story.scene(world)
        injected = world.steps.hook = fault(call, world)
        story.act(world)
        world.run_for(story.lasts + OUTAGE + 2 * (LEASE + ROUNDS))
        told = account(world)
        what = f"{call}: {fault.__name__}"
        assert injected.hit, f"{what} was not injected"
        assert not told.lost, f"{told.lost}, {what}"
        assert set(told.statuses) == {story.end}, f"{told.statuses}, {what}"
        repeated = told.twice.values()
        assert all(0 < count <= injected.hit for count in repeated), f"{told.twice}, {what}"
        assert not world.stream.lost, what
        assert not world.unfinished, what


def told_in(story: str) -> list[tuple[str, type[Fault]]]:
    """The calls that are let fail in this story, and how: of all that can, two do so."""
    return [
        (call, fault)
        for call in sorted(calls_of(story))
        for fault in faults_of(story, call)
        if story in stories_of(call, fault)
    ]


def stories_of(call: str, fault: type[Fault]) -> Sequence[str]:
    """Two of the stories in which the call can fail so."""
    makes_it = [story for story in STORIES if call in calls_of(story)]
    return [story for story in makes_it if fault in faults_of(story, call)][:TWICE]


@pytest.mark.parametrize("story", STORIES)
def test_no_fault_of_any_call_loses_anything(story: str) -> None:
    for call, fault in told_in(story):
        tell_with(story, call, fault)


@pytest.mark.parametrize("call", sorted(BATCHES))
def test_every_batch_was_cut_in_two(call: str) -> None:
    assert stories_of(call, Partial), "a story has to make this call with two items or more"


def test_every_call_there_is_was_let_fail() -> None:
    covered = frozenset(chain.from_iterable(map(calls_of, STORIES)))
    assert every_call() - covered == ELSEWHERE.keys(), "a new call needs a story that makes it"


def test_every_port_of_the_engine_is_accounted_for() -> None:
    assert observed(Engine()) == PORTS.keys()


def test_every_port_of_the_inbound_functions_is_accounted_for() -> None:
    with a_world(InboundWorld) as world:
        assert observed(world) == INBOUND_PORTS.keys()


def observed(of: object) -> set[str]:
    """The names of the ports whose calls are steps."""
    return {name for name, port in vars(of).items() if isinstance(port, Observed)}
