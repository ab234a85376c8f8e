"""The functions' services wired over the engine, and the triggers that AWS would pull."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

from hookline.domain.delivery import Delivery, DeliveryKey, Status
from hookline.domain.event import Event
from hookline.domain.identity import Tenant
from hookline.domain.ids import EventId, WebhookId, delivery_id
from hookline.domain.tasks import parse_delivery_message, parse_fan_out_message
from hookline.domain.webhook import Webhook
from hookline.domain.webhook_rules import Surroundings
from hookline.errors import Unavailable
from hookline.services.advance_recovery import AdvanceRecovery
from hookline.services.create_chunk import ChunkDone, CreateChunk
from hookline.services.deliver import Deliver
from hookline.services.deliver_one import DeliverOne
from hookline.services.delivery_messages import Acknowledge, Handled, Received
from hookline.services.end_waiting import EndWaiting
from hookline.services.fan_out import FanOutEvents, FanOutStores, NotDone
from hookline.services.give_up import GiveUp
from hookline.services.let_go import LetGo
from hookline.services.look_after import LookAfterWebhooks
from hookline.services.make_attempt import MakeAttempt
from hookline.services.operational_events import OperationalEvents
from hookline.services.record_attempt import RecordAttempt
from hookline.services.redeliver import CancelDelivery, RetryDelivery
from hookline.services.release_due import ReleaseDue
from hookline.services.retry_budget import RetryBudget
from hookline.services.sweep import Sweep
from hookline.services.switch_off import SwitchOff
from hookline.services.waiting_deliveries import WaitingDeliveries
from tests.builders import PRINCIPAL, TENANT, a_webhook, an_event, an_id, some_secrets
from tests.engine.endpoints import Endpoints
from tests.engine.engine import Engine
from tests.engine.identity import Identities, InMemoryTenants
from tests.engine.queues import Message, Queue
from tests.engine.sending import OneByOne

CEILING = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
BATCH = 10
PLENTY = timedelta(seconds=60)


class Crash(BaseException):
    """The process dies here: nothing of ours catches it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The shares of the retry queue that a sender process has."""

    per_webhook: int = 1_000
    total: int = 100_000


class System:
    """One deployment. A trigger that raises `Crash` or `Unavailable` leaves its messages hidden.

    The stream hands an event to the fan-out once, in order, until its run says it is done.
    """

    def __init__(
        self,
        *,
        jitter: Callable[[], float] = lambda: 0.5,
        budget: Budget = Budget(),
    ) -> None:
        self.engine = Engine()
        self.clock = self.engine.clock
        self.endpoints = Endpoints(self.clock)
        self.stream: list[Event] = []
        self.engine.events_table.stream = self.stream.append
        self.jitter = jitter
        self.budget = budget
        self.remaining: Callable[[], timedelta] = lambda: PLENTY
        self._runs = count(1)
        self.tenants = InMemoryTenants(Identities())
        now = self.clock()
        self.tenants.create(
            Tenant(id=TENANT, name=TENANT, created_at=now, created_by=PRINCIPAL, updated_at=now)
        )
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
                deliveries=engine.new_deliveries,
                bookmarks=engine.bookmarks,
            ),
            first_attempts=engine.first_attempts,
            steps=engine.fan_out_steps,
            clock=self.clock,
        )
        self.create_chunk = CreateChunk(
            fan_outs=engine.fan_outs,
            deliveries=engine.new_deliveries,
            changes=engine.delivery_changes,
            first_attempts=engine.first_attempts,
            clock=self.clock,
        )

    def _start_sender(self) -> None:
        engine = self.engine
        self.deliver = Deliver(
            snapshots=engine.snapshots,
            deliver_one=DeliverOne(
                changes=engine.delivery_changes,
                make_attempt=MakeAttempt(
                    vault=engine.vault,
                    call=self.endpoints,
                    rules=Surroundings(allow_http=False, retention=timedelta(days=30)),
                    clock=self.clock,
                ),
                record=RecordAttempt(
                    changes=engine.delivery_changes,
                    give_up=self.give_up,
                    budget=RetryBudget(
                        ceiling=CEILING,
                        per_webhook=self.budget.per_webhook,
                        total=self.budget.total,
                    ),
                    jitter=self._drawn,
                ),
                dead_letters=engine.dead_letters,
                give_up=self.give_up,
                switch_off=SwitchOff(
                    webhooks=engine.webhooks,
                    changes=engine.webhook_changes,
                    health=engine.health,
                    tell=self.tell,
                ),
                rate_limits=engine.rate_limits,
                clock=self.clock,
            ),
            timers=engine.retry_timers,
            health=engine.health,
            tell=self.tell,
            concurrently=OneByOne(),
            clock=self.clock,
        )

    def _start_scheduler(self) -> None:
        engine = self.engine
        waiting = WaitingDeliveries(
            due=engine.due,
            deliveries=engine.new_deliveries,
            changes=engine.delivery_changes,
            timers=engine.retry_timers,
            concurrently=OneByOne(),
        )
        self.release_due = ReleaseDue(waiting=waiting, clock=self.clock)
        self.let_go = LetGo(waiting=waiting, rate_limits=engine.rate_limits, clock=self.clock)
        self.look_after = LookAfterWebhooks(
            health=engine.health,
            webhooks=engine.webhooks,
            waiting=waiting,
            let_go=self.let_go,
            end_waiting=EndWaiting(
                waiting=waiting, log=engine.delivery_log, give_up=self.give_up, clock=self.clock
            ),
            clock=self.clock,
        )
        self.advance_recovery = AdvanceRecovery(
            jobs=engine.recover_jobs,
            webhooks=engine.webhooks,
            log=engine.delivery_log,
            waiting=waiting,
            clock=self.clock,
        )
        self.sweep = Sweep(
            tenants=self.tenants,
            fan_outs=engine.fan_outs,
            bookmarks=engine.bookmarks,
            deliveries=engine.new_deliveries,
            create_chunk=self.create_chunk,
            clock=self.clock,
        )

    # -- what users do ----------------------------------------------------------------------------

    def webhook(self, **overrides: Any) -> Webhook:
        """A stored webhook with an endpoint of its own."""
        webhook_id = WebhookId(an_id("wh"))
        webhook = a_webhook(
            id=webhook_id,
            **{"url": f"https://example.com/{webhook_id}", "events": ("*",)} | overrides,
        )
        sealed = self.engine.vault.seal(TENANT, webhook_id, some_secrets())
        webhook = replace(webhook, sealed_secrets=sealed)
        self.engine.webhooks_table.create(webhook)
        return webhook

    def one_event(self, **webhook: Any) -> tuple[Webhook, Event]:
        """A webhook and an event for it, fanned out."""
        made = self.webhook(**webhook)
        event = self.publish()
        self.run_stream()
        return made, event

    def edit(self, webhook: Webhook, **changes: Any) -> Webhook:
        current = self.engine.webhooks_table.get(webhook.tenant, webhook.id)
        assert current is not None
        edited = replace(current, version=current.version + 1, **changes)
        self.engine.webhooks_table.replace(current, edited)
        return edited

    def delete(self, webhook: Webhook) -> None:
        current = self.engine.webhooks_table.get(webhook.tenant, webhook.id)
        assert current is not None
        self.engine.webhooks_table.delete(current)

    def publish(self, **overrides: Any) -> Event:
        now = self.clock()
        values = {"id": EventId(an_id("evt", now)), "accepted_at": now} | overrides
        event = an_event(**values)
        self.engine.events_table.accept(event)
        return event

    # -- what AWS does ----------------------------------------------------------------------------

    def run_stream(self) -> None:
        """One invocation for all that is in the stream."""
        events = list(self.stream)
        outcomes = self.fan_out(events, self.next_run()) if events else ()
        done = [
            event
            for event, outcome in zip(events, outcomes, strict=True)
            if not isinstance(outcome, NotDone)
        ]
        for event in done:
            self.stream.remove(event)

    def run_steps(self) -> None:
        """One invocation for each message of the fan-out queue."""
        for message in self.engine.fan_out_queue.receive(1_000):
            outcome = self.create_chunk(parse_fan_out_message(message.body), self.next_run())
            if isinstance(outcome, ChunkDone):
                self.engine.fan_out_queue.delete(message.handle)

    def run_deliveries(self) -> Sequence[Handled]:
        return self._run(self.engine.delivery_queue, may_hide=False)

    def run_retries(self) -> Sequence[Handled]:
        return self._run(self.engine.retry_queue, may_hide=True)

    def run_round(self) -> None:
        """The scheduler's minute."""
        run = self.next_run()
        for work in (
            lambda: self.look_after(lambda: True),
            lambda: self.sweep(run, lambda: True),
            lambda: self.release_due(lambda: True),
            self._advance_jobs,
        ):
            try:
                work()
            except Unavailable:
                continue

    def _advance_jobs(self) -> None:
        for job in self.engine.recover_jobs.running():
            self.advance_recovery(job, lambda: True)

    def run_everything(self) -> None:
        """All that is ready now, until nothing is."""
        self.run_stream()
        self.run_steps()
        while self.run_deliveries() or self.run_retries():
            continue
        if self.stream:
            self.run_everything()

    def pass_time(self, span: timedelta, step: timedelta = MINUTE) -> None:
        """Time passes; the scheduler comes by when a minute has passed."""
        until = self.clock() + span
        next_round = self.clock() + min(MINUTE, span)
        while self.clock() < until:
            self.clock.advance(min(step, until - self.clock()))
            if self.clock() >= next_round:
                next_round += MINUTE
                self.run_round()
            self.run_everything()

    def next_run(self) -> str:
        return f"run-{next(self._runs)}"

    def receive(self, queue: Queue, *, may_hide: bool) -> list[tuple[Message, Received]]:
        return [
            (
                message,
                Received(
                    id=message.id,
                    receipt=message.handle,
                    task=parse_delivery_message(message.body),
                    receives=message.seen,
                    may_hide=may_hide,
                ),
            )
            for message in queue.receive(BATCH)
        ]

    def _run(self, queue: Queue, *, may_hide: bool) -> Sequence[Handled]:
        received = self.receive(queue, may_hide=may_hide)
        if not received:
            return ()
        handled = self.deliver([one for _, one in received], self._left)
        proved = {one.message.id for one in handled if isinstance(one.then, Acknowledge)}
        for message, _ in received:
            if message.id in proved:
                queue.delete(message.handle)
        return handled

    def _drawn(self) -> float:
        return self.jitter()

    def _left(self) -> timedelta:
        return self.remaining()

    # -- what there is ----------------------------------------------------------------------------

    def delivery(self, event: Event, webhook: Webhook) -> Delivery:
        found = delivery_id(event.tenant, event.id, webhook.id, event.accepted_at)
        delivery = self.engine.deliveries_table.get(DeliveryKey(event.tenant, webhook.id, found))
        assert delivery is not None
        return delivery

    def status(self, event: Event, webhook: Webhook) -> Status:
        return self.delivery(event, webhook).status

    def statuses(self, events: Iterable[Event], webhook: Webhook) -> set[Status]:
        return {self.status(event, webhook) for event in events}

    def calls_to(self, webhook: Webhook) -> int:
        return sum(seen.url == webhook.url for seen in self.endpoints.calls)
