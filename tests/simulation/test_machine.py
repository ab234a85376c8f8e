"""Anything happens, in any order, and goes wrong in any way: what must hold holds all the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hookline.domain.delivery import Delivery, DeliveryKey, Status
from hookline.domain.health import Open
from hookline.domain.ids import DeliveryId, WebhookId
from hookline.errors import Refused, Unavailable
from tests.builders import TENANT
from tests.engine.steps import Call, Moment
from tests.simulation.accounts import account
from tests.simulation.actors import Crash
from tests.simulation.endpoints import BROKEN, HANGS, OK, Reply, always, fine
from tests.simulation.world import HOUR, MINUTE, SECOND, Size, World

RETRY = {
    "initial_delay_seconds": 5,
    "multiplier": 4,
    "max_delay_seconds": 1800,
    "max_age_seconds": 6 * 3600,
}
NAMES = ("one", "two", "three")
REPLIES = (OK, BROKEN, HANGS, Reply(410), Reply(503, headers=(("Retry-After", "90"),)))
PAUSES = (20 * SECOND / 1000, SECOND, 7 * SECOND, MINUTE, 17 * MINUTE, HOUR, 7 * HOUR)

any_of = st.integers(min_value=0, max_value=10_000)
"""Picks one of whatever there is."""


class Hookline(RuleBasedStateMachine):
    """Users, endpoints, SQS and faults against all functions at once, and what must hold."""

    def __init__(self) -> None:
        super().__init__()
        # Two senders, so that queues fill up and order matters.
        self.world = World(size=Size(senders=2))
        for name in NAMES:
            self.world.webhook(name, fine, retry=RETRY)
        self.world.steps.hook = self._hook
        self.world.endpoints.on_call = self._called
        self.armed: list[Callable[[Call, Moment], None]] = []
        self.injected = 0
        self.asked: Counter[DeliveryId] = Counter()
        self.ended: dict[tuple[DeliveryKey, int], Status] = {}
        self.probes: Counter[tuple[WebhookId, datetime]] = Counter()

    def teardown(self) -> None:
        try:
            self._everything_ends()
        finally:
            self.world.close()

    # -- users -------------------------------------------------------------------------------------

    @initialize(first=st.sampled_from(REPLIES), second=st.sampled_from(REPLIES))
    def some_endpoints_fail_from_the_start(self, first: Reply, second: Reply) -> None:
        self.world.endpoints.behaviours["one"] = always(first)
        self.world.endpoints.behaviours["two"] = always(second)

    @rule(count=st.integers(1, 6), pause=st.sampled_from(PAUSES[:4]))
    def publish(self, count: int, pause: timedelta) -> None:
        for _ in range(count):
            self._as_user(self.world.publish)
        self.world.run_for(pause)

    @rule(which=any_of)
    @precondition(lambda self: self.world.deliveries)
    def retry_now(self, which: int) -> None:
        delivery = self._delivery(which)
        self.asked[delivery.key.id] += 1
        self._as_user(lambda: self.world.api.retry(delivery.key))

    @rule(which=any_of)
    @precondition(lambda self: self.world.deliveries)
    def cancel(self, which: int) -> None:
        delivery = self._delivery(which)
        self._as_user(lambda: self.world.api.cancel(delivery.key))

    @rule(which=any_of, timeout=st.integers(1, 30))
    def edit(self, which: int, timeout: int) -> None:
        self._on_webhook(which, timeout_seconds=timeout)

    @rule(which=any_of)
    def limit(self, which: int) -> None:
        self._on_webhook(which, rate_limit={"per_second": 0.5})

    @rule(which=any_of)
    def disable(self, which: int) -> None:
        self._on_webhook(which, enabled=False)

    @rule(which=any_of)
    def enable(self, which: int) -> None:
        self._on_webhook(which, enabled=True)

    @rule(which=any_of)
    def delete(self, which: int) -> None:
        webhooks = self.world.engine.webhooks_table.all()
        if len(webhooks) > 1:
            self._as_user(lambda: self.world.delete(webhooks[which % len(webhooks)].id))

    @rule(which=any_of)
    def recover(self, which: int) -> None:
        webhooks = self.world.engine.webhooks_table.all()
        webhook_id = webhooks[which % len(webhooks)].id
        self.asked.update(d.key.id for d in self.world.deliveries)
        self._as_user(lambda: self.world.recover(webhook_id, self.world.clock.now - HOUR))

    # -- endpoints and time ------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), reply=st.sampled_from(REPLIES))
    def endpoint_turns(self, name: str, reply: Reply) -> None:
        self.world.endpoints.behaviours[name] = always(reply)

    @rule(name=st.sampled_from(NAMES))
    def endpoint_flickers(self, name: str) -> None:
        choose = self.world.random.choice
        self.world.endpoints.behaviours[name] = lambda _now: choose((OK, BROKEN))

    @rule(pause=st.sampled_from(PAUSES[:4]))
    def a_moment_passes(self, pause: timedelta) -> None:
        self.world.run_for(pause)

    @rule(pause=st.sampled_from(PAUSES[3:]))
    def time_passes(self, pause: timedelta) -> None:
        self.world.run_for(pause)

    # -- what goes wrong ---------------------------------------------------------------------------

    @rule(after=st.integers(1, 60))
    def a_process_dies(self, after: int) -> None:
        left = after

        def crash(_call: Call, moment: Moment) -> None:
            nonlocal left
            left -= moment is Moment.BEFORE
            if left == 0 and moment is Moment.BEFORE:
                self._injected(crash)
                raise Crash

        self.armed.append(crash)

    @rule(after=st.integers(1, 60))
    def a_reply_is_lost(self, after: int) -> None:
        left = after

        def lose(call: Call, moment: Moment) -> None:
            nonlocal left
            left -= moment is Moment.AFTER
            if left <= 0 and moment is Moment.AFTER and call.name != "endpoint.call":
                self._injected(lose)
                raise Unavailable(f"{call.name}: the reply got lost")

        self.armed.append(lose)

    @rule(which=any_of, seconds=st.integers(1, 90))
    def aws_throttles(self, which: int, seconds: int) -> None:
        names = [name for name in self.world.steps.names if name != "endpoint.call"]
        name = sorted(names)[which % len(names)]
        until = self.world.clock.now + timedelta(seconds=seconds)

        def throttle(call: Call, moment: Moment) -> None:
            if (call.name, moment) == (name, Moment.BEFORE) and self.world.clock.now < until:
                self.injected += 1
                raise Unavailable(f"{name}: throttled")

        self.armed.append(throttle)

    @rule(which=any_of)
    def sqs_delivers_twice(self, which: int) -> None:
        for queue in (self.world.engine.delivery_queue, self.world.engine.retry_queue):
            messages = queue.being_received
            if messages:
                message = messages[which % len(messages)]
                self.asked.update(
                    d.key.id for d in self.world.deliveries if d.key.id in message.body
                )
                queue.show_again(message)

    @rule()
    def sqs_reorders(self) -> None:
        for queue in (self.world.engine.delivery_queue, self.world.engine.retry_queue):
            queue.shuffle(self.world.random)

    @rule(queue=st.sampled_from(["delivery_queue", "retry_queue", "fan_out_queue"]))
    def an_operator_purges(self, queue: str) -> None:
        getattr(self.world.engine, queue).purge()

    @rule()
    def an_operator_redrives(self) -> None:
        letters = self.world.engine.dead_letter_queue
        self.asked.update(
            d.key.id for d in self.world.deliveries for body in letters.bodies if d.key.id in body
        )
        letters.move_all_to(self.world.engine.delivery_queue)

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
    def every_attempt_was_a_call_and_no_call_repeats_by_itself(self) -> None:
        for delivery in self.world.deliveries:
            calls = self.world.endpoints.calls.get(delivery.key.id, [])
            assert delivery.attempt_count <= len(calls)
            repeated = len(calls) - len({call.attempt for call in calls})
            assert repeated <= self.injected + self.asked[delivery.key.id]

    @invariant()
    def an_open_circuit_is_probed_once_an_interval(self) -> None:
        for (webhook_id, opened_at), count in self.probes.items():
            intervals = (self.world.clock.now - opened_at) // (30 * SECOND)
            assert count <= intervals + self.injected + sum(self.asked.values()), webhook_id

    # -- how ---------------------------------------------------------------------------------------

    def _hook(self, call: Call, moment: Moment) -> None:
        for fault in list(self.armed):
            fault(call, moment)

    def _injected(self, fault: Callable[[Call, Moment], None]) -> None:
        self.injected += 1
        self.armed.remove(fault)

    def _called(self, delivery_id: DeliveryId) -> None:
        (delivery,) = (one for one in self.world.deliveries if one.key.id == delivery_id)
        webhook_id = delivery.key.webhook_id
        (health,) = self.world.engine.health_table.get_many([(TENANT, webhook_id)])
        if isinstance(health.circuit, Open) and delivery.trigger == "probe":
            self.probes[webhook_id, health.circuit.opened_at] += 1

    def _as_user(self, act: Callable[[], object]) -> None:
        with suppress(Refused, Unavailable, Crash):
            act()

    def _on_webhook(self, which: int, **patch: object) -> None:
        webhooks = self.world.engine.webhooks_table.all()
        self._as_user(lambda: self.world.edit(webhooks[which % len(webhooks)].id, **patch))

    def _delivery(self, which: int) -> Delivery:
        deliveries = self.world.deliveries
        return deliveries[which % len(deliveries)]

    def _everything_ends(self) -> None:
        """Once nothing goes wrong any more, and everybody takes calls again."""
        self.armed.clear()
        self.world.steps.hook = lambda _call, _moment: None
        for name in NAMES:
            self.world.endpoints.behaviours[name] = fine
        for webhook in self.world.engine.webhooks_table.all():
            self.world.edit(webhook.id, enabled=True, rate_limit=None)
        self.world.run_for(3 * HOUR)
        told = account(self.world)
        assert not told.open, told.statuses
        assert not told.lost
        assert not self.world.stream.lost


Hookline.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnythingAtAnyTime = Hookline.TestCase
