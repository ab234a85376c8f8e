"""Anything happens, in any order, and goes wrong in any way: what must hold holds all the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.ids import DeliveryId
from hookline.domain.webhook.health import Open
from hookline.errors import Refused, Unavailable
from tests.engine.queues import Queue
from tests.simulation.accounts import account
from tests.simulation.actors import Crash
from tests.simulation.breaks import Breaks
from tests.simulation.endpoints import BROKEN, HANGS, OK, Reply, always, fine
from tests.simulation.watches import Probes, Touched
from tests.simulation.world import HOUR, MINUTE, SECOND, Size, World, url_of

RETRY = {
    "initial_delay_seconds": 5,
    "multiplier": 4,
    "max_delay_seconds": 1800,
    "max_age_seconds": 6 * 3600,
}
NAMES = ("one", "two", "three")
REPLIES = (OK, BROKEN, HANGS, Reply(410), Reply(503, headers=(("Retry-After", "90"),)))
PAUSES = (20 * SECOND / 1000, SECOND, 7 * SECOND, MINUTE, 17 * MINUTE, HOUR, 7 * HOUR)

EDITS: tuple[Mapping[str, object] | None, ...] = (
    {"timeout_seconds": 1},
    {"timeout_seconds": 30},
    {"url": url_of("one")},
    {"url": url_of("three")},
    {"retry": {**RETRY, "initial_delay_seconds": 60, "multiplier": 1}},
    {"retry": {**RETRY, "max_attempts": 3}},
    {"rate_limit": {"per_second": 0.5}},
    {"rate_limit": None},
    {"enabled": False},
    {"enabled": True},
    {"enabled": True},
    None,
)

any_of = st.integers(min_value=0, max_value=10_000)
"""Picks one of whatever there is."""


class Hookline(RuleBasedStateMachine):
    """Users, endpoints, SQS and faults against all functions at once, and what must hold."""

    def __init__(self, reached: Counter[str], *, interleave: bool = False) -> None:
        super().__init__()
        # Two senders, so that queues fill up and order matters.
        self.world = World(size=Size(senders=2), interleave=interleave)
        for name in NAMES:
            self.world.webhook(name, fine, retry=RETRY)
        self.world.webhook("gives-up", fine, url=url_of("two"), retry={**RETRY, "max_attempts": 2})
        self.reached = reached
        self.touched = Touched(self.world)
        self.probes = Probes(self.world, self._asked_or_touched)
        self.breaks = Breaks(self.world, self.touched)
        self.world.steps.hook = self.breaks.hook
        self.world.endpoints.on_call = self._called
        self.asked: Counter[DeliveryId] = Counter()
        self.ended: dict[tuple[DeliveryKey, int], Status] = {}

    def teardown(self) -> None:
        try:
            self._everything_ends()
        finally:
            self.world.close()

    # -- users -------------------------------------------------------------------------------------

    @initialize(
        first=st.sampled_from(REPLIES), second=st.sampled_from(REPLIES), count=st.integers(1, 8)
    )
    def some_endpoints_fail_from_the_start(self, first: Reply, second: Reply, count: int) -> None:
        self.world.endpoints.behaviours["one"] = always(first)
        self.world.endpoints.behaviours["two"] = always(second)
        self._publish(count)

    # Hypothesis leaves whole rules out of an example, up to most of them: few rules, each of many
    # kinds, have all kinds meet.

    @rule(kind=st.sampled_from(["retry", "cancel", "recover"]), which=any_of)
    def a_user_asks(self, kind: str, which: int) -> None:
        if kind == "recover":
            self._recover(which)
            return
        deliveries = self._deliveries()
        if deliveries:
            delivery = deliveries[which % len(deliveries)]
            self.asked[delivery.key.id] += kind == "retry"
            act = self.world.api.retry if kind == "retry" else self.world.api.cancel
            self._as_user(lambda: act(delivery.key), None if delivery.status.ended else kind)

    @rule(which=any_of, patch=st.sampled_from(EDITS))
    def a_user_edits(self, which: int, patch: Mapping[str, object] | None) -> None:
        """Or deletes, where there is no ``patch``, as long as that leaves a webhook."""
        webhooks = self.world.engine.webhooks_table.all()
        webhook_id = webhooks[which % len(webhooks)].id
        if patch is not None:
            self._as_user(lambda: self.world.edit(webhook_id, **patch))
        elif len(webhooks) > 2:
            self._as_user(lambda: self.world.delete(webhook_id))

    # -- endpoints and time ------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), reply=st.sampled_from((*REPLIES, None)))
    def endpoint_turns(self, name: str, reply: Reply | None) -> None:
        """Or flickers, where there is no one ``reply``."""
        choose = self.world.random.choice
        self.world.endpoints.behaviours[name] = lambda _now: reply or choose((OK, BROKEN))

    @rule(count=st.integers(1, 6), pause=st.sampled_from(PAUSES[:4]))
    def events_come_and_a_moment_passes(self, count: int, pause: timedelta) -> None:
        self._publish(count)
        self.world.run_for(pause)

    @rule(pause=st.sampled_from(PAUSES[3:]))
    def time_passes(self, pause: timedelta) -> None:
        self.world.run_for(pause)

    # -- what goes wrong ---------------------------------------------------------------------------

    @rule(kind=st.sampled_from(["crash", "crash in a call", "lost", "throttle"]), number=any_of)
    def something_breaks(self, kind: str, number: int) -> None:
        match kind:
            case "crash":
                self.breaks.crash(after=number % 60)
            case "crash in a call":
                self.breaks.crash_in_a_call()
            case "lost":
                self.breaks.lose_a_reply(after=number % 60)
            case _:
                self.breaks.throttle(number, timedelta(seconds=1 + number % 90))

    @rule(kind=st.sampled_from(["twice", "twice", "reorder", "purge", "redrive"]), which=any_of)
    def something_befalls_a_queue(self, kind: str, which: int) -> None:
        engine = self.world.engine
        queues = (engine.delivery_queue, engine.retry_queue, engine.fan_out_queue)
        match kind:
            case "twice":
                for queue in queues[:2]:
                    self._deliver_twice(queue, which)
            case "reorder":
                for queue in queues:
                    queue.shuffle(self.world.random)
            case "purge":
                queues[which % len(queues)].purge()
            case _:
                letters = engine.dead_letter_queue
                self._reach("redrive", sum(map(self._asked_in, letters.bodies)))
                letters.move_all_to(engine.delivery_queue)

    def _deliver_twice(self, queue: Queue, which: int) -> None:
        messages = queue.being_received
        if messages:
            message = messages[which % len(messages)]
            self._reach("duplicate", self._asked_in(message.body))
            queue.show_again(message)

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    def every_accepted_event_ends_or_is_due(self) -> None:
        assert not account(self.world).lost

    @invariant()
    def what_ended_stays_so_within_its_generation(self) -> None:
        for delivery in self.world.deliveries:
            if delivery.status.ended:
                name = delivery.key, delivery.generation
                assert self.ended.setdefault(name, delivery.status) is delivery.status
            else:
                assert (delivery.key, delivery.generation) not in self.ended

    @invariant()
    def every_attempt_was_a_call(self) -> None:
        for delivery in self.world.deliveries:
            calls = self.world.endpoints.calls.get(delivery.key.id, [])
            assert delivery.attempt_count <= len(calls)

    @invariant()
    def only_a_fault_leaves_a_call_out_of_the_log(self) -> None:
        unexplained = self.touched.unexplained()
        assert not unexplained, unexplained

    @invariant()
    def no_call_repeats_by_itself(self) -> None:
        for delivery_id, calls in self.world.endpoints.calls.items():
            repeated = len(calls) - len({call.attempt for call in calls})
            assert repeated <= self.touched.faults[delivery_id] + self.asked[delivery_id]

    @invariant()
    def an_open_circuit_is_probed_by_one_call_at_a_time_and_an_interval(self) -> None:
        assert not self.probes.problems, self.probes.problems
        self._reach("probe", self.probes.made)
        self._reach("crash with a call on the wire", self.breaks.crashes_in_calls)
        healths = self.world.engine.health_table.with_waiting()
        self._reach("open circuit", sum(isinstance(each.circuit, Open) for each in healths))

    # -- how ---------------------------------------------------------------------------------------

    def _called(self, key: DeliveryKey) -> None:
        self.touched.called(key)
        self.probes.called(key)

    def _publish(self, count: int) -> None:
        for _ in range(count):
            self._as_user(self.world.publish)

    def _as_user(self, act: Callable[[], object], reaches: str | None = None) -> None:
        with suppress(Refused, Unavailable, Crash):
            act()
            self._reach(reaches or "", reaches is not None)

    def _reach(self, what: str, count: int = 1) -> None:
        if count:
            self.reached[what] += 1

    def _asked_in(self, body: str) -> int:
        found = [one.key.id for one in self.world.deliveries if one.key.id in body]
        self.asked.update(found)
        return len(found)

    def _asked_or_touched(self, delivery_id: DeliveryId) -> bool:
        return bool(self.asked[delivery_id] or self.touched.faults[delivery_id])

    def _recover(self, which: int) -> None:
        webhooks = self.world.engine.webhooks_table.all()
        webhook_id = webhooks[which % len(webhooks)].id
        failed = [
            one.key.id
            for one in self.world.deliveries
            if (one.key.webhook_id, one.status) == (webhook_id, Status.FAILED)
        ]
        self.asked.update(failed)
        self._as_user(
            lambda: self.world.recover(webhook_id, self.world.clock.now - HOUR),
            "recover" if failed else None,
        )

    def _deliveries(self) -> list[Delivery]:
        """The open ones, as long as there are any."""
        deliveries = self.world.deliveries
        return [one for one in deliveries if not one.status.ended] or deliveries

    def _everything_ends(self) -> None:
        """Once nothing goes wrong any more, and everybody takes calls again."""
        self.world.steps.hook = lambda _call, _moment: None
        for name in NAMES:
            self.world.endpoints.behaviours[name] = fine
        for webhook in self.world.engine.webhooks_table.all():
            self.world.edit(webhook.id, enabled=True, rate_limit=None)
        self.world.run_for(3 * HOUR)
        told = account(self.world)
        assert not told.open, [one for one in self.world.deliveries if not one.status.ended]
        assert not told.lost
        assert not self.world.stream.lost


MET = {
    "retry",
    "cancel",
    "recover",
    "redrive",
    "duplicate",
    "crash with a call on the wire",
    "open circuit",
    "probe",
}
"""What a run is no use without: each must have met a delivery."""


RUN = settings(
    max_examples=40,
    stateful_step_count=40,
    database=None,
    deadline=None,
    # Shrinking takes minutes, and its result is hardly shorter: the blob replays the run.
    phases=(Phase.generate,),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)

MOST_RUNS = 5
"""What a run draws depends on what else the process has imported: one run may miss what it is to
meet, and then another is made, with more to it."""


def test_whatever_happens_in_any_order_what_must_hold_holds() -> None:
    reached: Counter[str] = Counter()

    class Watched(Hookline):
        def __init__(self) -> None:
            super().__init__(reached)

    for number in range(MOST_RUNS):
        run_state_machine_as_test(seed(number)(Watched), settings=RUN)
        if reached.keys() >= MET:
            return
    pytest.fail(f"none of {MOST_RUNS} runs met all there is: {reached}")


@pytest.mark.slow
def test_it_holds_too_where_others_come_between_any_two_calls() -> None:
    class Interleaved(Hookline):
        def __init__(self) -> None:
            super().__init__(Counter(), interleave=True)

    run_state_machine_as_test(seed(0)(Interleaved), settings=settings(RUN, max_examples=5))
