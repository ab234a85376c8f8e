"""The functions' own wiring over the engine's ports, and what users' calls need beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.delivery.call import Caller
from hookline.domain.webhook.surroundings import Surroundings
from hookline.ports import Concurrently
from hookline.services.delivery.redeliver import CancelDelivery, RetryDelivery
from hookline.services.delivery.retry_budget import RetryBudget
from hookline_fanout.wiring import FanoutPorts, create_chunk_over, fan_out_over
from hookline_scheduler.wiring import (
    SchedulerPorts,
    advance_recovery_over,
    end_waiting_over,
    operational_events_over,
    recover_over,
    release_due_over,
    release_waiting_over,
    sweep_over,
    webhook_round_over,
)
from hookline_sender.wiring import SenderPorts, deliver_over
from tests.engine.endpoints import Endpoints
from tests.engine.engine import RETENTION, Engine
from tests.engine.sending import OneByOne

CEILING = timedelta(minutes=15)
"""The template's default."""

RULES = Surroundings(allow_http=False, retention=RETENTION)


def fanout_ports(engine: Engine) -> FanoutPorts:
    return FanoutPorts(
        subscriptions=engine.subscriptions,
        webhooks=engine.webhooks,
        fan_outs=engine.fan_outs,
        new_deliveries=engine.new_deliveries,
        deliveries=engine.deliveries,
        delivery_changes=engine.delivery_changes,
        bookmarks=engine.bookmarks,
        first_attempts=engine.first_attempts,
        fan_out_steps=engine.fan_out_steps,
        stream_dead_letters=engine.stream_dead_letters,
        concurrently=OneByOne(),
        clock=engine.clock,
    )


def sender_ports(engine: Engine, call: Caller, concurrently: Concurrently) -> SenderPorts:
    return SenderPorts(
        snapshots=engine.snapshots,
        delivery_changes=engine.delivery_changes,
        webhooks=engine.webhooks,
        webhook_changes=engine.webhook_changes,
        health=engine.health,
        rate_limits=engine.rate_limits,
        vault=engine.vault,
        call=call,
        retry_timers=engine.retry_timers,
        dead_letters=engine.dead_letters,
        events=engine.events,
        subscriptions=engine.subscriptions,
        concurrently=concurrently,
        clock=engine.clock,
    )


def scheduler_ports(engine: Engine) -> SchedulerPorts:
    return SchedulerPorts(
        due=engine.due,
        deliveries=engine.deliveries,
        new_deliveries=engine.new_deliveries,
        delivery_changes=engine.delivery_changes,
        delivery_log=engine.delivery_log,
        webhooks=engine.webhooks,
        health=engine.health,
        rate_limits=engine.rate_limits,
        recover_jobs=engine.recover_jobs,
        tenants=engine.tenants,
        fan_outs=engine.fan_outs,
        bookmarks=engine.bookmarks,
        retry_timers=engine.retry_timers,
        dead_letters=engine.dead_letters,
        events=engine.events,
        subscriptions=engine.subscriptions,
        concurrently=OneByOne(),
        clock=engine.clock,
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """The shares of the retry queue that a sender process has."""

    per_webhook: int = 1_000
    total: int = 100_000


class Services:
    """What one set of processes is made of; ``start`` makes it anew."""

    def __init__(self, jitter: Callable[[], float], budget: Budget) -> None:
        self.engine = Engine()
        self.clock = self.engine.clock
        self.endpoints = Endpoints(self.clock)
        self.tenants = self.engine.tenants_table
        self.jitter = jitter
        self.budget = budget
        self.start()

    def start(self) -> None:
        """Cold starts: new processes, which remember nothing of those before."""
        engine = self.engine
        self.tell = operational_events_over(scheduler_ports(engine))
        self._start_fan_out()
        self._start_sender()
        self._start_scheduler()
        self.retry = RetryDelivery(
            changes=engine.delivery_changes,
            webhooks=engine.webhooks,
            events=engine.events,
            first_attempts=engine.first_attempts,
            clock=self.clock,
        )
        self.cancel = CancelDelivery(changes=engine.delivery_changes, clock=self.clock)

    def _start_fan_out(self) -> None:
        ports = fanout_ports(self.engine)
        self.fan_out = fan_out_over(ports)
        self.create_chunk = create_chunk_over(ports)

    def _start_sender(self) -> None:
        self.deliver = deliver_over(
            sender_ports(self.engine, self.endpoints, OneByOne()),
            rules=RULES,
            budget=RetryBudget(
                ceiling=CEILING, per_webhook=self.budget.per_webhook, total=self.budget.total
            ),
            jitter=self._drawn,
        )

    def _start_scheduler(self) -> None:
        ports = scheduler_ports(self.engine)
        self.release_due = release_due_over(ports)
        self.webhook_round = webhook_round_over(ports)
        self.sweep = sweep_over(ports)
        self.advance_recoveries = recover_over(ports)
        self.end_waiting = end_waiting_over(ports)
        self.release_waiting = release_waiting_over(ports)
        self.advance_recovery = advance_recovery_over(ports)

    def _drawn(self) -> float:
        return self.jitter()
