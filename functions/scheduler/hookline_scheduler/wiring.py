"""Puts services and rounds over the scheduler's ports, whatever is behind them.

What is deployed and what tests and simulations run is the same wiring: they hand over other ports.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.adapters.telemetry.metrics import Metrics
from hookline.ports import Clock, Concurrently
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
from hookline_scheduler.round import Round

if TYPE_CHECKING:
    from hookline.ports.deliveries import (
        Deliveries,
        DeliveryChanges,
        DeliveryLog,
        Due,
        NewDeliveries,
        RecoverJobs,
    )
    from hookline.ports.events import Bookmarks, Events, FanOuts
    from hookline.ports.identity import Tenants
    from hookline.ports.sending import DeadLetters, RateLimits, RetryTimers
    from hookline.ports.webhooks import Subscriptions, WebhookHealth, Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerPorts:
    """What a round needs from outside."""

    due: Due
    deliveries: Deliveries
    new_deliveries: NewDeliveries
    delivery_changes: DeliveryChanges
    delivery_log: DeliveryLog
    webhooks: Webhooks
    health: WebhookHealth
    rate_limits: RateLimits
    recover_jobs: RecoverJobs
    tenants: Tenants
    fan_outs: FanOuts
    bookmarks: Bookmarks
    retry_timers: RetryTimers
    dead_letters: DeadLetters
    events: Events
    subscriptions: Subscriptions
    concurrently: Concurrently
    clock: Clock


def round_over(ports: SchedulerPorts, *, logger: logging.Logger, metrics: Metrics) -> Round:
    """One round, which is given each minute."""
    return Round(
        release_due=release_due_over(ports),
        webhook_round=webhook_round_over(ports),
        sweep=sweep_over(ports),
        recover=recover_over(ports),
        logger=logger,
        metrics=metrics,
    )


def release_due_over(ports: SchedulerPorts) -> ReleaseDue:
    """For what waits on the clock."""
    return ReleaseDue(waiting=_waiting(ports), clock=ports.clock)


def webhook_round_over(ports: SchedulerPorts) -> WebhookRound:
    """For what waits on its webhook."""
    return WebhookRound(
        health=ports.health,
        webhooks=ports.webhooks,
        waiting=_waiting(ports),
        release_waiting=release_waiting_over(ports),
        end_waiting=end_waiting_over(ports),
        clock=ports.clock,
    )


def release_waiting_over(ports: SchedulerPorts) -> ReleaseWaiting:
    """For what may go on."""
    return ReleaseWaiting(waiting=_waiting(ports), rate_limits=ports.rate_limits, clock=ports.clock)


def end_waiting_over(ports: SchedulerPorts) -> EndWaiting:
    """For what waits on a webhook that is gone, or has waited for too long."""
    tell = operational_events_over(ports)
    return EndWaiting(
        waiting=_waiting(ports),
        log=ports.delivery_log,
        give_up=GiveUp(dead_letters=ports.dead_letters, tell=tell),
        clock=ports.clock,
    )


def operational_events_over(ports: SchedulerPorts) -> OperationalEvents:
    """For what owners of webhooks are told."""
    return OperationalEvents(
        events=ports.events, subscriptions=ports.subscriptions, clock=ports.clock
    )


def sweep_over(ports: SchedulerPorts) -> Sweep:
    """For what got stuck."""
    return Sweep(
        tenants=ports.tenants,
        fan_outs=ports.fan_outs,
        bookmarks=ports.bookmarks,
        deliveries=ports.deliveries,
        mend_chunk=MendChunk(
            fan_outs=ports.fan_outs,
            new_deliveries=ports.new_deliveries,
            deliveries=ports.deliveries,
            changes=ports.delivery_changes,
            clock=ports.clock,
        ),
        clock=ports.clock,
    )


def recover_over(ports: SchedulerPorts) -> AdvanceRecoveries:
    """For what failed and is to be attempted again."""
    return AdvanceRecoveries(
        jobs=ports.recover_jobs, advance=advance_recovery_over(ports), clock=ports.clock
    )


def advance_recovery_over(ports: SchedulerPorts) -> AdvanceRecovery:
    """For one job's next step."""
    return AdvanceRecovery(
        jobs=ports.recover_jobs,
        webhooks=ports.webhooks,
        log=ports.delivery_log,
        waiting=_waiting(ports),
        clock=ports.clock,
    )


def _waiting(ports: SchedulerPorts) -> WaitingDeliveries:
    return WaitingDeliveries(
        due=ports.due,
        deliveries=ports.deliveries,
        changes=ports.delivery_changes,
        timers=ports.retry_timers,
        concurrently=ports.concurrently,
    )
