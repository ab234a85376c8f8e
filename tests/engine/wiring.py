"""The functions' own wiring over the engine's ports, and what users' calls need beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hookline.adapters.stack import Stack
from hookline.domain.delivery.call import Caller
from hookline.domain.webhook.surroundings import Surroundings
from hookline.ports import Clock, Concurrently, Crew
from hookline.services.delivery.redeliver import CancelDelivery, RetryDelivery
from hookline.services.delivery.retry_budget import RetryBudget
from hookline.services.fan_out.subscribers import Subscribers
from hookline_fanout.wiring import continue_fan_out_over, create_chunk_over, fan_out_over
from hookline_scheduler.wiring import (
    advance_recovery_over,
    end_waiting_over,
    operational_events_over,
    recover_over,
    release_due_over,
    release_waiting_over,
    sweep_over,
    webhook_round_over,
)
from hookline_sender.wiring import deliver_over
from tests.engine.endpoints import Endpoints
from tests.engine.engine import RETENTION, Engine
from tests.engine.sending import AtOnce, OneByOne

CEILING = timedelta(minutes=15)
"""The template's default."""

RULES = Surroundings(allow_http=False, retention=RETENTION)


def stand_in[Kind: Stack](
    kind: type[Kind], settings: object, clock: Clock, **ports: object
) -> Kind:
    """A stack in which some ports have other things behind them than AWS."""
    stack = kind(settings, clock=clock)
    # Where a cached property of a stack finds its value, it builds no adapter.
    vars(stack).update(ports)
    return stack


def stack_over(
    engine: Engine,
    *,
    call: Caller | None = None,
    concurrently: Concurrently | None = None,
    crew: Callable[[], Crew[Any]] = AtOnce,
    places: int = 20,
) -> Stack:
    """The engine's ports in the place of all adapters; a crew has so many places."""
    ports = {name: port for name, port in vars(engine).items() if hasattr(Stack, name)}
    ports.setdefault("hasty_subscriptions", engine.subscriptions)
    return stand_in(
        Stack,
        None,
        engine.clock,
        **ports,
        call=call,
        crew=crew,
        threads=places,
        concurrently=concurrently or OneByOne(),
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
        self.tell = operational_events_over(stack_over(engine))
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
        ports = stack_over(self.engine)
        subscribers = Subscribers(ports.subscriptions, ports.subscriptions, ports.clock)
        self.fan_out = fan_out_over(ports, subscribers)
        self.continue_fan_out = continue_fan_out_over(ports, subscribers)
        self.create_chunk = create_chunk_over(ports)

    def _start_sender(self) -> None:
        self.deliver = deliver_over(
            stack_over(self.engine, call=self.endpoints),
            rules=RULES,
            budget=RetryBudget(
                ceiling=CEILING, per_webhook=self.budget.per_webhook, total=self.budget.total
            ),
            jitter=self._drawn,
        )

    def _start_scheduler(self) -> None:
        ports = stack_over(self.engine)
        self.release_due = release_due_over(ports)
        self.webhook_round = webhook_round_over(ports)
        self.sweep = sweep_over(ports)
        self.advance_recoveries = recover_over(ports)
        self.end_waiting = end_waiting_over(ports)
        self.release_waiting = release_waiting_over(ports)
        self.advance_recovery = advance_recovery_over(ports)

    def _drawn(self) -> float:
        return self.jitter()
