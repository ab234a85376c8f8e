"""All of Hookline in memory: tables, queues, functions, endpoints, users, on one fake clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hookline.adapters.dynamo.event import events
from hookline.adapters.dynamo.table.attributes import to_wire
from hookline.domain.delivery.delivery import Delivery, DeliveryKey
from hookline.domain.event.event import Event
from hookline.domain.identity.identity import Tenant
from hookline.domain.identity.rights import ROOT
from hookline.domain.ids import EventId, WebhookId
from hookline.domain.times import iso
from hookline.domain.webhook.webhook import Webhook
from hookline.ports.deliveries import Due
from hookline.ports.rounds import Piece
from hookline.ports.sending import Snapshots
from hookline.services.delivery.retry_budget import IN_FLIGHT_CAP
from hookline_scheduler.round import Round
from tests.builders import TENANT
from tests.engine.clock import FakeClock
from tests.engine.engine import RETENTION, Engine
from tests.simulation import processes
from tests.simulation.actors import Actors
from tests.simulation.endpoints import Behaviour, Endpoints, fine
from tests.simulation.lambdas import (
    AT_FIRST,
    TIMEOUT,
    Processes,
    QueueMapping,
    Records,
    Schedule,
    StreamMapping,
)
from tests.simulation.stubs import Computing

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
A_CALL = timedelta(milliseconds=4)
"""How long one of DynamoDB or SQS takes."""

_A_MOMENT = timedelta(milliseconds=40)
"""How long a call takes at most where they interleave: some are ten times as fast as others."""

DAY = timedelta(days=1)

FANOUT_WORKS = timedelta(seconds=30)
"""How long the fan-out's handler lets it take up more."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of the stack; the defaults are the template's, and SQS's."""

    senders: int = 100
    calls_side_by_side: int = 128
    in_flight_cap: int = IN_FLIGHT_CAP
    senders_at_first: int = AT_FIRST
    cpu: timedelta = timedelta(0)
    """What a delivery takes of its process's processor, which does one thing at a time."""


