"""A deployment in memory: what users do, the triggers that AWS pulls, what there is then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.delivery.tasks import parse_delivery_message
from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import parse_fan_out_message
from hookline.domain.identity.identity import Tenant
from hookline.domain.ids import EventId, WebhookId, delivery_id
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.services.delivery.messages import Acknowledge, Handled, Received
from hookline.services.fan_out.chunks import ChunkDone
from hookline.services.fan_out.fan_out import LeftOver, NotDone
from tests.builders import MINUTE, PRINCIPAL, TENANT, a_webhook, an_event, an_id, some_secrets
from tests.engine.queues import Message, Queue
from tests.engine.wiring import Budget, Services

BATCH = 10
PLENTY = timedelta(seconds=60)


class Crash(BaseException):
    """The process dies here: nothing of ours catches it."""


class _NothingMore:
    """`Inbox` of a queue that is empty."""

    def receive(self, limit: int) -> Sequence[Received]:
        return ()

    def delete(self, receipts: Sequence[str]) -> None:
        raise NotImplementedError


class System(Services):
    """One deployment. A trigger that raises `Crash` or `Unavailable` leaves its messages hidden.

    The stream hands an event to the fan-out once, in order, until its run says it is done.
    """

    def __init__(
        self,
        *,
        jitter: Callable[[], float] = lambda: 0.5,
        budget: Budget = Budget(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(jitter, budget)
        self.stream: list[Event] = []
        self.engine.events_table.stream = self.stream.append
        self.remaining: Callable[[], timedelta] = lambda: PLENTY
        self._runs = count(1)
        now = self.clock()
        self.tenants.create(
            Tenant(id=TENANT, name=TENANT, created_at=now, created_by=PRINCIPAL, updated_at=now)
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

    def one_event(self, *, traceparent: str | None = None, **webhook: Any) -> tuple[Webhook, Event]:
        """A webhook and an event for it, fanned out."""
        made = self.webhook(**webhook)
        event = self.publish(traceparent=traceparent)
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
            if not isinstance(outcome, NotDone | LeftOver)
        ]
        for event in done:
            self.stream.remove(event)

    def run_steps(self) -> None:
        """One invocation for each message of the fan-out queue, until none is visible."""
        while messages := self.engine.fan_out_queue.receive(1_000):
            for message in messages:
                task = parse_fan_out_message(message.body)
                if task.chunk is None:
                    self.continue_fan_out(task, self.next_run(), lambda: True)
                elif not isinstance(
                    self.create_chunk(task, task.chunk, self.next_run()), ChunkDone
                ):
                    continue
                self.engine.fan_out_queue.delete(message.handle)

    def run_deliveries(self) -> Sequence[Handled]:
        return self._run(self.engine.delivery_queue, may_hide=False)

    def run_retries(self) -> Sequence[Handled]:
        return self._run(self.engine.retry_queue, may_hide=True)

    def run_round(self) -> None:
        """The scheduler's minute."""
        run = self.next_run()
        for work in (
            lambda: self.webhook_round(lambda: True),
            lambda: self.sweep(run, lambda: True),
            lambda: self.release_due(lambda: True),
            lambda: self.advance_recoveries(lambda: True),
        ):
            try:
                done = work()
            except Unavailable:
                continue
            for turn in getattr(done, "failed", ()):
                if not isinstance(turn.error, Unavailable):
                    raise turn.error

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
        inbox = _NothingMore()
        handled = list(self.deliver([one for _, one in received], self._left, inbox))
        proved = {one.message.id for one in handled if isinstance(one.then, Acknowledge)}
        for message, _ in received:
            if message.id in proved:
                queue.delete(message.handle)
        return handled

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

    def statuses_of(self, event: Event, *webhooks: Webhook) -> list[Status]:
        return [self.status(event, webhook) for webhook in webhooks]

    def calls_to(self, webhook: Webhook) -> int:
        return sum(seen.url == webhook.url for seen in self.endpoints.calls)
