"""Watches over every call: which faults may repeat one, and how an open circuit is probed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import DeliveryId, WebhookId
from hookline.domain.webhook.health import Open
from tests.simulation.actors import Lane
from tests.simulation.endpoints import Taken
from tests.simulation.world import World


class Touched:
    """Told of every call and every fault; ``faults`` counts those that touched each delivery.

    A fault touches those whose call it leaves out of the log: the endpoint has got it, or is just
    getting it, and nobody writes that it did.
    """

    def __init__(self, world: World) -> None:
        self.faults: Counter[DeliveryId] = Counter()
        self._world = world
        self._calls: defaultdict[int, dict[DeliveryKey, tuple[Lane, Taken]]] = defaultdict(dict)

    def called(self, key: DeliveryKey) -> None:
        """Whoever is running makes a call."""
        lane = self._world.actors.lane
        if lane is not None:
            calls = self._calls[lane.invocation]
            calls.pop(key, None)  # the newest call is the last one
            calls[key] = lane, self._world.endpoints.calls[key.id][-1]

    def on_the_wire(self) -> int:
        """How many calls of whoever is running, and of what would die with it, are under way."""
        lane = self._world.actors.lane
        calls = self._calls[lane.invocation] if lane is not None else {}
        return sum(not taken.ended for _, taken in calls.values())

    def crash(self) -> None:
        """Whoever is running dies, with all that its invocation has not written."""
        lane = self._world.actors.lane
        if lane is not None:
            calls = self._calls.pop(lane.invocation, {})
            self.faults.update(key.id for key in calls if self._unrecorded(key))

    def unavailable(self) -> None:
        """A call to AWS fails, or its reply is lost: it may be the one that writes an attempt."""
        lane = self._world.actors.lane
        if lane is None:
            return
        calls = self._calls[lane.invocation]
        mine = [key for key, (its, taken) in calls.items() if its == lane and taken.ended]
        self.faults.update(key.id for key in mine[-1:] if self._unrecorded(key))

    def unexplained(self) -> dict[DeliveryId, int]:
        """Calls that are neither in the log, nor on the wire, nor left out by a fault, nor in the
        hands of whoever is about to write them."""
        calls = self._world.endpoints.calls
        in_hand = Counter(
            key.id
            for invocation in self._world.actors.running
            for key, (_, taken) in self._calls.get(invocation, {}).items()
            if taken.ended and self._unrecorded(key)
        )
        # Two calls at one instant of the fake clock, asked for by one message that came twice, make
        # the same record: the log takes the second one for a repeat whose reply was lost.
        counts = {
            one.key.id: len({taken.at for taken in calls.get(one.key.id, ()) if taken.ended})
            - one.attempt_count
            - self.faults[one.key.id]
            - in_hand[one.key.id]
            for one in self._world.deliveries
        }
        return {delivery_id: count for delivery_id, count in counts.items() if count > 0}

    def _unrecorded(self, key: DeliveryKey) -> bool:
        return len(self._world.endpoints.calls[key.id]) > self._world.attempts(key)


@dataclass(frozen=True, slots=True)
class _Probe:
    """``claimed_at``: when the scheduler chose it; the next one may be from ``next_at`` on."""

    delivery_id: DeliveryId
    claimed_at: datetime
    next_at: datetime
    taken: Taken

    @property
    def prompt(self) -> bool:
        """Not so when its message came late: a sender died before it made the call, say."""
        return self.taken.at - self.claimed_at <= _A_MOMENT


_A_MOMENT = timedelta(seconds=2)
"""A message takes that long from the scheduler to the call it asks for, when all goes well."""


class Probes:
    """Told of every call; ``problems`` are probes that came while another was on the wire, or too
    soon after it.

    A delivery that is ``excused`` is passed over: asked for again by a user or by SQS, or left out
    of the log by a fault, it is called once more as the probe it was.
    """

    def __init__(self, world: World, excused: Callable[[DeliveryId], bool]) -> None:
        self.made = 0
        self.problems: list[str] = []
        self._world = world
        self._excused = excused
        self._last: dict[tuple[WebhookId, datetime], _Probe] = {}

    def called(self, key: DeliveryKey) -> None:
        """Whoever is running makes a call."""
        delivery = self._world.engine.deliveries_table.get(key)
        wanted = [(key.tenant, key.webhook_id)]
        (health,) = self._world.engine.health_table.get_many(wanted)
        circuit = health.circuit
        if delivery is None or delivery.trigger != "probe" or not isinstance(circuit, Open):
            return
        self.made += 1
        taken = self._world.endpoints.calls[key.id][-1]
        claimed_at = delivery.next_attempt_at or taken.at
        probe = _Probe(key.id, claimed_at, circuit.next_probe_at, taken)
        last = self._last.setdefault((key.webhook_id, circuit.opened_at), probe)
        if probe.claimed_at >= last.claimed_at:
            self._check(last, probe)
            self._last[key.webhook_id, circuit.opened_at] = probe

    def _check(self, last: _Probe, probe: _Probe) -> None:
        if not last.prompt or last is probe or self._excused(probe.delivery_id):
            return
        if probe.claimed_at < last.next_at:
            self.problems.append(f"{probe} was to be {last.next_at - probe.claimed_at} later")
        if probe.prompt and not last.taken.ended:
            self.problems.append(f"{probe} while {last} is on the wire")