class World:
    """A stack that runs. The same ``seed`` and the same doings give the same run.

    ``due`` and ``snapshots`` may put something in the way of what these ports answer. Where calls
    ``interleave``, each call of a port takes a moment, in which whoever else runs goes on; else
    functions make way for each other only while endpoints answer.
    """

    def __init__(
        self,
        seed: int = 1,
        size: Size = Size(),
        due: Callable[[World, Due], Due] = lambda _, due: due,
        snapshots: Callable[[World, Snapshots], Snapshots] = lambda _, snapshots: snapshots,
        *,
        interleave: bool = False,
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a run must be repeatable, not secret
        self.clock = FakeClock(datetime.fromisoformat("2026-11-22T12:00:00.000+00:00"))
        self.engine = Engine(self.clock)
        self.engine.due = due(self, self.engine.due)
        self.engine.snapshots = snapshots(self, self.engine.snapshots)
        self.steps = self.engine.steps
        self.actors = Actors(self.clock)
        self.endpoints = Endpoints(self.clock, self.steps, self.actors.sleep)
        self.engine.vault = Computing(self.engine.vault, self._compute)
        self.waited = timedelta(0)
        """By rounds of the scheduler and the API's calls, for what botocore asks again."""
        self._cpu = size.cpu
        self._computes_until: dict[int, datetime] = {}
        self.accepted: list[EventId] = []
        given = processes.Surrounds(
            engine=self.engine,
            call=self.endpoints,
            crew=lambda: self.actors.crew(size.calls_side_by_side),
            places=size.calls_side_by_side,
            randomness=self.random.randbytes,
            jitter=self.random.random,
            senders=size.senders,
            in_flight_cap=size.in_flight_cap,
        )
        for queue in (self.engine.delivery_queue, self.engine.retry_queue):
            queue.in_flight_cap = size.in_flight_cap
        self.api = processes.api(given)
        self._fanouts = Processes(lambda: processes.fanout(given))
        self._senders = Processes(lambda: processes.sender(given))
        self._schedulers = Processes(lambda: processes.scheduler(given))
        self.stream = StreamMapping(
            work=self._fan_out, image=_image, actors=self.actors, steps=self.steps
        )
        self.engine.events_table.stream = self.stream.put
        self.mappings = dict(self._mappings(size))
        self._interleave = interleave
        if interleave:
            self.steps.pause = self._take_a_moment
        Schedule(MINUTE, self.round, self.actors, self.steps, self.begin)
        self.actors.settle = self._settle
        self.engine.tenants_table.create(_tenant(self.clock.now))

    # -- what users do -----------------------------------------------------------------------------

    def webhook(self, name: str, behaviour: Behaviour = fine, **document: Any) -> WebhookId:
        """A webhook whose endpoint is called ``name`` and behaves so."""
        self.endpoints.behaviours[name] = behaviour
        given = {"name": name, "url": url_of(name), "events": ["*"], **document}
        return self.api.webhooks.create(ROOT, TENANT, given).webhook.id

    def edit(self, webhook_id: WebhookId, **patch: Any) -> Webhook:
        return self.api.webhooks.patch(ROOT, TENANT, webhook_id, patch)

    def delete(self, webhook_id: WebhookId) -> None:
        self.api.webhooks.delete(TENANT, webhook_id)

    def recover(self, webhook_id: WebhookId, since: datetime) -> None:
        """What failed from ``since`` on is attempted again."""
        document = {"since": iso(since)}
        self.api.recover.start(TENANT, webhook_id, document, ROOT.id, lambda: True)

    def publish(self, event_type: str = "flow.executed", **document: Any) -> EventId:
        """An accepted event; it counts as one only if this returns."""
        event_id = self.api.publish(TENANT, {"type": event_type, **document}).id
        self.accepted.append(event_id)
        return event_id

    # -- time --------------------------------------------------------------------------------------

    def run_for(self, duration: timedelta) -> None:
        self.run_until(self.clock.now + duration)

    def run_until(self, when: datetime, enough: Callable[[], bool] = lambda: False) -> None:
        self.actors.run_until(when, enough)
        for name, mapping in self.mappings.items():
            assert mapping.longest <= TIMEOUT, f"an invocation for {name} outlived its function"

    def close(self) -> None:
        self.actors.close()

    # -- looking at it -----------------------------------------------------------------------------

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.engine.deliveries_table.all())

    @property
    def taken_in(self) -> int:
        """How often what the story is about was asked for: a request that fails is sent again."""
        return 1

    @property
    def unfinished(self) -> Sequence[str]:
        """What came in from outside and has not led to what it should."""
        return ()

    def delivery(self, event_id: EventId, webhook_id: WebhookId) -> Delivery:
        (found,) = (
            one
            for one in self.deliveries
            if one.event_id == event_id and one.key.webhook_id == webhook_id
        )
        return found

    def attempts(self, key: DeliveryKey) -> int:
        delivery = self.engine.deliveries_table.get(key)
        return 0 if delivery is None else delivery.attempt_count

    # -- the functions -----------------------------------------------------------------------------

    def _mappings(self, size: Size) -> Mapping[str, QueueMapping]:
        queues = {
            "deliveries": (self.engine.delivery_queue, self._deliver, 10, size.senders),
            "retries": (self.engine.retry_queue, self._deliver, 10, size.senders),
            "fan-outs": (self.engine.fan_out_queue, self._step, 1, 10),
        }
        return {
            name: QueueMapping(
                name=f"hookline-sim-{name}",
                queue=queue,
                work=work,
                actors=self.actors,
                steps=self.steps,
                batch_size=batch_size,
                concurrency=concurrency,
                at_first=size.senders_at_first,
            )
            for name, (queue, work, batch_size, concurrency) in queues.items()
        }

    def _fan_out(self, records: Records) -> list[str]:
        run, has_time = self._run_name(), self._for(FANOUT_WORKS)
        return self._fanouts.run(lambda fanout: list(fanout.stream(records, run, has_time)))

    def _step(self, records: Records) -> list[str]:
        run, has_time = self._run_name(), self._for(FANOUT_WORKS)
        return self._fanouts.run(lambda fanout: list(fanout.steps(records, run, has_time)))

    def _for(self, duration: timedelta) -> Callable[[], bool]:
        end = self.clock.now + duration
        return lambda: self.clock.now < end

    def _deliver(self, records: Records) -> list[str]:
        end = self.clock.now + TIMEOUT
        return self._senders.run(lambda sender: list(sender(records, lambda: end - self.clock.now)))

    def begin(self, act: Callable[[], None]) -> None:
        """Now; where calls interleave, as something that others may come between."""
        if self._interleave:
            self.actors.start(self.clock.now, act)
        else:
            act()

    def round(self) -> None:
        """One of the scheduler's, whose calls take their time though the clock may stand still."""
        try:
            self._in_time(lambda scheduler, run, remaining: scheduler(run, remaining))
        finally:
            for piece in self.engine.pieces_asked_for.taken():
                self.begin(partial(self._piece, piece))

    def _piece(self, piece: Piece) -> None:
        self._in_time(lambda scheduler, run, remaining: scheduler.piece(piece, run, remaining))

    def _in_time(self, work: Callable[[Round, str, Callable[[], timedelta]], object]) -> None:
        run, remaining = self._run_name(), self._a_round()
        self._schedulers.run(lambda scheduler: work(scheduler, run, remaining))
        assert remaining() > timedelta(0), "a round outlived its function"

    def _a_round(self) -> Callable[[], timedelta]:
        begun, began_at, waited = self.steps.total, self.clock.now, self.waited
        if self._interleave:
            return lambda: TIMEOUT - (self.clock.now - began_at)
        return lambda: TIMEOUT - (self.steps.total - begun) * A_CALL - (self.waited - waited)

    def _run_name(self) -> str:
        return self.random.randbytes(8).hex()

    def _take_a_moment(self, call: str) -> None:
        # A sender holds a lock while it changes health: who waits for that cannot make way here.
        if self.actors.lane is not None and not call.startswith("health."):
            self.actors.sleep(_A_MOMENT * self.random.random())

    def _compute(self) -> None:
        """Waits for the processor of one's process, and for what one computes there."""
        lane = self.actors.lane
        if self._cpu and lane is not None:
            free = self._computes_until.get(lane.invocation, self.clock.now)
            until = max(free, self.clock.now) + self._cpu
            self._computes_until[lane.invocation] = until
            self.actors.sleep(until - self.clock.now)

    def _settle(self) -> datetime | None:
        wanted = []
        for mapping in self.mappings.values():
            mapping.poll()
            due = mapping.queue.next_due
            if due is not None and due > self.clock.now:
                wanted.append(due)
        return min(wanted, default=None)


def url_of(name: str) -> str:
    """Where the endpoint called ``name`` is reached."""
    return f"https://{name}.example.com/hook"


def _image(event: Event) -> Mapping[str, Any]:
    return to_wire(events.to_item(event, RETENTION))


def _tenant(now: datetime) -> Tenant:
    return Tenant(id=TENANT, name=TENANT, created_at=now, created_by=ROOT.id, updated_at=now)
