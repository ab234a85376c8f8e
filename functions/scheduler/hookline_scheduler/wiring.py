"""Assembles the scheduler: services and rounds over the stack.

Tests and simulations run the same wiring over stand-ins.
"""

from __future__ import annotations

import logging
import os

from hookline.adapters.stack import Stack
from hookline.adapters.telemetry import Metrics, start_logging
from hookline.ports import Clock, Randomness
from hookline.services.delivery.give_up import GiveUp
from hookline.services.fan_out.chunks import MendChunk
from hookline.services.fan_out.sweep import Sweep
from hookline.services.waiting.advance_recovery import AdvanceRecoveries, AdvanceRecovery
from hookline.services.waiting.end_waiting import EndWaiting
from hookline.services.waiting.release_due import ReleaseDue
from hookline.services.waiting.release_waiting import ReleaseWaiting
from hookline.services.waiting.waiting_deliveries import WaitingDeliveries
from hookline.services.waiting.webhook_round import WebhookRound
from hookline.services.webhook.operational_events import OperationalEvents
from hookline_scheduler.round import Round, Works
from hookline_scheduler.settings import SchedulerSettings

_THREADS = 8
"""Concurrent writes: a round spends all its time on them."""


def build_scheduler(
    settings: SchedulerSettings, clock: Clock, randomness: Randomness = os.urandom
) -> Round:
    """Rounds over AWS."""
    start_logging("scheduler", settings.log_level)
    return round_over(
        Stack(settings, threads=_THREADS, clock=clock, randomness=randomness),
        logger=logging.getLogger("hookline.scheduler"),
        metrics=Metrics("scheduler", settings.stage, clock, on=settings.metrics),
    )


def round_over(stack: Stack, *, logger: logging.Logger, metrics: Metrics) -> Round:
    """The round that runs each minute."""
    works = Works(
        release_due=release_due_over(stack),
        webhook_round=webhook_round_over(stack),
        sweep=sweep_over(stack),
        recover=recover_over(stack),
    )
    return Round(
        works,
        pieces=stack.pieces,
        leases=stack.leases,
        clock=stack.clock,
        logger=logger,
        metrics=metrics,
    )


def release_due_over(stack: Stack) -> ReleaseDue:
    """For deliveries that wait on the clock."""
    return ReleaseDue(waiting=_waiting(stack), clock=stack.clock)


def webhook_round_over(stack: Stack) -> WebhookRound:
    """For deliveries that wait on their webhook."""
    return WebhookRound(
        health=stack.health,
        webhooks=stack.webhooks,
        waiting=_waiting(stack),
        release_waiting=release_waiting_over(stack),
        end_waiting=end_waiting_over(stack),
        clock=stack.clock,
    )


def release_waiting_over(stack: Stack) -> ReleaseWaiting:
    """For waiting deliveries that may go on."""
    return ReleaseWaiting(waiting=_waiting(stack), rate_limits=stack.rate_limits, clock=stack.clock)


def end_waiting_over(stack: Stack) -> EndWaiting:
    """For deliveries that wait on a deleted webhook, or have waited too long."""
    tell = operational_events_over(stack)
    return EndWaiting(
        waiting=_waiting(stack),
        log=stack.delivery_log,
        give_up=GiveUp(dead_letters=stack.dead_letters, tell=tell),
        clock=stack.clock,
    )


def operational_events_over(stack: Stack) -> OperationalEvents:
    """For what webhooks' owners are notified of."""
    return OperationalEvents(
        events=stack.events, subscriptions=stack.subscriptions, clock=stack.clock
    )


def sweep_over(stack: Stack) -> Sweep:
    """For what got stuck."""
    return Sweep(
        tenants=stack.tenants,
        events=stack.events,
        fan_outs=stack.fan_outs,
        bookmarks=stack.bookmarks,
        deliveries=stack.deliveries,
        mend_chunk=MendChunk(
            fan_outs=stack.fan_outs,
            new_deliveries=stack.new_deliveries,
            deliveries=stack.deliveries,
            changes=stack.delivery_changes,
            clock=stack.clock,
        ),
        steps=stack.fan_out_steps,
        clock=stack.clock,
    )


def recover_over(stack: Stack) -> AdvanceRecoveries:
    """For recover jobs."""
    return AdvanceRecoveries(
        jobs=stack.recover_jobs, advance=advance_recovery_over(stack), clock=stack.clock
    )


def advance_recovery_over(stack: Stack) -> AdvanceRecovery:
    """For one job's next step."""
    return AdvanceRecovery(
        jobs=stack.recover_jobs,
        webhooks=stack.webhooks,
        log=stack.delivery_log,
        waiting=_waiting(stack),
        clock=stack.clock,
    )


def _waiting(stack: Stack) -> WaitingDeliveries:
    return WaitingDeliveries(
        due=stack.due,
        deliveries=stack.deliveries,
        changes=stack.delivery_changes,
        timers=stack.retry_timers,
        concurrently=stack.concurrently,
    )
