"""Calls of one batch side by side: what one endpoint does is no other's affair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Event

import pytest

from hookline.adapters.stack import Stack
from hookline.adapters.threads import Threads
from hookline.domain.delivery.delivery import DeliveryTask, Status
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.ports.sending import RetryTimers
from hookline.services.delivery.retry_budget import RetryBudget
from hookline_sender.wiring import deliver_over
from tests.engine.endpoints import CallSeen, Outcome, answering
from tests.engine.system import System
from tests.engine.wiring import CEILING, RULES, stack_over

LONGEST_WAIT = 60
"""Seconds that a stalling endpoint waits at most for what it waits for: then the test fails."""


class TellingTimers:
    """`RetryTimers` that tell when the next attempt of a delivery was timed."""

    def __init__(self, timers: RetryTimers) -> None:
        self._timers = timers
        self.timed = Event()

    def send(self, waits: Sequence[tuple[DeliveryTask, timedelta]]) -> None:
        self._timers.send(waits)
        self.timed.set()

    def extend(self, waits: Sequence[tuple[str, timedelta]]) -> Sequence[str]:
        left = self._timers.extend(waits)
        self.timed.set()
        return left


class SideBySide(System):
    """A deployment whose sender makes calls on threads."""

    def _start_sender(self) -> None:
        self.timers = TellingTimers(self.engine.retry_timers)
        self.threads = Threads(8)
        stack: Stack = stack_over(self.engine, call=self.endpoints, crew=self.threads.crew)
        vars(stack)["retry_timers"] = self.timers
        self.deliver = deliver_over(
            stack,
            rules=RULES,
            budget=RetryBudget(ceiling=CEILING, per_webhook=10, total=100),
            jitter=lambda: 0.5,
        )


@pytest.fixture
def system() -> SideBySide:
    return SideBySide()


@pytest.mark.parametrize("from_retries", [False, True], ids=["first attempts", "retries"])
def test_a_retry_is_timed_when_its_own_call_is_done_and_not_when_its_batch_is(
    system: SideBySide, from_retries: bool
) -> None:
    two_seconds = RetryPolicy(initial_delay=timedelta(seconds=2), multiplier=1)
    failing, stalling = (system.webhook(retry=two_seconds) for _ in range(2))
    seen_while_it_stalled: list[bool] = []

    def stalls(call: CallSeen) -> Outcome:
        seen_while_it_stalled.append(system.timers.timed.wait(LONGEST_WAIT))
        return answering(200)(call)

    system.endpoints.tell(failing.url, answering(500))
    if from_retries:
        system.endpoints.tell(stalling.url, answering(500))
    event = system.publish()
    system.run_stream()
    if from_retries:
        system.run_deliveries()
        system.clock.advance(timedelta(seconds=2))
        system.timers.timed.clear()
    system.endpoints.tell(stalling.url, stalls)
    (system.run_retries if from_retries else system.run_deliveries)()
    assert seen_while_it_stalled == [True]
    assert system.status(event, stalling) is Status.SUCCESS
    delivery = system.delivery(event, failing)
    assert delivery.status is Status.RETRYING
    assert delivery.next_attempt_at == system.clock() + timedelta(seconds=2)
