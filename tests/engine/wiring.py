"""The functions' services wired over the engine, as the functions' compositions wire them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.call import Caller
from hookline.domain.webhook_rules import Surroundings
from hookline.ports import Concurrently
from hookline.services.advance_recovery import AdvanceRecoveries, AdvanceRecovery
from hookline.services.create_chunk import CreateChunk
from hookline.services.end_waiting import EndWaiting
from hookline.services.fan_out import FanOutEvents, FanOutStores
from hookline.services.give_up import GiveUp
from hookline.services.let_go import LetGo
from hookline.services.look_after import LookAfterWebhooks
from hookline.services.mend_chunk import MendChunk
from hookline.services.operational_events import OperationalEvents
from hookline.services.redeliver import CancelDelivery, RetryDelivery
from hookline.services.release_due import ReleaseDue
from hookline.services.retry_budget import RetryBudget
from hookline.services.sweep import Sweep
from hookline.services.waiting_deliveries import WaitingDeliveries
from hookline_sender.wiring import SenderPorts, deliver_over
from tests.engine.endpoints import Endpoints
from tests.engine.engine import RETENTION, Engine
from tests.engine.identity import Identities, InMemoryTenants
from tests.engine.sending import OneByOne

CEILING = timedelta(minutes=15)
"""The template's default."""

RULES = Surroundings(allow_http=False, retention=RETENTION)


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
        self.tenants = InMemoryTenants(Identities())
        self.jitter = jitter
        self.budget = budget
        self.start()

    def start(self) -> None:
        """Cold starts: new processes, which remember nothing of those before."""
        engine = self.engine
        self.tell = OperationalEvents(
            events=engine.events, subscriptions=engine.subscriptions, clock=self.clock
        )
        self.give_up = GiveUp(dead_letters=engine.dead_letters, tell=self.tell)
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
        engine = self.engine
        self.fan_out = FanOutEvents(
            stores=FanOutStores(
                subscriptions=engine.subscriptions,
                webhooks=engine.webhooks,
                fan_outs=engine.fan_outs,
                new_deliveries=engine.new_deliveries,
                deliveries=engine.deliveries,
                bookmarks=engine.bookmarks,
            ),
            first_attempts=engine.first_attempts,
            steps=engine.fan_out_steps,
            clock=self.clock,
        )
        self.mend_chunk = MendChunk(
            fan_outs=engine.fan_outs,
            new_deliveries=engine.new_deliveries,
            deliveries=engine.deliveries,
            changes=engine.delivery_changes,
            clock=self.clock,
        )
        self.create_chunk = CreateChunk(
            fan_outs=engine.fan_outs,
            new_deliveries=engine.new_deliveries,
            first_attempts=engine.first_attempts,
            mend_chunk=self.mend_chunk,
            clock=self.clock,
        )

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
        engine = self.engine
        waiting = WaitingDeliveries(
            due=engine.due,
            deliveries=engine.deliveries,
            changes=engine.delivery_changes,
            timers=engine.retry_timers,
            concurrently=OneByOne(),
        )
        self.release_due = ReleaseDue(waiting=waiting, clock=self.clock)
        self.let_go = LetGo(waiting=waiting, rate_limits=engine.rate_limits, clock=self.clock)
        self.end_waiting = EndWaiting(
            waiting=waiting, log=engine.delivery_log, give_up=self.give_up, clock=self.clock
        )
        self.look_after = LookAfterWebhooks(
            health=engine.health,
            webhooks=engine.webhooks,
            waiting=waiting,
            let_go=self.let_go,
            end_waiting=self.end_waiting,
            clock=self.clock,
        )
        self.advance_recovery = AdvanceRecovery(
            jobs=engine.recover_jobs,
            webhooks=engine.webhooks,
            log=engine.delivery_log,
            waiting=waiting,
            clock=self.clock,
        )
        self.advance_recoveries = AdvanceRecoveries(
            jobs=engine.recover_jobs, advance=self.advance_recovery, clock=self.clock
        )
        self.sweep = Sweep(
            tenants=self.tenants,
            fan_outs=engine.fan_outs,
            bookmarks=engine.bookmarks,
            deliveries=engine.deliveries,
            mend_chunk=self.mend_chunk,
            clock=self.clock,
        )

    def _drawn(self) -> float:
        return self.jitter()
