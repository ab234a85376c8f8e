"""Assembles the sender: services and the translation of messages, over the stack.

Tests and simulations run the same wiring over stand-ins.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable

from hookline.adapters.http.sockets import MonotonicClock
from hookline.adapters.stack import Stack
from hookline.adapters.telemetry import TOGETHER, Metrics, Together, start_logging
from hookline.domain.webhook.surroundings import Surroundings
from hookline.ports import Clock, Randomness
from hookline.services.delivery.attempt import MakeAttempt, RecordAttempt
from hookline.services.delivery.deliver import Deliver
from hookline.services.delivery.deliver_one import DeliverOne
from hookline.services.delivery.give_up import GiveUp
from hookline.services.delivery.retry_budget import RetryBudget
from hookline.services.webhook.operational_events import OperationalEvents
from hookline.services.webhook.switch_off import SwitchOff
from hookline_sender.messages import DeliveryMessages, fields_together
from hookline_sender.settings import SenderSettings


def build_sender(
    settings: SenderSettings,
    clock: Clock,
    randomness: Randomness = os.urandom,
    stopwatch: MonotonicClock = time.monotonic,
) -> DeliveryMessages:
    """The sender over AWS and the network; ``stopwatch`` times the calls."""
    start_logging("sender", settings.log_level)
    stack = Stack(
        settings,
        threads=settings.sender_concurrency,
        clock=clock,
        randomness=randomness,
        stopwatch=stopwatch,
    )
    return sender_over(
        stack,
        rules=stack.surroundings,
        budget=RetryBudget.of_one_in(
            # The delivery and the retry queue each have their own maximum.
            2 * settings.sender_maximum_concurrency,
            settings.parking_ceiling,
        ),
        jitter=random.random,
        retry_queue_url=settings.retry_queue_url,
        together=settings.success_log == TOGETHER,
        logger=logging.getLogger("hookline.sender"),
        metrics=Metrics("sender", settings.stage, clock, on=settings.metrics),
    )


def sender_over(
    stack: Stack,
    *,
    rules: Surroundings,
    budget: RetryBudget,
    jitter: Callable[[], float],
    retry_queue_url: str,
    together: bool,
    logger: logging.Logger,
    metrics: Metrics,
) -> DeliveryMessages:
    """For the messages of both queues.

    ``budget`` is this process's own. ``together``: plain successes share a line of the log.
    """
    return DeliveryMessages(
        deliver=deliver_over(stack, rules=rules, budget=budget, jitter=jitter),
        dead_letters=stack.dead_letters,
        more_first_attempts=stack.more_first_attempts,
        more_retries=stack.more_retries,
        retry_queue_url=retry_queue_url,
        successes=Together("deliveries.succeeded", fields_together, logger) if together else None,
        logger=logger,
        metrics=metrics,
    )


def deliver_over(
    stack: Stack, *, rules: Surroundings, budget: RetryBudget, jitter: Callable[[], float]
) -> Deliver:
    """The services alone, without the translation."""
    tell = OperationalEvents(
        events=stack.events, subscriptions=stack.subscriptions, clock=stack.clock
    )
    give_up = GiveUp(dead_letters=stack.dead_letters, tell=tell)
    deliver_one = DeliverOne(
        changes=stack.delivery_changes,
        make_attempt=MakeAttempt(
            vault=stack.vault, call=stack.call, rules=rules, clock=stack.clock
        ),
        record=RecordAttempt(
            changes=stack.delivery_changes,
            log=stack.delivery_log,
            give_up=give_up,
            budget=budget,
            jitter=jitter,
        ),
        dead_letters=stack.dead_letters,
        give_up=give_up,
        switch_off=SwitchOff(
            webhooks=stack.webhooks,
            changes=stack.webhook_changes,
            health=stack.health,
            tell=tell,
        ),
        rate_limits=stack.rate_limits,
        clock=stack.clock,
    )
    return Deliver(
        snapshots=stack.snapshots,
        deliver_one=deliver_one,
        timers=stack.retry_timers,
        health=stack.health,
        tell=tell,
        crew=stack.crew,
        places=stack.threads,
        clock=stack.clock,
    )
