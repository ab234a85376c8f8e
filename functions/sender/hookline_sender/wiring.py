"""Puts services and the translation of messages over the sender's ports, whatever is behind them.

What is deployed and what tests and simulations run is the same wiring: they hand over other ports.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.adapters.telemetry.metrics import Metrics
from hookline.domain.delivery.call import Caller
from hookline.domain.webhook.surroundings import Surroundings
from hookline.ports import Clock, Concurrently
from hookline.services.delivery.deliver import Deliver
from hookline.services.delivery.deliver_one import DeliverOne
from hookline.services.delivery.give_up import GiveUp
from hookline.services.delivery.make_attempt import MakeAttempt
from hookline.services.delivery.record_attempt import RecordAttempt
from hookline.services.delivery.retry_budget import RetryBudget
from hookline.services.webhook.operational_events import OperationalEvents
from hookline.services.webhook.switch_off import SwitchOff
from hookline_sender.messages import DeliveryMessages

if TYPE_CHECKING:
    from hookline.ports.deliveries import DeliveryChanges
    from hookline.ports.events import Events
    from hookline.ports.sending import DeadLetters, RateLimits, RetryTimers, Snapshots
    from hookline.ports.webhooks import (
        Subscriptions,
        Vault,
        WebhookChanges,
        WebhookHealth,
        Webhooks,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPorts:
    """What the sender needs from outside."""

    snapshots: Snapshots
    delivery_changes: DeliveryChanges
    webhooks: Webhooks
    webhook_changes: WebhookChanges
    health: WebhookHealth
    rate_limits: RateLimits
    vault: Vault
    call: Caller
    retry_timers: RetryTimers
    dead_letters: DeadLetters
    events: Events
    subscriptions: Subscriptions
    concurrently: Concurrently
    clock: Clock


def sender_over(
    ports: SenderPorts,
    *,
    rules: Surroundings,
    budget: RetryBudget,
    jitter: Callable[[], float],
    retry_queue_url: str,
    logger: logging.Logger,
    metrics: Metrics,
) -> DeliveryMessages:
    """Both queues' messages go the same way. ``budget`` is this process's own."""
    return DeliveryMessages(
        deliver=deliver_over(ports, rules=rules, budget=budget, jitter=jitter),
        dead_letters=ports.dead_letters,
        retry_queue_url=retry_queue_url,
        logger=logger,
        metrics=metrics,
    )


def deliver_over(
    ports: SenderPorts, *, rules: Surroundings, budget: RetryBudget, jitter: Callable[[], float]
) -> Deliver:
    """The services alone, without the translation."""
    tell = OperationalEvents(
        events=ports.events, subscriptions=ports.subscriptions, clock=ports.clock
    )
    give_up = GiveUp(dead_letters=ports.dead_letters, tell=tell)
    deliver_one = DeliverOne(
        changes=ports.delivery_changes,
        make_attempt=MakeAttempt(
            vault=ports.vault, call=ports.call, rules=rules, clock=ports.clock
        ),
        record=RecordAttempt(
            changes=ports.delivery_changes, give_up=give_up, budget=budget, jitter=jitter
        ),
        dead_letters=ports.dead_letters,
        give_up=give_up,
        switch_off=SwitchOff(
            webhooks=ports.webhooks,
            changes=ports.webhook_changes,
            health=ports.health,
            tell=tell,
        ),
        rate_limits=ports.rate_limits,
        clock=ports.clock,
    )
    return Deliver(
        snapshots=ports.snapshots,
        deliver_one=deliver_one,
        timers=ports.retry_timers,
        health=ports.health,
        tell=tell,
        concurrently=ports.concurrently,
        clock=ports.clock,
    )
